"""What was read before and need not be asked again yet: only what was there, never that something was absent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from pmax.ports.runtime import Clock

T = TypeVar("T")


class AgedCache(Generic[T]):
    """Remembers values for a time. Threads may share it; two that miss at once both ask, which harms nobody."""

    def __init__(self, clock: Clock, age_s: float | None) -> None:
        """Start empty.

        Args:
            clock: tells the age.
            age_s: for how long a value is believed; None for ever.
        """
        self._clock = clock
        self._age_s = age_s
        self._values: dict[Hashable, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], T | None]) -> T | None:
        """Give the value of a key, read now or not too long ago.

        Args:
            key: what is asked for.
            read: asks the array; None if it says that there is no such thing.
        """
        with self._lock:
            known = self._values.get(key)
        if known is not None and self._is_fresh(known[0]):
            return known[1]
        read_s = self._clock.now_s()
        value = read()
        with self._lock:
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = (read_s, value)
        return value

    def require(self, key: Hashable, read: Callable[[], T]) -> T:
        """As `get`, for what is always there or raised about."""
        value = self.get(key, read)
        if value is None:
            raise TypeError(f"what is required may not be None: {key}")
        return value

    def forget(self, key: Hashable) -> None:
        """Ask anew the next time."""
        with self._lock:
            self._values.pop(key, None)

    def _is_fresh(self, read_s: float) -> bool:
        return self._age_s is None or self._clock.now_s() - read_s < self._age_s
