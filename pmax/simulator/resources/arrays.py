"""Versions and arrays (reference sections 1.4, 6.1 and 6.2)."""

from collections.abc import Callable

import attrs

from pmax.simulator.call import Answer, Call, no_content, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import TooManyRequests
from pmax.simulator.resources.pools import pool_usage
from pmax.simulator.resources.tags import edited_tags
from pmax.simulator.rules import groups
from pmax.simulator.state.masking_records import PortKind, volume_of_lun_key
from pmax.simulator.state.records import Array
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

_REFRESH_INTERVAL_S = 300.0


def get_version(call: Call) -> Answer:
    """Answer the version of the Unisphere with the versions of the API that it serves."""
    dialects = call.unisphere.version.dialects
    return ok(
        {
            "version": call.unisphere.version.text,
            "api_version": str(dialects[-1].version),
            "supported_api_versions": [str(dialect.version) for dialect in dialects],
        }
    )


def get_system_version(call: Call) -> Answer:
    """Answer the version of the Unisphere in the old form."""
    return ok({"version": call.unisphere.version.text})


def list_arrays(call: Call) -> Answer:
    """Answer the ids of all arrays that this Unisphere sees and reaches and that pass the filters.

    The answer to `compressionCapable` is 200 even if it is empty (reference section 11, point 4).
    """
    seen = [(call, row) for row in call.transaction.arrays if row.is_up and call.unisphere.sees(row.symmetrix_id)]
    return ok({"symmetrixId": sorted(row.symmetrix_id for _, row in _FILTERS.apply(call.query, seen))})


def get_system_array(call: Call) -> Answer:
    """Answer an array as the system category shows it."""
    array, record = call.array, call.array.record
    kinds = [port.kind for port in array.ports]
    directors = {port.director_id: port.kind for port in array.ports}
    body: JsonObject = {
        "symmetrixId": record.symmetrix_id,
        "device_count": len(array.volumes),
        **_code(call, record),
        "model": record.model,
        "local": call.unisphere.manages(record.symmetrix_id),
        "all_flash": record.is_all_flash,
        "display_name": record.display_name or record.symmetrix_id,
        "disk_count": record.disk_count,
        "cache_size_mb": record.cache_size_mb,
        "data_encryption": "Disabled",
        "fe_dir_count": sum(kind is not PortKind.RDF for kind in directors.values()),
        "be_dir_count": 2,
        "rdf_dir_count": sum(kind is PortKind.RDF for kind in directors.values()),
        "max_hyper_per_disk": 512,
        "vcm_state": "Enabled",
        "vcmdb_state": "Enabled",
        "reliability_state": "Normal",
        "port_count": len(kinds),
    }
    return ok(body)


def get_provisioning_array(call: Call) -> Answer:
    """Answer an array as the provisioning category shows it, with its capacities."""
    return ok(_provisioning_body(call))


def edit_array(call: Call) -> Answer:
    """Change the tags of an array (rule 32): one edit per request (rule 83)."""
    action = call.body.fields("editSymmetrixActionParam")
    fields = action.fields(action.choose("tagManagementParam"))
    record = call.array.record
    tags = edited_tags(fields, record.tags, call.dialect)
    call.transaction.arrays.put(attrs.evolve(record, tags=tags))
    return ok(_provisioning_body(call))


def refresh_array(call: Call) -> Answer:
    """Take note of a refresh: one per array in five minutes (reference section 1.3)."""
    record = call.array.record
    if record.refreshed_at is not None and call.now - record.refreshed_at < _REFRESH_INTERVAL_S:
        raise TooManyRequests("Too Many Requests: an array can be refreshed once in 5 minutes")
    call.transaction.arrays.put(attrs.evolve(record, refreshed_at=call.now))
    return no_content()


def list_licences(call: Call) -> Answer:
    """Answer the licensed features of all arrays."""
    arrays = [row for row in call.transaction.arrays if call.unisphere.sees(row.symmetrix_id)]
    return ok(
        {"capability": [{"symmetrix_id": row.symmetrix_id, "license_features": _licences(row)} for row in arrays]}
    )


def _licences(record: Array) -> list[str]:
    features = {"SYMM_SRDF": record.is_srdf_capable, "SYMM_TF_SNAP": record.is_snapvx_capable}
    return [name for name, is_licensed in features.items() if is_licensed]


def _code(call: Call, record: Array) -> JsonObject:
    """Return the code level: `microcode` for V4 arrays where the version knows them, else `ucode`."""
    prefix = "microcode" if record.is_v4 and call.dialect.has_v4_fields else "ucode"
    return {prefix: record.microcode, f"{prefix}_date": "06-15-2020", f"{prefix}_registered_build": 42}


def _provisioning_body(call: Call) -> JsonObject:
    array, record = call.array, call.array.record
    usages = [pool_usage(array, pool) for pool in array.pools]
    levels = [group.service_level for group in array.storage_groups if not groups.is_parent(array, group)]
    body: JsonObject = {
        "symmetrixId": record.symmetrix_id,
        "device_count": len(array.volumes),
        **_code(call, record),
        "model": record.model,
        "local": call.unisphere.manages(record.symmetrix_id),
        "default_fba_srp": record.default_srp or "NONE",
        "system_capacity": {
            "subscribed_allocated_tb": round(sum(each.allocated_tb for each in usages), 2),
            "subscribed_total_tb": round(sum(each.subscribed_tb for each in usages), 2),
            "snapshot_modified_tb": 0.0,
            "snapshot_total_tb": round(sum(each.snapshot_tb for each in usages), 2),
            "usable_used_tb": round(sum(each.used_tb for each in usages), 2),
            "usable_total_tb": round(sum(each.usable_tb for each in usages), 2),
        },
        "system_efficiency": {"overall_efficiency_ratio_to_one": 1.0, "data_reduction_ratio_to_one": 1.0},
        "sloCompliance": {
            "slo_stable": sum(level is not None for level in levels),
            "slo_marginal": 0,
            "slo_critical": 0,
            "no_slo": sum(level is None for level in levels),
        },
        "host_visible_device_count": _visible(array),
    }
    if call.dialect.has_tags and record.tags:
        body["tags"] = ", ".join(record.tags)
    return body


def _visible(array: ArrayTables) -> int:
    return len({volume_of_lun_key(key) for key in array.lun_addresses.ids()})


Candidate = tuple[Call, Array]
_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "compressionCapable": lambda it: it[1].is_compression_capable,
    "model": lambda it: it[1].model,
    "local": lambda it: it[0].unisphere.manages(it[1].symmetrix_id),
    "device_count": lambda it: len(it[0].transaction.array(it[1].symmetrix_id).volumes),
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
