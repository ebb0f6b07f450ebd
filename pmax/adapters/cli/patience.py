"""Waiting between two looks, until a signal or a deadline ends it."""

from __future__ import annotations

import argparse
import math
import signal
import threading
from types import FrameType, TracebackType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Patience:
    """Waits, and stops waiting at once on Ctrl-C or SIGTERM; used as a context.

    Args:
        limit_s: longest time altogether; None for no end but a signal.
    """

    def __init__(self, limit_s: float | None = None) -> None:
        self._left_s = limit_s
        self._told = threading.Event()
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        """Listen for the signals."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the signals to whoever had them before."""
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # what signal.signal itself gave

    def is_over(self, interval_s: float) -> bool:
        """Wait for an interval, or less if the end comes before; says whether it came."""
        if self._left_s is not None:
            interval_s = min(interval_s, self._left_s)
            self._left_s -= interval_s
        return self._told.wait(interval_s) or (self._left_s is not None and self._left_s <= 0)

    @property
    def was_told(self) -> bool:
        """Whether a signal came."""
        return self._told.is_set()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._told.set()


def seconds(text: str) -> float:
    """A time on the command line: a number above zero, in seconds."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from None
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no time above zero")
    return value
