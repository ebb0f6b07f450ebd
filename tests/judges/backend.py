"""A volume service without its queue: the lines that call a driver, and store in Cinder's database what it says."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from pmax.simulator import Simulator
from pmax.simulator.array_handle import ArrayHandle
from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY
from tests.judges.calls import Calls, counting
from tests.judges.cinder_records import CinderRecords, objects, volume_types

PORTS = {"iscsi": ("SE-4E:0", "SE-5E:0"), "fc": ("FA-1D:4", "FA-2D:4")}


class Backend:
    """A driver, and what the volume manager does with it. Counts of calls are taken with `calls.counting`.

    Attributes:
        simulator: the arrays, and Unisphere in front of them.
        records: makes what is in Cinder's database.
        driver: the driver.
        protocol: `iscsi` or `fc`.
        host: `service@stanza`.
        symmetrix_id: the local array.
    """

    def __init__(
        self, simulator: Simulator, driver: Any, protocol: str, host: str, symmetrix_id: str = LOCAL_ARRAY
    ) -> None:
        self.simulator = simulator
        self.records = CinderRecords()
        self.driver = driver
        self.protocol = protocol
        self.host = host
        self.symmetrix_id = symmetrix_id

    @property
    def array(self) -> ArrayHandle:
        """The local array as it is."""
        return self.simulator.arrays[self.symmetrix_id]

    @property
    def remote(self) -> ArrayHandle:
        """The remote array as it is."""
        return self.simulator.arrays[REMOTE_ARRAY]

    def calls(self) -> AbstractContextManager[Calls]:
        """Count what the driver asks of Unisphere within a block."""
        return counting(self.simulator)

    # Types and volumes in the database

    def pool(self, level: str = "Gold", workload: str | None = "NONE") -> str:
        """The name of a pool of this back end."""
        return "+".join(part for part in (level, workload, "SRP_1", self.symmetrix_id) if part)

    def volume_type(
        self, name: str = "gold", pool: str | None = None, qos: Mapping[str, str] | None = None, **specs: str
    ) -> objects.VolumeType:
        """A volume type that asks for a pool; a double underscore in a key stands for a colon."""
        extra = {key.replace("__", ":"): value for key, value in specs.items()}
        return self.records.volume_type(name, {"pool_name": pool or self.pool(), **extra}, qos)

    def volume(self, of_type: objects.VolumeType, size: int = 1, **fields: Any) -> objects.Volume:
        """A volume in the database, not yet on the array."""
        return self.records.volume(f"{self.host}#{of_type.extra_specs['pool_name']}", of_type, size, **fields)

    def device_of(self, volume: objects.Volume) -> Any:
        """The volume on the local array that a Cinder volume says it is."""
        return self.array.volumes[location_of(volume)["device_id"]]

    # Volumes

    def create(self, of_type: objects.VolumeType, size: int = 1, **fields: Any) -> objects.Volume:
        """Create a volume."""
        return self._made(self.volume(of_type, size, **fields), self.driver.create_volume)

    def create_from_snapshot(self, snapshot: objects.Snapshot, of_type: objects.VolumeType, size: int = 1) -> Any:
        """Create a volume with the data of a snapshot."""
        volume = self.volume(of_type, size, snapshot_id=snapshot.id)
        return self._made(volume, self.driver.create_volume_from_snapshot, snapshot)

    def clone(self, source: objects.Volume, size: int | None = None) -> objects.Volume:
        """Create a volume with the data of another one."""
        source = self.records.again(source)
        volume = self.volume(source.volume_type, size or source.size, source_volid=source.id)
        return self._made(volume, self.driver.create_cloned_volume, source)

    def delete(self, volume: objects.Volume) -> None:
        """Delete a volume."""
        self.driver.delete_volume(self.records.again(volume))
        volume.destroy()

    def extend(self, volume: objects.Volume, size: int) -> objects.Volume:
        """Make a volume larger."""
        self.driver.extend_volume(self.records.again(volume), size)
        return self._stored(volume, {"size": size})

    def retype(self, volume: objects.Volume, new_type: objects.VolumeType) -> bool:
        """Change the type of a volume; say whether the driver did it."""
        context = self.records.context
        wanted = objects.VolumeType.get_by_id(context, new_type.id)
        difference, _ = volume_types.volume_types_diff(context, volume.volume_type_id, new_type.id)
        host = {"host": f"{self.host}#{new_type.extra_specs['pool_name']}", "capabilities": {}}
        answer = self.driver.retype(context, self.records.again(volume), wanted, difference, host)
        done, update = answer if isinstance(answer, tuple) else (answer, None)
        if done:
            self._stored(volume, {**(update or {}), "volume_type_id": new_type.id, "host": host["host"]})
        return bool(done)

    def manage(self, of_type: objects.VolumeType, reference: Mapping[str, str]) -> objects.Volume:
        """Take over a volume that is on the array."""
        volume = self.volume(of_type, 0)
        size = self.driver.manage_existing_get_size(volume, dict(reference))
        volume = self._stored(volume, {"size": size})
        return self._made(volume, self.driver.manage_existing, dict(reference))

    def unmanage(self, volume: objects.Volume) -> None:
        """Leave a volume to others."""
        self.driver.unmanage(self.records.again(volume))
        volume.destroy()

    # Attachments

    def attach(self, volume: objects.Volume, connector: Mapping[str, Any]) -> dict[str, Any]:
        """Attach a volume to a host; return what the host is told."""
        self.driver.validate_connector(dict(connector))
        attachment = self.records.attachment(volume, connector)
        volume = self.records.again(volume)
        self.driver.create_export(self.records.context, volume, dict(connector))
        told: dict[str, Any] = self.driver.initialize_connection(volume, dict(connector))
        attachment.finish_attach(None, connector["host"], "/dev/vdb")
        return told

    def log_in(self, connector: Mapping[str, Any]) -> None:
        """Let a host log in on the ports of the back end's port group, as it does after its first attachment."""
        for array in (self.array, self.remote):
            for initiator in connector.get("wwpns") or [connector["initiator"]]:
                array.log_in(initiator, *PORTS[self.protocol])

    def detach(self, volume: objects.Volume, connector: Mapping[str, Any]) -> Any:
        """Detach a volume from a host; return what the driver says to that."""
        volume = self.records.again(volume)
        answer = self.driver.terminate_connection(volume, dict(connector), force=False)
        (attachment,) = [each for each in volume.volume_attachment if each.attached_host == connector["host"]]
        volume.finish_detach(attachment.id)
        self.driver.remove_export(self.records.context, self.records.again(volume))
        return answer

    # Snapshots

    def snapshot(self, volume: objects.Volume) -> objects.Snapshot:
        """Take a snapshot of a volume."""
        snapshot = self.records.snapshot(volume)
        return _updated(snapshot, self.driver.create_snapshot(snapshot), status="available")

    def delete_snapshot(self, snapshot: objects.Snapshot) -> None:
        """Delete a snapshot."""
        self.driver.delete_snapshot(snapshot)
        snapshot.destroy()

    def revert(self, volume: objects.Volume, snapshot: objects.Snapshot) -> None:
        """Bring a volume back to what a snapshot has."""
        self.driver.revert_to_snapshot(self.records.context, self.records.again(volume), snapshot)

    # Failover

    def fail_over(self, volumes: Sequence[objects.Volume], secondary_id: str | None = None) -> str | None:
        """Fail the back end over, or back if `secondary_id` is `default`; return the back end that is active then."""
        volumes = [self.records.again(volume) for volume in volumes]
        active: str | None
        active, updates, _ = self.driver.failover_host(
            self.records.context, volumes, secondary_id=secondary_id, groups=[]
        )
        changed = {update["volume_id"]: update["updates"] for update in updates}
        for volume in volumes:
            self._stored(volume, changed.get(volume.id, {}))
        return active

    def _made(self, volume: objects.Volume, make: Callable[..., Any], *arguments: Any) -> objects.Volume:
        return self._stored(volume, {**(make(volume, *arguments) or {}), "status": "available"})

    def _stored(self, volume: objects.Volume, update: Mapping[str, Any]) -> objects.Volume:
        volume = _updated(volume, update)
        return self.records.again(volume)


def location_of(thing: Any, field: str = "provider_location") -> dict[str, str]:
    """Where a volume or snapshot is on an array: a dictionary as Python writes it, in one of two fields."""
    located: dict[str, str] = ast.literal_eval(thing[field])
    return located


def _updated(thing: Any, update: Mapping[str, Any] | None, **fields: Any) -> Any:
    """Store what a driver said of a volume or snapshot."""
    thing.update({**(update or {}), **fields})
    thing.save()
    return thing
