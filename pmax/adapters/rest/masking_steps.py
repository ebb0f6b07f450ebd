"""Steps that make, change and delete initiator groups and masking views, and the one that waits for LUN addresses."""

from __future__ import annotations

from pmax.adapters.rest import masking_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import (
    CHANGED,
    UNCHANGED,
    AwaitHandler,
    OneCallHandler,
    real_device,
)
from pmax.adapters.rest.messages import Call
from pmax.domain.errors import ArrayRejected, Conflict, InUse
from pmax.domain.masking import InitiatorGroup
from pmax.domain.plans import (
    AddInitiators,
    AwaitLunAddress,
    DeleteInitiatorGroup,
    DeleteMaskingView,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    PruneInitiatorGroup,
    RemoveInitiators,
    StepOutcome,
)
from pmax.ports.array_commands import Claim
from pmax.ports.runtime import Deadline


def _is_used(group: InitiatorGroup) -> bool:
    return bool(group.masking_views or group.host_groups)


def _users(group: InitiatorGroup) -> str:
    views = f"masking views {', '.join(group.masking_views)}" if group.masking_views else ""
    return views or f"{group.host_groups} host groups"


def _members(group: InitiatorGroup | None) -> frozenset[str]:
    return frozenset() if group is None else frozenset(name.lower() for name in group.initiators)


class EnsureInitiatorGroupHandler(OneCallHandler[EnsureInitiatorGroup]):
    """Makes an initiator group, or finds it."""

    def call(self, step: EnsureInitiatorGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return masking_calls.create_initiator_group(step, dialect)

    def look(self, step: EnsureInitiatorGroup) -> StepOutcome | None:
        """See `StepHandler`. A group that is in use already counts as found, so that nobody undoes it."""
        group = self.access.masking.find_initiator_group(step.array_id, step.name)
        if group is None or not group.holds_exactly(step.initiators):
            return None
        return StepOutcome(changed=not _is_used(group))


class DeleteInitiatorGroupHandler(OneCallHandler[DeleteInitiatorGroup]):
    """Deletes an initiator group that must not be in use."""

    def call(self, step: DeleteInitiatorGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return masking_calls.delete_initiator_group(step.array_id, step.name, dialect, str(step))

    def apply(self, step: DeleteInitiatorGroup, deadline: Deadline) -> StepOutcome:
        """Carry the step out.

        Raises:
            InUse: something needs the group; it is as it was. The array's own refusal does not tell that from others.
        """
        try:
            return super().apply(step, deadline)
        except (Conflict, ArrayRejected):
            group = self.access.masking.find_initiator_group(step.array_id, step.name)
            if group is None or not _is_used(group):
                raise
            raise InUse("initiator group", step.name, _users(group)) from None

    def look(self, step: DeleteInitiatorGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if self.access.masking.find_initiator_group(step.array_id, step.name) is None else None


class PruneInitiatorGroupHandler(OneCallHandler[PruneInitiatorGroup]):
    """Deletes an initiator group if nothing uses it; the array itself refuses otherwise."""

    def call(self, step: PruneInitiatorGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return masking_calls.delete_initiator_group(step.array_id, step.name, dialect, str(step))

    def look(self, step: PruneInitiatorGroup) -> StepOutcome | None:
        """See `StepHandler`. A group that is in use is as it should be, too."""
        group = self.access.masking.find_initiator_group(step.array_id, step.name)
        if group is None:
            return CHANGED
        return UNCHANGED if _is_used(group) else None


class AddInitiatorsHandler(OneCallHandler[AddInitiators]):
    """Puts initiators into an initiator group."""

    def call(self, step: AddInitiators, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return masking_calls.add_initiators(step, dialect)

    def look(self, step: AddInitiators) -> StepOutcome | None:
        """See `StepHandler`."""
        group = self.access.masking.find_initiator_group(step.array_id, step.initiator_group)
        return CHANGED if {name.lower() for name in step.initiators} <= _members(group) else None


class RemoveInitiatorsHandler(OneCallHandler[RemoveInitiators]):
    """Takes initiators out of an initiator group."""

    def call(self, step: RemoveInitiators, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return masking_calls.remove_initiators(step, dialect)

    def look(self, step: RemoveInitiators) -> StepOutcome | None:
        """See `StepHandler`."""
        group = self.access.masking.find_initiator_group(step.array_id, step.initiator_group)
        return None if {name.lower() for name in step.initiators} & _members(group) else CHANGED


class EnsureMaskingViewHandler(OneCallHandler[EnsureMaskingView]):
    """Makes a masking view, or finds it."""

    def call(self, step: EnsureMaskingView, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return masking_calls.create_masking_view(step, dialect)

    def look(self, step: EnsureMaskingView) -> StepOutcome | None:
        """See `StepHandler`. The parts of a view never change, so one with other parts is another view (rule 38)."""
        view = self.access.masking.find_masking_view(step.array_id, step.name)
        if view is None:
            return None
        parts = (view.initiator_group, view.port_group, view.storage_group)
        return CHANGED if parts == (step.initiator_group, step.port_group, step.storage_group) else None


class DeleteMaskingViewHandler(OneCallHandler[DeleteMaskingView]):
    """Deletes a masking view; its parts stay."""

    def call(self, step: DeleteMaskingView, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return masking_calls.delete_masking_view(step, dialect)

    def look(self, step: DeleteMaskingView) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if self.access.masking.find_masking_view(step.array_id, step.name) is None else None

    def objection(self, step: DeleteMaskingView, claim: Claim) -> str:
        """See `StepHandler`."""
        return self.access.strangers(step.array_id, step.storage_group, claim)


class AwaitLunAddressHandler(AwaitHandler[AwaitLunAddress]):
    """Looks whether a volume has LUN addresses in a view."""

    def seen(self, step: AwaitLunAddress) -> StepOutcome:
        """See `AwaitHandler`."""
        device = real_device(step.device)
        connections = self.access.masking.list_connections(step.array_id, step.masking_view, device)
        return StepOutcome(changed=False, is_settled=bool(connections), connections=connections)
