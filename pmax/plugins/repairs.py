"""Built-in plugin: takes debris away that `pmax audit` found. Everything is read again under the locks of its host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pmax.domain import repairs
from pmax.domain.commands import (
    ClearHostIoLimits,
    RemoveEmptyMaskingView,
    RemoveEmptyStorageGroup,
    RemoveUnusedInitiatorGroup,
    Repair,
)
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import InitiatorGroup, MaskingView
from pmax.domain.naming import MANAGED_PREFIX
from pmax.domain.plans import Plan
from pmax.domain.storage_groups import StorageGroup
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import is_own_default_group
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.ports.runtime import LockKey


def _host_locks(context: PluginContext, array_id: ArrayId, names: Iterable[str]) -> frozenset[LockKey]:
    """The locks of the hosts that objects of these names may belong to.

    A host's label stands before the letter of its protocol. Where a name can be read in two ways, both are locked: one
    lock too many costs nothing.
    """
    letters = {protocol.letter for protocol in context.plugins.protocols().values()}
    return frozenset(
        LockKey(array_id, "host", name[len(MANAGED_PREFIX) : place].lower())
        for name in names
        if name.startswith(MANAGED_PREFIX)
        for letter in letters
        if (place := name.find(f"-{letter}-", len(MANAGED_PREFIX))) > len(MANAGED_PREFIX)
    )


class RemoveEmptyStorageGroupHandler(Handler[RemoveEmptyStorageGroup, StorageGroup | None, Repair]):
    """Deletes empty storage groups: one read, a write for each parent and one for the group."""

    command = RemoveEmptyStorageGroup

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    def locks(self, command: RemoveEmptyStorageGroup) -> frozenset[LockKey]:
        """Those that its own name tells."""
        return _host_locks(self._context, command.array_id, (command.name,))

    def observe(self, command: RemoveEmptyStorageGroup, look: Look) -> StorageGroup | None:
        """Read the group; its parents and views tell whose it is."""
        group = self._context.readers.storage_groups.find_storage_group(command.array_id, command.name)
        if group is not None:
            names = (*group.parents, *group.masking_views)
            look.require(_host_locks(self._context, command.array_id, names))
        return group

    def plan(self, command: RemoveEmptyStorageGroup, observed: StorageGroup | None) -> Plan:
        """See `pmax.domain.repairs`."""
        return repairs.plan_group_removal(command.array_id, observed)

    def result(self, command: RemoveEmptyStorageGroup, observed: StorageGroup | None, outcomes: Outcomes) -> Repair:
        """Whether there was anything to do."""
        return Repair(kind="storage group", name=command.name, was_needed=observed is not None)


class RemoveEmptyMaskingViewHandler(
    Handler[RemoveEmptyMaskingView, tuple[MaskingView | None, StorageGroup | None], Repair]
):
    """Deletes masking views that show nothing: two reads, one write."""

    command = RemoveEmptyMaskingView

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    def locks(self, command: RemoveEmptyMaskingView) -> frozenset[LockKey]:
        """The host of the view."""
        return _host_locks(self._context, command.array_id, (command.name,))

    def observe(self, command: RemoveEmptyMaskingView, look: Look) -> tuple[MaskingView | None, StorageGroup | None]:
        """Read the view and its group."""
        readers = self._context.readers
        view = readers.masking.find_masking_view(command.array_id, command.name)
        if view is None:
            return None, None
        return view, readers.storage_groups.find_storage_group(command.array_id, view.storage_group)

    def plan(self, command: RemoveEmptyMaskingView, observed: tuple[MaskingView | None, StorageGroup | None]) -> Plan:
        """See `pmax.domain.repairs`."""
        view, group = observed
        return repairs.plan_view_removal(command.array_id, view, group)

    def result(
        self,
        command: RemoveEmptyMaskingView,
        observed: tuple[MaskingView | None, StorageGroup | None],
        outcomes: Outcomes,
    ) -> Repair:
        """Whether there was anything to do."""
        return Repair(kind="masking view", name=command.name, was_needed=observed[0] is not None)


class RemoveUnusedInitiatorGroupHandler(Handler[RemoveUnusedInitiatorGroup, InitiatorGroup | None, Repair]):
    """Deletes initiator groups that nothing uses: one read, one write."""

    command = RemoveUnusedInitiatorGroup

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    def locks(self, command: RemoveUnusedInitiatorGroup) -> frozenset[LockKey]:
        """The host."""
        return _host_locks(self._context, command.array_id, (command.name,))

    def observe(self, command: RemoveUnusedInitiatorGroup, look: Look) -> InitiatorGroup | None:
        """Read the group."""
        return self._context.readers.masking.find_initiator_group(command.array_id, command.name)

    def plan(self, command: RemoveUnusedInitiatorGroup, observed: InitiatorGroup | None) -> Plan:
        """See `pmax.domain.repairs`."""
        return repairs.plan_host_removal(command.array_id, observed)

    def result(
        self, command: RemoveUnusedInitiatorGroup, observed: InitiatorGroup | None, outcomes: Outcomes
    ) -> Repair:
        """Whether there was anything to do."""
        return Repair(kind="host", name=command.name, was_needed=observed is not None)


class ClearHostIoLimitsHandler(Handler[ClearHostIoLimits, StorageGroup | None, Repair]):
    """Takes limits from default groups: one read, one write."""

    command = ClearHostIoLimits

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    def locks(self, command: ClearHostIoLimits) -> frozenset[LockKey]:
        """The group."""
        return frozenset({LockKey(command.array_id, "storage group", command.name)})

    def observe(self, command: ClearHostIoLimits, look: Look) -> StorageGroup | None:
        """Read the group.

        Raises:
            InvalidRequest: it is no default group, whose limits may be meant.
        """
        group = self._context.readers.storage_groups.find_storage_group(command.array_id, command.name)
        if group is None:
            return None
        srp = group.srp or self._context.settings.srp
        if not is_own_default_group(group.name, srp):
            rule = "it is no group in which volumes wait that no host sees, so its limits may be meant"
            raise InvalidRequest("storage group", group.name, rule)
        return group

    def plan(self, command: ClearHostIoLimits, observed: StorageGroup | None) -> Plan:
        """See `pmax.domain.repairs`."""
        return repairs.plan_limits_removal(command.array_id, observed)

    def result(self, command: ClearHostIoLimits, observed: StorageGroup | None, outcomes: Outcomes) -> Repair:
        """Whether there was anything to do."""
        is_limited = observed is not None and observed.limits is not None
        return Repair(kind="storage group", name=command.name, was_needed=is_limited)


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """Carry out repairs."""
    return (
        RemoveEmptyStorageGroupHandler(context),
        RemoveEmptyMaskingViewHandler(context),
        RemoveUnusedInitiatorGroupHandler(context),
        ClearHostIoLimitsHandler(context),
    )
