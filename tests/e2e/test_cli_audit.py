"""`pmax audit` and `pmax repair` against an array with debris of every kind."""

import resource

import pytest

from pmax.simulator import Simulator
from tests.e2e.cli_process import ARRAY, IQN, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)

REPAIRABLE = {
    "GRP01:OS-node9-SRP_1-DiamodNONE-OS-iscsi-PG": "storage group",
    "GRP02:OS-SRP_1-Bronze-NONE-SG": "storage group",
    "GRP04:OS-SRP_1-Gold-NONE-SG": "storage group",
    "VIEW01:OS-node8-I-OS-iscsi-PG-MV": "masking view",
    "HOST01:OS-node7-I-IG": "host",
    "HOST02:OS-node6-I-IG": "host",
}
LEFT_TO_PEOPLE = {"VOL02:00005", "VOL02:00006", "VOL03:00007", "PORT01:OS-iscsi-PG", "NAME01:Backup", "GRP02:payroll"}


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a volume that a host sees, which is in order."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.furnish()
    return shell


@pytest.fixture
def littered(shell) -> CommandLine:
    """The same with what interrupted work, and other people, left."""
    array = shell.simulator.arrays[ARRAY]
    for name in ("OS-node9-SRP_1-DiamodNONE-OS-iscsi-PG", "other-child"):
        shell.make("storagegroup", {"storageGroupId": name, "srpId": "None"})
    shell.make("storagegroup", {"storageGroupId": "OS-node9-I-OS-iscsi-PG-SG", "srpId": "None"})
    adding = {"storageGroupId": ["OS-node9-SRP_1-DiamodNONE-OS-iscsi-PG", "other-child"]}
    shell.make("storagegroup", _edit({"addExistingStorageGroupParam": adding}), "OS-node9-I-OS-iscsi-PG-SG")
    shell.fill("other-child", 1)
    for name in ("OS-SRP_1-Bronze-NONE-SG", "payroll"):
        shell.make("storagegroup", {"storageGroupId": name, "srpId": "None"})
    for name in ("Backup", "backup"):
        array.add_port_group(name, ["FA-1D:4"])
    limits = {"editStorageGroupActionParam": {"setHostIOLimitsParam": {"host_io_limit_io_sec": "4000"}}}
    shell.make("storagegroup", limits, "OS-SRP_1-Gold-NONE-SG")
    shell.make("host", {"hostId": "OS-node7-I-IG", "initiatorId": []})
    shell.make("host", {"hostId": "OS-node6-I-IG", "initiatorId": [IQN.replace("node1", "node6")]})
    _make_empty_view(shell)
    array.update_volume("00005", identifier="OS-twin")
    array.update_volume("00006", identifier="OS-twin")
    array.add_volume(1093, "left-over")
    array.set_port_online("SE-5E:0", is_online=False)
    shell.simulator.requests.clear()
    return shell


def _edit(expand: dict[str, object]) -> dict[str, object]:
    return {"editStorageGroupActionParam": {"expandStorageGroupParam": expand}}


def _make_empty_view(shell: CommandLine) -> None:
    """A view whose last volume left its group."""
    shell.json("volume", "create", "moving-on", "--size", "1", "--service-level", "Silver")
    attach = ("volume", "attach", "moving-on", "--host", "node8", "--initiator", IQN.replace("node1", "node8"))
    device = shell.json(*attach)["device_id"]
    array = shell.simulator.arrays[ARRAY]
    shell.simulator.arrays[ARRAY].update_volume(device, storage_groups=("OS-SRP_1-Gold-NONE-SG",))
    assert array.volumes[device].storage_groups == ("OS-SRP_1-Gold-NONE-SG",)


def test_an_array_in_order(shell) -> None:
    """Nothing is found, nothing is changed, and the status says so."""
    finished = shell.call("audit")
    assert (finished.status, finished.out) == (0, "Nothing was found.\n")
    assert shell.json("audit") == []
    assert shell.changes() == []


def test_what_is_found(littered) -> None:
    """Every finding is named with its evidence and what to do; the status is 4, and nothing is changed."""
    finished = littered.run("audit", "-f", "json", "--long")
    assert finished.status == 4, finished.err
    found = {row["finding"]: row for row in finished.data}
    assert {name: row["kind"] for name, row in found.items() if row["is_repairable"]} == REPAIRABLE
    assert {name for name, row in found.items() if not row["is_repairable"]} == LEFT_TO_PEOPLE
    assert littered.changes() == []


def test_what_repairs_would_do(littered) -> None:
    """With --dry-run every repair is told, step by step, and nothing is changed."""
    finished = littered.call("repair", *REPAIRABLE, "--dry-run", "-f", "json")
    assert finished.status == 0, finished.err
    steps = [step["step"] for preview in finished.data for step in preview["steps"]]
    assert steps.count("DeleteStorageGroup") == 2
    assert {"DeleteMaskingView", "DeleteInitiatorGroup", "SetHostIoLimits"} < set(steps)
    assert littered.changes() == []


def test_repairs(littered) -> None:
    """Repairs go on until only what people must decide is left; no volume and no path is lost on the way."""
    array = littered.simulator.arrays[ARRAY]
    before = (set(array.volumes), "OS-node1-I-OS-iscsi-PG-MV" in array.masking_views)
    rounds = 0
    while repairable := [row["finding"] for row in audited(littered) if row["is_repairable"]]:
        finished = littered.call("repair", *repairable, "--yes")
        assert finished.status == 0, finished.err
        rounds += 1
    assert rounds == 3
    assert {row["finding"] for row in audited(littered)} == LEFT_TO_PEOPLE
    assert (set(array.volumes), "OS-node1-I-OS-iscsi-PG-MV" in array.masking_views) == before
    assert not {"node6", "node7", "node8"} & {name.split("-")[1] for name in array.hosts}


def audited(shell: CommandLine) -> list[dict[str, object]]:
    """The findings, all columns."""
    return shell.call("audit", "--long", "-f", "json").data


@pytest.mark.parametrize(
    ("finding", "status", "said"),
    [
        ("VOL02:00005", 2, "a person has to decide"),
        ("GRP02:payroll", 2, "names begin with OS-"),
        ("GRP01:OS-SRP_1-Gold-NONE-SG", 4, "is in use by 2 volumes"),
        ("VIEW01:OS-node1-I-OS-iscsi-PG-MV", 4, "is in use by"),
        ("HOST02:OS-node1-I-IG", 4, "is in use by masking view OS-node1-I-OS-iscsi-PG-MV"),
        ("GRP04:OS-node1-I-OS-iscsi-PG-SG", 2, "no group in which volumes wait"),
        ("XYZ01:a", 2, "There are VOL01"),
        ("GRP01", 2, "RULE:NAME"),
    ],
)
def test_repairs_that_are_refused(littered, finding, status, said) -> None:
    """What is in use, not ours, or no finding is left alone, and the reason is told."""
    finished = littered.call("repair", finding)
    assert finished.status == status
    assert said in " ".join(finished.err.split())
    assert littered.changes() == []


def test_what_is_gone_is_no_error(littered) -> None:
    """Repairing what somebody else has repaired says that nothing was needed."""
    [row] = littered.json("repair", "HOST01:OS-nobody-I-IG")
    assert row == {"finding": "HOST01:OS-nobody-I-IG", "kind": "host", "name": "OS-nobody-I-IG", "was_needed": False}


def test_one_rule(littered) -> None:
    """`--rule` limits the audit, and the table fits the terminal."""
    finished = littered.call("audit", "--rule", "port01")
    assert finished.status == 4
    assert finished.widest <= 80
    assert "PORT01:OS-iscsi-PG" in finished.out
    assert littered.call("audit", "--rule", "VOL04").status == 0
    assert littered.call("audit", "--rule", "VOL99").status == 2


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_full_array_is_audited_with_few_calls(tmp_path) -> None:
    """64,000 volumes, 4,000 storage groups and 2,000 hosts take a page for each thousand volumes and few calls more."""
    with Simulator(fixture="large", tls=True) as simulator:
        simulator.serve()
        shell = CommandLine.of(simulator, tmp_path)
        simulator.requests.clear()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        finished = shell.run("audit", "-f", "json")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert (finished.status, finished.data) == (0, [])
        pages = 64
        assert len(simulator.requests) <= pages + 100
        assert used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime < 60
