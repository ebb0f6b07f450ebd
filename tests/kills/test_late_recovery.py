"""A process dies, others use the same volume as if nothing had been, and only then somebody recovers.

The array cannot tell a volume that was attached again from one that was never detached. So an operation that takes
something away is begun before the crash or never, and long after it nothing is taken from a host that sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import attrs
import pytest

from pmax.domain.errors import IllegalTransition
from pmax.domain.srdf import PairState
from pmax.domain.volumes import VolumeTarget
from tests.faults import failover_scenarios
from tests.faults.cells import Prepared, check_always
from tests.faults.sampling import LARGER_SHARE, is_in_sample
from tests.faults.scenario import Operation, Scenario, replicated
from tests.kills.test_successors import successor
from tests.kills.victim import is_killed, moments
from tests.replicated_stage import ASYNC, METRO, SYNC, Mode, ReplicatedStage
from tests.stage import GOLD, SILVER, Stage

Work = Callable[[Stage, VolumeTarget], object]

#: Longer than an operation calls anything its own.
LONG_S = 700.0


def attached(stage: Stage) -> VolumeTarget:
    """A volume that host-a sees."""
    volume = stage.create()
    stage.attach(volume, "host-a")
    return volume


def seen_twice(stage: Stage) -> VolumeTarget:
    """A volume that host-a and host-b see."""
    volume = attached(stage)
    stage.attach(volume, "host-b")
    return volume


def in_use(stage: Stage) -> VolumeTarget:
    """A volume beside another one that host-a sees."""
    attached(stage)
    return attached(stage)


def attach(stage: Stage, volume: VolumeTarget) -> None:
    """Let host-a see it."""
    stage.attach(volume, "host-a")


def detach(stage: Stage, volume: VolumeTarget) -> None:
    """Let host-a see it no more."""
    stage.detach(volume, "host-a")


def detach_all(stage: Stage, volume: VolumeTarget) -> None:
    """Let no host see it any more."""
    stage.detach(volume, None)


def delete(stage: Stage, volume: VolumeTarget) -> None:
    """Delete it."""
    stage.delete(volume)


def attach_anew(stage: Stage, volume: VolumeTarget) -> None:
    """Whatever became of it: host-a sees it."""
    stage.detach(volume, "host-a")
    stage.attach(volume, "host-a")


def attach_both_anew(stage: Stage, volume: VolumeTarget) -> None:
    """Likewise for two hosts."""
    stage.detach(volume, None)
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")


@attrs.frozen(kw_only=True)
class Case:
    """Who dies with what, and what others do before anybody recovers.

    Attributes:
        name: for reports.
        prepare: makes the volume.
        work: what is interrupted.
        since: what others do with the volume then; afterwards the hosts see it.
        hosts: they see it after recovery, too.
        is_elsewhere: the others are on another machine, with a journal of their own.
        is_late: recovery comes long after the crash.
        is_by_command: the others do not recover first, since the command changes nothing that it did not show.
    """

    name: str
    prepare: Callable[[Stage], VolumeTarget]
    work: Work
    since: Work
    hosts: tuple[str, ...] = ("host-a",)
    is_elsewhere: bool = False
    is_late: bool = False
    is_by_command: bool = False

    def __str__(self) -> str:
        return self.name


CASES = (
    Case(name="detach of the last volume", prepare=attached, work=detach, since=attach_anew),
    Case(name="detach of one of two", prepare=in_use, work=detach, since=attach_anew),
    Case(name="detach, machines", prepare=in_use, work=detach, since=attach_anew, is_elsewhere=True),
    Case(name="detach, late", prepare=in_use, work=detach, since=attach_anew, is_elsewhere=True, is_late=True),
    Case(
        name="detach from all hosts",
        prepare=seen_twice,
        work=detach_all,
        since=attach_both_anew,
        hosts=("host-a", "host-b"),
        is_elsewhere=True,
        is_late=True,
    ),
    Case(name="attach", prepare=Stage.create, work=attach, since=attach_anew),
    Case(name="attach, by command", prepare=Stage.create, work=attach, since=attach, is_by_command=True),
    Case(name="attach, late", prepare=Stage.create, work=attach, since=attach_anew, is_elsewhere=True, is_late=True),
    Case(
        name="attach to a second host, late",
        prepare=attached,
        work=lambda stage, volume: stage.attach(volume, "host-b"),
        since=lambda stage, volume: stage.attach(volume, "host-b"),
        hosts=("host-a", "host-b"),
        is_elsewhere=True,
        is_late=True,
    ),
    Case(
        name="retype, late",
        prepare=attached,
        work=lambda stage, volume: stage.retype(volume, GOLD, SILVER, "host-a"),
        since=attach_anew,
        is_elsewhere=True,
        is_late=True,
    ),
    Case(name="delete", prepare=Stage.create, work=delete, since=attach),
    Case(name="delete, late", prepare=Stage.create, work=delete, since=attach, is_elsewhere=True, is_late=True),
)


def recover_at(case: Case, prepared: Prepared, volume: VolumeTarget, moment: int) -> None:
    """Let somebody die at a moment and others go on; recovery takes nothing from them."""
    where = f"{case}: killed at moment {moment}"
    with prepared.copy() as stage:
        assert is_killed(stage, prepared.operation, moment), where
        if volume.device_id not in stage.array.volumes:
            return  # nobody can go on with it
        stage.engine.close()
        stage.engine.recovers_first = not case.is_by_command
        with successor(stage, prepared.directory, is_elsewhere=case.is_elsewhere) as next_one:
            case.since(next_one, volume)
        if case.is_late:
            stage.clock.sleep(LONG_S)
        is_settled = True
        for recovered in stage.engine.recover():
            # A deletion that had begun waits, for a while, until the volume is released.
            is_waiting = recovered.entry.command == "DeleteVolume" and not case.is_late
            assert recovered.is_settled or is_waiting, f"{where}: {recovered}"
            is_settled &= recovered.is_settled
        assert all(stage.sees(host, volume) for host in case.hosts), where
        check_always(prepared, stage, where, is_settled=is_settled)


def recover_at_each(case: Case, memory: Path, share: int) -> None:
    """Likewise at one moment of so many."""
    volumes: list[VolumeTarget] = []

    def prepare(stage: Stage) -> Callable[[Stage], object]:
        volume = case.prepare(stage)
        volumes[:] = [volume]
        return lambda stage: case.work(stage, volume)

    prepared = Prepared.of(Scenario(f"late: {case}", prepare), memory)
    with prepared.copy() as stage:
        last = moments(stage, prepared.operation)
    for moment in range(1, last + 1):
        if is_in_sample(str(case), moment, share):
            recover_at(case, prepared, volumes[0], moment)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sample_of_moments(case: Case, memory: Path) -> None:
    """What hosts see again is not taken from them, and what is in use again is not deleted."""
    recover_at_each(case, memory, share=8)


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_moment(case: Case, memory: Path) -> None:
    """Likewise wherever somebody died."""
    recover_at_each(case, memory, LARGER_SHARE)


def replicated_deaths(
    name: str, prepare: Callable[[Stage], Operation], mode: Mode, memory: Path, share: int
) -> Iterator[tuple[str, Prepared, ReplicatedStage]]:
    """Let an operation of a replicated backend die at one moment of so many."""
    prepared = Prepared.of(Scenario(f"late: {name}, {mode.name}", prepare, mode=mode), memory)
    with prepared.copy() as stage:
        last = moments(stage, prepared.operation)
    for moment in range(1, last + 1):
        where = f"{name}, {mode.name}: killed at moment {moment}"
        if is_in_sample(name, moment, share):
            with prepared.copy() as stage:
                assert is_killed(stage, prepared.operation, moment), where
                yield where, prepared, replicated(stage)


def check_not_begun(mode: Mode, memory: Path, share: int) -> None:
    """A failover that had not happened is not made by recovery, which nobody sees coming."""
    for where, prepared, stage in replicated_deaths("fail over", failover_scenarios.over, mode, memory, share):
        has_happened = stage.states() == {PairState.FAILED_OVER}
        assert all(recovered.is_settled for recovered in stage.engine.recover()), where
        assert has_happened or stage.states() != {PairState.FAILED_OVER}, where
        check_always(prepared, stage, where)


def check_failovers(mode: Mode, memory: Path, share: int) -> None:
    """A failover that others made again is not taken back."""
    for where, prepared, stage in replicated_deaths("fail over", failover_scenarios.over, mode, memory, share):
        stage.engine.close()
        with successor(stage, prepared.directory, is_elsewhere=True) as next_one:
            prepared.operation(next_one)
        stage.clock.sleep(LONG_S)
        stage.engine.recover()  # stays open where others have tidied away what would tell whether it had happened
        assert stage.states() == {PairState.FAILED_OVER}, where
        check_always(prepared, stage, where)


def check_retypes(mode: Mode, memory: Path, share: int) -> None:
    """A volume that others have retyped again keeps its other side."""
    volumes: list[VolumeTarget] = []

    def prepare(stage: Stage) -> Operation:
        volumes[:] = [stage.create()]
        return lambda stage: stage.retype(volumes[0], GOLD, mode.policy)

    for where, prepared, stage in replicated_deaths("retype", prepare, mode, memory, share):
        stage.engine.close()
        is_done = False
        with successor(stage, prepared.directory, is_elsewhere=True) as next_one, suppress(IllegalTransition):
            prepared.operation(next_one)
            is_done = True
        stage.clock.sleep(LONG_S)
        stage.engine.recover()  # stays open where others went on from there, and not quite as it would have
        assert not is_done or stage.other(volumes[0]), where
        check_always(prepared, stage, where)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
@pytest.mark.parametrize("check", [check_not_begun, check_failovers, check_retypes])
def test_a_sample_of_replicated_ones(check: Callable[[Mode, Path, int], None], mode: Mode, memory: Path) -> None:
    """What a site, or a type, relies on by now stays."""
    check(mode, memory, 8)


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", [SYNC, ASYNC, METRO], ids=lambda mode: mode.name)
def test_every_moment_of_a_retype(mode: Mode, memory: Path) -> None:
    """Likewise wherever somebody died."""
    check_retypes(mode, memory, LARGER_SHARE)


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", [SYNC, ASYNC], ids=lambda mode: mode.name)
def test_every_moment_of_a_failover(mode: Mode, memory: Path) -> None:
    """Likewise wherever somebody died; Metro has none."""
    check_not_begun(mode, memory, LARGER_SHARE)
    check_failovers(mode, memory, LARGER_SHARE)
