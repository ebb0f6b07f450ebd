"""What the upstream drivers get wrong about options, start and statistics, trap by trap, and does not happen here.

The numbers are those of driver-provisioning.md, section 11. Traps of single operations stand beside their tests.
"""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from cinder import exception

from pmax.adapters.options import POWERMAX_OPTIONS
from pmax.domain.arrays import Microcode
from pmax.simulator import Fault, Garbage, Refuse
from tests.e2e.cinder_driver_backend import (
    ARRAY,
    DIAMOND,
    CinderBackend,
    Line,
    cinder_backend,
    created,
    iscsi_connector,
)
from tests.unit.adapters.cinder.cinder_objects import volume, volume_type


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend of Cinder's."""
    with cinder_backend(tmp_path) as made:
        yield made


def pool_names(driver: object) -> list[str]:
    """Names of the pools that the scheduler is told."""
    return [pool["pool_name"] for pool in driver.get_volume_stats(refresh=True)["pools"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("option", ["san_api_port", "san_rest_port"])
def test_trap_t1_the_port_takes_effect(backend: CinderBackend, option: str) -> None:
    """Either name of the option decides which port is called."""
    backend.configure(**{option: "9443"})
    driver = backend.load(adapter=Line(backend))
    driver.do_setup(None)
    assert driver._backend.engine.settings.servers[0].port == 9443


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_trap_t2_a_failed_look_is_not_an_absent_volume(backend: CinderBackend, status: int) -> None:
    """If the volume cannot be looked up, its deletion and its giving up fail, and it is still there afterwards."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    device = mine.metadata["DeviceID"]
    backend.simulator.faults.add(
        Fault(effect=Refuse(status=status, message="try later"), verb="GET", path=f"volume/{device}", nth="every")
    )
    for call in (driver.delete_volume, driver.unmanage):
        with pytest.raises(exception.VolumeBackendAPIException):
            call(mine)
    backend.simulator.faults.clear()
    assert backend.array.volumes[device].identifier == f"OS-{mine.id}"


def test_trap_t3_zero_and_no_are_values(backend: CinderBackend) -> None:
    """No retries and no pause are what was asked for, and not what was forgotten."""
    backend.configure(u4p_failover_retries="0", u4p_failover_backoff_factor="0")
    driver = backend.load()
    driver.do_setup(None)
    settings = driver._backend.engine.settings
    assert (settings.retries, settings.backoff_factor_s) == (0, 0.0)


def test_trap_t12_a_multiattach_type_can_land_on_every_pool(backend: CinderBackend) -> None:
    """Each pool has each flag that the scheduler looks at, once, and always in the same order."""
    driver = backend.start()
    pools = driver.get_volume_stats(refresh=True)["pools"]
    assert {pool["multiattach"] for pool in pools} == {True}
    assert {tuple(sorted(pool)) for pool in pools} == {tuple(sorted(pools[0]))}
    assert len(pool_names(driver)) == len(set(pool_names(driver)))
    assert pool_names(driver) == pool_names(driver)


def test_trap_t13_two_backends_keep_their_own_pools(backend: CinderBackend) -> None:
    """Pools belong to a driver, and not to its class."""
    first = backend.start()
    before = pool_names(first)
    other = backend.start(powermax_array="000197900998", powermax_port_groups="[OS-iscsi-PG]")
    assert all(name.endswith("000197900998") for name in pool_names(other))
    assert pool_names(first) == before


def test_trap_t14_a_pool_that_vanished_is_told_and_not_raised(
    backend: CinderBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """Statistics go on with the last figures, marked as down, and the log names the pool."""
    driver = backend.start()
    known = driver.get_volume_stats(refresh=True)["pools"][0]["total_capacity_gb"]
    backend.simulator.faults.add(Fault(effect=Refuse(status=404), verb="GET", path="srp/SRP_1", nth="every"))
    stats = driver.get_volume_stats(refresh=True)
    assert (stats["backend_state"], stats["pools"][0]["total_capacity_gb"]) == ("down", known)
    assert "SRP_1" in caplog.text


@pytest.mark.parametrize(
    ("microcode", "is_offered", "has_workloads"), [("5977.1131.1131", False, True), ("5978.669.669", True, False)]
)
def test_trap_t15_a_pool_that_is_advertised_can_be_used(
    backend: CinderBackend, microcode: str, is_offered: bool, has_workloads: bool
) -> None:
    """An All Flash array offers Optimized only where it takes it, and workloads only where it has them."""
    backend.array.update(model="VMAX250F", microcode=microcode)
    driver = backend.start()
    names = pool_names(driver)
    assert (f"Optimized+SRP_1+{ARRAY}" in names) == is_offered
    assert f"Diamond+OLTP+SRP_1+{ARRAY}" in names
    level = "Optimized" if is_offered else "Diamond"
    made = created(driver, volume(of_type=volume_type({"pool_name": f"{level}+SRP_1+{ARRAY}"})))
    group = next(iter(backend.array.volumes[made.metadata["DeviceID"]].storage_groups))
    assert group == f"OS-SRP_1-{level}-NONE-SG"
    assert has_workloads == (not is_offered)


def test_trap_t31_unisphere_10_is_spoken_to_in_its_own_version(tmp_path: Path) -> None:
    """Version 10.0 has paths below /100."""
    with cinder_backend(tmp_path, unisphere_version="V10.0.0.0") as backend:
        with backend.counting() as calls:
            backend.start()
        paths = [call.replace("/private/", "/") for call in calls if "symmetrix" in call]
        assert {path.split("/")[3] for path in paths} == {"100"}, calls


def test_trap_t32_microcode_is_compared_by_its_numbers() -> None:
    """10000 is newer than 5978, although its text sorts before."""
    assert Microcode.parse("10000.1.1") > Microcode.parse("5978.669.669")
    assert Microcode.parse("5978.1000.1") > Microcode.parse("5978.669.669")


@pytest.mark.parametrize("version", ["V8.4.0.1", "V11.0.0.0"])
def test_trap_t33_a_unisphere_of_another_age_is_refused(backend: CinderBackend, version: str) -> None:
    """A version that cannot be spoken to is a mistake in the configuration, told at the start, and not only logged."""
    text = f'{{"version": "{version}"}}'
    backend.simulator.faults.add(Fault(effect=Garbage(text=text), verb="GET", path="version", nth="every"))
    backend.configure()
    driver = backend.load()
    driver.do_setup(None)
    with pytest.raises(exception.InvalidConfigurationValue, match=version):
        driver.check_for_setup_error()


def test_trap_t34_what_users_read_of_a_volume_stays_true(backend: CinderBackend) -> None:
    """Nothing that attaching or extending changes is in the metadata, so that it cannot go stale."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    driver.initialize_connection(mine, iscsi_connector())
    driver.extend_volume(mine, 2)
    on_array = backend.array.volumes[mine.metadata["DeviceID"]]
    assert mine.metadata["DeviceLabel"] == on_array.identifier
    assert mine.metadata["ArrayModel"] == backend.array.record.model
    assert not {"1", "2", *on_array.storage_groups} & set(mine.metadata.values())


def test_trap_t37_a_renamed_service_level_is_seen(backend: CinderBackend) -> None:
    """The list of pools follows the array within a day, without a restart."""
    driver = backend.start()
    with backend.simulator.world.changing() as transaction:
        levels = transaction.array(ARRAY).service_levels
        levels.put(attrs.evolve(levels.get("Bronze"), name="Copper", base_name="Bronze"))
    assert f"Copper+SRP_1+{ARRAY}" not in pool_names(driver)
    backend.clock.sleep(86_401)
    assert f"Copper+SRP_1+{ARRAY}" in pool_names(driver)


def test_trap_t41_passwords_are_in_options_that_are_marked_as_secret() -> None:
    """Whatever logs the configuration leaves the passwords of backup Unispheres out."""
    [option] = [option for option in POWERMAX_OPTIONS if option.name == "u4p_failover_target"]
    assert option.secret is True


def test_trap_t42_a_volume_that_was_migrated_is_found_under_its_other_id(backend: CinderBackend) -> None:
    """A volume that Cinder migrated by copying is given up, and deleted, under the name of its copy."""
    driver = backend.start()
    for call in (driver.unmanage, driver.delete_volume):
        copy = created(driver, volume(of_type=volume_type(DIAMOND)))
        mine = volume(of_type=volume_type(DIAMOND), _name_id=copy.id, provider_location=copy.provider_location)
        call(mine)
        left = backend.array.volumes.get(copy.metadata["DeviceID"])
        assert left is None or left.identifier == mine.id


@pytest.mark.parametrize("cylinders", [546, 547, 548, 1000, 5000])
@pytest.mark.parametrize("is_attached", [False, True])
def test_volumes_of_odd_sizes_are_extended(backend: CinderBackend, cylinders: int, is_attached: bool) -> None:
    """A volume whose size is no whole number of GiB grows to the size that is asked for, attached or not."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    device = mine.metadata["DeviceID"]
    backend.array.update_volume(device, cylinders=cylinders)
    if is_attached:
        driver.initialize_connection(mine, iscsi_connector())
    driver.extend_volume(mine, 10)
    driver.extend_volume(mine, 10)
    assert backend.array.volumes[device].cylinders == 5462
