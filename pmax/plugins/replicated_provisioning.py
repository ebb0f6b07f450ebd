"""What the handlers of volumes read when a volume is, or shall be, replicated."""

from __future__ import annotations

import attrs

from pmax.domain.commands import DeleteVolume, Replica
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.provisioning import VolumeSessions
from pmax.domain.replicated_extension import can_stay_paired, renewal
from pmax.domain.replicated_retype import ReplicationChange
from pmax.domain.replicated_volumes import ReplicatedCreation
from pmax.domain.replication import PairObserved
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import is_own_default_group
from pmax.plugins.handlers import Look, Outcomes
from pmax.plugins.replication_lookup import ReplicationLookup
from pmax.ports.readers import Readers
from pmax.ports.runtime import LockKey


@attrs.frozen(kw_only=True)
class DeletionObserved:
    """What the plan of a deletion depends on.

    Attributes:
        volume: None when the array does not have it.
        pair: it with its other side; None if it is not replicated by this backend.
        orphans: volumes of the remote array that carry its identifier and are paired with nothing.
        sessions: of SnapVX.
    """

    volume: Volume | None
    pair: PairObserved | None = None
    orphans: tuple[Volume, ...] = ()
    sessions: VolumeSessions = VolumeSessions()


@attrs.frozen(kw_only=True)
class ExtensionObserved:
    """What the plan of an extension depends on.

    Attributes:
        volume: as read.
        pair: it with its pair; None if it is not replicated by this backend.
        renewal: what becomes of a pair that has to end for it; None for one that stays.
        sessions: of SnapVX.
        can_expand_snapshot_source: whether the array extends volumes that have snapshots.
    """

    volume: Volume
    pair: PairObserved | None = None
    renewal: ReplicationChange | None = None
    sessions: VolumeSessions = VolumeSessions()
    can_expand_snapshot_source: bool = False


class ReplicatedProvisioning:
    """Reads for creating, deleting and extending replicated volumes.

    Attributes:
        lookup: reads RDF groups and pairs.
    """

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._srp = context.settings.srp
        self.lookup = ReplicationLookup(context)

    def locks(self, policy: VolumePolicy | None) -> frozenset[LockKey]:
        """See `ReplicationLookup.locks_of_policy`."""
        return self.lookup.locks_of_policy(policy)

    def other_array(self, policy: VolumePolicy) -> ArrayId | None:
        """Where the other sides of volumes of a policy are; None if it is not replicated, or not known how."""
        try:
            replication = self.lookup.of_policy(policy)
        except InvalidRequest:
            return None
        return replication.device.target_array_id if replication else None

    def observe_creation(
        self, policy: VolumePolicy, storage_group: str, group: StorageGroup | None, look: Look
    ) -> ReplicatedCreation | None:
        """Read the RDF group; None for a volume that is not replicated.

        A default group that holds volumes has a session, by whose states the RDF group is judged too. The groups of
        the remote array are then taken to exist in the first attempt.
        """
        replication = self.lookup.of_policy(policy)
        if replication is None:
            return None
        near = self.lookup.near_group(replication)
        session = None
        if near.pair_count and group is not None and group.volume_count:
            session = self._readers.replication.find_session(near.array_id, storage_group, near.number)
        observed = self.lookup.observe(replication, near, session.states if session else None)
        other = None
        if session is None or look.is_thorough:
            other = self.lookup.other_side(replication, policy.traits, storage_group)
        return ReplicatedCreation(
            replication=replication, group=observed, is_protected=session is not None, other=other
        )

    def observe_deletion(self, command: DeleteVolume, volume: Volume | None, look: Look) -> DeletionObserved:
        """Read the other side of a volume, or what an interrupted deletion left of it."""
        if volume is not None and volume.rdf_groups:
            pair = self._pair(volume, look, reads_remote=True)
            return DeletionObserved(volume=volume, pair=pair)
        orphans = find_orphans(self.lookup, self._readers, command.target, command.policy)
        return DeletionObserved(volume=volume, orphans=orphans)

    def observe_extension(self, volume: Volume, look: Look) -> ExtensionObserved:
        """Read the pair of a volume, if this backend replicates it; R2 only if the pair has to end.

        Raises:
            InvalidRequest: the arrays cannot extend it while it is replicated, and the pair must not end for it.
            InUse: somebody needs R2.
        """
        pair = self._pair(volume, look, reads_remote=False) if volume.rdf_groups else None
        if pair is None:
            return ExtensionObserved(volume=volume)
        arrays, remote_array = self._readers.arrays, pair.pair.remote_array_id
        if can_stay_paired(pair, arrays.get_array(volume.array_id), arrays.get_array(remote_array)):
            return ExtensionObserved(volume=volume, pair=pair)
        remote = self._readers.volumes.find_volume(remote_array, pair.pair.remote_device_id)
        groups = remote.storage_groups if remote is not None else ()
        suffixes, srp = self.lookup.suffixes(), pair.replication.device.remote_srp
        own = frozenset(
            name for name in groups for each in {self._srp, srp} if is_own_default_group(name, each, suffixes)
        )
        change = renewal(attrs.evolve(pair, remote=remote), own)
        return ExtensionObserved(volume=volume, pair=pair, renewal=change)

    def _pair(self, volume: Volume, look: Look, *, reads_remote: bool) -> PairObserved | None:
        pair = self.lookup.find_pair(volume, reads_remote=reads_remote)
        if pair is not None:
            look.require(frozenset({self.lookup.lock(pair.replication)}))
        return pair


def find_orphans(
    lookup: ReplicationLookup, readers: Readers, target: VolumeTarget, policy: VolumePolicy | None
) -> tuple[Volume, ...]:
    """Volumes of the other array that carry the identifier of a volume that is not paired, but whose type was."""
    replication = lookup.of_policy(policy) if policy is not None and policy.replication_suffix else None
    if replication is None:
        return ()
    remote = replication.device.target_array_id
    devices = dict.fromkeys(
        device
        for identifier in target.identifiers
        for device in readers.volumes.find_devices_by_identifier(remote, identifier)
    )
    found = (readers.volumes.find_volume(remote, device) for device in devices)
    return tuple(each for each in found if each is not None)


def replica_of(identifier: str, observed: ReplicatedCreation | None, outcomes: Outcomes) -> Replica | None:
    """The other side of a volume that was made; None if it has none."""
    if observed is None:
        return None
    link = observed.group.link
    return Replica(
        array_id=link.remote_array_id,
        device_id=DeviceId(outcomes.created_remote_device(identifier)),
        link=link,
        mode=observed.replication.mode.name,
        backend_id=observed.replication.device.backend_id,
    )
