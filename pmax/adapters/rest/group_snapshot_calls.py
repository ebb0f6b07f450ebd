"""What is sent to take snapshots of a storage group, and to change those of several volumes at once. Pure.

Only the storage group's own resource takes snapshots of one moment. Everything else goes to the resource of volumes,
which names them one by one: who is in the group by then does not matter, and no volume of anybody else is touched.
Source: unisphere-rest.md 6.13 and 6.14.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, POST, PUT, Call, JsonObject, Subject
from pmax.adapters.rest.storage_group_calls import SYNCHRONOUS
from pmax.adapters.rest.volume_calls import device_text
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import (
    CreateGroupSnapshot,
    CreateTemporaryGroupSnapshot,
    DeleteTemporaryGroupSnapshot,
    LinkSnapshots,
    TerminateGroupSnapshot,
    UnlinkSnapshots,
    VolumeReference,
)
from pmax.domain.snapvx import SnapshotKey, SnapshotReference

_NO: Final = "false"
_YES: Final = "true"


def create(step: CreateGroupSnapshot | CreateTemporaryGroupSnapshot, dialect: Dialect) -> Call:
    """Take a snapshot of every volume of a storage group."""
    return Call(
        verb=POST,
        path=paths.SNAPSHOTS_OF_GROUP.at(dialect, array=step.array_id, name=step.storage_group),
        subject=Subject(kind="storage group", name=step.storage_group, array_id=step.array_id),
        operation=str(step),
        body={**SYNCHRONOUS, "snapshotName": step.name},
    )


def terminate(
    step: TerminateGroupSnapshot | DeleteTemporaryGroupSnapshot, reference: SnapshotReference, dialect: Dialect
) -> Call:
    """Delete the snapshots of several volumes."""
    body = {"deviceNameListSource": _devices(step.devices), **_which(reference)}
    return _call(DELETE, step.array_id, step.name, str(step), body, dialect)


def link(step: LinkSnapshots, dialect: Dialect) -> Call:
    """Present snapshots on volumes."""
    modes = {"copy": _YES if step.with_copy else _NO, "nocopy": _NO if step.with_copy else _YES}
    return _pairs("Link", step, {**modes, "exact": _NO, "remote": _NO, "symforce": _NO}, dialect)


def unlink(step: UnlinkSnapshots, dialect: Dialect) -> Call:
    """Take snapshots off volumes."""
    return _pairs("Unlink", step, {"symforce": _YES if step.is_target_discarded else _NO}, dialect)


def _pairs(action: str, step: LinkSnapshots | UnlinkSnapshots, extra: JsonObject, dialect: Dialect) -> Call:
    body = {
        "action": action,
        "deviceNameListSource": _devices(step.devices),
        "deviceNameListTarget": _devices(step.targets),
        "star": _NO,
        "force": _NO,
        **extra,
        **_which(step.snapshot),
    }
    return _call(PUT, step.array_id, step.name, str(step), body, dialect)


def _call(verb: str, array: ArrayId, name: str, operation: str, body: JsonObject, dialect: Dialect) -> Call:
    path = paths.SNAPSHOT.at(dialect, array=array, name=name)
    subject = Subject(kind="snapshot", name=name, array_id=array)
    return Call(verb=verb, path=path, subject=subject, operation=operation, body=body)


def _devices(devices: Iterable[VolumeReference]) -> list[JsonObject]:
    return [{"name": device_text(device)} for device in devices]


def _which(reference: SnapshotReference) -> JsonObject:
    if isinstance(reference, SnapshotKey) and reference.snap_id is not None:
        return {"snap_id": reference.snap_id}
    # There is one snapshot of the name only, so it is the newest.
    return {"generation": 0}
