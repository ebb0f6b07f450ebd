"""Volumes are made out of others, and reverted, where they are replicated: the data are on both arrays."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Fault, Intervene
from pmax.simulator.state.srdf_records import PairState
from tests.replicated_stage import MODES, ReplicatedStage
from tests.stage import GOLD

#: Calls for the first volume of an RDF group, and for another. Upstream takes 71 to 83 (7.14 of the reference).
BUDGETS = {"Synchronous": (24, 19), "Asynchronous": (33, 23), "Metro": (33, 23)}
#: More, where the group of volumes without replication has to be made, and is left empty.
STAGING = 4


@pytest.fixture(params=MODES, ids=lambda mode: mode.name)
def stage(request: pytest.FixtureRequest, tmp_path: Path):
    """A stage for each mode."""
    stage = ReplicatedStage.set_up(tmp_path, request.param)
    yield stage
    assert stage.engine.unfinished() == ()
    stage.engine.close()


def data_of(stage: ReplicatedStage, target: VolumeTarget) -> tuple[str, str]:
    """What is on a volume and on its other side, once all is copied."""
    stage.simulator.srdf.finish_copies()
    return stage.array.read(target.device_id), stage.remote.read(stage.other(target).volume_id)


def watch(stage: ReplicatedStage) -> list[set[PairState]]:
    """Note at every call the states of the pairs that there are now."""
    known = {pair.pair_id for pair in stage.simulator.srdf.pairs}
    seen: list[set[PairState]] = []

    def look(_request: object) -> None:
        seen.append({pair.state for pair in stage.simulator.srdf.pairs if pair.pair_id in known})

    stage.simulator.faults.add(Fault(effect=Intervene(action=look), nth="every"))
    return seen


@pytest.mark.parametrize("source_is", ["plain", "replicated"])
@pytest.mark.parametrize("way", ["clone", "snapshot"])
def test_a_copy_is_on_both_arrays(stage: ReplicatedStage, way: str, source_is: str) -> None:
    """It holds the source's data here and there, in the right groups; no other pair leaves its state meanwhile."""
    policy = stage.policy
    source = stage.create(GOLD if source_is == "plain" else policy)
    stage.write(source, "then")
    snapshot = stage.take_snapshot(source)
    copies: list[VolumeTarget] = []
    for number in (0, 1):
        states = watch(stage)
        with stage.calls() as calls:
            copies.append(stage.clone(source, policy) if way == "clone" else stage.copy_of(snapshot, policy))
        stage.simulator.faults.clear()
        assert all(found <= {stage.mode.steady} for found in states)
        is_first = number == 0 and source_is == "plain"
        budget = BUDGETS[stage.mode.name][0 if is_first else 1] + (STAGING if source_is == "replicated" else 0)
        assert calls.count <= budget, calls
    stage.write(source, "now")
    for copy in copies:
        assert data_of(stage, copy) == ("then", "then")
        assert set(stage.groups_of(copy)) == set(stage.other(copy).storage_groups) == stage.mode.groups
        assert stage.other(copy).identifier == copy.identifiers[0]
    assert stage.states() == {stage.mode.steady}
    assert (stage.snapshots_of(source), stage.array.links) == (["snap"], {})
    stage.delete_snapshot(snapshot)
    for volume in (*copies, source):
        stage.remove(volume)
    assert stage.leftovers_of_both() == []
