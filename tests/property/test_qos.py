from hypothesis import given
from hypothesis import strategies as st

from pmax.domain.qos import Distribution, HostIoLimits, QosSpecs, limits_change, read_qos

limits = st.builds(
    lambda pair, distribution: HostIoLimits(*pair, distribution),
    st.tuples(st.none() | st.integers(100, 100_000), st.none() | st.integers(1, 100_000)).filter(any),
    st.sampled_from(Distribution),
)
values = st.one_of(st.text(max_size=20), st.integers(-(10**6), 10**13).map(str))


@given(limits)
def test_limits_survive_the_round_trip(wanted):
    """Limits that are written as a specification are read back as the same."""
    specs = {"DistributionType": wanted.distribution.value}
    if wanted.iops is not None:
        specs["total_iops_sec"] = str(wanted.iops)
    if wanted.megabytes_per_second is not None:
        specs["total_bytes_sec"] = str(wanted.megabytes_per_second * 2**20)
    assert read_qos(QosSpecs(specs)) == (wanted, ())


@given(st.none() | limits, limits)
def test_change_leads_to_what_is_wanted(current, wanted):
    """After a change the group has the wanted limits, and a second look finds nothing to do."""
    change = limits_change(current, wanted)
    assert (change or current) == wanted
    assert limits_change(wanted, wanted) is None


@given(values, values, values)
def test_specification_is_understood_or_refused(iops, bandwidth, distribution):
    """Whatever people type, the limits are within their ranges, and a problem names its key."""
    specs = {"total_iops_sec": iops, "total_bytes_sec": bandwidth, "DistributionType": distribution}
    read, problems = read_qos(QosSpecs(specs, "both"))
    assert {problem.field for problem in problems} <= {*specs}
    if not problems:
        assert 100 <= read.iops <= 100_000
        assert 1 <= read.megabytes_per_second <= 100_000
