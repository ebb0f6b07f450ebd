"""Which cells are tried in every run, and how what ran is reported."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable
from typing import TypeAlias

from tests.faults.cells import Cell
from tests.faults.coverage import PROPERTY

#: One cell of so many is in the sample of every run, and in the one of `make matrix`, which takes all unless told.
SHARE = 48
LARGER_SHARE = int(os.environ.get("PMAX_MATRIX_SHARE", "1"))
SEED = os.environ.get("PMAX_MATRIX_SEED", "0")

Note: TypeAlias = Callable[[str, object], None]
"""Pytest's `record_property`."""


def is_in_sample(place: str, number: int, share: int = SHARE) -> bool:
    """Whether the cell of a call, or a moment, is in this seed's sample."""
    return zlib.crc32(f"{SEED}/{place}/{number}".encode()) % share == 0


def noted(record_property: Note, ran: Iterable[Cell]) -> None:
    """Put cells into the test's report, for the table; fail if one is wrong."""
    ran = tuple(ran)
    rows = [(cell.scenario, cell.operation, cell.effect, cell.call, cell.ending.value) for cell in ran]
    record_property(PROPERTY, json.dumps(rows))
    problems = [cell.problem for cell in ran if cell.problem]
    assert not problems, f"{len(problems)} of {len(ran)} cells are wrong\n" + "\n".join(problems)
