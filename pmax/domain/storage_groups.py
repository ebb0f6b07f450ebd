"""Storage groups as observed on an array."""

from __future__ import annotations

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import GroupTraits
from pmax.domain.qos import HostIoLimits

#: Volumes that one storage group can hold (public product limit; unisphere-rest.md 5, inferred).
MAXIMUM_VOLUMES = 4096


@attrs.frozen(kw_only=True)
class StorageGroup:
    """A set of volumes that share a service level, or a parent of such sets.

    Attributes:
        array_id: serial of the array.
        name: unique on the array.
        srp: storage resource pool; None when the group is not FAST managed.
        service_level: None when it has none.
        workload: None when it has none.
        volume_count: volumes in it; for a parent, those of its children.
        parents: groups that hold this one.
        children: groups that this one holds.
        masking_views: views through which hosts see it, directly or through a parent.
        is_compressed: None where the service does not say.
        limits: host I/O limits; None when there are none.
        tags: in no particular order.
        snapshot_count: names of snapshots taken of the whole group.
    """

    array_id: ArrayId
    name: str
    srp: str | None = None
    service_level: str | None = None
    workload: str | None = None
    volume_count: int = 0
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    masking_views: tuple[str, ...] = ()
    is_compressed: bool | None = None
    limits: HostIoLimits | None = None
    tags: tuple[str, ...] = ()
    snapshot_count: int = 0

    @property
    def has_room(self) -> bool:
        """Whether another volume fits in."""
        return self.volume_count < MAXIMUM_VOLUMES

    @property
    def is_fast_managed(self) -> bool:
        """Whether the group has a service level; a volume can be in one such group only (rule 1)."""
        return self.service_level is not None


@attrs.frozen(kw_only=True)
class StorageGroupDefinition:
    """What is said about a storage group when it is made.

    Attributes:
        name: unique on the array.
        srp: storage resource pool; None makes a group that is not FAST managed (parents, staging groups).
        service_level: None for none; then `workload` is None too.
        workload: None for none.
        is_compression_disabled: True asks the array not to compress; None says nothing (arrays that cannot compress).
    """

    name: str
    srp: str | None = None
    service_level: str | None = None
    workload: str | None = None
    is_compression_disabled: bool | None = None


def definition_for(name: str, traits: GroupTraits, *, supports_compression: bool) -> StorageGroupDefinition:
    """Say how a group for volumes with these traits is made.

    A group without a service level is made without an SRP too: it is not FAST managed.

    Args:
        name: of the group.
        traits: of its volumes.
        supports_compression: whether the array can compress; otherwise nothing is said about it.
    """
    if traits.service_level is None:
        return StorageGroupDefinition(name=name)
    return StorageGroupDefinition(
        name=name,
        srp=traits.srp,
        service_level=traits.service_level,
        workload=traits.workload,
        is_compression_disabled=traits.compression_disabled if supports_compression else None,
    )
