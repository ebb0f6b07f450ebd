"""Volumes are paired (rules 66 to 70): with a remote volume that exists, or with one that the remote array makes."""

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import content
from pmax.simulator.rules.srdf_actions import NOT_ASYNCHRONOUS, is_linked
from pmax.simulator.rules.srdf_copying import share_identity, start_copy
from pmax.simulator.rules.srdf_pairs import all_pairs, find_pair, number_on, pairs_of_volume, put_pair, remote_array
from pmax.simulator.rules.srdf_transitions import steady_state
from pmax.simulator.rules.volumes import Naming, NewVolumes, make_volumes
from pmax.simulator.state.records import Volume
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfMode, RdfPair
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.state.world import World

MOST_PAIRS = 2
"""Of one volume: concurrent or cascaded (reference section 8.4, rule 66, inferred)."""


@attrs.frozen(kw_only=True)
class NewPairs:
    """How volumes shall be paired.

    Attributes:
        mode: of the new pairs.
        establishes: data flow from R1 to R2 at once; otherwise the pairs begin suspended.
        restores: data flow from R2 to R1 at once.
        is_r1: the local volumes are R1.
        is_exempt: the pairs join a group that replicates as one without stopping it.
        has_bias: Metro prefers R1 though there is a witness.
        formats: both volumes are erased, so that they need no copying.
    """

    mode: RdfMode
    establishes: bool = False
    restores: bool = False
    is_r1: bool = True
    is_exempt: bool = False
    has_bias: bool = False
    formats: bool = False


def refuse_new_pairs(array: ArrayTables, group: RdfGroup, wanted: NewPairs) -> None:
    """Refuse pairs that a group cannot take.

    Raises:
        ArrayRefused: an array has no licence (rule 67), the link is offline, the group replicates as one in another
            mode, or it does so already and the pairs are not exempt (rules 69 and 70).
    """
    remote = remote_array(array, group)
    for each in (array, remote):
        if not each.record.is_srdf_capable:
            raise ArrayRefused(f"Symmetrix [{each.symmetrix_id}] is not capable of SRDF")
    if not group.is_connected:
        number = number_on(array, group)
        raise ArrayRefused(f"The RDF link of RDF group {number} is offline and the remote array cannot be reached")
    if wanted.has_bias and wanted.mode is not RdfMode.ACTIVE:
        raise ArrayRefused("Bias can only be set for devices in mode Active")
    if wanted.is_exempt and not wanted.mode.acts_as_one:
        raise ArrayRefused(NOT_ASYNCHRONOUS)
    _refuse_neighbours(array, group, wanted)


def pair_volumes(
    world: World, array: ArrayTables, group: RdfGroup, volumes: tuple[Volume, Volume], wanted: NewPairs
) -> RdfPair:
    """Pair a local volume with a remote one and return the pair.

    Args:
        world: for the time that copying takes.
        array: the local one.
        group: between both arrays; it takes the pair (`refuse_new_pairs`).
        volumes: the local and the remote one.
        wanted: how.

    Raises:
        ArrayRefused: one of the volumes cannot be paired (rule 67).
    """
    remote = remote_array(array, group)
    local_volume, remote_volume = volumes
    _refuse_pair(array, group, local_volume)
    _refuse_pair(remote, group, remote_volume)
    r1, r2 = (local_volume, remote_volume) if wanted.is_r1 else (remote_volume, local_volume)
    r2_array = remote if wanted.is_r1 else array
    if r2.cylinders < r1.cylinders:
        raise ArrayRefused(f"The R2 device {r2.volume_id} is smaller than the R1 device {r1.volume_id}")
    if wanted.mode is not RdfMode.ACTIVE and r2_array.lun_addresses.count("volume", r2.volume_id):
        raise ArrayRefused(f"The R2 device {r2.volume_id} is in a masking view")
    side = group.side_of(array.symmetrix_id)
    ids = (local_volume.volume_id, remote_volume.volume_id)
    pair = RdfPair(
        group_id=group.group_id,
        arrays=(group.sides[0].symmetrix_id, group.sides[1].symmetrix_id),
        volumes=ids if side == 0 else (ids[1], ids[0]),
        r1_side=side if wanted.is_r1 else 1 - side,
        mode=wanted.mode,
        state=PairState.SUSPENDED,
        has_bias=wanted.has_bias or _has_bias(array, group, wanted),
        is_exempt=wanted.is_exempt,
    )
    return _begin(world, array, group, pair, wanted)


def make_remote_volumes(
    array: ArrayTables, group: RdfGroup, volumes: list[Volume], srp: str | None = None
) -> list[tuple[Volume, Volume]]:
    """Let the remote array make a volume of the same size for each local one, without a name.

    Args:
        array: the local one.
        group: between both arrays.
        volumes: the local volumes.
        srp: the pool of the new ones; the remote array's default if None.
    """
    remote = remote_array(array, group)
    made = []
    for volume in volumes:
        wanted = NewVolumes(number=1, cylinders=volume.cylinders, naming=Naming())
        (volume_id,) = make_volumes(remote, wanted, srp)
        twin = attrs.evolve(remote.volumes.get(volume_id), emulation=volume.emulation)
        remote.volumes.put(twin)
        made.append((volume, twin))
    return made


def _refuse_neighbours(array: ArrayTables, group: RdfGroup, wanted: NewPairs) -> None:
    """Refuse pairs that do not go together with those that a group holds."""
    number = number_on(array, group)
    existing = all_pairs(array.transaction).where("group", group.group_id)
    for pair in existing:
        if pair.mode is not wanted.mode and (pair.mode.acts_as_one or wanted.mode.acts_as_one):
            raise ArrayRefused(f"RDF group {number} replicates in mode {pair.mode} and takes no pairs in {wanted.mode}")
    if wanted.is_exempt or not existing:
        return
    if wanted.mode is RdfMode.ASYNCHRONOUS:
        raise ArrayRefused(f"RDF group {number} is not empty: devices can only be added consistency exempt")
    if wanted.mode is RdfMode.ACTIVE and not wanted.formats and is_linked(existing):
        raise ArrayRefused(f"RDF group {number} is active: devices can only be added exempt, or while it is suspended")


def _begin(world: World, array: ArrayTables, group: RdfGroup, pair: RdfPair, wanted: NewPairs) -> RdfPair:
    transaction = array.transaction
    is_active = is_linked(all_pairs(transaction).where("group", group.group_id))
    put_pair(transaction, pair)
    if wanted.formats:
        for side in (0, 1):
            content.replace(transaction.array(pair.arrays[side]), pair.volumes[side], content.NOTHING, 0)
        if is_active:  # nothing is left to copy, so the pair is where its group is
            share_identity(transaction, pair)
            return put_pair(transaction, attrs.evolve(pair, state=steady_state(group, pair), is_exempt=False))
    if wanted.restores:
        return start_copy(world, transaction, pair, pair.r1_side)
    # What joins an active Metro group exempt follows it by itself (assumed): the driver of 2019 asks for nothing more
    # and shows both sides to hosts.
    if wanted.establishes or (is_active and pair.is_exempt and pair.mode is RdfMode.ACTIVE):
        return start_copy(world, transaction, pair, pair.r2_side)
    return pair


def _has_bias(array: ArrayTables, group: RdfGroup, wanted: NewPairs) -> bool:
    """Return the bias of the pairs that a Metro group has: it is one for all of them."""
    if wanted.mode is not RdfMode.ACTIVE:
        return False
    existing = all_pairs(array.transaction).where("group", group.group_id)
    return bool(existing) and existing[0].has_bias


def _refuse_pair(array: ArrayTables, group: RdfGroup, volume: Volume) -> None:
    """Refuse a volume that is in the group already, or in too many (rules 66 and 67)."""
    if find_pair(array, group, volume.volume_id) is not None:
        raise ArrayRefused(f"Device {volume.volume_id} is already paired in RDF group {number_on(array, group)}")
    if len(pairs_of_volume(array, volume.volume_id)) >= MOST_PAIRS:
        raise ArrayRefused(f"Device {volume.volume_id} is in {MOST_PAIRS} RDF groups already")
    if volume.is_gatekeeper:
        raise ArrayRefused(f"Device {volume.volume_id} is a gatekeeper and cannot be replicated")
