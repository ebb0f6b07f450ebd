"""What making, deleting and extending a volume takes: (observed, command) → plan."""

from __future__ import annotations

import attrs

from pmax.domain.commands import CreateVolume, ExtendVolume
from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.plans import (
    CreateVolume as CreateVolumeStep,
)
from pmax.domain.plans import (
    DeleteVolume as DeleteVolumeStep,
)
from pmax.domain.plans import (
    EnsureStorageGroup,
    ExpandVolume,
    NewVolume,
    Plan,
    PruneStorageGroup,
    Recovery,
    RemoveVolume,
    Step,
)
from pmax.domain.replicated_volumes import ReplicatedCreation, plan_replicated_creation
from pmax.domain.snapshots import leave_source
from pmax.domain.snapvx import SnapshotSessions
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition, definition_for
from pmax.domain.temporary_snapshots import clear_all, users_snapshots
from pmax.domain.volume_groups import OtherSideOfGroup, VolumeGroupObserved, joining_steps
from pmax.domain.volumes import Volume, check_deletable


@attrs.frozen(kw_only=True)
class CreationObserved:
    """What the plan of a creation depends on.

    Attributes:
        storage_group_name: the default storage group, or its first sibling that has room.
        storage_group: as it is; None if it does not exist.
        supports_compression: of the array.
        volume_group: that the volume joins; None for none.
        other_volume_group: that its other side joins; None for none.
        replicated: what a replicated volume depends on besides; None for one that is not.
    """

    storage_group_name: str
    storage_group: StorageGroup | None
    supports_compression: bool
    volume_group: VolumeGroupObserved | None = None
    other_volume_group: OtherSideOfGroup | None = None
    replicated: ReplicatedCreation | None = None


def missing_default_group(command: CreateVolume, observed: CreationObserved) -> StorageGroupDefinition | None:
    """How the default storage group of a volume has to be made; None if it is there.

    Raises:
        InUse: it is in a masking view, so that hosts would see the new volume.
    """
    name = observed.storage_group_name
    if observed.storage_group is None:
        return definition_for(name, command.policy.traits, supports_compression=observed.supports_compression)
    if observed.storage_group.masking_views:
        views = ", ".join(observed.storage_group.masking_views)
        raise InUse("storage group", name, f"masking view {views}; a default storage group must be in none")
    return None


def plan_creation(command: CreateVolume, observed: CreationObserved) -> Plan:
    """Plan to make a volume in the default storage group of its policy.

    Raises:
        InUse: the group is in a masking view, so that hosts would see the new volume; or the volume group is.
    """
    name = observed.storage_group_name
    steps: list[Step] = []
    definition = missing_default_group(command, observed)
    if definition is not None:
        steps.append(EnsureStorageGroup(array_id=command.array_id, definition=definition))
    if observed.replicated is not None:
        steps = plan_replicated_creation(command, name, definition, observed.replicated)
    else:
        steps.append(
            CreateVolumeStep(
                array_id=command.array_id,
                storage_group=name,
                identifier=command.identifier,
                capacity=command.capacity,
            )
        )
    return Plan(steps=(*steps, *volume_group_steps(command.identifier, observed)))


def volume_group_steps(identifier: str, observed: CreationObserved) -> tuple[Step, ...]:
    """Let a volume that the same plan makes join its volume group, and its other side that of the other array.

    Raises:
        InUse: the group is full, or hosts see it.
    """
    steps: list[Step] = []
    if observed.volume_group is not None:
        steps += joining_steps(observed.volume_group, NewVolume(identifier))
    if observed.other_volume_group is not None:
        steps += observed.other_volume_group.joining(NewVolume(identifier, is_remote=True))
    return tuple(steps)


@attrs.frozen(kw_only=True)
class VolumeSessions:
    """What a volume takes part in of SnapVX.

    Attributes:
        own: its sessions; None if it has none.
        presented: sessions of the volume that it was cloned from, if it still presents a temporary snapshot of that.
    """

    own: SnapshotSessions | None = None
    presented: SnapshotSessions | None = None


def left_over_of_copies(sessions: VolumeSessions) -> tuple[Step, ...]:
    """Steps that clear what is left of copies from and to a volume that is about to be deleted.

    Raises:
        StillInUse: a clone of it does not have all data yet.
    """
    if sessions.own is None:
        return ()
    return (*leave_source(sessions.own, sessions.presented, is_discarded=True), *clear_all(sessions.own).steps)


def check_snapshots(volume: Volume, sessions: VolumeSessions) -> None:
    """Refuse to delete a volume of which users have snapshots.

    Raises:
        InUse: they do, or a host sees the volume.
    """
    names = [snapshot.name for snapshot in users_snapshots(sessions.own)] if sessions.own is not None else []
    check_deletable(attrs.evolve(volume, rdf_groups=()), names)


def plan_deletion(
    volume: Volume, identifier: str, own_groups: frozenset[str], sessions: VolumeSessions = VolumeSessions()
) -> Plan:
    """Plan to delete a volume. What is left of clones, from it or to it, goes first; users' snapshots keep it.

    Args:
        volume: as read under the lock.
        identifier: as read; the proof of ownership.
        own_groups: those of its storage groups that pmax made, and may delete when they are left empty.
        sessions: of the volume.

    Raises:
        InUse: somebody still needs it.
        StillInUse: a clone of it does not have all data yet.
    """
    check_snapshots(volume, sessions)
    check_deletable(volume)
    left_over = left_over_of_copies(sessions)
    array_id = volume.array_id
    removals = [
        RemoveVolume(array_id=array_id, device=volume.device_id, storage_group=name) for name in volume.storage_groups
    ]
    prunes = [
        PruneStorageGroup(array_id=array_id, name=name, when_emptied=name, is_shared=True)
        for name in volume.storage_groups
        if name in own_groups
    ]
    deletion = DeleteVolumeStep(array_id=array_id, device=volume.device_id, identifier=identifier)
    return Plan(steps=(*left_over, *removals, deletion, *prunes), recovery=Recovery.FINISH)


def sessions_before_extension(sessions: VolumeSessions, *, can_expand_snapshot_source: bool) -> tuple[Step, ...]:
    """Steps after which no link and no snapshot keeps a volume from growing; raises as `plan_extension` does."""
    own = sessions.own
    if own is None:
        return ()
    leaving = leave_source(own, sessions.presented)
    if can_expand_snapshot_source:
        return leaving
    needed = [snapshot.name for snapshot in users_snapshots(own)]
    if needed:
        rule = f"snapshots {', '.join(needed)}; before PowerMaxOS 5978 delete them first"
        raise InUse("volume", own.device_id, rule)
    return (*leaving, *clear_all(own).steps)


def plan_extension(
    command: ExtendVolume,
    volume: Volume,
    sessions: VolumeSessions = VolumeSessions(),
    *,
    can_expand_snapshot_source: bool,
) -> Plan:
    """Plan to make a volume larger; a volume that has the size already needs nothing.

    A volume that presents a snapshot, as a clone does at first, is unlinked from it and keeps its data. Snapshots of
    the volume keep their size.

    Raises:
        InvalidRequest: the new size is smaller.
        InUse: the array cannot expand volumes with snapshots, and users' snapshots of this one exist.
        StillInUse: the volume does not have all data yet.
    """
    wanted = command.capacity
    if wanted.cylinders == volume.capacity.cylinders:
        return Plan()
    if wanted < volume.capacity:
        rule = f"volume {volume.device_id} has {volume.capacity.gib:g} GiB already, and an array cannot shrink it"
        raise InvalidRequest("size", f"{wanted.gib:g} GiB", rule)
    left_over = sessions_before_extension(sessions, can_expand_snapshot_source=can_expand_snapshot_source)
    rdf_group = volume.rdf_groups[0] if volume.rdf_groups else None
    step = ExpandVolume(
        array_id=volume.array_id,
        device=volume.device_id,
        before=volume.capacity,
        after=wanted,
        identifier=volume.identifier or "",
        rdf_group=rdf_group,
    )
    return Plan(steps=(*left_over, step), recovery=Recovery.FINISH)
