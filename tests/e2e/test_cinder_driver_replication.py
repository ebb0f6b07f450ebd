"""Replicated volumes through the Cinder drivers: what Cinder stores, and what is on both arrays afterwards."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from cinder import exception

from tests.e2e.cinder_driver_backend import (
    ARRAY,
    DIAMOND,
    PORT_GROUPS,
    CinderBackend,
    cinder_backend,
    iscsi_connector,
)
from tests.unit.adapters.cinder import cinder_objects

VOLUME_ID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
REMOTE = "000197900998"
REPLICATED = {**DIAMOND, "replication_enabled": "<is> True"}
MODES = {"Synchronous": (70, "-RE"), "Asynchronous": (71, "-RA"), "Metro": (72, "-RM")}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend over iSCSI; the protocol makes no difference here."""
    with cinder_backend(tmp_path) as made:
        yield made


def device(of_mode: str, **changes: str) -> str:
    """The line of cinder.conf."""
    values = {
        "target_device_id": REMOTE,
        "remote_port_group": PORT_GROUPS["iscsi"],
        "remote_pool": "SRP_1",
        "rdf_group_label": f"23_24_{MODES[of_mode][0]:03d}",
        "mode": of_mode,
        "allow_delete_metro": "true",
        **changes,
    }
    return ",".join(f"{key}:{value}" for key, value in values.items())


def volume(**changes: object):
    """A volume of a replicated type."""
    return cinder_objects.volume(VOLUME_ID, of_type=cinder_objects.volume_type(REPLICATED), **changes)


@pytest.mark.parametrize("mode", MODES)
def test_what_cinder_stores_of_a_replicated_volume(backend: CinderBackend, mode: str) -> None:
    """Place, other side, status and metadata are those of the upstream driver; deleting leaves nothing on any array."""
    number, suffix = MODES[mode]
    driver = backend.start(replication_device=device(mode))
    update = driver.create_volume(volume())
    place = ast.literal_eval(update["provider_location"])
    other = ast.literal_eval(update["replication_driver_data"])
    assert list(place) == list(other) == ["array", "device_id"]
    assert (place["array"], other["array"]) == (ARRAY, REMOTE)
    assert backend.simulator.srdf.other_side(ARRAY, place["device_id"]) == (REMOTE, other["device_id"])
    assert update["replication_status"] == "enabled"
    expected = {
        "ReplicationEnabled": "True",
        "R2-DeviceID": other["device_id"],
        "R2-ArrayID": REMOTE,
        "R2-ArrayModel": "PowerMax_2000",
        "ReplicationMode": mode,
        "RDFG-Label": f"23_24_{number:03d}",
        "R1-RDFG": str(number),
        "R2-RDFG": str(number),
        "BackendID": "",
    }
    assert {key: update["metadata"][key] for key in expected} == expected
    far = backend.simulator.arrays[REMOTE].volumes[other["device_id"]]
    assert far.identifier == f"OS-{VOLUME_ID}"
    assert f"OS-SRP_1-Diamond-NONE{suffix}-SG" in far.storage_groups
    stored = volume(
        provider_location=update["provider_location"], replication_driver_data=update["replication_driver_data"]
    )
    driver.extend_volume(stored, 5)
    assert backend.simulator.arrays[REMOTE].volumes[other["device_id"]].cylinders == 2731
    info = driver.initialize_connection(stored, iscsi_connector(multipath=True))
    assert len(info["data"]["target_luns"]) == (4 if mode == "Metro" else 2)
    driver.terminate_connection(stored, iscsi_connector(multipath=True))
    driver.delete_volume(stored)
    backend.assert_empty()
    assert not backend.simulator.srdf.pairs
    assert all(each.is_gatekeeper for each in backend.simulator.arrays[REMOTE].volumes.values())


def test_cinder_learns_of_a_new_other_side(backend: CinderBackend) -> None:
    """A volume whose pair ended so that it could grow has its new other side in it, and Cinder stores what changed."""
    backend.simulator.arrays[REMOTE].update(microcode="5977.1131.1131")
    driver = backend.start(replication_device=device("Synchronous", allow_extend="true"))
    made = driver.create_volume(volume())
    stored = volume(**{key: made[key] for key in ("provider_location", "replication_driver_data", "metadata")})
    stored.obj_reset_changes()
    driver.extend_volume(stored, 5)
    place, other = (ast.literal_eval(text) for text in (stored.provider_location, stored.replication_driver_data))
    assert stored.replication_driver_data != made["replication_driver_data"]
    assert backend.simulator.srdf.other_side(ARRAY, place["device_id"]) == (REMOTE, other["device_id"])
    assert backend.simulator.arrays[REMOTE].volumes[other["device_id"]].cylinders == 2731
    assert stored.metadata["R2-DeviceID"] == other["device_id"]
    assert {"replication_driver_data", "metadata"} <= stored.obj_what_changed()


def test_the_scheduler_learns_where_volumes_are_replicated(backend: CinderBackend) -> None:
    """The backend and its pools offer replication, to the configured array."""
    driver = backend.start(replication_device=device("Metro"))
    stats = driver.get_volume_stats(refresh=True)
    assert (stats["replication_enabled"], stats["replication_targets"]) == (True, [REMOTE])
    assert all(pool["replication_enabled"] for pool in stats["pools"])


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("rdf_group_label", "nowhere", "no RDF group"),
        ("mode", "weekly", "known modes are"),
        ("remote_pool", "SRP_9", "no storage resource pool"),
        ("remote_port_group", "nowhere-PG", "no port group"),
    ],
)
def test_a_wrong_replication_device_keeps_the_backend_from_starting(
    backend: CinderBackend, key: str, value: str, words: str
) -> None:
    """What the arrays do not have is told by its key when the service starts."""
    with pytest.raises(exception.CinderException) as raised:
        backend.start(replication_device=device("Synchronous", **{key: value}))
    assert key in str(raised.value)
    assert words in str(raised.value)


@pytest.mark.parametrize("spec", ["", "powermax:disable_protected_snap"])
def test_what_cinder_stores_of_a_copy(backend: CinderBackend, spec: str) -> None:
    """A copy is replicated as its type says, and not where the type says that copies are not; it can be used."""
    driver = backend.start(replication_device=device("Synchronous"))
    of_type = cinder_objects.volume_type({**REPLICATED, spec: "<is> True"} if spec else REPLICATED)
    source = cinder_objects.volume(of_type=of_type)
    source.update(driver.create_volume(source))
    copy = cinder_objects.volume(of_type=of_type, source_volid=source.id)
    update = driver.create_cloned_volume(copy, source)
    assert update["metadata"]["ReplicationEnabled"] == str(not spec)
    copy.update(update)
    here = ast.literal_eval(update["provider_location"])["device_id"]
    if spec:
        assert "replication_status" not in update
    else:
        there = ast.literal_eval(update["replication_driver_data"])
        assert (there["array"], there["device_id"]) == backend.simulator.srdf.other_side(ARRAY, here)
        assert (update["replication_status"], update["metadata"]["R2-DeviceID"]) == ("enabled", there["device_id"])
    driver.initialize_connection(copy, iscsi_connector(multipath=True))
    driver.terminate_connection(copy, iscsi_connector(multipath=True))
    assert len(backend.simulator.srdf.pairs) == (1 if spec else 2)
    driver.delete_volume(copy)
    driver.delete_volume(source)
    backend.assert_empty()
    assert not backend.simulator.srdf.pairs
