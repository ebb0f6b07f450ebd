"""Built-in plugin: makes, deletes and extends volumes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from pmax.domain import provisioning
from pmax.domain.commands import (
    CreateVolume,
    DeleteVolume,
    ExtendVolume,
    VolumeCreation,
    VolumeDeletion,
    VolumeExtension,
)
from pmax.domain.errors import NotFound, WrongIdentity
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Plan
from pmax.domain.provisioning import CreationObserved
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import check_srp, find_room, is_own_default_group
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.volume_group_lookup import get_volume_group, volume_group_lock
from pmax.ports.runtime import LockKey

_log = logging.getLogger(__name__)


def volume_lock(target: VolumeTarget) -> LockKey:
    """The lock of one volume."""
    return LockKey(target.array_id, "volume", target.device_id)


class CreateVolumeHandler(Handler[CreateVolume, CreationObserved, VolumeCreation]):
    """Makes volumes: one read, one write, one look at its job."""

    command = CreateVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: CreateVolume) -> frozenset[LockKey]:
        """The identifier, so that one volume is not made twice; not the group, so that creations run side by side.

        A volume group is locked, though: a snapshot of it has the volume, or does not.
        """
        identifier = LockKey(command.array_id, "identifier", command.identifier)
        return frozenset({identifier} | ({volume_group_lock(command.volume_group)} if command.volume_group else set()))

    def observe(self, command: CreateVolume, look: Look) -> CreationObserved:
        """Read the default storage group, and the volume group if there is one.

        Raises:
            InvalidRequest: the storage resource pool does not exist.
            NotFound: the array has no storage group for the volume group.
        """
        name, group = find_room(
            self._readers.storage_groups, command.array_id, command.policy.traits.default_storage_group
        )
        if group is None:
            check_srp(self._readers.arrays, command.array_id, command.policy)
        array = self._readers.arrays.get_array(command.array_id)
        volume_group = command.volume_group
        return CreationObserved(
            storage_group_name=name,
            storage_group=group,
            supports_compression=array.supports_compression,
            volume_group=get_volume_group(self._readers, volume_group) if volume_group else None,
        )

    def plan(self, command: CreateVolume, observed: CreationObserved) -> Plan:
        """See `pmax.domain.provisioning`."""
        return provisioning.plan_creation(command, observed)

    def result(self, command: CreateVolume, observed: CreationObserved, outcomes: Outcomes) -> VolumeCreation:
        """Name the new device."""
        return VolumeCreation(
            array_id=command.array_id,
            device_id=DeviceId(outcomes.created_device(command.identifier)),
            identifier=command.identifier,
            storage_group=observed.storage_group_name,
        )


class DeleteVolumeHandler(Handler[DeleteVolume, Volume | None, VolumeDeletion]):
    """Deletes volumes: one read, and a write for each storage group and for the device."""

    command = DeleteVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._srp = context.settings.srp

    def locks(self, command: DeleteVolume) -> frozenset[LockKey]:
        """The volume."""
        return frozenset({volume_lock(command.target)})

    def observe(self, command: DeleteVolume, look: Look) -> Volume | None:
        """Read the volume; None when it is gone, which only the array's own word can say.

        Raises:
            WrongIdentity: the device belongs to another volume now, but ours is on the array under another device id.
        """
        target = command.target
        volume = self._readers.volumes.find_volume(target.array_id, target.device_id)
        if volume is None:
            return None
        try:
            target.check(volume)
        except WrongIdentity:
            for identifier in target.identifiers:
                if self._readers.volumes.find_devices_by_identifier(target.array_id, identifier):
                    raise
            _log.warning("device %s belongs to another volume now; %s is gone", target.device_id, target.identifiers[0])
            return None
        return volume

    def plan(self, command: DeleteVolume, observed: Volume | None) -> Plan:
        """See `pmax.domain.provisioning`."""
        if observed is None:
            return Plan()
        own = frozenset(name for name in observed.storage_groups if is_own_default_group(name, self._srp))
        return provisioning.plan_deletion(observed, observed.identifier or "", own)

    def result(self, command: DeleteVolume, observed: Volume | None, outcomes: Outcomes) -> VolumeDeletion:
        """Say whether there was anything to delete."""
        return VolumeDeletion(target=command.target, was_present=observed is not None)


class ExtendVolumeHandler(Handler[ExtendVolume, Volume, VolumeExtension]):
    """Makes volumes larger: one read, one write."""

    command = ExtendVolume

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: ExtendVolume) -> frozenset[LockKey]:
        """The volume."""
        return frozenset({volume_lock(command.target)})

    def observe(self, command: ExtendVolume, look: Look) -> Volume:
        """Read the volume.

        Raises:
            NotFound: the array does not have it.
            WrongIdentity: the device belongs to another volume.
        """
        target = command.target
        volume = self._readers.volumes.find_volume(target.array_id, target.device_id)
        if volume is None:
            raise NotFound("volume", target.device_id)
        target.check(volume)
        return volume

    def plan(self, command: ExtendVolume, observed: Volume) -> Plan:
        """See `pmax.domain.provisioning`."""
        array = self._readers.arrays.get_array(command.target.array_id)
        return provisioning.plan_extension(
            command, observed, can_expand_snapshot_source=array.can_expand_snapshot_source
        )

    def result(self, command: ExtendVolume, observed: Volume, outcomes: Outcomes) -> VolumeExtension:
        """Give both sizes."""
        return VolumeExtension(target=command.target, before=observed.capacity, after=command.capacity)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The three commands of this plugin."""
    return (CreateVolumeHandler(context), DeleteVolumeHandler(context), ExtendVolumeHandler(context))
