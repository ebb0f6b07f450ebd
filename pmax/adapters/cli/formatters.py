"""Output formats: cliff's own for programs, and a table that fits the terminal for people.

cliff would look for formats of every installed package; ours are these and no others.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint
from itertools import chain, islice
from textwrap import indent
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO, TypeVar

import attrs
from cliff.columns import FormattableColumn
from cliff.formatters import base
from cliff.formatters.commaseparated import CSVLister
from cliff.formatters.json_format import JSONFormatter
from cliff.formatters.shell import ShellFormatter
from cliff.formatters.value import ValueFormatter
from cliff.formatters.yaml_format import YAMLFormatter
from stevedore.extension import Extension, ExtensionManager

from pmax.adapters.cli.columns import heading
from pmax.adapters.cli.folding import UNBOUNDED, at_least, columns, number

if TYPE_CHECKING:
    from collections.abc import Iterator

FormatterT = TypeVar("FormatterT", bound=base.Formatter)

#: Blanks between columns.
_GAP: Final = 2
#: Columns whose texts are all as short as this are not folded.
_SHORT: Final = 12
#: Up to so many columns, no name is broken.
_FEW: Final = 6
#: So many rows are drawn at once; the first of them say how wide the columns are.
_ROWS_AT_A_TIME: Final = 500


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
            default=number(os.environ.get("CLIFF_MAX_TERM_WIDTH")),
            help="width of the table; the default is the width of the terminal [CLIFF_MAX_TERM_WIDTH]",
        )
        group.add_argument(
            "--fit-width",
            action="store_true",
            default=bool(number(os.environ.get("CLIFF_FIT_WIDTH"))),
            help="fold the table even if the output is no terminal [CLIFF_FIT_WIDTH]",
        )

    def emit_list(
        self,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
        stdout: TextIO,
        parsed_args: argparse.Namespace,
    ) -> None:
        """Draw a row for each object below a heading.

        The first rows say how wide the columns are; the others are drawn as they come, so that a list may be as long as
        it likes. Where columns would become too narrow to read, each object is drawn with a line for each field.
        """
        rows = iter(data)
        part = list(islice(rows, _ROWS_AT_A_TIME))
        columns = width(parsed_args)
        layout = _layout(column_names, part, columns)
        if sum(column.width for column in layout) + _GAP * (len(layout) - 1) > columns:
            stdout.writelines(_records(column_names, chain(part, rows), columns))
            return
        _draw_rows(layout, part, stdout, columns, with_heading=True)
        for row in rows:
            texts = [cell(value) for value in row]
            if (line := _line(layout, texts)) is not None:
                stdout.write(line)
            else:
                _draw_rows(layout, [row], stdout, columns, with_heading=False)

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


class JsonFormatter(JSONFormatter):
    """Writes the JSON that cliff writes, a row at a time."""

    def emit_list(
        self,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
        stdout: TextIO,
        parsed_args: argparse.Namespace,
    ) -> None:
        """Write an array of objects. An error in the middle leaves it unfinished, so that nobody takes it for whole."""
        is_one_line = parsed_args.noindent
        before, between, after = ("[", ", ", "]") if is_one_line else ("[\n", ",\n", "\n]")
        is_empty = True
        for row in data:
            stdout.write(before if is_empty else between)
            is_empty = False
            text = json.dumps(_machine_readable(column_names, row), indent=None if is_one_line else 2)
            stdout.write(text if is_one_line else indent(text, "  "))
        stdout.write("[]\n" if is_empty else f"{after}\n")


class YamlFormatter(YAMLFormatter):
    """Writes the YAML that cliff writes, a row at a time."""

    def emit_list(
        self,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
        stdout: TextIO,
        _parsed_args: argparse.Namespace,
    ) -> None:
        """Write a sequence of mappings."""
        import yaml

        is_empty = True
        for row in data:
            is_empty = False
            yaml.safe_dump([_machine_readable(column_names, row)], stdout, default_flow_style=False)
        if is_empty:
            stdout.write("[]\n")


def _machine_readable(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return {
        name: value.machine_readable() if isinstance(value, FormattableColumn) else value
        for name, value in zip(names, row, strict=True)
    }


LIST_FORMATTERS: Final[dict[str, type[base.ListFormatter]]] = {
    "table": TableFormatter,
    "json": JsonFormatter,
    "yaml": YamlFormatter,
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


@attrs.frozen
class _Column:
    """How a column is drawn: its heading, its width, whether it holds numbers."""

    heading: str
    width: int
    is_number: bool


def _layout(names: Sequence[str], rows: Sequence[Sequence[Any]], available: int) -> list[_Column]:
    texts = [[cell(value) for value in row] for row in rows]
    return [
        _Column(heading(name), wide, bool(rows) and all(_is_number(row[index]) for row in rows))
        for index, (name, wide) in enumerate(zip(names, _widths(names, texts, available), strict=True))
    ]


def _line(layout: Sequence[_Column], texts: Sequence[str]) -> str | None:
    """A row on one line, drawn as rich would, which takes a hundred times as long; None if it needs folding."""
    parts = []
    for column, text in zip(layout, texts, strict=True):
        if len(text) > column.width or not (text.isascii() and text.isprintable()):
            return None
        parts.append(text.rjust(column.width) if column.is_number else text.ljust(column.width))
    return (" " * _GAP).join(parts).rstrip() + "\n"


def _records(names: Sequence[str], rows: Iterable[Sequence[Any]], columns: int) -> Iterator[str]:
    from pmax.adapters.cli.records import record

    for index, row in enumerate(rows):
        yield ("\n" if index else "") + record(names, [cell(value) for value in row], columns)


def _draw_rows(
    layout: Sequence[_Column], rows: Iterable[Sequence[Any]], stdout: TextIO, columns: int, *, with_heading: bool
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        show_header=with_heading,
        header_style="bold",
        padding=(0, 1, 0, 0),
    )
    for column in layout:
        justify: Literal["left", "right"] = "right" if column.is_number else "left"
        table.add_column(column.heading, justify=justify, overflow="fold", width=column.width)
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    draw(table, stdout, columns)


def _widths(names: Sequence[str], rows: Sequence[Sequence[str]], available: int) -> list[int]:
    """How wide each column is, so that the table fits, if it can be read then, and as little as possible is folded.

    The widest column gives way first. The first column, short texts and words of headings stay whole; so does every
    name where there are few columns, since each object is then still seen at a glance when it is drawn by itself.
    """
    wanted, whole = [], []
    for index, name in enumerate(names):
        longest = [max((len(line) for line in row[index].splitlines()), default=0) for row in rows]
        words = max(map(len, heading(name).split()))
        wanted.append(max(len(heading(name)), *longest, 1))
        is_whole = index == 0 or max(longest, default=0) <= _SHORT
        # A text that has to be folded still gets a width in which it can be read.
        readable = min(_SHORT, max(longest, default=0))
        if len(names) <= _FEW:
            readable = max((len(word) for row in rows for word in row[index].split()), default=0)
        whole.append(max(words, *longest) if is_whole and longest else max(words, readable))
    excess = sum(wanted) + _GAP * (len(names) - 1) - available
    while excess > 0 and any(wide > floor for wide, floor in zip(wanted, whole, strict=True)):
        candidates = [index for index, floor in enumerate(whole) if wanted[index] > floor]
        wanted[max(candidates, key=wanted.__getitem__)] -= 1
        excess -= 1
    return wanted


def _is_number(value: object) -> bool:
    inner = value.machine_readable() if isinstance(value, FormattableColumn) else value
    return isinstance(inner, int | float) and not isinstance(inner, bool)


def width(parsed_args: argparse.Namespace | None = None) -> int:
    """How wide output may be: what was asked for, `COLUMNS`, the terminal; unbounded in a pipe."""
    wanted = getattr(parsed_args, "max_width", 0) or number(os.environ.get("COLUMNS"))
    if wanted:
        return at_least(wanted)
    known = columns(sys.stdout)
    return 80 if known == UNBOUNDED and getattr(parsed_args, "fit_width", False) else known


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
