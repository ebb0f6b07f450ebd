"""Hooks and signals are promises: each is documented, tested and used by somebody."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path

import pytest

from pmax.plugins import hookspecs
from pmax.plugins.signals import EventSignal, Signals

ROOT = Path(__file__).parents[2]
HOOKS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("pmax_")}
SIGNALS = {name: signal for name, signal in vars(Signals()).items() if isinstance(signal, EventSignal)}


def text_of(*folders: str) -> str:
    """All Python files of these folders, hook specifications and this file apart."""
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    apart = {Path(hookspecs.__file__), Path(__file__)}
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path not in apart)


IMPLEMENTATIONS = text_of("pmax/plugins", "examples")
TESTS = text_of("tests")
HOW_TO = (ROOT / "docs/how-to/write-a-plugin.md").read_text(encoding="utf-8")
#: Examples are run by their own tests (tests/examples).
EXAMPLES = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("examples/*/src/**/*.py"))


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_hook_says_what_authors_must_know(name: str) -> None:
    """A hook says when it is called and under which lock, what an exception does, and since when it exists."""
    text = inspect.getdoc(HOOKS[name]) or ""

    assert re.search(r"\b[Cc]alled\b", text)
    assert re.search(r"\block\b|\blocks\b", text)
    assert re.search(r"\bexception\b", text)
    assert re.search(r"^\.\. versionadded:: \d", text, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_hook_has_a_user_and_a_test(name: str) -> None:
    """Somebody implements it, built in or in an example; and a test does, or an example that has tests of its own."""
    implementation = re.compile(rf"^ *def {name}\(", re.MULTILINE)
    assert implementation.search(IMPLEMENTATIONS)
    assert implementation.search(TESTS) or implementation.search(EXAMPLES)


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_the_how_to_page_shows_the_hook(name: str) -> None:
    """Whoever writes a plugin finds each hook on the page."""
    assert f"`{name}`" in HOW_TO or f"def {name}(" in HOW_TO


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_signal_is_documented(name: str) -> None:
    """A signal has a sentence, its event a docstring; tests/integration/test_signals.py hears each of them."""
    signal = SIGNALS[name]

    assert signal.purpose.endswith(".")
    assert inspect.getdoc(signal.event_type)


def test_every_signal_has_a_listener(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody is told what nobody wants to know: a built-in plugin, the command or an example listens to each."""
    monkeypatch.setenv("PMAX_AUDIT_TRAIL", str(tmp_path / "trail.jsonl"))
    signals = Signals()
    trail = runpy.run_path(str(ROOT / "examples/pmax-audit-trail/src/pmax_audit_trail/trail.py"))
    trail["pmax_connect_listeners"](signals)
    command = text_of("pmax/adapters/cli", "pmax/plugins")

    deaf = {name for name in SIGNALS if not getattr(signals, name)._signal.receivers}
    assert {name for name in deaf if f"signals.{name}.connect(" not in command} == set()
