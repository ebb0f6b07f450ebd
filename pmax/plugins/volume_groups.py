"""Built-in plugin: makes, changes and takes away generic volume groups."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from pmax.domain.commands import (
    CreateVolumeGroup,
    DeleteVolumeGroup,
    UpdateVolumeGroup,
    VolumeGroupCreation,
    VolumeGroupDeletion,
    VolumeGroupUpdate,
)
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import AddVolumes, NewVolume, Plan, RemoveVolumes
from pmax.domain.volume_groups import (
    MembershipObserved,
    OtherMembershipObserved,
    VolumeGroupObserved,
    plan_dissolution,
    plan_membership,
    plan_volume_group,
)
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.volume_group_lookup import (
    find_volume_group,
    get_volume_group,
    other_side_of_group,
    read_members,
    volume_group_lock,
    volume_group_locks,
)
from pmax.plugins.volume_lock import volume_lock
from pmax.ports.readers import Readers
from pmax.ports.runtime import LockKey

_log = logging.getLogger(__name__)


def get_target(readers: Readers, target: VolumeTarget) -> Volume:
    """Read a volume and prove that it is the one that is meant.

    Raises:
        NotFound: the array does not have it.
        WrongIdentity: the device belongs to another volume.
    """
    volume = readers.volumes.find_volume(target.array_id, target.device_id)
    if volume is None:
        wanted = f" of {target.identifiers[0]}" if target.identifiers else ""
        raise NotFound("volume", f"{target.device_id}{wanted}")
    target.check(volume)
    return volume


class CreateVolumeGroupHandler(Handler[CreateVolumeGroup, None, VolumeGroupCreation]):
    """Makes volume groups: one write, and no read; of replicated ones one more write, on the other array."""

    command = CreateVolumeGroup

    def __init__(self, context: PluginContext) -> None:
        """There is nothing to keep."""

    def locks(self, command: CreateVolumeGroup) -> frozenset[LockKey]:
        """The volume group, on both arrays if it is replicated."""
        return volume_group_locks(command.target, command.other_array_id)

    def observe(self, command: CreateVolumeGroup, look: Look) -> None:
        """Nothing: the step finds out whether the group is there."""

    def plan(self, command: CreateVolumeGroup, observed: None) -> Plan:
        """See `pmax.domain.volume_groups`."""
        return plan_volume_group(command.target, command.other_array_id)

    def result(self, command: CreateVolumeGroup, observed: None, outcomes: Outcomes) -> VolumeGroupCreation:
        """Name the storage group."""
        return VolumeGroupCreation(target=command.target, storage_group=command.target.storage_group)


class UpdateVolumeGroupHandler(Handler[UpdateVolumeGroup, MembershipObserved, VolumeGroupUpdate]):
    """Changes the members: a read each for the group, its members and whoever joins, and at most two writes.

    The same again for the other sides of a replicated group.
    """

    command = UpdateVolumeGroup

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: UpdateVolumeGroup) -> frozenset[LockKey]:
        """The volume group, and each volume that joins, so that none is deleted meanwhile."""
        other = command.other_sides.array_id if command.other_sides else None
        return volume_group_locks(command.target, other) | {volume_lock(target) for target in command.joining}

    def observe(self, command: UpdateVolumeGroup, look: Look) -> MembershipObserved:
        """Read the group, its members, and who joins.

        Raises:
            NotFound: the group or a volume is not on the array.
            WrongIdentity: a device belongs to another volume.
        """
        group = read_members(self._readers, get_volume_group(self._readers, command.target))
        joining = tuple(get_target(self._readers, target) for target in dict.fromkeys(command.joining))
        for target in command.leaving:
            if target.device_id not in group.members:
                _log.info("volume %s is not in volume group %s: nothing to remove", target.device_id, command.target)
        return MembershipObserved(group=group, joining=joining, other_side=self._other_side(command))

    def _other_side(self, command: UpdateVolumeGroup) -> OtherMembershipObserved | None:
        other = command.other_sides
        if other is None:
            return None
        group = other_side_of_group(self._readers, command.target, other.array_id, with_members=True)
        joining = tuple(get_target(self._readers, target) for target in dict.fromkeys(other.joining))
        return OtherMembershipObserved(group=group, joining=joining)

    def plan(self, command: UpdateVolumeGroup, observed: MembershipObserved) -> Plan:
        """See `pmax.domain.volume_groups`."""
        leaving = command.other_sides.leaving if command.other_sides else ()
        return plan_membership(command.joining, command.leaving, observed, leaving)

    def result(self, command: UpdateVolumeGroup, observed: MembershipObserved, outcomes: Outcomes) -> VolumeGroupUpdate:
        """Say which volumes joined and left."""
        own = [step for step, _ in outcomes.pairs if step.array_id == command.target.array_id]
        return VolumeGroupUpdate(
            target=command.target,
            joined=_devices(step for step in own if isinstance(step, AddVolumes)),
            left=_devices(step for step in own if isinstance(step, RemoveVolumes)),
        )


def _devices(steps: Iterable[AddVolumes | RemoveVolumes]) -> tuple[DeviceId, ...]:
    return tuple(device for step in steps for device in step.devices if not isinstance(device, NewVolume))


class DeleteVolumeGroupHandler(Handler[DeleteVolumeGroup, VolumeGroupObserved | None, VolumeGroupDeletion]):
    """Takes volume groups away, and leaves their volumes: two reads and three writes, however many there are."""

    command = DeleteVolumeGroup

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: DeleteVolumeGroup) -> frozenset[LockKey]:
        """The volume group."""
        return frozenset({volume_group_lock(command.target)})

    def observe(self, command: DeleteVolumeGroup, look: Look) -> VolumeGroupObserved | None:
        """Read the group and its members; None when the array has no storage group for it under any name."""
        found = find_volume_group(self._readers, command.target)
        if found is None:
            _log.warning("volume group %s has no storage group on array %s", command.target, command.target.array_id)
            return None
        return read_members(self._readers, found)

    def plan(self, command: DeleteVolumeGroup, observed: VolumeGroupObserved | None) -> Plan:
        """See `pmax.domain.volume_groups`."""
        return Plan() if observed is None else plan_dissolution(observed, command.members)

    def result(
        self, command: DeleteVolumeGroup, observed: VolumeGroupObserved | None, outcomes: Outcomes
    ) -> VolumeGroupDeletion:
        """Say whether there was anything to take away."""
        return VolumeGroupDeletion(target=command.target, was_present=observed is not None)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The commands of this plugin."""
    return (CreateVolumeGroupHandler(context), UpdateVolumeGroupHandler(context), DeleteVolumeGroupHandler(context))
