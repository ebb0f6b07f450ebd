"""Cinder's calls for snapshots of generic volume groups, and for groups that are made out of them or of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cinder import objects
from cinder.context import RequestContext
from cinder.objects.fields import GroupSnapshotStatus, GroupStatus, ReplicationStatus, SnapshotStatus, VolumeStatus
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.errors import GROUPING, cinder_errors
from pmax.adapters.cinder.extra_specs import load, volume_policy
from pmax.adapters.cinder.grouping import (
    check_policy,
    group_target,
    other_array_of,
    require_snapped_as_one,
)
from pmax.adapters.cinder.locations import Location, required_target
from pmax.adapters.cinder.metadata import creation_metadata, snapshot_metadata
from pmax.adapters.cinder.replicas import replicated_update
from pmax.adapters.cinder.snapshot_locations import SnapshotLocation, parse_snapshot_location
from pmax.adapters.cinder.snapshot_targets import CopyLocation, required_snapshot
from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    CopyVolumeGroup,
    CreateGroupSnapshot,
    DeleteGroupSnapshot,
    GroupSnapshotCreation,
    MemberCopy,
    SnapshotCreation,
    VolumeCopy,
    VolumeCreation,
)
from pmax.domain.errors import InvalidRequest, PmaxError
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import group_snapshot_name, volume_identifier
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine

LOG = log.getLogger(__name__)


class GroupSnapshotOperations(PowerMaxDriver):
    """What becomes of snapshots of groups, and of groups out of them."""

    takes_group_snapshots = True

    def create_group_snapshot(
        self, context: RequestContext, group_snapshot: objects.GroupSnapshot, snapshots: Sequence[objects.Snapshot]
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Take a snapshot of all volumes of a group at one moment, of all of them or of none.

        Returns:
            The status of the group snapshot; and of each snapshot its status, place and metadata.
        """
        group = _group_of(group_snapshot)
        require_snapped_as_one(group)
        with cinder_errors(GROUPING):
            engine = self._engine()
            array_id = engine.settings.array_id
            members = tuple(required_target(snapshot.volume, array_id) for snapshot in snapshots)
            name = group_snapshot_name(group_snapshot.id)
            target = group_target(group, array_id)
            creation = engine.execute(CreateGroupSnapshot(target=target, name=name, members=members))
            updates = [
                {"id": snapshot.id, "status": SnapshotStatus.AVAILABLE, **_place(snapshot, member, creation)}
                for snapshot, member in zip(snapshots, members, strict=True)
            ]
            return {"status": GroupSnapshotStatus.AVAILABLE}, updates

    def delete_group_snapshot(
        self, context: RequestContext, group_snapshot: objects.GroupSnapshot, snapshots: Sequence[objects.Snapshot]
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Delete a snapshot of a group, from volumes that have left it, too. Groups out of it keep their data.

        Returns:
            The status of the group snapshot, and that of each snapshot. The array deletes all of them or none.
        """
        group = _group_of(group_snapshot)
        require_snapped_as_one(group)
        status = SnapshotStatus.DELETED
        try:
            engine = self._engine()
            array_id = engine.settings.array_id
            for name in _names(group_snapshot, snapshots, array_id):
                command = DeleteGroupSnapshot(target=group_target(group, array_id), name=name)
                if not engine.execute(command).was_present:
                    LOG.info("no volume has snapshot %s of group %s: nothing to delete", name, group.id)
        except PmaxError:
            LOG.exception("group snapshot %s could not be deleted", group_snapshot.id)
            status = SnapshotStatus.ERROR_DELETING
        return {"status": status}, [{"id": snapshot.id, "status": status} for snapshot in snapshots]

    def create_group_from_src(  # noqa: PLR0917 - Cinder's interface
        self,
        context: RequestContext,
        group: objects.Group,
        volumes: Sequence[objects.Volume],
        group_snapshot: objects.GroupSnapshot | None = None,
        snapshots: Sequence[objects.Snapshot] | None = None,
        source_group: objects.Group | None = None,
        source_vols: Sequence[objects.Volume] | None = None,
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Make a group out of a snapshot of a group, or out of a group as it is at one moment: whole, or not at all.

        Returns:
            The status of the group; and of each volume its status, place and metadata.
        """
        require_snapped_as_one(group)
        with cinder_errors(GROUPING):
            engine = self._engine()
            array_id = engine.settings.array_id
            name = None
            if group_snapshot is not None:
                source = _group_of(group_snapshot)
                name = _the_name(group_snapshot, snapshots or (), array_id)
                origins = {each.id: required_snapshot(each, array_id).volume for each in snapshots or ()}
            elif source_group is not None:
                source = source_group
                origins = {each.id: required_target(each, array_id) for each in source_vols or ()}
            else:
                raise InvalidRequest("source", None, "a group is made out of a group snapshot or of a group")
            copies = tuple(_copy(engine, group, volume, origins) for volume in volumes)
            made = engine.execute(
                CopyVolumeGroup(
                    target=group_target(group, array_id),
                    copies=copies,
                    source=group_target(source, array_id),
                    snapshot_name=name,
                    other_array_id=other_array_of(group, engine),
                )
            )
            updates = [
                _made(engine, volume, creation, copy, name)
                for volume, creation, copy in zip(volumes, made.creations, copies, strict=True)
            ]
            replicated = {"replication_status": ReplicationStatus.ENABLED} if group.is_replicated else {}
            return {"status": GroupStatus.AVAILABLE, **replicated}, updates


def _group_of(group_snapshot: objects.GroupSnapshot) -> objects.Group:
    load(group_snapshot, "group")
    return group_snapshot.group


def _place(snapshot: objects.Snapshot, member: VolumeTarget, creation: GroupSnapshotCreation) -> dict[str, Any]:
    """What Cinder shall store about one snapshot of a group."""
    single = SnapshotCreation(
        volume=member,
        volume_identifier=next(iter(member.identifiers), ""),
        name=creation.name,
        key=creation.key,
    )
    return {
        "provider_location": SnapshotLocation(creation.name, member.device_id).source_first,
        "metadata": snapshot_metadata(snapshot.metadata or {}, single),
    }


def _names(
    group_snapshot: objects.GroupSnapshot, snapshots: Iterable[objects.Snapshot], array_id: ArrayId
) -> tuple[str, ...]:
    """Names that the snapshot has on the array: the one that is stored, or that it would have if none was."""
    found = (parse_snapshot_location(snapshot.provider_location, array_id) for snapshot in snapshots)
    stored = dict.fromkeys(location.name for location in found if isinstance(location, SnapshotLocation))
    return tuple(stored) or (group_snapshot_name(group_snapshot.id),)


def _the_name(group_snapshot: objects.GroupSnapshot, snapshots: Iterable[objects.Snapshot], array_id: ArrayId) -> str:
    """The one name that all have.

    Raises:
        InvalidRequest: they have several, so they are not of one moment.
    """
    names = _names(group_snapshot, snapshots, array_id)
    if len(names) > 1:
        rule = f"its snapshots are {', '.join(names)}, which were not taken together"
        raise InvalidRequest("group snapshot", group_snapshot.id, rule)
    return names[0]


def _copy(engine: Engine, group: objects.Group, volume: objects.Volume, origins: dict[str, VolumeTarget]) -> MemberCopy:
    policy = volume_policy(volume, engine.settings, engine.readers).for_copies
    check_policy(policy, group, engine, volume.id)
    source = origins.get(volume.snapshot_id or "") or origins.get(volume.source_volid or "")
    if source is None:
        raise InvalidRequest("volume", volume.id, "the source of the group has nothing that it could be made of")
    return MemberCopy(
        source=source,
        identifier=volume_identifier(volume.id),
        capacity=Capacity.for_volume(volume.size),
        policy=policy,
    )


def _made(
    engine: Engine, volume: objects.Volume, creation: VolumeCreation, copy: MemberCopy, name: str | None
) -> dict[str, Any]:
    """What Cinder shall store about one volume of a group that was made out of another."""
    array = engine.readers.arrays.get_array(creation.array_id)
    metadata = creation_metadata(volume.metadata or {}, creation, copy.policy, array)
    location: Location | CopyLocation = Location(creation.array_id, creation.device_id)
    if name is not None:
        location = CopyLocation(VolumeCopy(creation=creation, source=copy.source, snapshot_name=name))
    update = replicated_update(engine, location, metadata, creation.replica)
    return {"id": volume.id, "status": VolumeStatus.AVAILABLE, **update}
