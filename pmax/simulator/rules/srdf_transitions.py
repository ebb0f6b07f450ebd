"""The states of SRDF pairs and what may be done in each, as tables. Nothing here changes anything.

Whatever decides whether an action is legal lies here (reference sections 7.1 and 7.2, most of it inferred there), so
that diagrams can be drawn from these tables. A pair is *linked* while data flow or would flow if the link were up.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType

import attrs

from pmax.simulator.state.srdf_records import Access, PairState, RdfGroup, RdfMode, RdfPair


class Action(StrEnum):
    """What can be done to pairs; the value is the name in a body, except of the last, which is a DELETE."""

    ESTABLISH = "Establish"
    RESUME = "Resume"
    RESTORE = "Restore"
    SUSPEND = "Suspend"
    SPLIT = "Split"
    FAILOVER = "Failover"
    FAILBACK = "Failback"
    SWAP = "Swap"
    SET_MODE = "SetMode"
    SET_BIAS = "SetBias"
    ENABLE_CONSISTENCY = "EnableConsistency"
    DISABLE_CONSISTENCY = "DisableConsistency"
    DELETE_PAIR = "DeletePair"


class Verdict(Enum):
    """What the tables say of an action on a pair."""

    LEGAL = "it changes the pair"
    REPEATED = "the pair is where the action leads already"
    ILLEGAL = "the pair's state or mode forbids it"


_STEADY = frozenset({PairState.SYNCHRONIZED, PairState.CONSISTENT, PairState.ACTIVE_ACTIVE, PairState.ACTIVE_BIAS})
LINKED = _STEADY | {PairState.SYNC_IN_PROGRESS}
_KEPT = LINKED | {PairState.SUSPENDED, PairState.SPLIT, PairState.FAILED_OVER}
_ALL_MODES = frozenset(RdfMode)
_NOT_METRO = _ALL_MODES - {RdfMode.ACTIVE}


@attrs.frozen(kw_only=True)
class Transition:
    """What an action does.

    Attributes:
        origins: the states from which it is legal.
        forced_origins: further ones, with `force`.
        result: the state that it leads to; `SyncInProg` goes on to the steady state of the mode. None: it stays.
        repeats: the states in which it has nothing left to do.
        modes: those that know it.
        copies_to_r1: data flow from R2 to R1.
        swaps: R1 becomes R2 and the other way round.
        needs_r2: it must be asked of the array that holds R2.
    """

    origins: frozenset[PairState]
    forced_origins: frozenset[PairState] = frozenset()
    result: PairState | None = None
    repeats: frozenset[PairState] = frozenset()
    modes: frozenset[RdfMode] = _ALL_MODES
    copies_to_r1: bool = False
    swaps: bool = False
    needs_r2: bool = False


TRANSITIONS: Mapping[Action, Transition] = MappingProxyType(
    {
        Action.ESTABLISH: Transition(
            origins=frozenset({PairState.SUSPENDED, PairState.SPLIT}),
            result=PairState.SYNC_IN_PROGRESS,
            repeats=LINKED,
        ),
        Action.RESUME: Transition(
            origins=frozenset({PairState.SUSPENDED, PairState.SPLIT}),
            result=PairState.SYNC_IN_PROGRESS,
            repeats=LINKED,
            modes=_NOT_METRO,  # assumed: the upstream driver uses Establish for Metro
        ),
        Action.RESTORE: Transition(
            origins=frozenset({PairState.SUSPENDED, PairState.SPLIT, PairState.FAILED_OVER}),
            result=PairState.SYNC_IN_PROGRESS,
            repeats=LINKED,
            copies_to_r1=True,
        ),
        Action.SUSPEND: Transition(
            origins=LINKED, result=PairState.SUSPENDED, repeats=frozenset({PairState.SUSPENDED})
        ),
        Action.SPLIT: Transition(
            origins=frozenset({PairState.SYNCHRONIZED, PairState.SYNC_IN_PROGRESS, PairState.CONSISTENT}),
            result=PairState.SPLIT,
            repeats=frozenset({PairState.SPLIT}),
            modes=_NOT_METRO,  # assumed
        ),
        Action.FAILOVER: Transition(
            origins=frozenset(
                {
                    PairState.SYNCHRONIZED,
                    PairState.CONSISTENT,
                    PairState.SYNC_IN_PROGRESS,
                    PairState.SUSPENDED,
                    PairState.SPLIT,
                }
            ),
            result=PairState.FAILED_OVER,
            repeats=frozenset({PairState.FAILED_OVER}),
            modes=_NOT_METRO,  # assumed: both sides are writable anyway
        ),
        Action.FAILBACK: Transition(
            origins=frozenset({PairState.FAILED_OVER}),
            result=PairState.SYNC_IN_PROGRESS,
            repeats=LINKED,
            modes=_NOT_METRO,
            copies_to_r1=True,
        ),
        Action.SWAP: Transition(
            origins=frozenset({PairState.FAILED_OVER, PairState.SUSPENDED, PairState.SPLIT}),
            result=PairState.SUSPENDED,
            modes=_NOT_METRO,  # assumed
            swaps=True,
        ),
        Action.SET_MODE: Transition(origins=_KEPT, modes=_NOT_METRO),
        # Bias is always with R1, so moving it swaps the roles (assumed).
        Action.SET_BIAS: Transition(
            origins=frozenset({PairState.ACTIVE_BIAS}), modes=frozenset({RdfMode.ACTIVE}), swaps=True
        ),
        Action.ENABLE_CONSISTENCY: Transition(origins=_KEPT, modes=frozenset({RdfMode.ASYNCHRONOUS})),
        Action.DISABLE_CONSISTENCY: Transition(origins=_KEPT, modes=frozenset({RdfMode.ASYNCHRONOUS})),
        Action.DELETE_PAIR: Transition(
            origins=frozenset({PairState.SUSPENDED, PairState.SPLIT, PairState.FAILED_OVER}), forced_origins=LINKED
        ),
    }
)
"""While the arrays are connected."""

CUT_OFF: Mapping[Action, Transition] = MappingProxyType(
    {
        Action.SUSPEND: TRANSITIONS[Action.SUSPEND],
        # R1 cannot be told, so both sides are writable, and split when they meet again (assumed).
        Action.FAILOVER: Transition(
            origins=LINKED | {PairState.SUSPENDED},
            result=PairState.SPLIT,
            repeats=frozenset({PairState.SPLIT, PairState.FAILED_OVER}),
            modes=_NOT_METRO,
            needs_r2=True,
        ),
        # What is left of Metro may be made writable by taking the bias over (assumed).
        Action.SET_BIAS: Transition(origins=LINKED, modes=frozenset({RdfMode.ACTIVE}), swaps=True, needs_r2=True),
    }
)
"""While they are not: only what one array can do alone. Everything else is illegal."""

_ACCESS: Mapping[PairState, tuple[Access, Access]] = MappingProxyType(
    {
        **dict.fromkeys(_KEPT, (Access.READY, Access.WRITE_DISABLED)),
        PairState.ACTIVE_ACTIVE: (Access.READY, Access.READY),
        PairState.ACTIVE_BIAS: (Access.READY, Access.READY),
        PairState.SPLIT: (Access.READY, Access.READY),
        PairState.FAILED_OVER: (Access.WRITE_DISABLED, Access.READY),
    }
)
"""Of R1 and of R2 (rules 71 and 72)."""


def judge(action: Action, group: RdfGroup, pair: RdfPair, side: int, *, is_forced: bool = False) -> Verdict:
    """Say whether an action is legal.

    Args:
        action: what shall be done.
        group: of the pair.
        pair: to which it shall be done.
        side: from where it is asked for.
        is_forced: `force` was sent.
    """
    transition = (TRANSITIONS if group.is_connected else CUT_OFF).get(action)
    if transition is None or pair.missing_side is not None or pair.mode not in transition.modes:
        return Verdict.ILLEGAL
    if transition.needs_r2 and side != pair.r2_side:
        return Verdict.ILLEGAL
    if pair.state in transition.repeats:
        return Verdict.REPEATED
    if pair.state in transition.origins or (is_forced and pair.state in transition.forced_origins):
        return Verdict.LEGAL
    return Verdict.ILLEGAL


def steady_state(group: RdfGroup, pair: RdfPair) -> PairState:
    """Return the state of a pair that has nothing left to copy (reference section 7.1)."""
    match pair.mode:
        case RdfMode.ASYNCHRONOUS:
            return PairState.CONSISTENT
        case RdfMode.ACTIVE:
            return PairState.ACTIVE_BIAS if pair.has_bias or not group.has_witness else PairState.ACTIVE_ACTIVE
        case _:
            return PairState.SYNCHRONIZED


def shown_state(group: RdfGroup, pair: RdfPair) -> PairState:
    """Return the state that answers show: arrays that cannot talk to each other know no better."""
    if pair.missing_side is not None:
        return PairState.INVALID
    if group.is_connected:
        return pair.state
    is_waiting = pair.mode is RdfMode.ASYNCHRONOUS and pair.state in LINKED
    return PairState.TRANSMIT_IDLE if is_waiting else PairState.PARTITIONED


def access(group: RdfGroup, pair: RdfPair, side: int) -> Access:
    """Return what hosts may do with the volume of one side (rules 70 to 72)."""
    is_r2 = side == pair.r2_side
    if pair.mode is RdfMode.ACTIVE:
        has_both = group.is_connected and pair.state in {PairState.ACTIVE_ACTIVE, PairState.ACTIVE_BIAS}
        return Access.NOT_READY if is_r2 and not has_both else Access.READY
    return _ACCESS[pair.state][1 if is_r2 else 0]


def is_source(group: RdfGroup, pair: RdfPair, side: int) -> bool:
    """Say whether what is written on one side flows to the other now."""
    if not group.is_connected or pair.missing_side is not None or pair.state not in LINKED:
        return False
    has_both = pair.state in {PairState.ACTIVE_ACTIVE, PairState.ACTIVE_BIAS}
    return has_both or side == pair.r1_side
