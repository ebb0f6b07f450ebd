"""Built-in plugin: keeps volumes by other policies, and renames them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain.commands import RenameVolume, RetypeVolume, VolumeRenaming, VolumeRetyping
from pmax.domain.errors import AlreadyExists
from pmax.domain.plans import Plan
from pmax.domain.plans import RenameVolume as RenameVolumeStep
from pmax.domain.replicated_retype import ReplicationChange
from pmax.domain.retype import (
    Goal,
    Home,
    OtherSideObserved,
    RetypeObserved,
    groups_after,
    homes_of,
    notes_of,
    plan_retype,
)
from pmax.domain.siblings import base_of
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.exposure_lookup import ExposureLookup, Exposures, host_locks, locks_of_hosts
from pmax.plugins.group_lookup import check_srp, find_room, is_own_default_group
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.host_lookup import HostLookup
from pmax.plugins.replicated_retyping import ReplicatedRetyping, replica_after
from pmax.plugins.volume_lock import volume_lock
from pmax.plugins.volume_lookup import get_own_volume
from pmax.ports.runtime import LockKey


class RetypeVolumeHandler(Handler[RetypeVolume, RetypeObserved, VolumeRetyping]):
    """Keeps volumes by other policies. While no host sees a volume that is not replicated, it takes 3 calls."""

    command = RetypeVolume

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._readers = context.readers
        self._exposures = ExposureLookup(context, HostLookup(context))
        self._replicated = ReplicatedRetyping(context)

    def locks(self, command: RetypeVolume) -> frozenset[LockKey]:
        """The volume, the hosts that are known to see it, and the RDF groups of both policies."""
        hosts = locks_of_hosts(self._context, command.target.array_id, command.hosts)
        replication = self._replicated.locks(command.before, command.after)
        return frozenset({volume_lock(command.target)}) | hosts | replication

    def observe(self, command: RetypeVolume, look: Look) -> RetypeObserved:
        """Read the volume, how hosts see it, and the groups that shall hold it.

        Raises:
            NotFound: the array does not have the volume.
            WrongIdentity: the device belongs to another volume.
            InUse: the volume is replicated by others, or shown by a view that pmax must not change.
            InvalidRequest: the new policy asks for a replication or a pool that does not exist.
        """
        volume = get_own_volume(self._readers.volumes, command.target)
        near = self._observe_side(command, volume, look)
        goal = near.goal.name if near.goal else command.after.traits.default_storage_group
        policies = (command.before, command.after)
        change = self._replicated.observe(command.target, volume, policies, goal, look)
        other = self._other_side(command, change, look)
        return attrs.evolve(near, replication=change, other_side=other)

    def _observe_side(self, command: RetypeVolume, volume: Volume, look: Look) -> RetypeObserved:
        protocol = self._context.plugins.protocol(command.protocol)
        exposures = self._exposures.find(volume, command.before, protocol, command.hosts)
        hidden = self._hidden(command, volume, exposures)
        homes = () if hidden else homes_of(exposures.shown, command.after.traits)
        look.require(host_locks(volume, exposures.shown))
        found = tuple((home, self._goal_of(command, volume, home)) for home in homes)
        return RetypeObserved(
            volume=volume,
            shown=exposures.shown,
            hidden=hidden,
            hidden_is_own=hidden is not None and self._is_own(hidden, command.before.srp),
            goal=None if exposures.shown and not hidden else self._hidden_goal(command, hidden),
            homes=found,
            supports_compression=self._readers.arrays.get_array(volume.array_id).supports_compression,
        )

    def _other_side(self, command: RetypeVolume, change: ReplicationChange, look: Look) -> OtherSideObserved | None:
        """How hosts see R2 of a pair that stays; None if they do not."""
        remote = change.staying.remote if change.staying else None
        if remote is None or not remote.front_end_paths:
            return None
        target = VolumeTarget(array_id=remote.array_id, device_id=remote.device_id)
        on = self._replicated.lookup.policy_on
        before, after = (on(policy, remote.array_id) for policy in (command.before, command.after))
        there = attrs.evolve(command, target=target, before=before, after=after)
        return OtherSideObserved(command=there, observed=self._observe_side(there, remote, look))

    def _is_own(self, storage_group: str, srp: str) -> bool:
        return is_own_default_group(storage_group, srp, self._replicated.lookup.suffixes())

    def _hidden(self, command: RetypeVolume, volume: Volume, exposures: Exposures) -> str | None:
        """The group with its service level that no host sees; else the one in which volumes without one wait."""
        if exposures.hidden or exposures.shown:
            return exposures.hidden[0] if exposures.hidden else None
        srps = (command.before.srp, command.after.srp)
        own = (name for name in volume.storage_groups if any(self._is_own(name, srp) for srp in srps))
        return next(own, None)

    def _hidden_goal(self, command: RetypeVolume, hidden: str | None) -> Goal | None:
        wanted = command.after.traits.default_storage_group
        if hidden is not None and wanted in {hidden, base_of(hidden)}:
            return None
        return self._room(command, wanted)

    def _goal_of(self, command: RetypeVolume, volume: Volume, home: Home) -> Goal:
        """Find the group that shall hold the volume; one that holds it already is read only if it has to change."""
        if not home.stays:
            return self._room(command, home.wanted)
        policies = (command.before, command.after)
        group = None
        if any(policy.limits or policy.storage_group_tags for policy in policies):
            group = self._readers.storage_groups.find_storage_group(volume.array_id, home.storage_group)
        return Goal(name=home.storage_group, group=group)

    def _room(self, command: RetypeVolume, name: str) -> Goal:
        array_id = command.target.array_id
        found, group = find_room(self._readers.storage_groups, array_id, name)
        if group is None and command.after.srp != command.before.srp:
            check_srp(self._readers.arrays, array_id, command.after)
        return Goal(name=found, group=group)

    def plan(self, command: RetypeVolume, observed: RetypeObserved) -> Plan:
        """See `pmax.domain.retype`."""
        return plan_retype(command, observed)

    def result(self, command: RetypeVolume, observed: RetypeObserved, outcomes: Outcomes) -> VolumeRetyping:
        """Say where the volume is now, and what does not count yet."""
        port_group = command.after.port_group
        labels = self._context.settings.names.known_port_group_labels(port_group) if port_group else ()
        return VolumeRetyping(
            target=command.target,
            before=command.before,
            after=command.after,
            storage_groups=groups_after(observed.volume, (step for step, _ in outcomes.pairs)),
            is_changed=any(outcome.changed for _, outcome in outcomes.pairs),
            notes=notes_of(command, observed, frozenset(labels)),
            replica=replica_after(observed.replication, observed.volume.identifier or "", outcomes),
            has_left_replication=observed.replication.leaving is not None and observed.replication.joining is None,
        )


@attrs.frozen(kw_only=True)
class RenameObserved:
    """The volume, as read under the lock."""

    volume: Volume


class RenameVolumeHandler(Handler[RenameVolume, RenameObserved, VolumeRenaming]):
    """Renames volumes: two reads, one write."""

    command = RenameVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: RenameVolume) -> frozenset[LockKey]:
        """The volume, and the identifier, so that no volume of that name is made meanwhile."""
        names = {LockKey(command.target.array_id, "identifier", command.identifier)} if command.identifier else set()
        return frozenset({volume_lock(command.target), *names})

    def observe(self, command: RenameVolume, look: Look) -> RenameObserved:
        """Read the volume, and who carries the name.

        Raises:
            NotFound: the array does not have the volume.
            WrongIdentity: the device belongs to another volume.
            AlreadyExists: another volume carries the name; the array itself would not mind.
        """
        target = command.target
        volume = get_own_volume(self._readers.volumes, target)
        if command.identifier and command.identifier != volume.identifier:
            holders = self._readers.volumes.find_devices_by_identifier(target.array_id, command.identifier)
            if holders:
                raise AlreadyExists("volume", command.identifier)
        return RenameObserved(volume=volume)

    def plan(self, command: RenameVolume, observed: RenameObserved) -> Plan:
        """One step, unless it has the name already."""
        before = observed.volume.identifier or ""
        if before == command.identifier:
            return Plan()
        step = RenameVolumeStep(
            array_id=command.target.array_id,
            device=observed.volume.device_id,
            before=before,
            after=command.identifier,
        )
        return Plan(steps=(step,))

    def result(self, command: RenameVolume, observed: RenameObserved, outcomes: Outcomes) -> VolumeRenaming:
        """Give both names."""
        before = observed.volume.identifier or ""
        return VolumeRenaming(target=command.target, before=before, after=command.identifier)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The two commands of this plugin."""
    return (RetypeVolumeHandler(context), RenameVolumeHandler(context))
