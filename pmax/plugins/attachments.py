"""Built-in plugin: lets compute hosts see volumes, and takes volumes away from them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain.attach import AttachObserved, plan_attach
from pmax.domain.commands import Attachment, AttachVolume
from pmax.domain.errors import InvalidRequest, WrongIdentity
from pmax.domain.exposures import Exposure
from pmax.domain.modernise import LegacyUse
from pmax.domain.plans import Plan, plan_of
from pmax.plugins.attached_sides import arrays_of_hosts, on_side
from pmax.plugins.context import PluginContext
from pmax.plugins.detachments import DetachVolumeHandler
from pmax.plugins.exposure_lookup import ExposureLookup, host_locks, locks_of_hosts
from pmax.plugins.group_lookup import find_room, is_own_default_group
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.host_lookup import HostLookup
from pmax.plugins.protocols import AttachedSide, ConnectionFacts, HostProtocol
from pmax.plugins.replication_lookup import ReplicationLookup
from pmax.plugins.volume_lock import volume_lock
from pmax.plugins.volume_lookup import get_own_volume
from pmax.ports.runtime import LockKey


@attrs.frozen
class AttachSide:
    """An array on which a volume is attached.

    Attributes:
        command: as it counts on that array.
        observed: what was read there.
    """

    command: AttachVolume
    observed: AttachObserved


class AttachVolumeHandler(Handler[AttachVolume, tuple[AttachSide, ...], Attachment]):
    """Attaches volumes. The first on a host takes 9 calls, the next 5, on each array on which hosts reach it."""

    command = AttachVolume

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._hosts = HostLookup(context)
        self._exposures = ExposureLookup(context, self._hosts)
        self._replication = ReplicationLookup(context)

    def locks(self, command: AttachVolume) -> frozenset[LockKey]:
        """The volume, the host, and the hosts that are known to see the volume already."""
        hosts = (command.connector.host, *command.other_hosts)
        arrays = arrays_of_hosts(self._replication, command)
        keys = (locks_of_hosts(self._context, array_id, hosts) for array_id in arrays)
        return frozenset({volume_lock(command.target)}).union(*keys)

    def observe(self, command: AttachVolume, look: Look) -> tuple[AttachSide, ...]:
        """Read the volume, the host's initiator group, and what stands between them, on each array.

        Raises:
            InvalidRequest: the connector, the protocol or the port groups are not usable.
            NotFound: the array does not have the volume.
            WrongIdentity: the device belongs to another volume.
            InUse: the host's initiators, or the volume, belong to objects that pmax must not change.
        """
        protocol = self._context.plugins.protocol(command.protocol)
        protocol.initiators(command.connector)
        near = self._observe_side(on_side(self._replication, command, command.target), protocol, look)
        other = self._replication.find_other_side(
            near.observed.volume, command.target, command.policy, command.other_side
        )
        if other is None:
            return (near,)
        if protocol.needs_multipath_for_two_arrays and not command.connector.is_multipath:
            rule = f"the volume is on two arrays, which a host reaches over {protocol.label} only with multipath"
            raise InvalidRequest("connector", command.connector.host, rule)
        far = self._observe_side(on_side(self._replication, command, other), protocol, look)
        if not far.observed.volume.rdf_groups:
            raise WrongIdentity("other side", other.device_id, "a volume that is paired", "one that is not")
        return near, far

    def _observe_side(self, command: AttachVolume, protocol: HostProtocol, look: Look) -> AttachSide:
        target = command.target
        volume = get_own_volume(self._context.readers.volumes, target)
        array = self._context.readers.arrays.get_array(target.array_id)
        protocol.check_array(array, self._context.readers.arrays.unisphere_version())
        host = self._hosts.observe(command, protocol, volume, look)
        hosts = (command.connector.host, *command.other_hosts)
        exposures = self._exposures.find(volume, command.policy, protocol, hosts)
        views = {host.names.masking_view, *(host.initiator_group.masking_views if host.initiator_group else ())}
        here = next((exposure for exposure in exposures.shown if exposure.masking_view in views), None)
        elsewhere = tuple(exposure for exposure in exposures.shown if exposure.masking_view not in views)
        if here is not None and here.port_group not in ("", host.port_group.name):
            host = self._hosts.through(host, here.port_group, protocol)
        legacy = None
        if here is None:
            legacy, elsewhere = self._legacy_use(command, protocol, elsewhere)
            look.require(host_locks(volume, tuple(exposure for exposure in elsewhere if exposure.is_fast_managed)))
        child_name, child = here.storage_group if here else host.names.child_storage_group(command.policy.traits), None
        if host.has_view and here is None:
            child_name, child = find_room(self._context.readers.storage_groups, target.array_id, child_name)
        source = exposures.hidden[0] if exposures.hidden else None
        observed = AttachObserved(
            volume=volume,
            host=host,
            here=here,
            elsewhere=elsewhere,
            child_name=child_name,
            child=child,
            source=source,
            source_is_own=source is not None and self._is_own(source),
            supports_compression=array.supports_compression,
            legacy=legacy,
        )
        return AttachSide(command, observed)

    def _is_own(self, storage_group: str) -> bool:
        return is_own_default_group(storage_group, self._context.settings.srp, self._replication.suffixes())

    def _legacy_use(
        self, command: AttachVolume, protocol: HostProtocol, elsewhere: tuple[Exposure, ...]
    ) -> tuple[LegacyUse | None, tuple[Exposure, ...]]:
        """Recognise a volume that one known host uses through a view of the SMI-S era.

        Returns:
            That use, and the exposures that are none.
        """
        old = tuple(exposure for exposure in elsewhere if exposure.legacy_host is not None)
        policy = self._context.settings.names
        labels = {host: {label.lower() for label in policy.known_host_labels(host)} for host in command.other_hosts}
        own = [
            (host, exposure)
            for host in labels
            for exposure in old
            if (exposure.legacy_host or "").lower() in labels[host]
        ]
        if len(own) != 1 or len(command.other_hosts) != 1 or len({exposure.storage_group for exposure in old}) != 1:
            return None, elsewhere
        ((host, exposure),) = own
        use = LegacyUse(
            names=policy.current(host, protocol.letter, exposure.port_group),
            views=(exposure, *(other for other in old if other is not exposure)),
            volume_count=exposure.volume_count or 0,
        )
        return use, tuple(other for other in elsewhere if other not in old)

    def plan(self, command: AttachVolume, observed: tuple[AttachSide, ...]) -> Plan:
        """See `pmax.domain.attach`. What one array refuses is taken back on both."""
        return plan_of(step for side in observed for step in plan_attach(side.command, side.observed).steps)

    def result(self, command: AttachVolume, observed: tuple[AttachSide, ...], outcomes: Outcomes) -> Attachment:
        """Tell the host how to connect, with the LUNs that the arrays gave."""
        protocol = self._context.plugins.protocol(command.protocol)
        near = observed[0].observed
        sides = tuple(_attached(side.observed, outcomes) for side in observed)
        facts = ConnectionFacts(
            connector=command.connector,
            sides=sides,
            volume_key=command.volume_key or near.volume.device_id,
            chap=self._context.settings.chap,
        )
        view = near.here.masking_view if near.is_attached and near.here else near.host.names.masking_view
        return Attachment(
            target=command.target,
            masking_view=view,
            port_group=near.host.port_group.name,
            connections=sides[0].connections,
            was_attached=all(side.observed.is_attached for side in observed),
            connection_info=protocol.connection_info(facts),
        )


def _attached(observed: AttachObserved, outcomes: Outcomes) -> AttachedSide:
    """What an array says of the paths that it gave."""
    awaited = outcomes.connections(observed.array_id)
    connections = awaited.connections if awaited else ()
    wanted = {name.lower() for name in observed.host.wanted_initiators}
    own = tuple(each for each in connections if each.initiator.lower() in wanted) or connections
    return AttachedSide(
        array_id=observed.array_id,
        volume=observed.volume,
        lun=own[0].lun,
        ports=observed.host.ports,
        connections=own,
    )


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The two commands of this plugin."""
    return (AttachVolumeHandler(context), DetachVolumeHandler(context))
