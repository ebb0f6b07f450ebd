"""The simulator's time: real, real but with work that takes none, or moved by a test."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the simulator asks of time.

    `work_scale` multiplies the duration of work (jobs, copies, synchronisation), not of calendars (time to live, life
    of an iterator): with 0, work is done at once and a snapshot still lives its hour.
    """

    @property
    def work_scale(self) -> float:
        """The factor on durations of work."""

    def now(self) -> float:
        """Return epoch seconds."""

    def spend(self, seconds: float) -> float:
        """Let time pass, as the delay of an answer does; return the real seconds that the caller must wait for it."""


class RealClock:
    """The machine's own time."""

    work_scale = 1.0

    def now(self) -> float:
        """Return epoch seconds."""
        return time.time()

    def spend(self, seconds: float) -> float:
        """Want it waited for."""
        return seconds


class InstantClock(RealClock):
    """The machine's own time, but work takes none and delays are not waited for."""

    work_scale = 0.0

    def spend(self, seconds: float) -> float:
        """Want nothing waited for."""
        return 0.0


class ManualClock:
    """A time that stands still until it is advanced, or until something waits on it."""

    work_scale = 1.0

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return epoch seconds."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: time does not run backwards.
        """
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        with self._lock:
            self._now += seconds

    def spend(self, seconds: float) -> float:
        """Advance by that much, and want nothing waited for."""
        self.advance(seconds)
        return 0.0
