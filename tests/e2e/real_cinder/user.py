"""Somebody who uses a cloud through its API, and waits until what was asked for is done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from pmax.simulator.fixtures import LOCAL_ARRAY
from tests.e2e.real_cinder.cloud import PROJECT, Cloud

MULTIATTACH = {"multiattach": "<is> True"}


def pool(level: str = "Gold", workload: str = "NONE") -> str:
    """The name of a pool, without the back end."""
    return f"{level}+{workload}+SRP_1+{LOCAL_ARRAY}"


class User:
    """A project's user, who may do what administrators may: `noauth` makes no difference.

    Attributes:
        cloud: what is used.
        api: the client library.
        nova: the same on behalf of Nova: its requests carry a service token, so that Cinder does not ask Nova back.
    """

    def __init__(self, cloud: Cloud, project: str = PROJECT) -> None:
        self.cloud = cloud
        self.api = cloud.client(project)
        self.nova = cloud.client(project, X_Service_Roles="service")

    def volume_type(self, backend: str, level: str = "Gold", qos: Mapping[str, str] | None = None, **specs: str) -> Any:
        """A volume type for one back end; a double underscore in a key stands for a colon."""
        made = self.api.volume_types.create(f"{backend} {level} {uuid4().hex[:8]}")
        extra = {key.replace("__", ":"): value for key, value in specs.items()}
        made.set_keys({"volume_backend_name": backend, "pool_name": pool(level), **extra})
        if qos:
            limits = self.api.qos_specs.create(f"limits of {made.name}", {"consumer": "back-end", **qos})
            self.api.qos_specs.associate(limits, made.id)
        return made

    def create(self, volume_type: Any, size: int = 1, **how: Any) -> Any:
        """A volume that is available."""
        made = self.api.volumes.create(size, volume_type=getattr(volume_type, "id", volume_type), **how)
        return self.cloud.settled(self.api.volumes, made)

    def again(self, volume: Any) -> Any:
        """The volume as it is now."""
        return self.api.volumes.get(volume.id)

    def extend(self, volume: Any, size: int) -> Any:
        """Make a volume larger, attached or not; return it."""
        status = self.again(volume).status
        self.api.volumes.extend(volume, size)
        return self.cloud.settled(self.api.volumes, volume, status)

    def delete(self, *volumes: Any) -> None:
        """Delete volumes, and wait until they are gone."""
        for volume in volumes:
            self.api.volumes.delete(volume.id)
        for volume in volumes:
            self.cloud.gone(self.api.volumes, volume)

    def snapshot(self, volume: Any, **how: Any) -> Any:
        """A snapshot that is available, of a volume that may be attached."""
        made = self.api.volume_snapshots.create(volume.id, force=True, **how)
        return self.cloud.settled(self.api.volume_snapshots, made)

    def delete_snapshot(self, *snapshots: Any) -> None:
        """Delete snapshots, and wait until they are gone."""
        for snapshot in snapshots:
            self.api.volume_snapshots.delete(snapshot.id)
        for snapshot in snapshots:
            self.cloud.gone(self.api.volume_snapshots, snapshot)

    def revert(self, volume: Any, snapshot: Any) -> None:
        """Bring a volume back to what its newest snapshot has."""
        self.api.volumes.revert_to_snapshot(volume, snapshot)
        self.cloud.settled(self.api.volumes, volume)

    def retype(self, volume: Any, volume_type: Any, policy: str = "never") -> Any:
        """Change the type of a volume; return it once it has the type and is what it was before."""
        status = self.again(volume).status
        self.api.volumes.retype(volume, volume_type.name, policy)
        self.cloud.wait(lambda: self.again(volume).volume_type == volume_type.name, "the volume has its new type")
        return self.cloud.settled(self.api.volumes, volume, status)

    def attach(self, volume: Any, connector: Mapping[str, Any]) -> dict[str, Any]:
        """Attach a volume as Nova does; return the attachment, with what the host is told in `connection_info`."""
        reserved = self.nova.attachments.create(volume.id, {})
        told: dict[str, Any] = self.nova.attachments.update(reserved["id"], dict(connector)).to_dict()
        return self._completed(volume, told)

    def attach_moving(self, volume: Any, connector: Mapping[str, Any], instance: str) -> dict[str, Any]:
        """Attach a volume as Nova does when an instance moves: without a reservation, beside what there is already."""
        return self._completed(volume, self.nova.attachments.create(volume.id, dict(connector), instance))

    def _completed(self, volume: Any, attachment: dict[str, Any]) -> dict[str, Any]:
        self.nova.attachments.complete(attachment["id"])
        assert self.again(volume).status == "in-use"
        return attachment

    def detach(self, attachment: Mapping[str, Any]) -> None:
        """End an attachment."""
        self.nova.attachments.delete(attachment["id"])

    # --- groups ------------------------------------------------------------------------------------------------------

    def group_type(self, **specs: str) -> Any:
        """A type of groups with these specs."""
        made = self.api.group_types.create(f"group type {uuid4().hex[:8]}")
        made.set_keys(specs)
        return made

    def group(self, group_type: Any, volume_type: Any, name: str = "group") -> Any:
        """A group that is available."""
        made = self.api.groups.create(group_type.id, volume_type.id, name=name)
        return self.cloud.settled(self.api.groups, made)

    def change_group(self, group: Any, **changes: str) -> Any:
        """Let volumes join or leave a group (`add_volumes`, `remove_volumes`); return it when that is done."""
        self.api.groups.update(group.id, **changes)
        return self.cloud.settled(self.api.groups, group)

    def delete_group(self, group: Any) -> None:
        """Delete a group with its volumes."""
        self.api.groups.delete(group.id, delete_volumes=True)
        self.cloud.gone(self.api.groups, group)

    def remove_everything(self) -> None:
        """Take away all that the API knows, whatever state it is in, as an operator does after a disaster."""
        everybody = {"all_tenants": 1}
        for attachment in self.nova.attachments.list(search_opts=everybody):
            self.detach({"id": attachment.id})
        for snapshot in self.api.volume_snapshots.list(search_opts=everybody):
            self.api.volume_snapshots.reset_state(snapshot, "error")
            self.delete_snapshot(snapshot)
        for volume in self.api.volumes.list(search_opts=everybody):
            self.api.volumes.reset_state(volume, "error")
            self.delete(volume)

    def clear(self) -> None:
        """Take away what a test left that failed, so that it does not fail the next ones; not everything may go."""
        with suppress(Exception):
            self.remove_everything()
