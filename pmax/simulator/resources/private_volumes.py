"""Volumes as the private API shows them: with masking, replication and snapshot sessions (reference section 6.5)."""

from collections.abc import Sequence

from pmax.simulator import capacity
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.dialect import Dialect
from pmax.simulator.resources.iterators import open_iterator
from pmax.simulator.resources.volumes import matching_volume_ids
from pmax.simulator.rules import snapvx_facts, srdf_facts
from pmax.simulator.rules.lun_addresses import views_of_volume
from pmax.simulator.state.records import StorageGroup, Volume
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

PRIVATE_VOLUMES = "private volumes"


def list_private_volumes(call: Call) -> Answer:
    """Answer an iterator over whole volumes that pass the filters."""
    return ok(open_iterator(call, PRIVATE_VOLUMES, matching_volume_ids(call), private_volume_page))


def private_volume_page(array: ArrayTables, dialect: Dialect, entries: Sequence[str]) -> list[JsonObject]:
    """Return the volumes of a page, as they are now; one that is gone is left out."""
    volumes = (array.volumes.find(volume_id) for volume_id in entries)
    return [private_volume_body(array, volume, dialect) for volume in volumes if volume is not None]


def private_volume_body(array: ArrayTables, volume: Volume, dialect: Dialect) -> JsonObject:
    """Return a volume as JSON."""
    views = len(views_of_volume(array, volume.volume_id))
    return {
        "volumeHeader": _header(array, volume, dialect, views),
        "maskingInfo": {"masked": views > 0},
        "rdfInfo": srdf_facts.rdf_info(array, volume, dialect),
        "timeFinderInfo": snapvx_facts.time_finder_info(array, volume, dialect),
    }


def _header(array: ArrayTables, volume: Volume, dialect: Dialect, views: int) -> JsonObject:
    managing = _managing_group(array, volume)
    level = (managing.service_level if managing else None) or "NONE"
    base_level = array.service_levels.find(level)
    header: JsonObject = {
        "volumeId": volume.volume_id,
        "nameModifier": "",
        "formattedName": volume.volume_id,
        "physicalDeviceName": "N/A",
        "configuration": srdf_facts.device_type(array, volume),
        "SRP": volume.srp or "NONE",
        "serviceLevel": level,
        "serviceLevelBaseName": base_level.base_name if base_level else "NONE",
        "workload": (managing.workload if managing else None) or "NONE",
        "storageGroup": list(volume.storage_groups),
        "fastStorageGroup": managing.name if managing else "N/A",
        "serviceState": "Normal",
        "status": srdf_facts.device_status(array, volume),
        "capTB": capacity.cap_tb(volume.cylinders),
        "capGB": capacity.cap_gb(volume.cylinders),
        "capMB": capacity.cap_mb(volume.cylinders),
        "capCYL": volume.cylinders,
        "blockSize": 512,
        "allocatedPercent": volume.allocated_percent,
        "emulationType": volume.emulation,
        "system_resource": volume.is_gatekeeper,
        "mapped": views > 0,
        "mobilityID": volume.has_mobility_id,
        "numSymDevMaskingViews": views,
        "numStorageGroups": len(volume.storage_groups),
        "numDGs": 0,
        "numCGs": 0,
        "wwn": volume.wwn,
        "hasEffectiveWWN": volume.effective_wwn is not None,
        "effectiveWWN": volume.effective_wwn or volume.wwn,
        "persistentAllocation": "Unpinned",
        "SSID": "0xFFFF",
        "reservationInfo": {"reserved": False},
        "compressionEnabled": managing.is_compressed if managing else False,
        "compressionRatio": "1.0:1",
        **dict.fromkeys(("encapsulated", "BCV", "CKD", "private", "dataDev", "VVol", "meta", "metaHead"), False),
        "FBA": volume.emulation == "FBA",
    }
    header[dialect.private_identifier_key] = volume.identifier or ""
    return header


def _managing_group(array: ArrayTables, volume: Volume) -> StorageGroup | None:
    """Return the one FAST managed group of a volume (rule 1), or None."""
    for name in volume.storage_groups:
        group = array.storage_groups.get(name)
        if group.is_fast_managed:
            return group
    return None
