"""What is left of clones, and when it goes."""

from __future__ import annotations

import attrs
import pytest

from pmax.domain.errors import LimitReached, StillInUse
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import DeleteTemporarySnapshot, UnlinkSnapshot
from pmax.domain.snapvx import (
    LINKS_PER_SOURCE,
    SNAPSHOTS_PER_SOURCE,
    LinkState,
    Snapshot,
    SnapshotKey,
    SnapshotLink,
    SnapshotSessions,
)
from pmax.domain.temporary_snapshots import (
    after,
    clear,
    clear_all,
    clear_expired,
    is_temporary,
    make_room,
    users_snapshots,
)
from tests.builders import ARRAY, DEVICE

NAME = f"temp-{DEVICE}-snapshot_for_clone"


def device(number: int) -> DeviceId:
    """A target."""
    return DeviceId(f"{number:05X}")


def snapshot(generation: int, *states: LinkState, name: str = NAME, **changes: object) -> Snapshot:
    """A snapshot with a link in each of these states, to a device that follows from its generation."""
    links = tuple(
        SnapshotLink(target=device(0x1000 + 16 * generation + number), state=state, is_defined=True)
        for number, state in enumerate(states)
    )
    key = SnapshotKey(generation=generation, snap_id=1000 - generation, siblings=3)
    plain = Snapshot(array_id=ARRAY, source=DEVICE, name=name, key=key, links=links)
    return attrs.evolve(plain, **changes)  # type: ignore[arg-type]  # whatever the test says


def sessions(*snapshots: Snapshot) -> SnapshotSessions:
    """Of the source."""
    return SnapshotSessions(array_id=ARRAY, device_id=DEVICE, identifier=None, snapshots=snapshots)


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        (NAME, True),
        ("temp-00001-snapshot_for_clone", False),
        (f"{NAME}-1", False),
        ("temp-template", False),
        ("EMC_SMI_1", False),
    ],
)
def test_t7_only_a_name_with_the_volumes_own_id_is_temporary(name: str, *, is_ours: bool) -> None:
    """Everything else is a user's, however much it looks alike."""
    found = snapshot(0, name=name)

    assert is_temporary(found) == is_ours
    assert users_snapshots(sessions(found)) == (() if is_ours else (found,))
    assert bool(clear(sessions(found), (found,)).steps) == is_ours


def test_the_oldest_goes_first_and_the_limit_holds() -> None:
    """Links are unlinked from the oldest snapshot on, and a snapshot goes with its last link."""
    old, middle, new = (snapshot(number, LinkState.LINKED, LinkState.COPIED) for number in (2, 1, 0))
    clearing = clear(sessions(new, middle, old), (new, middle, old), limit=3)

    assert clearing.deleted == (old,)
    assert clearing.unlinked == (*(link.target for link in old.links), middle.links[0].target)
    assert [type(step) for step in clearing.steps] == [
        UnlinkSnapshot,
        UnlinkSnapshot,
        DeleteTemporarySnapshot,
        UnlinkSnapshot,
    ]


def test_where_generations_count_each_key_tells_what_is_left() -> None:
    """A snapshot that goes later has fewer siblings by then."""
    clearing = clear(sessions(snapshot(0), snapshot(1), snapshot(2)), (snapshot(0), snapshot(2)))

    keys = [step.snapshot for step in clearing.steps if isinstance(step, DeleteTemporarySnapshot)]
    assert [(key.generation, key.siblings) for key in keys if isinstance(key, SnapshotKey)] == [(2, 3), (0, 2)]


@pytest.mark.parametrize("state", [LinkState.COPYING, LinkState.FAILED])
def test_what_is_not_finished_stays(state: LinkState) -> None:
    """A copy under way is not cut off; who needs it gone has to wait."""
    found = sessions(snapshot(0, LinkState.COPIED, state))

    assert clear(found, found.snapshots).deleted == ()
    with pytest.raises(StillInUse):
        clear_all(found)


def test_a_restore_is_left_alone() -> None:
    """Nobody restores a temporary snapshot but an administrator, who has reasons."""
    found = sessions(snapshot(0, restore=LinkState.RESTORED))

    assert clear(found, found.snapshots).steps == ()


def test_only_what_is_past_its_time_is_tidied_away() -> None:
    """Users' snapshots are not, however old."""
    old, young = snapshot(1, is_expired=True), snapshot(0)
    users = snapshot(0, name="mine", is_expired=True)

    assert clear_expired(sessions(young, old, users)).deleted == (old,)


def test_there_is_room_in_general() -> None:
    """Nothing is cleared while nobody needs it; what is past its time goes on the way."""
    old, young = snapshot(1, LinkState.LINKED, is_expired=True), snapshot(0, LinkState.LINKED)

    assert make_room(sessions(young), 3, is_full=False, snapshots=1, links=1).steps == ()
    assert make_room(sessions(young, old), 3, is_full=False, snapshots=1, links=1).deleted == (old,)
    assert make_room(sessions(young, old), 3, is_full=True, snapshots=1, links=1).deleted == (old, young)
    assert make_room(sessions(young, old), 0, is_full=True, snapshots=1, links=1).steps == ()


def test_close_to_the_limit_finished_copies_go() -> None:
    """A source with almost all the snapshots that it can have gives up its oldest ones."""
    users = [snapshot(0, name=f"s{number}") for number in range(SNAPSHOTS_PER_SOURCE - 2)]
    found = sessions(*users, snapshot(0, LinkState.LINKED), snapshot(1, LinkState.LINKED))

    clearing = make_room(found, 1, is_full=False, snapshots=1, links=1)
    assert [each.key.generation for each in clearing.deleted] == [1]
    assert after(clearing, found, NAME).known == 1
    assert after(clearing, found, NAME).known_ids == frozenset({1000, 999})


@pytest.mark.parametrize("what", ["snapshots", "links"])
def test_a_full_source(what: str) -> None:
    """If nothing can be cleared, others must finish first."""
    if what == "snapshots":
        found = sessions(*(snapshot(0, name=f"s{number}") for number in range(SNAPSHOTS_PER_SOURCE)))
    else:
        links = tuple(
            SnapshotLink(target=device(number), state=LinkState.LINKED, is_defined=True)
            for number in range(LINKS_PER_SOURCE)
        )
        found = sessions(snapshot(0, name="mine", links=links))

    with pytest.raises(LimitReached):
        make_room(found, 3, is_full=False, **{what: 1})
    other = {"snapshots": "links", "links": "snapshots"}[what]
    assert make_room(found, 3, is_full=False, **{other: 1}).steps == ()
