"""Reads many objects at a time, as many as the gate lets through, and gives them in order.

Where Unisphere has no call for many objects, one call for each has to do; waiting for them one by one does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

#: Questions for each thread that are prepared ahead: enough that none is idle, few enough that a limit stops them.
_AHEAD: Final = 2


def read_each(read: Callable[[KeyT], ValueT], keys: Iterable[KeyT], at_a_time: int) -> Iterator[ValueT]:
    """Read every key, a few at a time, and give the values in the order of the keys.

    Only as many are read as are consumed, and a few more. The first error ends it.

    Args:
        read: asks for one; may be called from several threads.
        keys: what to ask for.
        at_a_time: threads.
    """
    waiting: deque[Future[ValueT]] = deque()
    pool = ThreadPoolExecutor(max(1, at_a_time), thread_name_prefix="pmax-read")
    try:
        for key in keys:
            waiting.append(pool.submit(read, key))
            if len(waiting) > at_a_time * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
