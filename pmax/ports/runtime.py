"""Time, locks, memory of what is under way, and listeners."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Protocol

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import Plan, Step, StepOutcome


class Clock(Protocol):
    """Time, so that tests can control it."""

    @abstractmethod
    def now_s(self) -> float:
        """Seconds on a clock that never goes back."""

    @abstractmethod
    def epoch_s(self) -> float:
        """Seconds since 1970, for records."""

    @abstractmethod
    def sleep(self, seconds: float) -> None:
        """Let this time pass."""


@attrs.frozen
class Deadline:
    """A moment by which something must be over.

    Attributes:
        at_s: on the clock that never goes back.
        started_s: when the waiting began, for messages.
    """

    at_s: float
    started_s: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        """The moment `seconds` from now."""
        now = clock.now_s()
        return cls(now + seconds, now)

    def remaining_s(self, clock: Clock) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at_s - clock.now_s())

    def waited_s(self, clock: Clock) -> float:
        """Seconds since the waiting began."""
        return clock.now_s() - self.started_s

    def sooner(self, clock: Clock, seconds: float) -> Deadline:
        """This deadline, or the moment `seconds` from now if that comes first."""
        now = clock.now_s()
        return Deadline(min(self.at_s, now + seconds), now)


@attrs.frozen(order=True)
class LockKey:
    """What is locked.

    Attributes:
        array_id: serial of the array, so that equal names on two arrays do not exclude each other.
        kind: `volume`, `host`…
        name: device id, host label…
    """

    array_id: ArrayId
    kind: str
    name: str

    def __str__(self) -> str:
        return f"pmax-{self.array_id}-{self.kind}-{self.name}"


class Locks(Protocol):
    """Mutual exclusion between threads, processes and hosts."""

    @abstractmethod
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> AbstractContextManager[None]:
        """Hold all these locks, taken in sorted order.

        Raises:
            Busy: one of them was not free until the deadline; none is held then.
            RuntimeError: this thread holds one of them already (a fault of ours, never waited for).
        """


@attrs.frozen(kw_only=True)
class JournalStep:
    """A step as the journal remembers it.

    Attributes:
        index: position in the plan, from 0.
        step: what was going to be done.
        outcome: None when the process died before it knew.
    """

    index: int
    step: Step
    outcome: StepOutcome | None = None


@attrs.frozen(kw_only=True)
class JournalEntry:
    """An operation as the journal remembers it.

    Attributes:
        operation_id: unique.
        command: name of the command's class.
        locks: keys that were held.
        plan: the whole plan.
        steps: those that were begun.
        started_s: seconds since 1970.
        owner: host and process that ran it.
        error: why it was given up; empty while it runs.
    """

    operation_id: str
    command: str
    locks: tuple[LockKey, ...]
    plan: Plan
    steps: tuple[JournalStep, ...] = ()
    started_s: float = 0.0
    owner: str = ""
    error: str = ""


class Journal(Protocol):
    """Remembers what is under way, so that a crash loses nothing. Each method is durable when it returns."""

    @abstractmethod
    def begin(self, command: str, plan: Plan, locks: tuple[LockKey, ...]) -> str:
        """Remember an operation before its first step; returns its id."""

    @abstractmethod
    def intend(self, operation_id: str, index: int, step: Step) -> None:
        """Remember a step before it is sent; `index` is its position in the plan."""

    @abstractmethod
    def record(self, operation_id: str, index: int, outcome: StepOutcome) -> None:
        """Remember what a step did."""

    @abstractmethod
    def forget_step(self, operation_id: str, index: int) -> None:
        """The step is known to have had no effect, or was taken back."""

    @abstractmethod
    def finish(self, operation_id: str) -> None:
        """The operation is over and nothing of it is open: forget it."""

    @abstractmethod
    def abandon(self, operation_id: str, error: str) -> None:
        """The operation is over, but something of it remains; keep it for an administrator and for recovery."""

    @abstractmethod
    def unfinished(self) -> tuple[JournalEntry, ...]:
        """Operations whose process is gone, and those that were abandoned. Oldest first."""

    @abstractmethod
    def left(self, is_wanted: Callable[[JournalEntry], bool]) -> tuple[JournalEntry, ...] | None:
        """Those of `unfinished` that are wanted; what nobody wants stays where anybody can take it over.

        Returns:
            None if somebody else is taking over at this moment: ask again soon.
        """

    @abstractmethod
    def has(self, operation_id: str) -> bool:
        """Whether this journal has the operation, under way or taken over, and nobody has ended it."""


class EventSink(Protocol):
    """Where events go."""

    @abstractmethod
    def publish(self, event: object) -> None:
        """Tell whoever listens. Never raises: a listener's failure is its own."""


Subscription = Callable[[], None]
"""Call it to stop listening."""
