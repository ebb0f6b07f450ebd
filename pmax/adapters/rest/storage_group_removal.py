"""Deleting storage groups without losing what somebody puts into them meanwhile.

The array deletes a group although volumes are in it, and these are then in none (rule 7). So a group that others may
use is first renamed, which makes them miss it. The answer to that shows whether anything is in it, and nothing can come
in any more. If it is in use, it gets its name back; else it is deleted. Groups of one host are deleted directly, under
the lock of that host.

That renaming is as atomic as adding a volume is assumed.
"""

from __future__ import annotations

import logging

import attrs

from pmax.adapters.rest import storage_group_calls, volume_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import CHANGED, UNCHANGED, ArrayAccess, OneCallHandler, StepHandler
from pmax.adapters.rest.messages import Call
from pmax.adapters.rest.storage_group_calls import interim_name
from pmax.domain.errors import (
    AlreadyExists,
    ArrayRejected,
    Busy,
    Conflict,
    CredentialsRejected,
    InUse,
    MalformedReply,
    NotFound,
    PmaxError,
    Unavailable,
)
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import (
    DeleteStorageGroup,
    DissolveStorageGroup,
    PruneStorageGroup,
    RemoveChildStorageGroup,
    StepOutcome,
)
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.wording import counted
from pmax.ports.array_commands import Claim
from pmax.ports.runtime import Deadline

_log = logging.getLogger(__name__)


class _Removal:
    """Removes one storage group that others may use."""

    def __init__(self, access: ArrayAccess, array: ArrayId, name: str, operation: str) -> None:
        self._access = access
        self._array = array
        self._name = name
        self._interim = interim_name(name)
        self._operation = operation

    def remove(self, deadline: Deadline) -> str:
        """Delete the group if nothing needs it.

        Returns:
            What needs it, in words; empty if it is gone.

        Raises:
            NotFound: it does not exist, under neither name.
            ArrayRejected: the array refused to delete it; it has its name back.
        """
        group = self._take_away(deadline)
        # From here on the group has an odd name: what follows is attempted even if the operation's time is up.
        users = _users(group)
        if not users:
            try:
                self._delete()
                return ""
            except Conflict as refusal:
                users = str(refusal)
            except (ArrayRejected, Busy, CredentialsRejected):
                # Not because somebody uses it: whoever asked may try again.
                self._give_back()
                raise
            except (Unavailable, MalformedReply) as lost:
                if self._find_after(lost) is None:
                    return ""
                # A deletion that comes late misses it under its own name.
                self._give_back()
                raise
        self._give_back()
        return users

    def _take_away(self, deadline: Deadline) -> StorageGroup:
        """Rename the group, or find it as somebody left it who died after having renamed it."""
        try:
            change = self._access.change(self._rename_call, deadline)
        except NotFound:
            return self._get_interim()
        except (Unavailable, MalformedReply) as lost:
            taken = self._find_after(lost)
            if taken is None:
                raise
            return taken
        except (AlreadyExists, ArrayRejected):
            # Somebody left one of that name and the group was made anew since; or it has nothing to do with that.
            leftover = self._access.storage_groups.find_storage_group(self._array, self._interim)
            if leftover is None:
                raise
            self._merge_back(leftover)
            change = self._access.change(self._rename_call, deadline)
        shown = self._access.storage_group_in(change, self._array)
        return shown if shown is not None and shown.name == self._interim else self._get_interim()

    def _rename_call(self, dialect: Dialect) -> Call:
        return storage_group_calls.rename(self._array, self._name, self._interim, dialect, self._operation)

    def _find_after(self, lost: Unavailable | MalformedReply) -> StorageGroup | None:
        """Look for the group under its interim name after an answer was lost.

        Raises:
            Unavailable: as it was: nothing was sent, or the array cannot be asked either.
        """
        if isinstance(lost, Unavailable) and not lost.sent:
            raise lost
        try:
            return self._access.storage_groups.find_storage_group(self._array, self._interim)
        except PmaxError:
            raise lost from None

    def _get_interim(self) -> StorageGroup:
        group = self._access.storage_groups.find_storage_group(self._array, self._interim)
        if group is None:
            raise NotFound("storage group", self._name)
        return group

    def _delete(self) -> None:
        """Delete the group under its interim name."""

        def build(dialect: Dialect) -> Call:
            return storage_group_calls.delete(self._array, self._interim, dialect, self._operation)

        self._access.change(build, self._access.fresh_deadline())

    def _give_back(self) -> None:
        """Give the group its name back, even if the operation's time is up."""

        def build(dialect: Dialect) -> Call:
            operation = f"give storage group {self._name} its name back"
            return storage_group_calls.rename(self._array, self._interim, self._name, dialect, operation)

        try:
            self._access.change(build, self._access.fresh_deadline())
        except AlreadyExists:
            self._merge_back(self._get_interim())

    def _merge_back(self, leftover: StorageGroup) -> None:
        """Bring what is in the interim group to the group that somebody has made anew in the meantime."""
        if leftover.volume_count:
            devices = tuple(self._access.volumes.list_devices(self._array, storage_group=self._interim))
            groups = (self._interim, self._name)
            operation = f"bring the volumes of storage group {self._interim} back to {self._name}"
            _log.warning("%s was made anew while it was being deleted; %s", self._name, operation)
            self._access.change(
                lambda dialect: volume_calls.move_all(self._array, groups, devices, dialect, operation),
                self._access.fresh_deadline(),
            )
        self._delete()


def _users(group: StorageGroup) -> str:
    """What needs the group, in words; empty if nothing does."""
    if group.masking_views:
        return f"masking views {', '.join(group.masking_views)}"
    if group.parents or group.children:
        return f"storage groups {', '.join((*group.parents, *group.children))}"
    return counted(group.volume_count, "volume") if group.volume_count else ""


def _removal_calls(array: ArrayId, name: str, dialect: Dialect, operation: str) -> tuple[Call, ...]:
    interim = interim_name(name)
    return (
        storage_group_calls.rename(array, name, interim, dialect, operation),
        storage_group_calls.delete(array, interim, dialect, operation),
    )


class DeleteStorageGroupHandler(StepHandler[DeleteStorageGroup]):
    """Deletes a storage group that must not be in use."""

    def calls(self, step: DeleteStorageGroup, dialect: Dialect) -> tuple[Call, ...]:
        """See `StepHandler`."""
        return _removal_calls(step.array_id, step.definition.name, dialect, str(step))

    def apply(self, step: DeleteStorageGroup, deadline: Deadline) -> StepOutcome:
        """Carry the step out.

        Raises:
            InUse: something needs the group; it is as it was.
        """
        name = step.definition.name
        try:
            users = _Removal(self.access, step.array_id, name, str(step)).remove(deadline)
        except NotFound:
            return UNCHANGED
        if users:
            raise InUse("storage group", name, users)
        return CHANGED

    def look(self, step: DeleteStorageGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if _is_gone(self.access, step.array_id, step.definition.name) else None


class PruneStorageGroupHandler(OneCallHandler[PruneStorageGroup]):
    """Deletes a storage group that this operation left empty; if somebody uses it meanwhile, that is no failure."""

    def call(self, step: PruneStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.delete(step.array_id, step.name, dialect, str(step))

    def calls(self, step: PruneStorageGroup, dialect: Dialect) -> tuple[Call, ...]:
        """See `StepHandler`."""
        if step.is_shared:
            return _removal_calls(step.array_id, step.name, dialect, str(step))
        deletion = self.call(step, dialect)
        return (deletion,) if step.parent is None else (_orphaning(step, step.parent, dialect), deletion)

    def apply(self, step: PruneStorageGroup, deadline: Deadline) -> StepOutcome:
        """Carry the step out."""
        if not step.is_shared:
            self._orphan(step, deadline)
            return super().apply(step, deadline)
        try:
            users = _Removal(self.access, step.array_id, step.name, str(step)).remove(deadline)
        except NotFound:
            return UNCHANGED
        if users:
            _log.info("storage group %s stays: %s", step.name, users)
        return UNCHANGED if users else CHANGED

    def look(self, step: PruneStorageGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if _is_gone(self.access, step.array_id, step.name) else None

    def is_there(self, step: PruneStorageGroup) -> bool:
        """See `StepHandler`. A group that somebody uses is as it should be, too; empty children do not use it."""
        group = self.access.storage_groups.find_storage_group(step.array_id, step.name)
        users = "" if group is None else _users(attrs.evolve(group, children=()))
        if users:
            _log.info("storage group %s stays: %s", step.name, users)
        return bool(users) or self.look(step) is not None

    def objection(self, step: PruneStorageGroup, claim: Claim) -> str:  # noqa: ARG002 - it must be empty
        """See `StepHandler`. A shared group is looked into while it is removed."""
        return "" if step.is_shared else self.access.strangers(step.array_id, step.name, Claim())

    def _orphan(self, step: PruneStorageGroup, deadline: Deadline) -> None:
        """Take the group from under its parent, if it still is there."""
        if step.parent is None:
            return
        parent = step.parent
        try:
            self.access.change(lambda dialect: _orphaning(step, parent, dialect), deadline)
        except (Conflict, ArrayRejected):
            group = self.access.storage_groups.find_storage_group(step.array_id, step.name)
            if group is not None and parent in group.parents:
                raise


class DissolveStorageGroupHandler(OneCallHandler[DissolveStorageGroup]):
    """Deletes a storage group with volumes in it, which the array then leaves where else they are (rule 7)."""

    def call(self, step: DissolveStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return storage_group_calls.delete(step.array_id, step.name, dialect, str(step))

    def look(self, step: DissolveStorageGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        return CHANGED if self.access.storage_groups.find_storage_group(step.array_id, step.name) is None else None


def _orphaning(step: PruneStorageGroup, parent: str, dialect: Dialect) -> Call:
    removal = RemoveChildStorageGroup(array_id=step.array_id, parent=parent, child=step.name)
    return storage_group_calls.remove_child(removal, dialect)


def _is_gone(access: ArrayAccess, array: ArrayId, name: str) -> bool:
    return all(access.storage_groups.find_storage_group(array, each) is None for each in (name, interim_name(name)))
