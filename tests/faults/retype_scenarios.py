"""Retypes of volumes that hosts see, and storage groups that are changed by hand, for the table of scenarios."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from pmax.domain.commands import AddVolumes, CreateStorageGroup, DeleteStorageGroup, MoveVolumes, RemoveVolumes
from pmax.domain.qos import HostIoLimits
from tests.stage import ARRAY, GOLD, PLAIN, SILVER, Stage

Operation = Callable[[Stage], object]

_LIMITED_SILVER = attrs.evolve(SILVER, limits=HostIoLimits(500, 100), storage_group_tags=("finance",))


def attached_with_limits(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.retype(volume, GOLD, _LIMITED_SILVER, "host-a")


def attached_where_groups_exist(stage: Stage) -> Operation:
    volume = stage.create()
    for each, policy in ((volume, GOLD), (stage.create(), GOLD), (stage.create(SILVER), SILVER)):
        stage.attach(each, "host-a", policy)
    return lambda stage: stage.retype(volume, GOLD, SILVER, "host-a")


def limits_only(stage: Stage) -> Operation:
    volume = stage.create(SILVER)
    stage.attach(volume, "host-a", SILVER)
    return lambda stage: stage.retype(volume, SILVER, _LIMITED_SILVER, "host-a")


def to_no_service_level(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")
    return lambda stage: stage.retype(volume, GOLD, PLAIN, "host-a", "host-b")


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
