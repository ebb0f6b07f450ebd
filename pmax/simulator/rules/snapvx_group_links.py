"""What is done with the snapshot of a storage group as a whole: linked to another group, restored, renamed."""

from collections.abc import Iterable

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import groups
from pmax.simulator.rules.membership import add_volumes
from pmax.simulator.rules.snapvx import ALREADY, NO_LINK, ArrayInTime, sessions_of
from pmax.simulator.rules.snapvx_groups import GroupSnapshot
from pmax.simulator.rules.snapvx_links import (
    LinkOptions,
    link_snapshot,
    relink_snapshot,
    set_copy_mode,
    unlink_snapshot,
)
from pmax.simulator.rules.srdf_facts import RemoteGroups
from pmax.simulator.rules.volumes import Naming, NewVolumes, make_volumes
from pmax.simulator.state.records import StorageGroup, Volume
from pmax.simulator.state.snapvx_records import LINKS, Link, Snapshot
from pmax.simulator.state.transaction import ArrayTables


@attrs.frozen(kw_only=True)
class TargetGroup:
    """The group that a snapshot of a group shall be linked to.

    Attributes:
        uuid: for a group that is new.
        is_uncompressed: likewise.
    """

    name: str
    uuid: str
    is_uncompressed: bool = False


def link_group(scene: ArrayInTime, found: GroupSnapshot, target: TargetGroup, options: LinkOptions) -> None:
    """Link every snapshot of a group to a volume of another one.

    A group that does not exist is made, like the source group and with a new volume for each snapshot. That it is made
    is inferred from `no_compression`, an option of the link that only a new group can need. In a group that exists,
    each snapshot gets a volume of its own size, or else the smallest that is large enough (assumed).

    Raises:
        ArrayRefused: the groups are one, all is linked already, no volume suits a snapshot, or a link is refused.
    """
    if target.name == found.group.name:
        raise ArrayRefused(f"Storage Group [{target.name}] cannot be linked to itself")
    group = scene.array.storage_groups.find(target.name)
    if group is None:
        _link_to_new_group(scene, found, target, options)
        return
    linked = {snapshot.key for snapshot, _ in _links_into(scene.array, found, group)}
    if linked == {snapshot.key for snapshot in found.snapshots}:
        raise ArrayRefused(ALREADY)
    free = _free_volumes(scene.array, group)
    for snapshot in found.snapshots:
        chosen = _suitable(free, snapshot, options)
        if chosen is None:
            raise ArrayRefused(f"Storage Group [{group.name}] has no device left to link device {snapshot.source} to")
        free.remove(chosen)
        link_snapshot(scene, snapshot, chosen.volume_id, options)


def unlink_group(scene: ArrayInTime, found: GroupSnapshot, name: str, *, is_forced: bool) -> None:
    """Unlink the snapshots of a group from the volumes of another.

    Raises:
        ArrayRefused: the other group does not exist, nothing of it is linked (rule 54), or an unlink is refused.
    """
    links = _links_into(scene.array, found, groups.named_group(scene.array, name))
    if not links:
        raise ArrayRefused(NO_LINK)
    for snapshot, link in links:
        unlink_snapshot(scene, snapshot, link.target, is_forced=is_forced)


def relink_group(scene: ArrayInTime, found: GroupSnapshot, name: str, *, is_copy: bool | None) -> None:
    """Present these snapshots on the volumes that snapshots of the same sources are linked to.

    Raises:
        ArrayRefused: the other group does not exist, or no volume of it is linked to a source.
    """
    group = groups.named_group(scene.array, name)
    by_source = {snapshot.source: snapshot for snapshot in found.snapshots}
    links = [link for link in _links_on(scene.array, group) if link.source in by_source]
    if not links:
        raise ArrayRefused(NO_LINK)
    for link in links:
        relink_snapshot(scene, by_source[link.source], link.target, is_copy=is_copy)


def set_group_copy_mode(scene: ArrayInTime, found: GroupSnapshot, name: str, *, is_copy: bool) -> None:
    """Let the links to the volumes of another group copy, or no longer.

    Raises:
        ArrayRefused: the other group does not exist, nothing of it is linked, or a link is in that mode already.
    """
    links = _links_into(scene.array, found, groups.named_group(scene.array, name))
    if not links:
        raise ArrayRefused(NO_LINK)
    for snapshot, link in links:
        set_copy_mode(scene, snapshot, link.target, is_copy=is_copy)


def _link_to_new_group(scene: ArrayInTime, found: GroupSnapshot, target: TargetGroup, options: LinkOptions) -> None:
    model = found.group
    group = attrs.evolve(
        StorageGroup(name=target.name, uuid=target.uuid, emulation=model.emulation),
        srp=model.srp,
        service_level=model.service_level,
        workload=model.workload,
        is_compressed=model.is_compressed and not target.is_uncompressed,
    )
    scene.array.storage_groups.put(group)
    targets: list[str] = []
    for snapshot in found.snapshots:
        targets += make_volumes(scene.array, _volume_like(snapshot), group.srp)
    add_volumes(scene.array, group, targets, RemoteGroups())
    for snapshot, volume_id in zip(found.snapshots, targets, strict=True):
        link_snapshot(scene, snapshot, volume_id, options)


def _volume_like(snapshot: Snapshot) -> NewVolumes:
    return NewVolumes(number=1, cylinders=snapshot.cylinders, naming=Naming())


def _free_volumes(array: ArrayTables, group: StorageGroup) -> list[Volume]:
    """Return the volumes of a group that no session holds as a target, by size and id."""
    volumes = [array.volumes.get(volume_id) for volume_id in groups.volume_ids(array, group)]
    free = [volume for volume in volumes if volume.volume_id not in array.rows(LINKS)]
    return sorted(free, key=lambda volume: (volume.cylinders, volume.volume_id))


def _suitable(free: Iterable[Volume], snapshot: Snapshot, options: LinkOptions) -> Volume | None:
    for volume in free:
        is_enough = volume.cylinders >= snapshot.cylinders and volume.volume_id != snapshot.source
        if is_enough and not (options.is_exact and volume.cylinders != snapshot.cylinders):
            return volume
    return None


def _links_on(array: ArrayTables, group: StorageGroup) -> list[Link]:
    found = (array.rows(LINKS).find(volume_id) for volume_id in groups.volume_ids(array, group))
    return [link for link in found if link is not None and not link.is_restore]


def _links_into(array: ArrayTables, found: GroupSnapshot, group: StorageGroup) -> list[tuple[Snapshot, Link]]:
    """Return the links of the snapshots of one group to volumes of another."""
    members = set(groups.volume_ids(array, group))
    return [
        (snapshot, link)
        for snapshot in found.snapshots
        for link in sessions_of(array, snapshot)
        if link.target in members and not link.is_restore
    ]
