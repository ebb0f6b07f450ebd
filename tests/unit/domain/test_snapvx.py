"""Snapshots, links, and what proves which of them is meant."""

from __future__ import annotations

import attrs
import pytest

from pmax.domain.errors import IllegalTransition, NotFound, WrongIdentity
from pmax.domain.identifiers import DeviceId
from pmax.domain.snapvx import (
    LINK_TRANSITIONS,
    SNAPSHOT_TRANSITIONS,
    LinkAction,
    LinkPhase,
    LinkState,
    NewSnapshot,
    Snapshot,
    SnapshotAction,
    SnapshotKey,
    SnapshotLink,
    SnapshotPhase,
    SnapshotSessions,
)
from tests.builders import ARRAY, DEVICE, IDENTIFIER, target

TARGET = DeviceId("00130")


def snapshot(generation: int = 0, snap_id: int | None = None, siblings: int = 1, **changes: object) -> Snapshot:
    """One of the snapshots `snap`."""
    key = SnapshotKey(generation=generation, snap_id=snap_id, siblings=siblings)
    plain = Snapshot(array_id=ARRAY, source=DEVICE, name="snap", key=key)
    return attrs.evolve(plain, **changes)  # type: ignore[arg-type]  # whatever the test says


def sessions(*snapshots: Snapshot, identifier: str | None = IDENTIFIER) -> SnapshotSessions:
    """What the array shows of the volume."""
    return SnapshotSessions(array_id=ARRAY, device_id=DEVICE, identifier=identifier, snapshots=snapshots)


def link(state: LinkState, *, is_defined: bool = True) -> SnapshotLink:
    """A link to the target."""
    return SnapshotLink(target=TARGET, state=state, is_defined=is_defined)


@pytest.mark.parametrize(
    ("found", "phase", "is_finished"),
    [
        (link(LinkState.LINKED, is_defined=False), LinkPhase.DEFINING, False),
        (link(LinkState.LINKED), LinkPhase.LINKED, True),
        (link(LinkState.COPYING), LinkPhase.COPYING, False),
        (link(LinkState.COPYING, is_defined=False), LinkPhase.COPYING, False),
        (link(LinkState.COPIED), LinkPhase.COPIED, True),
        (link(LinkState.FAILED), LinkPhase.BROKEN, False),
    ],
)
def test_phases_of_a_link(found: SnapshotLink, phase: LinkPhase, *, is_finished: bool) -> None:
    """A link can be unlinked without loss once it is defined and copies nothing."""
    assert (found.phase, found.is_finished) == (phase, is_finished)


@pytest.mark.parametrize(
    ("found", "phase"),
    [
        (snapshot(), SnapshotPhase.ESTABLISHED),
        (snapshot(links=(link(LinkState.LINKED),)), SnapshotPhase.LINKED),
        (snapshot(restore=LinkState.RESTORING), SnapshotPhase.RESTORING),
        (snapshot(restore=LinkState.RESTORED, links=(link(LinkState.COPIED),)), SnapshotPhase.RESTORED),
    ],
)
def test_an_action_that_the_table_does_not_have_is_refused(found: Snapshot, phase: SnapshotPhase) -> None:
    """What the state allows passes; everything else is named with the state that forbids it."""
    assert found.phase is phase
    for action in SnapshotAction:
        if action in SNAPSHOT_TRANSITIONS[phase]:
            found.check(action)
        else:
            with pytest.raises(IllegalTransition, match=phase.value):
                found.check(action)


def test_every_state_can_be_left_and_reached() -> None:
    """The tables lead from the beginning to every state, and back; only a failed link is for an administrator."""
    for table, start, dead in (
        (LINK_TRANSITIONS, LinkPhase.NONE, {LinkPhase.BROKEN}),
        (SNAPSHOT_TRANSITIONS, SnapshotPhase.ABSENT, set()),
    ):
        reached, waiting = set(), [start]
        while waiting:
            phase = waiting.pop()
            if phase not in reached:
                reached.add(phase)
                waiting += table[phase].values()
        assert reached | dead == set(type(start))
        assert set(table) == set(type(start))
        assert all(start in _reachable(table, phase) for phase in reached)
    assert LinkAction.UNLINK not in LINK_TRANSITIONS[LinkPhase.COPYING]


def _reachable(table, phase):
    seen, waiting = set(), [phase]
    while waiting:
        for following in table[waiting.pop()].values():
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen


def test_a_snap_id_finds_its_snapshot_wherever_it_is() -> None:
    """Generations move, ids do not."""
    key = SnapshotKey(generation=0, snap_id=7, siblings=1)
    moved = snapshot(generation=2, snap_id=7, siblings=3)

    assert sessions(snapshot(0, 9, 3), moved, snapshot(1, 8, 3)).find("snap", key) == moved
    assert sessions(snapshot(0, 9)).find("snap", key) is None
    assert sessions(attrs.evolve(moved, name="other")).find("snap", key) is None


def test_without_ids_the_number_of_siblings_must_hold() -> None:
    """One less means that it is gone; anything else that nobody can tell."""
    key = SnapshotKey(generation=1, siblings=2)
    older, newer = snapshot(1, siblings=2), snapshot(0, siblings=2)

    assert sessions(newer, older).find("snap", key) == older
    assert sessions(newer).find("snap", key) is None
    assert sessions().find("snap", SnapshotKey(generation=0, siblings=1)) is None
    assert sessions(newer).find("snap", SnapshotKey(generation=0)) == newer
    for others in ((), (newer, older, snapshot(2))):
        with pytest.raises(WrongIdentity):
            sessions(*others).find("snap", key)


def test_a_new_snapshot_is_the_one_that_was_not_there() -> None:
    """By ids where there are any, else by number; two new ones are one too many."""
    old, new, another = snapshot(1, 7), snapshot(0, 8), snapshot(0, 9)
    reference = sessions(old).next_of("snap")

    assert reference == NewSnapshot(known=1, known_ids=frozenset({7}))
    assert sessions(old).find("snap", reference) is None
    assert sessions(new, old).find("snap", reference) == new
    assert sessions(new).find("snap", reference) == new
    with pytest.raises(WrongIdentity):
        sessions(another, new, old).find("snap", reference)


def test_a_new_snapshot_where_there_are_no_ids() -> None:
    """The newest is it if there is one more."""
    reference = sessions(snapshot()).next_of("snap")
    newest = snapshot(0, siblings=2)

    assert reference == NewSnapshot(known=1)
    assert sessions(snapshot()).find("snap", reference) is None
    assert sessions(newest, snapshot(1, siblings=2)).find("snap", reference) == newest
    with pytest.raises(WrongIdentity):
        sessions(snapshot(0), snapshot(1), snapshot(2)).find("snap", reference)


def test_a_snapshot_by_its_generation() -> None:
    """Who asks for one that is not there learns so."""
    newest, older = snapshot(0), snapshot(1)

    assert sessions(older, newest).get("snap") == newest
    assert sessions(older, newest).get("snap", 1) == older
    for name, generation in (("snap", 2), ("other", 0)):
        with pytest.raises(NotFound) as raised:
            sessions(older, newest).get(name, generation)
        assert raised.value.kind == "snapshot"


def test_whose_sessions_they_are() -> None:
    """The identifier that comes along is compared whole; who names none takes any volume."""
    assert sessions().check_owner(target())
    assert not sessions(identifier=IDENTIFIER[:-1]).check_owner(target())
    assert not sessions(identifier=None).check_owner(target())
    assert sessions(identifier=None).check_owner(attrs.evolve(target(), identifiers=()))
