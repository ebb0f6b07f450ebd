"""Snapshots of generic volume groups, and groups that are made out of them or of other groups."""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands.base import Command
from pmax.domain.commands.volumes import VolumeCreation
from pmax.domain.identifiers import ArrayId
from pmax.domain.policies import VolumePolicy
from pmax.domain.snapvx import SnapshotKey
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class GroupSnapshotCreation:
    """Result of `CreateGroupSnapshot`.

    Attributes:
        members: the volumes that the caller named; the snapshot is of each of them, and of one moment.
        name: on the array.
        key: which of that name, the same for all.
    """

    target: VolumeGroupTarget
    members: tuple[VolumeTarget, ...]
    name: str
    key: SnapshotKey


@attrs.frozen(kw_only=True)
class CreateGroupSnapshot(Command[GroupSnapshotCreation]):
    """Take a snapshot of all volumes of a group at one moment.

    Attributes:
        target: which group.
        name: of the snapshot, which no member has yet.
        members: volumes that must be in it.
    """

    target: VolumeGroupTarget
    name: str
    members: tuple[VolumeTarget, ...]


@attrs.frozen(kw_only=True)
class GroupSnapshotDeletion:
    """Result of `DeleteGroupSnapshot`.

    Attributes:
        was_present: False when no volume had the snapshot, so nothing had to be done.
    """

    target: VolumeGroupTarget
    name: str
    was_present: bool


@attrs.frozen(kw_only=True)
class DeleteGroupSnapshot(Command[GroupSnapshotDeletion]):
    """Delete the snapshot of a group from every volume that has it, whether it is still in the group or not.

    Attributes:
        target: the group that it is of.
        name: of the snapshot, which is made of its id and so is nobody else's.
    """

    target: VolumeGroupTarget
    name: str


@attrs.frozen(kw_only=True)
class MemberCopy:
    """A volume that is to be made, and where its data are from.

    Attributes:
        source: the volume, or that which the snapshot is of.
        identifier: name of the new device on the array.
        capacity: its size.
        policy: how it is kept.
    """

    source: VolumeTarget
    identifier: str
    capacity: Capacity
    policy: VolumePolicy


@attrs.frozen(kw_only=True)
class VolumeGroupCopy:
    """Result of `CopyVolumeGroup`.

    Attributes:
        creations: one for each copy, in the order of the command.
        snapshot_name: of the snapshot that gave the data.
    """

    target: VolumeGroupTarget
    creations: tuple[VolumeCreation, ...]
    snapshot_name: str


@attrs.frozen(kw_only=True)
class CopyVolumeGroup(Command[VolumeGroupCopy]):
    """Make a volume group whose volumes have the data that others had at one moment.

    Attributes:
        target: the new group.
        copies: its volumes; none for an empty group.
        source: the group that is copied.
        snapshot_name: the snapshot of the source that is copied; None to copy what its volumes have now.
        other_array_id: where the other sides of a replicated group are; None for one that is not replicated.
    """

    target: VolumeGroupTarget
    copies: tuple[MemberCopy, ...]
    source: VolumeGroupTarget
    snapshot_name: str | None = None
    other_array_id: ArrayId | None = None
