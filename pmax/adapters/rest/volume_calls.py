"""What is sent to change volumes and their membership in storage groups. Pure.

Sizes are sent in cylinders, so that nothing is rounded on the way. Source: unisphere-rest.md 6.4, 6.6 and section 9.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, PUT, Call, JsonObject, Subject
from pmax.adapters.rest.storage_group_calls import ASYNCHRONOUS, SYNCHRONOUS, edit, storage_group
from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import (
    AddVolume,
    AddVolumes,
    CreateVolume,
    DeleteVolume,
    ExpandVolume,
    MoveVolume,
    RemoveVolume,
    RemoveVolumes,
    RenameVolume,
    VolumeReference,
)

#: Stands for a device that does not exist yet, where calls are only shown.
NEW_DEVICE: Final = "NEW"


def device_text(device: VolumeReference) -> str:
    """The device as it stands in a path; `NEW` for one that an earlier step will make."""
    return device if isinstance(device, str) else NEW_DEVICE


def create(step: CreateVolume, dialect: Dialect, remote: JsonObject | None = None) -> Call:
    """Make a volume in a storage group, as a job.

    `remote` says what happens on the remote array, where the group is replicated.

    The array is told never to reuse a device: it may otherwise hand out an unused one of the same size that is somebody
    else's, out of its groups only for a moment (unisphere-rest.md 6.6, `create_new_volumes`).
    """
    identifier = {"identifier_name": step.identifier, "volumeIdentifierChoice": "identifier_name"}
    size = _size(step.capacity)
    volumes: dict[str, object] = {"emulation": "FBA", "create_new_volumes": "True"}
    if dialect.has_flat_volume_attributes:
        volumes |= {"num_of_vols": 1, "volumeAttribute": size, "volumeIdentifier": identifier}
    else:
        volumes |= {"volumeAttributes": [{"num_of_vols": 1, **size, "volumeIdentifier": identifier}]}
    if remote is not None:
        volumes |= {"remoteSymmSGInfoParam": remote}
    action = {"expandStorageGroupParam": {"addVolumeParam": volumes}}
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action, ASYNCHRONOUS)


def delete(step: DeleteVolume, dialect: Dialect) -> Call:
    """Delete a volume."""
    path = paths.VOLUME.at(dialect, array=step.array_id, device=device_text(step.device))
    return Call(verb=DELETE, path=path, subject=_volume(step.array_id, step.device), operation=str(step))


def free(step: DeleteVolume, dialect: Dialect) -> Call:
    """Give a volume's tracks back, which older code wants done before it is deleted (rule 22)."""
    return _edit(dialect, _volume(step.array_id, step.device), str(step), {"freeVolumeParam": {"free_volume": True}})


def rename(step: RenameVolume, dialect: Dialect) -> Call:
    """Give a volume another identifier, or none."""
    identifier = {"volumeIdentifierChoice": "none"}
    if step.after:
        identifier = {"identifier_name": step.after, "volumeIdentifierChoice": "identifier_name"}
    action = {"modifyVolumeIdentifierParam": {"volumeIdentifier": identifier}}
    return _edit(dialect, _volume(step.array_id, step.device), str(step), action)


def expand(step: ExpandVolume, dialect: Dialect) -> Call:
    """Make a volume larger; the size that is sent is the new one, not the difference."""
    parameters: dict[str, object] = {"volumeAttribute": _size(step.after)}
    if step.rdf_group is not None and dialect.takes_rdf_group_on_expand:
        parameters["rdfGroupNumber"] = step.rdf_group
    return _edit(dialect, _volume(step.array_id, step.device), str(step), {"expandVolumeParam": parameters})


def add(step: AddVolume, dialect: Dialect) -> Call:
    """Put a volume into a storage group, too; a group that is replicated wants it forced (rule 76)."""
    volumes: dict[str, object] = {"volumeId": [device_text(step.device)]}
    if step.is_forced:
        volumes["remoteSymmSGInfoParam"] = {"force": "true"}
    action = {"expandStorageGroupParam": {"addSpecificVolumeParam": volumes}}
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action)


def remove(step: RemoveVolume, dialect: Dialect) -> Call:
    """Take a volume out of a storage group."""
    action = {"removeVolumeParam": {"volumeId": [device_text(step.device)]}}
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action)


def add_all(step: AddVolumes, dialect: Dialect) -> Call:
    """Put volumes into a storage group, too."""
    volumes = {"volumeId": [device_text(device) for device in step.devices]}
    action = {"expandStorageGroupParam": {"addSpecificVolumeParam": volumes}}
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action)


def remove_all(step: RemoveVolumes, dialect: Dialect) -> Call:
    """Take volumes out of a storage group."""
    action = {"removeVolumeParam": {"volumeId": [device_text(device) for device in step.devices]}}
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action)


def move(step: MoveVolume, dialect: Dialect) -> Call:
    """Move a volume from one storage group to another."""
    return move_all(step.array_id, (step.source, step.target), (device_text(step.device),), dialect, str(step))


def move_all(array: ArrayId, groups: tuple[str, str], devices: Iterable[str], dialect: Dialect, operation: str) -> Call:
    """Move volumes from the first storage group to the second; masked ones want it forced (rule 14)."""
    source, target = groups
    moved = {"volumeId": list(devices), "storageGroupId": target, "force": "true"}
    return edit(dialect, storage_group(array, source), operation, {"moveVolumeToStorageGroupParam": moved})


def _volume(array: ArrayId, device: VolumeReference) -> Subject:
    return Subject(kind="volume", name=device_text(device), array_id=array)


def _edit(dialect: Dialect, volume: Subject, operation: str, action: JsonObject) -> Call:
    return Call(
        verb=PUT,
        path=paths.VOLUME.at(dialect, array=volume.array_id, device=volume.name),
        subject=volume,
        operation=operation,
        body={**SYNCHRONOUS, "editVolumeActionParam": action},
    )


def _size(capacity: Capacity) -> JsonObject:
    return {"volume_size": str(capacity.cylinders), "capacityUnit": "CYL"}
