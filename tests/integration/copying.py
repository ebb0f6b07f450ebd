"""What tests of copies have in common: an array that takes its time, and the name of what a copy goes through."""

from __future__ import annotations

from pathlib import Path

from pmax.domain.volumes import VolumeTarget
from pmax.simulator import AfterSeconds, Behaviour, Simulator
from tests.stage import Stage


def temporary(volume: VolumeTarget) -> str:
    """What the temporary snapshot of a volume is called."""
    return f"temp-{volume.device_id}-snapshot_for_clone"


def pace(directory: Path, **paces: AfterSeconds) -> Stage:
    """A stage whose array takes its time."""
    return Stage.build(directory, simulator=Simulator(behaviour=Behaviour(**paces), clock="manual"))
