"""The verbs that change something, against a simulator over HTTPS; as real processes where that matters."""

import pytest
import requests

from tests.e2e.cli_process import ARRAY, IQN, OTHER_ARRAY, WWPN, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)

WIDTH = 80
GROUP = "OS-SRP_1-Diamond-NONE-SG"
VIEW = "OS-node1-I-OS-iscsi-PG-MV"


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a configured `pmax`."""
    return CommandLine.of(powermax_simulator, tmp_path)


@pytest.fixture
def furnished(shell) -> CommandLine:
    """The same, with volume 00003 seen by a host and volume 00004 by nobody."""
    shell.furnish()
    return shell


CREATED = f"""\
Array id       {ARRAY}
Device id      00003
Identifier     finance-01
Size GiB       10
Storage group  {GROUP}
"""


def test_volume_create(shell) -> None:
    """A volume is made in the default storage group of the configured service level."""
    finished = shell.run("volume", "create", "finance-01", "--size", "10")
    assert (finished.status, finished.out, finished.err) == (0, CREATED, "")
    array = shell.simulator.arrays[ARRAY]
    assert array.volumes["00003"].identifier == "finance-01"
    assert array.storage_groups[GROUP].name == GROUP


@pytest.mark.parametrize(
    ("options", "group"),
    [
        (("--service-level", "Gold"), "OS-SRP_1-Gold-NONE-SG"),
        (("--service-level", "None"), "OS-no_SLO-SG"),
        (("--pool", f"Silver+None+SRP_1+{ARRAY}"), "OS-SRP_1-Silver-NONE-SG"),
        (("--no-compression",), "OS-SRP_1-Diamond-NONE-CD-SG"),
    ],
)
def test_volume_create_chooses_the_group_as_cinder_would(shell, options, group) -> None:
    """Service level, pool and compression decide the storage group, by the names that the Cinder driver uses."""
    made = shell.json("volume", "create", "finance-01", "--size", "1", *options)
    assert made["storage_group"] == group


def test_a_name_in_use_is_refused(shell) -> None:
    """The array would take a second volume of the same name; pmax does not."""
    shell.json("volume", "create", "finance-01", "--size", "1")
    shell.simulator.requests.clear()
    finished = shell.call("volume", "create", "finance-01", "--size", "1")
    assert finished.status == 4
    assert finished.err.startswith("pmax: Volume finance-01 exists already.\n")
    assert shell.changes() == []


def test_volume_create_elsewhere(shell) -> None:
    """With --array the volume is made on that array, and on no other."""
    made = shell.json("--array", "998", "volume", "create", "finance-01", "--size", "1")
    assert made["array_id"] == OTHER_ARRAY
    assert "finance-01" not in {volume.identifier for volume in shell.simulator.arrays[ARRAY].volumes.values()}


def test_volume_extend(furnished) -> None:
    """An attached volume grows while its host sees it."""
    finished = furnished.run("volume", "extend", "finance-01", "--size", "20")
    assert (finished.status, finished.err) == (0, "")
    assert "Before GiB  10\nAfter GiB   20\n" in finished.out
    assert furnished.simulator.arrays[ARRAY].volumes["00003"].cylinders == 10923


def test_volume_extend_never_shrinks(furnished) -> None:
    """A smaller size is refused before anything is sent."""
    finished = furnished.call("volume", "extend", "finance-01", "--size", "5")
    assert finished.status == 2
    assert "volume 00003 has 10" in finished.err.lower()
    assert furnished.changes() == []


def test_attach_and_detach_over_iscsi(shell) -> None:
    """A host sees a volume under a LUN, and after the detach the host has left nothing on the array."""
    shell.json("volume", "create", "finance-01", "--size", "1")
    before = shell.objects()
    made = shell.json("volume", "attach", "finance-01", "--host", "node1", "--initiator", IQN, "--multipath")
    assert (made["lun"], made["masking_view"], made["was_attached"]) == (1, VIEW, False)
    assert made["connection_info"]["data"]["target_portals"] == ["10.10.0.250:3260", "10.11.0.250:3260"]
    assert shell.json("volume", "attach", "3", "--host", "node1", "--initiator", IQN)["was_attached"] is True
    gone = shell.json("volume", "detach", "finance-01", "--host", "node1")
    assert gone["was_attached"] is True
    assert shell.objects() == before
    assert shell.json("volume", "detach", "finance-01", "--host", "node1")["was_attached"] is False


def test_attach_and_detach_over_fibre_channel(furnished) -> None:
    """WWPNs in any form attach a host over FC; the detach tells which zones nobody needs any more."""
    before = furnished.objects()
    wwpns = ("--wwpn", "10:00:00:90:FA:5E:1A:04", "--wwpn", "10000090fa5e1a05")
    made = furnished.json("volume", "attach", "4", "--host", "node2", *wwpns, "--port-group", "OS-fibre-PG")
    assert len(made["paths"]) == 4
    gone = furnished.json("volume", "detach", "4", "--host", "node2")
    assert set(gone["disconnection_info"]["data"]["initiator_target_map"]) == {WWPN, "10000090fa5e1a05"}
    assert furnished.objects() == before


def test_attach_for_people(shell) -> None:
    """What the host needs to know fits a terminal."""
    shell.json("volume", "create", "finance-01", "--size", "1")
    finished = shell.call("volume", "attach", "finance-01", "--host", "node1", "--initiator", IQN, "--multipath")
    assert finished.status == 0
    assert finished.widest <= WIDTH
    assert f"Paths            {IQN} → SE-4E:0\n" in finished.out


def test_detach_from_all_hosts(furnished) -> None:
    """Two hosts see a volume, and after one command none does."""
    furnished.json("volume", "attach", "3", "--host", "node2", "--initiator", "iqn.1994-05.com.example:node2")
    assert len(furnished.json("volume", "show", "3")["seen_by"]) == 2
    assert furnished.json("volume", "detach", "3", "--all-hosts")["was_attached"] is True
    assert furnished.json("volume", "show", "3")["seen_by"] == []
    assert furnished.objects()["masking views"] == []


def test_the_chap_secret_is_not_shown(shell) -> None:
    """What a host is told is shown without its password."""
    shell.stanza |= {"use_chap_auth": "True", "chap_username": "user1", "chap_password": "a-secret-of-chap"}
    shell.json("volume", "create", "finance-01", "--size", "1")
    finished = shell.run("volume", "attach", "3", "--host", "node1", "--initiator", IQN, "-f", "json")
    assert finished.data["connection_info"]["data"]["auth_password"] == "***"
    assert "a-secret-of-chap" not in finished.out + finished.err


def test_volume_delete(furnished) -> None:
    """Several volumes are deleted in one go, and a group that is left empty goes with its last volume."""
    furnished.json("volume", "create", "archive-02", "--size", "1", "--service-level", "Gold")
    rows = furnished.json("volume", "delete", "archive-01", "archive-02", "--yes")
    assert [(row["identifier"], row["was_present"]) for row in rows] == [("archive-01", True), ("archive-02", True)]
    assert "OS-SRP_1-Gold-NONE-SG" not in furnished.objects()["storage groups"]
    assert furnished.objects()["volumes"] == ["00001", "00002", "00003"]


def test_nothing_is_deleted_if_one_volume_is_in_use(furnished) -> None:
    """All volumes are looked at before the first is deleted."""
    finished = furnished.call("volume", "delete", "archive-01", "finance-01", "--yes")
    assert finished.status == 4
    assert finished.err == (
        "pmax: Volume 00003 cannot be deleted, so nothing was.\n"
        "      OS-node1-I-IG sees volume 00003 through view OS-node1-I-OS-iscsi-PG-MV.\n"
        "      --force takes volumes away from their hosts.\n"
    )
    assert furnished.changes() == []


def test_a_volume_is_taken_from_its_hosts_by_force(furnished) -> None:
    """With --force the hosts lose the volume before it is deleted, and nothing of them is left."""
    finished = furnished.call("volume", "delete", "archive-01", "finance-01", "--yes", "--force", "-f", "json")
    assert [row["was_present"] for row in finished.data] == [True, True]
    assert "OS-node1-I-IG sees volume 00003" in finished.err
    objects = furnished.objects()
    assert objects == {"volumes": ["00001", "00002"], "storage groups": [], "hosts": [], "masking views": []}


def test_no_snapshot_is_deleted_by_force(furnished) -> None:
    """A volume with snapshots stays with --force too, and its snapshots are named."""
    path = f"/univmax/restapi/private/92/replication/symmetrix/{ARRAY}/snapshot/daily"
    body = {"deviceNameListSource": [{"name": "00004"}], "bothSides": False, "star": False, "force": False}
    address, trusted = furnished.simulator.url, str(furnished.simulator.ca_path)
    answer = requests.post(f"{address}{path}", json=body, auth=("smc", "smc"), verify=trusted, timeout=10)
    assert answer.ok, answer.text
    furnished.simulator.requests.clear()
    finished = furnished.call("volume", "delete", "4", "--yes", "--force")
    assert finished.status == 4
    assert "Volume 00004 has snapshots: daily." in finished.err
    assert "--force does neither" in finished.err
    assert furnished.changes() == []


def test_nothing_is_deleted_without_consent(furnished) -> None:
    """Where nobody can be asked, --yes must be given."""
    finished = furnished.call("volume", "delete", "archive-01")
    assert finished.status == 2
    assert "--yes" in finished.err
    assert furnished.changes() == []


DRY_RUNS = [
    ("volume", "create", "new-01", "--size", "1"),
    ("volume", "extend", "finance-01", "--size", "20"),
    ("volume", "delete", "archive-01"),
    ("volume", "delete", "finance-01", "--force"),
    ("volume", "attach", "archive-01", "--host", "node2", "--initiator", "iqn.1994-05.com.example:node2"),
    ("volume", "detach", "finance-01", "--host", "node1"),
    ("volume", "detach", "finance-01", "--all-hosts"),
]


@pytest.mark.parametrize("arguments", DRY_RUNS, ids=" ".join)
def test_a_dry_run_sends_no_change(furnished, arguments) -> None:
    """The plan is shown in words and as data, with every call that it would make, and only questions are sent."""
    before = furnished.objects()
    finished = furnished.call(*arguments, "--dry-run")
    assert (finished.status, finished.err) == (0, "")
    assert "Nothing was sent." in finished.out
    assert finished.widest <= WIDTH
    steps = furnished.json(*arguments, "--dry-run")["steps"]
    assert steps
    assert {call["verb"] for step in steps for call in step["calls"]} <= {"POST", "PUT", "DELETE"}
    assert furnished.changes() == []
    assert furnished.objects() == before


CREATION = f"""\
Create volume finance-01 of 10 GiB would take these steps. Nothing was sent.
  1. Create storage group {GROUP} (Diamond)
       POST /92/sloprovisioning/symmetrix/000197900999/storagegroup
  2. Create volume finance-01 of 10 GiB in storage group
     {GROUP}
       PUT /92/sloprovisioning/symmetrix/000197900999/storagegroup/OS-SRP_1-Diam
         ond-NONE-SG
In the end:
  - storage group {GROUP} exists
  - volume finance-01 exists, has 10 GiB, is in storage group
    {GROUP}
"""


def test_a_dry_run_for_people(shell) -> None:
    """Each step is a numbered line with its calls, and -v shows what they carry."""
    arguments = ("volume", "create", "finance-01", "--size", "10", "--dry-run")
    assert shell.run(*arguments).out == CREATION
    assert '"identifier_name": "finance-01"' in " ".join(shell.run("-v", *arguments).out.split())


def test_what_a_dry_run_shows_is_what_is_sent(shell) -> None:
    """The calls of the plan are those that the simulator then sees, in the same order."""
    arguments = ("volume", "create", "finance-01", "--size", "10")
    planned = [call for step in shell.json(*arguments, "--dry-run")["steps"] for call in step["calls"]]
    shell.json(*arguments)
    assert shell.changes() == [f"{call['verb']} /univmax/restapi{call['path']}" for call in planned]


def test_steps_are_told_on_request(shell) -> None:
    """With -v each step is told as it is done, beside the result."""
    finished = shell.run("-v", "volume", "create", "finance-01", "--size", "1")
    assert f"  done   create storage group {GROUP} (Diamond)\n" in finished.err
    assert "create storage group" not in finished.out


def test_journal_recover(shell) -> None:
    """With nothing interrupted there is nothing to recover, in earnest and as a dry run."""
    for options in ((), ("--dry-run",)):
        assert shell.call("journal", "recover", *options).out == "Nothing to recover.\n"
        assert shell.json("journal", "recover", *options) == []


def test_a_dry_run_of_what_is_there_already(furnished) -> None:
    """A plan that only looks says that nothing would change."""
    shown = furnished.call("volume", "attach", "finance-01", "--host", "node1", "--initiator", IQN, "--dry-run").out
    assert shown.endswith("\nNothing would change.\n")
    assert "In the end:" not in shown
