"""How a step points at a volume, and what every step's outcome is."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import DeviceId
from pmax.domain.masking import Connection
from pmax.domain.snapvx import SnapshotKey


@attrs.frozen
class NewVolume:
    """Stands for the device that an earlier `CreateVolume` of the same plan makes.

    Attributes:
        identifier: the identifier given in that step.
    """

    identifier: str

    def __str__(self) -> str:
        return f"the new volume {self.identifier}"


VolumeReference: TypeAlias = DeviceId | NewVolume


@attrs.frozen(kw_only=True)
class StepOutcome:
    """What became of a step.

    Attributes:
        changed: False when the wanted state was there already; such a step is never undone.
        is_settled: False when an await step does not see yet what it waits for; the executor looks again.
        device_id: the device that a `CreateVolume` made.
        emptied: storage groups that the array reported as empty after the step.
        connections: the paths that an `AwaitLunAddress` saw.
        snapshot: the one that an `AwaitSnapshot` saw.
    """

    changed: bool
    is_settled: bool = True
    device_id: DeviceId | None = None
    emptied: frozenset[str] = frozenset()
    connections: tuple[Connection, ...] = ()
    snapshot: SnapshotKey | None = None


def gib_text(capacity: Capacity) -> str:
    """A size for people: the part of a cylinder by which the array rounds up is left out."""
    return f"{round(capacity.gib, 2):g}"
