"""`pmax` on a real terminal: what it asks, what it tells meanwhile, and how wide it draws."""

import re
import subprocess
import sys

import pytest

from tests.e2e.cli_process import ARRAY, ROOT, CommandLine
from tests.e2e.terminal import on_terminal

pytestmark = pytest.mark.powermax_simulator(tls=True)

CONTROL = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with volume 00003 seen by a host, and 00004 by nobody."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.furnish()
    return shell


def identifiers(shell: CommandLine) -> set[str | None]:
    """Identifiers of the volumes on the array."""
    return {volume.identifier for volume in shell.simulator.arrays[ARRAY].volumes.values()}


@pytest.mark.parametrize(("answer", "status", "is_gone"), [("y\n", 0, True), ("n\n", 1, False), ("\n", 1, False)])
def test_it_asks_before_data_is_lost(shell, answer, status, is_gone) -> None:
    """Only a yes deletes; the question names the volume and its size, and nothing but yes is taken for one."""
    ended, shown = on_terminal(shell, "volume", "delete", "archive-01", typed=answer)
    assert ended == status
    question = "Delete volume 00004 (archive-01) of 3 GiB and its data? This cannot be undone. [y/N]"
    assert question in " ".join(shown.split())
    assert ("archive-01" not in identifiers(shell)) is is_gone


@pytest.mark.parametrize(("answer", "status"), [("2\n", 0), ("y\n", 1), ("1\n", 1)])
def test_several_are_asked_for_by_their_number(shell, answer, status) -> None:
    """Nobody deletes several volumes by habit: their number has to be typed."""
    shell.json("volume", "create", "archive-02", "--size", "1")
    ended, shown = on_terminal(shell, "volume", "delete", "archive-01", "archive-02", typed=answer)
    assert ended == status
    assert "Delete 2 volumes of 4 GiB and their data? This cannot be undone. Type 2 to go on:" in " ".join(
        shown.split()
    )
    assert ({"archive-01", "archive-02"} & identifiers(shell) == set()) is (status == 0)


def test_it_tells_what_it_does(shell) -> None:
    """On a terminal every step is told as it is done, and that a list is read that has to be sorted; -q is quiet."""
    _, shown = on_terminal(shell, "volume", "list", "--sort-column", "size_gib")
    assert "reading" in shown
    assert "reading" not in on_terminal(shell, "volume", "list")[1]
    _, shown = on_terminal(shell, "volume", "create", "new-01", "--size", "1")
    assert "  done   create volume new-01 of 1 GiB in storage group OS-SRP_1-Diamond-NONE-SG\n" in shown
    _, shown = on_terminal(shell, "-q", "volume", "create", "new-02", "--size", "1")
    assert "done" not in shown


@pytest.mark.timeout(240)
@pytest.mark.parametrize("columns", [80, 200])
def test_nothing_is_wider_than_the_terminal(shell, columns) -> None:
    """Colours apart, no line is wider than the terminal."""
    for verb in (("volume", "list", "--long"), ("pool", "list"), ("tree",), ("doctor",)):
        status, shown = on_terminal(shell, *verb, columns=columns)
        assert status == 0
        assert max(len(line) for line in CONTROL.sub("", shown).splitlines()) <= columns, verb


def test_colours_are_for_terminals(shell) -> None:
    """On a terminal headings are bold; in a pipe there are no control characters."""
    _, shown = on_terminal(shell, "array", "list")
    assert CONTROL.search(shown)
    assert not CONTROL.search(shell.run("array", "list").out)


def test_a_reader_that_goes_away_is_no_error(shell) -> None:
    """`pmax volume list | head -1` ends without a complaint."""
    script = f"{sys.executable} -m pmax volume list -f value | head -c 1"
    finished = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, cwd=ROOT, env=shell.environment()
    )
    assert (finished.stdout, finished.stderr) == ("0", "")
