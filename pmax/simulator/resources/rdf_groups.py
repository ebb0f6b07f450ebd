"""RDF groups (reference section 6.16)."""

from collections.abc import Callable

from pmax.simulator import capacity
from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import BadRequest, MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.port_names import port_key
from pmax.simulator.rules.membership import named_volume
from pmax.simulator.rules.srdf_groups import (
    add_ports,
    create_rdf_group,
    delete_rdf_group,
    free_numbers,
    move_pairs,
    remove_ports,
    set_label,
)
from pmax.simulator.rules.srdf_links import online_ports
from pmax.simulator.rules.srdf_pairs import KIND, all_pairs, find_group, groups_of_array, named_group, pairs_of_group
from pmax.simulator.state.srdf_records import PairState, RdfGroup, RdfMode, RdfSide
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

_POLARITIES = {frozenset(): "NONE", frozenset({"RDF1"}): "RDF1", frozenset({"RDF2"}): "RDF2"}

Candidate = tuple[ArrayTables, RdfGroup]


def list_rdf_groups(call: Call) -> Answer:
    """Answer number and label of the groups of an array, with the other array and the type as of 91 (assumed)."""
    rows = [(call.array, group) for group in groups_of_array(call.array)]
    passed = [group for _, group in _FILTERS.apply(call.query, rows)]
    entries: list[JsonObject] = []
    for group in passed:
        near, far = _sides(call.array, group)
        entry: JsonObject = {"rdfgNumber": near.number, "label": group.label}
        if call.dialect.has_rdf_group_extras:
            entry |= {"remote_symmetrix_id": far.symmetrix_id, "group_type": _type_of(call.array, group)}
        entries.append(entry)
    return ok({"rdfg_count": len(entries), "rdfGroupID": entries})


def get_rdf_group(call: Call) -> Answer:
    """Answer one group as its array sees it."""
    return ok(rdf_group_body(call.array, subject_rdf_group(call)))


def create_group(call: Call) -> Answer:
    """Make a group between the array of the path and the array of the remote ports."""
    body = call.body
    near = _read_ports(body.list_of_fields("local_ports"), call.symmetrix_id)
    far = _read_ports(body.list_of_fields("remote_ports"), None)
    if near[0] != call.symmetrix_id:
        raise BadRequest("local_ports must be ports of the array in the path")
    sides = (
        RdfSide(symmetrix_id=near[0], number=body.integer("local_rdfg_number"), ports=near[1]),
        RdfSide(symmetrix_id=far[0], number=body.integer("remote_rdfg_number"), ports=far[1]),
    )
    group = create_rdf_group(call.transaction, body.text("label"), sides)
    call.link = f"{call.path}/{sides[0].number}"
    return created(rdf_group_body(call.array, group))


def edit_rdf_group(call: Call) -> Answer:
    """Change ports or label of a group, or move volumes to another one."""
    group, body = subject_rdf_group(call), call.body
    action = body.choice("action", ("add_ports", "remove_ports", "set_label", "Move"))
    fields = body.fields(action[0].lower() + action[1:])
    match action:
        case "set_label":
            set_label(call.transaction, group, fields.text("label"))
        case "Move":
            _move(call, group, fields)
        case _:
            symmetrix_id, ports = _read_ports(fields.list_of_fields("ports"), call.symmetrix_id)
            if symmetrix_id not in {side.symmetrix_id for side in group.sides}:
                raise BadRequest("ports must be ports of one of the arrays of the group")
            change = add_ports if action == "add_ports" else remove_ports
            change(call.transaction, group, symmetrix_id, ports)
    return ok(rdf_group_body(call.array, subject_rdf_group(call)))


def remove_rdf_group(call: Call) -> Answer:
    """Delete a group that is empty (inferred)."""
    delete_rdf_group(call.transaction, subject_rdf_group(call))
    return no_content()


def list_free_numbers(call: Call) -> Answer:
    """Answer the numbers that are not taken here, and on another array."""
    body: JsonObject = {"rdfg_number": free_numbers(call.array)}
    remote = call.query.text("remote_symmetrix_id")
    if remote is not None:
        if remote not in call.transaction.arrays:
            raise NotFound(text_of_missing("Array", remote, remote))
        body["remote_rdfg_number"] = free_numbers(call.transaction.array(remote))
    return ok(body)


def subject_rdf_group(call: Call) -> RdfGroup:
    """Return the group whose number is in the path.

    Raises:
        NotFound: there is none.
        MissingSubject: the same, of a PUT or a POST.
    """
    text = call.params["rdf_group"]
    is_number = text.isascii() and text.isdigit() and len(text) <= 3  # noqa: PLR2004 - up to 250
    group = find_group(call.array, int(text)) if is_number else None
    if group is None:
        missing = text_of_missing(KIND, text, call.symmetrix_id)
        raise MissingSubject(missing) if call.verb in {"PUT", "POST"} else NotFound(missing)
    return group


def rdf_group_body(array: ArrayTables, group: RdfGroup) -> JsonObject:
    """Return a group as one of its arrays shows it (rule 66: both count the same pairs)."""
    near, far = _sides(array, group)
    transaction, side = array.transaction, group.side_of(array.symmetrix_id)
    pairs = pairs_of_group(array, group)
    volumes = [array.volumes.get(pair.volumes[side]) for pair in pairs]
    is_metro = any(pair.mode is RdfMode.ACTIVE for pair in pairs)
    has_bias = any(pair.has_bias for pair in pairs)
    has_witness = is_metro and group.has_witness and not has_bias
    is_active = any(pair.state in {PairState.ACTIVE_ACTIVE, PairState.ACTIVE_BIAS} for pair in pairs)
    roles = frozenset("RDF1" if pair.r1_side == side else "RDF2" for pair in pairs)
    return {
        "rdfgNumber": near.number,
        "label": group.label,
        "remoteRdfgNumber": far.number,
        "remoteSymmetrix": far.symmetrix_id,
        "numDevices": len(pairs),
        "totalDeviceCapacity": capacity.cap_gb(sum(volume.cylinders for volume in volumes)),
        "localPorts": list(near.ports),
        "remotePorts": list(far.ports),
        "localOnlinePorts": online_ports(transaction, near),
        "remoteOnlinePorts": online_ports(transaction, far),
        "modes": sorted({pair.mode.value for pair in pairs}),
        "type": _type_of(array, group),
        "metro": is_metro,
        "async": any(pair.mode is RdfMode.ASYNCHRONOUS for pair in pairs),
        "witness": False,
        "witnessName": "",
        "witnessProtectedPhysical": False,
        "witnessProtectedVirtual": has_witness,
        "witnessConfigured": has_witness,
        "witnessEffective": has_witness and is_active and group.is_connected,
        "biasConfigured": is_metro and not has_witness,
        "biasEffective": is_metro and not has_witness and is_active,
        "witnessDegraded": False,
        "device_polarity": _POLARITIES.get(roles, "Mixed"),
        "offline": not group.is_connected,
        "vasa_group": False,
        "link_limbo": 10,
        "hardware_compression": False,
        "software_compression": False,
    }


def _sides(array: ArrayTables, group: RdfGroup) -> tuple[RdfSide, RdfSide]:
    side = group.side_of(array.symmetrix_id)
    return group.sides[side], group.sides[1 - side]


def _type_of(array: ArrayTables, group: RdfGroup) -> str:
    pairs = all_pairs(array.transaction).where("group", group.group_id)
    return "Metro" if any(pair.mode is RdfMode.ACTIVE for pair in pairs) else "Dynamic"


def _read_ports(entries: list[Fields], default: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the array and the ports that a list names.

    Raises:
        BadRequest: it is empty, or names several arrays.
    """
    found = []
    for entry in entries:
        named = "symmetrixID" in entry or default is None
        symmetrix_id = entry.text("symmetrixID") if named else default or ""
        port = str(entry.integer("portNumber"))
        found.append((symmetrix_id, port_key(entry.text("directorId"), port)))
    arrays = {symmetrix_id for symmetrix_id, _ in found}
    if len(arrays) != 1:
        raise BadRequest("Ports of exactly one array must be named")
    return arrays.pop(), tuple(port for _, port in found)


def _move(call: Call, group: RdfGroup, fields: Fields) -> None:
    target = named_group(call.array, fields.integer("targetRdfGroup"))
    ids = [named_volume(call.array, each).volume_id for each in fields.texts("volumesToMove")]
    is_exempt = fields.boolean("exempt", default=False)
    fields.ignore("keepR1", "keepR2")
    move_pairs(call.array, group, target, ids, is_exempt=is_exempt)


def _modes(candidate: Candidate) -> tuple[str, ...]:
    modes = {pair.mode for pair in pairs_of_group(*candidate)}
    return tuple(name for mode in modes for name in (mode.value, mode.value.replace(" ", "")))


_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "remote_symmetrix_id": lambda it: _sides(*it)[1].symmetrix_id,
    "rdf_mode": _modes,
    "volume_count": lambda it: len(pairs_of_group(*it)),
    "group_type": lambda it: _type_of(*it),
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
