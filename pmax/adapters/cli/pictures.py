"""Drawings as SVG files, for reports: rich draws them, and nothing in the file is fetched from elsewhere."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

#: Characters of a line; longer lines are folded.
_COLUMNS: Final = 120
#: What rich's own template has, without a window around it and without fonts of a server.
_TEMPLATE: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
<rect width="100%" height="100%" fill="#ffffff" />
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def write(drawing: object, file: Path, title: str, columns: int = _COLUMNS) -> None:
    """Draw something that rich can draw into a file.

    Args:
        drawing: a tree or a table.
        file: where to.
        title: for who reads the file with a program.
        columns: width in characters.

    Raises:
        OSError: the file cannot be written.
    """
    from rich.console import Console
    from rich.terminal_theme import DEFAULT_TERMINAL_THEME

    console = Console(
        file=io.StringIO(),
        record=True,
        width=columns,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(drawing)
    picture = console.export_svg(title=title, theme=DEFAULT_TERMINAL_THEME, code_format=_TEMPLATE, unique_id="pmax")
    file.write_text(picture, encoding="utf-8")
