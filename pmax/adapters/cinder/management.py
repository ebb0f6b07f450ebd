"""Cinder's calls for volumes and snapshots that exist on the array already, or that stay there without Cinder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cinder import objects
from cinder.volume import volume_utils
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.errors import LISTING, MANAGING, MANAGING_TYPE, UNMANAGING, cinder_errors
from pmax.adapters.cinder.extra_specs import volume_policy
from pmax.adapters.cinder.locations import Location, volume_target
from pmax.adapters.cinder.manageable import piece_of, snapshot_entries, volume_entries
from pmax.adapters.cinder.metadata import creation_metadata
from pmax.adapters.cinder.references import find_device
from pmax.adapters.cinder.replicas import replicated_update
from pmax.adapters.cinder.snapshot_locations import SnapshotLocation, parse_snapshot_location
from pmax.domain.commands import ManageVolume, UnmanageVolume
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.manageability import check_volume, judge_snapshots, judge_volumes
from pmax.domain.naming import unmanaged_volume_identifier, volume_identifier
from pmax.domain.pools import PoolName
from pmax.domain.settings import Settings
from pmax.plugins.replication_choice import find_replication

LOG = log.getLogger(__name__)

Reference = Mapping[str, object]
Entries = list[dict[str, Any]]


class ManagementOperations(PowerMaxDriver):
    """What Cinder takes over, and what it gives up."""

    def manage_existing_get_size(self, volume: objects.Volume, existing_ref: Reference) -> int:
        """GiB of a volume that is to be taken over; refuses one that cannot be, before Cinder counts it."""
        with cinder_errors(MANAGING):
            engine = self._engine()
            settings, volumes = engine.settings, engine.readers.volumes
            _check_host(volume, settings)
            device = find_device(volumes, settings.array_id, existing_ref)
            full = volumes.find_volume_in_full(settings.array_id, device)
            if full is None:
                raise NotFound("volume", device)
            check_volume(full, settings.srp, volume_identifier(volume.id))
            return full.volume.capacity.whole_gib

    def manage_existing(self, volume: objects.Volume, existing_ref: Reference) -> dict[str, Any]:
        """Take a volume over.

        Returns:
            `provider_location` and `metadata`; of a replicated volume `replication_status` and
            `replication_driver_data` too.
        """
        with cinder_errors(MANAGING):
            engine = self._engine()
            array_id = engine.settings.array_id
            _check_host(volume, engine.settings)
            with cinder_errors(MANAGING_TYPE):
                policy = volume_policy(volume, engine.settings, engine.readers)
                find_replication(engine.settings, engine.plugins, policy)
            managed = engine.execute(
                ManageVolume(
                    array_id=array_id,
                    device_id=find_device(engine.readers.volumes, array_id, existing_ref),
                    identifier=volume_identifier(volume.id),
                    policy=policy,
                ),
                self._about(volume),
            )
            array = engine.readers.arrays.get_array(array_id)
            metadata = creation_metadata(volume.metadata or {}, managed, policy, array)
            location = Location(managed.array_id, managed.device_id)
            return replicated_update(engine, location.device_first, metadata, managed.replica)

    def unmanage(self, volume: objects.Volume) -> None:
        """Give a volume up: it stays on the array, under its id without `OS-`."""
        with cinder_errors(UNMANAGING):
            engine = self._engine()
            target = volume_target(volume, engine.settings.array_id)
            if target is None:
                LOG.info("volume %s has no device: there is nothing to give up", volume.id)
                return
            command = UnmanageVolume(target=target, identifier=unmanaged_volume_identifier(volume.id))
            if not engine.execute(command, self._about(volume)).was_present:
                LOG.warning("device %s of volume %s was gone already", target.device_id, volume.id)

    def get_manageable_volumes(
        self,
        cinder_volumes: Iterable[objects.Volume],
        marker: Mapping[str, str] | str | None,
        limit: int | None,
        offset: int | None,
        sort_keys: Sequence[str] | None,
        sort_dirs: Sequence[str] | None,
    ) -> Entries:
        """Every volume of the array, sorted, a piece of them; each says whether it can be managed, or why not."""
        with cinder_errors(LISTING):
            engine = self._engine()
            array_id, srp = engine.settings.array_id, engine.settings.srp
            piece = piece_of(marker, limit, offset, sort_keys, sort_dirs)
            volumes = engine.readers.volumes.list_volumes_in_full(array_id)
            return volume_entries(judge_volumes(volumes, srp, _devices_of(cinder_volumes, engine.settings)), piece)

    def get_manageable_snapshots(
        self,
        cinder_snapshots: Iterable[objects.Snapshot],
        marker: Mapping[str, str] | str | None,
        limit: int | None,
        offset: int | None,
        sort_keys: Sequence[str] | None,
        sort_dirs: Sequence[str] | None,
    ) -> Entries:
        """Every snapshot of the array, sorted, a piece of them; each says whether it can be managed, or why not."""
        with cinder_errors(LISTING):
            engine = self._engine()
            array_id = engine.settings.array_id
            piece = piece_of(marker, limit, offset, sort_keys, sort_dirs)
            volumes = engine.readers.volumes.list_volumes_in_full(array_id)
            return snapshot_entries(judge_snapshots(volumes, _names_of(cinder_snapshots, engine.settings)), piece)


def _check_host(volume: objects.Volume, settings: Settings) -> None:
    """Refuse a pool of another array or storage resource pool: what is taken over is in the configured one.

    Raises:
        InvalidRequest: the host names another.
    """
    text = volume_utils.extract_host(volume.host, "pool")
    if not text:
        return
    pool = PoolName.parse(text, "host")
    if (pool.srp, pool.array_id) != (settings.srp, settings.array_id):
        rule = f"this backend has storage resource pool {settings.srp} of array {settings.array_id}"
        raise InvalidRequest("host", volume.host, rule)


def _devices_of(volumes: Iterable[objects.Volume], settings: Settings) -> dict[tuple[DeviceId, str], str]:
    """Device and identifier → id, of every volume that Cinder has on the array."""
    found: dict[tuple[DeviceId, str], str] = {}
    for volume in volumes:
        try:
            target = volume_target(volume, settings.array_id)
        except InvalidRequest as error:
            LOG.warning("volume %s: %s", volume.id, error)
            continue
        if target is not None and target.array_id == settings.array_id:
            found.update({(target.device_id, identifier): volume.id for identifier in target.identifiers})
    return found


def _names_of(snapshots: Iterable[objects.Snapshot], settings: Settings) -> dict[tuple[DeviceId, str], str]:
    """Device and name → id, of every snapshot that Cinder has on the array."""
    found: dict[tuple[DeviceId, str], str] = {}
    for snapshot in snapshots:
        try:
            location = parse_snapshot_location(snapshot.provider_location, settings.array_id)
        except InvalidRequest as error:
            LOG.warning("snapshot %s: %s", snapshot.id, error)
            continue
        if isinstance(location, SnapshotLocation):
            found[location.source, location.name] = snapshot.id
    return found
