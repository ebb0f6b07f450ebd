"""Somebody who knows nothing but `pmax --help`: everything that is typed is taken from what help shows."""

import re
import shlex

import pytest

from tests.e2e.cli_process import ARRAY, CommandLine
from tests.e2e.terminal import on_terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.powermax_simulator(tls=True)]

#: What the help calls its volume and its host, and what they are called here.
OURS = {"data-01": "finance-01", "node1": "node2"}
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Newcomer:
    """Somebody at a terminal of 80 columns."""

    def __init__(self, shell: CommandLine) -> None:
        """Read the list of commands."""
        self._shell = shell
        shown = self._type("--help")
        lines = shown.partition("\ncommands:\n")[2].partition("\n\n")[0].splitlines()
        self._commands = dict(re.split(r" {2,}", line.strip(), maxsplit=1) for line in lines)

    def does(self, wish: str, *, without: str = "--dry-run") -> str:
        """Find the one command whose summary says what is wanted, and type the example of its help.

        Args:
            wish: words that the summary has.
            without: examples with this are passed over.

        Returns:
            What the terminal showed.
        """
        (command,) = [name for name, summary in self._commands.items() if wish in summary]
        explained = self._shell.call("help", *command.split()).out
        examples = explained.partition("For example:")[2].partition(":\n")[0].rpartition("\n\n")[0]
        lines = [line for line in examples.replace("\\\n", " ").splitlines() if line.strip() and without not in line]
        words = [OURS.get(word, word) for word in shlex.split(lines[0])]
        assert words[0] == "pmax"
        return self._type(*words[1:])

    def _type(self, *words: str) -> str:
        status, shown = on_terminal(self._shell, *words)
        shown = CONTROL.sub("", shown)
        assert status == 0, f"pmax {shlex.join(words)}\n{shown}"
        return shown


def test_help_is_enough(powermax_simulator, tmp_path) -> None:
    """See arrays, find a volume, attach it, see its path, snapshot, extend, audit, clean up: by help alone."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    assert shell.call("volume", "create", "finance-01", "--size", "10").status == 0
    before, array = shell.objects(), powermax_simulator.arrays[ARRAY]
    newcomer = Newcomer(shell)

    assert ARRAY in newcomer.does("List the arrays")
    assert "finance-01" in newcomer.does("List the volumes of the array")
    assert "10" in newcomer.does("Show a volume and the hosts")
    assert "LUN" in newcomer.does("Let a host see a volume")
    assert list(array.masking_views) == ["OS-node2-I-OS-iscsi-PG-MV"]
    assert "port SE-4E:0  online" in newcomer.does("how a host reaches a volume")
    newcomer.does("Take a snapshot of a volume")
    assert [snapshot.name for snapshot in array.snapshots] == ["friday"]
    assert "After GiB   20" in newcomer.does("Make a volume larger")
    assert "Nothing was found." in newcomer.does("Find debris")

    newcomer.does("Take a volume away from a host")
    assert array.masking_views == {}
    newcomer.does("Delete a snapshot")
    newcomer.does("Delete volumes and their data")
    assert array.snapshots == ()
    assert "00003" in before["volumes"]
    assert shell.objects() == {**before, "volumes": ["00001", "00002"], "storage groups": []}
