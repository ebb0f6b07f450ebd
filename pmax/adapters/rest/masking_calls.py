"""What is sent to change initiator groups and masking views. Pure. Source: unisphere-rest.md 6.7 and 6.12."""

from __future__ import annotations

from collections.abc import Iterable

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, POST, PUT, Call, Subject
from pmax.adapters.rest.storage_group_calls import SYNCHRONOUS
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import (
    AddInitiators,
    DeleteMaskingView,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    RemoveInitiators,
)


def create_initiator_group(step: EnsureInitiatorGroup, dialect: Dialect) -> Call:
    """Make an initiator group of these initiators."""
    return Call(
        verb=POST,
        path=paths.INITIATOR_GROUPS.at(dialect, array=step.array_id),
        subject=_initiator_group(step.array_id, step.name),
        operation=str(step),
        body={**SYNCHRONOUS, "hostId": step.name, "initiatorId": sorted(step.initiators)},
    )


def delete_initiator_group(array: ArrayId, name: str, dialect: Dialect, operation: str) -> Call:
    """Delete an initiator group; the array refuses while a view or a host group needs it (rule 35)."""
    path = paths.INITIATOR_GROUP.at(dialect, array=array, name=name)
    return Call(verb=DELETE, path=path, subject=_initiator_group(array, name), operation=operation)


def add_initiators(step: AddInitiators, dialect: Dialect) -> Call:
    """Put initiators into an initiator group."""
    return _edit_members(step, "addInitiatorParam", step.initiators, dialect)


def remove_initiators(step: RemoveInitiators, dialect: Dialect) -> Call:
    """Take initiators out of an initiator group."""
    return _edit_members(step, "removeInitiatorParam", step.initiators, dialect)


def create_masking_view(step: EnsureMaskingView, dialect: Dialect) -> Call:
    """Join three objects that exist in a view."""
    return Call(
        verb=POST,
        path=paths.MASKING_VIEWS.at(dialect, array=step.array_id),
        subject=_masking_view(step.array_id, step.name),
        operation=str(step),
        body={
            **SYNCHRONOUS,
            "maskingViewId": step.name,
            "hostOrHostGroupSelection": {"useExistingHostParam": {"hostId": step.initiator_group}},
            "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": step.port_group}},
            "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": step.storage_group}},
        },
    )


def delete_masking_view(step: DeleteMaskingView, dialect: Dialect) -> Call:
    """Delete a view; its parts stay (rule 41)."""
    path = paths.MASKING_VIEW.at(dialect, array=step.array_id, name=step.name)
    return Call(verb=DELETE, path=path, subject=_masking_view(step.array_id, step.name), operation=str(step))


def _initiator_group(array: ArrayId, name: str) -> Subject:
    return Subject(kind="initiator group", name=name, array_id=array)


def _masking_view(array: ArrayId, name: str) -> Subject:
    return Subject(kind="masking view", name=name, array_id=array)


def _edit_members(
    step: AddInitiators | RemoveInitiators, action: str, initiators: Iterable[str], dialect: Dialect
) -> Call:
    return Call(
        verb=PUT,
        path=paths.INITIATOR_GROUP.at(dialect, array=step.array_id, name=step.initiator_group),
        subject=_initiator_group(step.array_id, step.initiator_group),
        operation=str(step),
        body={**SYNCHRONOUS, "editHostActionParam": {action: {"initiator": sorted(initiators)}}},
    )
