"""What will be true on the array when a plan is done, object by object: the sum of its steps.

A later step on the same object has the last word: a volume that leaves its groups and is then deleted is gone, and
nothing else is said of it.
"""

from __future__ import annotations

from typing import Final

import attrs

from pmax.domain.plans import (
    AddReplicatedVolume,
    AddVolume,
    CreatePair,
    CreateReplicatedVolume,
    CreateSnapshot,
    CreateTemporarySnapshot,
    CreateVolume,
    DeleteInitiatorGroup,
    DeleteMaskingView,
    DeletePair,
    DeleteStorageGroup,
    DeleteTemporarySnapshot,
    DeleteVolume,
    EnsureChildStorageGroup,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    EnsureStorageGroup,
    ExpandVolume,
    FailbackSession,
    FailoverSession,
    LinkSnapshot,
    MoveVolume,
    Plan,
    PruneInitiatorGroup,
    PruneStorageGroup,
    RemoveChildStorageGroup,
    RemoveVolume,
    RenameVolume,
    RestoreSnapshot,
    ResumeSession,
    SetHostIoLimits,
    Step,
    SuspendSession,
    TerminateSnapshot,
    UnlinkSnapshot,
    is_await,
)

_GONE: Final = "is gone"


@attrs.frozen
class EndState:
    """What will be true of one object.

    Attributes:
        kind: in the field's words.
        name: of the object.
        claims: what is true of it, in words.
    """

    kind: str
    name: str
    claims: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {', '.join(self.claims)}" if self.claims else f"{self.kind}: {self.name}"


class _Claims:
    """Claims by object, each about one aspect, so that a later one can take the place of an earlier one."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], dict[str, str]] = {}

    def say(self, kind: str, name: object, aspect: str, claim: str) -> None:
        claims = self._objects.setdefault((kind, str(name)), {})
        claims.pop(_GONE, None)
        claims.pop(aspect, None)
        claims[aspect] = claim

    def gone(self, kind: str, name: object, claim: str = _GONE) -> None:
        self._objects.pop((kind, str(name)), None)
        self._objects[kind, str(name)] = {_GONE: claim}

    def all(self) -> tuple[EndState, ...]:
        return tuple(EndState(kind, name, tuple(claims.values())) for (kind, name), claims in self._objects.items())


def end_states(plan: Plan) -> tuple[EndState, ...]:
    """Sum up what a plan does; objects in the order in which they are touched first or, if they go, last."""
    claims = _Claims()
    for step in plan.steps:
        if not (
            _volumes(step, claims)
            or _groups(step, claims)
            or _copies(step, claims)
            or _pairs(step, claims)
            or is_await(step)
        ):
            claims.say("done", str(step), "", "")
    return tuple(EndState(each.kind, each.name, tuple(filter(None, each.claims))) for each in claims.all())


def _volumes(step: Step, claims: _Claims) -> bool:
    match step:
        case CreateVolume() | CreateReplicatedVolume():
            claims.say("volume", step.identifier, "", "exists")
            claims.say("volume", step.identifier, "size", f"has {step.capacity.gigabytes_shown:g} GiB")
            claims.say("volume", step.identifier, step.storage_group, f"is in storage group {step.storage_group}")
        case DeleteVolume():
            claims.gone("volume", step.device, "is gone with its data")
        case RenameVolume():
            claims.say("volume", _name(step.device), "name", f"is called {step.after or 'nothing'}")
        case ExpandVolume():
            claims.say("volume", _name(step.device), "size", f"has {step.after.gigabytes_shown:g} GiB")
        case AddVolume():
            text = f"is in storage group {step.storage_group}"
            claims.say("volume", _name(step.device), step.storage_group, text)
        case RemoveVolume():
            text = f"is not in storage group {step.storage_group}"
            claims.say("volume", _name(step.device), step.storage_group, text)
        case MoveVolume():
            claims.say("volume", _name(step.device), step.source, "")
            claims.say("volume", _name(step.device), step.target, f"is in storage group {step.target}")
        case _:
            return False
    return True


def _groups(step: Step, claims: _Claims) -> bool:  # noqa: C901 - a table of steps
    match step:
        case EnsureStorageGroup():
            claims.say("storage group", step.definition.name, "", "exists")
        case DeleteStorageGroup():
            claims.gone("storage group", step.definition.name)
        case PruneStorageGroup():
            claims.say("storage group", step.name, "prune", "is gone if nothing is left in it")
        case EnsureChildStorageGroup():
            claims.say("storage group", step.child, step.parent, f"is below {step.parent}")
        case RemoveChildStorageGroup():
            claims.say("storage group", step.child, step.parent, f"is not below {step.parent}")
        case SetHostIoLimits():
            claims.say("storage group", step.storage_group, "limits", f"has limits {step.after or 'none'}")
        case EnsureInitiatorGroup():
            claims.say("host", step.name, "", f"exists with {', '.join(sorted(step.initiators))}")
        case DeleteInitiatorGroup():
            claims.gone("host", step.name)
        case PruneInitiatorGroup():
            claims.say("host", step.name, "prune", "is gone if no view uses it")
        case EnsureMaskingView():
            text = f"shows {step.storage_group} to {step.initiator_group} through {step.port_group}"
            claims.say("masking view", step.name, "", text)
        case DeleteMaskingView():
            claims.gone("masking view", step.name)
        case _:
            return False
    return True


def _copies(step: Step, claims: _Claims) -> bool:
    match step:
        case CreateSnapshot() | CreateTemporarySnapshot():
            claims.say("snapshot", f"{step.name} of volume {step.device}", "", "exists")
        case TerminateSnapshot() | DeleteTemporarySnapshot():
            claims.gone("snapshot", f"{step.name} of volume {step.device}")
        case LinkSnapshot():
            claims.say("volume", _name(step.target), "link", f"shows snapshot {step.name} of volume {step.device}")
        case UnlinkSnapshot():
            claims.say("volume", _name(step.target), "link", f"does not show snapshot {step.name} any more")
        case RestoreSnapshot():
            claims.say("volume", _name(step.device), "data", f"has the data of snapshot {step.name}")
        case CreatePair() | AddReplicatedVolume():
            text = f"is replicated to array {step.link.remote_array_id}"
            claims.say("volume", _name(step.device), step.link.remote_array_id, text)
        case DeletePair():
            text = f"is not replicated to array {step.link.remote_array_id}"
            claims.say("volume", _name(step.device), step.link.remote_array_id, text)
        case _:
            return False
    return True


def _name(device: object) -> str:
    """A device, or what a volume that does not exist yet will be called."""
    return getattr(device, "identifier", None) or str(device)


def _pairs(step: Step, claims: _Claims) -> bool:
    match step:
        case SuspendSession():
            text = "do not replicate"
        case ResumeSession():
            text = "replicate"
        case FailoverSession():
            text = "are failed over: hosts write to R2"
        case FailbackSession():
            text = "are failed back: hosts write to R1, which has the data of R2"
        case _:
            return False
    claims.say("pairs of storage group", step.storage_group, "session", text)
    return True
