"""Steps that change the storage group of several volumes in one call: the array takes all of them or none (rule 82)."""

from __future__ import annotations

from typing import TypeVar

from pmax.adapters.rest import volume_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import CHANGED, Change, OneCallHandler, UndecidedError, real_device
from pmax.adapters.rest.messages import Call
from pmax.domain.errors import NotFound
from pmax.domain.plans import AddVolumes, RemoveVolumes, StepOutcome
from pmax.ports.array_commands import Claim
from pmax.ports.runtime import Deadline

V = TypeVar("V", bound=AddVolumes | RemoveVolumes)


class _MembershipHandler(OneCallHandler[V]):
    """A step whose effect shows in the list of the group's members: one read, however many volumes it is about."""

    def apply(self, step: V, deadline: Deadline) -> StepOutcome:
        """Carry the step out."""
        for device in step.devices:
            real_device(device)
        return super().apply(step, deadline)

    def are_members(self, step: V) -> bool:
        """Whether the volumes are in the group.

        Raises:
            UndecidedError: some of them are.
        """
        wanted = {real_device(device) for device in step.devices}
        found = wanted & set(self._members(step))
        if found and found != wanted:
            raise UndecidedError(f"of {len(wanted)} volumes, {len(found)} are in storage group {step.storage_group}")
        return bool(found)

    def _members(self, step: V) -> tuple[str, ...]:
        try:
            return tuple(self.access.volumes.list_devices(step.array_id, storage_group=step.storage_group))
        except NotFound as error:
            if error.kind != "storage group":
                raise
            return ()


class AddVolumesHandler(_MembershipHandler[AddVolumes]):
    """Puts volumes into a storage group, too."""

    def call(self, step: AddVolumes, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.add_all(step, dialect)

    def look(self, step: AddVolumes) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if self.are_members(step) else None


class RemoveVolumesHandler(_MembershipHandler[RemoveVolumes]):
    """Takes volumes out of a storage group."""

    def call(self, step: RemoveVolumes, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return volume_calls.remove_all(step, dialect)

    def outcome(self, step: RemoveVolumes, change: Change) -> StepOutcome:
        """See `StepHandler`."""
        return StepOutcome(changed=True, emptied=self.access.emptied(change, step.array_id, step.storage_group))

    def look(self, step: RemoveVolumes) -> StepOutcome | None:
        """See `StepHandler`."""
        if self.are_members(step):
            return None
        return StepOutcome(changed=True, emptied=self.access.found_empty(step.array_id, step.storage_group))

    def objection(self, step: RemoveVolumes, claim: Claim) -> str:
        """See `StepHandler`."""
        others = sorted({real_device(device) for device in step.devices} - claim.devices)
        return self.access.sight_lost(step.array_id, others, step.storage_group)
