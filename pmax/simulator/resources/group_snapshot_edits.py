"""Changes of the snapshot of a storage group, by generation or by snap id (reference section 6.14).

The actions are the same; the two forms of the path differ in how the fields are spelled.
"""

from collections.abc import Callable

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.refusals import BadRequest, MissingSubject, NotFound
from pmax.simulator.resources.group_snapshot_bodies import group_snapshot_body
from pmax.simulator.resources.group_snapshots import subject_snapshot
from pmax.simulator.resources.snapshot_calls import array_in_time, read_seconds, snapshot_name
from pmax.simulator.rules.snapvx import ArrayInTime, Selector
from pmax.simulator.rules.snapvx_group_links import (
    TargetGroup,
    link_group,
    relink_group,
    set_group_copy_mode,
    unlink_group,
)
from pmax.simulator.rules.snapvx_groups import GroupSnapshot, get_group_snapshot, live
from pmax.simulator.rules.snapvx_links import LinkOptions
from pmax.simulator.rules.snapvx_restores import restore_snapshot
from pmax.simulator.rules.snapvx_snapshots import rename_snapshot, set_persistent, set_secure, set_time_to_live


@attrs.frozen(kw_only=True)
class Edit:
    """A change of a snapshot of a group on its way.

    Attributes:
        fields: the object of the action; empty if the body has none.
        is_snake_case: the path is that of a snap id, so the fields are spelled in snake case.
    """

    call: Call
    scene: ArrayInTime
    found: GroupSnapshot
    fields: Fields
    is_snake_case: bool

    def text(self, camel_case: str, snake_case: str) -> str:
        """Return a text of the action, as the form of the path spells it."""
        return self.fields.text(snake_case if self.is_snake_case else camel_case)


def edit_group_snapshot(call: Call) -> Answer:
    """Change the snapshot that the path names, as `action` says, and answer it."""
    try:
        found = live(subject_snapshot(call))
    except NotFound as refusal:
        raise MissingSubject(refusal.message) from refusal
    action = call.body.choice("action", _ACTIONS)
    perform, key = _ACTIONS[action]
    # One client sends the objects of all actions along, most of them empty.
    call.body.ignore(*{other for _, other in _ACTIONS.values()} - {key})
    fields = call.body.optional_fields(key) or Fields({}, key)
    fields.boolean("force", default=False)
    fields.ignore("star", "remote")
    name = found.first.name
    call.job_name = f"{action} snapshot {name} of Storage Group {found.group.name}"
    call.tasks.append(f"{action} of snapshot [{name}] of Storage Group [{found.group.name}]")
    edit = Edit(
        call=call,
        scene=array_in_time(call),
        found=found,
        fields=fields,
        is_snake_case="snap_id" in call.params,
    )
    perform(edit)
    name = edit.text("newSnapshotName", "new_snapshot_name") if key == "rename" else name
    selector = Selector(snap_id=found.first.snap_id)
    changed = get_group_snapshot(call.array, found.group, name, selector)
    return ok(group_snapshot_body(call, changed, by_snap_id=edit.is_snake_case))


def _link(edit: Edit) -> None:
    fields = edit.fields
    target = TargetGroup(
        name=_group_name(edit, "linkStorageGroupName"),
        uuid=f"60000970{edit.call.draw('storage group', 24).upper()}",
        is_uncompressed=fields.boolean("no_compression", default=False),
    )
    options = LinkOptions(
        is_copy=fields.boolean("copy", default=False),
        is_exact=fields.boolean("exact", default=False),
        is_forced=fields.boolean("force", default=False),
    )
    link_group(edit.scene, edit.found, target, options)


def _unlink(edit: Edit) -> None:
    is_forced = edit.fields.boolean("symforce", default=False)
    unlink_group(edit.scene, edit.found, _group_name(edit, "unlinkStorageGroupName"), is_forced=is_forced)


def _relink(edit: Edit) -> None:
    edit.fields.boolean("exact", default=False)
    is_copy = edit.fields.boolean("copy") if "copy" in edit.fields else None
    relink_group(edit.scene, edit.found, _group_name(edit, "relinkStorageGroupName"), is_copy=is_copy)


def _restore(edit: Edit) -> None:
    for snapshot in edit.found.snapshots:
        restore_snapshot(edit.scene, snapshot)


def _rename(edit: Edit) -> None:
    name = snapshot_name(edit.text("newSnapshotName", "new_snapshot_name"))
    for snapshot in edit.found.snapshots:
        rename_snapshot(edit.scene, snapshot, name)


def _set_mode(edit: Edit) -> None:
    is_copy = edit.fields.boolean("copy", default=False)
    set_group_copy_mode(edit.scene, edit.found, _group_name(edit, "storageGroupName"), is_copy=is_copy)


def _set_life(edit: Edit) -> None:
    life_s = read_seconds(edit.fields, *_spelling(edit, "timeToLive", "time_to_live"))
    for snapshot in edit.found.snapshots:
        set_time_to_live(edit.scene, snapshot, life_s)


def _set_secure(edit: Edit) -> None:
    secure_s = read_seconds(edit.fields, *_spelling(edit, "secure", "secure"))
    if secure_s is None:
        raise BadRequest("The secure time is missing")
    for snapshot in edit.found.snapshots:
        set_secure(edit.scene, snapshot, secure_s)


def _persist(edit: Edit) -> None:
    is_persistent = edit.fields.boolean("persist", default=False)
    for snapshot in edit.found.snapshots:
        set_persistent(edit.scene, snapshot, is_persistent=is_persistent)


def _group_name(edit: Edit, camel_case: str) -> str:
    return edit.fields.group_name("storage_group_name" if edit.is_snake_case else camel_case)


def _spelling(edit: Edit, camel_case: str, snake_case: str) -> tuple[str, str]:
    return (snake_case, "time_in_hours") if edit.is_snake_case else (camel_case, "timeInHours")


_ACTIONS: dict[str, tuple[Callable[[Edit], None], str]] = {
    "Link": (_link, "link"),
    "Unlink": (_unlink, "unlink"),
    "Relink": (_relink, "relink"),
    "Restore": (_restore, "restore"),
    "Rename": (_rename, "rename"),
    "SetMode": (_set_mode, "set_mode"),
    "SetTimeToLive": (_set_life, "time_to_live"),
    "TimeToLive": (_set_life, "time_to_live"),
    "SetSecure": (_set_secure, "secure"),
    "Secure": (_set_secure, "secure"),
    "Persist": (_persist, "persist"),
}
"""By name: what to do, and the key of its object.

Dell's Terraform provider sends `SetMode`, `SetTimeToLive` and `SetSecure`; `TimeToLive`, `Secure` and `Persist` are
inferred from the keys (reference section 6.14). In the generation form only Link, Unlink, Relink, Restore and Rename
are evidenced, and the spelling of the other fields is assumed.
"""
