"""Steps that make, change and delete storage groups."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.qos import HostIoLimits
from pmax.domain.storage_groups import StorageGroupDefinition


@attrs.frozen(kw_only=True)
class EnsureStorageGroup:
    """A storage group of this definition exists. An existing one with another service level is a conflict.

    Attributes:
        must_be_new: an existing one is a conflict, whatever it is like: what is in it later is this operation's alone.
    """

    array_id: ArrayId
    definition: StorageGroupDefinition
    must_be_new: bool = False

    def __str__(self) -> str:
        level = self.definition.service_level or "no service level"
        return f"create storage group {self.definition.name} ({level})"


@attrs.frozen(kw_only=True)
class DeleteStorageGroup:
    """An empty storage group is gone. The adapter refuses when volumes are in it."""

    array_id: ArrayId
    definition: StorageGroupDefinition

    def __str__(self) -> str:
        return f"delete storage group {self.definition.name}"


@attrs.frozen(kw_only=True)
class RenameStorageGroup:
    """A storage group carries another name; its volumes, views and snapshots stay (rule 31)."""

    array_id: ArrayId
    before: str
    after: str

    def __str__(self) -> str:
        return f"rename storage group {self.before} to {self.after}"


@attrs.frozen(kw_only=True)
class PruneStorageGroup:
    """A storage group is gone if this operation left it empty.

    The executor skips it unless an earlier step of the same operation reported `when_emptied` as emptied.

    Attributes:
        name: the group.
        when_emptied: the group whose emptying is the condition; a parent is empty when its last child is.
        parent: the group is first taken from under this one; None when it has no parent (any more).
        is_shared: others may be adding volumes at this moment, without a lock that we share. The adapter then first
            renames the group, which makes them miss it, and deletes it only if it is still empty; else it gives the
            name back.
    """

    array_id: ArrayId
    name: str
    when_emptied: str
    parent: str | None = None
    is_shared: bool = False

    def __str__(self) -> str:
        return f"delete storage group {self.name} if that left it empty"


@attrs.frozen(kw_only=True)
class DissolveStorageGroup:
    """A storage group that this operation made for a while is gone; its volumes stay where else they are.

    It is in no masking view, and its volumes are in other groups as well.
    """

    array_id: ArrayId
    name: str

    def __str__(self) -> str:
        return f"dissolve storage group {self.name}"


@attrs.frozen(kw_only=True)
class EnsureChildStorageGroup:
    """A storage group is a child of another; if the parent is in a view, hosts see the child's volumes from now on."""

    array_id: ArrayId
    parent: str
    child: str

    def __str__(self) -> str:
        return f"put storage group {self.child} under {self.parent}"


@attrs.frozen(kw_only=True)
class RemoveChildStorageGroup:
    """A storage group is no longer a child of another."""

    array_id: ArrayId
    parent: str
    child: str

    def __str__(self) -> str:
        return f"take storage group {self.child} from under {self.parent}"


@attrs.frozen(kw_only=True)
class SetHostIoLimits:
    """A storage group has these host I/O limits.

    Attributes:
        before: the limits it had; None for none.
        after: the limits it shall have; None removes them.
    """

    array_id: ArrayId
    storage_group: str
    before: HostIoLimits | None
    after: HostIoLimits | None

    def __str__(self) -> str:
        return f"set host I/O limits of storage group {self.storage_group} to {self.after or 'none'}"


@attrs.frozen(kw_only=True)
class AddTags:
    """A storage group also carries these tags."""

    array_id: ArrayId
    storage_group: str
    tags: tuple[str, ...]

    def __str__(self) -> str:
        return f"tag storage group {self.storage_group} with {', '.join(self.tags)}"


@attrs.frozen(kw_only=True)
class RemoveTags:
    """A storage group no longer carries these tags."""

    array_id: ArrayId
    storage_group: str
    tags: tuple[str, ...]

    def __str__(self) -> str:
        return f"take the tags {', '.join(self.tags)} from storage group {self.storage_group}"


StorageGroupStep: TypeAlias = (
    EnsureStorageGroup
    | DeleteStorageGroup
    | RenameStorageGroup
    | PruneStorageGroup
    | DissolveStorageGroup
    | EnsureChildStorageGroup
    | RemoveChildStorageGroup
    | SetHostIoLimits
    | AddTags
    | RemoveTags
)


def inverse_of_storage_group_step(step: StorageGroupStep) -> StorageGroupStep | None:  # noqa: PLR0911 - a table of steps is best read as one
    """Give the step that takes `step` back, or None when nothing can or needs to."""
    match step:
        case EnsureStorageGroup(array_id=array_id, definition=definition):
            return DeleteStorageGroup(array_id=array_id, definition=definition)
        case DeleteStorageGroup(array_id=array_id, definition=definition):
            return EnsureStorageGroup(array_id=array_id, definition=definition)
        case EnsureChildStorageGroup(array_id=array_id, parent=parent, child=child):
            return RemoveChildStorageGroup(array_id=array_id, parent=parent, child=child)
        case RemoveChildStorageGroup(array_id=array_id, parent=parent, child=child):
            return EnsureChildStorageGroup(array_id=array_id, parent=parent, child=child)
        case SetHostIoLimits():
            return attrs.evolve(step, before=step.after, after=step.before)
        case RenameStorageGroup():
            return attrs.evolve(step, before=step.after, after=step.before)
        case AddTags(array_id=array_id, storage_group=name, tags=tags):
            return RemoveTags(array_id=array_id, storage_group=name, tags=tags)
        case RemoveTags(array_id=array_id, storage_group=name, tags=tags):
            return AddTags(array_id=array_id, storage_group=name, tags=tags)
        case PruneStorageGroup() | DissolveStorageGroup():
            return None
