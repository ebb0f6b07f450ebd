"""Groups that are made out of others, and group snapshots out of which a group was made."""

from __future__ import annotations

from functools import partial

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    CopyVolumeGroup,
    CreateGroupSnapshot,
    CreateVolumeGroup,
    DeleteGroupSnapshot,
    MemberCopy,
    UpdateVolumeGroup,
)
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget
from tests.faults.group_scenarios import GROUP
from tests.faults.scenario import Operation, replicated
from tests.replicated_stage import REMOTE
from tests.stage import GOLD, Stage

COPY = attrs.evolve(GROUP, group_id="0b2c7e12-93ab-4f6e-8c21-000000000002", name="copy")
NAME = "0b2c7e12-00000000f"


def _group(stage: Stage, policy: VolumePolicy = GOLD) -> tuple[VolumeTarget, ...]:
    """A group of two volumes with data."""
    members = tuple(stage.create(policy) for _ in range(2))
    for number, member in enumerate(members):
        stage.array.write(member.device_id, f"data {number}")
    stage.engine.execute(CreateVolumeGroup(target=GROUP))
    stage.engine.execute(UpdateVolumeGroup(target=GROUP, joining=members))
    return members


def _snapped(stage: Stage, policy: VolumePolicy = GOLD) -> tuple[VolumeTarget, ...]:
    members = _group(stage, policy)
    stage.engine.execute(CreateGroupSnapshot(target=GROUP, name=NAME, members=members))
    return members


def _copying(members: tuple[VolumeTarget, ...], policy: VolumePolicy, name: str | None, stage: Stage) -> object:
    copies = tuple(
        MemberCopy(
            source=member,
            identifier=f"OS-8d0c7e12-93ab-4f6e-8c21-{number:012d}",
            capacity=Capacity.from_gib(1),
            policy=policy,
        )
        for number, member in enumerate(members)
    )
    other = REMOTE if policy.replication_enabled else None
    return stage.engine.execute(
        CopyVolumeGroup(target=COPY, copies=copies, source=GROUP, snapshot_name=name, other_array_id=other)
    )


def delete_used(stage: Stage) -> Operation:
    """A snapshot of a group goes, out of which a group was made that goes on presenting it."""
    _copying(_snapped(stage), GOLD, NAME, stage)
    return lambda stage: stage.engine.execute(DeleteGroupSnapshot(target=GROUP, name=NAME))


def copy_group(stage: Stage) -> Operation:
    """A group out of a group."""
    return partial(_copying, _group(stage), GOLD, None)


def copy_snapshot(stage: Stage) -> Operation:
    """A group out of a snapshot of a group."""
    return partial(_copying, _snapped(stage), GOLD, NAME)


def copy_replicated(stage: Stage) -> Operation:
    """A replicated group out of a replicated group."""
    policy = replicated(stage).policy
    return partial(_copying, _group(stage, policy), policy, None)
