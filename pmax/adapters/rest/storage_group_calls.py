"""What is sent to change storage groups. Pure.

Source: unisphere-rest.md 6.6 and section 9. All of it is asked to be carried out before the answer, except what makes
volumes: only a job tells which they are.
"""

from __future__ import annotations

import hashlib
from typing import Final

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, POST, PUT, Call, JsonObject, Subject
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import OBJECT_NAME_LENGTH, ArrayId
from pmax.domain.naming import GOING_SUFFIX
from pmax.domain.plans import (
    AddTags,
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    RemoveChildStorageGroup,
    RemoveTags,
    SetHostIoLimits,
)
from pmax.domain.qos import Distribution, HostIoLimits
from pmax.domain.storage_groups import StorageGroupDefinition

SYNCHRONOUS: Final[JsonObject] = {"executionOption": "SYNCHRONOUS"}
ASYNCHRONOUS: Final[JsonObject] = {"executionOption": "ASYNCHRONOUS"}

#: How the service writes that there is none: in definitions, and for limits.
_NONE: Final = "None"
_NO_WORKLOAD: Final = "NONE"
_NO_LIMIT: Final = "NOLIMIT"

_HASH_DIGITS: Final = 8


def storage_group(array: ArrayId, name: str) -> Subject:
    """A storage group, as the subject of a call."""
    return Subject(kind="storage group", name=name, array_id=array)


def edit(
    dialect: Dialect, group: Subject, operation: str, action: JsonObject, option: JsonObject = SYNCHRONOUS
) -> Call:
    """Change a storage group by one action."""
    return Call(
        verb=PUT,
        path=paths.STORAGE_GROUP.at(dialect, array=group.array_id, name=group.name),
        subject=group,
        operation=operation,
        body={**option, "editStorageGroupActionParam": action},
    )


def create(step: EnsureStorageGroup, dialect: Dialect) -> Call:
    """Make an empty storage group."""
    definition = step.definition
    body: dict[str, object] = {
        **SYNCHRONOUS,
        "storageGroupId": definition.name,
        "srpId": definition.srp or _NONE,
        "emulation": "FBA",
    }
    if definition.srp is not None:
        body["sloBasedStorageGroupParam"] = [_service_level(definition, dialect)]
    return Call(
        verb=POST,
        path=paths.STORAGE_GROUPS.at(dialect, array=step.array_id),
        subject=storage_group(step.array_id, definition.name),
        operation=str(step),
        body=body,
    )


def _service_level(definition: StorageGroupDefinition, dialect: Dialect) -> JsonObject:
    level: dict[str, object] = {
        "sloId": definition.service_level or _NONE,
        "workloadSelection": definition.workload or _NO_WORKLOAD,
    }
    if definition.is_compression_disabled:
        level["noCompression"] = "true"
    no_volumes: dict[str, object] = {"num_of_vols": 0}
    no_size = {"volume_size": "0", "capacityUnit": "GB"}
    if dialect.has_flat_volume_attributes:
        return {**level, **no_volumes, "volumeAttribute": no_size}
    return {**level, "volumeAttributes": [{**no_volumes, **no_size}]}


def delete(array: ArrayId, name: str, dialect: Dialect, operation: str) -> Call:
    """Delete a storage group. The array does so although volumes are in it, which then are in none (rule 7)."""
    path = paths.STORAGE_GROUP.at(dialect, array=array, name=name)
    return Call(verb=DELETE, path=path, subject=storage_group(array, name), operation=operation)


def rename(array: ArrayId, name: str, new_name: str, dialect: Dialect, operation: str) -> Call:
    """Give a storage group another name."""
    action = {"renameStorageGroupParam": {"new_storage_Group_name": new_name}}
    return edit(dialect, storage_group(array, name), operation, action)


def interim_name(name: str) -> str:
    """The name that a storage group has while it is being deleted.

    It begins as the old one, so that people recognise it, and follows from it, so that it is found again after a crash.
    """
    if len(name) + len(GOING_SUFFIX) <= OBJECT_NAME_LENGTH:
        return name + GOING_SUFFIX
    digits = hashlib.sha256(name.encode()).hexdigest()[:_HASH_DIGITS]
    kept = OBJECT_NAME_LENGTH - len(GOING_SUFFIX) - _HASH_DIGITS - 1
    return f"{name[:kept]}-{digits}{GOING_SUFFIX}"


def add_child(step: EnsureChildStorageGroup, dialect: Dialect) -> Call:
    """Put a storage group under another."""
    action = {"expandStorageGroupParam": {"addExistingStorageGroupParam": {"storageGroupId": [step.child]}}}
    return edit(dialect, storage_group(step.array_id, step.parent), str(step), action)


def remove_child(step: RemoveChildStorageGroup, dialect: Dialect) -> Call:
    """Take a storage group from under another; a masked parent wants it forced (rule 6)."""
    action = {"removeStorageGroupParam": {"storageGroupId": [step.child], "force": "true"}}
    return edit(dialect, storage_group(step.array_id, step.parent), str(step), action)


def set_limits(step: SetHostIoLimits, dialect: Dialect) -> Call:
    """Set both limits; none is a limit too, so that nothing of what was before stays."""
    action = {"setHostIOLimitsParam": _limits(step.after)}
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action)


def _limits(limits: HostIoLimits | None) -> JsonObject:
    if limits is None:
        return _limit_texts(None, None, Distribution.NEVER)
    return _limit_texts(limits.iops, limits.megabytes_per_second, limits.distribution)


def _limit_texts(iops: int | None, rate: int | None, distribution: Distribution) -> JsonObject:
    return {
        "host_io_limit_io_sec": _NO_LIMIT if iops is None else str(iops),
        "host_io_limit_mb_sec": _NO_LIMIT if rate is None else str(rate),
        "dynamicDistribution": distribution.value,
    }


def add_tags(step: AddTags, dialect: Dialect) -> Call:
    """Tag a storage group. The array makes a tag that it does not know yet, and refuses one that is set (rule 32)."""
    return _tag(step, "addTagsParam", dialect)


def remove_tags(step: RemoveTags, dialect: Dialect) -> Call:
    """Take tags from a storage group."""
    return _tag(step, "removeTagsParam", dialect)


def _tag(step: AddTags | RemoveTags, action: str, dialect: Dialect) -> Call:
    if not dialect.has_tags:
        raise InvalidRequest("tags", ", ".join(step.tags), "tags need Unisphere 9.2 or later; leave them out")
    group = storage_group(step.array_id, step.storage_group)
    return edit(dialect, group, str(step), {"tagManagementParam": {action: {"tag_name": list(step.tags)}}})
