"""What generic volume groups that are replicated as one are told: go on, stop, fail over, come back."""

from __future__ import annotations

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.srdf import SessionAction
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class GroupReplicationChange:
    """Result of `ChangeGroupReplication`.

    Attributes:
        was_needed: False when all pairs were where the action leads already.
    """

    target: VolumeGroupTarget
    action: SessionAction
    was_needed: bool


@attrs.frozen(kw_only=True)
class ChangeGroupReplication(Command[GroupReplicationChange]):
    """Do something to the pairs of all volumes of a group, to all of them or to none.

    Attributes:
        target: the group, on the array that is asked. That is the one which holds R2 for a failover and the way back,
            so that they work while the other array is away.
        action: what to do.
        members: the volumes of the group on that array.
    """

    target: VolumeGroupTarget
    action: SessionAction
    members: tuple[VolumeTarget, ...]
