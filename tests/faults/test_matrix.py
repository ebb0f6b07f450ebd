"""The fault matrix: every operation, in every setting, meets every effect at every one of its calls.

After each: what the operation reported done is done; what it reported failed is as it was before, or the error names
what is not, and recovery puts it right once the array answers again; nothing of ours is left empty; and a second
attempt succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pmax.domain.errors import OutcomeUnknown, PlanFailed, PmaxError
from pmax.simulator import CutBody, Drop, FailJob, Fault, Garbage, HangJob, Refuse, TimeOut
from pmax.simulator.fault_effects import Effect
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.stage import Stage

EFFECTS: Mapping[str, Effect] = {
    "refused 401": Refuse(status=401),
    "refused 429": Refuse(status=429, headers={"Retry-After": "1"}),
    "refused 500": Refuse(status=500),
    "refused 503": Refuse(status=503),
    "reset before the change": Drop(is_applied=False),
    "answer lost": Drop(is_applied=True),
    "time-out before the change": TimeOut(is_applied=False),
    "time-out after the change": TimeOut(is_applied=True),
    "body cut": CutBody(),
    "garbage": Garbage(),
    "job fails": FailJob(),
    "job fails after all": FailJob(is_applied=True),
    "job never ends": HangJob(),
}


def state_of(stage: Stage) -> dict[str, object]:
    """Everything on the array that an operation may touch."""
    array = stage.array
    return {
        "volumes": {
            name: (volume.identifier, volume.cylinders, tuple(sorted(volume.storage_groups)))
            for name, volume in array.volumes.items()
        },
        "groups": {
            name: (group.service_level, tuple(sorted(group.parents))) for name, group in array.storage_groups.items()
        },
        "views": {name: (view.host, view.port_group, view.storage_group) for name, view in array.masking_views.items()},
        "hosts": {name: tuple(sorted(host.initiators)) for name, host in array.hosts.items()},
        "addresses": sorted(array.lun_addresses),
        "snapshots": sorted((snapshot.source, snapshot.name) for snapshot in array.snapshots),
    }


def without_ids(state: dict[str, object]) -> dict[str, object]:
    """The same, with volumes by their identifiers: a volume that is made again has another device id."""
    volumes = state["volumes"]
    assert isinstance(volumes, dict)
    return {**state, "volumes": sorted(map(repr, volumes.values())), "addresses": len(state["addresses"])}  # type: ignore[arg-type]


def run_once(scenario: Scenario, directory: Path) -> tuple[int, dict[str, object]]:
    """Let the operation succeed: how many calls it takes, and what it leaves."""
    stage, operation = scenario.build(directory)
    with stage.calls() as calls:
        operation()
    stage.engine.close()
    return calls.count, without_ids(state_of(stage))


#: One effect of each kind is tried in every run; the others in `make test-slow`.
ALWAYS = {"refused 500", "reset before the change", "answer lost", "job fails"}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "effect", [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.slow) for name in EFFECTS]
)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_call(scenario: Scenario, effect: str, tmp_path: Path, record_property: object) -> None:
    """Whatever happens at whichever call: reported and real agree, nothing is left, and a second attempt succeeds."""
    count, wanted = run_once(scenario, tmp_path / "once")
    for number in range(1, count + 1):
        stage, operation = scenario.build(tmp_path / str(number))
        before = without_ids(state_of(stage))
        stage.simulator.faults.add(Fault(effect=EFFECTS[effect], nth=number))
        error = attempt(operation)
        stage.simulator.faults.clear()
        where = f"call {number} of {count}: {error!r}"
        if isinstance(EFFECTS[effect], HangJob) and error is not None:
            # The array goes on working at it for ever: nobody can know, and the journal keeps the operation.
            assert isinstance(error, OutcomeUnknown), where
            assert [recovered.verdict for recovered in stage.engine.recover()] == ["open"], where
            continue
        if isinstance(error, OutcomeUnknown | PlanFailed):
            stage.engine.recover()
            assert without_ids(state_of(stage)) in (before, wanted), where
            if without_ids(state_of(stage)) == wanted and not scenario.is_repeatable:
                continue
        elif error is not None:
            assert without_ids(state_of(stage)) == before, where
        else:
            assert without_ids(state_of(stage)) == wanted, where
        if error is not None or scenario.is_repeatable:
            operation()
        assert without_ids(state_of(stage)) == wanted, f"second attempt after {where}"
        assert stage.engine.unfinished() == (), where
        stage.engine.close()


def attempt(operation: object) -> PmaxError | None:
    """Run an operation; only our own errors may come out of it."""
    assert callable(operation)
    try:
        operation()
    except PmaxError as error:
        return error
    return None
