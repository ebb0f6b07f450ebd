"""Lists of objects: `--long`, `--filter`, `--limit`, the same for every noun."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar, TypeVar

from pmax.adapters.cli.base import ListAction
from pmax.adapters.cli.filters import Filters
from pmax.adapters.cli.parallel import read_each

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Listing(ListAction):
    """Lists objects of one kind, each read when its row is wanted.

    Attributes:
        columns: shown to everybody; the first is the name of the object.
        more_columns: shown with `--long`.
    """

    columns: ClassVar[tuple[str, ...]]
    more_columns: ClassVar[tuple[str, ...]] = ()

    filters = Filters({})

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take what all lists take."""
        parser = super().get_parser(prog_name)
        every = (*self.columns, *self.more_columns)
        parser.add_argument(
            "--filter",
            metavar="KEY=VALUE",
            action="append",
            default=[],
            dest="filters",
            help="only rows with this value, in which * and ? stand for any characters; repeat it. "
            f"Keys: {', '.join(every)}",
        )
        parser.add_argument("--limit", metavar="N", type=natural, help="at most so many")
        more = f"also {', '.join(self.more_columns)}" if self.more_columns else "every column, as without it"
        parser.add_argument("--long", action="store_true", help=more)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Filter and cut what there is."""
        every = (*self.columns, *self.more_columns)
        self.filters = Filters.read(parsed_args.filters, every)
        is_long = parsed_args.long or self._wants_more(parsed_args)
        shown = every if is_long else self.columns
        passed = (row for row in self.rows(parsed_args) if self.filters.admits_row(every, row))
        return shown, (tuple(row[: len(shown)]) for row in islice(passed, parsed_args.limit))

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Give a row for each object, with all columns; what nobody consumes need not be read."""
        raise NotImplementedError

    def read_each(self, read: Callable[[KeyT], ValueT], keys: Iterable[KeyT]) -> Iterator[ValueT]:
        """Read objects of which the array has no list in full, as many at a time as Unisphere may be asked."""
        return read_each(read, keys, self.session.engine.settings.read_slots)

    def wanted(self, names: Iterable[str]) -> list[str]:
        """The names that pass the filter on the first column, sorted: what the others name is not read."""
        return sorted(name for name in names if self.filters.admits(self.columns[0], name))

    def _wants_more(self, parsed_args: argparse.Namespace) -> bool:
        """Whether a column is asked for by name that only `--long` shows."""
        asked = [*parsed_args.columns, *parsed_args.sort_columns]
        return any(name.lower().strip().replace(" ", "_") in self.more_columns for name in asked)


def natural(text: str) -> int:
    """A number of things, zero or more."""
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)
