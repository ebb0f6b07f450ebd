"""What a protocol plugin must decide: everything in which FC, iSCSI and others differ."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

import attrs

from pmax.domain.arrays import Array
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import Connection, Connector, DirectorPort
from pmax.domain.settings import Chap
from pmax.domain.versions import UnisphereVersion
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class AttachedSide:
    """One array's part of an attachment; a volume on two arrays (Metro) has two sides.

    Attributes:
        array_id: serial of the array.
        volume: the device.
        lun: logical unit number in the view.
        ports: ports of the view's port group that are online, in the group's order.
        connections: paths as the array reports them.
    """

    array_id: ArrayId
    volume: Volume
    lun: int
    ports: tuple[DirectorPort, ...]
    connections: tuple[Connection, ...] = ()


@attrs.frozen(kw_only=True)
class ConnectionFacts:
    """All that a protocol needs to tell a host how to connect.

    Attributes:
        connector: what the host said.
        sides: the local array first.
        volume_key: the caller's own id of the volume (Cinder's volume id), or the device id.
        chap: credentials to hand out; None when CHAP is off.
    """

    connector: Connector
    sides: tuple[AttachedSide, ...]
    volume_key: str
    chap: Chap | None = None


@attrs.frozen(kw_only=True)
class DisconnectionFacts:
    """All that a protocol needs to tell a caller after a detach.

    Attributes:
        connector: what the host said; None when the volume was taken from every host.
        initiators: members of the initiator group that no longer sees the ports.
        ports: ports of the views that are gone; empty while the host still has a view on them.
    """

    connector: Connector | None
    initiators: tuple[str, ...]
    ports: tuple[DirectorPort, ...]


class HostProtocol(Protocol):
    """How hosts reach volumes. One object for each protocol, registered with `pmax_register_protocols`.

    Attributes:
        name: unique, lower case: what `--protocol` takes.
        label: what statistics call it (`storage_protocol`).
        letter: its part in the names of masking views, parent groups and initiator groups.
        needs_multipath_for_two_arrays: whether a host must use multipath to reach a volume that is on two arrays.
    """

    name: str
    label: str
    letter: str
    needs_multipath_for_two_arrays: bool

    @abstractmethod
    def check_array(self, array: Array, version: UnisphereVersion) -> None:
        """Refuse an array that cannot speak the protocol; called when a backend starts, and before an attach.

        Raises:
            InvalidRequest: says what is missing, and what would do.
        """

    @abstractmethod
    def initiators(self, connector: Connector) -> frozenset[str]:
        """Names of the initiators for the initiator group.

        Raises:
            InvalidRequest: the connector lacks what this protocol needs; names the key.
        """

    @abstractmethod
    def login_names(self, connector: Connector) -> tuple[str, ...]:
        """Names under which the login table knows the initiators."""

    @abstractmethod
    def serves(self, port: DirectorPort) -> bool:
        """Whether hosts can reach this port over the protocol (it has the identifiers and addresses it needs)."""

    @abstractmethod
    def connection_info(self, facts: ConnectionFacts) -> Mapping[str, object]:
        """What the host is told: `driver_volume_type` and `data`, with the keys that os-brick reads."""

    @abstractmethod
    def disconnection_info(self, facts: DisconnectionFacts) -> Mapping[str, object] | None:
        """What the caller is told after a detach (zoning data); None when there is nothing to tell."""
