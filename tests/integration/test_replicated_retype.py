"""Volumes are retyped to, from and between replicated types, over two arrays with data on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from pmax.domain.commands import ManageVolume
from pmax.domain.errors import IllegalTransition, InUse, InvalidRequest, PlanFailed, PmaxError
from pmax.domain.identifiers import DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Fault, Refuse
from tests.replicated_stage import ARRAY, ASYNC, METRO, MODES, REMOTE, SYNC, Mode, ReplicatedStage
from tests.stage import GOLD, SILVER

#: Calls of a volume that joins, and of one that leaves, while others stay in the RDF group.
JOINING = {"Synchronous": 10, "Asynchronous": 16, "Metro": 16}
LEAVING = {"Synchronous": 9, "Asynchronous": 13, "Metro": 13}


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
    """T22: no session is suspended for a volume that joins, and it takes no more calls than it may."""
    stage.make()
    stage.create()
    volume = stage.create()
    with stage.calls() as calls:
        stage.retype(volume, GOLD, stage.policy)
    assert calls.count <= JOINING[stage.mode.name], str(calls)
    assert not [line for line in calls.changes if "/rdf_group/" in line and line.startswith("PUT")]
    assert len(stage.simulator.srdf.pairs) == 2


def test_a_replicated_volume_becomes_plain(stage: ReplicatedStage) -> None:
    """T24: it keeps its data; its other side goes, and no pair of others leaves its state for that."""
    volume, other, plain = stage.make(), stage.make(), stage.create()
    stage.write(volume, "kept")
    with stage.calls() as calls:
        told = stage.retype(volume, stage.policy, GOLD)
    assert calls.count <= LEAVING[stage.mode.name], str(calls)
    assert not [line for line in calls.changes if "/rdf_group/" in line]
    assert (told.replica, told.has_left_replication) == (None, True)
    assert stage.groups_of(volume) == told.storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
    assert stage.array.read(volume.device_id) == "kept"
    stage.retype(other, stage.policy, GOLD)
    for each in (volume, other, plain):
        stage.delete(each)
    assert stage.leftovers_of_both() == []


SILVER_GROUPS = {mode: {name.replace("Gold", "Silver") for name in mode.groups} for mode in MODES}
CHILD = "OS-host-b-SRP_1-GoldNONE-OS-iscsi-PG"
WAITING = "OS-host-a-No_SLO-OS-iscsi-PG"


def test_both_sides_have_another_service_level(stage: ReplicatedStage) -> None:
    """The pair is left alone; both devices move, and groups that are left empty go on both arrays."""
    volume = stage.make()
    pairs = stage.simulator.srdf.pairs
    for name in ("first", "again"):
        told = stage.retype(volume, stage.policy, with_level(stage.policy, "Silver"))
        assert told.is_changed is (name == "first")
    assert stage.simulator.srdf.pairs == pairs
    assert told.replica is not None
    assert set(stage.groups_of(volume)) == set(stage.other(volume).storage_groups) == SILVER_GROUPS[stage.mode]
    assert set(stage.array.storage_groups) == set(stage.remote.storage_groups) == SILVER_GROUPS[stage.mode]


@pytest.mark.parametrize(("before", "after"), [(SYNC, ASYNC), (ASYNC, METRO), (METRO, SYNC)], ids=lambda it: it.name)
def test_from_one_mode_to_another(tmp_path: Path, before: Mode, after: Mode) -> None:
    """The former other side goes, and a new one is made in the other RDF group, where others are undisturbed."""
    for stage in staged(tmp_path, before):
        stage.create(after.policy)
        volume = stage.make()
        former = stage.other(volume).volume_id
        stage.write(volume, "kept")
        told = stage.retype(volume, before.policy, after.policy)
        assert told.replica is not None
        assert (told.replica.mode, told.replica.device_id) == (after.name, stage.other(volume).volume_id)
        assert former not in stage.remote.volumes or former == told.replica.device_id
        assert set(stage.groups_of(volume)) == set(stage.other(volume).storage_groups) == after.groups
        assert set(stage.array.storage_groups) == set(stage.remote.storage_groups) == after.groups
        assert stage.states() == {after.steady}
        assert stage.array.read(volume.device_id) == "kept"


@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
def test_while_hosts_see_it(tmp_path: Path, mode: Mode) -> None:
    """T27: into replication, to another level and out: LUNs stay, and the management group has the volume."""
    for stage in staged(tmp_path, mode):
        volume = stage.create()
        stage.attach(volume, "host-a")
        stage.attach(volume, "host-b", GOLD, "host-a")
        stage.write(volume, "kept")
        luns = stage.array.lun_addresses
        places = (
            (mode.policy, CHILD + mode.suffix),
            (with_level(mode.policy, "Silver"), CHILD.replace("Gold", "Silver") + mode.suffix),
            (mode.policy, CHILD + mode.suffix),
            (GOLD, CHILD),
        )
        before = GOLD
        for after, child in places:
            stage.retype(volume, before, after, "host-a", "host-b")
            waiting = WAITING + (mode.suffix if after.replication_enabled else "")
            managed = {mode.management_group} if mode.is_managed and after.replication_enabled else set()
            assert set(stage.groups_of(volume)) == {child, waiting} | managed
            assert stage.array.lun_addresses == luns
            check_agreement(stage)
            before = after
        assert stage.array.read(volume.device_id) == "kept"
        stage.detach(volume, None)
        stage.delete(volume)
        assert stage.leftovers_of_both() == []


def test_metro_while_hosts_see_both_sides(tmp_path: Path) -> None:
    """The service level changes on both arrays under the hosts; into Metro and out of it they must not look."""
    for stage in staged(tmp_path, METRO):
        volume, plain = stage.make(), stage.create()
        stage.attach(volume, "host-a", METRO.policy)
        stage.attach(plain, "host-a")
        luns = (stage.array.lun_addresses, stage.remote.lun_addresses)
        stage.retype(volume, METRO.policy, with_level(METRO.policy, "Silver"), "host-a")
        child = CHILD.replace("Gold", "Silver").replace("host-b", "host-a") + "-RM"
        assert (
            set(stage.groups_of(volume)) == set(stage.other(volume).storage_groups) == {child, METRO.management_group}
        )
        assert (stage.array.lun_addresses, stage.remote.lun_addresses) == luns
        before = stage.everything()
        for each, former, after in (
            (volume, with_level(METRO.policy, "Silver"), SILVER),
            (volume, with_level(METRO.policy, "Silver"), SYNC.policy),
            (plain, GOLD, METRO.policy),
        ):
            with pytest.raises(InUse, match="detach it"):
                stage.retype(each, former, after, "host-a")
        assert stage.everything() == before


def test_a_first_pair_that_cannot_be_completed(stage: ReplicatedStage) -> None:
    """What was done is taken back on both arrays, and the volume is in its group and on its host all the while."""
    volume = stage.create()
    stage.write(volume, "kept")
    if stage.mode is not METRO:
        stage.attach(volume, "host-a")
    before, luns = stage.everything(), stage.array.lun_addresses
    refusal = Fault(verb="PUT", path_regex=f"{REMOTE}/storagegroup/", effect=Refuse(message="no"))
    stage.simulator.faults.add(refusal)
    with pytest.raises(PmaxError):
        stage.retype(volume, GOLD, stage.policy, "host-a")
    stage.simulator.faults.clear()
    assert stage.everything() == before
    assert stage.array.lun_addresses == luns
    assert stage.array.read(volume.device_id) == "kept"


def test_a_departure_that_is_interrupted(stage: ReplicatedStage) -> None:
    """Its pair gone and its other side not: the error says so, and so does the next attempt; recovery finishes it."""
    volume = stage.make()
    stage.write(volume, "kept")
    refusal = Fault(verb="DELETE", path_regex=f"{REMOTE}/volume/", effect=Refuse(message="no"), nth="every")
    stage.simulator.faults.add(refusal)
    with pytest.raises(PlanFailed):
        stage.retype(volume, stage.policy, GOLD)
    stage.simulator.faults.clear()
    told = stage.retype(volume, stage.policy, GOLD)
    assert [note for note in told.notes if REMOTE in note]
    assert [recovered.verdict for recovered in stage.engine.recover()] == ["finished"]
    assert stage.groups_of(volume) == ("OS-SRP_1-Gold-NONE-SG",)
    assert stage.array.read(volume.device_id) == "kept"
    stage.delete(volume)
    assert stage.leftovers_of_both() == []


def test_a_clone_becomes_replicated(stage: ReplicatedStage) -> None:
    """What is left of its making is cleared first, on its source too where the mode takes no linked snapshots."""
    source = stage.create()
    stage.write(source, "kept")
    clone = stage.clone(source)
    for each in (clone, source):
        stage.retype(each, GOLD, stage.policy)
        assert stage.array.read(each.device_id) == "kept"
    assert set(stage.groups_of(clone)) == stage.mode.groups


@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
def test_linked_snapshots_of_users(tmp_path: Path, mode: Mode) -> None:
    """They do not matter where pairs are independent, and are refused by name where they are not."""
    for stage in staged(tmp_path, mode):
        volume = stage.create()
        snapshot = stage.take_snapshot(volume)
        stage.copy_of(snapshot)
        if mode is SYNC:
            stage.retype(volume, GOLD, mode.policy)
            assert set(stage.groups_of(volume)) == mode.groups
            continue
        with pytest.raises(InUse, match="snap"):
            stage.retype(volume, GOLD, mode.policy)
        assert stage.groups_of(volume) == ("OS-SRP_1-Gold-NONE-SG",)


def test_what_is_refused(stage: ReplicatedStage) -> None:
    """A link that is down, an unknown target, a failed-over volume: the error says so, and nothing is changed."""
    volume, plain = stage.make(), stage.create()
    unknown = attrs.evolve(stage.policy, replication_backend="nowhere")
    before = stage.everything()
    with pytest.raises(InvalidRequest, match="nowhere"):
        stage.retype(plain, GOLD, unknown)
    assert stage.everything() == before
    stage.simulator.srdf.cut_link(ARRAY, REMOTE)
    before = stage.everything()
    for each, former, after in (
        (plain, GOLD, stage.policy),
        (volume, stage.policy, GOLD),
        (volume, stage.policy, with_level(stage.policy, "Silver")),
    ):
        with pytest.raises(IllegalTransition):
            stage.retype(each, former, after)
    assert stage.everything() == before
    stage.simulator.srdf.restore_link(ARRAY, REMOTE)
    stage.remove(volume)


def manage(stage: ReplicatedStage, device: DeviceId, policy: VolumePolicy) -> VolumeTarget:
    """Take a volume over; returns it as a target."""
    command = ManageVolume(array_id=ARRAY, device_id=device, identifier="OS-payroll", policy=policy)
    managed = stage.engine.execute(command)
    assert managed.replica is not None
    target = VolumeTarget(array_id=ARRAY, device_id=device, identifiers=("OS-payroll",))
    assert managed.replica.device_id == stage.other(target).volume_id
    return target


def test_taking_a_volume_over_into_a_replicated_type(stage: ReplicatedStage) -> None:
    """It is paired where it is taken to, within the calls of a volume that joins; an R1 is refused as what it is."""
    stage.make()
    device = DeviceId(stage.array.add_volume(547, "payroll"))
    stage.array.write(device, "kept")
    with stage.calls() as calls:
        target = manage(stage, device, stage.policy)
    assert calls.count <= JOINING[stage.mode.name] + 1, str(calls)
    assert set(stage.groups_of(target)) == set(stage.other(target).storage_groups) == stage.mode.groups
    assert stage.array.read(device) == "kept"
    with pytest.raises(PmaxError, match=f"SRDF group {stage.mode.number}"):
        manage(stage, device, stage.policy)
