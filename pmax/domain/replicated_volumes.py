"""What making, deleting and extending a replicated volume takes: (observed, command) → plan."""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands import CreateVolume
from pmax.domain.errors import InUse
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import volume_group_of
from pmax.domain.plans import (
    AddVolume,
    AwaitPair,
    CreateReplicatedVolume,
    DeletePair,
    DeleteVolume,
    EnsureStorageGroup,
    ExpandVolume,
    NewVolume,
    Plan,
    PruneStorageGroup,
    Recovery,
    RemoveVolume,
    RenameVolume,
    Step,
    SuspendSession,
    emptied_on,
    plan_of,
)
from pmax.domain.plans import CreateVolume as CreateVolumeStep
from pmax.domain.replication import (
    OtherSide,
    PairObserved,
    RdfGroupObserved,
    Replication,
    await_members,
    check_remote_deletable,
    pair_up,
)
from pmax.domain.srdf import LINKED
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.domain.volumes import Volume, check_unused


@attrs.frozen(kw_only=True)
class ReplicatedCreation:
    """What the plan of a replicated volume depends on besides its storage group.

    Attributes:
        replication: how.
        group: the RDF group.
        is_protected: the default storage group is replicated in it, so that a volume which is made in it gets its other
            side at once.
        other: where the other side goes; None in the first attempt for a protected group, which has one.
    """

    replication: Replication
    group: RdfGroupObserved
    is_protected: bool
    other: OtherSide | None

    def after(self, others: int) -> ReplicatedCreation:
        """What it will be like once the same plan has paired that many others in the RDF group."""
        near = attrs.evolve(self.group.near, pair_count=self.group.near.pair_count + others)
        return attrs.evolve(self, group=attrs.evolve(self.group, near=near))

    @property
    def missing(self) -> tuple[tuple[ArrayId, StorageGroupDefinition], ...]:
        """Groups that have to be made first, with the array on which."""
        return self.other.missing if self.other else ()

    def other_side(self, storage_group: str) -> OtherSide:
        """Where the other side of a volume goes whose default group is this."""
        return self.other or OtherSide(storage_group=storage_group)


def plan_replicated_creation(
    command: CreateVolume, storage_group: str, missing: StorageGroupDefinition | None, observed: ReplicatedCreation
) -> list[Step]:
    """Plan to make a volume and its other side.

    Args:
        command: what is asked.
        storage_group: the default storage group.
        missing: its definition, if it has to be made.
        observed: the RDF group.

    Raises:
        InvalidRequest: the RDF group is not what the configuration says.
        IllegalTransition: the RDF group is not as it should be; nothing was sent.
    """
    observed.group.check(observed.replication, "creating a volume")
    if observed.is_protected:
        return _in_protected_group(command, storage_group, observed)
    steps: list[Step] = []
    if missing is not None:
        steps.append(EnsureStorageGroup(array_id=command.array_id, definition=missing))
    steps.append(
        CreateVolumeStep(
            array_id=command.array_id,
            storage_group=storage_group,
            identifier=command.identifier,
            capacity=command.capacity,
        )
    )
    steps += pair_up(
        observed.replication,
        observed.group,
        NewVolume(command.identifier),
        command.identifier,
        storage_group,
        observed.other_side(storage_group),
    )
    return steps


def _in_protected_group(command: CreateVolume, storage_group: str, observed: ReplicatedCreation) -> list[Step]:
    link = observed.group.link
    management = observed.replication.management_group
    groups = (storage_group,) if management is None else (storage_group, management)
    steps: list[Step] = [EnsureStorageGroup(array_id=array, definition=each) for array, each in observed.missing]
    steps += [
        CreateReplicatedVolume(
            link=link,
            storage_group=storage_group,
            identifier=command.identifier,
            capacity=command.capacity,
            remote_storage_groups=groups,
        ),
        RenameVolume(
            array_id=link.remote_array_id,
            device=NewVolume(command.identifier, is_remote=True),
            before="",
            after=command.identifier,
        ),
    ]
    if management is not None:
        steps.append(AddVolume(array_id=link.array_id, device=NewVolume(command.identifier), storage_group=management))
    # The array made both sides in one change, so that one look at its group proves them.
    steps += await_members(observed.replication, observed.group, more=1, both=False)
    return steps


def plan_replicated_deletion(observed: PairObserved, identifier: str, own_groups: frozenset[str]) -> Plan:
    """Plan to delete a volume with its other side.

    That both devices can be deleted afterwards proves that the pair is gone on both arrays: they refuse to delete a
    volume that is paired (rule 76).

    Args:
        observed: the volume and everything that belongs to it.
        identifier: as read; the proof of ownership.
        own_groups: default groups that pmax made and may delete when they are left empty.

    Raises:
        InUse: somebody still needs one of the sides.
        InvalidRequest: the operator has to allow it first.
        IllegalTransition: the pair or its group is not as it should be.
    """
    volume, pair = observed.volume, observed.pair
    check_unused(volume)
    observed.replication.check_deletable()
    observed.check("deleting it")
    management = observed.replication.management_group
    ours = own_groups | ({management} if management else frozenset())
    remote = observed.remote
    if remote is None:
        raise InUse("volume", volume.device_id, f"a pair with {pair.remote_device_id}, which the other array lacks")
    volume_groups = _volume_groups_of_both(volume, remote)
    check_remote_deletable(remote, ours | volume_groups)
    leaving = management if management in volume.storage_groups else _own_group(volume, ours)
    steps: list[Step] = end_of_pair(observed, remote, leaving)
    steps += [
        RemoveVolume(array_id=volume.array_id, device=volume.device_id, storage_group=name)
        for name in volume.storage_groups
        if name != leaving
    ]
    steps.append(DeleteVolume(array_id=volume.array_id, device=volume.device_id, identifier=identifier))
    steps += [_prune(volume.array_id, name, name) for name in volume.storage_groups if name in ours]
    steps += [
        _prune(remote.array_id, name, emptied_on(remote.array_id, name))
        for name in remote.storage_groups
        if name not in volume_groups
    ]
    return plan_of(steps, Recovery.FINISH)


def end_of_pair(observed: PairObserved, remote: Volume, storage_group: str) -> list[Step]:
    """Let R1 leave a storage group together with its pair, and delete R2; R1 and its data stay.

    Args:
        observed: what was checked before.
        remote: R2, which nobody needs.
        storage_group: holds R1.
    """
    pair = observed.pair
    steps: list[Step] = []
    if observed.replication.mode.suspends_last and observed.group.near.pair_count == 1 and pair.state in LINKED:
        steps.append(suspension(observed.replication, observed.group, storage_group))
    return [
        *steps,
        DeletePair(
            link=observed.group.link,
            device=observed.volume.device_id,
            remote_device=pair.remote_device_id,
            storage_group=storage_group,
            remote_storage_groups=remote.storage_groups,
        ),
        DeleteVolume(array_id=remote.array_id, device=remote.device_id, identifier=remote.identifier or ""),
    ]


def suspension(replication: Replication, group: RdfGroupObserved, storage_group: str) -> SuspendSession:
    """Stop the pairs of a storage group; taking it back resumes them as their mode wants it."""
    return SuspendSession(
        array_id=group.link.array_id,
        storage_group=storage_group,
        rdf_group=group.link.rdf_group,
        is_exempt=replication.mode.exempts_suspended,
        resume_action=replication.mode.resume_action,
        has_bias=replication.has_bias,
    )


def _volume_groups_of_both(volume: Volume, remote: Volume) -> frozenset[str]:
    """Storage groups of the other array that stand for volume groups in which the volume is."""
    known = {volume_group_of(name) for name in volume.storage_groups} - {None}
    return frozenset(name for name in remote.storage_groups if volume_group_of(name) in known)


def _own_group(volume: Volume, ours: frozenset[str]) -> str:
    for name in volume.storage_groups:
        if name in ours:
            return name
    groups = ", ".join(volume.storage_groups) or "no storage group"
    raise InUse("volume", volume.device_id, f"{groups}, and its pair ends only together with a group of ours")


def _prune(array: ArrayId, name: str, when_emptied: str) -> PruneStorageGroup:
    return PruneStorageGroup(array_id=array, name=name, when_emptied=when_emptied, is_shared=True)


def plan_orphan_deletion(orphans: tuple[Volume, ...]) -> tuple[Step, ...]:
    """Plan to delete what was the other side of a volume whose pair is gone already.

    Args:
        orphans: volumes of the other array that carry its identifier.

    Raises:
        InUse: one of them is still used.
    """
    steps: list[Step] = []
    for orphan in orphans:
        check_unused(orphan)
        if orphan.rdf_groups or orphan.storage_groups:
            rule = "a pair or a storage group, so it is not what is left of a volume that was deleted"
            raise InUse("volume", f"{orphan.device_id} of array {orphan.array_id}", rule)
        steps.append(
            DeleteVolume(array_id=orphan.array_id, device=orphan.device_id, identifier=orphan.identifier or "")
        )
    return tuple(steps)


def plan_replicated_extension(observed: PairObserved, wanted: Capacity) -> Plan:
    """Plan to let both sides of a volume grow. The pair shows afterwards that they are equal.

    Raises:
        InvalidRequest: the RDF group is not what the configuration says.
        IllegalTransition: the pair or its group is not as it should be.
    """
    observed.check("extending it")
    link = observed.group.link
    volume = observed.volume
    steps: list[Step] = []
    if wanted.cylinders != volume.capacity.cylinders:
        steps.append(
            ExpandVolume(
                array_id=volume.array_id,
                device=volume.device_id,
                before=volume.capacity,
                after=wanted,
                identifier=volume.identifier or "",
                rdf_group=link.rdf_group,
            )
        )
    steps.append(AwaitPair(link=link, device=volume.device_id))
    steps += await_members(observed.replication, observed.group, more=0, both=False)
    return Plan(steps=tuple(steps), recovery=Recovery.FINISH)
