"""Snapshots: taken, deleted, presented and restored, with the data that each leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from pmax.domain.commands import (
    CreateSnapshot,
    LinkSnapshot,
    RevertToSnapshot,
    SnapshotTarget,
    TidySnapshots,
    UnlinkSnapshot,
)
from pmax.domain.errors import AlreadyExists, InUse, InvalidRequest, NotFound, PlanFailed, StillInUse, WrongIdentity
from pmax.domain.identifiers import DeviceId
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import AfterReads, AfterSeconds, Behaviour, Fault, ManualClock, Refuse, Simulator
from tests.stage import ARRAY, Stage


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Stage]:
    """A stage on which links, copies, restores and deletions of snapshots take their time."""
    behaviour = Behaviour(define_pace=AfterSeconds(5), copy_pace=AfterSeconds(60), snapshot_removal_pace=AfterReads(2))
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=behaviour, clock="manual"))
    yield stage
    stage.engine.close()


def expire(stage: Stage) -> None:
    """Let an hour and more pass on the array."""
    assert isinstance(stage.simulator.clock, ManualClock)
    stage.simulator.clock.advance(3700)


@pytest.fixture
def hours(tmp_path: Path) -> Iterator[Stage]:
    """A stage whose array's time passes only when a test says so."""
    stage = Stage.build(tmp_path, simulator=Simulator(clock="manual"))
    yield stage
    assert stage.simulator.defects == []
    stage.engine.close()


def test_a_snapshot_keeps_the_data_of_its_moment(iscsi: Stage) -> None:
    """What is written afterwards is not in a volume that is made out of it."""
    source = iscsi.create()
    then = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    iscsi.array.write(source.device_id)

    assert iscsi.array.read(iscsi.copy_of(snapshot).device_id) == then


def test_a_deleted_snapshot_is_gone_and_its_volumes_keep_their_data(iscsi: Stage) -> None:
    """Volumes that present it are unlinked first; both then live on their own."""
    source = iscsi.create()
    then = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    copies = [iscsi.copy_of(snapshot), iscsi.copy_of(snapshot)]

    deletion = iscsi.delete_snapshot(snapshot)

    assert (deletion.was_present, set(deletion.unlinked)) == (True, {copy.device_id for copy in copies})
    assert iscsi.snapshots_of(source) == []
    assert iscsi.array.links == {}
    iscsi.array.write(source.device_id)
    assert [iscsi.array.read(copy.device_id) for copy in copies] == [then, then]
    assert not iscsi.delete_snapshot(snapshot).was_present


def test_one_generation_or_all(iscsi: Stage) -> None:
    """A name that is taken is refused unless a next generation is asked for; one is deleted, or all of the name."""
    source = iscsi.create()
    first = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    with pytest.raises(AlreadyExists):
        iscsi.take_snapshot(source)
    iscsi.array.write(source.device_id)
    for _ in range(2):
        iscsi.engine.execute(CreateSnapshot(volume=source, name="snap", is_next_generation=True))
    with pytest.raises(InUse, match="3 generations"):
        iscsi.copy_of(snapshot)

    iscsi.delete_snapshot(attrs.evolve(snapshot, generation=1))
    oldest = attrs.evolve(snapshot, generation=1)
    assert iscsi.array.read(iscsi.copy_of(oldest).device_id) == first
    iscsi.delete_snapshot(snapshot)
    assert iscsi.snapshots_of(source) == []


@pytest.mark.parametrize("microcode", ["5978.669.669", "5977.1131.1131"])
def test_all_generations_go_also_where_there_are_no_ids(tmp_path: Path, microcode: str) -> None:
    """On older code deleting one moves the others: the right ones go all the same, and others' stay."""
    stage = Stage.build(tmp_path)
    stage.array.update(microcode=microcode)
    source = stage.create()
    for _ in range(3):
        stage.engine.execute(CreateSnapshot(volume=source, name="snap", is_next_generation=True))
    other = stage.take_snapshot(source, "other")

    stage.delete_snapshot(SnapshotTarget(volume=source, name="snap"))

    assert stage.snapshots_of(source) == ["other"]
    assert stage.delete_snapshot(other).was_present
    stage.engine.close()


def test_the_device_of_a_snapshot_belongs_to_another_volume_now(iscsi: Stage) -> None:
    """Nothing is taken, deleted or restored on a device that is not the one that is meant."""
    source = iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    stranger = attrs.evolve(source, identifiers=("OS-00000000-0000-4000-8000-000000000000",))
    wrong = attrs.evolve(snapshot, volume=stranger)

    for attempt in (
        lambda: iscsi.take_snapshot(stranger, "another"),
        lambda: iscsi.copy_of(wrong),
        lambda: iscsi.clone(stranger),
        lambda: iscsi.revert(wrong),
    ):
        with iscsi.calls() as calls, pytest.raises(WrongIdentity):
            attempt()
        assert calls.changes == [], calls
    assert not iscsi.delete_snapshot(wrong).was_present
    assert iscsi.snapshots_of(source) == ["snap"]


def test_a_snapshot_of_a_volume_that_lives_elsewhere(iscsi: Stage) -> None:
    """If the volume that is meant is on the array under another device id, its snapshot is not called gone."""
    source, other = iscsi.create(), iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    astray = attrs.evolve(snapshot, volume=attrs.evolve(source, device_id=other.device_id))

    with pytest.raises(WrongIdentity):
        iscsi.delete_snapshot(astray)
    assert iscsi.snapshots_of(source) == ["snap"]


def test_a_volume_that_does_not_exist(iscsi: Stage) -> None:
    """Snapshots of it cannot be taken, copied or restored, and are gone already."""
    nothing = VolumeTarget(array_id=ARRAY, device_id=DeviceId("FFFFF"), identifiers=("OS-x",))
    snapshot = SnapshotTarget(volume=nothing, name="snap")

    for attempt in (
        lambda: iscsi.take_snapshot(nothing),
        lambda: iscsi.copy_of(snapshot),
        lambda: iscsi.clone(nothing),
        lambda: iscsi.revert(snapshot),
    ):
        with iscsi.calls() as calls, pytest.raises(NotFound, match="volume FFFFF"):
            attempt()
        assert calls.changes == [], calls
    assert not iscsi.delete_snapshot(snapshot).was_present


def test_temporary_snapshots_are_out_of_reach() -> None:
    """No command for snapshots takes the name of a temporary one."""
    volume = VolumeTarget(array_id=ARRAY, device_id=DeviceId("00001"))
    name = "temp-00001-snapshot_for_clone"

    with pytest.raises(InvalidRequest, match="temporary"):
        CreateSnapshot(volume=volume, name=name)
    with pytest.raises(InvalidRequest, match="temporary"):
        SnapshotTarget(volume=volume, name=name)


def test_revert(iscsi: Stage) -> None:
    """The volume has its data of then again; the snapshot stays, no restore stays open, and it works twice."""
    source = iscsi.create()
    then = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    for _ in range(2):
        assert iscsi.array.write(source.device_id) != then
        iscsi.revert(snapshot)
        assert iscsi.array.read(source.device_id) == then
        assert iscsi.array.links == {}
    assert iscsi.snapshots_of(source) == ["snap"]


def test_revert_under_the_eyes_of_a_host(stage: Stage) -> None:
    """The data of an attached volume are not replaced."""
    source = stage.create()
    snapshot = stage.take_snapshot(source)
    now = stage.array.write(source.device_id)
    stage.attach(source, "host-a")

    with pytest.raises(InUse, match="detach it"):
        stage.revert(snapshot)
    assert stage.array.read(source.device_id) == now


def test_revert_of_a_volume_that_was_cloned_and_is_a_clone(iscsi: Stage) -> None:
    """Finished copies from it and to it are no obstacle, and all keep their data."""
    origin = iscsi.create()
    iscsi.array.write(origin.device_id)
    source = iscsi.clone(origin)
    then = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    copy = iscsi.clone(source)
    iscsi.array.write(source.device_id)

    iscsi.revert(snapshot)

    assert iscsi.array.read(source.device_id) == iscsi.array.read(copy.device_id) == then
    assert iscsi.array.read(origin.device_id) != then


def test_t39_a_restore_that_does_not_end_is_no_success(tmp_path: Path) -> None:
    """The deadline makes it an error that says what is left; later the journal finishes it."""
    behaviour = Behaviour(copy_pace=AfterSeconds(10_000))
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=behaviour, clock="manual"))
    source = stage.create()
    then = stage.array.write(source.device_id)
    snapshot = stage.take_snapshot(source)

    with pytest.raises(PlanFailed) as raised:
        stage.revert(snapshot)
    assert any("restore" in left for left in raised.value.left_behind)

    assert isinstance(stage.simulator.clock, ManualClock)
    stage.simulator.clock.advance(10_001)
    assert [recovered.verdict for recovered in stage.engine.recover()] == ["finished"]
    assert stage.array.links == {}
    assert stage.array.read(source.device_id) == then
    stage.engine.close()


def test_a_restore_that_others_left_open_is_ended(iscsi: Stage) -> None:
    """Neither a deletion nor the next revert stumbles over it."""
    source = iscsi.create()
    then = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    body = {"action": "Restore", "deviceNameListSource": [{"name": source.device_id}], "generation": 0}
    url = f"{iscsi.rest.replace('/92', '/private/92')}/replication/symmetrix/{ARRAY}/snapshot/snap"
    for ending in (iscsi.revert, iscsi.delete_snapshot):
        assert iscsi.session().put(url, json=body).ok
        ending(snapshot)
        assert iscsi.array.links == {}
    assert iscsi.array.read(source.device_id) == then
    assert iscsi.snapshots_of(source) == []


def test_late_links_are_waited_for(slow: Stage) -> None:
    """A volume out of a snapshot is there once the link is defined, with the right data; and so is a clone."""
    source = slow.create()
    then = slow.array.write(source.device_id)
    snapshot = slow.take_snapshot(source)

    for copy in (slow.copy_of(snapshot), slow.clone(source)):
        assert slow.array.links[copy.device_id].is_defined
        assert slow.array.read(copy.device_id) == then


def test_a_snapshot_that_terminates_late_is_waited_for(slow: Stage) -> None:
    """A deletion is over when the array does not show the snapshot any more, so that the volume can go at once."""
    source = slow.create()
    snapshot = slow.take_snapshot(source)

    slow.delete_snapshot(snapshot)
    assert slow.snapshots_of(source) == []
    slow.delete(source)
    assert source.device_id not in slow.array.volumes


def test_link_and_unlink(iscsi: Stage) -> None:
    """A snapshot can be presented on a volume that exists; both may be repeated; unlinked, it keeps the data."""
    source, device = iscsi.create(), iscsi.create()
    then = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    iscsi.array.write(source.device_id)

    for _ in range(2):
        iscsi.engine.execute(LinkSnapshot(target=snapshot, device=device))
    assert iscsi.array.read(device.device_id) == then
    unlinkings = [iscsi.engine.execute(UnlinkSnapshot(target=snapshot, device=device)) for _ in range(2)]
    assert [each.was_linked for each in unlinkings] == [True, False]
    assert iscsi.array.read(device.device_id) == then
    assert iscsi.array.links == {}


def test_a_link_replaces_no_data_that_somebody_uses(stage: Stage) -> None:
    """A volume that a host sees, or that presents another snapshot, is refused and keeps its data."""
    source, seen = stage.create(), stage.create()
    snapshot, other = stage.take_snapshot(source), stage.take_snapshot(source, "other")
    kept = stage.array.write(seen.device_id)
    stage.attach(seen, "host-a")
    copy = stage.copy_of(other)

    for device in (seen, copy):
        with pytest.raises(InUse):
            stage.engine.execute(LinkSnapshot(target=snapshot, device=device))
    assert stage.array.read(seen.device_id) == kept


def test_an_unlink_waits_for_the_copy(slow: Stage) -> None:
    """A volume whose data are still on their way is unlinked when they have arrived, and never by force."""
    source, device = slow.create(), slow.create()
    then = slow.array.write(source.device_id)
    snapshot = slow.take_snapshot(source)
    slow.engine.execute(LinkSnapshot(target=snapshot, device=device, with_copy=True))
    assert not slow.array.links[device.device_id].is_copied

    slow.engine.execute(UnlinkSnapshot(target=snapshot, device=device))

    assert slow.array.read(device.device_id) == then
    assert slow.array.links == {}


def test_t8_what_cannot_be_unlinked_is_not_deleted(tmp_path: Path) -> None:
    """A copy that never ends keeps the snapshot, and the caller learns why."""
    behaviour = Behaviour(copy_pace=AfterSeconds(1e9))
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=behaviour, clock="manual"))
    source, device = stage.create(), stage.create()
    snapshot = stage.take_snapshot(source)
    stage.engine.execute(LinkSnapshot(target=snapshot, device=device, with_copy=True))

    with pytest.raises(StillInUse, match=device.device_id):
        stage.delete_snapshot(snapshot)
    assert stage.snapshots_of(source) == ["snap"]
    assert device.device_id in stage.array.links
    stage.engine.close()


@pytest.mark.parametrize("action", ["deletion", "revert", "copy"])
def test_t46_a_read_that_fails_is_no_absence(iscsi: Stage, action: str) -> None:
    """If the snapshots cannot be read, nothing is deleted, restored or copied instead, and nothing succeeds."""
    source = iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    iscsi.simulator.faults.add(Fault(effect=Refuse(status=500), verb="GET", path="volume/*/snapshot", nth="every"))

    attempt = {"deletion": iscsi.delete_snapshot, "revert": iscsi.revert, "copy": iscsi.copy_of}[action]
    with iscsi.calls() as calls, pytest.raises(Exception, match="refused"):
        attempt(snapshot)
    assert calls.changes == [], calls


def test_a_revert_to_a_snapshot_that_is_gone(iscsi: Stage) -> None:
    """There is nothing to go back to: the volume keeps what it has."""
    source = iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    iscsi.delete_snapshot(snapshot)
    now = iscsi.array.write(source.device_id)

    with pytest.raises(NotFound, match="snapshot snap"):
        iscsi.engine.execute(RevertToSnapshot(target=snapshot))
    assert iscsi.array.read(source.device_id) == now


def test_the_janitor_takes_only_what_is_ours_and_past_its_time(hours: Stage) -> None:
    """Temporary snapshots of this very volume go after their hour, and their clones keep the data."""
    source, other = hours.create(), hours.create()
    then = hours.array.write(source.device_id)
    clone = hours.clone(source)
    hours.array.write(source.device_id)
    for name in ("temp-template", f"temp-{other.device_id}-snapshot_for_clone-1"):
        hours.engine.execute(CreateSnapshot(volume=source, name=name, life_hours=1))
    foreign = LinkSnapshot(target=SnapshotTarget(volume=source, name="temp-template"), device=hours.create())
    hours.engine.execute(foreign)
    tidy = TidySnapshots(array_id=ARRAY, device_id=source.device_id)

    assert hours.engine.execute(tidy).deleted == 0
    expire(hours)
    tidied = hours.engine.execute(tidy)

    assert (tidied.deleted, tidied.unlinked) == (1, (clone.device_id,))
    assert hours.snapshots_of(source) == ["temp-template"]
    assert list(hours.array.links) == [foreign.device.device_id]
    assert hours.array.read(clone.device_id) == then


def test_the_janitor_leaves_copies_that_are_under_way(tmp_path: Path) -> None:
    """A clone that does not have all its data is not cut off, whatever the clock says."""
    behaviour = Behaviour(copy_pace=AfterSeconds(100_000))
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=behaviour, clock="manual"))
    stage.array.update(microcode="5977.1131.1131")
    source = stage.create()
    clone = stage.clone(source)
    expire(stage)

    assert stage.engine.execute(TidySnapshots(array_id=ARRAY, device_id=source.device_id)).deleted == 0
    assert clone.device_id in stage.array.links
    stage.engine.close()
