"""The attributes that the enhanced API knows of a volume (reference section 6.23).

Their names are those that one client lists; clones are not simulated, so no volume has any.
"""

from collections.abc import Callable

from pmax.simulator import capacity
from pmax.simulator.dates import milliseconds
from pmax.simulator.dialect import NEWEST
from pmax.simulator.identifiers import nguid_of
from pmax.simulator.resources.enhanced_queries import Reader
from pmax.simulator.resources.volume_snapshot_reads import TRACK_SIZE
from pmax.simulator.rules import snapvx_facts, srdf_facts
from pmax.simulator.rules.lun_addresses import views_of_volume
from pmax.simulator.rules.snapvx import generation_of, sessions_of, snapshots_of
from pmax.simulator.state.masking_records import MaskingView
from pmax.simulator.state.records import Volume
from pmax.simulator.state.snapvx_records import Snapshot
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

_Attribute = Callable[[ArrayTables, Volume], object]


def volume_readers(array: ArrayTables) -> dict[str, Reader]:
    """Return how each attribute of the volumes of an array is read, by name."""

    def reader(attribute: _Attribute) -> Reader:
        return lambda volume_id: attribute(array, array.volumes.get(volume_id))

    return {name: reader(attribute) for name, attribute in _ATTRIBUTES.items()}


def _storage_groups(array: ArrayTables, volume: Volume) -> list[str]:
    """Return the groups of a volume with their parents, as the sample of the API's description shows them."""
    names = dict.fromkeys(volume.storage_groups)
    for name in volume.storage_groups:
        names.update(dict.fromkeys(array.storage_groups.get(name).parents))
    return list(names)


def _masking_view(view: MaskingView) -> JsonObject:
    return {
        "id": view.name,
        "host": {"id": view.host or view.host_group or ""},
        "port_group": {"id": view.port_group},
        "storage_group": {"id": view.storage_group},
    }


def _snapshots(array: ArrayTables, volume: Volume) -> list[JsonObject]:
    siblings = snapshots_of(array, volume.volume_id)
    return [_snapshot(array, each, generation_of(each, siblings)) for each in siblings]


def _snapshot(array: ArrayTables, snapshot: Snapshot, generation: int) -> JsonObject:
    sessions = sessions_of(array, snapshot)
    body: JsonObject = {
        "id": str(snapshot.snap_id),
        "name": snapshot.name,
        "timestamp_ms": milliseconds(snapshot.created_at),
        "generation": generation,
        "type": "policy" if snapshot.policy else "manual",
        "linked": any(not link.is_restore for link in sessions),
        "restored": any(link.is_restore for link in sessions),
        "expired": snapshot.is_expired,
        "secured": snapshot.secure_until is not None,
        "failed": False,
        "persistent": snapshot.is_persistent,
        "cap_gb": capacity.cap_gb(snapshot.cylinders),
        "tracks": 0,
        "track_size": TRACK_SIZE,
    }
    if snapshot.expires_at is not None:
        body["expiry_date"] = milliseconds(snapshot.expires_at)
    return body


def _rdf_infos(array: ArrayTables, volume: Volume) -> list[JsonObject]:
    """Return the pairs of a volume, out of what the private API says of them."""
    sessions = srdf_facts.rdf_info(array, volume, NEWEST).get("RDFSession")
    return [_rdf_info(session) for session in sessions] if isinstance(sessions, list) else []


def _rdf_info(session: JsonObject) -> JsonObject:
    mode = session["SRDFReplicationMode"]
    return {
        "remote_volume": {"id": session["remoteDeviceID"]},
        "local_rdf_group": {"id": str(session["SRDFGroupNumber"])},
        "remote_rdf_group": {"id": str(session["SRDFRemoteGroupNumber"])},
        "state": session["pairState"],
        "mode": mode,
        "async": mode == "Asynchronous",
        "metro": mode == "Active",
    }


def _is_reduced(array: ArrayTables, volume: Volume) -> bool:
    return any(array.storage_groups.get(name).is_compressed for name in volume.storage_groups)


def _used_gb(_array: ArrayTables, volume: Volume) -> float:
    return round(capacity.cap_gb(volume.cylinders) * volume.allocated_percent / 100, 2)


_ATTRIBUTES: dict[str, _Attribute] = {
    "id": lambda _, volume: volume.volume_id,
    "resource_type": lambda _array, _volume: "volume",  # assumed: only the name of the attribute is known
    "type": srdf_facts.device_type,
    "system": lambda array, _: {"id": array.symmetrix_id},
    "emulation": lambda _, volume: volume.emulation,
    "status": srdf_facts.device_status,
    "identifier": lambda _, volume: volume.identifier,
    "ssid": lambda _array, _volume: "0xFFFFFFFF",
    "nguid": lambda _, volume: nguid_of(volume.wwn),
    "wwn": lambda _, volume: volume.wwn,
    "effective_wwn": lambda _, volume: volume.effective_wwn or volume.wwn,
    "has_effective_wwn": lambda _, volume: volume.effective_wwn is not None,
    "mobility_id_enabled": lambda _, volume: volume.has_mobility_id,
    "encapsulated": lambda _array, _volume: False,
    "snapvx_source": snapvx_facts.is_source,
    "snapvx_target": snapvx_facts.is_target,
    "num_of_storage_groups": lambda array, volume: len(_storage_groups(array, volume)),
    "storage_groups": lambda array, volume: [{"id": name} for name in _storage_groups(array, volume)],
    "num_of_masking_views": lambda array, volume: len(views_of_volume(array, volume.volume_id)),
    "masking_views": lambda array, volume: [_masking_view(each) for each in views_of_volume(array, volume.volume_id)],
    "num_of_snapshots": lambda array, volume: len(snapshots_of(array, volume.volume_id)),
    "snapshots": _snapshots,
    "num_of_clones": lambda _array, _volume: 0,
    "clones": lambda _array, _volume: [],
    "num_of_rdf_infos": lambda array, volume: len(srdf_facts.group_labels(array, volume)),
    "rdf_infos": _rdf_infos,
    "cap_tb": lambda _, volume: capacity.cap_tb(volume.cylinders),
    "cap_gb": lambda _, volume: capacity.cap_gb(volume.cylinders),
    "cap_mb": lambda _, volume: capacity.cap_mb(volume.cylinders),
    "cap_cyl": lambda _, volume: float(volume.cylinders),
    "unreducible_data_gb": lambda _array, _volume: 0.0,
    "data_reduction_ratio_to_one": lambda _array, _volume: 0.0,
    "data_reduction_enabled": _is_reduced,
    "effective_used_capacity_gb": _used_gb,
    "srp": lambda _, volume: {"id": volume.srp} if volume.srp else None,
}
