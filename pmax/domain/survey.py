"""An array as an administrator looks at it as a whole: what was read of it at one time, for rules to judge.

Values only. Of volumes everything is here, since they come in full, page by page. Of other objects all names are here,
and details of those that something made suspicious, so that what is read does not grow with what is in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import DirectorPort, InitiatorGroup, PortGroup, PortKey
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class SurveyedSnapshot:
    """A snapshot of a volume, as lists of volumes tell it.

    Attributes:
        name: given when it was taken; not unique.
        generation: 0 for the newest of its name.
        snap_id: None on code that has none.
        is_expired: its time to live is over; it stays only because it is linked.
        ends_at_s: when it ends, in seconds since 1970; None when it does not.
        targets: devices to which it is linked; the source itself while it is restored.
    """

    name: str
    generation: int
    snap_id: int | None = None
    is_expired: bool = False
    ends_at_s: float | None = None
    targets: tuple[DeviceId, ...] = ()


@attrs.frozen(kw_only=True)
class SurveyedPair:
    """An SRDF pair of a volume, as lists of volumes tell it.

    Attributes:
        rdf_group: number of the group on this array.
        remote_array: serial of the other array.
        remote_device: the other volume.
        state: in the words of the service (`Synchronized`, `Suspended`…).
        mode: likewise (`Synchronous`, `Asynchronous`, `Active`…).
    """

    rdf_group: int
    remote_array: str
    remote_device: str
    state: str
    mode: str = ""


@attrs.frozen(kw_only=True)
class SurveyedVolume:
    """A volume with everything that lists tell of it.

    Attributes:
        volume: the volume itself.
        is_system_resource: the array's own, such as a gatekeeper.
        service_level: of the group that manages it; None when it has none.
        snapshots: taken of it.
        pairs: in which it is replicated.
    """

    volume: Volume
    is_system_resource: bool = False
    service_level: str | None = None
    snapshots: tuple[SurveyedSnapshot, ...] = ()
    pairs: tuple[SurveyedPair, ...] = ()


@attrs.frozen(kw_only=True)
class Director:
    """A director of an array.

    Attributes:
        director_id: `FA-1D`, `RF-1E`…
        is_online: it works.
        port_count: how many ports it has.
    """

    director_id: str
    is_online: bool
    port_count: int


#: Statuses behind which a job has none; with every other it goes on.
_ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "ABORTED", "VALIDATE_FAILED", "INVALID"})


@attrs.frozen(kw_only=True)
class ArrayJob:
    """Work that Unisphere does, or did, on an array.

    Attributes:
        job_id: digits.
        name: in words.
        status: the service's own word (`RUNNING`, `SUCCEEDED`…).
        username: who asked for it.
        changed_at_s: when its status last changed, in seconds since 1970; None where the service does not say.
        result: how it began and ended, or why it failed.
        tasks: its parts, in words.
    """

    job_id: str
    name: str
    status: str
    username: str = ""
    changed_at_s: float | None = None
    result: str = ""
    tasks: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.status.upper() in _ENDED

    @property
    def is_failed(self) -> bool:
        """Whether it has ended, and not well."""
        return self.is_over and self.status.upper() != "SUCCEEDED"


@attrs.frozen(kw_only=True)
class ArraySurvey:
    """What was read of an array.

    Attributes:
        array_id: its serial.
        volumes: all.
        storage_group_names: of all groups.
        initiator_group_names: of all initiator groups.
        port_group_names: of all port groups.
        masking_view_names: of all views.
        storage_groups: details of groups that looked suspicious, by name.
        initiator_groups: likewise.
        port_groups: details of all, by name.
        ports: of the port groups; None for one that the array does not have.
        default_storage_groups: names of those groups in which volumes wait that no host sees.
        remote_sizes: of the other sides of pairs, by serial and device, as far as their arrays could be read.
        known_identifiers: what Cinder's volumes are called on the array; None when Cinder was not asked.
    """

    array_id: ArrayId
    volumes: tuple[SurveyedVolume, ...] = ()
    storage_group_names: tuple[str, ...] = ()
    initiator_group_names: tuple[str, ...] = ()
    port_group_names: tuple[str, ...] = ()
    masking_view_names: tuple[str, ...] = ()
    storage_groups: Mapping[str, StorageGroup] = attrs.field(factory=dict)
    initiator_groups: Mapping[str, InitiatorGroup] = attrs.field(factory=dict)
    port_groups: Mapping[str, PortGroup] = attrs.field(factory=dict)
    ports: Mapping[PortKey, DirectorPort | None] = attrs.field(factory=dict)
    default_storage_groups: frozenset[str] = frozenset()
    remote_sizes: Mapping[tuple[str, str], Capacity] = attrs.field(factory=dict)
    known_identifiers: frozenset[str] | None = None

    def volume_counts(self) -> Mapping[str, int]:
        """How many volumes each group holds directly; groups without any are not in it."""
        return volume_counts(self.volumes)


def volume_counts(volumes: Iterable[SurveyedVolume]) -> Mapping[str, int]:
    """How many of these volumes each group holds directly; groups without any are not in it."""
    counts: dict[str, int] = {}
    for each in volumes:
        for name in each.volume.storage_groups:
            counts[name] = counts.get(name, 0) + 1
    return counts


def groups_that_share(volumes: Iterable[SurveyedVolume]) -> frozenset[str]:
    """Groups that hold a volume which another group holds too."""
    return frozenset(
        name for each in volumes if len(each.volume.storage_groups) > 1 for name in each.volume.storage_groups
    )
