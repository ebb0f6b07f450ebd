"""Steps that make, relate and limit storage groups. Deleting them is the business of `storage_group_removal`."""

from __future__ import annotations

from pmax.adapters.rest import storage_group_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import CHANGED, Change, OneCallHandler, UndecidedError
from pmax.adapters.rest.messages import Call
from pmax.domain.plans import (
    AddTags,
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    RemoveChildStorageGroup,
    RemoveTags,
    RenameStorageGroup,
    SetHostIoLimits,
    StepOutcome,
)
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition
from pmax.ports.array_commands import Claim


def answers(group: StorageGroup, definition: StorageGroupDefinition) -> bool:
    """Whether a group that exists is as defined.

    Names of pools and levels are compared without case, since the service takes them so. The workload counts only where
    the array reports one: newer code ignores it (rule 28). Compression is not compared: an administrator may switch it
    at any time, and the group is no other group for that.
    """

    def same(one: str | None, other: str | None) -> bool:
        return (one or "").lower() == (other or "").lower()

    return (
        same(group.srp, definition.srp)
        and same(group.service_level, definition.service_level)
        and (group.workload is None or same(group.workload, definition.workload))
    )


def is_unused(group: StorageGroup) -> bool:
    """Whether nothing depends on the group."""
    return not (group.volume_count or group.parents or group.children or group.masking_views)


class EnsureStorageGroupHandler(OneCallHandler[EnsureStorageGroup]):
    """Makes a storage group, or finds it."""

    def call(self, step: EnsureStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.create(step, dialect)

    def look(self, step: EnsureStorageGroup) -> StepOutcome | None:
        """See `StepHandler`. A group that is in use already counts as found, so that nobody undoes it."""
        group = self.access.storage_groups.find_storage_group(step.array_id, step.definition.name)
        if group is None or not answers(group, step.definition):
            return None
        return StepOutcome(changed=is_unused(group))

    def is_there(self, step: EnsureStorageGroup) -> bool:
        """See `StepHandler`. After a refusal, a group that is there is not the new one that was wanted."""
        return not step.must_be_new and super().is_there(step)


class RenameStorageGroupHandler(OneCallHandler[RenameStorageGroup]):
    """Gives a storage group another name."""

    def call(self, step: RenameStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.rename(step.array_id, step.before, step.after, dialect, str(step))

    def look(self, step: RenameStorageGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        find = self.access.storage_groups.find_storage_group
        if find(step.array_id, step.after) is None:
            return None
        if find(step.array_id, step.before) is not None:
            raise UndecidedError(f"there are storage groups of both names, {step.before} and {step.after}")
        return CHANGED


class EnsureChildStorageGroupHandler(OneCallHandler[EnsureChildStorageGroup]):
    """Puts a storage group under another."""

    def call(self, step: EnsureChildStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.add_child(step, dialect)

    def look(self, step: EnsureChildStorageGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        child = self.access.storage_groups.find_storage_group(step.array_id, step.child)
        return CHANGED if child is not None and step.parent in child.parents else None


class RemoveChildStorageGroupHandler(OneCallHandler[RemoveChildStorageGroup]):
    """Takes a storage group from under another."""

    def call(self, step: RemoveChildStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.remove_child(step, dialect)

    def outcome(self, step: RemoveChildStorageGroup, change: Change) -> StepOutcome:
        """See `StepHandler`."""
        return StepOutcome(changed=True, emptied=self.access.emptied(change, step.array_id, step.parent))

    def look(self, step: RemoveChildStorageGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        child = self.access.storage_groups.find_storage_group(step.array_id, step.child)
        if child is not None and step.parent in child.parents:
            return None
        parent = self.access.storage_groups.find_storage_group(step.array_id, step.parent)
        is_empty = parent is not None and parent.volume_count == 0
        return StepOutcome(changed=True, emptied=frozenset({step.parent}) if is_empty else frozenset())

    def objection(self, step: RemoveChildStorageGroup, claim: Claim) -> str:
        """See `StepHandler`."""
        return self.access.strangers(step.array_id, step.child, claim)


class SetHostIoLimitsHandler(OneCallHandler[SetHostIoLimits]):
    """Limits a storage group, or frees it of its limits."""

    def call(self, step: SetHostIoLimits, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.set_limits(step, dialect)

    def look(self, step: SetHostIoLimits) -> StepOutcome | None:
        """See `StepHandler`."""
        group = self.access.storage_groups.find_storage_group(step.array_id, step.storage_group)
        return CHANGED if group is not None and group.limits == step.after else None


class AddTagsHandler(OneCallHandler[AddTags]):
    """Tags a storage group."""

    def call(self, step: AddTags, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.add_tags(step, dialect)

    def look(self, step: AddTags) -> StepOutcome | None:
        """See `StepHandler`. A group that has only some of the tags is as nobody planned it: look again, and plan."""
        group = self.access.storage_groups.find_storage_group(step.array_id, step.storage_group)
        return CHANGED if group is not None and _lower(step.tags) <= _lower(group.tags) else None


class RemoveTagsHandler(OneCallHandler[RemoveTags]):
    """Takes tags from a storage group."""

    def call(self, step: RemoveTags, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.remove_tags(step, dialect)

    def look(self, step: RemoveTags) -> StepOutcome | None:
        """See `StepHandler`."""
        group = self.access.storage_groups.find_storage_group(step.array_id, step.storage_group)
        return CHANGED if group is None or not _lower(step.tags) & _lower(group.tags) else None


def _lower(tags: tuple[str, ...]) -> set[str]:
    return {tag.lower() for tag in tags}
