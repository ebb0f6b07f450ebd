"""Every step in one union, what is true of all of them, and the plan that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, TypeAlias

import attrs

from pmax.domain.identifiers import DeviceId
from pmax.domain.plans.group_snapshots import (
    CreateGroupSnapshot,
    CreateTemporaryGroupSnapshot,
    DeleteTemporaryGroupSnapshot,
    GroupSnapshotAwait,
    GroupSnapshotStep,
    UnlinkSnapshots,
    inverse_of_group_snapshot_step,
)
from pmax.domain.plans.masking import AwaitLunAddress, MaskingStep, PruneInitiatorGroup, inverse_of_masking_step
from pmax.domain.plans.rdf_pairs import (
    AwaitPair,
    CreateReplicatedVolume,
    DiscardPair,
    RdfPairStep,
    inverse_of_rdf_pair_step,
)
from pmax.domain.plans.rdf_sessions import (
    AwaitMembership,
    AwaitSession,
    FailbackSession,
    FailoverSession,
    RdfSessionStep,
    ResumeSession,
    SuspendSession,
    inverse_of_rdf_session_step,
)
from pmax.domain.plans.references import NewVolume
from pmax.domain.plans.snapshots import (
    AwaitLinkDefined,
    AwaitRestored,
    AwaitSnapshot,
    AwaitSnapshotGone,
    CreateSnapshot,
    CreateTemporarySnapshot,
    DeleteTemporarySnapshot,
    LinkSnapshot,
    SnapshotStep,
    UnlinkSnapshot,
    inverse_of_snapshot_step,
)
from pmax.domain.plans.storage_groups import (
    AddTags,
    DissolveStorageGroup,
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    PruneStorageGroup,
    StorageGroupStep,
    inverse_of_storage_group_step,
)
from pmax.domain.plans.volumes import AddVolumes, CreateVolume, DeleteVolume, VolumeStep, inverse_of_volume_step
from pmax.domain.snapvx import NewSnapshot, SnapshotKey

Step: TypeAlias = (
    StorageGroupStep | VolumeStep | MaskingStep | SnapshotStep | GroupSnapshotStep | RdfPairStep | RdfSessionStep
)


def inverse(step: Step) -> Step | None:  # noqa: PLR0911 - a table of kinds is best read as one
    """Give the step that takes `step` back, or None when nothing can or needs to."""
    if isinstance(step, StorageGroupStep):
        return inverse_of_storage_group_step(step)
    if isinstance(step, VolumeStep):
        return inverse_of_volume_step(step)
    if isinstance(step, SnapshotStep):
        return inverse_of_snapshot_step(step)
    if isinstance(step, GroupSnapshotStep):
        return inverse_of_group_snapshot_step(step)
    if isinstance(step, RdfPairStep):
        return inverse_of_rdf_pair_step(step)
    if isinstance(step, RdfSessionStep):
        return inverse_of_rdf_session_step(step)
    return inverse_of_masking_step(step)


def is_housekeeping(step: Step) -> bool:
    """Whether a step only tidies up: it may be tried again, and its failure does not fail the operation."""
    return isinstance(step, PruneStorageGroup | PruneInitiatorGroup | DissolveStorageGroup)


def is_await(step: Step) -> bool:
    """Whether a step only looks, until it sees what it waits for."""
    snapshots = AwaitSnapshot | AwaitSnapshotGone | AwaitLinkDefined | AwaitRestored
    replication = AwaitPair | AwaitSession | AwaitMembership
    return isinstance(step, AwaitLunAddress | snapshots | GroupSnapshotAwait | replication)


def only_prepares(step: Step) -> bool:
    """Whether a step, in a plan that takes something away, only makes what that needs, or waits for it."""
    return is_await(step) or isinstance(step, EnsureStorageGroup | EnsureChildStorageGroup | AddVolumes | AddTags)


def makes_something_new(step: Step) -> bool:
    """Whether what a step makes is known to its operation alone, so that nobody else can have made it, too."""
    snapshots = CreateSnapshot | CreateTemporarySnapshot | CreateGroupSnapshot | CreateTemporaryGroupSnapshot
    return isinstance(step, CreateVolume | CreateReplicatedVolume | snapshots)


def is_left_done(step: Step) -> bool:
    """Whether a step is not taken back when a later one fails: it has no way back, and nothing is lost by it."""
    return isinstance(step, UnlinkSnapshot | DeleteTemporarySnapshot | UnlinkSnapshots | DeleteTemporaryGroupSnapshot)


def outlives_its_group(step: Step) -> bool:
    """Whether what a step did stays when the storage group is gone through which it did: pairs keep their state."""
    return isinstance(step, SuspendSession | ResumeSession | FailoverSession | FailbackSession)


def deletes_a_volume(step: Step) -> bool:
    """Whether what a step takes away is a volume: that a group of it is gone says nothing about it."""
    return isinstance(step, DeleteVolume | DiscardPair)


class Recovery(Enum):
    """What happens to an operation whose process died in the middle."""

    UNDO = "undo"
    FINISH = "finish"


def _check_order(_plan: object, _attribute: object, steps: tuple[Step, ...]) -> None:
    tidying = [is_housekeeping(step) for step in steps]
    if tidying != sorted(tidying):
        raise ValueError("what tidies up comes last, since it cannot be taken back when a later step fails")


@attrs.frozen(kw_only=True)
class Plan:
    """The steps of one operation, in order.

    Attributes:
        steps: may be empty: then everything is as wanted already. What tidies up comes last.
        recovery: whether an interrupted operation is taken back (it makes something) or, once it has begun to take
            something away, finished.
    """

    steps: tuple[Step, ...] = attrs.field(default=(), validator=_check_order)
    recovery: Recovery = Recovery.UNDO


def plan_of(steps: Iterable[Step], recovery: Recovery = Recovery.UNDO) -> Plan:
    """Make a plan of steps, with those that tidy up moved to its end."""
    return Plan(steps=tuple(sorted(steps, key=is_housekeeping)), recovery=recovery)


def resolve(step: Step, created: Mapping[tuple[str, bool], DeviceId]) -> Step:
    """Put the real device in the place of every `NewVolume` that a step's own fields hold.

    Args:
        step: any step.
        created: `NewVolume.key` → device, of the volumes made so far in this operation.
    """
    known: dict[str, Any] = {}
    for name, value in attrs.asdict(step, recurse=False).items():
        if isinstance(value, tuple) and any(isinstance(each, NewVolume) for each in value):
            known[name] = tuple(_resolved(each, created) for each in value)
        elif isinstance(value, NewVolume):
            known[name] = _resolved(value, created)
    return attrs.evolve(step, **known) if known else step


def pinned(step: Step, snapshots: Mapping[tuple[DeviceId, str], SnapshotKey]) -> Step:
    """Put the key of a snapshot in the place of a `NewSnapshot`.

    Args:
        step: any step.
        snapshots: volume and name → key, of the snapshots taken in this operation as far as their keys are known.
    """
    if not isinstance(step, LinkSnapshot | UnlinkSnapshot | DeleteTemporarySnapshot | AwaitLinkDefined):
        return step
    key = snapshots.get((step.device, step.name)) if isinstance(step.snapshot, NewSnapshot) else None
    return step if key is None else attrs.evolve(step, snapshot=key)


def _resolved(value: object, created: Mapping[tuple[str, bool], DeviceId]) -> object:
    return created.get(value.key, value) if isinstance(value, NewVolume) else value


def is_resolved(step: Step) -> bool:
    """Whether every volume that the step's own fields hold is a real device."""
    values = attrs.asdict(step, recurse=False).values()
    return not any(isinstance(each, NewVolume) for value in values for each in _several(value))


def _several(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
