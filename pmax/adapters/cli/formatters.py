"""Output formats: cliff's own for programs, and a table that fits the terminal for people.

cliff would look for formats of every installed package; ours are these and no others.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint
from typing import Any, Final, TextIO, TypeVar

from cliff.columns import FormattableColumn
from cliff.formatters import base
from cliff.formatters.commaseparated import CSVLister
from cliff.formatters.json_format import JSONFormatter
from cliff.formatters.shell import ShellFormatter
from cliff.formatters.value import ValueFormatter
from cliff.formatters.yaml_format import YAMLFormatter
from stevedore.extension import Extension, ExtensionManager

from pmax.adapters.cli.columns import heading

FormatterT = TypeVar("FormatterT", bound=base.Formatter)

#: Wider than any table, for output that nobody watches.
_UNBOUNDED: Final = 100_000
_NARROWEST: Final = 20
#: Blanks between columns.
_GAP: Final = 2
#: No column is ever made thinner.
_THINNEST: Final = 3
#: Columns whose texts are all as short as this are not folded.
_SHORT: Final = 12


def known(classes: dict[str, type[FormatterT]]) -> ExtensionManager[FormatterT]:
    """Give cliff its formats without a search for them."""
    extensions = [
        Extension(name, EntryPoint(name, f"{made.__module__}:{made.__name__}", "pmax.formatters"), made, made())
        for name, made in classes.items()
    ]
    manager: ExtensionManager[FormatterT] = ExtensionManager.make_test_instance(extensions)
    return manager


class TableFormatter(base.ListFormatter, base.SingleFormatter):
    """Draws tables that fit the terminal."""

    def add_argument_group(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that cliff's own tables have."""
        group = parser.add_argument_group("table formatter")
        group.add_argument(
            "--max-width",
            metavar="<integer>",
            type=int,
            default=_number(os.environ.get("CLIFF_MAX_TERM_WIDTH")),
            help="width of the table; the default is the width of the terminal [CLIFF_MAX_TERM_WIDTH]",
        )
        group.add_argument(
            "--fit-width",
            action="store_true",
            default=bool(_number(os.environ.get("CLIFF_FIT_WIDTH"))),
            help="fold the table even if the output is no terminal [CLIFF_FIT_WIDTH]",
        )

    def emit_list(
        self,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
        stdout: TextIO,
        parsed_args: argparse.Namespace,
    ) -> None:
        """Draw a row for each object below a heading."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        rows = list(data)
        texts = [[cell(value) for value in row] for row in rows]
        columns = width(parsed_args)
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1, 0, 0))
        for index, (name, wide) in enumerate(zip(column_names, _widths(column_names, texts, columns), strict=True)):
            is_number = bool(rows) and all(_is_number(row[index]) for row in rows)
            table.add_column(heading(name), justify="right" if is_number else "left", overflow="fold", width=wide)
        for text in texts:
            table.add_row(*text)
        draw(table, stdout, columns)

    def emit_one(
        self, column_names: Sequence[str], data: Sequence[Any], stdout: TextIO, parsed_args: argparse.Namespace
    ) -> None:
        """Draw a line for each field."""
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in zip(column_names, data, strict=True):
            table.add_row(heading(name), cell(value))
        draw(table, stdout, width(parsed_args))


LIST_FORMATTERS: Final[dict[str, type[base.ListFormatter]]] = {
    "table": TableFormatter,
    "json": JSONFormatter,
    "yaml": YAMLFormatter,
    "csv": CSVLister,
    "value": ValueFormatter,
}
SHOW_FORMATTERS: Final[dict[str, type[base.SingleFormatter]]] = {
    "table": TableFormatter,
    "json": JSONFormatter,
    "yaml": YAMLFormatter,
    "shell": ShellFormatter,
    "value": ValueFormatter,
}


def cell(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, FormattableColumn):
        return value.human_readable()
    return "-" if value is None else str(value)


def _widths(names: Sequence[str], rows: Sequence[Sequence[str]], available: int) -> list[int]:
    """How wide each column is, so that the table fits and as little as possible is folded.

    The widest column gives way first. The first column, short texts and words of headings stay whole as long as there
    is room elsewhere.
    """
    wanted, whole = [], []
    for index, name in enumerate(names):
        longest = [max((len(line) for line in row[index].splitlines()), default=0) for row in rows]
        words = max(map(len, heading(name).split()))
        wanted.append(max(len(heading(name)), *longest, 1))
        is_whole = index == 0 or max(longest, default=0) <= _SHORT
        whole.append(max(words, *longest) if is_whole and longest else words)
    excess = sum(wanted) + _GAP * (len(names) - 1) - available
    for floors in (whole, [_THINNEST] * len(names)):
        while excess > 0 and any(wide > floor for wide, floor in zip(wanted, floors, strict=True)):
            candidates = [index for index, floor in enumerate(floors) if wanted[index] > floor]
            wanted[max(candidates, key=wanted.__getitem__)] -= 1
            excess -= 1
    return wanted


def _is_number(value: object) -> bool:
    inner = value.machine_readable() if isinstance(value, FormattableColumn) else value
    return isinstance(inner, int | float) and not isinstance(inner, bool)


def width(parsed_args: argparse.Namespace | None = None) -> int:
    """How wide output may be: what was asked for, `COLUMNS`, the terminal; unbounded in a pipe."""
    wanted = getattr(parsed_args, "max_width", 0) or _number(os.environ.get("COLUMNS"))
    if wanted:
        return max(wanted, _NARROWEST)
    if sys.stdout.isatty():
        return max(os.get_terminal_size(sys.stdout.fileno()).columns, _NARROWEST)
    return 80 if getattr(parsed_args, "fit_width", False) else _UNBOUNDED


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def draw(drawing: object, stdout: TextIO, columns: int) -> None:
    """Draw with rich, in colour on a terminal, without blanks at the ends of lines."""
    from rich.console import Console

    # The encoding tells rich whether it may draw lines; what cannot be written becomes a question mark.
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    buffer = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace", newline="\n")
    is_terminal = stdout.isatty()
    console = Console(
        file=buffer, width=columns, force_terminal=is_terminal, highlight=False, markup=False, emoji=False
    )
    console.print(drawing)
    buffer.seek(0)
    stdout.write("".join(f"{line.rstrip()}\n" for line in buffer.read().splitlines()))
