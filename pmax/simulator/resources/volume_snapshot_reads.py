"""Snapshots of a volume as the private API shows them (reference section 6.13).

To look at a volume counts as a read for everything about it that goes by reads.
"""

from collections.abc import Sequence

from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.capacity import TRACKS_PER_CYLINDER
from pmax.simulator.dates import snapshot_date
from pmax.simulator.query import Filters
from pmax.simulator.refusals import NotFound
from pmax.simulator.resources.snapshot_calls import array_in_time, path_selector
from pmax.simulator.resources.volumes import subject_volume
from pmax.simulator.rules import srdf_facts
from pmax.simulator.rules.snapvx import (
    NOT_FOUND,
    find_link,
    find_restore,
    generation_of,
    has_snap_ids,
    links_of_source,
    sessions_of,
    snapshots_of,
)
from pmax.simulator.rules.snapvx_links import copied_percent, link_state, note_reads
from pmax.simulator.rules.snapvx_snapshots import note_removal_reads
from pmax.simulator.state.records import Volume
from pmax.simulator.state.snapvx_records import LINKS, SNAPSHOTS, Link, Snapshot
from pmax.simulator.wire import JsonObject

TRACK_SIZE = 131072
_NEVER = 0


def get_volume_snapshots(call: Call) -> Answer:
    """Answer all snapshots of a volume and the link whose target it is; two empty lists if there are none (assumed)."""
    volume = subject_volume(call)
    look_at(call, volume)
    body: JsonObject = {
        "deviceName": _device_name(volume),
        "snapshotLnks": _target_bodies(call, volume.volume_id),
        call.dialect.snapshot_sources_key: _source_bodies(call, snapshots_of(call.array, volume.volume_id)),
    }
    return ok(body)


def get_named_snapshots(call: Call) -> Answer:
    """Answer all generations of one name."""
    volume, snapshots = _named(call)
    return ok({**_named_head(call, volume), "snapshotSrc": _source_bodies(call, snapshots)})


def list_generations(call: Call) -> Answer:
    """Answer the numbers of the generations of one name, and the generations themselves."""
    volume, snapshots = _named(call)
    numbers = list(range(len(snapshots)))
    body = {**_named_head(call, volume), "generation": numbers, "snapshotSrc": _source_bodies(call, snapshots)}
    return ok(body)


def get_generation(call: Call) -> Answer:
    """Answer one generation of one name."""
    volume, snapshots = _named(call)
    number = path_selector(call).generation
    if number >= len(snapshots):
        raise NotFound(f"{NOT_FOUND}: device {volume.volume_id} has no generation {number}")
    (body,) = _source_bodies(call, [snapshots[number]])
    return ok({**_named_head(call, volume), "generation": number, "snapshotSrc": body})


def list_volumes_with_snapshots(call: Call) -> Answer:
    """Answer the volumes that have snapshots or are targets, with details if the query wants them.

    Names of sessions are made of the volume, the role, the name of the snapshot and its generation, as one client
    takes them apart.
    """
    array = call.array
    ids = {snapshot.source for snapshot in array.rows(SNAPSHOTS)} | set(array.rows(LINKS).ids())
    volumes = [array.volumes.get(volume_id) for volume_id in sorted(ids)]
    passed = _FILTERS.apply(call.query, [(call, volume) for volume in volumes])
    body: JsonObject = {"name": [volume.volume_id for _, volume in passed]}
    if call.query.boolean("includeDetails"):
        body["device"] = [
            {
                "symmetrixId": call.symmetrix_id,
                "name": volume.volume_id,
                "snapshot": _sessions(call, volume),
                "rdfgNumbers": [number for number, _ in srdf_facts.group_labels(array, volume)],
            }
            for _, volume in passed
        ]
    return ok(body)


def look_at(call: Call, volume: Volume) -> None:
    """Take note that a client looks at the sessions of a volume."""
    scene, volume_id = array_in_time(call), volume.volume_id
    seen = links_of_source(call.array, volume_id)
    own = (find_link(call.array, volume_id), find_restore(call.array, volume_id))
    note_reads(scene, [*seen, *(link for link in own if link is not None)])
    note_removal_reads(scene, snapshots_of(call.array, volume_id))


def link_body(call: Call, link: Link) -> JsonObject:
    """Return the target side of a link; `tracks` are those that are still to be copied."""
    cylinders = call.array.rows(SNAPSHOTS).get(link.snapshot_key).cylinders
    percent = copied_percent(link, call.now)
    return {
        "targetDevice": link.target,
        "timestamp": snapshot_date(link.created_at),
        "state": link_state(link),
        "trackSize": TRACK_SIZE,
        "tracks": cylinders * TRACKS_PER_CYLINDER * (100 - percent) // 100,
        "percentageCopied": percent,
        "linked": not link.is_restore,
        "restored": link.is_restore,
        "defined": link.is_defined,
        "copy": link.is_copy,
        "destage": link.is_defined,
        "modified": link.is_written,
    }


def _named(call: Call) -> tuple[Volume, list[Snapshot]]:
    volume, name = subject_volume(call), call.params["snapshot"]
    look_at(call, volume)
    snapshots = [each for each in snapshots_of(call.array, volume.volume_id) if each.name == name]
    if not snapshots:
        raise NotFound(f"{NOT_FOUND}: device {volume.volume_id} has no snapshot [{name}]")
    return volume, snapshots


def _named_head(call: Call, volume: Volume) -> JsonObject:
    return {
        "deviceName": _device_name(volume),
        "snapshotName": call.params["snapshot"],
        "snapshotLnk": _target_bodies(call, volume.volume_id),
    }


def _device_name(volume: Volume) -> str:
    return f"{volume.volume_id}:{volume.identifier}" if volume.identifier else volume.volume_id


def _source_bodies(call: Call, snapshots: Sequence[Snapshot]) -> list[JsonObject]:
    siblings = snapshots_of(call.array, snapshots[0].source) if snapshots else []
    return [_source_body(call, snapshot, generation_of(snapshot, siblings)) for snapshot in snapshots]


def _source_body(call: Call, snapshot: Snapshot, generation: int) -> JsonObject:
    """Return a snapshot; the two times are epoch seconds of the ends (assumed), 0 for none."""
    sessions = sessions_of(call.array, snapshot)
    is_restored = any(link.is_restore for link in sessions)
    body: JsonObject = {
        "snapshotName": snapshot.name,
        "generation": generation,
        "timestamp": snapshot_date(snapshot.created_at),
        "state": "Restored" if is_restored else "Established",
        "protectionExpireTime": int(snapshot.secure_until or _NEVER),
        "gcm": False,
        "icdp": False,
        "secured": snapshot.secure_until is not None,
        "isRestored": is_restored,
        "ttl": int(snapshot.expires_at or _NEVER),
        "expired": snapshot.is_expired,
        "linkedDevices": [link_body(call, link) for link in sessions],
    }
    return body | _snap_id(call, snapshot)


def _target_bodies(call: Call, volume_id: str) -> list[JsonObject]:
    """Return the link whose target a volume is, as a list."""
    link = find_link(call.array, volume_id)
    if link is None:
        return []
    snapshot = call.array.rows(SNAPSHOTS).get(link.snapshot_key)
    generation = generation_of(snapshot, snapshots_of(call.array, snapshot.source))
    origin = {"linkSourceName": link.source, "snapshot_name": snapshot.name, "generation": generation}
    return [{**link_body(call, link), **origin, **_snap_id(call, snapshot)}]


def _snap_id(call: Call, snapshot: Snapshot) -> JsonObject:
    is_known = call.dialect.has_snap_ids and has_snap_ids(call.array.record)
    return {"snap_id": snapshot.snap_id} if is_known else {}


def _sessions(call: Call, volume: Volume) -> list[JsonObject]:
    siblings = snapshots_of(call.array, volume.volume_id)
    sessions = [_session(call, volume, each, generation_of(each, siblings), None) for each in siblings]
    link = find_link(call.array, volume.volume_id)
    if link is not None:
        snapshot = call.array.rows(SNAPSHOTS).get(link.snapshot_key)
        generation = generation_of(snapshot, snapshots_of(call.array, snapshot.source))
        sessions.append(_session(call, volume, snapshot, generation, link))
    return sessions


def _session(call: Call, volume: Volume, snapshot: Snapshot, generation: int, link: Link | None) -> JsonObject:
    sessions = sessions_of(call.array, snapshot)
    is_restored = any(each.is_restore for each in sessions)
    role = "SRC" if link is None else "LNK"
    return {
        "name": f"{volume.volume_id}-{role}-{snapshot.name}-{generation}",
        "generation": generation,
        "linked": any(not each.is_restore for each in sessions),
        "restored": is_restored,
        "timestamp": snapshot_date(snapshot.created_at if link is None else link.created_at),
        "state": link_state(link) if link is not None else "Restored" if is_restored else "Established",
    }


_FILTERS: Filters[tuple[Call, Volume]] = Filters(
    {
        "snapshotName": lambda it: tuple(each.name for each in snapshots_of(it[0].array, it[1].volume_id)),
        "inSG": lambda it: bool(it[1].storage_groups),
        "isRdf": lambda it: bool(srdf_facts.group_labels(it[0].array, it[1])),
    },
    frozenset({"includeDetails"}),
)
