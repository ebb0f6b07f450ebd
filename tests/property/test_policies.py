import attrs
from hypothesis import given
from hypothesis import strategies as st

from pmax.domain.arrays import Array, Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import array_id
from pmax.domain.policies import PolicyDefaults, parse_policy, read_policy
from pmax.domain.qos import QosSpecs

SERIAL = array_id("000197900123")
LEVELS = ("Diamond", "Gold", "Optimized")
WORKLOADS = ("OLTP", "DSS")

booleans = st.sampled_from(["<is> True", "<is> False", "yes", "0", "on", "maybe", ""])
pools = st.sampled_from(
    [
        f"{level}+SRP_1+{SERIAL}"
        for level in ("Diamond", "Gold+OLTP", "Gold+None", "None", "None+NONE", "None+OLTP", "Ruby", "gold+DSS", "")
    ]
    + ["", "Gold", "Gold+SRP_2+000197900123"]
)
extra_specs = st.fixed_dictionaries(
    {},
    optional={
        "pool_name": pools,
        "storagetype:portgroupname": st.text(max_size=66),
        "storagetype:disablecompression": booleans,
        "storagetype:storagegrouptags": st.text("ab_ ,ü", max_size=30),
        "multiattach": booleans,
        "replication_enabled": booleans,
        "powermax:disable_protected_snap": booleans,
        "volume_backend_name": st.text(max_size=5),
    },
)
qos = st.none() | st.builds(
    QosSpecs,
    st.fixed_dictionaries({}, optional={"total_iops_sec": st.sampled_from(["99", "100", "x"])}),
    st.sampled_from(["front-end", "back-end", "both"]),
)
defaults = st.builds(
    PolicyDefaults,
    srp=st.just("SRP_1"),
    service_level=st.sampled_from([None, "None", "Gold", "gold"]),
    workload=st.sampled_from([None, "NONE", "OLTP", "FAST"]),
)
arrays = st.builds(
    Array,
    array_id=st.just(SERIAL),
    model=st.sampled_from(["PowerMax_2000", "VMAX250F", "VMAX200K"]),
    microcode=st.sampled_from([Microcode((5977, 1131)), Microcode((5978, 669))]),
)


@given(extra_specs, qos, defaults, arrays)
def test_type_is_valid_or_every_problem_is_told(specs, limits, configured, array):
    """A type gives a policy that the array can honour, or an error that holds every problem."""
    arguments = (specs, limits, configured, array, LEVELS, WORKLOADS)
    reading = read_policy(*arguments)
    try:
        policy, warnings = parse_policy(*arguments)
    except InvalidRequest as error:
        assert reading.problems
        assert all(problem.rule in str(error) for problem in reading.problems)  # noqa: PT017 -- either outcome is right
        return
    assert (policy, warnings) == (reading.policy, reading.warnings)
    assert not reading.problems
    assert policy.service_level in {None, *LEVELS}
    assert policy.workload is None or (array.supports_workloads and policy.service_level in LEVELS)
    assert not policy.compression_disabled or (array.supports_compression and policy.service_level)
    assert attrs.evolve(policy, replication_suffix="-RE").traits.default_storage_group.startswith("OS-")


@given(extra_specs, qos, defaults, arrays)
def test_reading_a_type_never_fails(specs, limits, configured, array):
    """However wrong a type is, its volumes still have a storage group to return to."""
    reading = read_policy(specs, limits, configured, array, LEVELS, WORKLOADS)
    assert reading.policy.traits.default_storage_group.endswith("-SG")
