"""Values that people and programs want to see in different forms, and the headings of columns.

The name of a column is what programs get as a key: `size_gib`. People get it as a heading: `Size GiB`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from cliff.columns import FormattableColumn

from pmax.domain.capacity import Capacity
from pmax.domain.commands import Replica

#: How words of a column's name are written that are no plain words.
_SPELLING: Final = {
    "gib": "GiB",
    "lun": "LUN",
    "srp": "SRP",
    "srps": "SRPs",
    "wwn": "WWN",
    "nguid": "NGUID",
    "rdf": "RDF",
    "io": "I/O",
    "iops": "IOPS",
    "mbps": "MB/s",
}


def heading(name: str) -> str:
    """What stands above a column: `size_gib` as `Size GiB`."""
    words = [_SPELLING.get(word, word) for word in name.split("_")]
    return " ".join(word if index else word[0].upper() + word[1:] for index, word in enumerate(words))


def moment(seconds: float | None) -> str | None:
    """A time as people and programs read it, `2026-08-01 12:00:00Z`; None stays none."""
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%SZ}"


class Names(FormattableColumn[Sequence[str]]):
    """Several names: a list for programs, one below the other for people."""

    def human_readable(self) -> str:
        """One name on each line."""
        return "\n".join(str(name) for name in self._value) or "-"

    def machine_readable(self) -> Sequence[str]:
        """A list of texts."""
        return [str(name) for name in self._value]


class Amount(FormattableColumn[float]):
    """An amount: a number for programs, without needless digits for people."""

    def human_readable(self) -> str:
        """At most two digits behind the point, and thousands set apart: `26,624` or `0.01`."""
        return re.sub(r"\.?0+$", "", text) if "." in (text := f"{self._value:,.2f}") else text


def size(capacity: Capacity) -> Amount:
    """A size in GiB as Unisphere shows it, to two decimals."""
    return Amount(capacity.gigabytes_shown)


class Told(FormattableColumn[object]):
    """Something that is told in one way to programs and in another to people."""

    def __init__(self, data: object, text: str) -> None:
        super().__init__(data)
        self._text = text

    def human_readable(self) -> str:
        """The text, or a dash."""
        return self._text or "-"


class Maybe(FormattableColumn[object]):
    """Something that may be absent: null for programs, a dash for people; sorted behind everything else."""

    def __lt__(self, other: object) -> bool:
        """Compare as cliff does when it sorts, which cannot compare with nothing."""
        mine: Any = self._value
        theirs: Any = other._value if isinstance(other, Maybe) else other
        if mine is None or theirs is None:
            return theirs is None and mine is not None
        return bool(mine < theirs)

    def human_readable(self) -> str:
        """The text, or a dash."""
        return "-" if self._value in {None, ""} else str(self._value)

    def machine_readable(self) -> object:
        """The value, with nothing as null."""
        return None if self._value == "" else self._value


def other_side(replica: Replica | None) -> Maybe:
    """Array and device of the other side of a volume."""
    return Maybe(f"{replica.array_id}/{replica.device_id}" if replica else None)


class Claim(FormattableColumn[bool | None]):
    """A claim: true, false or null for programs; yes, no or a dash for people."""

    def human_readable(self) -> str:
        """`yes`, `no` or `-`."""
        return {True: "yes", False: "no", None: "-"}[self._value]
