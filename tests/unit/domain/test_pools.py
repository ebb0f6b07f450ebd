import itertools

import pytest

from pmax.domain.arrays import Array, Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import array_id
from pmax.domain.pools import PoolName, advertised_pools

SERIAL = array_id("000197900123")
OLD_WORKLOADS = ("OLTP", "OLTP_REP", "DSS", "DSS_REP")
LEVELS = ("Diamond", "Platinum", "Gold", "Silver", "Bronze", "Optimized")


def array(model="PowerMax_2000", microcode="5978.669.669"):
    """An array, by what differs."""
    return Array(array_id=SERIAL, model=model, microcode=Microcode.parse(microcode))


@pytest.mark.parametrize(
    ("text", "service_level", "workload"),
    [
        (f"Diamond+DSS+SRP_1+{SERIAL}", "Diamond", "DSS"),
        (f"Diamond+None+SRP_1+{SERIAL}", "Diamond", None),
        (f"Diamond+NONE+SRP_1+{SERIAL}", "Diamond", None),
        (f"Diamond+SRP_1+{SERIAL}", "Diamond", None),
        (f"None+None+SRP_1+{SERIAL}", None, None),
        (f"NONE+SRP_1+{SERIAL}", None, None),
        (f"none+nOnE+SRP_1+{SERIAL}", None, None),
        (f"diamond+SRP_1+{SERIAL}", "diamond", None),
    ],
)
def test_pool_name_is_understood_and_kept(text, service_level, workload):
    """A name of 3 or 4 parts is understood, and reads as it was written."""
    pool = PoolName.parse(text)
    assert (pool.service_level, pool.workload, pool.srp, pool.array_id) == (service_level, workload, "SRP_1", SERIAL)
    assert str(pool) == text


def test_spellings_of_one_pool_are_equal():
    """However "no workload" is written, it is the same pool."""
    spellings = ("Diamond+None", "Diamond+NONE", "Diamond+none", "Diamond")
    assert len({PoolName.parse(f"{spelling}+SRP_1+{SERIAL}") for spelling in spellings}) == 1


def test_pool_name_is_built_with_four_parts():
    """A pool that was not read from a text is written in the manual's form."""
    assert str(PoolName("Gold", None, "SRP_1", SERIAL)) == f"Gold+None+SRP_1+{SERIAL}"
    assert str(PoolName(None, None, "SRP_1", SERIAL)) == f"None+None+SRP_1+{SERIAL}"
    assert str(PoolName("Gold", "OLTP", "SRP_1", SERIAL)) == f"Gold+OLTP+SRP_1+{SERIAL}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Diamond+DSS+SRP_1+{SERIAL}", f"{SERIAL}#SRP_1#Diamond#DSS"),
        (f"Diamond+SRP_1+{SERIAL}", f"{SERIAL}#SRP_1#Diamond"),
    ],
)
def test_location_info(text, expected):
    """The place of a pool is told in the form of its name."""
    assert PoolName.parse(text).location_info == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "it has 1 part;"),
        ("Diamond", "it has 1 part;"),
        (f"Diamond+{SERIAL}", "it has 2 parts"),
        (f"Diamond+DSS+x+SRP_1+{SERIAL}", "it has 5 parts"),
        (f"+SRP_1+{SERIAL}", "service level or workload '' is not valid"),
        (f"Diamond++SRP_1+{SERIAL}", "service level or workload '' is not valid"),
        (f"Diamond+None++{SERIAL}", "SRP '' is not valid"),
        ("Diamond+None+SRP_1+123", "array serial '123' is not valid"),
        (f"Diamond +SRP_1+{SERIAL}", "service level or workload 'Diamond ' is not valid"),
        (f"None+DSS+SRP_1+{SERIAL}", "workload DSS needs a service level"),
    ],
)
def test_pool_name_that_is_not_understood(text, rule):
    """A name with the wrong number of parts, a wrong part or a workload alone is refused under its own name."""
    with pytest.raises(InvalidRequest, match=rule) as caught:
        PoolName.parse(text, "host")
    assert (caught.value.field, caught.value.value) == ("host", text)


def spelled(levels, workloads=()):
    """Every spelling that the 2026 driver advertises for these, by its rules: levels alone and their combinations."""
    none = ("None", "NONE")
    return {
        *levels,
        *none,
        *("+".join(pair) for pair in itertools.product(levels, none)),
        *("+".join(pair) for pair in itertools.product(set(levels) - {"Optimized"}, workloads)),
        *("+".join(pair) for pair in itertools.product(none, none)),
    }


@pytest.mark.parametrize(
    ("where", "levels", "expected"),
    [
        (array(), LEVELS, spelled(LEVELS)),
        (array("VMAX200K", "5977.1.1"), LEVELS, spelled(LEVELS, OLD_WORKLOADS)),
        (array("VMAX250F", "5977.1.1"), ("Diamond", "Optimized"), spelled(("Diamond",), OLD_WORKLOADS)),
        (array("VMAX250F"), LEVELS, spelled(LEVELS) | {f"Diamond+{workload}" for workload in OLD_WORKLOADS}),
        (array(), (), spelled(())),
        (array(), ("MyGold", "None"), spelled(("MyGold",))),
    ],
)
def test_advertised_pools(where, levels, expected):
    """Pools are exactly the names that types and hosts of the upstream drivers use on such an array, each once."""
    pools = advertised_pools(where, levels, OLD_WORKLOADS, "SRP_1")
    names = [str(pool) for pool in pools]
    assert len(names) == len(set(names))
    assert set(names) == {f"{level}+SRP_1+{SERIAL}" for level in expected}


@pytest.mark.parametrize(
    "text",
    [
        "Diamond+None+SRP_1",
        "Diamond+NONE+SRP_1",
        "Diamond+SRP_1",
        "None+None+SRP_1",
        "NONE+SRP_1",
        "Optimized+None+SRP_1",
        "Diamond+DSS+SRP_1",
    ],
)
def test_types_of_an_upgraded_all_flash_array_stay_valid(text):
    """Types written before the upgrade to 5978, with a workload or without, still find their pool."""
    pools = advertised_pools(array("VMAX250F"), LEVELS, (), "SRP_1")
    assert f"{text}+{SERIAL}" in {str(pool) for pool in pools}


def test_order_of_the_pools_is_the_arrays():
    """Pools come in the array's order, without a service level last, so that reports do not jump."""
    pools = advertised_pools(array(), ("Gold", "Diamond"), (), "SRP_1")
    assert list(dict.fromkeys(pool.service_level for pool in pools)) == ["Gold", "Diamond", None]
