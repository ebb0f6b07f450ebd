import pytest

from pmax.domain.errors import InvalidRequest
from pmax.domain.qos import Distribution, HostIoLimits, QosSpecs, limits_change, read_qos

ALWAYS, ON_FAILURE, NEVER = Distribution.ALWAYS, Distribution.ON_FAILURE, Distribution.NEVER
USE_CASE = {"total_iops_sec": "500", "total_bytes_sec": "104857600", "DistributionType": "Always"}


def limits_of(specs, consumer="back-end"):
    """The limits of a specification in which nothing is wrong."""
    limits, problems = read_qos(QosSpecs(specs, consumer))
    assert problems == ()
    return limits


@pytest.mark.parametrize("current", [None, HostIoLimits(2000, 2000, NEVER)])
def test_use_cases_1_and_2(current):
    """Limits are set where there were none, and replace those that were there."""
    wanted = limits_of(USE_CASE)
    assert limits_change(current, wanted) == HostIoLimits(500, 100, ALWAYS)


def test_use_case_3():
    """A distribution type that changes alone is applied."""
    wanted = limits_of(USE_CASE | {"DistributionType": "OnFailure"})
    assert limits_change(HostIoLimits(500, 100, ALWAYS), wanted) == HostIoLimits(500, 100, ON_FAILURE)


def test_use_case_4():
    """A distribution type without limits changes nothing."""
    wanted = limits_of({"DistributionType": "Always"})
    assert wanted is None
    assert limits_change(None, wanted) is None


def test_limits_that_are_there_need_no_change():
    """A group that has the wanted limits is left alone."""
    assert limits_change(HostIoLimits(500, 100, ALWAYS), limits_of(USE_CASE, "both")) is None


def test_type_without_limits_leaves_a_group_alone():
    """A type that asks for nothing does not take away the limits of others."""
    assert limits_change(HostIoLimits(500, None), None) is None


def test_limit_that_is_no_longer_wanted_is_removed():
    """A specification that drops one of two limits drops it on the array."""
    assert limits_change(HostIoLimits(500, 100), HostIoLimits(500, None)) == HostIoLimits(500, None)


def test_front_end_is_not_the_arrays_business():
    """Limits that the hypervisor enforces are none for the array, right or wrong."""
    assert limits_of(USE_CASE | {"total_iops_sec": "1"}, "front-end") is None


@pytest.mark.parametrize("specs", [{}, {"maxIOPS": "100"}, {"read_iops_sec": "100"}])
def test_keys_of_others_are_left_to_them(specs):
    """Keys that the array cannot honour say nothing."""
    assert limits_of(specs) is None


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        ({"total_iops_sec": "100"}, HostIoLimits(100, None, NEVER)),
        ({"total_iops_sec": "100000"}, HostIoLimits(100000, None, NEVER)),
        ({"total_iops_sec": " 550 "}, HostIoLimits(550, None, NEVER)),
        ({"total_bytes_sec": "1048576"}, HostIoLimits(None, 1, NEVER)),
        ({"total_bytes_sec": "1572864"}, HostIoLimits(None, 1, NEVER)),
        ({"total_bytes_sec": "104857600000"}, HostIoLimits(None, 100000, NEVER)),
        ({"total_bytes_sec": 2097152, "DistributionType": "onfailure"}, HostIoLimits(None, 2, ON_FAILURE)),
    ],
)
def test_limits_within_their_range(specs, expected):
    """Both ends of a range are valid; bandwidth is rounded down to whole megabytes."""
    assert limits_of(specs) == expected


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("total_iops_sec", "99", "I/O operations a second from 100 to 100000"),
        ("total_iops_sec", "100001", "I/O operations a second from 100 to 100000"),
        ("total_iops_sec", "many", "a whole number of I/O operations"),
        ("total_iops_sec", "500.5", "a whole number"),
        ("total_iops_sec", "-500", "a whole number"),
        ("total_iops_sec", "٥٠٠", "a whole number"),
        ("total_iops_sec", "", "a whole number"),
        ("total_bytes_sec", "1048575", "bytes a second from 1048576 to 104857600000"),
        ("total_bytes_sec", "104857600001", "bytes a second from 1048576 to 104857600000"),
        ("total_bytes_sec", "9" * 30, "bytes a second"),
        ("DistributionType", "Sometimes", "write Never, OnFailure or Always"),
    ],
)
def test_value_out_of_its_range(key, value, rule):
    """A wrong value is refused under its key, with range and unit."""
    limits, (problem,) = read_qos(QosSpecs({key: value}))
    assert limits is None
    assert (problem.field, problem.value) == (key, value)
    assert rule in str(problem)


def test_all_wrong_values_are_told_at_once():
    """Every mistake of a specification is told, and what was right is still read."""
    specs = {"total_iops_sec": "1", "total_bytes_sec": "2097152", "DistributionType": "x"}
    limits, problems = read_qos(QosSpecs(specs))
    assert limits == HostIoLimits(None, 2, NEVER)
    assert [problem.field for problem in problems] == ["total_iops_sec", "DistributionType"]


@pytest.mark.parametrize("text", ["Always", "always", "ALWAYS", " always "])
def test_distribution_in_any_case(text):
    """The distribution type is read in upper and lower case, and written as the array does."""
    assert Distribution.parse(text).value == "Always"


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (("4000", "NOLIMIT", "Always"), HostIoLimits(4000, None, ALWAYS)),
        (("nolimit", "100", "Never"), HostIoLimits(None, 100, NEVER)),
        (("50", "1", "OnFailure"), HostIoLimits(50, 1, ON_FAILURE)),
        (("NOLIMIT", "NOLIMIT", "Always"), None),
        (("0", "0", "Never"), None),
    ],
)
def test_limits_as_the_service_reports_them(reported, expected):
    """The service reports text; limits that an administrator set need not be in our range."""
    assert HostIoLimits.reported(*reported) == expected


def test_report_that_makes_no_sense():
    """A limit that is neither a number nor NOLIMIT is an error of its field."""
    with pytest.raises(InvalidRequest, match="host_io_limit_mb_sec 'fast'"):
        HostIoLimits.reported("4000", "fast")


def test_limits_without_a_limit_cannot_exist():
    """There is one way only to say that a group has no limits."""
    with pytest.raises(ValueError, match="use None"):
        HostIoLimits(None, None)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (HostIoLimits(500, 100, ALWAYS), "500 IO/s, 100 MB/s, dynamic distribution Always"),
        (HostIoLimits(500, None), "500 IO/s, any number of MB/s, dynamic distribution Never"),
        (HostIoLimits(None, 100), "any number of IO/s, 100 MB/s, dynamic distribution Never"),
    ],
)
def test_limits_in_words(limits, text):
    """Plans show limits with their units."""
    assert str(limits) == text
