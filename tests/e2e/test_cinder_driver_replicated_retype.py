"""Retype, migration and taking over with replicated types through the Cinder drivers: what Cinder stores of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cinder_driver_backend import ARRAY, DIAMOND, PORT_GROUPS, CinderBackend, cinder_backend, created
from tests.replicated_stage import ASYNC, METRO, MODES, REMOTE, SYNC, Mode
from tests.unit.adapters.cinder import cinder_objects

HERE = {"host": f"node@powermax#Diamond+None+SRP_1+{ARRAY}", "capabilities": {}}
REPLICA_KEYS = {"R2-DeviceID", "R2-ArrayID", "R2-ArrayModel", "ReplicationMode", "RDFG-Label", "R1-RDFG", "R2-RDFG"}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend over iSCSI; the protocol makes no difference here."""
    with cinder_backend(tmp_path) as made:
        yield made


def start(backend: CinderBackend) -> Any:
    """A driver with a replication device for each mode."""
    lines = [
        f"target_device_id:{REMOTE},remote_port_group:{PORT_GROUPS['iscsi']},remote_pool:SRP_1,"
        f"rdf_group_label:{mode.label},mode:{mode.name},backend_id:{mode.name.lower()},allow_delete_metro:true"
        for mode in MODES
    ]
    return backend.start(replication_device="\nreplication_device = ".join(lines))


def type_of(mode: Mode | None, **more: str) -> Any:
    """A type of Diamond, replicated in a mode or not at all."""
    specs = {**DIAMOND, **more}
    if mode is not None:
        backend_id = mode.name.lower()
        specs |= {"replication_enabled": "<is> True", "storagetype:replication_device_backend_id": backend_id}
    return cinder_objects.volume_type(specs)


def retyped(driver: Any, volume: Any, new_type: Any) -> dict[str, Any]:
    """Retype as the volume manager does, and store what the driver says."""
    is_done, update = driver.retype(None, volume, new_type, {}, HERE)
    assert is_done
    volume.update({"volume_type": new_type, "volume_type_id": new_type.id, "host": HERE["host"], **update})
    return update


def check_stored(backend: CinderBackend, volume: Any, mode: Mode) -> None:
    """What Cinder has of a replicated volume is what creating it would have stored, by upstream's names."""
    place, other = (ast.literal_eval(text) for text in (volume.provider_location, volume.replication_driver_data))
    assert backend.simulator.srdf.other_side(ARRAY, place["device_id"]) == (REMOTE, other["device_id"])
    assert (place["array"], other["array"], volume.replication_status) == (ARRAY, REMOTE, "enabled")
    expected = {
        "ReplicationEnabled": "True",
        "ReplicationMode": mode.name,
        "R2-DeviceID": other["device_id"],
        "R2-ArrayID": REMOTE,
        "RDFG-Label": mode.label,
        "R1-RDFG": str(mode.number),
        "R2-RDFG": str(mode.number),
        "BackendID": mode.name.lower(),
    }
    assert {key: volume.metadata[key] for key in expected} == expected


def test_from_type_to_type(backend: CinderBackend) -> None:
    """Into each mode, on to the next and out again: Cinder knows status, other side and metadata after each of them."""
    driver = start(backend)
    volume = created(driver, cinder_objects.volume(of_type=type_of(None), metadata={"owner": "me"}))
    device = ast.literal_eval(volume.provider_location)["device_id"]
    token = backend.array.write(device)
    for mode in (SYNC, ASYNC, METRO):
        retyped(driver, volume, type_of(mode))
        check_stored(backend, volume, mode)
        assert {f"OS-SRP_1-Diamond-NONE{mode.suffix}-SG"} <= set(backend.array.volumes[device].storage_groups)
        assert volume.metadata["owner"] == "me"
    retyped(driver, volume, type_of(METRO, pool_name=f"Gold+None+SRP_1+{ARRAY}"))
    check_stored(backend, volume, METRO)
    assert volume.metadata["ServiceLevel"] == "Gold"
    update = retyped(driver, volume, type_of(None))
    assert (update["replication_status"], update["replication_driver_data"]) == ("disabled", None)
    assert not REPLICA_KEYS & set(volume.metadata)
    assert volume.metadata["ReplicationEnabled"] == "False"
    assert backend.array.read(device) == token
    driver.delete_volume(volume)
    backend.assert_empty()
    assert all(each.is_gatekeeper for each in backend.simulator.arrays[REMOTE].volumes.values())
    assert not backend.simulator.arrays[REMOTE].storage_groups


def test_a_plain_retype_says_nothing_of_replication(backend: CinderBackend) -> None:
    """For a volume that never was replicated the columns are left alone, as upstream leaves them."""
    driver = start(backend)
    volume = created(driver, cinder_objects.volume(of_type=type_of(None)))
    update = retyped(driver, volume, type_of(None, pool_name=f"Gold+None+SRP_1+{ARRAY}"))
    assert set(update) == {"metadata", "multiattach"}


def test_migrating_a_replicated_volume(backend: CinderBackend) -> None:
    """T35: to a pool of the same array both sides move; the group of R2 has the other array's pool."""
    backend.array.add_pool("SRP_2", 10.0)
    driver = start(backend)
    specs = {"replication_enabled": "<is> True", "storagetype:replication_device_backend_id": "asynchronous"}
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(specs)))
    pairs = backend.simulator.srdf.pairs
    is_moved, update = driver.migrate_volume(None, volume, {"host": f"node@fibre#Gold+SRP_2+{ARRAY}"})
    assert is_moved
    volume.update(update)
    check_stored(backend, volume, ASYNC)
    assert backend.simulator.srdf.pairs == pairs
    places = {name: handle for name, handle in backend.simulator.arrays.items() if name in {ARRAY, REMOTE}}
    for handle in places.values():
        (found,) = (each for each in handle.volumes.values() if each.identifier == f"OS-{volume.id}")
        assert set(found.storage_groups) == {"OS-SRP_2-Gold-NONE-RA-SG", ASYNC.management_group}
    assert places[REMOTE].storage_groups["OS-SRP_2-Gold-NONE-RA-SG"].srp == "SRP_1"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_taking_a_volume_over_into_a_replicated_type(backend: CinderBackend, mode: Mode) -> None:
    """Cinder stores of it what it stores of a volume that was made replicated."""
    driver = start(backend)
    device = backend.array.add_volume(547, "payroll")
    volume = cinder_objects.volume(of_type=type_of(mode), host=HERE["host"])
    assert driver.manage_existing_get_size(volume, {"source-id": device}) == 1
    volume.update(driver.manage_existing(volume, {"source-id": device}))
    check_stored(backend, volume, mode)
    assert backend.array.volumes[device].identifier == f"OS-{volume.id}"
