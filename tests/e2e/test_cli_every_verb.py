"""Every verb, as its help shows it, for people and for programs, against golden files; and with wrong arguments.

After a change that is meant, `PMAX_WRITE_GOLDEN=1 pytest tests/e2e/test_cli_every_verb.py` writes the files anew: look
at what they show before you commit them.
"""

import json
from itertools import pairwise

import pytest

from pmax.adapters.cli import manual
from pmax.adapters.cli.main import PmaxApp
from pmax.adapters.cli.verbs import VERBS
from tests.e2e.cli_process import CommandLine
from tests.e2e.cli_story import (
    ELSEWHERE,
    LOOKS,
    MORE,
    ORDER,
    SPELLED,
    Shown,
    agreed,
    furnish,
    is_writing,
    play,
    written,
)

pytestmark = pytest.mark.xdist_group("every verb")

#: Verbs of which the plan is compared too; those of the others are compared with what they do, where plans are tested.
PLANS_LOOKED_AT = {"volume create", "volume attach", "volume delete", "rdf failover"}


@pytest.fixture(scope="module")
def shell(module_simulator, tmp_path_factory) -> CommandLine:
    """A shell with everything that the examples of the verbs need."""
    shell = CommandLine.of(module_simulator, tmp_path_factory.mktemp("verbs"))
    furnish(shell)
    return shell


@pytest.fixture(scope="module")
def story(shell) -> dict[str, list[Shown]]:
    """What every example showed, in every form, by the name of its verb."""
    return dict(play(shell))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ORDER)
def test_every_verb_does_what_its_examples_say(story, shell, name) -> None:
    """What is shown fits the terminal, is whole as JSON, and is what somebody has looked at and found good."""
    texts: dict[str, str] = {}
    for shown in story[name]:
        if shown.form == SPELLED:
            continue
        if shown.form.endswith("json"):
            json.loads(shown.finished.out)
        else:
            assert shown.finished.widest <= shown.columns
        text = written(shown.example, shown.finished)
        texts[shown.form] = texts[shown.form] + "\n" + text if shown.form in texts else text
    for form, text in texts.items():
        if form in LOOKS or (form == "dry-run.80" and name in PLANS_LOOKED_AT):
            agreed(name, form, text)


def test_a_volume_may_be_named_in_many_ways(story) -> None:
    """Every verb that takes a volume takes its device id in each spelling, and its WWN, for the name of the example."""
    spelled = [(name, *pair) for name, shown in story.items() for pair in pairwise(shown) if pair[0].form == SPELLED]
    assert [name for name, other, named in spelled if other.finished.out != named.finished.out] == []
    app = PmaxApp()
    taking = {name for name in VERBS if "VOLUME" in manual.parser_of(app, name).format_usage()}
    assert taking - {"volume manage"} <= {name for name, *_ in spelled}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", [name for name in ORDER if name in VERBS and is_writing(name)])
def test_a_dry_run_writes_nothing(story, name) -> None:
    """With `--dry-run` no verb sends a call that could change something; without it, what changes something does."""
    rehearsed = [shown for shown in story[name] if "dry-run" in shown.form]
    assert rehearsed
    assert [shown.sent for shown in rehearsed] == [()] * len(rehearsed)
    assert all(shown.finished.status == 0 for shown in rehearsed), rehearsed
    told = "Nothing was sent.", "nothing to do, everything is as wanted."
    for shown in rehearsed:
        if shown.form == "dry-run.80":
            assert any(" ".join(shown.finished.out.split()).count(words) for words in told)
        else:
            steps = shown.finished.data
            assert all(each["dry_run"] for each in (steps if isinstance(steps, list) else [steps]))


def test_no_verb_is_left_out(story) -> None:
    """Every verb is in the story, or in a test of its own; what it did was done."""
    assert story.keys() | ELSEWHERE.keys() == VERBS.keys() | MORE.keys()
    found = {name for name, shown in story.items() for each in shown if each.finished.status}
    assert found == {"audit", "drift"}, "these end with status 4 when they find something"


@pytest.mark.parametrize("name", VERBS)
def test_an_option_that_does_not_exist(shell, name) -> None:
    """Every verb refuses what it does not know with status 2 and its usage, and sends nothing."""
    shell.simulator.requests.clear()
    finished = shell.call(*name.split(), "--no-such-option")
    assert (finished.status, finished.out) == (2, "")
    assert finished.err.startswith("pmax: ")
    assert f"`pmax help {name}` explains it." in finished.err
    assert list(shell.simulator.requests) == []


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
