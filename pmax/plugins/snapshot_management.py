"""Built-in plugin: takes snapshots over from an array, and gives them up."""

from __future__ import annotations

from collections.abc import Sequence

from pmax.domain import snapshot_management
from pmax.domain.commands import ManageSnapshot, SnapshotManagement, SnapshotUnmanagement, UnmanageSnapshot
from pmax.domain.plans import Plan
from pmax.domain.snapvx import SnapshotSessions
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.snapshot_lookup import SnapshotLookup
from pmax.plugins.volume_lock import snapvx_lock, volume_lock
from pmax.ports.runtime import LockKey


class ManageSnapshotHandler(Handler[ManageSnapshot, SnapshotSessions, SnapshotManagement]):
    """Takes snapshots over: one read, one write."""

    command = ManageSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._lookup = SnapshotLookup(context)

    def locks(self, command: ManageSnapshot) -> frozenset[LockKey]:
        """The volume and its snapshots."""
        source = command.source
        return frozenset({volume_lock(source), snapvx_lock(source.array_id, source.device_id)})

    def observe(self, command: ManageSnapshot, look: Look) -> SnapshotSessions:
        """Read the snapshots of the volume.

        Raises:
            NotFound: the array does not have the volume.
            WrongIdentity: the device belongs to another volume.
        """
        return self._lookup.get_sessions(command.source)

    def plan(self, command: ManageSnapshot, observed: SnapshotSessions) -> Plan:
        """See `pmax.domain.snapshot_management`."""
        return snapshot_management.plan_snapshot_management(command, observed)

    def result(self, command: ManageSnapshot, observed: SnapshotSessions, outcomes: Outcomes) -> SnapshotManagement:
        """Say what it was and what it is."""
        return SnapshotManagement(source=command.source, name=command.new_name, before=command.name)


class UnmanageSnapshotHandler(Handler[UnmanageSnapshot, SnapshotSessions | None, SnapshotUnmanagement]):
    """Gives snapshots up: one read, one write."""

    command = UnmanageSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._lookup = SnapshotLookup(context)

    def locks(self, command: UnmanageSnapshot) -> frozenset[LockKey]:
        """The volume and its snapshots."""
        source = command.source
        return frozenset({volume_lock(source), snapvx_lock(source.array_id, source.device_id)})

    def observe(self, command: UnmanageSnapshot, look: Look) -> SnapshotSessions | None:
        """Read the snapshots of the volume; None when the array says that it is gone.

        Raises:
            WrongIdentity: the device belongs to another volume now, but ours is on the array under another device id.
        """
        return self._lookup.find_sessions(command.source)

    def plan(self, command: UnmanageSnapshot, observed: SnapshotSessions | None) -> Plan:
        """See `pmax.domain.snapshot_management`."""
        return snapshot_management.plan_snapshot_unmanagement(command, observed)

    def result(
        self, command: UnmanageSnapshot, observed: SnapshotSessions | None, outcomes: Outcomes
    ) -> SnapshotUnmanagement:
        """Say whether there was anything to give up."""
        was_present = observed is not None and bool(observed.named(command.name))
        return SnapshotUnmanagement(
            source=command.source, name=command.new_name if was_present else "", was_present=was_present
        )


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The commands of this plugin."""
    return (ManageSnapshotHandler(context), UnmanageSnapshotHandler(context))
