"""What a process left that died, and another one built on before anybody recovered it, is left to the other one."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from pmax.domain.volumes import VolumeTarget
from tests.faults.cells import Prepared, check_always
from tests.faults.facts import facts_of
from tests.faults.sampling import LARGER_SHARE, is_in_sample
from tests.faults.scenario import Operation, Scenario
from tests.kills.victim import is_killed, moments
from tests.stage import Stage


@attrs.define
class Pair:
    """Two volumes of one host: on the first somebody works who dies, the other comes into use then.

    Attributes:
        is_attached: whether the first is attached, and dies with its detaching.
        volumes: both.
    """

    is_attached: bool
    volumes: tuple[VolumeTarget, ...] = ()

    def prepare(self, stage: Stage) -> Operation:
        """Set the stage; returns what the dying process does."""
        self.volumes = (stage.create(), stage.create())
        first = self.volumes[0]
        if not self.is_attached:
            return lambda stage: stage.attach(first, "host-a")
        stage.attach(first, "host-a")
        return lambda stage: stage.detach(first, "host-a")


def succeed(prepared: Prepared, pair: Pair, moment: int) -> None:
    """Let the first process die at a moment, another go on, and only then recover; look what is left to whom."""
    where = f"{prepared.scenario.name}: killed at moment {moment}"
    first, other = pair.volumes
    with prepared.copy() as stage:
        assert is_killed(stage, prepared.operation, moment), where
        stage.attach(other, "host-a")
        verdicts = {recovered.verdict for recovered in stage.engine.recover()}
        assert verdicts <= {"undone", "finished"}, where
        assert stage.sees("host-a", other), where
        prepared.operation(stage)
        assert stage.sees("host-a", first) is not pair.is_attached, where
        stage.detach(other, "host-a")
        assert facts_of(stage.simulator) == prepared.wanted, where
        check_always(prepared, stage, where)


def succeed_at_each(pair: Pair, protocol: str, memory: Path, share: int) -> None:
    """Likewise at one moment of so many."""
    scenario = Scenario(
        f"{'detach' if pair.is_attached else 'attach'} with a successor, {protocol}", pair.prepare, protocol
    )
    prepared = Prepared.of(scenario, memory)
    with prepared.copy() as stage:
        last = moments(stage, prepared.operation)
    for moment in range(1, last + 1):
        if is_in_sample(scenario.name, moment, share):
            succeed(prepared, pair, moment)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("is_attached", "protocol"), [(False, "iscsi"), (True, "fc")])
def test_who_goes_on_before_recovery_keeps_what_he_uses(memory: Path, is_attached: bool, protocol: str) -> None:
    """The groups and the view of a dead process are used by the next one at once; recovery takes none of them away."""
    succeed_at_each(Pair(is_attached), protocol, memory, share=8)


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
@pytest.mark.parametrize("is_attached", [False, True])
def test_likewise_at_every_moment(memory: Path, is_attached: bool, protocol: str) -> None:
    """Wherever the first one died."""
    succeed_at_each(Pair(is_attached), protocol, memory, LARGER_SHARE)
