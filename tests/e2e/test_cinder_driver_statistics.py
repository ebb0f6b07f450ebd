"""What the scheduler is told about a real stanza and a simulated array."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cinder import exception

from tests.e2e.cinder_driver_backend import ARRAY, CinderBackend, Line, cinder_backend, created
from tests.unit.adapters.cinder import cinder_objects


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend and its array."""
    with cinder_backend(tmp_path) as made:
        yield made


def test_pools_are_those_of_the_array(backend: CinderBackend) -> None:
    """There is a pool for each service level, by both of its names, and none twice; upstream's names are among them."""
    pools = backend.start().get_volume_stats(refresh=True)["pools"]
    names = [pool["pool_name"] for pool in pools]
    upstream = {"Bronze", "Diamond", "Gold", "None", "Optimized", "Platinum", "Silver"}
    assert len(names) == len(set(names))
    assert {f"{level}+SRP_1+{ARRAY}" for level in upstream} <= set(names)
    assert {f"{level}+None+SRP_1+{ARRAY}" for level in upstream} <= set(names)


@pytest.mark.parametrize(("protocol", "word"), [("iscsi", "iSCSI"), ("fc", "FC")])
def test_the_backend_says_who_it_is(backend: CinderBackend, protocol: str, word: str) -> None:
    """Name and protocol are the operator's and Cinder's words."""
    stats = backend.start(protocol, volume_backend_name="gold-array").get_volume_stats(refresh=True)
    assert (stats["volume_backend_name"], stats["storage_protocol"]) == ("gold-array", word)
    assert stats["vendor_name"] == "Dell EMC"


def test_a_backend_without_a_name_has_upstreams(backend: CinderBackend) -> None:
    """Volume types may ask for the name that upstream gives to a backend without one."""
    stats = backend.start(volume_backend_name=None).get_volume_stats(refresh=True)
    assert stats["volume_backend_name"] == "PowerMaxCommon"


def test_figures_follow_the_array(backend: CinderBackend) -> None:
    """Provisioned capacity grows with what was created, and nothing of it is kept from the last time."""
    driver = backend.start()
    before = driver.get_volume_stats(refresh=True)["pools"][0]
    created(driver, cinder_objects.volume(size=100))
    after = driver.get_volume_stats(refresh=True)["pools"][0]
    assert before["total_capacity_gb"] == after["total_capacity_gb"] == pytest.approx(26 * 1024)
    assert after["provisioned_capacity_gb"] - before["provisioned_capacity_gb"] == pytest.approx(100, abs=0.5)


def test_the_operators_limits_are_reported(backend: CinderBackend) -> None:
    """Over-subscription and reserve come from the stanza, unless the array reserves more."""
    driver = backend.start(max_over_subscription_ratio="3.5", reserved_percentage="25")
    [pool, *_] = driver.get_volume_stats(refresh=True)["pools"]
    assert (pool["max_over_subscription_ratio"], pool["reserved_percentage"]) == (3.5, 25)


def test_figures_are_cached_until_a_refresh_is_asked_for(backend: CinderBackend) -> None:
    """Without a refresh nothing is asked of the array."""
    driver = backend.start()
    driver.get_volume_stats(refresh=True)
    with backend.counting() as calls:
        driver.get_volume_stats()
    assert calls == []


def test_what_cinder_adds_does_not_stay(backend: CinderBackend) -> None:
    """The manager writes into the pools that it gets; the next report does not show it."""
    driver = backend.start()
    for pool in driver.get_volume_stats(refresh=True)["pools"]:
        pool["allocated_capacity_gb"] = 7
    assert not any("allocated_capacity_gb" in pool for pool in driver.get_volume_stats(refresh=True)["pools"])


def test_the_last_figures_stand_while_unisphere_is_away(backend: CinderBackend) -> None:
    """A backend that cannot be read reports what it read last, marked as down; never zero."""
    line = Line(backend)
    backend.configure()
    driver = backend.load(adapter=line)
    driver.do_setup(None)
    driver.check_for_setup_error()
    known = driver.get_volume_stats(refresh=True)
    line.is_cut = True
    backend.clock.sleep(90)
    old = driver.get_volume_stats(refresh=True)
    assert {pool.pop("backend_state") for pool in old["pools"]} == {"down"}
    assert {pool["capacity_age_s"] >= 90 for pool in old["pools"]} == {True}
    for pool in old["pools"]:
        pool["capacity_age_s"] = 0
    assert old["pools"] == known["pools"]
    line.is_cut = False
    assert driver.get_volume_stats(refresh=True) == known


def test_a_backend_that_starts_without_unisphere_recovers_by_itself(backend: CinderBackend) -> None:
    """It starts, offers no pool, fails operations with the reason, and works as soon as Unisphere answers."""
    line = Line(backend)
    line.is_cut = True
    backend.configure()
    driver = backend.load(adapter=line)
    driver.do_setup(None)
    driver.check_for_setup_error()
    driver.init_capabilities()
    assert driver.get_volume_stats(refresh=True)["pools"] == []
    with pytest.raises(exception.VolumeBackendAPIException, match="connection refused"):
        driver.create_volume(cinder_objects.volume())
    line.is_cut = False
    created(driver, cinder_objects.volume())
    assert driver.get_volume_stats(refresh=True)["pools"] != []
