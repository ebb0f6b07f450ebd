"""Snapshots, and volumes that are made out of snapshots and of other volumes."""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands.base import Command
from pmax.domain.commands.volumes import VolumeCreation
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import device_of_temporary_snapshot
from pmax.domain.policies import VolumePolicy
from pmax.domain.snapvx import SnapshotKey
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget


def _refuse_temporary(_command: object, _attribute: object, name: str) -> None:
    if device_of_temporary_snapshot(name) is not None:
        raise InvalidRequest("snapshot", name, "temporary snapshots come and go by themselves")


@attrs.frozen(kw_only=True)
class SnapshotTarget:
    """Which snapshot a command means.

    Attributes:
        volume: of which it was taken, with what proves that.
        name: on the array.
        generation: of that name, 0 for the newest; None for all of the name where a command takes several, and for the
            only one where it does not.
        snap_id: instead of the generation; None for none.
    """

    volume: VolumeTarget
    name: str = attrs.field(validator=_refuse_temporary)
    generation: int | None = None
    snap_id: int | None = None

    def __str__(self) -> str:
        which = f" generation {self.generation}" if self.generation is not None else ""
        which = which if self.snap_id is None else f" snap id {self.snap_id}"
        return f"{self.name}{which} of volume {self.volume.device_id}"


@attrs.frozen(kw_only=True)
class SnapshotCreation:
    """Result of `CreateSnapshot`.

    Attributes:
        volume: of which the snapshot was taken.
        volume_identifier: what it is called.
        name: of the snapshot.
        key: which of that name.
    """

    volume: VolumeTarget
    volume_identifier: str
    name: str
    key: SnapshotKey


@attrs.frozen(kw_only=True)
class CreateSnapshot(Command[SnapshotCreation]):
    """Take a snapshot of a volume, attached or not.

    Attributes:
        volume: of which.
        name: on the array.
        life_hours: after which the array deletes it by itself; None for never.
        is_next_generation: whether the volume may have snapshots of this name already.
    """

    volume: VolumeTarget
    name: str = attrs.field(validator=_refuse_temporary)
    life_hours: int | None = attrs.field(default=None)
    is_next_generation: bool = False

    @life_hours.validator
    def _check_life(self, _attribute: object, hours: int | None) -> None:
        if hours is not None and hours < 1:
            raise InvalidRequest("life time", hours, "a snapshot lives for at least 1 hour")


@attrs.frozen(kw_only=True)
class SnapshotDeletion:
    """Result of `DeleteSnapshot`.

    Attributes:
        was_present: False when the array had no such snapshot, so nothing had to be done.
        unlinked: volumes that presented it, and keep its data.
    """

    target: SnapshotTarget
    was_present: bool
    unlinked: tuple[DeviceId, ...] = ()


@attrs.frozen(kw_only=True)
class DeleteSnapshot(Command[SnapshotDeletion]):
    """Delete a snapshot, or all of its name. Volumes that present it keep its data, and are unlinked first.

    Attributes:
        target: which.
    """

    target: SnapshotTarget


@attrs.frozen(kw_only=True)
class SnapshotLinking:
    """Result of `LinkSnapshot`."""

    target: SnapshotTarget
    device: VolumeTarget


@attrs.frozen(kw_only=True)
class LinkSnapshot(Command[SnapshotLinking]):
    """Present a snapshot on a volume that exists and that no host sees; what the volume holds is lost.

    Attributes:
        target: the snapshot.
        device: the volume.
        with_copy: the array also copies everything in the background.
    """

    target: SnapshotTarget
    device: VolumeTarget
    with_copy: bool = False


@attrs.frozen(kw_only=True)
class SnapshotUnlinking:
    """Result of `UnlinkSnapshot`.

    Attributes:
        was_linked: False when nothing had to be done.
    """

    target: SnapshotTarget
    device: VolumeTarget
    was_linked: bool


@attrs.frozen(kw_only=True)
class UnlinkSnapshot(Command[SnapshotUnlinking]):
    """Take a snapshot off a volume, which keeps the data. A copy that is under way is waited for.

    Attributes:
        target: the snapshot.
        device: the volume.
    """

    target: SnapshotTarget
    device: VolumeTarget


@attrs.frozen(kw_only=True)
class SnapshotRestoration:
    """Result of `RevertToSnapshot`."""

    target: SnapshotTarget


@attrs.frozen(kw_only=True)
class RevertToSnapshot(Command[SnapshotRestoration]):
    """Give a volume that no host sees the data of its snapshot back; what it holds is lost, and the snapshot stays.

    Attributes:
        target: which.
    """

    target: SnapshotTarget


@attrs.frozen(kw_only=True)
class VolumeCopy:
    """Result of `CreateVolumeFromSnapshot` and `CloneVolume`.

    Attributes:
        creation: the new volume.
        source: the volume whose data it has.
        snapshot_name: the snapshot through which it got them.
    """

    creation: VolumeCreation
    source: VolumeTarget
    snapshot_name: str


@attrs.frozen(kw_only=True)
class CreateVolumeFromSnapshot(Command[VolumeCopy]):
    """Make a volume with the data of a snapshot, and never with any other.

    Attributes:
        snapshot: which.
        identifier: name of the new device on the array.
        capacity: of the new volume: the source's when the snapshot was taken, or more.
        policy: of the new volume.
        volume_group: that the new volume joins; None for none.
    """

    snapshot: SnapshotTarget
    identifier: str
    capacity: Capacity
    policy: VolumePolicy
    volume_group: VolumeGroupTarget | None = None


@attrs.frozen(kw_only=True)
class CloneVolume(Command[VolumeCopy]):
    """Make a volume with the data that another one has now.

    Attributes:
        source: the other volume, attached or not.
        identifier: name of the new device on the array.
        capacity: of the new volume: the source's, or more; None for the source's.
        policy: of the new volume.
        volume_group: that the new volume joins; None for none.
    """

    source: VolumeTarget
    identifier: str
    capacity: Capacity | None
    policy: VolumePolicy
    volume_group: VolumeGroupTarget | None = None


@attrs.frozen(kw_only=True)
class SnapshotTidying:
    """Result of `TidySnapshots`.

    Attributes:
        device_id: the volume.
        deleted: how many temporary snapshots of it were deleted.
        unlinked: volumes that presented them, and keep their data.
    """

    device_id: DeviceId
    deleted: int
    unlinked: tuple[DeviceId, ...] = ()


@attrs.frozen(kw_only=True)
class TidySnapshots(Command[SnapshotTidying]):
    """Delete the temporary snapshots of a volume that have outlived their purpose, and nothing else.

    Attributes:
        array_id: serial of the array.
        device_id: the volume.
    """

    array_id: ArrayId
    device_id: DeviceId
