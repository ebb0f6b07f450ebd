"""Taking debris away: what holds nothing and serves nobody."""

from __future__ import annotations

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.identifiers import ArrayId


@attrs.frozen(kw_only=True)
class Repair:
    """Result of a repair.

    Attributes:
        kind: of the object.
        name: of the object.
        was_needed: False when the array was in order already.
    """

    kind: str
    name: str
    was_needed: bool


@attrs.frozen(kw_only=True)
class RemoveEmptyStorageGroup(Command[Repair]):
    """Delete a storage group that holds neither volumes nor groups, and that no view shows.

    Attributes:
        name: of a group that pmax or Cinder made.
    """

    array_id: ArrayId
    name: str


@attrs.frozen(kw_only=True)
class RemoveEmptyMaskingView(Command[Repair]):
    """Delete a masking view whose storage group holds no volume; the group stays.

    Attributes:
        name: of a view that pmax or Cinder made.
    """

    array_id: ArrayId
    name: str


@attrs.frozen(kw_only=True)
class RemoveUnusedInitiatorGroup(Command[Repair]):
    """Delete an initiator group that no view and no host group uses.

    Attributes:
        name: of a group that pmax or Cinder made.
    """

    array_id: ArrayId
    name: str


@attrs.frozen(kw_only=True)
class ClearHostIoLimits(Command[Repair]):
    """Take the host I/O limits from a default storage group.

    Attributes:
        name: of a storage group in which volumes wait that no host sees.
    """

    array_id: ArrayId
    name: str
