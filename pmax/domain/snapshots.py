"""What taking, deleting, presenting and restoring snapshots takes: (observed, command) → plan."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain.commands import (
    CreateSnapshot,
    DeleteSnapshot,
    LinkSnapshot,
    RevertToSnapshot,
    SnapshotTarget,
    UnlinkSnapshot,
)
from pmax.domain.errors import AlreadyExists, IllegalTransition, InUse, NotFound, StillInUse
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import (
    AwaitLinkDefined,
    AwaitRestored,
    AwaitSnapshot,
    AwaitSnapshotGone,
    DeleteTemporarySnapshot,
    EndRestore,
    Plan,
    Recovery,
    RestoreSnapshot,
    Step,
    TerminateSnapshot,
)
from pmax.domain.plans import (
    CreateSnapshot as CreateSnapshotStep,
)
from pmax.domain.plans import (
    LinkSnapshot as LinkSnapshotStep,
)
from pmax.domain.plans import (
    UnlinkSnapshot as UnlinkSnapshotStep,
)
from pmax.domain.snapvx import LinkState, Snapshot, SnapshotAction, SnapshotLink, SnapshotPhase, SnapshotSessions
from pmax.domain.srdf import LINKED, RdfPair
from pmax.domain.temporary_snapshots import after, is_temporary, make_room
from pmax.domain.volumes import Volume


def chosen(sessions: SnapshotSessions, target: SnapshotTarget) -> tuple[Snapshot, ...]:
    """The snapshots that a command means, the newest first; empty if there are none."""
    named = sessions.named(target.name)
    if target.snap_id is not None:
        return tuple(each for each in named if each.key.snap_id == target.snap_id)
    if target.generation is not None:
        return tuple(each for each in named if each.key.generation == target.generation)
    return named


def the_one(sessions: SnapshotSessions, target: SnapshotTarget) -> Snapshot:
    """The one snapshot that a command means.

    Raises:
        NotFound: there is none.
        InUse: the name is that of several, and the command does not say which.
    """
    found = chosen(sessions, target)
    if not found:
        raise NotFound("snapshot", str(target))
    if len(found) > 1:
        raise InUse("snapshot name", target.name, f"{len(found)} generations on volume {sessions.device_id}; say which")
    return found[0]


def plan_snapshot(command: CreateSnapshot, sessions: SnapshotSessions, unlink_limit: int, *, is_full: bool) -> Plan:
    """Plan to take a snapshot; arguments as for `make_room`.

    Raises:
        AlreadyExists: the volume has a snapshot of that name, and another one was not asked for.
        LimitReached: the array keeps as many of the volume as it can.
    """
    if sessions.named(command.name) and not command.is_next_generation:
        raise AlreadyExists("snapshot", f"{command.name} of volume {sessions.device_id}")
    room = make_room(sessions, unlink_limit, is_full=is_full, snapshots=1)
    array_id, device = sessions.array_id, sessions.device_id
    new = after(room, sessions, command.name)
    creation = CreateSnapshotStep(
        array_id=array_id, device=device, name=command.name, new=new, life_hours=command.life_hours
    )
    return Plan(
        steps=(*room.steps, creation, AwaitSnapshot(array_id=array_id, device=device, name=command.name, snapshot=new))
    )


def unlinked(snapshot: Snapshot, links: Sequence[SnapshotLink]) -> tuple[Step, ...]:
    """Steps that take a snapshot off these volumes, which keep its data.

    Raises:
        StillInUse: one of them does not have all data yet.
    """
    for link in links:
        if not link.is_finished:
            raise StillInUse("snapshot", snapshot.name, f"volume {link.target}, to which it is {link.phase.value}")
    return tuple(
        UnlinkSnapshotStep(
            array_id=snapshot.array_id,
            device=snapshot.source,
            name=snapshot.name,
            snapshot=snapshot.key,
            target=link.target,
        )
        for link in links
    )


def plan_snapshot_deletion(command: DeleteSnapshot, sessions: SnapshotSessions) -> Plan:
    """Plan to delete a snapshot, or all of its name; what is gone already needs nothing.

    Raises:
        InUse: it is protected.
        StillInUse: a copy of it, or a restore from it, is under way.
    """
    steps: list[Step] = []
    # Where generations count, those that are deleted first must not move the others: the oldest goes first.
    for snapshot in reversed(chosen(sessions, command.target)):
        if snapshot.is_secure and not snapshot.is_expired:
            raise InUse("snapshot", snapshot.name, "its own protection, which nobody can lift before its time")
        key = snapshot.key
        if command.target.generation is None and key.siblings is not None:
            key = attrs.evolve(key, siblings=key.generation + 1)
        which = attrs.evolve(snapshot, key=key)
        array_id, device, name = which.array_id, which.source, which.name
        steps += [*_end_restore(which), *unlinked(which, which.links)]
        steps.append(TerminateSnapshot(array_id=array_id, device=device, name=name, snapshot=key))
        steps.append(AwaitSnapshotGone(array_id=array_id, device=device, name=name, snapshot=key))
    return Plan(steps=tuple(steps), recovery=Recovery.FINISH)


def plan_link(command: LinkSnapshot, sessions: SnapshotSessions, device: Volume) -> Plan:
    """Plan to present a snapshot on a volume that exists.

    Raises:
        NotFound: there is no such snapshot.
        InUse: hosts see the volume, or it takes part in something else.
        IllegalTransition: the snapshot is being restored.
    """
    snapshot = the_one(sessions, command.target)
    if snapshot.find_link(device.device_id) is not None:
        return Plan()
    snapshot.check(SnapshotAction.LINK)
    check_detached(device, "linked to")
    if device.is_snapshot_target:
        raise InUse("volume", device.device_id, "another linked snapshot; unlink it first")
    if device.rdf_groups:
        raise InUse("volume", device.device_id, "replication; its data must not be replaced")
    link = LinkSnapshotStep(
        array_id=snapshot.array_id,
        device=snapshot.source,
        name=snapshot.name,
        snapshot=snapshot.key,
        target=device.device_id,
        with_copy=command.with_copy,
    )
    # What the volume held is lost with the link, so there is nothing to go back to.
    return Plan(steps=(link, await_defined(link)), recovery=Recovery.FINISH)


def await_defined(link: LinkSnapshotStep) -> AwaitLinkDefined:
    """Wait until the target of a link shows all data."""
    return AwaitLinkDefined(
        array_id=link.array_id, device=link.device, name=link.name, snapshot=link.snapshot, target=link.target
    )


def plan_unlink(command: UnlinkSnapshot, sessions: SnapshotSessions) -> Plan:
    """Plan to take a snapshot off a volume; one that does not present it needs nothing.

    Raises:
        StillInUse: the volume does not have all data yet.
    """
    for snapshot in chosen(sessions, command.target):
        link = snapshot.find_link(command.device.device_id)
        if link is not None:
            return Plan(steps=unlinked(snapshot, (link,)), recovery=Recovery.FINISH)
    return Plan()


@attrs.frozen(kw_only=True)
class RevertObserved:
    """A volume that is to be restored.

    Attributes:
        volume: as it is.
        sessions: its own.
        presented: sessions of the source whose snapshot the volume presents; None if it presents none.
        pairs: of a replicated volume, each with its other side; None for one that its array does not have.
    """

    volume: Volume
    sessions: SnapshotSessions
    presented: SnapshotSessions | None
    pairs: tuple[tuple[RdfPair, Volume | None], ...] = ()


def plan_revert(command: RevertToSnapshot, observed: RevertObserved) -> Plan:
    """Plan to give a volume the data of its snapshot back.

    While data flow from R1 to R2, the array sends what it restores as it sends what hosts write, and no pair leaves
    its state for it. The upstream driver of 2019 restores so in every mode (7.11); for Metro that is *assumed* to be
    taken: an array that does not says so, and nothing is changed.

    Raises:
        NotFound: there is no such snapshot.
        InUse: a host sees the volume, or its other side.
        StillInUse: a copy or a restore is under way.
        IllegalTransition: it is replicated, and its other side would not get the data.
    """
    volume, sessions = observed.volume, observed.sessions
    snapshot = the_one(sessions, command.target)
    check_detached(volume, "restored to")
    for pair, other_side in observed.pairs:
        _check_reaches(pair, other_side)
    for other in sessions.snapshots:
        for link in other.links:
            if not link.is_finished:
                raise StillInUse("volume", volume.device_id, f"a copy to volume {link.target} that is under way")
    left_open = [step for other in sessions.snapshots for step in _end_restore(other)]
    array_id, device, name, key = snapshot.array_id, snapshot.source, snapshot.name, snapshot.key
    return Plan(
        steps=(
            *leave_source(sessions, observed.presented),
            *left_open,
            RestoreSnapshot(array_id=array_id, device=device, name=name, snapshot=key),
            AwaitRestored(array_id=array_id, device=device, name=name, snapshot=key),
            EndRestore(array_id=array_id, device=device, name=name, snapshot=key),
        ),
        recovery=Recovery.FINISH,
    )


def _check_reaches(pair: RdfPair, other_side: Volume | None) -> None:
    """Refuse to restore where only one side would get the data, or where a host would not notice.

    Raises:
        IllegalTransition: the pair does not replicate, or in the other direction.
        InUse: a host sees the other side.
    """
    action = "reverting it"
    if not pair.is_r1:
        state = f"R2 on array {pair.array_id}, since it was failed over; fail it back first"
        raise IllegalTransition("volume", pair.device_id, state, action)
    if pair.state not in LINKED:
        raise IllegalTransition("the SRDF pair of volume", pair.device_id, f"{pair.state}; resume it first", action)
    if other_side is not None:
        check_detached(other_side, "restored to")


def leave_source(
    sessions: SnapshotSessions, presented: SnapshotSessions | None, *, is_discarded: bool = False
) -> tuple[Step, ...]:
    """Steps after which a volume does not present a snapshot any more; a temporary one that nobody needs goes too.

    Args:
        sessions: of the volume.
        presented: sessions of the volume whose snapshot it presents; None if it presents none, or if they are gone.
        is_discarded: whether the volume is about to be deleted, so that nobody needs its data.

    Raises:
        StillInUse: the volume does not have all data yet, and they are needed.
    """
    end = sessions.target_of
    if end is None:
        return ()
    if not (end.link.is_finished or is_discarded):
        raise StillInUse("volume", sessions.device_id, f"a linked snapshot that is {end.link.phase.value}")
    snapshot = _presented(presented, end.name, sessions.device_id) if presented is not None else None
    key = end.key if snapshot is None else snapshot.key
    unlink = UnlinkSnapshotStep(
        array_id=sessions.array_id,
        device=end.source,
        name=end.name,
        snapshot=key,
        target=sessions.device_id,
        is_target_discarded=is_discarded,
    )
    if snapshot is None or not is_temporary(snapshot) or len(snapshot.links) > 1:
        return (unlink,)
    return (unlink, DeleteTemporarySnapshot(array_id=sessions.array_id, device=end.source, snapshot=key))


def check_detached(volume: Volume, what: str) -> None:
    """Refuse to replace the data of a volume under the eyes of a host.

    Raises:
        InUse: a host sees it.
    """
    if volume.front_end_paths:
        rule = f"{volume.front_end_paths} host paths; detach it before a snapshot is {what} it"
        raise InUse("volume", volume.device_id, rule)


def _presented(sessions: SnapshotSessions, name: str, target: DeviceId) -> Snapshot | None:
    return next((each for each in sessions.named(name) if each.find_link(target) is not None), None)


def _end_restore(snapshot: Snapshot) -> tuple[Step, ...]:
    """End a restore that somebody left open.

    Raises:
        StillInUse: it is still under way.
        IllegalTransition: it has failed.
    """
    if snapshot.restore is None:
        return ()
    if snapshot.restore is LinkState.RESTORING:
        raise StillInUse("volume", snapshot.source, f"a restore of snapshot {snapshot.name} that is under way")
    if snapshot.phase is not SnapshotPhase.RESTORED:
        raise IllegalTransition("snapshot", snapshot.name, snapshot.phase.value, SnapshotAction.END_RESTORE.value)
    return (EndRestore(array_id=snapshot.array_id, device=snapshot.source, name=snapshot.name, snapshot=snapshot.key),)
