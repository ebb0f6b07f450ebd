"""The fault matrix: every operation, in every setting, meets every effect at every one of its calls.

After each: what the operation reported done is done; what it reported failed is as it was before, or the journal has
it and recovery puts it right once the array answers again; nothing of ours is left empty, nobody else's object changed,
no data is lost, no lock is held; and a second attempt succeeds.

A sample of the cells is tried in every run, and all of them by `make matrix`;
`PMAX_MATRIX_SEED` chooses another sample.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.faults.cells import Cell, Prepared, cells
from tests.faults.effects import ALL_EFFECTS
from tests.faults.sampling import LARGER_SHARE, Note, is_in_sample, noted
from tests.faults.scenario import Scenario
from tests.faults.scenarios import SAMPLED, SCENARIOS


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", SAMPLED, ids=str)
def test_a_sample_of_all_calls_and_effects(scenario: Scenario, memory: Path, record_property: Note) -> None:
    """Whatever happens at whichever call: reported and real agree, nothing is left, and a second attempt succeeds."""
    prepared = Prepared.of(scenario, memory)
    ran: list[Cell] = []
    for effect in ALL_EFFECTS:
        ran += cells(prepared, effect, partial(is_in_sample, f"{scenario.name}/{effect}"))
    noted(record_property, ran)


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_more_calls_and_effects(scenario: Scenario, memory: Path, record_property: Note) -> None:
    """Likewise at many more, or at all of them."""
    prepared = Prepared.of(scenario, memory)
    ran: list[Cell] = []
    for effect in ALL_EFFECTS:
        ran += cells(prepared, effect, partial(is_in_sample, f"{scenario.name}/{effect}", share=LARGER_SHARE))
    noted(record_property, ran)
