"""What making a volume out of a snapshot, or out of another volume, takes: (observed, command) → plan.

The new volume is made like any other (`provisioning`), then the snapshot is linked to it, and the operation is over
when the link is defined: from then on the new volume shows all data, and reads and writes of either side do not touch
the other. Nothing is copied in the background unless that is asked for. A volume that is to be replicated is unlinked
then, and paired (`replicated_copies`).
"""

from __future__ import annotations

import attrs

from pmax.domain.arrays import Array
from pmax.domain.capacity import Capacity
from pmax.domain.commands import CloneVolume, CreateVolume, CreateVolumeFromSnapshot
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import temporary_snapshot_name
from pmax.domain.plans import (
    AwaitLinkDefined,
    CreateTemporarySnapshot,
    DeleteTemporarySnapshot,
    LinkSnapshot,
    NewVolume,
    Plan,
    Step,
    UnlinkSnapshot,
    VolumeReference,
)
from pmax.domain.plans.references import gib_text
from pmax.domain.provisioning import CreationObserved, plan_creation
from pmax.domain.replicated_copies import plan_replicated_copy
from pmax.domain.snapshots import await_defined, the_one
from pmax.domain.snapvx import SnapshotAction, SnapshotReference, SnapshotSessions
from pmax.domain.temporary_snapshots import after, make_room
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class CopyObserved:
    """What the plan of a copy depends on.

    Attributes:
        creation: what making the new volume depends on.
        sessions: of the source.
        source: the source itself; None where only its snapshot counts and the array has not refused yet.
        array: both are on it.
        staging: what making the new volume without replication depends on; None where it is not made so.
        is_full: whether the array has refused one more snapshot or link of the source.
    """

    creation: CreationObserved
    sessions: SnapshotSessions
    source: Volume | None
    array: Array
    staging: CreationObserved | None = None
    is_full: bool = False


@attrs.frozen(kw_only=True)
class CloneObserved(CopyObserved):
    """Likewise for a clone, whose source is always read."""

    source: Volume


@attrs.frozen(kw_only=True)
class CopyOrigin:
    """Where a new volume gets its data from.

    Attributes:
        array_id: serial of the array.
        device: the volume that the snapshot is of.
        name: of the snapshot.
        snapshot: which of that name.
    """

    array_id: ArrayId
    device: DeviceId
    name: str
    snapshot: SnapshotReference


def copy_steps(
    origin: CopyOrigin, target: VolumeReference, *, with_copy: bool
) -> tuple[LinkSnapshot, AwaitLinkDefined]:
    """Give a volume the data of a snapshot.

    Args:
        origin: the snapshot.
        target: the volume, in no host's view, as large as the snapshot or larger.
        with_copy: whether the array also copies everything in the background.
    """
    link = LinkSnapshot(
        array_id=origin.array_id,
        device=origin.device,
        name=origin.name,
        snapshot=origin.snapshot,
        target=target,
        with_copy=with_copy,
    )
    return (link, await_defined(link))


def copies_in_full(array: Array) -> bool:
    """Whether a link must copy everything, because an unlinked target would not keep its data otherwise."""
    return not array.keeps_unlinked_targets


def fitting(wanted: Capacity, source: Volume) -> Capacity:
    """The size of a copy: what is wanted, or a little more if the source is not of whole GiB.

    A volume that was imported may be some cylinders larger than its size in GiB says, and its copy must hold them all.

    Raises:
        InvalidRequest: what is wanted is smaller than the source by a GiB or more.
    """
    if wanted.cylinders >= source.capacity.cylinders:
        return wanted
    if wanted.whole_gib < source.capacity.whole_gib:
        rule = f"the copy of volume {source.device_id} needs {gib_text(source.capacity)} GiB at least"
        raise InvalidRequest("size", f"{gib_text(wanted)} GiB", rule)
    return source.capacity


def plan_clone(command: CloneVolume, observed: CloneObserved, unlink_limit: int) -> Plan:
    """Plan to clone a volume; `unlink_limit` as for `make_room`.

    Raises:
        InvalidRequest: the new volume would be too small.
        InUse: its storage group is in a masking view.
        LimitReached: the array keeps as many snapshots of the source as it can.
    """
    sessions = observed.sessions
    array_id, device = sessions.array_id, sessions.device_id
    capacity = fitting(command.capacity or observed.source.capacity, observed.source)
    room = make_room(sessions, unlink_limit, is_full=observed.is_full, snapshots=1, links=1)
    name = temporary_snapshot_name(device)
    new = after(room, sessions, name)
    creation = _creation(command, capacity, array_id)
    origin = CopyOrigin(array_id=array_id, device=device, name=name, snapshot=new)
    return Plan(
        steps=(
            *room.steps,
            CreateTemporarySnapshot(array_id=array_id, device=device, new=new),
            *_copy(creation, observed, origin, is_temporary=True),
        )
    )


def plan_copy_of_snapshot(command: CreateVolumeFromSnapshot, observed: CopyObserved, unlink_limit: int) -> Plan:
    """Plan to make a volume out of a snapshot; `unlink_limit` as for `make_room`.

    Raises:
        NotFound: there is no such snapshot: nothing else is ever copied instead.
        IllegalTransition: it is being restored.
        InvalidRequest: the new volume would be too small.
        InUse: its storage group is in a masking view.
        LimitReached: the array keeps as many links of the source as it can.
    """
    sessions = observed.sessions
    snapshot = the_one(sessions, command.snapshot)
    snapshot.check(SnapshotAction.LINK)
    room = make_room(sessions, unlink_limit, is_full=observed.is_full, links=1)
    capacity = fitting(command.capacity, observed.source) if observed.source else command.capacity
    creation = _creation(command, capacity, sessions.array_id)
    origin = CopyOrigin(
        array_id=sessions.array_id, device=sessions.device_id, name=snapshot.name, snapshot=snapshot.key
    )
    return Plan(steps=(*room.steps, *_copy(creation, observed, origin, is_temporary=False)))


def _copy(
    creation: CreateVolume, observed: CopyObserved, origin: CopyOrigin, *, is_temporary: bool
) -> tuple[Step, ...]:
    """Make a volume and give it its data; one that is to be replicated is paired then.

    Args:
        creation: the new volume.
        observed: what it depends on.
        origin: the data.
        is_temporary: whether the snapshot is of no use once the new volume does not present it any more.
    """
    with_copy = copies_in_full(observed.array)
    data = copy_steps(origin, NewVolume(creation.identifier), with_copy=with_copy)
    replicated = observed.creation.replicated
    if replicated is None:
        return (*plan_creation(creation, observed.creation).steps, *data)
    copy = plan_replicated_copy(creation, observed.creation, replicated, observed.staging)
    return copy.around(independent_copy_steps(origin, data, is_temporary=is_temporary))


def independent_copy_steps(
    origin: CopyOrigin, data: tuple[LinkSnapshot, AwaitLinkDefined], *, is_temporary: bool
) -> tuple[Step, ...]:
    """Give a volume the data of a snapshot, and leave nothing between them: only then can it be paired."""
    link, defined = data
    steps: tuple[Step, ...] = (
        link,
        attrs.evolve(defined, until_copied=link.with_copy),
        UnlinkSnapshot(
            array_id=origin.array_id,
            device=origin.device,
            name=origin.name,
            snapshot=origin.snapshot,
            target=link.target,
        ),
    )
    if not is_temporary:
        return steps
    drop = DeleteTemporarySnapshot(array_id=origin.array_id, device=origin.device, snapshot=origin.snapshot)
    return (*steps, drop)


def _creation(command: CloneVolume | CreateVolumeFromSnapshot, capacity: Capacity, array_id: ArrayId) -> CreateVolume:
    return CreateVolume(
        array_id=array_id,
        identifier=command.identifier,
        capacity=capacity,
        policy=command.policy,
        volume_group=command.volume_group,
    )
