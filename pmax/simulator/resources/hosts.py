"""Hosts, which are initiator groups (reference section 6.7)."""

from collections.abc import Callable

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import ArrayRefused, BadRequest, Conflict, MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.host_flags import flags_body, with_flags
from pmax.simulator.rules.initiators import forget_if_idle, initiators_for_host, normal_id, protocol_of_hosts
from pmax.simulator.rules.views import refuse_other_protocol, refuse_used_host, views_of_host
from pmax.simulator.state.masking_records import Host
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

KIND = "Host"

Candidate = tuple[ArrayTables, Host]


def list_hosts(call: Call) -> Answer:
    """Answer the names of the hosts that pass the filters."""
    candidates = [(call.array, host) for host in call.array.hosts]
    return ok({"hostId": sorted(host.name for _, host in _FILTERS.apply(call.query, candidates))})


def get_host(call: Call) -> Answer:
    """Answer one host."""
    return ok(host_body(call, subject_host(call)))


def create_host(call: Call) -> Answer:
    """Create a host; its initiators need not have logged in (rules 33, 34 and 36)."""
    name = create_host_from(call, call.body)
    call.link = f"{call.path}/{name}"
    return created(host_body(call, call.array.hosts.get(name)))


def create_host_from(call: Call, fields: Fields) -> str:
    """Create the host that a body describes, alone or inside another body, and return its name."""
    name = fields.group_name("hostId")
    refuse_taken_name(call.array, name)
    ids = initiators_for_host(call.array, fields.optional_texts("initiatorId"), name, ())
    host = Host(name=name, initiators=ids)
    flags = fields.optional_fields("hostFlags")
    call.array.hosts.put(host if flags is None else with_flags(host, flags))
    call.job_name = f"Create Host {name}"
    call.tasks.append(f"Create Host [{name}]")
    return name


def edit_host(call: Call) -> Answer:
    """Change a host as `editHostActionParam` says and answer it: one edit per request (rule 83)."""
    host = subject_host(call)
    action = call.body.fields("editHostActionParam")
    edit = action.choose(*_EDITS)
    name = _EDITS[edit](call, host, action.fields(edit)) or host.name
    call.job_name = f"Modify Host {host.name}"
    call.tasks.append(f"Modify Host [{host.name}]")
    return ok(host_body(call, call.array.hosts.get(name)))


def delete_host(call: Call) -> Answer:
    """Delete a host; the initiators that never logged in are forgotten (rule 35)."""
    host = subject_host(call)
    refuse_used_host(call.array, host.name)
    call.array.hosts.delete(host.name)
    for initiator_id in host.initiators:
        forget_if_idle(call.array, initiator_id)
    return no_content()


def subject_host(call: Call) -> Host:
    """Return the host that the path names.

    Raises:
        NotFound: there is none.
        MissingSubject: the same, of a PUT.
    """
    host = call.array.hosts.find(call.params["host"])
    if host is None:
        text = text_of_missing(KIND, call.params["host"], call.symmetrix_id)
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return host


def refuse_taken_name(array: ArrayTables, name: str) -> None:
    """Refuse a name that a host or a host group has, in whatever case (case is assumed).

    Both are initiator groups, so they share one space of names (assumed).
    """
    if array.hosts.count("folded", name.lower()) or array.host_groups.count("folded", name.lower()):
        raise Conflict("The requested host resource already exists")


def host_body(call: Call, host: Host) -> JsonObject:
    """Return a host as JSON."""
    array = call.array
    views = views_of_host(array, host.name)
    groups = sorted(array.host_groups.keys_where("host", host.name))
    body: JsonObject = {
        "hostId": host.name,
        "num_of_masking_views": len(views),
        "num_of_initiators": len(host.initiators),
        "num_of_host_groups": len(groups),
        **flags_body(host),
        "num_of_powerpath_hosts": 0,
    }
    protocol = protocol_of_hosts(array, (host.name,))
    if protocol is not None:
        body["type"] = protocol.value
    if call.dialect.has_host_bandwidth:
        body["bw_limit"] = host.bandwidth_limit
    lists = {"initiator": list(host.initiators), "maskingview": views, "hostgroup": groups}
    body.update({name: values for name, values in lists.items() if values})
    return body


def _add_initiators(call: Call, host: Host, fields: Fields) -> None:
    ids = initiators_for_host(call.array, fields.texts("initiator"), host.name, host.initiators)
    call.array.hosts.put(attrs.evolve(host, initiators=(*host.initiators, *ids)))
    refuse_other_protocol(call.array, host.name)


def _remove_initiators(call: Call, host: Host, fields: Fields) -> None:
    leaving = [normal_id(text)[0] for text in fields.texts("initiator")]
    for initiator_id in leaving:
        if initiator_id not in host.initiators:
            raise ArrayRefused(f"Initiator [{initiator_id}] is not in host [{host.name}]")
    staying = tuple(each for each in host.initiators if each not in leaving)
    call.array.hosts.put(attrs.evolve(host, initiators=staying))
    for initiator_id in leaving:
        forget_if_idle(call.array, initiator_id)


def _rename(call: Call, host: Host, fields: Fields) -> str:
    name = fields.group_name("new_host_name")
    if name.lower() != host.name.lower():
        refuse_taken_name(call.array, name)
    array = call.array
    array.hosts.delete(host.name)
    array.hosts.put(attrs.evolve(host, name=name))
    for group in array.host_groups.where("host", host.name):
        array.host_groups.put(
            attrs.evolve(group, hosts=tuple(name if each == host.name else each for each in group.hosts))
        )
    for view in array.masking_views.where("host", host.name):
        array.masking_views.put(attrs.evolve(view, host=name))
    return name


def _set_flags(call: Call, host: Host, fields: Fields) -> None:
    call.array.hosts.put(with_flags(host, fields.fields("hostFlags")))


def _set_bandwidth(call: Call, host: Host, fields: Fields) -> None:
    limit = fields.integer("bw_limit")
    if not call.dialect.has_host_bandwidth or limit < 1:
        raise BadRequest("bw_limit must be at least 1, and the version of the API must have it")
    call.array.hosts.put(attrs.evolve(host, bandwidth_limit=limit))


def _clear_bandwidth(call: Call, host: Host, fields: Fields) -> None:
    call.array.hosts.put(attrs.evolve(host, bandwidth_limit=0))


_EDITS: dict[str, Callable[[Call, Host, Fields], str | None]] = {
    "addInitiatorParam": _add_initiators,
    "removeInitiatorParam": _remove_initiators,
    "renameHostParam": _rename,
    "setHostFlagsParam": _set_flags,
    "setHostBWLimitParam": _set_bandwidth,
    "clearHostBWLimitParam": _clear_bandwidth,
}

_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "hostId": lambda it: it[1].name,
    "host_group_name": lambda it: tuple(it[0].host_groups.keys_where("host", it[1].name)),
    "num_of_masking_views": lambda it: len(views_of_host(it[0], it[1].name)),
    "num_of_host_groups": lambda it: it[0].host_groups.count("host", it[1].name),
    "num_of_initiators": lambda it: len(it[1].initiators),
    "num_of_powerpath_hosts": lambda _: 0,
    "powerPathHostId": lambda _: None,
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
