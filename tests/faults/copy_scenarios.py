"""Snapshots, clones and reverts, in every setting that changes their path."""

from __future__ import annotations

from collections.abc import Callable

from pmax.domain.commands import SnapshotTarget
from pmax.domain.volumes import VolumeTarget
from tests.stage import Stage

Operation = Callable[[Stage], object]


def _written(stage: Stage) -> VolumeTarget:
    volume = stage.create()
    stage.array.write(volume.device_id, "data then")
    return volume


def _snapshot_of(stage: Stage) -> SnapshotTarget:
    """A snapshot of a volume that has been written to since."""
    volume = _written(stage)
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
