"""Storage groups through which a volume goes only to end its pair: a pair ends when R1 leaves a group (decision 7).

A volume that hosts see, or that shares its group with volumes that are not paired, must not leave that group for it.
"""

from __future__ import annotations

import attrs

from pmax.adapters.rest.handling import ArrayAccess, real_device
from pmax.adapters.rest.storage_group_calls import interim_name
from pmax.adapters.rest.storage_group_removal import PruneStorageGroupHandler
from pmax.adapters.rest.storage_group_steps import EnsureStorageGroupHandler
from pmax.adapters.rest.volume_steps import AddVolumeHandler
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import AddVolume, DiscardPair, EnsureStorageGroup, PruneStorageGroup, VolumeReference
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.ports.runtime import Deadline


@attrs.frozen(kw_only=True)
class Passage:
    """A group that a volume joins to leave it with its pair.

    Attributes:
        access: to the array.
        array_id: serial of the array of R1.
        storage_group: the group; None where R1 leaves a group that holds it anyway.
        device: R1.
    """

    access: ArrayAccess
    array_id: ArrayId
    storage_group: str | None
    device: VolumeReference

    @classmethod
    def of(cls, step: DiscardPair, access: ArrayAccess) -> Passage:
        """The passage that a step takes."""
        name = step.storage_group if step.is_passage else None
        return cls(access=access, array_id=step.array_id, storage_group=name, device=step.device)

    def enter(self, deadline: Deadline) -> None:
        """Let R1 join the group, which is made if there is none."""
        if self.storage_group is None:
            return
        definition = StorageGroupDefinition(name=self.storage_group)
        volume = self.access.volumes.find_volume(self.array_id, real_device(self.device))
        if volume is not None and self.storage_group in volume.storage_groups:
            return
        EnsureStorageGroupHandler(self.access).apply(
            EnsureStorageGroup(array_id=self.array_id, definition=definition), deadline
        )
        joining = AddVolume(array_id=self.array_id, device=self.device, storage_group=self.storage_group)
        AddVolumeHandler(self.access).apply(joining, deadline)

    def close(self, deadline: Deadline) -> None:
        """Delete the group if it is empty."""
        if self.storage_group is None or not self.is_open():
            return
        step = PruneStorageGroup(
            array_id=self.array_id, name=self.storage_group, when_emptied=self.storage_group, is_shared=True
        )
        PruneStorageGroupHandler(self.access).apply(step, deadline)

    def is_open(self) -> bool:
        """Whether the group is there, and empty; also as somebody left it who died while he was deleting it."""
        if self.storage_group is None:
            return False
        for name in (self.storage_group, interim_name(self.storage_group)):
            group = self.access.storage_groups.find_storage_group(self.array_id, name)
            if group is not None:
                return group.volume_count == 0
        return False
