"""Edits of a volume: exactly one per request (rule 83; reference section 6.4)."""

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.refusals import BadRequest
from pmax.simulator.resources.sizes import read_cylinders, read_naming
from pmax.simulator.resources.volumes import subject_volume, volume_body
from pmax.simulator.rules.volumes import expand_volume, free_volume
from pmax.simulator.state.records import Volume


def edit_volume(call: Call) -> Answer:
    """Change a volume as `editVolumeActionParam` says and answer it."""
    volume = subject_volume(call)
    action = call.body.fields("editVolumeActionParam")
    edit = action.choose(*_EDITS)
    _EDITS[edit](call, volume, action.fields(edit))
    return ok(volume_body(call.array, call.array.volumes.get(volume.volume_id), call.dialect))


def _expand(call: Call, volume: Volume, fields: Fields) -> None:
    cylinders = read_cylinders(fields.fields("volumeAttribute"))
    number = fields.optional_integer("rdfGroupNumber") if call.dialect.takes_rdf_group_on_expand else None
    call.job_name = f"Expand Volume {volume.volume_id}"
    call.tasks.append(f"Expanding Volume [{volume.volume_id}]")
    expand_volume(call.array, volume, cylinders, number)


def _rename(call: Call, volume: Volume, fields: Fields) -> None:
    naming = read_naming(fields.fields("volumeIdentifier"))
    call.job_name = f"Modify Volume Identifier {volume.volume_id}"
    call.tasks.append(f"Modifying identifier of Volume [{volume.volume_id}]")
    call.array.volumes.put(attrs.evolve(volume, identifier=naming.identifier(volume.volume_id, 0)))


def _free(call: Call, volume: Volume, fields: Fields) -> None:
    if not fields.boolean("free_volume"):
        raise BadRequest("free_volume must be true")
    call.job_name = f"Free Volume {volume.volume_id}"
    call.tasks.append(f"Freeing allocations of Volume [{volume.volume_id}]")
    free_volume(call.array, volume)


def _enable_mobility_id(call: Call, volume: Volume, fields: Fields) -> None:
    enabled = fields.boolean("enable_mobility_id")
    call.array.volumes.put(attrs.evolve(volume, has_mobility_id=enabled))


def _reset_wwn(call: Call, volume: Volume, fields: Fields) -> None:
    if not call.dialect.resets_wwn or not fields.boolean("reset_wwn"):
        raise BadRequest("reset_wwn must be true, and the version of the API must have it")
    call.array.volumes.put(attrs.evolve(volume, effective_wwn=None))


_EDITS = {
    "expandVolumeParam": _expand,
    "modifyVolumeIdentifierParam": _rename,
    "freeVolumeParam": _free,
    "enable_mobility_id_param": _enable_mobility_id,
    "reset_wwn_param": _reset_wwn,
}
