"""`--wait` of the verbs whose work goes on by itself, and what Ctrl-C says meanwhile."""

import pytest

from pmax.simulator import AfterReads, Behaviour
from tests.e2e.cli_process import ARRAY, CommandLine
from tests.e2e.cli_story import furnish

GROUP = "23_24_070"
GOES_ON = Behaviour(copy_pace=AfterReads(2), sync_pace=AfterReads(3))

pytestmark = pytest.mark.powermax_simulator(tls=True, behaviour=GOES_ON)


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a snapshot, and a pair; the array takes its time to copy."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    furnish(shell)
    return shell


def test_a_copy_is_waited_for(shell) -> None:
    """With --wait a link ends when everything is copied; without it, or without --copy, when it is made."""
    shell.json("snapshot", "create", "finance-01", "friday")
    for name in ("copy-01", "copy-02"):
        shell.json("volume", "create", name, "--size", "10")
    link = ("snapshot", "link", "finance-01", "friday")
    assert shell.call(*link, "copy-01", "--copy", "--yes").err == ""
    waited = shell.call(*link, "copy-02", "--copy", "--wait", "--yes")
    device = next(key for key, each in shell.simulator.arrays[ARRAY].volumes.items() if each.identifier == "copy-02")
    assert waited.status == 0
    assert waited.err.endswith(f"pmax: copying friday to volume {device}: 100 % copied\n")
    shown = shell.json("snapshot", "show", "finance-01", "friday")["linked_to"]
    assert {each["device_id"]: each["state"] for each in shown}[device] == "copied"
    assert shell.call("-q", "snapshot", "unlink", "finance-01", "friday", "copy-02").err == ""


def test_pairs_are_waited_for(shell) -> None:
    """With --wait a resume ends when the pairs have nothing left to copy, and tells their states until then."""
    shell.json("rdf", "suspend", GROUP, "--yes")
    waited = shell.call("rdf", "resume", GROUP, "--wait")
    assert waited.status == 0
    assert "in RDF group 23_24_070: SyncInProg\n" in waited.err
    assert waited.err.endswith(": Consistent\n")
    assert shell.json("rdf", "show", GROUP)["pairs"][0]["state"] == "Consistent"


def test_a_job_is_waited_for(shell) -> None:
    """With --wait a job is shown when it has ended; the status says how. One that has ended is shown at once."""
    job = shell.json("job", "list", "--limit", "1")[0]["job_id"]
    assert shell.json("job", "show", job, "--wait")["status"] == "SUCCEEDED"
