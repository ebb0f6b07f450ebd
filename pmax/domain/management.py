"""What taking a volume over and giving it up takes: (observed, command) → plan."""

from __future__ import annotations

import attrs

from pmax.domain.commands import ManageVolume, UnmanageVolume
from pmax.domain.errors import InUse
from pmax.domain.inventory import VolumeInFull
from pmax.domain.manageability import check_volume
from pmax.domain.naming import MANAGED_PREFIX, UNMANAGED_STORAGE_GROUP, GroupTraits, volume_group_of
from pmax.domain.plans import (
    AddVolume,
    EnsureStorageGroup,
    MoveVolume,
    Plan,
    PruneStorageGroup,
    Recovery,
    RemoveVolume,
    RenameVolume,
    Step,
    plan_of,
)
from pmax.domain.provisioning import VolumeSessions
from pmax.domain.replicated_retype import ReplicationChange
from pmax.domain.siblings import base_of
from pmax.domain.snapshots import leave_source
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition, definition_for
from pmax.domain.temporary_snapshots import clear_all
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class ManagementObserved:
    """What the plan of taking a volume over depends on.

    Attributes:
        full: the volume.
        storage_group_name: the default storage group, or its first sibling that has room.
        storage_group: as it is; None if it does not exist.
        traits: of the default storage group.
        source_is_own: whether pmax made the group in which the volume is, and may delete it when it is left empty.
        supports_compression: of the array.
        replication: what the volume becomes a part of, if its type is replicated.
    """

    full: VolumeInFull
    storage_group_name: str
    storage_group: StorageGroup | None
    traits: GroupTraits
    source_is_own: bool
    supports_compression: bool
    replication: ReplicationChange = ReplicationChange()


def plan_management(command: ManageVolume, observed: ManagementObserved) -> Plan:
    """Plan to take a volume over. One that was taken over already needs nothing.

    The name is changed first: should anything be left behind after that, it can be told whose it is. A volume of a
    replicated type is paired last, in the group of its type.

    Raises:
        AlreadyManaged: it is managed already, under another name than this.
        NotManageable: something else stands in the way; everything is told.
        InUse: the default storage group is in a masking view, so that hosts would see the volume; or snapshots keep it
            from being replicated.
        InvalidRequest: the RDF group is not what the configuration says.
        IllegalTransition: the RDF group is not as it should be.
        StillInUse: a copy of it is under way.
    """
    check_volume(observed.full, command.policy.srp, command.identifier)
    volume, name, change = observed.full.volume, observed.storage_group_name, observed.replication
    change.check(volume, is_shown=False)
    steps: list[Step] = [*change.free_of_copies()]
    if name not in volume.storage_groups:
        steps += _ensure_group(command, observed)
    if volume.identifier != command.identifier:
        before = volume.identifier or ""
        steps.append(
            RenameVolume(array_id=command.array_id, device=volume.device_id, before=before, after=command.identifier)
        )
    if not volume.storage_groups:
        is_forced = change.joining is not None
        steps.append(
            AddVolume(array_id=command.array_id, device=volume.device_id, storage_group=name, is_forced=is_forced)
        )
    elif name not in volume.storage_groups:
        (source,) = volume.storage_groups
        steps.append(MoveVolume(array_id=command.array_id, device=volume.device_id, source=source, target=name))
        if observed.source_is_own:
            steps.append(_prune(volume, source))
    if change.joining is not None:
        steps += change.joining.steps(volume, command.identifier)
    return plan_of(steps)


def _ensure_group(command: ManageVolume, observed: ManagementObserved) -> list[Step]:
    name, group = observed.storage_group_name, observed.storage_group
    if group is None:
        definition = definition_for(name, observed.traits, supports_compression=observed.supports_compression)
        return [EnsureStorageGroup(array_id=command.array_id, definition=definition)]
    if group.masking_views:
        views = ", ".join(group.masking_views)
        raise InUse("storage group", name, f"masking view {views}; a default storage group must be in none")
    return []


def _prune(volume: Volume, name: str) -> PruneStorageGroup:
    return PruneStorageGroup(array_id=volume.array_id, name=name, when_emptied=name, is_shared=True)


def is_for_managed(storage_group: str) -> bool:
    """Whether a storage group holds volumes only because they are managed, by its name."""
    if is_for_unmanaged(storage_group):
        return False
    return storage_group.startswith(MANAGED_PREFIX) or volume_group_of(storage_group) is not None


def is_for_unmanaged(storage_group: str) -> bool:
    """Whether a storage group holds volumes that were given up, by its name."""
    return base_of(storage_group) == UNMANAGED_STORAGE_GROUP


@attrs.frozen(kw_only=True)
class UnmanagementObserved:
    """What the plan of giving a volume up depends on.

    Attributes:
        volume: as it is.
        storage_group_name: the group of volumes that were given up, or its first sibling that has room.
        storage_group: as it is; None if it does not exist.
        own_groups: groups of the volume that pmax may delete when they are left empty.
        sessions: of SnapVX.
    """

    volume: Volume
    storage_group_name: str
    storage_group: StorageGroup | None
    own_groups: frozenset[str]
    sessions: VolumeSessions = VolumeSessions()


def plan_unmanagement(command: UnmanageVolume, observed: UnmanagementObserved) -> Plan:
    """Plan to give a volume up. One that was given up already needs nothing.

    It leaves every group that holds it because it is managed; in those of others it stays. If that leaves it in none,
    it goes where volumes are that were given up. What copies have left goes too: a snapshot that it presents is
    unlinked, and it keeps the data; temporary ones of its own are gone. Users' snapshots stay, with the volume.

    Raises:
        InUse: a host sees it, or it is paired over SRDF.
        StillInUse: a copy from it or to it is under way.
    """
    volume = observed.volume
    _check_free(volume)
    array_id, device = volume.array_id, volume.device_id
    managed = [name for name in volume.storage_groups if is_for_managed(name)]
    steps: list[Step] = []
    own = observed.sessions.own
    if own is not None:
        steps += [*leave_source(own, observed.sessions.presented), *clear_all(own).steps]
    needs_group = len(managed) == len(volume.storage_groups)
    if needs_group and observed.storage_group is None:
        definition = StorageGroupDefinition(name=observed.storage_group_name)
        steps.append(EnsureStorageGroup(array_id=array_id, definition=definition))
    if (volume.identifier or "") != command.identifier:
        before = volume.identifier or ""
        steps.append(RenameVolume(array_id=array_id, device=device, before=before, after=command.identifier))
    if needs_group and managed:
        source, *managed_too = managed
        steps.append(MoveVolume(array_id=array_id, device=device, source=source, target=observed.storage_group_name))
    else:
        managed_too = managed
        if needs_group:
            steps.append(AddVolume(array_id=array_id, device=device, storage_group=observed.storage_group_name))
    steps += [RemoveVolume(array_id=array_id, device=device, storage_group=name) for name in managed_too]
    steps += [_prune(volume, name) for name in managed if name in observed.own_groups]
    return plan_of(steps, recovery=Recovery.FINISH)


def groups_after(observed: UnmanagementObserved) -> tuple[str, ...]:
    """Groups that hold a volume once it is given up."""
    kept = tuple(name for name in observed.volume.storage_groups if not is_for_managed(name))
    return kept or (observed.storage_group_name,)


def _check_free(volume: Volume) -> None:
    """Refuse to give up what a host or another array uses."""
    if volume.front_end_paths:
        raise InUse("volume", volume.device_id, f"{volume.front_end_paths} host paths; detach it first")
    if volume.rdf_groups:
        groups = ", ".join(str(number) for number in volume.rdf_groups)
        raise InUse("volume", volume.device_id, f"SRDF group {groups}; delete the pair first")
