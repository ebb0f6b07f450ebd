"""What is sent to take snapshots of a storage group, and to change those of several volumes at once. Pure.

Only the storage group's own resource takes snapshots of one moment. Everything else goes to the resource of volumes,
which names them one by one: who is in the group by then does not matter, and no volume of anybody else is touched.
Source: unisphere-rest.md 6.13 and 6.14.
"""

from __future__ import annotations

from collections.abc import Iterable

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, POST, PUT, Call, JsonObject, Subject
from pmax.adapters.rest.snapshot_calls import NO, PLAIN, YES, call_on_snapshot
from pmax.adapters.rest.storage_group_calls import SYNCHRONOUS
from pmax.adapters.rest.volume_calls import device_text
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
    return call_on_snapshot(DELETE, step.array_id, step.name, str(step), body, dialect)


def link(step: LinkSnapshots, dialect: Dialect) -> Call:
    """Present snapshots on volumes."""
    modes = {"copy": YES if step.with_copy else NO, "nocopy": NO if step.with_copy else YES}
    return _pairs("Link", step, {**modes, "exact": NO, "remote": NO, "symforce": NO}, dialect)


def unlink(step: UnlinkSnapshots, dialect: Dialect) -> Call:
    """Take snapshots off volumes."""
    return _pairs("Unlink", step, {"symforce": YES if step.is_target_discarded else NO}, dialect)


def _pairs(action: str, step: LinkSnapshots | UnlinkSnapshots, extra: JsonObject, dialect: Dialect) -> Call:
    body = {
        "action": action,
        "deviceNameListSource": _devices(step.devices),
        "deviceNameListTarget": _devices(step.targets),
        **PLAIN,
        **extra,
        **_which(step.snapshot),
    }
    return call_on_snapshot(PUT, step.array_id, step.name, str(step), body, dialect)


def _devices(devices: Iterable[VolumeReference]) -> list[JsonObject]:
    return [{"name": device_text(device)} for device in devices]


def _which(reference: SnapshotReference) -> JsonObject:
    if isinstance(reference, SnapshotKey) and reference.snap_id is not None:
        return {"snap_id": reference.snap_id}
    # There is one snapshot of the name only, so it is the newest.
    return {"generation": 0}
