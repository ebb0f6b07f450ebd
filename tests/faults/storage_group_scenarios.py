"""Storage groups that are changed by hand, and how the array is before."""

from __future__ import annotations

import attrs

from pmax.domain.commands import (
    AddVolumes,
    CreateStorageGroup,
    DeleteStorageGroup,
    MoveVolumes,
    RemoveVolumes,
    SetQos,
)
from pmax.domain.qos import HostIoLimits
from tests.faults.scenario import Operation
from tests.stage import ARRAY, GOLD, PLAIN, SILVER, Stage


def make(stage: Stage) -> Operation:
    return lambda stage: stage.engine.execute(CreateStorageGroup(array_id=ARRAY, name="by-hand", policy=GOLD))


def fill(stage: Stage) -> Operation:
    volumes = (stage.create(), stage.create())
    stage.make_group("by-hand", service_level=None)
    return lambda stage: stage.engine.execute(AddVolumes(targets=volumes, storage_group="by-hand"))


def limit(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    (name,) = stage.groups_of(volume)
    limits = HostIoLimits(500, None)
    return lambda stage: stage.engine.execute(SetQos(array_id=ARRAY, storage_group=name, limits=limits))


def make_under_a_view(stage: Stage) -> Operation:
    stage.attach(stage.create(), "host-a")
    policy = attrs.evolve(SILVER, limits=HostIoLimits(500, None))
    command = CreateStorageGroup(array_id=ARRAY, name="by-hand", policy=policy, parent="OS-host-a-I-OS-iscsi-PG-SG")
    return lambda stage: stage.engine.execute(command)


def _group_with_volumes(stage: Stage) -> AddVolumes:
    volumes = (stage.create(), stage.create())
    for name in ("by-hand", "by-hand-too"):
        stage.engine.execute(CreateStorageGroup(array_id=ARRAY, name=name, policy=PLAIN))
    keep = AddVolumes(targets=(stage.create(),), storage_group="by-hand")
    stage.engine.execute(keep)
    stage.engine.execute(attrs.evolve(keep, storage_group="by-hand-too"))
    return AddVolumes(targets=volumes, storage_group="by-hand")


def empty(stage: Stage) -> Operation:
    filled = _group_with_volumes(stage)
    stage.engine.execute(filled)
    command = RemoveVolumes(targets=filled.targets, storage_group="by-hand")
    return lambda stage: stage.engine.execute(command)


def move(stage: Stage) -> Operation:
    filled = _group_with_volumes(stage)
    stage.engine.execute(filled)
    command = MoveVolumes(targets=filled.targets, source="by-hand", storage_group="by-hand-too")
    return lambda stage: stage.engine.execute(command)


def delete_under_a_view(stage: Stage) -> Operation:
    stage.attach(stage.create(), "host-a")
    parent = "OS-host-a-I-OS-iscsi-PG-SG"
    stage.engine.execute(CreateStorageGroup(array_id=ARRAY, name="by-hand", policy=SILVER, parent=parent))
    return lambda stage: stage.engine.execute(DeleteStorageGroup(array_id=ARRAY, name="by-hand"))
