"""Built-in plugin: SRDF/A, where all volumes of an RDF group reach the other array together, in cycles."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain.arrays import Array
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.srdf import PairState
from pmax.plugins.hookspecs import hookimpl


def _can_extend_online(local: Array, remote: Array) -> bool:
    return local.can_expand_replicated and remote.can_expand_replicated


ASYNCHRONOUS = ReplicationMode(
    name="Asynchronous",
    aliases=frozenset({"async"}),
    sent_mode="Asynchronous",
    suffix="-RA",
    needs_management_group=True,
    is_consistency_bound=True,
    steady_states=frozenset({PairState.CONSISTENT}),
    exempts_new_pairs=True,
    exempts_suspended=True,
    takes_snapshot_sources=False,
    can_extend_online=_can_extend_online,
)


@hookimpl
def pmax_register_replication_modes() -> Sequence[ReplicationMode]:
    """Give Asynchronous."""
    return (ASYNCHRONOUS,)
