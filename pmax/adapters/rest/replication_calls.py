"""What is sent to make, change and end SRDF replication. Pure.

Source: unisphere-rest.md 6.6, 6.17 and 6.18, driver-attach-replication.md 7.5 to 7.7. Flags are texts, as the upstream
driver sends them.
"""

from __future__ import annotations

from typing import Final

from pmax.adapters.rest import paths, volume_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, POST, PUT, Call, JsonObject, Subject
from pmax.adapters.rest.storage_group_calls import SYNCHRONOUS, edit, storage_group
from pmax.adapters.rest.volume_calls import device_text
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import (
    AddReplicatedVolume,
    CreatePair,
    CreateReplicatedVolume,
    CreateVolume,
    DeletePair,
    DiscardPair,
    FailbackSession,
    FailoverSession,
    ProtectStorageGroup,
    ResumeSession,
    SuspendSession,
    UnprotectStorageGroup,
)
from pmax.domain.srdf import RdfLink, SessionAction

_FORCED: Final[JsonObject] = {"force": "true"}


def plain(step: CreateReplicatedVolume) -> CreateVolume:
    """The part of a step that is about the local volume alone."""
    return CreateVolume(
        array_id=step.array_id,
        storage_group=step.storage_group,
        identifier=step.identifier,
        capacity=step.capacity,
    )


def create_volume(step: CreateReplicatedVolume, dialect: Dialect) -> Call:
    """Make a volume in a replicated storage group, and its other side with it, as a job."""
    _require(dialect)
    return volume_calls.create(plain(step), dialect, _remote(step.link, step.remote_storage_groups))


def add_volume(step: AddReplicatedVolume, dialect: Dialect) -> Call:
    """Put a volume into a replicated storage group, which pairs it with one that the remote array makes.

    Seen in what `gopowermax` sends, the library of the CSI driver: the same shape as for a new volume.
    """
    _require(dialect)
    volumes = {
        "volumeId": [device_text(step.device)],
        "remoteSymmSGInfoParam": _remote(step.link, step.remote_storage_groups),
    }
    action = {"expandStorageGroupParam": {"addSpecificVolumeParam": volumes}}
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action)


def create_pair(step: CreatePair, dialect: Dialect) -> Call:
    """Pair a volume with one that the remote array makes.

    That `establish` and `exempt` go together is seen in the private form of the same call (7.6), and assumed here.
    """
    _require(dialect)
    terms = step.terms
    body: dict[str, object] = {
        **SYNCHRONOUS,
        "rdfMode": terms.mode,
        "rdfType": "RDF1",
        "localDeviceListCriteriaParam": {"localDeviceList": [device_text(step.device)]},
    }
    if terms.establishes:
        body["establish"] = "true"
    if terms.is_exempt:
        body["exempt"] = "true"
    if terms.has_bias and not terms.is_exempt:
        body["metroBias"] = "true"
    path = paths.RDF_PAIRS.at(dialect, array=step.array_id, number=str(step.link.rdf_group))
    return Call(
        verb=POST, path=path, subject=_pair(step.link, device_text(step.device)), operation=str(step), body=body
    )


def leave(step: DeletePair | DiscardPair, dialect: Dialect) -> Call:
    """Take a volume out of a storage group, its other side out of others, and end their pair."""
    _require(dialect)
    action = {
        "removeVolumeParam": {
            "volumeId": [device_text(step.device)],
            "remoteSymmSGInfoParam": _remote(step.link, step.remote_storage_groups),
        }
    }
    return edit(dialect, storage_group(step.array_id, step.storage_group), str(step), action)


def protect(step: ProtectStorageGroup, dialect: Dialect) -> Call:
    """Replicate a storage group."""
    terms = step.terms
    body: dict[str, object] = {
        **SYNCHRONOUS,
        "replicationMode": terms.mode,
        "remoteSymmId": step.link.remote_array_id,
        "rdfgNumber": step.link.rdf_group,
        "remoteStorageGroupName": step.remote_storage_group,
        "remoteSLO": step.remote_service_level or "None",
        "establish": _flag(terms.establishes),
    }
    if terms.has_bias is not None:
        body["metroBias"] = _flag(terms.has_bias)
    path = paths.GROUP_RDF_GROUPS.at(dialect, array=step.array_id, name=step.storage_group)
    group = storage_group(step.array_id, step.storage_group)
    return Call(verb=POST, path=path, subject=group, operation=str(step), body=body)


def unprotect(step: UnprotectStorageGroup, dialect: Dialect) -> Call:
    """Delete the pairs of a storage group, whatever state they are in."""
    path = paths.RDF_SESSION.at(
        dialect,
        query=(("force", "true"),),
        array=step.array_id,
        name=step.storage_group,
        number=str(step.link.rdf_group),
    )
    group = storage_group(step.array_id, step.storage_group)
    return Call(verb=DELETE, path=path, subject=group, operation=str(step))


def suspend(step: SuspendSession, dialect: Dialect) -> Call:
    """Stop the pairs of a storage group."""
    options = {**_FORCED, "consExempt": _flag(step.is_exempt)}
    return _act(step.array_id, step.storage_group, step.rdf_group, SessionAction.SUSPEND, options, str(step), dialect)


def resume(step: ResumeSession, dialect: Dialect) -> Call:
    """Let the pairs of a storage group replicate again."""
    options: dict[str, object] = {"full": "false"} if step.resume_action is SessionAction.ESTABLISH else {**_FORCED}
    if step.has_bias is not None:
        options["metroBias"] = _flag(step.has_bias)
    return _act(step.array_id, step.storage_group, step.rdf_group, step.resume_action, options, str(step), dialect)


def fail_over(step: FailoverSession, dialect: Dialect) -> Call:
    """Let hosts write to the other side."""
    return _act(step.array_id, step.storage_group, step.rdf_group, SessionAction.FAILOVER, _FORCED, str(step), dialect)


def fail_back(step: FailbackSession, dialect: Dialect) -> Call:
    """Let hosts write to the first side again."""
    action = SessionAction.RESTORE if step.restores else SessionAction.FAILBACK
    return _act(step.array_id, step.storage_group, step.rdf_group, action, _FORCED, str(step), dialect)


def _act(  # noqa: PLR0913, PLR0917 - what every action on a session needs
    array: ArrayId,
    name: str,
    rdf_group: int,
    action: SessionAction,
    options: JsonObject,
    operation: str,
    dialect: Dialect,
) -> Call:
    body = {**SYNCHRONOUS, "action": action.value, action.value.lower(): options}
    path = paths.RDF_SESSION.at(dialect, array=array, name=name, number=str(rdf_group))
    session = Subject(kind="SRDF session", name=name, array_id=array)
    return Call(verb=PUT, path=path, subject=session, operation=operation, body=body)


def _remote(link: RdfLink, names: tuple[str, ...]) -> JsonObject:
    return {
        "remote_symmetrix_1_id": link.remote_array_id,
        "remote_symmetrix_1_sgs": list(names),
        **_FORCED,
    }


def _flag(value: bool) -> str:  # noqa: FBT001 - the service's own spelling of it
    return "true" if value else "false"


def _pair(link: RdfLink, device: str) -> Subject:
    return Subject(kind="SRDF pair", name=device, array_id=link.array_id)


def _require(dialect: Dialect) -> None:
    if not dialect.makes_remote_devices:
        rule = "pairing volumes needs Unisphere 9.2 or later; upgrade it, or take replication_enabled out of the type"
        raise InvalidRequest("replication", f"version {dialect.version} of the API", rule)
