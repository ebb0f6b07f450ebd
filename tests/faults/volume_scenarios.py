"""Volumes that are made, deleted, changed and taken over, and how the array is before."""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    ExtendVolume,
    ManageSnapshot,
    ManageVolume,
    RenameVolume,
    UnmanageSnapshot,
    UnmanageVolume,
)
from pmax.domain.identifiers import DeviceId
from tests.faults.scenario import Operation
from tests.stage import ARRAY, GOLD, SILVER, Stage


def _creation(stage: Stage) -> object:
    stage.forget_number()
    return stage.create()


def create_first(stage: Stage) -> Operation:
    return _creation


def create_next(stage: Stage) -> Operation:
    stage.create()
    return _creation


def delete_last(stage: Stage) -> Operation:
    volume = stage.create()
    return lambda stage: stage.delete(volume)


def delete_next(stage: Stage) -> Operation:
    volume = stage.create()
    stage.create()
    return lambda stage: stage.delete(volume)


def extend(stage: Stage) -> Operation:
    volume = stage.create()
    return lambda stage: stage.engine.execute(ExtendVolume(target=volume, capacity=Capacity.from_gib(3)))


def extend_attached(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.engine.execute(ExtendVolume(target=volume, capacity=Capacity.from_gib(3)))


def _found(stage: Stage) -> DeviceId:
    """A volume of somebody else, in a group of theirs."""
    device = DeviceId(stage.array.add_volume(547, "payroll"))
    stage.make_group("theirs")
    stage.array.update_volume(device, storage_groups=("theirs",))
    return device


def manage_first(stage: Stage) -> Operation:
    device = _found(stage)
    return lambda stage: stage.engine.execute(
        ManageVolume(array_id=ARRAY, device_id=device, identifier="OS-payroll", policy=GOLD)
    )


def manage_next(stage: Stage) -> Operation:
    stage.create()
    return manage_first(stage)


def unmanage_last(stage: Stage) -> Operation:
    volume = stage.create()
    identifiers = (*volume.identifiers, "payroll")
    target = attrs.evolve(volume, identifiers=identifiers)
    return lambda stage: stage.engine.execute(UnmanageVolume(target=target, identifier="payroll"))


def unmanage_next(stage: Stage) -> Operation:
    stage.create()
    stage.make_group("OS-Unmanaged", service_level=None)
    return unmanage_last(stage)


def manage_snapshot(stage: Stage) -> Operation:
    volume = stage.create()
    stage.snapshot(volume.device_id, "nightly")
    return lambda stage: stage.engine.execute(ManageSnapshot(source=volume, name="nightly", new_name="OS-nightly"))


def unmanage_snapshot(stage: Stage) -> Operation:
    volume = stage.create()
    stage.snapshot(volume.device_id, "OS-nightly")
    return lambda stage: stage.engine.execute(UnmanageSnapshot(source=volume, name="OS-nightly", new_name="nightly"))


def clone_into_new_group(stage: Stage) -> Operation:
    source = stage.create()

    def clone(stage: Stage) -> object:
        stage.forget_number()
        return stage.clone(source, SILVER)

    return clone


def rename(stage: Stage) -> Operation:
    volume = stage.create()
    target = attrs.evolve(volume, identifiers=(*volume.identifiers, "OS-renamed"))
    return lambda stage: stage.engine.execute(RenameVolume(target=target, identifier="OS-renamed"))
