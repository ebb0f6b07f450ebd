"""Directors and their ports (reference section 6.11)."""

from collections.abc import Callable, Mapping

from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.dialect import Dialect
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import NotFound, text_of_missing
from pmax.simulator.resources.port_names import port_key
from pmax.simulator.state.masking_records import Director, Port, PortKind, volume_of_lun_key
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

_TYPES = {
    PortKind.FIBRE: "FibreChannel (563)",
    PortKind.ISCSI_ENDPOINT: "GigE",
    PortKind.ISCSI_PHYSICAL: "GigE",
    PortKind.NVME_ENDPOINT: "OSAndHostRDF",
    PortKind.RDF: "RDF-BI-DIR",
}

_FLAGS = {
    **dict.fromkeys(("aclx", "common_serial_number", "unique_wwn", "init_point_to_point"), True),
    **dict.fromkeys(("enable_auto_negotiate", "scsi_3", "spc2_protocol_version"), True),
    **dict.fromkeys(("volume_set_addressing", "vnx_attached", "avoid_reset_broadcast", "negotiate_reset"), False),
    **dict.fromkeys(("environ_set", "disable_q_reset_on_ua", "soft_reset", "scsi_support1"), False),
    **dict.fromkeys(("no_participating", "hp_3000_mode", "sunapee", "siemens"), False),
}

Candidate = tuple[ArrayTables, Port]


def list_directors(call: Call) -> Answer:
    """Answer the ids of all directors."""
    return ok({"directorId": call.array.directors.sorted_keys()})


def get_director(call: Call) -> Answer:
    """Answer one director."""
    director = _director(call)
    return ok(
        {
            "directorId": director.director_id,
            "availability": "Online" if director.is_online else "Offline",
            "num_of_ports": call.array.ports.count("director", director.director_id),
            "num_of_cores": director.cores,
            "director_number": director.number,
            "director_slot_number": director.slot,
        }
    )


def list_director_ports(call: Call) -> Answer:
    """Answer the ports of a director that pass the filters."""
    director = _director(call)
    return _list(call, call.array.ports.where("director", director.director_id))


def list_ports(call: Call) -> Answer:
    """Answer the ports of all directors that pass the filters."""
    return _list(call, [call.array.ports.get(name) for name in call.array.ports.sorted_keys()])


def get_port(call: Call) -> Answer:
    """Answer one port."""
    return ok({"symmetrixPort": _body(call.array, _port(call), call.dialect)})


def list_ip_interfaces(call: Call) -> Answer:
    """Answer the IP interfaces of a port, as `address-network`."""
    port = _port(call)
    return ok({"ipInterfaceId": [f"{address}-{port.network_id}" for address in port.ip_addresses]})


def get_ip_interface(call: Call) -> Answer:
    """Answer one IP interface of a port; the endpoint that it belongs to is looked up by its address."""
    port = _port(call)
    wanted = call.params["ip_interface"]
    for address in port.ip_addresses:
        if wanted == f"{address}-{port.network_id}":
            endpoint = next((each for each in call.array.ports.where("ip_address", address) if each.identifier), port)
            return ok(
                {
                    "ip_interface_id": wanted,
                    "ip_address": address,
                    "network_id": port.network_id,
                    "ip_prefix_length": 24,
                    "vlan_id": 0,
                    "mtu": 1500,
                    "iscsi_target_director": endpoint.director_id,
                    "iscsi_target_port": endpoint.number,
                }
            )
    raise NotFound(f"IP interface [{wanted}] of port [{port.name}] cannot be found")


def _director(call: Call) -> Director:
    director = call.array.directors.find(call.params["director"].upper())
    if director is None:
        raise NotFound(text_of_missing("Director", call.params["director"], call.symmetrix_id))
    return director


def _port(call: Call) -> Port:
    director = _director(call)
    port = call.array.ports.find(port_key(director.director_id, call.params["port"]))
    if port is None:
        name = f"{director.director_id}:{call.params['port']}"
        raise NotFound(text_of_missing("Port", name, call.symmetrix_id))
    return port


def _list(call: Call, ports: list[Port]) -> Answer:
    filters = Filters({**_FIELDS, **_virtual_fields(call.dialect)})
    passed = filters.apply(call.query, [(call.array, port) for port in ports])
    return ok({"symmetrixPortKey": [_key(port) for _, port in passed]})


def _virtual_fields(dialect: Dialect) -> Mapping[str, Callable[[Candidate], FilterValue]]:
    """Return the filters that tell virtual ports from physical ones; their names go by version."""
    fields: dict[str, Callable[[Candidate], FilterValue]] = {
        dialect.virtual_port_filter: lambda it: it[1].kind is PortKind.ISCSI_ENDPOINT
    }
    if dialect.has_endpoint_fields:
        fields["nvmetcp_endpoint"] = lambda it: it[1].kind is PortKind.NVME_ENDPOINT
    return fields


def _key(port: Port) -> JsonObject:
    return {"directorId": port.director_id, "portId": str(port.number)}


def _port_groups(array: ArrayTables, port: Port) -> list[str]:
    return sorted(array.port_groups.keys_where("port", port.name))


def _views(array: ArrayTables, port: Port) -> list[str]:
    return sorted(
        view for name in _port_groups(array, port) for view in array.masking_views.keys_where("port_group", name)
    )


def _mapped_volumes(array: ArrayTables, port: Port) -> int:
    # By key: a port of a large array shows tens of thousands of volumes.
    keys = (key for view in _views(array, port) for key in array.lun_addresses.keys_where("masking_view", view))
    return len({volume_of_lun_key(key) for key in keys})


def _body(array: ArrayTables, port: Port, dialect: Dialect) -> JsonObject:
    director = array.directors.get(port.director_id)
    groups, views = _port_groups(array, port), _views(array, port)
    is_ip = port.kind in {PortKind.ISCSI_ENDPOINT, PortKind.ISCSI_PHYSICAL, PortKind.NVME_ENDPOINT}
    body: JsonObject = {
        "symmetrixPortKey": _key(port),
        "port_status": "ON" if port.is_online else "OFF",
        "director_status": "Online" if director.is_online else "Offline",
        "type": _TYPES[port.kind],
        "num_of_cores": director.cores,
        "negotiated_speed": ("10" if is_ip else "16") if port.is_online else "",
        "max_speed": "10" if is_ip else "16",
        "num_of_port_groups": len(groups),
        "num_of_masking_views": len(views),
        "num_of_mapped_vols": _mapped_volumes(array, port),
        "vcm_state": "Enabled",
        **_FLAGS,
    }
    if port.identifier:
        body["identifier"] = port.identifier
    if is_ip and port.identifier:
        body["ip_addresses"] = list(port.ip_addresses)
        body["network_id"] = port.network_id
    if is_ip:
        body[dialect.virtual_port_filter] = port.kind is PortKind.ISCSI_ENDPOINT
    if dialect.has_endpoint_fields and is_ip:
        body["nvmetcp_endpoint"] = port.kind is PortKind.NVME_ENDPOINT
    if dialect.has_endpoint_fields and port.protocol is not None:
        spoken = {"Fibre": "SCSI_FC"}.get(port.protocol.value, port.protocol.value)
        body["enabled_protocols"] = body["capable_protocols"] = [spoken]
        if is_ip:
            body["tcp_port"] = 4420 if port.kind is PortKind.NVME_ENDPOINT else 3260
    if groups:
        body["portgroup"] = groups
    if views:
        body["maskingview"] = views
    return body


_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "port_status": lambda it: "ON" if it[1].is_online else "OFF",
    "director_status": lambda it: "Online" if it[0].directors.get(it[1].director_id).is_online else "Offline",
    "type": lambda it: _TYPES[it[1].kind],
    "identifier": lambda it: it[1].identifier,
    "ip_list": lambda it: it[1].ip_addresses,
    "ipv4_address": lambda it: it[1].ip_addresses,
    "num_of_port_groups": lambda it: it[0].port_groups.count("port", it[1].name),
    "num_of_masking_views": lambda it: len(_views(*it)),
    "num_of_mapped_vols": lambda it: _mapped_volumes(*it),
    "num_of_cores": lambda it: it[0].directors.get(it[1].director_id).cores,
    "vcm_state": lambda _: "Enabled",
    "aclx": lambda _: True,
}
