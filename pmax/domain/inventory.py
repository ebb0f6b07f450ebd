"""Volumes in full: everything that an array tells of a device, as only its long list has it.

What belongs here: the values. What they decide stands in `manageability`. Source: unisphere-rest.md 6.5.
"""

from __future__ import annotations

import attrs

from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class SnapshotHeader:
    """A snapshot, as the long list of volumes tells of it.

    Attributes:
        name: not unique.
        generation: 0 is the newest of its name.
        snap_id: never changes; None where the service tells none.
        is_expired: its time is over, and only its links keep it.
        is_secure: nobody can terminate it before its time.
        expires_at_s: when its time is over, in seconds since 1970; None for never.
        created_at_s: when it was taken, in seconds since 1970.
        link_count: volumes on which it is presented, and restores that are open.
    """

    name: str
    generation: int
    snap_id: int | None = None
    is_expired: bool = False
    is_secure: bool = False
    expires_at_s: float | None = None
    created_at_s: float = 0.0
    link_count: int = 0


@attrs.frozen(kw_only=True)
class VolumeInFull:
    """A volume with everything that decides whether it may be taken over.

    Attributes:
        volume: what every read tells.
        srp: storage resource pool from which it is allotted; None where none is told.
        service_state: `Normal` unless something is broken; empty where it is not told.
        masking_view_count: views through which hosts see it.
        is_masked: a host sees it, by the word of its masking record.
        is_mapped: it has an address on a front-end port.
        is_system_resource: the array keeps it for itself, such as a gatekeeper.
        is_private: the array hides it from hosts.
        is_encapsulated: its data are on another array.
        is_reserved: somebody has reserved it.
        is_replicated: it is paired over SRDF, by any of the signs that the service gives.
        snapshots: of it, each generation.
    """

    volume: Volume
    srp: str | None = None
    service_state: str = ""
    masking_view_count: int = 0
    is_masked: bool = False
    is_mapped: bool = False
    is_system_resource: bool = False
    is_private: bool = False
    is_encapsulated: bool = False
    is_reserved: bool = False
    is_replicated: bool = False
    snapshots: tuple[SnapshotHeader, ...] = ()
