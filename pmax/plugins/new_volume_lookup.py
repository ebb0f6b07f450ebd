"""Finds what making a new volume depends on, empty or with the data of another, replicated or not."""

from __future__ import annotations

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.policies import VolumePolicy
from pmax.domain.provisioning import CreationObserved
from pmax.domain.replicated_copies import without_replication
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import creation_locks, observe_creation
from pmax.plugins.handlers import Look
from pmax.plugins.replicated_provisioning import ReplicatedProvisioning
from pmax.plugins.volume_group_lookup import other_side_of_group, volume_group_locks
from pmax.ports.runtime import LockKey


class NewVolumeLookup:
    """Reads for new volumes."""

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._replication = ReplicatedProvisioning(context)

    def locks(
        self, array_id: ArrayId, identifier: str, volume_group: VolumeGroupTarget | None, policy: VolumePolicy
    ) -> frozenset[LockKey]:
        """The identifier, so that one volume is not made twice; not the group, so that creations run side by side.

        A volume group is locked, though: a snapshot of it has the volume, or does not. Replicated volumes of one RDF
        group are made one after the other.
        """
        own = creation_locks(array_id, identifier, volume_group)
        if volume_group is not None:
            own |= volume_group_locks(volume_group, self._replication.other_array(policy))
        return own | self._replication.locks(policy)

    def observe(
        self, array_id: ArrayId, policy: VolumePolicy, volume_group: VolumeGroupTarget | None, look: Look
    ) -> CreationObserved:
        """Read the default storage group, the volume group if there is one, and the RDF group if there is one.

        Raises:
            InvalidRequest: the storage resource pool, or the RDF group, does not exist.
            NotFound: the array has no storage group for the volume group.
        """
        plain = observe_creation(self._readers, array_id, policy, volume_group)
        name, group = plain.storage_group_name, plain.storage_group
        replicated = self._replication.observe_creation(policy, name, group, look)
        other = None
        if replicated is not None and volume_group is not None:
            remote_id = replicated.replication.device.target_array_id
            other = other_side_of_group(self._readers, volume_group, remote_id)
        return attrs.evolve(plain, replicated=replicated, other_volume_group=other)

    def staging(self, array_id: ArrayId, policy: VolumePolicy, creation: CreationObserved) -> CreationObserved | None:
        """Where a copy is made that cannot be made where it belongs, since no unpaired volume may be there.

        Returns:
            None where it is made at once where it belongs.
        """
        if creation.replicated is None or not creation.replicated.is_protected:
            return None
        return observe_creation(self._readers, array_id, without_replication(policy))
