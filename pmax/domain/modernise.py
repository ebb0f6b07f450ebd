"""Volumes attached in the SMI-S era: how one moves to the modern layout while a host uses it.

Before 2017 one storage group served all hosts, each of which saw it through a view of its own. Such a volume cannot be
shown to a second host as it is. So, before the second attach, the host that uses it gets a modern view with the same
initiators and ports, and the volume moves under it: the host keeps its paths. A view cannot be empty, so a small volume
holds the place on either side for a moment.

Source: driver-attach-replication.md 3.6, whose outcome this has, without the place-holders that upstream leaves behind.
"""

from __future__ import annotations

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.exposures import Exposure
from pmax.domain.legacy_names import StagingNames
from pmax.domain.naming import GroupTraits, HostNames
from pmax.domain.plans import (
    CreateVolume,
    DeleteMaskingView,
    DeleteVolume,
    EnsureChildStorageGroup,
    EnsureMaskingView,
    EnsureStorageGroup,
    MoveVolume,
    NewVolume,
    PruneStorageGroup,
    RemoveVolume,
    Step,
)
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.domain.volumes import Volume

_PLACE_HOLDER = Capacity.from_gib(1)


@attrs.frozen(kw_only=True)
class LegacyUse:
    """A volume that a host uses through a view of the SMI-S era.

    Attributes:
        names: of the host's modern objects, to be made.
        views: every view that shows the old group, the host's own first.
        volume_count: volumes in the old group.
    """

    names: HostNames
    views: tuple[Exposure, ...]
    volume_count: int

    @property
    def own(self) -> Exposure:
        """The host's own view."""
        return self.views[0]


def modernise(volume: Volume, use: LegacyUse, traits: GroupTraits) -> list[Step]:
    """Plan the move: after it the volume waits in a group without a service level, as a volume does that two see."""
    names, old = use.names, use.own
    array_id = volume.array_id
    child = names.no_service_level_child(traits.replication_suffix)
    parent = names.parent_storage_group
    staging = StagingNames(names.host_label, (volume.identifier or volume.device_id).removeprefix("OS-"))
    seed = staging.seed_volume
    steps: list[Step] = [
        EnsureStorageGroup(array_id=array_id, definition=StorageGroupDefinition(name=parent)),
        EnsureStorageGroup(array_id=array_id, definition=StorageGroupDefinition(name=child)),
        EnsureChildStorageGroup(array_id=array_id, parent=parent, child=child),
        CreateVolume(array_id=array_id, storage_group=child, identifier=seed, capacity=_PLACE_HOLDER),
        EnsureMaskingView(
            array_id=array_id,
            name=names.masking_view,
            initiator_group=old.initiator_group,
            port_group=old.port_group,
            storage_group=parent,
        ),
    ]
    is_alone = use.volume_count <= 1
    if is_alone:
        steps.append(_hold(volume, old, staging))
    steps.append(MoveVolume(array_id=array_id, device=volume.device_id, source=old.storage_group, target=child))
    steps += _drop(volume, child, seed)
    if is_alone:
        steps += [_delete(volume, view) for view in use.views]
        steps += _drop(volume, old.storage_group, staging.placeholder_volume)
        steps.append(
            PruneStorageGroup(array_id=array_id, name=old.storage_group, when_emptied=old.storage_group, is_shared=True)
        )
    return steps


def _hold(volume: Volume, old: Exposure, staging: StagingNames) -> Step:
    return CreateVolume(
        array_id=volume.array_id,
        storage_group=old.storage_group,
        identifier=staging.placeholder_volume,
        capacity=_PLACE_HOLDER,
    )


def _drop(volume: Volume, storage_group: str, identifier: str) -> list[Step]:
    """Take a place-holder away; it never held data."""
    device = NewVolume(identifier)
    return [
        RemoveVolume(array_id=volume.array_id, device=device, storage_group=storage_group),
        DeleteVolume(array_id=volume.array_id, device=device, identifier=identifier),
    ]


def _delete(volume: Volume, view: Exposure) -> Step:
    return DeleteMaskingView(
        array_id=volume.array_id,
        name=view.masking_view,
        initiator_group=view.initiator_group,
        port_group=view.port_group,
        storage_group=view.storage_group,
    )
