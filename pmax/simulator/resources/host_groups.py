"""Host groups, which are cascaded initiator groups (reference section 6.8)."""

from collections.abc import Callable

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import ArrayRefused, MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.host_flags import flags_body, with_flags
from pmax.simulator.resources.hosts import create_host_from, refuse_taken_name
from pmax.simulator.rules.initiators import protocol_of_hosts
from pmax.simulator.rules.lun_addresses import refuse_conflicts
from pmax.simulator.rules.views import refuse_used_host_group
from pmax.simulator.state.masking_records import HostGroup
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

KIND = "Host Group"

Candidate = tuple[ArrayTables, HostGroup]


def list_host_groups(call: Call) -> Answer:
    """Answer the names of the host groups that pass the filters."""
    candidates = [(call.array, group) for group in call.array.host_groups]
    return ok({"hostGroupId": sorted(group.name for _, group in _FILTERS.apply(call.query, candidates))})


def get_host_group(call: Call) -> Answer:
    """Answer one host group."""
    return ok(host_group_body(call.array, subject_host_group(call)))


def create_host_group(call: Call) -> Answer:
    """Create a host group out of hosts that exist and hosts that are made with it."""
    name = create_host_group_from(call, call.body)
    call.link = f"{call.path}/{name}"
    return created(host_group_body(call.array, call.array.host_groups.get(name)))


def create_host_group_from(call: Call, fields: Fields) -> str:
    """Create the host group that a body describes, alone or inside another body, and return its name."""
    name = fields.group_name("hostGroupId")
    refuse_taken_name(call.array, name)
    made = [create_host_from(call, part) for part in fields.list_of_fields("new_hosts")]
    group = HostGroup(name=name, hosts=_joined(call.array, (), (*fields.optional_texts("hostId"), *made)))
    flags = fields.optional_fields("hostFlags")
    call.array.host_groups.put(group if flags is None else with_flags(group, flags))
    call.job_name = f"Create Host Group {name}"
    call.tasks.append(f"Create Host Group [{name}]")
    return name


def edit_host_group(call: Call) -> Answer:
    """Change a host group as `editHostGroupActionParam` says and answer it: one edit per request (rule 83)."""
    group = subject_host_group(call)
    action = call.body.fields("editHostGroupActionParam")
    edit = action.choose(*_EDITS)
    name = _EDITS[edit](call, group, action.fields(edit)) or group.name
    call.job_name = f"Modify Host Group {group.name}"
    call.tasks.append(f"Modify Host Group [{group.name}]")
    return ok(host_group_body(call.array, call.array.host_groups.get(name)))


def delete_host_group(call: Call) -> Answer:
    """Delete a host group; its hosts stay (rule 35)."""
    group = subject_host_group(call)
    refuse_used_host_group(call.array, group)
    call.array.host_groups.delete(group.name)
    return no_content()


def subject_host_group(call: Call) -> HostGroup:
    """Return the host group that the path names.

    Raises:
        NotFound: there is none.
        MissingSubject: the same, of a PUT.
    """
    group = call.array.host_groups.find(call.params["host_group"])
    if group is None:
        text = text_of_missing(KIND, call.params["host_group"], call.symmetrix_id)
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return group


def host_group_body(array: ArrayTables, group: HostGroup) -> JsonObject:
    """Return a host group as JSON."""
    hosts = [array.hosts.get(name) for name in group.hosts]
    views = sorted(array.masking_views.keys_where("host_group", group.name))
    protocol = protocol_of_hosts(array, group.hosts)
    body: JsonObject = {
        "hostGroupId": group.name,
        "num_of_hosts": len(hosts),
        "num_of_initiators": sum(len(host.initiators) for host in hosts),
        "num_of_masking_views": len(views),
        **flags_body(group),
    }
    if protocol is not None:
        body["type"] = protocol.value
    if views:
        body["maskingview"] = views
    if hosts:
        body["host"] = [{"hostId": host.name, "initiator": list(host.initiators)} for host in hosts]
    return body


def _joined(array: ArrayTables, members: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in array.hosts:
            raise ArrayRefused(text_of_missing("Host", name, array.symmetrix_id))
        if name in members:
            raise ArrayRefused(f"Host [{name}] is already in the host group")
    joined = (*members, *dict.fromkeys(names))
    if len({protocol for name in joined if (protocol := protocol_of_hosts(array, (name,)))}) > 1:
        raise ArrayRefused("A host group cannot mix hosts of different protocols")
    return joined


def _add_hosts(call: Call, group: HostGroup, fields: Fields) -> None:
    joined = _joined(call.array, group.hosts, fields.texts("host"))
    call.array.host_groups.put(attrs.evolve(group, hosts=joined))
    for view in call.array.masking_views.where("host_group", group.name):
        refuse_conflicts(call.array, view)


def _remove_hosts(call: Call, group: HostGroup, fields: Fields) -> None:
    leaving = fields.texts("host")
    for name in leaving:
        if name not in group.hosts:
            raise ArrayRefused(f"Host [{name}] is not in host group [{group.name}]")
    staying = tuple(name for name in group.hosts if name not in leaving)
    call.array.host_groups.put(attrs.evolve(group, hosts=staying))


def _rename(call: Call, group: HostGroup, fields: Fields) -> str:
    name = fields.group_name("new_host_group_name")
    if name.lower() != group.name.lower():
        refuse_taken_name(call.array, name)
    call.array.host_groups.delete(group.name)
    call.array.host_groups.put(attrs.evolve(group, name=name))
    for view in call.array.masking_views.where("host_group", group.name):
        call.array.masking_views.put(attrs.evolve(view, host_group=name))
    return name


def _set_flags(call: Call, group: HostGroup, fields: Fields) -> None:
    call.array.host_groups.put(with_flags(group, fields.fields("hostFlags")))


_EDITS: dict[str, Callable[[Call, HostGroup, Fields], str | None]] = {
    "addHostParam": _add_hosts,
    "removeHostParam": _remove_hosts,
    "renameHostGroupParam": _rename,
    "setHostGroupFlagsParam": _set_flags,
}

_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "hostGroupId": lambda it: it[1].name,
    "num_of_hosts": lambda it: len(it[1].hosts),
    "num_of_masking_views": lambda it: it[0].masking_views.count("host_group", it[1].name),
    "hostId": lambda it: it[1].hosts,
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
