"""What else replication meets: full pools, pairs that never synchronise, groups of others, arrays that are lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.commands import CreateVolume, Direction, MoveToOtherArray, TwoSidedVolume
from pmax.domain.errors import InUse, PlanFailed, PmaxError
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import AfterReads, Behaviour, Fault, Intervene, Simulator
from pmax.simulator.state.srdf_records import PairState
from tests.integration.test_replication_bad_luck import by_mode, check_accounts, refused
from tests.replicated_stage import ARRAY, ASYNC, METRO, REMOTE, SYNC, Mode, ReplicatedStage
from tests.stage import GOLD

Operation = Callable[[ReplicatedStage], object]


@by_mode
@pytest.mark.parametrize("array", [ARRAY, REMOTE])
def test_a_pool_that_is_full(tmp_path: Path, mode: Mode, array: str) -> None:
    """Whichever array has no room says so; nothing is changed on either, and with room all of it is done."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    full = stage.simulator.arrays[array]
    full.limit_pool("SRP_1", 0)
    refused(stage, stage.make, "SRP_1", array)
    full.limit_pool("SRP_1", None)
    volume, plain = stage.make(), stage.create(GOLD)
    full.limit_pool("SRP_1", 0)
    operations = [stage.make, lambda: stage.extend(volume, 2)]
    if array == REMOTE:
        operations.append(lambda: stage.retype(plain, GOLD, stage.policy))
    for operation in operations:
        refused(stage, operation, "SRP_1", array)
    full.limit_pool("SRP_1", None)
    for operation in operations:
        operation()
    stage.remove(volume)


@by_mode
def test_pairs_that_never_synchronise(tmp_path: Path, mode: Mode) -> None:
    """Nobody waits for a copy for ever: volumes are made, extended, moved between types and deleted meanwhile."""
    simulator = Simulator(behaviour=Behaviour(sync_pace=AfterReads(1_000_000)))
    stage = ReplicatedStage.build(tmp_path, simulator=simulator, replication_devices=(mode.device("iscsi"),))
    stage.mode = mode
    first, second, third = stage.make(), stage.make(), stage.make()
    assert stage.states() == {PairState.SYNC_IN_PROGRESS}
    stage.extend(second, 3)
    stage.retype(third, stage.policy, GOLD)
    check_accounts(stage, "while they copy", plain=[third])
    stage.retype(third, GOLD, stage.policy)
    for volume in (first, second, third):
        stage.remove(volume)
    assert stage.leftovers_of_both() == []
    assert stage.clock.now_s() < stage.engine.settings.operation_timeout_s


@by_mode
def test_a_group_of_another_service_level(tmp_path: Path, mode: Mode) -> None:
    """Other sides go to a group of the same service level, or of none; one of another level is refused with both."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    url = f"{stage.rest}/sloprovisioning/symmetrix/{REMOTE}/storagegroup"
    level = {"sloId": "Silver", "workloadSelection": "NONE", "volumeAttributes": []}
    body = {"storageGroupId": mode.default_group, "srpId": "SRP_1", "sloBasedStorageGroupParam": [level]}
    answer = stage.session().post(url, json=body | {"emulation": "FBA"})
    assert answer.ok, answer.text
    refused(stage, stage.make, REMOTE, mode.default_group, "Silver", "Gold")
    assert stage.session().delete(f"{url}/{mode.default_group}").ok
    answer = stage.session().post(url, json={"storageGroupId": mode.default_group, "srpId": "None", "emulation": "FBA"})
    assert answer.ok, answer.text
    volume = stage.make()
    assert mode.default_group in stage.other(volume).storage_groups
    assert stage.remote.storage_groups[mode.default_group].service_level is None


def test_foreign_pairs_in_a_synchronous_group(tmp_path: Path) -> None:
    """Where nothing holds all volumes of an RDF group, pairs of others are left alone, whatever becomes of ours."""
    stage = ReplicatedStage.set_up(tmp_path, SYNC)
    volume = stage.make()
    device = stage.array.add_volume(547, "finance-db")
    url = f"{stage.rest}/replication/symmetrix/{ARRAY}/rdf_group/{SYNC.number}/volume"
    devices = {"localDeviceList": [device]}
    body = {"rdfMode": "Synchronous", "rdfType": "RDF1", "localDeviceListCriteriaParam": devices, "establish": "true"}
    answer = stage.session().post(url, json=body)
    assert answer.ok, answer.text
    foreign = stage.simulator.srdf.pair_of(ARRAY, device)
    stage.extend(volume, 2)
    other = stage.make()
    move(stage, volume)
    stage.remove(other)
    assert stage.simulator.srdf.pair_of(ARRAY, device) == foreign


@pytest.mark.parametrize("mode", [ASYNC, METRO], ids=lambda mode: mode.name)
def test_a_management_group_that_is_renamed_before_the_last_look(tmp_path: Path, mode: Mode) -> None:
    """The volume is made and is in the group, however that is called by now; the next one is refused with it."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    stage.make()
    rename = Intervene(action=lambda _: stage.rename_group(mode.management_group, "renamed"))
    path = f"replication/symmetrix/{ARRAY}/storagegroup/{mode.management_group}"
    stage.simulator.faults.add(Fault(effect=rename, verb="GET", path=path, nth=2))
    volume = stage.make()
    assert stage.simulator.faults.fired
    assert set(stage.groups_of(volume)) == {mode.default_group, "renamed"}
    assert stage.states() == {mode.steady}
    assert stage.engine.unfinished() == ()
    check_accounts(stage, "renamed")
    refused(stage, stage.make, mode.label, ARRAY, mode.management_group)
    stage.rename_group("renamed", mode.management_group)
    stage.make()


@by_mode
def test_a_volume_that_somebody_takes_between_read_and_deletion(tmp_path: Path, mode: Mode) -> None:
    """R1 and its data stay with whoever took it, and the journal knows; once released, it is deleted after all."""
    stage = ReplicatedStage.set_up(tmp_path, mode)
    volume, _ = stage.make(), stage.make()
    stage.write(volume, "kept")
    stage.make_group("finance-SG", service_level=None)
    url = f"{stage.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup/finance-SG"

    def edit(action: dict[str, object]) -> None:
        answer = stage.session().put(url, json={"editStorageGroupActionParam": action})
        assert answer.ok, answer.text

    devices = {"volumeId": [volume.device_id]}
    take = Intervene(action=lambda _: edit({"expandStorageGroupParam": {"addSpecificVolumeParam": devices}}))
    stage.simulator.faults.add(Fault(effect=take, verb="PUT", nth=1))
    with pytest.raises(PlanFailed, match="delete the pair") as raised:
        stage.remove(volume)
    assert isinstance(raised.value.__cause__, InUse)
    assert stage.groups_of(volume)[-1] == "finance-SG"
    assert stage.array.read(volume.device_id) == "kept"
    check_accounts(stage, "taken", plain=[volume])
    assert {recovered.verdict for recovered in stage.engine.recover()} == {"open"}
    edit({"removeVolumeParam": devices})
    assert {recovered.verdict for recovered in stage.engine.recover()} == {"finished"}
    assert volume.device_id not in stage.array.volumes
    check_accounts(stage, "released")


def move(stage: ReplicatedStage, target: VolumeTarget) -> object:
    """Fail a volume over."""
    there = VolumeTarget(array_id=REMOTE, device_id=DeviceId(stage.other(target).volume_id))
    (device,) = (each for each in stage.engine.settings.replication_devices if each.mode == stage.mode.name)
    volumes = (TwoSidedVolume(used=target, other=there),)
    command = MoveToOtherArray(device=device, primary_array_id=ARRAY, direction=Direction.OVER, volumes=volumes)
    return stage.engine.execute(command)


def lose(stage: ReplicatedStage, what: str, *, is_lost: bool) -> None:
    """Let the link, or one of the arrays, be gone, or come back."""
    if what != "link":
        stage.simulator.arrays[what].update(is_up=not is_lost)
    elif is_lost:
        stage.simulator.srdf.cut_link(ARRAY, REMOTE)
    else:
        stage.simulator.srdf.restore_link(ARRAY, REMOTE)


def make_named(stage: ReplicatedStage) -> object:
    """Make a volume that no stage has yet."""
    identifier = "OS-5d0c7e12-93ab-4f6e-8c21-0000000000ff"
    command = CreateVolume(array_id=ARRAY, identifier=identifier, capacity=Capacity.from_gib(1), policy=stage.policy)
    return stage.engine.execute(command)


def losses(tmp_path: Path, mode: Mode, what: str, operation: str, stride: int) -> None:
    """Let something be lost at calls of an operation, one in `stride`, and look at what is left."""
    prepared = ReplicatedStage.set_up(tmp_path / "prepared", mode)
    volumes = [prepared.make(), prepared.make()] if operation != "create first" else []
    before = {pair.pair_id for pair in prepared.simulator.srdf.pairs}
    operations: dict[str, Operation] = {
        "create first": make_named,
        "create next": make_named,
        "delete": lambda stage: stage.remove(volumes[0]),
        "extend": lambda stage: stage.extend(volumes[0], 3),
        "fail over": lambda stage: move(stage, volumes[0]),
    }
    number = 1 + (len(operation) + mode.number) % stride
    while True:
        stage = prepared.copy(tmp_path / str(number))
        cut = Intervene(action=lambda _request, stage=stage: lose(stage, what, is_lost=True))
        stage.simulator.faults.add(Fault(effect=cut, nth=number))
        failure = None
        try:
            operations[operation](stage)
        except PmaxError as error:
            failure = error
        has_fired = bool(stage.simulator.faults.fired)
        where = f"{what} lost at call {number} of {operation}: {failure!r}"
        stage.simulator.faults.clear()
        lose(stage, what, is_lost=False)
        stage.engine.recover()
        after = stage.simulator.srdf.pairs
        assert all(pair.missing_side is None for pair in after), where
        made = {"create first": 1, "create next": 1, "delete": -1}.get(operation, 0)
        assert len(after) in ({len(before) + made} if failure is None else {len(before), len(before) + made}), where
        assert failure is None or what == "link" or what in str(failure), where
        assert operation != "fail over" or what == REMOTE or failure is None, where
        check_accounts(stage, where)
        assert stage.engine.unfinished() == (), where
        stage.engine.close()
        if not has_fired:
            return
        number += stride


by_loss = pytest.mark.parametrize("what", ["link", ARRAY, REMOTE], ids=["link", "primary", "other"])
by_operation = pytest.mark.parametrize("operation", ["create first", "create next", "delete", "extend"])


@pytest.mark.timeout(120)
@by_mode
@by_loss
@by_operation
def test_what_is_lost_in_the_middle(tmp_path: Path, mode: Mode, what: ArrayId, operation: str) -> None:
    """Wherever the link or an array goes: done is done, failed is as before or remembered, and no half pair is left."""
    losses(tmp_path, mode, what, operation, stride=7)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
@by_loss
def test_what_is_lost_while_failing_over(tmp_path: Path, mode: Mode, what: ArrayId) -> None:
    """Without the primary array and without the link a failover is done; without the other array it is refused."""
    losses(tmp_path, mode, what, "fail over", stride=1)


@pytest.mark.matrix
@pytest.mark.timeout(600)
@by_mode
@by_loss
@by_operation
def test_what_is_lost_at_each_call(tmp_path: Path, mode: Mode, what: ArrayId, operation: str) -> None:
    """Likewise at every call."""
    losses(tmp_path, mode, what, operation, stride=1)
