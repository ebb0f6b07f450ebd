"""Temporary snapshots: those through which a volume was cloned, and which nobody needs any more.

A temporary snapshot is told by its name, which contains the id of the very volume that it is of: nobody gives such a
name by chance, and one that names another volume, or only looks alike (`temp-template`), is a user's. It lives for an
hour. Then the array itself deletes it, unless it is linked: the clone presents it until it is unlinked. So what is left
is cleared when it is in the way, or when its time is over.

Clearing never loses data: only finished links are unlinked, and their targets keep what they show.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from pmax.domain.errors import LimitReached, StillInUse
from pmax.domain.identifiers import DeviceId
from pmax.domain.naming import device_of_temporary_snapshot
from pmax.domain.plans import DeleteTemporarySnapshot, Step, UnlinkSnapshot
from pmax.domain.snapvx import (
    LINKS_PER_SOURCE,
    SNAPSHOTS_PER_SOURCE,
    NewSnapshot,
    Snapshot,
    SnapshotSessions,
)

#: So close to a limit of the array, finished copies are cleared although their time is not over.
_NEARLY = 16


def is_temporary(snapshot: Snapshot) -> bool:
    """Whether it was taken to clone its volume."""
    return device_of_temporary_snapshot(snapshot.name) == snapshot.source


def users_snapshots(sessions: SnapshotSessions) -> tuple[Snapshot, ...]:
    """All but the temporary ones."""
    return tuple(snapshot for snapshot in sessions.snapshots if not is_temporary(snapshot))


@attrs.frozen(kw_only=True)
class Clearing:
    """What it takes to clear temporary snapshots of one volume.

    Attributes:
        steps: in order.
        deleted: the snapshots that go.
        unlinked: volumes that are unlinked.
    """

    steps: tuple[Step, ...] = ()
    deleted: tuple[Snapshot, ...] = ()
    unlinked: tuple[DeviceId, ...] = ()


def clear(sessions: SnapshotSessions, which: Iterable[Snapshot], limit: int | None = None) -> Clearing:
    """Clear temporary snapshots, the oldest first. One with a link that is not finished stays, and is unlinked partly.

    Args:
        sessions: of their volume.
        which: temporary snapshots of it.
        limit: how many links may be unlinked; None for all.
    """
    chosen = {(snapshot.name, snapshot.key.generation) for snapshot in which if is_temporary(snapshot)}
    steps: list[Step] = []
    deleted: list[Snapshot] = []
    unlinked: list[DeviceId] = []
    left = {snapshot.name: len(sessions.named(snapshot.name)) for snapshot in sessions.snapshots}
    for snapshot in sorted(sessions.snapshots, key=lambda each: -each.key.generation):
        if (snapshot.name, snapshot.key.generation) not in chosen or snapshot.restore is not None:
            continue
        # Where generations count, those that are deleted before this one are no longer among its siblings.
        key = attrs.evolve(snapshot.key, siblings=left[snapshot.name])
        gone = [link.target for link in snapshot.links if link.is_finished]
        gone = gone[: None if limit is None else max(0, limit - len(unlinked))]
        steps += [
            UnlinkSnapshot(
                array_id=snapshot.array_id,
                device=snapshot.source,
                name=snapshot.name,
                snapshot=key,
                target=target,
            )
            for target in gone
        ]
        unlinked += gone
        if len(gone) == len(snapshot.links):
            steps.append(DeleteTemporarySnapshot(array_id=snapshot.array_id, device=snapshot.source, snapshot=key))
            deleted.append(snapshot)
            left[snapshot.name] -= 1
    return Clearing(steps=tuple(steps), deleted=tuple(deleted), unlinked=tuple(unlinked))


def clear_expired(sessions: SnapshotSessions, limit: int | None = None) -> Clearing:
    """Clear those whose time is over."""
    return clear(sessions, (each for each in sessions.snapshots if is_temporary(each) and each.is_expired), limit)


def clear_all(sessions: SnapshotSessions) -> Clearing:
    """Clear all of a volume that has no other snapshots and is about to go.

    Raises:
        StillInUse: one of them is presented on a volume that does not have all its data yet.
    """
    temporary = [snapshot for snapshot in sessions.snapshots if is_temporary(snapshot)]
    clearing = clear(sessions, temporary)
    if len(clearing.deleted) < len(temporary):
        raise StillInUse("volume", sessions.device_id, "a copy of it that is still under way")
    return clearing


def make_room(
    sessions: SnapshotSessions, unlink_limit: int, *, is_full: bool, snapshots: int = 0, links: int = 0
) -> Clearing:
    """Make room for more sessions of a volume.

    Whatever has outlived its time is cleared on the way. Finished copies go too when the volume is close to what the
    array keeps of one source, or when the array said that it is full.

    Args:
        sessions: of the volume.
        unlink_limit: how many links may be unlinked for that.
        is_full: whether the array has refused one more already.
        snapshots: how many more there will be.
        links: likewise.

    Raises:
        LimitReached: nothing can be cleared now, so that others must finish first.
    """
    linked = sum(1 for _ in sessions.links)
    is_close = len(sessions.snapshots) > SNAPSHOTS_PER_SOURCE - _NEARLY or linked > LINKS_PER_SOURCE - _NEARLY
    temporary = [each for each in sessions.snapshots if is_temporary(each) and (each.is_expired or is_close or is_full)]
    clearing = clear(sessions, temporary, unlink_limit)
    if len(sessions.snapshots) - len(clearing.deleted) + snapshots > SNAPSHOTS_PER_SOURCE:
        raise LimitReached("volume", sessions.device_id, f"{SNAPSHOTS_PER_SOURCE} snapshots; delete some of them")
    if linked - len(clearing.unlinked) + links > LINKS_PER_SOURCE:
        raise LimitReached("volume", sessions.device_id, f"{LINKS_PER_SOURCE} linked volumes; unlink some of them")
    return clearing


def after(clearing: Clearing, sessions: SnapshotSessions, name: str) -> NewSnapshot:
    """Stands for the snapshot of this name that is taken after a clearing."""
    known = sessions.next_of(name)
    gone = sum(snapshot.name == name for snapshot in clearing.deleted)
    return attrs.evolve(known, known=known.known - gone)
