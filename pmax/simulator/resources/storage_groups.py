"""Storage groups: lists, details, creation and deletion (reference section 6.6)."""

from collections.abc import Callable

from pmax.simulator import capacity
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.dialect import Dialect
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.new_storage_groups import create_groups
from pmax.simulator.rules import groups, snapvx_facts, srdf_facts
from pmax.simulator.rules.storage_groups import delete_group
from pmax.simulator.state.records import HostIoLimit, StorageGroup
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

KIND = "Storage Group"
NO_LIMIT = "NOLIMIT"

Candidate = tuple[ArrayTables, StorageGroup]


def list_storage_groups(call: Call) -> Answer:
    """Answer the names of the groups that pass the filters."""
    array = call.array
    names = call.query.exact("storageGroupId")
    rows: list[StorageGroup] | None = None
    if names is not None:
        rows = [group for name in names if (group := array.storage_groups.find(name)) is not None]
    elif (ids := call.query.exact("volumeId")) is not None:
        found = [volume for each in ids if (volume := array.volumes.find(each.upper())) is not None]
        rows = [array.storage_groups.get(name) for volume in found for name in volume.storage_groups]
    candidates = [(array, group) for group in (array.storage_groups if rows is None else rows)]
    passed = _FILTERS.apply(call.query, candidates)
    return ok({"storageGroupId": sorted({group.name for _, group in passed})})


def get_storage_group(call: Call) -> Answer:
    """Answer one group."""
    return ok(storage_group_body(call.array, subject_group(call), call.dialect))


def create_storage_group(call: Call) -> Answer:
    """Create a group, with volumes and children if the body says so (rules 16 and 28)."""
    name = create_groups(call, call.body)
    call.link = f"{call.path}/{name}"
    return created(storage_group_body(call.array, call.array.storage_groups.get(name), call.dialect))


def delete_storage_group(call: Call) -> Answer:
    """Delete a group (rules 7 to 10)."""
    delete_group(call.array, subject_group(call))
    return no_content()


def subject_group(call: Call) -> StorageGroup:
    """Return the group that the path names.

    Raises:
        NotFound: there is none.
        MissingSubject: the same, of a PUT.
    """
    name = call.params["storage_group"]
    group = call.array.storage_groups.find(name)
    if group is None:
        text = text_of_missing(KIND, name, call.symmetrix_id)
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return group


def storage_group_body(array: ArrayTables, group: StorageGroup, dialect: Dialect) -> JsonObject:
    """Return a group as JSON; lists that would be empty are left out."""
    children = [child.name for child in groups.children(array, group)]
    views = [view.name for view in groups.views_of_groups(array, [group.name])]
    snapshots = snapvx_facts.number_of_snapshots(array, group)
    level = array.service_levels.find(group.service_level or "")
    body: JsonObject = {
        "storageGroupId": group.name,
        "slo": level.name if level else "NONE",
        "service_level": level.name if level else "NONE",
        "base_slo_name": level.base_name if level else "NONE",
        "srp": group.srp or "NONE",
        "workload": group.workload or "NONE",
        "slo_compliance": "STABLE" if level else "NONE",
        "num_of_vols": groups.number_of_volumes(array, group),
        "num_of_child_sgs": len(children),
        "num_of_parent_sgs": len(group.parents),
        "num_of_masking_views": len(views),
        "num_of_snapshots": snapshots,
        "num_of_snapshot_policies": len(group.snapshot_policies),
        "cap_gb": capacity.cap_gb(groups.cylinders_of(array, group)),
        "device_emulation": group.emulation,
        "type": _type_of(children, group),
        # Assumed: unprotected means neither snapshots, nor their policies, nor SRDF.
        "unprotected": not (snapshots or group.snapshot_policies or srdf_facts.is_group_protected(array, group)),
        "compression": group.is_compressed,
        "compressionRatio": "1.0:1",
        "compression_ratio_to_one": 1.0,
        "vp_saved_percent": 100.0,
        "uuid": group.uuid,
        "unreducible_data_gb": 0.0,
    }
    lists = {
        "child_storage_group": children,
        "parent_storage_group": list(group.parents),
        "maskingview": views,
        "snapshot_policies": list(group.snapshot_policies),
    }
    body.update({name: values for name, values in lists.items() if values})
    if group.host_io_limit is not None:
        body["hostIOLimit"] = _limit_body(group.host_io_limit)
    if dialect.has_tags and group.tags:
        body["tags"] = ",".join(group.tags)
    return body


def _type_of(children: list[str], group: StorageGroup) -> str:
    if children:
        return "Parent"
    return "Child" if group.parents else "Standalone"


def _limit_body(limit: HostIoLimit) -> JsonObject:
    return {
        "host_io_limit_io_sec": NO_LIMIT if limit.io_per_second is None else str(limit.io_per_second),
        "host_io_limit_mb_sec": NO_LIMIT if limit.mb_per_second is None else str(limit.mb_per_second),
        "dynamicDistribution": limit.dynamic_distribution,
    }


_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "storageGroupId": lambda it: it[1].name,
    "volumeId": lambda it: tuple(groups.volume_ids(*it)),
    "num_of_vols": lambda it: groups.number_of_volumes(*it),
    "cap_gb": lambda it: capacity.cap_gb(groups.cylinders_of(*it)),
    "num_of_child_sgs": lambda it: it[0].storage_groups.count("parent", it[1].name),
    "num_of_parent_sgs": lambda it: len(it[1].parents),
    "num_of_masking_views": lambda it: len(groups.views_of_groups(it[0], [it[1].name])),
    "num_of_snapshots": lambda it: snapvx_facts.number_of_snapshots(*it),
    "srp_name": lambda it: it[1].srp or "NONE",
    "slo_name": lambda it: it[1].service_level or "NONE",
    "base_slo_name": lambda it: it[1].service_level or "NONE",
    "workload": lambda it: it[1].workload or "NONE",
    "emulation": lambda it: it[1].emulation,
    "compression": lambda it: it[1].is_compressed,
    "is_child": lambda it: bool(it[1].parents),
    "is_parent": lambda it: groups.is_parent(*it),
    "tag": lambda it: it[1].tags,
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
"""Only `storageGroupId` is evidenced; the rest is product knowledge (reference section 6.6)."""
