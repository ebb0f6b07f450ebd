"""Replies about SnapVX sessions, and the domain's values that are made of them.

Source: unisphere-rest.md 6.13. The list of snapshots of a volume has another key before 92, snap ids are there only on
newer code, and a restore shows up as a link of the source to itself.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import attrs

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.snapvx import (
    LinkState,
    ListedSnapshot,
    Snapshot,
    SnapshotKey,
    SnapshotLink,
    SnapshotSessions,
    TargetSession,
)

_SOURCE_SESSION: Final = re.compile(r"[0-9A-Fa-f]{5}-SRC-(?P<name>.+)-[0-9]+")


@attrs.frozen(kw_only=True)
class LinkedDevice:
    """A link, or a restore, below its snapshot."""

    target: DeviceId
    state: LinkState
    is_defined: bool = False
    percent_copied: int = 0

    def to_domain(self) -> SnapshotLink:
        """Make the value. A link that says nothing of being defined counts as not defined yet."""
        return SnapshotLink(
            target=self.target, state=self.state, is_defined=self.is_defined, percent_copied=self.percent_copied
        )


@attrs.frozen(kw_only=True)
class SourceSession:
    """A snapshot of the volume. Its end is in seconds since 1970, 0 for none (assumed)."""

    name: str
    generation: int
    snap_id: int | None = None
    created: str = ""
    ends_at_s: int = 0
    is_expired: bool = False
    is_secure: bool = False
    links: tuple[LinkedDevice, ...] = ()

    def to_domain(self, array_id: ArrayId, source: DeviceId, siblings: int) -> Snapshot:
        """Make the value."""
        restore = next((link.state for link in self.links if link.target == source), None)
        return Snapshot(
            array_id=array_id,
            source=source,
            name=self.name,
            key=SnapshotKey(generation=self.generation, snap_id=self.snap_id, siblings=siblings),
            created=self.created,
            expires_at_s=self.ends_at_s or None,
            is_expired=self.is_expired,
            is_secure=self.is_secure,
            links=tuple(link.to_domain() for link in self.links if link.target != source),
            restore=restore,
        )


@attrs.frozen(kw_only=True)
class TargetEnd:
    """A link, seen from its target. How many snapshots of that name the source has is not told."""

    source: DeviceId
    name: str
    generation: int
    state: LinkState
    snap_id: int | None = None
    is_defined: bool = False
    percent_copied: int = 0

    def to_domain(self, target: DeviceId) -> TargetSession:
        """Make the value."""
        link = SnapshotLink(
            target=target, state=self.state, is_defined=self.is_defined, percent_copied=self.percent_copied
        )
        key = SnapshotKey(generation=self.generation, snap_id=self.snap_id)
        return TargetSession(source=self.source, name=self.name, key=key, link=link)


@attrs.frozen(kw_only=True)
class SessionsReply:
    """Everything of SnapVX that a volume takes part in."""

    array_id: ArrayId
    device_name: str
    sources: tuple[SourceSession, ...] = ()
    sources_before_92: tuple[SourceSession, ...] = ()
    targets: tuple[TargetEnd, ...] = ()

    def to_domain(self, device_id: DeviceId) -> SnapshotSessions:
        """Make the value. `deviceName` is the device, with its identifier after a colon if it has one."""
        sources = self.sources or self.sources_before_92
        siblings = Counter(source.name for source in sources)
        _, _, identifier = self.device_name.partition(":")
        ends = [end for end in self.targets if end.source != device_id]
        return SnapshotSessions(
            array_id=self.array_id,
            device_id=device_id,
            identifier=identifier or None,
            snapshots=tuple(source.to_domain(self.array_id, device_id, siblings[source.name]) for source in sources),
            target_of=ends[0].to_domain(device_id) if ends else None,
        )


@attrs.frozen(kw_only=True)
class ListedSession:
    """One session in the list of a whole array: `0012F-SRC-name-0` for a snapshot, `-LNK-` for a link to the volume."""

    name: str
    generation: int = 0
    is_linked: bool = False


@attrs.frozen(kw_only=True)
class ListedSource:
    """A volume in that list."""

    device_id: DeviceId
    sessions: tuple[ListedSession, ...] = ()


@attrs.frozen(kw_only=True)
class SourcesReply:
    """The list of the volumes of an array that have sessions, with details."""

    devices: tuple[ListedSource, ...] = ()

    def to_domain(self) -> tuple[ListedSnapshot, ...]:
        """Make the values; what a volume is only the target of is left out."""
        return tuple(
            ListedSnapshot(
                source=device.device_id,
                name=match["name"],
                generation=session.generation,
                is_linked=session.is_linked,
            )
            for device in self.devices
            for session in device.sessions
            if (match := _SOURCE_SESSION.fullmatch(session.name))
        )
