"""Snapshots of storage groups: lists, details, creation and termination (reference section 6.14)."""

from collections.abc import Sequence

from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.dates import milliseconds
from pmax.simulator.refusals import BadRequest, NotFound, text_of_missing
from pmax.simulator.resources.group_snapshot_bodies import group_snapshot_body, look_at_group
from pmax.simulator.resources.snapshot_calls import (
    array_in_time,
    path_selector,
    read_seconds,
    refuse_snap_ids,
    snapshot_name,
)
from pmax.simulator.resources.storage_groups import subject_group
from pmax.simulator.resources.volume_snapshots import snap_remote_sides
from pmax.simulator.rules import groups
from pmax.simulator.rules.snapvx_groups import (
    GroupSnapshot,
    create_group_snapshot,
    generations_of,
    get_group_snapshot,
    group_snapshots,
    live,
    snap_ids_of,
    terminate_group_snapshot,
)
from pmax.simulator.rules.snapvx_restores import end_restore
from pmax.simulator.rules.snapvx_snapshots import NewSnapshot
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.wire import JsonObject

_BULK_CHOICES = ("terminate_all_snapshots", "keep_count", "snapset_id_and_older")


def list_group_snapshots(call: Call) -> Answer:
    """Answer the names of the snapshots of a group, those of policies apart; without any, 404 as of 9.2."""
    found = wanted_snapshots(call, subject_group(call))
    if not found:
        raise NotFound("No snapshot named found")
    names = sorted({each.first.name for each in found})
    of_policies = {each.first.name for each in found if each.first.policy}
    manual = {each.first.name for each in found if not each.first.policy}
    return ok(
        {
            "name": sorted(manual),
            "sl_snapshot_name": sorted(of_policies),
            "snapshot_names_and_counts": [_count(name, found) for name in names],
        }
    )


def create_snapshot_of_group(call: Call) -> Answer:
    """Make a snapshot of all volumes of a group (rules 59 and 60), on both sides if the body says so (rule 77)."""
    group, fields = subject_group(call), call.body
    name = snapshot_name(fields.text("snapshotName"))
    wanted = NewSnapshot(
        name=name,
        life_s=read_seconds(fields, "timeToLive", "timeInHours"),
        secure_s=read_seconds(fields, "secure", "timeInHours"),
    )
    is_on_both_sides = fields.boolean("bothSides", default=False) or fields.boolean("bothsides", default=False)
    fields.boolean("force", default=False)
    fields.ignore("star", "start")  # one client sends its own spelling
    call.job_name = f"Create snapshot {name} of Storage Group {group.name}"
    call.tasks.append(f"Establishing snapshot [{name}] of Storage Group [{group.name}]")
    scene = array_in_time(call)
    found = create_group_snapshot(scene, group, wanted)
    if is_on_both_sides:
        snap_remote_sides(scene, groups.volume_ids(call.array, group), wanted)
    return created(group_snapshot_body(call, found))


def list_group_generations(call: Call) -> Answer:
    """Answer the generations of one name, newest first."""
    group, name = subject_group(call), call.params["snapshot"]
    generations = generations_of(call.array, group, name)
    return ok({"generations": _known(call, generations)})


def list_group_snap_ids(call: Call) -> Answer:
    """Answer the snap ids of one name, newest first."""
    refuse_snap_ids(call)
    group, name = subject_group(call), call.params["snapshot"]
    return ok({"snapids": _known(call, snap_ids_of(call.array, group, name))})


def get_snapshot_of_group(call: Call) -> Answer:
    """Answer one snapshot of a group, in the form that the path is of."""
    look_at_group(call, subject_snapshot(call))
    return ok(group_snapshot_body(call, subject_snapshot(call), by_snap_id="snap_id" in call.params))


def remove_group_snapshot(call: Call) -> Answer:
    """Terminate one snapshot of a group (rules 48, 50 and 59).

    A restore session ends with the snapshot. How it is ended alone is not in the sources; here it is `restore=true`, as
    the private API says it in its body (assumed).
    """
    found = live(subject_snapshot(call))
    is_forced = call.query.boolean("force") or call.query.boolean("symforce") or False
    call.job_name = f"Terminate snapshot {found.first.name} of Storage Group {found.group.name}"
    scene = array_in_time(call)
    if call.query.boolean("restore"):
        for snapshot in found.snapshots:
            end_restore(scene, snapshot, is_forced=is_forced)
    else:
        terminate_group_snapshot(scene, found, is_forced=is_forced)
    return no_content()


def remove_group_snapshots(call: Call) -> Answer:
    """Terminate many snapshots of a group at once, or none if one of them cannot be terminated.

    The query says which: all, all but the newest `keep_count`, or those that are as old as `snapset_id_and_older` or
    older; `snapshot_name` leaves the other names alone. Exactly one of the three must be given (assumed).
    """
    group, query = subject_group(call), call.query
    chosen = [name for name in _BULK_CHOICES if query.text(name) and query.text(name) not in {"false", "False"}]
    if len(chosen) != 1:
        raise BadRequest(f"Exactly one of {', '.join(_BULK_CHOICES)} must be given, not {len(chosen)}")
    found = group_snapshots(call.array, group, query.text("snapshot_name"))
    match chosen[0]:
        case "keep_count":
            found = found[query.integer("keep_count", lowest=0) :]
        case "snapset_id_and_older":
            newest = _snapset_id(query.text("snapset_id_and_older") or "")
            found = [each for each in found if each.first.snap_id <= newest]
        case _:
            query.boolean("terminate_all_snapshots")
    if not found:
        raise NotFound("No snapshot was found")
    call.job_name = f"Terminate snapshots of Storage Group {group.name}"
    is_forced = query.boolean("force") or False
    scene = array_in_time(call)
    for each in found:
        terminate_group_snapshot(scene, each, is_forced=is_forced)
    return no_content()


def subject_snapshot(call: Call) -> GroupSnapshot:
    """Return the snapshot of a group that the path names.

    Raises:
        NotFound: no volume of the group has it.
    """
    return get_group_snapshot(call.array, subject_group(call), call.params["snapshot"], path_selector(call))


def wanted_snapshots(call: Call, group: StorageGroup) -> list[GroupSnapshot]:
    """Return the snapshots of a group without those that the query excludes."""
    found = group_snapshots(call.array, group)
    if call.query.boolean("exclude_sl_snaps"):
        found = [each for each in found if not each.first.policy]
    if call.query.boolean("exclude_manual_snaps"):
        found = [each for each in found if each.first.policy]
    return found


def _count(name: str, found: Sequence[GroupSnapshot]) -> JsonObject:
    same = [each for each in found if each.first.name == name]
    newest = max(each.first.created_at for each in same)
    return {"name": name, "snapshot_count": len(same), "newest_timestamp_utc": milliseconds(newest)}


def _known(call: Call, numbers: list[int]) -> list[int]:
    if not numbers:
        raise NotFound(text_of_missing("Snapshot", call.params["snapshot"], call.symmetrix_id))
    return numbers


def _snapset_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 - more than any id has
        raise BadRequest(f"[{text[:20]}] is no snapset id")
    return int(text)
