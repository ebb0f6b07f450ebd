"""Two Fibre Channel fabrics, as drivers of Cinder's zone manager. Cinder loads them by the paths in cinder.conf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from cinder import exception
from cinder.zonemanager import fc_san_lookup_service
from cinder.zonemanager.drivers import fc_zone_driver

from tests.e2e.cinder_driver_backend import WWPNS

#: What is plugged in where: a port of the host and a port of the array in each fabric.
FABRICS = {
    "fabric_a": frozenset({WWPNS[0], "5000097398999000"}),
    "fabric_b": frozenset({WWPNS[1], "5000097398999002"}),
}

CINDER_CONF = f"""\
[fc-zone-manager]
zone_driver = {__name__}.Switches
fc_san_lookup_service = {__name__}.NameServers
fc_fabric_names = {", ".join(FABRICS)}
"""


class Switches(fc_zone_driver.FCZoneDriver):
    """Keeps the zones of both fabrics.

    Attributes:
        zones: (fabric, initiator, target), whoever made the object: Cinder makes a new one for each call.
        are_broken: whether every change fails.
    """

    zones: ClassVar[set[tuple[str, str, str]]] = set()
    are_broken = False

    @classmethod
    def reset(cls) -> None:
        """No zones, and everything works."""
        cls.zones, cls.are_broken = set(), False

    def add_connection(
        self, fabric: str, initiator_target_map: Mapping[str, Iterable[str]], *_names: str | None
    ) -> None:
        """Zone initiators and targets."""
        self._work()
        type(self).zones |= self._zones(fabric, initiator_target_map)

    def delete_connection(
        self, fabric: str, initiator_target_map: Mapping[str, Iterable[str]], *_names: str | None
    ) -> None:
        """Take zones away."""
        self._work()
        type(self).zones -= self._zones(fabric, initiator_target_map)

    def get_san_context(self, target_wwn_list: Iterable[str]) -> dict[str, list[str]]:
        """Which of the targets are in each fabric."""
        targets = [target.replace(":", "").lower() for target in target_wwn_list]
        found = {fabric: [target for target in targets if target in ports] for fabric, ports in FABRICS.items()}
        return {fabric: ports for fabric, ports in found.items() if ports}

    def _work(self) -> None:
        if self.are_broken:
            raise exception.FCZoneDriverException("the switch is on fire")

    @staticmethod
    def _zones(fabric: str, initiator_target_map: Mapping[str, Iterable[str]]) -> set[tuple[str, str, str]]:
        return {
            (fabric, initiator, target) for initiator, targets in initiator_target_map.items() for target in targets
        }


class NameServers(fc_san_lookup_service.FCSanLookupService):
    """Knows what is plugged in where."""

    def get_device_mapping_from_network(
        self, initiator_list: list[str], target_list: list[str]
    ) -> dict[str, dict[str, Any]]:
        """Those of the given ports that are in each fabric."""
        return {
            fabric: {
                "initiator_port_wwn_list": [name for name in initiator_list if name in ports],
                "target_port_wwn_list": [name for name in target_list if name in ports],
            }
            for fabric, ports in FABRICS.items()
        }
