"""Carries out plans: journal, apply, prove, and take back in reverse.

This is the only place where changes are made and unmade. No operation has clean-up code of its own.

Rules:
- A step is in the journal before it is sent, and its outcome before the next step is.
- A write whose answer was lost is investigated by reading the array; it is never sent again.
- What this operation changed is taken back when a later step fails, last first; what it only found is not. Where one
  step cannot be taken back now, those before it stay too, until recovery can go on from there.
- An outcome that cannot be found out stops everything: nothing is undone on a guess, the journal keeps the operation.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import attrs

from pmax.domain import events
from pmax.domain.errors import (
    DeadlinePassed,
    Interrupted,
    InUse,
    JobFailed,
    MalformedReply,
    NotFound,
    OutcomeUnknown,
    PlanFailed,
    PmaxError,
    Unavailable,
)
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import (
    AwaitLinkDefined,
    CreateTemporarySnapshot,
    DeleteInitiatorGroup,
    DeleteStorageGroup,
    Plan,
    PruneStorageGroup,
    Recovery,
    Step,
    StepOutcome,
    emptied_on,
    inverse,
    is_await,
    is_housekeeping,
    is_left_done,
    is_resolved,
    outlives_its_group,
    pinned,
    resolve,
)
from pmax.domain.snapvx import SnapshotKey
from pmax.plugins.handlers import Outcomes
from pmax.ports.array_commands import ArrayCommands, Fate, Investigation
from pmax.ports.runtime import Clock, Deadline, EventSink, Journal

_log = logging.getLogger(__name__)

#: Pauses before looking again whether a write without an answer took effect after all: the array may still be at it.
_SECOND_LOOKS_S = (0.5, 2.0)
#: Longest pause between two looks at something that is settling.
_LONGEST_LOOK_PAUSE_S = 5.0
#: Time for finding out what became of one step, counted anew for the same reason as the next one.
_FIND_OUT_TIMEOUT_S = 60.0
_NO_WAY_BACK = "there is no way back"
#: Time for taking back, counted anew: the operation's own deadline may be what failed.
_UNDO_TIMEOUT_S = 300.0


@attrs.frozen(kw_only=True)
class DoneStep:
    """A step that took effect.

    Attributes:
        index: its position in the plan.
        step: with real devices.
        outcome: what it did.
    """

    index: int
    step: Step
    outcome: StepOutcome


def _nothing(_step: AwaitLinkDefined) -> None:
    """Hold all locks to the end."""


@attrs.define
class Progress:
    """What an operation has done so far.

    Attributes:
        operation_id: its id in the journal.
        let_go: lets others at the snapshots of the volume from which this operation waits to have all data.
        done: steps that took effect, in order.
        created: `NewVolume.key` → device, of the volumes it made.
        emptied: storage groups that it left empty, as the array said, with the array (`emptied_on`).
        untidied: what should have been tidied up and could not be, in words.
        snapshots: volume and name → key, of the temporary snapshots it took, once that must be known.
    """

    operation_id: str
    let_go: Callable[[AwaitLinkDefined], None] = _nothing
    done: list[DoneStep] = attrs.field(factory=list)
    created: dict[tuple[str, bool], DeviceId] = attrs.field(factory=dict)
    emptied: set[str] = attrs.field(factory=set)
    untidied: list[str] = attrs.field(factory=list)
    snapshots: dict[tuple[DeviceId, str], SnapshotKey] = attrs.field(factory=dict)

    def add(self, index: int, step: Step, outcome: StepOutcome) -> None:
        """Remember a step that took effect."""
        self.done.append(DoneStep(index=index, step=step, outcome=outcome))
        self.emptied |= {emptied_on(step.array_id, name) for name in outcome.emptied}
        if isinstance(step, CreateTemporarySnapshot) and outcome.snapshot is not None:
            self.snapshots[step.device, step.name] = outcome.snapshot
        identifier = getattr(step, "identifier", None)
        for device, is_remote in ((outcome.device_id, False), (outcome.remote_device_id, True)):
            if device is not None and identifier is not None:
                self.created[identifier, is_remote] = device

    def resolved(self, step: Step) -> Step:
        """A step with the devices and the snapshots that this operation made."""
        return pinned(resolve(step, self.created), self.snapshots)


@attrs.frozen(kw_only=True)
class Executor:
    """Carries out plans through the command port.

    Attributes:
        commands: the one port that changes arrays.
        journal: remembers what is under way.
        events: is told what happens.
        clock: does the waiting.
        settle_timeout_s: how long an await may take, at most, unless its step says otherwise.
        stop: set by whoever wants operations to end: the step under way is finished, and what was done is taken back.
    """

    commands: ArrayCommands
    journal: Journal
    events: EventSink
    clock: Clock
    settle_timeout_s: float
    stop: threading.Event = attrs.field(factory=threading.Event)

    def run(
        self, plan: Plan, progress: Progress, deadline: Deadline, own: frozenset[DeviceId] | None = None
    ) -> Outcomes:
        """Carry out every step that `progress` does not have yet.

        Args:
            plan: what to do.
            progress: what is done.
            deadline: by when.
            own: None while the locks under which the plan was made are still held. If they were not held all the time,
                the devices that the operation is about: a step that takes something away is then left out when
                somebody has begun to use it.

        Raises:
            PmaxError: the step's own error, when everything before it was taken back.
            PlanFailed: when something was left behind; the step's error is the cause.
            OutcomeUnknown: when the fate of a step could not be found out; nothing was taken back.
        """
        begun = {done.index for done in progress.done}
        for index, planned in enumerate(plan.steps):
            if index in begun or self._is_pointless(planned, progress):
                continue
            step = progress.resolved(planned)
            if progress.untidied:
                progress.untidied.append(f"{step}: it comes after what could not be tidied up")
                continue
            started = self.clock.now_s()
            try:
                if own is not None and self._is_objected_to(step, own):
                    continue
                self._end_if_told(plan, step)
                self.journal.intend(progress.operation_id, index, step)
                outcome = self._carry_out(index, step, progress, deadline)
                if outcome is None:
                    continue
                progress.add(index, step, outcome)
                self.journal.record(progress.operation_id, index, outcome)
            except OutcomeUnknown as error:
                self.journal.abandon(progress.operation_id, str(error))
                raise
            except PmaxError as error:
                self._take_back(plan, step, progress, error)
                raise
            self.events.publish(
                events.StepApplied(
                    operation_id=progress.operation_id,
                    step=step,
                    outcome=outcome,
                    duration_s=self.clock.now_s() - started,
                )
            )
        return Outcomes(tuple((done.step, done.outcome) for done in progress.done))

    def _end_if_told(self, plan: Plan, step: Step) -> None:
        """End an operation that can be taken back; one that takes something away is finished, as recovery would.

        Raises:
            Interrupted: somebody wants it to end.
        """
        if self.stop.is_set() and plan.recovery is Recovery.UNDO:
            raise Interrupted(str(step))

    @staticmethod
    def _is_pointless(step: Step, progress: Progress) -> bool:
        return (
            isinstance(step, PruneStorageGroup) and emptied_on(step.array_id, step.when_emptied) not in progress.emptied
        )

    def _is_objected_to(self, step: Step, own: frozenset[DeviceId]) -> bool:
        objection = self.commands.objection(step, own)
        if objection:
            _log.warning("left out, because things have changed meanwhile: %s (%s)", step, objection)
        return bool(objection)

    def conclude(self, progress: Progress) -> None:
        """Forget an operation that is done; if it could not tidy up, keep it: the step that failed has no outcome."""
        if not progress.untidied:
            self.journal.finish(progress.operation_id)
            return
        self.journal.abandon(progress.operation_id, "; ".join(progress.untidied))

    def _carry_out(self, index: int, step: Step, progress: Progress, deadline: Deadline) -> StepOutcome | None:
        """Apply a step; a failed job's leavings count as done, so that they are taken back with the rest.

        Returns:
            None if it only should have tidied up, and could not.
        """
        if is_housekeeping(step):
            return self._prune(step, progress, deadline)
        try:
            return self._await(step, deadline, progress) if is_await(step) else self.apply(step, deadline)
        except OutcomeUnknown:
            raise
        except JobFailed as error:
            with self.commands.within(Deadline.after(self.clock, _FIND_OUT_TIMEOUT_S)):
                found = self.commands.investigate(step)
            if found.fate is Fate.UNKNOWN:
                raise OutcomeUnknown(str(step), f"{error}; {found.reason}") from error
            if found.outcome is not None:
                self.journal.record(progress.operation_id, index, found.outcome)
                progress.add(index, step, found.outcome)
            raise
        except PmaxError:
            self.journal.forget_step(progress.operation_id, index)
            raise

    def _prune(self, step: Step, progress: Progress, deadline: Deadline) -> StepOutcome | None:
        """Take away what is empty. What stays is debris, but the operation is done: it is noted, not raised."""
        for pause_s in (*_SECOND_LOOKS_S, None):
            try:
                return self.apply(step, deadline)
            except NotFound:
                break
            except PmaxError as error:
                if pause_s is None:
                    _log.warning("could not %s, which is left to recovery: %s", step, error)
                    progress.untidied.append(f"{step}: {error}")
                    return None
                self.clock.sleep(pause_s)
        return StepOutcome(changed=False)

    def apply(self, step: Step, deadline: Deadline) -> StepOutcome:
        """Carry out one step, wait until it is settled, and find out its fate if the answer is lost."""
        if is_await(step):
            return self._await(step, deadline)
        try:
            return self.commands.apply(step, deadline)
        except Unavailable as error:
            if not error.sent:
                raise
            return self._find_out(step, error, may_still_come=False)
        except MalformedReply as error:
            return self._find_out(step, error, may_still_come=False)
        except DeadlinePassed as error:
            return self._find_out(step, error, may_still_come=True)

    def _find_out(self, step: Step, lost: PmaxError, *, may_still_come: bool) -> StepOutcome:
        """Read the array to learn whether a write without an answer took effect.

        Raises:
            OutcomeUnknown: reading failed too, or the job that carries the write is still running.
            PmaxError: `lost` itself, when the write had no effect.
        """
        with self.commands.within(Deadline.after(self.clock, _FIND_OUT_TIMEOUT_S)):
            found = self._look(step)
        if found.fate is Fate.APPLIED and found.outcome is not None:
            _log.warning("the answer was lost, but the array did this: %s", step)
            return found.outcome
        if found.fate is Fate.UNKNOWN or may_still_come:
            raise OutcomeUnknown(str(step), found.reason or str(lost)) from lost
        raise lost

    def _look(self, step: Step) -> Investigation:
        found = self.commands.investigate(step)
        for pause_s in _SECOND_LOOKS_S:
            if found.fate is Fate.APPLIED:
                break
            self.clock.sleep(pause_s)
            found = self.commands.investigate(step)
        return found

    def _await(self, step: Step, deadline: Deadline, progress: Progress | None = None) -> StepOutcome:
        own_timeout_s: float | None = getattr(step, "settle_timeout_s", None)
        settled_by = deadline.sooner(self.clock, self.settle_timeout_s if own_timeout_s is None else own_timeout_s)
        pause_s = 0.25
        while True:
            outcome = self.commands.apply(step, settled_by)
            if outcome.is_settled:
                return outcome
            if progress is not None and isinstance(step, AwaitLinkDefined):
                step = self._let_others_in(step, outcome, progress)
            if settled_by.remaining_s(self.clock) <= 0:
                raise DeadlinePassed(str(step).removeprefix("wait for "), settled_by.waited_s(self.clock))
            self.clock.sleep(min(pause_s, settled_by.remaining_s(self.clock)))
            if deadline.remaining_s(self.clock) <= 0:
                # The operation's own time is up: a last look could not be sent any more.
                raise DeadlinePassed(str(step).removeprefix("wait for "), settled_by.waited_s(self.clock))
            pause_s = min(pause_s * 2, _LONGEST_LOOK_PAUSE_S)

    def _let_others_in(self, step: AwaitLinkDefined, outcome: StepOutcome, progress: Progress) -> Step:
        """Let others take snapshots of a volume while a link of it is being defined.

        From now on this operation goes by the snap id, which no snapshot that others take can change; it is in the
        journal before. Where the array has none, what others do would move what the generation means, so they wait.
        """
        key = outcome.snapshot
        if key is None or key.snap_id is None:
            return step
        for number, done in enumerate(progress.done):
            taken = done.step
            if isinstance(taken, CreateTemporarySnapshot) and (taken.device, taken.name) == (step.device, step.name):
                known = attrs.evolve(done, outcome=attrs.evolve(done.outcome, snapshot=key))
                self.journal.record(progress.operation_id, done.index, known.outcome)
                progress.done[number] = known
                progress.snapshots[taken.device, taken.name] = key
        progress.let_go(step)
        return progress.resolved(step)

    def _take_back(self, plan: Plan, failed: Step, progress: Progress, error: PmaxError) -> None:
        """Take back everything; returns when nothing is left, so that the caller can raise the step's own error.

        Of a plan that recovery finishes, what came before a step without a way back stays: recovery goes on from there.
        """
        undone, left_behind = self.undo(progress, will_be_finished=plan.recovery is Recovery.FINISH)
        if not left_behind:
            self.journal.finish(progress.operation_id)
            return
        self.journal.abandon(progress.operation_id, str(error))
        raise PlanFailed(str(failed), undone, left_behind) from error

    def undo(
        self, progress: Progress, own: frozenset[DeviceId] | None = None, *, will_be_finished: bool = False
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take back the steps that changed something, last first. What somebody uses by now is not taken from them.

        Args:
            progress: what is done.
            own: as for `run`.
            will_be_finished: what is left behind, recovery will finish.

        Returns:
            What was undone and what is left behind, in words.
        """
        deadline = Deadline.after(self.clock, _UNDO_TIMEOUT_S)
        with self.commands.within(deadline):
            return self._undo(progress, deadline, own, will_be_finished=will_be_finished)

    def _undo(
        self, progress: Progress, deadline: Deadline, own: frozenset[DeviceId] | None, *, will_be_finished: bool
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        undone: list[str] = []
        left_behind: list[str] = []
        is_stuck = False
        for done in reversed(progress.done):
            if not done.outcome.changed:
                self.journal.forget_step(progress.operation_id, done.index)
                continue
            if is_stuck:
                # What cannot be taken back now may stand on it, and could not be taken back any more without it.
                left_behind.append(f"{_result_of(done.step)} (it stays with what came after it)")
                continue
            problem = self._undo_one(done, progress, deadline, own)
            is_stuck = problem is not None and (will_be_finished or problem != _NO_WAY_BACK)
            if problem is None:
                undone.append(str(done.step))
                self.journal.forget_step(progress.operation_id, done.index)
                self.events.publish(events.StepUndone(operation_id=progress.operation_id, step=done.step))
            else:
                _log.error("could not take back: %s (%s)", done.step, problem)
                left_behind.append(f"{_result_of(done.step)} ({problem})")
        return tuple(undone), tuple(left_behind)

    def _undo_one(
        self, done: DoneStep, progress: Progress, deadline: Deadline, own: frozenset[DeviceId] | None
    ) -> str | None:
        """Take one step back; returns why not, or None when nothing of it is left."""
        if is_housekeeping(done.step) or is_await(done.step) or is_left_done(done.step):
            return None
        back = inverse(done.step)
        if back is None:
            return _NO_WAY_BACK
        back = progress.resolved(back)
        if not is_resolved(back):
            return "its device is not known"
        try:
            if own is None or not self._is_objected_to(back, own):
                self.apply(back, deadline)
        except PmaxError as error:
            return None if _leaves_nothing(back, error) else str(error)
        return None


def _leaves_nothing(back: Step, error: PmaxError) -> bool:
    """Whether a failure to take something back means that nothing of it is ours any more."""
    if isinstance(error, InUse) and isinstance(back, DeleteStorageGroup | DeleteInitiatorGroup):
        _log.info("what this operation made is left to those who use it by now: %s", error)
        return True
    return isinstance(error, NotFound) and not outlives_its_group(back)


def _result_of(step: Step) -> str:
    """Say what a step left on the array."""
    return f"the result of: {step}"
