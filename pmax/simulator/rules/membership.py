"""Volumes join, leave and change storage groups (rules 1, 2, 11, 13 to 15, 17, 45)."""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import groups, srdf_facts
from pmax.simulator.rules.lun_addresses import refresh_volumes
from pmax.simulator.rules.srdf_facts import RemoteGroups
from pmax.simulator.state.records import StorageGroup, Volume
from pmax.simulator.state.transaction import ArrayTables


def named_volume(array: ArrayTables, volume_id: str) -> Volume:
    """Return a volume that a body refers to.

    Raises:
        ArrayRefused: there is none.
    """
    volume = array.volumes.find(volume_id.upper())
    if volume is None:
        raise ArrayRefused(
            f"Could not find volume [{volume_id}]: it cannot be found on Symmetrix [{array.symmetrix_id}]"
        )
    return volume


def add_volumes(
    array: ArrayTables,
    group: StorageGroup,
    volume_ids: Sequence[str],
    remote: RemoteGroups,
    first_address: int | None = None,
) -> None:
    """Let volumes join a group; if the group is masked, they are masked at once.

    Raises:
        ArrayRefused: the group is a parent (rule 2) or full, a volume is in it already (rule 13), or another group with
            FAST management holds it (rule 1).
    """
    volumes = [named_volume(array, volume_id) for volume_id in volume_ids]
    refuse_parent(array, group)
    if array.volumes.count("storage_group", group.name) + len(volumes) > groups.MAX_VOLUMES:
        raise ArrayRefused(f"Storage Group [{group.name}] cannot hold more than {groups.MAX_VOLUMES} volumes")
    _refuse_repeated(volumes)
    for volume in volumes:
        if group.name in volume.storage_groups:
            raise ArrayRefused(f"Device {volume.volume_id} is already in the storage group")
        _refuse_second_fast_group(array, volume, group, leaving=None)
    ids = tuple(volume.volume_id for volume in volumes)
    srdf_facts.volumes_will_join(array, group, ids, remote)
    for volume_id in ids:
        volume = array.volumes.get(volume_id)
        joined = attrs.evolve(volume, storage_groups=(*volume.storage_groups, group.name))
        array.volumes.put(attrs.evolve(joined, srp=_pool_of(array, joined)))
    refresh_volumes(array, ids, first_address)


def remove_volumes(
    array: ArrayTables,
    group: StorageGroup,
    volume_ids: Sequence[str],
    remote: RemoteGroups,
    *,
    is_last_kept: bool,
) -> None:
    """Let volumes leave a group.

    Raises:
        ArrayRefused: a volume is not in the group (rule 13), or the group is masked and would be empty (rule 11).
    """
    volumes = [named_volume(array, volume_id) for volume_id in volume_ids]
    _refuse_repeated(volumes)
    for volume in volumes:
        _refuse_stranger(volume, group)
    if is_last_kept:
        refuse_emptying_masked(array, group, len(volumes))
    for volume in volumes:
        left = attrs.evolve(volume, storage_groups=tuple(name for name in volume.storage_groups if name != group.name))
        array.volumes.put(attrs.evolve(left, srp=_pool_of(array, left)))
    ids = tuple(volume.volume_id for volume in volumes)
    refresh_volumes(array, ids)
    srdf_facts.volumes_have_left(array, group, ids, remote)


def move_volumes(
    array: ArrayTables,
    source: StorageGroup,
    target: StorageGroup,
    volume_ids: Sequence[str],
    *,
    is_forced: bool,
    is_last_kept: bool,
) -> None:
    """Let volumes change groups in one step; within one view they keep their addresses (rules 14, 15 and 45).

    Raises:
        ArrayRefused: a volume is not in the source, or is in the target, or may not move without `force` because it is
            replicated (rule 14); or the masked source would be empty (rules 11 and 15). A move that only unmasks needs
            no force: the upstream driver detaches with `force` false.
    """
    volumes = [named_volume(array, volume_id) for volume_id in volume_ids]
    refuse_parent(array, target)
    _refuse_repeated(volumes)
    if source.name == target.name:
        raise ArrayRefused(f"Source and target are the same storage group [{source.name}]")
    for volume in volumes:
        _refuse_stranger(volume, source)
        if target.name in volume.storage_groups:
            raise ArrayRefused(f"Device {volume.volume_id} is already in the storage group")
        _refuse_second_fast_group(array, volume, target, leaving=source.name)
    if array.volumes.count("storage_group", target.name) + len(volumes) > groups.MAX_VOLUMES:
        raise ArrayRefused(f"Storage Group [{target.name}] cannot hold more than {groups.MAX_VOLUMES} volumes")
    seen_before = {view.name for view in groups.views_of_groups(array, [source.name])}
    seen_after = {view.name for view in groups.views_of_groups(array, [target.name])}
    if is_last_kept and seen_before != seen_after:
        refuse_emptying_masked(array, source, len(volumes))
    ids = tuple(volume.volume_id for volume in volumes)
    srdf_facts.volumes_will_move(array, source, target, ids, is_forced=is_forced)
    for volume in volumes:
        names = tuple(target.name if name == source.name else name for name in volume.storage_groups)
        moved = attrs.evolve(volume, storage_groups=names)
        array.volumes.put(attrs.evolve(moved, srp=_pool_of(array, moved)))
    refresh_volumes(array, ids)


def refuse_parent(array: ArrayTables, group: StorageGroup) -> None:
    """Refuse volumes for a group that has children (rules 2 and 17)."""
    if groups.is_parent(array, group):
        raise ArrayRefused(f"Storage Group [{group.name}] has child storage groups and cannot hold volumes")


def refuse_emptying_masked(array: ArrayTables, group: StorageGroup, number: int) -> None:
    """Refuse to take the last volumes out of what a view shows (rule 11, assumed).

    A child of a masked parent may become empty as long as its siblings still hold volumes.
    """
    for name in (group.name, *group.parents):
        shown = array.storage_groups.get(name)
        if array.masking_views.count("storage_group", name) and groups.number_of_volumes(array, shown) <= number:
            raise ArrayRefused(
                f"The last device cannot be removed from Storage Group [{name}]: it is in a masking view"
            )


def refuse_second_fast_group(array: ArrayTables, volume: Volume, group: StorageGroup) -> None:
    """Refuse that a group becomes FAST managed while another one manages a volume of it (rule 1)."""
    _refuse_second_fast_group(array, volume, group, leaving=group.name)


def _refuse_second_fast_group(array: ArrayTables, volume: Volume, group: StorageGroup, leaving: str | None) -> None:
    if not group.is_fast_managed:
        return
    for name in volume.storage_groups:
        if name != leaving and array.storage_groups.get(name).is_fast_managed:
            raise ArrayRefused(f"Device {volume.volume_id} is already in the FAST managed storage group {name}")


def _refuse_stranger(volume: Volume, group: StorageGroup) -> None:
    if group.name not in volume.storage_groups:
        raise ArrayRefused(f"Device {volume.volume_id} is not in the storage group {group.name}")


def _refuse_repeated(volumes: Sequence[Volume]) -> None:
    ids = [volume.volume_id for volume in volumes]
    if len(set(ids)) != len(ids):
        raise ArrayRefused("A device is named more than once")


def _pool_of(array: ArrayTables, volume: Volume) -> str | None:
    """Return the pool of a volume: that of the FAST managed group it is in, else the one it had."""
    for name in volume.storage_groups:
        srp = array.storage_groups.get(name).srp
        if srp is not None:
            return srp
    return volume.srp
