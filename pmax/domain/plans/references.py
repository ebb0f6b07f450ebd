"""How a step points at a volume or an RDF group, and what every step's outcome is."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import Connection
from pmax.domain.snapvx import SnapshotKey
from pmax.domain.srdf import RdfLink


@attrs.frozen
class NewVolume:
    """Stands for the device that an earlier `CreateVolume` of the same plan makes.

    Attributes:
        identifier: the identifier given in that step.
        is_remote: its other side is meant, on the remote array.
    """

    identifier: str
    is_remote: bool = False

    @property
    def key(self) -> tuple[str, bool]:
        """Under what it is remembered once it is made."""
        return self.identifier, self.is_remote

    def __str__(self) -> str:
        return f"the {'other side of the ' if self.is_remote else ''}new volume {self.identifier}"


VolumeReference: TypeAlias = DeviceId | NewVolume


@attrs.frozen(kw_only=True)
class RdfStep:
    """What all steps have that point at an RDF group from the array where they are asked for.

    Attributes:
        link: the RDF group, from that array.
    """

    link: RdfLink

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array from which the link is looked at; of a pair it is that of R1."""
        return self.link.array_id


@attrs.frozen(kw_only=True)
class StepOutcome:
    """What became of a step.

    Attributes:
        changed: False when the wanted state was there already; such a step is never undone.
        is_settled: False when an await step does not see yet what it waits for; the executor looks again.
        device_id: the device that a `CreateVolume` made.
        remote_device_id: the other side of a new pair, on the remote array.
        emptied: storage groups that the array reported as empty after the step; those of a remote array as
            `emptied_on` names them.
        connections: the paths that an `AwaitLunAddress` saw.
        snapshot: the one that an await saw, or that a step took, once that is known.
    """

    changed: bool
    is_settled: bool = True
    device_id: DeviceId | None = None
    remote_device_id: DeviceId | None = None
    emptied: frozenset[str] = frozenset()
    connections: tuple[Connection, ...] = ()
    snapshot: SnapshotKey | None = None


def emptied_on(array_id: ArrayId, storage_group: str) -> str:
    """What tells a group that was emptied from one of the same name on another array; it may be told already.

    No name of a storage group holds a blank.
    """
    return storage_group if " on " in storage_group else f"{storage_group} on {array_id}"


def gib_text(capacity: Capacity) -> str:
    """A size for people: the part of a cylinder by which the array rounds up is left out."""
    return f"{round(capacity.gib, 2):g}"


#: Devices that a sentence names one by one; of more it gives the number and the ends.
_NAMED_DEVICES = 8


def devices_text(devices: tuple[VolumeReference, ...]) -> str:
    """Volumes in a sentence, of which a line of a log still can hold the longest."""
    if len(devices) == 1:
        return f"volume {devices[0]}"
    if len(devices) <= _NAMED_DEVICES:
        return f"volumes {', '.join(map(str, devices))}"
    return f"{len(devices)} volumes ({devices[0]} … {devices[-1]})"
