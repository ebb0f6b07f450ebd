"""The records of an array that snapshots are made of: snapshots, links, policies, and the tables that hold them."""

from typing import Any

import attrs

from pmax.simulator.pace import Progress
from pmax.simulator.state.table import Index, TableSpec


@attrs.frozen(kw_only=True)
class Snapshot:
    """A snapshot of one volume.

    Its generation is not stored: it is its place among the snapshots of the same volume and name (rule 46).

    Attributes:
        source: the id of its volume.
        snap_id: never changes; one number is shared by all volumes that were snapped together (rule 47).
        created_at: epoch seconds.
        cylinders: the size that the volume had.
        content: the token that was on the volume (`rules/content.py`).
        allocated_percent: of the volume, when it was made.
        expires_at: end of the time to live in epoch seconds, None without one.
        secure_until: it cannot be terminated before, None if it is not secure.
        is_expired: its time is over, but something still links it (rule 49).
        is_persistent: its policy does not remove it.
        policy: the snapshot policy that made it, empty for a manual one.
        removal: it is terminated already, but still shown; None while it lives.
    """

    source: str
    name: str
    snap_id: int
    created_at: float
    cylinders: int
    content: str = ""
    allocated_percent: int = 0
    expires_at: float | None = None
    secure_until: float | None = None
    is_expired: bool = False
    is_persistent: bool = False
    policy: str = ""
    removal: Progress | None = None

    @property
    def key(self) -> str:
        """Identifies it on its array."""
        return snapshot_key(self.source, self.snap_id)


def snapshot_key(source: str, snap_id: int) -> str:
    """Return the key of the snapshot of a volume."""
    return f"{source}/{snap_id}"


@attrs.frozen(kw_only=True)
class Link:
    """A snapshot presented on a target volume; a restore is a link of the source to itself (rule 56).

    Attributes:
        target: the id of the volume; a volume is the target of one link at most (rule 51).
        source: the volume of the snapshot.
        snap_id: of the snapshot.
        created_at: epoch seconds.
        is_copy: the data are copied in the background, not only pointed to.
        define: how far the background define is.
        copy: how far the background copy is, or the restore; it has no meaning without `is_copy`.
        is_defined: the target shows the snapshot.
        is_copied: the target does not need the snapshot any more.
        is_written: a host wrote to the target since it was linked.
    """

    target: str
    source: str
    snap_id: int
    created_at: float
    is_copy: bool
    define: Progress
    copy: Progress
    is_defined: bool = False
    is_copied: bool = False
    is_written: bool = False

    @property
    def is_restore(self) -> bool:
        """The target is the source itself."""
        return self.target == self.source

    @property
    def snapshot_key(self) -> str:
        """The key of its snapshot."""
        return snapshot_key(self.source, self.snap_id)

    @property
    def is_copying(self) -> bool:
        """Data are still on their way."""
        return self.is_copy and not self.is_copied


@attrs.frozen(kw_only=True)
class SnapshotPolicy:
    """A snapshot policy (reference section 6.21).

    Attributes:
        interval_minutes: between two runs.
        offset_minutes: of the runs within the interval; a week begins on Sunday at midnight UTC.
        snapshot_count: how many snapshots of a group it keeps.
        compliance_warning: fewer valid snapshots than that are a warning; None for no threshold.
        compliance_critical: fewer than that are critical; None for no threshold.
        cloud_provider: where a cloud policy sends its snapshots; empty for a local one.
        retention_days: of a cloud policy.
        last_run_at: epoch seconds, None if it never ran.
    """

    name: str
    interval_minutes: int
    offset_minutes: int = 0
    snapshot_count: int = 1
    is_secure: bool = False
    is_suspended: bool = False
    compliance_warning: int | None = None
    compliance_critical: int | None = None
    cloud_provider: str = ""
    retention_days: int = 0
    last_run_at: float | None = None


SNAPSHOTS = TableSpec(
    "snapshots",
    Snapshot,
    key=lambda row: row.key,
    indexes=(Index("source", lambda row: (row.source,)), Index("name", lambda row: (row.name,))),
)
LINKS = TableSpec(
    "links",
    Link,
    key=lambda row: row.target,
    indexes=(Index("source", lambda row: (row.source,)), Index("snapshot", lambda row: (row.snapshot_key,))),
)
SNAPSHOT_POLICIES = TableSpec("snapshot_policies", SnapshotPolicy, key=lambda row: row.name)

SNAPVX_TABLES: tuple[TableSpec[Any], ...] = (SNAPSHOTS, LINKS, SNAPSHOT_POLICIES)
