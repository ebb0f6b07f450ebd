"""SnapVX sessions, read over REST."""

from __future__ import annotations

import re
from typing import Final

from pmax.adapters.rest import paths
from pmax.adapters.rest.messages import Subject
from pmax.adapters.rest.paths import Query
from pmax.adapters.rest.resources import Resources
from pmax.adapters.rest.snapshot_wire import SessionsReply, SourcesReply
from pmax.domain.errors import ArrayRejected
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.snapvx import ListedSnapshot, SnapshotSessions
from pmax.ports.snapshots import SnapshotReader

#: How some code refuses to tell the sessions of a volume that has none (unisphere-rest.md 2.3 and 6.13).
_NO_SESSIONS: Final = re.compile(r"neither a source nor (?:a )?target", re.IGNORECASE)


class RestSnapshotReader(SnapshotReader):
    """Reads sessions."""

    def __init__(self, resources: Resources) -> None:
        """Take what reads."""
        self._resources = resources

    def find_sessions(self, array_id: ArrayId, device_id: DeviceId) -> SnapshotSessions | None:
        """See `SnapshotReader`."""
        subject = Subject(kind="volume", name=device_id, array_id=array_id)
        try:
            reply = self._resources.find(
                SessionsReply, subject, paths.SNAPSHOTS_OF_VOLUME, array=array_id, device=device_id
            )
        except ArrayRejected as refusal:
            if not _NO_SESSIONS.search(refusal.message):
                raise
            return SnapshotSessions(array_id=array_id, device_id=device_id, identifier=None)
        return None if reply is None else reply.to_domain(device_id)

    def list_snapshots(self, array_id: ArrayId, name: str | None = None) -> tuple[ListedSnapshot, ...]:
        """See `SnapshotReader`. Volumes that have a snapshot of the name are listed with all of theirs."""
        subject = Subject(kind="list of snapshots", name="", array_id=array_id)
        query: Query = (("includeDetails", "true"), *((("snapshotName", name),) if name else ()))
        reply = self._resources.get(SourcesReply, subject, paths.VOLUMES_WITH_SNAPSHOTS, query, array=array_id)
        return tuple(snapshot for snapshot in reply.to_domain() if name in {None, snapshot.name})
