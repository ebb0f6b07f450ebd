"""Operations in every setting that changes their path, each as a stage before it and the operation itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    AddVolumes,
    CreateStorageGroup,
    CreateVolumeGroup,
    DeleteVolumeGroup,
    ExtendVolume,
    ManageSnapshot,
    ManageVolume,
    RenameVolume,
    RetypeVolume,
    SetQos,
    UnmanageSnapshot,
    UnmanageVolume,
    UpdateVolumeGroup,
)
from pmax.domain.identifiers import DeviceId
from pmax.domain.qos import HostIoLimits
from tests.faults import (
    copy_scenarios,
    failover_scenarios,
    group_copy_scenarios,
    group_scenarios,
    retype_scenarios,
)
from tests.faults.group_scenarios import GROUP
from tests.replicated_stage import ASYNC, METRO, SYNC, Mode, ReplicatedStage
from tests.stage import ARRAY, GOLD, SILVER, Stage

Operation = Callable[[Stage], object]


@attrs.frozen
class Scenario:
    """One operation in one setting.

    Attributes:
        name: of both; the operation is what stands before the first comma.
        prepare: sets the stage and returns the operation, which runs on that stage or on a copy of it.
        protocol: over which volumes are attached.
        is_repeatable: whether the operation, done, can be asked for again and changes nothing then.
        mode: of replication; None where nothing is replicated.
        is_sampled: whether some of its cells run every time; those of the others run in `make matrix` only, since other
            scenarios take nearly the same path.
        clears_first: whether what copies have left is cleared first; that stays done, since nothing is lost by it.
    """

    name: str
    prepare: Callable[[Stage], Operation]
    protocol: str = "iscsi"
    is_repeatable: bool = True
    mode: Mode | None = None
    is_sampled: bool = True
    clears_first: bool = False

    @property
    def operation(self) -> str:
        """What is done, without the setting."""
        return self.name.partition(",")[0]

    def __str__(self) -> str:
        return self.name


def _creation(stage: Stage) -> object:
    stage.forget_number()
    return stage.create()


def _create_first(stage: Stage) -> Operation:
    return _creation


def _create_next(stage: Stage) -> Operation:
    stage.create()
    return _creation


def _delete_last(stage: Stage) -> Operation:
    volume = stage.create()
    return lambda stage: stage.delete(volume)


def _delete_next(stage: Stage) -> Operation:
    volume = stage.create()
    stage.create()
    return lambda stage: stage.delete(volume)


def _extend(stage: Stage) -> Operation:
    volume = stage.create()
    return lambda stage: stage.engine.execute(ExtendVolume(target=volume, capacity=Capacity.from_gib(3)))


def _extend_attached(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.engine.execute(ExtendVolume(target=volume, capacity=Capacity.from_gib(3)))


def _attach_first(stage: Stage) -> Operation:
    volume = stage.create()
    stage.create()
    return lambda stage: stage.attach(volume, "host-a")


def _attach_first_and_only(stage: Stage) -> Operation:
    volume = stage.create()
    return lambda stage: stage.attach(volume, "host-a")


def _attach_next(stage: Stage) -> Operation:
    stage.attach(stage.create(), "host-a")
    volume = stage.create()
    stage.create()
    return lambda stage: stage.attach(volume, "host-a")


def _attach_next_with_limits(stage: Stage) -> Operation:
    limited = attrs.evolve(GOLD, limits=HostIoLimits(500, None))
    stage.attach(stage.create(), "host-a")
    volume = stage.create()
    return lambda stage: stage.attach(volume, "host-a", limited)


def _attach_again(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.attach(volume, "host-a")


def _attach_to_second_host(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-b")
    return lambda stage: stage.attach(volume, "host-a")


def _detach_with_others_left(stage: Stage) -> Operation:
    volume, other = stage.create(), stage.create()
    stage.create()
    stage.attach(other, "host-a")
    stage.attach(volume, "host-a")
    return lambda stage: stage.detach(volume, "host-a")


def _detach_last(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.detach(volume, "host-a")


def _detach_from_one_of_two(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")
    return lambda stage: stage.detach(volume, "host-b")


def _detach_with_limits(stage: Stage) -> Operation:
    limited = attrs.evolve(GOLD, limits=HostIoLimits(500, None), storage_group_tags=("tag",))
    volume = stage.create()
    stage.attach(volume, "host-a", limited)
    stage.attach(volume, "host-b", limited)
    return lambda stage: stage.detach(volume, "host-b", limited)


def _detach_from_all(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")
    return lambda stage: stage.detach(volume, None)


def _found(stage: Stage) -> DeviceId:
    """A volume of somebody else, in a group of theirs."""
    device = DeviceId(stage.array.add_volume(547, "payroll"))
    stage.make_group("theirs")
    stage.array.update_volume(device, storage_groups=("theirs",))
    return device


def _manage_first(stage: Stage) -> Operation:
    device = _found(stage)
    return lambda stage: stage.engine.execute(
        ManageVolume(array_id=ARRAY, device_id=device, identifier="OS-payroll", policy=GOLD)
    )


def _manage_next(stage: Stage) -> Operation:
    stage.create()
    return _manage_first(stage)


def _unmanage_last(stage: Stage) -> Operation:
    volume = stage.create()
    identifiers = (*volume.identifiers, "payroll")
    target = attrs.evolve(volume, identifiers=identifiers)
    return lambda stage: stage.engine.execute(UnmanageVolume(target=target, identifier="payroll"))


def _unmanage_next(stage: Stage) -> Operation:
    stage.create()
    stage.make_group("OS-Unmanaged", service_level=None)
    return _unmanage_last(stage)


def _manage_snapshot(stage: Stage) -> Operation:
    volume = stage.create()
    stage.snapshot(volume.device_id, "nightly")
    return lambda stage: stage.engine.execute(ManageSnapshot(source=volume, name="nightly", new_name="OS-nightly"))


def _unmanage_snapshot(stage: Stage) -> Operation:
    volume = stage.create()
    stage.snapshot(volume.device_id, "OS-nightly")
    return lambda stage: stage.engine.execute(UnmanageSnapshot(source=volume, name="OS-nightly", new_name="nightly"))


def _clone_into_new_group(stage: Stage) -> Operation:
    source = stage.create()

    def clone(stage: Stage) -> object:
        stage.forget_number()
        return stage.clone(source, SILVER)

    return clone


def _retype(stage: Stage, *hosts: str, others: int = 1) -> Operation:
    volume = stage.create()
    for _ in range(others):
        stage.create()
    for host in hosts:
        stage.attach(volume, host)
    return lambda stage: stage.engine.execute(
        RetypeVolume(target=volume, before=GOLD, after=SILVER, protocol=stage.protocol, hosts=hosts)
    )


def _rename(stage: Stage) -> Operation:
    volume = stage.create()
    target = attrs.evolve(volume, identifiers=(*volume.identifiers, "OS-renamed"))
    return lambda stage: stage.engine.execute(RenameVolume(target=target, identifier="OS-renamed"))


def _create_group(stage: Stage) -> Operation:
    return lambda stage: stage.engine.execute(CreateVolumeGroup(target=GROUP))


def _join_group(stage: Stage) -> Operation:
    volume, other = stage.create(), stage.create()
    stage.attach(other, "host-a")
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    return lambda stage: stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(volume, other)))


def _exchange_members(stage: Stage) -> Operation:
    volume, other = stage.create(), stage.create()
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(volume,)))
    return lambda stage: stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(other,), leaving=(volume,)))


def _delete_group(stage: Stage) -> Operation:
    volume = stage.create()
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(volume,)))
    return lambda stage: stage.engine.execute(DeleteVolumeGroup(target=GROUP, members=(volume,)))


def _make_storage_group(stage: Stage) -> Operation:
    return lambda stage: stage.engine.execute(CreateStorageGroup(array_id=ARRAY, name="by-hand", policy=GOLD))


def _add_by_hand(stage: Stage) -> Operation:
    volumes = (stage.create(), stage.create())
    stage.make_group("by-hand", service_level=None)
    return lambda stage: stage.engine.execute(AddVolumes(targets=volumes, storage_group="by-hand"))


def _limit(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    (name,) = stage.groups_of(volume)
    limits = HostIoLimits(500, None)
    return lambda stage: stage.engine.execute(SetQos(array_id=ARRAY, storage_group=name, limits=limits))


def _replicated(stage: Stage) -> ReplicatedStage:
    assert isinstance(stage, ReplicatedStage)
    return stage


def _replicate(stage: Stage, others: int = 0) -> Operation:
    for _ in range(others):
        _replicated(stage).make()

    def operation(stage: Stage) -> object:
        stage.forget_number()
        return _replicated(stage).make()

    return operation


def _delete_replicated(stage: Stage, others: int = 0) -> Operation:
    volume = _replicated(stage).make()
    for _ in range(others):
        _replicated(stage).make()
    return lambda stage: _replicated(stage).remove(volume)


def _extend_replicated(stage: Stage) -> Operation:
    volume = _replicated(stage).make()
    return lambda stage: _replicated(stage).extend(volume, 3)


def _extend_by_new_pair(stage: Stage) -> Operation:
    _replicated(stage).remote.update(microcode="5977.1131.1131")
    _replicated(stage).make()
    return _extend_replicated(stage)


def _attach_replicated(stage: Stage) -> Operation:
    volume = _replicated(stage).make()
    _replicated(stage).make()
    return lambda stage: stage.attach(volume, "host-a", _replicated(stage).policy)


def _detach_replicated(stage: Stage) -> Operation:
    volume = _replicated(stage).make()
    stage.attach(volume, "host-a", _replicated(stage).policy)
    return lambda stage: stage.detach(volume, "host-a", _replicated(stage).policy)


def _replication(mode: Mode) -> tuple[Scenario, ...]:
    name = mode.name
    return (
        Scenario(f"create replicated, first, {name}", _replicate, is_repeatable=False, mode=mode),
        Scenario(f"create replicated, next, {name}", partial(_replicate, others=1), is_repeatable=False, mode=mode),
        Scenario(f"delete replicated, last, {name}", _delete_replicated, mode=mode),
        Scenario(f"delete replicated, others left, {name}", partial(_delete_replicated, others=1), mode=mode),
        Scenario(f"extend replicated, {name}", _extend_replicated, mode=mode),
        Scenario(f"attach replicated, first on the host, {name}", _attach_replicated, mode=mode),
        Scenario(f"detach replicated, last of the host, {name}", _detach_replicated, mode=mode),
        Scenario(f"fail over, {name}", failover_scenarios.over, mode=mode),
        Scenario(f"fail back, {name}", failover_scenarios.back, mode=mode),
        Scenario(f"suspend, {name}", failover_scenarios.suspend, mode=mode),
        Scenario(f"resume, {name}", failover_scenarios.resume, mode=mode),
        Scenario(
            f"clone replicated, first, {name}",
            copy_scenarios.clone_replicated,
            is_repeatable=False,
            mode=mode,
            is_sampled=False,
        ),
        Scenario(
            f"clone replicated, next, {name}",
            partial(copy_scenarios.clone_replicated, others=1),
            is_repeatable=False,
            mode=mode,
        ),
        Scenario(
            f"copy replicated, {name}",
            copy_scenarios.copy_replicated,
            is_repeatable=False,
            mode=mode,
            is_sampled=mode is ASYNC,
        ),
        Scenario(
            f"revert replicated, {name}", copy_scenarios.revert_replicated, mode=mode, is_sampled=mode is not ASYNC
        ),
    )


SCENARIOS = (
    Scenario("create, group to be made", _create_first, is_repeatable=False),
    Scenario("create, group exists", _create_next, is_repeatable=False),
    Scenario("delete, last of its group", _delete_last),
    Scenario("delete, others left", _delete_next),
    Scenario("extend, detached", _extend),
    Scenario("extend, attached", _extend_attached),
    Scenario("attach, first on the host, iSCSI", _attach_first),
    Scenario("attach, first on the host, FC", _attach_first, "fc"),
    Scenario("attach, only volume of its group", _attach_first_and_only),
    Scenario("attach, next on the host", _attach_next),
    Scenario("attach, next on the host, with limits", _attach_next_with_limits),
    Scenario("attach, attached already", _attach_again),
    Scenario("attach, second host", _attach_to_second_host),
    Scenario("detach, others left", _detach_with_others_left),
    Scenario("detach, last of the host, iSCSI", _detach_last),
    Scenario("detach, last of the host, FC", _detach_last, "fc"),
    Scenario("detach, from one of two hosts", _detach_from_one_of_two),
    Scenario("detach, from one of two hosts, with limits and tags", _detach_with_limits, is_sampled=False),
    Scenario("detach, from all hosts", _detach_from_all),
    Scenario("manage, group to be made", _manage_first),
    Scenario("manage, group exists", _manage_next),
    Scenario("unmanage, last of its group", _unmanage_last),
    Scenario("unmanage, others left", _unmanage_next),
    Scenario("manage a snapshot", _manage_snapshot, is_repeatable=False),
    Scenario("unmanage a snapshot", _unmanage_snapshot),
    Scenario("clone, group to be made", _clone_into_new_group, is_repeatable=False),
    Scenario("retype, detached", _retype),
    Scenario("retype, last of its group", lambda stage: _retype(stage, others=0)),
    Scenario("retype, attached", lambda stage: _retype(stage, "host-a")),
    Scenario("retype, attached to two hosts", lambda stage: _retype(stage, "host-a", "host-b")),
    Scenario("retype, attached, with limits and tags", retype_scenarios.attached_with_limits),
    Scenario("retype, attached, groups exist", retype_scenarios.attached_where_groups_exist),
    Scenario("retype, attached, limits only", retype_scenarios.limits_only),
    Scenario("retype, attached to two hosts, to no service level", retype_scenarios.to_no_service_level),
    Scenario("rename", _rename),
    Scenario("volume group, created", _create_group),
    Scenario("volume group, joined", _join_group),
    Scenario("volume group, exchanged members", _exchange_members),
    Scenario("volume group, deleted", _delete_group),
    Scenario("group snapshot, taken", group_scenarios.snap, is_repeatable=False),
    Scenario("group snapshot, deleted", group_scenarios.delete_snapshot, is_sampled=False),
    Scenario("storage group, made by hand", _make_storage_group, is_repeatable=False),
    Scenario("storage group, filled by hand", _add_by_hand),
    Scenario("storage group, limited", _limit),
    Scenario("storage group, made under a view's", retype_scenarios.make_under_a_view, is_repeatable=False),
    Scenario("storage group, emptied by hand", retype_scenarios.empty),
    Scenario("storage group, moved between by hand", retype_scenarios.move),
    Scenario("storage group, deleted under a view's", retype_scenarios.delete_under_a_view, is_repeatable=False),
    Scenario("snapshot, first", copy_scenarios.take, is_repeatable=False),
    Scenario("snapshot, another", copy_scenarios.take_another, is_repeatable=False),
    Scenario("delete snapshot, unused", copy_scenarios.delete),
    Scenario("delete snapshot, with a volume made of it", copy_scenarios.delete_used, clears_first=True),
    Scenario("volume from snapshot", copy_scenarios.copy, is_repeatable=False),
    Scenario("clone, detached", copy_scenarios.clone, is_repeatable=False),
    Scenario("clone, attached", partial(copy_scenarios.clone, is_attached=True), is_repeatable=False),
    Scenario("revert", copy_scenarios.revert),
    Scenario("delete, a clone that is linked", copy_scenarios.delete_clone, clears_first=True),
    Scenario("delete, the source of a clone", copy_scenarios.delete_source, clears_first=True),
    Scenario("extend, a clone that is linked", copy_scenarios.extend_clone, clears_first=True),
    Scenario("unmanage, a clone that is linked", copy_scenarios.unmanage_clone, clears_first=True),
    Scenario("group snapshot, deleted, with a group made of it", group_copy_scenarios.delete_used, clears_first=True),
    Scenario("group from group", group_copy_scenarios.copy_group, is_repeatable=False),
    Scenario("group from group snapshot", group_copy_scenarios.copy_snapshot, is_repeatable=False),
    Scenario("group from group, replicated", group_copy_scenarios.copy_replicated, is_repeatable=False, mode=SYNC),
    *_replication(SYNC),
    *_replication(ASYNC),
    *_replication(METRO),
    Scenario("extend replicated, by a new pair, Synchronous", _extend_by_new_pair, mode=SYNC),
    Scenario("extend replicated, by a new pair, Asynchronous", _extend_by_new_pair, mode=ASYNC),
    Scenario("fail over, arrays cut off, Synchronous", failover_scenarios.over_alone, mode=SYNC),
    Scenario("fail over, arrays cut off, Asynchronous", failover_scenarios.over_alone, mode=ASYNC),
    Scenario("replicated volume group, created", group_scenarios.create_replicated, mode=SYNC),
    Scenario("replicated volume group, exchanged members", group_scenarios.exchange_replicated, mode=SYNC),
    Scenario(
        "create replicated, in a group",
        group_scenarios.create_in_replicated,
        is_repeatable=False,
        mode=SYNC,
        is_sampled=False,
    ),
    *(
        Scenario(
            f"replicated volume group, {name}",
            partial(group_scenarios.change_replication, actions=ways),
            mode=SYNC,
            is_sampled=name == "stopped",
        )
        for name, ways in group_scenarios.CHANGES.items()
    ),
    *(
        Scenario(
            name,
            prepare,
            is_repeatable=not name.startswith("manage"),
            mode=mode,
            is_sampled=name in retype_scenarios.SAMPLED,
        )
        for name, (prepare, mode) in retype_scenarios.REPLICATED.items()
    ),
)

SAMPLED = tuple(scenario for scenario in SCENARIOS if scenario.is_sampled)
"""Those of which some cells are tried in every run."""
