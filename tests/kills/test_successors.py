"""A process dies, and another one goes on before anybody has recovered.

If both share a journal, the other one takes back what the dead one was making before it does anything itself. If it is
on another machine, it builds on what is there, and what it uses is left to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from pmax.domain.commands import CloneVolume
from pmax.domain.volumes import VolumeTarget
from tests.faults.cells import Prepared, check_always
from tests.faults.facts import facts_of
from tests.faults.sampling import LARGER_SHARE, is_in_sample
from tests.faults.scenario import Operation, Scenario
from tests.kills.victim import is_killed, moments
from tests.stage import GOLD, Stage

ANOTHER = "OS-5d0c7e12-93ab-4f6e-8c21-c0ffee000001"


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


@contextmanager
def successor(stage: Stage, memory: Path, *, is_elsewhere: bool) -> Iterator[Stage]:
    """Who goes on: with the same journal, or with one of his own."""
    if not is_elsewhere:
        yield stage
        return
    state = memory / "elsewhere"
    other = stage.elsewhere(state)
    try:
        yield other
    finally:
        other.engine.close()
        shutil.rmtree(state, ignore_errors=True)


def succeed(prepared: Prepared, pair: Pair, moment: int, *, is_elsewhere: bool) -> None:
    """Let the first process die at a moment, another go on, and only then recover; look what is left to whom."""
    where = f"{prepared.scenario.name}: killed at moment {moment}"
    first, other = pair.volumes
    with prepared.copy() as stage:
        assert is_killed(stage, prepared.operation, moment), where
        with successor(stage, prepared.directory, is_elsewhere=is_elsewhere) as next_one:
            next_one.attach(other, "host-a")
        verdicts = {recovered.verdict for recovered in stage.engine.recover()}
        assert verdicts <= {"undone", "finished"}, where
        assert stage.sees("host-a", other), where
        prepared.operation(stage)
        assert stage.sees("host-a", first) is not pair.is_attached, where
        stage.detach(other, "host-a")
        assert facts_of(stage.simulator) == prepared.wanted, where
        check_always(prepared, stage, where)


def succeed_at_each(pair: Pair, protocol: str, memory: Path, share: int, *, is_elsewhere: bool) -> None:
    """Likewise at one moment of so many."""
    verb = "detach" if pair.is_attached else "attach"
    place = " elsewhere" if is_elsewhere else ""
    scenario = Scenario(f"{verb} with a successor{place}, {protocol}", pair.prepare, protocol)
    prepared = Prepared.of(scenario, memory)
    with prepared.copy() as stage:
        last = moments(stage, prepared.operation)
    for moment in range(1, last + 1):
        if is_in_sample(scenario.name, moment, share):
            succeed(prepared, pair, moment, is_elsewhere=is_elsewhere)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("is_attached", "protocol", "is_elsewhere"),
    [(False, "iscsi", False), (False, "iscsi", True), (True, "fc", False), (True, "fc", True)],
)
def test_who_goes_on_before_recovery_keeps_what_he_uses(
    memory: Path, is_attached: bool, protocol: str, is_elsewhere: bool
) -> None:
    """The groups and the view of a dead process are used by the next one at once; recovery takes none of them away."""
    succeed_at_each(Pair(is_attached), protocol, memory, share=8, is_elsewhere=is_elsewhere)


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
@pytest.mark.parametrize("is_elsewhere", [False, True])
@pytest.mark.parametrize("is_attached", [False, True])
def test_likewise_at_every_moment(memory: Path, is_attached: bool, protocol: str, is_elsewhere: bool) -> None:
    """Wherever the first one died."""
    succeed_at_each(Pair(is_attached), protocol, memory, LARGER_SHARE, is_elsewhere=is_elsewhere)


@attrs.define
class Source:
    """A volume that is cloned by one who dies, and then by another one.

    Attributes:
        volumes: the source, once it is made.
    """

    volumes: tuple[VolumeTarget, ...] = ()

    def prepare(self, stage: Stage) -> Operation:
        """Set the stage; returns what the dying process does."""
        self.volumes = (stage.create(),)
        return lambda stage: stage.clone(self.volumes[0])


def clone_at(prepared: Prepared, source: VolumeTarget, moment: int, *, is_elsewhere: bool) -> None:
    """Let the first process die at a moment, another clone the same volume, and only then recover."""
    where = f"killed at moment {moment}"
    with prepared.copy() as stage:
        assert is_killed(stage, prepared.operation, moment), where
        with successor(stage, prepared.directory, is_elsewhere=is_elsewhere) as next_one:
            clone = CloneVolume(source=source, identifier=ANOTHER, capacity=None, policy=GOLD)
            next_one.engine.execute(clone)
        verdicts = {recovered.verdict for recovered in stage.engine.recover()}
        assert verdicts <= {"undone", "finished", "open"}, where
        clones = {fact[1] for fact in facts_of(stage.simulator) - prepared.before if fact[0] == "volume"}
        assert f"{source.array_id[-3:]}/{ANOTHER}" in clones, where
        linked = [device for device, link in stage.array.links.items() if link.source == source.device_id]
        assert len(linked) == len(clones), where
        # Of two of one name recovery cannot tell which one is whose; the array itself deletes what is left in an hour.
        left = len(stage.snapshots_of(source)) - len(clones)
        assert left == 0 or (is_elsewhere and left == 1), where
        assert left == 1 or "open" not in verdicts, where
        check_always(prepared, stage, where)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_two_temporary_snapshots_of_one_name_once_confused_recovery(memory: Path, is_elsewhere: bool) -> None:
    """It left its own one, or tried to delete that of the clone that another process had made since.

    Who shares the journal takes the dead clone back before it makes another one, so that each snapshot is one's own.
    """
    scenario = Source()
    prepared = Prepared.of(Scenario("clone with a successor", scenario.prepare), memory)
    with prepared.copy() as stage:
        last = moments(stage, prepared.operation)
    for moment in range(1, last + 1):
        clone_at(prepared, scenario.volumes[0], moment, is_elsewhere=is_elsewhere)
