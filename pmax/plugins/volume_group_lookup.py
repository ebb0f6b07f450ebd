"""Finds the storage group of a volume group, also after the group was renamed."""

from __future__ import annotations

import attrs

from pmax.domain.errors import InUse
from pmax.domain.identifiers import ArrayId
from pmax.domain.volume_groups import OtherSideOfGroup, VolumeGroupObserved, VolumeGroupTarget, missing_volume_group
from pmax.ports.readers import Readers
from pmax.ports.runtime import LockKey


def volume_group_lock(target: VolumeGroupTarget) -> LockKey:
    """The lock of one volume group."""
    return LockKey(target.array_id, "volume-group", target.group_id.lower())


def volume_group_locks(target: VolumeGroupTarget, other_array_id: ArrayId | None) -> frozenset[LockKey]:
    """The lock of a volume group; of a replicated one that on the other array too, which its failover takes."""
    own = frozenset({volume_group_lock(target)})
    return own if other_array_id is None else own | {volume_group_lock(target.on(other_array_id))}


def find_volume_group(readers: Readers, target: VolumeGroupTarget) -> VolumeGroupObserved | None:
    """Find a group by its present name, else by its id: one read, and two more after a rename.

    Returns:
        The group without its members; None when the array has no storage group with this id in its name.

    Raises:
        InUse: there are several, and it is not known which is the group's.
    """
    group = readers.storage_groups.find_storage_group(target.array_id, target.storage_group)
    if group is not None:
        return VolumeGroupObserved(target=target, storage_group=group)
    names = readers.storage_groups.list_storage_groups(target.array_id, name_contains=target.group_id)
    own = tuple(name for name in names if target.is_own(name))
    if len(own) > 1:
        raise InUse("volume group", str(target), f"storage groups {', '.join(own)}: rename all but one of them")
    found = readers.storage_groups.find_storage_group(target.array_id, own[0]) if own else None
    return VolumeGroupObserved(target=target, storage_group=found) if found else None


def get_volume_group(readers: Readers, target: VolumeGroupTarget) -> VolumeGroupObserved:
    """As `find_volume_group`.

    Raises:
        NotFound: the array has no storage group for it; says which was looked for.
    """
    found = find_volume_group(readers, target)
    if found is None:
        raise missing_volume_group(target)
    return found


def read_members(readers: Readers, group: VolumeGroupObserved) -> VolumeGroupObserved:
    """The same group with its members: one read, and one more for each further page."""
    devices = readers.volumes.list_devices(group.array_id, storage_group=group.storage_group.name)
    return attrs.evolve(group, members=frozenset(devices) if group.storage_group.volume_count else frozenset())


def other_side_of_group(
    readers: Readers, target: VolumeGroupTarget, other_array_id: ArrayId, *, with_members: bool = False
) -> OtherSideOfGroup:
    """Look for the storage group of a replicated group on the array of the other sides; see `find_volume_group`."""
    there = target.on(other_array_id)
    found = find_volume_group(readers, there)
    if found is not None and with_members:
        found = read_members(readers, found)
    return OtherSideOfGroup(target=there, found=found)
