"""Volume groups: their members and snapshots, both sides of replicated ones, and their replication in every state."""

from __future__ import annotations

from collections.abc import Mapping

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    ChangeGroupReplication,
    CreateGroupSnapshot,
    CreateVolume,
    CreateVolumeGroup,
    DeleteGroupSnapshot,
    DeleteVolumeGroup,
    OtherSidesOfGroup,
    UpdateVolumeGroup,
)
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.srdf import SessionAction
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget
from tests.faults.scenario import Operation, replicated
from tests.replicated_stage import REMOTE
from tests.stage import ARRAY, Stage

GROUP = VolumeGroupTarget(array_id=ARRAY, group_id="0b2c7e12-93ab-4f6e-8c21-000000000001", name="group")
_NAME = "0b2c7e12-000000001"


def _group_of(stage: Stage, number: int) -> tuple[VolumeTarget, ...]:
    members = tuple(stage.create() for _ in range(number))
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=members))
    return members


def create(stage: Stage) -> Operation:
    return lambda stage: stage.engine.execute(CreateVolumeGroup(target=GROUP))


def join(stage: Stage) -> Operation:
    volume, other = stage.create(), stage.create()
    stage.attach(other, "host-a")
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    return lambda stage: stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(volume, other)))


def exchange(stage: Stage) -> Operation:
    volume, other = stage.create(), stage.create()
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(volume,)))
    return lambda stage: stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(other,), leaving=(volume,)))


def delete(stage: Stage) -> Operation:
    volume = stage.create()
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=(volume,)))
    return lambda stage: stage.engine.execute(DeleteVolumeGroup(target=GROUP, members=(volume,)))


def snap(stage: Stage) -> Operation:
    """A snapshot of a group."""
    members = _group_of(stage, 2)
    return lambda stage: stage.engine.execute(CreateGroupSnapshot(target=GROUP, name=_NAME, members=members))


def delete_snapshot(stage: Stage) -> Operation:
    """A snapshot of a group goes, and with it that of a volume that has left the group."""
    members = _group_of(stage, 2)
    stage.engine.execute(CreateGroupSnapshot(target=GROUP, name=_NAME, members=members))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, leaving=members[:1]))
    return lambda stage: stage.engine.execute(DeleteGroupSnapshot(target=GROUP, name=_NAME))


def create_replicated(stage: Stage) -> Operation:
    """A group on both arrays."""
    return lambda stage: stage.engine.execute(CreateVolumeGroup(target=GROUP, other_array_id=REMOTE))


def _other(stage: Stage, *targets: VolumeTarget) -> tuple[VolumeTarget, ...]:
    array_id = ArrayId(REMOTE)
    found = (stage.simulator.srdf.other_side(ARRAY, each.device_id)[1] for each in targets)
    return tuple(VolumeTarget(array_id=array_id, device_id=DeviceId(device)) for device in found)


def replicated_group(stage: Stage, number: int = 2) -> tuple[VolumeTarget, ...]:
    """A group of so many volumes on both arrays."""
    members = tuple(replicated(stage).make() for _ in range(number))
    stage.engine.execute(CreateVolumeGroup(target=GROUP, other_array_id=REMOTE))
    others = OtherSidesOfGroup(array_id=REMOTE, joining=_other(stage, *members))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=members, other_sides=others))
    return members


def exchange_replicated(stage: Stage) -> Operation:
    """A volume joins on both arrays while another one leaves."""
    leaver, _ = replicated_group(stage)
    joiner = replicated(stage).make()
    others = OtherSidesOfGroup(array_id=REMOTE, joining=_other(stage, joiner), leaving=_other(stage, leaver))
    command = UpdateVolumeGroup(target=GROUP, joining=(joiner,), leaving=(leaver,), other_sides=others)
    return lambda stage: stage.engine.execute(command)


def create_in_replicated(stage: Stage) -> Operation:
    """A volume is made in a group on both arrays."""
    replicated_group(stage)

    def operation(stage: Stage) -> object:
        stage.forget_number()
        return stage.engine.execute(
            CreateVolume(
                array_id=ARRAY,
                identifier="OS-in-group",
                capacity=Capacity.from_gib(1),
                policy=replicated(stage).policy,
                volume_group=GROUP,
            )
        )

    return operation


#: What is done, and what was done before.
CHANGES: Mapping[str, tuple[SessionAction, ...]] = {
    "stopped": (SessionAction.SUSPEND,),
    "resumed": (SessionAction.SUSPEND, SessionAction.RESUME),
    "failed over": (SessionAction.FAILOVER,),
    "failed back": (SessionAction.FAILOVER, SessionAction.FAILBACK),
}


def change_replication(stage: Stage, actions: tuple[SessionAction, ...], number: int = 2) -> Operation:
    """The replication of a group changes; all actions but the last have led to the state in which it is."""
    members = replicated_group(stage, number)
    for member in members:  # nobody can write to them any more where they are failed over
        stage.array.write(member.device_id, f"data of {member.identifiers[0]}")
    sides = {ARRAY: members, REMOTE: _other(stage, *members)}

    def change(stage: Stage, action: SessionAction) -> object:
        array_id = REMOTE if action in {SessionAction.FAILOVER, SessionAction.FAILBACK} else ARRAY
        command = ChangeGroupReplication(target=GROUP.on(array_id), action=action, members=sides[array_id])
        return stage.engine.execute(command)

    for each in actions[:-1]:
        change(stage, each)
    return lambda stage: change(stage, actions[-1])
