"""What checks find, and how people read it: a mark, what was looked at, what was found, and the remedy below it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from enum import Enum
from typing import Final, TextIO

import attrs

from pmax.adapters.cli import formatters

#: Columns for the state, and for the state and the name of the check.
_MARK: Final = 8
_MARGIN: Final = 24
_WIDEST: Final = 110


class State(Enum):
    """How a check ended."""

    FINE = "ok"
    WARNING = "warning"
    FAILED = "failed"


_COLOURS: Final = {State.FINE: "32", State.WARNING: "33", State.FAILED: "31"}


@attrs.frozen
class Finding:
    """What a check found.

    Attributes:
        check: what was looked at.
        state: how it ended.
        what: what was found, one sentence.
        remedy: what to do; empty if nothing has to be done.
    """

    check: str
    state: State
    what: str
    remedy: str = ""


def write(finding: Finding, out: TextIO) -> None:
    """Write a finding as lines that fit the terminal, in colour if it is one."""
    out.writelines(f"{line}\n" for line in _lines(finding, is_coloured=out.isatty()))
    out.flush()


def _lines(finding: Finding, *, is_coloured: bool) -> Iterator[str]:
    width = min(formatters.width(), _WIDEST) - _MARGIN
    mark = f"{finding.state.value:<{_MARK}}"
    if is_coloured:
        mark = f"\033[{_COLOURS[finding.state]}m{mark}\033[0m"
    lines = textwrap.wrap(finding.what, width, break_on_hyphens=False) or [""]
    yield f"{mark}{finding.check:<{_MARGIN - _MARK}}{lines[0]}"
    for line in lines[1:]:
        yield " " * _MARGIN + line
    remedy = textwrap.wrap(finding.remedy, width, initial_indent="→ ", subsequent_indent="  ", break_on_hyphens=False)
    for line in remedy:
        yield " " * _MARGIN + line
