"""Making, changing and taking away generic volume groups."""

from __future__ import annotations

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class VolumeGroupCreation:
    """Result of `CreateVolumeGroup`.

    Attributes:
        storage_group: the one that stands for the volume group on the array.
    """

    target: VolumeGroupTarget
    storage_group: str


@attrs.frozen(kw_only=True)
class CreateVolumeGroup(Command[VolumeGroupCreation]):
    """Make an empty volume group.

    Attributes:
        target: which.
        other_array_id: where the other sides of its volumes are going to be; None if it is not replicated.
    """

    target: VolumeGroupTarget
    other_array_id: ArrayId | None = None


@attrs.frozen(kw_only=True)
class VolumeGroupUpdate:
    """Result of `UpdateVolumeGroup`.

    Attributes:
        joined: devices that were not members before.
        left: devices that were.
    """

    target: VolumeGroupTarget
    joined: tuple[DeviceId, ...]
    left: tuple[DeviceId, ...]


@attrs.frozen(kw_only=True)
class OtherSidesOfGroup:
    """Other sides of volumes that join and leave a replicated group.

    Attributes:
        array_id: serial of their array.
        joining: those that shall be members there.
        leaving: those that shall not be.
    """

    array_id: ArrayId
    joining: tuple[VolumeTarget, ...] = ()
    leaving: tuple[VolumeTarget, ...] = ()


@attrs.frozen(kw_only=True)
class UpdateVolumeGroup(Command[VolumeGroupUpdate]):
    """Add volumes to a volume group and remove others, all of them or none; attached ones too.

    Attributes:
        target: which group.
        joining: volumes that shall be members, whether they are already or not.
        leaving: volumes that shall not be.
        other_sides: the same for the other sides of a replicated group, on their array; None if it is not replicated.
    """

    target: VolumeGroupTarget
    joining: tuple[VolumeTarget, ...] = ()
    leaving: tuple[VolumeTarget, ...] = ()
    other_sides: OtherSidesOfGroup | None = None


@attrs.frozen(kw_only=True)
class VolumeGroupDeletion:
    """Result of `DeleteVolumeGroup`.

    Attributes:
        was_present: False when the array had no storage group for it, so nothing had to be done.
    """

    target: VolumeGroupTarget
    was_present: bool


@attrs.frozen(kw_only=True)
class DeleteVolumeGroup(Command[VolumeGroupDeletion]):
    """Take a volume group away. Its volumes stay, each in its own default storage group or attached as it is.

    Attributes:
        target: which group.
        members: the volumes that the caller counts as members; others in the storage group are somebody else's.
    """

    target: VolumeGroupTarget
    members: tuple[VolumeTarget, ...] = ()
