"""Locks for tests in which nobody else is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pmax.ports.runtime import Deadline, LockKey, Locks


class NoLocks(Locks):
    """Grants everything."""

    @contextmanager
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[None]:
        """Grant it."""
        yield
