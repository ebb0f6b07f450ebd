"""Steps on the snapshots of several volumes at once.

Each change is one call. What became of it shows in the list of the volumes that have a snapshot of the name, which is
one call too; only links show in the sessions of each source alone.
"""

from __future__ import annotations

from typing import TypeVar

import attrs

from pmax.adapters.rest import group_snapshot_calls
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
from pmax.domain.errors import IllegalTransition, NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import (
    AwaitGroupSnapshot,
    AwaitGroupSnapshotGone,
    AwaitLinksDefined,
    CreateGroupSnapshot,
    CreateTemporaryGroupSnapshot,
    DeleteTemporaryGroupSnapshot,
    LinkSnapshots,
    StepOutcome,
    TerminateGroupSnapshot,
    UnlinkSnapshots,
)
from pmax.domain.plans.group_snapshots import GroupSnapshotStep
from pmax.domain.snapvx import LinkPhase, NewSnapshot, SnapshotKey, SnapshotLink
from pmax.ports.runtime import Deadline

S = TypeVar("S", bound=GroupSnapshotStep)
CreationT = TypeVar("CreationT", bound=CreateGroupSnapshot | CreateTemporaryGroupSnapshot)
DeletionT = TypeVar("DeletionT", bound=TerminateGroupSnapshot | DeleteTemporaryGroupSnapshot)
LinkingT = TypeVar("LinkingT", bound=LinkSnapshots | UnlinkSnapshots)


class _Sources(StepHandler[S]):
    """A step whose effect shows in who has a snapshot of the name."""

    def missing(self, step: S) -> frozenset[DeviceId]:
        """Those of the step's volumes that have no snapshot of the name."""
        listed = self.access.snapshots.list_snapshots(step.array_id, step.name)
        return frozenset(step.devices) - {snapshot.source for snapshot in listed}

    def is_on_all(self, step: S) -> bool:
        """Whether all have one.

        Raises:
            UndecidedError: some have.
        """
        missing = self.missing(step)
        if missing and len(missing) != len(step.devices):
            raise UndecidedError(f"volumes {', '.join(sorted(missing))} have no snapshot {step.name}, and others do")
        return not missing

    def key(self, step: S) -> SnapshotKey | None:
        """Which snapshot it is: the snap id is the same on all volumes (unisphere-rest.md 6.14)."""
        sessions = self.access.snapshots.find_sessions(step.array_id, step.devices[0])
        named = sessions.named(step.name) if sessions else ()
        return named[0].key if named else None


class _CreateHandler(OneCallHandler[CreationT], _Sources[CreationT]):
    """Takes a snapshot of a storage group."""

    def call(self, step: CreationT, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return group_snapshot_calls.create(step, dialect)

    def apply(self, step: CreationT, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A refusal is never success: snapshots of this name would be others."""
        self.access.change(lambda dialect: self.call(step, dialect), deadline)
        return CHANGED

    def look(self, step: CreationT) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if self.is_on_all(step) else None


class CreateGroupSnapshotHandler(_CreateHandler[CreateGroupSnapshot]):
    """Takes a user's snapshot."""


class CreateTemporaryGroupSnapshotHandler(_CreateHandler[CreateTemporaryGroupSnapshot]):
    """Takes a temporary snapshot."""


class _TerminateHandler(OneCallHandler[DeletionT], _Sources[DeletionT]):
    """Deletes the snapshots of several volumes."""

    def call(self, step: DeletionT, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return group_snapshot_calls.terminate(step, step.snapshot, dialect)

    def apply(self, step: DeletionT, deadline: Deadline) -> StepOutcome:
        """Carry the step out, on those volumes that have the snapshot. That none has it is what was wanted."""
        if isinstance(step.snapshot, NewSnapshot):
            missing = self.missing(step)
            step = attrs.evolve(step, devices=tuple(device for device in step.devices if device not in missing))
            key = self.key(step) if step.devices else None
            if key is None:
                return UNCHANGED
            step = attrs.evolve(step, snapshot=key)
        try:
            return super().apply(step, deadline)
        except NotFound as error:
            # The array goes on showing snapshots for a while when they are gone already.
            if error.kind != "snapshot":
                raise
            return UNCHANGED

    def look(self, step: DeletionT) -> StepOutcome | None:
        """See `StepHandler`."""
        return None if self.is_on_all(step) else CHANGED


class TerminateGroupSnapshotHandler(_TerminateHandler[TerminateGroupSnapshot]):
    """Deletes users' snapshots."""


class DeleteTemporaryGroupSnapshotHandler(_TerminateHandler[DeleteTemporaryGroupSnapshot]):
    """Deletes temporary snapshots."""


class _Links(StepHandler[S]):
    """A step on links, which show in the sessions of their sources."""

    def link(
        self, step: LinkSnapshots | UnlinkSnapshots | AwaitLinksDefined, device: DeviceId, target: DeviceId
    ) -> SnapshotLink | None:
        """The link of one source to one target; None if there is none."""
        sessions = self.access.snapshots.find_sessions(step.array_id, device)
        links = (each.find_link(target) for each in (sessions.named(step.name) if sessions else ()))
        return next((link for link in links if link is not None), None)


class _LinkingHandler(OneCallHandler[LinkingT], _Links[LinkingT]):
    """Makes or ends links."""

    def apply(self, step: LinkingT, deadline: Deadline) -> StepOutcome:
        """Carry the step out."""
        for target in step.targets:
            real_device(target)
        return super().apply(step, deadline)

    def are_linked(self, step: LinkingT) -> bool:
        """Whether all are linked.

        Raises:
            UndecidedError: some are.
        """
        pairs = zip(step.devices, step.targets, strict=True)
        linked = [self.link(step, device, real_device(target)) is not None for device, target in pairs]
        if any(linked) and not all(linked):
            raise UndecidedError(f"of {len(linked)} volumes, snapshot {step.name} is linked to {sum(linked)}")
        return all(linked)


class LinkSnapshotsHandler(_LinkingHandler[LinkSnapshots]):
    """Presents snapshots on volumes."""

    def call(self, step: LinkSnapshots, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return group_snapshot_calls.link(step, dialect)

    def look(self, step: LinkSnapshots) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if self.are_linked(step) else None


class UnlinkSnapshotsHandler(_LinkingHandler[UnlinkSnapshots]):
    """Takes snapshots off volumes."""

    def call(self, step: UnlinkSnapshots, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return group_snapshot_calls.unlink(step, dialect)

    def look(self, step: UnlinkSnapshots) -> StepOutcome | None:
        """See `StepHandler`."""
        return None if self.are_linked(step) else CHANGED


class AwaitGroupSnapshotHandler(AwaitHandler[AwaitGroupSnapshot], _Sources[AwaitGroupSnapshot]):
    """Looks whether the array shows the snapshot of every volume."""

    def seen(self, step: AwaitGroupSnapshot) -> StepOutcome:
        """See `AwaitHandler`."""
        key = None if self.missing(step) else self.key(step)
        return StepOutcome(changed=False, is_settled=key is not None, snapshot=key)


class AwaitGroupSnapshotGoneHandler(AwaitHandler[AwaitGroupSnapshotGone], _Sources[AwaitGroupSnapshotGone]):
    """Looks whether the array has stopped showing the snapshots."""

    def seen(self, step: AwaitGroupSnapshotGone) -> StepOutcome:
        """See `AwaitHandler`."""
        return StepOutcome(changed=False, is_settled=len(self.missing(step)) == len(step.devices))


class AwaitLinksDefinedHandler(AwaitHandler[AwaitLinksDefined], _Links[AwaitLinksDefined]):
    """Looks whether the targets show all data, up to the first that does not."""

    def seen(self, step: AwaitLinksDefined) -> StepOutcome:
        """See `AwaitHandler`.

        Raises:
            NotFound: a link is gone.
            IllegalTransition: a link has failed.
        """
        for device, target in zip(step.devices, step.targets, strict=True):
            link = self.link(step, device, real_device(target))
            name = f"of snapshot {step.name} of volume {device} to volume {target}"
            if link is None:
                raise NotFound("link", name)
            if link.phase is LinkPhase.BROKEN:
                raise IllegalTransition("link", name, link.phase.value, "using its data")
            if not (link.is_finished if step.until_copied else link.is_defined):
                return StepOutcome(changed=False, is_settled=False)
        return StepOutcome(changed=False)
