"""Snapshots and clones through the Cinder drivers: what Cinder stores, and what is on the array afterwards."""

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from cinder import exception

from pmax.simulator import Fault, ManualClock, Refuse
from pmax.simulator.state.snapvx_records import SNAPSHOTS
from tests.e2e.cinder_driver_backend import (
    ARRAY,
    DIAMOND,
    CinderBackend,
    cinder_backend,
    created,
    iscsi_connector,
    snapped,
)
from tests.unit.adapters.cinder import cinder_objects

VOLUME_ID = "5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"
SNAPSHOT_ID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
COPY_ID = "0f3b6a52-0b5a-4c2f-9c27-8f3d9b3f6f10"
NAME = "OS-e8c8a5b3c4d5e6f"
GROUP = "OS-SRP_1-Diamond-NONE-SG"


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend over iSCSI; the protocol makes no difference here."""
    with cinder_backend(tmp_path) as made:
        yield made


def volume(volume_id: str = VOLUME_ID, **fields: object):
    """A volume of the type that the backend offers."""
    return cinder_objects.volume(volume_id, of_type=cinder_objects.volume_type(DIAMOND), **fields)


def device_of(thing) -> str:
    """Where Cinder believes a volume to be."""
    return ast.literal_eval(thing.provider_location)["device_id"]


def names(backend: CinderBackend) -> list[str]:
    """Names of all snapshots."""
    return [snapshot.name for snapshot in backend.array.snapshots]


def test_what_cinder_learns_of_a_snapshot(backend: CinderBackend) -> None:
    """Name and source to the letter as upstream writes them, and metadata with the keys of the 2026 driver."""
    driver = backend.start()
    source = created(driver, volume())
    update = driver.create_snapshot(cinder_objects.snapshot(source, SNAPSHOT_ID, metadata={"owner": "me"}))
    [snapshot] = backend.array.snapshots
    assert update == {
        "provider_location": str({"snap_name": NAME, "source_id": device_of(source)}),
        "metadata": {
            "owner": "me",
            "SnapshotLabel": NAME,
            "SourceDeviceID": device_of(source),
            "SourceDeviceLabel": f"OS-{VOLUME_ID}",
            "SnapIdList": str(snapshot.snap_id),
            "is_snap_id": "True",
        },
    }
    assert snapshot.expires_at is None


def test_where_there_are_no_ids_the_generation_is_told(tmp_path: Path) -> None:
    """Unisphere 9.0 tells no snap ids; the metadata says so."""
    with cinder_backend(tmp_path, unisphere_version="V9.0.0.1") as backend:
        driver = backend.start()
        update = driver.create_snapshot(cinder_objects.snapshot(created(driver, volume())))
        assert (update["metadata"]["SnapIdList"], update["metadata"]["is_snap_id"]) == ("0", "False")


def test_what_cinder_learns_of_a_copy(backend: CinderBackend) -> None:
    """The four keys in upstream's order, with the user's snapshot or the temporary one; metadata as for any volume."""
    driver = backend.start()
    source = created(driver, volume())
    snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    data = backend.array.write(device_of(source))
    made = {
        NAME: driver.create_volume_from_snapshot(volume(COPY_ID, size=2), snapshot),
        f"temp-{device_of(source)}-snapshot_for_clone": driver.create_cloned_volume(volume(size=2), source),
    }
    for name, update in made.items():
        stored = ast.literal_eval(update["provider_location"])
        device = stored["device_id"]
        assert list(stored.items()) == [
            ("array", ARRAY),
            ("device_id", device),
            ("source_device_id", device_of(source)),
            ("snap_name", name),
        ]
        assert update["metadata"]["DeviceID"] == device
        found = backend.array.volumes[device]
        assert (found.cylinders, found.storage_groups) == (1093, (GROUP,))
    assert backend.array.read(device) == data


def test_a_life(backend: CinderBackend) -> None:
    """Snapshot, copies, revert, deletions in the order that users choose: data right at every turn, nothing left."""
    driver = backend.start()
    source = created(driver, volume())
    then = backend.array.write(device_of(source))
    snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    now = backend.array.write(device_of(source))
    copy, clone = volume(COPY_ID), volume("11111111-0b5a-4c2f-9c27-8f3d9b3f6f10")
    copy.update(driver.create_volume_from_snapshot(copy, snapshot))
    clone.update(driver.create_cloned_volume(clone, source))
    driver.initialize_connection(copy, iscsi_connector())
    assert [backend.array.read(device_of(each)) for each in (source, copy, clone)] == [now, then, now]

    driver.revert_to_snapshot(None, source, snapshot)
    assert backend.array.read(device_of(source)) == then
    driver.delete_snapshot(snapshot)
    driver.extend_volume(clone, 3)
    driver.delete_volume(source)
    assert [backend.array.read(device_of(each)) for each in (copy, clone)] == [then, now]
    driver.terminate_connection(copy, iscsi_connector())
    for each in (copy, clone):
        driver.delete_volume(each)
    backend.assert_empty()
    assert names(backend) == []


@pytest.mark.parametrize(
    "text",
    [
        "{'source_id': '%s', 'snap_name': 'OS-e8c8a5b3c4d5e6f'}",
        "{'snap_name': 'OS-e8c8a5b3c4d5e6f', 'source_id': '%s', 'a key of later': 'x'}",
    ],
)
def test_locations_of_other_drivers_are_read(backend: CinderBackend, text: str) -> None:
    """In any order of keys, and with keys that nobody knows."""
    driver = backend.start()
    source = created(driver, volume())
    snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    snapshot.provider_location = text % device_of(source)
    driver.create_volume_from_snapshot(volume(COPY_ID), snapshot)
    driver.delete_snapshot(snapshot)
    assert names(backend) == []


def test_group_snapshots_are_snapshots_of_their_members(backend: CinderBackend) -> None:
    """A snapshot that was taken with its group has another name, and is copied and deleted all the same."""
    driver = backend.start()
    source = created(driver, volume())
    snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    member = cinder_objects.snapshot(source, COPY_ID)
    member.provider_location = str({"source_id": device_of(source), "snap_name": NAME})
    driver.delete_snapshot(member)
    assert names(backend) == []


def test_t46_a_snapshot_that_is_gone_makes_no_volume(backend: CinderBackend) -> None:
    """Neither gone on the array, nor never recorded, nor unreadable: each is an error, and no volume is made."""
    driver = backend.start()
    source = created(driver, volume())
    snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    driver.delete_snapshot(snapshot)
    for text in (snapshot.provider_location, None, "not a location"):
        snapshot.provider_location = text
        with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException):
            driver.create_volume_from_snapshot(volume(COPY_ID), snapshot)


def test_deleting_what_is_gone_succeeds(backend: CinderBackend) -> None:
    """The array says that there is no such snapshot, or no such volume."""
    driver = backend.start()
    source = created(driver, volume())
    snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    for _ in range(2):
        driver.delete_snapshot(snapshot)
    driver.delete_volume(source)
    driver.delete_snapshot(snapshot)
    driver.delete_snapshot(cinder_objects.snapshot(volume(COPY_ID)))


def test_a_snapshot_that_cinder_never_learned_of_is_found_by_its_name(backend: CinderBackend) -> None:
    """The service died after the array had taken it: deleting the broken snapshot takes it away."""
    driver = backend.start()
    source = created(driver, volume())
    driver.create_snapshot(cinder_objects.snapshot(source, SNAPSHOT_ID))
    driver.delete_snapshot(cinder_objects.snapshot(source, SNAPSHOT_ID))
    assert names(backend) == []


@pytest.mark.parametrize("status", [401, 500, 503])
def test_t2_a_deletion_that_cannot_look_is_no_success(backend: CinderBackend, status: int) -> None:
    """If the snapshots cannot be read, Cinder keeps its record."""
    driver = backend.start()
    source = created(driver, volume())
    snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    backend.simulator.faults.add(Fault(effect=Refuse(status=status), path="volume/*/snapshot", nth="every"))
    with pytest.raises(exception.VolumeBackendAPIException):
        driver.delete_snapshot(snapshot)
    assert names(backend) == [NAME]


def test_a_busy_snapshot_is_available_again(tmp_path: Path) -> None:
    """A snapshot that cannot go now is told as busy, which Cinder turns into available and not into an error."""
    with cinder_backend(tmp_path, clock="manual") as backend:
        driver = backend.start()
        source = created(driver, volume())
        snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
        with backend.simulator.world.changing() as transaction:
            rows = transaction.array(ARRAY).rows(SNAPSHOTS)
            [row] = list(rows)
            rows.put(attrs.evolve(row, secure_until=backend.simulator.clock.now() + 1000))
        with pytest.raises(exception.SnapshotIsBusy):
            driver.delete_snapshot(snapshot)


def test_a_volume_with_snapshots_is_busy(backend: CinderBackend) -> None:
    """Cinder makes it available again."""
    driver = backend.start()
    source = created(driver, volume())
    snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    with pytest.raises(exception.VolumeIsBusy):
        driver.delete_volume(source)


def test_revert_takes_only_the_volumes_own_snapshot(backend: CinderBackend) -> None:
    """A snapshot of another device is refused, and no data change."""
    driver = backend.start()
    source, other = created(driver, volume()), created(driver, volume(COPY_ID))
    snapshot = snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
    now = backend.array.write(device_of(other))
    with pytest.raises(exception.VolumeBackendAPIException):
        driver.revert_to_snapshot(None, other, snapshot)
    assert backend.array.read(device_of(other)) == now


def test_snapshots_of_the_smis_era(backend: CinderBackend) -> None:
    """Such a snapshot is a device of its own: it is cloned, and deleted, as a volume."""
    driver = backend.start()
    source = created(driver, volume())
    device = backend.array.add_volume(547, SNAPSHOT_ID)
    data = backend.array.write(device)
    keys = {"SystemName": f"SYMMETRIX+{ARRAY}", "DeviceID": device}
    old = cinder_objects.snapshot(source, SNAPSHOT_ID)
    old.provider_location = str({"classname": "Symm_StorageVolume", "keybindings": keys})
    copy = volume(COPY_ID)
    copy.update(driver.create_volume_from_snapshot(copy, old))
    assert backend.array.read(device_of(copy)) == data
    driver.delete_snapshot(old)
    assert device not in backend.array.volumes
    assert backend.array.read(device_of(copy)) == data


def test_starting_tidies_up_after_clones_of_long_ago(tmp_path: Path) -> None:
    """Temporary snapshots past their hour go when the service starts; clones keep their data, users their snapshots."""
    with cinder_backend(tmp_path, clock="manual") as backend:
        driver = backend.start()
        source = created(driver, volume())
        clone = volume(COPY_ID)
        data = backend.array.write(device_of(source))
        clone.update(driver.create_cloned_volume(clone, source))
        snapped(driver, cinder_objects.snapshot(source, SNAPSHOT_ID))
        backend.start()
        assert len(names(backend)) == 2
        assert isinstance(backend.simulator.clock, ManualClock)
        backend.simulator.clock.advance(3700)
        backend.start()
        assert names(backend) == [NAME]
        assert backend.array.links == {}
        assert backend.array.read(device_of(clone)) == data
