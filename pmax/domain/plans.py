"""Plans: the changes that an operation will make, as values.

A step names one change to the array. It is the only way to change anything: the executor applies steps through one
port, journals them, and takes them back in reverse when a later one fails. What belongs here: the steps, their words
and their inverses. What does not: how a step is sent (the command port's adapter) and when (the executor).

Rules of this module:
- `Ensure…` steps find the wanted state already there to be success; they then changed nothing and are never undone.
- A destructive step carries what it takes to make the object again (its inverse), or the identifier that proves
  whose it is (volumes, which cannot be made again).
- `inverse(inverse(step)) == step` wherever an inverse exists.
- `Prune…` and `Await…` steps are never undone: a prune takes away only what is empty or unused, an await only looks.
  A prune is housekeeping at the end of a plan: it may be tried again, and its failure does not fail the operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TypeAlias

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import Connection
from pmax.domain.qos import HostIoLimits
from pmax.domain.storage_groups import StorageGroupDefinition


@attrs.frozen
class NewVolume:
    """Stands for the device that an earlier `CreateVolume` of the same plan makes.

    Attributes:
        identifier: the identifier given in that step.
    """

    identifier: str

    def __str__(self) -> str:
        return f"the new volume {self.identifier}"


VolumeReference: TypeAlias = DeviceId | NewVolume


def _gib(capacity: Capacity) -> str:
    """A size for people: the part of a cylinder by which the array rounds up is left out."""
    return f"{round(capacity.gib, 2):g}"


@attrs.frozen(kw_only=True)
class EnsureStorageGroup:
    """A storage group of this definition exists. An existing one with another service level is a conflict."""

    array_id: ArrayId
    definition: StorageGroupDefinition

    def __str__(self) -> str:
        level = self.definition.service_level or "no service level"
        return f"create storage group {self.definition.name} ({level})"


@attrs.frozen(kw_only=True)
class DeleteStorageGroup:
    """An empty storage group is gone. The adapter refuses when volumes are in it."""

    array_id: ArrayId
    definition: StorageGroupDefinition

    def __str__(self) -> str:
        return f"delete storage group {self.definition.name}"


@attrs.frozen(kw_only=True)
class PruneStorageGroup:
    """A storage group is gone if this operation left it empty.

    The executor skips it unless an earlier step of the same operation reported `when_emptied` as emptied.

    Attributes:
        name: the group.
        when_emptied: the group whose emptying is the condition; a parent is empty when its last child is.
        parent: the group is first taken from under this one; None when it has no parent (any more).
        is_shared: others may be adding volumes at this moment, without a lock that we share. The adapter then first
            renames the group, which makes them miss it, and deletes it only if it is still empty; else it gives the
            name back.
    """

    array_id: ArrayId
    name: str
    when_emptied: str
    parent: str | None = None
    is_shared: bool = False

    def __str__(self) -> str:
        return f"delete storage group {self.name} if that left it empty"


@attrs.frozen(kw_only=True)
class PruneInitiatorGroup:
    """An initiator group is gone if no masking view uses it any more."""

    array_id: ArrayId
    name: str

    def __str__(self) -> str:
        return f"delete initiator group {self.name} if no masking view uses it"


@attrs.frozen(kw_only=True)
class EnsureChildStorageGroup:
    """A storage group is a child of another; if the parent is in a view, hosts see the child's volumes from now on."""

    array_id: ArrayId
    parent: str
    child: str

    def __str__(self) -> str:
        return f"put storage group {self.child} under {self.parent}"


@attrs.frozen(kw_only=True)
class RemoveChildStorageGroup:
    """A storage group is no longer a child of another."""

    array_id: ArrayId
    parent: str
    child: str

    def __str__(self) -> str:
        return f"take storage group {self.child} from under {self.parent}"


@attrs.frozen(kw_only=True)
class SetHostIoLimits:
    """A storage group has these host I/O limits.

    Attributes:
        before: the limits it had; None for none.
        after: the limits it shall have; None removes them.
    """

    array_id: ArrayId
    storage_group: str
    before: HostIoLimits | None
    after: HostIoLimits | None

    def __str__(self) -> str:
        return f"set host I/O limits of storage group {self.storage_group} to {self.after or 'none'}"


@attrs.frozen(kw_only=True)
class AddTags:
    """A storage group also carries these tags."""

    array_id: ArrayId
    storage_group: str
    tags: tuple[str, ...]

    def __str__(self) -> str:
        return f"tag storage group {self.storage_group} with {', '.join(self.tags)}"


@attrs.frozen(kw_only=True)
class RemoveTags:
    """A storage group no longer carries these tags."""

    array_id: ArrayId
    storage_group: str
    tags: tuple[str, ...]

    def __str__(self) -> str:
        return f"take the tags {', '.join(self.tags)} from storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class CreateVolume:
    """A new thin volume of this identifier and size is in the storage group."""

    array_id: ArrayId
    storage_group: str
    identifier: str
    capacity: Capacity

    def __str__(self) -> str:
        return f"create volume {self.identifier} of {_gib(self.capacity)} GiB in storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class DeleteVolume:
    """A volume and its data are gone. There is no way back.

    Attributes:
        identifier: read under the same lock; the adapter's proof of ownership ("" when the device carries none).
    """

    array_id: ArrayId
    device: VolumeReference
    identifier: str

    def __str__(self) -> str:
        return f"delete volume {self.device} ({self.identifier or 'no identifier'}) and its data"


@attrs.frozen(kw_only=True)
class RenameVolume:
    """A volume carries another identifier ("" for none)."""

    array_id: ArrayId
    device: VolumeReference
    before: str
    after: str

    def __str__(self) -> str:
        return f"rename volume {self.device} from {self.before!r} to {self.after!r}"


@attrs.frozen(kw_only=True)
class ExpandVolume:
    """A volume is larger. The array cannot shrink it again.

    Attributes:
        rdf_group: number of its SRDF group, so that both sides grow; None when it is not paired.
    """

    array_id: ArrayId
    device: VolumeReference
    before: Capacity
    after: Capacity
    rdf_group: int | None = None

    def __str__(self) -> str:
        return f"expand volume {self.device} from {_gib(self.before)} to {_gib(self.after)} GiB"


@attrs.frozen(kw_only=True)
class AddVolume:
    """A volume is also in this storage group."""

    array_id: ArrayId
    device: VolumeReference
    storage_group: str

    def __str__(self) -> str:
        return f"add volume {self.device} to storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class RemoveVolume:
    """A volume is no longer in this storage group."""

    array_id: ArrayId
    device: VolumeReference
    storage_group: str

    def __str__(self) -> str:
        return f"remove volume {self.device} from storage group {self.storage_group}"


@attrs.frozen(kw_only=True)
class MoveVolume:
    """A volume is in the target group instead of the source group, in one atomic change."""

    array_id: ArrayId
    device: VolumeReference
    source: str
    target: str

    def __str__(self) -> str:
        return f"move volume {self.device} from storage group {self.source} to {self.target}"


@attrs.frozen(kw_only=True)
class EnsureInitiatorGroup:
    """An initiator group of this name holds exactly these initiators; another membership is a conflict."""

    array_id: ArrayId
    name: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"create initiator group {self.name} with {', '.join(sorted(self.initiators))}"


@attrs.frozen(kw_only=True)
class DeleteInitiatorGroup:
    """An initiator group that no masking view uses is gone."""

    array_id: ArrayId
    name: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"delete initiator group {self.name}"


@attrs.frozen(kw_only=True)
class AddInitiators:
    """An initiator group also holds these initiators."""

    array_id: ArrayId
    initiator_group: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"add {', '.join(sorted(self.initiators))} to initiator group {self.initiator_group}"


@attrs.frozen(kw_only=True)
class RemoveInitiators:
    """An initiator group no longer holds these initiators."""

    array_id: ArrayId
    initiator_group: str
    initiators: frozenset[str]

    def __str__(self) -> str:
        return f"remove {', '.join(sorted(self.initiators))} from initiator group {self.initiator_group}"


@attrs.frozen(kw_only=True)
class EnsureMaskingView:
    """A masking view joins these three; an existing one with other parts is a conflict."""

    array_id: ArrayId
    name: str
    initiator_group: str
    port_group: str
    storage_group: str

    def __str__(self) -> str:
        return f"create masking view {self.name} ({self.initiator_group}, {self.port_group}, {self.storage_group})"


@attrs.frozen(kw_only=True)
class DeleteMaskingView:
    """A masking view is gone; its three parts stay."""

    array_id: ArrayId
    name: str
    initiator_group: str
    port_group: str
    storage_group: str

    def __str__(self) -> str:
        return f"delete masking view {self.name}"


@attrs.frozen(kw_only=True)
class AwaitLunAddress:
    """Every one of these initiators that the view knows has a LUN address for the volume."""

    array_id: ArrayId
    masking_view: str
    device: VolumeReference

    def __str__(self) -> str:
        return f"wait for the LUN address of volume {self.device} in masking view {self.masking_view}"


Step: TypeAlias = (
    EnsureStorageGroup
    | DeleteStorageGroup
    | PruneStorageGroup
    | PruneInitiatorGroup
    | EnsureChildStorageGroup
    | RemoveChildStorageGroup
    | SetHostIoLimits
    | AddTags
    | RemoveTags
    | CreateVolume
    | DeleteVolume
    | RenameVolume
    | ExpandVolume
    | AddVolume
    | RemoveVolume
    | MoveVolume
    | EnsureInitiatorGroup
    | DeleteInitiatorGroup
    | AddInitiators
    | RemoveInitiators
    | EnsureMaskingView
    | DeleteMaskingView
    | AwaitLunAddress
)


def inverse(step: Step) -> Step | None:  # noqa: C901, PLR0911, PLR0912 - a table of every step is best read as one
    """Give the step that takes `step` back, or None when nothing can or needs to."""
    match step:
        case EnsureStorageGroup(array_id=array_id, definition=definition):
            return DeleteStorageGroup(array_id=array_id, definition=definition)
        case DeleteStorageGroup(array_id=array_id, definition=definition):
            return EnsureStorageGroup(array_id=array_id, definition=definition)
        case EnsureChildStorageGroup(array_id=array_id, parent=parent, child=child):
            return RemoveChildStorageGroup(array_id=array_id, parent=parent, child=child)
        case RemoveChildStorageGroup(array_id=array_id, parent=parent, child=child):
            return EnsureChildStorageGroup(array_id=array_id, parent=parent, child=child)
        case SetHostIoLimits():
            return attrs.evolve(step, before=step.after, after=step.before)
        case RenameVolume():
            return attrs.evolve(step, before=step.after, after=step.before)
        case AddTags(array_id=array_id, storage_group=name, tags=tags):
            return RemoveTags(array_id=array_id, storage_group=name, tags=tags)
        case RemoveTags(array_id=array_id, storage_group=name, tags=tags):
            return AddTags(array_id=array_id, storage_group=name, tags=tags)
        case CreateVolume(array_id=array_id, identifier=identifier):
            return DeleteVolume(array_id=array_id, device=NewVolume(identifier), identifier=identifier)
        case AddVolume(array_id=array_id, device=device, storage_group=name):
            return RemoveVolume(array_id=array_id, device=device, storage_group=name)
        case RemoveVolume(array_id=array_id, device=device, storage_group=name):
            return AddVolume(array_id=array_id, device=device, storage_group=name)
        case MoveVolume():
            return attrs.evolve(step, source=step.target, target=step.source)
        case EnsureInitiatorGroup(array_id=array_id, name=name, initiators=initiators):
            return DeleteInitiatorGroup(array_id=array_id, name=name, initiators=initiators)
        case DeleteInitiatorGroup(array_id=array_id, name=name, initiators=initiators):
            return EnsureInitiatorGroup(array_id=array_id, name=name, initiators=initiators)
        case AddInitiators(array_id=array_id, initiator_group=group, initiators=initiators):
            return RemoveInitiators(array_id=array_id, initiator_group=group, initiators=initiators)
        case RemoveInitiators(array_id=array_id, initiator_group=group, initiators=initiators):
            return AddInitiators(array_id=array_id, initiator_group=group, initiators=initiators)
        case EnsureMaskingView():
            return DeleteMaskingView(**attrs.asdict(step))
        case DeleteMaskingView():
            return EnsureMaskingView(**attrs.asdict(step))
        case DeleteVolume() | ExpandVolume() | PruneStorageGroup() | PruneInitiatorGroup() | AwaitLunAddress():
            return None


@attrs.frozen(kw_only=True)
class StepOutcome:
    """What became of a step.

    Attributes:
        changed: False when the wanted state was there already; such a step is never undone.
        device_id: the device that a `CreateVolume` made.
        emptied: storage groups that the array reported as empty after the step.
        connections: the paths that an `AwaitLunAddress` saw.
    """

    changed: bool
    device_id: DeviceId | None = None
    emptied: frozenset[str] = frozenset()
    connections: tuple[Connection, ...] = ()


class Recovery(Enum):
    """What happens to an operation whose process died in the middle."""

    UNDO = "undo"
    FINISH = "finish"


def is_housekeeping(step: Step) -> bool:
    """Whether a step only tidies up."""
    return isinstance(step, PruneStorageGroup | PruneInitiatorGroup)


def _check_order(_plan: object, _attribute: object, steps: tuple[Step, ...]) -> None:
    tidying = [is_housekeeping(step) for step in steps]
    if tidying != sorted(tidying):
        raise ValueError("what tidies up comes last, since it cannot be taken back when a later step fails")


@attrs.frozen(kw_only=True)
class Plan:
    """The steps of one operation, in order.

    Attributes:
        steps: may be empty: then everything is as wanted already. What tidies up comes last.
        recovery: whether an interrupted operation is taken back (it makes something) or finished (it takes
            something away, and its caller will ask for that again).
    """

    steps: tuple[Step, ...] = attrs.field(default=(), validator=_check_order)
    recovery: Recovery = Recovery.UNDO


def plan_of(steps: Iterable[Step], recovery: Recovery = Recovery.UNDO) -> Plan:
    """Make a plan of steps, with those that tidy up moved to its end."""
    return Plan(steps=tuple(sorted(steps, key=is_housekeeping)), recovery=recovery)


def resolve(step: Step, created: dict[str, DeviceId]) -> Step:
    """Put the real device in the place of a `NewVolume`.

    Args:
        step: any step.
        created: identifier → device, of the volumes made so far in this operation.
    """
    match step:
        case (
            DeleteVolume(device=NewVolume(identifier=identifier))
            | RenameVolume(device=NewVolume(identifier=identifier))
            | ExpandVolume(device=NewVolume(identifier=identifier))
            | AddVolume(device=NewVolume(identifier=identifier))
            | RemoveVolume(device=NewVolume(identifier=identifier))
            | MoveVolume(device=NewVolume(identifier=identifier))
            | AwaitLunAddress(device=NewVolume(identifier=identifier))
        ) if identifier in created:
            return attrs.evolve(step, device=created[identifier])
        case _:
            return step
