"""`--filter KEY=VALUE`, and reading many objects at a time."""

import threading

import pytest

from pmax.adapters.cli.columns import Amount, Claim, Maybe, Names
from pmax.adapters.cli.filters import Filters
from pmax.adapters.cli.parallel import read_each
from pmax.adapters.cli.refusals import WrongUsage
from pmax.domain.errors import InvalidRequest

COLUMNS = ("device_id", "identifier", "size_gib", "is_attached", "storage_groups")
ROWS = [
    ("00588", Maybe("OS-finance"), Amount(10.0), Claim(True), Names(("gold", "backup"))),
    ("00012", Maybe(None), Amount(1024.0), Claim(False), Names(())),
]


@pytest.mark.parametrize(
    ("texts", "devices"),
    [
        ([], ["00588", "00012"]),
        (["device_id=00588"], ["00588"]),
        (["identifier=os-*"], ["00588"]),
        (["Identifier=-"], ["00012"]),
        (["size_gib=1,024"], ["00012"]),
        (["is attached=yes"], ["00588"]),
        (["is_attached=false"], ["00012"]),
        (["storage_groups=back?p"], ["00588"]),
        (["storage_groups=none"], ["00012"]),
        (["device_id=00588", "device_id=00012"], ["00588", "00012"]),
        (["device_id=00588", "is_attached=no"], []),
        (["size_gib=ten"], []),
    ],
)
def test_what_passes(texts, devices) -> None:
    """A row passes if it holds one of the values of every key; case does not matter, and a dash means nothing."""
    filters = Filters.read(texts, COLUMNS)
    assert [row[0] for row in ROWS if filters.admits_row(COLUMNS, row)] == devices


def test_a_filter_that_is_none() -> None:
    """A filter without a value and one on a column that does not exist are refused, each with what would do."""
    with pytest.raises(WrongUsage, match="KEY=VALUE"):
        Filters.read(["device_id"], COLUMNS)
    with pytest.raises(InvalidRequest, match="there are device_id, identifier"):
        Filters.read(["colour=red"], COLUMNS)


def test_many_are_read_at_a_time_and_come_in_order() -> None:
    """As many are read at once as may be, and never more; the values come in the order of the keys."""
    together = threading.Barrier(3, timeout=10)

    def read(key: int) -> int:
        together.wait()
        return key * key

    assert list(read_each(read, range(9), 3)) == [key * key for key in range(9)]


def test_only_what_is_consumed_is_read() -> None:
    """Who stops early has not made everything be read, and an error ends the reading."""
    asked: list[int] = []

    def read(key: int) -> int:
        asked.append(key)
        return 1 // (key - 40)

    values = read_each(read, range(1000), 2)
    assert next(values) == -1
    values.close()
    assert len(asked) < 10
    with pytest.raises(ZeroDivisionError):
        list(read_each(read, range(1000), 2))
    assert max(asked) < 60
