"""Storage groups are replicated, and their growth and shrinking follow on the remote array (reference section 6.18)."""

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import groups
from pmax.simulator.rules.membership import add_volumes, remove_volumes
from pmax.simulator.rules.srdf_actions import is_linked
from pmax.simulator.rules.srdf_ends import forget_pair, refuse_leaving
from pmax.simulator.rules.srdf_facts import RemoteGroups
from pmax.simulator.rules.srdf_new_pairs import NewPairs, make_remote_volumes, pair_volumes, refuse_new_pairs
from pmax.simulator.rules.srdf_pairs import (
    all_pairs,
    find_pair,
    named_group,
    number_on,
    pairs_of_volume,
    pairs_of_volumes,
    remote_array,
)
from pmax.simulator.rules.storage_groups import FastParameters, known_parameters
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.srdf_records import RdfGroup, RdfPair
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.state.world import World

ALONG = RemoteGroups(is_forced=True)
"""For changes on the remote array that SRDF makes itself."""


@attrs.frozen(kw_only=True)
class Protection:
    """How a storage group shall be replicated.

    Attributes:
        number: of the RDF group on the local array.
        remote_group: the name of the group on the remote array.
        remote_level: the service level of that group, if it has to be made; None for none.
        remote_pool: its pool; the remote array's default if None.
        is_compressed: whether it is, where the remote array can.
        pairs: how the volumes are paired.
    """

    number: int
    remote_group: str
    pairs: NewPairs
    remote_level: str | None = None
    remote_pool: str | None = None
    is_compressed: bool = True


def protect_group(world: World, array: ArrayTables, group: StorageGroup, wanted: Protection) -> RdfGroup:
    """Replicate all volumes of a group: the remote array makes its group, if need be, and the R2 volumes.

    Raises:
        ArrayRefused: the group is empty, one of its volumes is in the RDF group already, the RDF group cannot take
            them, or the remote group cannot be made or hold them.
    """
    rdf_group = named_group(array, wanted.number)
    ids = groups.volume_ids(array, group)
    if not ids:
        raise ArrayRefused(f"Storage Group [{group.name}] has no devices")
    if pairs_of_volumes(array, rdf_group, ids):
        raise ArrayRefused(f"Storage Group [{group.name}] is already replicated in RDF group {wanted.number}")
    refuse_new_pairs(array, rdf_group, wanted.pairs)
    remote = remote_array(array, rdf_group)
    if wanted.remote_group not in remote.storage_groups:
        _make_remote_group(world, remote, wanted)
    _make_pairs(world, array, rdf_group, ids, wanted)
    return rdf_group


def follow_joined(
    world: World, array: ArrayTables, group: StorageGroup, volume_ids: tuple[str, ...], remote: RemoteGroups
) -> None:
    """Replicate volumes that have joined a replicated group, and let their other sides join the remote groups.

    Their pairs are as those of the group: of the same RDF group and mode, replicating if those do.

    Raises:
        ArrayRefused: the remote groups do not exist or cannot hold them, or the RDF group cannot take them.
    """
    volume_ids = tuple(volume_id.upper() for volume_id in volume_ids)
    for symmetrix_id, names in remote.groups:
        rdf_group, example = group_of_protection(array, group, symmetrix_id)
        unpaired = [each for each in volume_ids if find_pair(array, rdf_group, each) is None]
        if unpaired:
            _extend_protection(world, array, rdf_group, example, unpaired)
        twins = _other_sides(array, rdf_group, volume_ids)
        remote_tables = remote_array(array, rdf_group)
        for name in names:
            joining = [each for each in twins if name not in remote_tables.volumes.get(each).storage_groups]
            if joining:
                add_volumes(remote_tables, groups.named_group(remote_tables, name), joining, ALONG)


def follow_left(world: World, array: ArrayTables, volume_ids: tuple[str, ...], remote: RemoteGroups) -> None:
    """Delete the pairs of volumes that have left a replicated group, and take their other sides out of remote groups.

    Raises:
        ArrayRefused: a volume is not replicated to such an array, a remote group does not hold the other side, or its
            pair may not end (`srdf_ends.refuse_leaving`).
    """
    for symmetrix_id, names in remote.groups:
        by_group: dict[str, tuple[RdfGroup, list[RdfPair]]] = {}
        for volume_id in volume_ids:
            rdf_group, pair = _pair_towards(array, volume_id, symmetrix_id)
            by_group.setdefault(rdf_group.group_id, (rdf_group, []))[1].append(pair)
        for rdf_group, pairs in by_group.values():
            side = rdf_group.side_of(array.symmetrix_id)
            refuse_leaving(array.transaction, rdf_group, pairs, side)
            remote_tables = remote_array(array, rdf_group)
            twins = [pair.volumes[1 - side] for pair in pairs]
            for name in names:
                remote_group = groups.named_group(remote_tables, name)
                is_last_kept = world.behaviour.is_last_masked_volume_kept
                remove_volumes(remote_tables, remote_group, twins, ALONG, is_last_kept=is_last_kept)
            for pair in pairs:
                forget_pair(array.transaction, pair)


def group_of_protection(array: ArrayTables, group: StorageGroup, symmetrix_id: str) -> tuple[RdfGroup, RdfPair]:
    """Return the RDF group that replicates a storage group to an array, and one of its pairs.

    Raises:
        ArrayRefused: there is none, or several are (rule 75).
    """
    found: dict[str, tuple[RdfGroup, RdfPair]] = {}
    for volume_id in groups.volume_ids(array, group):
        for rdf_group, pair in pairs_of_volume(array, volume_id):
            if remote_array(array, rdf_group).symmetrix_id == symmetrix_id:
                found.setdefault(rdf_group.group_id, (rdf_group, pair))
    if not found:
        raise ArrayRefused(f"Storage Group [{group.name}] is not replicated to Symmetrix [{symmetrix_id}]")
    if len(found) > 1:
        raise ArrayRefused(
            f"Storage Group [{group.name}] is replicated to Symmetrix [{symmetrix_id}] by several RDF groups"
        )
    return next(iter(found.values()))


def _make_remote_group(world: World, remote: ArrayTables, wanted: Protection) -> None:
    pool = wanted.remote_pool or remote.record.default_srp
    known = known_parameters(remote, FastParameters(srp=pool, service_level=wanted.remote_level))
    remote.storage_groups.put(
        StorageGroup(
            name=wanted.remote_group,
            uuid=f"60000970{world.draw(remote.transaction, 'storage group', 24).upper()}",
            srp=known.srp,
            service_level=known.service_level,
            is_compressed=wanted.is_compressed and remote.record.is_compression_capable,
        )
    )


def _make_pairs(world: World, array: ArrayTables, rdf_group: RdfGroup, ids: list[str], wanted: Protection) -> None:
    """Let the remote array make the other sides, pair them and put them into the remote group."""
    remote = remote_array(array, rdf_group)
    remote_group = groups.named_group(remote, wanted.remote_group)
    volumes = [array.volumes.get(volume_id) for volume_id in ids]
    twins = make_remote_volumes(array, rdf_group, volumes, remote_group.srp)
    for both in twins:
        pair_volumes(world, array, rdf_group, both, wanted.pairs)
    add_volumes(remote, remote_group, [twin.volume_id for _, twin in twins], ALONG)


def _extend_protection(world: World, array: ArrayTables, rdf_group: RdfGroup, example: RdfPair, ids: list[str]) -> None:
    """Pair volumes as the group's other volumes are; in a set that acts as one they come in exempt (assumed)."""
    if example.r1_side != rdf_group.side_of(array.symmetrix_id):
        number = number_on(array, rdf_group)
        raise ArrayRefused(
            f"The devices of RDF group {number} are R2 here; devices can only be added where they are R1"
        )
    existing = all_pairs(array.transaction).where("group", rdf_group.group_id)
    wanted = NewPairs(
        mode=example.mode,
        establishes=is_linked(existing),
        is_exempt=example.mode.acts_as_one,
        has_bias=example.has_bias,
    )
    refuse_new_pairs(array, rdf_group, wanted)
    volumes = [array.volumes.get(volume_id) for volume_id in ids]
    for both in make_remote_volumes(array, rdf_group, volumes):
        pair_volumes(world, array, rdf_group, both, wanted)


def _other_sides(array: ArrayTables, rdf_group: RdfGroup, volume_ids: tuple[str, ...]) -> list[str]:
    side = rdf_group.side_of(array.symmetrix_id)
    return [pair.volumes[1 - side] for pair in pairs_of_volumes(array, rdf_group, volume_ids)]


def _pair_towards(array: ArrayTables, volume_id: str, symmetrix_id: str) -> tuple[RdfGroup, RdfPair]:
    for rdf_group, pair in pairs_of_volume(array, volume_id.upper()):
        if remote_array(array, rdf_group).symmetrix_id == symmetrix_id:
            return rdf_group, pair
    raise ArrayRefused(f"The device must be an RDF device: {volume_id} is not replicated to Symmetrix [{symmetrix_id}]")
