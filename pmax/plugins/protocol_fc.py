"""Built-in plugin: Fibre Channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import wwn
from pmax.domain.masking import Connector, DirectorPort
from pmax.domain.versions import UnisphereVersion
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.protocols import ConnectionFacts, DisconnectionFacts, HostProtocol


class FibreChannelProtocol(HostProtocol):
    """Hosts are known by their WWPNs; every initiator reaches every port of the group unless zoning says otherwise."""

    name = "fc"
    label = "FC"
    letter = "F"
    needs_multipath_for_two_arrays = False

    def check_array(self, array: Array, version: UnisphereVersion) -> None:
        """Every array can."""

    def initiators(self, connector: Connector) -> frozenset[str]:
        """All WWPNs of the host."""
        wwpns = connector.properties.get("wwpns")
        if isinstance(wwpns, str) or not isinstance(wwpns, Sequence) or not wwpns:
            raise InvalidRequest("connector", connector.host, "a Fibre Channel host must give its WWPNs as `wwpns`")
        return frozenset(wwn(str(name)) for name in wwpns)

    def login_names(self, connector: Connector) -> tuple[str, ...]:
        """The login table is searched in lower case."""
        return tuple(sorted(self.initiators(connector)))

    def serves(self, port: DirectorPort) -> bool:
        """Whether it has a WWN."""
        return bool(port.identifier) and not port.identifier.startswith(("iqn.", "nqn."))

    def connection_info(self, facts: ConnectionFacts) -> Mapping[str, object]:
        """All WWNs, and the LUN: one for all of them, or one for each where two arrays differ.

        Source of the keys: driver-attach-replication.md 1.4; with a single `target_lun`, hosts apply it to every WWN.
        """
        targets = [(port.identifier, side.lun) for side in facts.sides for port in side.ports]
        wwns = [identifier for identifier, _ in targets]
        data: dict[str, object] = {
            "target_discovered": True,
            "target_lun": facts.sides[0].lun,
            "target_wwn": wwns,
            "initiator_target_map": _all_to_all(sorted(self.initiators(facts.connector)), wwns),
            "discard": True,
        }
        if len(facts.sides) > 1:
            data["target_wwns"] = wwns
            data["target_luns"] = [lun for _, lun in targets]
        return {"driver_volume_type": "fibre_channel", "data": data}

    def disconnection_info(self, facts: DisconnectionFacts) -> Mapping[str, object] | None:
        """The zones that nobody needs any more; none while the host still has a view on these ports."""
        data: dict[str, object] = {}
        if facts.ports and facts.initiators:
            wwns = [port.identifier for port in facts.ports]
            data = {"target_wwn": wwns, "initiator_target_map": _all_to_all(facts.initiators, wwns)}
        return {"driver_volume_type": "fibre_channel", "data": data}


def _all_to_all(initiators: Sequence[str], targets: Sequence[str]) -> dict[str, list[str]]:
    return {initiator: list(targets) for initiator in initiators}


@hookimpl
def pmax_register_protocols() -> Sequence[HostProtocol]:
    """Give Fibre Channel."""
    return (FibreChannelProtocol(),)
