"""Storage resource pools, service levels and workloads (reference section 6.3)."""

from collections.abc import Callable

import attrs

from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.capacity import BYTES_PER_CYLINDER, cap_gb
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import ArrayRefused, MissingSubject, NotFound, text_of_missing
from pmax.simulator.rules import groups
from pmax.simulator.rules.families import workloads_of
from pmax.simulator.state.records import ServiceLevel, StorageGroup, StorageResourcePool
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

_TB = 1024**4


@attrs.frozen(kw_only=True)
class PoolUsage:
    """How full a pool is, in units of 1024 GiB.

    Attributes:
        subscribed_tb: the sum of the sizes of its volumes.
        allocated_tb: what of that is written to.
        used_tb: allocated by volumes and taken by snapshots.
    """

    usable_tb: float
    subscribed_tb: float
    allocated_tb: float
    snapshot_tb: float

    @property
    def used_tb(self) -> float:
        """Taken, whatever for."""
        return self.allocated_tb + self.snapshot_tb

    @property
    def used_percent(self) -> float:
        """Taken, in percent of what is usable."""
        return round(100 * self.used_tb / self.usable_tb, 1) if self.usable_tb else 0.0


def pool_usage(array: ArrayTables, pool: StorageResourcePool) -> PoolUsage:
    """Return how full a pool is: it moves with its volumes."""
    subscribed = array.volumes.total("srp", pool.name) * BYTES_PER_CYLINDER / _TB
    allocated = array.volumes.total("allocated", pool.name) * BYTES_PER_CYLINDER / 100 / _TB
    return PoolUsage(
        usable_tb=pool.usable_tb, subscribed_tb=subscribed, allocated_tb=allocated, snapshot_tb=pool.snapshot_used_tb
    )


def list_pools(call: Call) -> Answer:
    """Answer the names of the pools that pass the filters."""
    rows = [(call.array, pool) for pool in call.array.pools]
    return ok({"srpId": sorted(pool.name for _, pool in _FILTERS.apply(call.query, rows))})


def get_pool(call: Call) -> Answer:
    """Answer one pool."""
    pool = _pool(call)
    usage = pool_usage(call.array, pool)
    record = call.array.record
    body: JsonObject = {
        "srpId": pool.name,
        "num_of_disk_groups": 1,
        "description": pool.description,
        "emulation": pool.emulation,
        "compression_state": "Enabled" if record.is_compression_capable else "Disabled",
        "effective_used_capacity_percent": round(usage.used_percent),
        "reserved_cap_percent": pool.reserved_percent,
        "total_srdf_dse_allocated_cap_gb": 0.0,
        "rdfa_dse": True,
        "reliability_state": "Normal",
        "diskGroupId": ["1"],
    }
    if record.is_v4 and call.dialect.has_v4_fields:
        body["service_levels"] = sorted(level.name for level in call.array.service_levels)
        body["fba_srp_capacity"] = _v4_capacity(usage)
    else:
        body["srp_capacity"] = _capacity(usage)
        body["srp_efficiency"] = {
            "overall_efficiency_ratio_to_one": 1.0,
            "data_reduction_ratio_to_one": 1.0,
            "data_reduction_enabled_percent": 100.0 if record.is_compression_capable else 0.0,
            "virtual_provisioning_savings_ratio_to_one": 1.0,
            "snapshot_savings_ratio_to_one": 1.0,
        }
    return ok(body)


def get_service_level_demand(call: Call) -> Answer:
    """Answer what the volumes of each service level and workload take of a pool."""
    pool = _pool(call)
    demand: dict[tuple[str, str], tuple[int, int]] = {}
    for group, ids in _managed(call.array, pool):
        for volume in (call.array.volumes.get(volume_id) for volume_id in ids):
            key = (group.service_level or "NONE", group.workload or "NONE")
            subscribed, allocated = demand.get(key, (0, 0))
            written = volume.cylinders * volume.allocated_percent // 100
            demand[key] = (subscribed + volume.cylinders, allocated + written)
    rows = [
        {
            "serviceLevelId": level,
            "workloadId": workload,
            "fba_subscribed_gb": cap_gb(subscribed),
            "fba_allocated_gb": cap_gb(allocated),
            "fba_allocated_percent": round(100 * allocated / subscribed) if subscribed else 0,
            "total_subscribed_gb": cap_gb(subscribed),
            "total_allocated_gb": cap_gb(allocated),
        }
        for (level, workload), (subscribed, allocated) in sorted(demand.items())
    ]
    return ok({"serviceLevelDemand": rows})


def get_storage_group_demand(call: Call) -> Answer:
    """Answer what each storage group takes of a pool (field names beyond the ids are assumed)."""
    rows = []
    for group, ids in _managed(call.array, _pool(call)):
        volumes = [call.array.volumes.get(volume_id) for volume_id in ids]
        subscribed = sum(volume.cylinders for volume in volumes)
        allocated = sum(volume.cylinders * volume.allocated_percent for volume in volumes) // 100
        rows.append(
            {
                "storageGroupId": group.name,
                "subscribed_gb": cap_gb(subscribed),
                "allocated_gb": cap_gb(allocated),
                "allocated_percent": round(100 * allocated / subscribed) if subscribed else 0,
                "snapshot_allocated_gb": 0.0,
            }
        )
    return ok({"storageGroupDemand": rows})


def get_compressibility(call: Call) -> Answer:
    """Answer how compressible the groups of a pool are."""
    rows = []
    for group, ids in _managed(call.array, _pool(call)):
        volumes = [call.array.volumes.get(volume_id) for volume_id in ids]
        allocated = sum(volume.cylinders * volume.allocated_percent for volume in volumes) // 100
        rows.append(
            {
                "storageGroupId": group.name,
                "num_of_volumes": len(ids),
                "allocated_cap_gb": cap_gb(allocated),
                "used_cap_gb": cap_gb(allocated),
                "compression_enabled": group.is_compressed,
            }
        )
    return ok({"storageGroupCompressibility": rows})


def list_service_levels(call: Call) -> Answer:
    """Answer the names of the service levels, the fastest first."""
    return ok({"sloId": [level.name for level in _levels(call.array)]})


def get_service_level(call: Call) -> Answer:
    """Answer one service level."""
    return ok(_level_body(call.array, _service_level(call)))


def edit_service_level(call: Call) -> Answer:
    """Rename a service level; its groups follow."""
    level = _service_level(call)
    action = call.body.fields("editSloActionParam")
    name = action.fields(action.choose("renameSloParam")).group_name("sloId")
    taken = {each.name.lower() for each in call.array.service_levels} - {level.name.lower()}
    if name.lower() in taken:
        raise ArrayRefused(f"Service Level [{name}] already exists")
    renamed = attrs.evolve(level, name=name)
    members = call.array.storage_groups.where("service_level", level.name)
    call.array.service_levels.delete(level.name)
    call.array.service_levels.put(renamed)
    for group in members:
        call.array.storage_groups.put(attrs.evolve(group, service_level=name))
    return ok(_level_body(call.array, renamed))


def list_workloads(call: Call) -> Answer:
    """Answer the workload types."""
    return ok({"workloadId": list(workloads_of(call.array.record))})


def _pool(call: Call) -> StorageResourcePool:
    pool = call.array.pools.find(call.params["srp"])
    if pool is None:
        raise NotFound(text_of_missing("Storage Resource Pool", call.params["srp"], call.symmetrix_id))
    return pool


def _levels(array: ArrayTables) -> list[ServiceLevel]:
    """Return the service levels in the order of their speed, "None" last."""
    return sorted(array.service_levels, key=lambda level: (level.base_name == "None", level.response_time_ms or 99.0))


def _service_level(call: Call) -> ServiceLevel:
    level = call.array.service_levels.find(call.params["service_level"])
    if level is None:
        text = text_of_missing("Service Level", call.params["service_level"], call.symmetrix_id)
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return level


def _level_body(array: ArrayTables, level: ServiceLevel) -> JsonObject:
    workloads = workloads_of(array.record)
    members = sorted(array.storage_groups.keys_where("service_level", level.name))
    body: JsonObject = {
        "sloId": level.name,
        "sloBaseId": level.base_name,
        "num_of_workloads": len(workloads),
        "num_of_storage_groups": len(members),
        "workloadId": list(workloads),
    }
    if members:
        body["storageGroupId"] = members
    if level.response_time_ms is not None:
        body["average_expected_response_time_ms"] = str(level.response_time_ms)
    return body


def _managed(array: ArrayTables, pool: StorageResourcePool) -> list[tuple[StorageGroup, list[str]]]:
    """Return the FAST managed groups of a pool with their volumes, by name."""
    members = [array.storage_groups.get(name) for name in array.storage_groups.sorted_keys()]
    return [(group, groups.volume_ids(array, group)) for group in members if group.srp == pool.name]


def _capacity(usage: PoolUsage) -> JsonObject:
    return {
        "subscribed_allocated_tb": round(usage.allocated_tb, 4),
        "subscribed_total_tb": round(usage.subscribed_tb, 4),
        "snapshot_modified_tb": 0.0,
        "snapshot_total_tb": round(usage.snapshot_tb, 4),
        "usable_used_tb": round(usage.used_tb, 4),
        "usable_total_tb": usage.usable_tb,
        "effective_used_capacity_percent": round(usage.used_percent),
    }


def _v4_capacity(usage: PoolUsage) -> JsonObject:
    """Return `fba_srp_capacity`; only the keys that clients read are certain (reference section 13)."""
    free = round(usage.usable_tb - usage.used_tb, 4)
    return {
        "provisioned": {
            "provisioned_tb": round(usage.subscribed_tb, 4),
            "effective_capacity_tb": usage.usable_tb,
            "provisioned_percent": round(100 * usage.subscribed_tb / usage.usable_tb, 1) if usage.usable_tb else 0.0,
            "used_tb": round(usage.used_tb, 4),
        },
        "effective": {
            "used_tb": round(usage.used_tb, 4),
            "total_tb": usage.usable_tb,
            "free_tb": free,
            "effective_used_percent": usage.used_percent,
            "physical_capacity": {
                "used_tb": round(usage.used_tb, 4),
                "total_tb": usage.usable_tb,
                "free_tb": free,
            },
            "effective_capacity_resources": {},
            "effective_capacity_usage": {
                "snapshot_used_tb": round(usage.snapshot_tb, 4),
                "user_used_tb": round(usage.allocated_tb, 4),
            },
        },
        "snapshot": {"effective_used_percent": 0.0, "physical_used_percent": 0.0},
        "data_reduction": {"reducing_data_percent": 100.0, "savings_tb": 0.0},
    }


Candidate = tuple[ArrayTables, StorageResourcePool]
_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "srpId": lambda it: it[1].name,
    "description": lambda it: it[1].description,
    "emulation": lambda it: it[1].emulation,
    "num_of_disk_groups": lambda _: 1,
    "reserved_cap_percent": lambda it: it[1].reserved_percent,
    "effective_used_capacity_percent": lambda it: round(pool_usage(*it).used_percent),
    "compression_state": lambda it: "Enabled" if it[0].record.is_compression_capable else "Disabled",
    "rdfa_dse": lambda _: True,
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
