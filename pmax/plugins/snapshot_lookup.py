"""Finds the SnapVX sessions that an operation depends on, with the locks that keep them as they are."""

from __future__ import annotations

from pmax.domain.errors import NotFound
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import device_of_temporary_snapshot
from pmax.domain.provisioning import VolumeSessions
from pmax.domain.snapvx import SnapshotSessions
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import Look
from pmax.plugins.volume_lock import snapvx_lock
from pmax.plugins.volume_lookup import find_own_volume, get_own_volume


class SnapshotLookup:
    """Reads sessions, and asks for locks where reading shows that more volumes take part."""

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def get_volume(self, target: VolumeTarget) -> Volume:
        """The volume that is meant.

        Raises:
            NotFound: the array does not have it.
            WrongIdentity: the device belongs to another volume.
        """
        return get_own_volume(self._readers.volumes, target)

    def find_sessions(self, target: VolumeTarget) -> SnapshotSessions | None:
        """Sessions of the volume that is meant; None if it is gone, which only the array's own word can say: one call.

        The answer names the volume's identifier too. Where it does not, or where it is another one, the volume itself
        has the last word.

        Raises:
            WrongIdentity: the device belongs to another volume now, but ours is on the array under another device id.
        """
        sessions = self._readers.snapshots.find_sessions(target.array_id, target.device_id)
        if sessions is None or sessions.check_owner(target):
            return sessions
        return sessions if find_own_volume(self._readers.volumes, target) else None

    def get_sessions(self, target: VolumeTarget) -> SnapshotSessions:
        """Sessions of the volume that is meant, which must be there.

        Raises:
            NotFound: the array does not have it.
            WrongIdentity: the device belongs to another volume.
        """
        sessions = self._readers.snapshots.find_sessions(target.array_id, target.device_id)
        if sessions is None:
            raise NotFound("volume", target.device_id)
        if not sessions.check_owner(target):
            self.get_volume(target)
        return sessions

    def of_volume(self, volume: Volume, look: Look) -> VolumeSessions:
        """Everything that a volume takes part in; nothing is read where the volume itself says that there is nothing.

        Raises:
            MoreLocksNeeded: there is something, and it may change.
        """
        if not (volume.is_snapshot_source or volume.is_snapshot_target):
            return VolumeSessions()
        look.require(frozenset({snapvx_lock(volume.array_id, volume.device_id)}))
        own = self._readers.snapshots.find_sessions(volume.array_id, volume.device_id)
        return VolumeSessions(own=own, presented=self.presented(volume.array_id, own, look))

    def presented(self, array_id: ArrayId, own: SnapshotSessions | None, look: Look) -> SnapshotSessions | None:
        """Sessions of the volume whose temporary snapshot a volume presents; None if it presents none.

        A user's snapshot stays whatever becomes of the volume that presents it, so nothing more is read of that.

        Raises:
            MoreLocksNeeded: they may change.
        """
        if own is None or own.target_of is None:
            return None
        source = own.target_of.source
        look.require(frozenset({snapvx_lock(array_id, source)}))
        if device_of_temporary_snapshot(own.target_of.name) != source:
            return None
        return self._readers.snapshots.find_sessions(array_id, source)


def nothing(array_id: ArrayId, device_id: DeviceId, identifier: str | None) -> SnapshotSessions:
    """Sessions of a volume that has none, as the volume itself said."""
    return SnapshotSessions(array_id=array_id, device_id=device_id, identifier=identifier)
