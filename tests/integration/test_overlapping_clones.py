"""Several clones of one source at a time: what one keeps from others, and whose snapshot is whose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pmax.domain.commands import CloneVolume
from pmax.domain.errors import NotFound, PmaxError
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import AfterSeconds, Fault, ManualClock, Refuse
from tests.faults.cells import held_locks
from tests.integration.copying import pace, temporary
from tests.kills.victim import is_killed
from tests.stage import GOLD, Stage

#: A clone has passed so many calls and writes to its journal when it only waits for its link.
WAITING_BY_THEN = 60


def meanwhile(stage: Stage, act: Callable[[], None]) -> None:
    """Do something in the middle of the next wait."""
    assert isinstance(stage.simulator.clock, ManualClock)
    advance, done = stage.simulator.clock.advance, []

    def advance_and_act(seconds: float) -> None:
        advance(seconds)
        if not done:
            done.append(True)
            act()

    stage.simulator.clock.advance = advance_and_act  # type: ignore[method-assign]  # the array's life goes on


def test_clones_of_one_source_overlap(tmp_path: Path) -> None:
    """While one waits for its link, others are made of the same source; each has the data of its own moment."""
    stage = pace(tmp_path, define_pace=AfterSeconds(20))
    source = stage.create()
    stage.array.write(source.device_id, "first")
    clones: list[VolumeTarget] = []

    def clone_another() -> None:
        stage.array.write(source.device_id, "second")
        clones.append(stage.clone(source))

    meanwhile(stage, clone_another)
    with stage.calls() as calls:
        clones.insert(0, stage.clone(source))

    steps = [line.partition(" ")[0] for line in calls.lines if "/snapshot/" in line]
    assert steps == ["POST", "PUT", "POST", "PUT"], calls
    assert calls.lines[-1].startswith("GET"), calls
    assert [stage.array.read(clone.device_id) for clone in clones] == ["first", "second"]
    assert len(stage.array.links) == len(stage.snapshots_of(source)) == 2
    stage.delete(source)
    assert (stage.array.snapshots, stage.array.links) == ((), {})
    assert [stage.array.read(clone.device_id) for clone in clones] == ["first", "second"]
    stage.engine.close()


@pytest.mark.parametrize("way", ["fails", "dies"])
def test_a_clone_takes_back_its_own_snapshot(tmp_path: Path, way: str) -> None:
    """Whatever others have taken of the source meanwhile under the same name stays, also when a process has died."""
    stage = pace(tmp_path, define_pace=AfterSeconds(20))
    source = stage.create()
    stage.array.write(source.device_id, "data")
    others: list[VolumeTarget] = []
    identifier = "OS-7d0c7e12-93ab-4f6e-8c21-000000000001"
    doomed = CloneVolume(source=source, identifier=identifier, capacity=None, policy=GOLD)

    def clone_and_fail() -> None:
        others.append(stage.clone(source))
        stage.simulator.faults.add(Fault(effect=Refuse(status=500), verb="GET", path="**/snapshot", nth="every"))

    if way == "fails":
        meanwhile(stage, clone_and_fail)
        with pytest.raises(PmaxError):
            stage.engine.execute(doomed)
        stage.simulator.faults.clear()
    else:
        assert is_killed(stage, lambda stage: stage.engine.execute(doomed), WAITING_BY_THEN)
        assert len(stage.array.links) == 1
        stage.engine.recovers_first = False
        others.append(stage.clone(source))
        assert {each.verdict for each in stage.engine.recover()} == {"undone"}

    (other,) = others
    assert set(stage.array.links) == {other.device_id}
    assert stage.snapshots_of(source) == [temporary(source)]
    assert set(stage.leftovers()) == {source.device_id, other.device_id, *stage.groups_of(source)}
    assert stage.array.read(other.device_id) == "data"
    assert stage.engine.unfinished() == ()
    stage.engine.close()


def test_older_code_lets_nobody_in(tmp_path: Path) -> None:
    """Where the array has no snap ids, the next snapshot would change what a generation means: others wait."""
    stage = pace(tmp_path, define_pace=AfterSeconds(20), copy_pace=AfterSeconds(20))
    stage.array.update(microcode="5977.1131.1131")
    source = stage.create()
    seen: list[str] = []

    def look() -> None:
        seen.extend(held_locks(tmp_path / "locks"))

    meanwhile(stage, look)
    stage.clone(source)
    assert [name for name in seen if "snapvx" in name]
    stage.engine.close()


def test_a_source_that_is_deleted_meanwhile(tmp_path: Path) -> None:
    """The deletion waits until the clone has all data; the clone is whole, or it is not there and that is an error."""
    stage = pace(tmp_path, define_pace=AfterSeconds(20))
    source = stage.create()
    meanwhile(stage, lambda: stage.delete(source))

    with pytest.raises(NotFound):
        stage.clone(source)
    assert stage.clock.now_s() >= 20
    assert (stage.array.snapshots, stage.array.links) == ((), {})
    assert all(volume.is_gatekeeper for volume in stage.array.volumes.values())
    assert stage.engine.unfinished() == ()
    stage.engine.close()
