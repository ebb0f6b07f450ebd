"""What has happened, as frozen facts. Nobody's answer to an event changes what the engine does."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from pmax.domain.commands import (
    Attachment,
    Detachment,
    MembershipChange,
    SnapshotCreation,
    SnapshotDeletion,
    SnapshotLinking,
    SnapshotManagement,
    SnapshotRestoration,
    SnapshotTidying,
    SnapshotUnlinking,
    SnapshotUnmanagement,
    StorageGroupCreation,
    StorageGroupDeletion,
    StorageGroupLimiting,
    VolumeCopy,
    VolumeCreation,
    VolumeDeletion,
    VolumeExtension,
    VolumeManagement,
    VolumeRenaming,
    VolumeRetyping,
    VolumeUnmanagement,
)
from pmax.domain.plans import Plan, Step, StepOutcome


@attrs.frozen(kw_only=True)
class Origin:
    """Who asked for an operation, in the caller's own words: for those who listen, and never for what is done.

    Attributes:
        volume_id: the caller's id of the volume; empty if it has none.
        name: what its users call the volume; empty if nothing.
        facts: what else listeners may tell, as texts: versions of the caller, and of the array as it was last seen.
    """

    volume_id: str = ""
    name: str = ""
    facts: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class OperationStarted:
    """An operation was planned and is about to be carried out.

    Attributes:
        operation_id: unique; the same in all events of the operation and in the journal.
        command: name of the command's class.
        plan: what will be done.
    """

    operation_id: str
    command: str
    plan: Plan


@attrs.frozen(kw_only=True)
class StepApplied:
    """A step is done and proven."""

    operation_id: str
    step: Step
    outcome: StepOutcome
    duration_s: float


@attrs.frozen(kw_only=True)
class StepUndone:
    """A finished step was taken back because a later one failed."""

    operation_id: str
    step: Step


@attrs.frozen(kw_only=True)
class OperationSucceeded:
    """An operation is done.

    Attributes:
        request: what was asked.
        result: what the caller gets.
        origin: who asked.
        at_s: when it was done, in seconds since 1970.
    """

    operation_id: str
    command: str
    duration_s: float
    request: object = None
    result: object = None
    origin: Origin = Origin()
    at_s: float = 0.0


@attrs.frozen(kw_only=True)
class OperationFailed:
    """An operation ended with an error.

    Attributes:
        error: its text, without secrets.
        left_behind: what remains on the array, in words.
    """

    operation_id: str
    command: str
    duration_s: float
    error: str
    left_behind: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class CallFinished:
    """A REST call was answered, or gave up.

    Attributes:
        verb: GET, POST, PUT or DELETE.
        path: without host, with query.
        status: None when no answer came.
        duration_s: time in flight.
        waited_s: time spent waiting for a slot before.
        attempt: 1 for the first.
    """

    verb: str
    path: str
    status: int | None
    duration_s: float
    waited_s: float = 0.0
    attempt: int = 1


@attrs.frozen(kw_only=True)
class VolumeCreated:
    """A volume was made."""

    operation_id: str
    result: VolumeCreation


@attrs.frozen(kw_only=True)
class VolumeDeleted:
    """A volume is gone."""

    operation_id: str
    result: VolumeDeletion


@attrs.frozen(kw_only=True)
class VolumeExtended:
    """A volume is larger."""

    operation_id: str
    result: VolumeExtension


@attrs.frozen(kw_only=True)
class VolumeRetyped:
    """A volume is kept by another policy."""

    operation_id: str
    result: VolumeRetyping


@attrs.frozen(kw_only=True)
class VolumeRenamed:
    """A volume carries another identifier."""

    operation_id: str
    result: VolumeRenaming


@attrs.frozen(kw_only=True)
class StorageGroupChanged:
    """A storage group was made, filled, limited or deleted by hand."""

    operation_id: str
    result: StorageGroupCreation | StorageGroupDeletion | MembershipChange | StorageGroupLimiting


@attrs.frozen(kw_only=True)
class VolumeAttached:
    """A host sees a volume."""

    operation_id: str
    result: Attachment


@attrs.frozen(kw_only=True)
class VolumeDetached:
    """A host no longer sees a volume."""

    operation_id: str
    result: Detachment


@attrs.frozen(kw_only=True)
class VolumeManaged:
    """A volume was taken over."""

    operation_id: str
    result: VolumeManagement


@attrs.frozen(kw_only=True)
class VolumeUnmanaged:
    """A volume was given up, and stays on the array."""

    operation_id: str
    result: VolumeUnmanagement


@attrs.frozen(kw_only=True)
class SnapshotManaged:
    """A snapshot was taken over."""

    operation_id: str
    result: SnapshotManagement


@attrs.frozen(kw_only=True)
class SnapshotUnmanaged:
    """A snapshot was given up, and stays on the array."""

    operation_id: str
    result: SnapshotUnmanagement


@attrs.frozen(kw_only=True)
class VolumeCopied:
    """A volume was made that has the data of a snapshot or of another volume."""

    operation_id: str
    result: VolumeCopy


@attrs.frozen(kw_only=True)
class SnapshotCreated:
    """A snapshot was taken."""

    operation_id: str
    result: SnapshotCreation


@attrs.frozen(kw_only=True)
class SnapshotDeleted:
    """A snapshot is gone."""

    operation_id: str
    result: SnapshotDeletion


@attrs.frozen(kw_only=True)
class SnapshotLinked:
    """A volume presents a snapshot."""

    operation_id: str
    result: SnapshotLinking


@attrs.frozen(kw_only=True)
class SnapshotUnlinked:
    """A volume does not present a snapshot any more, and keeps its data."""

    operation_id: str
    result: SnapshotUnlinking


@attrs.frozen(kw_only=True)
class SnapshotRestored:
    """A volume has the data of its snapshot again."""

    operation_id: str
    result: SnapshotRestoration


@attrs.frozen(kw_only=True)
class SnapshotsTidied:
    """Temporary snapshots of a volume are gone."""

    operation_id: str
    result: SnapshotTidying
