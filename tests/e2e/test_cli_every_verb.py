"""Every verb that only looks, for people and for programs, against golden files; and every verb with wrong arguments.

After a change that is meant, `PMAX_WRITE_GOLDEN=1 pytest tests/e2e/test_cli_every_verb.py` writes the files anew: look
at what they show before you commit them.
"""

import json
import os
import re
from pathlib import Path

import pytest

from pmax.adapters.cli.verbs import VERBS
from tests.e2e.cli_process import CommandLine

pytestmark = pytest.mark.xdist_group("every verb")

GOLDEN = Path(__file__).parent / "golden"

LOOKING = {
    "array list": ("array", "list"),
    "array show": ("array", "show"),
    "audit": ("audit",),
    "audit rules": ("audit", "--list-rules"),
    "director list": ("director", "list"),
    "director show": ("director", "show", "FA-1D"),
    "find": ("find", "node1"),
    "host list": ("host", "list"),
    "host show": ("host", "show", "node1"),
    "initiator list": ("initiator", "list"),
    "job list": ("job", "list"),
    "journal list": ("journal", "list"),
    "masking view list": ("masking", "view", "list"),
    "masking view show": ("masking", "view", "show", "OS-node1-I-OS-iscsi-PG-MV"),
    "masking view verify": ("masking", "view", "verify"),
    "path": ("path", "finance-01", "node1"),
    "pool list": ("pool", "list", "--long"),
    "port group list": ("port", "group", "list"),
    "port group show": ("port", "group", "show", "OS-iscsi-PG"),
    "profile list": ("profile", "list"),
    "tree": ("tree",),
    "volume list": ("volume", "list", "--long"),
    "volume show": ("volume", "show", "finance-01"),
}


@pytest.fixture(scope="module")
def shell(module_simulator, tmp_path_factory) -> CommandLine:
    """A shell with volume 00003 seen by a host, and 00004 by nobody."""
    shell = CommandLine.of(module_simulator, tmp_path_factory.mktemp("verbs"))
    shell.furnish()
    return shell


def stable(shell: CommandLine, text: str) -> str:
    """What was shown, without what differs from run to run."""
    text = text.replace(str(shell.folder), "FOLDER")
    return re.sub(r"\b\d{13}\b", "<job>", re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "<time>", text))


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("name", LOOKING)
def test_what_people_see(shell, name, columns) -> None:
    """The table fits the terminal and is what somebody has looked at and found good."""
    finished = shell.call(*LOOKING[name], columns=columns)
    assert finished.status == 0, finished.err
    assert finished.widest <= columns
    agreed(GOLDEN / f"{name.replace(' ', '-')}.{columns}.txt", stable(shell, finished.out))


@pytest.mark.parametrize("name", LOOKING)
def test_what_programs_get(shell, name) -> None:
    """JSON is whole, and has the keys and values that it had."""
    finished = shell.call(*LOOKING[name], "-f", "json")
    assert finished.status == 0, finished.err
    json.loads(finished.out)
    agreed(GOLDEN / f"{name.replace(' ', '-')}.json", stable(shell, finished.out))


def agreed(file: Path, shown: str) -> None:
    """Compare with the golden file, or write it."""
    if os.environ.get("PMAX_WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", VERBS)
def test_an_option_that_does_not_exist(shell, name) -> None:
    """Every verb refuses what it does not know with status 2 and its usage, and sends nothing."""
    shell.simulator.requests.clear()
    finished = shell.call(*name.split(), "--no-such-option")
    assert (finished.status, finished.out) == (2, "")
    assert "usage: pmax" in finished.err or "no-such-option" in finished.err
    assert list(shell.simulator.requests) == []


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_explains_itself(shell, name) -> None:
    """`--help` fits 80 columns and shows the usage, for every verb."""
    finished = shell.call(*name.split(), "--help")
    assert finished.status == 0
    assert finished.out.startswith(f"usage: pmax {name}")
    assert finished.widest <= 80


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("volume", "show", "nobody"), 3),
        (("volume", "show", "x" * 200), 2),
        (("host", "show", "nobody"), 3),
        (("director", "show", "FA-9Z"), 3),
        (("job", "show", "1693476512345"), 3),
        (("masking", "view", "show", "nobody"), 3),
        (("port", "group", "show", "nobody"), 3),
        (("array", "show", "123"), 3),
        (("path", "finance-01", "nobody"), 3),
        (("tree", "host"), 2),
        (("tree", "planet", "x"), 2),
        (("volume", "list", "--filter", "colour=red"), 2),
        (("volume", "list", "--filter", "colour"), 2),
        (("volume", "list", "--limit", "-1"), 2),
        (("volume", "list", "-c", "colour"), 2),
        (("volume", "list", "--sort-column", "colour"), 2),
        (("watch", "--interval", "0"), 2),
        (("metrics", "--listen", "here"), 2),
        (("audit", "--rule", "NONE1"), 2),
        (("repair", "nothing"), 2),
        (("drift", "--volumes", "/nowhere"), 2),
    ],
)
def test_bad_arguments_of_each_kind(shell, arguments, status) -> None:
    """Names that do not exist give status 3, values that cannot be meant 2, each with words and without a traceback."""
    finished = shell.call(*arguments)
    assert (finished.status, finished.out) == (status, "")
    assert finished.err.strip()
    assert "Traceback" not in finished.err
