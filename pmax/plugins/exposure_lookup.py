"""Reads through which storage groups and masking views hosts see a volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from pmax.domain.errors import NotFound
from pmax.domain.exposures import Exposure
from pmax.domain.identifiers import ArrayId
from pmax.domain.legacy_names import legacy_host
from pmax.domain.masking import MaskingView
from pmax.domain.naming import GroupTraits, HostNames
from pmax.domain.policies import VolumePolicy
from pmax.domain.siblings import base_of
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume
from pmax.plugins.context import PluginContext
from pmax.plugins.host_lookup import HostLookup
from pmax.plugins.protocols import HostProtocol
from pmax.plugins.replication_lookup import ReplicationLookup
from pmax.ports.runtime import LockKey


@attrs.frozen(kw_only=True)
class Exposures:
    """Where a volume is.

    Attributes:
        shown: groups that show it to hosts.
        hidden: groups with a service level that show it to nobody; a volume is in one such group at most.
    """

    shown: tuple[Exposure, ...]
    hidden: tuple[str, ...]


@attrs.frozen
class ExposureLookup:
    """Finds exposures.

    A group whose name is the one that a known host's group would have is not read: the name says everything, and the
    steps that rely on it prove it. Every other group is read.

    Attributes:
        context: settings and readers.
        hosts: knows the names.
    """

    context: PluginContext
    hosts: HostLookup

    def find(
        self, volume: Volume, policy: VolumePolicy, protocol: HostProtocol, known_hosts: tuple[str, ...]
    ) -> Exposures:
        """Find where the volume is.

        Args:
            volume: as read.
            policy: says in which groups it should be.
            protocol: of this backend.
            known_hosts: hosts that may see it, as far as the caller knows.
        """
        expected = self._expected(policy, protocol, known_hosts)
        management = ReplicationLookup(self.context).management_groups()
        shown: list[Exposure] = []
        hidden: list[str] = []
        for name in volume.storage_groups:
            if name in management:
                continue
            base = name if name in expected else base_of(name)
            if base == policy.traits.default_storage_group:
                hidden.append(name)
            elif base in expected:
                shown.append(attrs.evolve(expected[base], storage_group=name))
            else:
                self._read(volume, name, policy, protocol, shown, hidden)
        return Exposures(shown=tuple(shown), hidden=tuple(hidden))

    def _expected(
        self, policy: VolumePolicy, protocol: HostProtocol, known_hosts: tuple[str, ...]
    ) -> Mapping[str, Exposure]:
        traits = policy.traits
        expected: dict[str, Exposure] = {}
        for host in known_hosts:
            for _, names in self.hosts.known_names(host, protocol, policy):
                for name, is_fast in _children(names, traits):
                    expected.setdefault(name, _exposure(names, name, is_fast=is_fast))
        return expected

    def _read(
        self,
        volume: Volume,
        name: str,
        policy: VolumePolicy,
        protocol: HostProtocol,
        shown: list[Exposure],
        hidden: list[str],
    ) -> None:
        group = self.context.readers.storage_groups.find_storage_group(volume.array_id, name)
        if group is None:
            # Somebody renamed or deleted it since the volume was read: through which views it is seen is not known.
            raise NotFound("storage group", f"{name}, in which volume {volume.device_id} was a moment ago,")
        if not group.masking_views and group.is_fast_managed:
            hidden.append(name)
        shown += [self._exposure(group, view, policy, protocol) for view in group.masking_views]

    def _exposure(self, group: StorageGroup, view: str, policy: VolumePolicy, protocol: HostProtocol) -> Exposure:
        """Recognise whose view it is: by the port groups that are known, else by the one that the view names."""
        port_groups = dict.fromkeys((*self.hosts.port_group_names(policy), *self.context.settings.port_groups))
        for port_group in port_groups:
            names = self._names(view, port_group, protocol)
            if names is not None and names.parent_storage_group in group.parents:
                return _exposure(names, group.name, is_fast=group.is_fast_managed)
        read = self.read_view(group, view)
        names = self._names(view, read.port_group, protocol)
        is_ours = names is not None and names.parent_storage_group == read.storage_group
        parent = read.storage_group if read.storage_group != group.name else None
        return Exposure(
            storage_group=group.name,
            masking_view=view,
            parent=parent,
            names=names if is_ours else None,
            is_fast_managed=group.is_fast_managed,
            port_group=read.port_group,
            initiator_group=read.initiator_group or "",
            legacy_host=self._legacy_host(view) if parent is None else None,
            volume_count=group.volume_count,
        )

    def _legacy_host(self, view: str) -> str | None:
        letters = {protocol.letter for protocol in self.context.plugins.protocols().values()}
        return legacy_host(view, self.context.settings.srp, letters)

    def _names(self, view: str, port_group: str, protocol: HostProtocol) -> HostNames | None:
        """Names of the host behind one of our views, of this protocol or of any other that is registered."""
        for candidate in (protocol, *self.context.plugins.protocols().values()):
            names = self.context.settings.names.host_names_of(view, candidate.letter, port_group)
            if names is not None:
                return names
        return None

    def read_view(self, group: StorageGroup, view: str) -> MaskingView:
        """Read a view that the group's own answer names.

        Raises:
            NotFound: it went away in between.
        """
        found = self.context.readers.masking.find_masking_view(group.array_id, view)
        if found is None:
            raise NotFound("masking view", view)
        return found


def _children(names: HostNames, traits: GroupTraits) -> tuple[tuple[str, bool], ...]:
    """Groups in which the host would have the volume, and whether they have a service level."""
    return (
        (names.child_storage_group(traits), traits.service_level is not None),
        (names.no_service_level_child(traits.replication_suffix), False),
    )


def _exposure(names: HostNames, storage_group: str, *, is_fast: bool) -> Exposure:
    return Exposure(
        storage_group=storage_group,
        masking_view=names.masking_view,
        parent=names.parent_storage_group,
        names=names,
        is_fast_managed=is_fast,
    )


def host_locks(volume: Volume, exposures: tuple[Exposure, ...]) -> frozenset[LockKey]:
    """Locks of the hosts behind these exposures, whose groups are about to change."""
    return frozenset(
        LockKey(volume.array_id, "host", exposure.names.host_label.lower())
        for exposure in exposures
        if exposure.names is not None
    )


def locks_of_hosts(context: PluginContext, array_id: ArrayId, hosts: Sequence[str]) -> frozenset[LockKey]:
    """One lock for each label that a host may have: two hosts of one label share their objects, so they take turns."""
    return frozenset(
        LockKey(array_id, "host", label.lower())
        for host in hosts
        for label in context.settings.names.known_host_labels(host)
    )
