"""Steps that make, change and end SRDF replication.

A pair is named by both devices, the RDF group and both arrays: nothing else proves whose it is. No step but those on
sessions makes another pair leave its state.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans.references import NewVolume, VolumeReference, gib_text
from pmax.domain.srdf import PairState, RdfLink, SessionAction


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
class CreateReplicatedVolume:
    """A new volume is in a storage group that is replicated already, and so is its other side, in one change.

    Attributes:
        link: the RDF group that replicates the storage group.
        storage_group: holds the new volume; its other volumes say how it is paired.
        identifier: of the new volume. Its other side has none yet.
        capacity: of both.
        remote_storage_groups: groups of the remote array that hold the other side.
    """

    link: RdfLink
    storage_group: str
    identifier: str
    capacity: Capacity
    remote_storage_groups: tuple[str, ...]

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of the new volume."""
        return self.link.array_id

    def __str__(self) -> str:
        size = gib_text(self.capacity)
        return (
            f"create volume {self.identifier} of {size} GiB in storage group {self.storage_group} "
            f"and its other side on array {self.link.remote_array_id}"
        )


@attrs.frozen(kw_only=True)
class AddReplicatedVolume:
    """A volume that exists is in a storage group that is replicated already, and has another side, in one change.

    What the volume holds is copied to its other side.

    Attributes:
        link: the RDF group that replicates the storage group.
        device: not paired, and not in the storage group.
        identifier: of it. Its other side has none yet.
        storage_group: which it joins; the other volumes of the group say how it is paired.
        remote_storage_groups: groups of the remote array that hold the other side.
    """

    link: RdfLink
    device: VolumeReference
    identifier: str
    storage_group: str
    remote_storage_groups: tuple[str, ...]

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of the volume."""
        return self.link.array_id

    def __str__(self) -> str:
        return (
            f"add volume {self.device} to storage group {self.storage_group}, "
            f"which replicates it to array {self.link.remote_array_id}"
        )


@attrs.frozen(kw_only=True)
class CreatePair:
    """A volume is paired with a new one of the same size, which the remote array makes without a name.

    Attributes:
        link: the RDF group.
        device: R1.
        identifier: of R1; the other side is found under it later in the plan.
        terms: how.
        storage_group: a group that holds R1 and no unpaired volume of others; R1 leaves it when this is taken back.
        is_passage: R1 must stay in the groups that hold it, and goes through this one only to end its pair.
    """

    link: RdfLink
    device: VolumeReference
    identifier: str
    terms: PairTerms
    storage_group: str
    is_passage: bool = False

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of R1."""
        return self.link.array_id

    def __str__(self) -> str:
        return f"pair volume {self.device} with a new one on array {self.link.remote_array_id} in {self.link}"


@attrs.frozen(kw_only=True)
class DeletePair:
    """A pair is gone, R1 has left one storage group, and R2 those of its array. Both devices and their data stay.

    No other pair leaves its state.

    Attributes:
        link: the RDF group.
        device: R1.
        remote_device: R2.
        storage_group: the group that R1 leaves with its pair.
        remote_storage_groups: the groups that R2 leaves.
    """

    link: RdfLink
    device: VolumeReference
    remote_device: VolumeReference
    storage_group: str
    remote_storage_groups: tuple[str, ...]

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of R1."""
        return self.link.array_id

    def __str__(self) -> str:
        return (
            f"delete the pair of volume {self.device} and volume {self.remote_device} of array "
            f"{self.link.remote_array_id} in {self.link}"
        )


@attrs.frozen(kw_only=True)
class DiscardPair:
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

    link: RdfLink
    device: VolumeReference
    remote_device: VolumeReference
    identifier: str
    storage_group: str
    remote_storage_groups: tuple[str, ...]
    deletes_local: bool
    suspends_first: bool = False
    is_passage: bool = False

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of R1."""
        return self.link.array_id

    def __str__(self) -> str:
        what = "both volumes" if self.deletes_local else f"volume {self.remote_device} of {self.link.remote_array_id}"
        return f"delete the pair of volume {self.device} in {self.link}, and {what}"


@attrs.frozen(kw_only=True)
class ProtectStorageGroup:
    """Every volume of a storage group is paired, and the other sides are in a new storage group of the remote array.

    Attributes:
        link: the RDF group.
        storage_group: none of its volumes is paired.
        remote_storage_group: does not exist yet, so that everything in it is this step's own.
        remote_service_level: of that group; None for none.
        terms: how.
    """

    link: RdfLink
    storage_group: str
    remote_storage_group: str
    remote_service_level: str | None
    terms: PairTerms

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of the R1 volumes."""
        return self.link.array_id

    def __str__(self) -> str:
        return f"replicate storage group {self.storage_group} to array {self.link.remote_array_id} in {self.link}"


@attrs.frozen(kw_only=True)
class UnprotectStorageGroup:
    """No volume of a storage group is paired in an RDF group any more. All volumes and groups stay on both arrays.

    Attributes:
        link: the RDF group.
        storage_group: whose pairs end.
    """

    link: RdfLink
    storage_group: str

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of the R1 volumes."""
        return self.link.array_id

    def __str__(self) -> str:
        return f"end the replication of storage group {self.storage_group} in {self.link}"


@attrs.frozen(kw_only=True)
class SuspendSession:
    """The pairs of a storage group do not replicate for a while. Taken back, they do again.

    Attributes:
        array_id: the array that is asked.
        storage_group: whose pairs.
        rdf_group: number of their RDF group on that array.
        is_exempt: only these pairs leave a group that acts as one.
        resume_action: `Resume` or `Establish`: how they are brought back.
        has_bias: what is said about the bias then; None for nothing.
    """

    array_id: ArrayId
    storage_group: str
    rdf_group: int
    is_exempt: bool = False
    resume_action: SessionAction = SessionAction.RESUME
    has_bias: bool | None = None

    def __str__(self) -> str:
        return f"suspend the replication of storage group {self.storage_group} in RDF group {self.rdf_group}"


@attrs.frozen(kw_only=True)
class ResumeSession:
    """The pairs of a storage group replicate again. Attributes as of `SuspendSession`."""

    array_id: ArrayId
    storage_group: str
    rdf_group: int
    is_exempt: bool = False
    resume_action: SessionAction = SessionAction.RESUME
    has_bias: bool | None = None

    def __str__(self) -> str:
        return f"resume the replication of storage group {self.storage_group} in RDF group {self.rdf_group}"


@attrs.frozen(kw_only=True)
class FailoverSession:
    """Hosts may write to the R2 volumes, and to R1 no more.

    Attributes:
        array_id: the array that is asked; that of R2, so that it works without the other.
        storage_group: whose pairs, on that array.
        rdf_group: number of their RDF group on that array.
    """

    array_id: ArrayId
    storage_group: str
    rdf_group: int

    def __str__(self) -> str:
        return f"fail storage group {self.storage_group} over in RDF group {self.rdf_group}"


@attrs.frozen(kw_only=True)
class FailbackSession:
    """R1 has what was written to R2, and replicates again. Attributes as of `FailoverSession`, and one more.

    Attributes:
        restores: the arrays could not talk when the volumes failed over, so R1 was never told: what was written to it
            since is lost now. There is no way back then.
    """

    array_id: ArrayId
    storage_group: str
    rdf_group: int
    restores: bool = False

    def __str__(self) -> str:
        how = " with the data of the other side" if self.restores else ""
        return f"fail storage group {self.storage_group} back{how} in RDF group {self.rdf_group}"


@attrs.frozen(kw_only=True)
class AwaitSession:
    """Every pair of a storage group is in one of some states.

    Attributes:
        array_id: the array that is asked.
        storage_group: whose pairs.
        rdf_group: number of their RDF group on that array.
        states: any of them will do.
        settle_timeout_s: how long it may take; None for the usual time.
    """

    array_id: ArrayId
    storage_group: str
    rdf_group: int
    states: frozenset[PairState]
    settle_timeout_s: float | None = None

    def __str__(self) -> str:
        return f"wait for storage group {self.storage_group} to be {' or '.join(sorted(self.states))}"


@attrs.frozen(kw_only=True)
class AwaitPair:
    """A pair is in one of some states, and both of its devices have the same size.

    Attributes:
        link: the RDF group.
        device: R1.
        states: any of them will do; empty for any state.
        settle_timeout_s: how long it may take; None for the usual time.
    """

    link: RdfLink
    device: VolumeReference
    states: frozenset[PairState] = frozenset()
    settle_timeout_s: float | None = None

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array of R1."""
        return self.link.array_id

    def __str__(self) -> str:
        wanted = f"be {' or '.join(sorted(self.states))}" if self.states else "have two equal sides"
        return f"wait for the pair of volume {self.device} to {wanted}"


@attrs.frozen(kw_only=True)
class AwaitMembership:
    """A management group holds exactly the devices of an RDF group.

    Attributes:
        link: the RDF group.
        storage_group: the management group on the array from which one looks.
        pair_count: pairs that the RDF group has by now; None if that is not known, so that it must be asked.
    """

    link: RdfLink
    storage_group: str
    pair_count: int | None = None

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array from which one looks."""
        return self.link.array_id

    def __str__(self) -> str:
        return f"wait for storage group {self.storage_group} to hold exactly the volumes of {self.link}"


ReplicationStep: TypeAlias = (
    CreateReplicatedVolume
    | AddReplicatedVolume
    | CreatePair
    | DeletePair
    | DiscardPair
    | ProtectStorageGroup
    | UnprotectStorageGroup
    | SuspendSession
    | ResumeSession
    | FailoverSession
    | FailbackSession
    | AwaitSession
    | AwaitPair
    | AwaitMembership
)
ReplicationAwait: TypeAlias = AwaitSession | AwaitPair | AwaitMembership


def inverse_of_replication_step(step: ReplicationStep) -> ReplicationStep | None:  # noqa: PLR0911 - a table of steps is best read as one
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
        case ProtectStorageGroup(link=link, storage_group=storage_group):
            return UnprotectStorageGroup(link=link, storage_group=storage_group)
        case SuspendSession():
            return ResumeSession(**attrs.asdict(step))
        case ResumeSession():
            return SuspendSession(**attrs.asdict(step))
        case FailoverSession():
            return FailbackSession(**attrs.asdict(step))
        case FailbackSession(restores=False):
            return FailoverSession(array_id=step.array_id, storage_group=step.storage_group, rdf_group=step.rdf_group)
        case _:
            return None
