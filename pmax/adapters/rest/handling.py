"""How a step is carried out and how its fate is found out: what all steps have in common.

A step's handler knows three things: what is sent, what the answer proves, and how the array looks once the step has
taken effect. The last one serves twice: after a lost answer, and after a refusal, which may only mean that the wanted
state was there already.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import attrs

from pmax.adapters.rest.arrays import RestArrayReader
from pmax.adapters.rest.client import CallBuilder
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.jobs import Jobs
from pmax.adapters.rest.masking import RestMaskingReader
from pmax.adapters.rest.messages import Call
from pmax.adapters.rest.replication import RestReplicationReader
from pmax.adapters.rest.resources import Resources
from pmax.adapters.rest.snapshots import RestSnapshotReader
from pmax.adapters.rest.storage_groups import RestStorageGroupReader
from pmax.adapters.rest.volumes import RestVolumeReader
from pmax.adapters.rest.wire import JobReply
from pmax.domain.errors import ArrayRejected, Conflict, JobFailed, MalformedReply, PmaxError, Unavailable
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.plans import Step, StepOutcome, VolumeReference
from pmax.domain.storage_groups import StorageGroup
from pmax.ports.array_commands import Claim
from pmax.ports.runtime import Clock, Deadline

S = TypeVar("S", bound=Step)

#: Time for what must be attempted although the operation's time is up.
_GRACE_S = 60.0

CHANGED = StepOutcome(changed=True)
UNCHANGED = StepOutcome(changed=False)


class UndecidedError(Exception):
    """What the array shows fits neither to a step that took effect nor to one that did not."""


@attrs.frozen(kw_only=True)
class Change:
    """A change that the array says it has made.

    Attributes:
        payload: the state after it, as JSON; None where the answer does not show it.
        job: that made it; None if it was made before the answer.
        endpoint: host and port of the server.
    """

    payload: object
    job: JobReply | None
    endpoint: str


@attrs.frozen(kw_only=True)
class ArrayAccess:
    """Everything that handlers need.

    Attributes:
        resources: sends calls and makes values.
        jobs: follows jobs.
        arrays: reader.
        volumes: reader.
        storage_groups: reader.
        masking: reader.
        snapshots: reader.
        replication: reader.
        clock: for deadlines.
        operation_timeout_s: for what has no deadline of its own.
    """

    resources: Resources
    jobs: Jobs
    arrays: RestArrayReader
    volumes: RestVolumeReader
    storage_groups: RestStorageGroupReader
    masking: RestMaskingReader
    snapshots: RestSnapshotReader
    replication: RestReplicationReader
    clock: Clock
    operation_timeout_s: float

    def change(self, build: CallBuilder, deadline: Deadline) -> Change:
        """Send a change and wait until it is made; what the server answers decides whether there is a job.

        Raises:
            PmaxError: as `ArrayCommands.apply` says.
        """
        answer = self.resources.client.demand(build, deadline)
        endpoint = answer.server.endpoint
        if answer.reply.is_accepted:
            return Change(payload=None, job=self.jobs.finish(answer, deadline), endpoint=endpoint)
        return Change(payload=answer.reply.payload, job=None, endpoint=endpoint)

    @contextmanager
    def reading_result_of(self, change: Change) -> Iterator[None]:
        """Read what a change did that the array has made. A read that fails does not unmake it: its answer is lost.

        Raises:
            JobFailed: as the caller raises it.
            Unavailable: the result could not be read; the change was sent.
        """
        try:
            yield
        except JobFailed:
            raise
        except PmaxError as error:
            raise Unavailable(change.endpoint, f"its result could not be read: {error}", sent=True) from error

    def storage_group_in(self, change: Change, array: ArrayId) -> StorageGroup | None:
        """The storage group that the answer shows; None if it shows none, which is no fault of the change."""
        if change.payload is None:
            return None
        try:
            return self.resources.structurer.structure(change.payload, StorageGroup, "storage group", array)
        except MalformedReply:
            return None

    def emptied(self, change: Change, array: ArrayId, name: str) -> frozenset[str]:
        """The group, if the answer says of it that it holds no volumes any more."""
        group = self.storage_group_in(change, array)
        is_empty = group is not None and group.name == name and group.volume_count == 0
        return frozenset({name}) if is_empty else frozenset()

    def found_empty(self, array: ArrayId, name: str) -> frozenset[str]:
        """The group, if it is read to hold no volumes any more; for when the answer that would say so is lost."""
        group = self.storage_groups.find_storage_group(array, name)
        is_empty = group is not None and group.volume_count == 0
        return frozenset({name}) if is_empty else frozenset()

    def strangers(self, array: ArrayId, storage_group: str, claim: Claim) -> str:
        """Which volumes that an operation cannot call its own are in a group or in its children; empty for none."""
        group = self.storage_groups.find_storage_group(array, storage_group)
        if group is None:
            return ""
        found: set[DeviceId] = set()
        for name in (storage_group, *group.children):
            found |= set(self.volumes.list_devices(array, storage_group=name))
        others = sorted(found - claim.devices)
        return f"storage group {storage_group} holds volumes {', '.join(others)}" if others else ""

    def sight_lost(self, array: ArrayId, devices: Iterable[DeviceId], source: str, target: str = "") -> str:
        """Which of these volumes hosts see through a group that they are to leave, in words; empty for none.

        Args:
            array: serial of the array.
            devices: the volumes.
            source: the group that they leave.
            target: the group into which they go; "" for none.
        """
        views = self._views_of(array, source) - self._views_of(array, target)
        if not views:
            return ""
        seen = sorted(set(devices).intersection(self.volumes.list_devices(array, storage_group=source)))
        return f"a host sees volume {', '.join(seen)} through masking view {', '.join(sorted(views))}" if seen else ""

    def _views_of(self, array: ArrayId, storage_group: str) -> frozenset[str]:
        group = self.storage_groups.find_storage_group(array, storage_group) if storage_group else None
        return frozenset(group.masking_views) if group else frozenset()

    def fresh_deadline(self) -> Deadline:
        """For what must be attempted although the operation's time is up."""
        return Deadline.after(self.clock, min(_GRACE_S, self.operation_timeout_s))


class StepHandler(ABC, Generic[S]):
    """Carries out one class of steps."""

    def __init__(self, access: ArrayAccess) -> None:
        """Take what every handler needs."""
        self.access = access

    @abstractmethod
    def calls(self, step: S, dialect: Dialect) -> tuple[Call, ...]:
        """Every call that changes the array in the normal case, for those who only want to see them."""

    @abstractmethod
    def apply(self, step: S, deadline: Deadline) -> StepOutcome:
        """Carry the step out; raises as `ArrayCommands.apply` does."""

    @abstractmethod
    def look(self, step: S) -> StepOutcome | None:
        """Read whether the step has taken effect.

        Returns:
            The outcome as `apply` would have returned it; None if the array is as it was before.

        Raises:
            UndecidedError: it is neither.
            PmaxError: it could not be read.
        """

    def objection(self, step: S, claim: Claim) -> str:  # noqa: ARG002 - for those that take things away
        """See `ArrayCommands`; nothing speaks against a step that takes nothing away, or that looks for itself."""
        return ""


class OneCallHandler(StepHandler[S]):
    """Carries out steps that are one call. A refusal is no failure if the wanted state is there."""

    @abstractmethod
    def call(self, step: S, dialect: Dialect) -> Call:
        """What is sent."""

    def calls(self, step: S, dialect: Dialect) -> tuple[Call, ...]:
        """See `StepHandler`."""
        return (self.call(step, dialect),)

    def outcome(self, step: S, change: Change) -> StepOutcome:  # noqa: ARG002 - for those who look at the answer
        """What the answer proves."""
        return CHANGED

    def is_there(self, step: S) -> bool:
        """Whether the wanted state is there, after the step was refused. Raises as `look` does."""
        return self.look(step) is not None

    def apply(self, step: S, deadline: Deadline) -> StepOutcome:
        """See `StepHandler`."""
        try:
            change = self.access.change(lambda dialect: self.call(step, dialect), deadline)
        except (Conflict, ArrayRejected) as refusal:
            try:
                is_there = self.is_there(step)
            except (PmaxError, UndecidedError):
                # The refusal says more than that it could not be looked into.
                is_there = False
            if is_there:
                return UNCHANGED
            raise refusal from None
        with self.access.reading_result_of(change):
            return self.outcome(step, change)


class AwaitHandler(StepHandler[S]):
    """Looks once, and changes nothing; the waiting is the executor's."""

    @abstractmethod
    def seen(self, step: S) -> StepOutcome:
        """What is seen now: settled, or not yet.

        Raises:
            PmaxError: it could not be read, or can never be as wanted any more.
        """

    def calls(self, step: S, dialect: Dialect) -> tuple[Call, ...]:  # noqa: ARG002 - nothing is changed
        """See `StepHandler`."""
        return ()

    def apply(self, step: S, deadline: Deadline) -> StepOutcome:  # noqa: ARG002 - it does not wait
        """See `StepHandler`."""
        return self.seen(step)

    def look(self, step: S) -> StepOutcome | None:
        """See `StepHandler`."""
        outcome = self.seen(step)
        return outcome if outcome.is_settled else None


def real_device(device: VolumeReference) -> DeviceId:
    """The device of a step that is to be carried out.

    Raises:
        TypeError: the step still names a volume that an earlier step should have made; a fault of the executor.
    """
    if not isinstance(device, str):
        raise TypeError(f"{device} has no device id yet")
    return device
