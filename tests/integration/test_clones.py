"""Volumes out of snapshots and of other volumes; what becomes of either side is in `test_linked_volumes`."""

from __future__ import annotations

import threading
from pathlib import Path

import attrs
import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    CloneVolume,
    DeleteSnapshot,
    LinkSnapshot,
    SnapshotTarget,
)
from pmax.domain.errors import (
    ArrayRejected,
    DeadlinePassed,
    IllegalTransition,
    InvalidRequest,
    LimitReached,
    NotFound,
    PlanFailed,
    PmaxError,
    StillInUse,
)
from pmax.domain.identifiers import DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.qos import HostIoLimits
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import AfterSeconds, Behaviour, FailJob, Fault, Intervene, ManualClock, Refuse, Simulator
from pmax.simulator.wire import Request
from tests.integration.copying import pace, temporary
from tests.stage import ARRAY, GOLD, PLAIN, SILVER, Stage


def test_a_clone_has_the_data_of_its_moment(stage: Stage) -> None:
    """Neither side sees what is written to the other afterwards, attached or not."""
    source = stage.create()
    then = stage.array.write(source.device_id)
    stage.attach(source, "host-a")

    clone = stage.clone(source)
    later = stage.array.write(source.device_id)
    stage.attach(clone, "host-b")

    assert stage.array.read(clone.device_id) == then
    stage.array.write(clone.device_id)
    assert stage.array.read(source.device_id) == later
    assert stage.snapshots_of(source) == [temporary(source)]


@pytest.mark.parametrize("policy", [GOLD, SILVER, PLAIN], ids=["Gold", "Silver", "no service level"])
def test_a_copy_is_kept_by_its_own_policy(iscsi: Stage, policy: VolumePolicy) -> None:
    """Its storage group follows from its own type, not from the source's."""
    source = iscsi.create(SILVER)
    iscsi.array.write(source.device_id)

    for copy in (iscsi.clone(source, policy), iscsi.copy_of(iscsi.take_snapshot(source), policy)):
        assert iscsi.groups_of(copy) == (policy.traits.default_storage_group,)
        assert iscsi.array.read(copy.device_id) == iscsi.array.read(source.device_id)


@pytest.mark.parametrize("gib", [2, 5])
def test_a_copy_may_be_larger(iscsi: Stage, gib: int) -> None:
    """It has the size that was asked for, and the source's data."""
    source = iscsi.create(gib=2)
    data = iscsi.array.write(source.device_id)

    for copy in (iscsi.clone(source, gib=gib), iscsi.copy_of(iscsi.take_snapshot(source), gib=gib)):
        assert iscsi.array.volumes[copy.device_id].cylinders == Capacity.from_gib(gib).cylinders
        assert iscsi.array.read(copy.device_id) == data


def test_a_copy_is_not_smaller(iscsi: Stage) -> None:
    """A smaller one is refused, and nothing is left of it."""
    source = iscsi.create(gib=3)
    snapshot = iscsi.take_snapshot(source)
    before = iscsi.leftovers()

    with pytest.raises(InvalidRequest, match="3 GiB at least"):
        iscsi.clone(source, gib=2)
    with pytest.raises(InvalidRequest, match="3 GiB at least"):
        iscsi.copy_of(snapshot, gib=2)
    assert iscsi.leftovers() == before


def test_a_source_of_odd_size(iscsi: Stage) -> None:
    """An imported volume may be some cylinders larger than its GiB; its copy holds them all."""
    device = DeviceId(iscsi.array.add_volume(1100, "imported"))
    source = VolumeTarget(array_id=ARRAY, device_id=device, identifiers=("imported",))
    data = iscsi.array.write(device)
    snapshot = iscsi.take_snapshot(source)

    for copy in (iscsi.clone(source, gib=2), iscsi.clone(source), iscsi.copy_of(snapshot, gib=2)):
        assert iscsi.array.volumes[copy.device_id].cylinders == 1100
        assert iscsi.array.read(copy.device_id) == data


def test_t10_a_clone_throttles_nobody(iscsi: Stage) -> None:
    """Limits of its type are for attached volumes; the default storage group stays without."""
    source = iscsi.create()
    limited = attrs.evolve(GOLD, limits=HostIoLimits(1000, None))

    clone = iscsi.clone(source, limited)

    (group,) = iscsi.groups_of(clone)
    found = iscsi.engine.readers.storage_groups.find_storage_group(ARRAY, group)
    assert found is not None
    assert found.limits is None


def test_t46_a_vanished_snapshot_is_never_replaced_by_current_data(iscsi: Stage) -> None:
    """There is no such snapshot, so there is no such volume."""
    source = iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    iscsi.delete_snapshot(snapshot)
    before = iscsi.leftovers()

    with iscsi.calls() as calls, pytest.raises(NotFound, match="snapshot snap"):
        iscsi.copy_of(snapshot)
    assert calls.changes == [], calls
    assert iscsi.leftovers() == before


def test_a_snapshot_that_vanishes_under_way(iscsi: Stage) -> None:
    """Somebody deletes it between the look and the link: an error, and no volume."""
    source = iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    before = iscsi.leftovers()
    refusal = Refuse(status=500, message="No snapshot was found")
    iscsi.simulator.faults.add(Fault(effect=refusal, verb="PUT", path="snapshot/*", nth="every"))

    with pytest.raises(NotFound, match="snapshot snap"):
        iscsi.copy_of(snapshot)
    assert iscsi.leftovers() == before


def test_t24_a_missing_source_lists_nothing(iscsi: Stage) -> None:
    """A source that is gone is an error after one read, and no list of all volumes."""
    nothing = VolumeTarget(array_id=ARRAY, device_id=DeviceId("FFFFF"), identifiers=("OS-x",))

    with iscsi.calls() as calls, pytest.raises(NotFound):
        iscsi.clone(nothing)
    assert [line for line in calls.lines if "/version" not in line] == [calls.lines[-1]], calls


@pytest.mark.parametrize(("verb", "step"), [("POST", "snapshot/*"), ("PUT", "storagegroup/*"), ("PUT", "snapshot/*")])
def test_t28_a_clone_that_fails_leaves_nothing_and_tells_why(iscsi: Stage, step: str, verb: str) -> None:
    """Whichever change is refused, device and temporary snapshot are gone and the array's own words come up."""
    source = iscsi.create()
    iscsi.create(SILVER)
    before = iscsi.leftovers()
    iscsi.simulator.faults.add(Fault(effect=Refuse(status=500, message="Enough"), verb=verb, path=step, nth="every"))

    with pytest.raises(ArrayRejected, match="Enough"):
        iscsi.clone(source, SILVER)
    iscsi.simulator.faults.clear()
    assert iscsi.leftovers() == before
    assert iscsi.array.snapshots == ()
    assert iscsi.array.links == {}
    assert iscsi.engine.unfinished() == ()


def test_a_copy_that_somebody_uses_before_it_is_there(iscsi: Stage) -> None:
    """It is never taken from whoever shows it to a host: the error says who has it; once it is free it goes."""
    source = iscsi.create()
    iscsi.make_group("theirs", service_level=None)
    iscsi.make_host("theirs", ["iqn.1994-05.com.example:theirs"])
    iscsi.array.update_volume(iscsi.array.add_volume(547, "theirs"), storage_groups=("theirs",))
    iscsi.make_view("theirs", "theirs", "OS-iscsi-PG", "theirs")
    before = iscsi.leftovers()

    def show(request: Request) -> None:
        for device in sorted(set(iscsi.array.volumes) - set(before)):
            if not iscsi.array.volumes[device].is_gatekeeper:
                edit_members(iscsi, "expandStorageGroupParam", {"addSpecificVolumeParam": {"volumeId": [device]}})

    iscsi.simulator.faults.add(Fault(effect=Intervene(action=show), verb="PUT", path="snapshot/*"))
    with pytest.raises(PlanFailed, match="storage group theirs and 2 host paths"):
        iscsi.clone(source)

    (device,) = set(iscsi.leftovers()) - set(before)
    assert "theirs" in iscsi.array.volumes[device].storage_groups
    assert ("theirs", device) in iscsi.array.lun_addresses
    assert iscsi.array.links == {}
    assert {each.verdict for each in iscsi.engine.recover()} == {"open"}
    edit_members(iscsi, "removeVolumeParam", {"volumeId": [device]})
    assert {each.verdict for each in iscsi.engine.recover()} == {"undone"}
    assert iscsi.leftovers() == before
    assert iscsi.array.snapshots == ()
    assert iscsi.engine.unfinished() == ()


def edit_members(stage: Stage, action: str, body: dict[str, object]) -> None:
    """Let somebody change who is in their storage group."""
    url = f"{stage.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup/theirs"
    answer = stage.session().put(url, json={"editStorageGroupActionParam": {action: body}})
    assert answer.ok, answer.text


def test_t30_only_the_volume_that_was_made_is_taken_back(iscsi: Stage) -> None:
    """A job that fails after all leaves a device: that one goes, and others that came into the group meanwhile stay."""
    source = iscsi.create()
    group = iscsi.groups_of(source)[0]
    iscsi.simulator.faults.add(Fault(effect=FailJob(is_applied=True), verb="PUT", path="storagegroup/*"))
    iscsi.fill(group, 3)
    before = iscsi.leftovers()

    with pytest.raises(PmaxError):
        iscsi.clone(source)
    assert iscsi.leftovers() == before
    assert iscsi.array.snapshots == ()


def test_a_link_that_never_defines(tmp_path: Path) -> None:
    """The deadline ends it: no half volume, no snapshot and no link stay."""
    stage = pace(tmp_path, define_pace=AfterSeconds(1e6))
    source = stage.create()
    before = stage.leftovers()

    with pytest.raises(DeadlinePassed):
        stage.clone(source)
    assert stage.leftovers() == before
    assert (stage.array.snapshots, stage.array.links) == ((), {})
    stage.engine.close()


def test_older_code_copies_in_full(tmp_path: Path) -> None:
    """Where an unlinked target would not keep its data, the link copies, and is only undone when all is copied."""
    behaviour = Behaviour(copy_pace=AfterSeconds(100), are_defined_targets_kept=False)
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=behaviour, clock="manual"))
    stage.array.update(microcode="5977.1131.1131")
    source = stage.create()
    data = stage.array.write(source.device_id)

    clone = stage.clone(source)
    assert stage.array.links[clone.device_id].is_copy
    stage.delete(source)

    assert source.device_id not in stage.array.volumes
    assert stage.array.read(clone.device_id) == data
    stage.engine.close()


# --- limits, turns ----------------------------------------------------------------------------------------------------


def test_a_full_source_makes_room_by_itself(tmp_path: Path) -> None:
    """Finished copies are unlinked, the oldest first and no more than configured, and all clones keep their data."""
    behaviour = Behaviour(max_snapshots=4, max_links=4)
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=behaviour), snapshot_unlink_limit=2)
    source = stage.create()
    data = {stage.clone(source).device_id: stage.array.read(source.device_id) for _ in range(4)}
    oldest = list(data)[:2]
    token = stage.array.write(source.device_id)

    data[stage.clone(source).device_id] = token

    assert all(device not in stage.array.links for device in oldest)
    assert len(stage.array.links) == 3
    assert {device: stage.array.read(device) for device in data} == data
    stage.engine.close()


def test_a_source_full_of_users_snapshots_waits_for_its_turn(tmp_path: Path) -> None:
    """As soon as somebody deletes a snapshot there is room; meanwhile no lock is held."""
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=Behaviour(max_snapshots=2), clock="manual"))
    source = stage.create()
    data = stage.array.write(source.device_id)
    first = stage.take_snapshot(source, "first")
    stage.take_snapshot(source, "second")
    assert isinstance(stage.simulator.clock, ManualClock)
    advance = stage.simulator.clock.advance
    deleted: list[SnapshotTarget] = []

    def delete_after_a_while(seconds: float) -> None:
        advance(seconds)
        if stage.clock.now_s() > 10 and not deleted:
            deleted.append(first)
            stage.delete_snapshot(first)

    stage.simulator.clock.advance = delete_after_a_while  # type: ignore[method-assign]  # the array's life goes on
    clone = stage.clone(source)

    assert stage.array.read(clone.device_id) == data
    assert stage.clock.now_s() > 10
    stage.engine.close()


def test_a_source_that_stays_full(tmp_path: Path) -> None:
    """At the deadline the caller learns what is full; nothing is left."""
    stage = Stage.build(tmp_path, simulator=Simulator(behaviour=Behaviour(max_snapshots=1), clock="manual"))
    source = stage.create()
    stage.take_snapshot(source)
    before = stage.leftovers()

    for attempt in (lambda: stage.clone(source), lambda: stage.take_snapshot(source, "another")):
        with pytest.raises(LimitReached, match="as many SnapVX sessions"):
            attempt()
    assert stage.clock.now_s() >= stage.engine.settings.operation_timeout_s
    assert stage.leftovers() == before
    stage.engine.close()


def test_many_clones_of_one_source_at_once(iscsi: Stage) -> None:
    """They take turns at the source, and all have its data."""
    source = iscsi.create()
    data = iscsi.array.write(source.device_id)
    clones: list[str] = []

    def clone(number: int) -> None:
        identifier = f"OS-7d0c7e12-93ab-4f6e-8c21-{number:012d}"

        command = CloneVolume(source=source, identifier=identifier, capacity=None, policy=GOLD)
        clones.append(iscsi.engine.execute(command).creation.device_id)

    threads = [threading.Thread(target=clone, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(set(clones)) == 8
    assert {iscsi.array.read(device) for device in clones} == {data}


def test_a_restored_snapshot_is_not_copied(iscsi: Stage) -> None:
    """While a restore is open, the refusal says so."""
    source = iscsi.create()
    snapshot = iscsi.take_snapshot(source)
    body = {"action": "Restore", "deviceNameListSource": [{"name": source.device_id}], "generation": 0}
    url = f"{iscsi.rest.replace('/92', '/private/92')}/replication/symmetrix/{ARRAY}/snapshot/snap"
    assert iscsi.session().put(url, json=body).ok

    with pytest.raises(IllegalTransition, match="restored"):
        iscsi.copy_of(snapshot)


def test_a_clone_of_a_clone(iscsi: Stage) -> None:
    """A volume can present a snapshot and be cloned itself."""
    source = iscsi.create()
    data = iscsi.array.write(source.device_id)
    clone = iscsi.clone(iscsi.clone(source))
    assert iscsi.array.read(clone.device_id) == data


def test_a_preview_changes_nothing(iscsi: Stage) -> None:
    """It shows every step with its calls, and waits for nothing."""
    source = iscsi.create()
    with iscsi.calls() as calls:
        preview = iscsi.engine.preview(CloneVolume(source=source, identifier="OS-x", capacity=None, policy=GOLD))
    assert calls.changes == [], calls
    assert [type(step).__name__ for step in preview.plan.steps] == [
        "CreateTemporarySnapshot",
        "CreateVolume",
        "LinkSnapshot",
        "AwaitLinkDefined",
    ]


def test_still_in_use_is_told_by_a_preview(tmp_path: Path) -> None:
    """What would have to wait says for what."""
    stage = pace(tmp_path, copy_pace=AfterSeconds(1e6))
    source, device = stage.create(), stage.create()
    snapshot = stage.take_snapshot(source)
    stage.engine.execute(LinkSnapshot(target=snapshot, device=device, with_copy=True))

    with pytest.raises(StillInUse, match=device.device_id):
        stage.engine.preview(DeleteSnapshot(target=snapshot))
    assert stage.clock.now_s() == 0
    stage.engine.close()
