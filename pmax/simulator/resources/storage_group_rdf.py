"""SRDF of storage groups: protection, state, actions (reference section 6.18)."""

from collections.abc import Sequence

from pmax.simulator import capacity
from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.refusals import ArrayRefused, BadRequest, MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.rdf_groups import subject_rdf_group
from pmax.simulator.resources.rdf_options import read_action, read_mode
from pmax.simulator.resources.rdf_pairs import larger_side, read_ending
from pmax.simulator.resources.storage_groups import KIND, subject_group
from pmax.simulator.rules import groups
from pmax.simulator.rules.srdf_actions import Request, carry_out
from pmax.simulator.rules.srdf_copying import note_read, owed_to
from pmax.simulator.rules.srdf_ends import delete_pairs
from pmax.simulator.rules.srdf_facts import rdf_groups_of
from pmax.simulator.rules.srdf_groups import LONGEST_LABEL, create_rdf_group, free_numbers
from pmax.simulator.rules.srdf_new_pairs import NewPairs
from pmax.simulator.rules.srdf_pairs import groups_of_array, pairs_of_volumes
from pmax.simulator.rules.srdf_protection import Protection, protect_group
from pmax.simulator.rules.srdf_transitions import shown_state
from pmax.simulator.state.masking_records import PortKind
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfMode, RdfPair, RdfSide
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject


def list_groups_of_storage_group(call: Call) -> Answer:
    """Answer the numbers of the RDF groups that volumes of a storage group are paired in (rule 75)."""
    return ok({"rdfgs": rdf_groups_of(call.array, _subject_group(call))})


def get_storage_group_rdf(call: Call) -> Answer:
    """Answer how a storage group replicates in an RDF group; looking may be what lets copies go on."""
    return ok(_answer_body(call, *_subject(call)))


def protect_storage_group(call: Call) -> Answer:
    """Replicate a storage group: remote group, R2 volumes, pairs."""
    group, body = _subject_group(call), call.body
    remote_id = body.text("remoteSymmId")
    call.job_name = f"SRDF protect Storage Group {group.name}"
    call.tasks.append(f"SRDF protect Storage Group [{group.name}]")
    pairs = NewPairs(
        mode=read_mode(body, "replicationMode"),
        establishes=body.boolean("establish", default=False),
        has_bias=body.boolean("metroBias", default=False),
    )
    wanted = Protection(
        number=_number_of_group(call, group, remote_id),
        remote_group=body.group_name("remoteStorageGroupName") if "remoteStorageGroupName" in body else group.name,
        pairs=pairs,
        remote_level=body.optional_text("remoteSLO"),
        remote_pool=body.optional_text("thinPool"),
        is_compressed=not body.boolean("noCompression", default=False),
    )
    body.ignore("fastPolicy", "remoteStorageGroupName")
    rdf_group = protect_group(call.world, call.array, group, wanted)
    call.link = f"{call.path}/{wanted.number}"
    return created(_answer_body(call, group, rdf_group, _pairs(call.array, group, rdf_group)))


def edit_storage_group_rdf(call: Call) -> Answer:
    """Do something to the pairs of a storage group, and to their whole set if they replicate as one (rule 74)."""
    group, rdf_group, pairs = _subject(call)
    action, options = read_action(call.body, call.dialect)
    side = rdf_group.side_of(call.symmetrix_id)
    call.job_name = f"SRDF {action} Storage Group {group.name}"
    call.tasks.append(f"SRDF {action} Storage Group [{group.name}]")
    request = Request(group=rdf_group, side=side, pairs=tuple(pairs), action=action, options=options)
    carry_out(call.world, call.transaction, request)
    return ok(_answer_body(call, group, rdf_group, _pairs(call.array, group, rdf_group)))


def unprotect_storage_group(call: Call) -> Answer:
    """Delete the pairs of a storage group; the remote group and all volumes stay (rule 78)."""
    _, rdf_group, pairs = _subject(call)
    delete_pairs(call.transaction, rdf_group, pairs, read_ending(call, rdf_group))
    return no_content()


def _subject_group(call: Call) -> StorageGroup:
    """Return the storage group of the path; of a POST, a missing one is refused as of a PUT."""
    if call.verb == "POST" and call.params["storage_group"] not in call.array.storage_groups:
        raise MissingSubject(text_of_missing(KIND, call.params["storage_group"], call.symmetrix_id))
    return subject_group(call)


def _subject(call: Call) -> tuple[StorageGroup, RdfGroup, list[RdfPair]]:
    """Return the storage group and the RDF group of the path with the pairs of the former in the latter.

    Raises:
        NotFound: there are none (reference section 2.3).
        MissingSubject: the same, of a PUT.
    """
    group, rdf_group = _subject_group(call), subject_rdf_group(call)
    pairs = _pairs(call.array, group, rdf_group)
    if not pairs:
        text = f"No SRDF records found for Storage Group [{group.name}] in RDF group {call.params['rdf_group']}"
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return group, rdf_group, pairs


def _pairs(array: ArrayTables, group: StorageGroup, rdf_group: RdfGroup) -> list[RdfPair]:
    return pairs_of_volumes(array, rdf_group, groups.volume_ids(array, group))


def _number_of_group(call: Call, group: StorageGroup, remote_id: str) -> int:
    """Return the RDF group that a body names; without one, the array makes a new one (assumed)."""
    body: Fields = call.body
    is_new = body.boolean("forceNewRdfGroup", default=False)
    number = body.optional_integer("rdfgNumber")
    if remote_id not in call.transaction.arrays:
        raise ArrayRefused(text_of_missing("Array", remote_id, remote_id))
    if number is None:
        return _new_rdf_group(call, group, remote_id)
    if is_new:
        raise BadRequest("forceNewRdfGroup and rdfgNumber exclude each other")
    for rdf_group in groups_of_array(call.array):
        near = rdf_group.side_of(call.symmetrix_id)
        is_named = rdf_group.sides[near].number == number
        if is_named and rdf_group.sides[1 - near].symmetrix_id != remote_id:
            raise ArrayRefused(f"RDF group {number} does not lead to Symmetrix [{remote_id}]")
    return number


def _new_rdf_group(call: Call, group: StorageGroup, remote_id: str) -> int:
    sides = []
    for symmetrix_id in (call.symmetrix_id, remote_id):
        array = call.transaction.array(symmetrix_id)
        ports = tuple(sorted(port.name for port in array.ports if port.kind is PortKind.RDF))
        free = free_numbers(array)
        if not free:
            raise ArrayRefused(f"No RDF group number is free on Symmetrix [{symmetrix_id}]")
        sides.append(RdfSide(symmetrix_id=symmetrix_id, number=free[0], ports=ports))
    create_rdf_group(call.transaction, group.name[:LONGEST_LABEL], (sides[0], sides[1]))
    return sides[0].number


def _answer_body(call: Call, group: StorageGroup, rdf_group: RdfGroup, pairs: Sequence[RdfPair]) -> JsonObject:
    array, near = call.array, rdf_group.side_of(call.symmetrix_id)
    if call.verb == "GET":
        pairs = [note_read(call.transaction, pair) for pair in pairs]
    volumes = [array.volumes.get(pair.volumes[near]) for pair in pairs]
    remote = call.transaction.array(rdf_group.sides[1 - near].symmetrix_id)
    others = [remote.volumes.find(pair.volumes[1 - near]) for pair in pairs]
    is_protected = any(pair.has_consistency_protection for pair in pairs)
    larger = {larger_side(pair, near, ours, theirs) for pair, ours, theirs in zip(pairs, volumes, others, strict=True)}
    body: JsonObject = {
        "symmetrixId": call.symmetrix_id,
        "storageGroupName": group.name,
        "rdfGroupNumber": rdf_group.sides[near].number,
        "volumeRdfTypes": sorted({"R1" if pair.r1_side == near else "R2" for pair in pairs}),
        "states": sorted({shown_state(rdf_group, pair).value for pair in pairs}),
        "modes": sorted({pair.mode.value for pair in pairs}),
        "hop2Rdfgs": [],
        "hop2States": [],
        "hop2Modes": [],
        "largerRdfSides": sorted(larger),
        "totalTracks": sum(volume.cylinders for volume in volumes) * capacity.TRACKS_PER_CYLINDER,
        "capacity_mb": sum(capacity.cap_mb(volume.cylinders) for volume in volumes),
        "domino": [],
        "consistency_protection": "Enabled" if is_protected else "Disabled",
    }
    body.update(_invalid_tracks(call, pairs, near))
    return body


def _invalid_tracks(call: Call, pairs: Sequence[RdfPair], near: int) -> JsonObject:
    """Return how many tracks each role lacks: those of the near volumes are local, the others remote (inferred)."""
    counts = {"localR1": 0, "localR2": 0, "remoteR1": 0, "remoteR2": 0}
    for pair in pairs:
        side = owed_to(call.transaction, pair)
        if side is None:
            continue
        role = "R1" if side == pair.r1_side else "R2"
        counts[f"{'local' if side == near else 'remote'}{role}"] += _tracks_left(call, pair, side)
    return {f"{name}InvalidTracksHop1": number for name, number in counts.items()}


def _tracks_left(call: Call, pair: RdfPair, side: int) -> int:
    volume = call.transaction.array(pair.arrays[side]).volumes.get(pair.volumes[side])
    tracks = volume.cylinders * capacity.TRACKS_PER_CYLINDER
    if pair.state is PairState.SYNC_IN_PROGRESS and pair.progress is not None:
        return tracks * (100 - pair.progress.percent(call.now)) // 100
    # What an asynchronous group sends with its next cycle is on its way, not missing.
    is_flowing = pair.mode is RdfMode.ASYNCHRONOUS and pair.state is PairState.CONSISTENT
    return 0 if is_flowing else tracks
