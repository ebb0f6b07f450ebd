"""The one port through which arrays are changed: every step in one table."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final

from pmax.adapters.rest import (
    group_snapshot_steps,
    masking_steps,
    membership_steps,
    pair_steps,
    session_steps,
    snapshot_steps,
    storage_group_removal,
    storage_group_steps,
    volume_steps,
)
from pmax.adapters.rest.handling import ArrayAccess, StepHandler, UndecidedError
from pmax.domain import plans
from pmax.domain.errors import PmaxError
from pmax.domain.plans import Step, StepOutcome
from pmax.ports.array_commands import ArrayCommands, Claim, Fate, Investigation, PreviewedCall
from pmax.ports.runtime import Deadline

HANDLERS: Final[MappingProxyType[type, type[StepHandler[Any]]]] = MappingProxyType(
    {
        plans.EnsureStorageGroup: storage_group_steps.EnsureStorageGroupHandler,
        plans.DeleteStorageGroup: storage_group_removal.DeleteStorageGroupHandler,
        plans.RenameStorageGroup: storage_group_steps.RenameStorageGroupHandler,
        plans.PruneStorageGroup: storage_group_removal.PruneStorageGroupHandler,
        plans.DissolveStorageGroup: storage_group_removal.DissolveStorageGroupHandler,
        plans.EnsureChildStorageGroup: storage_group_steps.EnsureChildStorageGroupHandler,
        plans.RemoveChildStorageGroup: storage_group_steps.RemoveChildStorageGroupHandler,
        plans.SetHostIoLimits: storage_group_steps.SetHostIoLimitsHandler,
        plans.AddTags: storage_group_steps.AddTagsHandler,
        plans.RemoveTags: storage_group_steps.RemoveTagsHandler,
        plans.CreateVolume: volume_steps.CreateVolumeHandler,
        plans.DeleteVolume: volume_steps.DeleteVolumeHandler,
        plans.RenameVolume: volume_steps.RenameVolumeHandler,
        plans.ExpandVolume: volume_steps.ExpandVolumeHandler,
        plans.AddVolume: volume_steps.AddVolumeHandler,
        plans.RemoveVolume: volume_steps.RemoveVolumeHandler,
        plans.MoveVolume: volume_steps.MoveVolumeHandler,
        plans.AddVolumes: membership_steps.AddVolumesHandler,
        plans.RemoveVolumes: membership_steps.RemoveVolumesHandler,
        plans.CreateGroupSnapshot: group_snapshot_steps.CreateGroupSnapshotHandler,
        plans.TerminateGroupSnapshot: group_snapshot_steps.TerminateGroupSnapshotHandler,
        plans.CreateTemporaryGroupSnapshot: group_snapshot_steps.CreateTemporaryGroupSnapshotHandler,
        plans.DeleteTemporaryGroupSnapshot: group_snapshot_steps.DeleteTemporaryGroupSnapshotHandler,
        plans.LinkSnapshots: group_snapshot_steps.LinkSnapshotsHandler,
        plans.UnlinkSnapshots: group_snapshot_steps.UnlinkSnapshotsHandler,
        plans.AwaitGroupSnapshot: group_snapshot_steps.AwaitGroupSnapshotHandler,
        plans.AwaitGroupSnapshotGone: group_snapshot_steps.AwaitGroupSnapshotGoneHandler,
        plans.AwaitLinksDefined: group_snapshot_steps.AwaitLinksDefinedHandler,
        plans.EnsureInitiatorGroup: masking_steps.EnsureInitiatorGroupHandler,
        plans.DeleteInitiatorGroup: masking_steps.DeleteInitiatorGroupHandler,
        plans.PruneInitiatorGroup: masking_steps.PruneInitiatorGroupHandler,
        plans.AddInitiators: masking_steps.AddInitiatorsHandler,
        plans.RemoveInitiators: masking_steps.RemoveInitiatorsHandler,
        plans.EnsureMaskingView: masking_steps.EnsureMaskingViewHandler,
        plans.DeleteMaskingView: masking_steps.DeleteMaskingViewHandler,
        plans.AwaitLunAddress: masking_steps.AwaitLunAddressHandler,
        plans.CreateSnapshot: snapshot_steps.CreateSnapshotHandler,
        plans.TerminateSnapshot: snapshot_steps.TerminateSnapshotHandler,
        plans.CreateTemporarySnapshot: snapshot_steps.CreateTemporarySnapshotHandler,
        plans.DeleteTemporarySnapshot: snapshot_steps.DeleteTemporarySnapshotHandler,
        plans.LinkSnapshot: snapshot_steps.LinkSnapshotHandler,
        plans.UnlinkSnapshot: snapshot_steps.UnlinkSnapshotHandler,
        plans.RestoreSnapshot: snapshot_steps.RestoreSnapshotHandler,
        plans.EndRestore: snapshot_steps.EndRestoreHandler,
        plans.RenameSnapshot: snapshot_steps.RenameSnapshotHandler,
        plans.AwaitSnapshot: snapshot_steps.AwaitSnapshotHandler,
        plans.AwaitSnapshotGone: snapshot_steps.AwaitSnapshotGoneHandler,
        plans.AwaitLinkDefined: snapshot_steps.AwaitLinkDefinedHandler,
        plans.AwaitRestored: snapshot_steps.AwaitRestoredHandler,
        plans.CreateReplicatedVolume: pair_steps.CreateReplicatedVolumeHandler,
        plans.AddReplicatedVolume: pair_steps.AddReplicatedVolumeHandler,
        plans.CreatePair: pair_steps.CreatePairHandler,
        plans.DeletePair: pair_steps.DeletePairHandler,
        plans.DiscardPair: pair_steps.DiscardPairHandler,
        plans.AwaitPair: pair_steps.AwaitPairHandler,
        plans.ProtectStorageGroup: session_steps.ProtectStorageGroupHandler,
        plans.UnprotectStorageGroup: session_steps.UnprotectStorageGroupHandler,
        plans.SuspendSession: session_steps.SuspendSessionHandler,
        plans.ResumeSession: session_steps.ResumeSessionHandler,
        plans.FailoverSession: session_steps.FailoverSessionHandler,
        plans.FailbackSession: session_steps.FailbackSessionHandler,
        plans.AwaitSession: session_steps.AwaitSessionHandler,
        plans.AwaitMembership: session_steps.AwaitMembershipHandler,
    }
)


class RestArrayCommands(ArrayCommands):
    """Carries out steps over REST."""

    def __init__(self, access: ArrayAccess) -> None:
        """Make a handler for every class of steps."""
        self._access = access
        self._handlers = {form: handler(access) for form, handler in HANDLERS.items()}

    def apply(self, step: Step, deadline: Deadline) -> StepOutcome:
        """See `ArrayCommands`."""
        return self._handlers[type(step)].apply(step, deadline)

    def investigate(self, step: Step) -> Investigation:
        """See `ArrayCommands`."""
        try:
            outcome = self._handlers[type(step)].look(step)
        except (PmaxError, UndecidedError) as error:
            return Investigation(fate=Fate.UNKNOWN, reason=str(error))
        if outcome is None:
            return Investigation(fate=Fate.NOT_APPLIED)
        return Investigation(fate=Fate.APPLIED, outcome=outcome)

    def within(self, deadline: Deadline) -> AbstractContextManager[None]:
        """See `ArrayCommands`."""
        return self._access.resources.client.within(deadline)

    def objection(self, step: Step, claim: Claim) -> str:
        """See `ArrayCommands`."""
        return self._handlers[type(step)].objection(step, claim)

    def preview(self, step: Step) -> tuple[PreviewedCall, ...]:
        """See `ArrayCommands`."""
        dialect = self._access.resources.client.dialect()
        calls = self._handlers[type(step)].calls(step, dialect)
        return tuple(PreviewedCall(verb=call.verb, path=call.path, body=call.body_text) for call in calls)
