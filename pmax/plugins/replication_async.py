"""Built-in plugin: SRDF/A, where all volumes of an RDF group reach the other array together, in cycles."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain.replication_modes import ReplicationMode, where_both_expand
from pmax.domain.srdf import PairState
from pmax.plugins.hookspecs import hookimpl

ASYNCHRONOUS = ReplicationMode(
    name="Asynchronous",
    aliases=frozenset({"async"}),
    sent_mode="Asynchronous",
    suffix="-RA",
    needs_management_group=True,
    steady_states=frozenset({PairState.CONSISTENT}),
    exempts_new_pairs=True,
    exempts_suspended=True,
    takes_snapshot_sources=False,
    can_extend_online=where_both_expand,
)


@hookimpl
def pmax_register_replication_modes() -> Sequence[ReplicationMode]:
    """Give Asynchronous."""
    return (ASYNCHRONOUS,)
