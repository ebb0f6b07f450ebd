"""Reads everything about an RDF group, for those who look after it."""

from __future__ import annotations

import attrs

from pmax.domain.errors import NotFound, PmaxError
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.rdf_checks import RdfGroupInspected, SideObserved
from pmax.domain.replication import Replication
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.settings import Settings
from pmax.domain.srdf import RdfGroup, RdfPair, SessionAction
from pmax.plugins.context import PluginAnswers
from pmax.ports.readers import Readers


@attrs.frozen(kw_only=True)
class RdfInspector:
    """Looks at RDF groups, configured ones and others.

    Attributes:
        settings: of the backend.
        readers: of the arrays.
        plugins: know the modes.
    """

    settings: Settings
    readers: Readers
    plugins: PluginAnswers

    def group(self, array_id: ArrayId, label: str) -> RdfGroup:
        """The RDF group of a label, or of a number.

        Raises:
            NotFound: the array has none.
        """
        reader = self.readers.replication
        found = reader.find_rdf_group(array_id, int(label)) if label.isdecimal() else None
        found = found or reader.find_rdf_group_by_label(array_id, label)
        if found is None:
            raise NotFound("RDF group", label)
        return found

    def replication(self, group: RdfGroup) -> Replication | None:
        """How a backend uses the group: as configured, or as its pairs show; None while nobody uses it."""
        device = self._device(group)
        if device is not None:
            mode = self.plugins.replication_mode(device.mode)
        else:
            modes = [mode for mode in self.plugins.replication_modes() if mode.expected_mode in group.modes]
            if not modes:
                return None
            mode = modes[0]
            device = self._assumed(group, mode)
        return Replication(array_id=group.array_id, device=device, mode=mode)

    def inspect(self, array_id: ArrayId, label: str) -> RdfGroupInspected:
        """Read both sides and every pair: a call for each pair, and about eight more.

        Raises:
            NotFound: the array has no such RDF group.
        """
        group = self.group(array_id, label)
        replication = self.replication(group)
        management = replication.management_group if replication else None
        near = self._side(group, management)
        return RdfGroupInspected(
            near=near,
            far=self._far(group, management),
            pairs=tuple(self._pairs(group, near.paired)),
            management_group=management,
            resume_action=replication.mode.resume_action if replication else SessionAction.RESUME,
            has_bias=replication.has_bias if replication else None,
        )

    def _device(self, group: RdfGroup) -> ReplicationDevice | None:
        devices = self.settings.replication_devices
        return next((device for device in devices if device.rdf_group_label == group.label), None)

    @staticmethod
    def _assumed(group: RdfGroup, mode: ReplicationMode) -> ReplicationDevice:
        """What a backend that used the group would be configured with, as far as it matters here."""
        return ReplicationDevice(
            target_array_id=group.remote_array_id,
            remote_srp="",
            remote_port_group="",
            rdf_group_label=group.label,
            mode=mode.name,
        )

    def _side(self, group: RdfGroup, management: str | None) -> SideObserved:
        paired = frozenset(self.readers.replication.list_paired_devices(group.array_id, group.number))
        return SideObserved(group=group, paired=paired, members=self._members(group.array_id, management))

    def _members(self, array_id: ArrayId, management: str | None) -> frozenset[DeviceId] | None:
        if management is None or self.readers.storage_groups.find_storage_group(array_id, management) is None:
            return None
        return frozenset(self.readers.volumes.list_devices(array_id, storage_group=management))

    def _far(self, group: RdfGroup, management: str | None) -> SideObserved | None:
        """The other end; None if its array cannot be asked, which is a finding and no failure."""
        try:
            far = self.readers.replication.find_rdf_group(group.remote_array_id, group.remote_number)
            return None if far is None else self._side(far, management)
        except PmaxError:
            return None

    def _pairs(self, group: RdfGroup, paired: frozenset[DeviceId]) -> list[RdfPair]:
        found = (self.readers.replication.find_pair(group.array_id, group.number, device) for device in sorted(paired))
        return [pair for pair in found if pair is not None]
