import pytest

from pmax.domain import service_levels
from pmax.domain.arrays import Array, Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import array_id

ALL = ("Diamond", "Platinum", "Gold", "Silver", "Bronze", "Optimized")
OLD_WORKLOADS = ("OLTP", "OLTP_REP", "DSS", "DSS_REP")


def array(model="PowerMax_2000", microcode="5978.669.669"):
    """An array, by what differs."""
    return Array(array_id=array_id("000197900123"), model=model, microcode=Microcode.parse(microcode))


HYBRID = array("VMAX200K", "5977.1131.1131")
OLD_ALL_FLASH = array("VMAX250F", "5977.1131.1131")
NEW_ALL_FLASH = array("VMAX250F")


@pytest.mark.parametrize("text", [None, "", "None", "NONE", "none", "nOnE"])
def test_none_in_any_spelling(text):
    """None, in whatever case it is written, means that there is none."""
    assert service_levels.unless_none(text) is None


def test_other_names_stay_as_they_are():
    """A name keeps its case."""
    assert service_levels.unless_none("diamond") == "diamond"


@pytest.mark.parametrize(
    ("where", "reported", "expected"),
    [
        (array(), (*ALL, "None"), ALL),
        (HYBRID, ALL, ALL),
        (NEW_ALL_FLASH, ALL, ALL),
        (OLD_ALL_FLASH, ("Diamond", "Optimized", "None", "NONE"), ("Diamond",)),
        (array(), ("Diamond", "Diamond", "My Gold", "Gold+"), ("Diamond",)),
        (array(), ("MyGold",), ("MyGold",)),
    ],
)
def test_offered_service_levels(where, reported, expected):
    """The array's list counts, without none, without repetition, and without what this array refuses."""
    assert service_levels.offered_service_levels(where, reported) == expected


@pytest.mark.parametrize(
    ("where", "reported", "expected"),
    [
        (HYBRID, ("OLTP", "NONE", "OLTP"), ("OLTP",)),
        (OLD_ALL_FLASH, OLD_WORKLOADS, OLD_WORKLOADS),
        (NEW_ALL_FLASH, OLD_WORKLOADS, ()),
        (array(), ("None",), ()),
    ],
)
def test_offered_workloads(where, reported, expected):
    """Workloads ended with PowerMaxOS 5978, whatever the array lists."""
    assert service_levels.offered_workloads(where, reported) == expected


@pytest.mark.parametrize(
    ("where", "expected"), [(array(), ALL), (HYBRID, ALL), (NEW_ALL_FLASH, ALL), (OLD_ALL_FLASH, ("Diamond",))]
)
def test_documented_service_levels(where, expected):
    """While an array cannot be asked, the manual's table stands in for its list."""
    assert service_levels.documented_service_levels(where) == expected


@pytest.mark.parametrize(
    ("offered", "expected"), [(ALL, "Optimized"), (("Gold", "Diamond"), "Diamond"), (("Gold",), None), ((), None)]
)
def test_default_service_level(offered, expected):
    """Where nobody names a service level, it is Optimized, else Diamond, else none."""
    assert service_levels.default_service_level(offered) == expected


@pytest.mark.parametrize(("level", "workload"), [(None, None), ("Gold", None), ("Gold", "OLTP")])
def test_what_the_array_offers_is_accepted(level, workload):
    """A service level with or without a workload, and none of both, are possible."""
    service_levels.check_service_level(HYBRID, level, workload, ALL, OLD_WORKLOADS)


@pytest.mark.parametrize(
    ("level", "workload", "field", "rule"),
    [
        ("Ruby", None, "service level", "offers Diamond, Platinum, Gold, Silver, Bronze, Optimized, None$"),
        ("diamond", None, "service level", "upper and lower case matter, so write Diamond$"),
        ("Gold", "FAST", "workload", "offers OLTP, OLTP_REP, DSS, DSS_REP, None$"),
        ("Gold", "oltp", "workload", "so write OLTP$"),
        (None, "OLTP", "workload", "name a service level too"),
    ],
)
def test_what_the_array_does_not_offer_is_refused(level, workload, field, rule):
    """The error names what is wrong and what could be chosen, and says so when only the case is wrong."""
    with pytest.raises(InvalidRequest, match=rule) as caught:
        service_levels.check_service_level(HYBRID, level, workload, ALL, OLD_WORKLOADS)
    assert caught.value.field == field


def test_two_mistakes_are_told_at_once():
    """A wrong service level does not hide a wrong workload."""
    problems = service_levels.service_level_problems(HYBRID, "Ruby", "FAST", ALL, OLD_WORKLOADS)
    assert [problem.value for problem in problems] == ["Ruby", "FAST"]
