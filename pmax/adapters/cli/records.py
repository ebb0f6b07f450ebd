"""Rows below each other, a line for each field: how a list is drawn that is too wide for the terminal as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import chop_cells

from pmax.adapters.cli.columns import heading

#: Blanks between the heading and the text.
_GAP = 2
#: A text never gets less room, whatever the terminal.
_THINNEST = 4


def record(names: Sequence[str], texts: Sequence[str], columns: int) -> str:
    """Draw one row.

    Args:
        names: of the columns.
        texts: of the row, which may have several lines each.
        columns: of the terminal.

    Returns:
        Lines, the last with its end too. Nothing is cut: what is too long goes on below itself.
    """
    labels = [heading(name) for name in names]
    margin = max(map(len, labels)) + _GAP
    room = max(columns - margin, _THINNEST)
    lines: list[str] = []
    for label, text in zip(labels, texts, strict=True):
        parts = [part for line in text.splitlines() for part in chop_cells(line, room)] or [""]
        lines.append(f"{label:<{margin}}{parts[0]}".rstrip())
        lines.extend(f"{'':<{margin}}{part}".rstrip() for part in parts[1:])
    return "\n".join(lines) + "\n"
