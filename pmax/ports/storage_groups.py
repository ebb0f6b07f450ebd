"""Storage groups."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pmax.domain.identifiers import ArrayId
from pmax.domain.storage_groups import StorageGroup


class StorageGroupReader(Protocol):
    """Reads storage groups."""

    @abstractmethod
    def find_storage_group(self, array_id: ArrayId, name: str) -> StorageGroup | None:
        """The group, or None when the array says that there is none of this name."""

    @abstractmethod
    def list_storage_groups(self, array_id: ArrayId, *, name_contains: str | None = None) -> tuple[str, ...]:
        """Names of all groups, or of those whose name contains this text."""
