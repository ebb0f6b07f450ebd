"""Exposures: through which storage groups and masking views hosts see a volume, and how it moves under a view."""

from __future__ import annotations

import attrs

from pmax.domain.errors import InUse
from pmax.domain.naming import GroupTraits, HostNames
from pmax.domain.plans import (
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    MoveVolume,
    PruneStorageGroup,
    Step,
)
from pmax.domain.storage_groups import StorageGroupDefinition
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


def move_under_same_view(volume: Volume, exposure: Exposure, target: StorageGroupDefinition) -> list[Step]:
    """Move a volume to another child of the same parent: the host keeps its path and its LUN (rule 45)."""
    own_names(exposure)
    parent = exposure.parent or ""
    array_id = volume.array_id
    return [
        EnsureStorageGroup(array_id=array_id, definition=target),
        EnsureChildStorageGroup(array_id=array_id, parent=parent, child=target.name),
        MoveVolume(array_id=array_id, device=volume.device_id, source=exposure.storage_group, target=target.name),
        PruneStorageGroup(
            array_id=array_id,
            name=exposure.storage_group,
            when_emptied=exposure.storage_group,
            parent=parent,
        ),
    ]
