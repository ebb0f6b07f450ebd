"""Takes volumes away from compute hosts, with whatever of a host's objects that leaves empty."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import attrs

from pmax.domain.commands import Detachment, DetachVolume
from pmax.domain.detach import DetachObserved, LeavingView, plan_detach, taker
from pmax.domain.errors import InvalidRequest, WrongIdentity
from pmax.domain.exposures import Exposure, own_names
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import InitiatorGroup
from pmax.domain.plans import Plan, Recovery, plan_of
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume
from pmax.plugins.attached_sides import arrays_of_hosts, on_side
from pmax.plugins.context import PluginContext
from pmax.plugins.exposure_lookup import ExposureLookup, host_locks, locks_of_hosts
from pmax.plugins.group_lookup import find_room
from pmax.plugins.handlers import Handler, Look, Outcomes
from pmax.plugins.host_lookup import HostLookup
from pmax.plugins.protocols import DisconnectionFacts, HostProtocol
from pmax.plugins.replication_lookup import ReplicationLookup
from pmax.plugins.volume_lock import volume_lock
from pmax.ports.runtime import LockKey

_log = logging.getLogger(__name__)


@attrs.frozen
class DetachSide:
    """An array from which a volume is taken.

    Attributes:
        command: as it counts on that array.
        observed: what was read there.
    """

    command: DetachVolume
    observed: DetachObserved


class DetachVolumeHandler(Handler[DetachVolume, tuple[DetachSide, ...], Detachment]):
    """Detaches volumes. With others left on the host it takes 4 calls; the last one takes 9, and leaves nothing."""

    command = DetachVolume

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._hosts = HostLookup(context)
        self._exposures = ExposureLookup(context, self._hosts)
        self._replication = ReplicationLookup(context)

    def locks(self, command: DetachVolume) -> frozenset[LockKey]:
        """The volume, the host, and the hosts that are known to go on seeing it."""
        hosts = ((command.connector.host,) if command.connector else ()) + command.other_hosts
        arrays = arrays_of_hosts(self._replication, command)
        keys = (locks_of_hosts(self._context, array_id, hosts) for array_id in arrays)
        return frozenset({volume_lock(command.target)}).union(*keys)

    def observe(self, command: DetachVolume, look: Look) -> tuple[DetachSide, ...]:
        """Read the volume and the views through which hosts see it, on each array."""
        near_command = on_side(self._replication, command, command.target)
        near = DetachSide(near_command, self._observe_side(near_command, look))
        volume = near.observed.volume
        if volume is None:
            return (near,)
        other = self._replication.find_other_side(volume, command.target, command.policy, command.other_side)
        if other is None:
            return (near,)
        far_command = on_side(self._replication, command, other)
        return near, DetachSide(far_command, self._observe_side(far_command, look))

    def _observe_side(self, command: DetachVolume, look: Look) -> DetachObserved:
        protocol = self._context.plugins.protocol(command.protocol)
        volume = self._find(command)
        if volume is None:
            return DetachObserved(
                volume=None,
                leaving=(),
                staying=(),
                default_group="",
                has_default_group=False,
                supports_compression=False,
            )
        hosts = ((command.connector.host,) if command.connector else ()) + command.other_hosts
        shown = self._exposures.find(volume, command.policy, protocol, hosts).shown
        leaving = self._leaving(command, volume, protocol, shown, look)
        staying = tuple(exposure for exposure in shown if exposure not in leaving)
        look.require(host_locks(volume, leaving + staying))
        views = tuple(self._leave(volume, exposure, protocol) for exposure in leaving)
        default_group, group = "", None
        if leaving and not staying:
            default_group, group = find_room(
                self._context.readers.storage_groups, volume.array_id, command.policy.traits.default_storage_group
            )
        taker_group, taker_found = self._taker_group(command, volume, staying) if leaving else ("", None)
        array = self._context.readers.arrays.get_array(volume.array_id)
        return DetachObserved(
            volume=volume,
            leaving=views,
            staying=staying,
            default_group=default_group,
            has_default_group=group is not None,
            initiators=self._initiators(command, protocol),
            supports_compression=array.supports_compression,
            taker_group=taker_group,
            taker_group_found=taker_found,
        )

    def _taker_group(
        self, command: DetachVolume, volume: Volume, staying: tuple[Exposure, ...]
    ) -> tuple[str, StorageGroup | None]:
        """The group in which a host that goes on seeing the volume has it with its service level again."""
        exposure = taker(command.policy.traits, staying)
        if exposure is None:
            return "", None
        name = own_names(exposure).child_storage_group(command.policy.traits)
        return find_room(self._context.readers.storage_groups, volume.array_id, name)

    def plan(self, command: DetachVolume, observed: tuple[DetachSide, ...]) -> Plan:
        """See `pmax.domain.detach`."""
        steps = [step for side in observed for step in plan_detach(side.command, side.observed).steps]
        return plan_of(steps, Recovery.FINISH) if steps else Plan()

    def result(self, command: DetachVolume, observed: tuple[DetachSide, ...], outcomes: Outcomes) -> Detachment:
        """Tell the caller which zones nobody needs any more: none while the host has a view left on one array."""
        protocol = self._context.plugins.protocol(command.protocol)
        leaving = [view for side in observed for view in side.observed.leaving]
        gone = [view for view in leaving if view.is_last]
        if len(observed) > 1 and len(gone) < len(leaving):
            gone = []
        members = {name for view in gone if view.initiator_group for name in view.initiator_group.initiators}
        initiators = observed[0].observed.initiators
        facts = DisconnectionFacts(
            connector=command.connector,
            initiators=tuple(sorted(initiators or members)) if gone else (),
            ports=tuple(port for view in gone for port in view.ports),
        )
        info: Mapping[str, object] = protocol.disconnection_info(facts) or {}
        return Detachment(target=command.target, was_attached=bool(leaving), disconnection_info=info)

    @staticmethod
    def _initiators(command: DetachVolume, protocol: HostProtocol) -> frozenset[str]:
        """Initiators that the host names; to detach it need not name any."""
        if command.connector is None:
            return frozenset()
        try:
            return protocol.initiators(command.connector)
        except InvalidRequest:
            return frozenset()

    def _find(self, command: DetachVolume) -> Volume | None:
        target = command.target
        volume = self._context.readers.volumes.find_volume(target.array_id, target.device_id)
        if volume is None:
            return None
        try:
            target.check(volume)
        except WrongIdentity as error:
            _log.warning("nothing to detach: %s", error)
            return None
        return volume

    def _leaving(
        self,
        command: DetachVolume,
        volume: Volume,
        protocol: HostProtocol,
        shown: tuple[Exposure, ...],
        look: Look,
    ) -> tuple[Exposure, ...]:
        """Exposures to the host: by the names of its objects; of what they do not settle, by its initiator group."""
        if command.connector is None:
            return shown
        labels = {label.lower() for label in self._context.settings.names.known_host_labels(command.connector.host)}
        own_views = {
            exposure.masking_view
            for exposure in shown
            if exposure.names is not None
            and exposure.names.letter == protocol.letter
            and exposure.names.host_label.lower() in labels
        }
        if any(exposure.names is None for exposure in shown):
            thorough = attrs.evolve(look, attempt=look.attempt + 1)
            group = self._hosts.find_initiator_group(volume.array_id, command.connector, protocol, thorough)
            own_views |= set(group.masking_views) if group else set()
        leaving = {exposure.storage_group for exposure in shown if exposure.masking_view in own_views}
        # A group of the SMI-S era shows a volume to all hosts: it leaves all of them, or none.
        return tuple(
            exposure
            for exposure in shown
            if exposure.masking_view in own_views
            or (exposure.legacy_host is not None and exposure.storage_group in leaving)
        )

    def _leave(self, volume: Volume, exposure: Exposure, protocol: HostProtocol) -> LeavingView:
        """Read whether the volume is the last in the view, and if so, what goes with the view."""
        if exposure.legacy_host is not None:
            return LeavingView(exposure=exposure, is_last=exposure.volume_count == 1, port_group=exposure.port_group)
        if exposure.names is None or exposure.parent is None:
            return LeavingView(exposure=exposure, is_last=False)
        readers = self._context.readers
        parent = readers.storage_groups.find_storage_group(volume.array_id, exposure.parent)
        if not _goes(exposure, parent):
            return LeavingView(exposure=exposure, is_last=False)
        group = readers.masking.find_initiator_group(volume.array_id, exposure.names.initiator_group)
        port_group = self._port_group_of(exposure)
        if group is None or exposure.masking_view not in group.masking_views or port_group is None:
            view = readers.masking.find_masking_view(volume.array_id, exposure.masking_view)
            if view is None:
                return LeavingView(exposure=exposure, is_last=False)
            port_group = view.port_group
            group = self._initiator_group(volume.array_id, view.initiator_group)
        found = readers.masking.find_port_group(volume.array_id, port_group)
        return LeavingView(
            exposure=exposure,
            is_last=True,
            port_group=port_group,
            initiator_group=group,
            ports=self._hosts.serving_ports(found, protocol) if found else (),
        )

    def _port_group_of(self, exposure: Exposure) -> str | None:
        """The configured port group whose label the view's name has, if there is exactly one."""
        if exposure.names is None:
            return None
        policy = self._context.settings.names
        label = exposure.names.port_group_label
        fitting = [name for name in self._context.settings.port_groups if label in policy.known_port_group_labels(name)]
        return fitting[0] if len(fitting) == 1 else None

    def _initiator_group(self, array_id: ArrayId, name: str | None) -> InitiatorGroup | None:
        return self._context.readers.masking.find_initiator_group(array_id, name) if name else None


def _goes(exposure: Exposure, parent: StorageGroup | None) -> bool:
    """Whether the view shows nothing but this volume."""
    return parent is not None and exposure.masking_view in parent.masking_views and parent.volume_count <= 1
