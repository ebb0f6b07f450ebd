"""Steps on the snapshots of several volumes at once, which are of one moment.

Only what must be of one moment, or would cost a call for each volume, has a step here; everything else that can be done
to a snapshot is done to that of a single volume (`snapshots`). As there, the temporary snapshot through which a volume
group is copied has steps of its own: it has no name but the id of the copy, so that no step for temporary ones can
name a user's.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import group_snapshot_name
from pmax.domain.plans.references import VolumeReference, devices_text
from pmax.domain.snapvx import NewSnapshot, SnapshotReference

#: The snapshot of a name of which there was none before.
TAKEN_HERE = NewSnapshot(known=0)
#: Nothing but the operation's own deadline bounds how long the array may take over all data of the volumes.
_AS_LONG_AS_IT_TAKES_S = 86_400.0


@attrs.frozen(kw_only=True)
class CreateGroupSnapshot:
    """There is a snapshot of this name of every volume in a storage group, all of one moment: a user's.

    Attributes:
        devices: those in the group; none of them has a snapshot of this name before.
    """

    array_id: ArrayId
    storage_group: str
    name: str
    devices: tuple[DeviceId, ...]

    def __str__(self) -> str:
        return f"take snapshot {self.name} of all volumes of storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class TerminateGroupSnapshot:
    """A user's snapshots of several volumes, which nothing presents, are gone. There is no way back.

    Attributes:
        devices: those that have the snapshot; each has one of this name only.
        snapshot: which it is, of all of them, read under the lock or taken by this operation.
    """

    array_id: ArrayId
    name: str
    devices: tuple[DeviceId, ...]
    snapshot: SnapshotReference

    def __str__(self) -> str:
        return f"delete snapshot {self.name} of {devices_text(self.devices)}"


@attrs.frozen(kw_only=True)
class CreateTemporaryGroupSnapshot:
    """There is a snapshot of every volume in a storage group, to copy it.

    Attributes:
        copy_id: id of the volume group that is to have the data; the name follows from it.
        devices: those in the group.
    """

    array_id: ArrayId
    storage_group: str
    copy_id: str
    devices: tuple[DeviceId, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return group_snapshot_name(self.copy_id)

    def __str__(self) -> str:
        return f"take a temporary snapshot of all volumes of storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class DeleteTemporaryGroupSnapshot:
    """The temporary snapshots of several volumes, which nothing presents, are gone.

    Fields as for `CreateTemporaryGroupSnapshot`.
    """

    array_id: ArrayId
    copy_id: str
    devices: tuple[DeviceId, ...]
    snapshot: SnapshotReference

    @property
    def name(self) -> str:
        """What it is called."""
        return group_snapshot_name(self.copy_id)

    def __str__(self) -> str:
        return f"delete the temporary snapshot {self.name} of {devices_text(self.devices)}"


@attrs.frozen(kw_only=True)
class LinkSnapshots:
    """Snapshots of one name are presented on volumes, whose own data are gone.

    Attributes:
        devices: the volumes that the snapshots are of.
        targets: on which they are presented, in the same order.
        snapshot: which of that name, of all of them.
        with_copy: the array also copies everything in the background.
    """

    array_id: ArrayId
    name: str
    snapshot: SnapshotReference
    devices: tuple[DeviceId, ...]
    targets: tuple[VolumeReference, ...]
    with_copy: bool = False

    def __str__(self) -> str:
        copy = " with a full copy" if self.with_copy else ""
        return f"link snapshot {self.name} of {devices_text(self.devices)} to {devices_text(self.targets)}{copy}"


@attrs.frozen(kw_only=True)
class UnlinkSnapshots:
    """Links of the snapshots of one name are gone.

    Attributes:
        is_target_discarded: the targets are about to go: whether they have all data does not matter.
    """

    array_id: ArrayId
    name: str
    snapshot: SnapshotReference
    devices: tuple[DeviceId, ...]
    targets: tuple[VolumeReference, ...]
    is_target_discarded: bool = False

    def __str__(self) -> str:
        return f"unlink snapshot {self.name} of {devices_text(self.devices)} from {devices_text(self.targets)}"


@attrs.frozen(kw_only=True)
class AwaitGroupSnapshot:
    """The array shows the snapshot of each of these volumes; the outcome says which it is."""

    array_id: ArrayId
    name: str
    devices: tuple[DeviceId, ...]

    def __str__(self) -> str:
        return f"wait for snapshot {self.name} of {devices_text(self.devices)}"


@attrs.frozen(kw_only=True)
class AwaitGroupSnapshotGone:
    """The array does not show a snapshot of this name of any of these volumes any more."""

    array_id: ArrayId
    name: str
    devices: tuple[DeviceId, ...]

    def __str__(self) -> str:
        return f"wait for the end of snapshot {self.name} of {devices_text(self.devices)}"


@attrs.frozen(kw_only=True)
class AwaitLinksDefined:
    """The targets of links show their snapshots' data in full.

    Attributes:
        until_copied: whether a background copy that runs must be over, too, as it must before an unlink.
    """

    array_id: ArrayId
    name: str
    devices: tuple[DeviceId, ...]
    targets: tuple[VolumeReference, ...]
    until_copied: bool = False

    @property
    def settle_timeout_s(self) -> float:
        """How long that may take."""
        return _AS_LONG_AS_IT_TAKES_S

    def __str__(self) -> str:
        what = "the copies of" if self.until_copied else "all data of"
        return f"wait for {what} snapshot {self.name} on {devices_text(self.targets)}"


GroupSnapshotAwait: TypeAlias = AwaitGroupSnapshot | AwaitGroupSnapshotGone | AwaitLinksDefined

GroupSnapshotStep: TypeAlias = (
    CreateGroupSnapshot
    | TerminateGroupSnapshot
    | CreateTemporaryGroupSnapshot
    | DeleteTemporaryGroupSnapshot
    | LinkSnapshots
    | UnlinkSnapshots
    | GroupSnapshotAwait
)


def inverse_of_group_snapshot_step(step: GroupSnapshotStep) -> GroupSnapshotStep | None:
    """Give the step that takes `step` back, or None when nothing can or needs to.

    Links that were unlinked are not made again: their targets may have been written to since.
    """
    match step:
        case CreateGroupSnapshot(array_id=array_id, name=name, devices=devices):
            return TerminateGroupSnapshot(array_id=array_id, name=name, devices=devices, snapshot=TAKEN_HERE)
        case CreateTemporaryGroupSnapshot(array_id=array_id, copy_id=copy_id, devices=devices):
            return DeleteTemporaryGroupSnapshot(
                array_id=array_id, copy_id=copy_id, devices=devices, snapshot=TAKEN_HERE
            )
        case LinkSnapshots():
            return UnlinkSnapshots(
                array_id=step.array_id,
                name=step.name,
                snapshot=step.snapshot,
                devices=step.devices,
                targets=step.targets,
                is_target_discarded=True,
            )
        case _:
            return None
