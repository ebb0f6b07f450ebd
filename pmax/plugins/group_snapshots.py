"""Built-in plugin: takes, deletes and copies snapshots of generic volume groups."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain import group_snapshots
from pmax.domain.commands import (
    CopyVolumeGroup,
    CreateGroupSnapshot,
    DeleteGroupSnapshot,
    GroupSnapshotCreation,
    GroupSnapshotDeletion,
    VolumeCreation,
    VolumeGroupCopy,
)
from pmax.domain.errors import TooSmall
from pmax.domain.group_snapshots import GroupCopyObserved
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import group_snapshot_name
from pmax.domain.plans import Plan
from pmax.domain.policies import VolumePolicy
from pmax.domain.provisioning import CreationObserved
from pmax.domain.snapvx import ListedSnapshot, SnapshotKey, SnapshotSessions
from pmax.domain.volume_groups import VolumeGroupObserved
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.new_volume_lookup import NewVolumeLookup
from pmax.plugins.replicated_provisioning import replica_of
from pmax.plugins.volume_group_lookup import get_volume_group, read_members, volume_group_lock, volume_group_locks
from pmax.plugins.volume_groups import get_target
from pmax.plugins.volume_lock import snapvx_lock
from pmax.ports.readers import Readers
from pmax.ports.runtime import LockKey


@attrs.frozen(kw_only=True)
class SnapshotObserved:
    """A group that is to be snapped, and snapshots that have the name already."""

    group: VolumeGroupObserved
    listed: tuple[ListedSnapshot, ...]


@attrs.frozen(kw_only=True)
class DeletionObserved:
    """Who has a snapshot that is to be deleted, which it is, and sessions of those whose snapshot is presented."""

    listed: tuple[ListedSnapshot, ...]
    key: SnapshotKey | None
    linked: tuple[SnapshotSessions, ...]


class CreateGroupSnapshotHandler(Handler[CreateGroupSnapshot, SnapshotObserved, GroupSnapshotCreation]):
    """Takes snapshots of groups: three reads, one write, and two looks at what it made, however many volumes."""

    command = CreateGroupSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: CreateGroupSnapshot) -> frozenset[LockKey]:
        """The volume group, so that its members stay."""
        return frozenset({volume_group_lock(command.target)})

    def observe(self, command: CreateGroupSnapshot, look: Look) -> SnapshotObserved:
        """Read the group and its members, and who has a snapshot of that name.

        Raises:
            NotFound: the array has no storage group for it.
        """
        array_id = command.target.array_id
        group = read_members(self._readers, get_volume_group(self._readers, command.target))
        return SnapshotObserved(group=group, listed=self._readers.snapshots.list_snapshots(array_id, command.name))

    def plan(self, command: CreateGroupSnapshot, observed: SnapshotObserved) -> Plan:
        """See `pmax.domain.group_snapshots`."""
        return group_snapshots.plan_group_snapshot(command, observed.group, observed.listed)

    def result(
        self, command: CreateGroupSnapshot, observed: SnapshotObserved, outcomes: Outcomes
    ) -> GroupSnapshotCreation:
        """Say which it is."""
        return GroupSnapshotCreation(
            target=command.target,
            members=command.members,
            name=command.name,
            key=outcomes.snapshot(command.name),
        )


class DeleteGroupSnapshotHandler(Handler[DeleteGroupSnapshot, DeletionObserved, GroupSnapshotDeletion]):
    """Deletes snapshots of groups: two reads, one write, and a look at what is left; more for each link."""

    command = DeleteGroupSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: DeleteGroupSnapshot) -> frozenset[LockKey]:
        """The volume group; those of the volumes are known when they are read."""
        return frozenset({volume_group_lock(command.target)})

    def observe(self, command: DeleteGroupSnapshot, look: Look) -> DeletionObserved:
        """Read who has the snapshot, and its links.

        Raises:
            MoreLocksNeeded: for the snapshots of those volumes.
        """
        array_id = command.target.array_id
        snapshots = self._readers.snapshots
        listed = snapshots.list_snapshots(array_id, command.name)
        look.require(frozenset(snapvx_lock(array_id, snapshot.source) for snapshot in listed))
        linked = (snapshots.find_sessions(array_id, each.source) for each in listed if each.is_linked)
        return DeletionObserved(
            listed=listed,
            key=find_key(self._readers, array_id, listed),
            linked=tuple(sessions for sessions in linked if sessions is not None),
        )

    def plan(self, command: DeleteGroupSnapshot, observed: DeletionObserved) -> Plan:
        """See `pmax.domain.group_snapshots`."""
        return group_snapshots.plan_group_snapshot_deletion(command, observed.listed, observed.key, observed.linked)

    def result(
        self, command: DeleteGroupSnapshot, observed: DeletionObserved, outcomes: Outcomes
    ) -> GroupSnapshotDeletion:
        """Say whether there was anything to delete."""
        return GroupSnapshotDeletion(target=command.target, name=command.name, was_present=bool(observed.listed))


def find_key(readers: Readers, array_id: ArrayId, listed: Sequence[ListedSnapshot]) -> SnapshotKey | None:
    """Which snapshot it is that several volumes have of one moment: the first of them tells. None if none has it."""
    if not listed:
        return None
    sessions = readers.snapshots.find_sessions(array_id, listed[0].source)
    named = sessions.named(listed[0].name) if sessions else ()
    return named[0].key if named else None


class CopyVolumeGroupHandler(Handler[CopyVolumeGroup, GroupCopyObserved, VolumeGroupCopy]):
    """Makes groups out of groups: a write, a look at its job and one at the link for each volume, and few besides."""

    command = CopyVolumeGroup

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._new_volumes = NewVolumeLookup(context)

    def locks(self, command: CopyVolumeGroup) -> frozenset[LockKey]:
        """Both groups, the snapshots of all sources, and what the new volumes want."""
        array_id = command.target.array_id
        return frozenset(
            {
                *volume_group_locks(command.target, command.other_array_id),
                volume_group_lock(command.source),
                *(snapvx_lock(array_id, copy.source.device_id) for copy in command.copies),
                *(
                    key
                    for copy in command.copies
                    for key in self._new_volumes.locks(array_id, copy.identifier, None, copy.policy)
                ),
            }
        )

    def observe(self, command: CopyVolumeGroup, look: Look) -> GroupCopyObserved:
        """Read the source or who has its snapshot, and the default storage groups of the copies.

        Raises:
            NotFound: the array has no storage group for the source.
        """
        array_id = command.target.array_id
        source = None
        if command.snapshot_name is None and command.copies:
            source = read_members(self._readers, get_volume_group(self._readers, command.source))
        name = command.snapshot_name or group_snapshot_name(command.target.group_id)
        listed = self._readers.snapshots.list_snapshots(array_id, name) if command.copies else ()
        sources = (copy.source for copy in command.copies) if isinstance(look.conflict, TooSmall) else ()
        creations, stagings = self._creations(command, look)
        return GroupCopyObserved(
            source=source,
            listed=listed,
            key=None if source else find_key(self._readers, array_id, listed),
            creations=creations,
            stagings=stagings,
            sources=tuple(get_target(self._readers, target) for target in sources),
            array=self._readers.arrays.get_array(array_id),
        )

    def _creations(
        self, command: CopyVolumeGroup, look: Look
    ) -> tuple[tuple[CreationObserved, ...], tuple[CreationObserved | None, ...]]:
        """What making the copies depends on, with replication and without: reads for each policy, not each volume."""
        array_id = command.target.array_id
        read: dict[VolumePolicy, tuple[CreationObserved, CreationObserved | None]] = {}
        for policy in dict.fromkeys(copy.policy for copy in command.copies):
            creation = self._new_volumes.observe(array_id, policy, None, look)
            read[policy] = creation, self._new_volumes.staging(array_id, policy, creation)
        return tuple(read[copy.policy][0] for copy in command.copies), tuple(
            read[copy.policy][1] for copy in command.copies
        )

    def plan(self, command: CopyVolumeGroup, observed: GroupCopyObserved) -> Plan:
        """See `pmax.domain.group_snapshots`."""
        return group_snapshots.plan_group_copy(command, observed)

    def result(self, command: CopyVolumeGroup, observed: GroupCopyObserved, outcomes: Outcomes) -> VolumeGroupCopy:
        """Name the new devices."""
        creations = tuple(
            VolumeCreation(
                array_id=command.target.array_id,
                device_id=DeviceId(outcomes.created_device(copy.identifier)),
                identifier=copy.identifier,
                storage_group=creation.storage_group_name,
                replica=replica_of(copy.identifier, creation.replicated, outcomes),
            )
            for copy, creation in zip(command.copies, observed.creations, strict=True)
        )
        name = command.snapshot_name or group_snapshot_name(command.target.group_id)
        return VolumeGroupCopy(target=command.target, creations=creations, snapshot_name=name)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The commands of this plugin."""
    return (
        CreateGroupSnapshotHandler(context),
        DeleteGroupSnapshotHandler(context),
        CopyVolumeGroupHandler(context),
    )
