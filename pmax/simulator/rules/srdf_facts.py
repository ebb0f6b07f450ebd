"""What the rest of the array asks of SRDF: the one seam between volumes and replication.

It answers, refuses, and lets the other side of a pair grow; everything else that SRDF does is in `srdf_actions`,
`srdf_protection` and their neighbours.
"""

import attrs

from pmax.simulator.dialect import Dialect
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import groups, snapvx_facts
from pmax.simulator.rules.pools import refuse_full
from pmax.simulator.rules.srdf_access import access_to
from pmax.simulator.rules.srdf_copying import note_read
from pmax.simulator.rules.srdf_pairs import device, is_paired, number_on, pairs_of_volume, remote_array
from pmax.simulator.rules.srdf_transitions import LINKED, access, shown_state
from pmax.simulator.state.records import Array, StorageGroup, Volume
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfMode, RdfPair
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

_ODE_CODE = 5978
_ODE_BUILD = 221
"""Metro volumes can grow online on code above 5978 and on 5978 if the third part is above that (reference 6.2)."""


@attrs.frozen(kw_only=True)
class RemoteGroups:
    """`remoteSymmSGInfoParam` of a change to a group: what shall happen on the remote arrays.

    Attributes:
        groups: of each remote array, the names of the groups to change along.
        is_forced: `force` was sent.
    """

    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_forced: bool = False


def device_type(array: ArrayTables, volume: Volume) -> str:
    """Return the type of a volume: `TDEV`, with `RDF1+` or `RDF2+` before it when it is paired.

    In two groups it is R11, R21 or R22 (inferred).
    """
    pairs = pairs_of_volume(array, volume.volume_id)
    roles = sorted((_role(array, group, pair) for group, pair in pairs), reverse=True)
    return f"RDF{''.join(roles)}+TDEV" if roles else "TDEV"


def device_status(array: ArrayTables, volume: Volume) -> str:
    """Return the status of a volume: `Ready`, or what its role in a pair makes of it (reference section 6.4)."""
    return access_to(array, volume.volume_id).value


def group_labels(array: ArrayTables, volume: Volume) -> tuple[tuple[int, str], ...]:
    """Return number and label of the RDF groups that a volume is paired in, by number."""
    pairs = pairs_of_volume(array, volume.volume_id)
    return tuple((number_on(array, group), group.label) for group, _ in pairs)


def is_group_protected(array: ArrayTables, group: StorageGroup) -> bool:
    """Say whether volumes of a group are replicated."""
    return any(is_paired(array, volume_id) for volume_id in groups.volume_ids(array, group))


def is_group_replicated(array: ArrayTables, group: StorageGroup) -> bool:
    """Say whether all volumes of a group are replicated (reference section 6.15, inferred)."""
    ids = groups.volume_ids(array, group)
    return bool(ids) and all(is_paired(array, volume_id) for volume_id in ids)


def rdf_groups_of(array: ArrayTables, group: StorageGroup) -> list[int]:
    """Return the numbers of the RDF groups that volumes of a group are paired in (rule 75)."""
    ids = groups.volume_ids(array, group)
    return sorted({number_on(array, found) for each in ids for found, _ in pairs_of_volume(array, each)})


def rdf_info(array: ArrayTables, volume: Volume, dialect: Dialect) -> JsonObject:
    """Return `rdfInfo` of a private volume answer; all booleans are false without a pair (reference section 6.5).

    Sessions are listed by the number of their group (rule 80). Looking at them lets copies go on that go by reads.
    """
    pairs = [(group, note_read(array.transaction, pair)) for group, pair in pairs_of_volume(array, volume.volume_id)]
    capability = "RDF2_Capable" if any(_role(array, *it) == "2" for it in pairs) else "RDF1_Capable"
    body: JsonObject = {
        "dynamicRDF": bool(pairs),
        "RDF": bool(pairs),
        "concurrentRDF": len(pairs) > 1,
        "getDynamicRDFCapability": capability,
        "RDFA": any(pair.mode is RdfMode.ASYNCHRONOUS for _, pair in pairs),
    }
    if pairs:
        body["RDFSession"] = [_session(array, group, pair) for group, pair in pairs]
    return body


def remote_devices(array: ArrayTables, volume: Volume) -> tuple[tuple[str, str], ...]:
    """Return the other sides of a volume's pairs as (array, volume), for snapshots on both sides (rule 77)."""
    found = pairs_of_volume(array, volume.volume_id)
    sides = [(1 - group.side_of(array.symmetrix_id), pair) for group, pair in found if pair.missing_side is None]
    return tuple((pair.arrays[side], pair.volumes[side]) for side, pair in sides)


def remote_groups(array: ArrayTables, group: StorageGroup) -> tuple[tuple[str, str, str], ...]:
    """Return the groups that hold the other sides of a group's pairs as (array, name, uuid), for section 6.15."""
    volumes = [array.volumes.get(volume_id) for volume_id in groups.volume_ids(array, group)]
    found: set[tuple[str, str, str]] = set()
    for volume in volumes:
        for symmetrix_id, volume_id in remote_devices(array, volume):
            remote = array.transaction.array(symmetrix_id)
            names = remote.volumes.get(volume_id).storage_groups
            found.update((symmetrix_id, name, remote.storage_groups.get(name).uuid) for name in names)
    return tuple(sorted(found))


def refuse_delete(array: ArrayTables, volume: Volume) -> None:
    """Refuse to delete a volume that is paired (rules 21 and 76)."""
    if is_paired(array, volume.volume_id):
        raise ArrayRefused(f"The device is an RDF device and cannot be deleted: {volume.volume_id}")


def expand(array: ArrayTables, volume: Volume, cylinders: int, rdf_group_number: int | None) -> None:
    """Expand the other side of a pair along with a volume, or refuse (rule 27). Called before the volume grows."""
    pairs = pairs_of_volume(array, volume.volume_id)
    if not pairs and rdf_group_number is None:
        return
    if not pairs:
        raise ArrayRefused(f"The device must be an RDF device: {volume.volume_id} is in no RDF group")
    if rdf_group_number is None:
        raise ArrayRefused(
            f"Device {volume.volume_id} is an RDF device: its RDF group number must be given to expand it"
        )
    if len(pairs) > 1:  # assumed
        raise ArrayRefused(f"Device {volume.volume_id} is in several RDF groups and cannot be expanded")
    group, pair = pairs[0]
    if number_on(array, group) != rdf_group_number:
        raise ArrayRefused(f"Device {volume.volume_id} is not in RDF group {rdf_group_number}")
    _refuse_expand(array, group, pair)
    remote = remote_array(array, group)
    other = device(array.transaction, pair, 1 - group.side_of(array.symmetrix_id))
    if other.cylinders < cylinders:
        snapvx_facts.refuse_expand(remote, other)
        refuse_full(remote, other.srp, cylinders - other.cylinders)
        allocated = other.allocated_percent * other.cylinders // cylinders
        remote.volumes.put(attrs.evolve(other, cylinders=cylinders, allocated_percent=allocated))


def volumes_will_join(
    array: ArrayTables, group: StorageGroup, volume_ids: tuple[str, ...], remote: RemoteGroups
) -> None:
    """Refuse that volumes join a replicated group without the force flag, unless they are or will be replicated.

    What happens to them on the remote array is the business of `srdf_protection.follow_joined`.

    Raises:
        ArrayRefused: rule 76.
    """
    if remote.is_forced or remote.groups or not is_group_protected(array, group):
        return
    for volume_id in volume_ids:
        if not is_paired(array, volume_id):
            raise ArrayRefused(
                f"Storage Group [{group.name}] is SRDF protected and device {volume_id} is no RDF device: "
                "the force flag was not specified"
            )


def volumes_have_left(
    array: ArrayTables, group: StorageGroup, volume_ids: tuple[str, ...], remote: RemoteGroups
) -> None:
    """Let volumes leave a group: their pairs stay, unless `srdf_protection.follow_left` is told to end them."""


def volumes_will_move(
    array: ArrayTables, source: StorageGroup, target: StorageGroup, volume_ids: tuple[str, ...], *, is_forced: bool
) -> None:
    """Refuse to move volumes that are not replicated into a replicated group without `force` (rules 14 and 76).

    Replicated volumes move freely: the upstream driver attaches them by a move without `force`.
    """
    volumes_will_join(array, target, volume_ids, RemoteGroups(is_forced=is_forced))


def _role(array: ArrayTables, group: RdfGroup, pair: RdfPair) -> str:
    return "1" if pair.r1_side == group.side_of(array.symmetrix_id) else "2"


def _session(array: ArrayTables, group: RdfGroup, pair: RdfPair) -> JsonObject:
    side = group.side_of(array.symmetrix_id)
    return {
        "SRDFStatus": access(group, pair, side).value,
        "SRDFReplicationMode": pair.mode.value,
        "pairState": shown_state(group, pair).value,
        "remoteDeviceID": pair.volumes[1 - side],
        "remoteSymmetrixID": pair.arrays[1 - side],
        "SRDFGroupNumber": group.sides[side].number,
        "SRDFRemoteGroupNumber": group.sides[1 - side].number,
    }


def _refuse_expand(array: ArrayTables, group: RdfGroup, pair: RdfPair) -> None:
    remote = remote_array(array, group)
    for record in (array.record, remote.record):
        if not record.is_next_generation:
            raise ArrayRefused(f"Symmetrix [{record.symmetrix_id}] cannot expand RDF devices with its code level")
        if pair.mode is RdfMode.ACTIVE and not _can_expand_metro(record):
            raise ArrayRefused(
                f"Symmetrix [{record.symmetrix_id}] cannot expand SRDF/Metro devices with its code level"
            )
    is_ordinary = pair.state in LINKED or pair.state is PairState.SUSPENDED
    if not group.is_connected or pair.missing_side is not None or not is_ordinary:  # assumed
        raise ArrayRefused(f"An RDF device cannot be expanded in RDF state {shown_state(group, pair)}")


def _can_expand_metro(record: Array) -> bool:
    code = record.code_level
    return code[0] > _ODE_CODE or (code[0] == _ODE_CODE and code[2] > _ODE_BUILD)
