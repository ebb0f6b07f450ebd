"""An array reduced to what the executor can see: steps that succeed, fail or lose their answer as a test says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import attrs

from pmax.domain.errors import PmaxError
from pmax.domain.plans import Plan, Step, StepOutcome
from pmax.ports.array_commands import ArrayCommands, Claim, Fate, Investigation, PreviewedCall
from pmax.ports.runtime import Clock, Deadline, Journal, JournalEntry, JournalStep, LockKey


@attrs.define
class ScriptedArray(ArrayCommands):
    """Holds the steps that took effect.

    Attributes:
        state: words of the steps in effect; an undone step is a step of its own.
        errors: words of a step → what `apply` raises.
        applies_before_error: words of steps that take effect although they raise.
        outcomes: words of a step → its outcome; others just change something.
        objections: words of a step → why it must not be carried out late.
        refused_looks: words of a step → what looking for objections to it raises.
        unreadable: whether investigations fail.
    """

    state: list[str] = attrs.field(factory=list)
    errors: dict[str, PmaxError] = attrs.field(factory=dict)
    applies_before_error: set[str] = attrs.field(factory=set)
    outcomes: dict[str, StepOutcome] = attrs.field(factory=dict)
    objections: dict[str, str] = attrs.field(factory=dict)
    refused_looks: dict[str, PmaxError] = attrs.field(factory=dict)
    unreadable: bool = False

    def apply(self, step: Step, deadline: Deadline) -> StepOutcome:
        """Do as the test says."""
        words = str(step)
        if words in self.errors:
            if words in self.applies_before_error:
                self.state.append(words)
            raise self.errors[words]
        self.state.append(words)
        return self.outcomes.get(words, StepOutcome(changed=True))

    def investigate(self, step: Step) -> Investigation:
        """Tell whether the step is in effect."""
        words = str(step)
        if self.unreadable:
            return Investigation(fate=Fate.UNKNOWN, reason="the array does not answer")
        if words in self.state:
            return Investigation(fate=Fate.APPLIED, outcome=self.outcomes.get(words, StepOutcome(changed=True)))
        return Investigation(fate=Fate.NOT_APPLIED)

    def within(self, deadline: Deadline) -> AbstractContextManager[None]:
        """Nothing here takes time."""
        return nullcontext()

    def objection(self, step: Step, claim: Claim) -> str:
        """Say what the test says."""
        if str(step) in self.refused_looks:
            raise self.refused_looks[str(step)]
        return self.objections.get(str(step), "")

    def preview(self, step: Step) -> tuple[PreviewedCall, ...]:
        """Nothing here makes calls."""
        return ()


@attrs.define
class StoppedClock(Clock):
    """Time that passes only when somebody sleeps."""

    time_s: float = 0.0

    def now_s(self) -> float:
        """Seconds slept so far."""
        return self.time_s

    def epoch_s(self) -> float:
        """The same, as a date."""
        return self.time_s

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.time_s += seconds


@attrs.define
class PlainJournal(Journal):
    """A journal that can be looked into."""

    entries: dict[str, JournalEntry] = attrs.field(factory=dict)

    def begin(self, command: str, plan: Plan, locks: tuple[LockKey, ...]) -> str:
        """Remember an operation."""
        operation_id = f"operation-{len(self.entries) + 1}"
        self.entries[operation_id] = JournalEntry(operation_id=operation_id, command=command, locks=locks, plan=plan)
        return operation_id

    def intend(self, operation_id: str, index: int, step: Step) -> None:
        """Remember a step."""
        self.forget_step(operation_id, index)
        entry = self.entries[operation_id]
        self.entries[operation_id] = attrs.evolve(entry, steps=(*entry.steps, JournalStep(index=index, step=step)))

    def record(self, operation_id: str, index: int, outcome: StepOutcome) -> None:
        """Remember what it did."""
        entry = self.entries[operation_id]
        steps = tuple(attrs.evolve(step, outcome=outcome) if step.index == index else step for step in entry.steps)
        self.entries[operation_id] = attrs.evolve(entry, steps=steps)

    def forget_step(self, operation_id: str, index: int) -> None:
        """Forget a step."""
        entry = self.entries[operation_id]
        self.entries[operation_id] = attrs.evolve(
            entry, steps=tuple(step for step in entry.steps if step.index != index)
        )

    def finish(self, operation_id: str) -> None:
        """Forget an operation."""
        del self.entries[operation_id]

    def abandon(self, operation_id: str, error: str) -> None:
        """Keep an operation."""
        self.entries[operation_id] = attrs.evolve(self.entries[operation_id], error=error)

    def unfinished(self) -> tuple[JournalEntry, ...]:
        """All of them: whoever asks is another process."""
        return tuple(self.entries.values())

    def left(self, is_wanted: Callable[[JournalEntry], bool]) -> tuple[JournalEntry, ...]:
        """Those that are wanted."""
        return tuple(filter(is_wanted, self.unfinished()))

    def has(self, operation_id: str) -> bool:
        """Whether it is there."""
        return operation_id in self.entries
