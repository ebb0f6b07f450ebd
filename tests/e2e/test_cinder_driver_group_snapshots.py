"""Snapshots of groups, and groups out of them, through the Cinder driver: with the data that hosts wrote."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cinder import exception

from pmax.simulator import Drop, Refuse
from tests.e2e.cinder_driver_groups import DEFAULT_GROUP, GroupScene, group_scene
from tests.judges.backend import location_of

pytestmark = [pytest.mark.timeout(90), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[GroupScene]:
    """A back end whose groups are snapped as one."""
    with group_scene(tmp_path) as made:
        yield made


def test_a_snapshot_is_of_one_moment(scene: GroupScene) -> None:
    """One call takes it, all members share its snap id, and Cinder learns where each is."""
    group = scene.group("one", "two")
    devices = scene.devices(*scene.groups.members(group))
    with scene.calls() as calls:
        snapshot = scene.snapshot(group)
    assert calls.changes == [f"POST storagegroup/{scene.storage_group(group)}/snapshot"]
    name = f"{snapshot.record.id[:9]}{snapshot.record.id[-9:]}"
    assert {(each.source, each.name) for each in scene.array.snapshots} == {(device, name) for device in devices}
    (snap_id,) = {each.snap_id for each in scene.array.snapshots}
    assert snapshot.record.status == "available"
    for member, device in zip(snapshot.members, devices, strict=True):
        assert member.status == "available"
        assert member.provider_location == str({"source_id": device, "snap_name": name})
        assert member.metadata == {
            "SnapshotLabel": name,
            "SourceDeviceID": device,
            "SourceDeviceLabel": f"OS-{member.volume_id}",
            "SnapIdList": str(snap_id),
            "is_snap_id": "True",
        }
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    assert scene.array.snapshots == ()
    scene.take_down(group)


def test_concurrent_writes_do_not_split_a_snapshot(scene: GroupScene) -> None:
    """A host that numbers its writes to both volumes finds, in the copy, no write without the one before it."""
    group = scene.group("0", "0")
    first, second = scene.devices(*scene.groups.members(group))
    stop = threading.Event()

    def write_in_order() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            scene.array.write(first, str(number))
            scene.array.write(second, str(number))

    host = threading.Thread(target=write_in_order)
    host.start()
    try:
        snapshots = [scene.snapshot(group) for _ in range(3)]
    finally:
        stop.set()
        host.join()
    seen = []
    for number, snapshot in enumerate(snapshots):
        copy = scene.groups.from_snapshot(f"copy{number}", snapshot, scene.gold)
        ahead, behind = map(int, sorted(scene.data_of(copy), key=int, reverse=True))
        assert ahead - behind in {0, 1}
        seen.append(behind)
        assert scene.groups.delete_snapshot(snapshot) == "deleted"
        scene.take_down(copy)
    assert seen == sorted(seen)
    scene.take_down(group)


def test_a_group_out_of_a_snapshot(scene: GroupScene) -> None:
    """Its volumes have the data of that moment, in a storage group of their own; the snapshot can be deleted."""
    group = scene.group("one", "two")
    snapshot = scene.snapshot(group)
    for volume in scene.groups.members(group):
        scene.write(volume, "later")
    copy = scene.groups.from_snapshot("copy", snapshot, scene.gold)
    assert sorted(scene.data_of(copy)) == ["one", "two"]
    volumes = scene.groups.members(copy)
    for volume in volumes:
        device = scene.backend.device_of(volume)
        assert device.identifier == f"OS-{volume.id}"
        assert set(device.storage_groups) == {DEFAULT_GROUP, f"copy_{copy.id}"}
        assert volume.status == "available"
        assert volume.metadata["DeviceID"] == device.volume_id
        assert location_of(volume)["snap_name"] == location_of(snapshot.members[0])["snap_name"]
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    assert (scene.array.snapshots, dict(scene.array.links)) == ((), {})
    assert sorted(scene.data_of(copy)) == ["one", "two"]
    assert sorted(scene.data_of(group)) == ["later", "later"]
    scene.take_down(group)
    assert sorted(scene.data_of(copy)) == ["one", "two"]
    scene.take_down(copy)


def test_a_group_out_of_a_group(scene: GroupScene) -> None:
    """It is copied as it is at one moment, by a snapshot that is gone afterwards."""
    group = scene.group("one", "two")
    copy = scene.groups.from_group("copy", group, scene.gold)
    assert (scene.array.snapshots, dict(scene.array.links)) == ((), {})
    for volume in scene.groups.members(group):
        scene.write(volume, "later")
    assert sorted(scene.data_of(copy)) == ["one", "two"]
    assert scene.members(copy) == set(scene.devices(*scene.groups.members(copy)))
    scene.take_down(copy)
    scene.take_down(group)


def test_an_empty_group_can_be_copied_and_not_snapped(scene: GroupScene) -> None:
    """There is nothing to snap in an empty group; a copy of it is empty."""
    group = scene.group("one")
    record, _ = scene.bench.records.group_snapshot(group)
    (volume,) = scene.groups.members(group)
    scene.groups.remove(group, volume)
    with pytest.raises(exception.InvalidInput, match="no volumes"):
        scene.driver.create_group_snapshot(scene.context, record, [])
    scene.backend.delete(volume)
    copy = scene.groups.from_group("copy", group, scene.gold)
    assert scene.members(copy) == set()
    scene.take_down(copy)
    scene.take_down(group)


def test_who_leaves_a_group_leaves_its_snapshots_behind(scene: GroupScene) -> None:
    """A snapshot of a group is deleted from volumes that have left it, and a later one is not of them."""
    group = scene.group("one", "two")
    leaver, stayer = scene.groups.members(group)
    old = scene.snapshot(group)
    scene.groups.remove(group, leaver)
    new = scene.snapshot(group)
    assert [each.source for each in scene.array.snapshots].count(scene.devices(leaver)[0]) == 1
    assert scene.groups.delete_snapshot(old) == "deleted"
    assert [each.source for each in scene.array.snapshots] == scene.devices(stayer)
    assert scene.groups.delete_snapshot(new) == "deleted"
    scene.backend.delete(leaver)
    scene.take_down(group)


def test_the_storage_group_follows_a_rename_at_the_next_snapshot(scene: GroupScene) -> None:
    """The snapshot is taken of the group under its new name."""
    group = scene.rename(scene.group("one"), "renamed")
    snapshot = scene.snapshot(group)
    assert scene.storage_group(group) == f"renamed_{group.id}"
    group = scene.rename(group, "again")
    copy = scene.groups.from_group("copy", group, scene.gold)
    assert scene.storage_group(group) == f"again_{group.id}"
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    scene.take_down(copy)
    scene.take_down(scene.again(group))


def test_groups_that_are_not_snapped_as_one_are_left_to_cinder(scene: GroupScene) -> None:
    """Without the key in the group type, Cinder takes, deletes and copies snapshots volume by volume."""
    records, driver, context = scene.bench.records, scene.driver, scene.context
    type_id = records.group_type("replicated", {"consistent_group_replication_enabled": "<is> True"})
    group = records.group("node@powermax#pool", "plain", type_id, [scene.gold.id])
    group.status = "available"
    group.save()
    volume = scene.backend.volume(scene.gold, group_id=group.id)
    record, members = records.group_snapshot(records.group_again(group))
    with pytest.raises(NotImplementedError):
        driver.create_group_snapshot(context, record, members)
    with pytest.raises(NotImplementedError):
        driver.delete_group_snapshot(context, record, members)
    with pytest.raises(NotImplementedError):
        driver.create_group_from_src(context, group, [], source_group=group, source_vols=[volume])


def test_a_volume_that_is_not_in_the_storage_group(scene: GroupScene) -> None:
    """No snapshot is taken of a part of a group: the error names the volume; with it there, a second try succeeds."""
    group = scene.group("one", "two")
    name, (device, _) = scene.storage_group(group), scene.devices(*scene.groups.members(group))
    scene.edit_storage_group(name, {"removeVolumeParam": {"volumeId": [device]}})
    for attempt in (scene.snapshot, lambda source: scene.groups.from_group("copy", source, scene.gold)):
        with pytest.raises(exception.VolumeBackendAPIException, match=device):
            attempt(group)
        assert scene.array.snapshots == ()
    scene.edit_storage_group(name, {"expandStorageGroupParam": {"addSpecificVolumeParam": {"volumeId": [device]}}})
    assert scene.groups.delete_snapshot(scene.snapshot(group)) == "deleted"
    scene.take_down(group)


def test_a_storage_group_that_is_gone_is_not_snapped(scene: GroupScene) -> None:
    """The error names the storage group; a snapshot that was taken before can still be deleted."""
    group = scene.group("one")
    snapshot = scene.snapshot(group)
    scene.administer("DELETE", f"storagegroup/{scene.storage_group(group)}")
    with pytest.raises(exception.VolumeBackendAPIException, match=group.id):
        scene.snapshot(group)
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    assert scene.array.snapshots == ()
    scene.take_down(group)


def test_a_snapshot_that_is_gone(scene: GroupScene) -> None:
    """No group is made out of what one volume has lost: nothing else is copied instead. It can be deleted, though."""
    group = scene.group("one", "two")
    snapshot = scene.snapshot(group)
    lost = location_of(snapshot.members[0])
    scene.delete_snapshot_of_one(lost["snap_name"], lost["source_id"])
    before = set(scene.array.volumes)
    with pytest.raises(exception.VolumeBackendAPIException, match=lost["source_id"]):
        scene.groups.from_snapshot("copy", snapshot, scene.gold)
    assert set(scene.array.volumes) == before
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    assert scene.array.snapshots == ()
    scene.take_down(group)


@pytest.mark.parametrize("origin", ["snapshot", "group"])
@pytest.mark.parametrize(
    ("verb", "path", "nth"),
    [
        ("POST", "**/storagegroup", 1),
        ("PUT", "**/storagegroup/OS-*", 2),
        ("PUT", "**/storagegroup/copy_*", 1),
        ("PUT", "**/snapshot/*", 1),
    ],
)
@pytest.mark.parametrize("effect", [Refuse(status=500), Drop(is_applied=True)], ids=["refused", "lost"])
def test_a_copy_that_fails(scene: GroupScene, origin: str, verb: str, path: str, nth: int, effect: Any) -> None:
    """Whichever change fails, the copy is whole or nothing of it is left, and a second try succeeds."""
    group = scene.group("one", "two")
    snapshot = scene.snapshot(group)
    before = set(scene.array.volumes), set(scene.array.storage_groups), scene.array.snapshots

    def attempt(name: str) -> Any:
        if origin == "group":
            return scene.groups.from_group(name, group, scene.gold)
        return scene.groups.from_snapshot(name, snapshot, scene.gold)

    scene.fail(verb, path, effect, nth)
    try:
        copy = attempt("copy")
    except exception.VolumeBackendAPIException:
        assert (set(scene.array.volumes), set(scene.array.storage_groups), scene.array.snapshots) == before
        scene.all_well()
        copy = attempt("copy again")
    scene.all_well()
    assert sorted(scene.data_of(copy)) == ["one", "two"]
    scene.take_down(copy)
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    scene.take_down(group)


@pytest.mark.parametrize("effect", [Refuse(status=500), Drop(is_applied=True), Drop(is_applied=False)])
def test_a_snapshot_that_cannot_be_taken(scene: GroupScene, effect: Any) -> None:
    """All volumes have the snapshot, or none has; a second try succeeds, and has the data of its moment."""
    group = scene.group("one", "two")
    scene.fail("POST", "**/snapshot", effect)
    try:
        snapshot = scene.snapshot(group)
    except exception.VolumeBackendAPIException:
        assert scene.array.snapshots == ()
        scene.all_well()
        snapshot = scene.snapshot(group)
    scene.all_well()
    assert len(scene.array.snapshots) == 2
    copy = scene.groups.from_snapshot("copy", snapshot, scene.gold)
    assert sorted(scene.data_of(copy)) == ["one", "two"]
    scene.take_down(copy)
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    scene.take_down(group)


def test_a_snapshot_that_cannot_be_deleted(scene: GroupScene) -> None:
    """All of it stays and is reported so, and a second try deletes it."""
    group = scene.group("one", "two")
    snapshot = scene.snapshot(group)
    scene.fail("DELETE", "**/snapshot/*", Refuse(status=500))
    update, updates = scene.driver.delete_group_snapshot(scene.context, snapshot.record, list(snapshot.members))
    assert update == {"status": "error_deleting"}
    assert [each["status"] for each in updates] == ["error_deleting", "error_deleting"]
    assert len(scene.array.snapshots) == 2
    scene.all_well()
    assert scene.groups.delete_snapshot(snapshot) == "deleted"
    scene.take_down(group)
