"""What all commands have in common: how they reach the engine, and how their results are drawn."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import attrs
from cliff.command import Command
from cliff.formatters import base as cliff_formatters
from cliff.lister import Lister
from cliff.show import ShowOne
from stevedore.extension import ExtensionManager

from pmax.adapters.cli import formatters
from pmax.adapters.cli.folding import columns, folded
from pmax.adapters.cli.help_text import HelpFormatter, examples_of
from pmax.adapters.cli.refusals import WrongUsage
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId

if TYPE_CHECKING:
    from pmax.adapters.cli.main import PmaxApp
    from pmax.adapters.cli.progress import Progress
    from pmax.adapters.cli.session import Session
    from pmax.adapters.cli.surveyor import Surveyor
    from pmax.adapters.cli.waiting import Advance
    from pmax.ports.readers import Readers


class Action(Command):
    """A command of pmax: nobody hooks into it, and its engine is built when it is first needed.

    Attributes:
        usage: what the command takes, without the options that can be left out.
    """

    app: PmaxApp
    usage: ClassVar[str] = ""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Begin with a usage line that shows what must be given; argparse would bury it in options."""
        parser = super().get_parser(prog_name)
        parser.usage = " ".join(filter(None, (prog_name, self.usage, "[options]")))
        parser.formatter_class = HelpFormatter
        parser.error = partial(self._refuse, parser)  # type: ignore[method-assign]  # cliff chooses the class
        return parser

    def _refuse(self, parser: argparse.ArgumentParser, message: str) -> NoReturn:
        """Say in two sentences what argparse says in one.

        Raises:
            WrongUsage: always.
        """
        head, _, rest = message.partition(": ")
        match head:
            case "unrecognized arguments":
                what = f"`{parser.prog}` does not take {rest}"
            case "the following arguments are required":
                what = f"`{parser.prog}` needs {rest}"
            case _:
                what = message.removeprefix("argument ")
        raise WrongUsage(what, f"write `{parser.usage}`; `pmax help {self.cmd_name}` explains it")

    def _load_hooks(self) -> None:
        """Do not look for extensions of other packages, as cliff would."""
        self._hooks = []

    def get_epilog(self) -> str:
        """Put nothing below the options; cliff would look up which package a command is from."""
        return ""

    def get_description(self) -> str:
        """What the command does, and examples: they come before the options, so that they are seen."""
        return f"{super().get_description()}\n\n{examples_of(self.cmd_name or '')}".rstrip()

    @property
    def session(self) -> Session:
        """Configuration and engine."""
        if self.app.session is None:
            from pmax.adapters.cli.progress import Progress
            from pmax.adapters.cli.selection import Selection
            from pmax.adapters.cli.session import open_session
            from pmax.bootstrap import build_engine

            selection = attrs.evolve(Selection.of(self.app.options, os.environ), timeout_s=self.app.timeout_s)
            session = open_session(selection, build_engine, self._ask_password())
            self.app.progress = Progress.as_asked(self.app.stderr, self.app.options)
            self.app.progress.listen(session.engine.signals)
            self.app.session = session
        return self.app.session

    def _ask_password(self) -> Callable[[str, str], str] | None:
        """Asks on the terminal, if there is one."""
        if not self.app.stdin.isatty():
            return None

        def ask(user: str, host: str) -> str:
            import getpass

            return getpass.getpass(f"Password of {user} at {host}: ")

        return ask

    @property
    def readers(self) -> Readers:
        """What only looks at the array."""
        return self.session.engine.readers

    @property
    def array_id(self) -> ArrayId:
        """The array that the user chose."""
        return self.session.array_id

    def surveyor(self, array_id: ArrayId | None = None) -> Surveyor:
        """Reads who sees what, on the chosen array or another; each thing at most once."""
        from pmax.adapters.cli.surveyor import Surveyor

        return Surveyor(self.readers, array_id or self.array_id, self.session.engine.settings.read_slots)

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Tell on a terminal that something long is being read, and how far it is."""
        progress = self.app.progress
        if progress is None:
            yield
            return
        progress.read(what)
        try:
            yield
        finally:
            progress.done()

    def wait(self, what: str, shown_by: str, look: Callable[[], Advance], limit_s: float | None) -> None:
        """Stay until the array has finished something, and tell how far it is; see `waiting`."""
        from pmax.adapters.cli.waiting import Waiting

        quiet = self.app.options.quiet
        Waiting(screen=self.app.stderr, is_quiet=quiet, what=what, shown_by=shown_by, limit_s=limit_s).until_over(look)

    def hint(self, text: str) -> None:
        """Tell something beside the result, unless the user wants quiet."""
        if not self.app.options.quiet:
            lines = folded(text, columns(self.app.stderr), "", " " * 6, cuts_names=False)
            self.app.stderr.writelines(f"{line}\n" for line in lines)


class ListAction(Action, Lister):
    """Shows one row for each object.

    Attributes:
        nothing: what a table without rows says.
    """

    nothing = "Nothing to show."

    def _load_formatter_plugins(self) -> ExtensionManager[cliff_formatters.ListFormatter]:
        return formatters.known(formatters.LIST_FORMATTERS)

    def produce_output(
        self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Iterable[Sequence[Any]]
    ) -> int:
        """Draw the rows; say so if there are none."""
        _check_columns(column_names, [*parsed_args.columns, *parsed_args.sort_columns])
        if parsed_args.formatter == "table":
            rows = iter(data)
            first = next(rows, None)
            if first is None:
                self.app.stdout.write(f"{self.nothing}\n")
                return 0
            data = chain((first,), rows)
        with self._telling(parsed_args) as progress:
            return super().produce_output(parsed_args, column_names, progress.count(data) if progress else data)

    @contextmanager
    def _telling(self, parsed_args: argparse.Namespace) -> Iterator[Progress | None]:
        """Tell how many rows have been read while none is seen: they go elsewhere, or wait for the last one."""
        progress = self.app.progress
        if progress is None or (self.app.stdout.isatty() and not parsed_args.sort_columns):
            yield None
            return
        with self.reading("reading"):
            yield progress


class ShowAction(Action, ShowOne):
    """Shows the fields of one object."""

    def _load_formatter_plugins(self) -> ExtensionManager[cliff_formatters.SingleFormatter]:
        return formatters.known(formatters.SHOW_FORMATTERS)

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Sequence[Any]) -> int:
        """Draw the fields."""
        _check_columns(column_names, parsed_args.columns)
        return super().produce_output(parsed_args, column_names, data)


def _check_columns(known: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a column that does not exist; cliff would pass over it."""
    for name in wanted:
        if name.lower().strip().replace(" ", "_") not in known:
            raise InvalidRequest("column", name, f"there are {', '.join(known)}")
