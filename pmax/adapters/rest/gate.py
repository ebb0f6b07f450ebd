"""Admission: how many calls one Unisphere server has to bear at a time.

Reads and changes have slots of their own, so that a queue of slow changes never keeps a read waiting. Whoever waits is
served in the order of coming. Every engine of a process that talks to the same server passes the same gate, and the
gates of all processes of a machine share their slots (`slots`). When the server asks for fewer calls, the gate narrows
for a while.

Locks and events are made when a gate is made, never at import, so that they are those of eventlet where eventlet has
patched the process.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from pmax.adapters.rest.slots import SharedSlots
from pmax.domain.errors import Busy
from pmax.ports.runtime import Clock, Deadline

#: How long the gate stays narrow after the server asked for fewer calls, if it did not say.
_NARROW_S: Final = 10.0
_MOST_NARROW: Final = 1024
#: How often one who waits looks up: the end of a narrow time or of a deadline wakes nobody.
_LOOK_UP_S: Final = 0.1


class _Lane:
    """Slots of one kind, and a queue before them. Its owner's lock is held around each call."""

    def __init__(self, kind: str, slots: int) -> None:
        self.kind = kind
        self.slots = slots
        self.in_flight = 0
        self.queue: deque[threading.Event] = deque()

    def admit(self, limit: int) -> None:
        while self.queue and self.in_flight < limit:
            self.in_flight += 1
            self.queue.popleft().set()


class Gate:
    """Lets a bounded number of calls pass at a time."""

    def __init__(
        self, endpoint: str, read_slots: int, write_slots: int, shared_slots: SharedSlots | None = None
    ) -> None:
        """Open a gate.

        Args:
            endpoint: host and port, for messages.
            read_slots: reads in flight at a time, at least one.
            write_slots: changes in flight at a time, at least one.
            shared_slots: which other processes share; None if this one is alone.
        """
        self._endpoint = endpoint
        self._shared_slots = shared_slots
        self._lock = threading.Lock()
        self._reads = _Lane("read", max(1, read_slots))
        self._writes = _Lane("write", max(1, write_slots))
        self._narrow_until_s = 0.0
        self._divisor = 1

    def restrict(self, read_slots: int, write_slots: int) -> None:
        """Give no more slots than this: the strictest of those who share the gate counts."""
        with self._lock:
            self._reads.slots = min(self._reads.slots, max(1, read_slots))
            self._writes.slots = min(self._writes.slots, max(1, write_slots))

    @contextmanager
    def passage(self, clock: Clock, deadline: Deadline, *, is_read: bool) -> Iterator[float]:
        """Wait for a slot and hold it.

        Returns:
            Seconds that were spent waiting.

        Raises:
            Busy: no slot became free until the deadline.
        """
        lane = self._reads if is_read else self._writes
        began_s = clock.now_s()
        self._enter(lane, clock, deadline)
        try:
            with self._shared(lane, clock, deadline):
                yield clock.now_s() - began_s
        finally:
            with self._lock:
                lane.in_flight -= 1
                lane.admit(self._limit(lane, clock.now_s()))

    def _shared(self, lane: _Lane, clock: Clock, deadline: Deadline) -> AbstractContextManager[None]:
        """A slot among all processes, after one among the threads of this process."""
        if self._shared_slots is None:
            return nullcontext()
        return self._shared_slots.hold(lane.kind, self._limit(lane, clock.now_s()), clock, deadline)

    def narrow(self, now_s: float, seconds: float) -> None:
        """Halve the slots for a while, down to one: the server asked for fewer calls.

        Args:
            now_s: on the clock that never goes back.
            seconds: for how long the server wants to be left alone; 0 if it did not say.
        """
        with self._lock:
            # A throttled crowd narrows the gate many times at once; more than one slot is never taken away for good.
            self._divisor = min(_MOST_NARROW, 2 * self._divisor) if now_s < self._narrow_until_s else 2
            self._narrow_until_s = max(self._narrow_until_s, now_s + max(seconds, _NARROW_S))

    def _limit(self, lane: _Lane, now_s: float) -> int:
        return max(1, lane.slots // self._divisor) if now_s < self._narrow_until_s else lane.slots

    def _enter(self, lane: _Lane, clock: Clock, deadline: Deadline) -> None:
        ticket = threading.Event()
        with self._lock:
            lane.queue.append(ticket)
            lane.admit(self._limit(lane, clock.now_s()))
        try:
            while not ticket.wait(_LOOK_UP_S):
                self._look_up(lane, ticket, clock, deadline)
        except BaseException:
            # Whoever gives up, or is killed while waiting (a green thread may be), leaves neither ticket nor slot.
            self._give_up(lane, ticket, clock.now_s())
            raise

    def _look_up(self, lane: _Lane, ticket: threading.Event, clock: Clock, deadline: Deadline) -> None:
        now_s, left_s = clock.now_s(), deadline.remaining_s(clock)
        with self._lock:
            lane.admit(self._limit(lane, now_s))
            is_late = not ticket.is_set() and not left_s
        if is_late:
            raise Busy(f"Unisphere at {self._endpoint}", deadline.waited_s(clock))

    def _give_up(self, lane: _Lane, ticket: threading.Event, now_s: float) -> None:
        with self._lock:
            if ticket.is_set():
                lane.in_flight -= 1
                lane.admit(self._limit(lane, now_s))
            else:
                lane.queue.remove(ticket)


_gates: WeakValueDictionary[Hashable, Gate] = WeakValueDictionary()
# Held for a few instructions and never while anything is awaited, so it may be a native lock even under eventlet.
_gates_lock = threading.Lock()


def shared_gate(
    server: Hashable, endpoint: str, read_slots: int, write_slots: int, directory: Path | None = None
) -> Gate:
    """The gate of a server, the same for all who ask while one of them keeps it.

    Args:
        server: what tells servers apart.
        endpoint: host and port, for messages.
        read_slots: as the asker is configured; the strictest of all askers counts.
        write_slots: likewise.
        directory: where the slots are that other processes share; None if this one is alone.
    """
    with _gates_lock:
        gate = _gates.get(server)
        if gate is None:
            slots = None if directory is None else SharedSlots(directory, endpoint)
            gate = _gates[server] = Gate(endpoint, read_slots, write_slots, slots)
    gate.restrict(read_slots, write_slots)
    return gate
