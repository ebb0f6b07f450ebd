"""Reads what replication depends on: RDF groups from both sides, pairs, and what the remote array lacks."""

from __future__ import annotations

import attrs

from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import GroupTraits
from pmax.domain.policies import VolumePolicy
from pmax.domain.replication import OtherSide, PairObserved, RdfGroupObserved, Replication
from pmax.domain.replication_devices import OPTION, ReplicationDevice
from pmax.domain.srdf import PairState, RdfGroup
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition, definition_for
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.plugins.context import PluginContext
from pmax.plugins.replication_choice import find_replication
from pmax.ports.runtime import LockKey


@attrs.frozen
class ReplicationLookup:
    """Reads RDF groups and pairs.

    Attributes:
        context: settings, readers and plugins.
    """

    context: PluginContext

    def of_policy(self, policy: VolumePolicy) -> Replication | None:
        """See `find_replication`."""
        return find_replication(self.context.settings, self.context.plugins, policy)

    def suffixes(self) -> tuple[str, ...]:
        """What modes add to the names of storage groups."""
        return tuple(mode.suffix for mode in self.context.plugins.replication_modes())

    @staticmethod
    def lock(replication: Replication) -> LockKey:
        """The lock of an RDF group: whoever changes its pairs takes it, so that both sides can be compared."""
        return LockKey(replication.array_id, "rdf_group", replication.device.rdf_group_label)

    def locks_of_policy(self, policy: VolumePolicy | None) -> frozenset[LockKey]:
        """The lock of the RDF group of a policy; none if it is not replicated, or not known how."""
        if policy is None:
            return frozenset()
        try:
            replication = self.of_policy(policy)
        except InvalidRequest:
            return frozenset()
        return frozenset() if replication is None else frozenset({self.lock(replication)})

    def near_group(self, replication: Replication) -> RdfGroup:
        """The RDF group as the local array shows it.

        Raises:
            InvalidRequest: it has none of this label.
        """
        label = replication.device.rdf_group_label
        group = self.context.readers.replication.find_rdf_group_by_label(replication.array_id, label)
        if group is None:
            names = self.context.readers.replication.list_rdf_groups(replication.array_id)
            known = ", ".join(each.label for each in names) or "none"
            rule = f"array {replication.array_id} has no RDF group of this label, it has {known}"
            raise InvalidRequest(f"{OPTION} rdf_group_label", label, rule)
        return group

    def observe(
        self, replication: Replication, near: RdfGroup, states: frozenset[PairState] | None = None
    ) -> RdfGroupObserved:
        """Look at an RDF group from both sides.

        Args:
            replication: how it is used.
            near: as the local array shows it.
            states: of its pairs; None to read them from the management group, where there is one.

        Raises:
            NotFound: the remote array does not know it.
        """
        reader = self.context.readers.replication
        far = reader.find_rdf_group(near.remote_array_id, near.remote_number)
        if far is None:
            raise NotFound("RDF group", f"{near.remote_number} of array {near.remote_array_id}")
        management = replication.management_group
        if management is None:
            return RdfGroupObserved(near=near, far=far, states=states or frozenset())
        if states is None:
            session = reader.find_session(near.array_id, management, near.number) if near.pair_count else None
            states = session.states if session else frozenset()
        return RdfGroupObserved(
            near=near,
            far=far,
            states=states,
            near_members=reader.find_group_replication(near.array_id, management),
            far_members=reader.find_group_replication(far.array_id, management),
        )

    def find_pair(self, volume: Volume, *, reads_remote: bool) -> PairObserved | None:
        """Read everything about a replicated volume; None if it is in no RDF group of this backend's.

        Args:
            volume: as read.
            reads_remote: whether R2 is read too.
        """
        if len(volume.rdf_groups) != 1:
            return None
        readers = self.context.readers
        number = volume.rdf_groups[0]
        near = readers.replication.find_rdf_group(volume.array_id, number)
        replication = self._of_label(near.label, volume.array_id) if near is not None else None
        if near is None or replication is None:
            return None
        pair = readers.replication.find_pair(volume.array_id, number, volume.device_id)
        if pair is None:
            raise NotFound("SRDF pair", volume.device_id)
        group = self.observe(replication, near, frozenset({pair.state}))
        remote = None
        if reads_remote:
            remote = readers.volumes.find_volume(pair.remote_array_id, pair.remote_device_id)
        return PairObserved(replication=replication, group=group, volume=volume, pair=pair, remote=remote)

    def management_groups(self) -> frozenset[str]:
        """Names of the groups that hold all volumes of an RDF group; no view shows them."""
        found = (self._of_label(device.rdf_group_label, self.context.settings.array_id) for device in self._devices())
        return frozenset(each.management_group for each in found if each is not None and each.management_group)

    def policy_on(self, policy: VolumePolicy, array_id: ArrayId) -> VolumePolicy:
        """The policy as it counts on an array: on that of the other sides, pool and port group are other ones.

        A service level that the array does not offer is none there.
        """
        try:
            replication = self.of_policy(policy)
        except InvalidRequest:
            return policy
        if replication is None or array_id != replication.device.target_array_id:
            return policy
        offers = policy.service_level in self.context.readers.arrays.list_service_levels(array_id)
        return attrs.evolve(
            policy,
            srp=replication.device.remote_srp,
            port_group=replication.device.remote_port_group,
            service_level=policy.service_level if offers else None,
            workload=policy.workload if offers else None,
        )

    def find_other_side(
        self, volume: Volume, target: VolumeTarget, policy: VolumePolicy, known: VolumeTarget | None
    ) -> VolumeTarget | None:
        """The other side of a volume that hosts reach on both arrays; None if they reach it on one only.

        While the backend is failed over they do so where the volume is used: the other array may be lost.

        Args:
            volume: as read.
            target: which, with the identifiers that its other side carries too.
            policy: of the volume.
            known: what the caller believes.
        """
        try:
            replication = self.of_policy(policy)
        except InvalidRequest:
            return None
        is_failed_over = self.context.settings.failed_over_from is not None
        if replication is None or not replication.mode.attaches_both_sides or not volume.rdf_groups or is_failed_over:
            return None
        if known is not None and known.array_id != volume.array_id:
            return attrs.evolve(known, identifiers=target.identifiers)
        pair = self.context.readers.replication.find_pair(volume.array_id, volume.rdf_groups[0], volume.device_id)
        if pair is None:
            return None
        return VolumeTarget(
            array_id=pair.remote_array_id, device_id=pair.remote_device_id, identifiers=target.identifiers
        )

    def _devices(self) -> tuple[ReplicationDevice, ...]:
        return self.context.settings.replication_devices

    def other_side(
        self, replication: Replication, traits: GroupTraits, storage_group: str, *, has_management_groups: bool = False
    ) -> OtherSide:
        """Say in which group of the remote array an other side goes, and which groups have to be made on either array.

        The group has the same name on both arrays, the pool of the remote one, and the same service level, or none
        where the remote array does not offer it.

        Args:
            replication: how.
            traits: of the volume.
            storage_group: the local default group.
            has_management_groups: whether those were seen on both arrays.

        Raises:
            InvalidRequest: the group of the remote array has another service level.
        """
        remote_id = replication.device.target_array_id
        definition = self._remote_definition(replication, traits, storage_group)
        wanted = [(remote_id, definition)]
        management = replication.management_group
        if management is not None and not has_management_groups:
            plain = StorageGroupDefinition(name=management)
            wanted += [(replication.array_id, plain), (remote_id, plain)]
        found = {(array, each.name): self._find(array, each.name) for array, each in wanted}
        _check_level(remote_id, definition, found[remote_id, definition.name])
        missing = tuple((array, each) for array, each in wanted if found[array, each.name] is None)
        return OtherSide(storage_group=storage_group, missing=missing)

    def _remote_definition(
        self, replication: Replication, traits: GroupTraits, storage_group: str
    ) -> StorageGroupDefinition:
        arrays = self.context.readers.arrays
        remote_id = replication.device.target_array_id
        array = arrays.get_array(remote_id)
        offers = traits.service_level in arrays.list_service_levels(remote_id)
        remote_traits = attrs.evolve(
            traits,
            srp=replication.device.remote_srp,
            service_level=traits.service_level if offers else None,
            workload=traits.workload if offers and array.supports_workloads else None,
        )
        return definition_for(storage_group, remote_traits, supports_compression=array.supports_compression)

    def _find(self, array_id: ArrayId, name: str) -> StorageGroup | None:
        return self.context.readers.storage_groups.find_storage_group(array_id, name)

    def _of_label(self, label: str, array_id: ArrayId) -> Replication | None:
        for device in self._devices():
            if device.rdf_group_label == label:
                mode = self.context.plugins.replication_mode(device.mode)
                return Replication(array_id=array_id, device=device, mode=mode)
        return None


def _check_level(array_id: ArrayId, wanted: StorageGroupDefinition, found: StorageGroup | None) -> None:
    """Refuse a group for other sides that has another service level; one without any is taken as it is.

    Raises:
        InvalidRequest: names both.
    """
    if found is None or found.service_level in {None, wanted.service_level}:
        return
    level = wanted.service_level or "none"
    rule = f"array {array_id} keeps it at service level {found.service_level}, and the type wants {level}: change it"
    raise InvalidRequest("storage group", wanted.name, rule)
