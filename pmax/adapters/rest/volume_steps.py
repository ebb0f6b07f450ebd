"""Steps that make, change, delete and regroup volumes."""

from __future__ import annotations

from typing import TypeVar

from pmax.adapters.rest import volume_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import CHANGED, UNCHANGED, Change, OneCallHandler, UndecidedError, real_device
from pmax.adapters.rest.jobs import devices_of
from pmax.adapters.rest.messages import Call
from pmax.adapters.rest.status import FREE_FIRST
from pmax.domain.errors import ArrayRejected, InUse, NotFound, Unavailable
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import (
    AddVolume,
    CreateVolume,
    DeleteVolume,
    ExpandVolume,
    MoveVolume,
    RemoveVolume,
    RenameVolume,
    StepOutcome,
)
from pmax.domain.volumes import Volume
from pmax.ports.array_commands import Claim
from pmax.ports.runtime import Deadline


class CreateVolumeHandler(OneCallHandler[CreateVolume]):
    """Makes a volume. The job names it; where it does not, its identifier finds it."""

    def call(self, step: CreateVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.create(step, dialect)

    def apply(self, step: CreateVolume, deadline: Deadline) -> StepOutcome:
        """Carry the step out. A refusal is never success: a volume of this identifier would be somebody else's."""
        change = self.access.change(lambda dialect: volume_calls.create(step, dialect), deadline)
        with self.access.reading_result_of(change):
            return StepOutcome(changed=True, device_id=self.device_in(step, change))

    def look(self, step: CreateVolume) -> StepOutcome | None:
        """See `StepHandler`. While a job works on the group, the volume may still come."""
        devices = self._members(step)
        if not devices:
            self.access.jobs.settle(step.array_id, step.storage_group, self.access.fresh_deadline())
            devices = self._members(step)
        if len(devices) > 1:
            raise UndecidedError(f"devices {', '.join(devices)} all carry the identifier {step.identifier}")
        return StepOutcome(changed=True, device_id=devices[0]) if devices else None

    def device_in(self, step: CreateVolume, change: Change) -> DeviceId:
        """The device that a change made, as its job names it, or as its identifier finds it."""
        devices = devices_of(change.job.tasks) if change.job else ()
        if len(devices) != 1:
            devices = self._members(step)
        if len(devices) != 1:
            cause = f"it made a volume, but {len(devices)} devices in the group carry the identifier {step.identifier}"
            raise Unavailable(change.endpoint, cause, sent=True)
        return devices[0]

    def _members(self, step: CreateVolume) -> tuple[DeviceId, ...]:
        try:
            return self.access.volumes.find_devices_in_group(step.array_id, step.storage_group, step.identifier)
        except NotFound as error:
            if error.kind != "storage group":
                raise
            return ()


class DeleteVolumeHandler(OneCallHandler[DeleteVolume]):
    """Deletes a volume. Whose it is was proven when its identifier was read, under the lock that is still held."""

    def call(self, step: DeleteVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.delete(step, dialect)

    def calls(self, step: DeleteVolume, dialect: Dialect) -> tuple[Call, ...]:
        """See `StepHandler`."""
        removal = (volume_calls.remove(_leaving(step), dialect),) if step.storage_group else ()
        freeing = () if self._frees_itself(step) else (volume_calls.free(step, dialect),)
        return (*removal, *freeing, volume_calls.delete(step, dialect))

    def apply(self, step: DeleteVolume, deadline: Deadline) -> StepOutcome:
        """Carry the step out; older code wants the tracks freed first, and some of it says so only when asked."""
        real_device(step.device)
        if step.storage_group:
            self._check_unused(step)
            self._leave(step, deadline)
        if not self._frees_itself(step):
            return self._free_and_delete(step, deadline)
        try:
            return super().apply(step, deadline)
        except ArrayRejected as refusal:
            if FREE_FIRST not in refusal.message:
                raise
            return self._free_and_delete(step, deadline)

    def look(self, step: DeleteVolume) -> StepOutcome | None:
        """See `StepHandler`. A device under the same id with another identifier is a new one (rule 84)."""
        volume = self.access.volumes.find_volume(step.array_id, real_device(step.device))
        return CHANGED if volume is None or (volume.identifier or "") != step.identifier else None

    def is_there(self, step: DeleteVolume) -> bool:
        """See `StepHandler`. After a refusal, another identifier is no proof of a deletion."""
        return self.access.volumes.find_volume(step.array_id, real_device(step.device)) is None

    def objection(self, step: DeleteVolume, claim: Claim) -> str:
        """See `StepHandler`. What is the operation's own has to be released; else who uses it keeps it."""
        volume = self.access.volumes.find_volume(step.array_id, real_device(step.device))
        if volume is None:
            return ""
        if (volume.identifier or "") != step.identifier:
            return f"device {step.device} carries the identifier {volume.identifier or 'none'} now"
        others = sorted(set(volume.storage_groups) - {step.storage_group})
        if not others or volume.device_id in claim.devices:
            return ""
        return f"volume {step.device} is in storage group {', '.join(others)} now"

    def _check_unused(self, step: DeleteVolume) -> None:
        """Leave a volume whole to somebody who has begun to use it since it was made, and say who that is.

        Raises:
            InUse: it is in groups of others.
        """
        volume = self.access.volumes.find_volume(step.array_id, real_device(step.device))
        others = sorted(set(volume.storage_groups) - {step.storage_group}) if volume else []
        if volume is not None and others:
            seen = f" and {volume.front_end_paths} host paths" if volume.front_end_paths else ""
            by = f"storage group {', '.join(others)}{seen}; it is deleted by recovery once it is out of there"
            raise InUse("volume", volume.device_id, by)

    def _leave(self, step: DeleteVolume, deadline: Deadline) -> None:
        """Take the volume out of its group. It may have left before, and the empty group may be gone since."""
        try:
            RemoveVolumeHandler(self.access).apply(_leaving(step), deadline)
        except NotFound as error:
            if error.kind != "storage group":
                raise

    def _free_and_delete(self, step: DeleteVolume, deadline: Deadline) -> StepOutcome:
        try:
            self.access.change(lambda dialect: volume_calls.free(step, dialect), deadline)
        except NotFound:
            return UNCHANGED
        except ArrayRejected:
            # Nothing to free, or not allowed to: what the array says to the deletion itself counts.
            pass
        return super().apply(step, deadline)

    def _frees_itself(self, step: DeleteVolume) -> bool:
        return self.access.arrays.get_array(step.array_id).frees_on_delete


def _leaving(step: DeleteVolume) -> RemoveVolume:
    return RemoveVolume(array_id=step.array_id, device=step.device, storage_group=step.storage_group)


V = TypeVar("V", bound=RenameVolume | ExpandVolume | AddVolume | RemoveVolume | MoveVolume)


class _VolumeHandler(OneCallHandler[V]):
    """A step whose effect shows in the volume itself."""

    def apply(self, step: V, deadline: Deadline) -> StepOutcome:
        """Carry the step out."""
        real_device(step.device)
        return super().apply(step, deadline)

    def find(self, step: V) -> Volume | None:
        """The volume as it is."""
        return self.access.volumes.find_volume(step.array_id, real_device(step.device))


class RenameVolumeHandler(_VolumeHandler[RenameVolume]):
    """Gives a volume another identifier."""

    def call(self, step: RenameVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.rename(step, dialect)

    def look(self, step: RenameVolume) -> StepOutcome | None:
        """See `StepHandler`."""
        volume = self.find(step)
        found = (volume.identifier or "") if volume else None
        if found == step.after:
            return CHANGED
        if found is not None and found != step.before:
            raise UndecidedError(f"volume {step.device} carries the identifier {found!r}")
        return None


class ExpandVolumeHandler(_VolumeHandler[ExpandVolume]):
    """Makes a volume larger."""

    def call(self, step: ExpandVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.expand(step, dialect)

    def look(self, step: ExpandVolume) -> StepOutcome | None:
        """See `StepHandler`."""
        volume = self.find(step)
        cylinders = volume.capacity.cylinders if volume else step.before.cylinders
        if cylinders == step.after.cylinders:
            return CHANGED
        if cylinders != step.before.cylinders:
            raise UndecidedError(f"volume {step.device} has {cylinders} cylinders")
        return None

    def objection(self, step: ExpandVolume, claim: Claim) -> str:  # noqa: ARG002 - its identifier tells
        """See `StepHandler`. A device id is given again when its volume is deleted (rule 84)."""
        volume = self.find(step)
        found = (volume.identifier or "") if volume else None
        return "" if found in {None, step.identifier} else f"device {step.device} carries another identifier now"


class AddVolumeHandler(_VolumeHandler[AddVolume]):
    """Puts a volume into a storage group, too."""

    def call(self, step: AddVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.add(step, dialect)

    def look(self, step: AddVolume) -> StepOutcome | None:
        """See `StepHandler`."""
        volume = self.find(step)
        return CHANGED if volume is not None and step.storage_group in volume.storage_groups else None


class RemoveVolumeHandler(_VolumeHandler[RemoveVolume]):
    """Takes a volume out of a storage group."""

    def call(self, step: RemoveVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.remove(step, dialect)

    def outcome(self, step: RemoveVolume, change: Change) -> StepOutcome:
        """See `StepHandler`."""
        return StepOutcome(changed=True, emptied=self.access.emptied(change, step.array_id, step.storage_group))

    def look(self, step: RemoveVolume) -> StepOutcome | None:
        """See `StepHandler`."""
        volume = self.find(step)
        if volume is not None and step.storage_group in volume.storage_groups:
            return None
        return StepOutcome(changed=True, emptied=self.access.found_empty(step.array_id, step.storage_group))

    def objection(self, step: RemoveVolume, claim: Claim) -> str:
        """See `StepHandler`."""
        others = {real_device(step.device)} - claim.devices
        return self.access.sight_lost(step.array_id, others, step.storage_group)


class MoveVolumeHandler(_VolumeHandler[MoveVolume]):
    """Moves a volume from one storage group to another."""

    def call(self, step: MoveVolume, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.move(step, dialect)

    def outcome(self, step: MoveVolume, change: Change) -> StepOutcome:
        """See `StepHandler`."""
        return StepOutcome(changed=True, emptied=self.access.emptied(change, step.array_id, step.source))

    def look(self, step: MoveVolume) -> StepOutcome | None:
        """See `StepHandler`."""
        volume = self.find(step)
        if volume is None or step.target not in volume.storage_groups:
            return None
        if step.source in volume.storage_groups:
            raise UndecidedError(f"volume {step.device} is in both storage groups")
        return StepOutcome(changed=True, emptied=self.access.found_empty(step.array_id, step.source))

    def objection(self, step: MoveVolume, claim: Claim) -> str:
        """See `StepHandler`. Under the view of its own group it may go on to another one."""
        others = {real_device(step.device)} - claim.devices
        return self.access.sight_lost(step.array_id, others, step.source, step.target)
