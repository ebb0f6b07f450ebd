"""Reads the body that creates storage groups, alone or inside another body, and creates them with their volumes."""

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Call
from pmax.simulator.identifiers import device_range
from pmax.simulator.refusals import BadRequest
from pmax.simulator.resources.group_policies import associate_new_group
from pmax.simulator.resources.host_io_limits import read_host_io_limit
from pmax.simulator.resources.sizes import read_cylinders, read_naming
from pmax.simulator.rules import groups
from pmax.simulator.rules.membership import add_volumes
from pmax.simulator.rules.srdf_facts import RemoteGroups
from pmax.simulator.rules.srdf_protection import follow_joined
from pmax.simulator.rules.storage_groups import (
    FastParameters,
    add_children,
    known_parameters,
    refuse_existing,
)
from pmax.simulator.rules.volumes import NewVolumes, make_volumes
from pmax.simulator.state.records import StorageGroup

_EMULATIONS = ("FBA", "CKD-3390", "CKD-3380")


def create_groups(call: Call, fields: Fields) -> str:
    """Create the group that a body describes and return its name.

    Without `sloBasedStorageGroupParam` it is empty. With one element it holds the volumes that the element describes.
    With several it is a parent with as many children (inferred).
    """
    name = fields.group_name("storageGroupId")
    refuse_existing(call.array, name)
    emulation = fields.choice("emulation", _EMULATIONS) if "emulation" in fields else "FBA"
    fields.ignore("emulation", "enableComplianceAlerts")
    srp = fields.optional_text("srpId")
    elements = fields.list_of_fields("sloBasedStorageGroupParam")
    call.job_name = f"Create Storage Group {name}"
    call.tasks.append(f"Create Storage Group [{name}]")
    if len(elements) <= 1:
        element = elements[0] if elements else Fields({}, "")
        _refuse_child_name(element)
        _create_group(call, name, srp, emulation, element)
    else:
        _create_group(call, name, None, emulation, Fields({}, ""))
        children = [_child_name(name, position, element) for position, element in enumerate(elements, start=1)]
        for child, element in zip(children, elements, strict=True):
            refuse_existing(call.array, child)
            _create_group(call, child, srp, emulation, element)
        add_children(call.array, call.array.storage_groups.get(name), children, groups.MAX_CHILDREN)
    associate_new_group(call, name, fields)
    call.tasks.append(f"Refresh [Storage Group [{name}] on Symmetrix [{call.symmetrix_id}]] ")
    return name


def read_new_volumes(call: Call, fields: Fields, *, may_reuse: bool) -> list[NewVolumes]:
    """Return the volumes that a body asks for, in the form of its version (reference section 9)."""
    if call.dialect.has_flat_volume_attributes:
        number = fields.integer("num_of_vols", default=0)
        attribute = fields.optional_fields("volumeAttribute")
        naming = read_naming(fields.optional_fields("volumeIdentifier"))
        wanted = [] if attribute is None else [_new_volumes(number, attribute, may_reuse=may_reuse)]
        if attribute is None and number:
            raise BadRequest("volumeAttribute is missing")
        return [attrs.evolve(each, naming=naming) for each in wanted if each.number]
    wanted = []
    for attribute in fields.list_of_fields("volumeAttributes"):
        number = attribute.integer("num_of_vols", default=0)
        naming = read_naming(attribute.optional_fields("volumeIdentifier"))
        wanted.append(attrs.evolve(_new_volumes(number, attribute, may_reuse=may_reuse), naming=naming))
    return [each for each in wanted if each.number]


def fill_group(
    call: Call, group: StorageGroup, wanted: list[NewVolumes], remote: RemoteGroups, first_address: int | None = None
) -> tuple[str, ...]:
    """Make volumes and let them join a group; the tasks name them as clients look for them (reference section 3.4)."""
    made: tuple[str, ...] = ()
    for each in wanted:
        made += make_volumes(call.array, each, group.srp)
    if made:
        text = device_range(list(made))
        call.tasks.append(f"Creating new Volumes for Storage Group {group.name} : [{text}]")
        call.tasks.append(f"Populating Storage Group(s) with volumes : [{text}]")
        add_volumes(call.array, group, made, remote, first_address)
        follow_joined(call.world, call.array, group, made, remote)
    return made


def _create_group(call: Call, name: str, srp: str | None, emulation: str, element: Fields) -> None:
    wanted = FastParameters(
        srp=srp,
        service_level=element.optional_text("sloId"),
        workload=element.optional_text("workloadSelection"),
    )
    known = known_parameters(call.array, wanted)
    is_uncompressed = element.boolean("noCompression", default=False)
    allocates = element.boolean("allocate_capacity_for_each_vol", default=False)
    element.ignore("persist_preallocated_capacity_through_reclaim_or_copy")
    has_mobility_id = element.boolean("enable_mobility_id", default=False)
    limit = element.optional_fields("setHostIOLimitsParam")
    group = StorageGroup(
        name=name,
        uuid=f"60000970{call.draw('storage group', 24).upper()}",
        srp=known.srp,
        service_level=known.service_level,
        workload=known.workload,
        emulation=emulation,
        # Assumed: only what FAST manages is compressed, where the array can.
        is_compressed=known.srp is not None and call.array.record.is_compression_capable and not is_uncompressed,
        host_io_limit=None if limit is None else read_host_io_limit(limit, None),
    )
    call.array.storage_groups.put(group)
    volumes = read_new_volumes(call, element, may_reuse=False)
    volumes = [attrs.evolve(each, allocates=allocates, has_mobility_id=has_mobility_id) for each in volumes]
    fill_group(call, group, volumes, RemoteGroups())


def _new_volumes(number: int, attribute: Fields, *, may_reuse: bool) -> NewVolumes:
    if not 0 <= number <= groups.MAX_VOLUMES:
        raise BadRequest(f"num_of_vols must be 0 to {groups.MAX_VOLUMES}")
    return NewVolumes(number=number, cylinders=read_cylinders(attribute), naming=read_naming(None), may_reuse=may_reuse)


def _child_name(parent: str, position: int, element: Fields) -> str:
    if "custom_cascaded_storageGroupId" in element:
        return element.group_name("custom_cascaded_storageGroupId")
    return f"{parent}_{position}"  # assumed


def _refuse_child_name(element: Fields) -> None:
    if "custom_cascaded_storageGroupId" in element:
        raise BadRequest("custom_cascaded_storageGroupId needs more than one child")
