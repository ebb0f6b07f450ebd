"""What changing storage groups by hand takes: (observed, command) → plan.

An administrator may do what the array allows; what is refused here is what the array would do although it harms: limits
on groups whose volumes belong to several types, and a deletion that leaves volumes in no group.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from pmax.domain.commands import AddVolumes, CreateStorageGroup, DeleteStorageGroup, MoveVolumes, RemoveVolumes, SetQos
from pmax.domain.errors import AlreadyExists, InUse, InvalidRequest
from pmax.domain.plans import (
    AddVolume,
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    MoveVolume,
    Plan,
    Recovery,
    RemoveChildStorageGroup,
    RemoveVolume,
    SetHostIoLimits,
    Step,
)
from pmax.domain.plans import DeleteStorageGroup as DeleteStorageGroupStep
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition, definition_for
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class GroupObserved:
    """A storage group that is to be made, and what it is to be put under.

    Attributes:
        group: of the wanted name; None if there is none.
        parent: the wanted parent; None if none is wanted.
        supports_compression: of the array.
    """

    group: StorageGroup | None
    parent: StorageGroup | None
    supports_compression: bool


def plan_group_creation(command: CreateStorageGroup, observed: GroupObserved) -> Plan:
    """Plan to make an empty storage group.

    Raises:
        AlreadyExists: there is one of that name.
        InvalidRequest: the wanted parent cannot be one.
    """
    if observed.group is not None:
        raise AlreadyExists("storage group", command.name)
    array_id, policy = command.array_id, command.policy
    definition = definition_for(command.name, policy.traits, supports_compression=observed.supports_compression)
    steps: list[Step] = [EnsureStorageGroup(array_id=array_id, definition=definition)]
    if policy.limits is not None:
        steps.append(SetHostIoLimits(array_id=array_id, storage_group=command.name, before=None, after=policy.limits))
    if observed.parent is not None:
        _check_parent(observed.parent)
        steps.append(EnsureChildStorageGroup(array_id=array_id, parent=observed.parent.name, child=command.name))
    return Plan(steps=tuple(steps))


def _check_parent(parent: StorageGroup) -> None:
    holds_volumes = parent.volume_count and not parent.children
    if parent.is_fast_managed or parent.parents or holds_volumes:
        rule = "a parent has no service level, no parent and no volumes of its own"
        raise InvalidRequest("parent", parent.name, rule)


def plan_group_deletion(command: DeleteStorageGroup, group: StorageGroup) -> Plan:
    """Plan to delete a storage group; the array itself would also delete one that holds volumes (rule 7).

    Raises:
        InUse: it holds volumes or other groups, or hosts see it.
    """
    users = []
    if group.children:
        users.append(f"its children {', '.join(group.children)}; delete or move them first")
    elif group.volume_count:
        users.append(f"{group.volume_count} volumes; move or remove them first")
    if group.masking_views and not group.parents:
        users.append(f"masking view {', '.join(group.masking_views)}")
    if users:
        raise InUse("storage group", group.name, " and ".join(users))
    array_id = command.array_id
    definition = StorageGroupDefinition(
        name=group.name,
        srp=group.srp,
        service_level=group.service_level,
        workload=group.workload,
        is_compression_disabled=None if group.is_compressed is None else not group.is_compressed,
    )
    partings = [RemoveChildStorageGroup(array_id=array_id, parent=parent, child=group.name) for parent in group.parents]
    deletion = DeleteStorageGroupStep(array_id=array_id, definition=definition)
    return Plan(steps=(*partings, deletion), recovery=Recovery.FINISH)


@attrs.frozen(kw_only=True)
class MembersObserved:
    """Volumes, and the groups between which they change.

    Attributes:
        group: the group that the command names.
        volumes: as read under their locks, in the order of the command.
    """

    group: StorageGroup
    volumes: tuple[Volume, ...]

    def inside(self, name: str) -> tuple[bool, ...]:
        """For each volume whether this group holds it."""
        return tuple(name in volume.storage_groups for volume in self.volumes)


def plan_adding(command: AddVolumes, observed: MembersObserved) -> Plan:
    """Plan to put volumes into a group; those in it already need nothing.

    Raises:
        InvalidRequest: the group is a parent.
    """
    _refuse_parent(observed.group)
    return Plan(
        steps=tuple(
            AddVolume(array_id=volume.array_id, device=volume.device_id, storage_group=command.storage_group)
            for volume in _those(observed, command.storage_group, are_inside=False)
        )
    )


def plan_removing(command: RemoveVolumes, observed: MembersObserved) -> Plan:
    """Plan to take volumes out of a group; those not in it need nothing."""
    return Plan(
        steps=tuple(
            RemoveVolume(array_id=volume.array_id, device=volume.device_id, storage_group=command.storage_group)
            for volume in _those(observed, command.storage_group, are_inside=True)
        )
    )


def plan_moving(command: MoveVolumes, observed: MembersObserved) -> Plan:
    """Plan to move volumes; those that are in the target and not in the source need nothing.

    Raises:
        InvalidRequest: source and target are one, the target is a parent, or a volume is in neither group or in both.
    """
    if command.source == command.storage_group:
        raise InvalidRequest("storage group", command.source, "a move needs two different groups")
    _refuse_parent(observed.group)
    moving = []
    for volume in observed.volumes:
        is_in_source, is_in_target = (name in volume.storage_groups for name in (command.source, command.storage_group))
        if is_in_source == is_in_target:
            where = "in both groups" if is_in_source else f"not in storage group {command.source}"
            raise InvalidRequest("volume", volume.device_id, f"it is {where}")
        if is_in_source:
            moving.append(volume)
    return Plan(
        steps=tuple(
            MoveVolume(
                array_id=volume.array_id,
                device=volume.device_id,
                source=command.source,
                target=command.storage_group,
            )
            for volume in moving
        )
    )


def _those(observed: MembersObserved, name: str, *, are_inside: bool) -> Iterable[Volume]:
    held = zip(observed.volumes, observed.inside(name), strict=True)
    return [volume for volume, is_inside in held if is_inside is are_inside]


def _refuse_parent(group: StorageGroup) -> None:
    if group.children:
        rule = f"it is a parent; put volumes into one of its children, {', '.join(group.children)}"
        raise InvalidRequest("storage group", group.name, rule)


def plan_limiting(command: SetQos, group: StorageGroup, *, is_default: bool) -> Plan:
    """Plan to limit a storage group.

    Args:
        command: as asked.
        group: as it is.
        is_default: whether volumes of Cinder wait in it while no host sees them.

    Raises:
        InvalidRequest: volumes of several types share the group, or its children do. Limits that are there may go.
    """
    if command.limits is not None and (is_default or group.children):
        why = "it is a parent" if group.children else "volumes wait in it while no host sees them"
        rule = f"{why}, so that limits would count for volumes of several types: limit a child group of a host"
        raise InvalidRequest("storage group", group.name, rule)
    if group.limits == command.limits:
        return Plan()
    step = SetHostIoLimits(
        array_id=command.array_id, storage_group=group.name, before=group.limits, after=command.limits
    )
    return Plan(steps=(step,))
