"""`pmax storage group`, `pmax volume retype` and `pmax volume rename`, against a simulator over HTTPS."""

import pytest

from tests.e2e.cli_process import ARRAY, IQN, OTHER_ARRAY, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)

CHILD = "OS-node1-SRP_1-DiamodNONE-OS-iscsi-PG"
PARENT = "OS-node1-I-OS-iscsi-PG-SG"
VIEW = "OS-node1-I-OS-iscsi-PG-MV"


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with volume 00003 (Diamond) seen by a host, and volume 00004 (Gold) by nobody."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.furnish()
    return shell


def groups(shell: CommandLine, device: str) -> tuple[str, ...]:
    """Storage groups that hold a volume."""
    return shell.simulator.arrays[ARRAY].volumes[device].storage_groups


@pytest.mark.parametrize(
    ("options", "attached", "detached"),
    [
        (("--service-level", "Silver"), "OS-node1-SRP_1-SilverNONE-OS-iscsi-PG", "OS-SRP_1-Silver-NONE-SG"),
        (("--pool", f"Silver+SRP_1+{ARRAY}"), "OS-node1-SRP_1-SilverNONE-OS-iscsi-PG", "OS-SRP_1-Silver-NONE-SG"),
        (("--service-level", "None"), "OS-node1-No_SLO-OS-iscsi-PG", "OS-no_SLO-SG"),
        (("--no-compression",), f"{CHILD}-CD", "OS-SRP_1-Gold-NONE-CD-SG"),
        (("--compression",), CHILD, "OS-SRP_1-Gold-NONE-SG"),
    ],
)
def test_retype(shell, options, attached, detached) -> None:
    """A volume gets the groups of what is asked, keeps what is not asked, and the host keeps its LUN."""
    luns = shell.simulator.arrays[ARRAY].lun_addresses
    for device, group in (("00003", attached), ("00004", detached)):
        told = shell.json("volume", "retype", device, *options)
        assert groups(shell, device) == tuple(told["storage_groups"]) == (group,)
    assert shell.simulator.arrays[ARRAY].lun_addresses == luns


def test_retype_can_be_looked_at_first(shell) -> None:
    """`--dry-run` shows the steps and changes nothing."""
    finished = shell.call("volume", "retype", "archive-01", "--service-level", "Silver", "--dry-run")
    assert finished.status == 0
    assert "move volume 00004 from storage group os-srp_1-gold-none-sg" in " ".join(finished.out.split()).lower()
    assert shell.changes() == []


def test_retype_to_and_from_replication(shell) -> None:
    """A mode or a `backend_id` means a target, a replicated volume stays so unless told, and `None` ends its pair."""
    shell.stanza["replication_device"] = (
        f"target_device_id:{OTHER_ARRAY},remote_port_group:OS-iscsi-PG,remote_pool:SRP_1,"
        "rdf_group_label:23_24_070,mode:sync,backend_id:near"
    )
    finished = shell.call("volume", "retype", "00004", "--replication", "near", "--dry-run")
    assert "pair volume 00004" in " ".join(finished.out.split()).lower()
    assert shell.changes() == []
    steps = (
        (("--replication", "sync"), "OS-SRP_1-Gold-NONE-RE-SG", True),
        (("--service-level", "Silver"), "OS-SRP_1-Silver-NONE-RE-SG", True),
        (("--replication", "None"), "OS-SRP_1-Silver-NONE-SG", False),
    )
    for options, group, is_replicated in steps:
        told = shell.json("volume", "retype", "00004", *options)
        assert groups(shell, "00004") == tuple(told["storage_groups"]) == (group,)
        assert (told["other_side"] or "").startswith(OTHER_ARRAY) is is_replicated
    assert not shell.simulator.srdf.pairs
    refused = shell.call("volume", "retype", "00004", "--replication", "far")
    assert (refused.status, "near" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "status", "named"),
    [
        (("volume", "retype", "00004"), 2, "Nothing would change"),
        (("volume", "retype", "00004", "--service-level", "Ruby"), 2, "Ruby"),
        (("volume", "retype", "0FFFF", "--no-compression"), 3, "0FFFF"),
        (("volume", "rename", "00004", "a b"), 2, "volume name"),
        (("volume", "rename", "00004", "finance-01"), 4, "finance-01"),
        (("storage", "group", "show", "nothing"), 3, "nothing"),
        (("storage", "group", "create", CHILD), 4, CHILD),
        (("storage", "group", "create", "new", "--parent", CHILD), 2, CHILD),
        (("storage", "group", "create", "new", "--parent", "nothing"), 3, "nothing"),
        (("storage", "group", "delete", CHILD), 4, "1 volumes"),
        (("storage", "group", "delete", PARENT), 4, CHILD),
        (("storage", "group", "delete", "nothing"), 3, "nothing"),
        (("storage", "group", "add", PARENT, "00004"), 2, "it is a parent"),
        (("storage", "group", "add", "nothing", "00004"), 3, "nothing"),
        (("storage", "group", "move", CHILD, CHILD, "00003"), 2, "two different groups"),
        (("storage", "group", "move", PARENT, CHILD, "00004", "--yes"), 2, "not in storage group"),
        (("storage", "group", "remove", CHILD, "00003"), 2, "hosts may be using what they would lose"),
        (("storage", "group", "qos", CHILD), 2, "not clear"),
        (("storage", "group", "qos", CHILD, "--iops", "99"), 2, "from 100 to 100000"),
        (("storage", "group", "qos", CHILD, "--mbps", "100001"), 2, "from 1 to 100000"),
        (("storage", "group", "qos", CHILD, "--distribution", "Always"), 2, "limits nothing"),
        (("storage", "group", "qos", PARENT, "--iops", "500"), 2, "it is a parent"),
        (("storage", "group", "qos", "OS-SRP_1-Gold-NONE-SG", "--iops", "500"), 2, "wait in it"),
        (("storage", "group", "qos", "nothing", "--none"), 3, "nothing"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_changed(shell, arguments, status, named) -> None:
    """Each refusal has its exit status, names the reason, and changes nothing."""
    finished = shell.call(*arguments)
    assert (finished.status, shell.changes()) == (status, [])
    assert named.lower() in " ".join(finished.err.split()).lower()


def test_rename(shell) -> None:
    """The device carries the new name; a second time nothing is changed."""
    told = shell.json("volume", "rename", "archive-01", "cellar")
    assert (told["before"], told["after"]) == ("archive-01", "cellar")
    assert shell.simulator.arrays[ARRAY].volumes["00004"].identifier == "cellar"
    shell.simulator.requests.clear()
    shell.json("volume", "rename", "cellar", "cellar")
    assert shell.changes() == []


def test_list_and_show(shell) -> None:
    """The list tells of every group; showing one tells everything about it."""
    shell.json("storage", "group", "qos", CHILD, "--iops", "500", "--mbps", "100")
    rows = {row["storage_group"]: row for row in shell.json("storage", "group", "list", "--long")}
    assert set(rows) == {PARENT, CHILD, "OS-SRP_1-Gold-NONE-SG"}
    assert (rows[CHILD]["is_masked"], rows[CHILD]["parents"]) == (True, [PARENT])
    assert [
        row["storage_group"] for row in shell.json("storage", "group", "list", "--filter", "service_level=Gold")
    ] == ["OS-SRP_1-Gold-NONE-SG"]
    shown = shell.json("storage", "group", "show", CHILD)
    assert shown == {
        "array_id": ARRAY,
        "storage_group": CHILD,
        "service_level": "Diamond",
        "workload": None,
        "srp": "SRP_1",
        "is_compressed": True,
        "volumes": 1,
        "parents": [PARENT],
        "children": [],
        "masking_views": [VIEW],
        "iops": 500,
        "mbps": 100,
        "distribution": "Never",
        "tags": [],
        "snapshots": 0,
    }


def test_life_of_a_group(shell) -> None:
    """A group is made, filled, emptied and deleted; volumes stay in the groups that they are in besides."""
    array = shell.simulator.arrays[ARRAY]
    shell.json("storage", "group", "create", "backup", "--service-level", "None")
    assert array.storage_groups["backup"].service_level is None
    added = shell.json("storage", "group", "add", "backup", "00003", "archive-01", "00003")
    assert [(row["device_id"], row["is_changed"]) for row in added] == [("00003", True), ("00004", True)]
    assert groups(shell, "00004") == ("OS-SRP_1-Gold-NONE-SG", "backup")
    again = shell.json("storage", "group", "add", "backup", "00003")
    assert [row["is_changed"] for row in again] == [False]

    shell.json("storage", "group", "create", "other", "--service-level", "None")
    shell.json("storage", "group", "move", "backup", "other", "00003", "00004")
    assert "other" in groups(shell, "00003")
    shell.json("storage", "group", "remove", "other", "00003", "00004")
    for name in ("backup", "other"):
        shell.json("storage", "group", "delete", name)
    assert set(array.storage_groups) == {PARENT, CHILD, "OS-SRP_1-Gold-NONE-SG"}
    assert groups(shell, "00003") == (CHILD,)


def test_all_volumes_or_none(shell) -> None:
    """If the array refuses one of the volumes, those before it are taken back."""
    finished = shell.call("storage", "group", "add", "OS-SRP_1-Gold-NONE-SG", "00004", "00003")
    assert finished.status == 4
    shell.json("storage", "group", "create", "flash", "--service-level", "Gold")
    shell.json("volume", "create", "free", "--size", "1", "--service-level", "None")
    finished = shell.call("storage", "group", "add", "flash", "free", "00003")
    assert finished.status == 4
    assert "in use by storage group" in finished.err
    assert groups(shell, "00005") == ("OS-no_SLO-SG",)


def test_a_child_group_shows_its_volumes_until_it_goes(shell) -> None:
    """A group put under a view's group is seen by the host; volumes that a move hides are asked about first."""
    array = shell.simulator.arrays[ARRAY]
    shell.json("storage", "group", "create", "gold", "--service-level", "Gold", "--parent", PARENT)
    shell.json("storage", "group", "move", "OS-SRP_1-Gold-NONE-SG", "gold", "00004")
    assert (VIEW, "00004") in array.lun_addresses

    back = ("storage", "group", "move", "gold", "OS-SRP_1-Gold-NONE-SG", "00004")
    assert shell.call(*back).status == 2
    shell.json(*back, "--yes")
    assert (VIEW, "00004") not in array.lun_addresses
    shell.json("storage", "group", "delete", "gold")
    assert "gold" not in array.storage_groups
    assert IQN in next(iter(array.hosts.values())).initiators


def test_limits_by_hand(shell) -> None:
    """Limits are set one by one, a distribution alone changes what is there, and all go at once."""

    def limit() -> tuple[object, object, object] | None:
        found = shell.simulator.arrays[ARRAY].storage_groups[CHILD].host_io_limit
        return (found.io_per_second, found.mb_per_second, found.dynamic_distribution) if found else None

    for arguments, expected in (
        (("--iops", "500"), (500, None, "Never")),
        (("--mbps", "100"), (500, 100, "Never")),
        (("--distribution", "onfailure"), (500, 100, "OnFailure")),
        (("--iops", "None"), (None, 100, "OnFailure")),
        (("--none",), None),
    ):
        shell.json("storage", "group", "qos", CHILD, *arguments)
        assert limit() == expected
    shell.simulator.requests.clear()
    shell.json("storage", "group", "qos", CHILD, "--none")
    assert shell.changes() == []
