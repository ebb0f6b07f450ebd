"""Built-in plugin: SRDF/S, where a write is acknowledged when both arrays have it."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain.replication_modes import ReplicationMode, where_both_expand
from pmax.domain.srdf import PairState
from pmax.plugins.hookspecs import hookimpl

SYNCHRONOUS = ReplicationMode(
    name="Synchronous",
    aliases=frozenset({"", "sync"}),
    sent_mode="Synchronous",
    suffix="-RE",
    steady_states=frozenset({PairState.SYNCHRONIZED}),
    supports_volume_groups=True,
    can_extend_online=where_both_expand,
)


@hookimpl
def pmax_register_replication_modes() -> Sequence[ReplicationMode]:
    """Give Synchronous."""
    return (SYNCHRONOUS,)
