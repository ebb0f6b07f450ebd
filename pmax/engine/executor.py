"""Carries out plans: journal, apply, and take back in reverse.

This is the only place where changes are made and unmade. No operation has clean-up code of its own.

Rules:
- A step is in the journal before it is sent, and its outcome before the next step is.
- A step is sent once; what became of it without an answer is found out by reading (`step_runner`).
- What this operation changed is taken back when a later step fails, last first; what it only found is not. Where one
  step cannot be taken back now, those before it stay too, until recovery can go on from there.
- Once tidying up has begun nothing is taken back: all that was asked is done. What cannot be tidied up, or even be
  looked at, is left to recovery.
- An outcome that cannot be found out stops everything: nothing is undone on a guess, the journal keeps the operation.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import attrs

from pmax.domain import events
from pmax.domain.errors import (
    Interrupted,
    InUse,
    JobFailed,
    NotFound,
    OutcomeUnknown,
    PlanFailed,
    PmaxError,
)
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
    deletes_a_volume,
    emptied_on,
    inverse,
    is_await,
    is_housekeeping,
    is_left_done,
    is_resolved,
    outlives_its_group,
)
from pmax.engine.progress import DoneStep, Progress
from pmax.engine.step_runner import StepRunner
from pmax.plugins.handlers import Outcomes
from pmax.ports.array_commands import ArrayCommands, Claim, Fate
from pmax.ports.runtime import Clock, Deadline, EventSink, Journal

_log = logging.getLogger(__name__)

T = TypeVar("T")

#: Pauses before tidying up is tried again.
_TIDYING_PAUSES_S = (0.5, 2.0)
_NO_WAY_BACK = "there is no way back"
#: Time for taking back, counted anew: the operation's own deadline may be what failed.
_UNDO_TIMEOUT_S = 300.0


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
        runner: carries out one step at a time.
    """

    commands: ArrayCommands
    journal: Journal
    events: EventSink
    clock: Clock
    settle_timeout_s: float
    stop: threading.Event = attrs.field(factory=threading.Event)
    runner: StepRunner = attrs.field(init=False)

    @runner.default
    def _over_this_array(self) -> StepRunner:
        return StepRunner(commands=self.commands, clock=self.clock, settle_timeout_s=self.settle_timeout_s)

    def run(self, plan: Plan, progress: Progress, deadline: Deadline, claim: Claim | None = None) -> Outcomes:
        """Carry out every step that `progress` does not have yet.

        Args:
            plan: what to do.
            progress: what is done.
            deadline: by when.
            claim: None while the locks under which the plan was made are still held. If they were not held all the
                time, what the operation may still call its own: a step that takes away something else is left out.

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
            if progress.left_behind:
                progress.left_behind.append(f"{step}: it comes after what could not be tidied up")
                continue
            started = self.clock.now_s()
            try:
                if claim is not None and self._is_objected_to(step, progress, claim):
                    continue
                self._end_if_told(plan, step)
                self.journal.intend(progress.operation_id, index, step)
                outcome = self._carry_out(index, step, progress, deadline)
                progress.add(index, step, outcome)
                self.journal.record(progress.operation_id, index, outcome)
            except PmaxError as error:
                if is_housekeeping(step):
                    _log.warning("could not %s, which is left to recovery: %s", step, error)
                    progress.left_behind.append(f"{step}: {error}")
                    continue
                if isinstance(error, OutcomeUnknown):
                    self.journal.abandon(progress.operation_id, str(error))
                else:
                    self._take_back(plan, step, progress, error, claim)
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
        """End an operation that can be taken back; one that takes something away, or tidies up, is finished.

        Raises:
            Interrupted: somebody wants it to end.
        """
        if self.stop.is_set() and plan.recovery is Recovery.UNDO and not is_housekeeping(step):
            raise Interrupted(str(step))

    @staticmethod
    def _is_pointless(step: Step, progress: Progress) -> bool:
        return (
            isinstance(step, PruneStorageGroup) and emptied_on(step.array_id, step.when_emptied) not in progress.emptied
        )

    def _is_objected_to(self, step: Step, progress: Progress, claim: Claim) -> bool:
        look = partial(self.commands.objection, step, claim)
        objection = self._persist(step, look) if is_housekeeping(step) or is_left_done(step) else look()
        if objection:
            _log.warning("left out, because things have changed meanwhile: %s (%s)", step, objection)
            if not is_housekeeping(step):
                progress.left_to_others.append(f"{step} ({objection})")
        return bool(objection)

    def tidy(self, plan: Plan, progress: Progress, deadline: Deadline, claim: Claim) -> None:
        """Tidy up after an operation that was taken back only in part. What fails is logged."""
        for planned in plan.steps:
            if not is_housekeeping(planned) or self._is_pointless(planned, progress):
                continue
            step = progress.resolved(planned)
            try:
                if not self._is_objected_to(step, progress, claim):
                    self._persist(step, partial(self.runner.apply, step, deadline))
            except PmaxError as error:
                _log.warning("could not %s: %s", step, error)

    def conclude(self, progress: Progress) -> None:
        """Forget an operation that is over; if something of it is left, keep it, with the steps that have no end."""
        if not progress.left_behind:
            self.journal.finish(progress.operation_id)
            return
        self.journal.abandon(progress.operation_id, "; ".join(progress.left_behind))

    def _carry_out(self, index: int, step: Step, progress: Progress, deadline: Deadline) -> StepOutcome:
        """Apply a step; a failed job's leavings count as done, so that they are taken back with the rest."""
        once = partial(self.runner.apply, step, deadline)
        if is_housekeeping(step):
            try:
                return self._persist(step, once)
            except NotFound:
                return StepOutcome(changed=False)
        try:
            if is_left_done(step):
                return self._persist(step, once)
            return self.runner.apply(step, deadline, partial(self._let_others_in, progress))
        except OutcomeUnknown:
            raise
        except JobFailed as error:
            found = self.runner.investigate(step)
            if found.fate is Fate.UNKNOWN:
                raise OutcomeUnknown(str(step), f"{error}; {found.reason}") from error
            if found.outcome is not None:
                self.journal.record(progress.operation_id, index, found.outcome)
                progress.add(index, step, found.outcome)
            raise
        except PmaxError:
            self.journal.forget_step(progress.operation_id, index)
            raise

    def _persist(self, step: Step, attempt: Callable[[], T]) -> T:
        """Try a step that stays done when the operation fails, or a look before it, until it is no use.

        A link that is gone leads nobody to the temporary snapshot that it presented, so that a second attempt at the
        operation would leave that snapshot behind. What tidies up may be tried again whatever became of it.

        Raises:
            OutcomeUnknown: whether it took effect could not be found out.
            PmaxError: it had no effect, as often as it was tried.
        """
        for pause_s in _TIDYING_PAUSES_S:
            try:
                return attempt()
            except PmaxError as error:
                if isinstance(error, NotFound) or (isinstance(error, OutcomeUnknown) and not is_housekeeping(step)):
                    raise
                _log.info("could not %s yet: %s", step, error)
                self.clock.sleep(pause_s)
        return attempt()

    def _let_others_in(self, progress: Progress, step: Step, seen: StepOutcome) -> Step:
        """Let others take snapshots of a volume while a link of it is being defined.

        From now on this operation goes by the snap id, which no snapshot that others take can change; it is in the
        journal before. Where the array has none, what others do would move what the generation means, so they wait.
        """
        key = seen.snapshot
        if not isinstance(step, AwaitLinkDefined) or key is None or key.snap_id is None:
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

    def _take_back(self, plan: Plan, failed: Step, progress: Progress, error: PmaxError, claim: Claim | None) -> None:
        """Take back everything; returns when nothing is left, so that the caller can raise the step's own error.

        Of a plan that recovery finishes, what came before a step without a way back stays: recovery goes on from there.
        """
        undone, left_behind = self.undo(progress, claim, will_be_finished=plan.recovery is Recovery.FINISH)
        if not left_behind:
            self.journal.finish(progress.operation_id)
            return
        self.journal.abandon(progress.operation_id, str(error))
        raise PlanFailed(str(failed), undone, left_behind) from error

    def undo(
        self, progress: Progress, claim: Claim | None = None, *, will_be_finished: bool = False
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take back the steps that changed something, last first. What somebody uses by now is not taken from them.

        Args:
            progress: what is done.
            claim: as for `run`.
            will_be_finished: what is left behind, recovery will finish.

        Returns:
            What was undone and what is left behind, in words.
        """
        deadline = Deadline.after(self.clock, _UNDO_TIMEOUT_S)
        with self.commands.within(deadline):
            return self._undo(progress, deadline, claim, will_be_finished=will_be_finished)

    def _undo(
        self, progress: Progress, deadline: Deadline, claim: Claim | None, *, will_be_finished: bool
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
            problem = self._undo_one(done, progress, deadline, claim)
            is_stuck = problem is not None and (will_be_finished or problem != _NO_WAY_BACK)
            if problem is None:
                undone.append(str(done.step))
                self.journal.forget_step(progress.operation_id, done.index)
                self.events.publish(events.StepUndone(operation_id=progress.operation_id, step=done.step))
            else:
                _log.error("could not take back: %s (%s)", done.step, problem)
                left_behind.append(f"{_result_of(done.step)} ({problem})")
        return tuple(undone), tuple(left_behind)

    def _undo_one(self, done: DoneStep, progress: Progress, deadline: Deadline, claim: Claim | None) -> str | None:
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
            if claim is None or not self._is_objected_to(back, progress, claim):
                self.runner.apply(back, deadline)
        except PmaxError as error:
            return None if self._leaves_nothing(back, error) else str(error)
        return None

    def _leaves_nothing(self, back: Step, error: PmaxError) -> bool:
        """Whether a failure to take something back means that nothing of it is ours any more."""
        if isinstance(error, InUse) and isinstance(back, DeleteStorageGroup | DeleteInitiatorGroup):
            _log.info("what this operation made is left to those who use it by now: %s", error)
            return True
        if not isinstance(error, NotFound) or outlives_its_group(back):
            return False
        return not deletes_a_volume(back) or self.runner.investigate(back).fate is Fate.APPLIED


def _result_of(step: Step) -> str:
    """Say what a step left on the array."""
    return f"the result of: {step}"
