"""SRDF, read over REST. Source: unisphere-rest.md 6.15 to 6.18."""

from __future__ import annotations

from pmax.adapters.rest import paths
from pmax.adapters.rest.cache import AgedCache
from pmax.adapters.rest.messages import Subject
from pmax.adapters.rest.resources import Resources
from pmax.adapters.rest.wire import RdfGroupList
from pmax.domain import identifiers
from pmax.domain.errors import InvalidRequest, MalformedReply
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.srdf import GroupReplication, RdfGroup, RdfGroupName, RdfPair, RdfSession
from pmax.ports.replication import ReplicationReader
from pmax.ports.runtime import Clock


class RestReplicationReader(ReplicationReader):
    """Reads SRDF; which number a label has is believed for a while."""

    def __init__(self, resources: Resources, clock: Clock, age_s: float) -> None:
        """Start with nothing known.

        Args:
            resources: reads.
            clock: tells the age.
            age_s: for how long the number of a label is believed.
        """
        self._resources = resources
        self._numbers: AgedCache[int] = AgedCache(clock, age_s)

    def list_rdf_groups(self, array_id: ArrayId) -> tuple[RdfGroupName, ...]:
        """See `ReplicationReader`."""
        subject = Subject(kind="list of RDF groups", name="", array_id=array_id)
        return self._resources.get(RdfGroupList, subject, paths.RDF_GROUPS, array=array_id).groups

    def find_rdf_group(self, array_id: ArrayId, number: int) -> RdfGroup | None:
        """See `ReplicationReader`."""
        subject = Subject(kind="RDF group", name=str(number), array_id=array_id)
        return self._resources.find(RdfGroup, subject, paths.RDF_GROUP, array=array_id, number=str(number))

    def find_rdf_group_by_label(self, array_id: ArrayId, label: str) -> RdfGroup | None:
        """See `ReplicationReader`."""

        def read() -> int | None:
            named = (group.number for group in self.list_rdf_groups(array_id) if group.label == label)
            return next(named, None)

        for _ in range(2):
            number = self._numbers.get((array_id, label), read)
            group = None if number is None else self.find_rdf_group(array_id, number)
            if group is not None and group.label == label:
                return group
            # The number that was believed is another group's now, so the list is read once more.
            self._numbers.forget((array_id, label))
        return None

    def list_paired_devices(self, array_id: ArrayId, number: int) -> tuple[DeviceId, ...]:
        """See `ReplicationReader`."""
        subject = Subject(kind="RDF group", name=str(number), array_id=array_id)
        names = self._resources.names("name", subject, paths.RDF_PAIRS, array=array_id, number=str(number))
        try:
            return tuple(identifiers.device_id(name) for name in names)
        except InvalidRequest as error:
            raise MalformedReply(f"pairs of RDF group {number}", (str(error),)) from error

    def find_pair(self, array_id: ArrayId, number: int, device_id: DeviceId) -> RdfPair | None:
        """See `ReplicationReader`."""
        subject = Subject(kind="SRDF pair", name=device_id, array_id=array_id)
        return self._resources.find(
            RdfPair, subject, paths.RDF_PAIR, array=array_id, number=str(number), device=device_id
        )

    def find_session(self, array_id: ArrayId, storage_group: str, number: int) -> RdfSession | None:
        """See `ReplicationReader`."""
        subject = Subject(kind="SRDF session", name=storage_group, array_id=array_id)
        return self._resources.find(
            RdfSession, subject, paths.RDF_SESSION, array=array_id, name=storage_group, number=str(number)
        )

    def find_group_replication(self, array_id: ArrayId, storage_group: str) -> GroupReplication | None:
        """See `ReplicationReader`."""
        subject = Subject(kind="storage group", name=storage_group, array_id=array_id)
        return self._resources.find(
            GroupReplication, subject, paths.GROUP_REPLICATION, array=array_id, name=storage_group
        )
