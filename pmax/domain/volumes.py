"""Volumes as observed on an array, and how a caller points at one."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.errors import InUse, WrongIdentity
from pmax.domain.identifiers import ArrayId, DeviceId


@attrs.frozen(kw_only=True)
class Volume:
    """A thin device as the array reports it.

    Attributes:
        array_id: serial of the array.
        device_id: five hexadecimal digits.
        identifier: the name that a user or a driver gave it; None when it has none.
        capacity: its size, a whole number of cylinders.
        storage_groups: names of the groups that hold it directly (never their parents).
        wwn: 32 hexadecimal digits.
        emulation: FBA for open systems, CKD for mainframes.
        configuration: `TDEV`, `RDF1+TDEV`, `RDF2+TDEV`…
        status: `Ready`, `Not Ready`, `Write Disabled`.
        front_end_paths: number of paths over which hosts see it.
        is_snapshot_source: at least one snapshot of it exists.
        is_snapshot_target: a snapshot is linked to it.
        rdf_groups: numbers of the SRDF groups in which it is paired.
        nguid: the namespace identifier that newer arrays give it; None where the service does not report one.
    """

    array_id: ArrayId
    device_id: DeviceId
    identifier: str | None
    capacity: Capacity
    storage_groups: tuple[str, ...] = ()
    wwn: str = ""
    emulation: str = "FBA"
    configuration: str = "TDEV"
    status: str = "Ready"
    front_end_paths: int = 0
    is_snapshot_source: bool = False
    is_snapshot_target: bool = False
    rdf_groups: tuple[int, ...] = ()
    nguid: str | None = None


@attrs.frozen(kw_only=True)
class VolumeTarget:
    """Which volume a command means, with what proves that it is the right one.

    Attributes:
        array_id: serial of the array.
        device_id: the device.
        identifiers: the identifiers it may carry; empty when the caller takes whatever the device carries (an
            administrator who names a device). The first is the one that pmax would write.
    """

    array_id: ArrayId
    device_id: DeviceId
    identifiers: tuple[str, ...] = ()

    def check(self, volume: Volume) -> str:
        """Prove that `volume` is the one that is meant.

        Returns:
            The identifier that was read, to be passed to destructive steps as their proof ("" when it carries none).

        Raises:
            WrongIdentity: the device exists but carries another identifier.
        """
        found = volume.identifier or ""
        if self.identifiers and found not in self.identifiers:
            raise WrongIdentity("volume", self.device_id, " or ".join(self.identifiers), found)
        return found


def check_unused(volume: Volume) -> None:
    """Refuse to delete what a host or a snapshot still needs.

    Raises:
        InUse: a host sees it, a snapshot depends on it, or it is a link target.
    """
    if volume.front_end_paths:
        raise InUse("volume", volume.device_id, f"{volume.front_end_paths} host paths; detach it first")
    if volume.is_snapshot_source:
        raise InUse("volume", volume.device_id, "snapshots of it; delete them first")
    if volume.is_snapshot_target:
        raise InUse("volume", volume.device_id, "a linked snapshot; unlink it first")


def check_deletable(volume: Volume, snapshots: Sequence[str] = ()) -> None:
    """Refuse to delete what somebody still needs. What is left of clones is nobody's need.

    Args:
        volume: as it is.
        snapshots: names of users' snapshots of it.

    Raises:
        InUse: a host sees it, a user's snapshot depends on it, or it is paired over SRDF.
    """
    if volume.front_end_paths:
        raise InUse("volume", volume.device_id, f"{volume.front_end_paths} host paths; detach it first")
    if snapshots:
        raise InUse("volume", volume.device_id, f"snapshots of it ({', '.join(snapshots)}); delete them first")
    if volume.rdf_groups:
        groups = ", ".join(str(number) for number in volume.rdf_groups)
        raise InUse("volume", volume.device_id, f"SRDF group {groups}; delete the pair first")
