"""What takes debris away: (observed, command) → plan.

Ownership is proven by the name and by emptiness: an object is taken away only if pmax or Cinder may have made it, it
holds nothing, and nobody uses it, all read under the same lock. An object that is absent needs no repair.
"""

from __future__ import annotations

from pmax.domain.audit.base import is_own_name
from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import InitiatorGroup, MaskingView
from pmax.domain.plans import (
    DeleteInitiatorGroup,
    DeleteMaskingView,
    DeleteStorageGroup,
    Plan,
    Recovery,
    RemoveChildStorageGroup,
    SetHostIoLimits,
)
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition

_OURS = "pmax deletes only what pmax or Cinder made, and their names begin with OS-"


def plan_group_removal(array_id: ArrayId, group: StorageGroup | None) -> Plan:
    """Take an empty storage group from under its parents, and delete it.

    Raises:
        InvalidRequest: the group is not ours.
        InUse: something is in it, or a view shows it.
    """
    if group is None:
        return Plan()
    if not is_own_name(group.name):
        raise InvalidRequest("storage group", group.name, _OURS)
    if group.volume_count:
        raise InUse("storage group", group.name, f"{group.volume_count:,} volumes; it is not empty any more")
    if group.children:
        raise InUse("storage group", group.name, f"child group {group.children[0]}; delete that first")
    if group.masking_views and not group.parents:
        raise InUse("storage group", group.name, f"masking view {group.masking_views[0]}; delete that first")
    definition = StorageGroupDefinition(
        name=group.name,
        srp=group.srp,
        service_level=group.service_level,
        workload=group.workload,
        is_compression_disabled=None if group.is_compressed is None else not group.is_compressed,
    )
    leaving = (RemoveChildStorageGroup(array_id=array_id, parent=parent, child=group.name) for parent in group.parents)
    return Plan(
        steps=(*leaving, DeleteStorageGroup(array_id=array_id, definition=definition)), recovery=Recovery.FINISH
    )


def plan_view_removal(array_id: ArrayId, view: MaskingView | None, group: StorageGroup | None) -> Plan:
    """Delete a masking view that shows nothing.

    Args:
        array_id: serial of the array.
        view: as read; None if it is absent.
        group: the storage group that it shows; None if it is absent.

    Raises:
        InvalidRequest: the view is not ours, or is for a host group, so that it could not be made again.
        InUse: its group holds volumes.
    """
    if view is None:
        return Plan()
    if not is_own_name(view.name):
        raise InvalidRequest("masking view", view.name, _OURS)
    if view.initiator_group is None:
        raise InvalidRequest("masking view", view.name, "it is for a host group, which pmax never makes views for")
    if group is not None and group.volume_count:
        raise InUse("masking view", view.name, f"{group.volume_count:,} volumes; it is not empty any more")
    step = DeleteMaskingView(
        array_id=array_id,
        name=view.name,
        initiator_group=view.initiator_group,
        port_group=view.port_group,
        storage_group=view.storage_group,
    )
    return Plan(steps=(step,), recovery=Recovery.FINISH)


def plan_host_removal(array_id: ArrayId, group: InitiatorGroup | None) -> Plan:
    """Delete an initiator group that nothing uses.

    Raises:
        InvalidRequest: the group is not ours.
        InUse: a view or a host group uses it.
    """
    if group is None:
        return Plan()
    if not is_own_name(group.name):
        raise InvalidRequest("host", group.name, _OURS)
    if group.masking_views:
        raise InUse("host", group.name, f"masking view {group.masking_views[0]}; it sees volumes again")
    if group.host_groups:
        raise InUse("host", group.name, "a host group; take it out of that first")
    step = DeleteInitiatorGroup(array_id=array_id, name=group.name, initiators=group.initiators)
    return Plan(steps=(step,), recovery=Recovery.FINISH)


def plan_limits_removal(array_id: ArrayId, group: StorageGroup | None) -> Plan:
    """Take the host I/O limits from a storage group in which volumes wait."""
    if group is None or group.limits is None:
        return Plan()
    step = SetHostIoLimits(array_id=array_id, storage_group=group.name, before=group.limits, after=None)
    return Plan(steps=(step,))
