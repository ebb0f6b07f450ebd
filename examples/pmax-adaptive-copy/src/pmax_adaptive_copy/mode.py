"""In what adaptive copy is another mode than those of pmax, and the hook that registers it."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain.replication_modes import ReplicationMode, where_both_expand
from pmax.domain.srdf import PairState
from pmax.plugins.hookspecs import hookimpl

ADAPTIVE_COPY = ReplicationMode(
    name="AdaptiveCopy",
    aliases=frozenset({"adaptive", "adaptive copy"}),
    # The service is told another name than it shows.
    sent_mode="AdaptiveCopyDisk",
    shown_mode="Adaptive Copy",
    suffix="-RC",
    # While hosts write there is always something to copy; a pair that has nothing left is Synchronized.
    steady_states=frozenset({PairState.SYNCHRONIZED, PairState.SYNC_IN_PROGRESS}),
    # One group of all volumes, so that an administrator can change to another mode with one command.
    needs_management_group=True,
    can_extend_online=where_both_expand,
)


@hookimpl
def pmax_register_replication_modes() -> Sequence[ReplicationMode]:
    """Give adaptive copy."""
    return (ADAPTIVE_COPY,)
