"""After a crash: finish or take back what dead processes left under way.

The locks of an operation ended with its process. Until recovery takes them again, others may have begun to use what the
operation made, or what it was about to take away. So before anything is taken away its proof is read anew, and what
somebody uses by now is left to them.
"""

from __future__ import annotations

import logging

import attrs

from pmax.domain.errors import Busy, OutcomeUnknown, PlanFailed, PmaxError
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Plan, Recovery, is_await, is_housekeeping
from pmax.engine.executor import Executor
from pmax.engine.progress import Progress
from pmax.ports.array_commands import Fate
from pmax.ports.runtime import Clock, Deadline, JournalEntry, Locks

_log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Recovered:
    """What became of one interrupted operation.

    Attributes:
        entry: as the journal had it.
        verdict: `undone`, `finished`, `busy` (somebody works on the same objects now) or `open`.
        left_behind: what remains on the array, in words; empty unless the verdict is `open`.
    """

    entry: JournalEntry
    verdict: str
    left_behind: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Recoverer:
    """Takes care of the operations that the journal calls unfinished.

    Attributes:
        executor: carries out what is to be done.
        locks: the operation's own locks are held meanwhile.
        clock: for deadlines.
        timeout_s: for one operation.
    """

    executor: Executor
    locks: Locks
    clock: Clock
    timeout_s: float

    def recover(self) -> tuple[Recovered, ...]:
        """Recover every unfinished operation, oldest first. Never raises for one that cannot be recovered now."""
        return tuple(self._recover(entry) for entry in self.executor.journal.unfinished())

    def _recover(self, entry: JournalEntry) -> Recovered:
        deadline = Deadline.after(self.clock, self.timeout_s)
        try:
            soon = deadline.sooner(self.clock, 5.0)
            with self.locks.hold(entry.locks, soon), self.executor.commands.within(deadline):
                return self._recover_locked(entry, deadline)
        except Busy:
            return Recovered(entry=entry, verdict="busy")
        except (OutcomeUnknown, PlanFailed) as error:
            _log.warning("operation %s of %s is still open: %s", entry.operation_id, entry.owner, error)
            self.executor.journal.abandon(entry.operation_id, str(error))
            return Recovered(entry=entry, verdict="open", left_behind=(str(error),))
        except PmaxError as error:
            _log.warning("operation %s of %s was taken back: %s", entry.operation_id, entry.owner, error)
            return Recovered(entry=entry, verdict="undone")

    def _recover_locked(self, entry: JournalEntry, deadline: Deadline) -> Recovered:
        progress = self._progress_of(entry)
        own = _devices_of(entry.plan) | frozenset(progress.created.values())
        if direction_of(entry) is Recovery.FINISH:
            self.executor.run(entry.plan, progress, deadline, own)
            self.executor.conclude(progress)
            if progress.untidied:
                return Recovered(entry=entry, verdict="open", left_behind=tuple(progress.untidied))
            return Recovered(entry=entry, verdict="finished")
        _, left_behind = self.executor.undo(progress, own)
        if left_behind:
            self.executor.journal.abandon(entry.operation_id, "; ".join(left_behind))
            return Recovered(entry=entry, verdict="open", left_behind=left_behind)
        self.executor.journal.finish(entry.operation_id)
        return Recovered(entry=entry, verdict="undone")

    def _progress_of(self, entry: JournalEntry) -> Progress:
        """Rebuild what the operation had done, asking the array about steps without a recorded outcome.

        A wait that has none changed nothing: it need not be known to take back, and is begun anew to go on.

        Raises:
            OutcomeUnknown: the array could not be asked.
        """
        progress = Progress(entry.operation_id)
        for begun in sorted(entry.steps, key=lambda begun: begun.index):
            outcome = begun.outcome
            if outcome is None and not is_await(begun.step):
                found = self.executor.commands.investigate(progress.resolved(begun.step))
                if found.fate is Fate.UNKNOWN:
                    raise OutcomeUnknown(str(begun.step), found.reason)
                outcome = found.outcome
            if outcome is None:
                if not is_housekeeping(begun.step):
                    self.executor.journal.forget_step(entry.operation_id, begun.index)
                continue
            self.executor.journal.record(entry.operation_id, begun.index, outcome)
            progress.add(begun.index, begun.step, outcome)
        return progress


def direction_of(entry: JournalEntry) -> Recovery:
    """Whether an interrupted operation is finished or undone.

    Once tidying up has begun all that was asked is done: it comes last, and what it took away cannot be made again.
    """
    has_begun_to_tidy_up = any(is_housekeeping(begun.step) for begun in entry.steps)
    return Recovery.FINISH if has_begun_to_tidy_up else entry.plan.recovery


def _devices_of(plan: Plan) -> frozenset[DeviceId]:
    """Devices that a plan names."""
    devices = (getattr(step, "device", None) for step in plan.steps)
    return frozenset(DeviceId(device) for device in devices if isinstance(device, str))
