"""Steps that take, present, restore, rename and delete snapshots.

Each is one call. What became of it shows in the sessions of the source, which are read anew for that: a snapshot is
found by its snap id, or by its place among those of its name where there is none.
"""

from __future__ import annotations

from typing import TypeVar

import attrs

from pmax.adapters.rest import snapshot_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import (
    CHANGED,
    UNCHANGED,
    AwaitHandler,
    OneCallHandler,
    StepHandler,
    UndecidedError,
    real_device,
)
from pmax.adapters.rest.messages import Call
from pmax.domain.errors import IllegalTransition, NotFound, WrongIdentity
from pmax.domain.plans import (
    AwaitLinkDefined,
    AwaitRestored,
    AwaitSnapshot,
    AwaitSnapshotGone,
    CreateSnapshot,
    CreateTemporarySnapshot,
    DeleteTemporarySnapshot,
    EndRestore,
    LinkSnapshot,
    RenameSnapshot,
    RestoreSnapshot,
    StepOutcome,
    TerminateSnapshot,
    UnlinkSnapshot,
)
from pmax.domain.plans.snapshots import SnapshotStep
from pmax.domain.snapvx import (
    LinkPhase,
    LinkState,
    NewSnapshot,
    Snapshot,
    SnapshotLink,
    SnapshotReference,
    SnapshotSessions,
)
from pmax.ports.array_commands import Claim
from pmax.ports.runtime import Deadline

S = TypeVar("S", bound=SnapshotStep)
CreationT = TypeVar("CreationT", bound=CreateSnapshot | CreateTemporarySnapshot)
DeletionT = TypeVar("DeletionT", bound=TerminateSnapshot | DeleteTemporarySnapshot)


class _Sessions(StepHandler[S]):
    """A step whose effect shows in the sessions of its volume."""

    def sessions(self, step: S) -> SnapshotSessions:
        """The sessions as they are; none if the volume is gone."""
        found = self.access.snapshots.find_sessions(step.array_id, step.device)
        return found or SnapshotSessions(array_id=step.array_id, device_id=step.device, identifier=None)


class _CreateHandler(OneCallHandler[CreationT], _Sessions[CreationT]):
    """Takes a snapshot."""

    def call(self, step: CreationT, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return snapshot_calls.create(step, dialect)

    def apply(self, step: CreationT, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A refusal is never success: a snapshot of this name would be another one."""
        self.access.change(lambda dialect: self.call(step, dialect), deadline)
        return CHANGED

    def look(self, step: CreationT) -> StepOutcome | None:
        """See `StepHandler`. A snap id tells which one it is, whatever others take later."""
        found = _find(self.sessions(step), step.name, step.new)
        if found is None:
            return None
        return StepOutcome(changed=True, snapshot=found.key if found.key.snap_id is not None else None)


class CreateSnapshotHandler(_CreateHandler[CreateSnapshot]):
    """Takes a user's snapshot."""


class CreateTemporarySnapshotHandler(_CreateHandler[CreateTemporarySnapshot]):
    """Takes a temporary snapshot."""


class _TerminateHandler(OneCallHandler[DeletionT], _Sessions[DeletionT]):
    """Deletes a snapshot. One that this operation took is looked up first, so that no other is deleted for it."""

    def call(self, step: DeletionT, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return snapshot_calls.terminate(step, step.snapshot, dialect)

    def apply(self, step: DeletionT, deadline: Deadline) -> StepOutcome:
        """Carry the step out. That there is no such snapshot is what was wanted."""
        if isinstance(step.snapshot, NewSnapshot):
            found = self.sessions(step).find(step.name, step.snapshot)
            if found is None:
                return UNCHANGED
            step = attrs.evolve(step, snapshot=found.key)
        try:
            return super().apply(step, deadline)
        except NotFound as error:
            # The array goes on showing a snapshot for a while when it is gone already.
            if error.kind != "snapshot":
                raise
            return UNCHANGED

    def look(self, step: DeletionT) -> StepOutcome | None:
        """See `StepHandler`."""
        return None if _find(self.sessions(step), step.name, step.snapshot) else CHANGED

    def objection(self, step: DeletionT, claim: Claim) -> str:
        """See `StepHandler`. Without snap ids, generations may have moved since the key was read."""
        try:
            found = self.sessions(step).find(step.name, step.snapshot)
        except WrongIdentity as error:
            return str(error)
        return self.use_of(found, claim) if found else ""

    def use_of(self, found: Snapshot, claim: Claim) -> str:  # noqa: ARG002 - its links go first
        """What others do with the snapshot that speaks against deleting it; empty for nothing."""
        return ""


class TerminateSnapshotHandler(_TerminateHandler[TerminateSnapshot]):
    """Deletes a user's snapshot."""


class DeleteTemporarySnapshotHandler(_TerminateHandler[DeleteTemporarySnapshot]):
    """Deletes a temporary snapshot."""

    def objection(self, step: DeleteTemporarySnapshot, claim: Claim) -> str:
        """See `StepHandler`. Of two that may be the new one none is left to others: when one has gone, it can be told.

        Raises:
            WrongIdentity: others of the same name are there, and this one has no snap id yet to tell it from them.
        """
        if isinstance(step.snapshot, NewSnapshot):
            found = self.sessions(step).find(step.name, step.snapshot)
            return self.use_of(found, claim) if found else ""
        return super().objection(step, claim)

    def use_of(self, found: Snapshot, claim: Claim) -> str:
        """See `_TerminateHandler`. What was thought to be new may be that of the next clone, which presents it."""
        strangers = sorted({link.target for link in found.links} - claim.devices)
        return f"volume {', '.join(strangers)} presents it by now" if strangers else ""


class LinkSnapshotHandler(OneCallHandler[LinkSnapshot], _Sessions[LinkSnapshot]):
    """Presents a snapshot on a volume."""

    def call(self, step: LinkSnapshot, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return snapshot_calls.link(step, dialect)

    def apply(self, step: LinkSnapshot, deadline: Deadline) -> StepOutcome:
        """Carry the step out."""
        real_device(step.target)
        return super().apply(step, deadline)

    def look(self, step: LinkSnapshot) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if _find_link(self.sessions(step), step) else None


class UnlinkSnapshotHandler(OneCallHandler[UnlinkSnapshot], _Sessions[UnlinkSnapshot]):
    """Takes a snapshot off a volume."""

    def call(self, step: UnlinkSnapshot, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return snapshot_calls.unlink(step, dialect)

    def apply(self, step: UnlinkSnapshot, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A snapshot that this operation took is looked up first: others may have taken more."""
        real_device(step.target)
        if isinstance(step.snapshot, NewSnapshot):
            found = _find_linked(self.sessions(step), step)
            if found is None:
                return UNCHANGED
            step = attrs.evolve(step, snapshot=found.key)
        return super().apply(step, deadline)

    def look(self, step: UnlinkSnapshot) -> StepOutcome | None:
        """See `StepHandler`."""
        return None if _find_link(self.sessions(step), step) else CHANGED


class RestoreSnapshotHandler(OneCallHandler[RestoreSnapshot], _Sessions[RestoreSnapshot]):
    """Gives a volume the data of its snapshot back."""

    def call(self, step: RestoreSnapshot, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return snapshot_calls.restore(step, dialect)

    def look(self, step: RestoreSnapshot) -> StepOutcome | None:
        """See `StepHandler`."""
        found = _find(self.sessions(step), step.name, step.snapshot)
        return CHANGED if found is not None and found.restore is not None else None

    def objection(self, step: RestoreSnapshot, claim: Claim) -> str:  # noqa: ARG002 - its volume tells
        """See `StepHandler`. Data that a host uses by now are not replaced."""
        volume = self.access.volumes.find_volume(step.array_id, step.device)
        return f"a host sees volume {step.device} by now" if volume is not None and volume.front_end_paths else ""


class EndRestoreHandler(OneCallHandler[EndRestore], _Sessions[EndRestore]):
    """Ends a restore."""

    def call(self, step: EndRestore, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return snapshot_calls.end_restore(step, dialect)

    def look(self, step: EndRestore) -> StepOutcome | None:
        """See `StepHandler`."""
        found = _find(self.sessions(step), step.name, step.snapshot)
        return CHANGED if found is None or found.restore is None else None


class RenameSnapshotHandler(OneCallHandler[RenameSnapshot], _Sessions[RenameSnapshot]):
    """Gives a snapshot another name."""

    def call(self, step: RenameSnapshot, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return snapshot_calls.rename(step, dialect)

    def look(self, step: RenameSnapshot) -> StepOutcome | None:
        """See `StepHandler`. Without snap ids, any snapshot of the new name is it: there was none before."""
        key = step.snapshot
        snap_id = None if isinstance(key, NewSnapshot) else key.snap_id
        renamed = self.sessions(step).named(step.after)
        return CHANGED if any(snap_id is None or each.key.snap_id == snap_id for each in renamed) else None


class AwaitSnapshotHandler(AwaitHandler[AwaitSnapshot], _Sessions[AwaitSnapshot]):
    """Looks whether the array shows a snapshot."""

    def seen(self, step: AwaitSnapshot) -> StepOutcome:
        """See `AwaitHandler`."""
        found = self.sessions(step).find(step.name, step.snapshot)
        return StepOutcome(changed=False, is_settled=found is not None, snapshot=found.key if found else None)


class AwaitSnapshotGoneHandler(AwaitHandler[AwaitSnapshotGone], _Sessions[AwaitSnapshotGone]):
    """Looks whether the array has stopped showing a snapshot."""

    def seen(self, step: AwaitSnapshotGone) -> StepOutcome:
        """See `AwaitHandler`."""
        return StepOutcome(changed=False, is_settled=self.sessions(step).find(step.name, step.snapshot) is None)


class AwaitLinkDefinedHandler(AwaitHandler[AwaitLinkDefined], _Sessions[AwaitLinkDefined]):
    """Looks whether the target of a link shows all data."""

    def seen(self, step: AwaitLinkDefined) -> StepOutcome:
        """See `AwaitHandler`.

        Raises:
            NotFound: the link, or its snapshot, is gone.
            IllegalTransition: the link has failed.
        """
        found = self.sessions(step).find(step.name, step.snapshot)
        link = found.find_link(real_device(step.target)) if found else None
        name = f"of snapshot {step.name} of volume {step.device} to volume {step.target}"
        if link is None:
            raise NotFound("link", name)
        if link.phase is LinkPhase.BROKEN:
            raise IllegalTransition("link", name, link.phase.value, "using its data")
        is_settled = link.is_finished if step.until_copied else link.is_defined
        return StepOutcome(changed=False, is_settled=is_settled, snapshot=found.key if found else None)


class AwaitRestoredHandler(AwaitHandler[AwaitRestored], _Sessions[AwaitRestored]):
    """Looks whether a restore has brought back everything."""

    def seen(self, step: AwaitRestored) -> StepOutcome:
        """See `AwaitHandler`. A restore that was ended already had brought back everything, or could not be ended."""
        found = self.sessions(step).find(step.name, step.snapshot)
        if found is None:
            raise NotFound("snapshot", f"{step.name} of volume {step.device}")
        return StepOutcome(changed=False, is_settled=found.restore in {None, LinkState.RESTORED})


def _find(sessions: SnapshotSessions, name: str, reference: SnapshotReference) -> Snapshot | None:
    """The snapshot that a step means, for who only wants to know what became of the step."""
    try:
        return sessions.find(name, reference)
    except WrongIdentity as error:
        raise UndecidedError(str(error)) from error


def _find_link(sessions: SnapshotSessions, step: LinkSnapshot | UnlinkSnapshot) -> SnapshotLink | None:
    found = _find_linked(sessions, step)
    return found.find_link(real_device(step.target)) if found else None


def _find_linked(sessions: SnapshotSessions, step: LinkSnapshot | UnlinkSnapshot) -> Snapshot | None:
    """The snapshot that is, or would be, presented.

    A volume presents one at a time. So of snapshots that were taken meanwhile under one name, the link itself tells
    which one an operation presents on its own volume.
    """
    if not isinstance(step.snapshot, NewSnapshot):
        return _find(sessions, step.name, step.snapshot)
    target = real_device(step.target)
    return next((each for each in sessions.named(step.name) if each.find_link(target)), None)
