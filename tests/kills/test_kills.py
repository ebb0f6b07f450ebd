"""The kill matrix: every operation, in every setting, dies at every moment, and the next process recovers.

Moments are before and after each call, and before and after each write to the journal. After recovery the array is as
before the operation or as after it; nothing is left empty, nobody else's object has changed, no data is lost, no lock
is held, and a second attempt succeeds.

A sample is tried in every run, and all moments by `make matrix`;
`PMAX_MATRIX_SEED` chooses another sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, product

import pytest

from pmax.domain.errors import PmaxError
from tests.faults.cells import Cell, Ending, Prepared, check_always
from tests.faults.effects import faults_of
from tests.faults.facts import Facts, difference, facts_of
from tests.faults.sampling import LARGER_SHARE, Note, is_in_sample, noted
from tests.faults.scenario import Scenario
from tests.faults.scenarios import SAMPLED, SCENARIOS
from tests.kills.victim import is_killed, moments
from tests.stage import Stage

#: What goes wrong while an operation is recovered.
HINDRANCES = ("refused 500", "answer lost")


def deaths(prepared: Prepared, is_chosen: Callable[[int], bool]) -> Iterator[Cell]:
    """Let the operation die at each moment that is chosen, and judge what the next process makes of it."""
    with prepared.copy() as stage:
        last = moments(stage, prepared.operation)
    for moment in filter(is_chosen, range(1, last + 1)):
        with prepared.copy() as stage:
            assert is_killed(stage, prepared.operation, moment)
            yield judged(prepared, stage, moment, f"{prepared.scenario.name}: killed at moment {moment}", "killed")


def judged(
    prepared: Prepared, stage: Stage, moment: int, where: str, effect: str, *, was_hindered: bool = False
) -> Cell:
    """Recover, and look. A recovery that was hindered may have taken the operation back, and not what it cleared."""
    problem, ending = "", Ending.WRONG
    try:
        ending = _judge(prepared, stage, where, prepared.essential if was_hindered else frozenset)
    except (AssertionError, PmaxError) as wrong:  # the other cells are to be seen too
        problem = f"{where}: {wrong}"
    return Cell(prepared.scenario.name, prepared.scenario.operation, effect, moment, ending, problem)


def _judge(prepared: Prepared, stage: Stage, where: str, essential: Callable[[Facts], Facts]) -> Ending:
    verdicts = {recovered.verdict for recovered in stage.engine.recover()}
    assert verdicts <= {"undone", "finished"}, f"{where}: {verdicts}"
    found = facts_of(stage.simulator)
    outcomes = (essential(prepared.before), essential(prepared.wanted))
    assert essential(found) in outcomes, f"{where}\n{difference(prepared.before, found)}"
    check_always(prepared, stage, where)
    is_done = found == prepared.wanted
    if not is_done or prepared.scenario.is_repeatable:
        prepared.operation(stage)
    found = facts_of(stage.simulator)
    assert found == prepared.wanted, f"second attempt after {where}\n{difference(prepared.wanted, found)}"
    check_always(prepared, stage, f"second attempt after {where}")
    assert stage.engine.unfinished() == (), where
    if not verdicts:
        return Ending.SUCCEEDED if is_done else Ending.UNDONE
    return Ending.RECOVERED


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", SAMPLED, ids=str)
def test_a_sample_of_moments(scenario: Scenario, memory, record_property: Note) -> None:
    """Wherever a process dies, the next one leaves the array as before or as wanted, and a second attempt succeeds."""
    prepared = Prepared.of(scenario, memory)
    noted(record_property, deaths(prepared, partial(is_in_sample, f"{scenario.name}/killed")))


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_more_moments(scenario: Scenario, memory, record_property: Note) -> None:
    """Likewise at many more, or at all of them."""
    prepared = Prepared.of(scenario, memory)
    chosen = partial(is_in_sample, f"{scenario.name}/killed", share=LARGER_SHARE)
    noted(record_property, deaths(prepared, chosen))


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_recovery_itself_is_killed(scenario: Scenario, memory, record_property: Note) -> None:
    """A process that dies while it recovers what another left is recovered from by a third."""
    prepared = Prepared.of(scenario, memory)
    noted(record_property, second_deaths(prepared))


def second_deaths(prepared: Prepared) -> Iterator[Cell]:
    """Let the operation die in the middle, and its recovery at each of its moments."""
    with prepared.copy() as stage:
        middle = moments(stage, prepared.operation) // 2
    for moment in count(1):
        if not is_in_sample(f"{prepared.scenario.name}/recovery", moment, LARGER_SHARE) and moment < 2 * middle:
            continue
        with prepared.copy() as stage:
            assert is_killed(stage, prepared.operation, middle)
            if not is_killed(stage, lambda stage: stage.engine.recover(), moment):
                return
            where = f"{prepared.scenario.name}: killed at moment {middle}, its recovery at moment {moment}"
            yield judged(prepared, stage, moment, where, "killed, then its recovery")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", SAMPLED, ids=str)
def test_a_sample_of_hindered_recoveries(scenario: Scenario, memory, record_property: Note) -> None:
    """What meets a refusal while it recovers recovers the next time."""
    prepared = Prepared.of(scenario, memory)
    noted(record_property, hindered(prepared, partial(is_in_sample, f"{scenario.name}/hindered")))


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_more_hindered_recoveries(scenario: Scenario, memory, record_property: Note) -> None:
    """Likewise at many more calls, or at all of them."""
    prepared = Prepared.of(scenario, memory)
    chosen = partial(is_in_sample, f"{scenario.name}/hindered", share=LARGER_SHARE)
    noted(record_property, hindered(prepared, chosen))


def hindered(prepared: Prepared, is_chosen: Callable[[int], bool]) -> Iterator[Cell]:
    """Let the operation die in the middle, and late; let something go wrong at each call of its recovery."""
    with prepared.copy() as stage:
        last = moments(stage, prepared.operation)
    for moment, effect in product((last // 2, last - last // 8), HINDRANCES):
        for number in count(1):
            if not is_chosen(number) and number < last:
                continue
            with prepared.copy() as stage:
                assert is_killed(stage, prepared.operation, moment)
                stage.simulator.faults.add(*faults_of(effect, stage, number, set()))
                stage.engine.recover()
                if not stage.simulator.faults.fired:
                    break
                stage.simulator.faults.clear()
                where = (
                    f"{prepared.scenario.name}: killed at moment {moment}, {effect} at call {number} of its recovery"
                )
                yield judged(prepared, stage, number, where, f"killed, then {effect}", was_hindered=True)
