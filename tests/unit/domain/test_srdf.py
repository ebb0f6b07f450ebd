"""States of SRDF sessions: what is legal, what is needless, and what is refused before anything is sent."""

from __future__ import annotations

import pytest

from pmax.domain.errors import IllegalTransition
from pmax.domain.srdf import LINKED, TRANSITIONS, GroupReplication, PairState, SessionAction, is_needed
from pmax.simulator.rules.srdf_transitions import CUT_OFF as ARRAY_ALONE
from pmax.simulator.rules.srdf_transitions import TRANSITIONS as ARRAY_TABLE
from pmax.simulator.rules.srdf_transitions import Action
from tests.builders import ARRAY


@pytest.mark.parametrize("action", SessionAction)
@pytest.mark.parametrize("state", PairState)
def test_every_state_has_a_verdict(action: SessionAction, state: PairState) -> None:
    """An action is legal, needless or refused in each state, and never two of them."""
    transition = TRANSITIONS[action]
    assert not transition.origins & transition.needless_in
    if state in transition.origins:
        assert is_needed(action, {state}, "group")
    elif state in transition.needless_in:
        assert not is_needed(action, {state}, "group")
    else:
        with pytest.raises(IllegalTransition) as raised:
            is_needed(action, {state}, "group")
        assert (raised.value.name, raised.value.state, raised.value.action) == ("group", state, action)


@pytest.mark.parametrize("action", SessionAction)
def test_what_is_legal_here_is_legal_on_the_array(action: SessionAction) -> None:
    """No origin of ours is one that the simulated array, whose table was made from the same sources, refuses."""
    shown = {state.value for state in ARRAY_TABLE[Action(action.value)].origins}
    later = {"R1 Updated", "Active"}  # states that it never shows
    assert {state.value for state in TRANSITIONS[action].origins} - later <= shown
    if Action(action.value) in ARRAY_ALONE:
        assert TRANSITIONS[action].alone_origins


def test_mixed_states_are_judged_one_by_one() -> None:
    """One pair that forbids the action refuses it for all; one that still needs it makes it needed."""
    assert is_needed(SessionAction.SUSPEND, {PairState.SUSPENDED, PairState.SYNCHRONIZED}, "group")
    with pytest.raises(IllegalTransition):
        is_needed(SessionAction.RESUME, {PairState.SUSPENDED, PairState.FAILED_OVER}, "group")


def test_what_a_surviving_array_may_do_alone() -> None:
    """While the arrays cannot talk, a failover is legal only for who says that it is the surviving side."""
    with pytest.raises(IllegalTransition):
        is_needed(SessionAction.FAILOVER, {PairState.PARTITIONED}, "group")
    assert is_needed(SessionAction.FAILOVER, {PairState.PARTITIONED}, "group", is_alone=True)


def test_resuming_what_replicates_is_needless() -> None:
    """A session whose data flow needs no resume, whatever it is called."""
    for action in (SessionAction.RESUME, SessionAction.ESTABLISH):
        assert not is_needed(action, LINKED, "group")


@pytest.mark.parametrize(
    ("volumes", "is_pure", "groups", "pairs", "expected"),
    [
        (2, True, (70,), 2, True),
        (0, False, (), 0, True),
        (2, True, (70,), 3, False),
        (3, True, (70,), 2, False),
        (2, False, (70,), 2, False),
        (2, True, (70, 71), 2, False),
        (2, True, (71,), 2, False),
    ],
)
def test_when_a_group_is_exactly_its_rdf_group(
    volumes: int, is_pure: bool, groups: tuple[int, ...], pairs: int, expected: bool
) -> None:
    """Its volumes are all paired, in this RDF group alone, and as many as its pairs."""
    group = GroupReplication(
        array_id=ARRAY,
        storage_group="management",
        volume_count=volumes,
        is_fully_replicated=is_pure,
        rdf_groups=groups,
    )
    assert group.is_exactly(70, pairs) is expected
