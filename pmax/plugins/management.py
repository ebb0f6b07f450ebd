"""Built-in plugin: takes volumes over from an array, and gives them up."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain import management
from pmax.domain.commands import ManageVolume, UnmanageVolume, VolumeManagement, VolumeUnmanagement
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.management import ManagementObserved, UnmanagementObserved
from pmax.domain.naming import UNMANAGED_STORAGE_GROUP
from pmax.domain.plans import Plan
from pmax.domain.siblings import base_of
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import find_room, is_own_default_group
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.replicated_retyping import ReplicatedRetyping, replica_after
from pmax.plugins.snapshot_lookup import SnapshotLookup
from pmax.plugins.volume_lock import volume_lock
from pmax.plugins.volume_lookup import find_own_volume
from pmax.ports.runtime import LockKey


class ManageVolumeHandler(Handler[ManageVolume, ManagementObserved, VolumeManagement]):
    """Takes volumes over: two reads, and a write each for name and group; of a replicated type with an other side."""

    command = ManageVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._srp = context.settings.srp
        self._replicated = ReplicatedRetyping(context)

    def locks(self, command: ManageVolume) -> frozenset[LockKey]:
        """The volume, the name that it is to get, and the RDF group of its policy."""
        target = VolumeTarget(array_id=command.array_id, device_id=command.device_id)
        own = frozenset({volume_lock(target), LockKey(command.array_id, "identifier", command.identifier)})
        return own | self._replicated.locks(command.policy)

    def observe(self, command: ManageVolume, look: Look) -> ManagementObserved:
        """Read the volume in full, and the default storage group.

        Raises:
            NotFound: the array does not have it.
            InvalidRequest: the backend does not replicate as the policy says.
        """
        array_id = command.array_id
        full = self._readers.volumes.find_volume_in_full(array_id, command.device_id)
        if full is None:
            raise NotFound("volume", command.device_id)
        traits = command.policy.traits
        name, group = self._target(array_id, traits.default_storage_group, full.volume)
        sources = full.volume.storage_groups
        return ManagementObserved(
            full=full,
            storage_group_name=name,
            storage_group=group,
            traits=traits,
            source_is_own=all(is_own_default_group(source, self._srp) for source in sources),
            supports_compression=self._readers.arrays.get_array(array_id).supports_compression,
            replication=self._replicated.observe_joining(full.volume, command.policy, name, look),
        )

    def _target(self, array_id: ArrayId, name: str, volume: Volume) -> tuple[str, StorageGroup | None]:
        """The default group or a sibling: the one in which the volume is already, else the first that has room."""
        for current in volume.storage_groups:
            if base_of(current) == name:
                return current, None
        return find_room(self._readers.storage_groups, array_id, name)

    def plan(self, command: ManageVolume, observed: ManagementObserved) -> Plan:
        """See `pmax.domain.management`."""
        return management.plan_management(command, observed)

    def result(self, command: ManageVolume, observed: ManagementObserved, outcomes: Outcomes) -> VolumeManagement:
        """Say what it was and what it is."""
        volume = observed.full.volume
        return VolumeManagement(
            array_id=command.array_id,
            device_id=command.device_id,
            identifier=command.identifier,
            before=volume.identifier or "",
            storage_group=observed.storage_group_name,
            capacity=volume.capacity,
            policy=command.policy,
            replica=replica_after(observed.replication, command.identifier, outcomes),
        )


class UnmanageVolumeHandler(Handler[UnmanageVolume, UnmanagementObserved | None, VolumeUnmanagement]):
    """Gives volumes up: two reads, and a write each for name and group; more for what copies have left of it."""

    command = UnmanageVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._srp = context.settings.srp
        self._sessions = SnapshotLookup(context)

    def locks(self, command: UnmanageVolume) -> frozenset[LockKey]:
        """The volume."""
        return frozenset({volume_lock(command.target)})

    def observe(self, command: UnmanageVolume, look: Look) -> UnmanagementObserved | None:
        """Read the volume, its sessions, and the group of those that were given up; None when it is gone.

        Raises:
            WrongIdentity: the device belongs to another volume now, but ours is on the array under another device id.
        """
        target = command.target
        volume = find_own_volume(self._readers.volumes, target)
        if volume is None:
            return None
        name, group = find_room(self._readers.storage_groups, target.array_id, UNMANAGED_STORAGE_GROUP)
        for current in volume.storage_groups:
            if management.is_for_unmanaged(current):
                name = current
        own = frozenset(name for name in volume.storage_groups if is_own_default_group(name, self._srp))
        return UnmanagementObserved(
            volume=volume,
            storage_group_name=name,
            storage_group=group,
            own_groups=own,
            sessions=self._sessions.of_volume(volume, look),
        )

    def plan(self, command: UnmanageVolume, observed: UnmanagementObserved | None) -> Plan:
        """See `pmax.domain.management`."""
        return Plan() if observed is None else management.plan_unmanagement(command, observed)

    def result(
        self, command: UnmanageVolume, observed: UnmanagementObserved | None, outcomes: Outcomes
    ) -> VolumeUnmanagement:
        """Say where it is now."""
        return VolumeUnmanagement(
            target=command.target,
            identifier=command.identifier if observed else "",
            storage_groups=management.groups_after(observed) if observed else (),
            was_present=observed is not None,
        )


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The commands of this plugin."""
    return (ManageVolumeHandler(context), UnmanageVolumeHandler(context))
