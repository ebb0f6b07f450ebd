"""Steps on all pairs of a storage group: it is replicated, suspended, failed over, or not replicated any more.

How such a group gains or loses single pairs is in `rdf_pairs`.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.plans.rdf_pairs import PairTerms
from pmax.domain.plans.references import RdfStep
from pmax.domain.srdf import PairState, SessionAction


@attrs.frozen(kw_only=True)
class ProtectStorageGroup(RdfStep):
    """Every volume of a storage group is paired, and the other sides are in a new storage group of the remote array.

    Attributes:
        link: the RDF group.
        storage_group: none of its volumes is paired.
        remote_storage_group: does not exist yet, so that everything in it is this step's own.
        remote_service_level: of that group; None for none.
        terms: how.
    """

    storage_group: str
    remote_storage_group: str
    remote_service_level: str | None
    terms: PairTerms

    def __str__(self) -> str:
        return f"replicate storage group {self.storage_group} to array {self.link.remote_array_id} in {self.link}"


@attrs.frozen(kw_only=True)
class UnprotectStorageGroup(RdfStep):
    """No volume of a storage group is paired in an RDF group any more. All volumes and groups stay on both arrays.

    Attributes:
        link: the RDF group.
        storage_group: whose pairs end.
    """

    storage_group: str

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
class AwaitMembership(RdfStep):
    """A management group holds exactly the devices of an RDF group.

    Attributes:
        link: the RDF group.
        storage_group: the management group on the array from which one looks.
        pair_count: pairs that the RDF group has by now; None if that is not known, so that it must be asked.
    """

    storage_group: str
    pair_count: int | None = None

    def __str__(self) -> str:
        return f"wait for storage group {self.storage_group} to hold exactly the volumes of {self.link}"


RdfSessionStep: TypeAlias = (
    ProtectStorageGroup
    | UnprotectStorageGroup
    | SuspendSession
    | ResumeSession
    | FailoverSession
    | FailbackSession
    | AwaitSession
    | AwaitMembership
)


def inverse_of_rdf_session_step(step: RdfSessionStep) -> RdfSessionStep | None:
    """Give the step that takes `step` back, or None when nothing can or needs to."""
    match step:
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
        case UnprotectStorageGroup() | FailbackSession() | AwaitSession() | AwaitMembership():
            return None
