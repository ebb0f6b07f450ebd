"""Storage groups by hand: making, deleting, filling and limiting them."""

from __future__ import annotations

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.identifiers import ArrayId
from pmax.domain.policies import VolumePolicy
from pmax.domain.qos import HostIoLimits
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class StorageGroupCreation:
    """Result of `CreateStorageGroup`."""

    array_id: ArrayId
    name: str


@attrs.frozen(kw_only=True)
class CreateStorageGroup(Command[StorageGroupCreation]):
    """Make an empty storage group.

    Attributes:
        array_id: serial of the array.
        name: unique there.
        policy: service level, workload, compression and limits; without a service level the group is not FAST managed,
            so that it can hold volumes that are in a group with a service level already.
        parent: a group under which it is put; None for none.
    """

    array_id: ArrayId
    name: str
    policy: VolumePolicy
    parent: str | None = None


@attrs.frozen(kw_only=True)
class StorageGroupDeletion:
    """Result of `DeleteStorageGroup`."""

    array_id: ArrayId
    name: str


@attrs.frozen(kw_only=True)
class DeleteStorageGroup(Command[StorageGroupDeletion]):
    """Delete an empty storage group that nothing uses."""

    array_id: ArrayId
    name: str


@attrs.frozen(kw_only=True)
class MembershipChange:
    """Result of the commands that regroup volumes.

    Attributes:
        storage_group: the group that has gained or lost volumes.
        changed: volumes that joined or left it.
        unchanged: volumes that were where they should be already.
    """

    storage_group: str
    changed: tuple[VolumeTarget, ...]
    unchanged: tuple[VolumeTarget, ...]


@attrs.frozen(kw_only=True)
class AddVolumes(Command[MembershipChange]):
    """Put volumes into a storage group, besides those that hold them. If it is in a view, its hosts see them at once.

    Attributes:
        targets: which, of one array.
        storage_group: the group.
    """

    targets: tuple[VolumeTarget, ...]
    storage_group: str


@attrs.frozen(kw_only=True)
class RemoveVolumes(Command[MembershipChange]):
    """Take volumes out of a storage group. If it is in a view, its hosts no longer see them through it.

    Attributes:
        targets: which, of one array.
        storage_group: the group.
    """

    targets: tuple[VolumeTarget, ...]
    storage_group: str


@attrs.frozen(kw_only=True)
class MoveVolumes(Command[MembershipChange]):
    """Move volumes from one storage group to another, each in one atomic change.

    Attributes:
        targets: which, of one array.
        source: the group that they leave.
        storage_group: the group that they join.
    """

    targets: tuple[VolumeTarget, ...]
    source: str
    storage_group: str


@attrs.frozen(kw_only=True)
class StorageGroupLimiting:
    """Result of `SetQos`."""

    storage_group: str
    before: HostIoLimits | None
    after: HostIoLimits | None


@attrs.frozen(kw_only=True)
class SetQos(Command[StorageGroupLimiting]):
    """Set the host I/O limits of a storage group, or remove them.

    Attributes:
        array_id: serial of the array.
        storage_group: the group; neither a parent nor one in which volumes of several types wait.
        limits: None for none.
    """

    array_id: ArrayId
    storage_group: str
    limits: HostIoLimits | None
