"""SnapVX sessions."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.snapvx import ListedSnapshot, SnapshotSessions


class SnapshotReader(Protocol):
    """Reads snapshots, links and restores. Nothing is cached: sessions change by themselves."""

    @abstractmethod
    def find_sessions(self, array_id: ArrayId, device_id: DeviceId) -> SnapshotSessions | None:
        """Everything of SnapVX that a volume takes part in, which may be nothing: one call.

        Returns:
            None when the array says that there is no such device.
        """

    @abstractmethod
    def list_snapshots(self, array_id: ArrayId, name: str | None = None) -> tuple[ListedSnapshot, ...]:
        """Every snapshot on the array, or every one of exactly this name, by source: one call."""
