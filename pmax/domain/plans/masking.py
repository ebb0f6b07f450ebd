"""Steps that decide who sees what: initiator groups, masking views, LUN addresses."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.plans.references import VolumeReference


@attrs.frozen(kw_only=True)
class EnsureInitiatorGroup:
    """An initiator group of this name holds exactly these initiators; another membership is a conflict."""

    array_id: ArrayId
    name: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"create initiator group {self.name} with {', '.join(sorted(self.initiators))}"


@attrs.frozen(kw_only=True)
class DeleteInitiatorGroup:
    """An initiator group that no masking view uses is gone."""

    array_id: ArrayId
    name: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"delete initiator group {self.name}"


@attrs.frozen(kw_only=True)
class PruneInitiatorGroup:
    """An initiator group is gone if no masking view uses it any more."""

    array_id: ArrayId
    name: str

    def __str__(self) -> str:
        return f"delete initiator group {self.name} if no masking view uses it"


@attrs.frozen(kw_only=True)
class AddInitiators:
    """An initiator group also holds these initiators."""

    array_id: ArrayId
    initiator_group: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"add {', '.join(sorted(self.initiators))} to initiator group {self.initiator_group}"


@attrs.frozen(kw_only=True)
class RemoveInitiators:
    """An initiator group no longer holds these initiators."""

    array_id: ArrayId
    initiator_group: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"remove {', '.join(sorted(self.initiators))} from initiator group {self.initiator_group}"


@attrs.frozen(kw_only=True)
class EnsureMaskingView:
    """A masking view joins these three; an existing one with other parts is a conflict."""

    array_id: ArrayId
    name: str
    initiator_group: str
    port_group: str
    storage_group: str

    def __str__(self) -> str:
        return f"create masking view {self.name} ({self.initiator_group}, {self.port_group}, {self.storage_group})"


@attrs.frozen(kw_only=True)
class DeleteMaskingView:
    """A masking view is gone; its three parts stay."""

    array_id: ArrayId
    name: str
    initiator_group: str
    port_group: str
    storage_group: str

    def __str__(self) -> str:
        return f"delete masking view {self.name}"


@attrs.frozen(kw_only=True)
class AwaitLunAddress:
    """Every one of these initiators that the view knows has a LUN address for the volume."""

    array_id: ArrayId
    masking_view: str
    device: VolumeReference

    def __str__(self) -> str:
        return f"wait for the LUN address of volume {self.device} in masking view {self.masking_view}"


MaskingStep: TypeAlias = (
    EnsureInitiatorGroup
    | DeleteInitiatorGroup
    | PruneInitiatorGroup
    | AddInitiators
    | RemoveInitiators
    | EnsureMaskingView
    | DeleteMaskingView
    | AwaitLunAddress
)


def inverse_of_masking_step(step: MaskingStep) -> MaskingStep | None:  # noqa: PLR0911 - a table of steps is best read as one
    """Give the step that takes `step` back, or None when nothing can or needs to."""
    match step:
        case EnsureInitiatorGroup(array_id=array_id, name=name, initiators=initiators):
            return DeleteInitiatorGroup(array_id=array_id, name=name, initiators=initiators)
        case DeleteInitiatorGroup(array_id=array_id, name=name, initiators=initiators):
            return EnsureInitiatorGroup(array_id=array_id, name=name, initiators=initiators)
        case AddInitiators(array_id=array_id, initiator_group=group, initiators=initiators):
            return RemoveInitiators(array_id=array_id, initiator_group=group, initiators=initiators)
        case RemoveInitiators(array_id=array_id, initiator_group=group, initiators=initiators):
            return AddInitiators(array_id=array_id, initiator_group=group, initiators=initiators)
        case EnsureMaskingView():
            return DeleteMaskingView(**attrs.asdict(step))
        case DeleteMaskingView():
            return EnsureMaskingView(**attrs.asdict(step))
        case PruneInitiatorGroup() | AwaitLunAddress():
            return None
