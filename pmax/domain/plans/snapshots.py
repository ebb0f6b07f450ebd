"""Steps that take, present, restore, rename and delete snapshots.

Users' snapshots and the temporary ones through which a volume is cloned have steps of their own for making and for
deleting. A temporary snapshot has no name of its own, only a device: no step for temporary ones can name a user's, and
the step that deletes a user's snapshot refuses the name of a temporary one.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import device_of_temporary_snapshot, temporary_snapshot_name
from pmax.domain.plans.references import VolumeReference
from pmax.domain.snapvx import NewSnapshot, SnapshotReference

#: Hours after which the array itself drops a temporary snapshot that is not linked any more; as the upstream driver's.
TEMPORARY_LIFE_HOURS = 1
#: Nothing but the operation's own deadline bounds how long the array may take over all data of a volume.
_AS_LONG_AS_IT_TAKES_S = 86_400.0


def _refuse_temporary(_step: object, _attribute: object, name: str) -> None:
    if device_of_temporary_snapshot(name) is not None:
        raise ValueError(f"{name} is a temporary snapshot, which has steps of its own")


@attrs.frozen(kw_only=True)
class CreateSnapshot:
    """There is one more snapshot of this name of the volume: a user's.

    Attributes:
        device: the volume.
        name: may be in use already; then this is the newest of several.
        new: what is there before, so that the new one can be told from it.
        life_hours: after which the array deletes it by itself; None for never.
    """

    array_id: ArrayId
    device: DeviceId
    name: str = attrs.field(validator=_refuse_temporary)
    new: NewSnapshot
    life_hours: int | None = None

    def __str__(self) -> str:
        life = f" for {self.life_hours} hours" if self.life_hours else ""
        return f"take snapshot {self.name} of volume {self.device}{life}"


@attrs.frozen(kw_only=True)
class TerminateSnapshot:
    """A user's snapshot, which nothing presents, is gone. There is no way back.

    Attributes:
        snapshot: which, read under the lock, or taken by this operation: the proof.
    """

    array_id: ArrayId
    device: DeviceId
    name: str = attrs.field(validator=_refuse_temporary)
    snapshot: SnapshotReference

    def __str__(self) -> str:
        return f"delete snapshot {self.name} ({self.snapshot}) of volume {self.device}"


@attrs.frozen(kw_only=True)
class CreateTemporarySnapshot:
    """There is one more temporary snapshot of the volume, to clone it. Its life is short.

    Attributes:
        device: the volume; the name follows from it.
        new: what is there before.
    """

    array_id: ArrayId
    device: DeviceId
    new: NewSnapshot

    @property
    def name(self) -> str:
        """What it is called, which marks it as temporary and as of this volume."""
        return temporary_snapshot_name(self.device)

    def __str__(self) -> str:
        return f"take a temporary snapshot of volume {self.device}"


@attrs.frozen(kw_only=True)
class DeleteTemporarySnapshot:
    """A temporary snapshot, which nothing presents, is gone.

    Attributes:
        snapshot: which, read under the lock, or taken by this operation: the proof.
    """

    array_id: ArrayId
    device: DeviceId
    snapshot: SnapshotReference

    @property
    def name(self) -> str:
        """What it is called."""
        return temporary_snapshot_name(self.device)

    def __str__(self) -> str:
        return f"delete the temporary snapshot ({self.snapshot}) of volume {self.device}"


@attrs.frozen(kw_only=True)
class LinkSnapshot:
    """A snapshot is presented on a volume, whose own data are gone.

    Attributes:
        device: the volume that the snapshot is of.
        name: of the snapshot, temporary or not.
        snapshot: which of that name.
        target: on which it is presented; as large as the snapshot or larger.
        with_copy: the array also copies everything in the background.
    """

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference
    target: VolumeReference
    with_copy: bool = False

    def __str__(self) -> str:
        copy = " with a full copy" if self.with_copy else ""
        return f"link snapshot {self.name} ({self.snapshot}) of volume {self.device} to volume {self.target}{copy}"


@attrs.frozen(kw_only=True)
class UnlinkSnapshot:
    """A link is gone. A finished one leaves its target the data, which may have changed since.

    Attributes:
        device: the volume that the snapshot is of.
        name: of the snapshot, temporary or not.
        snapshot: which of that name.
        target: on which it was presented.
        is_target_discarded: nobody needs the target's data, since it is about to be deleted: the link need not be
            finished. Nothing else is ever unlinked by force.
    """

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference
    target: VolumeReference
    is_target_discarded: bool = False

    def __str__(self) -> str:
        return f"unlink snapshot {self.name} ({self.snapshot}) of volume {self.device} from volume {self.target}"


@attrs.frozen(kw_only=True)
class RestoreSnapshot:
    """The volume has the data of its snapshot again; what it had is lost. The restore stays open until it is ended."""

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference

    def __str__(self) -> str:
        return f"restore snapshot {self.name} ({self.snapshot}) to volume {self.device}"


@attrs.frozen(kw_only=True)
class EndRestore:
    """A finished restore is not open any more; the snapshot stays."""

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference

    def __str__(self) -> str:
        return f"end the restore of snapshot {self.name} ({self.snapshot}) of volume {self.device}"


@attrs.frozen(kw_only=True)
class RenameSnapshot:
    """A snapshot has another name, which its volume has no snapshot of yet."""

    array_id: ArrayId
    device: DeviceId
    before: str = attrs.field(validator=_refuse_temporary)
    after: str = attrs.field(validator=_refuse_temporary)
    snapshot: SnapshotReference

    def __str__(self) -> str:
        return f"rename snapshot {self.before} ({self.snapshot}) of volume {self.device} to {self.after}"


@attrs.frozen(kw_only=True)
class AwaitSnapshot:
    """The array shows a snapshot; the outcome says which it is."""

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference

    def __str__(self) -> str:
        return f"wait for snapshot {self.name} of volume {self.device}"


@attrs.frozen(kw_only=True)
class AwaitSnapshotGone:
    """The array does not show a snapshot any more: it goes on showing deleted ones for a while."""

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference

    def __str__(self) -> str:
        return f"wait for the end of snapshot {self.name} ({self.snapshot}) of volume {self.device}"


@attrs.frozen(kw_only=True)
class AwaitLinkDefined:
    """The target of a link shows the snapshot's data in full.

    Attributes:
        until_copied: whether a background copy that runs must be over, too, as it must before an unlink.
    """

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference
    target: VolumeReference
    until_copied: bool = False

    @property
    def settle_timeout_s(self) -> float:
        """How long that may take."""
        return _AS_LONG_AS_IT_TAKES_S

    def __str__(self) -> str:
        what = "the copy of" if self.until_copied else "all data of"
        return f"wait for {what} snapshot {self.name} of volume {self.device} on volume {self.target}"


@attrs.frozen(kw_only=True)
class AwaitRestored:
    """A restore has brought back everything, so that it can be ended."""

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference

    @property
    def settle_timeout_s(self) -> float:
        """How long that may take."""
        return _AS_LONG_AS_IT_TAKES_S

    def __str__(self) -> str:
        return f"wait for the restore of snapshot {self.name} of volume {self.device}"


SnapshotStep: TypeAlias = (
    CreateSnapshot
    | TerminateSnapshot
    | CreateTemporarySnapshot
    | DeleteTemporarySnapshot
    | LinkSnapshot
    | UnlinkSnapshot
    | RestoreSnapshot
    | EndRestore
    | RenameSnapshot
    | AwaitSnapshot
    | AwaitSnapshotGone
    | AwaitLinkDefined
    | AwaitRestored
)


def inverse_of_snapshot_step(step: SnapshotStep) -> SnapshotStep | None:
    """Give the step that takes `step` back, or None when nothing can or needs to.

    A link that was unlinked is not made again: its target may have been written to since, and the link would undo that.
    """
    match step:
        case CreateSnapshot(array_id=array_id, device=device, name=name, new=new):
            return TerminateSnapshot(array_id=array_id, device=device, name=name, snapshot=new)
        case CreateTemporarySnapshot(array_id=array_id, device=device, new=new):
            return DeleteTemporarySnapshot(array_id=array_id, device=device, snapshot=new)
        case LinkSnapshot(array_id=array_id, device=device, name=name, snapshot=snapshot, target=target):
            return UnlinkSnapshot(
                array_id=array_id,
                device=device,
                name=name,
                snapshot=snapshot,
                target=target,
                is_target_discarded=True,
            )
        case RenameSnapshot():
            return attrs.evolve(step, before=step.after, after=step.before)
        case _:
            return None
