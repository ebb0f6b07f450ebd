"""Volumes that take part in copies, as sources or as targets: deleting and extending them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    CreateSnapshot,
    ExtendVolume,
    LinkSnapshot,
)
from pmax.domain.errors import (
    InUse,
)
from pmax.simulator import AfterSeconds, Fault, Refuse, Simulator
from tests.integration.copying import pace, temporary
from tests.stage import ARRAY, Stage


@pytest.mark.parametrize("first", ["source", "clone"])
def test_deleting_both_sides_of_a_clone(iscsi: Stage, first: str) -> None:
    """Whichever goes first, the other keeps its data, and nothing is left of the copy."""
    source = iscsi.create()
    data = iscsi.array.write(source.device_id)
    clone = iscsi.clone(source)
    gone, kept = (source, clone) if first == "source" else (clone, source)

    iscsi.delete(gone)

    assert gone.device_id not in iscsi.array.volumes
    assert (iscsi.array.snapshots, iscsi.array.links) == ((), {})
    assert iscsi.array.read(kept.device_id) == data
    iscsi.delete(kept)
    assert iscsi.leftovers() == []


def test_deleting_one_of_two_clones(iscsi: Stage) -> None:
    """Each clone has its own temporary snapshot; the other's stays."""
    source = iscsi.create()
    data = iscsi.array.write(source.device_id)
    first, second = iscsi.clone(source), iscsi.clone(source)

    iscsi.delete(first)

    assert iscsi.snapshots_of(source) == [temporary(source)]
    assert iscsi.array.read(second.device_id) == data


@pytest.mark.parametrize("status", [401, 500])
def test_a_refusal_does_not_leave_the_snapshot_to_which_no_link_leads(iscsi: Stage, status: int) -> None:
    """Once the clone is unlinked only this operation knows of the temporary snapshot, so it tries again."""
    source = iscsi.create()
    clone = iscsi.clone(source)
    iscsi.simulator.faults.add(Fault(effect=Refuse(status=status), verb="DELETE", path="snapshot/*"))

    iscsi.delete(clone)

    assert len(iscsi.simulator.faults.fired) == 1
    assert iscsi.snapshots_of(source) == []
    assert clone.device_id not in iscsi.array.volumes


def test_deleting_a_clone_whose_snapshot_others_present_too(iscsi: Stage) -> None:
    """A temporary snapshot that two volumes present stays for the second."""
    source = iscsi.create()
    iscsi.array.write(source.device_id)
    clone, other = iscsi.clone(source), iscsi.create()
    url = f"{iscsi.rest.replace('/92', '/private/92')}/replication/symmetrix/{ARRAY}/snapshot/{temporary(source)}"
    body = {
        "action": "Link",
        "deviceNameListSource": [{"name": source.device_id}],
        "deviceNameListTarget": [{"name": other.device_id}],
    }
    assert iscsi.session().put(url, json=body).ok

    iscsi.delete(clone)

    assert list(iscsi.array.links) == [other.device_id]
    assert iscsi.snapshots_of(source) == [temporary(source)]


def test_t7_t27_users_snapshots_keep_their_volume(iscsi: Stage) -> None:
    """A volume with a user's snapshot is not deleted, and the snapshot is not cleaned away, whatever it is called."""
    source, other = iscsi.create(), iscsi.create()
    clone = iscsi.clone(source)
    for name in ("OS-template-v1", "temp", f"temp-{other.device_id}-snapshot_for_clone-x"[:32]):
        iscsi.engine.execute(CreateSnapshot(volume=source, name=name))
    before = sorted(iscsi.snapshots_of(source))

    with iscsi.calls() as calls, pytest.raises(InUse, match="OS-template-v1"):
        iscsi.delete(source)
    assert calls.changes == [], calls
    iscsi.engine.execute(ExtendVolume(target=source, capacity=Capacity.from_gib(2)))
    assert sorted(iscsi.snapshots_of(source)) == before
    assert clone.device_id in iscsi.array.links


def test_t38_a_busy_volume_is_refused_at_once(iscsi: Stage) -> None:
    """A user's snapshot will not go by itself: no waiting, two reads."""
    source = iscsi.create()
    iscsi.take_snapshot(source)

    with iscsi.calls() as calls, pytest.raises(InUse):
        iscsi.delete(source)
    assert iscsi.clock.now_s() == 0
    assert calls.count <= 3, calls


def test_deleting_the_target_of_a_users_snapshot(iscsi: Stage) -> None:
    """The volume goes, and the snapshot stays."""
    source = iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    copy = iscsi.copy_of(snapshot)

    iscsi.delete(copy)

    assert copy.device_id not in iscsi.array.volumes
    assert iscsi.snapshots_of(source) == ["snap"]
    assert iscsi.array.links == {}


def test_deleting_a_source_waits_for_its_clone(tmp_path: Path) -> None:
    """A clone that does not have all its data is not cut off; the deletion waits, and holds no lock meanwhile."""
    stage = pace(tmp_path, define_pace=AfterSeconds(20))
    source, device = stage.create(), stage.create()
    data = stage.array.write(source.device_id)
    session, url = stage.session(), f"{stage.rest.replace('/92', '/private/92')}/replication/symmetrix/{ARRAY}"
    devices = [{"name": source.device_id}]
    name = temporary(source)
    assert session.post(f"{url}/snapshot/{name}", json={"deviceNameListSource": devices}).ok
    targets = [{"name": device.device_id}]
    body = {"action": "Link", "deviceNameListSource": devices, "deviceNameListTarget": targets}
    assert session.put(f"{url}/snapshot/{name}", json=body).ok

    stage.delete(source)

    assert stage.clock.now_s() >= 20
    assert source.device_id not in stage.array.volumes
    assert stage.array.read(device.device_id) == data
    stage.engine.close()


def test_a_clone_that_is_not_finished_can_be_deleted(tmp_path: Path) -> None:
    """Nobody needs its data, so nothing is waited for."""
    stage = pace(tmp_path, copy_pace=AfterSeconds(1e6))
    source, device = stage.create(), stage.create()
    snapshot = stage.take_snapshot(source)
    stage.engine.execute(LinkSnapshot(target=snapshot, device=device, with_copy=True))

    stage.delete(device)

    assert device.device_id not in stage.array.volumes
    assert stage.snapshots_of(source) == ["snap"]
    stage.engine.close()


@pytest.mark.parametrize("is_attached", [False, True])
def test_extending_both_sides_of_a_clone(stage: Stage, *, is_attached: bool) -> None:
    """The clone is unlinked first and keeps its data; the source just grows."""
    source = stage.create()
    data = stage.array.write(source.device_id)
    clone = stage.clone(source)
    for number, volume in enumerate((source, clone)):
        if is_attached:
            stage.attach(volume, f"host-{number}")
        stage.engine.execute(ExtendVolume(target=volume, capacity=Capacity.from_gib(3)))
        assert stage.array.volumes[volume.device_id].cylinders == Capacity.from_gib(3).cylinders
        assert stage.array.read(volume.device_id) == data


def test_extending_a_volume_with_snapshots(tmp_path: Path) -> None:
    """From PowerMaxOS 5978 on it grows; on older code users' snapshots keep it, while what is left of clones goes."""
    stage = Stage.build(tmp_path)
    source, larger = stage.create(), Capacity.from_gib(2)
    snapshot = stage.take_snapshot(source)
    stage.engine.execute(ExtendVolume(target=source, capacity=larger))
    assert stage.array.volumes[source.device_id].cylinders == larger.cylinders
    stage.engine.close()

    stage = Stage.build(tmp_path / "old", simulator=Simulator(clock="manual"))
    stage.array.update(microcode="5977.1131.1131")
    source = stage.create()
    stage.clone(source)
    snapshot = stage.take_snapshot(source)
    with pytest.raises(InUse, match="snapshots snap"):
        stage.engine.execute(ExtendVolume(target=source, capacity=larger))
    stage.delete_snapshot(snapshot)
    stage.engine.execute(ExtendVolume(target=source, capacity=larger))
    assert stage.snapshots_of(source) == []
    stage.engine.close()
