"""Operations in every setting that changes their path, each as a stage before it and the operation itself."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands import ExtendVolume, ManageSnapshot, ManageVolume, UnmanageSnapshot, UnmanageVolume
from pmax.domain.identifiers import DeviceId
from pmax.domain.qos import HostIoLimits
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
    """

    name: str
    prepare: Callable[[Stage], Operation]
    protocol: str = "iscsi"
    is_repeatable: bool = True

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


def _take_snapshot(stage: Stage) -> Operation:
    volume = stage.create()
    return lambda stage: stage.take_snapshot(volume)


def _take_next_snapshot(stage: Stage) -> Operation:
    volume = stage.create()
    stage.take_snapshot(volume, "first")
    return lambda stage: stage.take_snapshot(volume, "second")


def _delete_snapshot(stage: Stage) -> Operation:
    volume = stage.create()
    snapshot = stage.take_snapshot(volume)
    stage.take_snapshot(volume, "other")
    return lambda stage: stage.delete_snapshot(snapshot)


def _clone(stage: Stage) -> Operation:
    source = stage.create()

    def clone(stage: Stage) -> object:
        stage.forget_number()
        return stage.clone(source)

    return clone


def _clone_into_new_group(stage: Stage) -> Operation:
    source = stage.create()

    def clone(stage: Stage) -> object:
        stage.forget_number()
        return stage.clone(source, SILVER)

    return clone


def _copy_of_snapshot(stage: Stage) -> Operation:
    snapshot = stage.take_snapshot(stage.create())

    def copy(stage: Stage) -> object:
        stage.forget_number()
        return stage.copy_of(snapshot)

    return copy


def _revert(stage: Stage) -> Operation:
    volume = stage.create()
    stage.array.write(volume.device_id, "data of then")
    snapshot = stage.take_snapshot(volume)
    stage.array.write(volume.device_id, "data of now")
    return lambda stage: stage.revert(snapshot)


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
    Scenario("detach, from all hosts", _detach_from_all),
    Scenario("manage, group to be made", _manage_first),
    Scenario("manage, group exists", _manage_next),
    Scenario("unmanage, last of its group", _unmanage_last),
    Scenario("unmanage, others left", _unmanage_next),
    Scenario("manage a snapshot", _manage_snapshot, is_repeatable=False),
    Scenario("unmanage a snapshot", _unmanage_snapshot),
    Scenario("take a snapshot, first of the volume", _take_snapshot, is_repeatable=False),
    Scenario("take a snapshot, others exist", _take_next_snapshot, is_repeatable=False),
    Scenario("delete a snapshot", _delete_snapshot),
    Scenario("clone, group exists", _clone, is_repeatable=False),
    Scenario("clone, group to be made", _clone_into_new_group, is_repeatable=False),
    Scenario("copy a snapshot", _copy_of_snapshot, is_repeatable=False),
    Scenario("revert", _revert),
)
