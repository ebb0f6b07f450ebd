"""Storage groups as a tree: parents, children, what they hold together and which views show them."""

from collections.abc import Iterable

from pmax.simulator.refusals import ArrayRefused, text_of_missing
from pmax.simulator.state.masking_records import MaskingView
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.transaction import ArrayTables

MAX_CHILDREN = 64
MAX_VOLUMES = 4096
"""Public limits of the product (reference section 5, inferred)."""


def named_group(array: ArrayTables, name: str) -> StorageGroup:
    """Return a group that a body refers to.

    Raises:
        ArrayRefused: there is none.
    """
    group = array.storage_groups.find(name)
    if group is None:
        raise ArrayRefused(text_of_missing("Storage Group", name, array.symmetrix_id))
    return group


def children(array: ArrayTables, group: StorageGroup) -> list[StorageGroup]:
    """Return the children of a group, by name."""
    return array.storage_groups.where("parent", group.name)


def is_parent(array: ArrayTables, group: StorageGroup) -> bool:
    """Say whether a group has children."""
    return array.storage_groups.count("parent", group.name) > 0


def leaves(array: ArrayTables, group: StorageGroup) -> list[str]:
    """Return the groups that hold the volumes of a group: its children, or itself."""
    return [child.name for child in children(array, group)] or [group.name]


def number_of_volumes(array: ArrayTables, group: StorageGroup) -> int:
    """Return how many volumes a group holds, a parent through its children (rule 4)."""
    return sum(array.volumes.count("storage_group", name) for name in leaves(array, group))


def cylinders_of(array: ArrayTables, group: StorageGroup) -> int:
    """Return the capacity of a group in cylinders, a parent's through its children (rule 4)."""
    return sum(array.volumes.total("storage_group", name) for name in leaves(array, group))


def volume_ids(array: ArrayTables, group: StorageGroup) -> list[str]:
    """Return the volumes of a group, a parent's through its children, by id and each once."""
    found: set[str] = set()
    for name in leaves(array, group):
        found.update(array.volumes.keys_where("storage_group", name))
    return sorted(found)


def views_of_groups(array: ArrayTables, names: Iterable[str]) -> list[MaskingView]:
    """Return the views that show any of several groups, directly or through a parent (rule 4), by name."""
    shown = set(names)
    for name in tuple(shown):
        group = array.storage_groups.find(name)
        if group is not None:
            shown.update(group.parents)
    views = {view.name: view for name in shown for view in array.masking_views.where("storage_group", name)}
    return [views[name] for name in sorted(views)]


def is_masked(array: ArrayTables, group: StorageGroup) -> bool:
    """Say whether a view shows a group, directly or through a parent."""
    return any(array.masking_views.count("storage_group", name) for name in (group.name, *group.parents))
