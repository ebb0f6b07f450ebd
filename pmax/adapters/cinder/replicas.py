"""The other side of a replicated volume, as Cinder stores it.

The texts are those of the upstream driver, so that an operator can change over and back. Source:
driver-provisioning.md 4.3 and 4.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cinder import objects
from cinder.objects import fields
from oslo_log import log

from pmax.adapters.cinder.extra_specs import policy_to_leave
from pmax.adapters.cinder.locations import Location, model_update, parse_location
from pmax.domain.commands import Replica
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine

LOG = log.getLogger(__name__)

#: Keys of metadata that only replicated volumes have.
REPLICA_KEYS = (
    "R2-DeviceID",
    "R2-ArrayID",
    "R2-ArrayModel",
    "ReplicationMode",
    "RDFG-Label",
    "R1-RDFG",
    "R2-RDFG",
    "BackendID",
)


def replica_update(replica: Replica | None) -> dict[str, Any]:
    """What Cinder shall store about the other side; nothing for a volume that has none."""
    if replica is None:
        return {}
    return {
        "replication_status": fields.ReplicationStatus.ENABLED,
        "replication_driver_data": str(Location(replica.array_id, replica.device_id)),
    }


def no_replica_update() -> dict[str, Any]:
    """What Cinder shall store of a volume whose replication has ended."""
    return {"replication_status": fields.ReplicationStatus.DISABLED, "replication_driver_data": None}


def replica_metadata(known: Mapping[str, str], replica: Replica | None, remote_model: str) -> dict[str, str]:
    """Metadata that tells of the other side; of a volume that has none, without those keys.

    Args:
        known: metadata of the volume.
        replica: the other side.
        remote_model: of its array.
    """
    others = {key: value for key, value in known.items() if key not in REPLICA_KEYS}
    if replica is None:
        return others
    values = (
        replica.device_id,
        replica.array_id,
        remote_model,
        replica.mode,
        replica.link.label,
        replica.link.rdf_group,
        replica.link.remote_rdf_group,
        replica.backend_id,
    )
    return {**others, **{key: str(value) for key, value in zip(REPLICA_KEYS, values, strict=True)}}


def replicated_update(
    engine: Engine, location: object, metadata: Mapping[str, str], replica: Replica | None
) -> dict[str, Any]:
    """What Cinder shall store about a volume that was just made, and about its other side if it has one.

    Args:
        engine: of the backend.
        location: of the volume; its text is stored.
        metadata: of the volume alone.
        replica: the other side.
    """
    if replica is None:
        return model_update(location, dict(metadata))
    told = replica_metadata(metadata, replica, engine.readers.arrays.get_array(replica.array_id).model)
    return model_update(location, told) | replica_update(replica)


def other_side(volume: objects.Volume) -> VolumeTarget | None:
    """The other side as Cinder's database has it; None if it has none, or what it has cannot be read."""
    try:
        location = parse_location(volume.replication_driver_data, ArrayId(""))
    except InvalidRequest as error:
        LOG.warning("volume %s: %s", volume.id, error)
        return None
    if location is None or not location.array_id:
        return None
    return VolumeTarget(array_id=location.array_id, device_id=location.device_id)


def policy_if_replicated(volume: objects.Volume, engine: Engine) -> VolumePolicy | None:
    """The policy of a volume that may be replicated; None where the backend replicates nothing, so nobody asks."""
    if not engine.settings.replication_devices:
        return None
    return policy_to_leave(volume, engine.settings, engine.readers)
