"""`pmax journal`: operations that are neither done nor undone."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import ListAction, ShowAction
from pmax.adapters.cli.columns import Maybe, Names, moment
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.writing import Asking
from pmax.domain.errors import NotFound
from pmax.engine import Engine
from pmax.engine.recovery import direction_of
from pmax.ports.runtime import JournalEntry, JournalStep

_RECOVERED: Final = ("operation_id", "command", "verdict", "left_behind", "left_to_others")
_STATUS_OF_VERDICT: Final = {"open": exit_status.UNKNOWN, "busy": exit_status.BUSY}


class ListJournal(Listing):
    """List operations that are neither done nor undone."""

    nothing = "No operation was interrupted, and none left anything behind."
    columns = ("operation_id", "command", "started", "steps", "left", "error")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the journal."""
        return map(_row, self.session.engine.unfinished())


class ShowJournal(ShowAction):
    """Show the steps of an interrupted operation.

    Each with what became of it, and what recovery will do.
    """

    usage = "OPERATION"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take an operation."""
        parser = super().get_parser(prog_name)
        _take_operation(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Find it in the journal.

        Raises:
            NotFound: the journal has no such operation, or several.
        """
        entry = _named(self.session.engine, parsed_args.operation)
        begun = {step.index: step for step in entry.steps}
        steps = [f"{_state(begun.get(index))}: {step}" for index, step in enumerate(entry.plan.steps)]
        fields = {
            "operation_id": entry.operation_id,
            "command": entry.command,
            "started": moment(entry.started_s),
            "owner": entry.owner,
            "error": Maybe(entry.error),
            "locks": Names([str(key) for key in entry.locks]),
            "steps": Names(steps),
            "recovery": f"would {direction_of(entry).value}",
        }
        return tuple(fields), tuple(fields.values())


class ForgetOperation(Asking, ShowAction):
    """Forget an interrupted operation that you have seen to.

    Nothing changes on the array. What the operation left there stays, and recovery will not come back to it.
    """

    usage = "OPERATION"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take an operation."""
        parser = super().get_parser(prog_name)
        _take_operation(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Say what it has begun, ask, and forget it.

        Raises:
            NotFound: the journal has no such operation, or several.
        """
        engine = self.session.engine
        entry = _named(engine, parsed_args.operation)
        for step in _begun(entry):
            self.hint(f"pmax: it has begun to {step}")
        question = f"Forget {entry.command} {entry.operation_id}? What it left on the array stays."
        self.confirm(question, parsed_args, danger="what it left on the array stays")
        engine.forget(entry)
        fields = {"operation_id": entry.operation_id, "command": entry.command, "left": Names(_begun(entry))}
        return tuple(fields), tuple(fields.values())


class RecoverJournal(ListAction):
    """Finish or undo interrupted operations.

    What makes something is undone; what has begun to take something away is finished. What somebody uses by now is left
    to them, and so is what a host sees. Operations of processes that still run are left alone.
    """

    nothing = "Nothing to recover."

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take `--dry-run`."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be undone or finished, and do nothing"
        )
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Recover; the exit status says whether everything could be."""
        self._verdicts: list[str] = []
        super().run(parsed_args)
        return max((_STATUS_OF_VERDICT.get(verdict, 0) for verdict in self._verdicts), default=exit_status.DONE)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Go through the journal, oldest first."""
        engine = self.session.engine
        if parsed_args.dry_run:
            rows = [
                (entry.operation_id, entry.command, f"would {direction_of(entry).value}", Names(_begun(entry)))
                for entry in engine.unfinished()
            ]
            return ("operation_id", "command", "verdict", "steps"), rows
        recovered = engine.recover()
        self._verdicts = [each.verdict for each in recovered]
        return _RECOVERED, [
            (
                each.entry.operation_id,
                each.entry.command,
                each.verdict,
                Names(each.left_behind),
                Names(each.left_to_others),
            )
            for each in recovered
        ]


def _take_operation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("operation", metavar="OPERATION", help="its id, or the beginning of it")


def _named(engine: Engine, operation: str) -> JournalEntry:
    """The one interrupted operation whose id begins like this.

    Raises:
        NotFound: the journal has none, or several.
    """
    entries = [entry for entry in engine.unfinished() if entry.operation_id.startswith(operation)]
    if len(entries) != 1:
        raise NotFound("interrupted operation", operation)
    return entries[0]


def _row(entry: JournalEntry) -> tuple[Any, ...]:
    return (
        entry.operation_id,
        entry.command,
        moment(entry.started_s),
        f"{len(entry.steps)} of {len(entry.plan.steps)}",
        Names(_begun(entry)),
        Maybe(entry.error),
    )


def _state(begun: JournalStep | None) -> str:
    """What the journal knows of a step."""
    if begun is None:
        return "not begun"
    if begun.outcome is None:
        return "begun, outcome not known"
    return "done" if begun.outcome.changed else "was so already"


def _begun(entry: JournalEntry) -> list[str]:
    return [str(begun.step) for begun in entry.steps]
