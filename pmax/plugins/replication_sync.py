"""Built-in plugin: SRDF/S, where a write is acknowledged when both arrays have it."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain.arrays import Array
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.srdf import PairState
from pmax.plugins.hookspecs import hookimpl


def _can_extend_online(local: Array, remote: Array) -> bool:
    return local.can_expand_replicated and remote.can_expand_replicated


SYNCHRONOUS = ReplicationMode(
    name="Synchronous",
    aliases=frozenset({"", "sync"}),
    sent_mode="Synchronous",
    suffix="-RE",
    steady_states=frozenset({PairState.SYNCHRONIZED}),
    supports_volume_groups=True,
    can_extend_online=_can_extend_online,
)


@hookimpl
def pmax_register_replication_modes() -> Sequence[ReplicationMode]:
    """Give Synchronous."""
    return (SYNCHRONOUS,)
