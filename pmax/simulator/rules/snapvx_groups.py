"""Snapshots of storage groups: what their volumes have in common (rules 59 to 61; reference section 6.14).

A group has no snapshots of its own. A snapshot of a group is one snapshot of each of its volumes under one name; all of
one moment share a snap id.
"""

from collections.abc import Iterable

import attrs

from pmax.simulator.refusals import ArrayRefused, NotFound, text_of_missing
from pmax.simulator.rules import groups
from pmax.simulator.rules.snapvx import (
    NOT_FOUND,
    ArrayInTime,
    Selector,
    find_restore,
    generation_of,
    sessions_of,
    snapshots_named,
    snapshots_of,
)
from pmax.simulator.rules.snapvx_restores import end_restore
from pmax.simulator.rules.snapvx_snapshots import NewSnapshot, create_snapshots, terminate_snapshot
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.snapvx_records import LINKS, SNAPSHOTS, Link, Snapshot
from pmax.simulator.state.transaction import ArrayTables


@attrs.frozen(kw_only=True)
class GroupSnapshot:
    """A snapshot of a group: those snapshots of its volumes that belong together.

    Attributes:
        group: the storage group.
        snapshots: by volume; never empty.
        number_of_volumes: that the group has now.
    """

    group: StorageGroup
    snapshots: tuple[Snapshot, ...]
    number_of_volumes: int

    @property
    def first(self) -> Snapshot:
        """The snapshot of the first volume: what all have in common can be read from it."""
        return self.snapshots[0]

    @property
    def is_partial(self) -> bool:
        """Not every volume of the group has it: the group has grown (rule 59)."""
        return len(self.snapshots) < self.number_of_volumes


def snapshots_of_group(array: ArrayTables, group: StorageGroup) -> list[Snapshot]:
    """Return the snapshots of all volumes of a group, by volume and then newest first."""
    rows = array.rows(SNAPSHOTS)
    if not len(rows):
        return []
    sources = (volume_id for volume_id in groups.volume_ids(array, group) if rows.count("source", volume_id))
    return [snapshot for volume_id in sources for snapshot in snapshots_of(array, volume_id)]


def names_in_group(array: ArrayTables, group: StorageGroup) -> list[str]:
    """Return the names of the snapshots that volumes of a group have, sorted (rule 61)."""
    return sorted({snapshot.name for snapshot in snapshots_of_group(array, group)})


def generations_of(array: ArrayTables, group: StorageGroup, name: str) -> list[int]:
    """Return the generations of a name, newest first; empty if no volume has it."""
    numbers = (len(snapshots_named(array, volume_id, name)) for volume_id in groups.volume_ids(array, group))
    return list(range(max(numbers, default=0)))


def snap_ids_of(array: ArrayTables, group: StorageGroup, name: str) -> list[int]:
    """Return the snap ids of a name, newest first; empty if no volume has it."""
    return sorted({each.snap_id for each in snapshots_of_group(array, group) if each.name == name}, reverse=True)


def find_group_snapshot(array: ArrayTables, group: StorageGroup, name: str, selector: Selector) -> GroupSnapshot | None:
    """Return a snapshot of a group, also one that is terminated but still shown, or None when no volume has it."""
    volume_ids = groups.volume_ids(array, group)
    found = []
    for volume_id in volume_ids:
        for generation, snapshot in enumerate(snapshots_named(array, volume_id, name)):
            if selector.snap_id == snapshot.snap_id or (selector.snap_id is None and generation == selector.generation):
                found.append(snapshot)
    if not found:
        return None
    return GroupSnapshot(group=group, snapshots=tuple(found), number_of_volumes=len(volume_ids))


def get_group_snapshot(array: ArrayTables, group: StorageGroup, name: str, selector: Selector) -> GroupSnapshot:
    """Return a snapshot of a group that the path of a request names.

    Raises:
        NotFound: no volume of the group has it.
    """
    found = find_group_snapshot(array, group, name, selector)
    if found is None:
        missing = text_of_missing("Snapshot", name, array.symmetrix_id)
        raise NotFound(f"{missing}: storage group [{group.name}] has none of {selector}")
    return found


def live(found: GroupSnapshot) -> GroupSnapshot:
    """Return a snapshot of a group that something can be done with.

    Raises:
        ArrayRefused: it is terminated, only still shown.
    """
    snapshots = tuple(snapshot for snapshot in found.snapshots if snapshot.removal is None)
    if not snapshots:
        raise ArrayRefused(NOT_FOUND)
    return attrs.evolve(found, snapshots=snapshots)


def create_group_snapshot(scene: ArrayInTime, group: StorageGroup, wanted: NewSnapshot) -> GroupSnapshot:
    """Make a snapshot of all volumes that a group has now, a parent through its children (rule 59).

    Raises:
        ArrayRefused: it has no volumes (rule 60, inferred), or a volume cannot be snapped.
    """
    volume_ids = groups.volume_ids(scene.array, group)
    if not volume_ids:
        raise ArrayRefused(f"Storage Group [{group.name}] has no volumes")
    snap_id = create_snapshots(scene, volume_ids, wanted)
    return get_group_snapshot(scene.array, group, wanted.name, Selector(snap_id=snap_id))


def terminate_group_snapshot(scene: ArrayInTime, found: GroupSnapshot, *, is_forced: bool) -> None:
    """Terminate a snapshot of a group on all of its volumes, and a restore from it that is finished.

    Termination alone must do for what was restored: PyU4V has no other call, and its own tests on arrays use this one.

    Raises:
        ArrayRefused: some volumes of the group do not have it and that is not overridden (rule 59), or it cannot be
            terminated on one of them.
    """
    chosen = live(found)
    if chosen.is_partial and not is_forced:
        raise ArrayRefused(NOT_FOUND)
    for snapshot in chosen.snapshots:
        session = find_restore(scene.array, snapshot.source)
        if session is not None and session.snapshot_key == snapshot.key:
            end_restore(scene, snapshot, is_forced=is_forced)
        terminate_snapshot(scene, snapshot)


def group_snapshots(array: ArrayTables, group: StorageGroup, name: str | None = None) -> list[GroupSnapshot]:
    """Return all snapshots of a group that live, of one name if that is given, newest first."""
    by_moment: dict[tuple[int, str], list[Snapshot]] = {}
    for snapshot in snapshots_of_group(array, group):
        if snapshot.removal is None and name in {None, snapshot.name}:
            by_moment.setdefault((snapshot.snap_id, snapshot.name), []).append(snapshot)
    number = groups.number_of_volumes(array, group)
    return [
        GroupSnapshot(group=group, snapshots=tuple(by_moment[moment]), number_of_volumes=number)
        for moment in sorted(by_moment, reverse=True)
    ]


def generation_in_group(array: ArrayTables, found: GroupSnapshot) -> int:
    """Return the generation of a snapshot of a group: that of its first volume."""
    return generation_of(found.first, snapshots_of(array, found.first.source))


def sessions_of_group(array: ArrayTables, found: GroupSnapshot) -> list[Link]:
    """Return the links and restore sessions of a snapshot of a group, by source."""
    return [link for snapshot in found.snapshots for link in sessions_of(array, snapshot)]


def group_names_of(array: ArrayTables, links: Iterable[Link]) -> list[str]:
    """Return the groups that hold the targets of links, sorted."""
    names = {name for link in links for name in array.volumes.get(link.target).storage_groups}
    return sorted(names)


def is_link_target(array: ArrayTables, group: StorageGroup) -> bool:
    """Say whether a volume of a group is the target of a link."""
    if not len(array.rows(LINKS)):
        return False
    found = (array.rows(LINKS).find(volume_id) for volume_id in groups.volume_ids(array, group))
    return any(link is not None and not link.is_restore for link in found)
