"""Volumes through the Cinder drivers: create, delete, extend; and what is on the array afterwards."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from cinder import exception

from tests.e2e.cinder_driver_backend import ARRAY, DIAMOND, CinderBackend, cinder_backend, created
from tests.unit.adapters.cinder import cinder_objects

VOLUME_ID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
GONE = f"{{'array': '{ARRAY}', 'device_id': '0FFFF'}}"


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend over iSCSI; the protocol makes no difference here."""
    with cinder_backend(tmp_path) as made:
        yield made


def test_create_makes_a_device_and_says_where(backend: CinderBackend) -> None:
    """The device has the volume's name and size, lies in the default group of its type, and Cinder learns its place."""
    driver = backend.start()
    volume = cinder_objects.volume(VOLUME_ID, size=3, of_type=cinder_objects.volume_type(DIAMOND))
    update = driver.create_volume(volume)
    [device] = backend.state()["volumes"].values()
    assert update["provider_location"] == str({"array": ARRAY, "device_id": device.volume_id})
    assert (device.identifier, device.cylinders) == (f"OS-{VOLUME_ID}", 1639)
    assert device.storage_groups == ("OS-SRP_1-Diamond-NONE-SG",)
    group = backend.array.storage_groups["OS-SRP_1-Diamond-NONE-SG"]
    assert (group.srp, group.service_level, group.is_compressed) == ("SRP_1", "Diamond", True)


def test_create_tells_users_where_their_volume_is(backend: CinderBackend) -> None:
    """Metadata has the keys of the 2026 driver, and keeps what the user wrote."""
    driver = backend.start()
    volume = cinder_objects.volume(
        VOLUME_ID, of_type=cinder_objects.volume_type(DIAMOND), metadata={"owner": "me", "DeviceID": "mine"}
    )
    update = driver.create_volume(volume)
    assert update["metadata"] == {
        "owner": "me",
        "DeviceID": ast.literal_eval(update["provider_location"])["device_id"],
        "DeviceLabel": f"OS-{VOLUME_ID}",
        "ArrayID": ARRAY,
        "ArrayModel": "PowerMax_2000",
        "ServiceLevel": "Diamond",
        "Workload": "NONE",
        "Emulation": "FBA",
        "Configuration": "TDEV",
        "CompressionDisabled": "False",
        "ReplicationEnabled": "False",
    }


@pytest.mark.parametrize(
    ("extra_specs", "group", "level"),
    [
        ({"pool_name": f"Gold+SRP_1+{ARRAY}"}, "OS-SRP_1-Gold-NONE-SG", "Gold"),
        ({"pool_name": f"None+None+SRP_1+{ARRAY}"}, "OS-no_SLO-SG", "NONE"),
        ({**DIAMOND, "storagetype:disablecompression": "<is> True"}, "OS-SRP_1-Diamond-NONE-CD-SG", "Diamond"),
        ({**DIAMOND, "storagetype:disablecompression": "yes"}, "OS-SRP_1-Diamond-NONE-CD-SG", "Diamond"),
        ({}, "OS-SRP_1-Diamond-NONE-SG", "Diamond"),
        ({"pool_name": f"Diamond+OLTP+SRP_1+{ARRAY}"}, "OS-SRP_1-Diamond-NONE-SG", "Diamond"),
    ],
)
def test_the_type_decides_the_storage_group(
    backend: CinderBackend, extra_specs: dict[str, str], group: str, level: str
) -> None:
    """Service level, compression and the configuration's default decide the group, by upstream's names."""
    driver = backend.start()
    volume = cinder_objects.volume(of_type=cinder_objects.volume_type(extra_specs))
    update = driver.create_volume(volume)
    [device] = backend.state()["volumes"].values()
    assert device.storage_groups == (group,)
    assert update["metadata"]["ServiceLevel"] == level
    assert update["metadata"]["CompressionDisabled"] == str("-CD-" in group or "no_SLO" in group)


def test_what_has_no_effect_is_logged(backend: CinderBackend, caplog: pytest.LogCaptureFixture) -> None:
    """A workload on an array that has none is no mistake, and the log says that it does nothing."""
    driver = backend.start()
    workload = cinder_objects.volume_type({"pool_name": f"Diamond+OLTP+SRP_1+{ARRAY}"})
    driver.create_volume(cinder_objects.volume(VOLUME_ID, of_type=workload))
    assert f"volume {VOLUME_ID}: workload OLTP" in caplog.text


def test_a_volume_without_a_type_can_be_made(backend: CinderBackend) -> None:
    """The configuration alone decides then."""
    created(backend.start(), cinder_objects.volume())
    assert list(backend.array.storage_groups) == ["OS-SRP_1-Diamond-NONE-SG"]


@pytest.mark.parametrize(
    ("extra_specs", "size", "named"),
    [
        ({"pool_name": "Diamond"}, 1, "pool_name"),
        ({"pool_name": f"Diamond+DSS+None+SRP_1+{ARRAY}"}, 1, "pool_name"),
        ({"pool_name": f"None+DSS+SRP_1+{ARRAY}"}, 1, "workload DSS"),
        ({"pool_name": f"diamond+SRP_1+{ARRAY}"}, 1, "write Diamond"),
        ({"pool_name": f"Diamond+SRP_9+{ARRAY}"}, 1, "SRP_9"),
        ({"storagetype:disablecompression": "perhaps"}, 1, "storagetype:disablecompression"),
        (DIAMOND, 0, "size 0"),
    ],
)
def test_a_wrong_request_is_named_and_changes_nothing(
    backend: CinderBackend, extra_specs: dict[str, str], size: int, named: str
) -> None:
    """A volume that cannot be made gives one error that names what is wrong, and nothing is sent to the array."""
    driver = backend.start()
    volume = cinder_objects.volume(size=size, of_type=cinder_objects.volume_type(extra_specs))
    with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException, match=named):
        driver.create_volume(volume)


def test_delete_leaves_nothing(backend: CinderBackend) -> None:
    """The device is gone, and with the last one its group."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume())
    driver.delete_volume(volume)
    backend.assert_empty()


def test_delete_spares_the_others(backend: CinderBackend) -> None:
    """Volumes of the same group stay where they are."""
    driver = backend.start()
    kept, deleted = (created(driver, cinder_objects.volume()) for _ in range(2))
    driver.delete_volume(deleted)
    [device] = backend.state()["volumes"].values()
    assert device.identifier == f"OS-{kept.id}"
    assert device.storage_groups == ("OS-SRP_1-Diamond-NONE-SG",)


@pytest.mark.parametrize("provider_location", [None, "", GONE])
def test_a_volume_that_is_not_there_is_deleted(backend: CinderBackend, provider_location: str | None) -> None:
    """What was never made, or is gone, counts as deleted, and nothing is changed."""
    driver = backend.start()
    with backend.unchanged():
        driver.delete_volume(cinder_objects.volume(provider_location=provider_location))


def test_a_volume_that_cinder_never_learned_of_is_found_by_its_name(backend: CinderBackend) -> None:
    """A create that was cut off leaves a device without a record; deleting the volume deletes the device."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume())
    volume.provider_location = None
    driver.delete_volume(volume)
    backend.assert_empty()


def test_a_device_that_belongs_to_another_volume_is_spared(backend: CinderBackend) -> None:
    """When a device id was given to another volume meanwhile, that volume stays."""
    driver = backend.start()
    other = created(driver, cinder_objects.volume())
    with backend.unchanged():
        driver.delete_volume(cinder_objects.volume(provider_location=other.provider_location))


def test_a_volume_whose_location_is_damaged_is_not_deleted(backend: CinderBackend) -> None:
    """A location that cannot be read is an error, never a success."""
    driver = backend.start()
    with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException, match="provider_location"):
        driver.delete_volume(cinder_objects.volume(provider_location="somewhere"))


def test_an_attached_volume_is_busy(backend: CinderBackend) -> None:
    """Cinder is told that the volume is busy, and makes it available again; nothing is changed."""
    from tests.e2e.cinder_driver_backend import iscsi_connector

    driver = backend.start()
    volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(volume, iscsi_connector())
    with backend.unchanged(), pytest.raises(exception.VolumeIsBusy, match="detach it first"):
        driver.delete_volume(volume)


def test_extend_makes_the_device_larger(backend: CinderBackend) -> None:
    """The new size is the size that Cinder gives, not a difference; nothing is returned."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(size=1))
    assert driver.extend_volume(volume, 10) is None
    [device] = backend.state()["volumes"].values()
    assert device.cylinders == 5462


def test_a_volume_does_not_shrink(backend: CinderBackend) -> None:
    """A smaller size is refused."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(size=5))
    with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException, match="cannot shrink"):
        driver.extend_volume(volume, 4)


@pytest.mark.parametrize("provider_location", [None, GONE])
def test_what_is_not_there_cannot_be_extended(backend: CinderBackend, provider_location: str | None) -> None:
    """An operation on a volume without a device is an error."""
    driver = backend.start()
    with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException):
        driver.extend_volume(cinder_objects.volume(provider_location=provider_location), 10)


@pytest.mark.parametrize(("operation", "budget"), [("create", 3), ("extend", 3), ("delete", 4), ("statistics", 1)])
def test_the_calls_that_an_operation_costs(backend: CinderBackend, operation: str, budget: int) -> None:
    """An operation costs no more calls than its budget, once what never changes is known."""
    driver = backend.start()
    others = created(driver, cinder_objects.volume())
    volume = others if operation == "create" else created(driver, cinder_objects.volume())
    work = {
        "create": lambda: driver.create_volume(cinder_objects.volume()),
        "extend": lambda: driver.extend_volume(volume, 2),
        "delete": lambda: driver.delete_volume(volume),
        "statistics": lambda: driver.get_volume_stats(refresh=True),
    }[operation]
    with backend.counting() as calls:
        work()
    assert len(calls) <= budget, calls
