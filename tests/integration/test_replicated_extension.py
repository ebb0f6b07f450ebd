"""Volumes grow whose pair the arrays cannot extend: refused, or by a new pair, as `allow_extend` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.commands import ExtendVolume
from tests.integration.test_replication_bad_luck import check_accounts, refused
from tests.replicated_stage import ASYNC, METRO, REMOTE, SYNC, Mode, ReplicatedStage

OLD = "5977.1131.1131"
by_mode = pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)


def staged(state: Path, mode: Mode, *, is_allowed: bool) -> ReplicatedStage:
    """A stage whose other array runs code that cannot extend a pair."""
    stage = ReplicatedStage.set_up(state, mode, allow_extend=is_allowed)
    stage.remote.update(microcode=OLD)
    return stage


@by_mode
def test_it_is_refused_unless_it_is_allowed(tmp_path: Path, mode: Mode) -> None:
    """The error names the key, both arrays and what they run; with newer code the key makes no difference."""
    stage = staged(tmp_path / "old", mode, is_allowed=False)
    volume = stage.make()
    refused(stage, lambda: stage.extend(volume, 3), "allow_extend", REMOTE, OLD)
    stage = ReplicatedStage.set_up(tmp_path / "new", mode, allow_extend=True)
    volume = stage.make()
    pairs = stage.simulator.srdf.pairs
    stage.extend(volume, 3)
    assert stage.simulator.srdf.pairs == pairs


def test_metro_is_refused_even_if_it_is_allowed(tmp_path: Path) -> None:
    """The manual knows no way to extend Metro volumes that the arrays cannot extend."""
    stage = staged(tmp_path, METRO, is_allowed=True)
    volume = stage.make()
    refused(stage, lambda: stage.extend(volume, 3), "Metro", REMOTE, OLD)


@by_mode
@pytest.mark.parametrize("others", [0, 1])
def test_a_new_pair_is_made(tmp_path: Path, mode: Mode, others: int) -> None:
    """R1 keeps data, groups and host, R2 is a new one of the new size, and no pair of others leaves its state."""
    stage = staged(tmp_path, mode, is_allowed=True)
    volume, rest = stage.make(), [stage.make() for _ in range(others)]
    stage.write(volume, "kept")
    stage.attach(volume, "host-a", stage.policy)
    groups, former = stage.groups_of(volume), stage.other(volume).volume_id
    untouched = [stage.simulator.srdf.pair_of(volume.array_id, each.device_id) for each in rest]

    command = ExtendVolume(target=volume, capacity=Capacity.from_gib(3), policy=stage.policy)
    with stage.calls() as calls:
        replica = stage.engine.execute(command).replica

    other = stage.other(volume)
    assert replica is not None
    assert replica.device_id == other.volume_id != former
    assert stage.array.volumes[volume.device_id].cylinders == other.cylinders == command.capacity.cylinders
    assert stage.array.read(volume.device_id) == stage.remote.read(other.volume_id) == "kept"
    assert stage.groups_of(volume) == groups
    assert set(other.storage_groups) == mode.groups
    assert stage.sees("host-a", volume)
    assert [stage.simulator.srdf.pair_of(volume.array_id, each.device_id) for each in rest] == untouched
    assert not [line for line in calls.changes if "/rdf_group/" in line and line.startswith("PUT")]
    check_accounts(stage, "extended")
    stage.detach(volume, "host-a", stage.policy)
    for each in (volume, *rest):
        stage.remove(each)
    assert stage.leftovers_of_both() == []
