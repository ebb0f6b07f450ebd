"""Steps that make, change, delete and regroup volumes."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans.references import NewVolume, VolumeReference, devices_text, gib_text


@attrs.frozen(kw_only=True)
class CreateVolume:
    """A new thin volume of this identifier and size is in the storage group."""

    array_id: ArrayId
    storage_group: str
    identifier: str
    capacity: Capacity

    def __str__(self) -> str:
        return f"create volume {self.identifier} of {gib_text(self.capacity)} GiB in storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class DeleteVolume:
    """A volume and its data are gone. There is no way back.

    Attributes:
        identifier: read under the same lock; the adapter's proof of ownership ("" when the device carries none).
        storage_group: out of which it is taken first, since the array deletes no volume that is in a group; "" when it
            is in none.
    """

    array_id: ArrayId
    device: VolumeReference
    identifier: str
    storage_group: str = ""

    def __str__(self) -> str:
        return f"delete volume {self.device} ({self.identifier or 'no identifier'}) and its data"


@attrs.frozen(kw_only=True)
class RenameVolume:
    """A volume carries another identifier ("" for none)."""

    array_id: ArrayId
    device: VolumeReference
    before: str
    after: str

    def __str__(self) -> str:
        return f"rename volume {self.device} from {self.before!r} to {self.after!r}"


@attrs.frozen(kw_only=True)
class ExpandVolume:
    """A volume is larger. The array cannot shrink it again.

    Attributes:
        identifier: as read; whoever goes on after a crash knows by it that the volume is still the same.
        rdf_group: number of its SRDF group, so that both sides grow; None when it is not paired.
    """

    array_id: ArrayId
    device: VolumeReference
    before: Capacity
    after: Capacity
    identifier: str = ""
    rdf_group: int | None = None

    def __str__(self) -> str:
        return f"expand volume {self.device} from {gib_text(self.before)} to {gib_text(self.after)} GiB"


@attrs.frozen(kw_only=True)
class AddVolume:
    """A volume is also in this storage group.

    Attributes:
        is_forced: also if the group is replicated and the volume is not, or not yet.
    """

    array_id: ArrayId
    device: VolumeReference
    storage_group: str
    is_forced: bool = False

    def __str__(self) -> str:
        return f"add volume {self.device} to storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class RemoveVolume:
    """A volume is no longer in this storage group."""

    array_id: ArrayId
    device: VolumeReference
    storage_group: str

    def __str__(self) -> str:
        return f"remove volume {self.device} from storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class MoveVolume:
    """A volume is in the target group instead of the source group, in one atomic change."""

    array_id: ArrayId
    device: VolumeReference
    source: str
    target: str

    def __str__(self) -> str:
        return f"move volume {self.device} from storage group {self.source} to {self.target}"


@attrs.frozen(kw_only=True)
class AddVolumes:
    """Several volumes are also in this storage group, all of them at once or none."""

    array_id: ArrayId
    devices: tuple[VolumeReference, ...]
    storage_group: str

    def __str__(self) -> str:
        return f"add {devices_text(self.devices)} to storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class RemoveVolumes:
    """Several volumes are no longer in this storage group, all of them at once or none."""

    array_id: ArrayId
    devices: tuple[VolumeReference, ...]
    storage_group: str

    def __str__(self) -> str:
        return f"remove {devices_text(self.devices)} from storage group {self.storage_group}"


VolumeStep: TypeAlias = (
    CreateVolume
    | DeleteVolume
    | RenameVolume
    | ExpandVolume
    | AddVolume
    | RemoveVolume
    | MoveVolume
    | AddVolumes
    | RemoveVolumes
)


def inverse_of_volume_step(step: VolumeStep) -> VolumeStep | None:  # noqa: PLR0911 - a table of steps is best read as one
    """Give the step that takes `step` back, or None when nothing can or needs to."""
    match step:
        case CreateVolume(array_id=array_id, identifier=identifier, storage_group=name):
            device = NewVolume(identifier)
            return DeleteVolume(array_id=array_id, device=device, identifier=identifier, storage_group=name)
        case RenameVolume():
            return attrs.evolve(step, before=step.after, after=step.before)
        case AddVolume(array_id=array_id, device=device, storage_group=name):
            return RemoveVolume(array_id=array_id, device=device, storage_group=name)
        case RemoveVolume(array_id=array_id, device=device, storage_group=name):
            return AddVolume(array_id=array_id, device=device, storage_group=name)
        case MoveVolume():
            return attrs.evolve(step, source=step.target, target=step.source)
        case AddVolumes():
            return RemoveVolumes(array_id=step.array_id, devices=step.devices, storage_group=step.storage_group)
        case RemoveVolumes():
            return AddVolumes(array_id=step.array_id, devices=step.devices, storage_group=step.storage_group)
        case DeleteVolume() | ExpandVolume():
            return None
