"""After a crash: finish or take back what dead processes left under way.

The locks of an operation ended with its process. Until recovery takes them again, others may have begun to use what the
operation made, or what it was about to take away. So before anything is taken away its proof is read anew, and what
somebody uses by now is left to them.

Others may also have done the same again, from another machine with a journal of its own, and the array does not tell a
volume that was attached again from one that was never detached. So an operation that takes something away is forgotten
if it had not begun to; and one that was interrupted a while ago is left alone if everything is as it would have made
it, and has nothing else of its own any more (`Claim`).

Whoever shares the journal need not build on ruins at all: an operation that gets the locks of an interrupted one first
has that one taken back (`look_back`, `settle`). Only then is what the interrupted one made certain to be told from what
others make: two temporary snapshots of one volume, for example, bear the same name. What takes something away is not
finished on such an occasion: nobody expects a volume to go because it is attached.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

import attrs

from pmax.domain.errors import Busy, OutcomeUnknown, PlanFailed, PmaxError
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import (
    CreateTemporarySnapshot,
    Plan,
    Recovery,
    StepOutcome,
    is_await,
    is_housekeeping,
    is_resolved,
    makes_something_new,
    only_prepares,
)
from pmax.engine.executor import Executor
from pmax.engine.progress import Progress
from pmax.ports.array_commands import Claim, Fate
from pmax.ports.runtime import Clock, Deadline, JournalEntry, JournalStep, LockKey, Locks

_log = logging.getLogger(__name__)

#: How long recovery waits for the locks of an interrupted operation.
_LOCKS_TIMEOUT_S = 5.0
#: How long an operation that could not be settled is no hindrance to those that come after it.
_TRIES_AGAIN_AFTER_S = 60.0
#: How long an operation may still take its own volumes from hosts after it was begun. A service that is started again
#: is back before that, and before another machine that takes its place has been asked for the same again.
STALE_AFTER_S = 600.0
#: Pause before looking again for what another thread, or another process, is about to settle.
_PAUSE_S = 0.05


@attrs.frozen(kw_only=True)
class Recovered:
    """What became of one interrupted operation.

    Attributes:
        entry: as the journal had it.
        verdict: `undone`, `finished`, `busy` (somebody works on the same objects now) or `open`.
        left_behind: what remains on the array, in words; empty unless the verdict is `open`.
        left_to_others: what was not done any more because somebody uses by now what it would take away, in words.
    """

    entry: JournalEntry
    verdict: str
    left_behind: tuple[str, ...] = ()
    left_to_others: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is open any more."""
        return self.verdict in {"undone", "finished"}

    def __str__(self) -> str:
        left = f"; left on the array: {', '.join(self.left_behind)}" if self.left_behind else ""
        others = f"; left to others: {', '.join(self.left_to_others)}" if self.left_to_others else ""
        return f"the interrupted {self.entry.command} of {self.entry.owner} is {self.verdict}{left}{others}"


class LeftBefore(Exception):
    """The locks that were just taken are those of an operation that was interrupted.

    Attributes:
        entries: what to settle first, with no lock held; empty if another process is about to.
    """

    def __init__(self, entries: tuple[JournalEntry, ...]) -> None:
        super().__init__(", ".join(entry.operation_id for entry in entries))
        self.entries = entries


@attrs.define(kw_only=True)
class Recoverer:
    """Takes care of the operations that the journal calls unfinished. Safe for use by several threads.

    Attributes:
        executor: carries out what is to be done.
        locks: the operation's own locks are held meanwhile.
        clock: for deadlines.
        timeout_s: for one operation.
        stale_after_s: how long an operation may call anything its own after it was begun.
    """

    executor: Executor
    locks: Locks
    clock: Clock
    timeout_s: float
    stale_after_s: float = STALE_AFTER_S
    _guard: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _under_way: set[str] = attrs.field(factory=set, init=False)
    _tried_at_s: dict[str, float] = attrs.field(factory=dict, init=False)

    def recover(self) -> tuple[Recovered, ...]:
        """Recover every unfinished operation, oldest first. Never raises for one that cannot be recovered now."""
        return self._recover_each(self.executor.journal.unfinished())

    def look_back(self, keys: frozenset[LockKey]) -> None:
        """Look whether somebody who held one of these locks left something that is to be taken back.

        What could not be settled a short time ago is passed over, so that it keeps nobody from work.

        Raises:
            LeftBefore: somebody did. Let the locks go, then `settle`.
        """

        def is_in_the_way(entry: JournalEntry) -> bool:
            return (
                not keys.isdisjoint(entry.locks)
                and direction_of(entry) is Recovery.UNDO
                and not self._was_tried(entry.operation_id)
            )

        entries = self.executor.journal.left(is_in_the_way)
        if entries is None or entries:
            raise LeftBefore(entries or ())

    def settle(self, left: LeftBefore) -> None:
        """Recover what was found; it is told in the log."""
        if not left.entries:
            self.clock.sleep(_PAUSE_S)
        for recovered in self._recover_each(left.entries):
            _log.warning("%s", recovered)

    def _was_tried(self, operation_id: str) -> bool:
        tried_at_s = self._tried_at_s.get(operation_id)
        return tried_at_s is not None and self.clock.now_s() - tried_at_s < _TRIES_AGAIN_AFTER_S

    def _recover_each(self, entries: Iterable[JournalEntry]) -> tuple[Recovered, ...]:
        return tuple(recovered for entry in entries if (recovered := self._recover_once(entry)))

    def _recover_once(self, entry: JournalEntry) -> Recovered | None:
        """Recover what no other thread recovers; None if another one just did."""
        while not self._begin(entry):
            self.clock.sleep(_PAUSE_S)
        try:
            if not self.executor.journal.has(entry.operation_id):
                return None
            self._tried_at_s[entry.operation_id] = self.clock.now_s()
            recovered = self._recover(entry)
            if recovered.is_settled:
                del self._tried_at_s[entry.operation_id]
            return recovered
        finally:
            with self._guard:
                self._under_way.discard(entry.operation_id)

    def _begin(self, entry: JournalEntry) -> bool:
        with self._guard:
            if entry.operation_id in self._under_way:
                return False
            self._under_way.add(entry.operation_id)
            return True

    def _recover(self, entry: JournalEntry) -> Recovered:
        deadline = Deadline.after(self.clock, self.timeout_s)
        try:
            with self.locks.hold(entry.locks, deadline.sooner(self.clock, _LOCKS_TIMEOUT_S)):
                return self._try_to_recover(entry, deadline)
        except Busy as error:
            # Not kept: an administrator, or the next one who comes, is to find it.
            self.executor.journal.abandon(entry.operation_id, entry.error or str(error))
            return Recovered(entry=entry, verdict="busy")

    def _try_to_recover(self, entry: JournalEntry, deadline: Deadline) -> Recovered:
        """Recover with the locks held. What the journal has no more is settled, whatever else was said."""
        journal = self.executor.journal
        try:
            with self.executor.commands.within(deadline):
                return self._recover_locked(entry, deadline)
        except PmaxError as error:
            # Going on failed. Then the executor took everything back and forgot it, or it gave it up.
            if journal.has(entry.operation_id) or isinstance(error, OutcomeUnknown | PlanFailed):
                _log.warning("operation %s of %s is still open: %s", entry.operation_id, entry.owner, error)
                journal.abandon(entry.operation_id, str(error))
                return Recovered(entry=entry, verdict="open", left_behind=(str(error),))
            _log.warning("operation %s of %s was taken back: %s", entry.operation_id, entry.owner, error)
            return Recovered(entry=entry, verdict="undone")

    def _recover_locked(self, entry: JournalEntry, deadline: Deadline) -> Recovered:
        progress = self._progress_of(entry)
        claim = self._claim_of(entry, progress)
        if direction_of(attrs.evolve(entry, steps=_known_steps(entry, progress))) is Recovery.FINISH:
            verdict = "finished"
            self._finish(entry.plan, progress, deadline, claim)
        elif claim.is_stale and self._is_as_wanted(entry.plan, progress):
            verdict = "finished"
            self.executor.tidy(entry.plan, progress, deadline, claim)
        else:
            verdict = "undone"
            self._take_back(entry.plan, progress, deadline, claim)
        self.executor.conclude(progress)
        return Recovered(
            entry=entry,
            verdict="open" if progress.left_behind else verdict,
            left_behind=tuple(progress.left_behind),
            left_to_others=tuple(progress.left_to_others),
        )

    def _claim_of(self, entry: JournalEntry, progress: Progress) -> Claim:
        if self.clock.epoch_s() - entry.started_s >= self.stale_after_s:
            return Claim(is_stale=True)
        return Claim(devices=_devices_of(entry.plan) | frozenset(progress.created.values()))

    def _finish(self, plan: Plan, progress: Progress, deadline: Deadline, claim: Claim) -> None:
        """Go on to the end; what was made for something that others keep is not needed then."""
        self.executor.run(plan, progress, deadline, claim)
        if progress.left_to_others:
            progress.left_behind += self.executor.undo(progress.prepared(), claim)[1]

    def _take_back(self, plan: Plan, progress: Progress, deadline: Deadline, claim: Claim) -> None:
        """Undo; where others keep something, the groups that it left for that are empty for good."""
        progress.left_behind += self.executor.undo(progress, claim)[1]
        if progress.left_to_others:
            self.executor.tidy(plan, progress, deadline, claim)

    def _is_as_wanted(self, plan: Plan, progress: Progress) -> bool:
        """Whether everything is as an operation would have made it, and somebody else may have made it so.

        Raises:
            OutcomeUnknown: the array could not be asked.
        """
        steps = [step for step in plan.steps if not is_await(step) and not is_housekeeping(step)]
        if any(makes_something_new(step) for step in steps):
            return False
        for step in map(progress.resolved, steps):
            if not is_resolved(step):
                return False
            found = self.executor.runner.investigate(step)
            if found.fate is Fate.UNKNOWN:
                raise OutcomeUnknown(str(step), found.reason)
            if found.outcome is None:
                return False
        return True

    def _progress_of(self, entry: JournalEntry) -> Progress:
        """Rebuild what the operation had done, asking the array about steps without a recorded outcome.

        What a process sent just before it died may arrive after its death, so the array is asked more than once.
        A wait that has none changed nothing: it need not be known to take back, and is begun anew to go on.

        Raises:
            OutcomeUnknown: the array could not be asked.
        """
        progress = Progress(entry.operation_id)
        for begun in sorted(entry.steps, key=lambda begun: begun.index):
            outcome = self._outcome_of(begun, progress)
            if outcome is None:
                if not is_housekeeping(begun.step):
                    self.executor.journal.forget_step(entry.operation_id, begun.index)
                continue
            self.executor.journal.record(entry.operation_id, begun.index, outcome)
            progress.add(begun.index, begun.step, outcome)
        return progress

    def _outcome_of(self, begun: JournalStep, progress: Progress) -> StepOutcome | None:
        """What a step did; None if nothing.

        A temporary snapshot is told from others of its name as long as nobody has taken another one. If recovery fails
        now, that will be over when it is tried again, so which one it is becomes known first, and one refused read is
        no reason to do without.

        Raises:
            OutcomeUnknown: the array could not be asked.
        """
        outcome = begun.outcome
        runner = self.executor.runner
        step = progress.resolved(begun.step)
        if outcome is not None:
            is_to_be_told = isinstance(step, CreateTemporarySnapshot) and outcome.snapshot is None
            found = runner.look_again(step) if is_to_be_told else None
            return found.outcome if found and found.outcome else outcome
        if is_await(step):
            return None
        found = runner.look_again(step)
        if found.fate is Fate.UNKNOWN:
            raise OutcomeUnknown(str(step), found.reason)
        return found.outcome


def direction_of(entry: JournalEntry) -> Recovery:
    """Whether an interrupted operation is finished or undone.

    What takes something away is finished once it may have begun to; before that whoever asked for it asks again. Once
    tidying up has begun all that was asked is done: it comes last, and what it took away cannot be made again.
    """
    if any(is_housekeeping(begun.step) for begun in entry.steps):
        return Recovery.FINISH
    is_begun = any(
        not only_prepares(begun.step) and (begun.outcome is None or begun.outcome.changed) for begun in entry.steps
    )
    return entry.plan.recovery if is_begun else Recovery.UNDO


def _known_steps(entry: JournalEntry, progress: Progress) -> tuple[JournalStep, ...]:
    """What was begun, without what is known by now to have had no effect."""
    done = tuple(JournalStep(index=done.index, step=done.step, outcome=done.outcome) for done in progress.done)
    return done + tuple(begun for begun in entry.steps if is_housekeeping(begun.step))


def _devices_of(plan: Plan) -> frozenset[DeviceId]:
    """Devices that a plan names."""
    devices = (getattr(step, "device", None) for step in plan.steps)
    return frozenset(DeviceId(device) for device in devices if isinstance(device, str))
