"""Volumes are retyped to, from and between replicated types, over two arrays with data on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from pmax.domain.policies import VolumePolicy
from tests.replicated_stage import ARRAY, MODES, REMOTE, Mode, ReplicatedStage
from tests.stage import GOLD, SILVER

#: Calls of a volume that joins, and of one that leaves, while others stay in the RDF group.
JOINING = {"Synchronous": 12, "Asynchronous": 16, "Metro": 16}
LEAVING = {"Synchronous": 10, "Asynchronous": 14, "Metro": 14}


@pytest.fixture(params=MODES, ids=lambda mode: mode.name)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReplicatedStage]:
    """A stage for each mode."""
    yield from staged(tmp_path, request.param)


def staged(state: Path, mode: Mode) -> Iterator[ReplicatedStage]:
    """A stage on which nothing is under way in the end, and both arrays agree."""
    stage = ReplicatedStage.set_up(state, mode)
    yield stage
    assert stage.engine.unfinished() == ()
    check_agreement(stage)
    stage.engine.close()


def check_agreement(stage: ReplicatedStage) -> None:
    """Every pair is steady and equal on both sides, and each management group holds exactly its RDF group."""
    members: dict[tuple[str, str], set[str]] = {}
    for pair in stage.simulator.srdf.pairs:
        mode = next(each for each in MODES if each.management_group and each.steady == pair.state)
        sides = dict(zip(pair.arrays, pair.volumes, strict=True))
        near, far = stage.array.volumes[sides[ARRAY]], stage.remote.volumes[sides[REMOTE]]
        assert (near.identifier, near.cylinders) == (far.identifier, far.cylinders)
        stage.simulator.srdf.finish_copies()
        assert stage.array.read(near.volume_id) == stage.remote.read(far.volume_id)
        if mode.is_managed:
            for array, volume in ((ARRAY, near), (REMOTE, far)):
                members.setdefault((array, mode.management_group), set()).add(volume.volume_id)
    for array, handle in ((ARRAY, stage.array), (REMOTE, stage.remote)):
        for mode in MODES:
            held = {name for name, each in handle.volumes.items() if mode.management_group in each.storage_groups}
            assert held == members.get((array, mode.management_group), set())
    assert not [name for name in (*stage.array.storage_groups, *stage.remote.storage_groups) if "temp-rdf" in name]


def with_level(policy: VolumePolicy, level: str) -> VolumePolicy:
    """The same with another service level."""
    return attrs.evolve(policy, service_level=level)


def test_a_plain_volume_becomes_replicated(stage: ReplicatedStage) -> None:
    """It keeps its data, gets an other side with them, and lies in the groups of its new type; the first one, too."""
    for _ in range(2):
        volume = stage.create(SILVER)
        stage.write(volume, "kept")
        told = stage.retype(volume, SILVER, stage.policy)
        assert set(stage.groups_of(volume)) == set(stage.other(volume).storage_groups) == stage.mode.groups
        assert set(told.storage_groups) == stage.mode.groups
        assert told.replica is not None
        assert told.replica.device_id == stage.other(volume).volume_id
        assert stage.array.read(volume.device_id) == "kept"
    assert stage.states() == {stage.mode.steady}
    assert set(stage.array.storage_groups) == stage.mode.groups


def test_joining_disturbs_nobody_and_keeps_its_budget(stage: ReplicatedStage) -> None:
    """No session is suspended for a volume that joins, and it takes no more calls than it may."""
    stage.make()
    stage.create()
    volume = stage.create()
    with stage.calls() as calls:
        stage.retype(volume, GOLD, stage.policy)
    assert calls.count <= JOINING[stage.mode.name], str(calls)
    assert not [line for line in calls.changes if "/rdf_group/" in line and line.startswith("PUT")]
    assert len(stage.simulator.srdf.pairs) == 2


def test_a_replicated_volume_becomes_plain(stage: ReplicatedStage) -> None:
    """It keeps its data; its other side goes with its groups, and those of others stay replicated all the while."""
    volume, other = stage.make(), stage.make()
    stage.write(volume, "kept")
    with stage.calls() as calls:
        told = stage.retype(volume, stage.policy, GOLD)
    assert calls.count <= LEAVING[stage.mode.name], str(calls)
    assert not [line for line in calls.changes if "/rdf_group/" in line]
    assert (told.replica, told.has_left_replication) == (None, True)
    assert stage.groups_of(volume) == told.storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
    assert stage.array.read(volume.device_id) == "kept"
    stage.retype(other, stage.policy, GOLD)
    for each in (volume, other):
        stage.delete(each)
    assert stage.leftovers_of_both() == []
