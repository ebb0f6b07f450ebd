"""Arrays and what they offer."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pmax.domain.arrays import Array, Feature
from pmax.domain.identifiers import ArrayId
from pmax.domain.srps import StorageResourcePool
from pmax.domain.versions import UnisphereVersion


class ArrayReader(Protocol):
    """Reads arrays, their service levels and their pools. What hardly ever changes is read once a day."""

    @abstractmethod
    def unisphere_version(self) -> UnisphereVersion:
        """Version of the Unisphere server in use."""

    @abstractmethod
    def list_arrays(self) -> tuple[ArrayId, ...]:
        """Serials of all arrays that Unisphere manages."""

    @abstractmethod
    def get_array(self, array_id: ArrayId) -> Array:
        """Model and microcode.

        Raises:
            NotFound: Unisphere does not know the array.
        """

    @abstractmethod
    def list_features(self, array_id: ArrayId) -> frozenset[Feature]:
        """What the array is licensed for.

        Raises:
            NotFound: Unisphere does not reach the array.
        """

    @abstractmethod
    def list_service_levels(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of the service levels that the array offers, as it spells them."""

    @abstractmethod
    def list_workloads(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of the workloads; empty on arrays without workloads."""

    @abstractmethod
    def list_srps(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of the storage resource pools."""

    @abstractmethod
    def get_srp(self, array_id: ArrayId, name: str) -> StorageResourcePool:
        """A pool's figures at this moment; never cached.

        Raises:
            NotFound: no pool of this name.
        """
