"""Everything that clients can leave behind on the arrays of a simulator, to be compared before and after."""

from typing import Any

import attrs

from pmax.simulator import Simulator
from pmax.simulator.state.records import Array

PASSING = frozenset({"cached_listings", "counters", "initiators", "jobs", "timers"})
"""What comes and goes by itself: numbers that were used, logins of hosts, the memory of jobs."""

State = dict[tuple[str, str, str], Any]


def state_of(simulator: Simulator) -> State:
    """Every row of every table, by table, array and key."""
    with simulator.world.lock:
        return {
            (row.spec.name, row.scope, row.key): _lasting(row.row)
            for row in simulator.world.everything()
            if row.spec.name not in PASSING
        }


def changes_between(before: State, after: State) -> dict[str, list[str]]:
    """What appeared, went away and changed, for people to read; empty if nothing did."""
    found = {
        "appeared": sorted(f"{key}: {after[key]}" for key in after.keys() - before.keys()),
        "went away": sorted(f"{key}: {before[key]}" for key in before.keys() - after.keys()),
        "changed": sorted(
            f"{key}: {before[key]} -> {after[key]}" for key in before.keys() & after.keys() if before[key] != after[key]
        ),
    }
    return {what: rows for what, rows in found.items() if rows}


def _lasting(row: Any) -> Any:
    """The row without the number that the next device will get, which only grows."""
    return attrs.evolve(row, next_device_number=1) if isinstance(row, Array) else row
