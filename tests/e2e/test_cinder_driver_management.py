"""Managing volumes and snapshots through Cinder's driver interface: every word of it is Cinder's."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cinder import exception, objects
from cinder.context import get_admin_context

from pmax.simulator import Behaviour
from tests.e2e.cinder_driver_backend import ARRAY, DIAMOND, CinderBackend, cinder_backend, created, iscsi_connector
from tests.unit.adapters.cinder.cinder_objects import volume, volume_type

DEFAULT = "OS-SRP_1-Diamond-NONE-SG"
HOST = f"node@powermax#Diamond+SRP_1+{ARRAY}"


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend of Cinder's."""
    with cinder_backend(tmp_path) as made:
        yield made


def to_manage(**fields: Any) -> objects.Volume:
    """What Cinder hands over to be managed: a volume without size and place."""
    return volume(**{"of_type": volume_type(DIAMOND), "size": 0, "host": HOST, **fields})


def snapshot_of(source: objects.Volume, **fields: Any) -> objects.Snapshot:
    """A snapshot as the volume manager hands it to a driver."""
    values = {
        "id": str(uuid.uuid4()),
        "volume": source,
        "volume_id": source.id,
        "volume_size": source.size,
        "display_name": None,
        "provider_location": None,
        "metadata": {},
    }
    return objects.Snapshot(get_admin_context(), **{**values, **fields})


def manage(driver: Any, wanted: objects.Volume, reference: dict[str, str]) -> objects.Volume:
    """Both calls, and what Cinder stores after them."""
    size = driver.manage_existing_get_size(wanted, reference)
    wanted.update({**driver.manage_existing(wanted, reference), "size": size})
    return wanted


def take_snapshot(backend: CinderBackend, device: str, name: str) -> None:
    """Take a snapshot, as an administrator does."""
    session = requests.Session()
    session.auth = ("smc", "smc")
    backend.simulator.mount(session)
    base = "https://unisphere.invalid:8443/univmax/restapi/private/92/replication/symmetrix"
    body = {"deviceNameListSource": [{"name": device}]}
    answer = session.post(f"{base}/{ARRAY}/snapshot/{name}", json=body)
    assert answer.ok, answer.text


@pytest.mark.parametrize("key", ["source-id", "source-name"])
def test_manage_and_unmanage(backend: CinderBackend, key: str) -> None:
    """A volume becomes Cinder's by its device id, with 5 calls, and stays on the array when Cinder forgets it."""
    driver = backend.start()
    keeper = created(driver, volume(of_type=volume_type(DIAMOND)))
    device = backend.array.add_volume(1093, "finance")
    wanted = to_manage(metadata={"mine": "kept"})

    with backend.counting() as calls:
        manage(driver, wanted, {key: device.lower()})
    assert len(calls) <= 5, calls

    on_array = backend.array.volumes[device]
    assert (on_array.identifier, on_array.storage_groups) == (f"OS-{wanted.id}", (DEFAULT,))
    assert wanted.size == 2
    assert wanted.provider_location == f"{{'device_id': '{device}', 'array': '{ARRAY}'}}"
    assert wanted.metadata["mine"] == "kept"
    assert wanted.metadata["DeviceID"] == device
    assert wanted.metadata["ServiceLevel"] == "Diamond"

    driver.unmanage(wanted)
    driver.unmanage(wanted)
    on_array = backend.array.volumes[device]
    assert (on_array.identifier, on_array.storage_groups) == (wanted.id, ("OS-Unmanaged",))

    for reference in (wanted.id, f"volume-{wanted.id}", f"OS-{wanted.id}"):
        again = manage(driver, to_manage(), {key: reference})
        assert backend.array.volumes[device].identifier == f"OS-{again.id}"
        driver.unmanage(again)
        backend.array.update_volume(device, identifier=wanted.id)
    driver.delete_volume(keeper)


def test_a_volume_that_cinder_never_made_is_unmanaged_without_a_word(backend: CinderBackend) -> None:
    """There is nothing to give up, and Cinder may forget it."""
    driver = backend.start()
    with backend.unchanged():
        driver.unmanage(volume())


@pytest.mark.parametrize("call", ["manage_existing_get_size", "manage_existing"])
@pytest.mark.parametrize(
    ("changes", "reference", "error", "said"),
    [
        ({}, {"source-name": "nobody"}, exception.ManageExistingInvalidReference, "does not exist"),
        ({}, {"source-id": "0BEEF"}, exception.ManageExistingInvalidReference, "0BEEF"),
        ({}, {}, exception.ManageExistingInvalidReference, "source-id or source-name"),
        ({"identifier": "OS-x"}, None, exception.ManageExistingAlreadyManaged, "OS-"),
        ({"cylinders": 2934}, None, exception.ManageExistingInvalidReference, "whole number"),
        ({"emulation": "CKD-3390"}, None, exception.ManageExistingInvalidReference, "FBA"),
    ],
)
def test_trap_t45_the_exceptions_are_those_of_the_interface(
    backend: CinderBackend,
    call: str,
    changes: dict[str, Any],
    reference: dict[str, str] | None,
    error: type[Exception],
    said: str,
) -> None:
    """Both calls refuse a reference with the class that Cinder names for it, and say why."""
    driver = backend.start()
    device = backend.array.add_volume(547, "finance")
    backend.array.update_volume(device, **changes)
    with backend.unchanged(), pytest.raises(error, match=said):
        getattr(driver, call)(to_manage(), {"source-id": device} if reference is None else reference)


def test_two_volumes_of_one_name(backend: CinderBackend) -> None:
    """A name that several carry is not guessed at: all of them are named."""
    driver = backend.start()
    devices = [backend.array.add_volume(547, "finance") for _ in range(2)]
    with backend.unchanged(), pytest.raises(exception.ManageExistingInvalidReference) as raised:
        driver.manage_existing(to_manage(), {"source-name": "finance"})
    assert all(device in str(raised.value) for device in devices)


@pytest.mark.parametrize(
    "specs",
    [{"pool_name": f"Bronze+DSS+SRP_9+{ARRAY}"}, {"replication_enabled": "<is> True"}, {"pool_name": "Nonsense"}],
)
def test_a_type_that_the_volume_cannot_have(backend: CinderBackend, specs: dict[str, str]) -> None:
    """A type that does not fit is told as a mismatch, and the volume is left alone."""
    driver = backend.start()
    device = backend.array.add_volume(547, "finance")
    with backend.unchanged(), pytest.raises(exception.ManageExistingVolumeTypeMismatch):
        driver.manage_existing(to_manage(of_type=volume_type(specs)), {"source-id": device})


@pytest.mark.parametrize("pool", ["Diamond+SRP_2+000197900999", "Diamond+SRP_1+000197900111"])
def test_a_pool_of_another_backend(backend: CinderBackend, pool: str) -> None:
    """The pool in the host must be one of this array and storage resource pool."""
    driver = backend.start()
    device = backend.array.add_volume(547, "finance")
    with backend.unchanged(), pytest.raises(exception.ManageExistingInvalidReference, match="SRP_1"):
        driver.manage_existing_get_size(to_manage(host=f"node@powermax#{pool}"), {"source-id": device})


def test_what_is_in_use_is_busy(backend: CinderBackend) -> None:
    """Cinder makes a busy volume available again."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    driver.initialize_connection(mine, iscsi_connector())
    with backend.unchanged(), pytest.raises(exception.VolumeIsBusy):
        driver.unmanage(mine)


def listed(driver: Any, what: str = "volumes", known: Any = (), **wanted: Any) -> list[dict[str, Any]]:
    """A list, sorted by reference if nothing else is said."""
    asked = {"marker": None, "limit": 1000, "offset": 0, "sort_keys": ["reference"], "sort_dirs": ["asc"], **wanted}
    entries: list[dict[str, Any]] = getattr(driver, f"get_manageable_{what}")(known, **asked)
    return entries


def test_the_list_of_volumes(backend: CinderBackend) -> None:
    """Every volume is listed: what can be managed, what cannot with the reason, and Cinder's own with its id."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    good, odd = backend.array.add_volume(1093, "finance"), backend.array.add_volume(2934)

    entries = {entry["reference"]["source-id"]: entry for entry in listed(driver, known=[mine])}

    assert set(entries) == set(backend.array.volumes)
    assert entries[good] == {
        "reference": {"source-id": good},
        "size": 2,
        "safe_to_manage": True,
        "reason_not_safe": None,
        "cinder_id": None,
        "extra_info": {"config": "TDEV", "emulation": "FBA", "identifier": "finance"},
    }
    assert (entries[odd]["safe_to_manage"], entries[odd]["size"]) == (False, 6)
    assert "whole number" in entries[odd]["reason_not_safe"]
    own = next(entry for entry in entries.values() if entry["cinder_id"] == mine.id)
    assert (own["safe_to_manage"], own["reason_not_safe"].split(";")[0]) == (False, f"it is volume {mine.id} already")


def test_a_page_of_the_list(backend: CinderBackend) -> None:
    """A marker as JSON, as Cinder's API passes it on, leads to the next page; nonsense is the caller's mistake."""
    driver = backend.start()
    for _ in range(5):
        backend.array.add_volume(547)
    whole = [entry["reference"] for entry in listed(driver)]
    first = listed(driver, limit=3)
    second = listed(driver, limit=3, marker=json.dumps(first[-1]["reference"]), offset=1)
    assert [entry["reference"] for entry in first] == whole[:3]
    assert [entry["reference"] for entry in second] == whole[4:7]
    with pytest.raises(exception.InvalidInput):
        listed(driver, marker="00001")


@pytest.mark.parametrize("what", ["volumes", "snapshots"])
def test_lists_cost_pages_and_one_call(tmp_path: Path, what: str) -> None:
    """Ten volumes on pages of three are four pages: at most five calls, and the list is whole."""
    with cinder_backend(tmp_path, behaviour=Behaviour(page_size=3)) as backend:
        driver = backend.start()
        while len(backend.array.volumes) < 10:
            backend.array.add_volume(547)
        last = max(backend.array.volumes)
        take_snapshot(backend, last, "nightly")
        with backend.counting() as calls:
            entries = listed(driver, what)
        assert len(calls) <= 4 + 1, calls
        assert len(entries) == (10 if what == "volumes" else 1)


def test_manage_and_unmanage_a_snapshot(backend: CinderBackend) -> None:
    """A snapshot of a volume of Cinder's becomes Cinder's, and stays on the array when Cinder forgets it."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND), size=2))
    device = mine.metadata["DeviceID"]
    take_snapshot(backend, device, "PowerMaxSnapshot")
    [entry] = listed(driver, "snapshots")
    assert (entry["safe_to_manage"], entry["size"]) == (True, 2)

    wanted = snapshot_of(mine, display_name="SnapshotManaged")
    assert driver.manage_existing_snapshot_get_size(wanted, entry["reference"]) == 2
    update = driver.manage_existing_snapshot(wanted, entry["reference"])
    location = f"{{'source_id': '{device}', 'snap_name': 'OS-PowerMaxSnapshot'}}"
    assert update == {"display_name": "SnapshotManaged", "provider_location": location}
    wanted.update(update)
    assert [snapshot.name for snapshot in backend.array.snapshots] == ["OS-PowerMaxSnapshot"]
    [entry] = listed(driver, "snapshots", [wanted])
    assert (entry["safe_to_manage"], entry["cinder_id"]) == (False, wanted.id)

    driver.unmanage_snapshot(wanted)
    driver.unmanage_snapshot(wanted)
    assert [snapshot.name for snapshot in backend.array.snapshots] == ["PowerMaxSnapshot"]


def test_a_snapshot_is_found_by_the_id_that_cinder_had_for_it(backend: CinderBackend) -> None:
    """After Cinder forgot it, its old id means it, although the array knows only a part of that id."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    old_id = "390eeb4d-0f56-4a02-ba14-167167967014"
    take_snapshot(backend, mine.metadata["DeviceID"], "390eeb167967014")
    driver.manage_existing_snapshot(snapshot_of(mine), {"source-name": old_id})
    assert [snapshot.name for snapshot in backend.array.snapshots] == ["OS-390eeb167967014"]


@pytest.mark.parametrize(
    ("reference", "error", "said"),
    [
        ({"source-name": "nobody"}, exception.ManageExistingInvalidReference, "nobody"),
        ({"source-name": "OS-x"}, exception.ManageExistingAlreadyManaged, "OS-"),
        ({"source-name": "nightly", "source-id": "0BEEF"}, exception.ManageExistingInvalidReference, "0BEEF"),
        ({"source-name": "a" * 30}, exception.ManageExistingInvalidReference, "32"),
        ({}, exception.ManageExistingInvalidReference, "source-id or source-name"),
    ],
)
def test_snapshots_that_cannot_be_managed(
    backend: CinderBackend, reference: dict[str, str], error: type[Exception], said: str
) -> None:
    """A reference that means no snapshot, or one that is taken, is refused in Cinder's words."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    take_snapshot(backend, mine.metadata["DeviceID"], "nightly")
    with backend.unchanged(), pytest.raises(error, match=said):
        driver.manage_existing_snapshot(snapshot_of(mine), reference)


def test_snapshots_of_a_volume_that_is_failed_over(backend: CinderBackend) -> None:
    """They are neither taken over nor given up until the volume is back."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND), replication_status="failed-over"))
    take_snapshot(backend, mine.metadata["DeviceID"], "nightly")
    location = str({"snap_name": "OS-nightly", "source_id": mine.metadata["DeviceID"]})
    with backend.unchanged():
        with pytest.raises(exception.VolumeBackendAPIException, match="failed-over"):
            driver.manage_existing_snapshot(snapshot_of(mine), {"source-name": "nightly"})
        with pytest.raises(exception.VolumeBackendAPIException, match="failed-over"):
            driver.unmanage_snapshot(snapshot_of(mine, provider_location=location))


def test_legacy_a_snapshot_that_is_a_device_is_unmanaged_like_a_volume(backend: CinderBackend) -> None:
    """In the SMI-S era a snapshot was a whole device: it loses its prefix and goes where unmanaged volumes are."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    old = snapshot_of(mine)
    device = backend.array.add_volume(547, f"OS-{old.id}")
    keys = {"DeviceID": device, "SystemName": f"SYMMETRIX-+-{ARRAY}"}
    old.provider_location = str({"classname": "Symm_StorageVolume", "keybindings": keys})

    driver.unmanage_snapshot(old)

    on_array = backend.array.volumes[device]
    assert (on_array.identifier, on_array.storage_groups) == (old.id, ("OS-Unmanaged",))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_lists_of_a_full_array(tmp_path: Path) -> None:
    """On 64,000 volumes, a list takes pages + 1 calls, and its last page is as right as its first."""
    with cinder_backend(tmp_path, fixture="large") as backend:
        driver = backend.start(powermax_port_groups="[OS-fibre-PG]")
        with backend.counting() as calls:
            entries = listed(driver, limit=10, offset=63_990)
        assert len(calls) <= 64 + 1 + 1, len(calls)
        assert len(entries) == 10
