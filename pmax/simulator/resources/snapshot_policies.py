"""Snapshot policies and their storage groups (reference section 6.21)."""

import re

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.dates import snapshot_date
from pmax.simulator.refusals import BadRequest, MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.group_policies import associate_group, disassociate_group
from pmax.simulator.resources.snapshot_calls import array_in_time
from pmax.simulator.resources.storage_groups import subject_group
from pmax.simulator.rules import groups
from pmax.simulator.rules.snapvx import refuse_unlicensed
from pmax.simulator.rules.snapvx_groups import group_snapshots
from pmax.simulator.rules.snapvx_policies import (
    change_policy,
    compliance,
    create_policy,
    delete_policy,
    groups_of_policy,
    policies,
)
from pmax.simulator.state.snapvx_records import SnapshotPolicy
from pmax.simulator.wire import JsonObject

_NAME = re.compile(r"[A-Za-z0-9_\-]{1,32}")
_MAX_SNAPSHOTS = 1024
_NEVER = "N/A"
_DAY = 1440

INTERVALS = {
    **{f"{minutes} Minutes": minutes for minutes in (10, 12, 15, 20, 30)},
    "1 Hour": 60,
    **{f"{hours} Hours": hours * 60 for hours in (2, 3, 4, 6, 8, 12)},
    "1 Day": _DAY,
    "7 Days": 7 * _DAY,
}
"""In minutes, by the words of the API."""


def list_policies(call: Call) -> Answer:
    """Answer the names of all policies."""
    return ok({"name": policies(call.array).sorted_keys()})


def get_policy(call: Call) -> Answer:
    """Answer one policy."""
    return ok(_body(call, subject_policy(call)))


def create_snapshot_policy(call: Call) -> Answer:
    """Add a policy, local or to a cloud; what goes to a cloud is only remembered."""
    refuse_unlicensed(call.array.record)
    fields = call.body
    policy = SnapshotPolicy(
        name=_name(fields, "snapshot_policy_name"),
        interval_minutes=INTERVALS[fields.choice("interval", INTERVALS)],
        offset_minutes=_number(fields, "offset_mins", 0),
        compliance_warning=_optional_number(fields, "compliance_count_warning"),
        compliance_critical=_optional_number(fields, "compliance_count_critical"),
    )
    if fields.choose("local_snapshot_policy_details", "cloud_snapshot_policy_details").startswith("local"):
        details = fields.fields("local_snapshot_policy_details")
        is_secure = details.boolean("secure", default=False)
        policy = attrs.evolve(policy, snapshot_count=_count(details), is_secure=is_secure)
    else:
        details = fields.fields("cloud_snapshot_policy_details")
        provider, days = details.text("cloud_provider_name"), _number(details, "cloud_retention_days", None)
        policy = attrs.evolve(policy, cloud_provider=provider, retention_days=days)
    fields.ignore("local_snapshot_policy_details", "cloud_snapshot_policy_details")
    create_policy(call.array, policy)
    call.link = f"{call.path}/{policy.name}"
    return created(_body(call, policy))


def edit_policy(call: Call) -> Answer:
    """Change a policy as `action` says and answer it."""
    policy, fields = subject_policy(call), call.body
    action = fields.choice("action", _ACTIONS)
    name = _ACTIONS[action](call, policy, fields) or policy.name
    return ok(_body(call, policies(call.array).get(name)))


def remove_policy(call: Call) -> Answer:
    """Delete a policy that no group is associated with."""
    delete_policy(call.array, subject_policy(call))
    return no_content()


def list_policy_groups(call: Call) -> Answer:
    """Answer the names of the groups that a policy is associated with."""
    return ok({"name": [group.name for group in groups_of_policy(call.array, subject_policy(call).name)]})


def get_policy_group(call: Call) -> Answer:
    """Answer how a policy stands with one of its groups."""
    policy, group = subject_policy(call), subject_group(call)
    if policy.name not in group.snapshot_policies:
        raise NotFound(f"{text_of_missing('Storage Group', group.name, call.symmetrix_id)} in policy [{policy.name}]")
    return ok(
        {
            "snapshot_policy_name": policy.name,
            "storage_group_name": group.name,
            "compliance": compliance(policy, group_snapshots(call.array, group, policy.name)),
            "suspended": policy.is_suspended or policy.name in group.suspended_policies,
        }
    )


def get_compliance(call: Call) -> Answer:
    """Answer how well the policies of a group did: the worst of them, and each. The shape is assumed."""
    group = subject_group(call)
    found = [policies(call.array).get(name) for name in group.snapshot_policies]
    results = {each.name: compliance(each, group_snapshots(call.array, group, each.name)) for each in found}
    worst = next((colour for colour in ("RED", "YELLOW", "GREEN") if colour in results.values()), "NONE")
    return ok(
        {
            "storage_group_name": group.name,
            "compliance": worst,
            "sl_count": len(found),
            "sl_compliance": [
                {"sl_name": name, "compliance": colour, "calculation_time": snapshot_date(call.now)}
                for name, colour in results.items()
            ],
        }
    )


def subject_policy(call: Call) -> SnapshotPolicy:
    """Return the policy that the path names.

    Raises:
        NotFound: there is none.
        MissingSubject: the same, of a PUT.
    """
    name = call.params["snapshot_policy"]
    policy = policies(call.array).find(name)
    if policy is None:
        text = text_of_missing("Snapshot Policy", name, call.symmetrix_id)
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return policy


def _body(call: Call, policy: SnapshotPolicy) -> JsonObject:
    body: JsonObject = {
        "symmetrixID": call.symmetrix_id,
        "snapshot_policy_name": policy.name,
        "interval_minutes": policy.interval_minutes,
        "offset_minutes": policy.offset_minutes,
        "suspended": policy.is_suspended,
        "last_time_used": _NEVER if policy.last_run_at is None else snapshot_date(policy.last_run_at),
        "storage_group_count": len(groups_of_policy(call.array, policy.name)),
        "type": "cloud" if policy.cloud_provider else "local",
    }
    if policy.cloud_provider:
        body |= {"provider_name": policy.cloud_provider, "retention_days": policy.retention_days}
    else:
        body |= {"snapshot_count": policy.snapshot_count, "secure": policy.is_secure}
    counts = {
        "compliance_count_warning": policy.compliance_warning,
        "compliance_count_critical": policy.compliance_critical,
    }
    return body | {key: count for key, count in counts.items() if count is not None}


def _modify(call: Call, policy: SnapshotPolicy, body: Fields) -> str:
    fields = body.fields("modify")
    changed = attrs.evolve(
        policy,
        name=_name(fields, "snapshot_policy_name") if "snapshot_policy_name" in fields else policy.name,
        interval_minutes=_interval(fields, policy),
        offset_minutes=_number(fields, "offset_mins", policy.offset_minutes),
        snapshot_count=_count(fields) if "snapshot_count" in fields else policy.snapshot_count,
        compliance_warning=_optional_number(fields, "compliance_count_warning", policy.compliance_warning),
        compliance_critical=_optional_number(fields, "compliance_count_critical", policy.compliance_critical),
    )
    change_policy(array_in_time(call), policy, changed)
    return changed.name


def _suspend(call: Call, policy: SnapshotPolicy, body: Fields) -> None:
    body.ignore("suspend")
    change_policy(array_in_time(call), policy, attrs.evolve(policy, is_suspended=True))


def _resume(call: Call, policy: SnapshotPolicy, body: Fields) -> None:
    body.ignore("resume")
    change_policy(array_in_time(call), policy, attrs.evolve(policy, is_suspended=False))


def _associate_many(call: Call, policy: SnapshotPolicy, body: Fields) -> None:
    for name in body.fields("associate_to_storage_group").texts("storage_group_name"):
        associate_group(call, policy, groups.named_group(call.array, name))


def _disassociate_many(call: Call, policy: SnapshotPolicy, body: Fields) -> None:
    for name in body.fields("disassociate_from_storage_group").texts("storage_group_name"):
        disassociate_group(call, policy, groups.named_group(call.array, name))


_ACTIONS = {
    "Modify": _modify,
    "Suspend": _suspend,
    "Resume": _resume,
    "AssociateToStorageGroups": _associate_many,
    "DisassociateFromStorageGroups": _disassociate_many,
}


def _name(fields: Fields, key: str) -> str:
    """Return the name of a policy; it names snapshots too, so it is no longer than theirs (assumed)."""
    name = fields.text(key)
    if not _NAME.fullmatch(name):
        raise BadRequest(f"Field [{key}] must be 1 to 32 letters, digits, underscores or hyphens")
    return name


def _interval(fields: Fields, policy: SnapshotPolicy) -> int:
    minutes = fields.integer("interval_mins", default=policy.interval_minutes)
    if minutes not in INTERVALS.values():
        raise BadRequest(f"An interval of {minutes} minutes is none of {', '.join(INTERVALS)}")
    return minutes


def _count(fields: Fields) -> int:
    number = fields.integer("snapshot_count")
    if not 0 < number <= _MAX_SNAPSHOTS:
        raise BadRequest(f"snapshot_count must be 1 to {_MAX_SNAPSHOTS}")
    return number


def _number(fields: Fields, key: str, default: int | None) -> int:
    number = fields.integer(key, default=default)
    if not 0 <= number <= 7 * _DAY:
        raise BadRequest(f"Field [{key}] is out of range")
    return number


def _optional_number(fields: Fields, key: str, default: int | None = None) -> int | None:
    return _number(fields, key, None) if key in fields else default
