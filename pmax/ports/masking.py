"""Initiators, initiator groups, ports, port groups, masking views."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import (
    Connection,
    DirectorPort,
    Initiator,
    InitiatorGroup,
    Login,
    MaskingView,
    PortGroup,
    PortKey,
)


class MaskingReader(Protocol):
    """Reads who sees what. Ports and the members of port groups may be up to the configured age old."""

    @abstractmethod
    def find_masking_view(self, array_id: ArrayId, name: str) -> MaskingView | None:
        """The view, or None when the array says that there is none."""

    @abstractmethod
    def list_masking_views(
        self, array_id: ArrayId, *, initiator_group: str | None = None, port_group: str | None = None
    ) -> tuple[str, ...]:
        """Names of the views, of all or of those that use both of what is given."""

    @abstractmethod
    def find_initiator_group(self, array_id: ArrayId, name: str) -> InitiatorGroup | None:
        """The initiator group, or None when the array says that there is none."""

    @abstractmethod
    def list_initiator_groups(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of all initiator groups."""

    @abstractmethod
    def find_initiators(self, array_id: ArrayId, names: tuple[str, ...]) -> tuple[Initiator, ...]:
        """Entries of the login table for these initiators; those that never logged in have none."""

    @abstractmethod
    def list_logins(self, array_id: ArrayId) -> tuple[Login, ...]:
        """The whole login table, an entry for each initiator and port; those that never logged in have none."""

    @abstractmethod
    def find_port_group(self, array_id: ArrayId, name: str) -> PortGroup | None:
        """The port group, or None when the array says that there is none."""

    @abstractmethod
    def list_port_groups(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of all port groups."""

    @abstractmethod
    def get_port(self, array_id: ArrayId, key: PortKey) -> DirectorPort:
        """A front-end port.

        Raises:
            NotFound: the array has no such port.
        """

    @abstractmethod
    def list_connections(
        self, array_id: ArrayId, masking_view: str, device_id: DeviceId | None = None
    ) -> tuple[Connection, ...]:
        """Paths of a view, of one volume or of all; empty until the array has given LUN addresses.

        Raises:
            NotFound: there is no such view.
        """
