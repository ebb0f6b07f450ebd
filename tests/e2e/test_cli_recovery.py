"""What `pmax` does about operations that were interrupted."""

import signal
import subprocess
import sys

import pytest

from tests.e2e.cli_process import ARRAY, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)

ATTACH = ("volume", "attach", "archive-01", "--host", "node2", "--initiator", "iqn.1994-05.com.example:node2")


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with volume 00003 seen by a host, and 00004 by nobody; the array answers slowly."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.furnish()
    powermax_simulator.application.latency_s = 0.6
    return shell


def interrupt(shell: CommandLine, number: signal.Signals) -> tuple[int, str]:
    """Begin an attach and end it with a signal as soon as two changes were made; return status and complaints."""
    with subprocess.Popen(
        [sys.executable, "-m", "pmax", *ATTACH],
        cwd=shell.folder,
        env=shell.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while len(shell.changes()) < 2:
            try:
                pytest.fail(f"it ended by itself with status {process.wait(timeout=0.02)}")
            except subprocess.TimeoutExpired:
                continue
        process.send_signal(number)
        complaints = process.communicate()[1]
    shell.simulator.application.latency_s = 0.0
    return process.returncode, complaints


def test_what_a_killed_command_left_is_listed_and_undone(shell) -> None:
    """After kill -9 in the middle of an attach the journal has it, and recovering takes everything back."""
    before = shell.objects()
    assert interrupt(shell, signal.SIGKILL)[0] == -signal.SIGKILL
    assert shell.objects() != before
    [entry] = shell.json("journal", "list")
    assert entry["command"] == "AttachVolume"
    assert "create initiator group OS-node2-I-IG with iqn.1994-05.com.example:node2" in entry["left"]
    assert shell.call("journal", "list").widest <= 80
    shown = shell.json("journal", "show", entry["operation_id"][:8])
    assert shown["recovery"] == "would undo"
    assert {step.partition(":")[0] for step in shown["steps"]} <= {"done", "begun, outcome not known", "not begun"}
    [planned] = shell.json("journal", "recover", "--dry-run")
    assert planned["verdict"] == "would undo"
    assert len(shell.json("journal", "list")) == 1
    [recovered] = shell.json("journal", "recover")
    assert (recovered["verdict"], recovered["left_behind"]) == ("undone", [])
    assert shell.objects() == before
    assert shell.json("journal", "list") == []


def test_the_doctor_tells_of_unfinished_operations(shell) -> None:
    """An interrupted operation is a warning, with the command that ends it."""
    interrupt(shell, signal.SIGKILL)
    finished = shell.call("doctor")
    assert "warning journal" in finished.out
    assert "`pmax journal recover` finishes or undoes" in " ".join(finished.out.split())


def test_interrupting_says_how_to_go_on(shell) -> None:
    """Ctrl-C ends the command with the status of an interruption; what it made is taken back, and it says so."""
    before = shell.objects()
    status, complaints = interrupt(shell, signal.SIGINT)
    assert status == 130
    assert "Interrupted" in complaints
    assert "taken back" in complaints
    assert "Traceback" not in complaints
    shell.json("journal", "recover")
    assert shell.objects() == before


def test_no_command_takes_back_what_it_did_not_show(shell) -> None:
    """An attach to the same host does what its preview says; what was interrupted waits for `journal recover`."""
    interrupt(shell, signal.SIGKILL)
    planned = shell.json(*ATTACH, "--dry-run")
    shell.json(*ATTACH)
    assert planned
    assert len(shell.json("journal", "list")) == 1
    attached = shell.simulator.arrays[ARRAY].volumes["00004"].storage_groups
    recovered = shell.call("journal", "recover")
    assert (recovered.status, recovered.widest <= 80) == (0, True)
    assert shell.simulator.arrays[ARRAY].volumes["00004"].storage_groups == attached
    assert "OS-node2-I-OS-iscsi-PG-MV" in shell.simulator.arrays[ARRAY].masking_views
    assert shell.json("journal", "list") == []


def test_an_operation_that_nobody_can_settle_is_forgotten(shell) -> None:
    """Whoever has seen to it himself says so, and is asked first; the array stays as it is."""
    interrupt(shell, signal.SIGKILL)
    left = shell.objects()
    [entry] = shell.json("journal", "list")
    refused = shell.call("journal", "forget", entry["operation_id"])
    assert refused.status == 2
    assert "Give --yes" in refused.err
    assert len(shell.json("journal", "list")) == 1
    forgotten = shell.json("journal", "forget", entry["operation_id"][:8], "--yes")
    assert forgotten["left"] == entry["left"]
    assert shell.json("journal", "list") == []
    assert shell.objects() == left
