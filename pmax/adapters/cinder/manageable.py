"""Volumes and snapshots of the array as Cinder lists them: what can be managed, and why the rest cannot.

The form of the entries is that of `cinder.volume.driver.ManageableVD`. `extra_info` holds texts only, since a cluster
of services passes it on as an object that takes nothing else. Sort keys are those of Cinder's API, `reference` and
`size`, and `identifier`, as its documentation calls the former.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pmax.domain.errors import InvalidRequest
from pmax.domain.listings import Piece, take_piece
from pmax.domain.manageability import ManageableSnapshot, ManageableVolume, Reason, size_of

SOURCE_ID: Final = "source-id"
SOURCE_NAME: Final = "source-name"

_NO_END: Final = "N/A"
_TIME_FORMAT: Final = "%Y/%m/%d, %H:%M:%S"


def piece_of(
    marker: Mapping[str, str] | str | None,
    limit: int | None,
    offset: int | None,
    sort_keys: Sequence[str] | None,
    sort_dirs: Sequence[str] | None,
) -> Piece:
    """What Cinder asks for; a marker is the reference of an entry, as a dictionary or as its JSON.

    Raises:
        InvalidRequest: the marker is neither.
    """
    return Piece(
        marker=_reference(marker),
        limit=limit,
        offset=offset or 0,
        sort_keys=sort_keys or (),
        sort_directions=sort_dirs or (),
    )


def _reference(marker: Mapping[str, str] | str | None) -> Hashable | None:
    if not marker:
        return None
    if isinstance(marker, str):
        try:
            marker = json.loads(marker)
        except ValueError as error:
            raise InvalidRequest("marker", marker, 'write the reference of an entry, {"source-id": "0012F"}') from error
    if not isinstance(marker, Mapping):
        raise InvalidRequest("marker", marker, 'write the reference of an entry, {"source-id": "0012F"}')
    return tuple(sorted((key, str(value)) for key, value in marker.items()))


def volume_entries(volumes: Iterable[ManageableVolume], piece: Piece) -> list[dict[str, Any]]:
    """The entries of a piece of the list of volumes.

    Raises:
        InvalidRequest: there is no such piece, or it cannot be sorted so.
    """
    keys = {
        "reference": lambda entry: entry.full.volume.device_id,
        "identifier": lambda entry: entry.full.volume.device_id,
        "size": lambda entry: size_of(entry.full.volume),
    }
    chosen = take_piece(volumes, piece, keys, lambda entry: ((SOURCE_ID, str(entry.full.volume.device_id)),))
    return [_volume_entry(each) for each in chosen]


def _volume_entry(entry: ManageableVolume) -> dict[str, Any]:
    volume = entry.full.volume
    return {
        "reference": {SOURCE_ID: str(volume.device_id)},
        "size": size_of(volume),
        **_verdict(entry.reasons, entry.cinder_id),
        "extra_info": {
            "config": volume.configuration,
            "emulation": volume.emulation,
            "identifier": volume.identifier or "",
        },
    }


def snapshot_entries(snapshots: Iterable[ManageableSnapshot], piece: Piece) -> list[dict[str, Any]]:
    """The entries of a piece of the list of snapshots.

    A name is not unique on an array, nor even on a volume: one policy names the snapshots of many volumes alike. So a
    reference also names the volume, and the generation of those that are not the newest of their name.

    Raises:
        InvalidRequest: there is no such piece, or it cannot be sorted so.
    """
    keys = {
        "reference": lambda entry: (entry.snapshot.name, entry.source.volume.device_id, entry.snapshot.generation),
        "identifier": lambda entry: (entry.snapshot.name, entry.source.volume.device_id, entry.snapshot.generation),
        "size": lambda entry: size_of(entry.source.volume),
    }
    chosen = take_piece(snapshots, piece, keys, lambda entry: tuple(sorted(_snapshot_reference(entry).items())))
    return [_snapshot_entry(each) for each in chosen]


def _snapshot_reference(entry: ManageableSnapshot) -> dict[str, str]:
    reference = {SOURCE_NAME: entry.snapshot.name, SOURCE_ID: str(entry.source.volume.device_id)}
    if entry.snapshot.generation:
        reference["generation"] = str(entry.snapshot.generation)
    return reference


def _snapshot_entry(entry: ManageableSnapshot) -> dict[str, Any]:
    source, snapshot = entry.source.volume, entry.snapshot
    extra = {
        "generation": str(snapshot.generation),
        "secured": str(snapshot.is_secure),
        "timeToLive": _moment(snapshot.expires_at_s),
        "timestamp": _moment(snapshot.created_at_s),
    }
    if snapshot.snap_id is not None:
        extra["snap_id"] = str(snapshot.snap_id)
    return {
        "reference": _snapshot_reference(entry),
        "size": size_of(source),
        **_verdict(entry.reasons, entry.cinder_id),
        "extra_info": extra,
        "source_reference": {SOURCE_ID: str(source.device_id)},
    }


def _verdict(reasons: Sequence[Reason], cinder_id: str | None) -> dict[str, Any]:
    return {
        "safe_to_manage": not reasons,
        "reason_not_safe": "; ".join(reason.text for reason in reasons) or None,
        "cinder_id": cinder_id,
    }


def _moment(epoch_s: float | None) -> str:
    """A time as the upstream driver writes it, but in UTC, so that it means the same on every node."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime(_TIME_FORMAT) if epoch_s else _NO_END
