"""Making, deleting and extending volumes."""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands.base import Command
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.srdf import RdfLink
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class Replica:
    """The other side of a replicated volume.

    Attributes:
        array_id: serial of the remote array.
        device_id: the device there.
        link: the RDF group.
        mode: name of the replication mode.
        backend_id: of the replication device; "" if it has none.
    """

    array_id: ArrayId
    device_id: DeviceId
    link: RdfLink
    mode: str
    backend_id: str = ""


@attrs.frozen(kw_only=True)
class VolumeCreation:
    """Result of `CreateVolume`.

    Attributes:
        replica: the other side; None for a volume that is not replicated.
    """

    array_id: ArrayId
    device_id: DeviceId
    identifier: str
    storage_group: str
    replica: Replica | None = None


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
        policy: of the volume, if the caller knows it. It saves calls; nothing is believed of it that the array does not
            confirm.
    """

    target: VolumeTarget
    policy: VolumePolicy | None = None


@attrs.frozen(kw_only=True)
class VolumeExtension:
    """Result of `ExtendVolume`.

    Attributes:
        target: which.
        before: its size before.
        after: its size now.
        replica: its new other side, if the pair had to end and a new one was made; None if nothing changed about it.
    """

    target: VolumeTarget
    before: Capacity
    after: Capacity
    replica: Replica | None = None


@attrs.frozen(kw_only=True)
class ExtendVolume(Command[VolumeExtension]):
    """Make a volume larger, attached or not.

    Attributes:
        target: which.
        capacity: its new size, not the difference.
        policy: of the volume, if the caller knows it. It saves calls; nothing is believed of it that the array does not
            confirm.
    """

    target: VolumeTarget
    capacity: Capacity
    policy: VolumePolicy | None = None
