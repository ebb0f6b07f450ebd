"""Which snapshot, and which volume, Cinder means with a snapshot; and where a volume is that was made out of another.

Source: driver-provisioning.md 4.1, 4.2 and 10.
"""

from __future__ import annotations

import attrs
from cinder import objects

from pmax.adapters.cinder.locations import Location, identifiers, volume_target
from pmax.adapters.cinder.snapshot_locations import SnapshotLocation, parse_snapshot_location
from pmax.domain.commands import SnapshotTarget, VolumeCopy
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import snapshot_name
from pmax.domain.volumes import VolumeTarget


@attrs.frozen
class CopyLocation:
    """The place of a volume that was made out of another one.

    Attributes:
        copy: as the engine made it.
    """

    copy: VolumeCopy

    def __str__(self) -> str:
        """The text to store: the four keys in upstream's order."""
        made = self.copy.creation
        return str(
            {
                "array": str(made.array_id),
                "device_id": str(made.device_id),
                "source_device_id": str(self.copy.source.device_id),
                "snap_name": self.copy.snapshot_name,
            }
        )


def snapshot_target(snapshot: objects.Snapshot, configured: ArrayId) -> SnapshotTarget | None:
    """The snapshot on the array that Cinder means, every generation of its name.

    The stored location names the device; whose that is, the volume tells. A snapshot whose making was cut off before
    Cinder learned of it is told by the name that it would have.

    Returns:
        None when neither the snapshot nor its volume was ever made.

    Raises:
        InvalidRequest: the stored location cannot be read. It is never taken for an absent snapshot.
    """
    volume = snapshot.volume
    location = parse_snapshot_location(snapshot.provider_location, configured)
    if isinstance(location, SnapshotLocation):
        known = identifiers(volume.id, volume.name_id)
        source = VolumeTarget(array_id=configured, device_id=location.source, identifiers=known)
        return SnapshotTarget(volume=source, name=location.name)
    made = volume_target(volume, configured)
    return None if made is None else SnapshotTarget(volume=made, name=snapshot_name(snapshot.id))


def required_snapshot(snapshot: objects.Snapshot, configured: ArrayId) -> SnapshotTarget:
    """Likewise for a snapshot that must have been made.

    Raises:
        InvalidRequest: Cinder's database names no snapshot, or none that can be read.
    """
    target = snapshot_target(snapshot, configured) if snapshot.provider_location else None
    if target is None:
        raise InvalidRequest("snapshot", snapshot.id, "Cinder's database names no snapshot, so it was never made")
    return target


def legacy_device(snapshot: objects.Snapshot, configured: ArrayId) -> VolumeTarget | None:
    """The device that a snapshot of the SMI-S era is; None for a snapshot of our time.

    Such a snapshot was a full copy on a device of its own, which carries the snapshot's id.
    """
    location = parse_snapshot_location(snapshot.provider_location, configured)
    if not isinstance(location, Location):
        return None
    return VolumeTarget(array_id=location.array_id, device_id=location.device_id, identifiers=identifiers(snapshot.id))
