"""Retype and migration through the Cinder drivers, with Cinder's own objects; and what is on the array afterwards."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from cinder import exception

from tests.e2e.cinder_driver_backend import (
    ARRAY,
    DIAMOND,
    CinderBackend,
    cinder_backend,
    created,
    fc_connector,
    iscsi_connector,
)
from tests.unit.adapters.cinder import cinder_objects

HERE = {"host": f"node@powermax#Gold+None+SRP_1+{ARRAY}", "capabilities": {}}
GOLD = {"pool_name": f"Gold+None+SRP_1+{ARRAY}"}
LIMITS = {"total_iops_sec": "500", "total_bytes_sec": "104857600", "DistributionType": "Always"}
CHILD = "OS-node1-SRP_1-{}-OS-iscsi-PG"


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend over iSCSI."""
    with cinder_backend(tmp_path) as made:
        yield made


def attached(driver, volume, connector=None) -> None:
    """Attach as the volume manager does, and record it."""
    connector = connector or iscsi_connector()
    driver.initialize_connection(volume, connector)
    volume.volume_attachment.objects.append(cinder_objects.attachment(connector["host"]))
    volume.status = "in-use"


def retyped(driver, volume, new_type, host=HERE, diff=None):
    """Retype as the volume manager does, and store what the driver says."""
    is_done, update = driver.retype(None, volume, new_type, diff or {}, host)
    if is_done:
        volume.update({"volume_type": new_type, "volume_type_id": new_type.id, "host": host["host"], **(update or {})})
    return is_done


def groups(backend: CinderBackend) -> dict[str, set[str]]:
    """Storage groups of each volume that a driver made, by its identifier."""
    return {volume.identifier: set(volume.storage_groups) for volume in backend.state()["volumes"].values()}


CHANGES = {
    "service level": (DIAMOND, GOLD, "Gold-NONE-SG", "GoldNONE", ""),
    "to no service level": (DIAMOND, {"pool_name": f"None+None+SRP_1+{ARRAY}"}, None, None, ""),
    "compression off": (
        DIAMOND,
        {**DIAMOND, "storagetype:disablecompression": "<is> True"},
        "Diamond-NONE-CD-SG",
        "DiamodNONE",
        "-CD",
    ),
    "compression on again": (
        {**DIAMOND, "storagetype:disablecompression": "True"},
        {**DIAMOND, "storagetype:disablecompression": "False"},
        "Diamond-NONE-SG",
        "DiamodNONE",
        "",
    ),
    "port group": (
        DIAMOND,
        {**DIAMOND, "storagetype:portgroupname": "OS-iscsi-PG"},
        "Diamond-NONE-SG",
        "DiamodNONE",
        "",
    ),
    "workload that means nothing": (
        {"pool_name": f"Diamond+DSS+SRP_1+{ARRAY}"},
        {"pool_name": f"Gold+OLTP+SRP_1+{ARRAY}"},
        "Gold-NONE-SG",
        "GoldNONE",
        "",
    ),
    "no pool in the type": (GOLD, {}, "Diamond-NONE-SG", "DiamodNONE", ""),
}


@pytest.mark.parametrize("is_attached", [False, True], ids=["detached", "attached"])
@pytest.mark.parametrize("change", CHANGES)
def test_retype(backend: CinderBackend, change: str, is_attached: bool) -> None:
    """The volume lies in the groups of the new type by upstream's names; an attached one keeps its LUN and its data."""
    old, new, default, level, suffix = CHANGES[change]
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(old)))
    device = ast.literal_eval(volume.provider_location)["device_id"]
    token = backend.array.write(device)
    if is_attached:
        attached(driver, volume)
    luns = backend.array.lun_addresses

    assert retyped(driver, volume, cinder_objects.volume_type(new))

    expected = f"OS-SRP_1-{default}" if default else "OS-no_SLO-SG"
    if is_attached:
        expected = CHILD.format(level) + suffix if level else "OS-node1-No_SLO-OS-iscsi-PG"
    assert groups(backend) == {f"OS-{volume.id}": {expected}}
    assert backend.array.lun_addresses == luns
    assert backend.array.read(device) == token
    if is_attached:
        volume.volume_attachment.objects.clear()
        driver.terminate_connection(volume, iscsi_connector())
    driver.delete_volume(volume)
    backend.assert_empty()


def test_over_fibre_channel(tmp_path: Path) -> None:
    """The protocol makes no difference but for the names."""
    with cinder_backend(tmp_path) as backend:
        driver = backend.start("fc")
        volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
        attached(driver, volume, fc_connector())
        assert retyped(driver, volume, cinder_objects.volume_type(GOLD))
        assert groups(backend) == {f"OS-{volume.id}": {"OS-node1-SRP_1-GoldNONE-OS-fibre-PG"}}


def test_metadata_and_flag_follow(backend: CinderBackend) -> None:
    """Users read the new service level, keep their own keys, and Cinder's flag for several attachments is the type's.

    The manual knows the flag to stay false after a retype.
    """
    driver = backend.start()
    volume = created(
        driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND), metadata={"owner": "me"})
    )
    new = cinder_objects.volume_type(
        {**GOLD, "storagetype:disablecompression": "<is> True", "multiattach": "<is> True"}
    )
    assert retyped(driver, volume, new)
    assert volume.multiattach is True
    told = volume.metadata
    assert (told["owner"], told["ServiceLevel"], told["CompressionDisabled"]) == ("me", "Gold", "True")
    assert told["DeviceLabel"] == f"OS-{volume.id}"
    assert retyped(driver, volume, cinder_objects.volume_type(GOLD))
    assert volume.multiattach is False


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, LIMITS, (500, 100, "Always")),
        ({"total_iops_sec": "2000", "total_bytes_sec": "2097152000"}, LIMITS, (500, 100, "Always")),
        (LIMITS, {**LIMITS, "DistributionType": "OnFailure"}, (500, 100, "OnFailure")),
        (None, {"DistributionType": "Always"}, None),
        (LIMITS, None, None),
    ],
    ids=["use case 1", "use case 2", "use case 3", "use case 4", "limits go"],
)
def test_qos_follows_a_retype(
    backend: CinderBackend, old: dict[str, str] | None, new: dict[str, str] | None, expected: object
) -> None:
    """The four use cases of the manual, on a volume that a host sees: its child group alone has the limits."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND, old)))
    attached(driver, volume)
    assert retyped(driver, volume, cinder_objects.volume_type(DIAMOND, new))
    limits = {
        name: (limit.io_per_second, limit.mb_per_second, limit.dynamic_distribution)
        for name, group in backend.array.storage_groups.items()
        if (limit := group.host_io_limit) is not None
    }
    assert limits == ({CHILD.format("DiamodNONE"): expected} if expected else {})


@pytest.mark.parametrize(
    ("qos", "named"),
    [
        ({"total_iops_sec": "99"}, "number of I/O operations a second from 100 to 100000"),
        ({"total_iops_sec": "100001"}, "number of I/O operations a second from 100 to 100000"),
        ({"total_bytes_sec": "1048575"}, "number of bytes a second from 1048576 to 104857600000"),
        ({"total_iops_sec": "many"}, "number of I/O operations a second from 100 to 100000"),
        ({**LIMITS, "DistributionType": "Sometimes"}, "Never, OnFailure or Always"),
    ],
)
def test_wrong_limits_are_named_with_range_and_unit(backend: CinderBackend, qos: dict[str, str], named: str) -> None:
    """A limit that the array does not take is refused with its range and unit, and nothing is changed."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException, match=named):
        driver.retype(None, volume, cinder_objects.volume_type(DIAMOND, qos), {}, HERE)


def test_front_end_limits_are_not_the_arrays(backend: CinderBackend) -> None:
    """Limits whose consumer is the hypervisor are not set."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    attached(driver, volume)
    with backend.unchanged():
        assert retyped(driver, volume, cinder_objects.volume_type(DIAMOND, LIMITS, "front-end"))


@pytest.mark.parametrize(
    "host",
    [
        f"node@powermax-2#Gold+None+SRP_1+{ARRAY}",
        "node@powermax#Gold+None+SRP_1+000197900998",
        f"node@powermax#Gold+None+SRP_2+{ARRAY}",
        "node@lvm#LVM",
    ],
)
def test_another_backend_is_cinders_business(backend: CinderBackend, host: str) -> None:
    """For another backend, array or SRP nothing is done, and Cinder may copy the data."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    with backend.unchanged():
        assert driver.retype(None, volume, cinder_objects.volume_type(GOLD), {}, {"host": host}) == (False, None)


@pytest.mark.parametrize(
    "host",
    [f"other-node@powermax#Gold+SRP_1+{ARRAY}", "other-node@powermax", f"cluster@powermax#Gold+None+SRP_1+{ARRAY}"],
)
def test_another_node_of_the_cluster_is_this_backend(backend: CinderBackend, host: str) -> None:
    """In a cluster the host may name another node: backend and pool count."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    assert retyped(driver, volume, cinder_objects.volume_type(GOLD), {"host": host})
    assert groups(backend) == {f"OS-{volume.id}": {"OS-SRP_1-Gold-NONE-SG"}}


@pytest.mark.parametrize(
    ("before", "after", "is_done"), [("luks", "luks", True), (None, "luks", False), ("luks", None, False)]
)
def test_a_change_of_encryption_needs_a_copy(
    backend: CinderBackend, before: str | None, after: str | None, is_done: bool
) -> None:
    """Cinder writes encrypted data anew; between types that encrypt alike a volume moves like any other."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    diff = {"encryption": {"provider": (before, after)}, "extra_specs": {}, "qos_specs": {}}
    assert retyped(driver, volume, cinder_objects.volume_type(GOLD), diff=diff) is is_done
    level = "Gold" if is_done else "Diamond"
    assert groups(backend) == {f"OS-{volume.id}": {f"OS-SRP_1-{level}-NONE-SG"}}


@pytest.mark.parametrize(
    ("extra_specs", "named"),
    [
        ({"pool_name": f"Ruby+SRP_1+{ARRAY}"}, "Ruby"),
        ({**GOLD, "storagetype:storagegrouptags": "a b"}, "storagegrouptags"),
        ({**GOLD, "replication_enabled": "<is> True"}, "replication_enabled"),
    ],
)
def test_a_type_that_cannot_be_is_refused_with_the_reason(
    backend: CinderBackend, extra_specs: dict[str, str], named: str
) -> None:
    """Copying would not help either, so the reason is told, and nothing is changed."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException, match=named):
        driver.retype(None, volume, cinder_objects.volume_type(extra_specs), {}, HERE)


def test_t20_a_replication_key_that_says_no(backend: CinderBackend) -> None:
    """T20: `<is> False` means not replicated, so that the volume moves like any other."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    assert retyped(driver, volume, cinder_objects.volume_type({**GOLD, "replication_enabled": "<is> False"}))
    assert volume.metadata["ReplicationEnabled"] == "False"
    assert groups(backend) == {f"OS-{volume.id}": {"OS-SRP_1-Gold-NONE-SG"}}


@pytest.mark.parametrize(
    "spelling", ["True", "true", "<is> True", "<is> true", "yes", "1", "on", "t", "y", "Y", "<is> yes"]
)
def test_t21_every_spelling_of_yes(backend: CinderBackend, spelling: str) -> None:
    """T21: whatever OpenStack takes for true disables compression."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    assert retyped(driver, volume, cinder_objects.volume_type({**DIAMOND, "storagetype:disablecompression": spelling}))
    assert groups(backend) == {f"OS-{volume.id}": {"OS-SRP_1-Diamond-NONE-CD-SG"}}


def test_t22_no_pool_and_no_service_level(backend: CinderBackend) -> None:
    """T22: a type without a pool on a backend without a service level retypes a volume to none."""
    driver = backend.start(powermax_service_level="None")
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    attached(driver, volume)
    assert retyped(driver, volume, cinder_objects.volume_type({}))
    assert groups(backend) == {f"OS-{volume.id}": {"OS-node1-No_SLO-OS-iscsi-PG"}}


def test_a_volume_made_with_a_workload_before_an_upgrade(tmp_path: Path) -> None:
    """After an upgrade to 5978 volumes of a type with a workload are attached, retyped, detached and deleted.

    The manual knows such types to be unusable then.
    """
    with cinder_backend(tmp_path, fixture="families") as backend:
        serial = "000197800123"
        backend.simulator.arrays[serial].update(model="VMAX250F", microcode="5977.1131.1131")
        old = {"pool_name": f"Diamond+DSS+SRP_1+{serial}"}
        driver = backend.start(powermax_array=serial)
        volumes = [created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(old))) for _ in range(3)]
        attached(driver, volumes[0])
        array = backend.simulator.arrays[serial]
        assert {name for each in array.volumes.values() for name in each.storage_groups} == {
            "OS-SRP_1-Diamond-DSS-SG",
            "OS-node1-SRP_1-DiamondDSS-OS-iscsi-PG",
        }

        array.update(microcode="5978.669.669")
        driver = backend.start(powermax_array=serial)
        attached(driver, volumes[1])
        new = cinder_objects.volume_type({"pool_name": f"Diamond+OLTP+SRP_1+{serial}"})
        for volume in volumes:
            assert retyped(driver, volume, new, {"host": f"node@powermax#Diamond+OLTP+SRP_1+{serial}"})
        assert {name for each in array.volumes.values() for name in each.storage_groups} == {
            "OS-SRP_1-Diamond-NONE-SG",
            "OS-node1-SRP_1-DiamodNONE-OS-iscsi-PG",
        }
        for volume in volumes[:2]:
            volume.volume_attachment.objects.clear()
            driver.terminate_connection(volume, iscsi_connector())
        for volume in volumes:
            driver.delete_volume(volume)
        assert array.storage_groups == {}


def test_a_hybrid_ignores_compression_and_honours_workloads(tmp_path: Path) -> None:
    """On an array that cannot compress, the key changes nothing; before 5978 a workload is a group of its own."""
    with cinder_backend(tmp_path, fixture="families") as backend:
        serial = "000197800123"
        array = backend.simulator.arrays[serial]
        array.update(model="VMAX200K", microcode="5977.1131.1131")
        driver = backend.start(powermax_array=serial)
        old = {"pool_name": f"Diamond+DSS+SRP_1+{serial}"}
        volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(old)))
        with_key = cinder_objects.volume_type({**old, "storagetype:disablecompression": "True"})
        here = {"host": f"node@powermax#Diamond+DSS+SRP_1+{serial}"}
        assert retyped(driver, volume, with_key, here)
        assert set(array.storage_groups) == {"OS-SRP_1-Diamond-DSS-SG"}
        assert retyped(driver, volume, cinder_objects.volume_type({"pool_name": f"Diamond+OLTP+SRP_1+{serial}"}), here)
        assert set(array.storage_groups) == {"OS-SRP_1-Diamond-OLTP-SG"}


def test_migrate_within_the_array_moves_no_data(backend: CinderBackend) -> None:
    """To another backend of the array the device stays what it is; another SRP means another group."""
    backend.array.add_pool("SRP_2", 10.0)
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type({})))
    token = backend.array.write(ast.literal_eval(volume.provider_location)["device_id"])
    for pool, group in (
        (f"Diamond+None+SRP_1+{ARRAY}", "OS-SRP_1-Diamond-NONE-SG"),
        (f"Gold+SRP_2+{ARRAY}", "OS-SRP_2-Gold-NONE-SG"),
    ):
        is_moved, update = driver.migrate_volume(None, volume, {"host": f"node@fibre#{pool}"})
        assert is_moved
        assert update["metadata"]["ServiceLevel"] == pool.split("+", maxsplit=1)[0]
        assert groups(backend) == {f"OS-{volume.id}": {group}}
    assert backend.array.read(ast.literal_eval(volume.provider_location)["device_id"]) == token


def test_migrate_to_another_spelling_of_the_pool_changes_nothing(backend: CinderBackend) -> None:
    """Pools of two names that mean the same are one place."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type({})))
    with backend.unchanged():
        is_moved, _ = driver.migrate_volume(None, volume, {"host": f"node@powermax#Diamond+SRP_1+{ARRAY}"})
    assert is_moved


@pytest.mark.parametrize("host", ["node@lvm#LVM", "node@lvm", "node@far#Diamond+None+SRP_1+000197900998"])
def test_migrate_to_another_array_is_cinders_business(backend: CinderBackend, host: str) -> None:
    """Where the data has to be copied, Cinder is told that nothing was done."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    with backend.unchanged():
        assert driver.migrate_volume(None, volume, {"host": host}) == (False, None)


@pytest.mark.parametrize(
    ("extra_specs", "host"),
    [({}, f"node@powermax#Gold+None+SRP_1+{ARRAY}"), (DIAMOND, f"node@fibre#Gold+None+SRP_1+{ARRAY}")],
)
def test_migrate_does_not_change_what_the_type_decides(
    backend: CinderBackend, extra_specs: dict[str, str], host: str
) -> None:
    """A service level that type or configuration name is changed by a retype, and the error says so."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(extra_specs)))
    with backend.unchanged(), pytest.raises(exception.VolumeBackendAPIException, match="retype it"):
        driver.migrate_volume(None, volume, {"host": host})


def migrated(driver, source_location: str | None = None):
    """A volume, and the copy of it that Cinder has made on this backend."""
    volume = cinder_objects.volume(provider_location=source_location)
    copy = created(driver, cinder_objects.volume())
    copy.migration_status = f"target:{volume.id}"
    return volume, copy


def test_a_copy_from_elsewhere_gets_the_volumes_name(backend: CinderBackend) -> None:
    """After a migration by copying the device is called after the volume, so that people find it by the volume's id."""
    driver = backend.start()
    volume, copy = migrated(driver)
    update = driver.update_migrated_volume(None, volume, copy, "available")
    assert update == {"_name_id": None, "provider_location": copy.provider_location}
    assert list(groups(backend)) == [f"OS-{volume.id}"]
    volume.update(update)
    assert driver.extend_volume(volume, 2) is None


def test_a_copy_on_the_same_array_keeps_its_name(backend: CinderBackend) -> None:
    """While the source has the volume's name, the copy keeps its own, which Cinder remembers; each is deleted alone."""
    driver = backend.start()
    volume = created(driver, cinder_objects.volume())
    source_location = volume.provider_location
    copy = created(driver, cinder_objects.volume())
    update = driver.update_migrated_volume(None, volume, copy, "available")
    assert update == {"_name_id": copy.id, "provider_location": copy.provider_location}
    volume.update(update)
    # What Cinder makes of the record of the copy, which now stands for the source.
    copy.update({"provider_location": source_location, "_name_id": volume.id})
    driver.delete_volume(copy)
    assert list(groups(backend)) == [f"OS-{copy.id}"]
    driver.delete_volume(volume)
    backend.assert_empty()


def test_a_copy_that_cinder_lost_after_it_was_renamed_is_deleted(backend: CinderBackend) -> None:
    """If Cinder dies between the renaming and its own record, deleting the copy still finds its device."""
    driver = backend.start()
    volume, copy = migrated(driver)
    driver.update_migrated_volume(None, volume, copy, "available")
    driver.delete_volume(copy)
    backend.assert_empty()


def test_the_calls_that_a_retype_costs(backend: CinderBackend) -> None:
    """A retype of the service level of a volume that no host sees costs at most 5 calls."""
    driver = backend.start()
    for specs in (DIAMOND, GOLD):
        created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(specs)))
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type(DIAMOND)))
    with backend.counting() as calls:
        assert retyped(driver, volume, cinder_objects.volume_type(GOLD))
    assert len(calls) <= 5, calls
