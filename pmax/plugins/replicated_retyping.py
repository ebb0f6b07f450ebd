"""What the handlers of retype and management read when a volume is, or shall be, replicated."""

from __future__ import annotations

from pmax.domain.commands import Replica
from pmax.domain.errors import InUse
from pmax.domain.identifiers import DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.replicated_retype import Joining, ReplicationChange
from pmax.domain.replication import OtherSide, PairObserved, Replication
from pmax.domain.siblings import base_of
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.group_lookup import is_own_default_group
from pmax.plugins.handlers import Look, Outcomes
from pmax.plugins.replicated_provisioning import find_orphans
from pmax.plugins.replication_lookup import ReplicationLookup
from pmax.plugins.snapshot_lookup import SnapshotLookup
from pmax.ports.runtime import LockKey


class ReplicatedRetyping:
    """Reads for a change of replication.

    Attributes:
        lookup: reads RDF groups and pairs.
    """

    def __init__(self, context: PluginContext) -> None:
        self._readers = context.readers
        self._srp = context.settings.srp
        self._sessions = SnapshotLookup(context)
        self.lookup = ReplicationLookup(context)

    def locks(self, *policies: VolumePolicy) -> frozenset[LockKey]:
        """The locks of the RDF groups of policies."""
        return frozenset().union(*(self.lookup.locks_of_policy(policy) for policy in policies))

    def find_pair(self, volume: Volume, look: Look) -> PairObserved | None:
        """The pair of a volume, with R2; None if it is not replicated.

        Raises:
            InUse: it is replicated, but not by this backend.
        """
        if not volume.rdf_groups:
            return None
        pair = self.lookup.find_pair(volume, reads_remote=True)
        if pair is None:
            numbers = ", ".join(str(number) for number in volume.rdf_groups)
            users = f"SRDF group {numbers}, which is not one of this backend's; end the pair first"
            raise InUse("volume", volume.device_id, users)
        look.require(frozenset({self.lookup.lock(pair.replication)}))
        return pair

    def observe(
        self, target: VolumeTarget, volume: Volume, policies: tuple[VolumePolicy, VolumePolicy], goal: str, look: Look
    ) -> ReplicationChange:
        """Read what a change of replication depends on.

        Args:
            target: which volume, with the identifiers that its other side carries too.
            volume: as read.
            policies: the one that it had, and the one that it shall have.
            goal: the default group in which R1 and R2 would wait with the latter.
            look: how to read.

        Raises:
            InUse: the volume is replicated by others.
            InvalidRequest: the backend does not replicate so.
        """
        before, after = policies
        pair, wanted = self.find_pair(volume, look), self.lookup.of_policy(after)
        stays = pair is not None and wanted is not None and pair.replication == wanted
        remote = pair.remote if pair is not None else None
        own = self.own_groups(volume) | (self.own_groups(remote) if remote is not None else frozenset())
        if pair is not None and stays:
            return ReplicationChange(
                staying=pair, remote_goal=self._remote_goal(pair, after, goal, own), own_groups=own
            )
        if pair is None and wanted is None and not before.replication_enabled:
            return ReplicationChange()
        orphans = () if pair is not None else find_orphans(self.lookup, self._readers, target, before)
        return ReplicationChange(
            leaving=pair,
            joining=self.joining(wanted, after, goal) if wanted is not None else None,
            orphans=orphans,
            own_groups=own,
            sessions=self._sessions.of_volume(volume, look),
        )

    def observe_joining(self, volume: Volume, policy: VolumePolicy, goal: str, look: Look) -> ReplicationChange:
        """Read what a volume that is not replicated would become a part of; nothing, if its policy is not replicated.

        Raises:
            InvalidRequest: the backend does not replicate so.
        """
        wanted = self.lookup.of_policy(policy)
        if wanted is None or volume.rdf_groups:
            return ReplicationChange()
        sessions = self._sessions.of_volume(volume, look)
        return ReplicationChange(joining=self.joining(wanted, policy, goal), sessions=sessions)

    def joining(self, replication: Replication, policy: VolumePolicy, storage_group: str) -> Joining:
        """What a volume would become a part of.

        Raises:
            InvalidRequest: there is no such RDF group.
        """
        group = self.lookup.observe(replication, self.lookup.near_group(replication))
        has_management_groups = group.near_members is not None and group.far_members is not None
        other = self.lookup.other_side(
            replication, policy.traits, storage_group, has_management_groups=has_management_groups
        )
        return Joining(replication=replication, group=group, other=other)

    def own_groups(self, volume: Volume) -> frozenset[str]:
        """Groups of a volume that pmax made and may delete when they are left empty."""
        suffixes = self.lookup.suffixes()
        return frozenset(name for name in volume.storage_groups if is_own_default_group(name, self._srp, suffixes))

    def _remote_goal(
        self, pair: PairObserved, after: VolumePolicy, goal: str, own_groups: frozenset[str]
    ) -> OtherSide | None:
        """Where R2 belongs, unless it is there, or hosts see it."""
        remote = pair.remote
        if remote is None or remote.front_end_paths:
            return None
        if any(base_of(name) == base_of(goal) for name in remote.storage_groups if name in own_groups):
            return None
        return self.lookup.other_side(pair.replication, after.traits, goal, has_management_groups=True)


def replica_after(change: ReplicationChange, identifier: str, outcomes: Outcomes) -> Replica | None:
    """The other side that a volume has after a change; None if it has none."""
    if change.joining is not None:
        replication, link = change.joining.replication, change.joining.group.link
        device = DeviceId(outcomes.created_remote_device(identifier))
    elif change.staying is not None:
        replication, link = change.staying.replication, change.staying.group.link
        device = change.staying.pair.remote_device_id
    else:
        return None
    return Replica(
        array_id=link.remote_array_id,
        device_id=device,
        link=link,
        mode=replication.mode.name,
        backend_id=replication.device.backend_id,
    )
