"""Finds storage groups that have room, and tells ours from others'."""

from __future__ import annotations

from collections.abc import Iterable

from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import UNMANAGED_STORAGE_GROUP, parse_default_storage_group
from pmax.domain.policies import VolumePolicy
from pmax.domain.provisioning import CreationObserved
from pmax.domain.siblings import base_of, siblings
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.plugins.volume_group_lookup import get_volume_group, volume_group_lock
from pmax.ports.arrays import ArrayReader
from pmax.ports.readers import Readers
from pmax.ports.runtime import LockKey
from pmax.ports.storage_groups import StorageGroupReader


def observe_creation(
    readers: Readers, array_id: ArrayId, policy: VolumePolicy, volume_group: VolumeGroupTarget | None = None
) -> CreationObserved:
    """Read what making a volume of this policy depends on: its default storage group, and its volume group if any.

    Raises:
        InvalidRequest: the group does not exist, and neither does the pool that it would be made in.
        InUse: the group and all its siblings are full.
        NotFound: the array has no storage group for the volume group.
    """
    name, group = find_room(readers.storage_groups, array_id, policy.traits.default_storage_group)
    if group is None:
        check_srp(readers.arrays, array_id, policy)
    array = readers.arrays.get_array(array_id)
    return CreationObserved(
        storage_group_name=name,
        storage_group=group,
        supports_compression=array.supports_compression,
        volume_group=get_volume_group(readers, volume_group) if volume_group else None,
    )


def creation_locks(array_id: ArrayId, identifier: str, volume_group: VolumeGroupTarget | None) -> frozenset[LockKey]:
    """The identifier, so that one volume is not made twice; not the group, so that creations run side by side."""
    own = frozenset({LockKey(array_id, "identifier", identifier)})
    return own | ({volume_group_lock(volume_group)} if volume_group else frozenset())


def find_room(reader: StorageGroupReader, array_id: ArrayId, name: str) -> tuple[str, StorageGroup | None]:
    """Find the group, or the first of its siblings, that another volume fits in.

    Returns:
        Its name, and the group as it is; None if it does not exist yet.

    Raises:
        InUse: the group and all its siblings are full.
    """
    for candidate in siblings(name):
        group = reader.find_storage_group(array_id, candidate)
        if group is None or group.has_room:
            return candidate, group
    raise InUse("storage group", name, "as many volumes as it can hold, and so are its siblings")


def check_srp(reader: ArrayReader, array_id: ArrayId, policy: VolumePolicy) -> None:
    """Refuse a storage resource pool that does not exist, before a group is made for it.

    Raises:
        InvalidRequest: names those that the array has.
    """
    pools = reader.list_srps(array_id)
    if policy.service_level is not None and policy.srp not in pools:
        rule = f"array {array_id} has no such storage resource pool; it has {', '.join(pools) or 'none'}"
        raise InvalidRequest("SRP", policy.srp, rule)


def is_own_default_group(name: str, srp: str, replication_suffixes: Iterable[str] = ()) -> bool:
    """Whether pmax made this group to keep volumes that no host sees, so that it may delete it when it is empty.

    Args:
        name: of the group.
        srp: of the backend.
        replication_suffixes: of the modes that are known.
    """
    base = base_of(name)
    return base == UNMANAGED_STORAGE_GROUP or parse_default_storage_group(base, srp, replication_suffixes) is not None
