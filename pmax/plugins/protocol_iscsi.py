"""Built-in plugin: iSCSI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address

from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest
from pmax.domain.masking import Connector, DirectorPort
from pmax.domain.versions import UnisphereVersion
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.protocols import AttachedSide, ConnectionFacts, DisconnectionFacts, HostProtocol

#: Where iSCSI targets listen when the array does not say otherwise.
_ISCSI_PORT = 3260


class IscsiProtocol(HostProtocol):
    """Hosts are known by their IQN; they reach the IP addresses of the ports and log in to the ports' IQNs."""

    name = "iscsi"
    label = "iSCSI"
    letter = "I"
    needs_multipath_for_two_arrays = True

    def check_array(self, array: Array, version: UnisphereVersion) -> None:
        """Every array can."""

    def initiators(self, connector: Connector) -> frozenset[str]:
        """The host's IQN."""
        initiator = connector.properties.get("initiator")
        if not isinstance(initiator, str) or not initiator:
            raise InvalidRequest("connector", connector.host, "an iSCSI host must give its IQN as `initiator`")
        return frozenset({initiator})

    def login_names(self, connector: Connector) -> tuple[str, ...]:
        """The login table is searched in lower case."""
        return tuple(name.lower() for name in sorted(self.initiators(connector)))

    def serves(self, port: DirectorPort) -> bool:
        """Whether it has an IQN and at least one address."""
        return port.identifier.startswith("iqn.") and bool(port.ip_addresses)

    def connection_info(self, facts: ConnectionFacts) -> Mapping[str, object]:
        """Singular keys always; plural keys for multipath when there is more than one portal.

        Source of the keys: driver-attach-replication.md 1.4.
        """
        portals = [found for side in facts.sides for found in _portals(side)]
        first_portal, first_iqn, first_lun = portals[0]
        data: dict[str, object] = {
            "target_discovered": True,
            "target_iqn": first_iqn,
            "target_portal": first_portal,
            "target_lun": first_lun,
            "volume_id": facts.volume_key,
            "discard": True,
        }
        if facts.connector.is_multipath and len(portals) > 1:
            data["target_portals"] = [portal for portal, _, _ in portals]
            data["target_iqns"] = [iqn for _, iqn, _ in portals]
            data["target_luns"] = [lun for _, _, lun in portals]
        if facts.chap is not None:
            data["auth_method"] = "CHAP"
            data["auth_username"] = facts.chap.username
            data["auth_password"] = facts.chap.password.reveal
        return {"driver_volume_type": "iscsi", "data": data}

    def disconnection_info(self, facts: DisconnectionFacts) -> Mapping[str, object] | None:
        """Nobody needs to be told anything."""
        return None


def _portals(side: AttachedSide) -> list[tuple[str, str, int]]:
    """Portal, IQN and LUN of every address of every port, in the port group's order."""
    return [
        (_portal(address, port.tcp_port or _ISCSI_PORT), port.identifier, side.lun)
        for port in side.ports
        for address in port.ip_addresses
    ]


def _portal(address: str, tcp_port: int) -> str:
    """Address and port; an IPv6 address needs brackets, since hosts split at the last colon."""
    if isinstance(ip_address(address), IPv6Address):
        return f"[{address}]:{tcp_port}"
    return f"{address}:{tcp_port}"


@hookimpl
def pmax_register_protocols() -> Sequence[HostProtocol]:
    """Give iSCSI."""
    return (IscsiProtocol(),)
