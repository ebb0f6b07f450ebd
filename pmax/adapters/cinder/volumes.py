"""Cinder's calls for volumes: create, delete, extend."""

from __future__ import annotations

from typing import Any

from cinder import objects
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.errors import DELETING, cinder_errors
from pmax.adapters.cinder.extra_specs import volume_policy
from pmax.adapters.cinder.grouping import joined_group
from pmax.adapters.cinder.locations import Location, required_target, volume_target
from pmax.adapters.cinder.metadata import creation_metadata
from pmax.adapters.cinder.replicas import (
    policy_if_replicated,
    replica_metadata,
    replica_update,
    replicated_update,
)
from pmax.domain.capacity import Capacity
from pmax.domain.commands import CreateVolume, DeleteVolume, ExtendVolume
from pmax.domain.naming import volume_identifier
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine

LOG = log.getLogger(__name__)


class VolumeOperations(PowerMaxDriver):
    """What becomes of a volume itself."""

    def create_volume(self, volume: objects.Volume) -> dict[str, Any]:
        """Make a volume.

        Returns:
            `provider_location` and `metadata`; of a replicated volume `replication_status` and
            `replication_driver_data` too.
        """
        with cinder_errors():
            engine = self._engine()
            array_id = engine.settings.array_id
            policy = volume_policy(volume, engine.settings, engine.readers)
            group = joined_group(volume, policy, engine)
            array = engine.readers.arrays.get_array(array_id)
            creation = engine.execute(
                CreateVolume(
                    array_id=array_id,
                    identifier=volume_identifier(volume.id),
                    capacity=Capacity.for_volume(volume.size),
                    policy=policy,
                    volume_group=group,
                ),
                self._about(volume),
            )
            metadata = creation_metadata(volume.metadata or {}, creation, policy, array)
            location = Location(creation.array_id, creation.device_id)
            return replicated_update(engine, location, metadata, creation.replica)

    def delete_volume(self, volume: objects.Volume) -> None:
        """Delete a volume. Succeeds only if the array says that it is gone, or that it never was there."""
        with cinder_errors(DELETING):
            self._delete_volume(self._engine(), volume)

    def _delete_volume(self, engine: Engine, volume: objects.Volume) -> None:
        target = volume_target(volume, engine.settings.array_id)
        targets = (target,) if target else self._made_but_not_recorded(engine, volume)
        if not targets:
            LOG.info("volume %s has no device on array %s: nothing to delete", volume.id, engine.settings.array_id)
        policy = policy_if_replicated(volume, engine)
        for target in targets:
            if not engine.execute(DeleteVolume(target=target, policy=policy), self._about(volume)).was_present:
                LOG.info("device %s of volume %s was gone already", target.device_id, volume.id)

    @staticmethod
    def _made_but_not_recorded(engine: Engine, volume: objects.Volume) -> tuple[VolumeTarget, ...]:
        """Devices of a volume whose creation was cut off before Cinder learned of the device."""
        array_id, identifier = engine.settings.array_id, volume_identifier(volume.name_id)
        return tuple(
            VolumeTarget(array_id=array_id, device_id=device_id, identifiers=(identifier,))
            for device_id in engine.readers.volumes.find_devices_by_identifier(array_id, identifier)
        )

    def extend_volume(self, volume: objects.Volume, new_size: int) -> None:
        """Make a volume larger, attached or not. `new_size` is in GiB."""
        with cinder_errors():
            engine = self._engine()
            target = required_target(volume, engine.settings.array_id)
            policy = policy_if_replicated(volume, engine)
            command = ExtendVolume(target=target, capacity=Capacity.for_volume(new_size), policy=policy)
            replica = engine.execute(command, self._about(volume)).replica
            if replica is not None:
                # Cinder takes no update from this call, but stores what has changed in the volume itself.
                model = engine.readers.arrays.get_array(replica.array_id).model
                volume.update(replica_update(replica))
                volume.metadata = replica_metadata(volume.metadata or {}, replica, model)
