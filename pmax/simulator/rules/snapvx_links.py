"""Links: a snapshot is presented on another volume, defined and copied in the background (rules 51 to 55).

    none ──link──▸ Linked (without copy)
                     │ set mode: copy        ▴ set mode: no copy, while it copies
                     ▾                       │
         ──link──▸ CopyInProg ──time──▸ Copied          each becomes defined after a while
    Linked, Copied ──unlink──▸ none          CopyInProg, or what is not defined: only by force
    any ──relink──▸ Linked or CopyInProg, of another snapshot of the same source

An action that a state does not allow raises and changes nothing.
"""

from collections.abc import Iterable

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules import content
from pmax.simulator.rules.snapvx import (
    ALREADY,
    NO_LINK,
    TOO_MANY,
    ArrayInTime,
    find_link,
    find_restore,
    refuse_unlicensed,
    sessions_of,
)
from pmax.simulator.rules.snapvx_snapshots import recheck_expiry
from pmax.simulator.state.records import Volume
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.snapvx_records import Link, Snapshot

LINK_TIMER = "snapvx link"


@attrs.frozen(kw_only=True)
class LinkOptions:
    """How a snapshot shall be linked.

    Attributes:
        is_copy: with background copy.
        is_exact: the target must have the very size of the snapshot.
        is_forced: the target may be masked.
    """

    is_copy: bool = False
    is_exact: bool = False
    is_forced: bool = False


def link_snapshot(scene: ArrayInTime, snapshot: Snapshot, target_id: str, options: LinkOptions) -> Link:
    """Present a snapshot on a volume that exists.

    Raises:
        ArrayRefused: the array has no licence (rule 65), the target cannot be one (rule 51), or the source has too
            many links (rule 63).
    """
    array = scene.array
    refuse_unlicensed(array.record)
    _refuse_target(scene, snapshot, array.volumes.get(target_id), options)
    if scene.links.count("source", snapshot.source) >= scene.behaviour.max_links:
        raise ArrayRefused(TOO_MANY)
    return _present(scene, snapshot, target_id, is_copy=options.is_copy)


def relink_snapshot(scene: ArrayInTime, snapshot: Snapshot, target_id: str, *, is_copy: bool | None = None) -> Link:
    """Present a snapshot on a volume that a snapshot of the same source is linked to, maybe this one: a refresh.

    Args:
        scene: where and when.
        snapshot: to be presented now.
        target_id: of the volume.
        is_copy: whether to copy; as before if None.

    Raises:
        ArrayRefused: no snapshot of that source is linked to it, or it is too small.
    """
    refuse_unlicensed(scene.array.record)
    old = find_link(scene.array, target_id)
    if old is None or old.source != snapshot.source:
        raise ArrayRefused(NO_LINK)
    _refuse_size(snapshot, scene.array.volumes.get(target_id), is_exact=False)
    _forget(scene, old)
    return _present(scene, snapshot, target_id, is_copy=old.is_copy if is_copy is None else is_copy)


def unlink_snapshot(scene: ArrayInTime, snapshot: Snapshot, target_id: str, *, is_forced: bool) -> None:
    """Take a snapshot off a volume (rules 53 and 54).

    What was copied stays on the target, and so does what was to be defined only and is, unless the user of the
    simulator chose otherwise (`Behaviour.are_defined_targets_kept`). A half copy, or what is not defined, is undefined.

    Raises:
        ArrayRefused: there is no such link, or it is still defining or copying and that is not overridden.
    """
    link = own_link(scene, snapshot, target_id)
    if not is_forced and not link.is_defined:
        raise ArrayRefused(f"The link of device {target_id} is not fully defined")
    if not is_forced and link.is_copying:
        raise ArrayRefused(f"The copy to device {target_id} is in progress")
    has_nothing_to_lose = snapshot.content == content.NOTHING and not link.is_written
    is_kept = link.is_defined and not link.is_copying and scene.behaviour.are_defined_targets_kept
    if not (link.is_copied or has_nothing_to_lose or is_kept):
        content.replace(scene.array, target_id, content.UNDEFINED)
    _forget(scene, link)


def set_copy_mode(scene: ArrayInTime, snapshot: Snapshot, target_id: str, *, is_copy: bool) -> None:
    """Let a link copy in the background, or no longer.

    Raises:
        ArrayRefused: there is no such link, it is in that mode, or it is copied already.
    """
    link = own_link(scene, snapshot, target_id)
    if link.is_copy == is_copy or link.is_copied:
        raise ArrayRefused(ALREADY)
    changed = attrs.evolve(link, is_copy=is_copy, copy=scene.begin(scene.behaviour.copy_pace))
    scene.links.put(changed)
    arm(scene, settle(scene, changed))


def own_link(scene: ArrayInTime, snapshot: Snapshot, target_id: str) -> Link:
    """Return the link of a snapshot to a volume.

    Raises:
        ArrayRefused: there is none (rule 54).
    """
    if target_id not in scene.array.volumes:
        raise ArrayRefused(NO_LINK)
    link = find_link(scene.array, target_id)
    if link is None or link.snapshot_key != snapshot.key:
        raise ArrayRefused(ALREADY)
    return link


def settle(scene: ArrayInTime, link: Link) -> Link:
    """Let a link, or a restore, be what it has become by now, and return it."""
    is_copied = link.is_copied or (link.is_copy and link.copy.is_done(scene.now))
    is_defined = link.is_defined or is_copied or link.define.is_done(scene.now)
    if is_copied == link.is_copied and is_defined == link.is_defined:
        return link
    settled = attrs.evolve(link, is_copied=is_copied, is_defined=is_defined)
    scene.links.put(settled)
    snapshot = scene.snapshots.get(link.snapshot_key)
    token = scene.array.volumes.get(link.target).content
    if is_defined and not link.is_defined and not link.is_written:
        token = snapshot.content
    percent = scene.array.volumes.get(link.target).allocated_percent
    if is_copied:
        percent = max(percent, scaled_percent(snapshot, scene.array.volumes.get(link.target)))
    content.replace(scene.array, link.target, token, percent)
    return settled


def note_reads(scene: ArrayInTime, links: Iterable[Link]) -> None:
    """Take note that a client looked at links: those whose work goes by reads come a step further."""
    for link in links:
        is_at_rest = link.is_defined and not link.is_copying
        if is_at_rest or (link.define.reads_left is None and link.copy.reads_left is None):
            continue
        seen = attrs.evolve(link, define=link.define.after_read(), copy=link.copy.after_read())
        scene.links.put(seen)
        settle(scene, seen)


def arm(scene: ArrayInTime, link: Link) -> None:
    """Let a link settle by itself when the next of its works is done."""
    works = [] if link.is_defined else [link.define]
    if link.is_copying:
        works.append(link.copy)
    moments = [work.due_at for work in works if work.due_at is not None and work.due_at > scene.now]
    if moments:
        timer = Timer(
            timer_id=_timer_id(scene, link),
            kind=LINK_TIMER,
            due_at=min(moments),
            subject=link.target,
            symmetrix_id=scene.array.symmetrix_id,
        )
        scene.array.transaction.timers.put(timer)


def copied_percent(link: Link, now: float) -> int:
    """Return how much a link has copied: nothing without copy."""
    if not link.is_copy:
        return 0
    return 100 if link.is_copied else link.copy.percent(now)


def link_state(link: Link) -> str:
    """Return the state of a link, or of a restore, as clients know it (reference section 6.13)."""
    if link.is_restore:
        return "Restored" if link.is_copied else "RestInProg"
    if not link.is_copy:
        return "Linked"
    return "Copied" if link.is_copied else "CopyInProg"


def scaled_percent(snapshot: Snapshot, volume: Volume) -> int:
    """Return how much of a volume the data of a snapshot take."""
    return min(100, -(-snapshot.allocated_percent * snapshot.cylinders // volume.cylinders))


def drop_timer(scene: ArrayInTime, link: Link) -> None:
    """Let nothing happen to a link any more."""
    timers = scene.array.transaction.timers
    if _timer_id(scene, link) in timers:
        timers.delete(_timer_id(scene, link))


def _refuse_target(scene: ArrayInTime, snapshot: Snapshot, target: Volume, options: LinkOptions) -> None:
    """Refuse a volume that cannot be the target of a snapshot (rule 51; that it may not be masked is inferred)."""
    array, target_id = scene.array, target.volume_id
    if target_id == snapshot.source:
        raise ArrayRefused(f"Device {target_id} is the source of the snapshot and cannot be its target")
    link = find_link(array, target_id)
    if link is not None and link.snapshot_key == snapshot.key:
        raise ArrayRefused(ALREADY)
    if link is not None:
        raise ArrayRefused(f"Device {target_id} is already the target of another link")
    if find_restore(array, target_id) is not None:
        raise ArrayRefused(f"Device {target_id} is in a restore session and cannot be a link target")
    _refuse_size(snapshot, target, is_exact=options.is_exact)
    if array.lun_addresses.count("volume", target_id) and not options.is_forced:
        raise ArrayRefused(f"Device {target_id} is in a masking view and the force flag was not specified")


def _refuse_size(snapshot: Snapshot, target: Volume, *, is_exact: bool) -> None:
    if target.cylinders < snapshot.cylinders:
        raise ArrayRefused(f"Device {target.volume_id} is smaller than the snapshot of device {snapshot.source}")
    if is_exact and target.cylinders != snapshot.cylinders:
        raise ArrayRefused(f"Device {target.volume_id} has not exactly the size of the snapshot of {snapshot.source}")


def _present(scene: ArrayInTime, snapshot: Snapshot, target_id: str, *, is_copy: bool) -> Link:
    """Make a link. Until it is defined, nobody may rely on what the target shows (assumed); its old data are gone."""
    link = Link(
        target=target_id,
        source=snapshot.source,
        snap_id=snapshot.snap_id,
        created_at=scene.now,
        is_copy=is_copy,
        define=scene.begin(scene.behaviour.define_pace),
        copy=scene.begin(scene.behaviour.copy_pace),
    )
    scene.links.put(link)
    volume = scene.array.volumes.get(target_id)
    scene.array.volumes.put(attrs.evolve(volume, allocated_percent=0))
    settled = settle(scene, link)
    if not settled.is_defined:
        content.replace(scene.array, target_id, content.UNDEFINED)
    arm(scene, settled)
    return settled


def _forget(scene: ArrayInTime, link: Link) -> None:
    """Delete a link; a snapshot that only waited for it to end may go now (rule 49)."""
    scene.links.delete(link.target)
    drop_timer(scene, link)
    snapshot = scene.snapshots.get(link.snapshot_key)
    if not sessions_of(scene.array, snapshot):
        recheck_expiry(scene, snapshot)


def _timer_id(scene: ArrayInTime, link: Link) -> str:
    return f"{LINK_TIMER} {scene.array.symmetrix_id} {link.target}"
