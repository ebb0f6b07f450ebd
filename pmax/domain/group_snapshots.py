"""What taking, deleting and copying snapshots of volume groups takes: (observed, command) → plan.

A snapshot of a group is one call of the array for the whole storage group: no write of any host, to whichever of its
volumes, comes in between. Its name is made of an id that is used once, so a volume has one of this name at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from pmax.domain.arrays import Array
from pmax.domain.commands import CopyVolumeGroup, CreateGroupSnapshot, DeleteGroupSnapshot
from pmax.domain.commands import CreateVolume as CreateVolumeCommand
from pmax.domain.copies import copies_in_full, fitting
from pmax.domain.errors import AlreadyExists, InvalidRequest, NotFound, StillInUse
from pmax.domain.identifiers import DeviceId
from pmax.domain.naming import group_snapshot_name
from pmax.domain.plans import (
    AddVolumes,
    AwaitGroupSnapshot,
    AwaitGroupSnapshotGone,
    AwaitLinksDefined,
    CreateTemporaryGroupSnapshot,
    DeleteTemporaryGroupSnapshot,
    LinkSnapshots,
    NewVolume,
    Plan,
    Recovery,
    Step,
    TerminateGroupSnapshot,
    UnlinkSnapshots,
    plan_of,
)
from pmax.domain.plans import CreateGroupSnapshot as CreateGroupSnapshotStep
from pmax.domain.plans.group_snapshots import TAKEN_HERE
from pmax.domain.provisioning import CreationObserved, plan_creation
from pmax.domain.replicated_copies import ReplicatedCopy, plan_replicated_copy
from pmax.domain.snapvx import ListedSnapshot, SnapshotKey, SnapshotSessions
from pmax.domain.volume_groups import VolumeGroupObserved, plan_volume_group
from pmax.domain.volumes import Volume, VolumeTarget


def plan_group_snapshot(
    command: CreateGroupSnapshot, group: VolumeGroupObserved, listed: tuple[ListedSnapshot, ...]
) -> Plan:
    """Plan to take a snapshot of a group.

    Args:
        command: which.
        group: with its members.
        listed: snapshots of that name.

    Raises:
        InvalidRequest: the group is empty.
        NotFound: a volume that must be in the snapshot is not in the group.
        AlreadyExists: a volume has a snapshot of that name.
    """
    if listed:
        raise AlreadyExists("snapshot", f"{command.name} of volume {listed[0].source}")
    check_members(group, command.members)
    if not group.members:
        raise InvalidRequest("volume group", str(group.target), "it has no volumes, so there is nothing to snap")
    devices = ordered(group.members)
    name = group.target.storage_group
    step = CreateGroupSnapshotStep(array_id=group.array_id, storage_group=name, name=command.name, devices=devices)
    awaited = AwaitGroupSnapshot(array_id=group.array_id, name=command.name, devices=devices)
    return Plan(steps=(*group.renaming(), step, awaited))


def check_members(group: VolumeGroupObserved, wanted: Iterable[VolumeTarget]) -> None:
    """Make sure that a snapshot of the group will be of all these volumes.

    Raises:
        NotFound: some are not in the group's storage group; names them.
    """
    missing = [target for target in wanted if target.device_id not in group.members]
    if missing:
        names = ", ".join(
            f"{target.device_id} ({next(iter(target.identifiers), 'no identifier')})" for target in missing
        )
        raise NotFound("volume", f"{names} in storage group {group.storage_group.name} of volume group {group.target}")


def plan_group_snapshot_deletion(
    command: DeleteGroupSnapshot,
    listed: tuple[ListedSnapshot, ...],
    key: SnapshotKey | None,
    linked: tuple[SnapshotSessions, ...],
) -> Plan:
    """Plan to delete the snapshot of a group; what presents it keeps its data.

    Args:
        command: which.
        listed: snapshots of that name.
        key: which they are, the same for all; None if there are none.
        linked: sessions of those volumes whose snapshot is presented somewhere.

    Raises:
        StillInUse: a volume to which it is linked does not have all data yet.
    """
    if not listed or key is None:
        return Plan()
    array_id = command.target.array_id
    steps: list[Step] = []
    pairs = tuple(_finished_pairs(command.name, linked))
    if pairs:
        devices, targets = zip(*pairs, strict=True)
        steps.append(
            UnlinkSnapshots(array_id=array_id, name=command.name, snapshot=key, devices=devices, targets=targets)
        )
    sources = ordered(snapshot.source for snapshot in listed)
    steps.append(TerminateGroupSnapshot(array_id=array_id, name=command.name, devices=sources, snapshot=key))
    steps.append(AwaitGroupSnapshotGone(array_id=array_id, name=command.name, devices=sources))
    return Plan(steps=tuple(steps), recovery=Recovery.FINISH)


def _finished_pairs(name: str, linked: Iterable[SnapshotSessions]) -> Iterator[tuple[DeviceId, DeviceId]]:
    """Sources and targets of the links of snapshots of a name.

    Raises:
        StillInUse: a target does not have all data yet.
    """
    named = (snapshot for sessions in linked for snapshot in sessions.named(name))
    for source, link in ((snapshot.source, link) for snapshot in named for link in snapshot.links):
        if not link.is_finished:
            raise StillInUse("snapshot", name, f"volume {link.target}, to which it is {link.phase.value}")
        yield source, link.target


@attrs.frozen(kw_only=True)
class GroupCopyObserved:
    """What the plan of a copy of a group depends on.

    Attributes:
        source: the group that is copied, with its members; None where a snapshot gives the data.
        listed: snapshots of the name that gives the data.
        key: which they are; None where the snapshot is yet to be taken.
        creations: for each copy, what making it depends on.
        stagings: for each copy, what making it without replication depends on; None where it is not made so.
        sources: the source volumes by device; empty unless the array found a copy too small.
        array: all are on it.
    """

    source: VolumeGroupObserved | None
    listed: tuple[ListedSnapshot, ...]
    key: SnapshotKey | None
    creations: tuple[CreationObserved, ...]
    stagings: tuple[CreationObserved | None, ...]
    sources: tuple[Volume, ...]
    array: Array


def plan_group_copy(command: CopyVolumeGroup, observed: GroupCopyObserved) -> Plan:
    """Plan to make a group with the data that others had at one moment.

    Where they are copied as they are now, the snapshot that this takes is gone again at the end. A snapshot of a user
    goes on being linked to the copies, which does neither any harm, until it is deleted; unless they are replicated,
    which they are once nothing is linked to them.

    Raises:
        NotFound: a volume is not in the source, or does not have the snapshot.
        AlreadyExists: somebody took a snapshot of the name that a temporary one would have.
        InvalidRequest: a copy would be too small, or two are of one volume.
        IllegalTransition: the RDF group of a copy is not as it should be.
    """
    target = command.target
    steps: list[Step] = list(plan_volume_group(target, command.other_array_id).steps)
    if not command.copies:
        return Plan(steps=tuple(steps))
    _check_copies(command, observed)
    devices = tuple(copy.source.device_id for copy in command.copies)
    new = tuple(NewVolume(copy.identifier) for copy in command.copies)
    made = _make(command, observed)
    if observed.source is not None:
        steps += _take(command, observed.source)
    steps += dict.fromkeys(step for copy in made for step in copy.creation)
    steps.append(AddVolumes(array_id=target.array_id, devices=new, storage_group=target.storage_group))
    is_paired = any(copy.pairing for copy in made)
    link = LinkSnapshots(
        array_id=target.array_id,
        name=command.snapshot_name or group_snapshot_name(target.group_id),
        snapshot=observed.key or TAKEN_HERE,
        devices=devices,
        targets=new,
        with_copy=copies_in_full(observed.array),
    )
    steps += [link, _await_data(link, until_copied=observed.source is not None or is_paired)]
    if observed.source is not None or is_paired:
        steps.append(_unlink(link))
    if observed.source is not None:
        steps.append(_drop(command, observed.source))
    steps += [step for copy in made for step in copy.pairing]
    steps += _join_elsewhere(command)
    return plan_of([*steps, *dict.fromkeys(step for copy in made for step in copy.tidying)])


def _check_copies(command: CopyVolumeGroup, observed: GroupCopyObserved) -> None:
    twice = [
        device for device, number in Counter(copy.source.device_id for copy in command.copies).items() if number > 1
    ]
    if twice:
        raise InvalidRequest("volumes", ", ".join(twice), "each volume of a group is copied once")
    if observed.source is not None:
        check_members(observed.source, (copy.source for copy in command.copies))
        if observed.listed:
            name = group_snapshot_name(command.target.group_id)
            raise AlreadyExists("snapshot", f"{name} of volume {observed.listed[0].source}")
        return
    found = {snapshot.source for snapshot in observed.listed}
    missing = [copy.source.device_id for copy in command.copies if copy.source.device_id not in found]
    if missing or observed.key is None:
        raise NotFound("snapshot", f"{command.snapshot_name} of volume {', '.join(missing)}")


def _take(command: CopyVolumeGroup, source: VolumeGroupObserved) -> tuple[Step, ...]:
    copy_id = command.target.group_id
    step = CreateTemporaryGroupSnapshot(
        array_id=source.array_id,
        storage_group=source.target.storage_group,
        copy_id=copy_id,
        devices=ordered(source.members),
    )
    return (*source.renaming(), step)


def _make(command: CopyVolumeGroup, observed: GroupCopyObserved) -> list[ReplicatedCopy]:
    """Make every copy; a default storage group that several of them need is made once."""
    by_device = {volume.device_id: volume for volume in observed.sources}
    made: list[ReplicatedCopy] = []
    for number, copy in enumerate(command.copies):
        source, creation = by_device.get(copy.source.device_id), observed.creations[number]
        wanted = CreateVolumeCommand(
            array_id=command.target.array_id,
            identifier=copy.identifier,
            capacity=fitting(copy.capacity, source) if source else copy.capacity,
            policy=copy.policy,
        )
        if creation.replicated is None:
            made.append(ReplicatedCopy(creation=plan_creation(wanted, creation).steps))
        else:
            others = sum(bool(each.pairing) for each in made)
            staging = observed.stagings[number]
            made.append(plan_replicated_copy(wanted, creation, creation.replicated, staging, others=others))
    return made


def _join_elsewhere(command: CopyVolumeGroup) -> tuple[Step, ...]:
    """Let the other sides join the group on their array."""
    if command.other_array_id is None:
        return ()
    there = tuple(NewVolume(copy.identifier, is_remote=True) for copy in command.copies)
    name = command.target.storage_group
    return (AddVolumes(array_id=command.other_array_id, devices=there, storage_group=name),)


def _await_data(link: LinkSnapshots, *, until_copied: bool) -> AwaitLinksDefined:
    return AwaitLinksDefined(
        array_id=link.array_id,
        name=link.name,
        devices=link.devices,
        targets=link.targets,
        until_copied=until_copied,
    )


def _unlink(link: LinkSnapshots) -> UnlinkSnapshots:
    return UnlinkSnapshots(
        array_id=link.array_id, name=link.name, snapshot=link.snapshot, devices=link.devices, targets=link.targets
    )


def _drop(command: CopyVolumeGroup, source: VolumeGroupObserved) -> DeleteTemporaryGroupSnapshot:
    return DeleteTemporaryGroupSnapshot(
        array_id=source.array_id,
        copy_id=command.target.group_id,
        devices=ordered(source.members),
        snapshot=TAKEN_HERE,
    )


def ordered(devices: Iterable[DeviceId]) -> tuple[DeviceId, ...]:
    """Each once, in order."""
    return tuple(sorted(set(devices)))
