"""Replicated volumes are made, grow and go, in each mode, over two arrays with data on both.

What every mode must do, those of strangers too, is in `pmax.testing.ReplicationModeContract`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pmax.domain.errors import IllegalTransition, InUse, InvalidRequest
from tests.replicated_stage import ARRAY, ASYNC, METRO, MODES, REMOTE, SYNC, Mode, ReplicatedStage

BUDGETS = {"Synchronous": (8, 8, 10), "Asynchronous": (12, 12, 14), "Metro": (12, 12, 14)}


@pytest.fixture(params=MODES, ids=lambda mode: mode.name)
def stage(request: pytest.FixtureRequest, tmp_path: Path):
    """A stage for each mode."""
    stage = ReplicatedStage.set_up(tmp_path, request.param)
    yield stage
    assert stage.engine.unfinished() == ()
    stage.engine.close()


def check_pairs(stage: ReplicatedStage, count: int) -> None:
    """As many pairs as volumes, steady, equal in size, in the right groups of both arrays, and in no others."""
    mode = stage.mode
    pairs = stage.simulator.srdf.pairs
    assert len(pairs) == count
    assert {pair.state for pair in pairs} <= {mode.steady}
    for pair in pairs:
        near, far = (
            stage.simulator.arrays[array].volumes[device]
            for array, device in zip(pair.arrays, pair.volumes, strict=True)
        )
        if pair.arrays[0] != ARRAY:
            near, far = far, near
        assert near.identifier == far.identifier
        assert near.cylinders == far.cylinders
        assert set(near.storage_groups) == set(far.storage_groups) == mode.groups


def test_a_first_volume(stage: ReplicatedStage) -> None:
    """The first volume of an RDF group makes everything that its mode needs on both arrays."""
    volume = stage.make()
    check_pairs(stage, 1)
    stage.write(volume, "token")
    stage.simulator.srdf.finish_copies()
    level = stage.remote.storage_groups[stage.mode.default_group]
    assert (level.srp, level.service_level) == ("SRP_1", "Gold")


def test_next_volumes_and_their_budget(stage: ReplicatedStage) -> None:
    """The next volume joins without stopping the others, and takes no more calls than it may."""
    first = stage.make()
    stage.write(first, "kept")
    stage.make()
    with stage.calls() as calls:
        stage.make(gib=2)
    assert calls.count <= BUDGETS[stage.mode.name][0], str(calls)
    check_pairs(stage, 3)
    assert stage.array.read(first.device_id) == "kept"
    assert not [line for line in calls.changes if "/rdf_group/" in line and line.startswith("PUT")]


def test_deleting_one_of_several_and_its_budget(stage: ReplicatedStage) -> None:
    """A volume goes with its other side; the others keep their pairs, their state and their data."""
    volume, other = stage.make(), stage.make()
    stage.write(other, "kept")
    with stage.calls() as calls:
        stage.remove(volume)
    assert calls.count <= BUDGETS[stage.mode.name][1], str(calls)
    check_pairs(stage, 1)
    assert volume.device_id not in stage.array.volumes
    assert len([each for each in stage.remote.volumes.values() if not each.is_gatekeeper]) == 1
    assert stage.array.read(other.device_id) == "kept"
    assert not [line for line in calls.changes if "/rdf_group/" in line]


def test_deleting_without_knowing_the_type(stage: ReplicatedStage) -> None:
    """Who names a device alone gets the same, since the array says that it is replicated."""
    volume = stage.make()
    stage.delete(volume)
    assert stage.leftovers_of_both() == []


def test_extending_and_its_budget(stage: ReplicatedStage) -> None:
    """Both sides grow, and the others are left alone."""
    volume, other = stage.make(), stage.make()
    stage.write(volume, "kept")
    with stage.calls() as calls:
        stage.extend(volume, 3)
    assert calls.count <= BUDGETS[stage.mode.name][2], str(calls)
    check_pairs(stage, 2)
    assert stage.array.volumes[volume.device_id].cylinders == stage.other(volume).cylinders > 1600
    assert stage.other(other).cylinders < 600
    assert stage.array.read(volume.device_id) == "kept"


def test_what_the_caller_is_told(stage: ReplicatedStage) -> None:
    """The result of a creation names the other side, the RDF group and the mode."""
    for number in (1, 2):
        told = stage.make_told(f"OS-5d0c7e12-93ab-4f6e-8c21-00000000000{number}")
        replica = told.replica
        assert replica is not None
        assert (REMOTE, replica.device_id) == stage.simulator.srdf.other_side(ARRAY, told.device_id)
        assert (replica.array_id, replica.mode, replica.link.label) == (REMOTE, stage.mode.name, stage.mode.label)
        assert (replica.link.rdf_group, replica.link.remote_rdf_group) == (stage.mode.number, stage.mode.number)


def test_metro_volumes_go_only_where_that_is_allowed(tmp_path: Path) -> None:
    """Without `allow_delete_metro` a Metro volume stays, and the error names the key."""
    stage = ReplicatedStage.set_up(tmp_path, METRO, allow_delete_metro=False)
    volume = stage.make()
    before = stage.everything()
    with pytest.raises(InvalidRequest) as raised:
        stage.remove(volume)
    assert raised.value.field == "replication_device allow_delete_metro"
    assert stage.everything() == before


@pytest.mark.parametrize(("use_bias", "state"), [(True, "ActiveBias"), (False, "ActiveActive")])
def test_bias_of_metro(tmp_path: Path, use_bias: bool, state: str) -> None:
    """`metro_use_bias` decides whether R1 has the bias, for the first pair and so for all."""
    stage = ReplicatedStage.set_up(tmp_path, METRO, metro_use_bias=use_bias)
    stage.make()
    stage.make()
    assert stage.states() == {state}


def test_a_type_that_is_replicated_on_a_backend_that_is_not(tmp_path: Path) -> None:
    """Nothing is made, and the error says what is missing."""
    stage = ReplicatedStage.build(tmp_path)
    with pytest.raises(InvalidRequest) as raised:
        stage.create(SYNC.policy)
    assert "replication_device" in str(raised.value)
    assert stage.leftovers() == []


@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
def test_nothing_that_makes_no_sense_while_failed_over(tmp_path: Path, mode: Mode) -> None:
    """A failed-over volume is neither deleted nor extended, and no volume joins its group; the error says why."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    volume = stage.make()
    group = mode.management_group if mode.is_managed else mode.default_group
    url = f"{stage.rest}/replication/symmetrix/{ARRAY}/storagegroup/{group}/rdf_group/{mode.number}"
    assert stage.session().put(url, json={"action": "Failover", "failover": {"force": "true"}}).ok
    before = stage.everything()
    for operation in (lambda: stage.remove(volume), lambda: stage.extend(volume, 2), stage.make):
        with pytest.raises(IllegalTransition) as raised:
            operation()
        assert "Failed Over" in str(raised.value)
    assert stage.everything() == before


def test_a_volume_with_a_snapshot_stays(stage: ReplicatedStage) -> None:
    """A volume that a snapshot depends on is not deleted, and its pair is left alone."""
    volume = stage.make()
    before = stage.everything()
    url = stage.rest.replace("/restapi/", "/restapi/private/")
    body = {
        "deviceNameListSource": [{"name": volume.device_id}],
        "bothSides": "false",
        "star": "false",
        "force": "false",
    }
    assert stage.session().post(f"{url}/replication/symmetrix/{ARRAY}/snapshot/snap", json=body).ok
    with pytest.raises(InUse):
        stage.remove(volume)
    assert stage.everything() == before
