"""What taking a volume away from compute hosts takes: (observed, command) → plan.

The volume goes back to its default storage group when no other host sees it; otherwise it only leaves the host's own
group, and one of the hosts that still see it takes it back into a group with the service level. What the host no longer
needs goes in this order: view, volume, parent group, child group, initiator group.

Source: driver-attach-replication.md 2.8 and 3; the manual on live migration and multi-attach.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from pmax.domain.commands import DetachVolume
from pmax.domain.exposures import Exposure, limits_and_tags, move_under_same_view, own_names
from pmax.domain.masking import DirectorPort, InitiatorGroup
from pmax.domain.naming import GroupTraits
from pmax.domain.plans import (
    DeleteMaskingView,
    EnsureStorageGroup,
    MoveVolume,
    Plan,
    PruneInitiatorGroup,
    PruneStorageGroup,
    Recovery,
    RemoveVolume,
    Step,
    plan_of,
)
from pmax.domain.storage_groups import StorageGroup, definition_for
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class LeavingView:
    """One view that shows the volume to a host from which it is taken.

    Attributes:
        exposure: group and view.
        is_last: the volume is the only one in the view, so the view goes.
        port_group: of the view; "" when it stays and was not read.
        initiator_group: of the view; None when the view stays or is for a host group.
        ports: of the port group, when the view goes.
    """

    exposure: Exposure
    is_last: bool
    port_group: str = ""
    initiator_group: InitiatorGroup | None = None
    ports: tuple[DirectorPort, ...] = ()

    @property
    def initiator_group_goes(self) -> bool:
        """Whether the initiator group is ours and used by this view alone."""
        group = self.initiator_group
        names = self.exposure.names
        if group is None or names is None or not self.is_last:
            return False
        is_ours = group.name == names.initiator_group
        return is_ours and group.masking_views == (self.exposure.masking_view,) and group.host_groups == 0


@attrs.frozen(kw_only=True)
class DetachObserved:
    """What the plan of a detach depends on.

    Attributes:
        volume: as read under the lock; None when the array does not have it.
        leaving: the views from which the volume is taken; empty if the host does not see it.
        staying: how other hosts go on seeing it.
        default_group: the default storage group, or its first sibling that has room; "" when it is not needed.
        has_default_group: whether it exists.
        supports_compression: of the array.
        initiators: those that the host names; none if it names none, or for every host.
        taker_group: the group with the service level of the host that takes the volume back (`taker`), or its first
            sibling that has room; "" when no host has to.
        taker_group_found: as it is; None if it does not exist.
    """

    volume: Volume | None
    leaving: tuple[LeavingView, ...]
    staying: tuple[Exposure, ...]
    default_group: str
    has_default_group: bool
    supports_compression: bool
    initiators: frozenset[str] = frozenset()
    taker_group: str = ""
    taker_group_found: StorageGroup | None = None


def plan_detach(command: DetachVolume, observed: DetachObserved) -> Plan:
    """Plan to take the volume away."""
    volume = observed.volume
    if volume is None or not observed.leaving:
        return Plan()
    steps: list[Step] = []
    if observed.default_group and not observed.has_default_group:
        definition = definition_for(
            observed.default_group, command.policy.traits, supports_compression=observed.supports_compression
        )
        steps.append(EnsureStorageGroup(array_id=volume.array_id, definition=definition))
    steps += [_delete_view(volume, view) for view in observed.leaving if view.is_last]
    steps += _take_out(observed, volume)
    steps += _give_service_level_back(command, observed, volume)
    for view in observed.leaving:
        steps += _clean_up(volume, view)
    return plan_of(steps, Recovery.FINISH)


def _delete_view(volume: Volume, view: LeavingView) -> Step:
    return DeleteMaskingView(
        array_id=volume.array_id,
        name=view.exposure.masking_view,
        initiator_group=view.initiator_group.name if view.initiator_group else view.exposure.initiator_group,
        port_group=view.port_group,
        storage_group=view.exposure.parent or view.exposure.storage_group,
    )


def _take_out(observed: DetachObserved, volume: Volume) -> list[Step]:
    """Out of every group that is left; if no host keeps the volume, by a move to the default group at last.

    The move is from the group with the service level, if it is in one: a volume can be in only one such group.
    """
    exposures = sorted((view.exposure for view in observed.leaving), key=lambda exposure: exposure.is_fast_managed)
    groups = list(dict.fromkeys(exposure.storage_group for exposure in exposures))
    steps: list[Step] = []
    target = observed.default_group
    if target not in ("", *volume.storage_groups):
        source = groups.pop()
        steps.append(MoveVolume(array_id=volume.array_id, device=volume.device_id, source=source, target=target))
    removals = [RemoveVolume(array_id=volume.array_id, device=volume.device_id, storage_group=name) for name in groups]
    return [*removals, *steps]


def taker(traits: GroupTraits, staying: Iterable[Exposure]) -> Exposure | None:
    """Which of the hosts that go on seeing a volume has it with its service level again; None if none has to, or can.

    Args:
        traits: of the volume.
        staying: how they see it.
    """
    exposures = sorted(staying, key=lambda exposure: exposure.masking_view)
    if traits.service_level is None or any(exposure.is_fast_managed for exposure in exposures):
        return None
    return next((each for each in exposures if each.names is not None and each.parent is not None), None)


def _give_service_level_back(command: DetachVolume, observed: DetachObserved, volume: Volume) -> list[Step]:
    """Let one of the hosts that go on seeing the volume have it as its type says, with limits and tags."""
    policy = command.policy
    exposure = taker(policy.traits, observed.staying)
    if exposure is None:
        return []
    name = observed.taker_group or own_names(exposure).child_storage_group(policy.traits)
    target = definition_for(name, policy.traits, supports_compression=observed.supports_compression)
    traits = limits_and_tags(volume.array_id, name, observed.taker_group_found, policy)
    return move_under_same_view(volume, exposure, target, traits)


def _clean_up(volume: Volume, view: LeavingView) -> list[Step]:
    """What the host no longer needs, if it is ours."""
    exposure = view.exposure
    if exposure.legacy_host is not None and view.is_last:
        name = exposure.storage_group
        return [PruneStorageGroup(array_id=volume.array_id, name=name, when_emptied=name, is_shared=True)]
    if exposure.names is None or exposure.parent is None:
        return []
    child = exposure.storage_group
    array_id = volume.array_id
    if not view.is_last:
        return [PruneStorageGroup(array_id=array_id, name=child, when_emptied=child, parent=exposure.parent)]
    steps: list[Step] = [
        PruneStorageGroup(array_id=array_id, name=exposure.parent, when_emptied=child),
        PruneStorageGroup(array_id=array_id, name=child, when_emptied=child),
    ]
    if view.initiator_group_goes and view.initiator_group is not None:
        steps.append(PruneInitiatorGroup(array_id=array_id, name=view.initiator_group.name))
    return steps
