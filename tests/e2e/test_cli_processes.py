"""Every verb as a process of its own, in a pipe and on a terminal, narrow and wide; and wrong arguments of each kind.

`PMAX_WRITE_GOLDEN=1 pytest tests/e2e/test_cli_processes.py` writes the golden files anew, as with
`test_cli_every_verb`: look at what they show before you commit them.
"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pmax.simulator import Simulator
from tests.e2e.cli_forks import Forks
from tests.e2e.cli_process import CommandLine
from tests.e2e.cli_story import LOOKS, MORE, agreed, arguments, furnish, is_writing, scenes, written


@contextmanager
def furnished(folder) -> Iterator[Forks]:
    """What runs `pmax` against a simulator with everything that the examples of the verbs need."""
    with Simulator(tls=True) as simulator:
        simulator.serve()
        shell = CommandLine.of(simulator, folder)
        furnish(shell)
        with Forks(shell) as forks:
            yield forks


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("form", "is_terminal"), [("json", False), ("80", False), ("80", True), ("200", False), ("200", True)]
)
def test_every_verb(tmp_path, form, is_terminal) -> None:
    """A process of its own shows what was found good, no line wider than asked for, and colours for terminals only."""
    columns, options = LOOKS[form]
    with furnished(tmp_path) as forks:
        run = forks.on_terminal if is_terminal else forks.piped
        for name, examples in scenes(forks.shell):
            is_whole = form == "80" or name in MORE or is_writing(name)
            words = {each: arguments(forks.shell, each) for each in (examples if is_whole else examples[:1])}
            runs = [(each, run(*words[each], *options, columns=columns)) for each in words]
            assert form == "json" or all(finished.widest <= columns for _, finished in runs)
            tells = is_terminal and (name in MORE or is_writing(name))
            text = "\n".join(written(*each) for each in runs)
            agreed(name, f"{form}.terminal" if tells else form, text)


#: Of each kind of mistake one: the status, and what the first and the second sentence have to say.
MISTAKES = {
    "volume list --colour": (2, "does not take --colour.", "pmax help volume list"),
    "--colour volume list": (2, "does not take --colour.", "pmax --help"),
    "volume paint": (2, "`pmax volume paint` is not a command.", "pmax volume list"),
    "path finance-01": (2, "`pmax path` needs HOST.", "pmax path VOLUME HOST"),
    "path finance-01 node1 twice": (2, "does not take twice.", "pmax path VOLUME HOST"),
    "volume create new-01 --size big": (2, "'big' is no whole number of GiB.", "--size GIB"),
    "volume extend finance-01 --size 5": (2, "--size 5 is not valid.", "Volume 00003 has 10 GiB already"),
    "volume list --filter colour=red": (2, "--filter 'colour' is not valid.", "There are device_id"),
    "volume detach finance-01 --host node1 --all-hosts": (
        2,
        "not allowed with argument --host.",
        "pmax help volume detach",
    ),
    "storage group qos reports --iops 100 --none": (2, "It is not clear which limits are wanted.", "Give --iops"),
    "volume attach archive-01 --host node2": (2, "Host node2 cannot be attached", "Give --initiator IQN"),
    "volume show nobody": (3, "Volume nobody does not exist.", "`pmax volume list` shows the volumes."),
    "--array 777 volume list": (3, "Array 777 does not exist.", "`pmax array list` shows"),
    "volume rename finance-01 archive-01": (4, "Volume archive-01 exists already.", "Choose another name"),
    "volume delete finance-01 --yes": (4, "Volume 00003", "--force"),
}


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_wrong_arguments_of_each_kind(tmp_path) -> None:
    """One sentence names what is wrong and one says what to do, in a pipe and folded on a terminal; nothing changes."""
    with furnished(tmp_path) as forks:
        for line, (status, what, remedy) in MISTAKES.items():
            piped = forks.piped(*shlex.split(line), columns=80)
            shown = forks.on_terminal(*shlex.split(line), columns=80)
            assert (piped.status, piped.out, shown.status) == (status, "", status), line
            assert shown.widest <= 80
            assert shown.out.split() == piped.err.split()
            first, second = piped.err.split("\n", 1)
            assert first.startswith("pmax: ")
            assert what in first
            assert remedy in second
            assert second.startswith("      ")
        assert forks.shell.changes() == []
