"""Generic volume groups through the Cinder driver: create, update, delete; and what is on the array afterwards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cinder import exception

from pmax.simulator import Drop, Refuse
from tests.e2e.cinder_driver_backend import iscsi_connector
from tests.e2e.cinder_driver_groups import DEFAULT_GROUP, NAME, SHORT_NAME, GroupScene, group_scene

pytestmark = [pytest.mark.timeout(60), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[GroupScene]:
    """A back end whose groups are snapped as one."""
    with group_scene(tmp_path) as made:
        yield made


def test_a_group_is_a_storage_group_beside_the_volumes_own(scene: GroupScene) -> None:
    """Volumes are in the group's storage group, which has no service level, and stay in their own, which has."""
    with scene.calls() as calls:
        group = scene.groups.create(NAME, scene.gold)
    assert len(calls) == 1
    name = f"{SHORT_NAME}_{group.id}"
    made = scene.array.storage_groups[name]
    assert (made.srp, made.service_level) == (None, None)
    born = scene.groups.create_volume(group, scene.gold)
    added = scene.backend.create(scene.gold)
    scene.groups.add(group, added)
    for volume in (born, added):
        assert set(scene.backend.device_of(volume).storage_groups) == {DEFAULT_GROUP, name}
    scene.groups.remove(group, born)
    assert scene.backend.device_of(born).storage_groups == (DEFAULT_GROUP,)
    assert scene.members(group) == set(scene.devices(added))
    scene.take_down(group)
    assert list(scene.array.storage_groups) == [DEFAULT_GROUP]
    scene.backend.delete(born)


@pytest.mark.parametrize(
    ("name", "expected"),
    [(None, "{id}"), ("a" * 27, "a" * 27 + "_{id}"), ("b" * 28, "b" * 26 + "_{id}"), ("My volumes", "My_volumes_{id}")],
)
def test_names_of_storage_groups(scene: GroupScene, name: str | None, expected: str) -> None:
    """A group without a name is called by its id, a long name is shortened, and what the array refuses is replaced."""
    group = scene.group(name=name)
    assert list(scene.array.storage_groups) == [expected.format(id=group.id)]
    scene.take_down(group)


@pytest.mark.parametrize("operation", ["add", "create volume", "delete"])
def test_the_storage_group_follows_a_rename(scene: GroupScene, operation: str) -> None:
    """Cinder tells nobody of a group's new name; the next operation finds the group by its id and renames it."""
    group = scene.rename(scene.group("one"), "renamed")
    spare = scene.backend.create(scene.gold)
    if operation == "add":
        scene.groups.add(group, spare)
    elif operation == "create volume":
        scene.groups.create_volume(group, scene.gold)
    if operation != "delete":
        assert scene.storage_group(group) == f"renamed_{group.id}"
        assert len(scene.members(group)) == 2
    scene.take_down(scene.again(group))
    if operation != "add":
        scene.backend.delete(spare)


def test_groups_that_need_nothing_of_the_array_are_left_to_cinder(scene: GroupScene) -> None:
    """Without a key in the group type, the driver says that it does not implement groups, and changes nothing."""
    driver, context = scene.driver, scene.context
    type_id = scene.bench.records.group_type("plain", {"consistent_group_snapshot_enabled": "<is> False"})
    group = scene.bench.records.group("node@powermax#pool", "plain", type_id, [scene.gold.id])
    with pytest.raises(NotImplementedError):
        driver.create_group(context, group)
    with pytest.raises(NotImplementedError):
        driver.update_group(context, group, add_volumes=[], remove_volumes=[])
    with pytest.raises(NotImplementedError):
        driver.delete_group(context, group, [])
    volume = scene.backend.create(scene.gold, group_id=group.id)
    assert scene.backend.device_of(volume).storage_groups == (DEFAULT_GROUP,)
    scene.backend.delete(volume)


def test_an_attached_volume_joins_and_leaves(scene: GroupScene) -> None:
    """Its host sees it all the while, and attaching and detaching leave the group's storage group alone."""
    group = scene.groups.create(NAME, scene.gold)
    volume = scene.backend.create(scene.gold)
    connector = iscsi_connector()
    scene.backend.attach(volume, connector)
    addresses = dict(scene.array.lun_addresses)
    scene.groups.add(group, volume)
    assert dict(scene.array.lun_addresses) == addresses
    scene.backend.detach(volume, connector)
    name = scene.storage_group(group)
    assert set(scene.backend.device_of(volume).storage_groups) == {DEFAULT_GROUP, name}
    scene.backend.attach(volume, connector)
    groups = scene.backend.device_of(volume).storage_groups
    assert name in groups
    assert DEFAULT_GROUP not in groups
    scene.backend.extend(volume, 3)
    scene.groups.remove(group, volume)
    assert scene.backend.device_of(volume).storage_groups == tuple(each for each in groups if each != name)
    scene.backend.detach(volume, connector)
    scene.backend.delete(volume)
    assert list(scene.array.storage_groups) == [name]
    scene.take_down(group)


def test_an_empty_group(scene: GroupScene) -> None:
    """An empty group can be changed without a change, and deleted."""
    group = scene.groups.create(NAME, scene.gold)
    scene.groups.add(group)
    assert scene.members(group) == set()
    scene.take_down(group)
    assert scene.array.storage_groups == {}


def test_a_group_of_two_hundred(scene: GroupScene) -> None:
    """All volumes join by one change, and leave by one, whatever their number."""
    group = scene.groups.create(NAME, scene.gold)
    volumes = [scene.ready_volume() for _ in range(200)]
    with scene.calls() as calls:
        scene.driver.update_group(scene.context, group, volumes, [])
    assert len(calls.changes) == 1
    assert scene.members(group) == set(scene.devices(*volumes))
    with scene.calls() as calls:
        scene.driver.update_group(scene.context, group, [], volumes[:199])
    assert len(calls) <= 4
    assert scene.members(group) == set(scene.devices(volumes[199]))
    scene.driver.update_group(scene.context, group, volumes[:199], [])
    update, updates = scene.driver.delete_group(scene.context, group, volumes)
    assert (update["status"], {each["status"] for each in updates}) == ("deleted", {"deleted"})
    assert scene.array.storage_groups == {}


@pytest.mark.parametrize("missing", ["device", "another volume's", "location"])
def test_one_volume_that_is_not_there(scene: GroupScene, missing: str) -> None:
    """The error names the volume, no other one joins, and without it a second try succeeds."""
    group = scene.groups.create(NAME, scene.gold)
    good, bad = scene.backend.create(scene.gold), scene.backend.create(scene.gold)
    kept = bad.provider_location
    wrong = {
        "device": kept.replace(scene.devices(bad)[0], "0FFFF"),
        "another volume's": good.provider_location,
        "location": None,
    }
    bad.provider_location = wrong[missing]
    named = {"device": "0FFFF", "another volume's": bad.id, "location": bad.id}[missing]
    with pytest.raises((exception.VolumeBackendAPIException, exception.InvalidInput), match=named):
        scene.groups.add(group, good, bad)
    assert scene.members(group) == set()
    scene.groups.add(group, good)
    assert scene.members(group) == set(scene.devices(good))
    scene.take_down(group)
    bad.provider_location = kept
    bad.save()
    scene.backend.delete(bad)


def test_a_volume_is_in_one_group_at_most(scene: GroupScene) -> None:
    """Who is in a group on the array already cannot join another; the error names the group."""
    group, other = scene.group("one"), scene.group(name="other")
    (volume,) = scene.groups.members(group)
    with pytest.raises(exception.VolumeBackendAPIException, match=group.id):
        scene.groups.add(other, volume)
    assert scene.members(other) == set()
    with pytest.raises(exception.InvalidInput, match="at once"):
        scene.driver.update_group(scene.context, group, add_volumes=[volume], remove_volumes=[volume])
    scene.take_down(other)
    scene.take_down(group)


@pytest.mark.parametrize("seen", ["masked", "two of one id"])
def test_a_storage_group_that_is_not_as_it_should_be(scene: GroupScene, seen: str) -> None:
    """Nothing joins what hosts see, nor what may be another group's: the error says what to do."""
    group = scene.group("one")
    spare = scene.backend.create(scene.gold)
    name = scene.storage_group(group)
    if seen == "masked":
        scene.administer("POST", "host", {"hostId": "host", "initiatorId": ["iqn.1994-05.com.example:x"]})
        view = {
            "maskingViewId": "view",
            "hostOrHostGroupSelection": {"useExistingHostParam": {"hostId": "host"}},
            "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": "OS-iscsi-PG"}},
            "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": name}},
        }
        scene.administer("POST", "maskingview", view)
        with pytest.raises(exception.VolumeBackendAPIException, match="view"):
            scene.groups.add(group, spare)
        scene.administer("DELETE", "maskingview/view")
        scene.administer("DELETE", "host/host")
    else:
        scene.administer("POST", "storagegroup", {"srpId": "None", "storageGroupId": f"twin_{group.id}"})
        with pytest.raises(exception.VolumeBackendAPIException, match="rename all but one"):
            scene.groups.add(scene.rename(group, "renamed"), spare)
        scene.administer("DELETE", f"storagegroup/twin_{group.id}")
    scene.groups.add(scene.again(group), spare)
    scene.take_down(scene.again(group))


def test_the_storage_group_is_gone(scene: GroupScene) -> None:
    """No volume can join, or be made in, a group that the array does not have; but the group can be deleted."""
    group = scene.group("one")
    spare = scene.backend.create(scene.gold)
    before = dict(scene.array.volumes)
    scene.administer("DELETE", f"storagegroup/{scene.storage_group(group)}")
    with pytest.raises(exception.VolumeBackendAPIException, match=f"{SHORT_NAME}_{group.id}"):
        scene.groups.add(group, spare)
    with pytest.raises(exception.VolumeBackendAPIException, match=group.id):
        scene.groups.create_volume(group, scene.gold)
    assert set(scene.array.volumes) == set(before)
    scene.take_down(group)
    scene.backend.delete(spare)


def test_volumes_of_others_in_the_storage_group(scene: GroupScene) -> None:
    """A group is not deleted while somebody else's volumes are in its storage group: nothing changes, and they stay."""
    group = scene.group("one", "two")
    stranger = scene.array.add_volume(547, "somebody's")
    name = scene.storage_group(group)
    joining = {"expandStorageGroupParam": {"addSpecificVolumeParam": {"volumeId": [stranger]}}}
    scene.edit_storage_group(name, joining)
    before = dict(scene.array.volumes)
    update, updates = scene.driver.delete_group(scene.context, group, scene.groups.members(group))
    assert update == {"status": "error_deleting"}
    assert {each["status"] for each in updates} == {"error_deleting"}
    assert scene.array.volumes == before
    scene.edit_storage_group(name, {"removeVolumeParam": {"volumeId": [stranger]}})
    scene.administer("DELETE", f"volume/{stranger}")
    scene.take_down(group)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_one_of_three_volumes_cannot_be_deleted(scene: GroupScene, nth: int) -> None:
    """The others are gone and reported so, the one is there and reported so, and a second try deletes it."""
    group = scene.group("one", "two", "three")
    volumes = scene.groups.members(group)
    devices = scene.devices(*volumes)
    bad = devices[nth - 1]
    scene.fail("DELETE", f"*/volume/{bad}", Refuse(status=500))
    update, updates = scene.driver.delete_group(scene.context, group, volumes)
    assert update == {"status": "error_deleting"}
    told = {each["id"]: each["status"] for each in updates}
    assert told == {
        volume.id: "error_deleting" if number == nth else "deleted" for number, volume in enumerate(volumes, 1)
    }
    assert [device for device in devices if device in scene.array.volumes] == [bad]
    assert scene.array.volumes[bad].storage_groups == (DEFAULT_GROUP,)
    scene.all_well()
    scene.take_down(group)


@pytest.mark.parametrize("effect", [Refuse(status=500), Drop(is_applied=True), Drop(is_applied=False)])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_group_that_cannot_be_taken_away(scene: GroupScene, effect: Any, nth: int) -> None:
    """Whichever call fails, no volume is lost that is not reported, and a second try succeeds."""
    group = scene.group("one", "two")
    volumes = scene.groups.members(group)
    scene.fail("*", "*/storagegroup/*", effect, nth)
    update, updates = scene.driver.delete_group(scene.context, group, volumes)
    scene.all_well()
    gone = [device not in scene.array.volumes for device in scene.devices(*volumes)]
    assert gone == [each["status"] == "deleted" for each in updates]
    assert (update["status"] == "deleted") == all(gone)
    scene.take_down(group)
