"""Cinder's calls for snapshots, and for volumes that are made out of others.

Nothing of Cinder's image calls stands here: its base class clones no image and copies data through an attachment, as
the interface says, and so does upstream.
"""

from __future__ import annotations

from typing import Any

from cinder import objects
from cinder.context import RequestContext
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.errors import DELETING_SNAPSHOT, cinder_errors
from pmax.adapters.cinder.extra_specs import volume_policy
from pmax.adapters.cinder.grouping import joined_group
from pmax.adapters.cinder.locations import required_target
from pmax.adapters.cinder.metadata import creation_metadata, snapshot_metadata
from pmax.adapters.cinder.replicas import replicated_update
from pmax.adapters.cinder.snapshot_locations import SnapshotLocation
from pmax.adapters.cinder.snapshot_targets import CopyLocation, legacy_device, required_snapshot, snapshot_target
from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    CloneVolume,
    CreateSnapshot,
    CreateVolumeFromSnapshot,
    DeleteSnapshot,
    DeleteVolume,
    RevertToSnapshot,
    VolumeCopy,
)
from pmax.domain.errors import InvalidRequest
from pmax.domain.naming import snapshot_name, volume_identifier
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine

LOG = log.getLogger(__name__)


class SnapshotOperations(PowerMaxDriver):
    """What becomes of snapshots, and of volumes out of them."""

    def create_snapshot(self, snapshot: objects.Snapshot) -> dict[str, Any]:
        """Take a snapshot.

        Returns:
            `provider_location` and `metadata`.
        """
        with cinder_errors():
            engine = self._engine()
            target = required_target(snapshot.volume, engine.settings.array_id)
            creation = engine.execute(
                CreateSnapshot(volume=target, name=snapshot_name(snapshot.id)), self._about(snapshot.volume)
            )
            return {
                "provider_location": str(SnapshotLocation(creation.name, target.device_id)),
                "metadata": snapshot_metadata(snapshot.metadata or {}, creation),
            }

    def delete_snapshot(self, snapshot: objects.Snapshot) -> None:
        """Delete a snapshot. Volumes out of it keep their data, whether or not they are attached."""
        with cinder_errors(DELETING_SNAPSHOT):
            engine = self._engine()
            array_id = engine.settings.array_id
            device = legacy_device(snapshot, array_id)
            if device is not None:
                if not engine.execute(DeleteVolume(target=device)).was_present:
                    LOG.info("device %s of snapshot %s was gone already", device.device_id, snapshot.id)
                return
            target = snapshot_target(snapshot, array_id)
            if (
                target is None
                or not engine.execute(DeleteSnapshot(target=target), self._about(snapshot.volume)).was_present
            ):
                LOG.info("snapshot %s is not on array %s: nothing to delete", snapshot.id, array_id)

    def create_volume_from_snapshot(self, volume: objects.Volume, snapshot: objects.Snapshot) -> dict[str, Any]:
        """Make a volume out of a snapshot, as large or larger. A snapshot that is gone is an error.

        Returns:
            `provider_location` and `metadata`.
        """
        with cinder_errors():
            engine = self._engine()
            array_id = engine.settings.array_id
            policy = volume_policy(volume, engine.settings, engine.readers).for_copies
            device = legacy_device(snapshot, array_id)
            if device is not None:
                return self._clone(engine, volume, device, policy)
            copy = engine.execute(
                CreateVolumeFromSnapshot(
                    snapshot=required_snapshot(snapshot, array_id),
                    identifier=volume_identifier(volume.id),
                    capacity=Capacity.for_volume(volume.size),
                    policy=policy,
                    volume_group=joined_group(volume, policy, engine),
                ),
                self._about(volume),
            )
            return self._update(engine, volume, copy, policy)

    def create_cloned_volume(self, volume: objects.Volume, src_vref: objects.Volume) -> dict[str, Any]:
        """Make a volume out of another one, as large or larger, attached or not.

        Returns:
            `provider_location` and `metadata`.
        """
        with cinder_errors():
            engine = self._engine()
            policy = volume_policy(volume, engine.settings, engine.readers).for_copies
            return self._clone(engine, volume, required_target(src_vref, engine.settings.array_id), policy)

    def revert_to_snapshot(self, context: RequestContext, volume: objects.Volume, snapshot: objects.Snapshot) -> None:
        """Give a volume the data of its snapshot back; the snapshot stays."""
        del context
        with cinder_errors():
            engine = self._engine()
            target = required_snapshot(snapshot, engine.settings.array_id)
            own = required_target(volume, engine.settings.array_id)
            if own.device_id != target.volume.device_id:
                rule = f"it is of device {target.volume.device_id}, and volume {volume.id} is device {own.device_id}"
                raise InvalidRequest("snapshot", snapshot.id, rule)
            engine.execute(RevertToSnapshot(target=target), self._about(volume))

    def _clone(
        self, engine: Engine, volume: objects.Volume, source: VolumeTarget, policy: VolumePolicy
    ) -> dict[str, Any]:
        copy = engine.execute(
            CloneVolume(
                source=source,
                identifier=volume_identifier(volume.id),
                capacity=Capacity.for_volume(volume.size),
                policy=policy,
                volume_group=joined_group(volume, policy, engine),
            ),
            self._about(volume),
        )
        return self._update(engine, volume, copy, policy)

    @staticmethod
    def _update(engine: Engine, volume: objects.Volume, copy: VolumeCopy, policy: VolumePolicy) -> dict[str, Any]:
        array = engine.readers.arrays.get_array(copy.creation.array_id)
        metadata = creation_metadata(volume.metadata or {}, copy.creation, policy, array)
        return replicated_update(engine, CopyLocation(copy), metadata, copy.creation.replica)
