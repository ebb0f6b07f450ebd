"""Every verb as a process of its own, in a pipe and on a terminal, narrow and wide; and wrong arguments of each kind.

`PMAX_WRITE_GOLDEN=1 pytest tests/e2e/test_cli_processes.py` writes the golden files anew, as with
`test_cli_every_verb`: look at what they show before you commit them.
"""

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
            text = "\n".join(written(forks.shell, *each) for each in runs)
            agreed(name, f"{form}.terminal" if tells else form, text)
