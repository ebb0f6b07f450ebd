"""Edits of a storage group: exactly one per request (rule 83; reference section 6.6)."""

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.refusals import ArrayRefused, BadRequest
from pmax.simulator.resources.group_policies import edit_group_policies
from pmax.simulator.resources.host_io_limits import read_host_io_limit
from pmax.simulator.resources.new_storage_groups import create_groups, fill_group, read_new_volumes
from pmax.simulator.resources.sizes import read_cylinders, read_lun_address, read_remote_groups
from pmax.simulator.resources.snapshot_calls import array_in_time
from pmax.simulator.resources.storage_groups import storage_group_body, subject_group
from pmax.simulator.resources.tags import edited_tags
from pmax.simulator.rules import groups, snapvx_facts
from pmax.simulator.rules.group_splits import merge_groups, split_child, split_volumes
from pmax.simulator.rules.membership import add_volumes, move_volumes, named_volume, remove_volumes
from pmax.simulator.rules.srdf_protection import follow_joined, follow_left
from pmax.simulator.rules.storage_groups import (
    FastParameters,
    add_children,
    apply_parameters,
    remove_children,
    rename_group,
)
from pmax.simulator.rules.volumes import expand_volume
from pmax.simulator.state.records import StorageGroup


def edit_storage_group(call: Call) -> Answer:
    """Change a group as `editStorageGroupActionParam` says and answer it."""
    group = subject_group(call)
    action = call.body.fields("editStorageGroupActionParam")
    edits = dict(_EDITS)
    if call.dialect.adds_children_directly:
        edits["addExistingStorageGroupParam"] = _add_children
    edit = action.choose(*edits)
    call.job_name = f"Modify Storage Group {group.name}"
    name = edits[edit](call, group, action.fields(edit)) or group.name
    call.tasks.append(f"Refresh [Storage Group [{name}] on Symmetrix [{call.symmetrix_id}]] ")
    return ok(storage_group_body(call.array, call.array.storage_groups.get(name), call.dialect))


def _expand(call: Call, group: StorageGroup, fields: Fields) -> None:
    call.job_name = f"Expand Storage Group {group.name}"
    edit = fields.choose(*_EXPANSIONS)
    _EXPANSIONS[edit](call, group, fields.fields(edit))


def _add_new_volumes(call: Call, group: StorageGroup, fields: Fields) -> None:
    # Without the key the array makes new devices; with false it may take unused ones (reference section 6.6).
    may_reuse = not fields.boolean("create_new_volumes", default=True)
    fields.ignore("emulation")
    has_mobility_id = fields.boolean("enable_mobility_id", default=False)
    wanted = read_new_volumes(call, fields, may_reuse=may_reuse)
    if not wanted:
        raise BadRequest("No volumes were asked for")
    wanted = [attrs.evolve(each, has_mobility_id=has_mobility_id) for each in wanted]
    remote = read_remote_groups(fields, call.dialect)
    fill_group(call, group, wanted, remote, read_lun_address(fields, call.dialect))


def _add_known_volumes(call: Call, group: StorageGroup, fields: Fields) -> None:
    ids = fields.texts("volumeId")
    remote = read_remote_groups(fields, call.dialect)
    call.tasks.append(f"Adding Volumes to Storage Group {group.name} : [{', '.join(ids)}]")
    add_volumes(call.array, group, ids, remote, read_lun_address(fields, call.dialect))
    follow_joined(call.world, call.array, group, ids, remote)


def _add_children(call: Call, group: StorageGroup, fields: Fields) -> None:
    fields.ignore("enableComplianceAlerts")
    names = fields.texts("storageGroupId")
    call.tasks.append(f"Adding Storage Groups to Storage Group {group.name} : [{', '.join(names)}]")
    add_children(call.array, group, names, groups.MAX_CHILDREN)


def _add_new_children(call: Call, group: StorageGroup, fields: Fields) -> None:
    name = create_groups(call, fields)
    add_children(call.array, group, [name], groups.MAX_CHILDREN)


def _expand_volumes(call: Call, group: StorageGroup, fields: Fields) -> None:
    choice = fields.choose("specificVolumeParam", "allVolumeParam")
    wanted = fields.fields(choice)
    members = groups.volume_ids(call.array, group)
    ids = list(wanted.texts("volumeId")) if choice == "specificVolumeParam" else members
    cylinders = read_cylinders(wanted.fields("volumeAttribute"))
    number = wanted.optional_integer("rdfGroupNumber")
    for volume_id in ids:
        volume = named_volume(call.array, volume_id)
        if volume.volume_id not in members:
            raise ArrayRefused(f"Device {volume.volume_id} is not in the storage group {group.name}")
        expand_volume(call.array, volume, cylinders, number)
    call.tasks.append(f"Expanding Volumes of Storage Group {group.name} : [{', '.join(ids)}]")


def _remove_volumes(call: Call, group: StorageGroup, fields: Fields) -> None:
    ids = fields.texts("volumeId")
    remote = read_remote_groups(fields, call.dialect)
    terminates = call.dialect.takes_terminate_snapshots and fields.boolean("terminate_snapshots", default=False)
    is_last_kept = call.behaviour.is_last_masked_volume_kept
    call.tasks.append(f"Removing Volumes from Storage Group {group.name} : [{', '.join(ids)}]")
    remove_volumes(call.array, group, ids, remote, is_last_kept=is_last_kept)
    follow_left(call.world, call.array, ids, remote)
    if terminates:
        for volume_id in ids:
            snapvx_facts.terminate_of_volume(array_in_time(call), named_volume(call.array, volume_id))


def _move_volumes(call: Call, group: StorageGroup, fields: Fields) -> None:
    ids = fields.texts("volumeId")
    target = groups.named_group(call.array, fields.text("storageGroupId"))
    is_forced = fields.boolean("force", default=False)
    is_last_kept = call.behaviour.is_last_masked_volume_kept
    call.tasks.append(f"Moving Volumes from Storage Group {group.name} to {target.name} : [{', '.join(ids)}]")
    move_volumes(call.array, group, target, ids, is_forced=is_forced, is_last_kept=is_last_kept)


def _remove_children(call: Call, group: StorageGroup, fields: Fields) -> None:
    names = fields.texts("storageGroupId")
    is_forced = fields.boolean("force", default=False)
    is_last_kept = call.behaviour.is_last_masked_volume_kept
    call.tasks.append(f"Removing Storage Groups from Storage Group {group.name} : [{', '.join(names)}]")
    remove_children(call.array, group, names, is_forced=is_forced, is_last_kept=is_last_kept)


def _set_host_io_limits(call: Call, group: StorageGroup, fields: Fields) -> None:
    limit = read_host_io_limit(fields, group.host_io_limit)
    call.array.storage_groups.put(attrs.evolve(group, host_io_limit=limit))


def _set_srp(call: Call, group: StorageGroup, fields: Fields) -> None:
    srp = fields.text("srpId")
    # Without a pool there is no management at all, so the level goes with it.
    keeps = srp.lower() != "none"
    wanted = FastParameters(
        srp=srp,
        service_level=group.service_level if keeps else None,
        workload=group.workload if keeps else None,
    )
    apply_parameters(call.array, group, wanted)


def _set_service_level(call: Call, group: StorageGroup, fields: Fields) -> None:
    fields.ignore("enableComplianceAlerts")
    wanted = FastParameters(srp=group.srp, service_level=fields.text("sloId"), workload=group.workload)
    apply_parameters(call.array, group, wanted)


def _set_workload(call: Call, group: StorageGroup, fields: Fields) -> None:
    workload = fields.text("workloadSelection")
    wanted = FastParameters(srp=group.srp, service_level=group.service_level, workload=workload)
    apply_parameters(call.array, group, wanted)


def _set_compression(call: Call, group: StorageGroup, fields: Fields) -> None:
    wanted = fields.boolean("compression")
    if wanted and not (group.is_fast_managed and call.array.record.is_compression_capable):
        raise ArrayRefused(f"Storage Group [{group.name}] cannot be compressed")
    call.array.storage_groups.put(attrs.evolve(group, is_compressed=wanted))


def _rename(call: Call, group: StorageGroup, fields: Fields) -> str:
    name = fields.group_name("new_storage_Group_name")
    rename_group(call.array, group, name)
    return name


def _edit_tags(call: Call, group: StorageGroup, fields: Fields) -> None:
    call.array.storage_groups.put(attrs.evolve(group, tags=edited_tags(fields, group.tags, call.dialect)))


def _merge(call: Call, group: StorageGroup, fields: Fields) -> None:
    other = groups.named_group(call.array, fields.text("storageGroupId"))
    merge_groups(call.array, group, other)


def _split_volumes(call: Call, group: StorageGroup, fields: Fields) -> None:
    name, ids = fields.group_name("storageGroupId"), fields.texts("volumeId")
    view = fields.optional_text("maskingViewId")
    uuid = f"60000970{call.draw('storage group', 24).upper()}"
    split_volumes(call.array, group, attrs.evolve(group, name=name, uuid=uuid, tags=()), ids, view)


def _split_child(call: Call, group: StorageGroup, fields: Fields) -> None:
    child = groups.named_group(call.array, fields.text("storageGroupId"))
    view = fields.optional_text("maskingViewId")
    split_child(call.array, group, child, view)


_EXPANSIONS = {
    "addVolumeParam": _add_new_volumes,
    "addSpecificVolumeParam": _add_known_volumes,
    "addExistingStorageGroupParam": _add_children,
    "addNewStorageGroupParam": _add_new_children,
    "expandVolumesParam": _expand_volumes,
}

_EDITS = {
    "expandStorageGroupParam": _expand,
    "removeVolumeParam": _remove_volumes,
    "moveVolumeToStorageGroupParam": _move_volumes,
    "removeStorageGroupParam": _remove_children,
    "setHostIOLimitsParam": _set_host_io_limits,
    "editStorageGroupSRPParam": _set_srp,
    "editStorageGroupSLOParam": _set_service_level,
    "editStorageGroupWorkloadParam": _set_workload,
    "editCompressionParam": _set_compression,
    "renameStorageGroupParam": _rename,
    "tagManagementParam": _edit_tags,
    "mergeStorageGroupParam": _merge,
    "splitStorageGroupVolumesParam": _split_volumes,
    "splitChildStorageGroupParam": _split_child,
    "edit_snapshot_policies_param": edit_group_policies,
}
