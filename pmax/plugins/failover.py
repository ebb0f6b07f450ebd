"""Built-in plugin: moves replicated volumes to the other array, and back."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain import failover
from pmax.domain.commands import Direction, MoveToOtherArray, VolumesMoved
from pmax.domain.errors import InvalidRequest
from pmax.domain.failover import MoveObserved
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import temporary_failover_storage_group
from pmax.domain.plans import Plan
from pmax.domain.replication import Replication
from pmax.domain.replication_devices import OPTION
from pmax.domain.replication_modes import FailoverWay
from pmax.domain.srdf import LINKED, RdfGroup, RdfPair, RdfSession
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.replication_lookup import ReplicationLookup
from pmax.ports.runtime import LockKey


class MoveToOtherArrayHandler(Handler[MoveToOtherArray, MoveObserved, VolumesMoved]):
    """Fails over and back. Nothing is asked of the primary array when volumes leave it: it may be gone."""

    command = MoveToOtherArray

    def __init__(self, context: PluginContext) -> None:
        self._plugins = context.plugins
        self._readers = context.readers

    def locks(self, command: MoveToOtherArray) -> frozenset[LockKey]:
        """The RDF group, which whoever changes its pairs takes too."""
        return frozenset({ReplicationLookup.lock(self._replication(command))})

    def observe(self, command: MoveToOtherArray, look: Look) -> MoveObserved:
        """Read the RDF group, its pairs and their states from the array of R2.

        Raises:
            InvalidRequest: that array has no such RDF group, or its other end is another array.
        """
        replication = self._replication(command)
        array_id = replication.device.target_array_id
        group = self._group(replication)
        reader = self._readers.replication
        paired = frozenset(reader.list_paired_devices(array_id, group.number))
        management = replication.management_group
        seen = MoveObserved(replication=replication, group=group, paired=paired)
        if management is not None:
            seen = attrs.evolve(seen, session=reader.find_session(array_id, management, group.number))
        else:
            seen = self._gathering(command, seen, look)
        if replication.mode.failover is FailoverWay.LOCATION:
            seen = attrs.evolve(seen, destination=self._destination(command, seen))
        return seen

    def plan(self, command: MoveToOtherArray, observed: MoveObserved) -> Plan:
        """See `pmax.domain.failover`."""
        return failover.plan_move(command, observed)

    def result(self, command: MoveToOtherArray, observed: MoveObserved, outcomes: Outcomes) -> VolumesMoved:
        """Every volume with the side on which it is used now."""
        known, unknown = failover.split(command, observed.paired)
        return VolumesMoved(moved=tuple(volume.turned for volume in known), not_paired=tuple(unknown))

    def _replication(self, command: MoveToOtherArray) -> Replication:
        mode = self._plugins.replication_mode(command.device.mode)
        return Replication(array_id=command.primary_array_id, device=command.device, mode=mode)

    def _group(self, replication: Replication) -> RdfGroup:
        device = replication.device
        group = self._readers.replication.find_rdf_group_by_label(device.target_array_id, device.rdf_group_label)
        if group is None:
            rule = f"array {device.target_array_id} has no RDF group of this label"
            raise InvalidRequest(f"{OPTION} rdf_group_label", device.rdf_group_label, rule)
        if group.remote_array_id != replication.array_id:
            rule = f"on array {group.array_id} its other end is {group.remote_array_id}, not {replication.array_id}"
            raise InvalidRequest(f"{OPTION} rdf_group_label", device.rdf_group_label, rule)
        return group

    def _leftovers(self, array_id: ArrayId, label: str) -> tuple[DeviceId, ...] | None:
        name = temporary_failover_storage_group(label)
        if self._readers.storage_groups.find_storage_group(array_id, name) is None:
            return None
        return tuple(self._readers.volumes.list_devices(array_id, storage_group=name))

    def _gathering(self, command: MoveToOtherArray, seen: MoveObserved, look: Look) -> MoveObserved:
        """What gathering volumes in a group of their own depends on."""
        group = seen.group
        if look.is_thorough:
            seen = attrs.evolve(seen, leftovers=self._leftovers(group.array_id, group.label))
        known, _ = failover.split(command, seen.paired)
        if command.direction is Direction.BACK and known:
            device = known[0].used.device_id
            seen = attrs.evolve(seen, sample=self._readers.replication.find_pair(group.array_id, group.number, device))
        return seen

    def _destination(self, command: MoveToOtherArray, seen: MoveObserved) -> RdfPair | None:
        """A pair, from the array to which the volumes go, where the states alone do not say that it can be used."""
        session: RdfSession | None = seen.session
        if session is not None and session.states and session.states <= LINKED:
            return None
        known, _ = failover.split(command, seen.paired)
        if not known:
            return None
        is_over = command.direction is Direction.OVER
        array_id, number = (
            (seen.group.array_id, seen.group.number)
            if is_over
            else (seen.group.remote_array_id, seen.group.remote_number)
        )
        return self._readers.replication.find_pair(array_id, number, known[0].other.device_id)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The one command of this plugin."""
    return (MoveToOtherArrayHandler(context),)
