"""Built-in plugin: SRDF/Metro, where hosts read and write a volume on both arrays."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain.arrays import Array
from pmax.domain.replication_modes import FailoverWay, ReplicationMode
from pmax.domain.srdf import PairState, SessionAction
from pmax.plugins.hookspecs import hookimpl


def _can_extend_online(local: Array, remote: Array) -> bool:
    return local.can_expand_metro and remote.can_expand_metro


METRO = ReplicationMode(
    name="Metro",
    sent_mode="Active",
    suffix="-RM",
    needs_management_group=True,
    steady_states=frozenset({PairState.ACTIVE_ACTIVE, PairState.ACTIVE_BIAS}),
    # What joins an active Metro group exempt follows it by itself: upstream asks for nothing more (7.6).
    establishes_next=False,
    exempts_new_pairs=True,
    suspends_last=True,
    resume_action=SessionAction.ESTABLISH,
    bias_option="metro_use_bias",
    deletion_option="allow_delete_metro",
    attaches_both_sides=True,
    failover=FailoverWay.LOCATION,
    takes_volumes_in_use=False,
    takes_snapshot_sources=False,
    # The manual: Metro volumes that the arrays cannot extend are cloned to larger ones.
    extends_by_new_pair=False,
    can_extend_online=_can_extend_online,
)


@hookimpl
def pmax_register_replication_modes() -> Sequence[ReplicationMode]:
    """Give Metro."""
    return (METRO,)
