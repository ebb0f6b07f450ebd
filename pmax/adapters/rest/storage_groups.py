"""Storage groups, read over REST."""

from __future__ import annotations

from pmax.adapters.rest import paths
from pmax.adapters.rest.messages import Subject
from pmax.adapters.rest.paths import LIKE
from pmax.adapters.rest.resources import Resources
from pmax.domain.identifiers import ArrayId
from pmax.domain.storage_groups import StorageGroup
from pmax.ports.storage_groups import StorageGroupReader


class RestStorageGroupReader(StorageGroupReader):
    """Reads storage groups."""

    def __init__(self, resources: Resources) -> None:
        """Take what reads."""
        self._resources = resources

    def find_storage_group(self, array_id: ArrayId, name: str) -> StorageGroup | None:
        """See `StorageGroupReader`."""
        subject = Subject(kind="storage group", name=name, array_id=array_id)
        return self._resources.find(StorageGroup, subject, paths.STORAGE_GROUP, array=array_id, name=name)

    def list_storage_groups(self, array_id: ArrayId, *, name_contains: str | None = None) -> tuple[str, ...]:
        """See `StorageGroupReader`."""
        subject = Subject(kind="list of storage groups", name="", array_id=array_id)
        query = () if name_contains is None else (("storageGroupId", LIKE + name_contains),)
        return self._resources.names("storageGroupId", subject, paths.STORAGE_GROUPS, query, array=array_id)
