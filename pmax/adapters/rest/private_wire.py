"""Volumes in full, as only the private resource answers them, and the domain's values that are made of them.

Source: unisphere-rest.md 6.5. What a version leaves out counts as not so, except what decides about a whole volume.
"""

from __future__ import annotations

from typing import Final

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.inventory import SnapshotHeader, VolumeInFull
from pmax.domain.survey import SurveyedPair, SurveyedSnapshot, SurveyedVolume
from pmax.domain.volumes import Volume

_MILLISECONDS: Final = 1000.0


@attrs.frozen(kw_only=True)
class RdfSession:
    """One pair of a volume."""

    group: int
    remote_array: str = ""
    remote_device: str = ""
    state: str = ""
    mode: str = ""

    def surveyed(self) -> SurveyedPair:
        """Make the value."""
        return SurveyedPair(
            rdf_group=self.group,
            remote_array=self.remote_array,
            remote_device=self.remote_device,
            state=self.state,
            mode=self.mode,
        )


@attrs.frozen(kw_only=True)
class RdfInfo:
    """What is said about the pairs of a volume. That it could be paired (`dynamicRDF`) does not make it one."""

    is_rdf: bool = False
    is_concurrent: bool = False
    is_asynchronous: bool = False
    sessions: tuple[RdfSession, ...] = ()

    @property
    def is_paired(self) -> bool:
        """Whether any sign says so."""
        return self.is_rdf or self.is_concurrent or self.is_asynchronous or bool(self.sessions)


@attrs.frozen(kw_only=True)
class SnapshotOfVolume:
    """A snapshot of the volume. Its end is in seconds since 1970, 0 for none, its begin in milliseconds."""

    name: str
    generation: int
    snap_id: int | None = None
    is_secure: bool = False
    is_expired: bool = False
    ends_at_s: float = 0.0
    created_at_ms: float = 0.0

    @property
    def expires_at_s(self) -> float | None:
        """When its time is over; None for never."""
        return self.ends_at_s if self.ends_at_s > 0 else None


@attrs.frozen(kw_only=True)
class LinkOfSnapshot:
    """A volume that presents a snapshot."""

    target: DeviceId


@attrs.frozen(kw_only=True)
class SnapshotWithLinks:
    """That snapshot, and the volumes that present it."""

    header: SnapshotOfVolume
    links: tuple[LinkOfSnapshot, ...] = ()

    def to_domain(self) -> SnapshotHeader:
        """Make the value."""
        header = self.header
        return SnapshotHeader(
            name=header.name,
            generation=header.generation,
            snap_id=header.snap_id,
            is_expired=header.is_expired,
            is_secure=header.is_secure,
            expires_at_s=header.expires_at_s,
            created_at_s=header.created_at_ms / _MILLISECONDS,
            link_count=len(self.links),
        )

    def surveyed(self) -> SurveyedSnapshot:
        """Make the value that says on which volumes it is."""
        header = self.header
        return SurveyedSnapshot(
            name=header.name,
            generation=header.generation,
            snap_id=header.snap_id,
            is_expired=header.is_expired,
            ends_at_s=header.expires_at_s,
            targets=tuple(link.target for link in self.links),
        )


@attrs.frozen(kw_only=True)
class SnapshotRole:
    """What the volume is in SnapVX; only the snapshots of itself are read."""

    snapshots: tuple[SnapshotWithLinks, ...] = ()


@attrs.frozen(kw_only=True)
class TimeFinderInfo:
    """What is said about the snapshots of a volume: an element for each of its roles."""

    is_source: bool
    is_target: bool
    roles: tuple[SnapshotRole, ...] = ()

    @property
    def snapshots(self) -> tuple[SnapshotWithLinks, ...]:
        """Those of which the volume is the source."""
        return tuple(each for role in self.roles for each in role.snapshots)


@attrs.frozen(kw_only=True)
class Masking:
    """What the masking record says."""

    is_masked: bool = False


@attrs.frozen(kw_only=True)
class Reservation:
    """Whether somebody has reserved the volume."""

    is_reserved: bool = False


@attrs.frozen(kw_only=True)
class VolumeHeader:
    """What is said about the volume itself; the identifier has another key in old versions."""

    device_id: DeviceId
    capacity: Capacity
    configuration: str
    status: str
    emulation: str
    wwn: str = ""
    user_defined_identifier: str | None = None
    name_modifier: str | None = None
    storage_groups: tuple[str, ...] = ()
    service_level: str | None = None
    masking_views: int = 0
    is_mapped: bool = False
    srp: str | None = None
    service_state: str = ""
    is_system_resource: bool = False
    is_private: bool = False
    is_encapsulated: bool = False
    reservation: Reservation = Reservation()


@attrs.frozen(kw_only=True)
class PrivateVolume:
    """A volume in full."""

    array_id: ArrayId
    header: VolumeHeader
    time_finder: TimeFinderInfo
    masking: Masking = Masking()
    rdf: RdfInfo = RdfInfo()

    def to_domain(self) -> Volume:
        """Make the value that other reads give too.

        Private answers do not count paths. A volume that is mapped, masked or in a view has at least one, and is given
        as many as it has views.
        """
        header = self.header
        return Volume(
            array_id=self.array_id,
            device_id=header.device_id,
            identifier=header.user_defined_identifier or header.name_modifier,
            capacity=header.capacity,
            storage_groups=header.storage_groups,
            wwn=header.wwn,
            emulation=header.emulation,
            configuration=header.configuration,
            status=header.status,
            front_end_paths=max(header.masking_views, int(header.is_mapped or self.masking.is_masked)),
            is_snapshot_source=self.time_finder.is_source,
            is_snapshot_target=self.time_finder.is_target,
            rdf_groups=tuple(session.group for session in self.rdf.sessions),
        )

    def in_full(self) -> VolumeInFull:
        """Make the value with everything else."""
        header = self.header
        return VolumeInFull(
            volume=self.to_domain(),
            srp=header.srp,
            service_state=header.service_state,
            masking_view_count=header.masking_views,
            is_masked=self.masking.is_masked,
            is_mapped=header.is_mapped,
            is_system_resource=header.is_system_resource,
            is_private=header.is_private,
            is_encapsulated=header.is_encapsulated,
            is_reserved=header.reservation.is_reserved,
            is_replicated=self.rdf.is_paired,
            snapshots=tuple(each.to_domain() for each in self.time_finder.snapshots),
        )

    def surveyed(self) -> SurveyedVolume:
        """Make the value with what an audit looks at."""
        return SurveyedVolume(
            volume=self.to_domain(),
            is_system_resource=self.header.is_system_resource,
            service_level=self.header.service_level,
            snapshots=tuple(each.surveyed() for each in self.time_finder.snapshots),
            pairs=tuple(session.surveyed() for session in self.rdf.sessions),
        )
