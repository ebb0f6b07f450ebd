import pytest

from pmax.domain import naming
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import device_id
from pmax.domain.naming import GroupTraits, HostNames, NamePolicy

DEFAULT = NamePolicy()
LONG_HOST = "compute-node-0042.prod.example.com"
LONG_PORT_GROUP = "PowerMaxISCSIPortGroup1"
UUID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"


@pytest.mark.parametrize(
    ("host", "letter", "port_group", "expected"),
    [
        ("HostX", "F", "os-fc-pg", "OS-HostX-F-os-fc-pg-MV"),
        ("node-1", "I", "OS-ISCSI-PG", "OS-node-1-I-OS-ISCSI-PG-MV"),
        (LONG_HOST, "I", LONG_PORT_GROUP, "OS-e-004258c19175fe-I-Group1168425-MV"),
        ("HostX", "NT", "nvme-pg", "OS-HostX-NT-nvme-pg-MV"),
    ],
)
def test_masking_view(host, letter, port_group, expected):
    """A view is named after host, protocol and port group."""
    assert DEFAULT.masking_view(host, letter, port_group) == expected


@pytest.mark.parametrize(
    ("host", "letter", "port_group", "expected"),
    [
        ("HostX", "F", "os-fc-pg", "OS-HostX-F-os-fc-pg-SG"),
        ("HostX", "I", "os-fc-pg", "OS-HostX-I-os-fc-pg-SG"),
        (LONG_HOST, "F", LONG_PORT_GROUP, "OS-e-004258c19175fe-F-Group1168425-SG"),
    ],
)
def test_parent_storage_group(host, letter, port_group, expected):
    """A parent group is named like its view."""
    assert DEFAULT.parent_storage_group(host, letter, port_group) == expected


@pytest.mark.parametrize(
    ("host", "letter", "expected"),
    [("HostX", "I", "OS-HostX-I-IG"), ("HostX", "F", "OS-HostX-F-IG"), (LONG_HOST, "I", "OS-e-004258c19175fe-I-IG")],
)
def test_initiator_group(host, letter, expected):
    """An initiator group is named after host and protocol."""
    assert DEFAULT.initiator_group(host, letter) == expected


def test_known_initiator_groups():
    """Groups of both generations are known, the one to write first."""
    assert DEFAULT.known_initiator_groups("COMPUTE-NODE-0042", "F") == (
        "OS-E-004258c19175fe-F-IG",
        "OS-e-004258c19175fe-F-IG",
    )


def test_names_of_2019_are_known():
    """Every combination of the two generations of labels is known, the newest first."""
    known = DEFAULT.known("COMPUTE-NODE-0042", "I", "OS-FAILOVER-PG")
    assert [names.masking_view for names in known] == [
        "OS-E-004258c19175fe-I-VER-PG355b04-MV",
        "OS-E-004258c19175fe-I-ver-pg355b04-MV",
        "OS-e-004258c19175fe-I-VER-PG355b04-MV",
        "OS-e-004258c19175fe-I-ver-pg355b04-MV",
    ]
    assert DEFAULT.current("COMPUTE-NODE-0042", "I", "OS-FAILOVER-PG") == known[0]


def test_short_names_are_known_once():
    """For names that fit there is one set of names, so nothing is asked twice."""
    assert len(DEFAULT.known("HostX", "I", "os-fc-pg")) == 1


def traits(**changes):
    """The traits of the reference's examples, by what differs."""
    return GroupTraits(**{"srp": "SRP_1", "service_level": "Diamond", "workload": None, **changes})


@pytest.mark.parametrize(
    ("group_traits", "expected"),
    [
        (traits(workload="DSS"), "OS-HostX-SRP_1-DiamondDSS-os-fc-pg"),
        (traits(), "OS-HostX-SRP_1-DiamodNONE-os-fc-pg"),
        (traits(workload="DSS", compression_disabled=True), "OS-HostX-SRP_1-DiamondDSS-os-fc-pg-CD"),
        (traits(service_level=None), "OS-HostX-No_SLO-os-fc-pg"),
        (traits(service_level="Gold", replication_suffix="-RA"), "OS-HostX-SRP_1-GoldNONE-os-fc-pg-RA"),
        (traits(service_level=None, replication_suffix="-RM"), "OS-HostX-No_SLO-os-fc-pg-RM"),
        (traits(service_level=None, compression_disabled=True), "OS-HostX-No_SLO-os-fc-pg"),
    ],
)
def test_child_storage_group(group_traits, expected):
    """A child group is named after host, SRP, level and port group, with its suffixes."""
    assert DEFAULT.child_storage_group("HostX", "os-fc-pg", group_traits) == expected


def test_longest_child_storage_group():
    """The longest child group of the reference has 62 characters, in both generations."""
    long_traits = traits(
        srp="STORAGE_POOL_ONE_LONG", workload="OLTP_REP", compression_disabled=True, replication_suffix="-RE"
    )
    known = DEFAULT.known(LONG_HOST, "", LONG_PORT_GROUP)
    assert tuple(names.child_storage_group(long_traits) for names in known) == (
        "OS-e-004258c19175fe-STORAGE_LONG-DiamoP_REP-Group1168425-CD-RE",
        "OS-e-004258c19175fe-STORAGE_LONG-DiamoP_REP-group1168425-CD-RE",
    )


@pytest.mark.parametrize(
    ("group_traits", "expected"),
    [
        (traits(workload="DSS"), "OS-SRP_1-Diamond-DSS-SG"),
        (traits(), "OS-SRP_1-Diamond-NONE-SG"),
        (traits(compression_disabled=True), "OS-SRP_1-Diamond-NONE-CD-SG"),
        (traits(workload="OLTP", replication_suffix="-RE"), "OS-SRP_1-Diamond-OLTP-RE-SG"),
        (traits(service_level="Gold", replication_suffix="-RA"), "OS-SRP_1-Gold-NONE-RA-SG"),
        (
            traits(service_level="Gold", compression_disabled=True, replication_suffix="-RM"),
            "OS-SRP_1-Gold-NONE-CD-RM-SG",
        ),
        (traits(service_level=None), "OS-no_SLO-SG"),
        (traits(service_level=None, compression_disabled=True), "OS-no_SLO-SG"),
        (traits(service_level=None, replication_suffix="-RA"), "OS-no_SLO-RA-SG"),
        (traits(srp="DEFAULT_SRP", service_level="Gold"), "OS-DEFAULT_SRP-Gold-NONE-SG"),
    ],
)
def test_default_storage_group(group_traits, expected):
    """A default group is named after SRP, service level and workload, with its suffixes."""
    assert group_traits.default_storage_group == expected


def test_default_storage_group_by_its_parts():
    """The function takes the parts one by one, for who has no traits."""
    name = naming.default_storage_group("SRP_1", "Gold", None, compression_disabled=True, replication_suffix="-RM")
    assert name == "OS-SRP_1-Gold-NONE-CD-RM-SG"


def test_default_storage_group_that_is_too_long():
    """Nothing in a default group's name is truncated, so a long SRP is refused instead of an unknown group made."""
    with pytest.raises(InvalidRequest, match="storage group"):
        naming.default_storage_group("S" * 50, "Diamond", "NONE")


@pytest.mark.parametrize("suffixes", [("-RE", "-RA", "-RM"), (), ("",)])
def test_default_storage_group_taken_apart(suffixes):
    """A default group without a replication suffix is understood whatever modes are known."""
    found = naming.parse_default_storage_group("OS-SRP_1-Gold-OLTP_REP-CD-SG", "SRP_1", suffixes)
    assert found == traits(service_level="Gold", workload="OLTP_REP", compression_disabled=True)


@pytest.mark.parametrize(
    "name",
    ["OS-Unmanaged", "OS-HostX-SRP_1-DiamodNONE-os-fc-pg", "OS-SRP_2-Gold-NONE-SG", "OS-SRP_1-Gold-NONE-XX-SG"],
)
def test_other_groups_are_no_default_groups(name):
    """A group of another kind, another SRP or an unknown mode is not taken apart."""
    assert naming.parse_default_storage_group(name, "SRP_1", ("-RE", "-RA", "-RM")) is None


def test_default_group_without_service_level_gives_little_away():
    """The name of the group without a service level tells the replication suffix, and nothing else."""
    assert naming.parse_default_storage_group("OS-no_SLO-RA-SG", "SRP_1", ("-RA",)) == GroupTraits(
        srp="SRP_1", replication_suffix="-RA"
    )


@pytest.mark.parametrize(
    ("host", "letter", "port_group"),
    [
        ("OSlo-S1", "I", "PG1"),
        ("WOLF-1", "I", "PG1"),
        ("node-1", "I", "OS-ISCSI-PG"),
        ("Skylab1", "F", "os-fc-pg"),
        ("a-I-b", "I", "x-I-y"),
        (LONG_HOST, "NT", LONG_PORT_GROUP),
    ],
)
def test_host_of_a_masking_view(host, letter, port_group):
    """With its port group known, a view gives its host away, whatever dashes and letters are in the name."""
    names = DEFAULT.current(host, letter, port_group)
    assert DEFAULT.host_names_of(names.masking_view, letter, port_group) == names


def test_host_of_a_masking_view_of_2019():
    """A view of the older generation gives away its names as they are, so that its children are named to match."""
    found = DEFAULT.host_names_of("OS-e-004258c19175fe-I-group1168425-MV", "I", LONG_PORT_GROUP)
    assert found == HostNames("e-004258c19175fe", "I", "group1168425")
    assert found.no_service_level_child("-RE") == "OS-e-004258c19175fe-No_SLO-group1168425-RE"


@pytest.mark.parametrize(
    "name",
    [
        "OS-HostX-F-PG1-MV",  # another protocol
        "OS-HostX-I-PG2-MV",  # another port group
        "HostX-I-PG1-MV",  # not ours
        "OS--I-PG1-MV",  # no host
        "OS-I-PG1-MV",
        "OS-HostX-I-PG1-SG",
    ],
)
def test_view_that_is_not_one_of_ours(name):
    """A view that does not have the form is not guessed at."""
    assert DEFAULT.host_names_of(name, "I", "PG1") is None


@pytest.mark.parametrize(
    ("cinder_id", "expected"),
    [
        (UUID, "OS-" + UUID),
        ("volume-" + UUID, "OS-" + UUID),
        (UUID.upper(), "OS-" + UUID.upper()),
        ("myvol", "myvol"),
    ],
)
def test_volume_identifier(cinder_id, expected):
    """A volume is named after its UUID; a text without one is taken as it is."""
    assert naming.volume_identifier(cinder_id) == expected


def test_volume_identifier_that_is_too_long():
    """A text without a UUID must be one that the array takes."""
    with pytest.raises(InvalidRequest, match="volume identifier"):
        naming.volume_identifier("v" * 65)


def test_unmanaged_volume_identifier():
    """A volume that Cinder gave up keeps its bare UUID."""
    assert naming.unmanaged_volume_identifier("volume-" + UUID) == UUID


@pytest.mark.parametrize(
    ("snapshot_id", "snapshot", "group_snapshot"),
    [
        (UUID, "OS-e8c8a5b3c4d5e6f", "e8c8a5f0-b3c4d5e6f"),
        ("0f3b6a52-0b5a-4c2f-9c27-8f3d9b3f6f10", "OS-0f3b6ad9b3f6f10", "0f3b6a52-d9b3f6f10"),
        ("390eeb4d-0f56-4a02-ba14-167167967014", "OS-390eeb167967014", "390eeb4d-167967014"),
    ],
)
def test_snapshot_names(snapshot_id, snapshot, group_snapshot):
    """Snapshots have 18 characters of their UUID, those of volumes with the prefix."""
    assert naming.snapshot_name(snapshot_id) == snapshot
    assert naming.group_snapshot_name(snapshot_id) == group_snapshot


@pytest.mark.parametrize("device", ["00001", "0012F", "0A3F7"])
def test_temporary_snapshot(device):
    """A temporary snapshot is named after its source, which can be read from it again."""
    name = naming.temporary_snapshot_name(device_id(device))
    assert name == f"temp-{device}-snapshot_for_clone"
    assert naming.device_of_temporary_snapshot(name) == device


@pytest.mark.parametrize(
    "name",
    ["OS-template-v1", "temp-00001", "temp-0001-snapshot_for_clone", "OS-temp-00001-snapshot_for_clone", "EMC_SMI_1"],
)
def test_snapshot_that_is_not_temporary(name):
    """A user's snapshot is never taken for a temporary one, whatever words are in its name."""
    assert naming.device_of_temporary_snapshot(name) is None


@pytest.mark.parametrize(("name", "managed"), [("PowerMaxSnapshot", "OS-PowerMaxSnapshot"), ("my-snap", "OS-my-snap")])
def test_managed_snapshot(name, managed):
    """Taking a snapshot over adds the prefix; giving it up takes the prefix away."""
    assert naming.managed_snapshot_name(name) == managed
    assert naming.unmanaged_snapshot_name(managed) == name


def test_managed_snapshot_that_is_too_long():
    """A snapshot whose name leaves no room for the prefix is refused before it is renamed."""
    with pytest.raises(InvalidRequest, match="this one has 33"):
        naming.managed_snapshot_name("x" * 30)


def test_unmanaged_snapshot_without_prefix():
    """A name without the prefix stays as it is."""
    assert naming.unmanaged_snapshot_name("snap-x") == "snap-x"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, UUID),
        (UUID, UUID),
        ("group1", f"group1_{UUID}"),
        ("MySuperLongGenericVolumeGroupName", f"MySuperLongGelumeGroupName_{UUID}"),
        ("twenty-eight-characters-long", f"twenty-eight-aracters-long_{UUID}"),
        ("g" * 27, f"{'g' * 27}_{UUID}"),
        ("", f"_{UUID}"),
        ("my group ü", f"my_group___{UUID}"),
    ],
)
def test_storage_group_of_a_volume_group(name, expected):
    """A volume group's storage group has its name, truncated, and its id, which can be read from it again."""
    storage_group = naming.volume_group_storage_group(name, UUID)
    assert storage_group == expected
    assert naming.volume_group_of(storage_group) == UUID


@pytest.mark.parametrize("name", ["OS-Unmanaged", "", "group1_", f"{'g' * 28}_{UUID}", f"group1-{UUID}"])
def test_storage_group_of_no_volume_group(name):
    """A storage group of another form belongs to no volume group."""
    assert naming.volume_group_of(name) is None


@pytest.mark.parametrize(
    ("label", "mode", "expected"),
    [
        ("28_11_07", "Asynchronous", "OS-28_11_07-Asynchronous-rdf-sg"),
        ("28_11_07", "Metro", "OS-28_11_07-Metro-rdf-sg"),
        ("23_24_007", "Asynchronous", "OS-23_24_007-Asynchronous-rdf-sg"),
    ],
)
def test_rdf_management_storage_group(label, mode, expected):
    """A management group is named after the label and the mode of its SRDF group."""
    assert naming.rdf_management_storage_group(label, mode) == expected


def test_temporary_failover_storage_group():
    """The group for a failover is named after the label of its SRDF group."""
    assert naming.temporary_failover_storage_group("28_11_07") == "OS-28_11_07-temp-rdf-sg"


def test_unmanaged_storage_group():
    """Volumes that Cinder gave up are gathered in one group."""
    assert naming.UNMANAGED_STORAGE_GROUP == "OS-Unmanaged"
