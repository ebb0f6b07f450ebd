"""Cinder's calls for generic volume groups: create, update, delete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cinder import objects
from cinder.context import RequestContext
from cinder.objects.fields import GroupStatus, ReplicationStatus, VolumeStatus
from oslo_log import log

from pmax.adapters.cinder.errors import GROUPING, cinder_errors
from pmax.adapters.cinder.extra_specs import volume_policy
from pmax.adapters.cinder.grouping import (
    check_joinable,
    check_policy,
    check_types,
    group_target,
    other_array_of,
    require_ours,
)
from pmax.adapters.cinder.locations import required_target, volume_target
from pmax.adapters.cinder.replicas import other_side
from pmax.adapters.cinder.volumes import VolumeOperations
from pmax.domain.commands import CreateVolumeGroup, DeleteVolumeGroup, OtherSidesOfGroup, UpdateVolumeGroup
from pmax.domain.errors import IllegalTransition, PmaxError
from pmax.domain.identifiers import ArrayId
from pmax.domain.volumes import VolumeTarget

LOG = log.getLogger(__name__)

#: What a driver says of a volume that is gone; Cinder has no constant for it.
DELETED = "deleted"


class VolumeGroupOperations(VolumeOperations):
    """What becomes of volume groups that are snapped or replicated as one."""

    def create_group(self, context: RequestContext, group: objects.Group) -> dict[str, Any]:
        """Make an empty group."""
        require_ours(group)
        with cinder_errors(GROUPING):
            engine = self._engine()
            check_types(group, engine)
            target = group_target(group, engine.settings.array_id)
            engine.execute(CreateVolumeGroup(target=target, other_array_id=other_array_of(group, engine)))
            replicated = {"replication_status": ReplicationStatus.ENABLED} if group.is_replicated else {}
            return {"status": GroupStatus.AVAILABLE, **replicated}

    def update_group(
        self,
        context: RequestContext,
        group: objects.Group,
        add_volumes: Iterable[objects.Volume] | None = None,
        remove_volumes: Iterable[objects.Volume] | None = None,
    ) -> tuple[dict[str, Any], None, None]:
        """Add volumes and remove others, all of them or none: an error names the volume that is its cause."""
        require_ours(group)
        with cinder_errors(GROUPING):
            engine = self._engine()
            array_id = engine.settings.array_id
            added, removed = tuple(add_volumes or ()), tuple(remove_volumes or ())
            _check_changeable(group, (*added, *removed), array_id)
            if added:
                check_joinable(group)
            for volume in added:
                check_policy(volume_policy(volume, engine.settings, engine.readers), group, engine, volume.id)
            engine.execute(
                UpdateVolumeGroup(
                    target=group_target(group, array_id),
                    joining=tuple(required_target(volume, array_id) for volume in added),
                    leaving=tuple(filter(None, (volume_target(volume, array_id) for volume in removed))),
                    other_sides=_other_sides(other_array_of(group, engine), added, removed),
                )
            )
            return {"status": GroupStatus.AVAILABLE}, None, None

    def delete_group(
        self, context: RequestContext, group: objects.Group, volumes: Sequence[objects.Volume]
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Delete a group with its volumes.

        Returns:
            The status of the group, and that of each volume: one that could not be deleted does not keep the others
            from being, and a second attempt finds those gone and the rest as it is.
        """
        require_ours(group)
        try:
            self._dissolve(group, volumes)
        except PmaxError:
            LOG.exception("group %s could not be deleted, and its volumes stay", group.id)
            kept = [{"id": volume.id, "status": VolumeStatus.ERROR_DELETING} for volume in volumes]
            return {"status": GroupStatus.ERROR_DELETING}, kept
        updates = [{"id": volume.id, "status": self._delete_member(volume)} for volume in volumes]
        is_whole = all(update["status"] == DELETED for update in updates)
        return {"status": GroupStatus.DELETED if is_whole else GroupStatus.ERROR_DELETING}, updates

    def _dissolve(self, group: objects.Group, volumes: Sequence[objects.Volume]) -> None:
        engine = self._engine()
        array_id = engine.settings.array_id
        _check_changeable(group, volumes, array_id)
        target = group_target(group, array_id)
        remote = other_array_of(group, engine)
        if remote is not None:
            engine.execute(DeleteVolumeGroup(target=target.on(remote), members=_elsewhere(volumes)))
        members = (volume_target(volume, array_id) for volume in volumes)
        engine.execute(DeleteVolumeGroup(target=target, members=tuple(filter(None, members))))

    def _delete_member(self, volume: objects.Volume) -> str:
        """Delete a volume; returns what it is then."""
        try:
            self._delete_volume(self._engine(), volume)
        except PmaxError:
            LOG.exception("volume %s could not be deleted", volume.id)
            return str(VolumeStatus.ERROR_DELETING)
        return DELETED


def _check_changeable(group: objects.Group, volumes: Iterable[objects.Volume], configured: ArrayId) -> None:
    """Refuse to change a group that is failed over: its storage groups belong to the sides as they are at home.

    Raises:
        IllegalTransition: it is, by what Cinder says of it or of a volume.
    """
    used = (volume_target(volume, configured) for volume in volumes)
    is_away = any(target is not None and target.array_id != configured for target in used)
    if is_away or (group.is_replicated and group.replication_status == ReplicationStatus.FAILED_OVER):
        state = "failed over; fail it back first, with the target default"
        raise IllegalTransition("group", group.id, state, "changing it")


def _other_sides(
    array_id: ArrayId | None, added: Sequence[objects.Volume], removed: Sequence[objects.Volume]
) -> OtherSidesOfGroup | None:
    if array_id is None:
        return None
    return OtherSidesOfGroup(array_id=array_id, joining=_elsewhere(added), leaving=_elsewhere(removed))


def _elsewhere(volumes: Iterable[objects.Volume]) -> tuple[VolumeTarget, ...]:
    """Other sides of volumes, where Cinder knows of them."""
    return tuple(side for volume in volumes if (side := other_side(volume)) is not None)
