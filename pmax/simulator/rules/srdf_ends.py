"""Pairs end: wholly, or on one side only, which leaves half a pair behind (rules 70 and 78)."""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules.srdf_actions import Request, is_linked, text_of_illegal
from pmax.simulator.rules.srdf_copying import stop_clock
from pmax.simulator.rules.srdf_pairs import all_pairs, device, put_pair
from pmax.simulator.rules.srdf_transitions import LINKED, Action, Verdict, judge
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfMode, RdfPair
from pmax.simulator.state.transaction import Transaction

INVALID_METRO = "The operation cannot be performed because it will create an invalid RDF/Metro session"


@attrs.frozen(kw_only=True)
class Ending:
    """How pairs shall end.

    Attributes:
        side: of the array that was asked.
        is_forced: also while they replicate.
        is_half: only that array forgets them.
    """

    side: int
    is_forced: bool = False
    is_half: bool = False


def delete_pairs(transaction: Transaction, group: RdfGroup, pairs: Sequence[RdfPair], ending: Ending) -> None:
    """Delete pairs; their volumes stay.

    Raises:
        ArrayRefused: they replicate and `force` is missing (rule 78), Metro is not suspended (rule 70), only a part of
            an asynchronous group would leave while it replicates, or the other array cannot be reached.
    """
    for pair in pairs:
        _refuse_end(group, pair, ending)
    if group.is_connected:
        _refuse_rest(transaction, group, pairs)
    for pair in pairs:
        forget_pair(transaction, pair, only_on=ending.side if ending.is_half else None)


def refuse_leaving(transaction: Transaction, group: RdfGroup, pairs: Sequence[RdfPair], side: int) -> None:
    """Refuse what may not even leave together with its storage groups (reference section 7.2, last row).

    Raises:
        ArrayRefused: the last pairs of a Metro group would go while it is active, a half is missing, or the other array
            cannot be reached.
    """
    if not group.is_connected or any(pair.missing_side is not None for pair in pairs):
        request = Request(group=group, side=side, pairs=tuple(pairs), action=Action.DELETE_PAIR)
        raise ArrayRefused(text_of_illegal(request, pairs[0]))
    everything = all_pairs(transaction).where("group", group.group_id)
    if len(everything) == len(pairs) and pairs[0].mode is RdfMode.ACTIVE and is_linked(everything):
        raise ArrayRefused(INVALID_METRO)


def forget_pair(transaction: Transaction, pair: RdfPair, only_on: int | None = None) -> None:
    """Let both arrays forget a pair, or only one of them if the other still knows it."""
    stop_clock(transaction, pair)
    leaving = [only_on] if only_on is not None else list(pair.present_sides)
    for side in leaving:
        if pair.mode is RdfMode.ACTIVE and side == pair.r2_side:
            _restore_identity(transaction, pair)
    if len(leaving) < len(pair.present_sides):
        state = PairState.SUSPENDED if pair.state in LINKED else pair.state
        put_pair(transaction, attrs.evolve(pair, missing_side=only_on, state=state, progress=None))
    else:
        all_pairs(transaction).delete(pair.pair_id)


def _refuse_end(group: RdfGroup, pair: RdfPair, ending: Ending) -> None:
    if ending.is_half or (pair.missing_side is not None and ending.is_forced):
        return
    request = Request(group=group, side=ending.side, pairs=(pair,), action=Action.DELETE_PAIR)
    if judge(Action.DELETE_PAIR, group, pair, ending.side, is_forced=ending.is_forced) is not Verdict.LEGAL:
        raise ArrayRefused(text_of_illegal(request, pair))


def _refuse_rest(transaction: Transaction, group: RdfGroup, pairs: Sequence[RdfPair]) -> None:
    """Refuse to take pairs out of a consistency set that is at work."""
    leaving = {pair.pair_id for pair in pairs}
    everything = all_pairs(transaction).where("group", group.group_id)
    if any(pair.mode is RdfMode.ACTIVE for pair in pairs) and is_linked(everything):
        raise ArrayRefused(INVALID_METRO)
    is_at_work = any(pair.mode is RdfMode.ASYNCHRONOUS and pair.state in LINKED for pair in pairs)
    if is_at_work and is_linked([pair for pair in everything if pair.pair_id not in leaving]):
        raise ArrayRefused("Devices cannot leave an asynchronous RDF group that replicates unless they are exempt")


def _restore_identity(transaction: Transaction, pair: RdfPair) -> None:
    """Let R2 of a former Metro pair present itself as itself again (assumed)."""
    r2 = device(transaction, pair, pair.r2_side)
    if r2.effective_wwn is not None:
        transaction.array(pair.arrays[pair.r2_side]).volumes.put(attrs.evolve(r2, effective_wwn=None))
