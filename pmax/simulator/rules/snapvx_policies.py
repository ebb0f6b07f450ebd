"""Snapshot policies: they snap their storage groups at set times and keep as many snapshots as they shall (6.21).

The snapshots bear the name of the policy (assumed; `sl_snapshot_name` lists them apart from the manual ones).
"""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused, Conflict
from pmax.simulator.rules.snapvx import ArrayInTime, sessions_of
from pmax.simulator.rules.snapvx_groups import (
    GroupSnapshot,
    create_group_snapshot,
    group_snapshots,
    terminate_group_snapshot,
)
from pmax.simulator.rules.snapvx_snapshots import NewSnapshot
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.snapvx_records import SNAPSHOT_POLICIES, SnapshotPolicy
from pmax.simulator.state.table import Rows
from pmax.simulator.state.transaction import ArrayTables

POLICY_TIMER = "snapvx policy"
DEFAULT_POLICIES = (
    SnapshotPolicy(name="DailyDefault", interval_minutes=1440, snapshot_count=14),
    SnapshotPolicy(name="HourlyDefault", interval_minutes=60, snapshot_count=24),
    SnapshotPolicy(name="WeeklyDefault", interval_minutes=10080, snapshot_count=12),
)
"""That these names exist is known of the first one only; their figures are assumed."""

_FIRST_SUNDAY = 3 * 86400.0
"""The first Sunday midnight of the epoch: weekly offsets count from there."""


def policies(array: ArrayTables) -> Rows[SnapshotPolicy]:
    """Return the policies of an array."""
    return array.rows(SNAPSHOT_POLICIES)


def groups_of_policy(array: ArrayTables, name: str) -> list[StorageGroup]:
    """Return the storage groups that a policy is associated with, by name."""
    return array.storage_groups.where("snapshot_policy", name)


def create_policy(array: ArrayTables, policy: SnapshotPolicy) -> None:
    """Add a policy.

    Raises:
        Conflict: the name is taken.
        ArrayRefused: its figures do not go together.
    """
    if policy.name in policies(array):
        raise Conflict("The requested snapshot policy resource already exists")
    _refuse_inconsistent(policy)
    policies(array).put(policy)


def change_policy(scene: ArrayInTime, policy: SnapshotPolicy, changed: SnapshotPolicy) -> None:
    """Change a policy; if it gets another name, its storage groups follow.

    Raises:
        Conflict: the new name is taken.
        ArrayRefused: its figures do not go together.
    """
    _refuse_inconsistent(changed)
    if changed.name != policy.name:
        if changed.name in policies(scene.array):
            raise Conflict("The requested snapshot policy resource already exists")
        policies(scene.array).delete(policy.name)
        for group in groups_of_policy(scene.array, policy.name):
            names = tuple(changed.name if name == policy.name else name for name in group.snapshot_policies)
            paused = tuple(changed.name if name == policy.name else name for name in group.suspended_policies)
            scene.array.storage_groups.put(attrs.evolve(group, snapshot_policies=names, suspended_policies=paused))
    policies(scene.array).put(changed)
    arm_policy(scene, changed)


def delete_policy(array: ArrayTables, policy: SnapshotPolicy) -> None:
    """Delete a policy; the snapshots that it made stay.

    Raises:
        ArrayRefused: a storage group is associated with it (assumed).
    """
    if groups_of_policy(array, policy.name):
        raise ArrayRefused(f"Snapshot policy [{policy.name}] is associated with a storage group")
    policies(array).delete(policy.name)


def associate(scene: ArrayInTime, policy: SnapshotPolicy, group: StorageGroup) -> None:
    """Let a policy take snapshots of a group.

    Raises:
        ArrayRefused: it does already.
    """
    if policy.name in group.snapshot_policies:
        raise ArrayRefused(f"Storage Group [{group.name}] is already associated with snapshot policy [{policy.name}]")
    names = (*group.snapshot_policies, policy.name)
    scene.array.storage_groups.put(attrs.evolve(group, snapshot_policies=names))
    arm_policy(scene, policy)


def disassociate(array: ArrayTables, policy: SnapshotPolicy, group: StorageGroup) -> None:
    """Let a policy take no more snapshots of a group; those that it took stay (assumed).

    Raises:
        ArrayRefused: it does not take any.
    """
    _refuse_stranger(policy, group)
    names = tuple(name for name in group.snapshot_policies if name != policy.name)
    paused = tuple(name for name in group.suspended_policies if name != policy.name)
    array.storage_groups.put(attrs.evolve(group, snapshot_policies=names, suspended_policies=paused))


def suspend_for_group(array: ArrayTables, policy: SnapshotPolicy, group: StorageGroup, *, is_suspended: bool) -> None:
    """Let a policy pause for one of its groups, or go on.

    Raises:
        ArrayRefused: it is not associated with the group.
    """
    _refuse_stranger(policy, group)
    others = tuple(name for name in group.suspended_policies if name != policy.name)
    paused = (*others, policy.name) if is_suspended else others
    array.storage_groups.put(attrs.evolve(group, suspended_policies=paused))


def compliance(policy: SnapshotPolicy, snapshots: Sequence[GroupSnapshot]) -> str:
    """Return how well a policy did for a group, by the number of snapshots of it that are there."""
    number = len([found for found in snapshots if found.first.policy == policy.name])
    if policy.compliance_critical is not None and number < policy.compliance_critical:
        return "RED"
    if policy.compliance_warning is not None and number < policy.compliance_warning:
        return "YELLOW"
    return "GREEN"


def arm_policy(scene: ArrayInTime, policy: SnapshotPolicy) -> None:
    """Let a policy run at its next time, as long as it has anything to do."""
    timer_id = f"{POLICY_TIMER} {scene.array.symmetrix_id} {policy.name}"
    timers = scene.array.transaction.timers
    if policy.is_suspended or policy.cloud_provider or not groups_of_policy(scene.array, policy.name):
        if timer_id in timers:
            timers.delete(timer_id)
        return
    timers.put(
        Timer(
            timer_id=timer_id,
            kind=POLICY_TIMER,
            due_at=next_run(policy, scene.now),
            subject=policy.name,
            symmetrix_id=scene.array.symmetrix_id,
        )
    )


def next_run(policy: SnapshotPolicy, now: float) -> float:
    """Return the first time after now at which a policy runs, in epoch seconds."""
    interval = policy.interval_minutes * 60.0
    first = _FIRST_SUNDAY + policy.offset_minutes * 60.0
    return first + ((now - first) // interval + 1) * interval


def run_policy(scene: ArrayInTime, name: str) -> None:
    """Take the snapshots of a policy and remove those that are too many.

    A group that cannot be snapped, because it is empty or full of snapshots, is left out; so are snapshots that cannot
    be terminated, because they are linked or secure.
    """
    policy = policies(scene.array).find(name)
    if policy is None or policy.is_suspended:
        return
    for group in groups_of_policy(scene.array, name):
        if name not in group.suspended_policies:
            _snap_group(scene, policy, group)
    ran = attrs.evolve(policy, last_run_at=scene.now)
    policies(scene.array).put(ran)
    arm_policy(scene, ran)


def _snap_group(scene: ArrayInTime, policy: SnapshotPolicy, group: StorageGroup) -> None:
    secure_s = policy.interval_minutes * 60.0 * policy.snapshot_count if policy.is_secure else None
    wanted = NewSnapshot(name=policy.name, secure_s=secure_s, policy=policy.name)
    try:
        create_group_snapshot(scene, group, wanted)
    except ArrayRefused:
        return
    mine = [found for found in group_snapshots(scene.array, group, policy.name) if found.first.policy == policy.name]
    for found in mine[policy.snapshot_count :]:
        is_held = any(sessions_of(scene.array, each) or each.is_persistent for each in found.snapshots)
        until = max((each.secure_until or 0.0 for each in found.snapshots), default=0.0)
        if not is_held and until <= scene.now:
            terminate_group_snapshot(scene, found, is_forced=True)


def _refuse_stranger(policy: SnapshotPolicy, group: StorageGroup) -> None:
    if policy.name not in group.snapshot_policies:
        raise ArrayRefused(f"Storage Group [{group.name}] is not associated with snapshot policy [{policy.name}]")


def _refuse_inconsistent(policy: SnapshotPolicy) -> None:
    """Refuse figures that do not go together, as one client's documentation tells them."""
    warning, critical = policy.compliance_warning, policy.compliance_critical
    if not 0 <= policy.offset_minutes < policy.interval_minutes:
        raise ArrayRefused("The offset must be less than the interval of the snapshot policy")
    if warning is not None and not 0 < warning <= policy.snapshot_count:
        raise ArrayRefused("The warning compliance count must be 1 to the snapshot count of the snapshot policy")
    if critical is not None and critical > (policy.snapshot_count if warning is None else warning):
        raise ArrayRefused("The critical compliance count must not be above the warning compliance count")
