"""Where Cinder's database and the array say different things, both ways. Pure: two lists in, differences out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from pmax.domain.naming import MANAGED_PREFIX, snapshot_name, volume_identifier
from pmax.domain.survey import SurveyedVolume

_OF_CINDER: Final = re.compile(re.escape(MANAGED_PREFIX) + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_SNAPSHOT_OF_CINDER: Final = re.compile(re.escape(MANAGED_PREFIX) + r"[0-9a-f]{15}")
#: What Cinder calls a volume that is replicated, or should be.
_REPLICATED: Final = frozenset({"enabled", "failed-over", "error"})
#: Volumes in these states are being made or are not there, and may be missing on the array.
_UNMADE: Final = frozenset(
    {"creating", "downloading", "error", "error_deleting", "deleting", "error_managing", "managing"}
)


@attrs.frozen(kw_only=True)
class CinderVolume:
    """A volume as Cinder's database has it. What the source does not tell is None and is not compared.

    Attributes:
        volume_id: its UUID.
        name_id: under which its device was made, if another volume's migration made it.
        device_id: where Cinder believes it to be; five digits.
        size_gib: whole GiB.
        status: Cinder's word.
        service_level: of the pool on which the scheduler put it; "" for none.
        attachments: hosts or instances that have it.
        replication_status: Cinder's word.
        snapshots: UUIDs of its snapshots.
    """

    volume_id: str
    name_id: str | None = None
    device_id: str | None = None
    size_gib: int | None = None
    status: str | None = None
    service_level: str | None = None
    attachments: tuple[str, ...] | None = None
    replication_status: str | None = None
    snapshots: tuple[str, ...] | None = None

    @property
    def identifiers(self) -> tuple[str, ...]:
        """What its device may be called on the array, the usual one first."""
        ids = (self.name_id or self.volume_id, self.volume_id)
        return tuple(dict.fromkeys((*map(volume_identifier, ids), *ids)))


@attrs.frozen(kw_only=True)
class Difference:
    """Something on which the two disagree.

    Attributes:
        volume_id: UUID of the volume; None if Cinder has none.
        device_id: on the array; None if it has none.
        aspect: existence, identifier, size, service level, attachment, replication, snapshot.
        cinder: what Cinder says, in words.
        array: what the array says, in words.
    """

    volume_id: str | None
    device_id: str | None
    aspect: str
    cinder: str
    array: str


def compare(known: Iterable[CinderVolume], found: Iterable[SurveyedVolume]) -> Iterator[Difference]:
    """Compare both ways: Cinder's volumes first, then what the array has of Cinder's name and Cinder does not know."""
    by_identifier: dict[str, SurveyedVolume] = {}
    by_device: dict[str, SurveyedVolume] = {}
    for each in found:
        by_device[each.volume.device_id] = each
        if each.volume.identifier:
            by_identifier.setdefault(each.volume.identifier, each)
    claimed: set[str] = set()
    for volume in known:
        at_home = by_device.get(volume.device_id or "")
        named = next((by_identifier[name] for name in volume.identifiers if name in by_identifier), None)
        claimed.update(volume.identifiers)
        yield from _of_volume(volume, at_home, named)
    for identifier, each in by_identifier.items():
        if _OF_CINDER.fullmatch(identifier) and identifier not in claimed:
            yield Difference(
                volume_id=None,
                device_id=each.volume.device_id,
                aspect="existence",
                cinder="no such volume",
                array=f"{identifier} of {each.volume.capacity.gigabytes_shown:g} GiB",
            )


def _of_volume(
    volume: CinderVolume, at_home: SurveyedVolume | None, named: SurveyedVolume | None
) -> Iterator[Difference]:
    is_own = at_home is not None and at_home.volume.identifier in volume.identifiers
    if named is None:
        if volume.status not in _UNMADE:
            there = f"device {volume.device_id} is called {at_home.volume.identifier}" if at_home else "no such device"
            yield _difference(volume, None, "existence", volume.status or "it exists", there)
        return
    if volume.device_id is not None and not is_own:
        there = f"it is device {named.volume.device_id}"
        yield _difference(volume, named, "identifier", f"it is device {volume.device_id}", there)
    surveyed = at_home if is_own and at_home is not None else named
    yield from _of_size(volume, surveyed)
    yield from _of_service_level(volume, surveyed)
    yield from _of_attachments(volume, surveyed)
    yield from _of_replication(volume, surveyed)
    yield from _of_snapshots(volume, surveyed)


def _difference(
    volume: CinderVolume, surveyed: SurveyedVolume | None, aspect: str, cinder: str, array: str
) -> Difference:
    device = surveyed.volume.device_id if surveyed else volume.device_id
    return Difference(volume_id=volume.volume_id, device_id=device, aspect=aspect, cinder=cinder, array=array)


def _of_size(volume: CinderVolume, surveyed: SurveyedVolume) -> Iterator[Difference]:
    """A device has whole cylinders, so it may be larger than asked by a part of a GiB."""
    gib = surveyed.volume.capacity.gib
    if volume.size_gib is not None and not math.floor(gib) <= volume.size_gib <= math.ceil(gib):
        shown = surveyed.volume.capacity.gigabytes_shown
        yield _difference(volume, surveyed, "size", f"{volume.size_gib} GiB", f"{shown:g} GiB")


def _of_service_level(volume: CinderVolume, surveyed: SurveyedVolume) -> Iterator[Difference]:
    if volume.service_level is None:
        return
    wanted, has = volume.service_level or "none", surveyed.service_level or "none"
    if wanted.lower() != has.lower():
        yield _difference(volume, surveyed, "service level", wanted, has)


def _of_attachments(volume: CinderVolume, surveyed: SurveyedVolume) -> Iterator[Difference]:
    if volume.attachments is None:
        return
    paths = surveyed.volume.front_end_paths
    if bool(volume.attachments) != bool(paths):
        cinder = f"attached to {', '.join(volume.attachments)}" if volume.attachments else "not attached"
        yield _difference(volume, surveyed, "attachment", cinder, "hosts see it" if paths else "no host sees it")


def _of_replication(volume: CinderVolume, surveyed: SurveyedVolume) -> Iterator[Difference]:
    if volume.replication_status is None:
        return
    pairs = ", ".join(f"{pair.state} in SRDF group {pair.rdf_group}" for pair in surveyed.pairs)
    if (volume.replication_status in _REPLICATED) != bool(pairs):
        yield _difference(volume, surveyed, "replication", volume.replication_status, pairs or "no pair")


def _of_snapshots(volume: CinderVolume, surveyed: SurveyedVolume) -> Iterator[Difference]:
    if volume.snapshots is None:
        return
    there = {snapshot.name for snapshot in surveyed.snapshots}
    wanted = {snapshot_name(snapshot_id): snapshot_id for snapshot_id in volume.snapshots}
    for name, snapshot_id in wanted.items():
        if name not in there:
            yield _difference(volume, surveyed, "snapshot", f"snapshot {snapshot_id}", f"no snapshot {name}")
    for name in sorted(there - wanted.keys()):
        if _SNAPSHOT_OF_CINDER.fullmatch(name):
            yield _difference(volume, surveyed, "snapshot", "no such snapshot", f"snapshot {name}")
