"""Cinder's calls for generic volume groups: create, update, delete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs
from cinder import objects
from cinder.context import RequestContext
from cinder.objects.fields import GroupStatus, ReplicationStatus, VolumeStatus
from oslo_log import log

from pmax.adapters.cinder.errors import GROUPING, cinder_errors
from pmax.adapters.cinder.extra_specs import volume_policy
from pmax.adapters.cinder.grouping import check_policy, check_types, group_target, require_ours
from pmax.adapters.cinder.locations import required_target, volume_target
from pmax.adapters.cinder.replicas import other_side
from pmax.adapters.cinder.volumes import VolumeOperations
from pmax.domain.commands import CreateVolumeGroup, DeleteVolumeGroup, UpdateVolumeGroup
from pmax.domain.errors import PmaxError

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
            engine.execute(CreateVolumeGroup(target=group_target(group, engine.settings.array_id)))
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
            for volume in add_volumes or ():
                check_policy(volume_policy(volume, engine.settings, engine.readers), group, engine, volume.id)
            removed = (volume_target(volume, array_id) for volume in remove_volumes or ())
            engine.execute(
                UpdateVolumeGroup(
                    target=group_target(group, array_id),
                    joining=tuple(required_target(volume, array_id) for volume in add_volumes or ()),
                    leaving=tuple(target for target in removed if target is not None),
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
        members = [volume_target(volume, array_id) for volume in volumes]
        target = group_target(group, array_id)
        # A failover leaves a storage group of the same name on the other array.
        others = [side for volume in volumes if group.is_replicated and (side := other_side(volume)) is not None]
        for remote in dict.fromkeys(side.array_id for side in others):
            own = tuple(side for side in others if side.array_id == remote)
            engine.execute(DeleteVolumeGroup(target=attrs.evolve(target, array_id=remote), members=own))
        engine.execute(DeleteVolumeGroup(target=target, members=tuple(filter(None, members))))

    def _delete_member(self, volume: objects.Volume) -> str:
        """Delete a volume; returns what it is then."""
        try:
            self._delete_volume(self._engine(), volume)
        except PmaxError:
            LOG.exception("volume %s could not be deleted", volume.id)
            return str(VolumeStatus.ERROR_DELETING)
        return DELETED
