"""What operations on volume groups cost, whatever the number of volumes, and what waits for what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    CopyVolumeGroup,
    CreateGroupSnapshot,
    CreateVolumeGroup,
    DeleteGroupSnapshot,
    MemberCopy,
    UpdateVolumeGroup,
)
from pmax.domain.errors import AlreadyExists, StillInUse
from pmax.domain.identifiers import DeviceId
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import AfterReads, Behaviour, Simulator
from tests.faults import group_scenarios
from tests.replicated_stage import SYNC, ReplicatedStage
from tests.stage import ARRAY, GOLD, Stage

GROUP = VolumeGroupTarget(array_id=ARRAY, group_id="0f3b6a52-0b5a-4c2f-9c27-8f3d9b3f6f10", name="payroll")
COPY = VolumeGroupTarget(array_id=ARRAY, group_id="1f3b6a52-0b5a-4c2f-9c27-8f3d9b3f6f10", name="copy")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An array and an engine."""
    made = Stage.build(tmp_path)
    yield made
    made.engine.close()


def members_of(stage: Stage, number: int) -> tuple[VolumeTarget, ...]:
    """Make that many volumes at once, and a group of them."""
    devices = [stage.array.add_volume(1093, f"OS-member-{each}") for each in range(number)]
    members = tuple(
        VolumeTarget(array_id=ARRAY, device_id=DeviceId(device), identifiers=(f"OS-member-{each}",))
        for each, device in enumerate(devices)
    )
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=members))
    return members


def copy_of(members: tuple[VolumeTarget, ...], name: str | None) -> CopyVolumeGroup:
    """Copy these volumes, which have 2 GiB."""
    copies = tuple(
        MemberCopy(source=member, identifier=f"OS-copy-{each}", capacity=Capacity.from_gib(2), policy=GOLD)
        for each, member in enumerate(members)
    )
    return CopyVolumeGroup(target=COPY, copies=copies, source=GROUP, snapshot_name=name)


@pytest.mark.parametrize("number", [1, 12])
@pytest.mark.parametrize("change", sorted(group_scenarios.CHANGES))
def test_changing_the_replication_of_a_group_costs_the_same(tmp_path: Path, change: str, number: int) -> None:
    """Whatever the number of volumes: five reads, one change, and one look whether it is done."""
    stage = ReplicatedStage.set_up(tmp_path, SYNC)
    operation = group_scenarios.change_replication(stage, group_scenarios.CHANGES[change], number)
    with stage.calls() as calls:
        operation(stage)
    assert calls.count <= 7, str(calls)
    assert len(calls.changes) == 1
    stage.engine.close()


@pytest.mark.parametrize("number", [1, 100])
def test_a_snapshot_of_a_group_costs_the_same_for_any_number_of_volumes(stage: Stage, number: int) -> None:
    """One call takes it, of at most six in all, and every volume has it with one snap id."""
    members = members_of(stage, number)
    with stage.calls() as calls:
        stage.engine.execute(CreateGroupSnapshot(target=GROUP, name="monday", members=members))
    assert calls.count <= 6, calls
    assert len(calls.changes) == 1
    assert {each.source for each in stage.array.snapshots} == {member.device_id for member in members}
    assert len({each.snap_id for each in stage.array.snapshots}) == 1
    with stage.calls() as calls:
        stage.engine.execute(DeleteGroupSnapshot(target=GROUP, name="monday"))
    assert calls.count <= 6, calls
    assert stage.array.snapshots == ()


def test_a_group_out_of_a_snapshot_costs_three_calls_a_volume(stage: Stage) -> None:
    """Twenty volumes cost at most eight calls and three for each, and each has the data of its own source."""
    members = members_of(stage, 20)
    for member in members:
        stage.array.write(member.device_id, f"data of {member.device_id}")
    stage.engine.execute(CreateGroupSnapshot(target=GROUP, name="monday", members=members))
    stage.create()  # the default storage group is there, as it usually is
    with stage.calls() as calls:
        copy = stage.engine.execute(copy_of(members, "monday"))
    assert calls.count <= 8 + 3 * 20, calls
    for member, creation in zip(members, copy.creations, strict=True):
        assert stage.array.read(creation.device_id) == f"data of {member.device_id}"


def test_a_copy_is_as_large_as_its_source(stage: Stage) -> None:
    """A volume that was taken over may be some cylinders larger than its GiB say, and so is its copy."""
    members = members_of(stage, 1)
    stage.array.update_volume(members[0].device_id, cylinders=1100)
    copy = stage.engine.execute(copy_of(members, None))
    assert stage.array.volumes[copy.creations[0].device_id].cylinders == 1100


def test_a_snapshot_is_not_taken_twice(stage: Stage) -> None:
    """A second snapshot of one name would be another generation, and which is meant would be anybody's guess."""
    members = members_of(stage, 2)
    command = CreateGroupSnapshot(target=GROUP, name="monday", members=members)
    stage.engine.execute(command)
    with pytest.raises(AlreadyExists):
        stage.engine.execute(command)
    assert len(stage.array.snapshots) == 2


def test_a_slow_array_is_waited_for(tmp_path: Path) -> None:
    """A copy is over when its volumes show all data, and only then is the temporary snapshot taken away."""
    behaviour = Behaviour(define_pace=AfterReads(3), snapshot_removal_pace=AfterReads(2))
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=behaviour))
    members = members_of(stage, 2)
    for member in members:
        stage.array.write(member.device_id, "before")
    copy = stage.engine.execute(copy_of(members, None))
    assert [stage.array.read(creation.device_id) for creation in copy.creations] == ["before", "before"]
    assert dict(stage.array.links) == {}
    stage.engine.close()


def test_a_snapshot_whose_copy_is_under_way_is_not_deleted(tmp_path: Path) -> None:
    """A volume to which it is linked does not have all data yet: nothing is unlinked, and nothing is lost."""
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=Behaviour(define_pace=AfterReads(10_000))))
    members = members_of(stage, 1)
    stage.engine.execute(CreateGroupSnapshot(target=GROUP, name="monday", members=members))
    target = stage.array.add_volume(1093, "somebody's")
    stage.link(members[0].device_id, "monday", target)
    with pytest.raises(StillInUse, match=target):
        stage.engine.execute(DeleteGroupSnapshot(target=GROUP, name="monday"))
    assert target in stage.array.links
    stage.engine.close()
