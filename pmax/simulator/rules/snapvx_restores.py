"""Restores: a source gets the data of its snapshot back, in a session that is terminated afterwards (rules 56, 57)."""

from pmax.simulator.pace import AtOnce
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import content
from pmax.simulator.rules.snapvx import (
    ALREADY,
    NOT_COPIED,
    ArrayInTime,
    find_link,
    find_restore,
    links_of_source,
    refuse_unlicensed,
)
from pmax.simulator.rules.snapvx_links import arm, drop_timer, scaled_percent, settle
from pmax.simulator.rules.snapvx_snapshots import recheck_expiry
from pmax.simulator.state.snapvx_records import Link, Snapshot


def restore_snapshot(scene: ArrayInTime, snapshot: Snapshot) -> None:
    """Put the data of a snapshot back on its volume; hosts see them at once, while the copy runs (assumed).

    A volume that has grown since keeps its size (rule 25, inferred).

    Raises:
        ArrayRefused: the array has no licence (rule 65), a session is open already, a copy from the volume is under
            way (rule 56), or it is the target of a link (assumed).
    """
    array, source = scene.array, snapshot.source
    refuse_unlicensed(array.record)
    session = find_restore(array, source)
    if session is not None and session.snapshot_key == snapshot.key:
        raise ArrayRefused(ALREADY)
    if session is not None:
        raise ArrayRefused(f"Device {source} has a restore session that must be terminated first")
    if find_link(array, source) is not None:
        raise ArrayRefused(f"Device {source} is a linked target and cannot be restored to")
    if any(link.is_copying for link in links_of_source(array, source)):
        raise ArrayRefused(NOT_COPIED)
    session = Link(
        target=source,
        source=source,
        snap_id=snapshot.snap_id,
        created_at=scene.now,
        is_copy=True,
        define=scene.begin(AtOnce()),
        copy=scene.begin(scene.behaviour.copy_pace),
        is_defined=True,
    )
    scene.links.put(session)
    content.replace(array, source, snapshot.content, scaled_percent(snapshot, array.volumes.get(source)))
    arm(scene, settle(scene, session))


def end_restore(scene: ArrayInTime, snapshot: Snapshot, *, is_forced: bool) -> None:
    """Terminate the restore session of a snapshot; the snapshot stays (rule 57), and so do the data.

    Raises:
        ArrayRefused: there is none, or it is not finished and that is not overridden (assumed).
    """
    session = find_restore(scene.array, snapshot.source)
    if session is None or session.snapshot_key != snapshot.key:
        raise ArrayRefused(ALREADY)
    if not session.is_copied and not is_forced:
        raise ArrayRefused(f"The restore of device {snapshot.source} is in progress")
    scene.links.delete(session.target)
    drop_timer(scene, session)
    recheck_expiry(scene, snapshot)
