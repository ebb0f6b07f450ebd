"""Snapshots come into being, are renamed, live as long as they shall, and go (rules 46 to 50, 58, 63 and 65)."""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import content
from pmax.simulator.rules.snapvx import (
    TOO_MANY,
    ArrayInTime,
    find_restore,
    refuse_unlicensed,
    sessions_of,
    snapshots_named,
    snapshots_of,
)
from pmax.simulator.state.records import Volume
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.snapvx_records import Snapshot

EXPIRY_TIMER = "snapvx expiry"
REMOVAL_TIMER = "snapvx removal"

_FIRST_SNAP_ID = 214_400_500_001
"""Snap ids have twelve digits (reference section 6.14); where they begin is arbitrary."""

_EXPIRY_SCAN_S = 60.0
"""Assumed: an expired snapshot that loses its last link goes at the next look of the array, not in the same moment."""


@attrs.frozen(kw_only=True)
class NewSnapshot:
    """A snapshot that shall be made.

    Attributes:
        name: not unique; the newest of a name is generation 0.
        life_s: time to live in seconds, None without one.
        secure_s: how long it cannot be terminated, None for a snapshot that is not secure; it overrides the time to
            live (rule 50).
        policy: that makes it, empty for a client.
    """

    name: str
    life_s: float | None = None
    secure_s: float | None = None
    policy: str = ""


def create_snapshots(scene: ArrayInTime, volume_ids: Sequence[str], wanted: NewSnapshot) -> int:
    """Make a snapshot of each of several volumes and return the snap id that they share.

    Raises:
        ArrayRefused: the array has no licence (rule 65), a volume is named twice or does not exist, or has too many
            snapshots (rule 63).
    """
    refuse_unlicensed(scene.array.record)
    if len(set(volume_ids)) != len(volume_ids):
        raise ArrayRefused("A device is named more than once")
    volumes = [scene.array.volumes.get(volume_id) for volume_id in volume_ids]
    for volume in volumes:
        if scene.snapshots.count("source", volume.volume_id) >= scene.behaviour.max_snapshots:
            raise ArrayRefused(TOO_MANY)
    counter = f"snap id {scene.array.symmetrix_id}"
    snap_id = scene.array.transaction.next_number(counter, at_least=_FIRST_SNAP_ID)
    for volume in volumes:
        snapshot = _snapshot_of(scene, volume, wanted, snap_id)
        scene.snapshots.put(snapshot)
        arm_expiry(scene, snapshot)
    return snap_id


def terminate_snapshot(scene: ArrayInTime, snapshot: Snapshot) -> None:
    """Terminate a snapshot; those of the same name that are older move up by a generation (rule 46).

    Raises:
        ArrayRefused: it is linked (rule 48), being restored (rule 56), or secure (rule 50).
    """
    if find_restore(scene.array, snapshot.source) in sessions_of(scene.array, snapshot):
        raise ArrayRefused(f"Snapshot [{snapshot.name}] of device {snapshot.source} has a restore session")
    if sessions_of(scene.array, snapshot):
        raise ArrayRefused(f"Snapshot [{snapshot.name}] of device {snapshot.source} has a linked target")
    if snapshot.secure_until is not None and snapshot.secure_until > scene.now:
        raise ArrayRefused(f"Snapshot [{snapshot.name}] of device {snapshot.source} is secure and has not expired")
    progress = scene.begin(scene.behaviour.snapshot_removal_pace)
    if progress.is_done(scene.now):
        delete_snapshot(scene, snapshot)
        return
    scene.snapshots.put(attrs.evolve(snapshot, removal=progress))
    if progress.due_at is not None:
        _arm(scene, REMOVAL_TIMER, snapshot, progress.due_at)


def rename_snapshot(scene: ArrayInTime, snapshot: Snapshot, name: str) -> None:
    """Give a snapshot another name; its id stays (rule 58).

    Raises:
        ArrayRefused: its volume has a snapshot of that name (assumed).
    """
    if snapshots_named(scene.array, snapshot.source, name):
        raise ArrayRefused(f"Device {snapshot.source} already has a snapshot [{name}]")
    scene.snapshots.put(attrs.evolve(snapshot, name=name))


def set_time_to_live(scene: ArrayInTime, snapshot: Snapshot, life_s: float | None) -> None:
    """Let a snapshot expire that many seconds from now, or never.

    Raises:
        ArrayRefused: it is secure, which overrides a time to live (rule 50, assumed).
    """
    if snapshot.secure_until is not None:
        raise ArrayRefused(f"Snapshot [{snapshot.name}] of device {snapshot.source} is secure")
    changed = attrs.evolve(snapshot, expires_at=_moment(scene, life_s), is_expired=False)
    scene.snapshots.put(changed)
    arm_expiry(scene, changed)


def set_secure(scene: ArrayInTime, snapshot: Snapshot, secure_s: float) -> None:
    """Protect a snapshot from termination for that many seconds from now.

    Raises:
        ArrayRefused: it is secure for longer already: the time can only grow (assumed).
    """
    until = scene.now + secure_s
    if snapshot.secure_until is not None and until < snapshot.secure_until:
        raise ArrayRefused(f"The secure time of snapshot [{snapshot.name}] of device {snapshot.source} can only grow")
    changed = attrs.evolve(snapshot, secure_until=until, expires_at=until, is_expired=False)
    scene.snapshots.put(changed)
    arm_expiry(scene, changed)


def set_persistent(scene: ArrayInTime, snapshot: Snapshot, *, is_persistent: bool) -> None:
    """Let a policy keep a snapshot, or no longer.

    Raises:
        ArrayRefused: no policy made it (the API describes the flag as one of policies' snapshots only).
    """
    if not snapshot.policy:
        raise ArrayRefused(f"Snapshot [{snapshot.name}] of device {snapshot.source} was not made by a snapshot policy")
    scene.snapshots.put(attrs.evolve(snapshot, is_persistent=is_persistent))


def terminate_all(scene: ArrayInTime, volume_id: str) -> None:
    """Terminate all snapshots of a volume (rule 64).

    Raises:
        ArrayRefused: one cannot be terminated.
    """
    for snapshot in snapshots_of(scene.array, volume_id):
        if snapshot.removal is None:
            terminate_snapshot(scene, snapshot)


def delete_snapshot(scene: ArrayInTime, snapshot: Snapshot) -> None:
    """Forget a snapshot that nothing links."""
    scene.snapshots.delete(snapshot.key)
    for kind in (EXPIRY_TIMER, REMOVAL_TIMER):
        _disarm(scene, kind, snapshot)


def expire(scene: ArrayInTime, key: str) -> None:
    """Let the time of a snapshot be over: an unlinked one goes, a linked one stays and says so (rule 49)."""
    snapshot = scene.snapshots.find(key)
    if snapshot is None or snapshot.expires_at is None or snapshot.expires_at > scene.now:
        return
    if sessions_of(scene.array, snapshot):
        scene.snapshots.put(attrs.evolve(snapshot, is_expired=True))
    else:
        delete_snapshot(scene, snapshot)


def recheck_expiry(scene: ArrayInTime, snapshot: Snapshot) -> None:
    """Let the array look again, after a while, at an expired snapshot that is not linked any more."""
    if snapshot.is_expired:
        _arm(scene, EXPIRY_TIMER, snapshot, scene.now + _EXPIRY_SCAN_S)


def finish_removal(scene: ArrayInTime, key: str) -> None:
    """Stop showing a snapshot that was terminated."""
    snapshot = scene.snapshots.find(key)
    if snapshot is not None and snapshot.removal is not None and snapshot.removal.is_done(scene.now):
        delete_snapshot(scene, snapshot)


def note_removal_reads(scene: ArrayInTime, snapshots: Sequence[Snapshot]) -> None:
    """Take note that a client looked at snapshots: those that go by reads come a step nearer to their end."""
    for snapshot in snapshots:
        if snapshot.removal is not None and snapshot.removal.reads_left is not None:
            scene.snapshots.put(attrs.evolve(snapshot, removal=snapshot.removal.after_read()))
            finish_removal(scene, snapshot.key)


def arm_expiry(scene: ArrayInTime, snapshot: Snapshot) -> None:
    """Let a snapshot expire in time, or no longer."""
    if snapshot.expires_at is None:
        _disarm(scene, EXPIRY_TIMER, snapshot)
    else:
        _arm(scene, EXPIRY_TIMER, snapshot, snapshot.expires_at)


def _snapshot_of(scene: ArrayInTime, volume: Volume, wanted: NewSnapshot, snap_id: int) -> Snapshot:
    secure_until = _moment(scene, wanted.secure_s)
    return Snapshot(
        source=volume.volume_id,
        name=wanted.name,
        snap_id=snap_id,
        created_at=scene.now,
        cylinders=volume.cylinders,
        content=content.content_of(scene.array, volume.volume_id),
        allocated_percent=volume.allocated_percent,
        expires_at=_moment(scene, wanted.life_s) if secure_until is None else secure_until,
        secure_until=secure_until,
        policy=wanted.policy,
    )


def _moment(scene: ArrayInTime, seconds: float | None) -> float | None:
    return None if seconds is None else scene.now + seconds


def _arm(scene: ArrayInTime, kind: str, snapshot: Snapshot, due_at: float) -> None:
    timer = Timer(
        timer_id=_timer_id(scene, kind, snapshot),
        kind=kind,
        due_at=due_at,
        subject=snapshot.key,
        symmetrix_id=scene.array.symmetrix_id,
    )
    scene.array.transaction.timers.put(timer)


def _disarm(scene: ArrayInTime, kind: str, snapshot: Snapshot) -> None:
    timers = scene.array.transaction.timers
    timer_id = _timer_id(scene, kind, snapshot)
    if timer_id in timers:
        timers.delete(timer_id)


def _timer_id(scene: ArrayInTime, kind: str, snapshot: Snapshot) -> str:
    return f"{kind} {scene.array.symmetrix_id} {snapshot.key}"
