"""Built-in plugin: lets generic volume groups replicate, stop, fail over and come back as one."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain.commands import ChangeGroupReplication, GroupReplicationChange
from pmax.domain.group_replication import OF_R2, SessionObserved, plan_session
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.plans import Plan
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.volume_group_lookup import find_volume_group, get_volume_group, read_members, volume_group_lock
from pmax.plugins.volume_groups import get_target
from pmax.ports.runtime import LockKey


class ChangeGroupReplicationHandler(Handler[ChangeGroupReplication, SessionObserved, GroupReplicationChange]):
    """Changes the replication of groups: five reads, one write, and looks until it is done, however many volumes."""

    command = ChangeGroupReplication

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._plugins = context.plugins

    def locks(self, command: ChangeGroupReplication) -> frozenset[LockKey]:
        """The volume group."""
        return frozenset({volume_group_lock(command.target)})

    def observe(self, command: ChangeGroupReplication, look: Look) -> SessionObserved:
        """Read the group, which volumes are paired, and the states of their pairs.

        Raises:
            NotFound: the array that holds R1 has no storage group for the group, or a volume is gone.
            WrongIdentity: a device belongs to another volume.
        """
        target = command.target
        find = find_volume_group if command.action in OF_R2 else get_volume_group
        group = find(self._readers, target)
        group = read_members(self._readers, group) if group else None
        number: int | None = None
        for member in command.members:
            number = next(iter(get_target(self._readers, member).rdf_groups), None)
            if number is not None:
                break
        if number is None:
            return SessionObserved(group=group, rdf_group=None)
        wanted = frozenset(member.device_id for member in command.members)
        paired = wanted & frozenset(self._readers.replication.list_paired_devices(target.array_id, number))
        seen = SessionObserved(group=group, rdf_group=number, paired=paired)
        return self._with_states(target.array_id, seen, wanted)

    def _with_states(self, array_id: ArrayId, seen: SessionObserved, wanted: frozenset[DeviceId]) -> SessionObserved:
        """Read the states of all pairs at once where the storage group holds just these; else pair by pair."""
        group, number, reader = seen.group, seen.rdf_group or 0, self._readers.replication
        if group is not None and group.members == wanted == seen.paired:
            session = reader.find_session(array_id, group.storage_group.name, number)
            if session is not None:
                return attrs.evolve(seen, states=session.states, modes=frozenset(session.modes))
        found = [reader.find_pair(array_id, number, device) for device in sorted(seen.paired)]
        pairs = [pair for pair in found if pair is not None]
        return attrs.evolve(
            seen,
            paired=frozenset(pair.device_id for pair in pairs),
            states=frozenset(pair.state for pair in pairs),
            modes=frozenset(pair.mode for pair in pairs),
        )

    def plan(self, command: ChangeGroupReplication, observed: SessionObserved) -> Plan:
        """See `pmax.domain.group_replication`."""
        modes = (mode for mode in self._plugins.replication_modes() if mode.supports_volume_groups)
        return plan_session(command, observed, frozenset(mode.shown_mode or mode.sent_mode for mode in modes))

    def result(
        self, command: ChangeGroupReplication, observed: SessionObserved, outcomes: Outcomes
    ) -> GroupReplicationChange:
        """Say whether there was anything to do."""
        return GroupReplicationChange(target=command.target, action=command.action, was_needed=bool(outcomes.pairs))


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The command of this plugin."""
    return (ChangeGroupReplicationHandler(context),)
