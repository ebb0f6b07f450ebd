"""Options about service levels."""

import pytest

from pmax.adapters.cli.levels import LevelOptions
from pmax.adapters.cli.refusals import WrongUsage

POOL = "Diamond+None+SRP_1+000197900123"


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (LevelOptions(workload="OLTP"), "workload OLTP has no service level"),
        (LevelOptions(pool=POOL, workload="OLTP"), "names service level and workload already"),
        (LevelOptions(pool=POOL, service_level="Gold"), "names service level and workload already"),
    ],
)
def test_options_that_cannot_go_together_are_refused(options, what) -> None:
    """A workload alone, and a pool with what it names already, are refused before anything is asked of the array."""
    with pytest.raises(WrongUsage, match=what):
        options.check()


@pytest.mark.parametrize(
    "options",
    [LevelOptions(), LevelOptions(pool=POOL), LevelOptions(service_level="Diamond", workload="OLTP")],
)
def test_options_that_go_together_are_taken(options) -> None:
    """Nothing, a pool alone, or a service level with its workload."""
    options.check()
