"""RDF directors and their ports (reference section 6.19)."""

from collections.abc import Callable

from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import NotFound, text_of_missing
from pmax.simulator.resources.port_names import port_key
from pmax.simulator.rules.srdf_links import is_link_whole, is_port_online
from pmax.simulator.state.masking_records import Director, Port, PortKind
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

DirectorCandidate = tuple[ArrayTables, Director]
PortCandidate = tuple[ArrayTables, Port]


def list_rdf_directors(call: Call) -> Answer:
    """Answer the ids of the directors with RDF ports."""
    rows = [(call.array, director) for director in _rdf_directors(call.array)]
    passed = _DIRECTOR_FILTERS.apply(call.query, rows)
    return ok({"directorId": [director.director_id for _, director in passed]})


def get_rdf_director(call: Call) -> Answer:
    """Answer one director."""
    director = _subject(call)
    return ok(
        {
            "symmetrixID": call.symmetrix_id,
            "directorId": director.director_id,
            "directorNumber": director.number,
            "online": director.is_online,
            "fiber": True,
            "gige": False,
            "hwCompressionSupported": False,
        }
    )


def list_rdf_ports(call: Call) -> Answer:
    """Answer the numbers of the RDF ports of a director, as texts: PyU4V's own tests append them to the director."""
    rows = [(call.array, port) for port in _rdf_ports(call.array, _subject(call))]
    return ok({"portNumber": [str(port.number) for _, port in _PORT_FILTERS.apply(call.query, rows)]})


def get_rdf_port(call: Call) -> Answer:
    """Answer one RDF port."""
    return ok(_port_body(call.array, _subject_port(call)))


def list_remote_ports(call: Call) -> Answer:
    """Answer the RDF ports of other arrays that a port reaches: all that work, unless the link is cut (assumed)."""
    port = _subject_port(call)
    reached: list[JsonObject] = []
    if call.array.record.is_up and is_port_online(call.transaction, call.symmetrix_id, port.name):
        for symmetrix_id in call.transaction.arrays.sorted_keys():
            reached += _reached_ports(call, symmetrix_id)
    return ok({"remotePort": reached})


def _reached_ports(call: Call, symmetrix_id: str) -> list[JsonObject]:
    remote = call.transaction.array(symmetrix_id)
    is_other = symmetrix_id != call.symmetrix_id
    if not is_other or not remote.record.is_up or not is_link_whole(call.transaction, symmetrix_id, call.symmetrix_id):
        return []
    ports = [port for director in _rdf_directors(remote) for port in _rdf_ports(remote, director)]
    return [_port_body(remote, port) for port in ports if is_port_online(call.transaction, symmetrix_id, port.name)]


def _rdf_directors(array: ArrayTables) -> list[Director]:
    ids = sorted({port.director_id for port in array.ports if port.kind is PortKind.RDF})
    return [array.directors.get(director_id) for director_id in ids]


def _rdf_ports(array: ArrayTables, director: Director) -> list[Port]:
    ports = array.ports.where("director", director.director_id)
    return sorted((port for port in ports if port.kind is PortKind.RDF), key=lambda port: port.number)


def _subject(call: Call) -> Director:
    wanted = call.params["director"].upper()
    for director in _rdf_directors(call.array):
        if director.director_id == wanted:
            return director
    raise NotFound(text_of_missing("RDF director", call.params["director"], call.symmetrix_id))


def _subject_port(call: Call) -> Port:
    director = _subject(call)
    port = call.array.ports.find(port_key(director.director_id, call.params["port"]))
    if port is None or port.kind is not PortKind.RDF:
        name = f"{director.director_id}:{call.params['port']}"
        raise NotFound(text_of_missing("RDF port", name, call.symmetrix_id))
    return port


def _port_body(array: ArrayTables, port: Port) -> JsonObject:
    return {
        "symmetrixID": array.symmetrix_id,
        "directorId": port.director_id,
        "directorNumber": array.directors.get(port.director_id).number,
        "portNumber": port.number,
        "online": is_port_online(array.transaction, array.symmetrix_id, port.name),
        "wwn": port.identifier,
    }


_DIRECTOR_FIELDS: dict[str, Callable[[DirectorCandidate], FilterValue]] = {"online": lambda it: it[1].is_online}
_DIRECTOR_FILTERS: Filters[DirectorCandidate] = Filters(_DIRECTOR_FIELDS)
_PORT_FIELDS: dict[str, Callable[[PortCandidate], FilterValue]] = {
    "online": lambda it: is_port_online(it[0].transaction, it[0].symmetrix_id, it[1].name)
}
_PORT_FILTERS: Filters[PortCandidate] = Filters(_PORT_FIELDS)
