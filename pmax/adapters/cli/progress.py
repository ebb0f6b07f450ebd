"""Tells on the terminal what an operation is doing, out of the engine's signals."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

from pmax.adapters.cli.folding import columns, folded
from pmax.domain.events import (
    CallFinished,
    OperationFailed,
    OperationStarted,
    OperationSucceeded,
    StepApplied,
    StepUndone,
)

if TYPE_CHECKING:
    from rich.status import Status

    from pmax.plugins.signals import Signals

RowT = TypeVar("RowT")

#: Between two times that the number of rows is told.
_ROWS_AT_A_TIME: Final = 100
#: Width of the longest word for what became of a step.
_OUTCOME: Final = len("undone")


class Progress:
    """Writes a line for each step that is done or taken back; on a terminal the step under way turns below them.

    Args:
        out: where to.
        is_shown: whether anybody wants to see it.
    """

    def __init__(self, out: TextIO, *, is_shown: bool) -> None:
        self._out = out
        self._is_shown = is_shown
        self._status: Status | None = None
        self._waiting: list[str] = []
        self._calls = 0
        self._reading = ""
        self._rows = ""

    @classmethod
    def as_asked(cls, out: TextIO, options: argparse.Namespace) -> Progress:
        """Shown on a terminal, and elsewhere with -v; never with -q."""
        wanted = out.isatty() or options.verbose_level > 0
        return cls(out, is_shown=wanted and not options.quiet)

    def listen(self, signals: Signals) -> None:
        """Follow the operations of an engine."""
        if self._is_shown:
            signals.operation_started.connect(self._started)
            signals.step_applied.connect(self._applied)
            signals.step_undone.connect(self._undone)
            signals.operation_succeeded.connect(self._ended)
            signals.operation_failed.connect(self._ended)
            signals.call_finished.connect(self._called)

    def read(self, what: str) -> None:
        """Tell what is being read, with the calls that it takes, until `done`; only on a terminal."""
        self._calls, self._reading, self._rows = 0, what, ""
        if self._is_shown and self._out.isatty():
            self._turn(what)

    def count(self, rows: Iterable[RowT]) -> Iterator[RowT]:
        """Give rows on, and tell now and then how many there were."""
        for number, row in enumerate(rows, start=1):
            if number % _ROWS_AT_A_TIME == 0 and self._status is not None:
                self._rows = f"{number:,} rows, "
            yield row

    def done(self) -> None:
        """Nothing is under way any more."""
        self._reading = ""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _started(self, event: OperationStarted) -> None:
        self._waiting = [str(step) for step in event.plan.steps]
        if self._waiting and self._out.isatty():
            self._turn(self._waiting[0])

    def _applied(self, event: StepApplied) -> None:
        was_there = not event.outcome.changed and not type(event.step).__name__.startswith("Await")
        self._write("there" if was_there else "done", str(event.step))
        self._waiting = self._waiting[1:]
        if self._waiting and self._status is not None:
            self._status.update(self._waiting[0])

    def _undone(self, event: StepUndone) -> None:
        self._write("undone", str(event.step))

    def _ended(self, _event: OperationSucceeded | OperationFailed) -> None:
        self.done()

    def _called(self, _event: CallFinished) -> None:
        if self._reading and self._status is not None:
            self._calls += 1
            self._status.update(f"{self._reading}, {self._rows}{self._calls:,} calls")

    def _turn(self, what: str) -> None:
        from rich.console import Console
        from rich.status import Status

        self.done()
        console = Console(file=self._out, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._status = Status(what, console=console)
        self._status.start()

    def _write(self, outcome: str, step: str) -> None:
        margin = f"  {outcome:<{_OUTCOME}} "
        text = "\n".join(folded(step, columns(self._out), margin, " " * len(margin)))
        if self._status is not None:
            self._status.console.print(text)
        else:
            self._out.write(f"{text}\n")
            self._out.flush()
