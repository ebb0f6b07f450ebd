"""RDF groups come into being, change their label and their ports, give volumes to others, and go."""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused, text_of_missing
from pmax.simulator.rules.srdf_actions import is_linked
from pmax.simulator.rules.srdf_links import can_talk
from pmax.simulator.rules.srdf_new_pairs import NewPairs, refuse_new_pairs
from pmax.simulator.rules.srdf_pairs import (
    KIND,
    all_groups,
    all_pairs,
    find_group,
    number_on,
    pairs_of_volumes,
    put_pair,
)
from pmax.simulator.rules.srdf_transitions import shown_state
from pmax.simulator.state.masking_records import PortKind
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfSide
from pmax.simulator.state.transaction import ArrayTables, Transaction

FIRST_NUMBER, LAST_NUMBER = 1, 250
LONGEST_LABEL = 10
"""Public limits of the product (reference section 5, inferred)."""


def create_rdf_group(transaction: Transaction, label: str, sides: tuple[RdfSide, RdfSide]) -> RdfGroup:
    """Make an empty group between two arrays and return it.

    Raises:
        ArrayRefused: an array is unknown or not licensed, a number is taken, the label is too long, a port is no RDF
            port, or the two ends cannot reach each other.
    """
    _refuse_label(label)
    if sides[0].symmetrix_id == sides[1].symmetrix_id:
        raise ArrayRefused("An RDF group needs two different arrays")
    for side in sides:
        _refuse_side(transaction, side)
    if not can_talk(transaction, sides):
        raise ArrayRefused("The remote array cannot be reached over the RDF ports")
    group = RdfGroup(group_id=sides[0].key, label=label, sides=sides)
    all_groups(transaction).put(group)
    return group


def set_label(transaction: Transaction, group: RdfGroup, label: str) -> None:
    """Give a group another label, on both arrays."""
    _refuse_label(label)
    all_groups(transaction).put(attrs.evolve(group, label=label))


def add_ports(transaction: Transaction, group: RdfGroup, symmetrix_id: str, ports: Sequence[str]) -> None:
    """Let a group use more ports of one of its arrays.

    Raises:
        ArrayRefused: it does so already, or one is no RDF port.
    """
    side = group.sides[group.side_of(symmetrix_id)]
    _refuse_ports(transaction, symmetrix_id, ports)
    for port in ports:
        if port in side.ports:
            raise ArrayRefused(f"Port [{port}] is already in RDF group {side.number}")
    _put_ports(transaction, group, symmetrix_id, (*side.ports, *ports))


def remove_ports(transaction: Transaction, group: RdfGroup, symmetrix_id: str, ports: Sequence[str]) -> None:
    """Let a group no longer use ports of one of its arrays.

    Raises:
        ArrayRefused: it does not, or none would be left.
    """
    side = group.sides[group.side_of(symmetrix_id)]
    for port in ports:
        if port not in side.ports:
            raise ArrayRefused(f"Port [{port}] is not in RDF group {side.number}")
    left = tuple(port for port in side.ports if port not in ports)
    if not left:
        raise ArrayRefused(f"The last port cannot be removed from RDF group {side.number}")
    _put_ports(transaction, group, symmetrix_id, left)


def delete_rdf_group(transaction: Transaction, group: RdfGroup) -> None:
    """Delete a group on both arrays.

    Raises:
        ArrayRefused: it holds pairs, or half pairs.
    """
    if all_pairs(transaction).count("group", group.group_id):
        raise ArrayRefused(f"RDF group {group.sides[0].number} is not empty")
    all_groups(transaction).delete(group.group_id)


def move_pairs(
    array: ArrayTables, group: RdfGroup, target: RdfGroup, volume_ids: Sequence[str], *, is_exempt: bool
) -> None:
    """Move pairs to another group between the same arrays.

    Raises:
        ArrayRefused: a volume is not in the group, the other group is between other arrays or cannot take the pairs, or
            they replicate as part of a set and are not exempt (assumed).
    """
    if {side.symmetrix_id for side in group.sides} != {side.symmetrix_id for side in target.sides}:
        raise ArrayRefused("Both RDF groups must be between the same arrays")
    pairs = pairs_of_volumes(array, group, volume_ids)
    if len(pairs) != len(volume_ids):
        raise ArrayRefused(f"Not all devices are in RDF group {number_on(array, group)}")
    for pair in pairs:
        if pair.state is PairState.SYNC_IN_PROGRESS or pair.missing_side is not None:
            raise ArrayRefused(f"Device {pair.volumes[0]} cannot be moved in RDF state {shown_state(group, pair)}")
        if pair.mode.acts_as_one and is_linked([pair]) and not is_exempt:
            raise ArrayRefused(
                f"Devices of RDF group {number_on(array, group)} replicate and are not consistency exempt"
            )
    for mode in {pair.mode for pair in pairs}:
        refuse_new_pairs(array, target, NewPairs(mode=mode, is_exempt=is_exempt and mode.acts_as_one))
    is_turned = group.sides[0].symmetrix_id != target.sides[0].symmetrix_id
    for pair in pairs:
        all_pairs(array.transaction).delete(pair.pair_id)
        moved = attrs.evolve(pair, group_id=target.group_id)
        if is_turned:
            moved = attrs.evolve(
                moved,
                arrays=(pair.arrays[1], pair.arrays[0]),
                volumes=(pair.volumes[1], pair.volumes[0]),
                r1_side=pair.r2_side,
                copies_to=None if pair.copies_to is None else 1 - pair.copies_to,
            )
        put_pair(array.transaction, moved)


def free_numbers(array: ArrayTables) -> list[int]:
    """Return the group numbers that are not taken on an array."""
    return [number for number in range(FIRST_NUMBER, LAST_NUMBER + 1) if find_group(array, number) is None]


def _put_ports(transaction: Transaction, group: RdfGroup, symmetrix_id: str, ports: tuple[str, ...]) -> None:
    first, second = group.sides
    if first.symmetrix_id == symmetrix_id:
        first = attrs.evolve(first, ports=ports)
    else:
        second = attrs.evolve(second, ports=ports)
    all_groups(transaction).put(attrs.evolve(group, sides=(first, second)))


def _refuse_label(label: str) -> None:
    if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        raise ArrayRefused(f"The label of an RDF group has 1 to {LONGEST_LABEL} printable characters")


def _refuse_side(transaction: Transaction, side: RdfSide) -> None:
    record = transaction.arrays.find(side.symmetrix_id)
    if record is None:
        raise ArrayRefused(text_of_missing("Array", side.symmetrix_id, side.symmetrix_id))
    if not record.is_srdf_capable:
        raise ArrayRefused(f"Symmetrix [{side.symmetrix_id}] is not capable of SRDF")
    if not FIRST_NUMBER <= side.number <= LAST_NUMBER:
        raise ArrayRefused(f"The number of an {KIND} is {FIRST_NUMBER} to {LAST_NUMBER}, not {side.number}")
    if find_group(transaction.array(side.symmetrix_id), side.number) is not None:
        raise ArrayRefused(f"{KIND} {side.number} is already in use on Symmetrix [{side.symmetrix_id}]")
    if not side.ports:
        raise ArrayRefused(f"An {KIND} needs at least one port on Symmetrix [{side.symmetrix_id}]")
    _refuse_ports(transaction, side.symmetrix_id, side.ports)


def _refuse_ports(transaction: Transaction, symmetrix_id: str, ports: Sequence[str]) -> None:
    if len(set(ports)) != len(ports):
        raise ArrayRefused("A port is named more than once")
    for name in ports:
        port = transaction.array(symmetrix_id).ports.find(name)
        if port is None or port.kind is not PortKind.RDF:
            raise ArrayRefused(text_of_missing("RDF port", name, symmetrix_id))
