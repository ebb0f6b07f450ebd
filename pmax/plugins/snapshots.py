"""Built-in plugin: takes, deletes, presents and restores snapshots, and tidies temporary ones away."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain import snapshots
from pmax.domain.commands import (
    CreateSnapshot,
    DeleteSnapshot,
    LinkSnapshot,
    RevertToSnapshot,
    SnapshotCreation,
    SnapshotDeletion,
    SnapshotLinking,
    SnapshotRestoration,
    SnapshotTidying,
    SnapshotUnlinking,
    TidySnapshots,
    UnlinkSnapshot,
)
from pmax.domain.errors import LimitReached, NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Plan, Recovery
from pmax.domain.plans import UnlinkSnapshot as UnlinkSnapshotStep
from pmax.domain.snapshots import RevertObserved
from pmax.domain.snapvx import SnapshotSessions
from pmax.domain.srdf import RdfPair
from pmax.domain.temporary_snapshots import clear_expired
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.snapshot_lookup import SnapshotLookup
from pmax.plugins.volume_lock import snapvx_lock, volume_lock
from pmax.ports.runtime import LockKey


def _lock(target: VolumeTarget) -> LockKey:
    return snapvx_lock(target.array_id, target.device_id)


@attrs.frozen
class SourceObserved:
    """A source, and whether the array has refused it one more session."""

    sessions: SnapshotSessions
    is_full: bool


class CreateSnapshotHandler(Handler[CreateSnapshot, SourceObserved, SnapshotCreation]):
    """Takes snapshots: one read, one write, and a look at what it made."""

    command = CreateSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._lookup = SnapshotLookup(context)
        self._unlink_limit = context.settings.snapshot_unlink_limit

    def locks(self, command: CreateSnapshot) -> frozenset[LockKey]:
        """The volume's snapshots."""
        return frozenset({_lock(command.volume)})

    def observe(self, command: CreateSnapshot, look: Look) -> SourceObserved:
        """Read the volume's sessions.

        Raises:
            NotFound: the array does not have the volume.
            WrongIdentity: the device belongs to another volume.
        """
        return SourceObserved(self._lookup.get_sessions(command.volume), isinstance(look.conflict, LimitReached))

    def plan(self, command: CreateSnapshot, observed: SourceObserved) -> Plan:
        """See `pmax.domain.snapshots`."""
        return snapshots.plan_snapshot(command, observed.sessions, self._unlink_limit, is_full=observed.is_full)

    def result(self, command: CreateSnapshot, observed: SourceObserved, outcomes: Outcomes) -> SnapshotCreation:
        """Say which it is."""
        return SnapshotCreation(
            volume=command.volume,
            volume_identifier=observed.sessions.identifier or next(iter(command.volume.identifiers), ""),
            name=command.name,
            key=outcomes.snapshot(command.name),
        )


class DeleteSnapshotHandler(Handler[DeleteSnapshot, SnapshotSessions | None, SnapshotDeletion]):
    """Deletes snapshots: one read, one write for the snapshot and for each link, and a look at what is left."""

    command = DeleteSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._lookup = SnapshotLookup(context)

    def locks(self, command: DeleteSnapshot) -> frozenset[LockKey]:
        """The volume's snapshots."""
        return frozenset({_lock(command.target.volume)})

    def observe(self, command: DeleteSnapshot, look: Look) -> SnapshotSessions | None:
        """Read the volume's sessions; None when the volume is gone, and its snapshots with it.

        Raises:
            WrongIdentity: the device belongs to another volume.
        """
        return self._lookup.find_sessions(command.target.volume)

    def plan(self, command: DeleteSnapshot, observed: SnapshotSessions | None) -> Plan:
        """See `pmax.domain.snapshots`."""
        return Plan() if observed is None else snapshots.plan_snapshot_deletion(command, observed)

    def result(
        self, command: DeleteSnapshot, observed: SnapshotSessions | None, outcomes: Outcomes
    ) -> SnapshotDeletion:
        """Say whether there was anything to delete, and which volumes were unlinked."""
        was_present = observed is not None and bool(snapshots.chosen(observed, command.target))
        return SnapshotDeletion(target=command.target, was_present=was_present, unlinked=_unlinked(outcomes))


@attrs.frozen
class LinkObserved:
    """A source, and the volume that is to present its snapshot."""

    sessions: SnapshotSessions
    device: Volume


class LinkSnapshotHandler(Handler[LinkSnapshot, LinkObserved, SnapshotLinking]):
    """Presents snapshots on volumes that exist."""

    command = LinkSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._lookup = SnapshotLookup(context)

    def locks(self, command: LinkSnapshot) -> frozenset[LockKey]:
        """The snapshots of both volumes, and the one whose data are replaced."""
        return frozenset({_lock(command.target.volume), _lock(command.device), volume_lock(command.device)})

    def observe(self, command: LinkSnapshot, look: Look) -> LinkObserved:
        """Read both."""
        return LinkObserved(self._lookup.get_sessions(command.target.volume), self._lookup.get_volume(command.device))

    def plan(self, command: LinkSnapshot, observed: LinkObserved) -> Plan:
        """See `pmax.domain.snapshots`."""
        return snapshots.plan_link(command, observed.sessions, observed.device)

    def result(self, command: LinkSnapshot, observed: LinkObserved, outcomes: Outcomes) -> SnapshotLinking:
        """Name both."""
        return SnapshotLinking(target=command.target, device=command.device)


class UnlinkSnapshotHandler(Handler[UnlinkSnapshot, SnapshotSessions, SnapshotUnlinking]):
    """Takes snapshots off volumes."""

    command = UnlinkSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._lookup = SnapshotLookup(context)

    def locks(self, command: UnlinkSnapshot) -> frozenset[LockKey]:
        """The snapshots of both volumes."""
        return frozenset({_lock(command.target.volume), _lock(command.device)})

    def observe(self, command: UnlinkSnapshot, look: Look) -> SnapshotSessions:
        """Read the source's sessions, and prove the other volume if an identifier came along."""
        if command.device.identifiers:
            self._lookup.get_volume(command.device)
        return self._lookup.get_sessions(command.target.volume)

    def plan(self, command: UnlinkSnapshot, observed: SnapshotSessions) -> Plan:
        """See `pmax.domain.snapshots`."""
        return snapshots.plan_unlink(command, observed)

    def result(self, command: UnlinkSnapshot, observed: SnapshotSessions, outcomes: Outcomes) -> SnapshotUnlinking:
        """Say whether there was anything to do."""
        return SnapshotUnlinking(target=command.target, device=command.device, was_linked=bool(_unlinked(outcomes)))


class RevertToSnapshotHandler(Handler[RevertToSnapshot, RevertObserved, SnapshotRestoration]):
    """Restores snapshots: two reads, two writes, and a look at how far it is; two reads more of a replicated volume."""

    command = RevertToSnapshot

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._lookup = SnapshotLookup(context)

    def locks(self, command: RevertToSnapshot) -> frozenset[LockKey]:
        """The volume's snapshots.

        Not the volume: a restore may take long, and no attach shall wait for it. Not its RDF group either: no pair is
        changed, and others are made and end meanwhile.
        """
        return frozenset({_lock(command.target.volume)})

    def observe(self, command: RevertToSnapshot, look: Look) -> RevertObserved:
        """Read the volume, its sessions, and its pairs with their other sides.

        Raises:
            NotFound: the array does not have the volume.
            WrongIdentity: the device belongs to another volume.
        """
        target = command.target.volume
        volume = self._lookup.get_volume(target)
        sessions = self._lookup.get_sessions(target)
        return RevertObserved(
            volume=volume,
            sessions=sessions,
            presented=self._lookup.presented(target.array_id, sessions, look),
            pairs=tuple(self._with_other_side(self._pair(volume, number)) for number in volume.rdf_groups),
        )

    def _pair(self, volume: Volume, rdf_group: int) -> RdfPair:
        pair = self._readers.replication.find_pair(volume.array_id, rdf_group, volume.device_id)
        if pair is None:
            raise NotFound("SRDF pair", f"of volume {volume.device_id} in RDF group {rdf_group}")
        return pair

    def _with_other_side(self, pair: RdfPair) -> tuple[RdfPair, Volume | None]:
        return pair, self._readers.volumes.find_volume(pair.remote_array_id, pair.remote_device_id)

    def plan(self, command: RevertToSnapshot, observed: RevertObserved) -> Plan:
        """See `pmax.domain.snapshots`."""
        return snapshots.plan_revert(command, observed)

    def result(self, command: RevertToSnapshot, observed: RevertObserved, outcomes: Outcomes) -> SnapshotRestoration:
        """Name the snapshot."""
        return SnapshotRestoration(target=command.target)


class TidySnapshotsHandler(Handler[TidySnapshots, SnapshotSessions | None, SnapshotTidying]):
    """Deletes temporary snapshots of a volume whose time is over."""

    command = TidySnapshots

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers

    def locks(self, command: TidySnapshots) -> frozenset[LockKey]:
        """The volume's snapshots."""
        return frozenset({snapvx_lock(command.array_id, command.device_id)})

    def observe(self, command: TidySnapshots, look: Look) -> SnapshotSessions | None:
        """Read the volume's sessions; None when the volume is gone."""
        return self._readers.snapshots.find_sessions(command.array_id, command.device_id)

    def plan(self, command: TidySnapshots, observed: SnapshotSessions | None) -> Plan:
        """See `pmax.domain.temporary_snapshots`."""
        return Plan() if observed is None else Plan(steps=clear_expired(observed).steps, recovery=Recovery.FINISH)

    def result(self, command: TidySnapshots, observed: SnapshotSessions | None, outcomes: Outcomes) -> SnapshotTidying:
        """Count."""
        deleted = 0 if observed is None else len(clear_expired(observed).deleted)
        return SnapshotTidying(device_id=command.device_id, deleted=deleted, unlinked=_unlinked(outcomes))


def _unlinked(outcomes: Outcomes) -> tuple[DeviceId, ...]:
    return tuple(
        DeviceId(step.target)
        for step, outcome in outcomes.pairs
        if isinstance(step, UnlinkSnapshotStep) and outcome.changed and isinstance(step.target, str)
    )


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The commands of this plugin."""
    return (
        CreateSnapshotHandler(context),
        DeleteSnapshotHandler(context),
        LinkSnapshotHandler(context),
        UnlinkSnapshotHandler(context),
        RevertToSnapshotHandler(context),
        TidySnapshotsHandler(context),
    )
