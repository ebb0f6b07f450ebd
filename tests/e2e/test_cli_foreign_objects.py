"""What others made on an array, in forms that pmax never makes, is shown all the same."""

import pytest
import requests

from tests.e2e.cli_process import ARRAY, IQN, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell on an array with a cluster that sees a group without children, and a host that sees nothing."""
    make(powermax_simulator, "host", {"hostId": "member", "initiatorId": [IQN]})
    make(powermax_simulator, "host", {"hostId": "idle", "initiatorId": [f"{IQN}-idle"]})
    make(powermax_simulator, "hostgroup", {"hostGroupId": "cluster", "hostId": ["member"]})
    level = {
        "sloId": "Gold",
        "workloadSelection": "NONE",
        "volumeAttributes": [{"num_of_vols": 2, "volume_size": "1", "capacityUnit": "GB"}],
    }
    make(
        powermax_simulator,
        "storagegroup",
        {"storageGroupId": "alone", "srpId": "SRP_1", "emulation": "FBA", "sloBasedStorageGroupParam": [level]},
    )
    make(
        powermax_simulator,
        "maskingview",
        {
            "maskingViewId": "shared",
            "hostOrHostGroupSelection": {"useExistingHostGroupParam": {"hostGroupId": "cluster"}},
            "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": "OS-iscsi-PG"}},
            "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": "alone"}},
        },
    )
    return CommandLine.of(powermax_simulator, tmp_path)


def make(simulator, kind: str, body: dict[str, object]) -> None:
    """Make an object as another client would."""
    answer = requests.post(
        f"{simulator.url}/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}/{kind}",
        json=body,
        auth=("smc", "smc"),
        verify=str(simulator.ca_path),
        timeout=10,
    )
    assert answer.ok, answer.text


TREE = f"""\
array 000197900999  PowerMax_2000  5978.669.669
├── host cluster  host group
│   └── view shared  port group OS-iscsi-PG  SE-4E:0  SE-5E:0
│       └── group alone  Gold
│           ├── 00003  (no identifier)  1 GiB  LUN 1
│           └── 00004  (no identifier)  1 GiB  LUN 2
├── host idle  {IQN}-idle  sees nothing
├── host member  {IQN}  sees what its host group sees
├── 00001  (no identifier)  0.01 GiB
└── 00002  (no identifier)  0.01 GiB
"""


def test_a_host_group_and_a_group_without_children(shell) -> None:
    """A view of a host group hangs below the host group; its members refer to it."""
    assert shell.call("tree").out == TREE


def test_a_host_group_has_a_tree(shell) -> None:
    """A host group can be asked for like a host."""
    assert shell.json("tree", "host", "cluster")["children"][0]["name"] == "shared"


def test_a_volume_of_a_host_group(shell) -> None:
    """A volume says which host group sees it."""
    [sight] = shell.json("volume", "show", "3")["seen_by"]
    assert (sight["host"], sight["masking_view"], sight["lun"]) == ("cluster", "shared", 1)


def test_a_volume_without_identifier_can_be_deleted(shell) -> None:
    """A volume that nobody named is deleted by its device id once no host sees it."""
    assert shell.call("volume", "delete", "3", "--yes").status == 4
    assert shell.json("volume", "delete", "1", "--yes") == [
        {"device_id": "00001", "identifier": None, "was_present": True}
    ]
