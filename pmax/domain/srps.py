"""Storage resource pools: how much an array has, has used and has promised."""

from __future__ import annotations

import attrs

from pmax.domain.identifiers import ArrayId


@attrs.frozen(kw_only=True)
class StorageResourcePool:
    """A storage resource pool at one moment.

    Attributes:
        array_id: serial of the array.
        name: unique on the array.
        total_gib: usable capacity.
        used_gib: what is taken of it.
        subscribed_gib: what volumes were promised, which may be more than there is.
        reserved_percent: what the array keeps for itself.
    """

    array_id: ArrayId
    name: str
    total_gib: float
    used_gib: float
    subscribed_gib: float
    reserved_percent: int

    @property
    def free_gib(self) -> float:
        """What is left, never below zero."""
        return max(0.0, self.total_gib - self.used_gib)

    @property
    def reserved_gib(self) -> float:
        """What the array keeps for itself."""
        return self.total_gib * self.reserved_percent / 100

    @property
    def available_gib(self) -> float:
        """What is left for volumes, never below zero."""
        return max(0.0, self.free_gib - self.reserved_gib)

    @property
    def used_percent(self) -> float:
        """What is taken, of what there is."""
        return 100 * self.used_gib / self.total_gib if self.total_gib else 0.0

    @property
    def subscribed_percent(self) -> float:
        """What was promised, of what there is; more than 100 when more was promised than there is."""
        return 100 * self.subscribed_gib / self.total_gib if self.total_gib else 0.0
