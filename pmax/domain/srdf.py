"""SRDF: groups, pairs and sessions as observed, and what may be done to them in which state.

Whatever decides whether an action on pairs is legal stands in this file, as tables that do no I/O: the diagrams in the
docs are drawn from them. What does not belong here: in what the modes differ (`replication_modes`; a mode is a plugin),
and what an operation does (`replication`).

Rules:
- A *pair* is two devices of two arrays, R1 and R2; a *session* is what the pairs of one storage group in one RDF group
  are together, so it can be in several states at a time.
- An action is legal if every pair is in one of its origins or has nothing left to do; it is needless if all have not.
- An illegal action raises `IllegalTransition` before anything is sent.

Source: unisphere-rest.md 7.1 and 7.2, driver-attach-replication.md 7.3; what is inferred there is *assumed* here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from pmax.domain.errors import IllegalTransition
from pmax.domain.identifiers import ArrayId, DeviceId


class PairState(StrEnum):
    """The state of a pair, as the service shows it."""

    SYNC_IN_PROGRESS = "SyncInProg"
    SYNCHRONIZED = "Synchronized"
    CONSISTENT = "Consistent"
    ACTIVE = "Active"
    ACTIVE_ACTIVE = "ActiveActive"
    ACTIVE_BIAS = "ActiveBias"
    SUSPENDED = "Suspended"
    SPLIT = "Split"
    FAILED_OVER = "Failed Over"
    R1_UPDATED = "R1 Updated"
    R1_UPDATING = "R1 UpdInProg"
    PARTITIONED = "Partitioned"
    TRANSMIT_IDLE = "TransIdle"
    MIXED = "Mixed"
    INVALID = "Invalid"


class SessionAction(StrEnum):
    """What can be done to the pairs of a session; the value is the service's word."""

    ESTABLISH = "Establish"
    RESUME = "Resume"
    SUSPEND = "Suspend"
    FAILOVER = "Failover"
    FAILBACK = "Failback"
    RESTORE = "Restore"
    SWAP = "Swap"


#: Nothing is left to copy, and what is written on R1 reaches R2.
STEADY: Final = frozenset(
    {
        PairState.SYNCHRONIZED,
        PairState.CONSISTENT,
        PairState.ACTIVE,
        PairState.ACTIVE_ACTIVE,
        PairState.ACTIVE_BIAS,
    }
)
#: Data are being copied to one side, which ends by itself.
COPYING: Final = frozenset({PairState.SYNC_IN_PROGRESS, PairState.R1_UPDATING})
#: Data flow from R1 to R2.
LINKED: Final = STEADY | {PairState.SYNC_IN_PROGRESS}
#: The arrays cannot talk to each other.
CUT_OFF: Final = frozenset({PairState.PARTITIONED, PairState.TRANSMIT_IDLE})

#: What the service says of a device to which hosts may write.
READY: Final = "Ready"


@attrs.frozen(kw_only=True)
class Transition:
    """What an action does to a pair.

    Attributes:
        origins: states from which it is legal.
        results: states to which it leads, the lasting one last.
        needless_in: states in which nothing is left to do.
        alone_origins: states from which it is legal on the surviving side, while the arrays cannot talk.
    """

    origins: frozenset[PairState]
    results: tuple[PairState, ...]
    needless_in: frozenset[PairState] = frozenset()
    alone_origins: frozenset[PairState] = frozenset()


_COPIES: Final = (PairState.SYNC_IN_PROGRESS, PairState.SYNCHRONIZED)

TRANSITIONS: Final[Mapping[SessionAction, Transition]] = MappingProxyType(
    {
        SessionAction.ESTABLISH: Transition(
            origins=frozenset({PairState.SUSPENDED, PairState.SPLIT}), results=_COPIES, needless_in=LINKED
        ),
        SessionAction.RESUME: Transition(
            origins=frozenset({PairState.SUSPENDED, PairState.SPLIT}), results=_COPIES, needless_in=LINKED
        ),
        SessionAction.SUSPEND: Transition(
            origins=LINKED,
            results=(PairState.SUSPENDED,),
            needless_in=frozenset({PairState.SUSPENDED, PairState.SPLIT, PairState.FAILED_OVER}),
            alone_origins=CUT_OFF,
        ),
        SessionAction.FAILOVER: Transition(
            origins=frozenset(
                {
                    PairState.SYNCHRONIZED,
                    PairState.CONSISTENT,
                    PairState.SYNC_IN_PROGRESS,
                    PairState.SUSPENDED,
                    PairState.SPLIT,
                }
            ),
            results=(PairState.FAILED_OVER,),
            needless_in=frozenset({PairState.FAILED_OVER}),
            alone_origins=CUT_OFF,
        ),
        SessionAction.FAILBACK: Transition(
            origins=frozenset({PairState.FAILED_OVER, PairState.R1_UPDATED}), results=_COPIES, needless_in=LINKED
        ),
        SessionAction.RESTORE: Transition(
            origins=frozenset({PairState.SUSPENDED, PairState.SPLIT, PairState.FAILED_OVER}),
            results=_COPIES,
            needless_in=LINKED,
        ),
        SessionAction.SWAP: Transition(
            origins=frozenset({PairState.FAILED_OVER, PairState.SUSPENDED, PairState.SPLIT}),
            results=(PairState.SUSPENDED,),
        ),
    }
)


def is_needed(action: SessionAction, states: Iterable[PairState], session: str, *, is_alone: bool = False) -> bool:
    """Say whether an action has anything to do.

    Args:
        action: what shall be done.
        states: of the pairs.
        session: whose, for the error.
        is_alone: the other array cannot be reached, so that only what one array can do counts.

    Raises:
        IllegalTransition: a pair's state forbids it.
    """
    transition = TRANSITIONS[action]
    legal = transition.origins | (transition.alone_origins if is_alone else frozenset())
    needed = False
    for state in sorted(states):
        if state in transition.needless_in:
            continue
        if state not in legal:
            raise IllegalTransition("SRDF session", session, state, action)
        needed = True
    return needed


def legal_states(action: SessionAction, *, is_alone: bool = False) -> frozenset[PairState]:
    """States in which an action does what it shall, or has been done already.

    Args:
        action: what shall be done.
        is_alone: the other array cannot be reached, so that only what one array can do counts.
    """
    transition = TRANSITIONS[action]
    alone = transition.alone_origins if is_alone else frozenset()
    return transition.origins | transition.needless_in | alone


@attrs.frozen(kw_only=True)
class RdfLink:
    """An RDF group as both arrays know it: where pairs are made.

    Attributes:
        array_id: the array from which one looks.
        rdf_group: number of the group there.
        remote_array_id: the other array.
        remote_rdf_group: number of the group there.
        label: the same on both.
    """

    array_id: ArrayId
    rdf_group: int
    remote_array_id: ArrayId
    remote_rdf_group: int
    label: str

    def __str__(self) -> str:
        return f"RDF group {self.label} ({self.rdf_group})"

    @property
    def turned(self) -> RdfLink:
        """The same group, seen from the other array."""
        return RdfLink(
            array_id=self.remote_array_id,
            rdf_group=self.remote_rdf_group,
            remote_array_id=self.array_id,
            remote_rdf_group=self.rdf_group,
            label=self.label,
        )


@attrs.frozen(kw_only=True)
class RdfGroup:
    """An RDF group as one of its arrays reports it.

    Attributes:
        array_id: the array that was asked.
        number: of the group on that array.
        label: its name, the same on both arrays by convention.
        remote_array_id: the array at the other end.
        remote_number: of the group there.
        pair_count: pairs that this array knows of.
        modes: of the pairs, as the service shows them; empty while there are none.
        is_offline: whether the arrays cannot talk to each other over it.
    """

    array_id: ArrayId
    number: int
    label: str
    remote_array_id: ArrayId
    remote_number: int
    pair_count: int
    modes: tuple[str, ...] = ()
    is_offline: bool = False

    @property
    def link(self) -> RdfLink:
        """What identifies it on both arrays."""
        return RdfLink(
            array_id=self.array_id,
            rdf_group=self.number,
            remote_array_id=self.remote_array_id,
            remote_rdf_group=self.remote_number,
            label=self.label,
        )


@attrs.frozen(kw_only=True)
class RdfGroupName:
    """An RDF group in the list of an array.

    Attributes:
        number: on that array.
        label: its name.
    """

    number: int
    label: str


@attrs.frozen(kw_only=True)
class RdfPair:
    """A pair, as one of its arrays reports it. Both device ids, both serials and both numbers identify it.

    Attributes:
        array_id: the array that was asked.
        device_id: its own device.
        rdf_group: number of the RDF group on it.
        remote_array_id: the other array.
        remote_device_id: the device there.
        remote_rdf_group: number of the RDF group there.
        mode: as the service shows it.
        state: of the pair.
        configuration: of the own device: `RDF1+TDEV`, `RDF2+TDEV`…
        larger_side: `R1`, `R2` or `Equal`.
        status: what hosts may do with the own device: `Ready`, `Write Disabled`, `Not Ready`.
        remote_status: likewise of the other one.
    """

    array_id: ArrayId
    device_id: DeviceId
    rdf_group: int
    remote_array_id: ArrayId
    remote_device_id: DeviceId
    remote_rdf_group: int
    mode: str
    state: PairState
    configuration: str = ""
    larger_side: str = "Equal"
    status: str = ""
    remote_status: str = ""

    @property
    def is_r1(self) -> bool:
        """Whether the own device is the one that replicates to the other."""
        return self.configuration.startswith("RDF1")

    @property
    def has_equal_sizes(self) -> bool:
        """Whether both devices have the same size."""
        return self.larger_side.lower() == "equal"

    def is_of(self, link: RdfLink) -> bool:
        """Whether it is a pair of that RDF group, by the serials and the numbers of both arrays."""
        own = (self.array_id, self.rdf_group, self.remote_array_id, self.remote_rdf_group)
        return own == (link.array_id, link.rdf_group, link.remote_array_id, link.remote_rdf_group)


@attrs.frozen(kw_only=True)
class RdfSession:
    """What the pairs of a storage group in an RDF group are together.

    Attributes:
        array_id: the array that was asked.
        storage_group: whose volumes.
        rdf_group: number on that array.
        states: every state that occurs.
        modes: every mode that occurs, as the service shows it.
        roles: `R1`, `R2`: what the volumes of this array are.
    """

    array_id: ArrayId
    storage_group: str
    rdf_group: int
    states: frozenset[PairState]
    modes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class GroupReplication:
    """How a storage group as a whole is replicated.

    Attributes:
        array_id: the array.
        storage_group: its name.
        volume_count: volumes in it.
        is_fully_replicated: whether every one of them is paired.
        rdf_groups: numbers of the RDF groups in which they are.
    """

    array_id: ArrayId
    storage_group: str
    volume_count: int
    is_fully_replicated: bool
    rdf_groups: tuple[int, ...] = ()

    def is_exactly(self, rdf_group: int, pair_count: int) -> bool:
        """Whether its members are the devices of that RDF group, all of them and no others.

        All of its volumes are paired, all in this RDF group, and they are as many as the RDF group has pairs: so none
        is missing on either side, whatever their number, and nobody had to compare lists.

        Args:
            rdf_group: number of the RDF group.
            pair_count: how many pairs it has.
        """
        if self.volume_count != pair_count:
            return False
        return pair_count == 0 or (self.is_fully_replicated and self.rdf_groups == (rdf_group,))
