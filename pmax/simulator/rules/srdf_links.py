"""Links between arrays fail and come back, and what that does to pairs. SRDF watches every change for it.

Nobody has to tell SRDF of a port that goes down, of a cut link, of a lost array or of a changed volume: whatever
changes them, `watch` sees it before it is committed, and lets pairs follow.
"""

from collections.abc import Iterator

import attrs

from pmax.simulator.rules.srdf_copying import spread_write, start_copy, stop_clock
from pmax.simulator.rules.srdf_pairs import all_groups, all_pairs, pairs_of_volume, put_pair
from pmax.simulator.rules.srdf_transitions import LINKED
from pmax.simulator.state.records import Volume
from pmax.simulator.state.schema import ARRAYS, DIRECTORS, PORTS, VOLUMES
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfMode, RdfPair, RdfSide, link_key
from pmax.simulator.state.srdf_schema import CUT_LINKS, RDF_GROUPS
from pmax.simulator.state.transaction import Change, Transaction
from pmax.simulator.state.world import World


def watch(world: World, transaction: Transaction) -> None:
    """Let pairs follow what a transaction changed, before it is committed."""
    changes = tuple(transaction.changes)
    if not len(all_groups(transaction)):
        return
    for group_id in sorted(_touched_groups(world, transaction, changes)):
        _refresh(world, transaction, all_groups(transaction).get(group_id))
    _spread_writes(world, transaction)


def is_port_online(transaction: Transaction, symmetrix_id: str, port: str) -> bool:
    """Say whether a port and its director work."""
    tables = transaction.array(symmetrix_id)
    found = tables.ports.find(port)
    return found is not None and found.is_online and tables.directors.get(found.director_id).is_online


def online_ports(transaction: Transaction, side: RdfSide) -> list[str]:
    """Return the ports of one end of a group that work."""
    if not transaction.arrays.get(side.symmetrix_id).is_up:
        return []
    return [port for port in side.ports if is_port_online(transaction, side.symmetrix_id, port)]


def is_link_whole(transaction: Transaction, one: str, other: str) -> bool:
    """Say whether nothing between two arrays is cut."""
    return link_key(one, other) not in transaction.rows(CUT_LINKS)


def can_talk(transaction: Transaction, sides: tuple[RdfSide, RdfSide]) -> bool:
    """Say whether two ends reach each other: the link is whole and both have a working port."""
    is_whole = is_link_whole(transaction, sides[0].symmetrix_id, sides[1].symmetrix_id)
    return is_whole and all(online_ports(transaction, side) for side in sides)


def _refresh(world: World, transaction: Transaction, group: RdfGroup) -> None:
    """Find out whether the ends of a group reach each other, and let its pairs know if that has changed."""
    is_connected = can_talk(transaction, group.sides)
    if is_connected == group.is_connected:
        return
    group = attrs.evolve(group, is_connected=is_connected)
    all_groups(transaction).put(group)
    for pair in all_pairs(transaction).where("group", group.group_id):
        if is_connected:
            _regain(world, transaction, pair)
        else:
            _lose(transaction, group, pair)


def _lose(transaction: Transaction, group: RdfGroup, pair: RdfPair) -> None:
    """Interrupt a pair: copying stops. With a witness, Metro goes on where an array is left (reference section 7.2)."""
    stop_clock(transaction, pair)
    pair = attrs.evolve(pair, progress=None)
    r1_array = transaction.arrays.get(pair.arrays[pair.r1_side])
    if pair.state is PairState.ACTIVE_ACTIVE and group.has_witness and not r1_array.is_up:
        pair = attrs.evolve(pair, r1_side=pair.r2_side)  # assumed: the survivor is R1 from then on
    put_pair(transaction, pair)


def _regain(world: World, transaction: Transaction, pair: RdfPair) -> None:
    """Let a pair go on: by itself if it was idle between cycles, otherwise when somebody resumes it (assumed)."""
    if pair.state not in LINKED or pair.missing_side is not None:
        return
    if pair.mode is RdfMode.ASYNCHRONOUS:
        start_copy(world, transaction, pair, pair.r2_side if pair.copies_to is None else pair.copies_to)
    else:
        put_pair(transaction, attrs.evolve(pair, state=PairState.SUSPENDED))


def _touched_groups(world: World, transaction: Transaction, changes: tuple[Change, ...]) -> set[str]:
    """Return the ids of the groups whose ends may or may not reach each other any more."""
    groups = all_groups(transaction)
    committed = world.begin()
    touched: set[str] = set()
    for change in changes:
        if change.spec is RDF_GROUPS and change.row is not None:
            touched.add(change.key)
        elif change.spec is CUT_LINKS:
            for symmetrix_id in change.key.split():
                touched.update(groups.keys_where("array", symmetrix_id))
        elif change.spec is PORTS or change.spec is DIRECTORS:
            touched.update(groups.keys_where("array", change.scope))
        elif change.spec is ARRAYS and change.row is not None:
            before = committed.arrays.find(change.key)
            if before is not None and before.is_up != change.row.is_up:
                touched.update(groups.keys_where("array", change.key))
    return touched


def _spread_writes(world: World, transaction: Transaction) -> None:
    """Let written data flow on until nothing moves any more: an R2 may be the R1 of a further pair."""
    seen: dict[tuple[str, str], str] = {}
    while True:
        written = [it for it in _written_volumes(world, transaction) if seen.get(_place(it)) != it[1].content]
        if not written:
            return
        for symmetrix_id, volume in written:
            seen[symmetrix_id, volume.volume_id] = volume.content
            for group, pair in pairs_of_volume(transaction.array(symmetrix_id), volume.volume_id):
                spread_write(world, transaction, pair, group.side_of(symmetrix_id))


def _place(written: tuple[str, Volume]) -> tuple[str, str]:
    return written[0], written[1].volume_id


def _written_volumes(world: World, transaction: Transaction) -> Iterator[tuple[str, Volume]]:
    """Walk the volumes whose data a transaction changed, with their arrays."""
    committed = world.begin()
    for change in tuple(transaction.changes):
        if change.spec is VOLUMES and change.row is not None:
            before = committed.array(change.scope).volumes.find(change.key)
            if change.row.content != (before.content if before else ""):
                yield change.scope, change.row
