"""Exposures: through which storage groups and masking views hosts see a volume, and how it moves under a view."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from pmax.domain.errors import InUse
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import GroupTraits, HostNames
from pmax.domain.plans import (
    AddTags,
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    MoveVolume,
    PruneStorageGroup,
    SetHostIoLimits,
    Step,
)
from pmax.domain.policies import VolumePolicy
from pmax.domain.qos import limits_change
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class Exposure:
    """A storage group that holds the volume and shows it to a host.

    Attributes:
        storage_group: the group that holds the volume directly.
        masking_view: the view through which the host sees it.
        parent: the view's storage group; None when the view shows `storage_group` itself.
        names: names of that host's objects; None when the view is not one of ours.
        is_fast_managed: whether the group has a service level.
        port_group: of the view, where the view was read; else "".
        initiator_group: likewise.
        legacy_host: the host's short name, if the view is of the SMI-S era; None otherwise.
        volume_count: volumes in the group, where the group was read; None otherwise.
    """

    storage_group: str
    masking_view: str
    parent: str | None
    names: HostNames | None
    is_fast_managed: bool
    port_group: str = ""
    initiator_group: str = ""
    legacy_host: str | None = None
    volume_count: int | None = None


def waiting_group(exposure: Exposure, traits: GroupTraits) -> StorageGroupDefinition:
    """The group without service level in which a volume waits on a host that sees it together with others.

    Raises:
        InUse: the host's view is not one of ours.
    """
    names = own_names(exposure)
    return StorageGroupDefinition(name=names.no_service_level_child(traits.replication_suffix))


def own_names(exposure: Exposure) -> HostNames:
    """Names of the host behind an exposure.

    Raises:
        InUse: the view is not one of ours, so nothing under it may be changed.
    """
    if exposure.names is None or exposure.parent is None:
        raise InUse(
            "volume",
            exposure.storage_group,
            f"masking view {exposure.masking_view}, which was not made by pmax; detach the volume there first",
        )
    return exposure.names


def limits_and_tags(
    array_id: ArrayId, storage_group: str, found: StorageGroup | None, policy: VolumePolicy
) -> list[Step]:
    """Give a child group the limits and tags that a volume's type asks for, as far as it does not have them.

    Args:
        array_id: serial of the array.
        storage_group: the child group.
        found: as it is; None if the same plan makes it.
        policy: of the volume.
    """
    steps: list[Step] = []
    limits = found.limits if found else None
    if policy.limits is not None and limits_change(limits, policy.limits) is not None:
        steps.append(
            SetHostIoLimits(array_id=array_id, storage_group=storage_group, before=limits, after=policy.limits)
        )
    known = {tag.lower() for tag in found.tags} if found else set()
    missing = tuple(tag for tag in policy.storage_group_tags if tag.lower() not in known)
    if missing:
        steps.append(AddTags(array_id=array_id, storage_group=storage_group, tags=missing))
    return steps


def move_under_same_view(
    volume: Volume, exposure: Exposure, target: StorageGroupDefinition, traits: Iterable[Step] = ()
) -> list[Step]:
    """Move a volume to another child of the same parent: the host keeps its path and its LUN (rule 45).

    Args:
        volume: as read.
        exposure: through which the host sees it.
        target: the other child; it may exist already.
        traits: what the child gets before the volume does.
    """
    own_names(exposure)
    parent = exposure.parent or ""
    array_id = volume.array_id
    return [
        EnsureStorageGroup(array_id=array_id, definition=target),
        EnsureChildStorageGroup(array_id=array_id, parent=parent, child=target.name),
        *traits,
        MoveVolume(array_id=array_id, device=volume.device_id, source=exposure.storage_group, target=target.name),
        PruneStorageGroup(
            array_id=array_id,
            name=exposure.storage_group,
            when_emptied=exposure.storage_group,
            parent=parent,
        ),
    ]
