import attrs
import pytest

from pmax.domain.arrays import Array, Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.extra_specs import boolean
from pmax.domain.identifiers import array_id
from pmax.domain.naming import GroupTraits
from pmax.domain.policies import PolicyDefaults, VolumePolicy, parse_policy, read_policy
from pmax.domain.qos import HostIoLimits, QosSpecs

SERIAL = array_id("000197900123")
OTHER = array_id("000197900999")
LEVELS = ("Diamond", "Platinum", "Gold", "Silver", "Bronze", "Optimized", "None")
WORKLOADS = ("OLTP", "OLTP_REP", "DSS", "DSS_REP")
CONFIGURED = PolicyDefaults(srp="SRP_1", service_level="Gold")


def array(model="PowerMax_2000", microcode="5978.669.669"):
    """An array, by what differs."""
    return Array(array_id=SERIAL, model=model, microcode=Microcode.parse(microcode))


POWERMAX = array()
HYBRID = array("VMAX200K", "5977.1131.1131")


def parse(specs, where=POWERMAX, defaults=CONFIGURED, qos=None, levels=LEVELS):
    """The policy of a type on an array that offers everything it could."""
    return parse_policy(specs, qos, defaults, where, levels, WORKLOADS)


def problem(specs, **arguments):
    """The error of a type that must be refused."""
    with pytest.raises(InvalidRequest) as caught:
        parse(specs, **arguments)
    return caught.value


def test_type_without_keys():
    """A type that says nothing, on a backend that names a service level, asks for nothing else."""
    assert parse({}) == (VolumePolicy(srp="SRP_1", service_level="Gold"), ())


def test_type_with_every_key():
    """Every key that the upstream drivers read is read."""
    specs = {
        "volume_backend_name": "POWERMAX",
        "pool_name": f"Diamond+None+SRP_1+{SERIAL}",
        "storagetype:portgroupname": "OS-PG2",
        "storagetype:disablecompression": "True",
        "storagetype:storagegrouptags": "production, test,production,",
        "storagetype:replication_device_backend_id": "rep_1",
        "replication_enabled": "<is> True",
        "multiattach": "<is> True",
        "powermax:disable_protected_snap": "<is> True",
    }
    policy, warnings = parse(specs, qos=QosSpecs({"total_iops_sec": "500"}))
    assert policy == VolumePolicy(
        srp="SRP_1",
        service_level="Diamond",
        workload=None,
        compression_disabled=True,
        port_group="OS-PG2",
        storage_group_tags=("production", "test"),
        multiattach=True,
        replication_enabled=True,
        replication_backend="rep_1",
        limits=HostIoLimits(500, None),
        protected_snapshots_disabled=True,
    )
    assert warnings == ()


@pytest.mark.parametrize(
    ("pool", "old", "new"),
    [
        ("Diamond+DSS", ("Diamond", "DSS"), ("Diamond", None)),
        ("Diamond+None", ("Diamond", None), ("Diamond", None)),
        ("Diamond", ("Diamond", None), ("Diamond", None)),
        ("None+None", (None, None), (None, None)),
        ("NONE", (None, None), (None, None)),
    ],
)
def test_pool_before_and_after_5978(pool, old, new):
    """A pool means the same on all arrays, but for workloads, which ended with 5978."""
    specs = {"pool_name": f"{pool}+SRP_1+{SERIAL}"}
    for where, expected in ((HYBRID, old), (POWERMAX, new)):
        policy, _ = parse(specs, where)
        assert (policy.service_level, policy.workload) == expected


def test_workload_that_means_nothing_any_more():
    """A type with a workload still works after an upgrade to 5978, with a warning that names both."""
    pool = f"Diamond+DSS+SRP_1+{SERIAL}"
    _, warnings = parse({"pool_name": pool})
    (warning,) = warnings
    assert warning.startswith(
        f"workload DSS of pool_name {pool} has no effect: array {SERIAL} runs microcode 5978.669."
    )


@pytest.mark.parametrize(
    ("level", "workload", "offered", "expected"),
    [
        ("Silver", "OLTP", LEVELS, ("Silver", "OLTP")),
        ("Silver", None, LEVELS, ("Silver", None)),
        ("Silver", "none", LEVELS, ("Silver", None)),
        ("None", None, LEVELS, (None, None)),
        (None, None, LEVELS, ("Optimized", None)),
        (None, "NONE", LEVELS, ("Optimized", None)),
        (None, None, ("Gold", "Diamond"), ("Diamond", None)),
        (None, None, ("Gold",), (None, None)),
    ],
)
def test_type_without_a_pool(level, workload, offered, expected):
    """The configuration goes before the array's default: Optimized, else Diamond, else none."""
    defaults = PolicyDefaults(srp="SRP_1", service_level=level, workload=workload)
    policy, warnings = parse({}, HYBRID, defaults, levels=offered)
    assert (policy.service_level, policy.workload) == expected
    assert warnings == ()


def test_type_goes_before_the_configuration():
    """What a type names, the configuration does not change."""
    defaults = PolicyDefaults(srp="SRP_1", service_level="Gold", workload="OLTP")
    policy, _ = parse({"pool_name": f"Bronze+SRP_1+{SERIAL}"}, HYBRID, defaults)
    assert (policy.service_level, policy.workload) == ("Bronze", None)


def test_workload_of_the_configuration_needs_a_service_level():
    """A configured workload never refines a service level that the array chose."""
    defaults = PolicyDefaults(srp="SRP_1", workload="OLTP")
    error = problem({}, where=HYBRID, defaults=defaults)
    assert (error.field, error.value) == ("workload", "OLTP")
    assert "set powermax_service_level" in error.rule


def test_workload_of_the_configuration_after_an_upgrade():
    """From 5978 on a configured workload is only worth a warning."""
    policy, warnings = parse({}, defaults=PolicyDefaults(srp="SRP_1", workload="OLTP"))
    assert (policy.service_level, policy.workload) == ("Optimized", None)
    assert "workload OLTP of the configuration has no effect" in warnings[0]


@pytest.mark.parametrize("pool", [f"Gold+SRP_9+{SERIAL}", f"Gold+None+SRP_1+{OTHER}", f"Gold+SRP_9+{OTHER}"])
def test_pool_of_another_place(pool):
    """A pool of another SRP or array is refused, and the error names both places."""
    error = problem({"pool_name": pool})
    assert (error.field, error.value) == ("pool_name", pool)
    for name in (*pool.split("+")[-2:], "SRP_1", SERIAL):
        assert name in error.rule


def test_pool_of_the_replication_partner():
    """After a failover, types that name the primary array stay valid."""
    defaults = PolicyDefaults(srp="SRP_1", equivalent_pools=frozenset({("SRP_9", OTHER)}))
    policy, _ = parse({"pool_name": f"Gold+SRP_9+{OTHER}"}, defaults=defaults)
    assert (policy.service_level, policy.srp) == ("Gold", "SRP_1")


@pytest.mark.parametrize(
    ("specs", "field"),
    [
        ({"pool_name": "Gold"}, "pool_name"),
        ({"pool_name": f"Ruby+SRP_1+{SERIAL}"}, "service level"),
        ({"pool_name": f"gold+SRP_1+{SERIAL}"}, "service level"),
        ({"storagetype:portgroupname": "p" * 65}, "storagetype:portgroupname"),
        ({"storagetype:storagegrouptags": "a b"}, "storagetype:storagegrouptags"),
        ({"storagetype:storagegrouptags": "1,2,3,4,5,6,7,8,9"}, "storagetype:storagegrouptags"),
        ({"storagetype:disablecompression": "maybe"}, "storagetype:disablecompression"),
        ({"multiattach": "<is> Perhaps"}, "multiattach"),
        ({"replication_enabled": ""}, "replication_enabled"),
    ],
)
def test_wrong_value_is_refused_under_its_key(specs, field):
    """A single mistake is an error of the key in which it is."""
    assert problem(specs).field == field


def test_wrong_service_level_says_where_it_stands():
    """The error for a service level names the pool that asks for it."""
    pool = f"gold+SRP_1+{SERIAL}"
    assert problem({"pool_name": pool}).rule.endswith(f"so write Gold (it stands in pool_name {pool})")


def test_every_mistake_is_told_at_once():
    """An operator mends a type in one go."""
    specs = {"pool_name": f"Ruby+SRP_9+{SERIAL}", "multiattach": "x", "storagetype:portgroupname": "a b"}
    error = problem(specs, qos=QosSpecs({"total_iops_sec": "1"}))
    assert error.field == "extra specs"
    assert error.value == ("pool_name", "service level", "storagetype:portgroupname", "multiattach", "total_iops_sec")


def test_type_that_became_invalid_can_still_be_read():
    """For detaching and deleting, what is wrong is left out and the rest is known."""
    specs = {"pool_name": f"Ruby+SRP_1+{SERIAL}", "multiattach": "x", "replication_enabled": "<is> True"}
    reading = read_policy(specs, QosSpecs({"total_iops_sec": "1"}), CONFIGURED, POWERMAX, LEVELS, ())
    assert reading.policy == VolumePolicy(srp="SRP_1", service_level="Ruby", replication_enabled=True)
    assert [found.field for found in reading.problems] == ["service level", "multiattach", "total_iops_sec"]


def test_pool_that_cannot_be_read_leaves_the_configured_service_level():
    """A pool name that makes no sense is a problem, and the configuration's service level is the best guess."""
    reading = read_policy({"pool_name": "Gold"}, None, CONFIGURED, POWERMAX, LEVELS, ())
    assert reading.policy.service_level == "Gold"
    assert [found.field for found in reading.problems] == ["pool_name"]


@pytest.mark.parametrize("key", ["multiattach", "replication_enabled"])
@pytest.mark.parametrize("text", ["<is> False", "False", "no"])
def test_false_means_false(key, text):
    """A key that is there and says false is as if it were absent."""
    policy, _ = parse({key: text})
    assert policy == VolumePolicy(srp="SRP_1", service_level="Gold")


TRUE_WORDS = ["1", "t", "true", "on", "y", "yes"]
FALSE_WORDS = ["0", "f", "false", "off", "n", "no"]


@pytest.mark.parametrize("word", TRUE_WORDS + FALSE_WORDS)
@pytest.mark.parametrize("form", ["{}", " {} ", "<is> {}", "<is>{}"])
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_truth_values_in_every_spelling(word, form, case):
    """Every spelling that OpenStack takes is taken, in any case, with and without `<is>`."""
    assert boolean("multiattach", form.format(case(word))) is (word in TRUE_WORDS)


@pytest.mark.parametrize("text", ["", "<is>", "<is> ", "2", "truee", "<in> True", "<is> <is> True"])
def test_no_truth_value(text):
    """Anything else is refused instead of meaning false."""
    with pytest.raises(InvalidRequest, match="write <is> True or <is> False"):
        boolean("multiattach", text)


@pytest.mark.parametrize(
    ("where", "level", "reason"),
    [
        (HYBRID, "Gold", f"array {SERIAL} (VMAX200K) cannot compress"),
        (POWERMAX, "None", "it needs a service level"),
    ],
)
def test_compression_where_there_is_none(where, level, reason):
    """Disabling what is not there has no effect, and the operator is told why."""
    specs = {"storagetype:disablecompression": "<is> True", "pool_name": f"{level}+SRP_1+{SERIAL}"}
    policy, warnings = parse(specs, where)
    assert not policy.compression_disabled
    assert warnings == (f"storagetype:disablecompression has no effect: {reason}",)


@pytest.mark.parametrize("key", ["storagetype:portgroupname", "pool_name", "storagetype:storagegrouptags"])
def test_blank_value_is_absent(key):
    """A key that an operator emptied says nothing."""
    assert parse({key: "  "}) == parse({})


def test_names_follow_from_the_policy():
    """The policy knows its default storage group, and what decides about it."""
    policy, _ = parse({"pool_name": f"Gold+SRP_1+{SERIAL}", "storagetype:disablecompression": "yes"})
    assert policy.traits.default_storage_group == "OS-SRP_1-Gold-NONE-CD-SG"
    replicated = attrs.evolve(policy, replication_suffix="-RE")
    assert replicated.traits.default_storage_group == "OS-SRP_1-Gold-NONE-CD-RE-SG"
    assert policy.traits == GroupTraits(srp="SRP_1", service_level="Gold", compression_disabled=True)
