"""RDF groups, pairs, and how storage groups are replicated."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.srdf import GroupReplication, RdfGroup, RdfGroupName, RdfPair, RdfSession


class ReplicationReader(Protocol):
    """Reads SRDF, from whichever array one asks."""

    @abstractmethod
    def list_rdf_groups(self, array_id: ArrayId) -> tuple[RdfGroupName, ...]:
        """Numbers and labels of the RDF groups of an array."""

    @abstractmethod
    def find_rdf_group(self, array_id: ArrayId, number: int) -> RdfGroup | None:
        """The RDF group of this number, or None when the array says that there is none."""

    @abstractmethod
    def find_rdf_group_by_label(self, array_id: ArrayId, label: str) -> RdfGroup | None:
        """The first RDF group that carries exactly this label; None if none does.

        Its number is believed for a while, and proven by the label that the group itself shows.
        """

    @abstractmethod
    def list_paired_devices(self, array_id: ArrayId, number: int) -> tuple[DeviceId, ...]:
        """Devices of this array that are paired in the RDF group.

        Raises:
            NotFound: there is no such RDF group.
        """

    @abstractmethod
    def find_pair(self, array_id: ArrayId, number: int, device_id: DeviceId) -> RdfPair | None:
        """The pair of a device in that RDF group, or None when the array says that it has none there."""

    @abstractmethod
    def find_session(self, array_id: ArrayId, storage_group: str, number: int) -> RdfSession | None:
        """What the pairs of a storage group in that RDF group are; None when it has none there, or does not exist."""

    @abstractmethod
    def find_group_replication(self, array_id: ArrayId, storage_group: str) -> GroupReplication | None:
        """How a storage group as a whole is replicated; None when it does not exist."""
