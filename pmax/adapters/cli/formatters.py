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
            default=int(os.environ.get("CLIFF_MAX_TERM_WIDTH", "0")),
            help="width of the table; the default is the width of the terminal [CLIFF_MAX_TERM_WIDTH]",
        )
        group.add_argument(
            "--fit-width",
            action="store_true",
            default=bool(int(os.environ.get("CLIFF_FIT_WIDTH", "0"))),
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
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1, 0, 0))
        for index, name in enumerate(column_names):
            is_number = bool(rows) and all(_is_number(row[index]) for row in rows)
            table.add_column(
                heading(name),
                justify="right" if is_number else "left",
                overflow="fold",
                no_wrap=index == 0 or is_number,
            )
        for row in rows:
            table.add_row(*(cell(value) for value in row))
        draw(table, stdout, width(parsed_args))

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
