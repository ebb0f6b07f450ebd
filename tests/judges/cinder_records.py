"""What Cinder's API would have written into its database before the volume service is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cinder import context, objects

objects.register_all()  # the modules below name the objects in annotations

from cinder.volume import (  # noqa: E402 - see above
    configuration,
    group_types,
    manager,
    qos_specs,
    volume_types,
)

__all__ = ["CinderRecords", "configuration", "manager", "objects", "volume_types"]

PROJECT = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
SNAPSHOTS_TOGETHER = {"consistent_group_snapshot_enabled": "<is> True"}
REPLICATED_TOGETHER = {**SNAPSHOTS_TOGETHER, "consistent_group_replication_enabled": "<is> True"}


class CinderRecords:
    """Makes Cinder's objects, in the database that Cinder uses at the time.

    Attributes:
        context: an administrator.
    """

    def __init__(self) -> None:
        self.context = context.RequestContext("the user", PROJECT, is_admin=True)

    def volume_type(
        self, name: str, extra_specs: Mapping[str, str], qos: Mapping[str, str] | None = None
    ) -> objects.VolumeType:
        """A volume type, with a QoS specification for the back end if `qos` is given."""
        made = volume_types.create(self.context, name, dict(extra_specs))
        if qos is not None:
            specs = qos_specs.create(self.context, f"limits of {name}", {"consumer": "back-end", **qos})
            qos_specs.associate_qos_with_type(self.context, specs.id, made["id"])
        return objects.VolumeType.get_by_id(self.context, made["id"])

    def volume(self, host: str, of_type: objects.VolumeType, size: int = 1, **fields: Any) -> objects.Volume:
        """A volume that the scheduler has sent to a pool, `service@stanza#pool`."""
        made = objects.Volume(
            self.context,
            host=host,
            volume_type_id=of_type.id,
            size=size,
            status="creating",
            attach_status="detached",
            display_name=fields.pop("display_name", "a volume"),
            project_id=PROJECT,
            user_id="the user",
            availability_zone="nova",
            **fields,
        )
        made.create()
        return self.again(made)

    def again(self, volume: objects.Volume) -> objects.Volume:
        """The volume as it is in the database now, with its attachments and its type."""
        return objects.Volume.get_by_id(self.context, volume.id)

    def attachment(self, volume: objects.Volume, connector: Mapping[str, Any]) -> objects.VolumeAttachment:
        """An attachment that has been reserved for a host."""
        made = objects.VolumeAttachment(
            self.context,
            volume_id=volume.id,
            attached_host=connector["host"],
            attach_status="attaching",
            attach_mode="rw",
            connector=dict(connector),
        )
        made.create()
        return made

    def snapshot(self, volume: objects.Volume, **fields: Any) -> objects.Snapshot:
        """A snapshot that is to be taken of a volume."""
        made = objects.Snapshot(
            self.context,
            volume_id=volume.id,
            volume_type_id=volume.volume_type_id,
            volume_size=volume.size,
            status="creating",
            display_name="a snapshot",
            project_id=PROJECT,
            user_id="the user",
            **fields,
        )
        made.create()
        return objects.Snapshot.get_by_id(self.context, made.id)

    def group_type(self, name: str, group_specs: Mapping[str, str]) -> str:
        """A group type; returns its id."""
        return str(group_types.create(self.context, name, dict(group_specs))["id"])

    def group(
        self, host: str, name: str, group_type_id: str, volume_type_ids: Sequence[str], **fields: Any
    ) -> objects.Group:
        """A group that the scheduler has sent to a pool."""
        made = objects.Group(
            self.context,
            host=host,
            name=name,
            group_type_id=group_type_id,
            volume_type_ids=list(volume_type_ids),
            status="creating",
            project_id=PROJECT,
            user_id="the user",
            **fields,
        )
        made.create()
        return made

    def group_again(self, group: objects.Group) -> objects.Group:
        """The group as it is in the database now, with its volumes."""
        return objects.Group.get_by_id(self.context, group.id)

    def group_snapshot(self, group: objects.Group) -> tuple[objects.GroupSnapshot, list[objects.Snapshot]]:
        """A snapshot of a whole group, and that of each of its volumes."""
        made = objects.GroupSnapshot(
            self.context,
            group_id=group.id,
            group_type_id=group.group_type_id,
            name="a group snapshot",
            status="creating",
            project_id=PROJECT,
            user_id="the user",
        )
        made.create()
        made = objects.GroupSnapshot.get_by_id(self.context, made.id)
        return made, [self.snapshot(volume, group_snapshot_id=made.id) for volume in self.volumes_of(group)]

    def volumes_of(self, group: objects.Group) -> list[objects.Volume]:
        """The volumes of a group, in the order in which they were created."""
        found: Iterable[objects.Volume] = objects.VolumeList.get_all_by_generic_group(self.context, group.id)
        return sorted(found, key=lambda volume: (volume.created_at, volume.provider_location or ""))
