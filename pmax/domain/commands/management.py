"""Taking volumes and snapshots over from an array, and giving them up without deleting them."""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands.base import Command
from pmax.domain.commands.volumes import Replica
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class VolumeManagement:
    """Result of `ManageVolume`.

    Attributes:
        array_id: serial of the array.
        device_id: the device.
        identifier: what it is called now.
        before: what it was called; empty if it carried no identifier.
        storage_group: in which it waits for a host.
        capacity: its size.
        policy: by which it is kept from now on.
        replica: its other side; None for a volume that is not replicated.
    """

    array_id: ArrayId
    device_id: DeviceId
    identifier: str
    before: str
    storage_group: str
    capacity: Capacity
    policy: VolumePolicy
    replica: Replica | None = None


@attrs.frozen(kw_only=True)
class ManageVolume(Command[VolumeManagement]):
    """Take over a volume that exists: give it a name of ours, and put it where such volumes wait. Its data stay.

    Attributes:
        array_id: serial of the array.
        device_id: the device, whatever it is called.
        identifier: what it shall be called. A device that carries it already was taken over by an attempt that was cut
            off, and is not refused for its name.
        policy: service level, compression…
    """

    array_id: ArrayId
    device_id: DeviceId
    identifier: str
    policy: VolumePolicy


@attrs.frozen(kw_only=True)
class VolumeUnmanagement:
    """Result of `UnmanageVolume`.

    Attributes:
        target: the volume.
        identifier: what it is called now; empty if the array has no such volume any more.
        storage_groups: that hold it now.
        was_present: False when the array had no such volume, so nothing had to be done.
    """

    target: VolumeTarget
    identifier: str
    storage_groups: tuple[str, ...]
    was_present: bool


@attrs.frozen(kw_only=True)
class UnmanageVolume(Command[VolumeUnmanagement]):
    """Give a volume up, so that others may use it: it and its data stay on the array.

    Attributes:
        target: which, and the identifiers that prove it.
        identifier: what it shall be called from now on.
    """

    target: VolumeTarget
    identifier: str


@attrs.frozen(kw_only=True)
class SnapshotManagement:
    """Result of `ManageSnapshot`.

    Attributes:
        source: the volume that the snapshot is of.
        name: what the snapshot is called now.
        before: what it was called.
    """

    source: VolumeTarget
    name: str
    before: str


@attrs.frozen(kw_only=True)
class ManageSnapshot(Command[SnapshotManagement]):
    """Take over a snapshot of a volume that is managed. Only the newest of its name can be taken over.

    Attributes:
        source: the volume, and the identifiers that prove it.
        name: what the snapshot is called on the array.
        new_name: what it shall be called. A volume that has one of that name, and none of the other, was taken over by
            an attempt that was cut off.
    """

    source: VolumeTarget
    name: str
    new_name: str


@attrs.frozen(kw_only=True)
class SnapshotUnmanagement:
    """Result of `UnmanageSnapshot`.

    Attributes:
        source: the volume that the snapshot is of.
        name: what the snapshot is called now; empty if the array has no such snapshot any more.
        was_present: False when the array had no such snapshot, so nothing had to be done.
    """

    source: VolumeTarget
    name: str
    was_present: bool


@attrs.frozen(kw_only=True)
class UnmanageSnapshot(Command[SnapshotUnmanagement]):
    """Give a snapshot up, so that others may use it: it stays on the array under another name.

    Attributes:
        source: the volume, and the identifiers that prove it.
        name: what the snapshot is called on the array.
        new_name: what it shall be called.
    """

    source: VolumeTarget
    name: str
    new_name: str
