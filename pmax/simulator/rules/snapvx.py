"""Snapshots and links as they are found: by volume, by name, by generation or snap id (rules 46 and 47)."""

from collections.abc import Sequence

import attrs

from pmax.simulator.behaviour import Behaviour
from pmax.simulator.pace import Pace, Progress, begin
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.state.records import Array
from pmax.simulator.state.snapvx_records import LINKS, SNAPSHOTS, Link, Snapshot
from pmax.simulator.state.table import Rows
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.state.world import World

NOT_FOUND = "No snapshot was found"
ALREADY = "The Device(s) is (are) already in the desired state or mode"
NO_LINK = "No link target was found"
NOT_COPIED = "Link must be fully copied for this operation to proceed"
TOO_MANY = "The maximum number of sessions has been exceeded for the specified Source device"
NOT_LICENSED = "The feature is not licensed"
"""Texts that clients look for (reference section 2.3); the last one is assumed."""

_FIRST_CODE_WITH_SNAP_IDS = (5978, 660)


@attrs.frozen
class ArrayInTime:
    """An array and the moment at which something happens to it.

    Attributes:
        now: epoch seconds.
    """

    array: ArrayTables
    world: World
    now: float

    @property
    def behaviour(self) -> Behaviour:
        """The choices of the user of the simulator."""
        return self.world.behaviour

    @property
    def snapshots(self) -> Rows[Snapshot]:
        """The snapshots of the array; indexes: source, name."""
        return self.array.rows(SNAPSHOTS)

    @property
    def links(self) -> Rows[Link]:
        """Its links by target; indexes: source, snapshot."""
        return self.array.rows(LINKS)

    def begin(self, pace: Pace) -> Progress:
        """Return the progress of work that begins now."""
        return begin(pace, self.now, self.world.clock.work_scale)


@attrs.frozen(kw_only=True)
class Selector:
    """Which of the snapshots of one name is meant: a snap id wins over a generation (reference section 6.13)."""

    generation: int = 0
    snap_id: int | None = None

    def __str__(self) -> str:
        return f"generation {self.generation}" if self.snap_id is None else f"snap id {self.snap_id}"


def has_snap_ids(array: Array) -> bool:
    """Say whether the code of an array knows snap ids (rule 47; reference section 6.2)."""
    return array.code_level[:2] >= _FIRST_CODE_WITH_SNAP_IDS


def refuse_unlicensed(array: Array) -> None:
    """Refuse to make or to use snapshots on an array without the licence (rule 65)."""
    if not array.is_snapvx_capable:
        raise ArrayRefused(NOT_LICENSED)


def snapshots_of(array: ArrayTables, volume_id: str) -> list[Snapshot]:
    """Return the snapshots of a volume, newest first."""
    return sorted(array.rows(SNAPSHOTS).where("source", volume_id), key=lambda row: -row.snap_id)


def snapshots_named(array: ArrayTables, volume_id: str, name: str) -> list[Snapshot]:
    """Return the generations of a snapshot of a volume: generation 0, the newest, comes first (rule 46)."""
    return [snapshot for snapshot in snapshots_of(array, volume_id) if snapshot.name == name]


def generation_of(snapshot: Snapshot, siblings: Sequence[Snapshot]) -> int:
    """Return the generation of a snapshot among all snapshots of its volume (rule 46)."""
    return sum(each.name == snapshot.name and each.snap_id > snapshot.snap_id for each in siblings)


def find_snapshot(array: ArrayTables, volume_id: str, name: str, selector: Selector) -> Snapshot | None:
    """Return a snapshot that something can be done with, or None when there is none."""
    for generation, snapshot in enumerate(snapshots_named(array, volume_id, name)):
        wanted = generation == selector.generation if selector.snap_id is None else snapshot.snap_id == selector.snap_id
        if wanted:
            return None if snapshot.removal is not None else snapshot
    return None


def get_snapshot(array: ArrayTables, volume_id: str, name: str, selector: Selector) -> Snapshot:
    """Return a snapshot that a request is about.

    Raises:
        ArrayRefused: there is none.
    """
    found = find_snapshot(array, volume_id, name, selector)
    if found is None:
        raise ArrayRefused(f"{NOT_FOUND}: device {volume_id} has no snapshot [{name}] of {selector}")
    return found


def find_link(array: ArrayTables, volume_id: str) -> Link | None:
    """Return the link whose target a volume is, or None; a restore does not count."""
    link = array.rows(LINKS).find(volume_id)
    return None if link is None or link.is_restore else link


def find_restore(array: ArrayTables, volume_id: str) -> Link | None:
    """Return the restore session of a volume, or None."""
    link = array.rows(LINKS).find(volume_id)
    return link if link is not None and link.is_restore else None


def sessions_of(array: ArrayTables, snapshot: Snapshot) -> list[Link]:
    """Return the links of a snapshot and its restore session, by target."""
    return array.rows(LINKS).where("snapshot", snapshot.key)


def links_of_source(array: ArrayTables, volume_id: str) -> list[Link]:
    """Return the links of all snapshots of a volume, by target, without its restore session."""
    return [link for link in array.rows(LINKS).where("source", volume_id) if not link.is_restore]
