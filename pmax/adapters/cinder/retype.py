"""Cinder's calls that keep a volume in another way: retype, migrate within the array, end a migration by copying.

None of them copies data. Where that would be needed, Cinder is told that nothing was done (`False`), and copies by
itself if the user allows it; where copying would not help either, it is told why (an exception).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cinder import objects
from cinder.context import RequestContext
from cinder.volume import volume_utils
from oslo_log import log

from pmax.adapters.cinder.base import PowerMaxDriver
from pmax.adapters.cinder.connectors import other_hosts
from pmax.adapters.cinder.errors import cinder_errors
from pmax.adapters.cinder.extra_specs import policy_in_pool, policy_to_leave, type_policy
from pmax.adapters.cinder.locations import required_target
from pmax.adapters.cinder.metadata import policy_metadata
from pmax.adapters.cinder.replicas import no_replica_update, replica_metadata, replica_update
from pmax.domain.commands import RenameVolume, RetypeVolume
from pmax.domain.errors import InvalidRequest, PmaxError
from pmax.domain.naming import volume_identifier
from pmax.domain.policies import VolumePolicy
from pmax.domain.pools import PoolName
from pmax.engine import Engine

LOG = log.getLogger(__name__)

#: What Cinder is told when nothing was done and it may copy the data by itself.
_NOT_DONE = (False, None)


class RetypeOperations(PowerMaxDriver):
    """How a volume is kept."""

    def retype(
        self,
        context: RequestContext,
        volume: objects.Volume,
        new_type: objects.VolumeType,
        diff: Mapping[str, Any] | None,
        host: Mapping[str, Any],
    ) -> tuple[bool, dict[str, Any] | None]:
        """Keep a volume as another type says, attached or not.

        Returns:
            Whether it is kept so now, and what Cinder shall store: `metadata` and `multiattach`; if its replication
            begins or ends, `replication_status` and `replication_driver_data` too.
        """
        with cinder_errors():
            engine = self._engine()
            pool = _pool_of(host["host"])
            if _changes_encryption(diff):
                LOG.info("volume %s: a change of encryption means writing all data anew", volume.id)
                return _NOT_DONE
            if not _is_same_backend(host["host"], self.host) or (pool and not _is_here(pool, engine)):
                LOG.info("volume %s: %s is another backend or array", volume.id, host["host"])
                return _NOT_DONE
            policy = type_policy(new_type, engine.settings, engine.readers)
            update = self._retype(engine, volume, policy)
            return True, update | {"multiattach": new_type.is_multiattach()}

    def migrate_volume(
        self, context: RequestContext, volume: objects.Volume, host: Mapping[str, Any]
    ) -> tuple[bool, dict[str, Any] | None]:
        """Move a volume to another pool of the same array, of this backend or of another, without changing its type.

        Returns:
            Whether it was moved, and what Cinder shall store.
        """
        with cinder_errors():
            engine = self._engine()
            pool = _pool_of(host["host"])
            if pool is None or pool.array_id != engine.settings.array_id:
                LOG.info("volume %s: %s is not on array %s", volume.id, host["host"], engine.settings.array_id)
                return _NOT_DONE
            policy = policy_in_pool(volume, pool, engine.readers)
            if _is_same_backend(host["host"], self.host):
                current = policy_to_leave(volume, engine.settings, engine.readers)
                _check_pool(pool, current, "its type and the configuration")
            _check_pool(pool, policy, "its type")
            return True, self._retype(engine, volume, policy)

    def _retype(self, engine: Engine, volume: objects.Volume, policy: VolumePolicy) -> dict[str, Any]:
        """Keep a volume by another policy; returns what Cinder shall store."""
        result = engine.execute(
            RetypeVolume(
                target=required_target(volume, engine.settings.array_id),
                before=policy_to_leave(volume, engine.settings, engine.readers),
                after=policy,
                protocol=self.protocol,
                hosts=other_hosts(volume.volume_attachment or (), None),
            ),
            self._about(volume),
        )
        for note in result.notes:
            LOG.warning("volume %s: %s", volume.id, note)
        replica = result.replica
        model = engine.readers.arrays.get_array(replica.array_id).model if replica else ""
        metadata = replica_metadata(volume.metadata or {}, replica, model)
        status = replica_update(replica)
        if replica is None and (result.has_left_replication or volume.replication_driver_data):
            status = no_replica_update()
        return {"metadata": policy_metadata(metadata, policy)} | status

    def update_migrated_volume(
        self,
        context: RequestContext,
        volume: objects.Volume,
        new_volume: objects.Volume,
        original_volume_status: str,
    ) -> dict[str, Any]:
        """Finish a migration by copying: the device of the copy gets the name that belongs to the volume's id.

        While another device of the array has that name, or if the array does not do it, the device keeps its own name,
        and Cinder remembers the id from which that comes.

        Returns:
            `_name_id` and `provider_location`.
        """
        with cinder_errors():
            engine = self._engine()
            target = required_target(new_volume, engine.settings.array_id)
            name_id = None
            try:
                engine.execute(RenameVolume(target=target, identifier=volume_identifier(volume.id)))
            except PmaxError as error:
                LOG.info("device %s of volume %s keeps its name: %s", target.device_id, volume.id, error)
                name_id = new_volume.name_id
        return {"_name_id": name_id, "provider_location": new_volume.provider_location}


def _changes_encryption(diff: Mapping[str, Any] | None) -> bool:
    """Whether two types differ in what Cinder encrypts."""
    return any(before != after for before, after in ((diff or {}).get("encryption") or {}).values())


def _is_same_backend(one: str, other: str) -> bool:
    """Whether two hosts of Cinder are one backend; in a cluster the nodes before the `@` may differ."""
    names = (volume_utils.extract_host(host, "backend").rpartition("@")[2] for host in (one, other))
    return len(set(names)) == 1


def _pool_of(host: str) -> PoolName | None:
    """The pool that a host of Cinder names; None if it names none that could be of such an array."""
    text = volume_utils.extract_host(host, "pool")
    try:
        return PoolName.parse(text, "host") if text else None
    except InvalidRequest:
        return None


def _is_here(pool: PoolName, engine: Engine) -> bool:
    return (pool.array_id, pool.srp) == (engine.settings.array_id, engine.settings.srp)


def _check_pool(pool: PoolName, policy: VolumePolicy, source: str) -> None:
    """Refuse a pool to which the volume would not belong, so that its next attach would move it away again.

    Raises:
        InvalidRequest: says what decides instead.
    """
    if (pool.srp, pool.service_level) != (policy.srp, policy.service_level):
        rule = f"{source} keep the volume with service level {policy.service_level} in SRP {policy.srp}: retype it"
        raise InvalidRequest("pool", str(pool), rule)
