"""Finds RDF groups and pairs, from whichever array one looks."""

from collections.abc import Iterable

from pmax.simulator.refusals import ArrayRefused, text_of_missing
from pmax.simulator.state.records import Volume
from pmax.simulator.state.srdf_records import RdfGroup, RdfPair, device_key, side_key
from pmax.simulator.state.srdf_schema import RDF_GROUPS, RDF_PAIRS
from pmax.simulator.state.table import Rows
from pmax.simulator.state.transaction import ArrayTables, Transaction

KIND = "RDF group"


def all_groups(transaction: Transaction) -> Rows[RdfGroup]:
    """Return the table of all RDF groups; indexes: side, array."""
    return transaction.rows(RDF_GROUPS)


def all_pairs(transaction: Transaction) -> Rows[RdfPair]:
    """Return the table of all pairs; indexes: group, end, device."""
    return transaction.rows(RDF_PAIRS)


def find_group(array: ArrayTables, number: int) -> RdfGroup | None:
    """Return the group that has a number on an array, or None."""
    return all_groups(array.transaction).find_where("side", side_key(array.symmetrix_id, number))


def named_group(array: ArrayTables, number: int) -> RdfGroup:
    """Return the group that a body refers to.

    Raises:
        ArrayRefused: there is none.
    """
    group = find_group(array, number)
    if group is None:
        raise ArrayRefused(text_of_missing(KIND, str(number), array.symmetrix_id))
    return group


def groups_of_array(array: ArrayTables) -> list[RdfGroup]:
    """Return the groups of an array, by their number on it."""
    found = all_groups(array.transaction).where("array", array.symmetrix_id)
    return sorted(found, key=lambda group: number_on(array, group))


def number_on(array: ArrayTables, group: RdfGroup) -> int:
    """Return the number that a group has on an array."""
    return group.sides[group.side_of(array.symmetrix_id)].number


def remote_array(array: ArrayTables, group: RdfGroup) -> ArrayTables:
    """Return the tables of the array at the other end."""
    return array.transaction.array(group.sides[1 - group.side_of(array.symmetrix_id)].symmetrix_id)


def pairs_of_group(array: ArrayTables, group: RdfGroup) -> list[RdfPair]:
    """Return the pairs of a group that an array knows of, by the id of its own volumes."""
    side = group.side_of(array.symmetrix_id)
    found = [pair for pair in all_pairs(array.transaction).where("group", group.group_id) if side in pair.present_sides]
    return sorted(found, key=lambda pair: pair.volumes[side])


def pairs_of_volume(array: ArrayTables, volume_id: str) -> list[tuple[RdfGroup, RdfPair]]:
    """Return the pairs of a volume with their groups, by the group's number on that array (rule 80)."""
    groups = all_groups(array.transaction)
    found = all_pairs(array.transaction).where("device", device_key(array.symmetrix_id, volume_id))
    pairs = [(groups.get(pair.group_id), pair) for pair in found]
    return sorted(pairs, key=lambda it: number_on(array, it[0]))


def is_paired(array: ArrayTables, volume_id: str) -> bool:
    """Say whether a volume is in any pair."""
    return all_pairs(array.transaction).count("device", device_key(array.symmetrix_id, volume_id)) > 0


def find_pair(array: ArrayTables, group: RdfGroup, volume_id: str) -> RdfPair | None:
    """Return the pair of a volume in a group, or None."""
    for found, pair in pairs_of_volume(array, volume_id):
        if found.group_id == group.group_id:
            return pair
    return None


def pairs_of_volumes(array: ArrayTables, group: RdfGroup, volume_ids: Iterable[str]) -> list[RdfPair]:
    """Return the pairs that volumes have in a group, in the order of the volumes; those without one are left out."""
    found = (find_pair(array, group, volume_id) for volume_id in volume_ids)
    return [pair for pair in found if pair is not None]


def device(transaction: Transaction, pair: RdfPair, side: int) -> Volume:
    """Return the volume of one side of a whole pair."""
    return transaction.array(pair.arrays[side]).volumes.get(pair.volumes[side])


def put_pair(transaction: Transaction, pair: RdfPair) -> RdfPair:
    """Keep a pair and return it."""
    all_pairs(transaction).put(pair)
    return pair
