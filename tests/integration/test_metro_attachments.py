"""A Metro volume is attached on both arrays, and taken from both; Sync and Async ones on one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmax.domain.errors import InvalidRequest, PmaxError
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Fault, Refuse
from tests.replicated_stage import ARRAY, METRO, MODES, REMOTE, SYNC, Mode, ReplicatedStage

FAR_SIDE_FIRST = 18


@pytest.fixture(params=["iscsi", "fc"])
def stage(request: pytest.FixtureRequest, tmp_path: Path):
    """A Metro stage for each protocol."""
    stage = ReplicatedStage.set_up(tmp_path, METRO, request.param)
    yield stage
    assert stage.engine.unfinished() == ()
    stage.engine.close()


def views(stage: ReplicatedStage) -> list[int]:
    """Masking views on either array."""
    return [len(stage.array.masking_views), len(stage.remote.masking_views)]


def paths(stage: ReplicatedStage, target: VolumeTarget) -> list[int]:
    """Views that show the volume on either array."""
    other = stage.other(target).volume_id
    near = [device for _, device in stage.array.lun_addresses if device == target.device_id]
    far = [device for _, device in stage.remote.lun_addresses if device == other]
    return [len(near), len(far)]


def test_both_sides_and_their_budget(stage: ReplicatedStage) -> None:
    """A first attach masks the volume on both arrays under names of the same form, and stays within its budget."""
    # What is believed for a while, the ports and the members of port groups, has been read.
    stage.attach(stage.make(), "host-b", stage.policy)
    volume = stage.make()
    stage.make()
    before = set(stage.array.masking_views)
    with stage.calls() as calls:
        stage.attach_known(volume, "host-a")
    assert paths(stage, volume) == [1, 1]
    assert set(stage.array.masking_views) == set(stage.remote.masking_views) > before
    assert set(stage.array.hosts) == set(stage.remote.hosts)
    child = next(name for name in stage.groups_of(volume) if name.startswith("OS-host-a"))
    assert child.endswith("-RM")
    assert child in stage.other(volume).storage_groups
    assert METRO.management_group in stage.groups_of(volume)
    assert calls.count <= FAR_SIDE_FIRST, str(calls)


def test_what_the_host_is_told(stage: ReplicatedStage) -> None:
    """The ports of both arrays, those of the local one first, with the LUN of each."""
    stage.attach(stage.make(), "host-b", stage.policy)
    volume = stage.make()
    data = stage.attach(volume, "host-a", stage.policy).connection_info["data"]
    key = "target_iqns" if stage.protocol == "iscsi" else "target_wwns"
    identifiers = {
        array: {port.identifier for port in stage.simulator.arrays[array].ports.values()} for array in (ARRAY, REMOTE)
    }
    targets = data[key]
    near = [name for name in targets if name in identifiers[ARRAY]]
    far = [name for name in targets if name in identifiers[REMOTE]]
    assert near
    assert far
    assert targets == near + far
    assert len(data["target_luns"]) == len(targets)
    if stage.protocol == "fc":
        assert data["target_wwn"] == targets
        assert all(set(reached) == set(targets) for reached in data["initiator_target_map"].values())


def test_a_detach_takes_it_from_both(stage: ReplicatedStage) -> None:
    """After the detach nothing of the host is left on either array, and the pair is as it was."""
    volume = stage.make()
    before = stage.everything()
    stage.attach(volume, "host-a", stage.policy)
    stage.detach(volume, "host-a", stage.policy)
    assert stage.everything() == before
    stage.remove(volume)
    assert stage.leftovers_of_both() == []


def test_a_detach_with_others_left_on_the_host(stage: ReplicatedStage) -> None:
    """The other volume of the host keeps its paths on both arrays."""
    volume, other = stage.make(), stage.make()
    for each in (volume, other):
        stage.attach(each, "host-a", stage.policy)
    stage.detach(volume, "host-a", stage.policy)
    assert paths(stage, volume) == [0, 0]
    assert paths(stage, other) == [1, 1]


@pytest.mark.parametrize("lost", [ARRAY, REMOTE])
def test_a_half_attached_volume_is_repaired(stage: ReplicatedStage, lost: str) -> None:
    """Whichever side somebody has unmasked, another attach brings it back and leaves the other alone."""
    volume = stage.make()
    stage.attach(volume, "host-a", stage.policy)
    view = next(iter(stage.simulator.arrays[lost].masking_views))
    url = f"{stage.rest}/sloprovisioning/symmetrix/{lost}/maskingview/{view}"
    assert stage.session().delete(url).ok
    assert sorted(paths(stage, volume)) == [0, 1]
    stage.attach(volume, "host-a", stage.policy)
    assert paths(stage, volume) == [1, 1]


@pytest.mark.parametrize("lost", [ARRAY, REMOTE])
def test_a_half_attached_volume_is_detached(stage: ReplicatedStage, lost: str) -> None:
    """A side that somebody has unmasked does not keep the other one masked."""
    volume = stage.make()
    stage.attach(volume, "host-a", stage.policy)
    view = next(iter(stage.simulator.arrays[lost].masking_views))
    assert stage.session().delete(f"{stage.rest}/sloprovisioning/symmetrix/{lost}/maskingview/{view}").ok
    stage.detach(volume, "host-a", stage.policy)
    assert paths(stage, volume) == [0, 0]
    assert views(stage) == [0, 0]


def test_what_one_array_refuses_is_taken_back_on_both(stage: ReplicatedStage) -> None:
    """If the other array refuses its view, nothing of the attach is left on either."""
    volume = stage.make()
    before = stage.everything()
    fault = Fault(effect=Refuse(status=500), verb="POST", path=f"{REMOTE}/maskingview", nth="every")
    stage.simulator.faults.add(fault)
    with pytest.raises(PmaxError):
        stage.attach(volume, "host-a", stage.policy)
    stage.simulator.faults.clear()
    assert stage.everything() == before
    stage.attach(volume, "host-a", stage.policy)
    assert paths(stage, volume) == [1, 1]


def test_iscsi_needs_multipath(tmp_path: Path) -> None:
    """A host without multipath is refused before anything is changed; over FC nobody asks for it."""
    stage = ReplicatedStage.set_up(tmp_path / "iscsi", METRO)
    volume = stage.make()
    before = stage.everything()
    with pytest.raises(InvalidRequest, match="multipath"):
        stage.attach(volume, "host-a", stage.policy, is_multipath=False)
    assert stage.everything() == before
    fibre = ReplicatedStage.set_up(tmp_path / "fc", METRO, "fc")
    volume = fibre.make()
    fibre.attach(volume, "host-a", fibre.policy, is_multipath=False)
    assert paths(fibre, volume) == [1, 1]


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode is not METRO], ids=lambda mode: mode.name)
def test_other_modes_are_attached_on_one_array(tmp_path: Path, mode: Mode) -> None:
    """The volume is in a child group of its mode's suffix, its other side stays unmasked, and detaching undoes it."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    volume = stage.make()
    before = stage.everything()
    stage.attach(volume, "host-a", stage.policy)
    assert paths(stage, volume) == [1, 0]
    assert any(name.startswith("OS-host-a") and name.endswith(mode.suffix) for name in stage.groups_of(volume))
    stage.detach(volume, "host-a", stage.policy)
    assert stage.everything() == before


@pytest.mark.parametrize("mode", [SYNC, METRO], ids=lambda mode: mode.name)
def test_volumes_come_and_go_while_others_are_attached(tmp_path: Path, mode: Mode) -> None:
    """With every other volume attached, and so out of the default group, the next one is made and goes all the same."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    first = stage.make()
    stage.attach(first, "host-a", stage.policy)
    second = stage.make()
    assert stage.states() == {mode.steady}
    stage.extend(first, 2)
    stage.remove(second)
    stage.detach(first, "host-a", stage.policy)
    stage.remove(first)
    assert stage.leftovers_of_both() == []
