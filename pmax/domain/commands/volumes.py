"""Making, deleting and extending volumes."""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands.base import Command
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class VolumeCreation:
    """Result of `CreateVolume`."""

    array_id: ArrayId
    device_id: DeviceId
    identifier: str
    storage_group: str


@attrs.frozen(kw_only=True)
class CreateVolume(Command[VolumeCreation]):
    """Make a volume in the default storage group of its policy.

    Attributes:
        array_id: serial of the array.
        identifier: name of the device on the array; must not be in use there for another volume of ours.
        capacity: size; the array rounds up to whole cylinders.
        policy: service level, compression…
        volume_group: that the volume joins as soon as it is made; None for none.
    """

    array_id: ArrayId
    identifier: str
    capacity: Capacity
    policy: VolumePolicy
    volume_group: VolumeGroupTarget | None = None


@attrs.frozen(kw_only=True)
class VolumeDeletion:
    """Result of `DeleteVolume`.

    Attributes:
        was_present: False when the array had no such volume, so nothing had to be done.
    """

    target: VolumeTarget
    was_present: bool


@attrs.frozen(kw_only=True)
class DeleteVolume(Command[VolumeDeletion]):
    """Delete a volume and its data.

    Attributes:
        target: which, and the identifiers that prove it.
    """

    target: VolumeTarget


@attrs.frozen(kw_only=True)
class VolumeExtension:
    """Result of `ExtendVolume`."""

    target: VolumeTarget
    before: Capacity
    after: Capacity


@attrs.frozen(kw_only=True)
class ExtendVolume(Command[VolumeExtension]):
    """Make a volume larger, attached or not.

    Attributes:
        target: which.
        capacity: its new size, not the difference.
    """

    target: VolumeTarget
    capacity: Capacity
