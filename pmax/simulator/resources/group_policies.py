"""Which snapshot policies a storage group has, as bodies of storage groups say it (reference sections 6.6 and 6.21)."""

from pmax.simulator.body import Fields
from pmax.simulator.call import Call
from pmax.simulator.refusals import ArrayRefused, text_of_missing
from pmax.simulator.resources.snapshot_calls import array_in_time
from pmax.simulator.rules.snapvx_policies import (
    arm_policy,
    associate,
    disassociate,
    policies,
    suspend_for_group,
)
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.snapvx_records import SnapshotPolicy


def edit_group_policies(call: Call, group: StorageGroup, fields: Fields) -> None:
    """Change the policies of a group: `edit_snapshot_policies_param` of its PUT."""
    edit = fields.choose(*_EDITS)
    for name in fields.fields(edit).texts("snapshot_policies"):
        _EDITS[edit](call, named_policy(call, name), call.array.storage_groups.get(group.name))


def associate_new_group(call: Call, name: str, fields: Fields) -> None:
    """Let policies take snapshots of a group that was just made: `snapshot_policies` of its POST."""
    for policy_name in fields.optional_texts("snapshot_policies"):
        associate_group(call, named_policy(call, policy_name), call.array.storage_groups.get(name))


def named_policy(call: Call, name: str) -> SnapshotPolicy:
    """Return a policy that a body refers to.

    Raises:
        ArrayRefused: there is none.
    """
    policy = policies(call.array).find(name)
    if policy is None:
        raise ArrayRefused(text_of_missing("Snapshot Policy", name, call.symmetrix_id))
    return policy


def associate_group(call: Call, policy: SnapshotPolicy, group: StorageGroup) -> None:
    """Let a policy take snapshots of a group from its next run on."""
    associate(array_in_time(call), policy, group)


def disassociate_group(call: Call, policy: SnapshotPolicy, group: StorageGroup) -> None:
    """Let a policy take no more snapshots of a group."""
    disassociate(call.array, policy, group)
    arm_policy(array_in_time(call), policy)


def _suspend(call: Call, policy: SnapshotPolicy, group: StorageGroup) -> None:
    suspend_for_group(call.array, policy, group, is_suspended=True)


def _resume(call: Call, policy: SnapshotPolicy, group: StorageGroup) -> None:
    suspend_for_group(call.array, policy, group, is_suspended=False)


_EDITS = {
    "associate_snapshot_policy_param": associate_group,
    "disassociate_snapshot_policy_param": disassociate_group,
    "suspend_snapshot_policy_param": _suspend,
    "resume_snapshot_policy_param": _resume,
}
