"""A short stress run; `make stress` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stress.crowd import Crowd


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("processes", [2, 4])
def test_processes_that_fail_and_die_over_one_array(processes: int, tmp_path: Path) -> None:
    """Processes on the same volumes, hosts and groups, with faults and deaths: nothing waits for ever, nothing is lost.

    Together they never have more calls in flight than the gate allows.
    """
    crowd = Crowd(processes=processes, seconds=20, seed=processes)
    crowd.run(tmp_path)
    assert crowd.problems == [], crowd.report()
    assert crowd.ended
