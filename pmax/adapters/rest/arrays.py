"""Arrays, service levels and pools, read over REST."""

from __future__ import annotations

from typing import Final

from pmax.adapters.rest import paths, survey_wire
from pmax.adapters.rest.cache import AgedCache
from pmax.adapters.rest.messages import Subject
from pmax.adapters.rest.resources import Resources
from pmax.adapters.rest.survey_wire import checked
from pmax.domain import identifiers
from pmax.domain.arrays import Array, Feature
from pmax.domain.errors import InvalidRequest, MalformedReply, NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.srps import StorageResourcePool
from pmax.domain.versions import UnisphereVersion
from pmax.ports.arrays import ArrayReader
from pmax.ports.runtime import Clock

#: How long model, microcode and the names of service levels are believed: an upgrade or a renaming is seen in a day.
_HARDLY_CHANGES_S: Final = 86_400.0


class RestArrayReader(ArrayReader):
    """Reads arrays; what hardly ever changes is read once a day."""

    def __init__(self, resources: Resources, clock: Clock) -> None:
        """Start with nothing known."""
        self._resources = resources
        self._arrays: AgedCache[Array] = AgedCache(clock, _HARDLY_CHANGES_S)
        self._names: AgedCache[tuple[str, ...]] = AgedCache(clock, _HARDLY_CHANGES_S)

    def unisphere_version(self) -> UnisphereVersion:
        """See `ArrayReader`."""
        return self._resources.client.version()

    def list_arrays(self) -> tuple[ArrayId, ...]:
        """See `ArrayReader`."""
        subject = Subject(kind="list of arrays", name="")
        serials = self._resources.names("symmetrixId", subject, paths.ARRAYS)
        try:
            return tuple(identifiers.array_id(serial) for serial in serials)
        except InvalidRequest as error:
            raise MalformedReply("list of arrays", (str(error),)) from error

    def get_array(self, array_id: ArrayId) -> Array:
        """See `ArrayReader`."""

        def read() -> Array:
            subject = Subject(kind="array", name=array_id, array_id=array_id)
            array = self._resources.get(Array, subject, paths.ARRAY, array=array_id)
            if array.array_id != array_id:
                raise MalformedReply(f"array {array_id}", (f"it is about array {array.array_id}",))
            return array

        return self._arrays.require(array_id, read)

    def list_features(self, array_id: ArrayId) -> frozenset[Feature]:
        """See `ArrayReader`."""
        subject = Subject(kind="list of replication features", name="", array_id=array_id)
        reply = self._resources.get(object, subject, paths.REPLICATION_CAPABILITIES)
        features = checked("list of replication features", lambda: survey_wire.features_of(reply, array_id))
        if features is None:
            raise NotFound("array", array_id)
        return features

    def list_service_levels(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `ArrayReader`."""
        return self._named_once(array_id, "list of service levels", "sloId", paths.SERVICE_LEVELS)

    def list_workloads(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `ArrayReader`. An array without workloads is not asked."""
        if not self.get_array(array_id).supports_workloads:
            return ()
        return self._named_once(array_id, "list of workloads", "workloadId", paths.WORKLOADS)

    def list_srps(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `ArrayReader`."""
        subject = Subject(kind="list of storage resource pools", name="", array_id=array_id)
        return self._resources.names("srpId", subject, paths.SRPS, array=array_id)

    def get_srp(self, array_id: ArrayId, name: str) -> StorageResourcePool:
        """See `ArrayReader`."""
        subject = Subject(kind="storage resource pool", name=name, array_id=array_id)
        return self._resources.get(StorageResourcePool, subject, paths.SRP, array=array_id, name=name)

    def _named_once(self, array: ArrayId, kind: str, key: str, template: paths.PathTemplate) -> tuple[str, ...]:
        subject = Subject(kind=kind, name="", array_id=array)
        return self._names.require((array, key), lambda: self._resources.names(key, subject, template, array=array))
