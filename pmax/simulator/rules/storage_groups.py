"""Storage groups come into being, change their parameters, become parents and go (rules 2 to 10, 16, 28 to 32)."""

from collections.abc import Iterable, Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused, Conflict
from pmax.simulator.rules import groups
from pmax.simulator.rules.families import workloads_of
from pmax.simulator.rules.lun_addresses import refresh_volumes
from pmax.simulator.rules.membership import refuse_emptying_masked, refuse_second_fast_group
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.transaction import ArrayTables

NONE = "none"


@attrs.frozen(kw_only=True)
class FastParameters:
    """How FAST shall manage a group.

    Attributes:
        srp: None for no management.
        service_level: None for none.
        workload: None for none.
    """

    srp: str | None = None
    service_level: str | None = None
    workload: str | None = None


def known_parameters(array: ArrayTables, wanted: FastParameters) -> FastParameters:
    """Return parameters as the array knows them: names in its own case, no workload where it has none.

    Raises:
        ArrayRefused: a pool, level or workload does not exist (rule 28), or a level is asked for without a pool.
    """
    srp = _unless_none(wanted.srp)
    if srp is not None and srp not in array.pools:
        raise ArrayRefused(f"Storage Resource Pool [{srp}] on Symmetrix [{array.symmetrix_id}] cannot be found")
    level = _unless_none(wanted.service_level)
    if level is not None:
        level = _own_case(level, array.service_levels.ids(), "Service Level")
        if srp is None:
            raise ArrayRefused(f"Service Level [{level}] needs a storage resource pool")
    workload = _unless_none(wanted.workload)
    if workload is not None and array.record.is_next_generation:
        workload = None  # rule 28: ignored on 5978 and above
    if workload is not None:
        workload = _own_case(workload, workloads_of(array.record), "Workload")
    return FastParameters(srp=srp, service_level=level, workload=workload)


def refuse_existing(array: ArrayTables, name: str) -> None:
    """Refuse a name that is taken, in whatever case (rule 16; that case does not matter is assumed)."""
    if array.storage_groups.count("folded", name.lower()):
        raise Conflict("The requested storage group resource already exists")


def apply_parameters(array: ArrayTables, group: StorageGroup, wanted: FastParameters) -> StorageGroup:
    """Change how FAST manages a group and its volumes.

    Raises:
        ArrayRefused: the parameters do not exist, the group is a parent (rule 2), or one of its volumes is managed
            through another group (rule 1).
    """
    known = known_parameters(array, wanted)
    changed = attrs.evolve(group, srp=known.srp, service_level=known.service_level, workload=known.workload)
    if changed.is_fast_managed and groups.is_parent(array, group):
        raise ArrayRefused(f"Storage Group [{group.name}] has child storage groups and cannot be FAST managed")
    array.storage_groups.put(changed)
    for volume_id in groups.volume_ids(array, changed) if changed.is_fast_managed else ():
        volume = array.volumes.get(volume_id)
        refuse_second_fast_group(array, volume, changed)
        array.volumes.put(attrs.evolve(volume, srp=changed.srp))
    return changed


def add_children(array: ArrayTables, parent: StorageGroup, names: Sequence[str], most_children: int) -> None:
    """Make groups children of another; if it is masked, their volumes are masked at once (rule 5).

    Raises:
        ArrayRefused: the cascade would be deeper than one level (rule 3), the parent holds volumes or is managed by
            FAST (rule 2), a child is in it already, is masked itself, or there would be too many.
    """
    if parent.parents:
        raise ArrayRefused(f"Storage Group [{parent.name}] is a child and cannot have children")
    if array.volumes.count("storage_group", parent.name):
        raise ArrayRefused(f"Storage Group [{parent.name}] holds volumes and cannot have children")
    if parent.is_fast_managed:
        raise ArrayRefused(f"Storage Group [{parent.name}] is FAST managed and cannot have children")
    if array.storage_groups.count("parent", parent.name) + len(names) > most_children:
        raise ArrayRefused(f"Storage Group [{parent.name}] cannot have more than {most_children} children")
    for name in names:
        child = groups.named_group(array, name)
        if child.name == parent.name or groups.is_parent(array, child):
            raise ArrayRefused(f"Storage Group [{name}] is a parent and cannot be a child")
        if parent.name in child.parents:
            raise ArrayRefused(f"Storage Group [{name}] is already a child of storage group [{parent.name}]")
        array.storage_groups.put(attrs.evolve(child, parents=(*child.parents, parent.name)))
        refresh_volumes(array, groups.volume_ids(array, child))


def remove_children(
    array: ArrayTables, parent: StorageGroup, names: Sequence[str], *, is_forced: bool, is_last_kept: bool
) -> None:
    """Take children out of a group; if it is masked, their volumes are unmasked (rule 5).

    Raises:
        ArrayRefused: one is no child of it, the parent is masked and `force` is missing (rule 6, inferred), or the
            view would show nothing any more (rule 11, assumed).
    """
    for name in names:
        child = groups.named_group(array, name)
        if parent.name not in child.parents:
            raise ArrayRefused(f"Storage Group [{name}] is not a child of storage group [{parent.name}]")
        is_masked = array.masking_views.count("storage_group", parent.name) > 0
        if is_masked and not is_forced:
            raise ArrayRefused(
                f"Storage Group [{parent.name}] is in a masking view and the force flag was not specified"
            )
        if is_masked and is_last_kept:
            refuse_emptying_masked(array, parent, groups.number_of_volumes(array, child))
        array.storage_groups.put(
            attrs.evolve(child, parents=tuple(each for each in child.parents if each != parent.name))
        )
        refresh_volumes(array, groups.volume_ids(array, child))


def rename_group(array: ArrayTables, group: StorageGroup, name: str) -> StorageGroup:
    """Give a group another name; views, children, volumes and snapshots follow (rule 31)."""
    if name.lower() != group.name.lower():
        refuse_existing(array, name)
    renamed = attrs.evolve(group, name=name)
    volumes = array.volumes.where("storage_group", group.name)
    children = groups.children(array, group)
    array.storage_groups.delete(group.name)
    array.storage_groups.put(renamed)
    for child in children:
        array.storage_groups.put(attrs.evolve(child, parents=_replaced(child.parents, group.name, name)))
    for volume in volumes:
        array.volumes.put(attrs.evolve(volume, storage_groups=_replaced(volume.storage_groups, group.name, name)))
    for view in array.masking_views.where("storage_group", group.name):
        array.masking_views.put(attrs.evolve(view, storage_group=name))
    return renamed


def delete_group(array: ArrayTables, group: StorageGroup) -> None:
    """Delete a group; its volumes and children survive (rules 7 and 8).

    Raises:
        ArrayRefused: a view shows it (rule 9), or it is a child (rule 10, inferred).
    """
    if groups.is_masked(array, group):
        raise ArrayRefused(f"Storage Group [{group.name}] is in a masking view")
    if group.parents:
        raise ArrayRefused(f"Storage Group [{group.name}] is a child of storage group [{group.parents[0]}]")
    for child in groups.children(array, group):
        parents = tuple(name for name in child.parents if name != group.name)
        array.storage_groups.put(attrs.evolve(child, parents=parents))
    for volume in array.volumes.where("storage_group", group.name):
        names = tuple(name for name in volume.storage_groups if name != group.name)
        array.volumes.put(attrs.evolve(volume, storage_groups=names))
    array.storage_groups.delete(group.name)


def _replaced(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name == old else name for name in names)


def _unless_none(name: str | None) -> str | None:
    return None if name is None or name.lower() == NONE else name


def _own_case(name: str, known: Iterable[str], kind: str) -> str:
    for each in known:
        if each.lower() == name.lower():
            return each
    raise ArrayRefused(f"{kind} [{name}] cannot be found")
