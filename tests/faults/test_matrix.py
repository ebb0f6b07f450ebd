"""The fault matrix: every operation, in every setting, meets every effect at every one of its calls.

After each: what the operation reported done is done; what it reported failed is as it was before, or the journal has
it and recovery puts it right once the array answers again; nothing of ours is left empty, nobody else's object changed,
no data is lost, no lock is held; and a second attempt succeeds.

A sample of the cells is tried in every run; `PMAX_MATRIX_SEED` chooses another one. All are in `make test-slow`.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.cells import Cell, Prepared, cells
from tests.faults.coverage import PROPERTY
from tests.faults.effects import ALL_EFFECTS
from tests.faults.scenarios import SCENARIOS, Scenario

#: One cell of so many is in the sample.
SHARE = 8
SEED = os.environ.get("PMAX_MATRIX_SEED", "0")


@pytest.fixture
def memory() -> Iterator[Path]:
    """A directory in memory: the journal is written a thousand times, and no power fails here."""
    place = Path("/dev/shm")  # noqa: S108 - nothing but a place for a private directory
    with TemporaryDirectory(prefix="pmax-matrix-", dir=place if os.access(place, os.W_OK) else None) as directory:
        yield Path(directory)


def note(record_property: Callable[[str, object], None], ran: list[Cell]) -> None:
    """Put the cells into the test's report, for the table; fail if one is wrong."""
    rows = [(cell.scenario, cell.operation, cell.effect, cell.call, cell.ending.value) for cell in ran]
    record_property(PROPERTY, json.dumps(rows))
    problems = [cell.problem for cell in ran if cell.problem]
    assert not problems, f"{len(problems)} of {len(ran)} cells are wrong\n" + "\n".join(problems)


def is_in_sample(place: str, number: int) -> bool:
    """Whether the cell of a call is in this seed's sample."""
    return zlib.crc32(f"{SEED}/{place}/{number}".encode()) % SHARE == 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_sample_of_all_calls_and_effects(
    scenario: Scenario, memory: Path, record_property: Callable[[str, object], None]
) -> None:
    """Whatever happens at whichever call: reported and real agree, nothing is left, and a second attempt succeeds."""
    prepared = Prepared.of(scenario, memory)
    ran: list[Cell] = []
    for effect in ALL_EFFECTS:
        ran += cells(prepared, effect, partial(is_in_sample, f"{scenario.name}/{effect}"))
    note(record_property, ran)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("effect", ALL_EFFECTS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_every_call_and_effect(
    scenario: Scenario, effect: str, memory: Path, record_property: Callable[[str, object], None]
) -> None:
    """Likewise at every call, without exception."""
    prepared = Prepared.of(scenario, memory)
    note(record_property, list(cells(prepared, effect, lambda _number: True)))
