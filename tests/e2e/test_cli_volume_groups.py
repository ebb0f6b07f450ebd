"""`pmax group …`: Cinder's volume groups, looked at and never changed."""

import pytest
import requests

from tests.e2e.cli_process import ARRAY, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)

GROUP_ID = "0f3b6a52-0b5a-4c2f-9c27-8f3d9b3f6f10"
NAME = f"payroll_{GROUP_ID}"


def snap(shell: CommandLine, name: str) -> None:
    """Take a snapshot of the group, as another client does."""
    answer = requests.post(
        f"{shell.simulator.url}/univmax/restapi/92/replication/symmetrix/{ARRAY}/storagegroup/{NAME}/snapshot",
        json={"snapshotName": name},
        auth=("smc", "smc"),
        verify=str(shell.simulator.ca_path),
        timeout=10,
    )
    assert answer.ok, answer.text


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a volume group of two volumes, one of which was there when it was snapped."""
    made = CommandLine.of(powermax_simulator, tmp_path)
    made.make("storagegroup", {"srpId": "None", "storageGroupId": NAME, "emulation": "FBA"})
    made.fill(NAME, 1)
    snap(made, "monday")
    made.fill(NAME, 1)
    snap(made, "tuesday")
    return made


def test_groups_and_their_snapshots(shell) -> None:
    """Groups are found by any part of their name; a snapshot is whole if every volume of today has it."""
    (listed,) = shell.json("group", "list")
    assert listed == {"storage_group": NAME, "group_id": GROUP_ID, "volumes": 2, "snapshots": 2}
    shown = shell.json("group", "show", "payroll")
    assert (shown["group_id"], len(shown["volumes"]), shown["snapshots"]) == (GROUP_ID, 2, ["monday", "tuesday"])
    assert shell.json("group", "snapshot", "list", GROUP_ID[:8]) == [
        {"snapshot": "monday", "volumes": 1, "is_whole": False, "is_linked": False},
        {"snapshot": "tuesday", "volumes": 2, "is_whole": True, "is_linked": False},
    ]
    assert f"group {NAME}  volume group" in shell.call("tree").out


def test_groups_that_are_not_there(shell) -> None:
    """A storage group of another kind is no volume group."""
    shell.make("storagegroup", {"srpId": "None", "storageGroupId": "others", "emulation": "FBA"})
    assert shell.call("group", "show", "others").status == 3
    assert len(shell.json("group", "list")) == 1
