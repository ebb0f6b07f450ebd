"""Built-in plugin: storage groups by hand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from pmax.domain import group_changes
from pmax.domain.commands import (
    AddVolumes,
    CreateStorageGroup,
    DeleteStorageGroup,
    MembershipChange,
    MoveVolumes,
    RemoveVolumes,
    SetQos,
    StorageGroupCreation,
    StorageGroupDeletion,
    StorageGroupLimiting,
)
from pmax.domain.errors import NotFound
from pmax.domain.group_changes import GroupObserved, MembersObserved
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import Plan
from pmax.domain.storage_groups import StorageGroup
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import check_srp, is_own_default_group
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.volume_lock import volume_lock
from pmax.plugins.volume_lookup import get_own_volume
from pmax.ports.readers import Readers
from pmax.ports.runtime import LockKey


def storage_group_lock(array_id: ArrayId, name: str) -> LockKey:
    """The lock of a storage group that is changed by hand."""
    return LockKey(array_id, "storage_group", name)


def _get_group(readers: Readers, array_id: ArrayId, name: str) -> StorageGroup:
    group = readers.storage_groups.find_storage_group(array_id, name)
    if group is None:
        raise NotFound("storage group", name)
    return group


class CreateStorageGroupHandler(Handler[CreateStorageGroup, GroupObserved, StorageGroupCreation]):
    """Makes storage groups."""

    command = CreateStorageGroup

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: CreateStorageGroup) -> frozenset[LockKey]:
        """The group and its parent."""
        names = {command.name, *((command.parent,) if command.parent else ())}
        return frozenset(storage_group_lock(command.array_id, name) for name in names)

    def observe(self, command: CreateStorageGroup, look: Look) -> GroupObserved:
        """Read the group and its parent.

        Raises:
            NotFound: the parent does not exist.
            InvalidRequest: the storage resource pool does not exist.
        """
        check_srp(self._readers.arrays, command.array_id, command.policy)
        parent = _get_group(self._readers, command.array_id, command.parent) if command.parent else None
        return GroupObserved(
            group=self._readers.storage_groups.find_storage_group(command.array_id, command.name),
            parent=parent,
            supports_compression=self._readers.arrays.get_array(command.array_id).supports_compression,
        )

    def plan(self, command: CreateStorageGroup, observed: GroupObserved) -> Plan:
        """See `pmax.domain.group_changes`."""
        return group_changes.plan_group_creation(command, observed)

    def result(self, command: CreateStorageGroup, observed: GroupObserved, outcomes: Outcomes) -> StorageGroupCreation:
        """Name the group."""
        return StorageGroupCreation(array_id=command.array_id, name=command.name)


class DeleteStorageGroupHandler(Handler[DeleteStorageGroup, StorageGroup, StorageGroupDeletion]):
    """Deletes storage groups."""

    command = DeleteStorageGroup

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: DeleteStorageGroup) -> frozenset[LockKey]:
        """The group."""
        return frozenset({storage_group_lock(command.array_id, command.name)})

    def observe(self, command: DeleteStorageGroup, look: Look) -> StorageGroup:
        """Read the group.

        Raises:
            NotFound: it does not exist.
        """
        return _get_group(self._readers, command.array_id, command.name)

    def plan(self, command: DeleteStorageGroup, observed: StorageGroup) -> Plan:
        """See `pmax.domain.group_changes`."""
        return group_changes.plan_group_deletion(command, observed)

    def result(self, command: DeleteStorageGroup, observed: StorageGroup, outcomes: Outcomes) -> StorageGroupDeletion:
        """Name the group."""
        return StorageGroupDeletion(array_id=command.array_id, name=command.name)


MembersT = TypeVar("MembersT", bound=AddVolumes | RemoveVolumes | MoveVolumes)


class _MembersHandler(Handler[MembersT, MembersObserved, MembershipChange]):
    """What the commands that regroup volumes have in common: all volumes change, or none."""

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: MembersT) -> frozenset[LockKey]:
        """The volumes, and the group."""
        (array_id,) = {target.array_id for target in command.targets}
        members = {volume_lock(target) for target in command.targets}
        return frozenset({*members, storage_group_lock(array_id, command.storage_group)})

    def observe(self, command: MembersT, look: Look) -> MembersObserved:
        """Read the group and every volume.

        Raises:
            NotFound: the group, or a volume, does not exist.
            WrongIdentity: a device belongs to another volume.
        """
        group = _get_group(self._readers, command.targets[0].array_id, command.storage_group)
        volumes = tuple(get_own_volume(self._readers.volumes, target) for target in command.targets)
        return MembersObserved(group=group, volumes=volumes)

    @abstractmethod
    def plan(self, command: MembersT, observed: MembersObserved) -> Plan:
        """See `pmax.domain.group_changes`."""

    def result(self, command: MembersT, observed: MembersObserved, outcomes: Outcomes) -> MembershipChange:
        """Say which volumes changed."""
        devices = {getattr(step, "device", None) for step, outcome in outcomes.pairs if outcome.changed}
        return MembershipChange(
            storage_group=command.storage_group,
            changed=tuple(target for target in command.targets if target.device_id in devices),
            unchanged=tuple(target for target in command.targets if target.device_id not in devices),
        )


class AddVolumesHandler(_MembersHandler[AddVolumes]):
    """Puts volumes into storage groups."""

    command = AddVolumes

    def plan(self, command: AddVolumes, observed: MembersObserved) -> Plan:
        """See `pmax.domain.group_changes`."""
        return group_changes.plan_adding(command, observed)


class RemoveVolumesHandler(_MembersHandler[RemoveVolumes]):
    """Takes volumes out of storage groups."""

    command = RemoveVolumes

    def plan(self, command: RemoveVolumes, observed: MembersObserved) -> Plan:
        """See `pmax.domain.group_changes`."""
        return group_changes.plan_removing(command, observed)


class MoveVolumesHandler(_MembersHandler[MoveVolumes]):
    """Moves volumes between storage groups."""

    command = MoveVolumes

    def plan(self, command: MoveVolumes, observed: MembersObserved) -> Plan:
        """See `pmax.domain.group_changes`."""
        return group_changes.plan_moving(command, observed)


class SetQosHandler(Handler[SetQos, StorageGroup, StorageGroupLimiting]):
    """Limits storage groups."""

    command = SetQos

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: SetQos) -> frozenset[LockKey]:
        """The group."""
        return frozenset({storage_group_lock(command.array_id, command.storage_group)})

    def observe(self, command: SetQos, look: Look) -> StorageGroup:
        """Read the group.

        Raises:
            NotFound: it does not exist.
        """
        return _get_group(self._readers, command.array_id, command.storage_group)

    def plan(self, command: SetQos, observed: StorageGroup) -> Plan:
        """See `pmax.domain.group_changes`."""
        is_default = is_own_default_group(observed.name, observed.srp or "")
        return group_changes.plan_limiting(command, observed, is_default=is_default)

    def result(self, command: SetQos, observed: StorageGroup, outcomes: Outcomes) -> StorageGroupLimiting:
        """Give the limits before and after."""
        return StorageGroupLimiting(storage_group=command.storage_group, before=observed.limits, after=command.limits)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The six commands of this plugin."""
    return (
        CreateStorageGroupHandler(context),
        DeleteStorageGroupHandler(context),
        AddVolumesHandler(context),
        RemoveVolumesHandler(context),
        MoveVolumesHandler(context),
        SetQosHandler(context),
    )
