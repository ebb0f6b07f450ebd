"""Threads on the same volumes, hosts and groups, with faults: random rounds, and the array after each of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stress.lives import Lives

# What threads do is never quite the same again, so that a failure cannot be made smaller.
_COMMON = {
    "deadline": None,
    "phases": (Phase.generate,),
    "suppress_health_check": list(HealthCheck),
    "database": None,
}


@pytest.mark.timeout(90)
def test_lives_that_cross() -> None:
    """Whatever runs at the same time, and whatever goes wrong: nothing waits for ever, and what was told is so."""
    run_state_machine_as_test(Lives, settings=settings(max_examples=4, stateful_step_count=5, **_COMMON))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_many_lives_that_cross() -> None:
    """Likewise, longer."""
    run_state_machine_as_test(Lives, settings=settings(max_examples=40, stateful_step_count=8, **_COMMON))
