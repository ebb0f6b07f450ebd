"""SnapVX: snapshots of volumes, the links that present them on other volumes, and restores.

What belongs here: the values, what proves a snapshot to be the one that is meant, and the rules of their states. What
affects the states stands in this module and nowhere else: two tables, one for the life of a snapshot and one for a
link. An action that a table does not have raises `IllegalTransition` and changes nothing; the documentation draws its
diagrams out of these tables.

A snapshot *name* is no identity: the array takes the same name again, the newest is generation 0, and deleting one
moves the older ones. A *snap id* never changes, but older code has none. So a snapshot is told by a `SnapshotKey`,
which was read under a lock, and which holds what the array can tell.

Source: unisphere-rest.md 6.13 and 8.3 (rules 46 to 65).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

import attrs

from pmax.domain.errors import IllegalTransition, NotFound, WrongIdentity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.volumes import VolumeTarget

#: Most snapshots, and most links, that the array keeps of one source (unisphere-rest.md 5: the product's limits).
SNAPSHOTS_PER_SOURCE: Final = 256
LINKS_PER_SOURCE: Final = 1024


class LinkState(Enum):
    """What the service calls the state of a link, or of a restore; `FAILED` is inferred."""

    LINKED = "Linked"
    COPYING = "CopyInProg"
    COPIED = "Copied"
    RESTORING = "RestInProg"
    RESTORED = "Restored"
    FAILED = "Failed"


class LinkPhase(Enum):
    """Where a link stands, in words for people."""

    NONE = "not linked"
    DEFINING = "being defined"
    LINKED = "linked"
    COPYING = "copying"
    COPIED = "copied"
    BROKEN = "failed"


class LinkAction(Enum):
    """What happens to a link; the last two are the array's doing."""

    LINK = "link"
    LINK_WITH_COPY = "link with copy"
    UNLINK = "unlink"
    DEFINED = "(defined)"
    ALL_COPIED = "(all copied)"


#: A target can be used, and keeps its data when it is unlinked, once it is defined and nothing is being copied.
LINK_TRANSITIONS: Final[Mapping[LinkPhase, Mapping[LinkAction, LinkPhase]]] = MappingProxyType(
    {
        LinkPhase.NONE: {LinkAction.LINK: LinkPhase.DEFINING, LinkAction.LINK_WITH_COPY: LinkPhase.COPYING},
        LinkPhase.DEFINING: {LinkAction.DEFINED: LinkPhase.LINKED},
        LinkPhase.LINKED: {LinkAction.UNLINK: LinkPhase.NONE},
        LinkPhase.COPYING: {LinkAction.ALL_COPIED: LinkPhase.COPIED},
        LinkPhase.COPIED: {LinkAction.UNLINK: LinkPhase.NONE},
        LinkPhase.BROKEN: {},
    }
)


class SnapshotPhase(Enum):
    """Where a snapshot stands, in words for people."""

    ABSENT = "absent"
    ESTABLISHED = "established"
    LINKED = "linked"
    RESTORING = "being restored"
    RESTORED = "restored"


class SnapshotAction(Enum):
    """What happens to a snapshot; the last one is the array's doing."""

    CREATE = "create"
    RENAME = "rename"
    LINK = "link"
    UNLINK_LAST = "unlink the last"
    RESTORE = "restore"
    END_RESTORE = "end the restore"
    TERMINATE = "terminate"
    ALL_RESTORED = "(all restored)"


#: A snapshot that has links goes back to being linked when its restore is ended.
SNAPSHOT_TRANSITIONS: Final[Mapping[SnapshotPhase, Mapping[SnapshotAction, SnapshotPhase]]] = MappingProxyType(
    {
        SnapshotPhase.ABSENT: {SnapshotAction.CREATE: SnapshotPhase.ESTABLISHED},
        SnapshotPhase.ESTABLISHED: {
            SnapshotAction.RENAME: SnapshotPhase.ESTABLISHED,
            SnapshotAction.LINK: SnapshotPhase.LINKED,
            SnapshotAction.RESTORE: SnapshotPhase.RESTORING,
            SnapshotAction.TERMINATE: SnapshotPhase.ABSENT,
        },
        SnapshotPhase.LINKED: {
            SnapshotAction.RENAME: SnapshotPhase.LINKED,
            SnapshotAction.LINK: SnapshotPhase.LINKED,
            SnapshotAction.UNLINK_LAST: SnapshotPhase.ESTABLISHED,
            SnapshotAction.RESTORE: SnapshotPhase.RESTORING,
        },
        SnapshotPhase.RESTORING: {SnapshotAction.ALL_RESTORED: SnapshotPhase.RESTORED},
        SnapshotPhase.RESTORED: {
            SnapshotAction.RENAME: SnapshotPhase.RESTORED,
            SnapshotAction.END_RESTORE: SnapshotPhase.ESTABLISHED,
        },
    }
)


@attrs.frozen(kw_only=True)
class SnapshotKey:
    """Which of the snapshots of one name of one volume is meant: the proof that a destructive step carries.

    Attributes:
        generation: as it was when it was read; 0 is the newest.
        snap_id: never changes; None where the service tells none.
        siblings: how many snapshots of that name the volume had when this one was read. Without ids, the generation
            tells the right one only as long as that number holds. None where it is not known.
    """

    generation: int
    snap_id: int | None = None
    siblings: int | None = None

    def __str__(self) -> str:
        return f"generation {self.generation}" if self.snap_id is None else f"snap id {self.snap_id}"


@attrs.frozen(kw_only=True)
class NewSnapshot:
    """Stands for the snapshot that an earlier step of the same plan takes.

    Attributes:
        known: how many snapshots of that name the volume had before.
        known_ids: snap ids that are not its own, where the service tells them.
    """

    known: int
    known_ids: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return "the new one"


SnapshotReference = SnapshotKey | NewSnapshot


@attrs.frozen(kw_only=True)
class SnapshotLink:
    """A snapshot, presented on another volume.

    Attributes:
        target: that volume.
        state: as the service calls it.
        is_defined: whether the target shows the snapshot's data in full.
        percent_copied: 0 without copy.
    """

    target: DeviceId
    state: LinkState
    is_defined: bool
    percent_copied: int = 0

    @property
    def phase(self) -> LinkPhase:
        """Where it stands."""
        match self.state:
            case LinkState.COPIED:
                return LinkPhase.COPIED
            case LinkState.COPYING:
                return LinkPhase.COPYING
            case LinkState.LINKED:
                return LinkPhase.LINKED if self.is_defined else LinkPhase.DEFINING
            case _:
                return LinkPhase.BROKEN

    @property
    def is_finished(self) -> bool:
        """Whether it can be unlinked, and the target keeps its data."""
        return LinkAction.UNLINK in LINK_TRANSITIONS[self.phase]


@attrs.frozen(kw_only=True)
class Snapshot:
    """A snapshot of one volume, as the array reports it.

    Attributes:
        array_id: serial of the array.
        source: the volume that it is of.
        name: not unique.
        key: which of that name.
        created: when it was taken, as the service writes it.
        expires_at_s: when its time is over, in seconds since 1970; None for never.
        is_expired: its time is over, and only its links keep it.
        is_secure: nobody can terminate it before its time.
        links: volumes on which it is presented.
        restore: state of its restore; None without one.
    """

    array_id: ArrayId
    source: DeviceId
    name: str
    key: SnapshotKey
    created: str = ""
    expires_at_s: int | None = None
    is_expired: bool = False
    is_secure: bool = False
    links: tuple[SnapshotLink, ...] = ()
    restore: LinkState | None = None

    @property
    def phase(self) -> SnapshotPhase:
        """Where it stands."""
        if self.restore is not None:
            return SnapshotPhase.RESTORED if self.restore is LinkState.RESTORED else SnapshotPhase.RESTORING
        return SnapshotPhase.LINKED if self.links else SnapshotPhase.ESTABLISHED

    def check(self, action: SnapshotAction) -> None:
        """Refuse what its state does not allow.

        Raises:
            IllegalTransition: the table has no such action here.
        """
        if action not in SNAPSHOT_TRANSITIONS[self.phase]:
            raise IllegalTransition("snapshot", f"{self.name} of volume {self.source}", self.phase.value, action.value)

    def find_link(self, target: DeviceId) -> SnapshotLink | None:
        """The link to that volume; None if there is none."""
        return next((link for link in self.links if link.target == target), None)


@attrs.frozen(kw_only=True)
class TargetSession:
    """The snapshot that a volume presents: a link, seen from its target.

    Attributes:
        source: the volume that the snapshot is of.
        name: of the snapshot.
        key: which of that name. How many there are is not told at this end.
        link: to this volume.
    """

    source: DeviceId
    name: str
    key: SnapshotKey
    link: SnapshotLink


@attrs.frozen(kw_only=True)
class SnapshotSessions:
    """Everything of SnapVX that a volume takes part in.

    Attributes:
        array_id: serial of the array.
        device_id: the volume.
        identifier: what it is called; None if it carries no identifier, or the service did not tell.
        snapshots: of it, the newest of each name first.
        target_of: the snapshot that it presents; None if none.
    """

    array_id: ArrayId
    device_id: DeviceId
    identifier: str | None
    snapshots: tuple[Snapshot, ...] = ()
    target_of: TargetSession | None = None

    @property
    def links(self) -> Iterator[SnapshotLink]:
        """Links of all its snapshots."""
        return (link for snapshot in self.snapshots for link in snapshot.links)

    def named(self, name: str) -> tuple[Snapshot, ...]:
        """Its snapshots of one name, the newest first."""
        found = (snapshot for snapshot in self.snapshots if snapshot.name == name)
        return tuple(sorted(found, key=lambda snapshot: snapshot.key.generation))

    def find(self, name: str, reference: SnapshotReference) -> Snapshot | None:
        """The snapshot that is meant, as it is now; None if it is gone, or was not taken yet.

        Raises:
            WrongIdentity: the array shows neither what was read nor what is left without it, so that nobody can tell
                which one is meant: others took or deleted snapshots of the same name meanwhile.
        """
        found = self.named(name)
        if isinstance(reference, NewSnapshot):
            return self._new(found, reference)
        if reference.snap_id is not None:
            return next((each for each in found if each.key.snap_id == reference.snap_id), None)
        if reference.siblings is not None:
            if len(found) == reference.siblings - 1:
                return None
            if len(found) != reference.siblings:
                raise self._confused(name, f"one of {reference.siblings}", len(found))
        return next((each for each in found if each.key.generation == reference.generation), None)

    def get(self, name: str, generation: int = 0) -> Snapshot:
        """The snapshot of this name and generation.

        Raises:
            NotFound: there is none.
        """
        for snapshot in self.named(name):
            if snapshot.key.generation == generation:
                return snapshot
        raise NotFound("snapshot", f"{name} of volume {self.device_id}")

    def next_of(self, name: str) -> NewSnapshot:
        """Stands for the snapshot of this name that is about to be taken."""
        known = self.named(name)
        ids = frozenset(each.key.snap_id for each in known if each.key.snap_id is not None)
        return NewSnapshot(known=len(known), known_ids=ids)

    def check_owner(self, target: VolumeTarget) -> bool:
        """Whether the identifier that came along proves the volume; if not, the volume itself must be read."""
        return not target.identifiers or self.identifier in target.identifiers

    def _new(self, found: tuple[Snapshot, ...], reference: NewSnapshot) -> Snapshot | None:
        if reference.known_ids or not reference.known:
            # Ids are never given again, so what is not known is new, also when known ones have gone meanwhile.
            new = [each for each in found if each.key.snap_id not in reference.known_ids]
        else:
            new = list(found[: max(0, len(found) - reference.known)])
        if len(new) > 1:
            raise self._confused(new[0].name, f"one more than {reference.known}", len(found))
        return new[0] if new else None

    def _confused(self, name: str, expected: str, found: int) -> WrongIdentity:
        return WrongIdentity("snapshot", f"{name} of volume {self.device_id}", expected, f"one of {found}")


@attrs.frozen(kw_only=True)
class ListedSnapshot:
    """A snapshot in the list of a whole array: just enough to know where to look.

    Attributes:
        source: the volume that it is of.
        name: not unique.
        generation: 0 is the newest.
        is_linked: whether it is presented anywhere.
    """

    source: DeviceId
    name: str
    generation: int
    is_linked: bool
