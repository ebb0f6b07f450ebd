"""Initiators (reference section 6.9): one entry per port on which an initiator logged in."""

from collections.abc import Callable, Iterable

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import ArrayRefused, BadRequest, MissingSubject, NotFound, NotSimulated
from pmax.simulator.resources.host_flags import flags_in_effect, read_flags
from pmax.simulator.resources.port_names import listed_port, port_key
from pmax.simulator.rules.groups import volume_ids
from pmax.simulator.rules.initiators import replace_initiator
from pmax.simulator.rules.views import views_of_host
from pmax.simulator.state.masking_records import Host, Initiator, Login, Protocol
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

Candidate = tuple[ArrayTables, Initiator, Login]


def list_initiators(call: Call) -> Answer:
    """Answer the initiators that logged in, as `director:port:initiator`; the others do not appear (rule 34)."""
    array = call.array
    wanted = call.query.exact("initiator_hba")
    likes = [value.removeprefix("<like>").lower() for value in call.query.values("initiator_hba")]
    rows: Iterable[Initiator] = _initiators_named(array, wanted) if wanted else array.initiators
    if likes and not wanted:
        rows = [row for row in rows if any(like in row.initiator_id.lower() for like in likes)]
    candidates = [(array, initiator, login) for initiator in rows for login in initiator.logins]
    passed = _FILTERS.apply(call.query, candidates)
    return ok({"initiatorId": sorted(_listed_id(initiator, login) for _, initiator, login in passed)})


def get_initiator(call: Call) -> Answer:
    """Answer one initiator on one port."""
    initiator, login = _subject(call)
    return ok(_body(call.array, initiator, login))


def edit_initiator(call: Call) -> Answer:
    """Change an initiator as `editInitiatorActionParam` says and answer it: one edit per request (rule 83)."""
    initiator, login = _subject(call)
    action = call.body.fields("editInitiatorActionParam")
    edit = action.choose("removeMaskingEntry", *_EDITS)
    call.job_name = f"Modify Initiator {initiator.initiator_id}"
    if edit == "removeMaskingEntry":
        _remove_login(call.array, initiator, login, action)
        return ok(_body(call.array, initiator, login))
    changed = _EDITS[edit](call, initiator, action.fields(edit))
    return ok(_body(call.array, changed, login))


def _initiators_named(array: ArrayTables, values: list[str]) -> list[Initiator]:
    """Return initiators by id, found without regard to case.

    For NVMe one client sends NQN and host id as two values (reference section 6.9): either half finds it.
    """
    found = [array.initiators.find(value.lower()) for value in values]
    folded = {value.lower() for value in values}
    found += [
        initiator
        for initiator in (array.initiators if any(initiator is None for initiator in found) else ())
        if initiator.protocol is Protocol.NVME_TCP
        and folded & {initiator.initiator_id.lower(), *initiator.initiator_id.lower().rsplit(":", 1)}
    ]
    return [initiator for initiator in found if initiator is not None]


def _listed_id(initiator: Initiator, login: Login) -> str:
    return f"{listed_port(login.port)}:{initiator.initiator_id}"


def _subject(call: Call) -> tuple[Initiator, Login]:
    """Return initiator and login that the path names.

    Raises:
        NotFound: there is no such entry.
        MissingSubject: the same, of a PUT.
    """
    director, _, rest = call.params["initiator"].partition(":")
    number, _, initiator_id = rest.partition(":")
    for initiator in _initiators_named(call.array, [initiator_id]):
        for login in initiator.logins:
            if login.port == port_key(director, number):
                return initiator, login
    text = f"Initiator [{call.params['initiator']}] on Symmetrix [{call.symmetrix_id}] cannot be found"
    raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)


def _host_of(array: ArrayTables, initiator: Initiator) -> Host | None:
    return array.hosts.find_where("initiator", initiator.initiator_id)


def _alias(initiator: Initiator) -> str:
    default = initiator.initiator_id if initiator.protocol is Protocol.FIBRE else ""
    if not (initiator.node_name or initiator.port_name or default):
        return ""
    return f"{initiator.node_name or default}/{initiator.port_name or default}"


def _body(array: ArrayTables, initiator: Initiator, login: Login) -> JsonObject:
    host = _host_of(array, initiator)
    views = [] if host is None else views_of_host(array, host.name)
    groups = [] if host is None else sorted(array.host_groups.keys_where("host", host.name))
    storage_groups = {array.masking_views.get(view).storage_group for view in views}
    volumes = {each for name in storage_groups for each in volume_ids(array, array.storage_groups.get(name))}
    director, _, number = login.port.rpartition(":")
    body: JsonObject = {
        "initiatorId": initiator.initiator_id,
        "symmetrixPortKey": [{"directorId": director, "portId": number}],
        "alias": _alias(initiator),
        "type": initiator.protocol.value,
        "fcid": initiator.fcid,
        "hostGroup": groups,
        "ip_address": initiator.ip_address,
        "logged_in": login.is_logged_in,
        "on_fabric": login.is_on_fabric,
        "fabric_name": "",
        "flags_in_effect": flags_in_effect(initiator),
        "port_flags_override": bool(initiator.enabled_flags or initiator.disabled_flags),
        "num_of_vols": len(volumes),
        "num_of_host_groups": len(groups),
        "num_of_masking_views": len(views),
        "maskingview": views,
        "powerpathhosts": [],
        "num_of_powerpath_hosts": 0,
    }
    if host is not None:
        body["host"] = host.name
    return body


def _remove_login(array: ArrayTables, initiator: Initiator, login: Login, action: Fields) -> None:
    """Forget that an initiator was seen on a port (assumed: not while it is in a host)."""
    if not action.boolean("removeMaskingEntry"):
        raise BadRequest("removeMaskingEntry must be true")
    if _host_of(array, initiator) is not None:
        raise ArrayRefused(f"Initiator [{initiator.initiator_id}] is in a host")
    logins = tuple(each for each in initiator.logins if each != login)
    if logins:
        array.initiators.put(attrs.evolve(initiator, logins=logins))
    else:
        array.initiators.delete(initiator.initiator_id)


def _put(call: Call, initiator: Initiator) -> Initiator:
    call.array.initiators.put(initiator)
    return initiator


def _replace(call: Call, initiator: Initiator, fields: Fields) -> Initiator:
    return replace_initiator(call.array, initiator, fields.text("new_initiator"))


def _rename_alias(call: Call, initiator: Initiator, fields: Fields) -> Initiator:
    return _put(call, attrs.evolve(initiator, node_name=fields.text("node_name"), port_name=fields.text("port_name")))


def _set_attributes(call: Call, initiator: Initiator, fields: Fields) -> Initiator:
    return _put(call, attrs.evolve(initiator, fcid=fields.text("fcidValue")))


def _set_flags(call: Call, initiator: Initiator, fields: Fields) -> Initiator:
    enabled, disabled = read_flags(fields.fields("initiatorFlags"))
    return _put(call, attrs.evolve(initiator, enabled_flags=enabled, disabled_flags=disabled))


def _refuse(_call: Call, _initiator: Initiator, _fields: Fields) -> Initiator:
    raise NotSimulated("The simulator does not know CHAP authentication of initiators")


_EDITS: dict[str, Callable[[Call, Initiator, Fields], Initiator]] = {
    "replaceInitiatorParam": _replace,
    "renameAliasParam": _rename_alias,
    "initiatorSetAttributesParam": _set_attributes,
    "initiatorSetFlagsParam": _set_flags,
    "modify_initiator_chap_authentication_param": _refuse,
}

_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "in_a_host": lambda it: _host_of(it[0], it[1]) is not None,
    "iscsi": lambda it: it[1].protocol is Protocol.ISCSI,
    "fibre": lambda it: it[1].protocol is Protocol.FIBRE,
    "logged_in": lambda it: it[2].is_logged_in,
    "on_fabric": lambda it: it[2].is_on_fabric,
    "alias": lambda it: _alias(it[1]),
    "port_flags_override": lambda it: bool(it[1].enabled_flags or it[1].disabled_flags),
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS, frozenset({"initiator_hba"}))
