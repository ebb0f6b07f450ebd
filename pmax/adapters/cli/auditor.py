"""Reads an array for an audit: volumes in full, all names, and details of what looks suspicious."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import attrs

from pmax.adapters.cli.parallel import read_each
from pmax.domain.audit.groups import NEARLY_FULL
from pmax.domain.capacity import Capacity
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import DirectorPort, InitiatorGroup, PortGroup, PortKey
from pmax.domain.naming import parse_default_storage_group
from pmax.domain.siblings import base_of
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.survey import ArraySurvey, SurveyedVolume, groups_that_share, volume_counts
from pmax.ports.readers import Readers

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Auditor:
    """Surveys an array.

    The calls are those for lists (ten, and a page for each thousand volumes), one for each default storage group, port
    group and port of one, and one for each object that is suspicious by what the lists say, several at a time. What
    else is in order costs nothing. Where volumes are paired, the other arrays are read page by page too.

    Attributes:
        readers: of the array.
        array_id: its serial.
        at_a_time: calls under way.
    """

    readers: Readers
    array_id: ArrayId
    at_a_time: int

    def survey(self, volumes: Iterable[SurveyedVolume], known_identifiers: frozenset[str] | None) -> ArraySurvey:
        """Read everything.

        Args:
            volumes: every volume of the array, as the reader gives them.
            known_identifiers: what Cinder's volumes are called on the array; None if Cinder was not asked.
        """
        found = tuple(volumes)
        masking = self.readers.masking
        groups = self.readers.storage_groups.list_storage_groups(self.array_id)
        defaults = self._default_groups(groups)
        port_groups = self._port_groups()
        return ArraySurvey(
            array_id=self.array_id,
            volumes=found,
            storage_group_names=groups,
            initiator_group_names=masking.list_initiator_groups(self.array_id),
            port_group_names=tuple(port_groups),
            masking_view_names=masking.list_masking_views(self.array_id),
            storage_groups=self._storage_groups(found, defaults),
            initiator_groups=self._initiator_groups(),
            port_groups=port_groups,
            ports=self._ports(port_groups.values()),
            default_storage_groups=defaults,
            remote_sizes=self._remote_sizes(found),
            known_identifiers=known_identifiers,
        )

    def _remote_sizes(self, volumes: tuple[SurveyedVolume, ...]) -> dict[tuple[str, str], Capacity]:
        """Sizes of the other sides of all pairs: the pages of each other array that this Unisphere manages."""
        wanted = {(pair.remote_array, pair.remote_device) for each in volumes for pair in each.pairs}
        managed = set(self.readers.arrays.list_arrays()) if wanted else set()
        return {
            (array, each.volume.device_id): each.volume.capacity
            for array in sorted(managed & {array for array, _ in wanted})
            for each in self.readers.surveys.list_volumes(ArrayId(array))
            if (array, each.volume.device_id) in wanted
        }

    def _default_groups(self, names: Iterable[str]) -> frozenset[str]:
        pools = self.readers.arrays.list_srps(self.array_id)
        return frozenset(
            name
            for name in names
            if any(parse_default_storage_group(base_of(name), pool, ()) is not None for pool in pools)
        )

    def _storage_groups(self, volumes: tuple[SurveyedVolume, ...], defaults: frozenset[str]) -> dict[str, StorageGroup]:
        """Details of groups that seem empty or too large, that share volumes, or in which volumes wait."""
        surveys = self.readers.surveys
        listed = {
            *surveys.list_storage_groups_without_volumes(self.array_id),
            *surveys.list_storage_groups_larger_than(self.array_id, NEARLY_FULL),
        }
        suspects = (listed - volume_counts(volumes).keys()) | groups_that_share(volumes) | defaults
        reader = self.readers.storage_groups
        found = self._each(lambda name: reader.find_storage_group(self.array_id, name), suspects)
        return {group.name: group for group in found if group is not None}

    def _initiator_groups(self) -> dict[str, InitiatorGroup]:
        surveys, masking = self.readers.surveys, self.readers.masking
        suspects = {
            *surveys.list_initiator_groups_without_initiators(self.array_id),
            *surveys.list_initiator_groups_without_views(self.array_id),
        }
        found = self._each(lambda name: masking.find_initiator_group(self.array_id, name), suspects)
        return {group.name: group for group in found if group is not None}

    def _port_groups(self) -> dict[str, PortGroup]:
        masking = self.readers.masking
        names = masking.list_port_groups(self.array_id)
        found = self._each(lambda name: masking.find_port_group(self.array_id, name), names)
        return {group.name: group for group in found if group is not None}

    def _ports(self, groups: Iterable[PortGroup]) -> dict[PortKey, DirectorPort | None]:
        keys = sorted({key for group in groups for key in group.ports})
        return dict(zip(keys, read_each(self._port, keys, self.at_a_time), strict=True))

    def _port(self, key: PortKey) -> DirectorPort | None:
        try:
            return self.readers.masking.get_port(self.array_id, key)
        except NotFound:
            return None

    def _each(self, read: Callable[[str], T], names: Iterable[str]) -> Iterator[T]:
        return read_each(read, sorted(names), self.at_a_time)
