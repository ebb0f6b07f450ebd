"""What Cinder's volume manager does with groups of volumes: calls the driver and stores what it says."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from tests.judges.backend import Backend
from tests.judges.cinder_records import objects


@attrs.frozen
class GroupSnapshot:
    """A snapshot of a group, and those of its volumes."""

    record: objects.GroupSnapshot
    members: Sequence[objects.Snapshot]


class VolumeGroups:
    """The groups of a back end.

    Attributes:
        backend: with its driver.
        group_type_id: of all groups.
    """

    def __init__(self, backend: Backend, group_specs: Mapping[str, str]) -> None:
        self.backend = backend
        self.group_type_id = backend.records.group_type("a group type", group_specs)
        self._context = backend.records.context
        self._driver = backend.driver

    def on(self, backend: Backend) -> VolumeGroups:
        """The same groups, with the driver of another back end."""
        made = copy.copy(self)
        made.backend, made._driver = backend, backend.driver
        return made

    def create(self, name: str, of_type: objects.VolumeType, **fields: Any) -> objects.Group:
        """Create an empty group."""
        group = self._record(name, of_type, **fields)
        return self._store(group, self._driver.create_group(self._context, group))

    def add(self, group: objects.Group, *volumes: objects.Volume) -> objects.Group:
        """Put volumes into a group."""
        return self._update(group, list(volumes), [], group.id)

    def remove(self, group: objects.Group, *volumes: objects.Volume) -> objects.Group:
        """Take volumes out of a group."""
        return self._update(group, [], list(volumes), None)

    def create_volume(self, group: objects.Group, of_type: objects.VolumeType) -> objects.Volume:
        """Create a volume in a group."""
        return self.backend.create(of_type, group_id=group.id)

    def snapshot(self, group: objects.Group) -> GroupSnapshot:
        """Take a snapshot of a whole group."""
        record, members = self.backend.records.group_snapshot(self.backend.records.group_again(group))
        update, updates = self._driver.create_group_snapshot(self._context, record, members)
        self._store(record, update)
        _store_each(members, updates)
        return GroupSnapshot(record, members)

    def delete_snapshot(self, snapshot: GroupSnapshot) -> str:
        """Delete a snapshot of a group; return what becomes of it."""
        update, _ = self._driver.delete_group_snapshot(self._context, snapshot.record, list(snapshot.members))
        for member in snapshot.members:
            member.destroy()
        return str(update["status"])

    def from_snapshot(self, name: str, snapshot: GroupSnapshot, of_type: objects.VolumeType) -> objects.Group:
        """Create a group with the data of a snapshot of another one."""
        group = self._record(name, of_type, group_snapshot_id=snapshot.record.id)
        made = [self.backend.volume(of_type, group_id=group.id, snapshot_id=each.id) for each in snapshot.members]
        sources = {"group_snapshot": snapshot.record, "snapshots": list(snapshot.members)}
        return self._from_source(group, made, sources)

    def from_group(self, name: str, source: objects.Group, of_type: objects.VolumeType) -> objects.Group:
        """Create a group with the data of another one."""
        group = self._record(name, of_type, source_group_id=source.id)
        volumes = self.backend.records.volumes_of(source)
        made = [self.backend.volume(of_type, group_id=group.id, source_volid=each.id) for each in volumes]
        return self._from_source(group, made, {"source_group": source, "source_vols": volumes})

    def members(self, group: objects.Group) -> list[objects.Volume]:
        """The volumes of a group."""
        return self.backend.records.volumes_of(group)

    def delete(self, group: objects.Group) -> None:
        """Delete a group with its volumes."""
        group, volumes = self.backend.records.group_again(group), self.members(group)
        update, updates = self._driver.delete_group(self._context, group, volumes)
        states = [update["status"], *(each["status"] for each in updates)]
        assert set(states) == {"deleted"}, states
        for volume in volumes:
            volume.destroy()
        group.destroy()

    def store(
        self,
        group: objects.Group,
        update: Mapping[str, Any],
        volumes: Iterable[objects.Volume],
        updates: Iterable[Mapping[str, Any]],
    ) -> None:
        """Store what the driver said of a group and of its volumes."""
        self._store(group, update)
        _store_each(volumes, updates)

    def _record(self, name: str, of_type: objects.VolumeType, **fields: Any) -> objects.Group:
        host = f"{self.backend.host}#{of_type.extra_specs['pool_name']}"
        return self.backend.records.group(host, name, self.group_type_id, [of_type.id], **fields)

    def _update(
        self, group: objects.Group, added: list[objects.Volume], removed: list[objects.Volume], group_id: str | None
    ) -> objects.Group:
        update, _, _ = self._driver.update_group(self._context, group, added, removed)
        for volume in (*added, *removed):
            volume.group_id = group_id
            volume.save()
        return self._store(group, update)

    def _from_source(
        self, group: objects.Group, made: list[objects.Volume], sources: Mapping[str, Any]
    ) -> objects.Group:
        update, updates = self._driver.create_group_from_src(self._context, group, made, **sources)
        _store_each(made, updates)
        return self._store(group, update)

    def _store(self, thing: Any, update: Mapping[str, Any] | None) -> Any:
        thing.update(dict(update or {}))
        thing.save()
        return thing


def _store_each(things: Iterable[Any], updates: Iterable[Mapping[str, Any]]) -> None:
    """Store what a driver said of each volume or snapshot, by id."""
    told = {update["id"]: {key: value for key, value in update.items() if key != "id"} for update in updates}
    for thing in things:
        thing.update(told[thing.id])
        thing.save()
