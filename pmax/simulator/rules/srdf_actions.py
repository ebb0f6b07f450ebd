"""Carries out actions on pairs: who is meant, whether it is legal, what changes (reference sections 6.18 and 7.2)."""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused, NotSimulated
from pmax.simulator.rules import snapvx_facts
from pmax.simulator.rules.srdf_copying import drain, owed_to, share_identity, start_copy, stop_clock
from pmax.simulator.rules.srdf_pairs import all_pairs, device, put_pair
from pmax.simulator.rules.srdf_transitions import CUT_OFF, LINKED, TRANSITIONS, Action, Transition, Verdict, judge
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfMode, RdfPair
from pmax.simulator.state.transaction import Transaction
from pmax.simulator.state.world import World

NOT_ASYNCHRONOUS = "The device is not in asynchronous mode"


@attrs.frozen(kw_only=True)
class Options:
    """What an action may be told besides its name. What is not here changes nothing in the simulator.

    Attributes:
        is_forced: `force`.
        is_exempt: `consExempt`: only the pairs that are named leave the consistency set.
        is_immediate: `immediate`: asynchronous replication does not deliver what it has collected.
        has_bias: `metroBias`; None if nothing is said.
        mode: of SetMode.
        establishes: `establish` of Failover: the roles are swapped, and the new R1 replicates.
        restores: `restore` of Failover: the same, but the data of the new R2 count.
        refreshes_r1: `refreshR1` of Swap: what was R1 gets the data of what was R2, whichever are newer.
        refreshes_r2: `refreshR2` of Swap: the other way round.
        is_half: `halfSwap`.
    """

    is_forced: bool = False
    is_exempt: bool = False
    is_immediate: bool = False
    has_bias: bool | None = None
    mode: RdfMode | None = None
    establishes: bool = False
    restores: bool = False
    refreshes_r1: bool = False
    refreshes_r2: bool = False
    is_half: bool = False


@attrs.frozen(kw_only=True)
class Request:
    """An action on some pairs of a group.

    Attributes:
        side: of the array that was asked.
    """

    group: RdfGroup
    side: int
    pairs: tuple[RdfPair, ...]
    action: Action
    options: Options = Options()


def carry_out(world: World, transaction: Transaction, request: Request) -> None:
    """Do what is asked to all pairs that are meant.

    Raises:
        ArrayRefused: a pair's state or mode forbids it, or no pair is left to which it would do anything.
    """
    _refuse_options(request)
    scope = meant_pairs(transaction, request)
    verdicts = {pair.pair_id: _verdict(request, pair) for pair in scope}
    for pair in scope:
        if verdicts[pair.pair_id] is Verdict.ILLEGAL:
            raise ArrayRefused(text_of_illegal(request, pair))
    acting = [pair for pair in scope if verdicts[pair.pair_id] is Verdict.LEGAL]
    if not acting:
        raise ArrayRefused(f"The RDF group {_number(request)} is already in the requested RDF state")
    for pair in acting:
        _refuse_unfinished_clone(transaction, request, pair)
    for pair in acting:
        _change(world, transaction, request, pair)


def meant_pairs(transaction: Transaction, request: Request) -> list[RdfPair]:
    """Return the pairs that an action is about (rule 74).

    In a group that replicates as one, an action on one pair is an action on its whole consistency set, unless the pair
    is made exempt. To make a group asynchronous is an action on all of it too.
    """
    everything = [
        pair for pair in all_pairs(transaction).where("group", request.group.group_id) if pair.missing_side is None
    ]
    becomes_one = request.options.mode is RdfMode.ASYNCHRONOUS
    acts_as_one = any(pair.mode.acts_as_one and not pair.is_exempt for pair in request.pairs)
    named = {pair.pair_id for pair in request.pairs}
    if request.options.is_exempt or not (acts_as_one or becomes_one):
        return list(request.pairs)
    halves = [pair for pair in request.pairs if pair.missing_side is not None]
    return halves + [pair for pair in everything if becomes_one or pair.pair_id in named or not pair.is_exempt]


def text_of_illegal(request: Request, pair: RdfPair) -> str:
    """Return why an action cannot be done to a pair (assumed wording)."""
    volume = pair.volumes[request.side]
    place = f"device {volume} in RDF group {_number(request)}"
    if pair.missing_side is not None:
        return f"Cannot {request.action} {place}: its pair is invalid, one half is missing"
    transition = TRANSITIONS[request.action]
    if pair.mode not in transition.modes:
        if request.action in {Action.ENABLE_CONSISTENCY, Action.DISABLE_CONSISTENCY}:
            return NOT_ASYNCHRONOUS
        return f"Cannot {request.action} {place}: the action is not possible in mode {pair.mode}"
    if not request.group.is_connected:
        return f"Cannot {request.action} {place}: the RDF link is offline and the remote array cannot be reached"
    return f"Cannot {request.action} {place}: it is in RDF state {pair.state}"


def _number(request: Request) -> int:
    return request.group.sides[request.side].number


def _refuse_options(request: Request) -> None:
    options = request.options
    if options.is_exempt and any(pair.mode is not RdfMode.ASYNCHRONOUS for pair in request.pairs):
        raise ArrayRefused(NOT_ASYNCHRONOUS)
    if options.is_half:
        raise NotSimulated("The simulator does not know half swaps")
    if options.has_bias and any(pair.mode is not RdfMode.ACTIVE for pair in request.pairs):
        raise ArrayRefused("Bias can only be set for devices in mode Active")


def _verdict(request: Request, pair: RdfPair) -> Verdict:
    verdict = judge(request.action, request.group, pair, request.side, is_forced=request.options.is_forced)
    if verdict is not Verdict.LEGAL:
        return verdict
    is_protected = pair.has_consistency_protection
    match request.action:
        case Action.SET_MODE if pair.mode is request.options.mode:
            return Verdict.REPEATED
        case Action.ENABLE_CONSISTENCY if is_protected:
            return Verdict.REPEATED
        case Action.DISABLE_CONSISTENCY if not is_protected:
            return Verdict.REPEATED
        case _:
            return verdict


def _refuse_unfinished_clone(transaction: Transaction, request: Request, pair: RdfPair) -> None:
    """Refuse to replicate R1 while a snapshot is still being copied onto it (rule 79)."""
    if TRANSITIONS[request.action].result is not PairState.SYNC_IN_PROGRESS:
        return
    r1 = device(transaction, pair, pair.r1_side)
    if snapvx_facts.is_being_copied_to(transaction.array(pair.arrays[pair.r1_side]), r1):
        raise ArrayRefused(f"Cannot {request.action} device {r1.volume_id}: a TimeFinder copy to it is not finished")


def _change(world: World, transaction: Transaction, request: Request, pair: RdfPair) -> None:
    options = request.options
    match request.action:
        case Action.SET_MODE:
            _set_mode(world, transaction, pair, options.mode or pair.mode)
        case Action.ENABLE_CONSISTENCY | Action.DISABLE_CONSISTENCY:
            is_on = request.action is Action.ENABLE_CONSISTENCY
            put_pair(transaction, attrs.evolve(pair, has_consistency_protection=is_on))
        case Action.FAILOVER if options.establishes or options.restores:
            _leave(transaction, request, pair)
            swapped = attrs.evolve(pair, r1_side=pair.r2_side, state=PairState.SUSPENDED, copies_to=None)
            start_copy(world, transaction, swapped, swapped.r1_side if options.restores else swapped.r2_side)
        case _:
            transition = (TRANSITIONS if request.group.is_connected else CUT_OFF)[request.action]
            _go(world, transaction, request, pair, transition)


def _go(world: World, transaction: Transaction, request: Request, pair: RdfPair, transition: Transition) -> None:
    """Let a pair make a transition."""
    if transition.result is PairState.SYNC_IN_PROGRESS:
        _link(world, transaction, request, pair, transition)
        return
    if transition.result is not None:
        _leave(transaction, request, pair)
    changed = attrs.evolve(
        pair,
        state=transition.result or pair.state,
        r1_side=pair.r2_side if transition.swaps else pair.r1_side,
        progress=None,
        is_exempt=pair.is_exempt or request.options.is_exempt,
    )
    if request.action is Action.SWAP:
        changed = attrs.evolve(changed, copies_to=_owed_after_swap(transaction, request, pair))
    if request.action is Action.FAILOVER and changed.copies_to == changed.r2_side:
        changed = attrs.evolve(changed, copies_to=None)  # R2 goes on with what it has
    put_pair(transaction, changed)
    if changed.mode is RdfMode.ACTIVE and transition.swaps and request.group.is_connected:
        share_identity(transaction, changed)


def _owed_after_swap(transaction: Transaction, request: Request, pair: RdfPair) -> int | None:
    """Return which side will get data when a swapped pair is resumed: the one that lacked some before (assumed)."""
    if request.options.refreshes_r1 or request.options.refreshes_r2:
        return pair.r1_side if request.options.refreshes_r1 else pair.r2_side
    return None if pair.state is PairState.SPLIT else owed_to(transaction, pair)


def _link(world: World, transaction: Transaction, request: Request, pair: RdfPair, transition: Transition) -> None:
    """Let data flow, in the direction of the action, or in that of a copy that was interrupted."""
    has_bias = request.options.has_bias
    if pair.mode is RdfMode.ACTIVE and has_bias is not None:
        pair = attrs.evolve(pair, has_bias=has_bias)
    to_side = pair.r1_side if transition.copies_to_r1 else pair.r2_side
    if request.action in {Action.ESTABLISH, Action.RESUME} and pair.copies_to is not None:
        to_side = pair.copies_to
    start_copy(world, transaction, pair, to_side)


def _leave(transaction: Transaction, request: Request, pair: RdfPair) -> None:
    """Stop the flow of data; a planned failover or split first delivers what is on its way."""
    stop_clock(transaction, pair)
    is_planned = request.group.is_connected and not request.options.is_immediate
    if is_planned and request.action in {Action.FAILOVER, Action.SPLIT}:
        drain(transaction, pair)


def _set_mode(world: World, transaction: Transaction, pair: RdfPair, mode: RdfMode) -> None:
    """Change the mode of a pair, and its state if that is one of the mode (reference section 7.2)."""
    changed = attrs.evolve(pair, mode=mode)
    if pair.state is PairState.SYNCHRONIZED and mode is RdfMode.ASYNCHRONOUS:
        changed = attrs.evolve(changed, state=PairState.CONSISTENT)
    elif pair.state is PairState.CONSISTENT and pair.mode is RdfMode.ASYNCHRONOUS:
        start_copy(world, transaction, changed, pair.r2_side)
        return
    put_pair(transaction, changed)


def is_linked(pairs: Sequence[RdfPair]) -> bool:
    """Say whether any of several pairs replicates, or would if the link were up."""
    return any(pair.state in LINKED for pair in pairs)
