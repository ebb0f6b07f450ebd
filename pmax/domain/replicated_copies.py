"""What making a replicated volume with the data of another takes: (observed, command) → plan.

The data come first and the pair second, so that no pair of the RDF group ever leaves its state: the array resumes no
replication while a snapshot copies onto R1 (rule 79), and whoever pairs first must suspend and resume. A volume that
presents a snapshot is unlinked before it is paired, as the upstream driver of 2019 does it (7.4, step 4).

While the default group of the policy is replicated, an unpaired volume cannot be in it. The new volume is then made
where volumes without replication are, and joins when it has its data.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain.commands import CreateVolume
from pmax.domain.plans import (
    AddReplicatedVolume,
    AddVolume,
    EnsureStorageGroup,
    NewVolume,
    PruneStorageGroup,
    RemoveVolume,
    RenameVolume,
    Step,
    VolumeReference,
)
from pmax.domain.plans import CreateVolume as CreateVolumeStep
from pmax.domain.policies import VolumePolicy
from pmax.domain.provisioning import CreationObserved, missing_default_group, plan_creation, volume_group_steps
from pmax.domain.replicated_volumes import ReplicatedCreation
from pmax.domain.replication import await_members, pair_up


def without_replication(policy: VolumePolicy) -> VolumePolicy:
    """The policy of a volume that is not replicated, and is kept alike besides."""
    return attrs.evolve(policy, replication_enabled=False, replication_suffix="", replication_backend=None)


@attrs.frozen(kw_only=True)
class ReplicatedCopy:
    """Steps of one copy; others may come in between.

    Attributes:
        creation: the volume is there, and is not paired yet.
        pairing: it has its data, and gets its other side; none for a copy that is not replicated.
        tidying: what the creation needed is gone.
    """

    creation: tuple[Step, ...]
    pairing: tuple[Step, ...] = ()
    tidying: tuple[Step, ...] = ()

    def around(self, data: Sequence[Step]) -> tuple[Step, ...]:
        """All steps, with those that give it its data."""
        return (*self.creation, *data, *self.pairing, *self.tidying)


def plan_replicated_copy(
    command: CreateVolume,
    observed: CreationObserved,
    replicated: ReplicatedCreation,
    staging: CreationObserved | None,
    *,
    others: int = 0,
) -> ReplicatedCopy:
    """Plan to make a volume, and to pair it once it has its data.

    Args:
        command: the new volume.
        observed: what making it depends on.
        replicated: how it is to be replicated.
        staging: what making it without replication depends on; None where its default group is not replicated yet.
        others: how many volumes the same plan pairs in the RDF group before.

    Raises:
        InvalidRequest: the RDF group is not what the configuration says.
        IllegalTransition: the RDF group is not as it should be; nothing was sent.
        InUse: a storage group is in a masking view.
    """
    replicated.group.check(replicated.replication, "copying a volume")
    replicated = replicated.after(others)
    definition = missing_default_group(command, observed)
    new, name = NewVolume(command.identifier), observed.storage_group_name
    joining = volume_group_steps(command.identifier, observed)
    if staging is not None:
        plain = attrs.evolve(command, policy=without_replication(command.policy), volume_group=None)
        held_in = staging.storage_group_name
        leaving = RemoveVolume(array_id=command.array_id, device=new, storage_group=held_in)
        prune = PruneStorageGroup(array_id=command.array_id, name=held_in, when_emptied=held_in, is_shared=True)
        return ReplicatedCopy(
            creation=plan_creation(plain, staging).steps,
            pairing=(leaving, *join_protected(new, command.identifier, name, replicated), *joining),
            tidying=(prune,),
        )
    creation: list[Step] = []
    if definition is not None:
        creation.append(EnsureStorageGroup(array_id=command.array_id, definition=definition))
    creation.append(
        CreateVolumeStep(
            array_id=command.array_id, storage_group=name, identifier=command.identifier, capacity=command.capacity
        )
    )
    other = replicated.other_side(name)
    pairing = pair_up(replicated.replication, replicated.group, new, command.identifier, name, other)
    return ReplicatedCopy(creation=tuple(creation), pairing=(*pairing, *joining))


def join_protected(
    device: VolumeReference, identifier: str, storage_group: str, replicated: ReplicatedCreation
) -> tuple[Step, ...]:
    """Let a volume that is in no group with a service level join a default group that is replicated.

    Args:
        device: the volume.
        identifier: of it, and of its other side.
        storage_group: that it joins.
        replicated: the RDF group; what is missing on the other array is made first.
    """
    link, replication = replicated.group.link, replicated.replication
    management = replication.management_group
    groups = (storage_group,) if management is None else (storage_group, management)
    steps: list[Step] = [EnsureStorageGroup(array_id=array, definition=each) for array, each in replicated.missing]
    steps += [
        AddReplicatedVolume(
            link=link,
            device=device,
            identifier=identifier,
            storage_group=storage_group,
            remote_storage_groups=groups,
        ),
        RenameVolume(
            array_id=link.remote_array_id,
            device=NewVolume(identifier, is_remote=True),
            before="",
            after=identifier,
        ),
    ]
    if management is not None:
        steps.append(AddVolume(array_id=link.array_id, device=device, storage_group=management))
    # The array made the other side in one change, so that one look at its group proves both.
    steps += await_members(replication, replicated.group, more=1, both=False)
    return tuple(steps)
