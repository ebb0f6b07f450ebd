"""What attaching a volume to a compute host takes: (observed, command) → plan.

A host sees its volumes through one masking view for each port group: a parent storage group with one child for each
combination of service level, compression and replication. A volume can be in only one group that has a service level,
so while several hosts see it, it waits in a group without one on every host but the one that attached last.

Source: driver-attach-replication.md 2 and 3; the manual on live migration and multi-attach.
"""

from __future__ import annotations

import attrs

from pmax.domain.commands import AttachVolume
from pmax.domain.exposures import Exposure, limits_and_tags, move_under_same_view, waiting_group
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import DirectorPort, InitiatorGroup, PortGroup
from pmax.domain.modernise import LegacyUse, modernise
from pmax.domain.naming import HostNames
from pmax.domain.plans import (
    AddInitiators,
    AddVolume,
    AwaitLunAddress,
    EnsureChildStorageGroup,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    EnsureStorageGroup,
    MoveVolume,
    Plan,
    PruneStorageGroup,
    Step,
    plan_of,
)
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition, definition_for
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class HostObserved:
    """A compute host as the array knows it, and how it is going to be served.

    Attributes:
        names: of its objects, as they are on the array, or as they will be.
        wanted_initiators: those of the connector.
        initiator_group_name: the group that is used or will be made.
        initiator_group: as it is; None when it does not exist.
        port_group: through which the host is served.
        ports: those of its ports that are online and serve the protocol.
        has_view: whether the masking view exists already.
    """

    names: HostNames
    wanted_initiators: frozenset[str]
    initiator_group_name: str
    initiator_group: InitiatorGroup | None
    port_group: PortGroup
    ports: tuple[DirectorPort, ...]
    has_view: bool

    @property
    def missing_initiators(self) -> frozenset[str]:
        """Initiators of the connector that the existing group lacks."""
        if self.initiator_group is None:
            return frozenset()
        known = {name.lower() for name in self.initiator_group.initiators}
        return frozenset(name for name in self.wanted_initiators if name.lower() not in known)


@attrs.frozen(kw_only=True)
class AttachObserved:
    """What the plan of an attach depends on.

    Attributes:
        volume: as read under the lock.
        host: the host that wants it.
        here: how the host sees it already; None if it does not.
        elsewhere: how other hosts see it.
        legacy: how a host uses it through a view of the SMI-S era, which then is not in `elsewhere`; None otherwise.
        child_name: the host's child group for this volume, or its first sibling that has room.
        child: as it is; None if it does not exist, or was not looked for because the host has no view.
        source: the unmasked group with the volume's service level from which it is moved; None if it is in none.
        source_is_own: whether pmax made that group and may delete it when it is left empty.
        supports_compression: of the array.
    """

    volume: Volume
    host: HostObserved
    here: Exposure | None
    elsewhere: tuple[Exposure, ...]
    child_name: str
    child: StorageGroup | None
    source: str | None
    source_is_own: bool
    supports_compression: bool
    legacy: LegacyUse | None = None

    @property
    def is_attached(self) -> bool:
        """Whether all initiators of the host see the volume already."""
        group = self.host.initiator_group
        if self.here is None or group is None or self.host.missing_initiators:
            return False
        return self.here.masking_view in group.masking_views

    @property
    def array_id(self) -> ArrayId:
        """Serial of the array."""
        return self.volume.array_id


def plan_attach(command: AttachVolume, observed: AttachObserved) -> Plan:
    """Plan to let the host see the volume.

    Raises:
        InUse: another host sees the volume through a view that pmax did not make and must not change.
    """
    if observed.here is not None and observed.is_attached:
        return plan_of([_await(observed, observed.here.masking_view)])
    steps = [
        *_initiators(observed),
        *_make_way(command, observed),
        *_groups(command, observed),
        *_put_in(observed),
        *_view(observed),
        _await(observed, observed.host.names.masking_view),
    ]
    if observed.source is not None and observed.source_is_own:
        prune = PruneStorageGroup(
            array_id=observed.array_id, name=observed.source, when_emptied=observed.source, is_shared=True
        )
        steps.append(prune)
    return plan_of(steps)


def _await(observed: AttachObserved, masking_view: str) -> Step:
    return AwaitLunAddress(array_id=observed.array_id, masking_view=masking_view, device=observed.volume.device_id)


def _initiators(observed: AttachObserved) -> list[Step]:
    """The group of the host's initiators: made when there is none, completed when it lacks some, never reduced."""
    host = observed.host
    if host.initiator_group is None:
        return [
            EnsureInitiatorGroup(
                array_id=observed.array_id, name=host.initiator_group_name, initiators=host.wanted_initiators
            )
        ]
    if host.missing_initiators:
        return [
            AddInitiators(
                array_id=observed.array_id,
                initiator_group=host.initiator_group.name,
                initiators=host.missing_initiators,
            )
        ]
    return []


def _make_way(command: AttachVolume, observed: AttachObserved) -> list[Step]:
    """Let the volume wait in a group without service level on the host that sees it now, whose view stays as it is."""
    traits = command.policy.traits
    if traits.service_level is None or observed.here is not None:
        return []
    steps: list[Step] = []
    if observed.legacy is not None:
        steps += modernise(observed.volume, observed.legacy, traits)
    for exposure in observed.elsewhere:
        if exposure.is_fast_managed:
            steps += move_under_same_view(observed.volume, exposure, waiting_group(exposure, traits))
    return steps


def _groups(command: AttachVolume, observed: AttachObserved) -> list[Step]:
    """The host's parent and child groups, joined, with limits and tags of the volume's type on the child alone."""
    names = observed.host.names
    child_name = observed.child_name
    steps: list[Step] = []
    if not observed.host.has_view:
        parent = StorageGroupDefinition(name=names.parent_storage_group)
        steps.append(EnsureStorageGroup(array_id=observed.array_id, definition=parent))
    if observed.child is None:
        steps.append(EnsureStorageGroup(array_id=observed.array_id, definition=_child(command, observed)))
    if observed.child is None or names.parent_storage_group not in observed.child.parents:
        steps.append(
            EnsureChildStorageGroup(array_id=observed.array_id, parent=names.parent_storage_group, child=child_name)
        )
    steps += limits_and_tags(observed.array_id, child_name, observed.child, command.policy)
    return steps


def _child(command: AttachVolume, observed: AttachObserved) -> StorageGroupDefinition:
    """The child group. The volume may be in the one in which it waited for another host: a detach was interrupted."""
    traits, here = command.policy.traits, observed.here
    if here is not None and traits.service_level is not None and not here.is_fast_managed:
        return StorageGroupDefinition(name=observed.child_name)
    return definition_for(observed.child_name, traits, supports_compression=observed.supports_compression)


def _put_in(observed: AttachObserved) -> list[Step]:
    child = observed.child_name
    device = observed.volume.device_id
    if child in observed.volume.storage_groups:
        return []
    if observed.source is not None:
        return [MoveVolume(array_id=observed.array_id, device=device, source=observed.source, target=child)]
    return [AddVolume(array_id=observed.array_id, device=device, storage_group=child)]


def _view(observed: AttachObserved) -> list[Step]:
    host = observed.host
    if host.has_view:
        return []
    return [
        EnsureMaskingView(
            array_id=observed.array_id,
            name=host.names.masking_view,
            initiator_group=host.initiator_group.name if host.initiator_group else host.initiator_group_name,
            port_group=host.port_group.name,
            storage_group=host.names.parent_storage_group,
        )
    ]
