"""Which of several servers is used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmax.adapters.rest.endpoints import Endpoints


def test_servers_are_used_in_the_configured_order():
    """The first server is the preferred one."""
    assert Endpoints.untried(3).order(0.0) == (0, 1, 2)


def test_a_server_that_failed_stands_back():
    """After a failure the next server is tried first, and the failed one last."""
    assert Endpoints.untried(3).failed(0, 100.0).order(100.0) == (1, 2, 0)


def test_a_server_comes_back_after_a_while():
    """When its time is up the preferred server is tried first again."""
    endpoints = Endpoints.untried(2).failed(0, 100.0)
    assert endpoints.order(129.9) == (1, 0)
    assert endpoints.order(130.0) == (0, 1)


def test_a_server_that_keeps_failing_stands_back_longer():
    """The second failure in a row doubles the time, up to ten minutes."""
    endpoints = Endpoints.untried(2).failed(0, 0.0).failed(0, 30.0)
    assert endpoints.order(89.0) == (1, 0)
    assert endpoints.order(90.0) == (0, 1)
    for _ in range(2000):
        endpoints = endpoints.failed(0, 0.0)
    assert endpoints.order(599.0) == (1, 0)
    assert endpoints.order(600.0) == (0, 1)


def test_an_answer_forgives_everything():
    """After one answer a server is as if it had never failed."""
    assert Endpoints.untried(2).failed(0, 0.0).reached(0) == Endpoints.untried(2)


def test_if_all_failed_the_first_to_come_back_is_tried():
    """With every server standing back, the one whose time is up first is used."""
    endpoints = Endpoints.untried(2).failed(0, 0.0).failed(0, 0.0).failed(1, 10.0)
    assert endpoints.order(20.0) == (1, 0)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.floats(0, 1e6))), st.floats(0, 1e6))
def test_every_server_always_has_its_turn(events, now_s):
    """Whatever happened, each server is in the order exactly once."""
    endpoints = Endpoints.untried(3)
    for index, is_failure, at_s in events:
        endpoints = endpoints.failed(index, at_s) if is_failure else endpoints.reached(index)
    assert sorted(endpoints.order(now_s)) == [0, 1, 2]


def test_one_server_is_always_the_one():
    """A single server is used whatever it did."""
    assert Endpoints.untried(1).failed(0, 0.0).order(0.0) == (0,)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_knowing_nothing_is_the_same_for_all(count):
    """Untried servers differ in their order only."""
    assert len(Endpoints.untried(count).failures) == count


def test_where_coming_back_is_not_wanted_the_stand_in_stays():
    """The server that answered last goes first, until it fails; then the next one in order does."""
    endpoints = Endpoints.untried(3, comes_back=False).failed(0, 0.0).reached(1)
    assert endpoints.order(1000.0) == (1, 2, 0)
    endpoints = endpoints.failed(1, 1000.0).reached(2)
    assert endpoints.order(1001.0) == (2, 0, 1)
    assert endpoints.failed(2, 1001.0).order(1002.0) == (0, 1, 2)
