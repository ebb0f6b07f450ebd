"""Command → Result: finds the handler, holds the locks, runs the plan, tells the signals."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any, Final, TypeVar

import attrs

from pmax.domain import commands, events
from pmax.domain.commands import Command, MemberCopy
from pmax.domain.errors import Conflict, InvalidRequest, PlanFailed, PmaxError, StillInUse
from pmax.domain.plans import Plan, Step
from pmax.domain.policies import VolumePolicy
from pmax.domain.settings import Settings
from pmax.engine.executor import Executor
from pmax.engine.held_locks import HeldLocks, holding
from pmax.engine.progress import Progress
from pmax.engine.recovery import STALE_AFTER_S, LeftBefore, Recovered, Recoverer
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Look, MoreLocksNeeded, Outcomes
from pmax.plugins.manager import PluginManager
from pmax.plugins.replication_choice import with_replication_suffix
from pmax.plugins.signals import Signals
from pmax.plugins.volume_lock import snapvx_lock
from pmax.ports.array_commands import ArrayCommands, PreviewedCall
from pmax.ports.readers import Readers
from pmax.ports.runtime import Clock, Deadline, Journal, JournalEntry, LockKey, Locks

_log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

#: How often an operation is planned at most because the array was not as observed. Each time somebody else has got on,
#: so in a crowd around one storage group it may take several; what comes every time is no change of others.
ATTEMPTS = 6

_NOBODY: Final = events.Origin()

#: Pauses before an operation looks again: whether what holds an object has passed, or whether others have got on from
#: the second time on that they came between. The last one is repeated.
_PATIENCE_S = (0.5, 1.0, 2.0, 5.0, 10.0)

#: The event that tells of each result.
_EVENT_OF_RESULT: dict[type[Any], Callable[..., Any]] = {
    commands.VolumeCreation: events.VolumeCreated,
    commands.VolumeDeletion: events.VolumeDeleted,
    commands.VolumeExtension: events.VolumeExtended,
    commands.VolumeRetyping: events.VolumeRetyped,
    commands.VolumeRenaming: events.VolumeRenamed,
    commands.StorageGroupCreation: events.StorageGroupChanged,
    commands.StorageGroupDeletion: events.StorageGroupChanged,
    commands.MembershipChange: events.StorageGroupChanged,
    commands.StorageGroupLimiting: events.StorageGroupChanged,
    commands.VolumeCopy: events.VolumeCopied,
    commands.SnapshotCreation: events.SnapshotCreated,
    commands.SnapshotDeletion: events.SnapshotDeleted,
    commands.SnapshotLinking: events.SnapshotLinked,
    commands.SnapshotUnlinking: events.SnapshotUnlinked,
    commands.SnapshotRestoration: events.SnapshotRestored,
    commands.SnapshotTidying: events.SnapshotsTidied,
    commands.Attachment: events.VolumeAttached,
    commands.Detachment: events.VolumeDetached,
    commands.VolumeManagement: events.VolumeManaged,
    commands.VolumeUnmanagement: events.VolumeUnmanaged,
    commands.SnapshotManagement: events.SnapshotManaged,
    commands.SnapshotUnmanagement: events.SnapshotUnmanaged,
}


@attrs.frozen(kw_only=True)
class Preview:
    """What a command would do.

    Attributes:
        command: what was asked.
        plan: the steps, as they would be run.
        calls: for each step, the REST calls that would change the array.
    """

    command: Command[Any]
    plan: Plan
    calls: tuple[tuple[Step, tuple[PreviewedCall, ...]], ...]


class ArrayChanged(Exception):
    """The array was not as observed, and everything was taken back: planning anew may help.

    Attributes:
        cause: what showed it.
    """

    def __init__(self, cause: Conflict) -> None:
        super().__init__(str(cause))
        self.cause = cause


@attrs.define
class _Operation:
    """One `execute`, for the events that tell of it."""

    name: str
    started_s: float
    id: str = attrs.field(factory=lambda: str(uuid.uuid4()))


class Engine:
    """The host: one backend, its plugins, and everything that they may use.

    Attributes:
        settings: of the backend.
        readers: reading ports, for callers that only look.
        signals: to listen to.
        plugins: typed access to the hooks.
        clock: time.
        recovers_first: whether an operation first takes back what an interrupted one left that held the same locks.
            Set it to False where every change must be shown beforehand.
    """

    def __init__(  # noqa: PLR0913 - everything that bootstrap wires, each by keyword
        self,
        *,
        settings: Settings,
        readers: Readers,
        commands: ArrayCommands,
        plugins: PluginManager,
        signals: Signals,
        clock: Clock,
        locks: Locks,
        journal: Journal,
        close: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.readers = readers
        self.signals = signals
        self.plugins = plugins
        self._commands = commands
        self.clock = clock
        self._locks = locks
        self._journal = journal
        self._close = close
        self.recovers_first = True
        self._executor = Executor(
            commands=commands,
            journal=journal,
            events=signals,
            clock=clock,
            settle_timeout_s=settings.settle_timeout_s,
        )
        self._recoverer = Recoverer(
            executor=self._executor, locks=locks, clock=clock, timeout_s=settings.operation_timeout_s
        )
        context = PluginContext(settings=settings, readers=readers, clock=clock, plugins=plugins)
        self._handlers = plugins.handlers(context)
        plugins.connect_listeners(signals)

    def execute(self, command: Command[ResultT], origin: events.Origin = _NOBODY) -> ResultT:
        """Carry out a command.

        Args:
            command: what is wanted.
            origin: who wants it, for those who listen.

        Raises:
            InvalidRequest: the command cannot be carried out by anybody; nothing was sent.
            PmaxError: it failed, and everything that it had changed was taken back.
            PlanFailed: it failed, and something was left behind.
            OutcomeUnknown: what became of a change could not be found out.
        """
        handler = self._handler(command)
        command = self._completed(command)
        operation = _Operation(type(command).__name__, self.clock.now_s())
        deadline = Deadline.after(self.clock, self.settings.operation_timeout_s)
        try:
            result: ResultT = self._carry_out(command, handler, operation, deadline)
        except PmaxError as error:
            self._tell_failure(operation, error)
            raise
        self._tell_success(operation, command, result, origin)
        return result

    def _carry_out(
        self, command: Command[ResultT], handler: AnyHandler, operation: _Operation, deadline: Deadline
    ) -> ResultT:
        """Lock, read, plan and apply; with more locks, later, or anew, if reading, the array or the journal says so."""
        keys = handler.locks(command)
        attempt, waits, changes = 1, 0, 0
        conflict: Conflict | None = None
        while True:
            try:
                return self._attempt(command, handler, operation, keys, Look(attempt, keys, conflict), deadline)
            except LeftBefore as left:
                self._recoverer.settle(left)
            except MoreLocksNeeded as more:
                keys |= more.keys
            except StillInUse as in_use:
                self._wait_out(in_use, operation, waits, deadline)
                waits += 1
            except ArrayChanged as changed:
                attempt += 1
                conflict = changed.cause
                if isinstance(conflict, StillInUse):
                    self._wait_out(conflict, operation, waits, deadline)
                    waits += 1
                else:
                    changes += 1
                    self._plan_anew(conflict, operation, changes, deadline)

    def _attempt(
        self,
        command: Command[ResultT],
        handler: AnyHandler,
        operation: _Operation,
        keys: frozenset[LockKey],
        look: Look,
        deadline: Deadline,
    ) -> ResultT:
        with holding(self._locks, keys, deadline) as held, self._commands.within(deadline):
            if self.recovers_first:
                self._recoverer.look_back(keys)
            observed = handler.observe(command, look)
            plan = handler.plan(command, observed)
            outcomes = self._run(plan, operation, keys, deadline, held)
        result: ResultT = handler.result(command, observed, outcomes)
        return result

    def _wait_out(self, held: StillInUse, operation: _Operation, waits: int, deadline: Deadline) -> None:
        """Wait until what holds an object may have passed.

        Raises:
            StillInUse: there is no time left.
        """
        if not waits:
            _log.info("%s waits its turn: %s", operation.name, held)
        self._pause(held, waits, deadline)

    def _plan_anew(self, conflict: Conflict, operation: _Operation, changes: int, deadline: Deadline) -> None:
        """Go on after others changed what had been read, the first time at once.

        Raises:
            Conflict: they did so too often, or there is no time left.
        """
        if changes == ATTEMPTS:
            raise conflict
        _log.info("%s is planned anew: %s", operation.name, conflict)
        if changes > 1:
            self._pause(conflict, changes - 2, deadline)

    def _pause(self, conflict: Conflict, number: int, deadline: Deadline) -> None:
        """Let time pass for others, without a lock.

        Raises:
            Conflict: there is no time left.
        """
        pause_s = _PATIENCE_S[min(number, len(_PATIENCE_S) - 1)]
        if deadline.remaining_s(self.clock) <= pause_s:
            raise conflict
        self.clock.sleep(pause_s)

    def preview(self, command: Command[Any]) -> Preview:
        """Read and plan as `execute` would, and change nothing.

        Raises:
            PmaxError: as `execute`, as far as reading can tell.
        """
        handler = self._handler(command)
        command = self._completed(command)
        plan = handler.plan(command, handler.observe(command, Look(ATTEMPTS, None)))
        return Preview(
            command=command, plan=plan, calls=tuple((step, self._commands.preview(step)) for step in plan.steps)
        )

    def recover(self) -> tuple[Recovered, ...]:
        """Finish or take back what processes that are gone left under way.

        Who does not recover first may have gone on from there since, so nothing is an interrupted operation's own then.
        """
        self._recoverer.stale_after_s = STALE_AFTER_S if self.recovers_first else 0.0
        return self._recoverer.recover()

    def unfinished(self) -> tuple[JournalEntry, ...]:
        """Journal entries of operations that are neither done nor undone and that nobody works on."""
        return self._journal.unfinished()

    def forget(self, entry: JournalEntry) -> None:
        """Forget an interrupted operation that somebody has seen to by hand; what it left on the array stays.

        Args:
            entry: one of `unfinished`.
        """
        self._journal.finish(entry.operation_id)

    def stop(self) -> None:
        """End what is under way at the next safe point: between two steps.

        An operation that makes something is taken back, and raises `Interrupted`; one that takes something away goes on
        to its end. Nothing can be begun any more.
        """
        self._executor.stop.set()

    def close(self) -> None:
        """Let go of connections and files."""
        self._close()

    def _completed(self, command: Command[ResultT]) -> Command[ResultT]:
        """Fill in what the replication modes add to the policies that a command carries."""
        value: Any = command
        if not attrs.has(type(value)):
            return command
        fields = attrs.asdict(value, recurse=False).items()
        changed: dict[str, object] = {
            name: self._whole(field) for name, field in fields if isinstance(field, VolumePolicy)
        }
        for name, field in fields:
            if isinstance(field, tuple):
                changed[name] = tuple(
                    attrs.evolve(each, policy=self._whole(each.policy)) if isinstance(each, MemberCopy) else each
                    for each in field
                )
        completed: Command[ResultT] = attrs.evolve(value, **changed)
        return completed

    def _whole(self, policy: VolumePolicy) -> VolumePolicy:
        return with_replication_suffix(self.settings, self.plugins, policy)

    def _handler(self, command: Command[Any]) -> AnyHandler:
        handler = self._handlers.get(type(command))
        if handler is None:
            problems = "".join(f"; plugin {problem.name}: {problem.reason}" for problem in self.plugins.problems)
            raise InvalidRequest("command", type(command).__name__, f"no plugin carries it out{problems}")
        return handler

    def _run(
        self, plan: Plan, operation: _Operation, keys: frozenset[LockKey], deadline: Deadline, held: HeldLocks
    ) -> Outcomes:
        if not plan.steps:
            return Outcomes(())
        operation.id = self._journal.begin(operation.name, plan, tuple(sorted(keys)))
        self.signals.publish(events.OperationStarted(operation_id=operation.id, command=operation.name, plan=plan))
        try:
            progress = Progress(
                operation.id, let_go=lambda source: held.let_go(snapvx_lock(source.array_id, source.device))
            )
            outcomes = self._executor.run(plan, progress, deadline)
        except Conflict as error:
            raise ArrayChanged(error) from error
        self._executor.conclude(progress)
        return outcomes

    def _tell_success(
        self, operation: _Operation, command: Command[Any], result: object, origin: events.Origin
    ) -> None:
        if isinstance(result, commands.Attachment):
            result = result.without_secrets()
        event = _EVENT_OF_RESULT.get(type(result))
        if event is not None:
            self.signals.publish(event(operation_id=operation.id, result=result))
        duration_s = self.clock.now_s() - operation.started_s
        self.signals.publish(
            events.OperationSucceeded(
                operation_id=operation.id,
                command=operation.name,
                duration_s=duration_s,
                request=command,
                result=result,
                origin=origin,
                at_s=self.clock.epoch_s(),
            )
        )

    def _tell_failure(self, operation: _Operation, error: PmaxError) -> None:
        self.signals.publish(
            events.OperationFailed(
                operation_id=operation.id,
                command=operation.name,
                duration_s=self.clock.now_s() - operation.started_s,
                error=str(error),
                left_behind=error.left_behind if isinstance(error, PlanFailed) else (),
            )
        )
