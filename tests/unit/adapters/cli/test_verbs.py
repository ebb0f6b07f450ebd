"""The table of commands agrees with the commands."""

import inspect
import io
import shlex
import subprocess
import sys

import pytest

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.examples import EXAMPLES
from pmax.adapters.cli.main import PmaxApp
from pmax.adapters.cli.overview import write_overview
from pmax.adapters.cli.verbs import VERBS, Verbs

WIDTH = 80


@pytest.fixture
def app(monkeypatch):
    """An application that has parsed nothing yet."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    return PmaxApp()


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_can_be_loaded_and_says_what_the_table_says(app, name) -> None:
    """The summary in the table is the first line of the command's own docstring."""
    command, found, rest = app.verbs.find_command(name.split())
    assert (found, rest) == (name, [])
    assert inspect.getdoc(command).splitlines()[0] == f"{VERBS[name].summary}."


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_help_that_fits_a_terminal(app, name) -> None:
    """The help of a command explains every option and stays within 80 columns."""
    command, _, _ = app.verbs.find_command(name.split())
    parser = command(app, None, cmd_name=name).get_parser(f"pmax {name}")
    # Options that cliff's own formats add explain themselves in cliff's way.
    unexplained = [action.option_strings for action in parser._actions if not action.help]
    assert unexplained in ([], [["-f", "--format"]])
    assert max(map(len, parser.format_help().splitlines())) <= WIDTH


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_an_example(app, name) -> None:
    """The help of a command shows at least one example, which its own parser understands."""
    command, _, _ = app.verbs.find_command(name.split())
    parser = command(app, None, cmd_name=name).get_parser(f"pmax {name}")
    shown = shlex.split(parser.format_help().partition("For example:")[2].partition("options:")[0])
    assert shown
    for example in EXAMPLES[name]:
        words = shlex.split(example)
        assert words[: len(name.split())] == name.split()
        assert set(words) <= set(shown)
        _, rest = app.parser.parse_known_args(words)
        parser.parse_args(rest[len(name.split()) :])


def test_no_example_is_of_a_verb_that_is_gone() -> None:
    """The table of examples has no more commands than there are."""
    assert EXAMPLES.keys() == VERBS.keys()


def test_the_overview_fits_a_terminal(app) -> None:
    """`pmax --help` stays within 80 columns and names every command and exit status."""
    out = io.StringIO()
    write_overview(app.parser, out)
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= WIDTH
    assert all(f"  {name} " in text for name in VERBS)
    assert all(f"  {status} " in text for status in exit_status.MEANINGS)


def test_a_verb_can_be_abbreviated() -> None:
    """The first letters of the words do, as long as they name one command only."""
    _, _, rest = Verbs().find_command(["vol", "sh", "00588"])
    assert rest == ["00588"]


def test_the_verbs_of_a_noun_are_found() -> None:
    """The first words of a command find all that begin so."""
    assert Verbs().beginning_with(["array"]) == ("array list", "array show")


def test_help_loads_no_command() -> None:
    """`pmax --help` is drawn from the table: no module of a command is loaded, and nothing that draws tables."""
    script = (
        "import sys\n"
        "from pmax.__main__ import main\n"
        "assert main(['--help']) == 0\n"
        "loaded = [name for name in sys.modules if name.startswith('pmax.adapters.cli.commands.')]\n"
        "loaded += [name for name in ('rich', 'requests', 'oslo_config', 'prettytable') if name in sys.modules]\n"
        "assert loaded == [], loaded\n"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
