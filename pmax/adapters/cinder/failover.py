"""Cinder's calls for a backend that is failed over: to the array of the other sides, and back.

While a backend is failed over, its array is the other one. Volumes are attached and detached there; everything else is
refused with the reason until they are failed back, since it would have to be done on both arrays and only one can be
relied on. Source: driver-attach-replication.md 7.13 and 7.13a.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from cinder import exception, objects
from cinder.context import RequestContext
from cinder.objects import fields
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.extra_specs import policy_to_leave, replication_backend_of
from pmax.adapters.cinder.locations import parse_location, volume_target
from pmax.domain.commands import DetachVolume, Direction, MoveToOtherArray, TwoSidedVolume
from pmax.domain.errors import PmaxError
from pmax.domain.replication_devices import PROMOTION_ID, ReplicationDevice
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.plugins.replication_choice import device_called

LOG = log.getLogger(__name__)

#: What Cinder gives as the target of a failover that goes back.
FAIL_BACK = "default"

Updates = list[dict[str, Any]]


@attrs.define
class _Moving:
    """What becomes of the volumes of one call.

    Attributes:
        direction: which way.
        updates: for Cinder, by volume id.
        reasons: why volumes could not be moved.
        moved: how many were.
    """

    direction: Direction
    updates: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    reasons: list[str] = attrs.field(factory=list)
    moved: int = 0

    @property
    def status(self) -> str:
        """The replication status of what was moved."""
        is_over = self.direction is Direction.OVER
        return str(fields.ReplicationStatus.FAILED_OVER if is_over else fields.ReplicationStatus.ENABLED)

    def succeed(self, volume_id: str, location: str, other: str) -> None:
        """A volume is used on the other array now."""
        self.moved += 1
        self.updates[volume_id] = {
            "provider_location": location,
            "replication_driver_data": other,
            "replication_status": self.status,
        }

    def has_moved(self, volume_id: str) -> bool:
        """Whether a volume is used on the other array now, and was not before."""
        return "provider_location" in self.updates.get(volume_id, {})

    def fail(self, volume_ids: Iterable[str], reason: str) -> None:
        """Volumes are where they were, and Cinder must not use them."""
        self.reasons.append(reason)
        for volume_id in volume_ids:
            LOG.error("volume %s could not %s: %s", volume_id, self.direction.value, reason)
            self.updates[volume_id] = {
                "status": "error",
                "replication_status": fields.ReplicationStatus.FAILOVER_ERROR,
            }


class FailoverOperations(PowerMaxDriver):
    """What becomes of a backend whose array is lost, or shall not be used."""

    def failover_host(
        self,
        context: RequestContext,
        volumes: Sequence[objects.Volume],
        secondary_id: str | None = None,
        groups: Sequence[objects.Group] | None = None,
    ) -> tuple[str, Updates, Updates]:
        """Fail over, or back with the target `default`, and go on with the array to which the volumes went."""
        result = self.failover(context, volumes, secondary_id, groups)
        self.failover_completed(context, result[0])
        return result

    def failover(
        self,
        context: RequestContext,
        volumes: Sequence[objects.Volume],
        secondary_id: str | None = None,
        groups: Sequence[objects.Group] | None = None,
    ) -> tuple[str, Updates, Updates]:
        """Move the volumes; the services of a cluster learn of it by `failover_completed`.

        Returns:
            The name of the target, and updates for volumes and groups.

        Raises:
            InvalidReplicationTarget: there is no such target, or the backend is there already.
            UnableToFailOver: not one replicated volume could be moved; all are where they were.
        """
        engine = self._set_up().engine
        direction = Direction.BACK if secondary_id == FAIL_BACK else Direction.OVER
        self._check_target(engine, secondary_id)
        moving = _Moving(direction)
        sides = self._sides(volumes, moving)
        for device in self._replication_devices:
            self._move(engine, device, {key: value for key, (used, value) in sides.items() if used is device}, moving)
        if direction is Direction.BACK:
            self._leave_other_array(engine, volumes, sides, moving)
        if moving.reasons and not moving.moved:
            raise exception.UnableToFailOver(reason="; ".join(moving.reasons))
        volume_updates = [{"volume_id": key, "updates": updates} for key, updates in moving.updates.items()]
        return self._name_of_target(secondary_id), volume_updates, self._group_updates(volumes, groups or (), moving)

    def failover_completed(self, context: RequestContext, active_backend_id: str | None = None) -> None:
        """Use the array on which the volumes are from now on: every service of a cluster is told."""
        self._active_backend_id = None if active_backend_id in {None, "", FAIL_BACK} else active_backend_id
        self.do_setup(context)

    def freeze_backend(self, context: RequestContext) -> bool:
        """Agree: Cinder itself lets nothing be changed on a frozen backend, and the array needs to know nothing."""
        LOG.info("%s is frozen: Cinder changes nothing on it", self.host)
        return True

    def thaw_backend(self, context: RequestContext) -> bool:
        """Agree: as `freeze_backend`."""
        LOG.info("%s is thawed", self.host)
        return True

    # --- which way ---------------------------------------------------------------------------------------------------

    def _check_target(self, engine: Engine, secondary_id: str | None) -> None:
        """Refuse a target that does not exist, or where the backend is already.

        Raises:
            InvalidReplicationTarget: with the targets that there are.
        """
        devices = self._replication_devices
        if not devices:
            raise exception.InvalidReplicationTarget(reason="the backend has no replication_device")
        target = devices[0].target_array_id
        if secondary_id == PROMOTION_ID:
            reason = f"pmax does not make array {target} the primary one: it keeps the roles, and {FAIL_BACK} goes back"
            raise exception.InvalidReplicationTarget(reason=reason)
        if secondary_id == FAIL_BACK:
            if not self.is_failed_over:
                raise exception.InvalidReplicationTarget(reason="the backend is not failed over")
            self._check_visible(engine)
            return
        if self.is_failed_over:
            reason = f"the backend is failed over to array {target} already; the target {FAIL_BACK} fails it back"
            raise exception.InvalidReplicationTarget(reason=reason)
        known = {str(target), *(device.backend_id for device in devices if device.backend_id)}
        if secondary_id is not None and secondary_id not in known:
            raise exception.InvalidReplicationTarget(reason=f"{secondary_id!r} is none of {', '.join(sorted(known))}")

    def _check_visible(self, engine: Engine) -> None:
        primary = self._primary_array_id
        try:
            is_visible = primary in engine.readers.arrays.list_arrays()
        except PmaxError as error:
            raise exception.InvalidReplicationTarget(reason=str(error)) from error
        if not is_visible:
            reason = f"array {primary} is not visible in Unisphere, so that nothing can go back to it"
            raise exception.InvalidReplicationTarget(reason=reason)

    def _name_of_target(self, secondary_id: str | None) -> str:
        return secondary_id or str(self._replication_devices[0].target_array_id)

    # --- volumes -----------------------------------------------------------------------------------------------------

    def _sides(
        self, volumes: Iterable[objects.Volume], moving: _Moving
    ) -> dict[str, tuple[ReplicationDevice, TwoSidedVolume]]:
        """Volumes that have two sides, with the device that replicates them. What has one stays, and is marked."""
        sides: dict[str, tuple[ReplicationDevice, TwoSidedVolume]] = {}
        for volume in volumes:
            try:
                found = self._sides_of(volume)
            except PmaxError as error:
                moving.fail((volume.id,), str(error))
                continue
            if found is not None and self._is_there(found[1], moving.direction):
                # It went with its group before the backend does.
                moving.updates[volume.id] = {"replication_status": moving.status}
            elif found is not None:
                sides[volume.id] = found
            elif moving.direction is Direction.OVER:
                moving.updates[volume.id] = {
                    "status": "error",
                    "replication_status": fields.ReplicationStatus.NOT_CAPABLE,
                }
        return sides

    def _is_there(self, volume: TwoSidedVolume, direction: Direction) -> bool:
        """Whether a volume is used already on the array to which the backend goes."""
        is_at_home = volume.used.array_id == self._primary_array_id
        return is_at_home == (direction is Direction.BACK)

    def _sides_of(self, volume: objects.Volume) -> tuple[ReplicationDevice, TwoSidedVolume] | None:
        primary = self._primary_array_id
        used = volume_target(volume, primary)
        other = parse_location(volume.replication_driver_data, primary)
        if used is None or other is None:
            return None
        device = device_called(self._replication_devices, replication_backend_of(volume))
        there = VolumeTarget(array_id=other.array_id, device_id=other.device_id, identifiers=used.identifiers)
        return device, TwoSidedVolume(used=used, other=there)

    def _move(
        self, engine: Engine, device: ReplicationDevice, volumes: dict[str, TwoSidedVolume], moving: _Moving
    ) -> None:
        """Move the volumes of one RDF group, and note what becomes of each."""
        if not volumes:
            return
        command = MoveToOtherArray(
            device=device,
            primary_array_id=self._primary_array_id,
            direction=moving.direction,
            volumes=tuple(volumes.values()),
        )
        try:
            result = engine.execute(command)
        except PmaxError as error:
            moving.fail(volumes, str(error))
            return
        moved = {volume.turned for volume in result.moved}
        for volume_id, volume in volumes.items():
            if volume in moved:
                turned = volume.turned
                moving.succeed(volume_id, _location(turned.used), _location(turned.other))
            else:
                reason = f"device {volume.other.device_id} is not paired in RDF group {device.rdf_group_label}"
                moving.fail((volume_id,), reason)

    def _leave_other_array(
        self,
        engine: Engine,
        volumes: Iterable[objects.Volume],
        sides: Mapping[str, tuple[ReplicationDevice, TwoSidedVolume]],
        moving: _Moving,
    ) -> None:
        """Take from hosts the paths that they got to the other array while the backend was there.

        Hosts cannot write there any more, and a volume that they see there could not be deleted. A mode whose volumes
        are seen on both arrays anyway keeps them. A failure does not keep volumes from having come back.
        """
        for volume in volumes:
            if volume.id not in sides or not volume.volume_attachment or not moving.has_moved(volume.id):
                continue
            device, sides_of_volume = sides[volume.id]
            if engine.plugins.replication_mode(device.mode).attaches_both_sides:
                continue
            command = DetachVolume(
                target=sides_of_volume.used,
                connector=None,
                protocol=self.protocol,
                policy=policy_to_leave(volume, engine.settings, engine.readers),
            )
            try:
                engine.execute(command, self._about(volume))
            except PmaxError as error:
                LOG.warning("hosts still see volume %s on array %s: %s", volume.id, command.target.array_id, error)

    @staticmethod
    def _group_updates(volumes: Iterable[objects.Volume], groups: Iterable[objects.Group], moving: _Moving) -> Updates:
        """A group is where all of its volumes are.

        One whose replication was stopped stays so: Cinder withholds its volumes, and marks them itself.
        """
        failed = {volume.group_id for volume in volumes if moving.updates.get(volume.id, {}).get("status") == "error"}

        def status(group: objects.Group) -> str:
            if group.id in failed:
                return str(fields.ReplicationStatus.ERROR)
            is_stopped = group.replication_status == fields.ReplicationStatus.DISABLED
            return str(fields.ReplicationStatus.DISABLED) if is_stopped else moving.status

        return [{"group_id": group.id, "updates": {"replication_status": status(group)}} for group in groups]


def _location(target: VolumeTarget) -> str:
    """A side as Cinder's database keeps it."""
    return str({"array": str(target.array_id), "device_id": str(target.device_id)})
