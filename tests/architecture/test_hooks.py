"""Hooks and signals are promises: each is documented, and each hook is used by somebody and tested."""

from __future__ import annotations

import inspect
import re
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
TESTS = text_of("tests", "examples")


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
    """Somebody implements it, built in or in an example, and a test registers an implementation or names it."""
    assert re.search(rf"^def {name}\(", IMPLEMENTATIONS, re.MULTILINE)
    assert name in TESTS or name.removeprefix("pmax_") in TESTS


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_signal_is_documented(name: str) -> None:
    """A signal has a sentence, its event a docstring; tests/integration/test_signals.py hears each of them."""
    signal = SIGNALS[name]

    assert signal.purpose.endswith(".")
    assert inspect.getdoc(signal.event_type)
