"""How steps on SRDF pairs are carried out, and how their fate is found out."""

from __future__ import annotations

from typing import TypeVar

import attrs

from pmax.adapters.rest import replication_calls, volume_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import (
    CHANGED,
    UNCHANGED,
    ArrayAccess,
    AwaitHandler,
    Change,
    OneCallHandler,
    StepHandler,
    UndecidedError,
    real_device,
)
from pmax.adapters.rest.messages import Call
from pmax.adapters.rest.passages import Passage
from pmax.adapters.rest.session_steps import SuspendSessionHandler
from pmax.adapters.rest.volume_steps import CreateVolumeHandler, DeleteVolumeHandler
from pmax.adapters.rest.wire import NewPairs
from pmax.domain.errors import (
    ArrayRejected,
    Conflict,
    InUse,
    JobFailed,
    MalformedReply,
    NotFound,
    Unavailable,
    WrongIdentity,
)
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import (
    AddReplicatedVolume,
    AwaitPair,
    CreatePair,
    CreateReplicatedVolume,
    DeletePair,
    DeleteVolume,
    DiscardPair,
    StepOutcome,
    SuspendSession,
    VolumeReference,
    emptied_on,
)
from pmax.domain.srdf import RdfPair
from pmax.domain.volumes import Volume
from pmax.ports.array_commands import Claim
from pmax.ports.runtime import Deadline


class CreateReplicatedVolumeHandler(OneCallHandler[CreateReplicatedVolume]):
    """Makes a volume with its other side. The job names the volume, and the pair its other side."""

    def __init__(self, access: ArrayAccess) -> None:
        """Know how volumes are made."""
        super().__init__(access)
        self._local = CreateVolumeHandler(access)

    def call(self, step: CreateReplicatedVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.create_volume(step, dialect)

    def apply(self, step: CreateReplicatedVolume, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A refusal is never success: a volume of this identifier would be somebody else's."""
        change = self.access.change(lambda dialect: self.call(step, dialect), deadline)
        with self.access.reading_result_of(change):
            device = self._local.device_in(replication_calls.plain(step), change)
            pair = self.access.replication.find_pair(step.array_id, step.link.rdf_group, device)
        if pair is None:
            raise JobFailed(
                change.job.job_id if change.job else "", str(step), f"volume {device} was made, but not its other side"
            )
        return StepOutcome(changed=True, device_id=device, remote_device_id=pair.remote_device_id)

    def look(self, step: CreateReplicatedVolume) -> StepOutcome | None:
        """See `StepHandler`. A volume without its other side has taken effect too: it has to be taken back."""
        made = self._local.look(replication_calls.plain(step))
        if made is None or made.device_id is None:
            return None
        pair = self.access.replication.find_pair(step.array_id, step.link.rdf_group, made.device_id)
        remote = pair.remote_device_id if pair else None
        return StepOutcome(changed=True, device_id=made.device_id, remote_device_id=remote)


class AddReplicatedVolumeHandler(OneCallHandler[AddReplicatedVolume]):
    """Lets a volume join a replicated storage group. The pair names its other side."""

    def call(self, step: AddReplicatedVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.add_volume(step, dialect)

    def apply(self, step: AddReplicatedVolume, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A volume that is in the group and paired already is what was wanted."""
        real_device(step.device)
        try:
            change = self.access.change(lambda dialect: self.call(step, dialect), deadline)
        except (ArrayRejected, Conflict):
            found = self.look(step)
            if found is None:
                raise
            return attrs.evolve(found, changed=False)
        with self.access.reading_result_of(change):
            pair = self._pair(step)
        if pair is None:
            cause = f"it put volume {step.device} into storage group {step.storage_group}, but did not pair it"
            raise Unavailable(change.endpoint, cause, sent=True)
        return StepOutcome(changed=True, remote_device_id=pair.remote_device_id)

    def look(self, step: AddReplicatedVolume) -> StepOutcome | None:
        """See `StepHandler`."""
        pair = self._pair(step)
        volume = self.access.volumes.find_volume(step.array_id, real_device(step.device))
        is_member = volume is not None and step.storage_group in volume.storage_groups
        if is_member != (pair is not None):
            state = "is in the storage group, and not paired" if is_member else "is paired, and not in the group"
            raise UndecidedError(f"volume {step.device} {state}")
        return StepOutcome(changed=True, remote_device_id=pair.remote_device_id) if pair else None

    def _pair(self, step: AddReplicatedVolume) -> RdfPair | None:
        return self.access.replication.find_pair(step.array_id, step.link.rdf_group, real_device(step.device))


class CreatePairHandler(OneCallHandler[CreatePair]):
    """Pairs a volume. The answer names the other side; where it does not, the pair itself is asked."""

    def call(self, step: CreatePair, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.create_pair(step, dialect)

    def apply(self, step: CreatePair, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A volume that is paired in this RDF group already is what was wanted."""
        real_device(step.device)
        try:
            return super().apply(step, deadline)
        except (ArrayRejected, Conflict):
            found = self.look(step)
            if found is None:
                raise
            return attrs.evolve(found, changed=False)

    def outcome(self, step: CreatePair, change: Change) -> StepOutcome:
        """See `StepHandler`."""
        for pair in self._pairs_in(step, change):
            if pair.device_id == step.device and pair.is_of(step.link):
                return StepOutcome(changed=True, remote_device_id=pair.remote_device_id)
        found = self.look(step)
        if found is None:
            raise Unavailable(change.endpoint, f"it said that it paired volume {step.device}, but did not", sent=True)
        return found

    def look(self, step: CreatePair) -> StepOutcome | None:
        """See `StepHandler`."""
        pair = self.access.replication.find_pair(step.array_id, step.link.rdf_group, real_device(step.device))
        return None if pair is None else StepOutcome(changed=True, remote_device_id=pair.remote_device_id)

    def is_there(self, step: CreatePair) -> bool:  # noqa: ARG002 - see below
        """See `StepHandler`. `apply` looks itself, since the other side must be known."""
        return False

    def _pairs_in(self, step: CreatePair, change: Change) -> tuple[RdfPair, ...]:
        try:
            structurer = self.access.resources.structurer
            return structurer.structure(change.payload or {}, NewPairs, "new pairs", step.array_id).pairs
        except MalformedReply:
            return ()


P = TypeVar("P", bound=DeletePair | DiscardPair)


class _EndingHandler(StepHandler[P]):
    """Ends a pair without disturbing others."""

    def pair_of(self, step: P) -> RdfPair | None:
        """The pair that the step is about.

        Raises:
            WrongIdentity: R1 is paired with another device than the step says.
        """
        pair = self.access.replication.find_pair(step.array_id, step.link.rdf_group, real_device(step.device))
        if pair is not None and (pair.remote_device_id != step.remote_device or not pair.is_of(step.link)):
            expected = f"{step.remote_device} of array {step.link.remote_array_id}"
            raise WrongIdentity(
                "SRDF pair", pair.device_id, expected, f"{pair.remote_device_id} of array {pair.remote_array_id}"
            )
        return pair

    def leave(self, step: P, deadline: Deadline) -> Change:
        """Take R1 out of its group together with its pair."""
        return self.access.change(lambda dialect: replication_calls.leave(step, dialect), deadline)


class DeletePairHandler(_EndingHandler[DeletePair]):
    """Deletes a pair, and lets both devices leave their groups."""

    def calls(self, step: DeletePair, dialect: Dialect) -> tuple[Call, ...]:
        """See `StepHandler`."""
        return (replication_calls.leave(step, dialect),)

    def apply(self, step: DeletePair, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A refusal is no failure if the pair is gone."""
        real_device(step.device)
        try:
            change = self.leave(step, deadline)
        except (ArrayRejected, Conflict):
            if self.pair_of(step) is not None:
                raise
            return UNCHANGED
        emptied = self.access.emptied(change, step.array_id, step.storage_group)
        with self.access.reading_result_of(change):
            return StepOutcome(changed=True, emptied=emptied | self._emptied_remotely(step, emptied))

    def look(self, step: DeletePair) -> StepOutcome | None:
        """See `StepHandler`."""
        if self.pair_of(step) is not None:
            return None
        group = self.access.storage_groups.find_storage_group(step.array_id, step.storage_group)
        is_empty = group is not None and not group.volume_count
        emptied = frozenset({step.storage_group}) if is_empty else frozenset()
        return StepOutcome(changed=True, emptied=emptied | self._emptied_remotely(step, emptied))

    def _emptied_remotely(self, step: DeletePair, emptied: frozenset[str]) -> frozenset[str]:
        """Groups of the remote array that were left empty; one of the same name is asked only if the local one was."""
        remote = step.link.remote_array_id
        asked = (name for name in step.remote_storage_groups if emptied or name != step.storage_group)
        groups = {name: self.access.storage_groups.find_storage_group(remote, name) for name in asked}
        return frozenset(
            emptied_on(remote, name) for name, group in groups.items() if group is not None and not group.volume_count
        )


class DiscardPairHandler(_EndingHandler[DiscardPair]):
    """Takes a pair back with the devices that were made for it. What of it is gone already is left out."""

    def __init__(self, access: ArrayAccess) -> None:
        """Know how volumes are deleted."""
        super().__init__(access)
        self._deletion = DeleteVolumeHandler(access)
        self._suspension = SuspendSessionHandler(access)

    def calls(self, step: DiscardPair, dialect: Dialect) -> tuple[Call, ...]:
        """See `StepHandler`."""
        end = self._end_of(step)
        return (
            *((replication_calls.suspend(end, dialect),) if end else ()),
            replication_calls.leave(step, dialect),
            *(volume_calls.delete(deletion, dialect) for deletion in self._deletions(step)),
        )

    def apply(self, step: DiscardPair, deadline: Deadline) -> StepOutcome:
        """Carry the step out. Each device that is deleted was identified by the pair, or carries our name or none."""
        real_device(step.device)
        if step.deletes_local:
            self._check_leaves_all(step)
        passage = Passage.of(step, self.access)
        if self.pair_of(step) is not None:
            passage.enter(deadline)
            end = self._end_of(step)
            if end is not None and self._is_alone(step):
                self._suspension.apply(end, deadline)
            self.leave(step, deadline)
        passage.close(deadline)
        for deletion in self._deletions(step):
            volume = self._find(deletion.array_id, deletion.device)
            if volume is None:
                continue
            if (volume.identifier or "") not in {"", step.identifier} or volume.rdf_groups:
                raise WrongIdentity("volume", volume.device_id, step.identifier, volume.identifier or "")
            proven = DeleteVolume(
                array_id=deletion.array_id, device=volume.device_id, identifier=volume.identifier or ""
            )
            self._deletion.apply(proven, deadline)
        return CHANGED

    def look(self, step: DiscardPair) -> StepOutcome | None:
        """See `StepHandler`."""
        if self.pair_of(step) is not None:
            return None
        left = [self._find(deletion.array_id, deletion.device) for deletion in self._deletions(step)]
        return None if any(left) or Passage.of(step, self.access).is_open() else CHANGED

    def objection(self, step: DiscardPair, claim: Claim) -> str:  # noqa: ARG002 - its pair tells
        """See `StepHandler`. What somebody uses by now stays, with its other side."""
        others = self._other_groups(step) if step.deletes_local else ()
        if others:
            return f"volume {step.device} is in storage group {', '.join(others)} now"
        remote = self._find(step.link.remote_array_id, step.remote_device)
        others = tuple(sorted(set(remote.storage_groups).difference(step.remote_storage_groups))) if remote else ()
        if others:
            return f"its other side {step.remote_device} is in storage group {', '.join(others)} now"
        return ""

    def _check_leaves_all(self, step: DiscardPair) -> None:
        """Refuse to end a pair whose R1 could not be deleted then: both sides stay together.

        Raises:
            InUse: R1 is in another storage group.
        """
        others = self._other_groups(step)
        if others:
            raise InUse("volume", real_device(step.device), f"storage group {', '.join(others)}")

    def _other_groups(self, step: DiscardPair) -> tuple[str, ...]:
        local = self._find(step.array_id, step.device)
        return tuple(sorted(set(local.storage_groups) - {step.storage_group})) if local else ()

    @staticmethod
    def _end_of(step: DiscardPair) -> SuspendSession | None:
        if not step.suspends_first:
            return None
        return SuspendSession(array_id=step.array_id, storage_group=step.storage_group, rdf_group=step.link.rdf_group)

    def _is_alone(self, step: DiscardPair) -> bool:
        """Whether no other pair would be suspended along."""
        group = self.access.replication.find_rdf_group(step.array_id, step.link.rdf_group)
        return group is not None and group.pair_count == 1

    @staticmethod
    def _deletions(step: DiscardPair) -> tuple[DeleteVolume, ...]:
        remote = DeleteVolume(array_id=step.link.remote_array_id, device=step.remote_device, identifier=step.identifier)
        if not step.deletes_local:
            return (remote,)
        return remote, DeleteVolume(array_id=step.array_id, device=step.device, identifier=step.identifier)

    def _find(self, array: ArrayId, device: VolumeReference) -> Volume | None:
        return self.access.volumes.find_volume(array, real_device(device))


class AwaitPairHandler(AwaitHandler[AwaitPair]):
    """Looks at a pair."""

    def seen(self, step: AwaitPair) -> StepOutcome:
        """See `AwaitHandler`."""
        device = real_device(step.device)
        pair = self.access.replication.find_pair(step.array_id, step.link.rdf_group, device)
        if pair is None:
            raise NotFound("SRDF pair", device)
        is_there = not step.states or pair.state in step.states
        return StepOutcome(changed=False, is_settled=is_there and pair.has_equal_sizes)
