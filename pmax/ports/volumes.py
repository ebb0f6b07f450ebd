"""Volumes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Protocol

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.inventory import VolumeInFull
from pmax.domain.volumes import Volume


class VolumeReader(Protocol):
    """Reads volumes."""

    @abstractmethod
    def find_volume(self, array_id: ArrayId, device_id: DeviceId) -> Volume | None:
        """The volume, or None when the array says that there is no such device."""

    @abstractmethod
    def find_devices_by_identifier(self, array_id: ArrayId, identifier: str) -> tuple[DeviceId, ...]:
        """Devices that carry exactly this identifier; several are possible, since the array does not keep it unique."""

    @abstractmethod
    def list_devices(
        self, array_id: ArrayId, *, storage_group: str | None = None, identifier_contains: str | None = None
    ) -> Iterator[DeviceId]:
        """Device ids, page by page as they are consumed.

        Args:
            array_id: serial of the array.
            storage_group: only its members (a parent gives those of its children).
            identifier_contains: only those whose identifier contains this text.

        Raises:
            NotFound: there is no such storage group.
        """

    @abstractmethod
    def list_volumes(self, array_id: ArrayId) -> Iterator[Volume]:
        """Every volume of the array in full, page by page as they are consumed: pages + 1 calls."""

    @abstractmethod
    def list_volumes_in_full(self, array_id: ArrayId) -> Iterator[VolumeInFull]:
        """The same with everything that decides whether a volume may be taken over, for the same number of calls."""

    @abstractmethod
    def find_volume_in_full(self, array_id: ArrayId, device_id: DeviceId) -> VolumeInFull | None:
        """One volume with all of that, or None when the array says that there is no such device."""
