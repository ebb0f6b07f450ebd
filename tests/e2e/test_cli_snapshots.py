"""The verbs for snapshots and clones, against a simulator over HTTPS."""

import pytest

from pmax.simulator import ManualClock
from tests.e2e.cli_process import ARRAY, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True, clock="manual")


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a configured `pmax`, and a volume `finance` of 2 GiB, device 00003."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.json("volume", "create", "finance", "--size", "2", "--service-level", "Gold")
    return shell


def array(shell):
    """The array as it is."""
    return shell.simulator.arrays[ARRAY]


def names(shell) -> list[str]:
    """Names of all snapshots."""
    return [snapshot.name for snapshot in array(shell).snapshots]


def test_a_life(shell) -> None:
    """Taken, listed, shown, copied, linked, unlinked, restored, deleted: data right at every turn."""
    then = array(shell).write("00003")
    made = shell.json("snapshot", "create", "finance", "nightly")
    assert (made["device_id"], made["snapshot"], made["generation"]) == ("00003", "nightly", 0)
    array(shell).write("00003")
    assert [row["snapshot"] for row in shell.json("snapshot", "list")] == ["nightly"]
    [row] = shell.json("snapshot", "list", "finance", "--long")
    assert (row["snap_id"], row["state"], row["linked_to"]) == (made["snap_id"], "established", [])

    copy = shell.json("volume", "clone", "finance", "copy", "--snapshot", "nightly", "--size", "3")
    assert (copy["source"], copy["snapshot"], copy["storage_group"]) == ("00003", "nightly", "OS-SRP_1-Gold-NONE-SG")
    assert array(shell).read(copy["device_id"]) == then
    shell.json("volume", "create", "report", "--size", "2")
    shell.json("snapshot", "link", "finance", "nightly", "report", "--yes")
    shown = shell.json("snapshot", "show", "finance", "nightly")
    assert {link["device_id"] for link in shown["linked_to"]} == {"00004", "00005"}
    assert shell.json("snapshot", "unlink", "finance", "nightly", "report")["was_linked"] is True
    assert array(shell).read("00005") == then

    shell.json("snapshot", "restore", "finance", "nightly", "--yes")
    assert array(shell).read("00003") == then
    gone = shell.json("snapshot", "delete", "finance", "nightly", "--yes")
    assert (gone["was_present"], gone["unlinked"]) == (True, ["00004"])
    assert (names(shell), array(shell).links) == ([], {})
    assert array(shell).read("00004") == then


def test_clone_and_tidy(shell) -> None:
    """A clone is kept as its source is; an hour later `tidy` takes away what it left, and nothing of a user's."""
    data = array(shell).write("00003")
    clone = shell.json("volume", "clone", "finance", "test")
    assert (clone["size_gib"], clone["storage_group"]) == (2.0, "OS-SRP_1-Gold-NONE-SG")
    shell.json("snapshot", "create", "finance", "nightly", "--hours", "100")
    assert shell.json("snapshot", "tidy") == []
    assert isinstance(shell.simulator.clock, ManualClock)
    shell.simulator.clock.advance(3700)
    [tidied] = shell.json("snapshot", "tidy")
    assert tidied["unlinked"] == [clone["device_id"]]
    assert names(shell) == ["nightly"]
    assert array(shell).read(clone["device_id"]) == data


@pytest.mark.parametrize(
    "arguments",
    [
        ("snapshot", "create", "finance", "another"),
        ("snapshot", "delete", "finance", "nightly"),
        ("snapshot", "link", "finance", "nightly", "report"),
        ("snapshot", "restore", "finance", "nightly"),
        ("volume", "clone", "finance", "copy"),
        ("volume", "clone", "finance", "copy", "--snapshot", "nightly"),
    ],
    ids=" ".join,
)
def test_a_dry_run_changes_nothing(shell, arguments) -> None:
    """Every step is shown with its calls, and none is made."""
    shell.json("snapshot", "create", "finance", "nightly")
    shell.json("volume", "create", "report", "--size", "2")
    shell.simulator.requests.clear()
    shown = shell.json(*arguments, "--dry-run")
    assert any(step["calls"] for step in shown["steps"])
    assert shell.changes() == []


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("snapshot", "show", "finance", "weekly"), 3, "weekly"),
        (("snapshot", "restore", "finance", "weekly", "--yes"), 3, "weekly"),
        (("volume", "clone", "finance", "copy", "--snapshot", "weekly"), 3, "weekly"),
        (("snapshot", "create", "finance", "nightly"), 4, "exists already"),
        (("snapshot", "create", "finance", "a name"), 2, "a name"),
        (("volume", "clone", "finance", "copy", "--size", "1"), 2, "2 GiB at least"),
        (("volume", "clone", "finance", "finance"), 4, "exists already"),
        (("volume", "clone", "finance", "copy", "--generation", "1"), 2, "--snapshot"),
        (("snapshot", "delete", "finance", "nightly"), 2, "--yes"),
        (("snapshot", "delete", "finance", "temp-00003-snapshot_for_clone", "--yes"), 2, "Temporary"),
        (("volume", "delete", "finance", "--yes"), 4, "nightly"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_refusals(shell, arguments, status, words) -> None:
    """Each says what is the matter, and changes nothing."""
    shell.json("snapshot", "create", "finance", "nightly")
    shell.simulator.requests.clear()
    finished = shell.call(*arguments)
    assert (finished.status, words in finished.err) == (status, True), finished.err
    assert shell.changes() == []
