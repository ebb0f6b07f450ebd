"""What is special about NVMe/TCP, and the hook that registers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest
from pmax.domain.masking import Connector, DirectorPort
from pmax.domain.versions import UnisphereVersion
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.protocols import ConnectionFacts, DisconnectionFacts, HostProtocol

#: Where NVMe/TCP controllers listen when the array does not say otherwise.
_NVME_TCP_PORT = 4420
_MODELS = ("powermax_2500", "powermax_8500")
_FIRST_UNISPHERE = UnisphereVersion.parse("V10.0.0.0")


class NvmeTcpProtocol(HostProtocol):
    """Hosts are known by their NQN and host id; they reach the IP addresses of the ports, and find volumes by NGUID."""

    name = "nvme-tcp"
    label = "NVMe-TCP"
    letter = "NT"
    needs_multipath_for_two_arrays = False

    def check_array(self, array: Array, version: UnisphereVersion) -> None:
        """Only the newest models, through Unisphere 10."""
        if array.model.lower() not in _MODELS:
            raise InvalidRequest("array", array.array_id, f"NVMe/TCP needs a PowerMax 2500 or 8500, not {array.model}")
        if version < _FIRST_UNISPHERE:
            raise InvalidRequest("Unisphere", str(version), "NVMe/TCP needs Unisphere 10.0 or later")

    def initiators(self, connector: Connector) -> frozenset[str]:
        """NQN and host id, joined as the array writes them."""
        nqn, host_id = self._identity(connector)
        return frozenset({f"{nqn}:{host_id}"})

    def login_names(self, connector: Connector) -> tuple[str, ...]:
        """The login table is searched by both parts."""
        return self._identity(connector)

    def serves(self, port: DirectorPort) -> bool:
        """Whether it has an NQN and an address."""
        return port.identifier.startswith("nqn.") and bool(port.ip_addresses)

    def connection_info(self, facts: ConnectionFacts) -> Mapping[str, object]:
        """Portals of every side; a volume on two arrays has the same NGUID on both."""
        portals = [
            (address, port.tcp_port or _NVME_TCP_PORT, "tcp")
            for side in facts.sides
            for port in side.ports
            for address in port.ip_addresses
        ]
        local = facts.sides[0]
        data = {
            "target_nqn": local.ports[0].identifier,
            "portals": portals,
            "volume_nguid": local.volume.nguid,
            "discard": True,
        }
        return {"driver_volume_type": "nvmeof", "data": data}

    def disconnection_info(self, facts: DisconnectionFacts) -> Mapping[str, object] | None:
        """Nobody needs to be told anything."""
        return None

    def _identity(self, connector: Connector) -> tuple[str, str]:
        nqn, host_id = connector.properties.get("nqn"), connector.properties.get("nvme_hostid")
        if not isinstance(nqn, str) or not nqn:
            raise InvalidRequest("connector", connector.host, "an NVMe host must give its NQN as `nqn`")
        if not isinstance(host_id, str) or not host_id:
            raise InvalidRequest("connector", connector.host, "an NVMe host must give its host id as `nvme_hostid`")
        return nqn, host_id.replace("-", "").upper()


@hookimpl
def pmax_register_protocols() -> Sequence[HostProtocol]:
    """Give NVMe/TCP."""
    return (NvmeTcpProtocol(),)
