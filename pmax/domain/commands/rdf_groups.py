"""What administrators do to RDF groups by hand."""

from __future__ import annotations

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.identifiers import ArrayId
from pmax.domain.srdf import PairState, SessionAction


@attrs.frozen(kw_only=True)
class SessionChange:
    """Result of `ChangeSession`.

    Attributes:
        storage_group: whose pairs.
        rdf_group: number of their RDF group on the array that was asked.
        before: the states in which pairs were.
        was_needed: False when they were there already.
    """

    storage_group: str
    rdf_group: int
    before: frozenset[PairState]
    was_needed: bool


@attrs.frozen(kw_only=True)
class ChangeSession(Command[SessionChange]):
    """Suspend, resume, fail over or fail back the pairs of a storage group.

    Attributes:
        array_id: the array that is asked.
        label: of the RDF group.
        storage_group: whose pairs; "" for the group that holds all pairs of the RDF group.
        action: what shall be done. To resume, the mode decides how.
    """

    array_id: ArrayId
    label: str
    storage_group: str
    action: SessionAction


@attrs.frozen(kw_only=True)
class RdfGroupRepair:
    """Result of `RepairRdfGroup`.

    Attributes:
        mended: what was wrong and is no more, in words.
        left: what needs a person, in words.
    """

    mended: tuple[str, ...]
    left: tuple[str, ...]


@attrs.frozen(kw_only=True)
class RepairRdfGroup(Command[RdfGroupRepair]):
    """Mend what can be mended by itself in an RDF group: membership of its management groups, a suspended session.

    Attributes:
        array_id: the array from which one looks.
        label: of the RDF group.
    """

    array_id: ArrayId
    label: str
