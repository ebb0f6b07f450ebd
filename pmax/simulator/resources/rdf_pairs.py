"""Pairs of volumes in an RDF group (reference section 6.17): the private form of 90, the public form of 92 and above.

In the private form the client names both volumes. In the public one the remote array makes the other side.
"""

from decimal import Decimal

from pmax.simulator import capacity
from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.refusals import ArrayRefused, BadRequest, MissingSubject, NotFound
from pmax.simulator.resources.rdf_groups import subject_rdf_group
from pmax.simulator.resources.rdf_options import read_action, read_mode
from pmax.simulator.rules.membership import named_volume
from pmax.simulator.rules.srdf_actions import Request, carry_out
from pmax.simulator.rules.srdf_copying import note_read
from pmax.simulator.rules.srdf_ends import Ending, delete_pairs
from pmax.simulator.rules.srdf_facts import device_type
from pmax.simulator.rules.srdf_new_pairs import NewPairs, make_remote_volumes, pair_volumes, refuse_new_pairs
from pmax.simulator.rules.srdf_pairs import find_pair, pairs_of_group, remote_array
from pmax.simulator.rules.srdf_transitions import access, shown_state
from pmax.simulator.rules.volumes import Naming, NewVolumes, make_volumes
from pmax.simulator.state.records import Volume
from pmax.simulator.state.srdf_records import RdfGroup, RdfMode, RdfPair
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

_ROLES = ("RDF1", "RDF2", "NA")
_CRITERIA = ("localDeviceListCriteriaParam", "localDeviceAutoCriteriaParam")
_NO_CRITERIA = ("noWD", "remote", "recoverPoint", "invalidateR1", "invalidateR2", "star", "force", "symForce")
"""Flags that change nothing in the simulator: what is invalid shows when data are copied."""

MOST_NEW_PAIRS = 4096


def list_pairs(call: Call) -> Answer:
    """Answer the volumes of a group on the array of the path."""
    group = subject_rdf_group(call)
    side = group.side_of(call.symmetrix_id)
    return ok({"name": [pair.volumes[side] for pair in pairs_of_group(call.array, group)]})


def get_pair(call: Call) -> Answer:
    """Answer one pair as the array of the path sees it; looking may be what lets a copy go on."""
    group, pair = _subject_pair(call)
    return ok(pair_body(call.array, group, note_read(call.transaction, pair)))


def create_pairs(call: Call) -> Answer:
    """Pair local volumes with ones that the remote array makes."""
    group, body = subject_rdf_group(call), call.body
    wanted = _read_new_pairs(body, exempt="exempt", mode="rdfMode")
    criteria = body.choose(*_CRITERIA)
    fields = body.fields(criteria)
    refuse_new_pairs(call.array, group, wanted)
    if criteria == "localDeviceListCriteriaParam":
        volumes = [named_volume(call.array, each) for each in fields.texts("localDeviceList")]
    else:
        volumes = _make_local_volumes(call, fields)
    both = make_remote_volumes(call.array, group, volumes)
    pairs = [pair_volumes(call.world, call.array, group, each, wanted) for each in both]
    call.tasks.append(f"Create SRDF pairs in RDF group {call.params['rdf_group']}")
    return created({"devicePair": [pair_body(call.array, group, pair) for pair in pairs]})


def create_named_pairs(call: Call) -> Answer:
    """Pair local volumes with remote ones, by position."""
    group, body = subject_rdf_group(call), call.body
    wanted = _read_new_pairs(body, exempt="consExempt", mode="replicationMode")
    near = [fields.text("name") for fields in body.list_of_fields("deviceNameListSource")]
    far = [fields.text("name") for fields in body.list_of_fields("deviceNameListTarget")]
    if not near or len(near) != len(far):
        raise BadRequest("deviceNameListSource and deviceNameListTarget must be lists of the same length")
    refuse_new_pairs(call.array, group, wanted)
    remote = remote_array(call.array, group)
    pairs = []
    for local_id, remote_id in zip(near, far, strict=True):
        both = (named_volume(call.array, local_id), named_volume(remote, remote_id))
        pairs.append(pair_volumes(call.world, call.array, group, both, wanted))
    return created({"devicePair": [pair_body(call.array, group, pair) for pair in pairs]})


def edit_pair(call: Call) -> Answer:
    """Do something to one pair, and to its whole set if its group replicates as one (rule 74)."""
    group, pair = _subject_pair(call)
    action, options = read_action(call.body, call.dialect)
    side = group.side_of(call.symmetrix_id)
    request = Request(group=group, side=side, pairs=(pair,), action=action, options=options)
    carry_out(call.world, call.transaction, request)
    return ok(pair_body(call.array, *_subject_pair(call)))


def delete_pair(call: Call) -> Answer:
    """Delete a pair; its volumes stay. The public form has no flags and is not forced."""
    group, pair = _subject_pair(call)
    delete_pairs(call.transaction, group, [pair], read_ending(call, group))
    return no_content()


def read_ending(call: Call, group: RdfGroup) -> Ending:
    """Return how the query of a DELETE wants pairs to end."""
    query = call.query
    return Ending(
        side=group.side_of(call.symmetrix_id),
        is_forced=bool(query.boolean("force")) or bool(query.boolean("symforce")),
        is_half=bool(query.boolean("half")) or bool(query.boolean("half_delete")),
    )


def pair_body(array: ArrayTables, group: RdfGroup, pair: RdfPair) -> JsonObject:
    """Return a pair as one of its arrays shows it: the other one shows the same, turned round (rule 73)."""
    near = group.side_of(array.symmetrix_id)
    far, remote = 1 - near, remote_array(array, group)
    local_volume, remote_volume = array.volumes.get(pair.volumes[near]), remote.volumes.find(pair.volumes[far])
    body: JsonObject = {
        "localSymmetrixId": array.symmetrix_id,
        "remoteSymmetrixId": remote.symmetrix_id,
        "localRdfGroupNumber": group.sides[near].number,
        "remoteRdfGroupNumber": group.sides[far].number,
        "localVolumeName": pair.volumes[near],
        "remoteVolumeName": pair.volumes[far],
        "localVolumeState": access(group, pair, near).value,
        "remoteVolumeState": access(group, pair, far).value,
        "volumeConfig": device_type(array, local_volume),
        "rdfMode": pair.mode.value,
        "rdfpairState": shown_state(group, pair).value,
        "largerRdfSide": larger_side(pair, near, local_volume, remote_volume),
        "local_wwn_external": local_volume.effective_wwn or local_volume.wwn,
    }
    if remote_volume is not None:
        body["remote_wwn_external"] = remote_volume.effective_wwn or remote_volume.wwn
    return body


def larger_side(pair: RdfPair, near: int, local_volume: Volume, remote_volume: Volume | None) -> str:
    """Return which volume of a pair is the larger one: `R1`, `R2` or `Equal`."""
    if remote_volume is None or local_volume.cylinders == remote_volume.cylinders:
        return "Equal"
    is_near = local_volume.cylinders > remote_volume.cylinders
    return "R1" if (pair.r1_side == near) is is_near else "R2"


def _subject_pair(call: Call) -> tuple[RdfGroup, RdfPair]:
    """Return the pair that the path names.

    Raises:
        NotFound: there is no such volume, or it is not in the group.
        MissingSubject: the same, of a PUT.
    """
    group = subject_rdf_group(call)
    volume_id = call.params["volume_id"].upper()
    pair = find_pair(call.array, group, volume_id)
    if pair is not None:
        return group, pair
    text = f"The device must be an RDF device: {volume_id} is not in RDF group {call.params['rdf_group']}"
    if volume_id not in call.array.volumes:
        text = f"Could not find volume [{volume_id}] on Symmetrix [{call.symmetrix_id}]"
    raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)


def _read_new_pairs(body: Fields, exempt: str, mode: str) -> NewPairs:
    role = body.choice("rdfType", _ROLES) if "rdfType" in body else "RDF1"
    body.ignore("rdfType")
    for name in _NO_CRITERIA:
        body.boolean(name, default=False)
    has_bias = body.boolean("bias", default=False)
    wanted = NewPairs(
        mode=read_mode(body, mode),
        establishes=body.boolean("establish", default=False),
        restores=body.boolean("restore", default=False),
        is_r1=role != "RDF2",
        is_exempt=body.boolean(exempt, default=False),
        has_bias=body.boolean("metroBias", default=False) or has_bias,
        formats=body.boolean("format", default=False),
    )
    if wanted.establishes and wanted.restores:
        raise BadRequest("establish and restore exclude each other")
    if wanted.formats and wanted.mode is not RdfMode.ACTIVE:
        raise ArrayRefused("Devices can only be formatted for mode Active")  # assumed
    if role == "NA" and not wanted.formats:
        raise BadRequest("rdfType NA needs format")  # assumed: seen together only
    return wanted


def _make_local_volumes(call: Call, fields: Fields) -> list[Volume]:
    number = fields.integer("pairCount")
    if not 0 < number <= MOST_NEW_PAIRS:
        raise BadRequest(f"pairCount must be 1 to {MOST_NEW_PAIRS}")
    fields.ignore("emulation")
    size, unit = fields.decimal("capacity"), fields.choice("capacityUnit", capacity.UNITS)
    wanted = NewVolumes(number=number, cylinders=_cylinders(size, unit), naming=Naming())
    ids = make_volumes(call.array, wanted, None)
    return [call.array.volumes.get(volume_id) for volume_id in ids]


def _cylinders(size: Decimal, unit: str) -> int:
    cylinders = capacity.cylinders_of(size, unit)
    if not 0 < cylinders <= capacity.MAX_CYLINDERS:
        raise BadRequest(f"A volume of {size} {unit} is not possible")
    return cylinders
