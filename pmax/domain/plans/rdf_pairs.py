"""Steps that make and end pairs of single volumes.

A pair is named by both devices, the RDF group and both arrays: nothing else proves whose it is. No step here makes
another pair leave its state; steps on all pairs of a storage group are in `rdf_sessions`.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.plans.references import NewVolume, RdfStep, VolumeReference, gib_text
from pmax.domain.srdf import PairState


@attrs.frozen(kw_only=True)
class PairTerms:
    """How a pair is made.

    Attributes:
        mode: the service's word.
        establishes: whether it replicates at once, or waits to be told.
        is_exempt: whether it joins an RDF group that is at work without stopping it.
        has_bias: whether R1 wins when the arrays lose each other; None says nothing.
        ends_suspended: whether the only pair of an RDF group must be suspended before it can be deleted.
    """

    mode: str
    establishes: bool
    is_exempt: bool = False
    has_bias: bool | None = None
    ends_suspended: bool = False


@attrs.frozen(kw_only=True)
class CreateReplicatedVolume(RdfStep):
    """A new volume is in a storage group that is replicated already, and so is its other side, in one change.

    Attributes:
        link: the RDF group that replicates the storage group.
        storage_group: holds the new volume; its other volumes say how it is paired.
        identifier: of the new volume. Its other side has none yet.
        capacity: of both.
        remote_storage_groups: groups of the remote array that hold the other side.
    """

    storage_group: str
    identifier: str
    capacity: Capacity
    remote_storage_groups: tuple[str, ...]

    def __str__(self) -> str:
        size = gib_text(self.capacity)
        return (
            f"create volume {self.identifier} of {size} GiB in storage group {self.storage_group} "
            f"and its other side on array {self.link.remote_array_id}"
        )


@attrs.frozen(kw_only=True)
class AddReplicatedVolume(RdfStep):
    """A volume that exists is in a storage group that is replicated already, and has another side, in one change.

    What the volume holds is copied to its other side.

    Attributes:
        link: the RDF group that replicates the storage group.
        device: not paired, and not in the storage group.
        identifier: of it. Its other side has none yet.
        storage_group: which it joins; the other volumes of the group say how it is paired.
        remote_storage_groups: groups of the remote array that hold the other side.
    """

    device: VolumeReference
    identifier: str
    storage_group: str
    remote_storage_groups: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"add volume {self.device} to storage group {self.storage_group}, "
            f"which replicates it to array {self.link.remote_array_id}"
        )


@attrs.frozen(kw_only=True)
class CreatePair(RdfStep):
    """A volume is paired with a new one of the same size, which the remote array makes without a name.

    Attributes:
        link: the RDF group.
        device: R1.
        identifier: of R1; the other side is found under it later in the plan.
        terms: how.
        storage_group: a group that holds R1 and no unpaired volume of others; R1 leaves it when this is taken back.
        is_passage: R1 must stay in the groups that hold it, and goes through this one only to end its pair.
    """

    device: VolumeReference
    identifier: str
    terms: PairTerms
    storage_group: str
    is_passage: bool = False

    def __str__(self) -> str:
        return f"pair volume {self.device} with a new one on array {self.link.remote_array_id} in {self.link}"


@attrs.frozen(kw_only=True)
class DeletePair(RdfStep):
    """A pair is gone, R1 has left one storage group, and R2 those of its array. Both devices and their data stay.

    No other pair leaves its state.

    Attributes:
        link: the RDF group.
        device: R1.
        remote_device: R2.
        storage_group: the group that R1 leaves with its pair.
        remote_storage_groups: the groups that R2 leaves.
    """

    device: VolumeReference
    remote_device: VolumeReference
    storage_group: str
    remote_storage_groups: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"delete the pair of volume {self.device} and volume {self.remote_device} of array "
            f"{self.link.remote_array_id} in {self.link}"
        )


@attrs.frozen(kw_only=True)
class DiscardPair(RdfStep):
    """What a step made is gone again: the pair, R2 with its data, and R1 too if the step made it.

    Attributes:
        link: the RDF group.
        device: R1.
        remote_device: R2.
        identifier: of R1; R2 carries it too or none.
        storage_group: the group that R1 leaves with its pair.
        remote_storage_groups: the groups that R2 leaves.
        deletes_local: whether R1 and its data go too.
        suspends_first: whether the pair is suspended before, if it is the only one of its RDF group.
        is_passage: R1 joins the storage group for this, if it is not in it; the group is made if need be, and does not
            stay empty.
    """

    device: VolumeReference
    remote_device: VolumeReference
    identifier: str
    storage_group: str
    remote_storage_groups: tuple[str, ...]
    deletes_local: bool
    suspends_first: bool = False
    is_passage: bool = False

    def __str__(self) -> str:
        what = "both volumes" if self.deletes_local else f"volume {self.remote_device} of {self.link.remote_array_id}"
        return f"delete the pair of volume {self.device} in {self.link}, and {what}"


@attrs.frozen(kw_only=True)
class AwaitPair(RdfStep):
    """A pair is in one of some states, and both of its devices have the same size.

    Attributes:
        link: the RDF group.
        device: R1.
        states: any of them will do; empty for any state.
        settle_timeout_s: how long it may take; None for the usual time.
    """

    device: VolumeReference
    states: frozenset[PairState] = frozenset()
    settle_timeout_s: float | None = None

    def __str__(self) -> str:
        wanted = f"be {' or '.join(sorted(self.states))}" if self.states else "have two equal sides"
        return f"wait for the pair of volume {self.device} to {wanted}"


RdfPairStep: TypeAlias = (
    CreateReplicatedVolume | AddReplicatedVolume | CreatePair | DeletePair | DiscardPair | AwaitPair
)


def inverse_of_rdf_pair_step(step: RdfPairStep) -> RdfPairStep | None:
    """Give the step that takes `step` back, or None when nothing can or needs to."""
    match step:
        case CreateReplicatedVolume(identifier=identifier):
            return DiscardPair(
                link=step.link,
                device=NewVolume(identifier),
                remote_device=NewVolume(identifier, is_remote=True),
                identifier=identifier,
                storage_group=step.storage_group,
                remote_storage_groups=step.remote_storage_groups,
                deletes_local=True,
            )
        case AddReplicatedVolume(identifier=identifier):
            return DiscardPair(
                link=step.link,
                device=step.device,
                remote_device=NewVolume(identifier, is_remote=True),
                identifier=identifier,
                storage_group=step.storage_group,
                remote_storage_groups=step.remote_storage_groups,
                deletes_local=False,
            )
        case CreatePair(identifier=identifier):
            return DiscardPair(
                link=step.link,
                device=step.device,
                remote_device=NewVolume(identifier, is_remote=True),
                identifier=identifier,
                storage_group=step.storage_group,
                remote_storage_groups=(),
                deletes_local=False,
                suspends_first=step.terms.ends_suspended,
                is_passage=step.is_passage,
            )
        case DeletePair() | DiscardPair() | AwaitPair():
            return None
