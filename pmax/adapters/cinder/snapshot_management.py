"""Cinder's calls for snapshots that exist on the array already, or that stay there without Cinder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cinder import objects
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.errors import MANAGING, UNMANAGING, cinder_errors
from pmax.adapters.cinder.locations import Location, identifiers, required_target
from pmax.adapters.cinder.manageable import SOURCE_ID, SOURCE_NAME
from pmax.adapters.cinder.references import named
from pmax.adapters.cinder.snapshot_locations import SnapshotLocation, parse_snapshot_location
from pmax.domain.commands import ManageSnapshot, UnmanageSnapshot, UnmanageVolume
from pmax.domain.errors import IllegalTransition, InvalidRequest, NotFound
from pmax.domain.manageability import size_of
from pmax.domain.naming import (
    managed_snapshot_name,
    snapshot_name,
    unmanaged_snapshot_name,
    unmanaged_volume_identifier,
)
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine

LOG = log.getLogger(__name__)

Reference = Mapping[str, object]

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FAILED_OVER: Final = frozenset({"failed-over", "failing-over"})


class SnapshotManagementOperations(PowerMaxDriver):
    """What Cinder takes over, and what it gives up."""

    def manage_existing_snapshot_get_size(self, snapshot: objects.Snapshot, existing_ref: Reference) -> int:
        """GiB of a snapshot that is to be taken over: those of its volume, rounded up."""
        with cinder_errors(MANAGING):
            engine = self._engine()
            source = _source(engine, snapshot, existing_ref)
            volume = engine.readers.volumes.find_volume(source.array_id, source.device_id)
            if volume is None:
                raise NotFound("volume", source.device_id)
            source.check(volume)
            return size_of(volume)

    def manage_existing_snapshot(self, snapshot: objects.Snapshot, existing_ref: Reference) -> dict[str, Any]:
        """Take a snapshot over: on the array, its name gets `OS-` before it.

        Returns:
            `display_name` and `provider_location`.
        """
        with cinder_errors(MANAGING):
            engine = self._engine()
            source = _source(engine, snapshot, existing_ref)
            name = _name(engine, source, existing_ref)
            command = ManageSnapshot(source=source, name=name, new_name=managed_snapshot_name(name))
            managed = engine.execute(command, self._about(snapshot.volume))
            location = SnapshotLocation(managed.name, source.device_id)
            return {"display_name": snapshot.display_name or snapshot.id, "provider_location": location.source_first}

    def unmanage_snapshot(self, snapshot: objects.Snapshot) -> None:
        """Give a snapshot up: it stays on the array, without `OS-` before its name."""
        with cinder_errors(UNMANAGING):
            engine = self._engine()
            location = parse_snapshot_location(snapshot.provider_location, engine.settings.array_id)
            if isinstance(location, SnapshotLocation):
                was_present = _unmanage(engine, snapshot, location)
            else:
                was_present = location is not None and _unmanage_device(engine, snapshot, location)
            if not was_present:
                LOG.warning("snapshot %s is not on the array: there is nothing to give up", snapshot.id)


def _source(engine: Engine, snapshot: objects.Snapshot, reference: Reference) -> VolumeTarget:
    """The volume of a snapshot that is to be taken over.

    Raises:
        InvalidRequest: Cinder knows of no device for it, or the reference names another volume.
        IllegalTransition: it is failed over.
    """
    _check_not_failed_over(snapshot)
    target = required_target(snapshot.volume, engine.settings.array_id)
    told = reference.get(SOURCE_ID) if reference.get(SOURCE_NAME) else None
    if told is not None and str(told).upper() != target.device_id:
        rule = f"its snapshot is of volume {told}, and {snapshot.volume.id} is volume {target.device_id}"
        raise InvalidRequest("reference", dict(reference), rule)
    return target


def _check_not_failed_over(snapshot: objects.Snapshot) -> None:
    state = snapshot.volume.replication_status
    if state in _FAILED_OVER:
        raise IllegalTransition("volume", snapshot.volume.id, state, "managing its snapshots")


def _name(engine: Engine, source: VolumeTarget, reference: Reference) -> str:
    """What the snapshot is called on the array; the id that Cinder once had for one finds it again."""
    text = named(reference)
    if not _UUID.fullmatch(text):
        return text
    shortened = unmanaged_snapshot_name(snapshot_name(text))
    sessions = engine.readers.snapshots.find_sessions(source.array_id, source.device_id)
    return shortened if sessions and not sessions.named(text) and sessions.named(shortened) else text


def _unmanage(engine: Engine, snapshot: objects.Snapshot, location: SnapshotLocation) -> bool:
    _check_not_failed_over(snapshot)
    source = required_target(snapshot.volume, engine.settings.array_id)
    command = UnmanageSnapshot(source=source, name=location.name, new_name=unmanaged_snapshot_name(location.name))
    return engine.execute(command).was_present


def _unmanage_device(engine: Engine, snapshot: objects.Snapshot, location: Location) -> bool:
    """Give up a snapshot of the SMI-S era, which is a device of its own."""
    target = VolumeTarget(
        array_id=location.array_id, device_id=location.device_id, identifiers=identifiers(snapshot.id)
    )
    after = unmanaged_volume_identifier(snapshot.id)
    return engine.execute(UnmanageVolume(target=target, identifier=after)).was_present
