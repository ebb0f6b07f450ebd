"""Locks out of Cinder's own coordinator, so that every cinder-volume of a cluster excludes the others.

Waiting is ours, and only with attempts that do not block: under eventlet, a blocking native lock stops the whole
service as soon as its holder yields. The clock's sleep is one that Cinder has made cooperative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol
from urllib.parse import quote

import tooz
from cinder import coordination
from oslo_log import log

from pmax.adapters.system import ThreadLocks
from pmax.domain.errors import Busy
from pmax.ports.runtime import Clock, Deadline, LockKey, Locks

LOG = log.getLogger(__name__)

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0


class CoordinatedLock(Protocol):
    """A lock of tooz, as far as it is used here."""

    def acquire(self, blocking: bool = True) -> bool:
        """Take it."""

    def release(self) -> bool:
        """Give it back."""


class Coordinator(Protocol):
    """Cinder's coordinator, as far as it is used here."""

    def get_lock(self, name: str) -> CoordinatedLock:
        """A new lock object for a name in ASCII."""


class CinderLocks(Locks):
    """Locks that the whole cluster of Cinder services respects.

    Threads of this process wait for each other first, so that only one of them asks the coordinator for a lock.

    Args:
        clock: for pauses between attempts.
        coordinator: Cinder's own, which the service has started by the time a driver is set up.
    """

    def __init__(self, clock: Clock, coordinator: Coordinator = coordination.COORDINATOR) -> None:
        self._clock = clock
        self._coordinator = coordinator
        self._threads = ThreadLocks(clock)

    @contextmanager
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[None]:
        """Hold all these locks, taken in sorted order. See `Locks.hold`."""
        wanted = sorted(set(keys))
        self._threads.refuse_again(wanted)
        with ExitStack() as held:
            for key in wanted:
                held.enter_context(self._threads.hold((key,), deadline))
                held.callback(self._release, key, self._acquire(key, deadline))
            yield

    def _acquire(self, key: LockKey, deadline: Deadline) -> CoordinatedLock:
        pause_s = _FIRST_PAUSE_S
        while True:
            lock, failure = self._attempt(key)
            if lock is not None:
                return lock
            remaining_s = deadline.remaining_s(self._clock)
            if not remaining_s:
                raise Busy(f"the lock {key}{failure}", deadline.waited_s(self._clock))
            self._clock.sleep(min(pause_s, remaining_s))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _attempt(self, key: LockKey) -> tuple[CoordinatedLock | None, str]:
        """Try once. A coordination service that cannot be reached counts as a lock that is not free.

        Each attempt takes a new lock object: tooz counts a failed attempt on a file lock as one that must be released.
        """
        try:
            lock = self._coordinator.get_lock(quote(str(key), safe="", errors="replace"))
            return (lock if lock.acquire(blocking=False) else None), ""
        except tooz.ToozError as error:
            return None, f" (the coordination service failed: {error})"

    @staticmethod
    def _release(key: LockKey, lock: CoordinatedLock) -> None:
        try:
            lock.release()
        except tooz.ToozError:  # the work is done; a lock whose service is gone ends with its lease
            LOG.exception("the lock %s could not be released", key)
