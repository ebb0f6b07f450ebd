"""A backend that is failed over and back, by Cinder's calls, over two arrays; the data tell where hosts read."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from cinder import exception, objects

from pmax.simulator import Simulator
from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY
from tests.e2e.cinder_driver_backend import CinderBackend, cinder_backend, iscsi_connector
from tests.unit.adapters.cinder import cinder_objects

POOL = f"Diamond+None+SRP_1+{LOCAL_ARRAY}"
MODES = {"Synchronous": "23_24_070", "Asynchronous": "23_24_071", "Metro": "23_24_072"}
#: Calls that failing two volumes over may cost.
FAILOVER_CALLS = 8
#: The same for two hundred volumes of one RDF group.
CROWD_CALLS = 12


def device_line(mode: str, **more: str) -> str:
    """`replication_device` of cinder.conf."""
    values = {
        "target_device_id": REMOTE_ARRAY,
        "remote_port_group": "OS-iscsi-PG",
        "remote_pool": "SRP_1",
        "rdf_group_label": MODES[mode],
        "mode": mode,
        "allow_delete_metro": "true",
        **more,
    }
    return ",".join(f"{key}:{value}" for key, value in values.items())


def location(text: str) -> tuple[str, str]:
    """Array and device of a stored location."""
    stored = ast.literal_eval(text)
    return stored["array"], stored["device_id"]


@attrs.define
class Site:
    """A backend over two arrays, and what Cinder's database would hold.

    Attributes:
        backend: with the simulator.
        driver: as it is now.
        options: of its stanza.
    """

    backend: CinderBackend
    driver: Any
    options: dict[str, str]
    active: str | None = None

    @property
    def simulator(self) -> Simulator:
        """Both arrays."""
        return self.backend.simulator

    def volume(self, *, replicated: bool = True) -> Any:
        """A volume of a type that replicates, or of one that does not."""
        specs = {"pool_name": POOL, **({"replication_enabled": "<is> True"} if replicated else {})}
        volume = cinder_objects.volume(str(uuid.uuid4()), size=1, of_type=cinder_objects.volume_type(specs))
        volume.update(self.driver.create_volume(volume))
        return volume

    def fail_over(self, volumes: list[Any], target: str | None = None) -> dict[str, dict[str, Any]]:
        """Ask the driver, and store what it says."""
        name, updates, _ = self.driver.failover_host(None, volumes, secondary_id=target, groups=[])
        self.active = None if target == "default" else name
        by_id = {update["volume_id"]: update["updates"] for update in updates}
        for volume in volumes:
            volume.update(by_id.get(volume.id, {}))
        return by_id

    def restart(self) -> None:
        """Stop the service and start it again: it knows nothing but what Cinder stored."""
        self.backend.configure("iscsi", **self.options)
        self.driver = self.backend.load()
        self.driver._active_backend_id = self.active
        self.driver.do_setup(None)
        self.driver.check_for_setup_error()

    def sees(self, array: str, volume: Any) -> bool:
        """Whether a host has a path to the volume on that array."""
        devices = {volume_id for _, volume_id in self.simulator.arrays[array].lun_addresses}
        sides = [location(volume.provider_location)]
        if volume.replication_driver_data:
            sides.append(location(volume.replication_driver_data))
        return any(array == each and device in devices for each, device in sides)

    def states(self) -> set[str]:
        """Of all pairs."""
        return {pair.state.value for pair in self.simulator.srdf.pairs}


@pytest.fixture(params=sorted(MODES))
def mode(request: pytest.FixtureRequest) -> str:
    """Each mode."""
    return request.param


@pytest.fixture
def site(tmp_path: Path, mode: str) -> Iterator[Site]:
    """A backend that replicates in the mode."""
    with cinder_backend(tmp_path) as backend:
        options = {"replication_device": device_line(mode)}
        yield Site(backend, backend.start("iscsi", **options), options)


def test_there_and_back(site: Site, mode: str) -> None:
    """Volumes are used on the other array, keep their data both ways, and end where they began."""
    volumes = [site.volume() for _ in range(2)]
    before = [location(volume.provider_location) for volume in volumes]
    site.simulator.arrays[LOCAL_ARRAY].write(before[0][1], "written at home")
    states = site.states()

    with site.backend.counting() as calls:
        updates = site.fail_over(volumes)

    assert len(calls) <= FAILOVER_CALLS, calls
    assert {update["replication_status"] for update in updates.values()} == {"failed-over"}
    assert {location(volume.provider_location)[0] for volume in volumes} == {REMOTE_ARRAY}
    assert [location(volume.replication_driver_data) for volume in volumes] == before
    assert site.states() == ({"Failed Over"} if mode != "Metro" else states)
    device = location(volumes[0].provider_location)[1]
    assert site.simulator.arrays[REMOTE_ARRAY].read(device) == "written at home"
    site.simulator.arrays[REMOTE_ARRAY].write(device, "written away")
    assert f"OS-{MODES[mode]}-temp-rdf-sg" not in site.simulator.arrays[REMOTE_ARRAY].storage_groups

    site.restart()
    site.fail_over(volumes, "default")

    assert [location(volume.provider_location) for volume in volumes] == before
    assert {volume.replication_status for volume in volumes} == {"enabled"}
    assert site.simulator.arrays[LOCAL_ARRAY].read(before[0][1]) == "written away"
    assert site.states() == states
    for volume in volumes:
        site.driver.delete_volume(volume)
    site.backend.assert_empty()


def test_attach_there(site: Site, mode: str) -> None:
    """While the backend is failed over, hosts reach volumes on the other array, and leave nothing behind there."""
    volume = site.volume()
    site.fail_over([volume])
    site.restart()

    info = site.driver.initialize_connection(volume, iscsi_connector(multipath=True))

    assert site.sees(REMOTE_ARRAY, volume)
    assert not site.sees(LOCAL_ARRAY, volume)
    assert info["data"]["target_iqn"].startswith("iqn.")
    site.driver.terminate_connection(volume, iscsi_connector(multipath=True))
    assert not site.sees(REMOTE_ARRAY, volume)
    assert site.simulator.arrays[REMOTE_ARRAY].masking_views == {}


def test_attached_all_along(site: Site, mode: str) -> None:
    """Attached at home, there while failed over, and taken from the host at home again: no array shows it any more."""
    volume, connector = site.volume(), iscsi_connector(multipath=True)
    home = site.driver.initialize_connection(volume, connector)["data"]
    host = cinder_objects.attachment(connector["host"])
    volume.volume_attachment = objects.VolumeAttachmentList(objects=[host])
    _, r1 = location(volume.provider_location)

    site.fail_over([volume])
    site.restart()
    there = site.driver.initialize_connection(volume, connector)["data"]
    _, r2 = location(volume.provider_location)
    assert set(there["target_iqns"]) != set(home["target_iqns"])
    assert site.sees(REMOTE_ARRAY, volume)
    site.simulator.arrays[REMOTE_ARRAY].write(r2, "written away")
    site.fail_over([volume], "default")
    site.restart()

    assert site.sees(LOCAL_ARRAY, volume)
    assert site.sees(REMOTE_ARRAY, volume) == (mode == "Metro")
    assert site.simulator.arrays[LOCAL_ARRAY].read(r1) == "written away"
    site.driver.terminate_connection(volume, connector)
    volume.volume_attachment = objects.VolumeAttachmentList(objects=[])
    assert not site.sees(LOCAL_ARRAY, volume)
    assert not site.sees(REMOTE_ARRAY, volume)
    site.driver.delete_volume(volume)
    site.backend.assert_empty()
    assert site.simulator.arrays[REMOTE_ARRAY].masking_views == {}


def test_disaster(site: Site, mode: str) -> None:
    """The primary array and the link to it are gone: failover works, the service starts, hosts reach the volumes."""
    volume = site.volume()
    home = site.simulator.arrays[LOCAL_ARRAY]
    home.write(location(volume.provider_location)[1], "what must survive")
    home.update(is_up=False)

    site.fail_over([volume])
    site.restart()

    array, device = location(volume.provider_location)
    assert array == REMOTE_ARRAY
    assert site.simulator.arrays[REMOTE_ARRAY].read(device) == "what must survive"
    site.driver.initialize_connection(volume, iscsi_connector(multipath=True))
    assert site.sees(REMOTE_ARRAY, volume)
    stats = site.driver.get_volume_stats(refresh=True)
    assert stats["pools"]
    assert all(REMOTE_ARRAY in pool["pool_name"] for pool in stats["pools"])
    with pytest.raises(exception.InvalidReplicationTarget):
        site.driver.failover_host(None, [volume], secondary_id="default", groups=[])
    assert site.driver.is_failed_over


def test_plain_volumes(site: Site) -> None:
    """A volume with one side goes to error when the backend fails over, and nothing is done to it on the way back."""
    plain, replicated = site.volume(replicated=False), site.volume()

    updates = site.fail_over([plain, replicated])

    assert updates[plain.id] == {"status": "error", "replication_status": "not-capable"}
    assert updates[replicated.id]["replication_status"] == "failed-over"
    with pytest.raises(exception.VolumeBackendAPIException, match="failed over"):
        site.driver.initialize_connection(plain, iscsi_connector(multipath=True))
    assert plain.id not in site.fail_over([plain, replicated], "default")


def test_what_makes_no_sense_is_refused(site: Site) -> None:
    """While failed over nothing is created, extended or deleted: each is refused, and both arrays stay as they are."""
    volume = site.volume()
    site.fail_over([volume])
    arrays = [site.simulator.arrays[each] for each in (LOCAL_ARRAY, REMOTE_ARRAY)]
    before = [dict(array.volumes) for array in arrays]

    with pytest.raises(exception.VolumeIsBusy, match="failed over"):
        site.driver.delete_volume(volume)
    for act in (
        lambda: site.driver.create_volume(cinder_objects.volume(str(uuid.uuid4()))),
        lambda: site.driver.extend_volume(volume, 2),
    ):
        with pytest.raises(exception.VolumeBackendAPIException, match="failed over"):
            act()
    assert [dict(array.volumes) for array in arrays] == before


@pytest.mark.parametrize("mode", ["Synchronous"])
def test_targets(site: Site) -> None:
    """Only targets that exist are taken, once; going back needs having gone."""
    volume = site.volume()
    for target in ("default", "somewhere"):
        with pytest.raises(exception.InvalidReplicationTarget):
            site.driver.failover_host(None, [volume], secondary_id=target, groups=[])
    assert not site.driver.is_failed_over

    site.fail_over([volume], REMOTE_ARRAY)
    with pytest.raises(exception.InvalidReplicationTarget, match="already"):
        site.driver.failover_host(None, [volume], secondary_id=None, groups=[])
    promotion = "pmax_failover_start_array_promotion"
    with pytest.raises(exception.InvalidReplicationTarget, match="keeps the roles"):
        site.driver.failover_host(None, [volume], secondary_id=promotion, groups=[])
    assert site.driver.is_failed_over
    assert site.driver.freeze_backend(None)
    assert site.driver.thaw_backend(None)


@pytest.mark.parametrize("mode", ["Synchronous"])
def test_unpaired_volume(site: Site) -> None:
    """A volume without its pair is reported as failed, the others move; if none can, nothing is failed over."""
    good, bad = site.volume(), site.volume()
    bad.replication_driver_data = str({"array": REMOTE_ARRAY, "device_id": "00001"})

    updates = site.fail_over([good, bad])

    assert updates[good.id]["replication_status"] == "failed-over"
    assert updates[bad.id] == {"status": "error", "replication_status": "failover-error"}
    site.fail_over([good], "default")
    with pytest.raises(exception.UnableToFailOver, match="00001"):
        site.driver.failover_host(None, [bad], secondary_id=None, groups=[])
    assert not site.driver.is_failed_over


@pytest.mark.parametrize("mode", ["Synchronous"])
def test_a_volume_that_went_before(site: Site) -> None:
    """A volume that is on the other array already, as one of a group may be, stays there and comes back later."""
    early, late = site.volume(), site.volume()
    home = location(early.provider_location)
    site.fail_over([early])
    site.active, site.driver._active_backend_id = None, None
    site.restart()

    site.fail_over([early, late])

    assert {location(volume.provider_location)[0] for volume in (early, late)} == {REMOTE_ARRAY}
    assert site.states() == {"Failed Over"}
    site.fail_over([early, late], "default")
    assert location(early.provider_location) == home
    assert site.states() == {"Synchronized"}


@pytest.mark.parametrize("mode", ["Synchronous"])
def test_what_an_earlier_failover_left(site: Site) -> None:
    """Volumes in a leftover of the temporary group are taken out of it first: nobody else's volume is failed over."""
    volume, other = site.volume(), site.volume()
    _, device = location(other.replication_driver_data)
    remote = site.simulator.arrays[REMOTE_ARRAY]
    base = "https://unisphere.invalid:8443/univmax/restapi/92/sloprovisioning/symmetrix"
    name = f"OS-{MODES['Synchronous']}-temp-rdf-sg"
    session = stranger(site)
    session.post(
        f"{base}/{REMOTE_ARRAY}/storagegroup", json={"storageGroupId": name, "srpId": "None", "emulation": "FBA"}
    ).raise_for_status()
    adding = {"addVolumeParam": {"volumeId": [device]}}
    body = {
        "editStorageGroupActionParam": {"expandStorageGroupParam": {"addSpecificVolumeParam": adding["addVolumeParam"]}}
    }
    session.put(f"{base}/{REMOTE_ARRAY}/storagegroup/{name}", json=body).raise_for_status()
    assert name in remote.storage_groups

    site.fail_over([volume])

    assert sorted(site.states()) == ["Failed Over", "Synchronized"]
    assert name not in remote.storage_groups


def stranger(site: Site) -> Any:
    """A session of somebody else."""
    import requests

    session = requests.Session()
    session.auth = ("smc", "smc")
    site.simulator.mount(session)
    return session


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous"])
def test_a_crowd(site: Site) -> None:
    """Two hundred volumes of one RDF group fail over within twelve calls."""
    volumes = [site.volume() for _ in range(200)]

    with site.backend.counting() as calls:
        site.fail_over(volumes)

    assert len(calls) <= CROWD_CALLS, calls
    assert {location(volume.provider_location)[0] for volume in volumes} == {REMOTE_ARRAY}
