"""Port groups (reference section 6.10; rules 42 and 43)."""

from collections.abc import Callable, Sequence

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.dialect import Dialect
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import BadRequest, Conflict, MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.port_names import read_port
from pmax.simulator.rules.port_groups import delete_port_group, ports_for_group, with_ports, without_ports
from pmax.simulator.state.masking_records import PortGroup, Protocol
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

KIND = "Port Group"

_WIRE_PROTOCOLS = {"SCSI_FC": Protocol.FIBRE, "iSCSI": Protocol.ISCSI, "NVMe_TCP": Protocol.NVME_TCP}
_WIRE_NAMES = {protocol: name for name, protocol in _WIRE_PROTOCOLS.items()}

Candidate = tuple[ArrayTables, PortGroup]


def list_port_groups(call: Call) -> Answer:
    """Answer the names of the port groups that pass the filters."""
    candidates = [(call.array, group) for group in call.array.port_groups]
    return ok({"portGroupId": sorted(group.name for _, group in _FILTERS.apply(call.query, candidates))})


def get_port_group(call: Call) -> Answer:
    """Answer one port group."""
    return ok(port_group_body(call.array, subject_port_group(call), call.dialect))


def create_port_group(call: Call) -> Answer:
    """Create a port group (rule 43)."""
    name = create_port_group_from(call, call.body)
    call.link = f"{call.path}/{name}"
    return created(port_group_body(call.array, call.array.port_groups.get(name), call.dialect))


def create_port_group_from(call: Call, fields: Fields) -> str:
    """Create the port group that a body describes, alone or inside another body, and return its name."""
    name = fields.group_name("portGroupId")
    refuse_taken_name(call.array, name)
    ports = [read_port(each) for each in fields.list_of_fields("symmetrixPortKey")]
    protocol = None
    if "port_group_protocol" in fields:
        protocol = _WIRE_PROTOCOLS[fields.choice("port_group_protocol", _WIRE_PROTOCOLS)]
    elif call.array.record.is_v4:
        raise BadRequest("Field [port_group_protocol] is missing: this array needs it")
    fields.ignore("port_group_protocol")
    group = ports_for_group(call.array, PortGroup(name=name, protocol=protocol), ports)
    call.array.port_groups.put(group)
    call.job_name = f"Create Port Group {name}"
    call.tasks.append(f"Create Port Group [{name}]")
    return name


def edit_port_group(call: Call) -> Answer:
    """Change a port group as `editPortGroupActionParam` says and answer it: one edit per request (rule 83)."""
    group = subject_port_group(call)
    action = call.body.fields("editPortGroupActionParam")
    edit = action.choose(*_EDITS)
    name = _EDITS[edit](call, group, action.fields(edit)) or group.name
    call.job_name = f"Modify Port Group {group.name}"
    call.tasks.append(f"Modify Port Group [{group.name}]")
    return ok(port_group_body(call.array, call.array.port_groups.get(name), call.dialect))


def remove_port_group(call: Call) -> Answer:
    """Delete a port group (rule 42)."""
    delete_port_group(call.array, subject_port_group(call))
    return no_content()


def subject_port_group(call: Call) -> PortGroup:
    """Return the port group that the path names.

    Raises:
        NotFound: there is none.
        MissingSubject: the same, of a PUT.
    """
    group = call.array.port_groups.find(call.params["port_group"])
    if group is None:
        text = text_of_missing(KIND, call.params["port_group"], call.symmetrix_id)
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return group


def refuse_taken_name(array: ArrayTables, name: str) -> None:
    """Refuse a name that is taken, in whatever case (case is assumed)."""
    if array.port_groups.count("folded", name.lower()):
        raise Conflict("The requested port group resource already exists")


def port_group_body(array: ArrayTables, group: PortGroup, dialect: Dialect) -> JsonObject:
    """Return a port group as JSON; the form of `portId` goes by version (reference section 6.10)."""
    views = sorted(array.masking_views.keys_where("port_group", group.name))
    body: JsonObject = {
        "portGroupId": group.name,
        "num_of_ports": len(group.ports),
        "num_of_masking_views": len(views),
    }
    if group.ports:
        body["symmetrixPortKey"] = [_port_body(port, dialect) for port in group.ports]
    if group.protocol is not None:
        body["type"] = group.protocol.value
        body["port_group_protocol"] = _WIRE_NAMES[group.protocol]
    if views:
        body["maskingview"] = views
    return body


def _port_body(port: str, dialect: Dialect) -> JsonObject:
    director, _, number = port.rpartition(":")
    return {"directorId": director, "portId": port if dialect.prefixes_port_ids else number}


def _read_ports(fields: Fields) -> Sequence[str]:
    ports = [read_port(each) for each in fields.list_of_fields("port")]
    if not ports:
        raise BadRequest("Field [port] must be a list that is not empty")
    return ports


def _add_ports(call: Call, group: PortGroup, fields: Fields) -> None:
    with_ports(call.array, group, _read_ports(fields))


def _remove_ports(call: Call, group: PortGroup, fields: Fields) -> None:
    without_ports(call.array, group, _read_ports(fields))


def _rename(call: Call, group: PortGroup, fields: Fields) -> str:
    name = fields.group_name("new_port_group_name")
    if name.lower() != group.name.lower():
        refuse_taken_name(call.array, name)
    array = call.array
    array.port_groups.delete(group.name)
    array.port_groups.put(attrs.evolve(group, name=name))
    for view in array.masking_views.where("port_group", group.name):
        array.masking_views.put(attrs.evolve(view, port_group=name))
    return name


_EDITS: dict[str, Callable[[Call, PortGroup, Fields], str | None]] = {
    "addPortParam": _add_ports,
    "removePortParam": _remove_ports,
    "renamePortGroupParam": _rename,
}

_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "portGroupId": lambda it: it[1].name,
    "fibre": lambda it: it[1].protocol is Protocol.FIBRE,
    "iscsi": lambda it: it[1].protocol is Protocol.ISCSI,
    "nvmetcp": lambda it: it[1].protocol is Protocol.NVME_TCP,
    "num_of_ports": lambda it: len(it[1].ports),
    "num_of_masking_views": lambda it: it[0].masking_views.count("port_group", it[1].name),
    "dir_port": lambda it: it[1].ports,
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
