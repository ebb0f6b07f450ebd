"""What all commands that change something have in common: `--dry-run`, and asking before data is lost."""

from __future__ import annotations

import argparse
from typing import Any

from pmax.adapters.cli import formatters, preview
from pmax.adapters.cli.base import Action, ListAction, ShowAction
from pmax.adapters.cli.folding import columns, folded
from pmax.adapters.cli.interruptions import Interruptions
from pmax.adapters.cli.levels import PolicyMaker
from pmax.adapters.cli.lookup import VolumeFinder
from pmax.adapters.cli.patience import seconds
from pmax.adapters.cli.refusals import Declined, WrongUsage
from pmax.domain.commands import Command


class Asking(Action):
    """A command that asks before something is lost."""

    def confirm(
        self,
        question: str,
        parsed_args: argparse.Namespace,
        count: int = 1,
        danger: str = "this cannot be undone",
    ) -> None:
        """Ask before something is lost.

        Args:
            question: what would be done.
            parsed_args: with `yes`, which answers it.
            count: of the things that would be lost; several are asked for by their number, which nobody types by habit.
            danger: what the matter is, for those who cannot be asked.

        Raises:
            WrongUsage: there is nobody to ask, and `--yes` was not given.
            Declined: the answer was not yes.
        """
        if parsed_args.yes:
            return
        if not self.app.stdin.isatty():
            raise WrongUsage(
                f"{question.partition('?')[0]}: {danger}, and there is nobody to ask", "give --yes if you are sure"
            )
        hint = "[y/N]" if count == 1 else f"Type {count} to go on:"
        lines = folded(f"{question} {hint}", columns(self.app.stderr) - 1)
        self.app.stderr.write("\n".join(lines) + " ")
        self.app.stderr.flush()
        accepted = {"y", "yes"} if count == 1 else {str(count)}
        if self.app.stdin.readline().strip().lower() not in accepted:
            raise Declined(question)


class Writing(Asking):
    """A command that changes the array."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take `--dry-run`."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show the plan and its REST calls, with -v what they carry; send nothing that changes",
        )
        parser.add_argument(
            "--timeout", metavar="S", type=seconds, help="give up after so many seconds [pmax_operation_timeout]"
        )
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """What the arguments ask for: each command, with words for it ("Create volume finance").

        Raises:
            PmaxError: the arguments ask for something impossible; nothing was sent.
        """
        raise NotImplementedError

    def previewed(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """The commands that `--dry-run` shows; all, unless one can only be planned when another is done."""
        return self.commands(parsed_args)

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show what would be done, or do it."""
        self.app.timeout_s = parsed_args.timeout
        engine = self.session.engine
        if not parsed_args.dry_run:
            with Interruptions(engine, self.app.stderr):
                return super().run(parsed_args)
        previews = [(subject, engine.preview(command)) for subject, command in self.previewed(parsed_args)]
        has_bodies = self.app.options.verbose_level > 0
        width = formatters.width(parsed_args)
        preview.write(previews, self.app.stdout, parsed_args.formatter, width, with_bodies=has_bodies)
        return 0

    @property
    def finder(self) -> VolumeFinder:
        """Finds volumes of the chosen array."""
        return VolumeFinder(self.readers.volumes, self.array_id)

    @property
    def policies(self) -> PolicyMaker:
        """Makes policies for the chosen array."""
        return PolicyMaker(self.readers, self.session.engine.settings)


class ShowWriting(Writing, ShowAction):
    """Changes the array and shows one result."""


class ListWriting(Writing, ListAction):
    """Changes the array and shows a row for each result."""
