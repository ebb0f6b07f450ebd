"""What a replication mode decides: every point in which Synchronous, Asynchronous, Metro and others differ.

A mode is a value that a plugin registers (`pmax_register_replication_modes`). Nothing else of pmax asks for a mode by
its name. Source: driver-attach-replication.md 7.15.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import attrs

from pmax.domain.arrays import Array
from pmax.domain.srdf import PairState, SessionAction

#: States, besides the steady ones of a mode, in which pairs may be added, removed and extended.
_ALWAYS_CHANGEABLE = frozenset({PairState.SUSPENDED, PairState.SYNC_IN_PROGRESS})


class FailoverWay(Enum):
    """How volumes of a mode are failed over."""

    SESSION = "the array makes R2 writable"
    LOCATION = "both sides are writable already, so only the location of the volume is swapped"


def never(_local: Array, _remote: Array) -> bool:
    """Whether two arrays can extend pairs online: never."""
    return False


def where_both_expand(local: Array, remote: Array) -> bool:
    """Whether two arrays can extend pairs online: where the code of both expands replicated volumes."""
    return local.can_expand_replicated and remote.can_expand_replicated


@attrs.frozen(kw_only=True)
class ReplicationMode:
    """One way to replicate.

    Attributes:
        name: what the configuration, extra specs, metadata and names of management groups call it.
        aliases: how `mode` of a `replication_device` may be written besides, in lower case; "" for the mode that is
            meant when none is written.
        sent_mode: what the service is sent for it.
        shown_mode: what the service shows for it; None for the same.
        suffix: what it adds to the names of storage groups (`-RE`).
        needs_management_group: whether all volumes of an RDF group are kept in one storage group besides, on both
            arrays.
        steady_states: in which nothing is left to copy.
        changeable_states: in which volumes may be added, removed, extended and retyped.
        establishes_first: whether the first pair of an RDF group is told to replicate at once.
        establishes_next: likewise the others; a mode whose exempt pairs follow the active group by themselves says no.
        exempts_new_pairs: whether a pair joins an RDF group that has pairs without stopping it.
        exempts_suspended: whether a suspension names only its own pairs, and leaves the others at work.
        suspends_last: whether the only pair of an RDF group must be suspended before it can be deleted.
        resume_action: the action that ends a suspension.
        bias_option: key of `replication_device` that says whether R1 has the bias; "" for a mode without bias.
        deletion_option: key of `replication_device` that must be true before a volume may be deleted; "" for none.
        attaches_both_sides: whether a host gets paths to both arrays.
        failover: how volumes are failed over.
        supports_volume_groups: whether generic volume groups may replicate in it.
        takes_volumes_in_use: whether a volume that hosts see may be retyped into it.
        takes_snapshot_sources: whether a volume with linked snapshots may be retyped into or out of it.
        extends_by_new_pair: whether a pair that the arrays cannot extend may end for it, and a new one be made, where
            the operator allows it.
        can_extend_online: whether two arrays can extend a pair while it replicates; local array first.
    """

    name: str
    sent_mode: str
    suffix: str
    steady_states: frozenset[PairState]
    aliases: frozenset[str] = frozenset()
    shown_mode: str | None = None
    needs_management_group: bool = False
    changeable_states: frozenset[PairState] = attrs.field()
    establishes_first: bool = True
    establishes_next: bool = True
    exempts_new_pairs: bool = False
    exempts_suspended: bool = False
    suspends_last: bool = False
    resume_action: SessionAction = SessionAction.RESUME
    bias_option: str = ""
    deletion_option: str = ""
    attaches_both_sides: bool = False
    failover: FailoverWay = FailoverWay.SESSION
    supports_volume_groups: bool = False
    takes_volumes_in_use: bool = True
    takes_snapshot_sources: bool = True
    extends_by_new_pair: bool = True
    can_extend_online: Callable[[Array, Array], bool] = never

    @changeable_states.default
    def _changeable_states(self) -> frozenset[PairState]:
        return self.steady_states | _ALWAYS_CHANGEABLE

    @property
    def expected_mode(self) -> str:
        """What the service shows of pairs in this mode."""
        return self.shown_mode or self.sent_mode

    def is_called(self, written: str) -> bool:
        """Whether `mode` of a `replication_device` means this one."""
        return written.lower() == self.name.lower() or written.lower() in self.aliases
