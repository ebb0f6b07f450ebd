"""Volumes as the public API shows them (reference section 6.4)."""

from collections.abc import Callable, Sequence

from pmax.simulator import capacity
from pmax.simulator.call import Answer, Call, no_content, ok
from pmax.simulator.dialect import Dialect
from pmax.simulator.identifiers import nguid_of
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.iterators import open_iterator
from pmax.simulator.rules import groups, snapvx_facts, srdf_facts
from pmax.simulator.rules.lun_addresses import ports_of_volume, views_of_volume
from pmax.simulator.rules.volumes import delete_volume
from pmax.simulator.state.records import Volume
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

VOLUME_IDS = "volume ids"


def list_volumes(call: Call) -> Answer:
    """Answer an iterator over the ids of the volumes that pass the filters."""
    return ok(open_iterator(call, VOLUME_IDS, matching_volume_ids(call), volume_id_page))


def volume_id_page(_array: ArrayTables, _dialect: Dialect, entries: Sequence[str]) -> list[JsonObject]:
    """Return the entries of a page of volume ids."""
    return [{"volumeId": volume_id} for volume_id in entries]


def get_volume(call: Call) -> Answer:
    """Answer one volume."""
    return ok(volume_body(call.array, subject_volume(call), call.dialect))


def remove_volume(call: Call) -> Answer:
    """Delete a volume (rules 21 and 22)."""
    delete_volume(call.array, subject_volume(call))
    return no_content()


def subject_volume(call: Call) -> Volume:
    """Return the volume that the path names.

    Raises:
        NotFound: there is none (its key words are `Could not find`; reference section 2.3).
        MissingSubject: the same, of a PUT.
    """
    volume = call.array.volumes.find(call.params["volume_id"].upper())
    if volume is None:
        text = f"Could not find volume [{call.params['volume_id']}] on Symmetrix [{call.symmetrix_id}]"
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return volume


def matching_volume_ids(call: Call) -> list[str]:
    """Return the ids of the volumes that pass the filters of a query, sorted."""
    array, query = call.array, call.query
    candidates = _candidates(call)
    if not query.names & _FIELDS.keys():
        return candidates
    rows = [(array, array.volumes.get(volume_id)) for volume_id in candidates]
    return [volume.volume_id for _, volume in _FILTERS.apply(query, rows)]


def _candidates(call: Call) -> list[str]:
    """Return the ids that an index leaves to be looked at, sorted."""
    array, query = call.array, call.query
    names = query.exact("storageGroupId")
    if names is not None:
        found: set[str] = set()
        for name in names:
            group = array.storage_groups.find(name)
            if group is None:  # assumed: 404 (reference section 6.4)
                raise NotFound(text_of_missing("Storage Group", name, array.symmetrix_id))
            found.update(groups.volume_ids(array, group))
        return sorted(found)
    for key, index in (("volume_identifier", "identifier"), ("wwn", "wwn"), ("effective_wwn", "effective_wwn")):
        values = query.exact(key)
        if values is not None:
            return sorted({each for value in values for each in array.volumes.keys_where(index, value)})
    return array.volumes.sorted_keys()


Candidate = tuple[ArrayTables, Volume]


def _all_groups(candidate: Candidate) -> tuple[str, ...]:
    array, volume = candidate
    parents = (parent for name in volume.storage_groups for parent in array.storage_groups.get(name).parents)
    return (*volume.storage_groups, *parents)


def _rdf_group_numbers(candidate: Candidate) -> tuple[str, ...]:
    return tuple(str(number) for number, _ in srdf_facts.group_labels(*candidate))


_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "storageGroupId": _all_groups,
    "rdf_group_number": _rdf_group_numbers,
    "volumeId": lambda it: it[1].volume_id,
    "volume_identifier": lambda it: it[1].identifier,
    "wwn": lambda it: it[1].wwn,
    "effective_wwn": lambda it: it[1].effective_wwn or it[1].wwn,
    "has_effective_wwn": lambda it: it[1].effective_wwn is not None,
    "nguid": lambda it: nguid_of(it[1].wwn),
    "status": lambda it: srdf_facts.device_status(*it),
    "type": lambda it: srdf_facts.device_type(*it),
    "emulation": lambda it: it[1].emulation,
    "allocated_percent": lambda it: it[1].allocated_percent,
    "cap_tb": lambda it: capacity.cap_tb(it[1].cylinders),
    "cap_gb": lambda it: capacity.cap_gb(it[1].cylinders),
    "cap_mb": lambda it: capacity.cap_mb(it[1].cylinders),
    "cap_cyl": lambda it: it[1].cylinders,
    "num_of_storage_groups": lambda it: len(it[1].storage_groups),
    "num_of_masking_views": lambda it: len(views_of_volume(it[0], it[1].volume_id)),
    "num_of_front_end_paths": lambda it: len(ports_of_volume(it[0], it[1].volume_id)),
    "mapped": lambda it: it[0].lun_addresses.count("volume", it[1].volume_id) > 0,
    "associated": lambda it: bool(it[1].storage_groups),
    "available_thin_volumes": lambda it: not it[1].storage_groups,
    "gatekeeper": lambda it: it[1].is_gatekeeper,
    "mobility_id_enabled": lambda it: it[1].has_mobility_id,
    # What every volume of the simulator is, and kinds of devices that it does not have.
    **dict.fromkeys(("tdev", "bound_tdev", "virtual_volumes"), lambda _: True),
    **dict.fromkeys(("vdev", "data_volume", "dld", "drv", "thin_bcv", "private_volumes"), lambda _: False),
    **dict.fromkeys(("reserved", "pinned", "encapsulated"), lambda _: False),
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS, frozenset({"expiration_time_mins"}))


def volume_body(array: ArrayTables, volume: Volume, dialect: Dialect) -> JsonObject:
    """Return a volume as JSON (reference section 6.4)."""
    ports = [port.rpartition(":") for port in ports_of_volume(array, volume.volume_id)]
    labels = srdf_facts.group_labels(array, volume)
    body: JsonObject = {
        "volumeId": volume.volume_id,
        "type": srdf_facts.device_type(array, volume),
        "emulation": volume.emulation,
        "ssid": "FFFFFFFF",
        "allocated_percent": volume.allocated_percent,
        "cap_gb": capacity.cap_gb(volume.cylinders),
        "cap_mb": capacity.cap_mb(volume.cylinders),
        "cap_cyl": volume.cylinders,
        "status": srdf_facts.device_status(array, volume),
        "reserved": False,
        "pinned": False,
        "physical_name": "N/A",
        "wwn": volume.wwn,
        "encapsulated": False,
        "num_of_storage_groups": len(volume.storage_groups),
        "num_of_front_end_paths": len(ports),
        "snapvx_source": snapvx_facts.is_source(array, volume),
        "snapvx_target": snapvx_facts.is_target(array, volume),
        "mobility_id_enabled": volume.has_mobility_id,
        "has_effective_wwn": volume.effective_wwn is not None,
        "effective_wwn": volume.effective_wwn or volume.wwn,
        "unreducible_data_gb": 0.0,
    }
    if volume.identifier is not None:
        body["volume_identifier"] = volume.identifier
    if volume.storage_groups:
        body["storageGroupId"] = list(volume.storage_groups)
    if ports:
        body["symmetrixPortKey"] = [{"directorId": director, "portId": port} for director, _, port in ports]
    if labels:
        body["rdfGroupId"] = [{"rdf_group_number": number, "label": label} for number, label in labels]
    if dialect.has_nguid:
        body["nguid"] = nguid_of(volume.wwn)
    if dialect.has_storage_group_pairs and volume.storage_groups:
        body["storage_groups"] = _group_pairs(array, volume)
    return body


def _group_pairs(array: ArrayTables, volume: Volume) -> list[JsonObject]:
    pairs: list[JsonObject] = []
    for name in volume.storage_groups:
        parents = array.storage_groups.get(name).parents
        pairs += [{"storage_group_name": name, "parent_storage_group_name": parent} for parent in parents]
        if not parents:
            pairs.append({"storage_group_name": name})
    return pairs
