"""Volume type and QoS specification, as Cinder keeps them → VolumePolicy."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from cinder import objects
from oslo_log import log

from pmax.domain.extra_specs import REPLICATION_BACKEND
from pmax.domain.identifiers import ArrayId
from pmax.domain.policies import PolicyDefaults, PolicyReading, VolumePolicy, read_policy
from pmax.domain.pools import PoolName
from pmax.domain.problems import raise_all
from pmax.domain.qos import QosSpecs
from pmax.domain.settings import Settings
from pmax.plugins.replication_choice import device_called
from pmax.ports.readers import Readers

LOG = log.getLogger(__name__)


def volume_policy(volume: objects.Volume, settings: Settings, readers: Readers) -> VolumePolicy:
    """How a Cinder volume is to be kept.

    Args:
        volume: a `cinder.objects.Volume`; it need not have a type.
        settings: of the backend.
        readers: for what the array offers, which is read once.

    Raises:
        InvalidRequest: with every mistake in the type.
    """
    reading = _read(volume, settings, readers)
    raise_all(reading.problems, f"volume type of volume {volume.id}")
    for warning in reading.warnings:
        LOG.warning("volume %s: %s", volume.id, warning)
    return reading.policy


def replication_backend_of(volume: objects.Volume) -> str | None:
    """Which replication device the type of a volume names; None for none. Reads no array."""
    volume_type = _volume_type(volume)
    return _texts(volume_type.extra_specs).get(REPLICATION_BACKEND) if volume_type else None


def policy_to_leave(volume: objects.Volume, settings: Settings, readers: Readers) -> VolumePolicy:
    """How a volume was to be kept that is going to be taken away.

    A type that has become invalid since must not keep the volume where it is: mistakes are logged and left out.
    """
    reading = _read(volume, settings, readers)
    for problem in reading.problems:
        LOG.warning("the type of volume %s is not valid any more: %s", volume.id, problem)
    return reading.policy


def type_policy(volume_type: objects.VolumeType, settings: Settings, readers: Readers) -> VolumePolicy:
    """How volumes of a type are to be kept; arguments as for `volume_policy`.

    Raises:
        InvalidRequest: with every mistake in the type.
    """
    reading = _read_type(volume_type, _configured(settings), settings.array_id, readers)
    raise_all(reading.problems, f"volume type {volume_type.name}")
    for warning in reading.warnings:
        LOG.warning("volume type %s: %s", volume_type.name, warning)
    return reading.policy


def policy_in_pool(volume: objects.Volume, pool: PoolName, readers: Readers) -> VolumePolicy:
    """How a volume of its type is to be kept by a backend whose pool this is.

    Args:
        volume: which.
        pool: of this array; it takes the place of the configuration.
        readers: for what the array offers.

    Raises:
        InvalidRequest: with every mistake in the type, which may name another pool.
    """
    level, workload = pool.service_level or "None", pool.workload
    defaults = PolicyDefaults(srp=pool.srp, service_level=level, workload=workload)
    reading = _read_type(_volume_type(volume), defaults, pool.array_id, readers)
    raise_all(reading.problems, f"volume type of volume {volume.id}")
    return reading.policy


def _configured(settings: Settings) -> PolicyDefaults:
    return PolicyDefaults(
        srp=settings.srp,
        service_level=settings.service_level,
        workload=settings.workload,
        equivalent_pools=settings.equivalent_pools,
    )


def policy_on_other_array(volume: objects.Volume, settings: Settings, readers: Readers) -> VolumePolicy:
    """How a Cinder volume is to be kept while its backend is failed over.

    The type was made for the configured array: what the other one does not offer is left out, and hosts see the volume
    through the port group that the replication device names for that time.
    """
    device = device_called(settings.replication_devices, replication_backend_of(volume))
    policy = policy_to_leave(volume, settings, readers)
    return attrs.evolve(policy, srp=device.remote_srp, port_group=device.remote_port_group)


def _read(volume: objects.Volume, settings: Settings, readers: Readers) -> PolicyReading:
    return _read_type(_volume_type(volume), _configured(settings), settings.array_id, readers)


def _read_type(
    volume_type: objects.VolumeType | None, defaults: PolicyDefaults, array_id: ArrayId, readers: Readers
) -> PolicyReading:
    arrays = readers.arrays
    return read_policy(
        _texts(volume_type.extra_specs) if volume_type else {},
        _qos(volume_type),
        defaults,
        arrays.get_array(array_id),
        arrays.list_service_levels(array_id),
        arrays.list_workloads(array_id),
    )


def _qos(volume_type: objects.VolumeType | None) -> QosSpecs | None:
    if volume_type is None:
        return None
    load(volume_type, "qos_specs")
    qos = volume_type.qos_specs
    return QosSpecs(_texts(qos.specs), str(qos.consumer)) if qos else None


def _volume_type(volume: objects.Volume) -> objects.VolumeType | None:
    if not volume.volume_type_id:
        return None
    load(volume, "volume_type")
    return volume.volume_type


def load(cinder_object: objects.base.CinderObject, attribute: str) -> None:
    """Let Cinder read an attribute from its database, where a user may not read all of them, if it has not yet."""
    if not cinder_object.obj_attr_is_set(attribute):
        with cinder_object.obj_as_admin():
            getattr(cinder_object, attribute)


def _texts(specs: Mapping[str, str | None] | None) -> dict[str, str]:
    return {key: value for key, value in (specs or {}).items() if value is not None}
