"""Generic volume groups: volumes that are snapped, replicated and deleted together.

On the array, a volume group is a storage group without a service level, named after it. Its volumes stay in the
storage groups that they are in besides, so that they can be attached and detached as ever. Users rename groups without
telling us, so the storage group is found by the id in its name, and renamed by the next operation.

What belongs here: what a group is, and its changes, as plans. What does not: its snapshots (`group_snapshots`).
Source: driver-attach-replication.md 8; the manual, "Generic volume group support".
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from pmax.domain.errors import InUse, InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import volume_group_of, volume_group_storage_group
from pmax.domain.plans import (
    AddVolume,
    AddVolumes,
    DeleteStorageGroup,
    EnsureStorageGroup,
    Plan,
    Recovery,
    RemoveVolumes,
    RenameStorageGroup,
    Step,
    VolumeReference,
)
from pmax.domain.storage_groups import MAXIMUM_VOLUMES, StorageGroup, StorageGroupDefinition
from pmax.domain.volumes import Volume, VolumeTarget


@attrs.frozen(kw_only=True)
class VolumeGroupTarget:
    """Which volume group a command means.

    Attributes:
        array_id: serial of the array.
        group_id: its UUID.
        name: what users call it at the moment; None if nothing.
    """

    array_id: ArrayId
    group_id: str
    name: str | None = None

    @property
    def storage_group(self) -> str:
        """Name of the storage group, as it should be."""
        return volume_group_storage_group(self.name, self.group_id)

    @property
    def definition(self) -> StorageGroupDefinition:
        """How that storage group is made: without service level, since its volumes are in groups that have one."""
        return StorageGroupDefinition(name=self.storage_group)

    def on(self, array_id: ArrayId) -> VolumeGroupTarget:
        """The same group on another array, where the other sides of its volumes are."""
        return attrs.evolve(self, array_id=array_id)

    def is_own(self, storage_group: str) -> bool:
        """Whether a storage group is the one of this group, under whatever name the group had."""
        return (volume_group_of(storage_group) or "").lower() == self.group_id.lower()

    def __str__(self) -> str:
        return f"{self.name} ({self.group_id})" if self.name and self.name != self.group_id else self.group_id


@attrs.frozen(kw_only=True)
class VolumeGroupObserved:
    """A volume group as it is on the array.

    Attributes:
        target: which.
        storage_group: that stands for it.
        members: devices in it, where they were read.
    """

    target: VolumeGroupTarget
    storage_group: StorageGroup
    members: frozenset[DeviceId] = frozenset()

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array."""
        return self.target.array_id

    def renaming(self) -> tuple[Step, ...]:
        """What lets the storage group follow a rename of the volume group."""
        before, after = self.storage_group.name, self.target.storage_group
        if before == after:
            return ()
        return (RenameStorageGroup(array_id=self.array_id, before=before, after=after),)

    def check_room(self, joining: int) -> None:
        """Refuse more volumes than the storage group may take.

        Raises:
            InUse: it is full, or hosts would see what joins.
        """
        group = self.storage_group
        if group.masking_views:
            views = ", ".join(group.masking_views)
            raise InUse("storage group", group.name, f"masking view {views}, which would show hosts what joins it")
        if group.volume_count + joining > MAXIMUM_VOLUMES:
            held = f"{group.volume_count} volumes; it can hold {MAXIMUM_VOLUMES}, and {joining} were to join"
            raise InUse("storage group", group.name, held)


@attrs.frozen(kw_only=True)
class OtherSideOfGroup:
    """The storage group that holds the other sides of a replicated volume group.

    Attributes:
        target: the group on the other array.
        found: as it is there, with its members where they were read; None if it has yet to be made.
    """

    target: VolumeGroupTarget
    found: VolumeGroupObserved | None

    def making(self) -> tuple[Step, ...]:
        """Let it exist under its name."""
        if self.found is not None:
            return self.found.renaming()
        return (EnsureStorageGroup(array_id=self.target.array_id, definition=self.target.definition),)

    def joining(self, device: VolumeReference) -> tuple[Step, ...]:
        """Let the other side of a volume join that the same plan makes.

        Raises:
            InUse: the group is full, or hosts see it.
        """
        if self.found is not None:
            self.found.check_room(1)
        name = self.target.storage_group
        return (*self.making(), AddVolume(array_id=self.target.array_id, device=device, storage_group=name))


@attrs.frozen(kw_only=True)
class MembershipObserved:
    """What the plan of a change of members depends on.

    Attributes:
        group: with its members.
        joining: volumes that shall join, as read under their locks.
        other_side: the same of the other sides; None for a group that is not replicated.
    """

    group: VolumeGroupObserved
    joining: tuple[Volume, ...]
    other_side: OtherMembershipObserved | None = None


@attrs.frozen(kw_only=True)
class OtherMembershipObserved:
    """As `MembershipObserved`, on the other array.

    Attributes:
        group: with its members, if it exists.
        joining: other sides of the volumes that shall join.
    """

    group: OtherSideOfGroup
    joining: tuple[Volume, ...]


def missing_volume_group(target: VolumeGroupTarget) -> NotFound:
    """The error for a volume group whose storage group is not on the array."""
    name = f"{target.storage_group}, which stands for volume group {target} on array {target.array_id},"
    return NotFound("storage group", name)


def plan_volume_group(target: VolumeGroupTarget, other_array_id: ArrayId | None = None) -> Plan:
    """Plan to make an empty volume group; on the other array too, if it is replicated."""
    sides = (target,) if other_array_id is None else (target, target.on(other_array_id))
    return Plan(steps=tuple(EnsureStorageGroup(array_id=side.array_id, definition=side.definition) for side in sides))


def plan_membership(
    joining: Iterable[VolumeTarget],
    leaving: Iterable[VolumeTarget],
    seen: MembershipObserved,
    leaving_other_side: Iterable[VolumeTarget] = (),
) -> Plan:
    """Plan to add and to remove volumes; who is a member already, or is none, stays as it is.

    Args:
        joining: who shall be a member.
        leaving: who shall not be.
        seen: the group, and its other side if it is replicated.
        leaving_other_side: other sides of those that leave.

    Raises:
        InvalidRequest: a volume shall join and leave.
        InUse: the group is full or seen by hosts, or a volume is in another volume group.
    """
    both = {target.device_id for target in joining} & {target.device_id for target in leaving}
    if both:
        raise InvalidRequest("volumes", ", ".join(sorted(both)), "a volume cannot be added and removed at once")
    steps = [*seen.group.renaming(), *_change_members(seen.group.target, seen.group, seen.joining, leaving)]
    other = seen.other_side
    if other is not None:
        target, found = other.group.target, other.group.found
        steps += [*other.group.making(), *_change_members(target, found, other.joining, leaving_other_side)]
    return Plan(steps=tuple(steps))


def _change_members(
    target: VolumeGroupTarget,
    found: VolumeGroupObserved | None,
    joining: Iterable[Volume],
    leaving: Iterable[VolumeTarget],
) -> list[Step]:
    """Change the members of one storage group, which an earlier step makes if it was not found."""
    members = found.members if found else frozenset()
    steps: list[Step] = []
    joins = _ordered(volume.device_id for volume in joining if _is_to_join(volume, target, members))
    leaves = _ordered(volume.device_id for volume in leaving if volume.device_id in members)
    if leaves:
        steps.append(RemoveVolumes(array_id=target.array_id, devices=leaves, storage_group=target.storage_group))
    if joins:
        if found is not None:
            found.check_room(len(joins) - len(leaves))
        steps.append(AddVolumes(array_id=target.array_id, devices=joins, storage_group=target.storage_group))
    return steps


def _is_to_join(volume: Volume, target: VolumeGroupTarget, members: frozenset[DeviceId]) -> bool:
    check_free(volume, target)
    return volume.device_id not in members


def check_free(volume: Volume, target: VolumeGroupTarget) -> None:
    """Refuse a volume that is in the storage group of another volume group: it can be snapped with one only.

    Raises:
        InUse: it is.
    """
    for name in volume.storage_groups:
        other = volume_group_of(name)
        if other is not None and not target.is_own(name):
            raise InUse(
                "volume", volume.device_id, f"volume group {other} (storage group {name}); remove it there first"
            )


def joining_steps(group: VolumeGroupObserved, device: VolumeReference) -> tuple[Step, ...]:
    """Let a volume that the same plan makes join a group.

    Raises:
        InUse: the group is full, or hosts see it.
    """
    group.check_room(1)
    return (
        *group.renaming(),
        AddVolume(array_id=group.array_id, device=device, storage_group=group.target.storage_group),
    )


def plan_dissolution(group: VolumeGroupObserved, members: Iterable[VolumeTarget]) -> Plan:
    """Plan to take a volume group away, and to leave its volumes as they are besides.

    Args:
        group: with its members.
        members: those that the caller knows.

    Raises:
        InUse: others are in the storage group, or hosts or other groups depend on it.
    """
    found = group.storage_group
    strangers = _ordered(group.members - {target.device_id for target in members})
    if strangers:
        held = (
            f"volumes {', '.join(strangers)}, which do not belong to volume group {group.target}; take them out first"
        )
        raise InUse("storage group", found.name, held)
    users = (*found.masking_views, *found.parents)
    if users:
        raise InUse("storage group", found.name, f"{', '.join(users)}; free it first")
    steps: list[Step] = []
    if group.members:
        devices = _ordered(group.members)
        steps.append(RemoveVolumes(array_id=group.array_id, devices=devices, storage_group=found.name))
    definition = attrs.evolve(group.target.definition, name=found.name)
    steps.append(DeleteStorageGroup(array_id=group.array_id, definition=definition))
    return Plan(steps=tuple(steps), recovery=Recovery.FINISH)


def _ordered(devices: Iterable[DeviceId]) -> tuple[DeviceId, ...]:
    return tuple(sorted(set(devices)))
