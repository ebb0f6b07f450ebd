"""Groups that are replicated as one, through the Cinder driver: stopped, resumed, failed over and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cinder import exception

from pmax.simulator import Refuse
from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.e2e.cinder_driver_groups import GroupScene, group_scene
from tests.judges.backend import location_of
from tests.judges.cinder_records import REPLICATED_TOGETHER
from tests.judges.replication import ASYNC, REPLICATED, SYNC

pytestmark = [pytest.mark.timeout(90), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


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
