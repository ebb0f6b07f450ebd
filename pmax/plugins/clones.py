"""Built-in plugin: makes volumes out of snapshots and of other volumes."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain import copies
from pmax.domain.commands import CloneVolume, CreateVolumeFromSnapshot, VolumeCopy, VolumeCreation
from pmax.domain.copies import CloneObserved, CopyObserved
from pmax.domain.errors import LimitReached, TooSmall
from pmax.domain.identifiers import DeviceId
from pmax.domain.naming import temporary_snapshot_name
from pmax.domain.plans import Plan
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.new_volume_lookup import NewVolumeLookup
from pmax.plugins.replicated_provisioning import replica_of
from pmax.plugins.snapshot_lookup import SnapshotLookup, nothing
from pmax.plugins.volume_lock import snapvx_lock
from pmax.ports.runtime import LockKey


class CreateVolumeFromSnapshotHandler(Handler[CreateVolumeFromSnapshot, CopyObserved, VolumeCopy]):
    """Makes volumes out of snapshots: two reads, two writes, and a look at each."""

    command = CreateVolumeFromSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._lookup = SnapshotLookup(context)
        self._new_volumes = NewVolumeLookup(context)
        self._unlink_limit = context.settings.snapshot_unlink_limit

    def locks(self, command: CreateVolumeFromSnapshot) -> frozenset[LockKey]:
        """The source's snapshots, so that the snapshot stays, and the identifier, so that one volume is made once."""
        source = command.snapshot.volume
        made = self._new_volumes.locks(source.array_id, command.identifier, command.volume_group, command.policy)
        return made | {snapvx_lock(source.array_id, source.device_id)}

    def observe(self, command: CreateVolumeFromSnapshot, look: Look) -> CopyObserved:
        """Read the source's sessions and the new volume's storage group.

        Raises:
            NotFound: the array does not have the source.
            WrongIdentity: the device belongs to another volume.
        """
        source = command.snapshot.volume
        creation = self._new_volumes.observe(source.array_id, command.policy, command.volume_group, look)
        return CopyObserved(
            sessions=self._lookup.get_sessions(source),
            creation=creation,
            staging=self._new_volumes.staging(source.array_id, command.policy, creation),
            # Only after the array found the new volume too small does the source's exact size matter.
            source=self._lookup.get_volume(source) if isinstance(look.conflict, TooSmall) else None,
            array=self._readers.arrays.get_array(source.array_id),
            is_full=isinstance(look.conflict, LimitReached),
        )

    def plan(self, command: CreateVolumeFromSnapshot, observed: CopyObserved) -> Plan:
        """See `pmax.domain.copies`."""
        return copies.plan_copy_of_snapshot(command, observed, self._unlink_limit)

    def result(self, command: CreateVolumeFromSnapshot, observed: CopyObserved, outcomes: Outcomes) -> VolumeCopy:
        """Name the new device and where its data are from."""
        return VolumeCopy(
            creation=_creation(command, observed, outcomes),
            source=command.snapshot.volume,
            snapshot_name=command.snapshot.name,
        )


class CloneVolumeHandler(Handler[CloneVolume, CloneObserved, VolumeCopy]):
    """Makes volumes out of others: two reads, three writes, and looks at the job and at the link."""

    command = CloneVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._lookup = SnapshotLookup(context)
        self._new_volumes = NewVolumeLookup(context)
        self._unlink_limit = context.settings.snapshot_unlink_limit

    def locks(self, command: CloneVolume) -> frozenset[LockKey]:
        """The source's snapshots, and the identifier; not the source, which may be attached meanwhile."""
        source = command.source
        made = self._new_volumes.locks(source.array_id, command.identifier, command.volume_group, command.policy)
        return made | {snapvx_lock(source.array_id, source.device_id)}

    def observe(self, command: CloneVolume, look: Look) -> CloneObserved:
        """Read the source, its sessions if it has any, and the new volume's storage group.

        Raises:
            NotFound: the array does not have the source.
            WrongIdentity: the device belongs to another volume.
        """
        source = command.source
        volume = self._lookup.get_volume(source)
        sessions = nothing(source.array_id, source.device_id, volume.identifier)
        if volume.is_snapshot_source:
            sessions = self._lookup.get_sessions(source)
        creation = self._new_volumes.observe(source.array_id, command.policy, command.volume_group, look)
        return CloneObserved(
            sessions=sessions,
            creation=creation,
            staging=self._new_volumes.staging(source.array_id, command.policy, creation),
            source=volume,
            array=self._readers.arrays.get_array(source.array_id),
            is_full=isinstance(look.conflict, LimitReached),
        )

    def plan(self, command: CloneVolume, observed: CloneObserved) -> Plan:
        """See `pmax.domain.copies`."""
        return copies.plan_clone(command, observed, self._unlink_limit)

    def result(self, command: CloneVolume, observed: CloneObserved, outcomes: Outcomes) -> VolumeCopy:
        """Name the new device and where its data are from."""
        return VolumeCopy(
            creation=_creation(command, observed, outcomes),
            source=command.source,
            snapshot_name=temporary_snapshot_name(command.source.device_id),
        )


def _creation(
    command: CreateVolumeFromSnapshot | CloneVolume, observed: CopyObserved, outcomes: Outcomes
) -> VolumeCreation:
    return VolumeCreation(
        array_id=observed.sessions.array_id,
        device_id=DeviceId(outcomes.created_device(command.identifier)),
        identifier=command.identifier,
        storage_group=observed.creation.storage_group_name,
        replica=replica_of(command.identifier, observed.creation.replicated, outcomes),
    )


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The two commands of this plugin."""
    return (CreateVolumeFromSnapshotHandler(context), CloneVolumeHandler(context))
