"""Ctrl-C while the array is being changed: the first one ends the operation at a safe point, the second at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self, TextIO

from pmax.domain import events
from pmax.engine import Engine

_TOLD = "\npmax: Ending at a safe point; what was made is taken back. Ctrl-C again stops at once.\n"


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
        self._before: Any = None
        engine.signals.operation_started.connect(self._started)
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
        self._screen.write(_TOLD)
        self._screen.flush()

    def _started(self, _event: events.OperationStarted) -> None:
        self._is_under_way = True

    def _ended(self, _event: events.OperationSucceeded | events.OperationFailed) -> None:
        self._is_under_way = False
