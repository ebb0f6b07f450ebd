"""`pmax journal`: operations that are neither done nor undone."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import ListAction
from pmax.adapters.cli.columns import Maybe, Names
from pmax.ports.runtime import JournalEntry

_COLUMNS: Final = ("operation_id", "command", "started", "steps", "left", "error")
_RECOVERED: Final = ("operation_id", "command", "verdict", "left_behind")
_STATUS_OF_VERDICT: Final = {"open": exit_status.UNKNOWN, "busy": exit_status.BUSY}


class ListJournal(ListAction):
    """List operations that are neither done nor undone."""

    nothing = "No operation was interrupted, and none left anything behind."

    def take_action(self, _parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the journal."""
        return _COLUMNS, (_row(entry) for entry in self.session.engine.unfinished())


class RecoverJournal(ListAction):
    """Finish or undo interrupted operations.

    What makes something is undone; what takes something away is finished. Operations of processes that still run are
    left alone.
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
                (entry.operation_id, entry.command, f"would {entry.plan.recovery.value}", Names(_begun(entry)))
                for entry in engine.unfinished()
            ]
            return ("operation_id", "command", "verdict", "steps"), rows
        recovered = engine.recover()
        self._verdicts = [each.verdict for each in recovered]
        return _RECOVERED, [
            (each.entry.operation_id, each.entry.command, each.verdict, Names(each.left_behind)) for each in recovered
        ]


def _row(entry: JournalEntry) -> tuple[Any, ...]:
    started = datetime.fromtimestamp(entry.started_s, UTC)
    return (
        entry.operation_id,
        entry.command,
        f"{started:%Y-%m-%d %H:%M:%SZ}",
        f"{len(entry.steps)} of {len(entry.plan.steps)}",
        Names(_begun(entry)),
        Maybe(entry.error),
    )


def _begun(entry: JournalEntry) -> list[str]:
    return [str(begun.step) for begun in entry.steps]
