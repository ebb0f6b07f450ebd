"""What the scheduler is told, field by field (driver-provisioning.md 5)."""

import attrs
import pytest

from pmax.adapters.cinder.statistics import BackendFacts, Reading, statistics
from pmax.domain.identifiers import array_id
from pmax.domain.pools import PoolName
from pmax.domain.srps import StorageResourcePool

ARRAY = array_id("000197900123")
FACTS = BackendFacts(
    name="powermax",
    storage_protocol="iSCSI",
    driver_version="1.2.3",
    max_over_subscription_ratio=20.0,
    reserved_percentage=5,
)
SRP = StorageResourcePool(
    array_id=ARRAY, name="SRP_1", total_gib=51200.0, used_gib=10240.0, subscribed_gib=20480.0, reserved_percent=10
)
POOLS = (PoolName.parse(f"Diamond+None+SRP_1+{ARRAY}"), PoolName.parse(f"Diamond+SRP_1+{ARRAY}"))
READING = Reading(pools=POOLS, srp=SRP)


def test_the_backends_own_fields() -> None:
    """The backend's capacities are 0, so that the scheduler uses those of its pools."""
    stats = statistics(FACTS, READING)
    del stats["pools"]
    assert stats == {
        "vendor_name": "Dell EMC",
        "driver_version": "1.2.3",
        "storage_protocol": "iSCSI",
        "volume_backend_name": "powermax",
        "total_capacity_gb": 0,
        "free_capacity_gb": 0,
        "provisioned_capacity_gb": 0,
        "reserved_percentage": 0,
        "replication_enabled": False,
        "replication_targets": [],
        "sparse_copy_volume": True,
    }


def test_the_fields_of_a_pool() -> None:
    """A pool has its own name and place, and the figures of the storage resource pool that all pools share."""
    assert statistics(FACTS, READING)["pools"][0] == {
        "pool_name": f"Diamond+None+SRP_1+{ARRAY}",
        "location_info": f"{ARRAY}#SRP_1#Diamond#None",
        "total_capacity_gb": 51200.0,
        "free_capacity_gb": 40960.0,
        "provisioned_capacity_gb": 20480.0,
        "reserved_percentage": 10,
        "max_over_subscription_ratio": 20.0,
        "thin_provisioning_support": True,
        "thick_provisioning_support": False,
        "multiattach": True,
        "QoS_support": True,
        "consistent_group_snapshot_enabled": False,
        "consistencygroup_support": False,
        "replication_enabled": False,
        "group_replication_enabled": False,
        "consistent_group_replication_enabled": False,
        "capacity_age_s": 0,
    }


def test_every_pool_has_every_field() -> None:
    """Upstream left fields out of the first pool and out of all others, so that types could not land there (T12)."""
    fields = [sorted(pool) for pool in statistics(FACTS, READING)["pools"]]
    assert fields == [fields[0]] * len(POOLS)


@pytest.mark.parametrize(("operators", "arrays", "effective"), [(0, 10, 10), (5, 10, 10), (20, 10, 20), (7, 0, 7)])
def test_the_larger_reserve_counts(operators: int, arrays: int, effective: int) -> None:
    """The operator can reserve more than the array does, and never less."""
    reading = attrs.evolve(READING, srp=attrs.evolve(SRP, reserved_percent=arrays))
    stats = statistics(attrs.evolve(FACTS, reserved_percentage=operators), reading)
    assert {pool["reserved_percentage"] for pool in stats["pools"]} == {effective}


def test_an_automatic_ratio_is_passed_on() -> None:
    """Cinder works the ratio out itself when it is told `auto`."""
    stats = statistics(attrs.evolve(FACTS, max_over_subscription_ratio="auto"), READING)
    assert {pool["max_over_subscription_ratio"] for pool in stats["pools"]} == {"auto"}


def test_old_figures_stand_and_are_marked() -> None:
    """What was read last is reported with its age and the mark of a backend that is down, and otherwise unchanged."""
    current, old = statistics(FACTS, READING), statistics(FACTS, READING, 61.7)
    assert [pool.pop("backend_state") for pool in old["pools"]] == ["down", "down"]
    assert [(pool["capacity_age_s"], pool.update(capacity_age_s=0)) for pool in old["pools"]] == [(62, None)] * 2
    assert old.pop("backend_state") == "down"
    assert old == current


def test_without_any_figures_there_is_no_pool() -> None:
    """Nothing that was made up is reported: a backend that could never be read offers no pool to the scheduler."""
    stats = statistics(FACTS, None, 0.0)
    assert stats["pools"] == []
    assert stats["backend_state"] == "down"


def test_what_the_backend_can_do_is_said_of_every_pool() -> None:
    """Group snapshots and replication are claimed by all pools and the backend, or by none."""
    abilities = {"takes_group_snapshots": True, "replicates_groups": True}
    able = attrs.evolve(FACTS, **abilities, replication_targets=("000197900124",))
    stats = statistics(able, READING)
    assert (stats["replication_enabled"], stats["replication_targets"]) == (True, ["000197900124"])
    for name in (
        "consistent_group_snapshot_enabled",
        "replication_enabled",
        "group_replication_enabled",
        "consistent_group_replication_enabled",
    ):
        assert {pool[name] for pool in stats["pools"]} == {True}
