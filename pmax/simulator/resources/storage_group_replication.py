"""Arrays and storage groups as the replication category shows them: snapshots and SRDF together (section 6.15)."""

from collections.abc import Callable

from pmax.simulator import capacity
from pmax.simulator.call import Answer, Call, created, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import BadRequest
from pmax.simulator.resources.group_snapshots import wanted_snapshots
from pmax.simulator.resources.storage_groups import subject_group
from pmax.simulator.rules import groups, snapvx_facts, srdf_facts
from pmax.simulator.rules.membership import add_volumes
from pmax.simulator.rules.snapvx_groups import is_link_target
from pmax.simulator.rules.srdf_facts import RemoteGroups
from pmax.simulator.rules.srdf_pairs import groups_of_array, named_group, pairs_of_group, remote_array
from pmax.simulator.rules.storage_groups import refuse_existing
from pmax.simulator.state.records import Array, StorageGroup
from pmax.simulator.state.srdf_records import RdfGroup, RdfPair
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

Candidate = tuple[ArrayTables, StorageGroup]


def list_capabilities(call: Call) -> Answer:
    """Answer what the arrays that this Unisphere sees and reaches are licensed for (rule 65)."""
    rows = [row for row in call.transaction.arrays if row.is_up and call.unisphere.sees(row.symmetrix_id)]
    entries = [
        {
            "symmetrixId": row.symmetrix_id,
            "snapVxCapable": row.is_snapvx_capable,
            "rdfCapable": row.is_srdf_capable,
            **_further_capabilities(call, row),
        }
        for row in sorted(rows, key=lambda row: row.symmetrix_id)
    ]
    return ok({"symmetrixCapability": entries, "successful": True, "failMessage": ""})


def _further_capabilities(call: Call, row: Array) -> JsonObject:
    """Return what else an array can. The names of 10.x are those that PyU4V's own tests expect of an array."""
    if not call.dialect.has_more_replication_capabilities:
        return {"virtualWitnessCapable": False}
    return {
        "witness_capable": row.is_srdf_capable,
        "virtual_witness_capable": False,
        "snapshot_policy_capable": row.is_snapvx_capable,
        "metro_capable": row.is_srdf_capable,
        "metro_dr_capable": False,
        "vasa_async_remote_rep_capable": False,
    }


def get_replication_array(call: Call) -> Answer:
    """Answer how much an array replicates."""
    array = call.array
    return ok(
        {
            "symmetrixId": call.symmetrix_id,
            "storageGroupCount": sum(_is_replicated((array, group)) for group in array.storage_groups),
            "replicationCacheUsage": 0,
            "rdfGroupCount": len(groups_of_array(array)),
        }
    )


def list_replication_groups(call: Call) -> Answer:
    """Answer the names of the storage groups that pass the filters."""
    rows = [(call.array, group) for group in call.array.storage_groups]
    return ok({"name": sorted(group.name for _, group in _FILTERS.apply(call.query, rows))})


def get_replication_group(call: Call) -> Answer:
    """Answer one storage group with its snapshots and its replication.

    `rdf` is true only if all of its volumes are replicated (inferred from what one client logs).
    """
    return ok(_body(call, subject_group(call)))


def create_group_of_rdf_group(call: Call) -> Answer:
    """Make a storage group without service level of all volumes of an RDF group, on both arrays if that is wanted."""
    body = call.body
    body.choice("action", ("CreateSgFromRdfg",))
    name = body.group_name("storage_group_name")
    fields = body.fields("create_sg_from_rdfg")
    rdf_group = named_group(call.array, fields.integer("rdf_group_number"))
    role = fields.choice("rdf_type", ("RDF1", "RDF2")) if "rdf_type" in fields else None
    pairs = _pairs_of_role(call.array, rdf_group, role)
    near = rdf_group.side_of(call.symmetrix_id)
    _make_group(call, call.array, name, [pair.volumes[near] for pair in pairs])
    if "remote_storage_group_name" in fields:
        remote_name = fields.group_name("remote_storage_group_name")
        remote = remote_array(call.array, rdf_group)
        _make_group(call, remote, remote_name, [pair.volumes[1 - near] for pair in pairs])
    call.link = f"{call.path}/{name}"
    return created(_body(call, call.array.storage_groups.get(name)))


def _pairs_of_role(array: ArrayTables, rdf_group: RdfGroup, role: str | None) -> list[RdfPair]:
    """Return the whole pairs whose near volume has a role.

    Raises:
        BadRequest: none is named, and the group holds both.
    """
    near = rdf_group.side_of(array.symmetrix_id)
    pairs = [pair for pair in pairs_of_group(array, rdf_group) if pair.missing_side is None]
    roles = {"RDF1" if pair.r1_side == near else "RDF2" for pair in pairs}
    if role is None and len(roles) > 1:
        raise BadRequest("rdf_type must be given: the RDF group holds both R1 and R2 volumes")
    wanted = role or next(iter(roles), None)
    return [pair for pair in pairs if (pair.r1_side == near) is (wanted == "RDF1")]


def _make_group(call: Call, array: ArrayTables, name: str, volume_ids: list[str]) -> None:
    refuse_existing(array, name)
    group = StorageGroup(name=name, uuid=f"60000970{call.draw('storage group', 24).upper()}")
    array.storage_groups.put(group)
    if volume_ids:
        add_volumes(array, group, volume_ids, RemoteGroups())


def _body(call: Call, group: StorageGroup) -> JsonObject:
    array = call.array
    ids = groups.volume_ids(array, group)
    snapshots = sorted({found.first.name for found in wanted_snapshots(call, group)})
    remote = srdf_facts.remote_groups(array, group)
    body: JsonObject = {
        "name": group.name,
        "symmetrixId": array.symmetrix_id,
        "parentName": ",".join(group.parents),
        "childNames": [child.name for child in groups.children(array, group)],
        "numDevicesNonGk": sum(not array.volumes.get(volume_id).is_gatekeeper for volume_id in ids),
        "capacityGB": capacity.cap_gb(groups.cylinders_of(array, group)),
        "numSnapVXSnapshots": len(snapshots),
        "snapVXSnapshots": snapshots,
        "num_cloud_snapshots": 0,
        "rdf": srdf_facts.is_group_replicated(array, group),
        "isLinkTarget": is_link_target(array, group),
        "snapshot_policies": list(group.snapshot_policies),
        "rdf_groups": srdf_facts.rdf_groups_of(array, group),
        "num_clone_target_storage_groups": 0,
    }
    if remote and call.query.boolean("include_remote_sgs") is not False:
        body["remote_storage_groups"] = [
            {"symmetrix_id": symmetrix_id, "storage_group_id": name, "storage_group_uuid": uuid}
            for symmetrix_id, name, uuid in remote
        ]
    return body


def _has_snapshots(candidate: Candidate) -> bool:
    return snapvx_facts.number_of_snapshots(*candidate) > 0


def _is_replicated(candidate: Candidate) -> bool:
    return _has_snapshots(candidate) or srdf_facts.is_group_protected(*candidate)


_FIELDS: dict[str, Callable[[Candidate], FilterValue]] = {
    "hasSrdf": lambda it: srdf_facts.is_group_protected(*it),
    "hasSnapshots": _has_snapshots,
    "hasCloudSnapshots": lambda _: False,
    "is_link_target": lambda it: is_link_target(*it),
    "has_snap_policies": lambda it: bool(it[1].snapshot_policies),
    "has_clones": lambda _: False,
    "storageGroupId": lambda it: it[1].name,
}
_FILTERS: Filters[Candidate] = Filters(_FIELDS)
