"""A backend that fails over and back with everything that it may hold at once: groups, volumes in none, plain ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from cinder import exception

from pmax.simulator import Refuse
from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY
from tests.e2e.cinder_driver_groups import GroupScene, group_scene
from tests.judges.backend import location_of
from tests.judges.cinder_records import REPLICATED_TOGETHER
from tests.judges.replication import REPLICATED, SYNC

pytestmark = [pytest.mark.timeout(90), pytest.mark.filterwarnings("ignore::DeprecationWarning")]

HOME, AWAY = LOCAL_ARRAY, REMOTE_ARRAY
#: Volumes that the backend's failover moves; "early" went with its group before, "stopped" and "plain" stay.
MOVED = ("one", "two", "single")


@attrs.frozen
class Mixture:
    """Groups and volumes of one backend, each volume known by the data that a host wrote to it at home.

    Attributes:
        scene: where all of it is.
        groups: by name: `both` has two volumes, `early` and `stopped` have one, `empty` has none.
        volumes: those, `single`, which is replicated and in no group, and `plain`, which is not replicated.
        at_home: where each was at first.
    """

    scene: GroupScene
    groups: dict[str, Any] = attrs.field(factory=dict)
    volumes: dict[str, Any] = attrs.field(factory=dict)
    at_home: dict[str, str] = attrs.field(factory=dict)

    @classmethod
    def made(cls, scene: GroupScene) -> "Mixture":
        """Make all of it. One group is failed over by itself, and the replication of another is stopped."""
        mirrored = scene.backend.volume_type("mirrored", **REPLICATED)
        self = cls(scene)
        for name, members in {
            "both": ("one", "two"),
            "early": ("early",),
            "stopped": ("stopped",),
            "empty": (),
        }.items():
            group = scene.groups.create(name, mirrored)
            self.groups[name] = group
            for data in members:
                self.volumes[data] = scene.groups.create_volume(group, mirrored)
        self.volumes["single"] = scene.backend.create(mirrored)
        self.volumes["plain"] = scene.backend.create(scene.gold, replication_status="not-capable")
        for data, volume in self.volumes.items():
            self.at_home[data] = location_of(volume)["device_id"]
            scene.write(volume, data)
        driver, context = scene.driver, scene.context
        self.change("stopped", driver.disable_replication(context, *self.of("stopped")))
        self.change("early", driver.failover_replication(context, *self.of("early"), None))
        return self

    def of(self, name: str) -> tuple[Any, list[Any]]:
        """A group and its volumes, as they are in the database now."""
        return self.scene.again(self.groups[name]), self.scene.groups.members(self.groups[name])

    def change(self, name: str, answer: Any) -> None:
        """Store what the driver said of a group and its volumes."""
        group, members = self.of(name)
        self.scene.groups.store(group, answer[0], members, answer[1])

    def volume(self, data: str) -> Any:
        """A volume as it is in the database now."""
        return self.scene.backend.records.again(self.volumes[data])

    def place(self, data: str) -> tuple[str, str]:
        """Array and device that hosts use."""
        found = location_of(self.volume(data))
        return found["array"], found["device_id"]

    def arrays(self) -> dict[str, str]:
        """The array on which hosts use each volume."""
        return {data: self.place(data)[0] for data in self.volumes}

    def write(self, data: str, text: str) -> None:
        """Let a host write."""
        array, device = self.place(data)
        self.scene.bench.simulator.arrays[array].write(device, text)

    def read(self) -> dict[str, str]:
        """What hosts read."""
        places = {data: self.place(data) for data in self.volumes}
        return {data: self.scene.bench.simulator.arrays[array].read(device) for data, (array, device) in places.items()}

    def states(self) -> dict[str, str]:
        """The state of each pair."""
        srdf = self.scene.bench.simulator.srdf
        return {data: str(srdf.state_of(HOME, self.at_home[data])) for data in self.volumes if data != "plain"}

    def group_states(self) -> dict[str, str]:
        """What Cinder believes of the replication of each group."""
        return {name: self.scene.again(group).replication_status for name, group in self.groups.items()}

    def fail_over(self, target: str | None = None) -> None:
        """Do what the volume manager does: choose volumes, ask the driver, store what it says of volumes and groups."""
        volumes = [self.volume(data) for data in self.volumes]
        chosen = [each for each in volumes if each.replication_status not in {"disabled", "not-capable"}]
        groups = [self.scene.again(group) for group in self.groups.values()]
        answer = self.scene.driver.failover_host(self.scene.context, chosen, secondary_id=target, groups=groups)
        for thing, (key, updates) in ((chosen, ("volume_id", answer[1])), (groups, ("group_id", answer[2]))):
            told = {each[key]: each["updates"] for each in updates}
            assert set(told) <= {each.id for each in thing}
            for each in thing:
                each.update(told.get(each.id, {}))
                each.save()

    def take_down(self) -> None:
        """Delete everything."""
        for group in self.groups.values():
            self.scene.take_down(self.scene.again(group))
        for data in ("single", "plain"):
            self.scene.backend.delete(self.volumes[data])


@pytest.fixture
def mixture(tmp_path: Path) -> Iterator[Mixture]:
    """All of it on a backend that replicates in Synchronous."""
    with group_scene(tmp_path, REPLICATED_TOGETHER, replication_device=SYNC.device("iscsi")) as scene:
        yield Mixture.made(scene)


def test_everything_goes_and_comes_back(mixture: Mixture) -> None:
    """What is replicated is used away, what is not stays, and each group is told to be where its volumes are."""
    before = mixture.read()
    mixture.fail_over()
    assert mixture.arrays() == {data: AWAY if data in {*MOVED, "early"} else HOME for data in mixture.volumes}
    assert mixture.group_states() == {
        "both": "failed-over",
        "early": "failed-over",
        "empty": "failed-over",
        "stopped": "disabled",
    }
    assert mixture.states() == {
        **dict.fromkeys((*MOVED, "early"), "Failed Over"),
        "stopped": "Suspended",
    }
    assert mixture.read() == before
    for data in (*MOVED, "early"):
        mixture.write(data, f"{data} away")

    mixture.fail_over("default")
    assert {data: mixture.place(data) for data in mixture.volumes} == {
        data: (HOME, device) for data, device in mixture.at_home.items()
    }
    assert mixture.group_states() == {"both": "enabled", "early": "enabled", "empty": "enabled", "stopped": "disabled"}
    assert mixture.read() == {data: f"{data} away" if data in {*MOVED, "early"} else data for data in mixture.volumes}
    assert set(mixture.states().values()) == {"Synchronized", "Suspended"}
    mixture.change("stopped", mixture.scene.driver.enable_replication(mixture.scene.context, *mixture.of("stopped")))
    mixture.take_down()


def test_one_volume_of_a_group_does_not_go(mixture: Mixture) -> None:
    """Its group is told to be in error, as it is itself; every other volume and group goes."""
    bad = mixture.volume("two")
    kept = bad.replication_driver_data
    bad.replication_driver_data = str({"array": AWAY, "device_id": "00001"})
    bad.save()
    mixture.fail_over()
    assert mixture.arrays() == {data: AWAY if data in {"one", "single", "early"} else HOME for data in mixture.volumes}
    assert (mixture.volume("two").status, mixture.volume("two").replication_status) == ("error", "failover-error")
    assert mixture.volume("one").replication_status == "failed-over"
    assert mixture.group_states() == {
        "both": "error",
        "early": "failed-over",
        "empty": "failed-over",
        "stopped": "disabled",
    }
    mixture.fail_over("default")
    assert set(mixture.arrays().values()) == {HOME}
    bad = mixture.volume("two")
    bad.update({"replication_driver_data": kept, "status": "available"})
    bad.save()
    assert mixture.group_states()["both"] == "enabled"
    mixture.change("stopped", mixture.scene.driver.enable_replication(mixture.scene.context, *mixture.of("stopped")))
    mixture.take_down()


def test_nothing_goes(mixture: Mixture) -> None:
    """If no volume can go, the backend is not failed over, although a group went before; a second try succeeds."""
    before = mixture.arrays(), mixture.states(), mixture.group_states()
    mixture.scene.fail("PUT", "**/rdf_group/*", Refuse(status=500))
    with pytest.raises(exception.UnableToFailOver):
        mixture.fail_over()
    assert not mixture.scene.driver.is_failed_over
    assert (mixture.arrays(), mixture.states(), mixture.group_states()) == before
    mixture.scene.all_well()
    mixture.fail_over()
    mixture.fail_over("default")
    assert set(mixture.arrays().values()) == {HOME}
    mixture.change("stopped", mixture.scene.driver.enable_replication(mixture.scene.context, *mixture.of("stopped")))
    mixture.take_down()
