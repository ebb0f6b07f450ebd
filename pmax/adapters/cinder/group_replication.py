"""Cinder's calls for groups that are replicated as one: enable, disable, fail over and back, and their state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cinder import exception, objects
from cinder.context import RequestContext
from cinder.objects.fields import ReplicationStatus
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.grouping import group_target
from pmax.adapters.cinder.locations import required_target
from pmax.adapters.cinder.replicas import other_side
from pmax.domain.commands import ChangeGroupReplication
from pmax.domain.errors import InvalidRequest, PmaxError
from pmax.domain.identifiers import ArrayId
from pmax.domain.srdf import LINKED, PairState, SessionAction
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget

LOG = log.getLogger(__name__)

#: The word with which Cinder fails back.
_BACK: Final = "default"
#: States of pairs that fit what Cinder believes of a group.
_FITTING: Final = {
    ReplicationStatus.ENABLED: LINKED,
    ReplicationStatus.DISABLED: frozenset({PairState.SUSPENDED, PairState.SPLIT}),
    ReplicationStatus.FAILED_OVER: frozenset({PairState.FAILED_OVER, PairState.SUSPENDED, PairState.SPLIT}),
}

GroupUpdate = tuple[dict[str, Any], list[dict[str, Any]]]


class GroupReplicationOperations(PowerMaxDriver):
    """What becomes of the replication of groups."""

    replicates_groups = True

    def enable_replication(
        self, context: RequestContext, group: objects.Group, volumes: Sequence[objects.Volume]
    ) -> GroupUpdate:
        """Let all pairs of a group replicate again."""
        return self._change(group, volumes, SessionAction.RESUME, ReplicationStatus.ENABLED)

    def disable_replication(
        self, context: RequestContext, group: objects.Group, volumes: Sequence[objects.Volume]
    ) -> GroupUpdate:
        """Let no pair of a group replicate for a while; both sides stay."""
        return self._change(group, volumes, SessionAction.SUSPEND, ReplicationStatus.DISABLED)

    def failover_replication(
        self,
        context: RequestContext,
        group: objects.Group,
        volumes: Sequence[objects.Volume],
        secondary_backend_id: str | None = None,
    ) -> GroupUpdate:
        """Let hosts use the other sides of a group's volumes, or with `default` the first ones again.

        Raises:
            InvalidReplicationTarget: the backend has no such target.
        """
        _require_replicated(group)
        if secondary_backend_id == _BACK:
            return self._change(group, volumes, SessionAction.FAILBACK, ReplicationStatus.ENABLED)
        self._check_secondary(secondary_backend_id)
        return self._change(group, volumes, SessionAction.FAILOVER, ReplicationStatus.FAILED_OVER)

    def get_replication_error_status(
        self, context: RequestContext, groups: Iterable[objects.Group]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Groups and volumes whose pairs are not in a state that fits what Cinder believes of them.

        What cannot be read at the moment is no error: Cinder would not take it back when it can be read again.
        """
        broken_groups, broken_volumes = [], []
        for group in groups:
            fitting = _FITTING.get(group.replication_status)
            if fitting is None:
                continue
            broken = [volume.id for volume in group.volumes if not self._fits(volume, fitting)]
            broken_volumes += [{"volume_id": each, "replication_status": ReplicationStatus.ERROR} for each in broken]
            if broken:
                broken_groups.append({"group_id": group.id, "replication_status": ReplicationStatus.ERROR})
        return broken_groups, broken_volumes

    def _change(
        self, group: objects.Group, volumes: Sequence[objects.Volume], action: SessionAction, status: str
    ) -> GroupUpdate:
        """Change all pairs of a group, or none; a failure is told by the statuses, as Cinder wants it."""
        _require_replicated(group)
        if not volumes:
            return {}, []
        try:
            engine = self._engine()
            sides = [_Sides.of(volume, engine.settings.array_id) for volume in volumes]
            asked = [
                side.r2 if action in {SessionAction.FAILOVER, SessionAction.FAILBACK} else side.r1 for side in sides
            ]
            arrays = {target.array_id for target in asked}
            if len(arrays) > 1:
                raise InvalidRequest("arrays", ", ".join(sorted(arrays)), "the volumes of a group must be on one array")
            own = group_target(group, engine.settings.array_id)
            target = VolumeGroupTarget(array_id=asked[0].array_id, group_id=own.group_id, name=own.name)
            engine.execute(ChangeGroupReplication(target=target, action=action, members=tuple(asked)))
        except PmaxError:
            LOG.exception("%s of group %s failed", action, group.id)
            error = {"replication_status": ReplicationStatus.ERROR}
            return dict(error), [{"id": volume.id, **error} for volume in volumes]
        updates = [{"id": volume.id, "replication_status": status} for volume in volumes]
        if action in {SessionAction.FAILOVER, SessionAction.FAILBACK}:
            for update, side in zip(updates, sides, strict=True):
                update.update(side.used(is_r2=action is SessionAction.FAILOVER))
        return {"replication_status": status}, updates

    def _check_secondary(self, backend_id: str | None) -> None:
        devices = self._engine().settings.replication_devices
        known = {name for device in devices for name in (device.backend_id, str(device.target_array_id)) if name}
        if backend_id and backend_id not in known:
            reason = f"the backend replicates to {', '.join(sorted(known)) or 'nothing'}, not to {backend_id}"
            raise exception.InvalidReplicationTarget(reason=reason)

    def _fits(self, volume: objects.Volume, fitting: frozenset[PairState]) -> bool:
        """Whether the pair of a volume is in one of these states, as far as that can be read."""
        try:
            engine = self._engine()
            own = required_target(volume, engine.settings.array_id)
            found = engine.readers.volumes.find_volume(own.array_id, own.device_id)
            number = next(iter(found.rdf_groups), None) if found else None
            if number is None:
                return False
            pair = engine.readers.replication.find_pair(own.array_id, number, own.device_id)
        except PmaxError as error:
            LOG.warning("the replication of volume %s cannot be read: %s", volume.id, error)
            return True
        return pair is not None and pair.state in fitting


class _Sides:
    """Both sides of a replicated volume, and the texts that Cinder has of them."""

    def __init__(self, volume: objects.Volume, r1: VolumeTarget, r2: VolumeTarget, *, is_swapped: bool) -> None:
        self.r1 = r1
        self.r2 = r2
        used, other = volume.provider_location, volume.replication_driver_data
        self._r1_text, self._r2_text = (other, used) if is_swapped else (used, other)

    @classmethod
    def of(cls, volume: objects.Volume, configured: ArrayId) -> _Sides:
        """Read both sides; what hosts use is R2 while the volume is failed over.

        Raises:
            InvalidRequest: Cinder knows of one side only.
        """
        used, other = required_target(volume, configured), other_side(volume)
        if other is None:
            raise InvalidRequest("volume", volume.id, "Cinder's database names no other side: it is not replicated")
        named = VolumeTarget(array_id=other.array_id, device_id=other.device_id, identifiers=used.identifiers)
        is_swapped = used.array_id != configured
        r1, r2 = (named, used) if is_swapped else (used, named)
        return cls(volume, r1, r2, is_swapped=is_swapped)

    def used(self, *, is_r2: bool) -> dict[str, str]:
        """What Cinder shall store when hosts use R2, or R1 again."""
        used, other = (self._r2_text, self._r1_text) if is_r2 else (self._r1_text, self._r2_text)
        return {"provider_location": used, "replication_driver_data": other}


def _require_replicated(group: objects.Group) -> None:
    if not group.is_replicated:
        raise NotImplementedError
