"""Storage groups are merged and split; no client in the sources does, so the effects are assumed."""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import groups
from pmax.simulator.rules.lun_addresses import refresh_volumes
from pmax.simulator.rules.membership import move_volumes
from pmax.simulator.rules.storage_groups import delete_group, refuse_existing
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.transaction import ArrayTables


def merge_groups(array: ArrayTables, group: StorageGroup, other: StorageGroup) -> None:
    """Move all volumes of another group into a group, and delete the other.

    Raises:
        ArrayRefused: one of them is a parent or a child, the other is masked, or they have a volume in common.
    """
    for each in (group, other):
        if each.parents or groups.is_parent(array, each):
            raise ArrayRefused(f"Storage Group [{each.name}] is cascaded and cannot be merged")
    if groups.is_masked(array, other):
        raise ArrayRefused(f"Storage Group [{other.name}] is in a masking view and cannot be merged")
    ids = groups.volume_ids(array, other)
    if ids or group.name == other.name:
        move_volumes(array, other, group, ids, is_forced=True, is_last_kept=False)
    delete_group(array, other)


def split_volumes(
    array: ArrayTables, group: StorageGroup, new: StorageGroup, ids: Sequence[str], view_name: str | None
) -> None:
    """Move volumes of a group into a new one, with a view of its own for the same hosts if one is named.

    Raises:
        Conflict: the new group exists.
        ArrayRefused: a volume is not in the group, or the view exists.
    """
    refuse_existing(array, new.name)
    array.storage_groups.put(attrs.evolve(new, parents=()))
    move_volumes(array, group, array.storage_groups.get(new.name), ids, is_forced=True, is_last_kept=True)
    if view_name is not None:
        _copy_view(array, group, new, view_name)


def split_child(array: ArrayTables, parent: StorageGroup, child: StorageGroup, view_name: str | None) -> None:
    """Take a child out of its parent, with a view of its own for the same hosts if one is named.

    Raises:
        ArrayRefused: it is no child of it, or the view exists.
    """
    if parent.name not in child.parents:
        raise ArrayRefused(f"Storage Group [{child.name}] is not a child of storage group [{parent.name}]")
    array.storage_groups.put(attrs.evolve(child, parents=tuple(name for name in child.parents if name != parent.name)))
    if view_name is not None:
        _copy_view(array, parent, child, view_name)
    refresh_volumes(array, groups.volume_ids(array, child))


def _copy_view(array: ArrayTables, old: StorageGroup, new: StorageGroup, view_name: str) -> None:
    views = groups.views_of_groups(array, [old.name])
    if not views:
        raise ArrayRefused(f"Storage Group [{old.name}] is in no masking view")
    if array.masking_views.count("folded", view_name.lower()):
        raise ArrayRefused(f"Masking View [{view_name}] already exists")
    array.masking_views.put(attrs.evolve(views[0], name=view_name, storage_group=new.name))
    refresh_volumes(array, groups.volume_ids(array, new))
