"""Processes with a journal of their own, made to be killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: What a child process needs to have a journal of its own.
PRELUDE = """
import sys
from pmax.adapters.journal import SqliteJournal
from pmax.adapters.system import SystemClock
from tests.unit.adapters.plan_samples import LOCKS, OUTCOME, PLAN, STEPS

def say(*words):
    print(*words, flush=True)

journal = SqliteJournal(sys.argv[1], SystemClock())
"""

DIES_IN_THE_MIDDLE = """
operation = journal.begin("AttachVolume", PLAN, LOCKS)
journal.intend(operation, 0, STEPS[0])
journal.record(operation, 0, OUTCOME)
journal.intend(operation, 1, STEPS[1])
say(operation)
sys.stdin.read()
"""


@contextmanager
def child(script: str, directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the script over the journal in a directory; killed in the end."""
    command = [sys.executable, "-c", PRELUDE + script, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that a child says."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def rest_of(process: subprocess.Popen[str]) -> list[str]:
    """The lines that a child said before it died."""
    assert process.stdout is not None
    return process.stdout.read().splitlines()


def die(process: subprocess.Popen[str]) -> None:
    """SIGKILL."""
    process.kill()
    process.wait()


def leave_an_operation(directory: Path) -> str:
    """Kill a process in the middle of an operation; returns the operation's id."""
    with child(DIES_IN_THE_MIDDLE, directory) as process:
        operation_id = line_of(process)
        die(process)
    return operation_id
