"""Volumes, read over REST."""

from __future__ import annotations

from collections.abc import Iterator

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import Call, Subject
from pmax.adapters.rest.pages import LIFE_MINUTES, PagedList
from pmax.adapters.rest.paths import LIKE, Query
from pmax.adapters.rest.private_wire import PrivateVolume
from pmax.adapters.rest.resources import Resources, read_call
from pmax.adapters.rest.wire import ListedVolume
from pmax.domain.errors import MalformedReply
from pmax.domain.identifiers import ArrayId, DeviceId, volume_wwn
from pmax.domain.inventory import VolumeInFull
from pmax.domain.volumes import Volume
from pmax.ports.volumes import VolumeReader


class RestVolumeReader(VolumeReader):
    """Reads volumes."""

    def __init__(self, resources: Resources) -> None:
        """Take what reads."""
        self._resources = resources

    def find_volume(self, array_id: ArrayId, device_id: DeviceId) -> Volume | None:
        """See `VolumeReader`."""
        subject = Subject(kind="volume", name=device_id, array_id=array_id)
        return self._resources.find(Volume, subject, paths.VOLUME, array=array_id, device=device_id)

    def find_devices_by_identifier(self, array_id: ArrayId, identifier: str) -> tuple[DeviceId, ...]:
        """See `VolumeReader`."""
        return tuple(self._devices(array_id, (("volume_identifier", identifier),)))

    def find_devices_in_group(self, array_id: ArrayId, storage_group: str, identifier: str) -> tuple[DeviceId, ...]:
        """Members of a storage group that carry exactly this identifier.

        Raises:
            NotFound: there is no such storage group.
        """
        query = (("storageGroupId", storage_group), ("volume_identifier", identifier))
        return tuple(self._devices(array_id, query, storage_group))

    def list_devices(
        self, array_id: ArrayId, *, storage_group: str | None = None, identifier_contains: str | None = None
    ) -> Iterator[DeviceId]:
        """See `VolumeReader`."""
        query: Query = ()
        if storage_group is not None:
            query += (("storageGroupId", storage_group),)
        if identifier_contains is not None:
            query += (("volume_identifier", LIKE + identifier_contains),)
        return self._devices(array_id, query, storage_group)

    def list_volumes(self, array_id: ArrayId) -> Iterator[Volume]:
        """See `VolumeReader`. Only the private resource lists volumes in full (unisphere-rest.md 6.5)."""
        return (private.to_domain() for private in self._private(array_id))

    def list_volumes_in_full(self, array_id: ArrayId) -> Iterator[VolumeInFull]:
        """See `VolumeReader`."""
        return (private.in_full() for private in self._private(array_id))

    def find_volume_in_full(self, array_id: ArrayId, device_id: DeviceId) -> VolumeInFull | None:
        """See `VolumeReader`.

        The private resource finds one volume by its world wide name only. Nearly every device has the one that follows
        from its id; what has another is asked for it.
        """
        usual = volume_wwn(array_id, device_id)
        found = self._with_wwn(array_id, device_id, usual)
        if found is not None:
            return found
        volume = self.find_volume(array_id, device_id)
        if volume is None:
            return None
        found = self._with_wwn(array_id, device_id, volume.wwn) if volume.wwn.lower() != usual else None
        if found is None:
            raise MalformedReply(paths.VOLUMES_IN_FULL.text, (f"volume {device_id} is missing, which exists",))
        return found

    def _with_wwn(self, array_id: ArrayId, device_id: DeviceId, wwn: str) -> VolumeInFull | None:
        for private in self._private(array_id, (("wwn", wwn),)):
            if private.header.device_id == device_id:
                return private.in_full()
        return None

    def _private(self, array_id: ArrayId, which: Query = ()) -> Iterator[PrivateVolume]:
        subject = Subject(kind="list of volumes", name="", array_id=array_id)

        def build(dialect: Dialect) -> Call:
            query: Query = which or (("data_volume", "false"),)
            if dialect.keeps_iterators and not which:
                query += (("expiration_time_mins", LIFE_MINUTES),)
            return read_call(subject, paths.VOLUMES_IN_FULL.at(dialect, query=query, array=array_id))

        def read(result: object, path: str) -> PrivateVolume:
            return self._resources.structurer.structure(result, PrivateVolume, path, array_id)

        def identity(private: PrivateVolume) -> DeviceId:
            return private.header.device_id

        return iter(PagedList(resources=self._resources, build=build, read=read, identity=identity))

    def _devices(self, array_id: ArrayId, query: Query, storage_group: str | None = None) -> Iterator[DeviceId]:
        if storage_group is None:
            subject = Subject(kind="list of volumes", name="", array_id=array_id)
        else:
            subject = Subject(kind="storage group", name=storage_group, array_id=array_id)

        def build(dialect: Dialect) -> Call:
            return read_call(subject, paths.VOLUMES.at(dialect, query=query, array=array_id))

        def read(result: object, path: str) -> DeviceId:
            return self._resources.structurer.structure(result, ListedVolume, path).device_id

        return iter(PagedList(resources=self._resources, build=build, read=read, identity=str))
