"""What the rest of the array asks of SnapVX: the one seam between volumes and snapshots."""

from pmax.simulator.dates import milliseconds
from pmax.simulator.dialect import Dialect
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules.snapvx import (
    ArrayInTime,
    find_link,
    find_restore,
    generation_of,
    has_snap_ids,
    sessions_of,
    snapshots_of,
)
from pmax.simulator.rules.snapvx_groups import names_in_group
from pmax.simulator.rules.snapvx_links import link_state
from pmax.simulator.rules.snapvx_snapshots import terminate_all
from pmax.simulator.state.records import StorageGroup, Volume
from pmax.simulator.state.snapvx_records import LINKS, SNAPSHOTS, Link, Snapshot
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject


def is_source(array: ArrayTables, volume: Volume) -> bool:
    """Say whether at least one snapshot of the volume exists (rule 62)."""
    return array.rows(SNAPSHOTS).count("source", volume.volume_id) > 0


def is_target(array: ArrayTables, volume: Volume) -> bool:
    """Say whether the volume is linked as a target, with or without copy (rule 62)."""
    return find_link(array, volume.volume_id) is not None


def is_being_copied_to(array: ArrayTables, volume: Volume) -> bool:
    """Say whether data of a snapshot are still on their way to the volume: linked with copy, or restored (rule 79)."""
    link = array.rows(LINKS).find(volume.volume_id)
    return link is not None and (link.is_copying or not link.is_defined)


def time_finder_info(array: ArrayTables, volume: Volume, dialect: Dialect) -> JsonObject:
    """Return `timeFinderInfo` of a private volume answer (reference section 6.5).

    `snapVXSession` is there only with sessions: one element per role. Times to live are the epoch seconds of their end
    (one client formats them as such), time stamps epoch milliseconds.
    """
    info: JsonObject = {
        "snapVXSrc": is_source(array, volume),
        "snapVXTgt": is_target(array, volume),
        "mirror": False,
        "cloneTarget": False,
        "cloneSrc": False,
    }
    sessions: list[JsonObject] = []
    siblings = snapshots_of(array, volume.volume_id)
    if siblings:
        sources = [_source_info(array, each, generation_of(each, siblings), dialect) for each in siblings]
        sessions.append({"srcSnapshotGenInfo": sources})
    link = find_link(array, volume.volume_id)
    if link is not None:
        sessions.append({"tgtSrcSnapshotGenInfo": _target_info(array, link, dialect)})
    if sessions:
        info["snapVXSession"] = sessions
    return info


def number_of_snapshots(array: ArrayTables, group: StorageGroup) -> int:
    """Return how many snapshot names the volumes of a group have (rule 61)."""
    return len(names_in_group(array, group))


def refuse_delete(array: ArrayTables, volume: Volume) -> None:
    """Refuse to delete a volume that is in a session (rule 21)."""
    if is_source(array, volume):
        raise ArrayRefused(f"Device {volume.volume_id} is the source of a snapshot")
    if is_target(array, volume):
        raise ArrayRefused(f"Device {volume.volume_id} is a linked target of a snapshot")


def refuse_free(array: ArrayTables, volume: Volume) -> None:
    """Refuse to free the tracks of a volume that is in a session (rule 23, assumed)."""
    refuse_delete(array, volume)


def refuse_expand(array: ArrayTables, volume: Volume) -> None:
    """Refuse to expand a source on code below 5978 (rule 25) and a target, linked or being restored (rule 26)."""
    if is_source(array, volume) and not array.record.is_next_generation:
        raise ArrayRefused(f"Device {volume.volume_id} is the source of a snapshot and cannot be expanded")
    if is_target(array, volume):
        raise ArrayRefused(f"Device {volume.volume_id} is a linked target and cannot be expanded")
    if find_restore(array, volume.volume_id) is not None:
        raise ArrayRefused(f"Device {volume.volume_id} has a restore session and cannot be expanded")


def terminate_of_volume(scene: ArrayInTime, volume: Volume) -> None:
    """Terminate the snapshots of a volume that leaves its group (rule 64)."""
    terminate_all(scene, volume.volume_id)


def _source_info(array: ArrayTables, snapshot: Snapshot, generation: int, dialect: Dialect) -> JsonObject:
    header: JsonObject = {"device": snapshot.source, **_header(array, snapshot, generation, dialect)}
    info: JsonObject = {"snapshotHeader": header}
    links = [
        {
            "targetDevice": link.target,
            "state": link_state(link),
            "restored": link.is_restore,
            "defined": link.is_defined,
            "destaged": link.is_defined,
            "backgroundDef": True,
        }
        for link in sessions_of(array, snapshot)
    ]
    if links:
        info["lnkSnapshotGenInfo"] = links
    return info


def _target_info(array: ArrayTables, link: Link, dialect: Dialect) -> JsonObject:
    snapshot = array.rows(SNAPSHOTS).get(link.snapshot_key)
    generation = generation_of(snapshot, snapshots_of(array, snapshot.source))
    ends = {"targetDevice": link.target, "sourceDevice": link.source, "state": link_state(link)}
    return {**ends, **_header(array, snapshot, generation, dialect)}


def _header(array: ArrayTables, snapshot: Snapshot, generation: int, dialect: Dialect) -> JsonObject:
    header: JsonObject = {
        "snapshotName": snapshot.name,
        "generation": generation,
        "secured": snapshot.secure_until is not None,
        "expired": snapshot.is_expired,
        "timeToLive": int(snapshot.expires_at or 0),
        "timestamp": milliseconds(snapshot.created_at),
    }
    if dialect.snap_id_key_in_private_sessions and has_snap_ids(array.record):
        header["snapid"] = snapshot.snap_id
    return header
