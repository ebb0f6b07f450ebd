"""Moving replicated volumes from one array to the other, and back."""

from __future__ import annotations

from enum import Enum

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.identifiers import ArrayId
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.volumes import VolumeTarget


class Direction(Enum):
    """Where volumes go."""

    OVER = "fail over"
    BACK = "fail back"


@attrs.frozen(kw_only=True)
class TwoSidedVolume:
    """A replicated volume.

    Attributes:
        used: the side that hosts use.
        other: the side on the other array.
    """

    used: VolumeTarget
    other: VolumeTarget

    @property
    def turned(self) -> TwoSidedVolume:
        """The same volume, used on the other array."""
        return TwoSidedVolume(used=self.other, other=self.used)


@attrs.frozen(kw_only=True)
class VolumesMoved:
    """Result of `MoveToOtherArray`.

    Attributes:
        moved: volumes with the side that hosts use from now on.
        not_paired: volumes of which the other array has no pair in the RDF group; nothing was done to them.
    """

    moved: tuple[TwoSidedVolume, ...]
    not_paired: tuple[TwoSidedVolume, ...] = ()


@attrs.frozen(kw_only=True)
class MoveToOtherArray(Command[VolumesMoved]):
    """Fail the volumes of one RDF group over, or back.

    In a mode whose volumes change state only together, all volumes of the RDF group go.

    Attributes:
        device: how they are replicated.
        primary_array_id: serial of the array that the operator configured; over means away from it.
        direction: which way.
        volumes: as they are now.
    """

    device: ReplicationDevice
    primary_array_id: ArrayId
    direction: Direction
    volumes: tuple[TwoSidedVolume, ...]
