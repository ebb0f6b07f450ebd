"""Data go from one side of a pair to the other: copying with its time, cycles of asynchronous replication.

A volume's `content` stands for all of its data. While a copy is under way its target holds partly old and partly new
data: they are undefined, and a failover then would bring that to light. When it ends the target holds what the source
holds. Where a real array knows single tracks, a write to the target of a copy makes it the newer one as a whole
(assumed).
"""

import attrs

from pmax.simulator.rules import content
from pmax.simulator.rules.srdf_pairs import all_groups, all_pairs, device, put_pair
from pmax.simulator.rules.srdf_transitions import LINKED, is_source, steady_state
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.srdf_records import PairState, RdfMode, RdfPair
from pmax.simulator.state.transaction import Transaction
from pmax.simulator.state.world import World

COPY_TIMER = "srdf copy"
CYCLE_TIMER = "srdf cycle"


def start_copy(world: World, transaction: Transaction, pair: RdfPair, to_side: int) -> RdfPair:
    """Begin to bring one side up to date, as fast as the user of the simulator chose; return the pair."""
    if not _is_level(transaction, pair):
        _set_content(transaction, pair, to_side, content.UNDEFINED)
    progress = world.begin_work(world.behaviour.sync_pace)
    copying = attrs.evolve(pair, state=PairState.SYNC_IN_PROGRESS, copies_to=to_side, progress=progress)
    put_pair(transaction, copying)
    if progress.is_done(world.clock.now()):
        return finish_copy(transaction, copying)
    if progress.due_at is not None:
        timer = Timer(timer_id=_timer_id(pair), kind=COPY_TIMER, due_at=progress.due_at, subject=pair.pair_id)
        transaction.timers.put(timer)
    return copying


def finish_copy(transaction: Transaction, pair: RdfPair) -> RdfPair:
    """Let a copy end: the target holds the source's data, and the pair is one of its group's consistency set."""
    to_side = pair.r2_side if pair.copies_to is None else pair.copies_to
    level(transaction, pair, to_side)
    group = all_groups(transaction).get(pair.group_id)
    stop_clock(transaction, pair)
    state = steady_state(group, pair)
    if pair.mode is RdfMode.ACTIVE:
        share_identity(transaction, pair)
    done = attrs.evolve(pair, state=state, copies_to=None, progress=None, is_exempt=False)
    return put_pair(transaction, done)


def stop_clock(transaction: Transaction, pair: RdfPair) -> None:
    """Forget when a copy would have ended."""
    if _timer_id(pair) in transaction.timers:
        transaction.timers.delete(_timer_id(pair))


def level(transaction: Transaction, pair: RdfPair, to_side: int) -> None:
    """Give one side the data of the other."""
    if not _is_level(transaction, pair):
        source = device(transaction, pair, 1 - to_side)
        _set_content(transaction, pair, to_side, source.content, source.allocated_percent)


def drain(transaction: Transaction, pair: RdfPair) -> None:
    """Bring to R2 what asynchronous replication has not sent yet: a planned change loses nothing (assumed)."""
    if pair.mode is RdfMode.ASYNCHRONOUS and pair.state is PairState.CONSISTENT:
        level(transaction, pair, pair.r2_side)


def share_identity(transaction: Transaction, pair: RdfPair) -> None:
    """Let R2 of Metro present itself as R1 does (reference section 7.2, inferred)."""
    r1, r2 = device(transaction, pair, pair.r1_side), device(transaction, pair, pair.r2_side)
    wwn = r1.effective_wwn or r1.wwn
    if (r2.effective_wwn or r2.wwn) != wwn:
        transaction.array(pair.arrays[pair.r2_side]).volumes.put(attrs.evolve(r2, effective_wwn=wwn))


def note_read(transaction: Transaction, pair: RdfPair) -> RdfPair:
    """Take note that a client looked at a pair: that may be what lets a copy go on. Return the pair as it is then."""
    if pair.state is not PairState.SYNC_IN_PROGRESS or pair.progress is None or pair.progress.reads_left is None:
        return pair
    read = attrs.evolve(pair, progress=pair.progress.after_read())
    if read.progress is not None and read.progress.is_done(0.0):
        return finish_copy(transaction, read)
    return put_pair(transaction, read)


def on_copy_timer(transaction: Transaction, timer: Timer) -> None:
    """Let a copy end when its time has come."""
    pair = all_pairs(transaction).find(timer.subject)
    if pair is not None and pair.state is PairState.SYNC_IN_PROGRESS and pair.progress is not None:
        finish_copy(transaction, pair)


def on_cycle_timer(transaction: Transaction, timer: Timer) -> None:
    """Let the cycle of an asynchronous group switch: all of its volumes move forward together."""
    group = all_groups(transaction).find(timer.subject)
    for pair in () if group is None else all_pairs(transaction).where("group", timer.subject):
        if group is not None and pair.state is PairState.CONSISTENT and is_source(group, pair, pair.r1_side):
            level(transaction, pair, pair.r2_side)


def spread_write(world: World, transaction: Transaction, pair: RdfPair, side: int) -> None:
    """Let what was written on one side of a pair reach the other, when its mode and state say so.

    Whatever changed the volume, a host or a restored snapshot, SRDF sees the change as a write.
    """
    if pair.missing_side is not None:
        return
    if pair.copies_to == side:
        if device(transaction, pair, side).content == content.UNDEFINED:
            return  # not written: the copy itself made it so
        pair = put_pair(transaction, attrs.evolve(pair, copies_to=1 - side))
    group = all_groups(transaction).get(pair.group_id)
    if not is_source(group, pair, side) or _is_level(transaction, pair):
        return
    match pair.state, pair.mode:
        case PairState.SYNC_IN_PROGRESS, _:
            _set_content(transaction, pair, 1 - side, content.UNDEFINED)
        case PairState.CONSISTENT, _:
            _await_cycle(world, transaction, pair)
        case _, RdfMode.ADAPTIVE_COPY:
            start_copy(world, transaction, pair, 1 - side)
        case _:
            level(transaction, pair, 1 - side)


def _await_cycle(world: World, transaction: Transaction, pair: RdfPair) -> None:
    wait_s = world.behaviour.rdf_cycle_s * world.clock.work_scale
    if not wait_s:
        level(transaction, pair, pair.r2_side)
        return
    timer_id = f"{CYCLE_TIMER} {pair.group_id}"
    if timer_id not in transaction.timers:
        due_at = world.clock.now() + wait_s
        transaction.timers.put(Timer(timer_id=timer_id, kind=CYCLE_TIMER, due_at=due_at, subject=pair.group_id))


def owed_to(transaction: Transaction, pair: RdfPair) -> int | None:
    """Return the side that lacks data which the other has, or None if both hold the same."""
    if pair.missing_side is not None:
        return None
    if pair.copies_to is not None and pair.state in LINKED:
        return pair.copies_to
    if _is_level(transaction, pair):
        return None
    if pair.copies_to is not None:
        return pair.copies_to
    return pair.r1_side if pair.state is PairState.FAILED_OVER else pair.r2_side


def _is_level(transaction: Transaction, pair: RdfPair) -> bool:
    return device(transaction, pair, 0).content == device(transaction, pair, 1).content


def _set_content(
    transaction: Transaction, pair: RdfPair, side: int, token: str, allocated_percent: int | None = None
) -> None:
    content.replace(transaction.array(pair.arrays[side]), pair.volumes[side], token, allocated_percent)


def _timer_id(pair: RdfPair) -> str:
    return f"{COPY_TIMER} {pair.pair_id}"
