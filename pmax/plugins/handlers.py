"""What a handler is: the part of the host that knows how to carry out one command."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol, TypeVar

import attrs

from pmax.domain.errors import Conflict
from pmax.domain.plans import AwaitGroupSnapshot, AwaitLunAddress, AwaitSnapshot, Plan, Step, StepOutcome
from pmax.domain.snapvx import SnapshotKey
from pmax.ports.runtime import LockKey

CommandT = TypeVar("CommandT", contravariant=True)
ObservedT = TypeVar("ObservedT")
ResultT = TypeVar("ResultT", covariant=True)


@attrs.frozen
class Outcomes:
    """The steps of a plan that were carried out, with what became of each."""

    pairs: tuple[tuple[Step, StepOutcome], ...]

    def created_device(self, identifier: str) -> str:
        """The device that `CreateVolume` made under this identifier.

        Raises:
            KeyError: the plan had no such step.
        """
        for step, outcome in self.pairs:
            if outcome.device_id is not None and getattr(step, "identifier", None) == identifier:
                return outcome.device_id
        raise KeyError(identifier)

    def created_remote_device(self, identifier: str) -> str:
        """The other side that a step made for the volume of this identifier.

        Raises:
            KeyError: the plan had no such step.
        """
        for step, outcome in self.pairs:
            if outcome.remote_device_id is not None and getattr(step, "identifier", None) == identifier:
                return outcome.remote_device_id
        raise KeyError(identifier)

    def snapshot(self, name: str) -> SnapshotKey:
        """Which of the snapshots of this name the array showed, when the plan waited for it.

        Raises:
            KeyError: the plan did not.
        """
        for step, outcome in self.pairs:
            if not isinstance(step, AwaitSnapshot | AwaitGroupSnapshot):
                continue
            if step.name == name and outcome.snapshot is not None:
                return outcome.snapshot
        raise KeyError(name)

    def connections(self, array_id: str) -> StepOutcome | None:
        """The outcome of the await for a LUN address on that array; None if there was none."""
        for step, outcome in self.pairs:
            if isinstance(step, AwaitLunAddress) and step.array_id == array_id:
                return outcome
        return None


class MoreLocksNeeded(Exception):
    """Reading showed that the operation touches more than its command told; the engine takes these too and starts over.

    Attributes:
        keys: what must be held besides.
    """

    def __init__(self, keys: frozenset[LockKey]) -> None:
        super().__init__(f"{len(keys)} more locks are needed")
        self.keys = keys


@attrs.frozen
class Look:
    """How a handler shall read.

    Attributes:
        attempt: counts from 1. In the first attempt a handler may save calls by assuming what is usual; in later ones,
            and for a preview, it must look.
        held: locks that are held; None for a preview, which changes nothing and needs none.
        conflict: what showed last time that the array was not as observed; None in the first attempt.
    """

    attempt: int
    held: frozenset[LockKey] | None
    conflict: Conflict | None = None

    @property
    def is_thorough(self) -> bool:
        """Whether nothing may be assumed."""
        return self.attempt > 1

    def require(self, keys: frozenset[LockKey]) -> None:
        """Make sure that these are held.

        Raises:
            MoreLocksNeeded: for the engine, which then takes them and lets the handler start over.
        """
        if self.held is not None and not keys <= self.held:
            raise MoreLocksNeeded(keys - self.held)


class Handler(Protocol[CommandT, ObservedT, ResultT]):
    """Carries out one class of command in three phases, so that the same code serves `--dry-run`.

    `observe` reads, and reads only what it needs. `plan` is pure. The engine then applies the plan and calls `result`.

    The engine holds the locks that `locks` names from before `observe` until after the last step. If the array turns
    out not to be as observed (a `Conflict` while applying, with everything undone), it calls `observe` again. If
    something holds the object that passes by itself (`StillInUse`, raised in any phase), the engine lets go of the
    locks, waits, and starts over, until the operation's deadline.
    """

    command: type[Any]

    @abstractmethod
    def locks(self, command: CommandT) -> frozenset[LockKey]:
        """What nobody else may change meanwhile."""

    @abstractmethod
    def observe(self, command: CommandT, look: Look) -> ObservedT:
        """Read what the plan depends on.

        Raises:
            PmaxError: whatever makes the command impossible; nothing was changed.
        """

    @abstractmethod
    def plan(self, command: CommandT, observed: ObservedT) -> Plan:
        """Decide what to do. Pure: no reading, no time."""

    @abstractmethod
    def result(self, command: CommandT, observed: ObservedT, outcomes: Outcomes) -> ResultT:
        """What the caller gets. Pure, like `plan`: what it needs was read before, so that it cannot fail late."""


AnyHandler = Handler[Any, Any, Any]
