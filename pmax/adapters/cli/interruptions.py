"""Ctrl-C while the array is being changed: the first one ends the operation at a safe point, the second at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self, TextIO

from pmax.adapters.cli.folding import columns, folded
from pmax.domain import events
from pmax.engine import Engine

_TOLD = (
    "pmax: Ending at a safe point. Under way: {step}.",
    "      When that is done, what was made is taken back, and what takes something away is finished.",
    "      Ctrl-C again stops at once; `pmax journal list` then shows what was under way.",
    "      `pmax journal recover` ends it.",
)


class Interruptions:
    """Takes Ctrl-C while an operation is under way; used as a context.

    Args:
        engine: carries out the operations.
        screen: where the person is told.
    """

    def __init__(self, engine: Engine, screen: TextIO) -> None:
        self._engine = engine
        self._screen = screen
        self._is_under_way = False
        self._waiting: list[str] = []
        self._before: Any = None
        engine.signals.operation_started.connect(self._started)
        engine.signals.step_applied.connect(self._applied)
        engine.signals.operation_succeeded.connect(self._ended)
        engine.signals.operation_failed.connect(self._ended)

    def __enter__(self) -> Self:
        """Take the signal."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """While nothing is being changed, Ctrl-C means what it always means."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not self._is_under_way:
            raise KeyboardInterrupt
        self._engine.stop()
        step = self._waiting[0] if self._waiting else "the last step"
        width = columns(self._screen)
        lines = [line for told in _TOLD for line in folded(told.format(step=step), width, "", " " * 6)]
        self._screen.write("\n" + "".join(f"{line}\n" for line in lines))
        self._screen.flush()

    def _started(self, event: events.OperationStarted) -> None:
        self._is_under_way = True
        self._waiting = [str(step) for step in event.plan.steps]

    def _applied(self, _event: events.StepApplied) -> None:
        self._waiting = self._waiting[1:]

    def _ended(self, _event: events.OperationSucceeded | events.OperationFailed) -> None:
        self._is_under_way = False
