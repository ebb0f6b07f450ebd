"""Who sees what, as a tree: host → view → groups → volume with its LUN.

Arranges what the surveyor reads; drawing is the business of `drawing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.arrays import Array
from pmax.domain.errors import NotFound
from pmax.domain.masking import Connection, MaskingView
from pmax.domain.naming import volume_group_of
from pmax.domain.srdf import RdfPair
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class Node:
    """A thing on an array, with what hangs below it.

    Attributes:
        kind: `array`, `host`, `masking view`, `storage group`, `volume`, `pair`.
        name: of the thing.
        facts: what else is known, by name, in the order in which it is shown.
        children: in the order in which they are shown.
    """

    kind: str
    name: str
    facts: Mapping[str, Any] = attrs.field(factory=dict)
    children: tuple[Node, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The tree for programs: `kind`, `name`, the facts, `children`."""
        return {
            "kind": self.kind,
            "name": self.name,
            **self.facts,
            "children": [child.as_data() for child in self.children],
        }


@attrs.frozen
class Topology:
    """Builds trees.

    Attributes:
        surveyor: reads what is needed.
    """

    surveyor: Surveyor

    def array(self, array: Array) -> Node:
        """Everything: hosts with what they see, then groups that no host sees, then volumes in no group."""
        surveyor = self.surveyor
        surveyor.read_all_volumes()
        views = surveyor.all_views()
        names = dict.fromkeys([owner_of(view) for view in views] + sorted(surveyor.all_hosts()))
        hosts = [self.host(name, [view for view in views if owner_of(view) == name]) for name in sorted(names)]
        unseen = [group for group in surveyor.all_groups() if not group.masking_views]
        children = {name for group in unseen for name in group.children}
        groups = [self.group(group) for group in unseen if group.name not in children]
        volumes = [volume_node(volume, ()) for volume in surveyor.ungrouped_volumes()]
        facts = {"model": array.model, "microcode": str(array.microcode)}
        return Node(kind="array", name=array.array_id, facts=facts, children=(*hosts, *groups, *volumes))

    def host(self, name: str, views: Iterable[MaskingView] | None = None, only: Volume | None = None) -> Node:
        """A host, or host group, with its views.

        Args:
            name: of the initiator group or host group.
            views: those of the host, if known already.
            only: leaves out every other volume.

        Raises:
            NotFound: there is neither a host nor a host group of this name.
        """
        host = self.surveyor.host(name)
        shown = self.surveyor.views_of_host(name) if views is None else tuple(views)
        if host is None and not shown:
            raise NotFound("host", name)
        facts: dict[str, Any] = {"is_host_group": True}
        if host is not None:
            facts = {"initiators": sorted(host.initiators), "host_groups": host.host_groups}
        return Node(kind="host", name=name, facts=facts, children=tuple(self.view(view, only) for view in shown))

    def view(self, view: MaskingView, only: Volume | None = None) -> Node:
        """A masking view with its group."""
        port_group = self.surveyor.port_group(view.port_group)
        facts = {
            "port_group": view.port_group,
            "ports": [str(port) for port in port_group.ports] if port_group else [],
        }
        group = self.group(self.surveyor.group(view.storage_group), view.name, only)
        return Node(kind="masking view", name=view.name, facts=facts, children=(group,))

    def group(self, group: StorageGroup, view: str | None = None, only: Volume | None = None) -> Node:
        """A storage group with its child groups or volumes, as a view shows them or as they are."""
        facts: dict[str, Any] = {
            "service_level": group.service_level,
            "workload": group.workload,
            "srp": group.srp,
            "volume_count": group.volume_count,
        }
        group_id = volume_group_of(group.name)
        if group_id is not None:
            facts["volume_group"] = group_id
        children = [self.group(child, view, only) for child in self._children(group, only)]
        if not group.children:
            paths = self.surveyor.connections(view, only.device_id if only else None) if view else {}
            shown = self.surveyor.members(group) if only is None else (only,) * (group.name in only.storage_groups)
            children += [volume_node(volume, paths.get(volume.device_id, ()), view) for volume in shown]
        return Node(kind="storage group", name=group.name, facts=facts, children=tuple(children))

    def group_with_hosts(self, group: StorageGroup) -> Node:
        """A storage group, first with the hosts that see it and then with what is in it."""
        views = [self.surveyor.view(name) for name in group.masking_views]
        hosts = tuple(
            Node(kind="host", name=owner_of(view), facts={"masking_view": view.name, "port_group": view.port_group})
            for view in views
        )
        node = self.group(group)
        return attrs.evolve(node, children=(*hosts, *node.children))

    def volume(self, volume: Volume) -> Node:
        """A volume with every host that sees it, and the groups that no host sees."""
        groups = self.surveyor.groups(volume.storage_groups)
        views = self.surveyor.views_of(volume)
        hosts = [
            self.host(name, [view for view in views if owner_of(view) == name], only=volume)
            for name in dict.fromkeys(map(owner_of, views))
        ]
        unseen = [
            attrs.evolve(self.group(group, only=volume), children=()) for group in groups if not group.masking_views
        ]
        pairs = (pair_node(pair) for pair in self.surveyor.pairs(volume))
        return attrs.evolve(volume_node(volume, ()), children=(*hosts, *unseen, *pairs))

    def _children(self, group: StorageGroup, only: Volume | None) -> tuple[StorageGroup, ...]:
        names = group.children if only is None else tuple(set(group.children) & set(only.storage_groups))
        return self.surveyor.groups(sorted(names))


def owner_of(view: MaskingView) -> str:
    """The initiator group, or host group, that a view is for."""
    return view.initiator_group or view.host_group or "-"


def pair_node(pair: RdfPair) -> Node:
    """The other side of a volume, with what the pair is doing."""
    facts = {
        "remote_array_id": pair.remote_array_id,
        "remote_device_id": pair.remote_device_id,
        "role": "R1" if pair.is_r1 else "R2",
        "mode": pair.mode,
        "state": str(pair.state),
        "rdf_group": pair.rdf_group,
    }
    return Node(kind="pair", name=f"{pair.remote_device_id} of {pair.remote_array_id}", facts=facts)


def volume_node(volume: Volume, paths: tuple[Connection, ...], view: str | None = None) -> Node:
    """A volume, with its LUN and paths if a view shows it."""
    facts: dict[str, Any] = {"identifier": volume.identifier, "size_gib": volume.capacity.gigabytes_shown}
    if view is not None:
        facts["lun"] = paths[0].lun if paths else None
        facts["paths"] = [{"initiator": path.initiator, "port": str(path.port)} for path in paths]
    return Node(kind="volume", name=volume.device_id, facts=facts)
