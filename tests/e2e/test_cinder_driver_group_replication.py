"""Groups that are replicated as one, through the Cinder driver: stopped, resumed, failed over and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cinder import exception

from pmax.simulator import Drop, Intervene, Refuse
from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.e2e.cinder_driver_backend import iscsi_connector
from tests.e2e.cinder_driver_groups import NAME, SHORT_NAME, GroupScene, group_scene
from tests.judges.backend import location_of
from tests.judges.cinder_records import REPLICATED_TOGETHER
from tests.judges.replication import ASYNC, REPLICATED, SYNC, r2

pytestmark = [pytest.mark.timeout(90), pytest.mark.filterwarnings("ignore::DeprecationWarning")]

#: Of two volumes: 9 for each, and those of the group, its snapshot and its RDF group. Upstream fails (8.5).
COPY_BUDGET = 44


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[GroupScene]:
    """A back end that replicates in Synchronous, and groups that are replicated as one."""
    with group_scene(tmp_path, REPLICATED_TOGETHER, replication_device=SYNC.device("iscsi")) as made:
        yield made


@pytest.fixture
def mirrored(scene: GroupScene) -> Any:
    """A volume type whose volumes are replicated."""
    return scene.backend.volume_type("mirrored", **REPLICATED)


def states_of(scene: GroupScene) -> set[str]:
    """States of all pairs."""
    return {str(pair.state) for pair in scene.bench.simulator.srdf.pairs}


def away(scene: GroupScene, group: Any) -> dict[str, set[str]]:
    """Storage groups of the other array with the group's id in their names, and who is in them."""
    remote = scene.backend.remote
    names = [name for name in remote.storage_groups if name.endswith(group.id)]
    return {name: {key for key, each in remote.volumes.items() if name in each.storage_groups} for name in names}


def try_volume(scene: GroupScene, group: Any, mirrored: Any) -> None:
    """Try to make a volume in a group; if it fails, let the user delete what Cinder has of it."""
    try:
        scene.groups.create_volume(group, mirrored)
    except exception.VolumeBackendAPIException:
        for volume in scene.groups.members(group):
            if volume.provider_location is None:
                volume.destroy()
        raise


def store(scene: GroupScene, group: Any, answer: Any) -> None:
    """Store what the driver said, as the volume manager does."""
    scene.groups.store(group, answer[0], scene.groups.members(group), answer[1])


def test_stop_go_over_and_back(scene: GroupScene, mirrored: Any) -> None:
    """All pairs of a group change their state together; hosts find their data on whichever side Cinder names."""
    driver, context = scene.driver, scene.context
    group = scene.groups.create("both", mirrored)
    assert group.replication_status == "enabled"
    for data in ("one", "two"):
        scene.write(scene.groups.create_volume(group, mirrored), data)
    first = [location_of(volume) for volume in scene.groups.members(group)]
    store(scene, group, driver.disable_replication(context, group, scene.groups.members(group)))
    assert (states_of(scene), group.replication_status) == ({"Suspended"}, "disabled")
    store(scene, group, driver.enable_replication(context, group, scene.groups.members(group)))
    assert (states_of(scene), group.replication_status) == ({"Synchronized"}, "enabled")
    assert driver.get_replication_error_status(context, [scene.again(group)]) == ([], [])

    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), None))
    assert (states_of(scene), group.replication_status) == ({"Failed Over"}, "failed-over")
    remote = scene.bench.simulator.arrays[REMOTE_ARRAY]
    second = [location_of(volume) for volume in scene.groups.members(group)]
    assert {place["array"] for place in second} == {REMOTE_ARRAY}
    assert sorted(remote.read(place["device_id"]) for place in second) == ["one", "two"]
    for place in second:
        remote.write(place["device_id"], "later")

    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), "default"))
    assert (states_of(scene), group.replication_status) == ({"Synchronized"}, "enabled")
    assert [location_of(volume) for volume in scene.groups.members(group)] == first
    assert scene.data_of(group) == ["later", "later"]
    scene.take_down(scene.again(group))


def test_what_cinder_is_told_when_it_fails(scene: GroupScene, mirrored: Any) -> None:
    """No pair changes, every volume is reported as failed and keeps its place, and a second try succeeds."""
    driver, context = scene.driver, scene.context
    group = scene.groups.create("both", mirrored)
    volumes = [scene.groups.create_volume(group, mirrored) for _ in range(2)]
    scene.fail("PUT", "**/rdf_group/*", Refuse(status=500))
    update, updates = driver.failover_replication(context, group, volumes, None)
    assert update == {"replication_status": "error"}
    assert updates == [{"id": volume.id, "replication_status": "error"} for volume in volumes]
    assert states_of(scene) == {"Synchronized"}
    scene.all_well()
    update, _ = driver.disable_replication(context, group, volumes)
    assert update == {"replication_status": "disabled"}
    scene.again(group)
    broken = driver.get_replication_error_status(context, [scene.again(group)])
    assert broken[0] == [{"group_id": group.id, "replication_status": "error"}]
    assert {each["volume_id"] for each in broken[1]} == {volume.id for volume in volumes}
    driver.enable_replication(context, group, volumes)
    with pytest.raises(exception.InvalidReplicationTarget, match=REMOTE_ARRAY):
        driver.failover_replication(context, group, volumes, "nowhere")
    scene.take_down(group)


def test_pairs_are_stopped_while_the_group_is_renamed(scene: GroupScene, mirrored: Any) -> None:
    """If the group is gone before it is known that its pairs are stopped, they are not said to replicate again."""
    group = scene.groups.create("both", mirrored)
    scene.groups.create_volume(group, mirrored)
    name = scene.storage_group(group)
    renaming = {"renameStorageGroupParam": {"new_storage_Group_name": "taken"}}

    def rename(_request: object) -> None:
        scene.all_well()
        scene.edit_storage_group(name, renaming)

    scene.fail("PUT", "**/rdf_group/*", Intervene(action=rename, is_after=True))
    update, _ = scene.driver.disable_replication(scene.context, group, scene.groups.members(group))
    assert update == {"replication_status": "error"}
    assert states_of(scene) == {"Suspended"}
    (left,) = scene.driver._engine().unfinished()
    assert name in left.error
    scene.edit_storage_group("taken", {"renameStorageGroupParam": {"new_storage_Group_name": name}})
    scene.driver.do_setup(scene.context)
    assert states_of(scene) == {"Synchronized"}
    assert scene.driver._engine().unfinished() == ()
    scene.take_down(scene.again(group))


def test_one_volume_of_a_group_that_cinder_has_wrong(scene: GroupScene, mirrored: Any) -> None:
    """No pair of the group changes if one volume is not paired as Cinder says; mended, a second try succeeds."""
    driver, context = scene.driver, scene.context
    group = scene.groups.create("both", mirrored)
    _, bad = (scene.groups.create_volume(group, mirrored) for _ in range(2))
    kept = bad.replication_driver_data
    for wrong in (None, str({"array": REMOTE_ARRAY, "device_id": "00001"})):
        bad.replication_driver_data = wrong
        bad.save()
        update, updates = driver.failover_replication(context, group, scene.groups.members(group), None)
        assert (update["replication_status"], {each["replication_status"] for each in updates}) == ("error", {"error"})
        assert states_of(scene) == {"Synchronized"}
    bad.replication_driver_data = kept
    bad.save()
    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), None))
    assert group.replication_status == "failed-over"
    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), "default"))
    scene.take_down(scene.again(group))


def test_what_the_periodic_look_tells(scene: GroupScene, mirrored: Any) -> None:
    """Only what the array says is an error is one: the volume whose pair stopped, and its group; not a failed read."""
    driver, context = scene.driver, scene.context
    group, other = (scene.groups.create(name, mirrored) for name in ("both", "other"))
    good, bad, fine = (scene.groups.create_volume(each, mirrored) for each in (group, group, other))
    groups = [scene.again(group), scene.again(other)]
    assert driver.get_replication_error_status(context, groups) == ([], [])
    for effect in (Refuse(status=500), Drop(is_applied=False)):
        scene.fail("GET", "**", effect, nth="every")
        assert driver.get_replication_error_status(context, groups) == ([], [])
        scene.all_well()
    scene.stop_pair_of(bad)
    broken = driver.get_replication_error_status(context, groups)
    assert broken == (
        [{"group_id": group.id, "replication_status": "error"}],
        [{"volume_id": bad.id, "replication_status": "error"}],
    )
    assert {good.id, fine.id}.isdisjoint(each["volume_id"] for each in broken[1])
    driver.enable_replication(context, group, scene.groups.members(group))
    for each in (group, other):
        scene.take_down(scene.again(each))


def test_the_other_array_has_the_group_too(scene: GroupScene, mirrored: Any) -> None:
    """From the beginning the other sides are in a storage group of the same name, which goes with the group's own."""
    group = scene.groups.create(NAME, mirrored)
    name = f"{SHORT_NAME}_{group.id}"
    assert away(scene, group) == {name: set()}
    made = scene.backend.remote.storage_groups[name]
    assert (made.srp, made.service_level) == (None, None)
    born = scene.groups.create_volume(group, mirrored)
    assert away(scene, group) == {name: {r2(born)}}
    added = scene.backend.create(mirrored)
    scene.groups.add(group, added)
    assert away(scene, group) == {name: {r2(born), r2(added)}}
    group = scene.rename(group, "renamed")
    scene.groups.remove(group, born)
    assert away(scene, group) == {f"renamed_{group.id}": {r2(added)}}
    assert scene.members(group) == set(scene.devices(added))
    group = scene.rename(scene.again(group), "again")
    another = scene.groups.create_volume(group, mirrored)
    assert away(scene, group) == {f"again_{group.id}": {r2(added), r2(another)}}
    scene.backend.delete(born)
    scene.take_down(scene.again(group))
    assert away(scene, group) == {}


def test_a_group_of_before_gets_its_other_side(scene: GroupScene, mirrored: Any) -> None:
    """Where the other array lacks the storage group, the next change makes it; a deletion does not miss it."""
    group = scene.groups.create("both", mirrored)
    (name,) = away(scene, group)
    scene.administer("DELETE", f"storagegroup/{name}", array=REMOTE_ARRAY)
    volume = scene.groups.create_volume(group, mirrored)
    assert away(scene, group) == {name: {r2(volume)}}
    scene.edit_storage_group(name, {"removeVolumeParam": {"volumeId": [r2(volume)]}}, array=REMOTE_ARRAY)
    scene.administer("DELETE", f"storagegroup/{name}", array=REMOTE_ARRAY)
    scene.take_down(scene.again(group))


@pytest.mark.parametrize("effect", [Refuse(status=500), Drop(is_applied=True)], ids=["refused", "lost"])
def test_a_change_of_the_other_array_fails(scene: GroupScene, mirrored: Any, effect: Any) -> None:
    """The group is then as before on both arrays, or as wanted on both, and a second try succeeds."""
    group = scene.groups.create("both", mirrored)
    spare = scene.backend.create(mirrored)
    (name,) = away(scene, group)
    others: list[Any] = []

    def both() -> Any:
        arrays = (scene.array, scene.backend.remote)
        return away(scene, group), [{key: each.storage_groups for key, each in one.volumes.items()} for one in arrays]

    def attempt(act: Any, verb: str = "P*", pattern: str = f"storagegroup/{name}") -> None:
        before = both()
        scene.fail(verb, f"*/{REMOTE_ARRAY}/{pattern}", effect)
        try:
            act()
        except (exception.VolumeBackendAPIException, AssertionError):
            assert both() == before
            scene.all_well()
            act()
        scene.all_well()
        members = scene.groups.members(group)
        assert scene.members(group) == set(scene.devices(*members))
        assert away(scene, group) == {name: {r2(each) for each in members}}

    attempt(lambda: others.append(scene.groups.create("other", mirrored)), pattern="storagegroup")
    attempt(lambda: try_volume(scene, group, mirrored))
    attempt(lambda: scene.groups.add(group, spare))
    attempt(lambda: scene.groups.remove(group, spare))
    assert len(away(scene, others[0])) == 1
    scene.fail("DELETE", f"*/{REMOTE_ARRAY}/storagegroup/{name}", effect)
    update, _ = scene.driver.delete_group(scene.context, scene.again(group), scene.groups.members(group))
    scene.all_well()
    assert update["status"] == ("deleted" if away(scene, group) == {} else "error_deleting")
    for each in (group, *others):
        scene.take_down(scene.again(each))
    scene.backend.delete(spare)


def test_a_group_that_does_not_replicate_takes_nobody(scene: GroupScene, mirrored: Any) -> None:
    """While a group is stopped no volume joins it, while it is failed over nothing changes it; the error says why."""
    driver, context = scene.driver, scene.context
    group = scene.groups.create("both", mirrored)
    member, spare = scene.groups.create_volume(group, mirrored), scene.backend.create(mirrored)
    before = away(scene, group)
    store(scene, group, driver.disable_replication(context, group, scene.groups.members(group)))
    refused = (exception.VolumeBackendAPIException, exception.InvalidInput)
    for act in (scene.groups.add, lambda group, _: try_volume(scene, group, mirrored)):
        with pytest.raises(refused, match="enable it first"):
            act(scene.again(group), spare)
    store(scene, group, driver.enable_replication(context, group, scene.groups.members(group)))
    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), None))
    away_member = scene.backend.records.again(member)
    for act, volume in ((scene.groups.add, spare), (scene.groups.remove, away_member)):
        with pytest.raises(refused, match="fail it back first"):
            act(scene.again(group), volume)
    update, updates = driver.delete_group(context, scene.again(group), scene.groups.members(group))
    assert (update["status"], {each["status"] for each in updates}) == ("error_deleting", {"error_deleting"})
    assert away(scene, group) == before
    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), "default"))
    scene.backend.delete(spare)
    scene.take_down(scene.again(group))


def test_hosts_follow_a_group(scene: GroupScene, mirrored: Any) -> None:
    """A volume of a group that is failed over is attached from the other array, although the backend is at home."""
    driver, context = scene.driver, scene.context
    group = scene.groups.create("both", mirrored)
    volume = scene.groups.create_volume(group, mirrored)
    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), None))
    connector = iscsi_connector()
    scene.backend.attach(scene.backend.records.again(volume), connector)
    assert (len(scene.array.masking_views), len(scene.backend.remote.masking_views)) == (0, 1)
    scene.backend.detach(volume, connector)
    assert scene.backend.remote.masking_views == {}
    store(scene, group, driver.failover_replication(context, group, scene.groups.members(group), "default"))
    scene.backend.attach(scene.backend.records.again(volume), connector)
    assert (len(scene.array.masking_views), len(scene.backend.remote.masking_views)) == (1, 0)
    scene.backend.detach(volume, connector)
    scene.take_down(scene.again(group))


def test_only_volumes_of_one_kind(scene: GroupScene, mirrored: Any) -> None:
    """A replicated group takes replicated volumes only, and the other way round; an empty one has nothing to do."""
    driver, context = scene.driver, scene.context
    with pytest.raises(exception.InvalidInput, match="is not replicated"):
        scene.groups.create("plain", scene.gold)
    group = scene.groups.create("both", mirrored)
    plain = scene.backend.create(scene.gold)
    with pytest.raises(exception.InvalidInput, match=plain.id):
        scene.groups.add(group, plain)
    assert driver.enable_replication(context, group, []) == ({}, [])
    scene.backend.delete(plain)
    scene.take_down(group)


def test_only_synchronous(tmp_path: Path) -> None:
    """A group of a mode whose pairs change their state only together is refused when it is made, with the reason."""
    with group_scene(tmp_path, REPLICATED_TOGETHER, replication_device=ASYNC.device("iscsi")) as scene:
        mirrored = scene.backend.volume_type("mirrored", **REPLICATED)
        with pytest.raises(exception.InvalidInput, match="Asynchronous; groups can in Synchronous"):
            scene.groups.create("both", mirrored)
        assert scene.array.storage_groups == {}


@pytest.mark.parametrize("out_of", ["group", "snapshot"])
def test_a_group_out_of_another(scene: GroupScene, mirrored: Any, out_of: str) -> None:
    """The copies have the data of one moment on both arrays, and are a group that is stopped and goes on as one."""
    driver, context, remote = scene.driver, scene.context, scene.backend.remote
    source = scene.groups.create("source", mirrored)
    for data in ("one", "two"):
        scene.write(scene.groups.create_volume(source, mirrored), data)
    snapshot = scene.snapshot(source) if out_of == "snapshot" else None
    with scene.calls() as calls:
        if snapshot is None:
            copy = scene.groups.from_group("copy", source, mirrored)
        else:
            copy = scene.groups.from_snapshot("copy", snapshot, mirrored)
    assert len(calls) <= COPY_BUDGET, calls.sum
    for volume in scene.groups.members(source):
        scene.write(volume, "later")
    members = scene.groups.members(copy)
    assert sorted(scene.data_of(copy)) == sorted(remote.read(r2(volume)) for volume in members) == ["one", "two"]
    assert scene.members(copy) == set(scene.devices(*members))
    assert list(away(scene, copy).values()) == [{r2(volume) for volume in members}]
    assert (copy.replication_status, {volume.replication_status for volume in members}) == ("enabled", {"enabled"})
    assert (states_of(scene), scene.array.links) == ({"Synchronized"}, {})
    assert len(scene.array.snapshots) == (2 if snapshot else 0)
    store(scene, copy, driver.disable_replication(context, copy, scene.groups.members(copy)))
    assert states_of(scene) == {"Suspended", "Synchronized"}
    if snapshot:
        scene.groups.delete_snapshot(snapshot)
    scene.take_down(scene.again(copy))
    scene.take_down(scene.again(source))


def test_a_group_of_volumes_that_do_not_fit(scene: GroupScene, mirrored: Any) -> None:
    """A replicated group gets no volume that is not replicated, out of others neither: nothing is made."""
    source = scene.groups.create("source", mirrored)
    scene.groups.create_volume(source, mirrored)
    before = set(scene.array.volumes)
    with pytest.raises(exception.InvalidInput, match="is not replicated, and the group is"):
        scene.groups.from_group("copy", source, scene.gold)
    assert set(scene.array.volumes) == before
    scene.take_down(scene.again(source))
