"""What may be taken over: every rule for volumes and snapshots, each with its reason.

One list of rules serves the long lists, where each entry says why it is not safe to manage, and the operations that
take something over, which refuse for the same reasons. Everything that stands in the way is told, not only the first.

Source: the manual, "Manage and Unmanage Volumes", "Manage/Unmanage Snapshots" and "List manageable volumes and
snapshots"; driver-provisioning.md 6.12 and 6.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Final

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.errors import AlreadyManaged, NotManageable
from pmax.domain.identifiers import DeviceId
from pmax.domain.inventory import SnapshotHeader, VolumeInFull
from pmax.domain.naming import MANAGED_PREFIX
from pmax.domain.volumes import Volume

#: The size of the smallest volume that Cinder makes, as the service shows it.
MINIMUM_MEGABYTES: Final = 1026
#: Begins the names of snapshots that exist only while a volume is cloned.
TEMPORARY_PREFIX: Final = "temp-"

_READY: Final = "Ready"
_NORMAL: Final = "Normal"
_OPEN_SYSTEMS: Final = "FBA"
_THIN: Final = "TDEV"
#: How the service writes a thin device that is a source of SRDF, a target, or both.
_REPLICATED_OR_NOT: Final = (_THIN, "RDF1+TDEV", "RDF2+TDEV", "RDF21+TDEV")


class Obstacle(Enum):
    """Why something cannot be taken over, as a key for programs."""

    MANAGED = "managed"
    RESERVED_NAME = "reserved-name"
    TOO_SMALL = "too-small"
    NOT_WHOLE_GIB = "not-whole-gib"
    MASKED = "masked"
    NOT_READY = "not-ready"
    NOT_NORMAL = "not-normal"
    NOT_FBA = "not-fba"
    NOT_TDEV = "not-tdev"
    SYSTEM_RESOURCE = "system-resource"
    PRIVATE = "private"
    ENCAPSULATED = "encapsulated"
    RESERVED = "reserved"
    REPLICATED = "replicated"
    SNAPSHOT_TARGET = "snapshot-target"
    SEVERAL_GROUPS = "several-groups"
    OTHER_POOL = "other-pool"
    NOT_A_SOURCE = "not-a-source"
    TEMPORARY = "temporary"
    EXPIRED = "expired"
    OLDER_GENERATION = "older-generation"
    LINKED = "linked"
    SOURCE_NOT_MANAGED = "source-not-managed"


@attrs.frozen
class Reason:
    """One reason.

    Attributes:
        obstacle: for programs.
        text: for people, without a full stop.
    """

    obstacle: Obstacle
    text: str

    def __str__(self) -> str:
        return self.text


def _of_name(identifier: str) -> Iterator[Reason]:
    if identifier.startswith(MANAGED_PREFIX):
        text = f"its identifier {identifier} begins with {MANAGED_PREFIX}, which marks what is managed already"
        yield Reason(Obstacle.RESERVED_NAME, text)


@lru_cache(maxsize=4096)
def _of_size(size_bytes: int) -> tuple[Reason, ...]:
    """Remembered, since an array has many volumes and few sizes."""
    capacity = Capacity(size_bytes)
    found = []
    shown = capacity.megabytes_shown
    if shown < MINIMUM_MEGABYTES:
        text = f"it has {shown} MB, and at least {MINIMUM_MEGABYTES} are needed"
        found.append(Reason(Obstacle.TOO_SMALL, text))
    if not capacity.is_whole_gib:
        text = f"its size of {capacity.gigabytes_shown:g} GB is not a whole number"
        found.append(Reason(Obstacle.NOT_WHOLE_GIB, text))
    return tuple(found)


def _of_nature(full: VolumeInFull) -> Iterator[Reason]:
    """What also keeps a volume from being the source of a manageable snapshot."""
    volume = full.volume
    yield from _of_size(volume.capacity.size_bytes)
    if volume.emulation != _OPEN_SYSTEMS:
        yield Reason(Obstacle.NOT_FBA, _unlike("emulation", volume.emulation, _OPEN_SYSTEMS))
    if full.is_private:
        yield Reason(Obstacle.PRIVATE, "it is private")
    if full.is_system_resource:
        yield Reason(Obstacle.SYSTEM_RESOURCE, "it is a system resource")


def _of_configuration(volume: Volume, *allowed: str) -> Iterator[Reason]:
    if volume.configuration not in allowed:
        yield Reason(Obstacle.NOT_TDEV, _unlike("configuration", volume.configuration, allowed[0]))


def _of_state(full: VolumeInFull) -> Iterator[Reason]:
    volume = full.volume
    if volume.status != _READY:
        yield Reason(Obstacle.NOT_READY, _unlike("status", volume.status, _READY))
    if full.service_state != _NORMAL:
        yield Reason(Obstacle.NOT_NORMAL, _unlike("service state", full.service_state, _NORMAL))
    if full.is_encapsulated:
        yield Reason(Obstacle.ENCAPSULATED, "it is encapsulated")
    if full.is_reserved:
        yield Reason(Obstacle.RESERVED, "it is reserved")


def _of_use(full: VolumeInFull) -> Iterator[Reason]:
    volume = full.volume
    if full.masking_view_count:
        yield Reason(Obstacle.MASKED, f"it is in a masking view ({full.masking_view_count} in all)")
    elif full.is_masked or full.is_mapped or volume.front_end_paths:
        yield Reason(Obstacle.MASKED, "a host sees it")
    if volume.rdf_groups:
        yield Reason(Obstacle.REPLICATED, f"it is paired in SRDF group {', '.join(map(str, volume.rdf_groups))}")
    elif full.is_replicated:
        yield Reason(Obstacle.REPLICATED, "it is paired over SRDF")
    if volume.is_snapshot_target:
        yield Reason(Obstacle.SNAPSHOT_TARGET, "a snapshot is linked to it")
    if len(volume.storage_groups) > 1:
        yield Reason(Obstacle.SEVERAL_GROUPS, f"it is in several storage groups: {', '.join(volume.storage_groups)}")


def _unlike(word: str, found: str, wanted: str) -> str:
    return f"its {word} is {found or 'not told'}, not {wanted}"


def volume_reasons(full: VolumeInFull, srp: str, own_identifier: str | None = None) -> tuple[Reason, ...]:
    """Everything that keeps a volume from being taken over; empty when nothing does.

    Args:
        full: the volume.
        srp: the configured storage resource pool. A volume of which no pool is told is in none, and is no obstacle.
        own_identifier: the name that it is to get: carrying it already, after an attempt that was cut off, is fine.
    """
    identifier = full.volume.identifier or ""
    found = [] if own_identifier is not None and identifier == own_identifier else list(_of_name(identifier))
    found += _of_nature(full)
    found += _of_configuration(full.volume, _THIN)
    found += _of_state(full)
    found += _of_use(full)
    if full.srp is not None and full.srp != srp:
        found.append(Reason(Obstacle.OTHER_POOL, f"it is in storage resource pool {full.srp}, not {srp}"))
    return tuple(found)


def check_volume(full: VolumeInFull, srp: str, own_identifier: str | None = None) -> None:
    """Refuse to take over a volume.

    Raises:
        AlreadyManaged: its name says that it is managed.
        NotManageable: something else stands in the way; everything is told.
    """
    refuse("volume", full.volume.device_id, volume_reasons(full, srp, own_identifier))


def refuse(kind: str, name: str, reasons: Iterable[Reason]) -> None:
    """Raise what stands in the way; nothing is fine.

    Raises:
        AlreadyManaged: one of the reasons is that it is managed already.
        NotManageable: there are other reasons.
    """
    told = tuple(reasons)
    texts = tuple(reason.text for reason in told)
    if any(reason.obstacle in {Obstacle.RESERVED_NAME, Obstacle.MANAGED} for reason in told):
        raise AlreadyManaged(kind, name, texts)
    if told:
        raise NotManageable(kind, name, texts)


def snapshot_reasons(full: VolumeInFull, snapshot: SnapshotHeader) -> tuple[Reason, ...]:
    """Everything that keeps a snapshot from being taken over; empty when nothing does.

    A source that SRDF replicates is no obstacle: its configuration is `RDF1+TDEV`. Whether Cinder manages the source is
    for the caller to know.
    """
    found = [*_of_nature(full), *_of_configuration(full.volume, *_REPLICATED_OR_NOT)]
    if not full.volume.is_snapshot_source:
        found.append(Reason(Obstacle.NOT_A_SOURCE, "it is not marked as the source of a snapshot"))
    of_source = (attrs.evolve(reason, text=f"of its source: {reason.text}") for reason in found)
    return (*of_source, *snapshot_name_reasons(snapshot.name), *snapshot_state_reasons(snapshot))


def snapshot_name_reasons(name: str) -> tuple[Reason, ...]:
    """What the name of a snapshot says against it."""
    if name.startswith(MANAGED_PREFIX):
        text = f"its name begins with {MANAGED_PREFIX}, which marks what is managed already"
        return (Reason(Obstacle.RESERVED_NAME, text),)
    if name.startswith(TEMPORARY_PREFIX):
        text = f"its name begins with {TEMPORARY_PREFIX}, which marks what exists only for a while"
        return (Reason(Obstacle.TEMPORARY, text),)
    return ()


def snapshot_state_reasons(snapshot: SnapshotHeader) -> Iterator[Reason]:
    """What the state of a snapshot says against it."""
    if snapshot.is_expired:
        yield Reason(Obstacle.EXPIRED, "its time is over")
    if snapshot.generation > 0:
        yield Reason(Obstacle.OLDER_GENERATION, f"it is generation {snapshot.generation}, and only 0 can be managed")
    if snapshot.link_count:
        yield Reason(Obstacle.LINKED, f"it is linked to {snapshot.link_count} volumes")


def size_of(volume: Volume) -> int:
    """GiB of a volume, rounded up by what the service shows: what Cinder's lists want of any size."""
    whole = volume.capacity.whole_gib
    return whole if volume.capacity.is_whole_gib else Capacity(volume.capacity.size_bytes - 1).whole_gib + 1


@attrs.frozen(kw_only=True)
class ManageableVolume:
    """A volume in the list of those that may be taken over, whether it may or not.

    Attributes:
        full: the volume.
        reasons: why not; empty when it may.
        cinder_id: of the volume that Cinder already has for it; None if it has none.
    """

    full: VolumeInFull
    reasons: tuple[Reason, ...]
    cinder_id: str | None = None


@attrs.frozen(kw_only=True)
class ManageableSnapshot:
    """A snapshot in that list.

    Attributes:
        source: the volume that it is of.
        snapshot: the snapshot.
        reasons: why not; empty when it may be taken over.
        cinder_id: of the snapshot that Cinder already has for it; None if it has none.
    """

    source: VolumeInFull
    snapshot: SnapshotHeader
    reasons: tuple[Reason, ...]
    cinder_id: str | None = None


def judge_volumes(
    volumes: Iterable[VolumeInFull], srp: str, managed: Mapping[tuple[DeviceId, str], str]
) -> Iterator[ManageableVolume]:
    """Judge every volume.

    Args:
        volumes: of the array.
        srp: the configured storage resource pool.
        managed: device and identifier → id of the volume that Cinder has for it. The identifier proves that the device
            did not become another's since.
    """
    for full in volumes:
        reasons = volume_reasons(full, srp)
        cinder_id = managed.get((full.volume.device_id, full.volume.identifier or ""))
        if cinder_id is not None:
            reasons = (Reason(Obstacle.MANAGED, f"it is volume {cinder_id} already"), *reasons)
        yield ManageableVolume(full=full, reasons=reasons, cinder_id=cinder_id)


def judge_snapshots(
    volumes: Iterable[VolumeInFull], managed: Mapping[tuple[DeviceId, str], str]
) -> Iterator[ManageableSnapshot]:
    """Judge every snapshot of every volume.

    Args:
        volumes: of the array.
        managed: device and name → id of the snapshot that Cinder has for it.
    """
    for full in volumes:
        device = full.volume.device_id
        is_managed = (full.volume.identifier or "").startswith(MANAGED_PREFIX)
        for snapshot in full.snapshots:
            reasons = snapshot_reasons(full, snapshot)
            cinder_id = managed.get((device, snapshot.name)) if snapshot.generation == 0 else None
            if cinder_id is not None:
                reasons = (Reason(Obstacle.MANAGED, f"it is snapshot {cinder_id} already"), *reasons)
            elif not is_managed:
                text = f"volume {device} is not managed: take it over first"
                reasons = (*reasons, Reason(Obstacle.SOURCE_NOT_MANAGED, text))
            yield ManageableSnapshot(source=full, snapshot=snapshot, reasons=reasons, cinder_id=cinder_id)
