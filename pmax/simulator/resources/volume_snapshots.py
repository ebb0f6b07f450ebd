"""Changes of snapshots at volume level: the private API (reference section 6.13).

A synchronous change is answered with the job that did it (assumed: clients only look at the status).
"""

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.dates import job_result_date
from pmax.simulator.pace import Progress
from pmax.simulator.refusals import ArrayRefused, BadRequest, NotFound, text_of_missing
from pmax.simulator.resources.jobs import job_body
from pmax.simulator.resources.snapshot_calls import (
    array_in_time,
    read_devices,
    read_seconds,
    read_selector,
    snapshot_name,
)
from pmax.simulator.rules import srdf_facts
from pmax.simulator.rules.snapvx import NO_LINK, ArrayInTime, Selector, get_snapshot
from pmax.simulator.rules.snapvx_links import (
    LinkOptions,
    link_snapshot,
    relink_snapshot,
    set_copy_mode,
    unlink_snapshot,
)
from pmax.simulator.rules.snapvx_restores import end_restore, restore_snapshot
from pmax.simulator.rules.snapvx_snapshots import (
    NewSnapshot,
    create_snapshots,
    rename_snapshot,
    set_secure,
    set_time_to_live,
    terminate_snapshot,
)
from pmax.simulator.state.service_records import Job
from pmax.simulator.state.snapvx_records import SNAPSHOTS, Snapshot
from pmax.simulator.wire import JsonObject

_FLAGS = ("star", "remote")


@attrs.frozen(kw_only=True)
class Change:
    """What a PUT asks for, read from its body.

    Attributes:
        targets: as they were sent, in upper case; by position they belong to the sources.
        is_copy: None if the body does not say.
    """

    name: str
    selector: Selector
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    is_copy: bool | None
    is_exact: bool
    is_forced: bool
    is_sym_forced: bool
    new_name: str | None
    life_s: float | None
    secure_s: float | None


def create_volume_snapshot(call: Call) -> Answer:
    """Make a snapshot of each of the named volumes, on both sides of their pairs if the body says so (rule 77)."""
    fields = call.body
    sources = read_devices(call, "deviceNameListSource")
    is_on_both_sides = fields.boolean("bothSides", default=False)
    fields.boolean("force", default=False)
    fields.ignore("star")
    wanted = NewSnapshot(
        name=snapshot_name(call.params["snapshot"]),
        life_s=_life_of(fields),
        secure_s=read_seconds(fields, "securettl", "timeInHours"),
    )
    call.job_name = f"Establish snapshot {wanted.name}"
    call.tasks.append(f"Establishing snapshot [{wanted.name}] of devices : [{', '.join(sources)}]")
    scene = array_in_time(call)
    create_snapshots(scene, sources, wanted)
    if is_on_both_sides:
        snap_remote_sides(scene, sources, wanted)
    return created(_done(call))


def change_volume_snapshot(call: Call) -> Answer:
    """Link, unlink, relink, rename or restore a snapshot, or set its copy mode or its time to live."""
    action = call.body.choice("action", _ACTIONS)
    change = _read_change(call, action)
    call.job_name = f"{action} snapshot {change.name}"
    call.tasks.append(f"{action} of snapshot [{change.name}] of devices : [{', '.join(change.sources)}]")
    scene = array_in_time(call)
    for source, target in zip(change.sources, change.targets, strict=True):
        snapshot = get_snapshot(call.array, source, change.name, change.selector)
        _ACTIONS[action](scene, snapshot, target, change)
    return ok(_done(call))


def remove_volume_snapshot(call: Call) -> Answer:
    """Terminate a snapshot of the named volumes, or with `restore` only its restore session (rules 48 and 57)."""
    fields, name = call.body, call.params["snapshot"]
    selector = read_selector(call, fields)
    ends_restore = fields.boolean("restore", default=False)
    is_forced = fields.boolean("symforce", default=False)
    fields.boolean("force", default=False)
    fields.ignore("star")
    sources = read_devices(call, "deviceNameListSource")
    if not call.array.rows(SNAPSHOTS).count("name", name):
        raise NotFound(text_of_missing("Snapshot", name, call.symmetrix_id))
    call.job_name = f"Terminate snapshot {name}"
    call.tasks.append(f"Terminating snapshot [{name}] of devices : [{', '.join(sources)}]")
    scene = array_in_time(call)
    for source in sources:
        snapshot = get_snapshot(call.array, source, name, selector)
        if ends_restore:
            end_restore(scene, snapshot, is_forced=is_forced)
        else:
            terminate_snapshot(scene, snapshot)
    return no_content()


def snap_remote_sides(scene: ArrayInTime, volume_ids: list[str], wanted: NewSnapshot) -> None:
    """Make the same snapshot of the other sides of the volumes' pairs (rule 77).

    Raises:
        ArrayRefused: a volume is not paired (assumed).
    """
    remote: dict[str, list[str]] = {}
    for volume_id in volume_ids:
        others = srdf_facts.remote_devices(scene.array, scene.array.volumes.get(volume_id))
        if not others:
            raise ArrayRefused(f"The device must be an RDF device: {volume_id}")
        for symmetrix_id, other in others:
            remote.setdefault(symmetrix_id, []).append(other)
    for symmetrix_id, remote_ids in sorted(remote.items()):
        array = scene.array.transaction.array(symmetrix_id)
        create_snapshots(attrs.evolve(scene, array=array), sorted(set(remote_ids)), wanted)


def _read_change(call: Call, action: str) -> Change:
    fields = call.body
    fields.ignore(*_FLAGS)
    sources = read_devices(call, "deviceNameListSource")
    targets = [each.text("name").upper() for each in fields.list_of_fields("deviceNameListTarget")]
    if not targets and action not in {"Link", "Unlink", "Relink", "SetMode"}:
        targets = sources
    if len(targets) != len(sources):
        raise BadRequest("deviceNameListSource and deviceNameListTarget must be of equal length")
    return Change(
        name=call.params["snapshot"],
        selector=read_selector(call, fields),
        sources=tuple(sources),
        targets=tuple(targets),
        is_copy=_read_copy(fields),
        is_exact=fields.boolean("exact", default=False),
        is_forced=fields.boolean("force", default=False),
        is_sym_forced=fields.boolean("symforce", default=False),
        new_name=fields.optional_text("newsnapshotname"),
        life_s=_life_of(fields),
        secure_s=read_seconds(fields, "securettl", "timeInHours"),
    )


def _read_copy(fields: Fields) -> bool | None:
    """Return the copy mode: one client sends `copy` and `nocopy`, another `copy` only (reference section 6.13)."""
    copies = fields.boolean("copy", default=False) if "copy" in fields else None
    does_not = fields.boolean("nocopy", default=False) if "nocopy" in fields else None
    fields.ignore("copy", "nocopy")
    if copies and does_not:
        raise BadRequest("copy and nocopy exclude each other")
    if copies is None and does_not is not None:
        return not does_not
    return copies


def _life_of(fields: Fields) -> float | None:
    life_s = read_seconds(fields, "timeToLive", "timeInHours")
    other_s = read_seconds(fields, "ttl", "timeInHours")
    return other_s if life_s is None else life_s


def _link(scene: ArrayInTime, snapshot: Snapshot, target: str, change: Change) -> None:
    options = LinkOptions(
        is_copy=bool(change.is_copy), is_exact=change.is_exact, is_forced=change.is_forced or change.is_sym_forced
    )
    if target not in scene.array.volumes:
        raise ArrayRefused(text_of_missing("Device", target, scene.array.symmetrix_id))
    link_snapshot(scene, snapshot, target, options)


def _unlink(scene: ArrayInTime, snapshot: Snapshot, target: str, change: Change) -> None:
    unlink_snapshot(scene, snapshot, target, is_forced=change.is_sym_forced)


def _relink(scene: ArrayInTime, snapshot: Snapshot, target: str, change: Change) -> None:
    if target not in scene.array.volumes:
        raise ArrayRefused(NO_LINK)
    relink_snapshot(scene, snapshot, target, is_copy=change.is_copy)


def _set_mode(scene: ArrayInTime, snapshot: Snapshot, target: str, change: Change) -> None:
    if change.is_copy is None:
        raise BadRequest("SetMode needs copy or nocopy")
    set_copy_mode(scene, snapshot, target, is_copy=change.is_copy)


def _restore(scene: ArrayInTime, snapshot: Snapshot, target: str, change: Change) -> None:
    if target != snapshot.source:
        raise ArrayRefused(f"Snapshot [{change.name}] can only be restored to device {snapshot.source}")
    restore_snapshot(scene, snapshot)


def _rename(scene: ArrayInTime, snapshot: Snapshot, target: str, change: Change) -> None:
    if target != snapshot.source or change.new_name is None:
        raise BadRequest("Rename needs newsnapshotname, and the same devices as source and target")
    rename_snapshot(scene, snapshot, snapshot_name(change.new_name))


def _set_life(scene: ArrayInTime, snapshot: Snapshot, _target: str, change: Change) -> None:
    set_time_to_live(scene, snapshot, change.life_s)


def _set_secure(scene: ArrayInTime, snapshot: Snapshot, _target: str, change: Change) -> None:
    if change.secure_s is None:
        raise BadRequest("SetSecure needs securettl")
    set_secure(scene, snapshot, change.secure_s)


_ACTIONS = {
    "Link": _link,
    "Unlink": _unlink,
    "Relink": _relink,
    "SetMode": _set_mode,
    "Restore": _restore,
    "Rename": _rename,
    "SetTimeToLive": _set_life,
    "SetSecure": _set_secure,
}
"""The first two, Restore and Rename are evidenced; the rest is inferred (reference section 6.13)."""


def _done(call: Call) -> JsonObject:
    """Return the job that a synchronous change was; an asynchronous one has its own."""
    if call.body.holds_text("executionOption", "ASYNCHRONOUS"):
        return {}
    number = call.transaction.next_number("job", at_least=int(call.now * 1000))
    date = job_result_date(call.now)
    job = Job(
        job_id=str(number),
        name=call.job_name or "",
        symmetrix_id=call.symmetrix_id,
        unisphere=call.unisphere.name,
        username=call.user.name,
        status="SUCCEEDED",
        created_at=call.now,
        progress=Progress(started_at=call.now),
        call=call.stored,
        ended_at=call.now,
        tasks=tuple(call.tasks),
        resource_link=call.path,
        result=f"Started job execution on {date} - Finished job execution on {date}",
    )
    call.transaction.jobs.put(job)
    return job_body(job)
