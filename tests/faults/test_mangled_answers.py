"""Operations whose array answers nonsense: they succeed or fail in our own words, and hurt nobody else."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from pmax.simulator import Fault
from tests.faults.bystanders import is_foreign
from tests.faults.cells import Prepared, attempt
from tests.faults.facts import facts_of, twins
from tests.faults.mangling import Mangle
from tests.faults.sampling import SEED
from tests.faults.scenario import Scenario
from tests.faults.scenarios import SAMPLED, SCENARIOS


def mangle(scenario: Scenario, memory: Path, rounds: Iterable[int]) -> None:
    """Let one answer of the operation be nonsense, another one each round."""
    prepared = Prepared.of(scenario, memory)
    foreign = frozenset(filter(is_foreign, prepared.before))
    for number in rounds:
        seed = zlib.crc32(f"{SEED}/{scenario.name}/{number}".encode())
        with prepared.copy() as stage:
            at = seed % len(prepared.calls) + 1
            stage.simulator.faults.add(Fault(effect=Mangle(seed=seed), nth=at))
            error = attempt(prepared.operation, stage)
            found = facts_of(stage.simulator)
            where = f"answer {at} mangled by {seed}: {error!r}"
            assert foreign <= found, where
            assert not twins(found), where
            stage.simulator.faults.clear()
            stage.engine.recover()
            assert foreign <= facts_of(stage.simulator), where


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", SAMPLED, ids=str)
def test_a_mangled_answer_is_a_value_or_an_error_of_ours(scenario: Scenario, memory: Path) -> None:
    """Missing and other keys, other types and huge numbers: never a traceback, never somebody else's harm."""
    mangle(scenario, memory, range(6))


@pytest.mark.matrix
@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_many_mangled_answers(scenario: Scenario, memory: Path) -> None:
    """Likewise with many more."""
    mangle(scenario, memory, range(12, 60))
