"""Snapshots of storage groups as JSON, in the form of generations and in that of snap ids (reference section 6.14)."""

from pmax.simulator import capacity
from pmax.simulator.call import Call
from pmax.simulator.dates import milliseconds, snapshot_date
from pmax.simulator.resources.snapshot_calls import array_in_time
from pmax.simulator.resources.volume_snapshot_reads import TRACK_SIZE
from pmax.simulator.rules.snapvx import has_snap_ids
from pmax.simulator.rules.snapvx_groups import (
    GroupSnapshot,
    generation_in_group,
    group_names_of,
    sessions_of_group,
)
from pmax.simulator.rules.snapvx_links import copied_percent, note_reads
from pmax.simulator.rules.snapvx_snapshots import note_removal_reads
from pmax.simulator.state.snapvx_records import SNAPSHOTS, Link
from pmax.simulator.wire import JsonObject

_NO_DATE = "N/A"


def group_snapshot_body(call: Call, found: GroupSnapshot, *, by_snap_id: bool | None = None) -> JsonObject:
    """Return a snapshot of a group; to look at it counts as a read for what goes by reads.

    Args:
        call: the request.
        found: the snapshot.
        by_snap_id: the form; if None, that of snap ids where version and array know them.
    """
    if by_snap_id is None:
        by_snap_id = call.dialect.has_snap_ids and has_snap_ids(call.array.record)
    return _snap_id_body(call, found) if by_snap_id else _generation_body(call, found)


def look_at_group(call: Call, found: GroupSnapshot) -> None:
    """Take note that a client looks at a snapshot of a group."""
    scene = array_in_time(call)
    note_reads(scene, sessions_of_group(call.array, found))
    note_removal_reads(scene, found.snapshots)


def _generation_body(call: Call, found: GroupSnapshot) -> JsonObject:
    links = _links(call, found)
    return {
        "name": found.first.name,
        "generation": generation_in_group(call.array, found),
        "timestamp": snapshot_date(found.first.created_at),
        "state": _states(call, found),
        "numSourceVolumes": len(found.snapshots),
        "numStorageGroupVolumes": found.number_of_volumes,
        "isLinked": bool(links),
        "isRestored": _is_restored(call, found),
        "isExpired": any(snapshot.is_expired for snapshot in found.snapshots),
        "timeToLiveExpiryDate": _date(found.first.expires_at),
        "numUniqueTracks": 0,
        "numSharedTracks": 0,
        "linkedStorageGroup": _linked_groups(call, links),
    }


def _snap_id_body(call: Call, found: GroupSnapshot) -> JsonObject:
    links = _links(call, found)
    first = found.first
    return {
        "name": first.name,
        "generation": generation_in_group(call.array, found),
        "snapid": first.snap_id,
        "timestamp": snapshot_date(first.created_at),
        "timestamp_utc": milliseconds(first.created_at),
        "state": _states(call, found),
        "num_source_volumes": len(found.snapshots),
        "source_volume": [
            {
                "name": snapshot.source,
                "capacity": snapshot.cylinders,
                "capacity_gb": capacity.cap_gb(snapshot.cylinders),
            }
            for snapshot in found.snapshots
        ],
        "num_storage_group_volumes": found.number_of_volumes,
        "tracks": 0,
        "non_shared_tracks": 0,
        "time_to_live_expiry_date": _date(first.expires_at),
        "secure_expiry_date": _date(first.secure_until),
        "expired": any(snapshot.is_expired for snapshot in found.snapshots),
        "linked": bool(links),
        "restored": _is_restored(call, found),
        "persistent": first.is_persistent,
        "linked_storage_group_names": group_names_of(call.array, links),
        "linked_storage_group": _linked_groups(call, links),
    }


def _links(call: Call, found: GroupSnapshot) -> list[Link]:
    return [link for link in sessions_of_group(call.array, found) if not link.is_restore]


def _is_restored(call: Call, found: GroupSnapshot) -> bool:
    return any(link.is_restore for link in sessions_of_group(call.array, found))


def _states(call: Call, found: GroupSnapshot) -> list[str]:
    """Return the states of the snapshots of the volumes, each once."""
    restored = {link.source for link in sessions_of_group(call.array, found) if link.is_restore}
    states = {"Restored" if snapshot.source in restored else "Established" for snapshot in found.snapshots}
    return sorted(states)


def _linked_groups(call: Call, links: list[Link]) -> list[JsonObject]:
    """Return a row for each link and each group that holds its target; a target in no group has `N/A` (assumed)."""
    return [_linked_row(call, link, name) for link in links for name in _holders(call, link)]


def _holders(call: Call, link: Link) -> tuple[str, ...]:
    return call.array.volumes.get(link.target).storage_groups or (_NO_DATE,)


def _linked_row(call: Call, link: Link, group_name: str) -> JsonObject:
    percent = copied_percent(link, call.now)
    cylinders = call.array.rows(SNAPSHOTS).get(link.snapshot_key).cylinders
    return {
        "name": group_name,
        "source_volume_name": link.source,
        "linked_volume_name": link.target,
        "linked_creation_timestamp": snapshot_date(link.created_at),
        "tracks": cylinders * capacity.TRACKS_PER_CYLINDER * (100 - percent) // 100,
        "trackSize": TRACK_SIZE,
        "percentageCopied": percent,
        "defined": link.is_defined,
        "background_define_in_progress": not link.is_defined,
    }


def _date(moment: float | None) -> str:
    return _NO_DATE if moment is None else snapshot_date(moment)
