"""Sequences as pictures: who asks whom for what, from top to bottom. A Sphinx extension, without other programs.

The directive `sequence` takes a line for each message, `from -> to: text`, and `== text` for a line across. Whoever is
named first stands left.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_MESSAGE: Final = re.compile(r"(\w[\w ]*?) -> (\w[\w ]*?): (.+)")
_WIDTH, _COLUMN, _ROW, _TOP, _SHORTEST = 860, 130, 34, 52, 20
_STYLE: Final = 'font-family="sans-serif" font-size="13" fill="currentColor" stroke="none"'


def draw(lines: list[str], title: str) -> str:
    """An SVG that takes the colours of the page.

    Raises:
        ValueError: a line is no message.
    """
    rows: list[tuple[str, str, str]] = []
    for line in lines:
        match = _MESSAGE.fullmatch(line)
        if match is None and not line.startswith("== "):
            raise ValueError(line)
        rows.append(match.groups() if match else ("", "", line[3:]))  # type: ignore[arg-type]  # three groups
    people = list(dict.fromkeys(name for row in rows for name in row[:2] if name))
    places = _places(people, rows)
    bottom = _TOP + _ROW * (len(rows) + 1)
    parts = [*_people(places, bottom), *(part for number, row in enumerate(rows) for part in _row(number, row, places))]
    return (
        f'<div class="drawn"><svg viewBox="0 0 {_WIDTH} {bottom}" role="img" aria-label="{escape(title)}" width="100%" '
        f'stroke="currentColor" fill="none">{"".join(parts)}</svg></div>'
    )


def _places(people: list[str], rows: list[tuple[str, str, str]]) -> dict[str, float]:
    """Where each stands: neighbours are as far apart as what they say to each other is long."""
    lengths = [_SHORTEST] * (len(people) - 1)
    for first, second, text in rows:
        if not first:
            continue
        left = min(people.index(first), people.index(second))
        if left < len(lengths) and abs(people.index(first) - people.index(second)) <= 1:
            lengths[left] = max(lengths[left], len(text))
    scale = (_WIDTH - _COLUMN) / max(1, sum(lengths))
    return {name: _COLUMN / 2 + scale * sum(lengths[:number]) for number, name in enumerate(people)}


def _people(places: dict[str, float], bottom: float) -> list[str]:
    parts = []
    for name, x in places.items():
        left = x - _COLUMN / 2 + 1
        parts.append(f'<rect x="{left}" y="6" width="{_COLUMN - 2}" height="28" rx="4"/>')
        parts.append(f'<text x="{x}" y="25" text-anchor="middle" font-weight="bold" {_STYLE}>{escape(name)}</text>')
        parts.append(f'<line x1="{x}" y1="34" x2="{x}" y2="{bottom}" stroke-dasharray="2 4" opacity="0.6"/>')
    return parts


def _row(number: int, row: tuple[str, str, str], places: dict[str, float]) -> list[str]:
    first, second, text = row
    y = _TOP + _ROW * (number + 1) - 8
    if not first:
        label = (
            f'<text x="{_WIDTH / 2}" y="{y}" text-anchor="middle" font-style="italic" {_STYLE}>{escape(text)}</text>'
        )
        return [label]
    start, end = places[first], places[second]
    if start == end:
        return [f'<text x="{start + 10}" y="{y}" {_STYLE}>{escape(text)}</text>']
    tip = 7 if end < start else -7
    middle = (start + end) / 2
    return [
        f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}"/>',
        f'<path d="M{end + tip} {y - 4} L{end} {y} L{end + tip} {y + 4}"/>',
        f'<text x="{middle}" y="{y - 6}" text-anchor="middle" {_STYLE}>{escape(text)}</text>',
    ]


class Sequence(SphinxDirective):
    """`{sequence} title`, with the messages as its content."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Draw it; formats that know no SVG show the lines."""
        lines = [line.strip() for line in self.content if line.strip()]
        try:
            picture = draw(lines, self.arguments[0])
        except ValueError as error:
            raise self.error(f"no message: {error}") from error
        return [nodes.raw("", picture, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("sequence", Sequence)
    return {"parallel_read_safe": True}
