"""The locks of one operation, some of which it lets go before it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from pmax.ports.runtime import Deadline, LockKey, Locks


class HeldLocks:
    """Locks that are held, each by itself."""

    def __init__(self, each: Mapping[LockKey, ExitStack]) -> None:
        self._each = each

    def let_go(self, key: LockKey) -> None:
        """Hold a lock no longer; one that is not held needs nothing."""
        held = self._each.get(key)
        if held is not None:
            held.close()


@contextmanager
def holding(locks: Locks, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[HeldLocks]:
    """Hold all these locks, taken in sorted order, as `Locks.hold`; what was not let go before is let go at the end.

    Raises:
        Busy: one of them was not free until the deadline; none is held then.
    """
    each: dict[LockKey, ExitStack] = {}
    with ExitStack() as all_of_them:
        for key in sorted(set(keys)):
            each[key] = all_of_them.enter_context(ExitStack())
            each[key].enter_context(locks.hold((key,), deadline))
        yield HeldLocks(each)
