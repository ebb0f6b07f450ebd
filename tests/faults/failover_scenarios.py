"""Failing over and back, and RDF groups under an administrator's hands, as rows of the matrix."""

from __future__ import annotations

from pmax.domain.commands import ChangeSession, Direction, MoveToOtherArray, TwoSidedVolume
from pmax.domain.identifiers import DeviceId
from pmax.domain.srdf import SessionAction
from pmax.domain.volumes import VolumeTarget
from tests.faults.scenario import Operation, replicated
from tests.replicated_stage import ARRAY, REMOTE, ReplicatedStage
from tests.stage import Stage


def _move(stage: ReplicatedStage, direction: Direction) -> Operation:
    """Give what moves two of the stage's volumes, as a driver asks for it that knows both sides."""
    volumes = tuple(_two_sided(stage, stage.make()) for _ in range(2))
    if direction is Direction.BACK:
        volumes = tuple(volume.turned for volume in volumes)
    (device,) = (each for each in stage.engine.settings.replication_devices if each.mode == stage.mode.name)
    command = MoveToOtherArray(device=device, primary_array_id=ARRAY, direction=direction, volumes=volumes)
    return lambda stage: stage.engine.execute(command)


def _two_sided(stage: ReplicatedStage, target: VolumeTarget) -> TwoSidedVolume:
    stage.write(target, f"data of {target.identifiers[0]}")
    other = DeviceId(stage.other(target).volume_id)
    return TwoSidedVolume(used=target, other=VolumeTarget(array_id=REMOTE, device_id=other))


def over(stage: Stage) -> Operation:
    """Fail over, as a host does."""
    return _move(replicated(stage), Direction.OVER)


def over_alone(stage: Stage) -> Operation:
    """Likewise while the arrays cannot talk to each other."""
    operation = over(stage)
    stage.simulator.srdf.cut_link(ARRAY, REMOTE)
    return operation


def back(stage: Stage) -> Operation:
    """Fail back, as a host does."""
    operation = _move(replicated(stage), Direction.BACK)
    if replicated(stage).mode.can_fail_over:
        _change(replicated(stage), SessionAction.FAILOVER)(stage)
    return operation


def suspend(stage: Stage) -> Operation:
    """Suspend a storage group by hand."""
    replicated(stage).make()
    return _change(replicated(stage), SessionAction.SUSPEND)


def resume(stage: Stage) -> Operation:
    """Resume it."""
    suspend(stage)(stage)
    return _change(replicated(stage), SessionAction.RESUME)


def _change(stage: ReplicatedStage, action: SessionAction) -> Operation:
    mode = stage.mode
    array = REMOTE if action is SessionAction.FAILOVER else ARRAY
    group = mode.management_group if mode.is_managed else mode.default_group
    command = ChangeSession(array_id=array, label=mode.label, storage_group=group, action=action)
    return lambda stage: stage.engine.execute(command)
