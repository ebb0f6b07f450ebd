"""A journal that lives as long as the process, for tests and for callers that want nothing on disk."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable

import attrs

from pmax.domain.plans import Plan, Step, StepOutcome
from pmax.ports.runtime import Clock, Journal, JournalEntry, JournalStep, LockKey

#: An operation that is given up without a word still is given up, and an empty error would mean that it runs.
NO_REASON = "given up"


class MemoryJournal(Journal):
    """Remembers operations until the process ends: what a crash leaves behind is not known to anybody.

    Args:
        clock: tells when an operation began.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._entries: dict[str, JournalEntry] = {}

    def begin(self, command: str, plan: Plan, locks: tuple[LockKey, ...]) -> str:
        """Remember an operation before its first step; returns its id."""
        operation_id = str(uuid.uuid4())
        entry = JournalEntry(
            operation_id=operation_id,
            command=command,
            locks=locks,
            plan=plan,
            started_s=self._clock.epoch_s(),
            owner=f"process {os.getpid()}",
        )
        with self._guard:
            self._entries[operation_id] = entry
        return operation_id

    def intend(self, operation_id: str, index: int, step: Step) -> None:
        """Remember a step before it is sent."""
        with self._guard:
            self._replace(operation_id, index, JournalStep(index=index, step=step))

    def record(self, operation_id: str, index: int, outcome: StepOutcome) -> None:
        """Remember what a step did."""
        with self._guard:
            [begun] = [begun for begun in self._entries[operation_id].steps if begun.index == index]
            self._replace(operation_id, index, attrs.evolve(begun, outcome=outcome))

    def forget_step(self, operation_id: str, index: int) -> None:
        """Forget a step that had no effect, or was taken back."""
        with self._guard:
            self._replace(operation_id, index, None)

    def finish(self, operation_id: str) -> None:
        """Forget an operation; one that is forgotten already stays so."""
        with self._guard:
            self._entries.pop(operation_id, None)

    def abandon(self, operation_id: str, error: str) -> None:
        """Keep an operation that is over and left something; one that is forgotten already stays so."""
        with self._guard:
            entry = self._entries.get(operation_id)
            if entry is not None:
                self._entries[operation_id] = attrs.evolve(entry, error=error or NO_REASON)

    def unfinished(self) -> tuple[JournalEntry, ...]:
        """Operations that were abandoned, oldest first."""
        with self._guard:
            abandoned = [entry for entry in self._entries.values() if entry.error]
        return tuple(sorted(abandoned, key=lambda entry: entry.started_s))

    def left(self, is_wanted: Callable[[JournalEntry], bool]) -> tuple[JournalEntry, ...]:
        """Those of them that are wanted."""
        return tuple(filter(is_wanted, self.unfinished()))

    def has(self, operation_id: str) -> bool:
        """Whether nobody has ended it."""
        with self._guard:
            return operation_id in self._entries

    def _replace(self, operation_id: str, index: int, step: JournalStep | None) -> None:
        entry = self._entries[operation_id]
        others = [other for other in entry.steps if other.index != index]
        steps = sorted([*others, step] if step else others, key=lambda begun: begun.index)
        self._entries[operation_id] = attrs.evolve(entry, steps=tuple(steps))
