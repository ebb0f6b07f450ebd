"""What the backend tells the Cinder scheduler: its pools, what it can do, and how much room there is.

A capacity that cannot be read is never reported as zero, or as anything else that was made up: the scheduler gets the
last figures that were read, marked as such, and no pool at all as long as none were.

Source: driver-provisioning.md 5. Unlike upstream, every pool has every field, with the value that holds: upstream left
`multiattach` out of the first pool (T12) and denied QoS, although it sets limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.pools import PoolName, advertised_pools
from pmax.domain.srps import StorageResourcePool
from pmax.ports.readers import Readers

VENDOR_NAME = "Dell EMC"


@attrs.frozen(kw_only=True)
class BackendFacts:
    """What a backend knows of itself without asking the array.

    Attributes:
        name: `volume_backend_name`.
        storage_protocol: in Cinder's word (`iSCSI`, `FC`).
        driver_version: of this product.
        max_over_subscription_ratio: at least 1, or `auto`.
        reserved_percentage: what the operator keeps free; the array may keep more.
        replication_targets: serials of the arrays to which volumes can be replicated.
        takes_group_snapshots: whether all volumes of a group can be snapped at one moment.
        replicates_groups: whether the volumes of a group can be replicated, and fail over, together.
    """

    name: str
    storage_protocol: str
    driver_version: str
    max_over_subscription_ratio: float | str
    reserved_percentage: int
    replication_targets: tuple[str, ...] = ()
    takes_group_snapshots: bool = False
    replicates_groups: bool = False


@attrs.frozen(kw_only=True)
class Reading:
    """What the array said.

    Attributes:
        pools: to advertise.
        srp: figures; all pools share them.
    """

    pools: tuple[PoolName, ...]
    srp: StorageResourcePool


def read_pools(readers: Readers, array_id: ArrayId, srp: str) -> Reading:
    """Ask the array; one call, once what never changes is known.

    Raises:
        PmaxError: it could not be asked, or has no such pool.
    """
    pools = advertised_pools(
        readers.arrays.get_array(array_id),
        readers.arrays.list_service_levels(array_id),
        readers.arrays.list_workloads(array_id),
        srp,
    )
    return Reading(pools=pools, srp=readers.arrays.get_srp(array_id, srp))


def statistics(facts: BackendFacts, reading: Reading | None, age_s: float | None = None) -> dict[str, Any]:
    """The dictionary for Cinder.

    Args:
        facts: about the backend.
        reading: the newest there is; None when the array could not be asked since the start.
        age_s: how old it is, when the array cannot be asked now, which marks the backend as down; None when it is new.

    Returns:
        The backend's own fields, whose capacities of 0 make the scheduler use those of `pools`.
    """
    stats: dict[str, Any] = {
        "vendor_name": VENDOR_NAME,
        "driver_version": facts.driver_version,
        "storage_protocol": facts.storage_protocol,
        "volume_backend_name": facts.name,
        "total_capacity_gb": 0,
        "free_capacity_gb": 0,
        "provisioned_capacity_gb": 0,
        "reserved_percentage": 0,
        "replication_enabled": bool(facts.replication_targets),
        "replication_targets": list(facts.replication_targets),
        "sparse_copy_volume": True,
        "pools": [_pool(facts, pool, reading.srp) for pool in reading.pools] if reading else [],
    }
    return stats if age_s is None else _marked_as_down(stats, age_s)


def _pool(facts: BackendFacts, pool: PoolName, srp: StorageResourcePool) -> dict[str, Any]:
    return {
        "pool_name": str(pool),
        "total_capacity_gb": srp.total_gib,
        "free_capacity_gb": srp.free_gib,
        "provisioned_capacity_gb": srp.subscribed_gib,
        "reserved_percentage": max(facts.reserved_percentage, srp.reserved_percent),
        "max_over_subscription_ratio": facts.max_over_subscription_ratio,
        "location_info": pool.location_info,
        "thin_provisioning_support": True,
        "thick_provisioning_support": False,
        "multiattach": True,
        "QoS_support": True,
        "consistent_group_snapshot_enabled": facts.takes_group_snapshots,
        "consistencygroup_support": False,
        "replication_enabled": bool(facts.replication_targets),
        "group_replication_enabled": facts.replicates_groups,
        "consistent_group_replication_enabled": facts.replicates_groups,
        "capacity_age_s": 0,
    }


def _marked_as_down(stats: Mapping[str, Any], age_s: float) -> dict[str, Any]:
    """Say it in the words that `openstack volume service list` shows, and how old the figures are."""
    pools = [{**pool, "backend_state": "down", "capacity_age_s": round(age_s)} for pool in stats["pools"]]
    return {**stats, "backend_state": "down", "pools": pools}
