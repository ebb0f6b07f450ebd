"""Reads how a compute host is known to the array, and through which ports it is to be served."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from pmax.domain.attach import HostObserved
from pmax.domain.commands import AttachVolume
from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import Connector, DirectorPort, InitiatorGroup, PortGroup
from pmax.domain.naming import HostNames
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import Volume
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import Look
from pmax.plugins.protocols import HostProtocol


@attrs.frozen
class HostLookup:
    """Finds initiator groups, port groups and names.

    Attributes:
        context: settings and readers.
    """

    context: PluginContext

    def port_group_names(self, policy: VolumePolicy) -> tuple[str, ...]:
        """The port groups that come into question: the one that the volume's type names, or the configured ones.

        Raises:
            InvalidRequest: there are none.
        """
        names = (policy.port_group,) if policy.port_group else self.context.settings.port_groups
        if not names:
            rule = "name one in powermax_port_groups, or as storagetype:portgroupname in the volume type"
            raise InvalidRequest("port group", None, rule)
        return names

    def known_names(self, host: str, protocol: HostProtocol, policy: VolumePolicy) -> Iterator[tuple[str, HostNames]]:
        """Every port group in question with the names that the host's objects may have under it, newest form first."""
        port_groups = dict.fromkeys((*self.port_group_names(policy), *self.context.settings.port_groups))
        for port_group in port_groups:
            for names in self.context.settings.names.known(host, protocol.letter, port_group):
                yield port_group, names

    def observe(self, command: AttachVolume, protocol: HostProtocol, volume: Volume, look: Look) -> HostObserved:
        """Read the initiator group and choose the port group and the names.

        Raises:
            InvalidRequest: the connector or the port groups are not usable; says why.
            InUse: an initiator belongs to a group that is not this host's.
        """
        connector = command.connector
        wanted = protocol.initiators(connector)
        array_id = volume.array_id
        group = self.find_initiator_group(array_id, connector, protocol, look)
        if group is not None:
            self._check_members(group, wanted)
        port_group_name, names, has_view = self._choose(command, protocol, volume, group)
        port_group = self._port_group(array_id, port_group_name)
        ports = self.usable_ports(port_group, protocol)
        if not ports:
            rule = f"none of its ports is online and serves {protocol.label}"
            raise InvalidRequest("port group", port_group.name, rule)
        return HostObserved(
            names=names,
            wanted_initiators=wanted,
            initiator_group_name=names.initiator_group,
            initiator_group=group,
            port_group=port_group,
            ports=ports,
            has_view=has_view,
        )

    def through(self, host: HostObserved, port_group: str, protocol: HostProtocol) -> HostObserved:
        """The same host, served through another port group: that of a view which it has already."""
        found = self._port_group(host.port_group.array_id, port_group)
        return attrs.evolve(host, port_group=found, ports=self.usable_ports(found, protocol))

    def find_initiator_group(
        self, array_id: ArrayId, connector: Connector, protocol: HostProtocol, look: Look
    ) -> InitiatorGroup | None:
        """The host's initiator group, by its name; else, if the look is thorough, by who its initiators belong to.

        Raises:
            InUse: the initiators are in a group of another name that has other members too: it is not ours to use.
        """
        masking = self.context.readers.masking
        for name in self.context.settings.names.known_initiator_groups(connector.host, protocol.letter):
            group = masking.find_initiator_group(array_id, name)
            if group is not None:
                return group
        if not look.is_thorough:
            return None
        entries = masking.find_initiators(array_id, protocol.login_names(connector))
        owners = sorted({entry.initiator_group for entry in entries if entry.initiator_group is not None})
        if not owners:
            return None
        group = masking.find_initiator_group(array_id, owners[0])
        if len(owners) == 1 and group is not None and group.holds_exactly(protocol.initiators(connector)):
            return group
        initiators = ", ".join(sorted(protocol.initiators(connector)))
        rule = (
            f"initiator group {', '.join(owners)}, which has other members or not all of these; pmax does not change it"
        )
        raise InUse("initiator", initiators, rule)

    def _check_members(self, group: InitiatorGroup, wanted: frozenset[str]) -> None:
        """Refuse a group of other computers, which a host of the same short name would have."""
        members = {name.lower() for name in group.initiators}
        asked = {name.lower() for name in wanted}
        if members and not members & asked:
            rule = f"other initiators ({', '.join(sorted(members))}); two hosts may have the same short name"
            raise InUse("initiator group", group.name, rule)
        if self.context.settings.initiator_check and not members <= asked:
            rule = f"initiators that the host did not name ({', '.join(sorted(members - asked))}), see initiator_check"
            raise InUse("initiator group", group.name, rule)

    def _choose(
        self, command: AttachVolume, protocol: HostProtocol, volume: Volume, group: InitiatorGroup | None
    ) -> tuple[str, HostNames, bool]:
        """Port group, names, whether the view exists: where the volume is, else where the host is, else by choice."""
        host = command.connector.host
        views = set(group.masking_views) if group else set()
        known = [
            (port_group, names)
            for port_group, names in self.known_names(host, protocol, command.policy)
            if command.policy.port_group in (None, port_group)
        ]
        traits = command.policy.traits
        holding = set(volume.storage_groups)
        for port_group, names in known:
            if holding & {names.child_storage_group(traits), names.no_service_level_child(traits.replication_suffix)}:
                return port_group, names, names.masking_view in views
        for port_group, names in known:
            if names.masking_view in views:
                return port_group, names, True
        chosen = self._choose_port_group(command, protocol)
        return chosen, self.context.settings.names.current(host, protocol.letter, chosen), False

    def _choose_port_group(self, command: AttachVolume, protocol: HostProtocol) -> str:
        names = self.port_group_names(command.policy)
        if len(names) == 1:
            return names[0]
        array_id = command.target.array_id
        groups = [self._port_group(array_id, name) for name in names]
        usable = tuple(group for group in groups if self.usable_ports(group, protocol))
        if not usable:
            raise InvalidRequest(
                "port groups", ", ".join(names), f"no port of them is online and serves {protocol.label}"
            )
        if len(usable) == 1:
            return usable[0].name
        return self.context.plugins.choose_port_group(self.context, command, usable).name

    def _port_group(self, array_id: ArrayId, name: str) -> PortGroup:
        group = self.context.readers.masking.find_port_group(array_id, name)
        if group is None:
            rule = (
                f"array {array_id} has no such port group; make it there, or correct powermax_port_groups or the type"
            )
            raise InvalidRequest("port group", name, rule)
        return group

    def usable_ports(self, port_group: PortGroup, protocol: HostProtocol) -> tuple[DirectorPort, ...]:
        """Its ports that are online and serve the protocol, in its order; one port that is down stops nobody."""
        return tuple(port for port in self.serving_ports(port_group, protocol) if port.is_online)

    def serving_ports(self, port_group: PortGroup, protocol: HostProtocol) -> tuple[DirectorPort, ...]:
        """Its ports that serve the protocol, online or not, in its order."""
        ports = (self.context.readers.masking.get_port(port_group.array_id, key) for key in port_group.ports)
        return tuple(port for port in ports if protocol.serves(port))
