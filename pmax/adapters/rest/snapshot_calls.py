"""What is sent to change snapshots, links and restores. Pure.

Flags are texts, as the upstream driver sends them. A snap id says which snapshot is meant, and a generation where there
is none; the one that was just taken is generation 0. Source: unisphere-rest.md 6.13.
"""

from __future__ import annotations

from typing import Final

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, POST, PUT, Call, JsonObject, Subject
from pmax.adapters.rest.volume_calls import device_text
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import (
    CreateSnapshot,
    CreateTemporarySnapshot,
    DeleteTemporarySnapshot,
    EndRestore,
    LinkSnapshot,
    RenameSnapshot,
    RestoreSnapshot,
    TerminateSnapshot,
    UnlinkSnapshot,
    VolumeReference,
)
from pmax.domain.plans.snapshots import TEMPORARY_LIFE_HOURS
from pmax.domain.snapvx import SnapshotKey, SnapshotReference

NO: Final = "false"
YES: Final = "true"
PLAIN: Final[JsonObject] = {"star": NO, "force": NO}


def create(step: CreateSnapshot | CreateTemporarySnapshot, dialect: Dialect) -> Call:
    """Take a snapshot."""
    hours = TEMPORARY_LIFE_HOURS if isinstance(step, CreateTemporarySnapshot) else step.life_hours
    life = {} if hours is None else {"timeToLive": hours, "timeInHours": YES}
    body = {"deviceNameListSource": _devices(step.device), "bothSides": NO, **PLAIN, **life}
    return call_on_snapshot(POST, step.array_id, step.name, str(step), body, dialect)


def terminate(
    step: TerminateSnapshot | DeleteTemporarySnapshot, reference: SnapshotReference, dialect: Dialect
) -> Call:
    """Delete a snapshot."""
    body = {"deviceNameListSource": _devices(step.device), **_which(reference)}
    return call_on_snapshot(DELETE, step.array_id, step.name, str(step), body, dialect)


def link(step: LinkSnapshot, dialect: Dialect) -> Call:
    """Present a snapshot on a volume."""
    modes = {"copy": YES if step.with_copy else NO, "nocopy": NO if step.with_copy else YES}
    extra = {**modes, "exact": NO, "remote": NO, "symforce": NO}
    return _pair("Link", step, extra, dialect)


def unlink(step: UnlinkSnapshot, dialect: Dialect) -> Call:
    """Take a snapshot off a volume."""
    return _pair("Unlink", step, {"symforce": YES if step.is_target_discarded else NO}, dialect)


def restore(step: RestoreSnapshot, dialect: Dialect) -> Call:
    """Give the source the data of its snapshot back."""
    return _on_itself("Restore", step, step.name, {}, dialect)


def end_restore(step: EndRestore, dialect: Dialect) -> Call:
    """Terminate a restore, and not the snapshot."""
    body = {"deviceNameListSource": _devices(step.device), "restore": True, **_which(step.snapshot)}
    return call_on_snapshot(DELETE, step.array_id, step.name, str(step), body, dialect)


def rename(step: RenameSnapshot, dialect: Dialect) -> Call:
    """Give a snapshot another name."""
    return _on_itself("Rename", step, step.before, {"newsnapshotname": step.after}, dialect)


def _pair(action: str, step: LinkSnapshot | UnlinkSnapshot, extra: JsonObject, dialect: Dialect) -> Call:
    body = {
        "action": action,
        "deviceNameListSource": _devices(step.device),
        "deviceNameListTarget": _devices(step.target),
        **PLAIN,
        **extra,
        **_which(step.snapshot),
    }
    return call_on_snapshot(PUT, step.array_id, step.name, str(step), body, dialect)


def _on_itself(
    action: str, step: RestoreSnapshot | RenameSnapshot, name: str, extra: JsonObject, dialect: Dialect
) -> Call:
    devices = _devices(step.device)
    body = {
        "action": action,
        "deviceNameListSource": devices,
        "deviceNameListTarget": devices,
        **PLAIN,
        **extra,
        **_which(step.snapshot),
    }
    return call_on_snapshot(PUT, step.array_id, name, str(step), body, dialect)


def call_on_snapshot(verb: str, array: ArrayId, name: str, operation: str, body: JsonObject, dialect: Dialect) -> Call:
    """What is sent of snapshots of a name, whichever volumes have them."""
    path = paths.SNAPSHOT.at(dialect, array=array, name=name)
    subject = Subject(kind="snapshot", name=name, array_id=array)
    return Call(verb=verb, path=path, subject=subject, operation=operation, body=body)


def _devices(device: VolumeReference) -> list[JsonObject]:
    return [{"name": device_text(device)}]


def _which(reference: SnapshotReference) -> JsonObject:
    if isinstance(reference, SnapshotKey):
        return {"generation": reference.generation} if reference.snap_id is None else {"snap_id": reference.snap_id}
    return {"generation": 0}
