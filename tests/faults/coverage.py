"""The table of the matrix: how many cells ran, of which operation and effect, and how they ended.

A pytest plugin: tests attach their cells to their reports, so that the table is whole when tests ran in several
processes. `PMAX_MATRIX_TABLE` names a file that gets the cells as JSON lines besides.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

PROPERTY = "matrix cells"

Row = tuple[str, str, str, int, str]
"""Scenario, operation, effect, number of the call, ending."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table after the tests."""
    rows: list[Row] = []
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == PROPERTY and report.when in {"call", "teardown"}:
                    rows += [tuple(row) for row in json.loads(value)]  # type: ignore[misc]
    if not rows:
        return
    terminalreporter.section("matrix: operations x calls x effects")
    for line in table(rows):
        terminalreporter.write_line(line)
    kept = os.environ.get("PMAX_MATRIX_TABLE")
    if kept:
        Path(kept).write_text("".join(f"{json.dumps(row)}\n" for row in sorted(rows)))


def table(rows: Iterable[Row]) -> list[str]:
    """Lines: operations, then effects, each with what ran and how it ended."""
    rows = tuple(rows)
    endings = ("succeeded", "succeeded, tidied later", "undone", "unknown, then recovered", "unknown", "wrong")
    lines = [_line("", "settings", "calls", "ran", "succeeded", "tidied", "undone", "recovered", "unknown", "wrong")]
    for title, position in (("operation", 1), ("effect", 2)):
        lines.append(_line(title))
        for key in sorted({row[position] for row in rows}):
            mine = [row for row in rows if row[position] == key]
            ended = Counter(row[4] for row in mine)
            settings, calls = len({row[0] for row in mine}), len({(row[0], row[3]) for row in mine})
            lines.append(_line(f"  {key}", settings, calls, len(mine), *(ended[ending] for ending in endings)))
    ended = Counter(row[4] for row in rows)
    everything = (len({row[0] for row in rows}), len({(row[0], row[3]) for row in rows}), len(rows))
    lines.append(_line("all", *everything, *(ended[ending] for ending in endings)))
    return lines


def _line(title: str, *figures: object) -> str:
    return f"{title:<38}" + "".join(f"{figure!s:>10}" for figure in figures)
