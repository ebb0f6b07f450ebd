"""Built-in plugin: makes, deletes and extends volumes."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain import provisioning, replicated_volumes
from pmax.domain.commands import (
    CreateVolume,
    DeleteVolume,
    ExtendVolume,
    VolumeCreation,
    VolumeDeletion,
    VolumeExtension,
)
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Plan, Recovery
from pmax.domain.provisioning import CreationObserved, VolumeSessions
from pmax.domain.replicated_extension import plan_extension_by_new_pair
from pmax.domain.replication import PairObserved
from pmax.domain.volumes import Volume
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import is_own_default_group
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.new_volume_lookup import NewVolumeLookup
from pmax.plugins.replicated_provisioning import (
    DeletionObserved,
    ExtensionObserved,
    ReplicatedProvisioning,
    replica_of,
)
from pmax.plugins.replicated_retyping import replica_after
from pmax.plugins.snapshot_lookup import SnapshotLookup
from pmax.plugins.volume_lock import volume_lock
from pmax.plugins.volume_lookup import find_own_volume, get_own_volume
from pmax.ports.runtime import LockKey


class CreateVolumeHandler(Handler[CreateVolume, CreationObserved, VolumeCreation]):
    """Makes volumes: one read, one write, one look at its job."""

    command = CreateVolume

    def __init__(self, context: PluginContext) -> None:
        self._new_volumes = NewVolumeLookup(context)

    def locks(self, command: CreateVolume) -> frozenset[LockKey]:
        """See `NewVolumeLookup`."""
        return self._new_volumes.locks(command.array_id, command.identifier, command.volume_group, command.policy)

    def observe(self, command: CreateVolume, look: Look) -> CreationObserved:
        """Read the default storage group, the volume group if there is one, and what a replicated volume depends on.

        Raises:
            InvalidRequest: the storage resource pool does not exist.
            NotFound: the array has no storage group for the volume group.
        """
        return self._new_volumes.observe(command.array_id, command.policy, command.volume_group, look)

    def plan(self, command: CreateVolume, observed: CreationObserved) -> Plan:
        """See `pmax.domain.provisioning`."""
        return provisioning.plan_creation(command, observed)

    def result(self, command: CreateVolume, observed: CreationObserved, outcomes: Outcomes) -> VolumeCreation:
        """Name the new device."""
        return VolumeCreation(
            array_id=command.array_id,
            device_id=DeviceId(outcomes.created_device(command.identifier)),
            identifier=command.identifier,
            storage_group=observed.storage_group_name,
            replica=replica_of(command.identifier, observed.replicated, outcomes),
        )


class DeleteVolumeHandler(Handler[DeleteVolume, DeletionObserved, VolumeDeletion]):
    """Deletes volumes: one read, and a write for each storage group and for the device; their other sides with them."""

    command = DeleteVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._srp = context.settings.srp
        self._replication = ReplicatedProvisioning(context)
        self._sessions = SnapshotLookup(context)

    def locks(self, command: DeleteVolume) -> frozenset[LockKey]:
        """The volume, and its RDF group if the caller knows it."""
        return frozenset({volume_lock(command.target)}) | self._replication.locks(command.policy)

    def observe(self, command: DeleteVolume, look: Look) -> DeletionObserved:
        """Read the volume and its other side; no volume when it is gone, which only the array's own word can say.

        Raises:
            WrongIdentity: the device belongs to another volume now, but ours is on the array under another device id.
        """
        volume = find_own_volume(self._readers.volumes, command.target)
        observed = self._replication.observe_deletion(command, volume, look)
        return observed if volume is None else attrs.evolve(observed, sessions=self._sessions.of_volume(volume, look))

    def plan(self, command: DeleteVolume, observed: DeletionObserved) -> Plan:
        """See `pmax.domain.provisioning`."""
        suffixes = self._replication.lookup.suffixes()

        def own(volume: Volume) -> frozenset[str]:
            return frozenset(name for name in volume.storage_groups if is_own_default_group(name, self._srp, suffixes))

        if observed.pair is not None:
            return self._plan_replicated(
                observed.pair,
                own(observed.pair.volume) | (own(observed.pair.remote) if observed.pair.remote else frozenset()),
                observed.sessions,
            )
        if observed.volume is None:
            return Plan(steps=replicated_volumes.plan_orphan_deletion(observed.orphans), recovery=Recovery.FINISH)
        volume = observed.volume
        plain = provisioning.plan_deletion(volume, volume.identifier or "", own(volume), observed.sessions)
        orphans = replicated_volumes.plan_orphan_deletion(observed.orphans)
        return attrs.evolve(plain, steps=(*orphans, *plain.steps))

    @staticmethod
    def _plan_replicated(pair: PairObserved, own_groups: frozenset[str], sessions: VolumeSessions) -> Plan:
        """What is left of copies goes first; then the volume has none, and goes with its other side."""
        provisioning.check_snapshots(pair.volume, sessions)
        free = attrs.evolve(pair.volume, is_snapshot_source=False, is_snapshot_target=False)
        plan = replicated_volumes.plan_replicated_deletion(
            attrs.evolve(pair, volume=free), pair.volume.identifier or "", own_groups
        )
        return attrs.evolve(plan, steps=(*provisioning.left_over_of_copies(sessions), *plan.steps))

    def result(self, command: DeleteVolume, observed: DeletionObserved, outcomes: Outcomes) -> VolumeDeletion:
        """Say whether there was anything to delete."""
        was_present = observed.volume is not None or bool(observed.orphans)
        return VolumeDeletion(target=command.target, was_present=was_present)


class ExtendVolumeHandler(Handler[ExtendVolume, ExtensionObserved, VolumeExtension]):
    """Makes volumes larger: one read, one write; the other side of a replicated one with it."""

    command = ExtendVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._replication = ReplicatedProvisioning(context)
        self._sessions = SnapshotLookup(context)

    def locks(self, command: ExtendVolume) -> frozenset[LockKey]:
        """The volume, and its RDF group if the caller knows it."""
        return frozenset({volume_lock(command.target)}) | self._replication.locks(command.policy)

    def observe(self, command: ExtendVolume, look: Look) -> ExtensionObserved:
        """Read the volume, and its pair if it has one.

        Raises:
            NotFound: the array does not have it.
            WrongIdentity: the device belongs to another volume.
            InvalidRequest: the arrays cannot extend it while it is replicated.
        """
        volume = get_own_volume(self._readers.volumes, command.target)
        can_expand = self._readers.arrays.get_array(command.target.array_id).can_expand_snapshot_source
        sessions = VolumeSessions()
        if volume.is_snapshot_target or not can_expand:
            sessions = self._sessions.of_volume(volume, look)
        observed = self._replication.observe_extension(volume, look)
        return attrs.evolve(observed, sessions=sessions, can_expand_snapshot_source=can_expand)

    def plan(self, command: ExtendVolume, observed: ExtensionObserved) -> Plan:
        """See `pmax.domain.provisioning`."""
        can_expand, sessions = observed.can_expand_snapshot_source, observed.sessions
        plain = provisioning.plan_extension(command, observed.volume, sessions, can_expand_snapshot_source=can_expand)
        if observed.pair is None:
            return plain
        if observed.renewal is not None and command.capacity.cylinders != observed.volume.capacity.cylinders:
            plan = plan_extension_by_new_pair(observed.renewal, observed.pair, command.capacity)
        else:
            plan = replicated_volumes.plan_replicated_extension(observed.pair, command.capacity)
        leaving = provisioning.sessions_before_extension(sessions, can_expand_snapshot_source=can_expand)
        return attrs.evolve(plan, steps=(*leaving, *plan.steps)) if plan.steps else plan

    def result(self, command: ExtendVolume, observed: ExtensionObserved, outcomes: Outcomes) -> VolumeExtension:
        """Give both sizes, and the new other side if the pair had to end."""
        volume, change = observed.volume, observed.renewal
        is_new = change is not None and volume.capacity.cylinders != command.capacity.cylinders
        replica = replica_after(change, volume.identifier or "", outcomes) if change is not None and is_new else None
        return VolumeExtension(target=command.target, before=volume.capacity, after=command.capacity, replica=replica)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The three commands of this plugin."""
    return (CreateVolumeHandler(context), DeleteVolumeHandler(context), ExtendVolumeHandler(context))
