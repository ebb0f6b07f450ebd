"""The arrays on which hosts reach a volume: its own, and with some replication modes that of its other side too."""

from __future__ import annotations

from typing import TypeVar

import attrs

from pmax.domain.commands import AttachVolume, DetachVolume
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.volumes import VolumeTarget
from pmax.plugins.replication_lookup import ReplicationLookup

CommandT = TypeVar("CommandT", AttachVolume, DetachVolume)


def on_side(replication: ReplicationLookup, command: CommandT, target: VolumeTarget) -> CommandT:
    """The command as it counts for one side of the volume."""
    return attrs.evolve(command, target=target, policy=replication.policy_on(command.policy, target.array_id))


def arrays_of_hosts(replication: ReplicationLookup, command: AttachVolume | DetachVolume) -> tuple[ArrayId, ...]:
    """The arrays on which hosts may reach the volume, as far as its policy tells."""
    own = command.target.array_id
    try:
        found = replication.of_policy(command.policy)
    except InvalidRequest:
        return (own,)
    if found is None or not found.mode.attaches_both_sides:
        return (own,)
    return tuple(dict.fromkeys((own, found.array_id, found.device.target_array_id)))
