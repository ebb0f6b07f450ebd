"""Snapshots, clones and reverts, in every setting that changes their path."""

from __future__ import annotations

from pmax.domain.capacity import Capacity
from pmax.domain.commands import ExtendVolume, SnapshotTarget, UnmanageVolume
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget
from tests.faults.scenario import Operation, replicated
from tests.stage import GOLD, Stage


def _written(stage: Stage, policy: VolumePolicy = GOLD) -> VolumeTarget:
    volume = stage.create(policy)
    stage.array.write(volume.device_id, "data then")
    return volume


def _snapshot_of(stage: Stage, policy: VolumePolicy = GOLD) -> SnapshotTarget:
    """A snapshot of a volume that has been written to since."""
    volume = _written(stage, policy)
    snapshot = stage.take_snapshot(volume)
    stage.array.write(volume.device_id, "data now")
    return snapshot


def take(stage: Stage) -> Operation:
    """A snapshot."""
    volume = _written(stage)
    return lambda stage: stage.take_snapshot(volume)


def take_another(stage: Stage) -> Operation:
    """A second snapshot of a volume."""
    snapshot = _snapshot_of(stage)
    return lambda stage: stage.take_snapshot(snapshot.volume, "another")


def delete(stage: Stage) -> Operation:
    """A snapshot goes that nobody uses."""
    snapshot = _snapshot_of(stage)
    return lambda stage: stage.delete_snapshot(snapshot)


def delete_used(stage: Stage) -> Operation:
    """A snapshot goes out of which a volume was made."""
    snapshot = _snapshot_of(stage)
    stage.copy_of(snapshot)
    return lambda stage: stage.delete_snapshot(snapshot)


def copy(stage: Stage) -> Operation:
    """A volume out of a snapshot."""
    snapshot = _snapshot_of(stage)

    def operation(stage: Stage) -> object:
        stage.forget_number()
        return stage.copy_of(snapshot)

    return operation


def clone(stage: Stage, *, is_attached: bool = False) -> Operation:
    """A volume out of another."""
    volume = _written(stage)
    if is_attached:
        stage.attach(volume, "host-a")

    def operation(stage: Stage) -> object:
        stage.forget_number()
        return stage.clone(volume)

    return operation


def revert(stage: Stage) -> Operation:
    """A volume gets the data of its snapshot back."""
    snapshot = _snapshot_of(stage)
    return lambda stage: stage.revert(snapshot)


def _cloned(stage: Stage) -> tuple[VolumeTarget, VolumeTarget]:
    """A volume and its clone, which still presents a snapshot of it."""
    source = _written(stage)
    return source, stage.clone(source)


def delete_clone(stage: Stage) -> Operation:
    """A clone goes that is linked to its source."""
    _, copy = _cloned(stage)
    return lambda stage: stage.delete(copy)


def delete_source(stage: Stage) -> Operation:
    """The source of a clone goes."""
    source, _ = _cloned(stage)
    return lambda stage: stage.delete(source)


def extend_clone(stage: Stage) -> Operation:
    """A clone grows."""
    _, copy = _cloned(stage)
    return lambda stage: stage.engine.execute(ExtendVolume(target=copy, capacity=Capacity.from_gib(3)))


def unmanage_clone(stage: Stage) -> Operation:
    """A clone is given up."""
    source, copy = _cloned(stage)
    target = VolumeTarget(array_id=copy.array_id, device_id=copy.device_id, identifiers=(*copy.identifiers, "payroll"))
    del source
    return lambda stage: stage.engine.execute(UnmanageVolume(target=target, identifier="payroll"))


def clone_replicated(stage: Stage, others: int = 0) -> Operation:
    """A replicated volume out of another one; `others` are in the RDF group already."""
    policy = replicated(stage).policy
    for _ in range(others):
        stage.create(policy)
    source = _written(stage)

    def operation(stage: Stage) -> object:
        stage.forget_number()
        return stage.clone(source, policy)

    return operation


def copy_replicated(stage: Stage) -> Operation:
    """A replicated volume out of a snapshot of a replicated one."""
    policy = replicated(stage).policy
    snapshot = _snapshot_of(stage, policy)

    def operation(stage: Stage) -> object:
        stage.forget_number()
        return stage.copy_of(snapshot, policy)

    return operation


def revert_replicated(stage: Stage) -> Operation:
    """A replicated volume gets the data of its snapshot back."""
    policy = replicated(stage).policy
    snapshot = _snapshot_of(stage, policy)
    stage.create(policy)
    return lambda stage: stage.revert(snapshot)
