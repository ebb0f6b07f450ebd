"""What replication meets: each time an error with the reason, and both arrays as they were found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import pytest

from pmax.bootstrap import build_engine
from pmax.domain import plans
from pmax.domain.errors import DeadlinePassed, IllegalTransition, InvalidRequest, OutcomeUnknown, PlanFailed, PmaxError
from pmax.domain.settings import Settings
from pmax.domain.srdf import PairState
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.ports.runtime import Deadline
from pmax.simulator import Fault, Refuse
from pmax.simulator.mount import SimulatorAdapter
from tests.replicated_stage import ARRAY, ASYNC, METRO, MODES, REMOTE, SYNC, Mode, ReplicatedStage

Operation = Callable[[ReplicatedStage], object]
by_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)


def refused(stage: ReplicatedStage, operation: Callable[[], object], *words: str) -> None:
    """The operation fails with these words, and nothing on either array is another than before."""
    before = stage.everything()
    with pytest.raises(PmaxError) as raised:
        operation()
    assert all(word in str(raised.value) for word in words), str(raised.value)
    assert stage.everything() == before
    assert stage.engine.unfinished() == ()


@by_mode
def test_an_rdf_group_that_is_missing(tmp_path: Path, mode: Mode) -> None:
    """The error names the key, the label, and those that there are."""
    stage = ReplicatedStage.set_up(tmp_path, mode, rdf_group_label="nowhere")
    refused(stage, stage.make, "rdf_group_label", "nowhere", "23_24_070")


@pytest.mark.parametrize(("mode", "other"), [(SYNC, ASYNC), (ASYNC, METRO), (METRO, SYNC)], ids=lambda it: it.name)
def test_an_rdf_group_that_replicates_in_another_mode(tmp_path: Path, mode: Mode, other: Mode) -> None:
    """No pair joins pairs of another mode."""
    first = ReplicatedStage.set_up(tmp_path, other)
    first.make()
    device = mode.device("iscsi", rdf_group_label=other.label)
    engine_settings = attrs.evolve(first.engine.settings, replication_devices=(device,))
    stage = attrs.evolve(first, engine=_engine(first, engine_settings), mode=mode)
    refused(stage, stage.make, "rdf_group_label", "mode")


def _engine(stage: ReplicatedStage, settings: Settings) -> Engine:
    adapter = SimulatorAdapter(stage.simulator.application)
    return build_engine(settings, clock=stage.clock, http_adapter=adapter, load_entry_points=False)


@pytest.mark.parametrize("mode", [ASYNC, METRO], ids=lambda mode: mode.name)
@pytest.mark.parametrize("array", [ARRAY, REMOTE])
def test_foreign_devices_in_the_rdf_group(tmp_path: Path, mode: Mode, array: str) -> None:
    """A pair that the management group of either array does not hold keeps everybody from changing the RDF group."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    volume, other = stage.make(), stage.make()
    device = other.device_id if array == ARRAY else stage.other(other).volume_id
    body = {"editStorageGroupActionParam": {"removeVolumeParam": {"volumeId": [device]}}}
    url = f"{stage.rest}/sloprovisioning/symmetrix/{array}/storagegroup/{mode.management_group}"
    assert stage.session().put(url, json=body).ok
    for operation in (stage.make, lambda: stage.remove(volume), lambda: stage.extend(volume, 2)):
        refused(stage, operation, mode.label, array, mode.management_group)


@by_mode
def test_a_link_that_is_down(tmp_path: Path, mode: Mode) -> None:
    """While the arrays cannot reach each other nothing is changed, and the error says so; then it works again."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    volume = stage.make()
    stage.simulator.srdf.cut_link(ARRAY, REMOTE)
    for operation in (stage.make, lambda: stage.remove(volume), lambda: stage.extend(volume, 2)):
        before = stage.everything()
        with pytest.raises(IllegalTransition):
            operation()
        assert stage.everything() == before


@by_mode
@pytest.mark.parametrize("operation", ["create", "delete"])
def test_the_result_of_a_change_that_cannot_be_read(tmp_path: Path, mode: Mode, operation: str) -> None:
    """What the array has done is done, although nothing can be read any more: the journal has it, and recovers it."""
    prepared = ReplicatedStage.set_up(tmp_path / "prepared", mode)
    volume = prepared.make()

    def operate(stage: ReplicatedStage) -> None:
        stage.make() if operation == "create" else stage.remove(volume)

    with (trial := prepared.copy(tmp_path / "trial")).calls() as calls:
        operate(trial)
    reads = [line.startswith("GET ") for line in calls.lines]
    stage = prepared.copy(tmp_path / "stage")
    unreadable = Refuse(status=500)
    stage.simulator.faults.add(Fault(effect=unreadable, verb="GET", nth=f"{reads.index(False) + 1}+"))
    with pytest.raises((OutcomeUnknown, PlanFailed)):
        operate(stage)
    stage.simulator.faults.clear()
    assert {recovered.verdict for recovered in stage.engine.recover()} <= {"finished", "undone"}
    assert len(stage.simulator.srdf.pairs) == (1 if operation == "create" else 0)
    check_accounts(stage, operation)
    assert stage.engine.unfinished() == ()


def check_accounts(stage: ReplicatedStage, where: str, plain: Sequence[VolumeTarget] = ()) -> None:
    """Every device but the plain ones is in a pair of equal sizes, and each side is called as the other."""
    pairs = stage.simulator.srdf.pairs
    for array, handle in ((ARRAY, stage.array), (REMOTE, stage.remote)):
        own = {device for device, volume in handle.volumes.items() if not volume.is_gatekeeper}
        paired = {pair.volumes[pair.arrays.index(array)] for pair in pairs}
        assert own == paired | {target.device_id for target in plain if target.array_id == array}, where
    for pair in pairs:
        sides = [
            stage.simulator.arrays[array].volumes[device]
            for array, device in zip(pair.arrays, pair.volumes, strict=True)
        ]
        assert len({side.cylinders for side in sides}) == len({side.identifier for side in sides}) == 1, where


@by_mode
def test_a_pair_that_never_synchronises_can_still_be_taken_away(tmp_path: Path, mode: Mode) -> None:
    """A creation does not wait for the copy; an await does, until its time is up, and says what it waited for."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    stage.make()
    volume = stage.make()
    pair = stage.simulator.srdf.pair_of(ARRAY, volume.device_id)
    link = stage.engine.readers.replication.find_rdf_group(ARRAY, mode.number).link
    wanted = plans.AwaitPair(
        link=link, device=volume.device_id, states=frozenset({PairState.SPLIT}), settle_timeout_s=5
    )
    with pytest.raises(DeadlinePassed, match="Split"):
        stage.engine._executor.runner.apply(wanted, Deadline.after(stage.clock, 900))
    assert stage.simulator.srdf.pair_of(ARRAY, volume.device_id) == pair
    stage.remove(volume)
    check_accounts(stage, "afterwards")


def test_types_choose_among_devices_by_their_name(tmp_path: Path) -> None:
    """With several devices, a type that names none or an unknown one is refused; one that names one gets it."""
    stage = ReplicatedStage.set_up(tmp_path, METRO)
    for name in (None, "nowhere"):
        policy = attrs.evolve(METRO.policy, replication_backend=name)
        with pytest.raises(InvalidRequest) as raised:
            stage.create(policy)
        assert "replication_device_backend_id" in raised.value.field
    stage.make()
    assert stage.states() == {"ActiveActive"}
