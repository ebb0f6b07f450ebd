"""The Fibre Channel network between hosts and array, as Cinder's zone manager knows it.

Without a zone manager the fabric counts as zoned by hand, and every initiator may reach every target.
Source: driver-attach-replication.md 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from cinder.zonemanager import utils as fczm_utils
from oslo_log import log

LOG = log.getLogger(__name__)


class LookupService(Protocol):
    """Cinder's FC SAN lookup service, as far as it is used here."""

    def get_device_mapping_from_network(
        self, initiator_list: list[str], target_list: list[str]
    ) -> Mapping[str, Mapping[str, Iterable[str]]] | None:
        """For each fabric by name: `initiator_port_wwn_list` and `target_port_wwn_list`, of those that are given."""


class Fabric:
    """Says which initiator reaches which target, and has zones made and removed.

    Args:
        lookup_service: as Cinder makes it; None when Cinder manages no zones.
    """

    def __init__(self, lookup_service: LookupService | None) -> None:
        self._lookup_service = lookup_service

    @classmethod
    def of_cinder(cls) -> Fabric:
        """As Cinder's configuration says (`zoning_mode`)."""
        return cls(fczm_utils.create_lookup_service())

    def narrowed(self, connection_info: Mapping[str, Any]) -> dict[str, Any]:
        """Leave only the paths that exist: an initiator reaches the targets of its own fabric.

        Args:
            connection_info: with `target_wwn` and `initiator_target_map` of all initiators and all targets in `data`,
                or without them when there is nothing to zone.

        Returns:
            A copy, in the order of the array's ports. When the network knows none of the ports, it is unchanged: a
            volume without any path would help nobody.
        """
        data = dict(connection_info["data"])
        full_map: Mapping[str, list[str]] = data.get("initiator_target_map") or {}
        if self._lookup_service is None or not full_map:
            return {**connection_info, "data": data}
        targets = list(data["target_wwn"])
        fabrics = self._lookup_service.get_device_mapping_from_network(list(full_map), targets) or {}
        reached = _reached(fabrics.values(), list(full_map), targets)
        if not any(reached.values()):
            LOG.warning("the fabrics know none of the targets %s: assuming that every host port reaches them", targets)
            return {**connection_info, "data": data}
        data["initiator_target_map"] = {
            initiator: [target for target in targets if target in reached[initiator]]
            for initiator in full_map
            if reached[initiator]
        }
        data["target_wwn"] = [target for target in targets if any(target in found for found in reached.values())]
        return {**connection_info, "data": data}

    def add_zones(self, connection_info: Mapping[str, Any]) -> None:
        """Let the initiators reach the targets; what is zoned already stays."""
        fczm_utils.add_fc_zone(connection_info)

    def remove_zones(self, connection_info: Mapping[str, Any]) -> None:
        """Take the zones away; without a map in `data` there is nothing to take."""
        fczm_utils.remove_fc_zone(connection_info)


def _reached(
    fabrics: Iterable[Mapping[str, Iterable[str]]], initiators: list[str], targets: list[str]
) -> dict[str, set[str]]:
    """For each initiator, the targets that share a fabric with it, spelled as given."""
    spelled = {_bare(target): target for target in targets}
    reached: dict[str, set[str]] = {initiator: set() for initiator in initiators}
    for ports in fabrics:
        members = {_bare(name) for name in ports["initiator_port_wwn_list"]}
        found = {_bare(name) for name in ports["target_port_wwn_list"]}
        for initiator in initiators:
            if _bare(initiator) in members:
                reached[initiator] |= {spelled[name] for name in found if name in spelled}
    return reached


def _bare(wwn: str) -> str:
    return wwn.replace(":", "").lower()
