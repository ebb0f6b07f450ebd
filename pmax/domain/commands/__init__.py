"""What callers may ask for, each with its result; one module for each noun.

A command is data: it says what is wanted, never how. Every command that changes an array goes through the engine,
which finds the handler that a plugin registered for it.
"""

from pmax.domain.commands.attachments import Attachment, AttachVolume, Detachment, DetachVolume
from pmax.domain.commands.base import Command
from pmax.domain.commands.management import (
    ManageSnapshot,
    ManageVolume,
    SnapshotManagement,
    SnapshotUnmanagement,
    UnmanageSnapshot,
    UnmanageVolume,
    VolumeManagement,
    VolumeUnmanagement,
)
from pmax.domain.commands.repairs import (
    ClearHostIoLimits,
    RemoveEmptyMaskingView,
    RemoveEmptyStorageGroup,
    RemoveUnusedInitiatorGroup,
    Repair,
)
from pmax.domain.commands.retyping import RenameVolume, RetypeVolume, VolumeRenaming, VolumeRetyping
from pmax.domain.commands.storage_groups import (
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
from pmax.domain.commands.volume_groups import (
    CreateVolumeGroup,
    DeleteVolumeGroup,
    UpdateVolumeGroup,
    VolumeGroupCreation,
    VolumeGroupDeletion,
    VolumeGroupUpdate,
)
from pmax.domain.commands.volumes import (
    CreateVolume,
    DeleteVolume,
    ExtendVolume,
    Replica,
    VolumeCreation,
    VolumeDeletion,
    VolumeExtension,
)

__all__ = [
    "AddVolumes",
    "AttachVolume",
    "Attachment",
    "ClearHostIoLimits",
    "Command",
    "CreateStorageGroup",
    "CreateVolume",
    "CreateVolumeGroup",
    "DeleteStorageGroup",
    "DeleteVolume",
    "DeleteVolumeGroup",
    "DetachVolume",
    "Detachment",
    "ExtendVolume",
    "ManageSnapshot",
    "ManageVolume",
    "MembershipChange",
    "MoveVolumes",
    "RemoveEmptyMaskingView",
    "RemoveEmptyStorageGroup",
    "RemoveUnusedInitiatorGroup",
    "RemoveVolumes",
    "RenameVolume",
    "Repair",
    "Replica",
    "RetypeVolume",
    "SetQos",
    "SnapshotManagement",
    "SnapshotUnmanagement",
    "StorageGroupCreation",
    "StorageGroupDeletion",
    "StorageGroupLimiting",
    "UnmanageSnapshot",
    "UnmanageVolume",
    "UpdateVolumeGroup",
    "VolumeCreation",
    "VolumeDeletion",
    "VolumeExtension",
    "VolumeGroupCreation",
    "VolumeGroupDeletion",
    "VolumeGroupUpdate",
    "VolumeManagement",
    "VolumeRenaming",
    "VolumeRetyping",
    "VolumeUnmanagement",
]
