"""Volumes moved to the other array and back through the engine, and RDF groups under an administrator's hands."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from pmax.domain import rdf_checks
from pmax.domain.commands import (
    ChangeSession,
    Direction,
    MoveToOtherArray,
    RepairRdfGroup,
    TwoSidedVolume,
    VolumesMoved,
)
from pmax.domain.errors import DeadlinePassed, IllegalTransition, InvalidRequest, PmaxError
from pmax.domain.identifiers import ArrayId
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.srdf import PairState, SessionAction
from pmax.domain.volumes import VolumeTarget
from pmax.plugins.rdf_inspection import RdfInspector
from pmax.simulator import Drop, Fault, Refuse
from tests.replicated_stage import ASYNC, METRO, MODES, SYNC, Mode, ReplicatedStage
from tests.stage import ARRAY

HOME = ArrayId(ARRAY)


@pytest.fixture(params=MODES, ids=lambda mode: mode.name)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Each mode."""
    return request.param


@pytest.fixture
def stage(tmp_path: Path, mode: Mode) -> ReplicatedStage:
    """Two arrays, and an engine that replicates in the mode."""
    return ReplicatedStage.set_up(tmp_path, mode)


def sides(stage: ReplicatedStage, target: VolumeTarget) -> TwoSidedVolume:
    """Both sides of a volume that is used at home."""
    other = stage.other(target)
    there = VolumeTarget(
        array_id=ArrayId(stage.remote.symmetrix_id), device_id=other.volume_id, identifiers=target.identifiers
    )
    return TwoSidedVolume(used=target, other=there)


def device_of(stage: ReplicatedStage) -> ReplicationDevice:
    """The replication device of the stage's mode."""
    devices = stage.engine.settings.replication_devices
    return next(each for each in devices if each.mode.lower() in {stage.mode.name.lower(), ""} or len(devices) == 1)


def move(stage: ReplicatedStage, direction: Direction, *volumes: TwoSidedVolume) -> VolumesMoved:
    """Fail over or back."""
    return stage.engine.execute(
        MoveToOtherArray(device=device_of(stage), primary_array_id=HOME, direction=direction, volumes=volumes)
    )


def test_one_of_two_volumes(tmp_path: Path) -> None:
    """In a mode without a management group only what is named fails over; the other pair never leaves its state."""
    stage = ReplicatedStage.set_up(tmp_path, SYNC)
    gone, staying = stage.make(), stage.make()

    moved = move(stage, Direction.OVER, sides(stage, gone))

    assert [volume.used.array_id for volume in moved.moved] == [stage.remote.symmetrix_id]
    states = {pair.volumes[0]: pair.state.value for pair in stage.simulator.srdf.pairs}
    assert states == {gone.device_id: "Failed Over", staying.device_id: "Synchronized"}
    move(stage, Direction.BACK, *moved.moved)
    assert stage.states() == {PairState.SYNCHRONIZED}


@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
def test_twice(stage: ReplicatedStage) -> None:
    """What is failed over already is found so, and nothing is sent that changes anything."""
    volume = sides(stage, stage.make())
    first = move(stage, Direction.OVER, volume)
    before = stage.everything()

    again = move(stage, Direction.OVER, volume)

    assert again.moved == first.moved
    assert stage.everything() == before


@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
@pytest.mark.parametrize("effect", [Refuse(status=500), Drop()], ids=["refused", "answer lost"])
def test_a_failover_that_fails(stage: ReplicatedStage, effect: object) -> None:
    """A refused failover leaves everything as it was; one whose answer is lost is found to have happened."""
    volume = sides(stage, stage.make())
    before = stage.everything()
    stage.simulator.faults.add(Fault(verb="PUT", path="storagegroup/*/rdf_group/*", nth=1, effect=effect))

    if isinstance(effect, Refuse):
        with pytest.raises(PmaxError):
            move(stage, Direction.OVER, volume)
        assert stage.everything() == before
    else:
        move(stage, Direction.OVER, volume)
        assert {state.value for state in stage.states()} == {"Failed Over"}


@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
def test_the_link_is_cut(stage: ReplicatedStage) -> None:
    """Failing over works while the arrays cannot talk; failing back is refused until they can."""
    target = stage.make()
    stage.write(target, "safe")
    volume = sides(stage, target)
    stage.simulator.srdf.cut_link(ARRAY, stage.remote.symmetrix_id)

    moved = move(stage, Direction.OVER, volume)

    assert stage.remote.read(volume.other.device_id) == "safe"
    with pytest.raises((IllegalTransition, DeadlinePassed)):
        move(stage, Direction.BACK, *moved.moved)
    stage.simulator.srdf.restore_link(ARRAY, stage.remote.symmetrix_id)
    move(stage, Direction.BACK, *moved.moved)
    assert stage.array.read(target.device_id) == "safe"


def test_metro_goes_only_where_hosts_can_write(tmp_path: Path) -> None:
    """With the link cut, Metro volumes are used on the side that won; nobody is sent to the other one."""
    stage = ReplicatedStage.set_up(tmp_path, METRO)
    volume = sides(stage, stage.make())
    stage.simulator.srdf.cut_link(ARRAY, stage.remote.symmetrix_id)

    with pytest.raises(IllegalTransition, match=METRO.label):
        move(stage, Direction.OVER, volume)


def test_a_label_that_means_another_array(tmp_path: Path) -> None:
    """An RDF group that does not exist on the other array is named, and nothing is changed."""
    stage = ReplicatedStage.set_up(tmp_path, SYNC)
    volume = sides(stage, stage.make())
    device = attrs.evolve(device_of(stage), rdf_group_label="NO_SUCH")

    with pytest.raises(InvalidRequest, match="NO_SUCH"):
        stage.engine.execute(
            MoveToOtherArray(device=device, primary_array_id=HOME, direction=Direction.OVER, volumes=(volume,))
        )


# --- by hand ---------------------------------------------------------------------------------------------------------


def change(stage: ReplicatedStage, action: SessionAction, storage_group: str = "") -> bool:
    """Change the session of the stage's RDF group; whether that was needed."""
    command = ChangeSession(array_id=HOME, label=stage.mode.label, storage_group=storage_group, action=action)
    return stage.engine.execute(command).was_needed


def test_suspend_and_resume(stage: ReplicatedStage, mode: Mode) -> None:
    """A session is suspended and brought back in the mode's own way; what is done already is not done again."""
    stage.make()
    steady = stage.states()
    group = "" if mode is not SYNC else mode.default_group

    assert change(stage, SessionAction.SUSPEND, group)
    assert stage.states() == {PairState.SUSPENDED}
    assert not change(stage, SessionAction.SUSPEND, group)
    assert change(stage, SessionAction.RESUME, group)
    assert stage.states() == steady


def test_a_group_must_be_named_where_none_holds_all(tmp_path: Path) -> None:
    """Synchronous volumes have no group of their own, so the administrator says which are meant."""
    stage = ReplicatedStage.set_up(tmp_path, SYNC)
    stage.make()

    with pytest.raises(InvalidRequest, match="name the one"):
        change(stage, SessionAction.SUSPEND)


def findings(stage: ReplicatedStage) -> list[str]:
    """Rules that the stage's RDF group breaks."""
    engine = stage.engine
    inspector = RdfInspector(settings=engine.settings, readers=engine.readers, plugins=engine.plugins)
    return [finding.rule for finding in rdf_checks.inspect(inspector.inspect(HOME, stage.mode.label))]


def test_a_healthy_group(stage: ReplicatedStage) -> None:
    """Nothing is found in an RDF group that is as it should be, with volumes and without."""
    assert findings(stage) == []
    stage.make()
    stage.make()
    assert findings(stage) == []


@pytest.mark.parametrize("mode", [ASYNC, METRO], ids=lambda mode: mode.name)
def test_membership_is_mended(stage: ReplicatedStage, mode: Mode) -> None:
    """A volume that somebody took out of a management group is found on its side, and put back."""
    stage.make()
    lost = stage.make()
    take_out(stage, lost, mode)
    assert findings(stage) == ["rdf-not-managed"]

    result = stage.engine.execute(RepairRdfGroup(array_id=HOME, label=mode.label))

    assert len(result.mended) == 1
    assert result.left == ()
    assert findings(stage) == []
    assert mode.management_group in stage.array.volumes[lost.device_id].storage_groups


@pytest.mark.parametrize("mode", [ASYNC, METRO], ids=lambda mode: mode.name)
def test_a_suspended_group_is_resumed(stage: ReplicatedStage, mode: Mode) -> None:
    """A session that stands still as a whole is found, and brought back."""
    stage.make()
    steady = stage.states()
    change(stage, SessionAction.SUSPEND)
    assert findings(stage) == ["rdf-suspended"]

    stage.engine.execute(RepairRdfGroup(array_id=HOME, label=mode.label))

    assert stage.states() == steady


def test_a_cut_link_is_found(stage: ReplicatedStage) -> None:
    """Arrays that cannot talk are what an administrator reads first."""
    stage.make()
    stage.simulator.srdf.cut_link(ARRAY, stage.remote.symmetrix_id)

    assert findings(stage)[0] == "rdf-cut-off"


def take_out(stage: ReplicatedStage, target: VolumeTarget, mode: Mode) -> None:
    """Take a volume out of the management group, as somebody does by mistake."""
    body = {
        "editStorageGroupActionParam": {
            "removeVolumeParam": {
                "volumeId": [target.device_id],
                "remoteSymmSGInfoParam": {"force": "true"},
            }
        }
    }
    answer = stage.session().put(
        f"{stage.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup/{mode.management_group}", json=body
    )
    assert answer.ok, answer.text
