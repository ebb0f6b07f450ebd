"""What taking a snapshot over and giving it up takes: (observed, command) → plan."""

from __future__ import annotations

from pmax.domain.commands import ManageSnapshot, UnmanageSnapshot
from pmax.domain.errors import AlreadyExists, NotFound
from pmax.domain.inventory import SnapshotHeader
from pmax.domain.manageability import Obstacle, Reason, refuse, snapshot_name_reasons, snapshot_state_reasons
from pmax.domain.plans import Plan, Recovery, RenameSnapshot
from pmax.domain.snapvx import Snapshot, SnapshotSessions


def plan_snapshot_management(command: ManageSnapshot, sessions: SnapshotSessions) -> Plan:
    """Plan to take a snapshot over: the newest of its name gets another one.

    A name that is taken over already does not say by which caller, so that is never success.

    Raises:
        NotFound: the volume has no snapshot of this name.
        AlreadyManaged: it is managed already.
        NotManageable: something else stands in the way; everything is told.
        AlreadyExists: the volume has a snapshot of the new name besides.
    """
    found = sessions.named(command.name)
    refuse("snapshot", command.name, snapshot_name_reasons(command.name))
    if not found:
        if sessions.named(command.new_name):
            taken = Reason(Obstacle.MANAGED, f"volume {sessions.device_id} has it as {command.new_name} already")
            refuse("snapshot", command.name, (taken,))
        raise NotFound("snapshot", f"{command.name} of volume {sessions.device_id}")
    newest = found[0]
    refuse("snapshot", command.name, snapshot_state_reasons(_header(newest)))
    _check_unused(sessions, command.new_name)
    return Plan(steps=(_renaming(newest, command.new_name),))


def plan_snapshot_unmanagement(command: UnmanageSnapshot, sessions: SnapshotSessions | None) -> Plan:
    """Plan to give a snapshot up. One that is not there any more, or was given up already, needs nothing.

    Raises:
        AlreadyExists: the volume has a snapshot of the new name besides.
    """
    found = sessions.named(command.name) if sessions else ()
    if sessions is None or not found or command.name == command.new_name:
        return Plan()
    _check_unused(sessions, command.new_name)
    return Plan(steps=(_renaming(found[0], command.new_name),), recovery=Recovery.FINISH)


def _header(snapshot: Snapshot) -> SnapshotHeader:
    return SnapshotHeader(
        name=snapshot.name,
        generation=snapshot.key.generation,
        is_expired=snapshot.is_expired,
        link_count=len(snapshot.links) + (snapshot.restore is not None),
    )


def _check_unused(sessions: SnapshotSessions, name: str) -> None:
    if sessions.named(name):
        raise AlreadyExists("snapshot", f"{name} of volume {sessions.device_id}")


def _renaming(snapshot: Snapshot, new_name: str) -> RenameSnapshot:
    return RenameSnapshot(
        array_id=snapshot.array_id,
        device=snapshot.source,
        before=snapshot.name,
        after=new_name,
        snapshot=snapshot.key,
    )
