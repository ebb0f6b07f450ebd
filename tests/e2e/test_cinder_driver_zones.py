"""The Fibre Channel driver with Cinder's own zone manager."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cinder import exception

from tests.e2e import cinder_driver_fabric
from tests.e2e.cinder_driver_backend import WWPNS, CinderBackend, cinder_backend, created, fc_connector
from tests.e2e.cinder_driver_fabric import Switches
from tests.unit.adapters.cinder import cinder_objects

OF_FABRICS = {WWPNS[0]: ["5000097398999000"], WWPNS[1]: ["5000097398999002"]}
ZONES = {("fabric_a", WWPNS[0], "5000097398999000"), ("fabric_b", WWPNS[1], "5000097398999002")}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend and two fabrics without zones."""
    Switches.reset()
    with cinder_backend(tmp_path) as made:
        yield made


def start(backend: CinderBackend):
    """A driver whose Cinder manages zones."""
    return backend.start("fc", default="zoning_mode = fabric", more=cinder_driver_fabric.CINDER_CONF)


def test_a_host_is_zoned_to_the_targets_of_its_fabrics(backend: CinderBackend) -> None:
    """The lookup service decides which port reaches which; zones are made for these, and for no others."""
    driver = start(backend)
    volume = created(driver, cinder_objects.volume())
    info = driver.initialize_connection(volume, fc_connector())
    assert info["data"]["initiator_target_map"] == OF_FABRICS
    assert info["data"]["target_wwn"] == ["5000097398999000", "5000097398999002"]
    assert Switches.zones == ZONES


def test_zones_go_with_the_last_volume(backend: CinderBackend) -> None:
    """While the host has another volume behind the same ports, its zones stay."""
    driver = start(backend)
    first, last = (created(driver, cinder_objects.volume()) for _ in range(2))
    for volume in (first, last):
        driver.initialize_connection(volume, fc_connector())
    driver.terminate_connection(first, fc_connector())
    assert Switches.zones == ZONES
    assert driver.terminate_connection(last, fc_connector())["data"]["initiator_target_map"] == OF_FABRICS
    assert Switches.zones == set()


def test_without_its_zones_an_attachment_is_taken_back(backend: CinderBackend) -> None:
    """When zoning fails, the host does not keep a volume that it cannot reach, and the error is the zone manager's."""
    driver = start(backend)
    volume = created(driver, cinder_objects.volume())
    Switches.are_broken = True
    with pytest.raises(exception.ZoneManagerException, match="on fire"):
        driver.initialize_connection(volume, fc_connector())
    assert backend.state()["masking views"] == {}
    assert backend.state()["hosts"] == {}


def test_a_failed_zoning_does_not_touch_an_older_attachment(backend: CinderBackend) -> None:
    """A host that saw the volume before goes on seeing it."""
    driver = start(backend)
    volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(volume, fc_connector())
    Switches.are_broken = True
    with backend.unchanged(), pytest.raises(exception.ZoneManagerException):
        driver.initialize_connection(volume, fc_connector())


def test_zones_that_cannot_be_removed_do_not_hold_a_detach_back(backend: CinderBackend) -> None:
    """The volume is detached; a second attempt could not remove the zones either, so the log names them."""
    driver = start(backend)
    volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(volume, fc_connector())
    Switches.are_broken = True
    assert driver.terminate_connection(volume, fc_connector())["data"]["initiator_target_map"] == OF_FABRICS
    assert backend.state()["masking views"] == {}
