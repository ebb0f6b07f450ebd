"""How a host reaches a volume: initiator → host → view → ports → groups → volume with its LUN."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from pmax.adapters.cli.host_views import logged_in_ports, ports_of
from pmax.adapters.cli.surveyor import Surveyor
from pmax.adapters.cli.topology import Node, Topology, owner_of, pair_node
from pmax.domain.errors import NotFound
from pmax.domain.masking import MaskingView, PortKey
from pmax.domain.volumes import Volume


@attrs.frozen
class Routes:
    """Builds the tree of paths from one host to one volume.

    The calls grow with the views of the volume and the ports of these, not with the volumes behind them.

    Attributes:
        surveyor: reads what is needed.
        volume: where the paths end.
    """

    surveyor: Surveyor
    volume: Volume

    def from_host(self, host: str, initiator_groups: Sequence[str]) -> Node:
        """All paths from a host.

        Args:
            host: as the user calls it.
            initiator_groups: of the host; or the name of a host group.

        Returns:
            A node of kind `path`; below it the initiators, each with the views that show it the volume, and the other
            side of a replicated volume.

        Raises:
            NotFound: the host does not see the volume.
        """
        seen: dict[str, list[MaskingView]] = {}
        for view in self.surveyor.views_of(self.volume):
            for initiator in sorted(self._initiators(view, initiator_groups)):
                seen.setdefault(initiator, []).append(view)
        if not seen:
            raise NotFound("path", f"from host {host} to volume {self.volume.device_id}")
        facts = {
            "host": host,
            "volume": self.volume.device_id,
            "identifier": self.volume.identifier,
            "size_gib": self.volume.capacity.gigabytes_shown,
        }
        initiators = [self._initiator(name, views) for name, views in seen.items()]
        children = (*initiators, *map(pair_node, self.surveyor.pairs(self.volume)))
        return Node(kind="path", name=f"{host} to {self.volume.device_id}", facts=facts, children=children)

    def _initiators(self, view: MaskingView, initiator_groups: Sequence[str]) -> frozenset[str]:
        """Those of the host to which a view shows its volumes, directly or through a host group."""
        if view.initiator_group is not None:
            host = self.surveyor.host(view.initiator_group) if view.initiator_group in initiator_groups else None
            return host.initiators if host else frozenset()
        paths = self.surveyor.connections(view.name, self.volume.device_id).get(self.volume.device_id, ())
        present = frozenset(path.initiator for path in paths)
        if view.host_group in initiator_groups:
            return present
        hosts = filter(None, map(self.surveyor.host, initiator_groups))
        return present & {name for host in hosts for name in host.initiators}

    def _initiator(self, name: str, views: Sequence[MaskingView]) -> Node:
        ports = {port for view in views for port in ports_of(self.surveyor, view.port_group)}
        is_logged_in = bool(logged_in_ports(self.surveyor, name, ports))
        children = tuple(self._host(name, view) for view in views)
        return Node(kind="initiator", name=name, facts={"is_logged_in": is_logged_in}, children=children)

    def _host(self, initiator: str, view: MaskingView) -> Node:
        topology = Topology(self.surveyor)
        group = topology.group(self.surveyor.group(view.storage_group), view.name, self.volume)
        shown = Node(
            kind="masking view",
            name=view.name,
            facts={"port_group": view.port_group},
            children=(*self._ports(initiator, view), group),
        )
        facts = {"is_host_group": view.host_group is not None}
        return Node(kind="host", name=owner_of(view), facts=facts, children=(shown,))

    def _ports(self, initiator: str, view: MaskingView) -> Iterator[Node]:
        """The ports of a view as one initiator sees them; without LUN where the array has made no path."""
        device = self.volume.device_id
        paths = self.surveyor.connections(view.name, device).get(device, ())
        luns: dict[PortKey, int] = {path.port: path.lun for path in paths if path.initiator == initiator}
        keys = ports_of(self.surveyor, view.port_group)
        logged_in = logged_in_ports(self.surveyor, initiator, keys)
        for key in keys:
            port = self.surveyor.port(key)
            facts = {
                "identifier": port.identifier if port else None,
                "is_online": port.is_online if port else None,
                "is_logged_in": key in logged_in,
                "lun": luns.get(key),
            }
            yield Node(kind="port", name=str(key), facts=facts)
