"""Whoever takes the locks of an interrupted operation first has that one taken back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from pmax.domain.errors import PmaxError
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Fault, Refuse
from tests.kills.victim import is_killed, moments
from tests.stage import Stage

Work = Callable[[Stage], object]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A stage with nothing on it."""
    return Stage.build(tmp_path)


def die_in_the_middle(stage: Stage, tmp_path: Path, work: Work) -> None:
    """Let another process die half way through something."""
    middle = moments(stage.copy(tmp_path / "rehearsal"), work) // 2
    assert is_killed(stage, work, middle)


def test_what_was_being_made_is_taken_back_first(stage: Stage, tmp_path: Path, caplog) -> None:
    """The next attach to the host finds it as it was, and the journal is empty then."""
    first, other = stage.create(), stage.create()
    die_in_the_middle(stage, tmp_path, lambda stage: stage.attach(first, "host-a"))

    stage.attach(other, "host-a")

    assert stage.engine.unfinished() == ()
    assert [line for line in caplog.messages if "the interrupted AttachVolume" in line and "undone" in line]
    assert stage.sees("host-a", other)
    stage.detach(other, "host-a")
    assert (stage.array.masking_views, stage.array.hosts) == ({}, {})


def test_who_has_nothing_to_do_with_it_goes_on(stage: Stage, tmp_path: Path) -> None:
    """An attach to another host of a volume of another kind pays nothing for it, and leaves it."""
    first, other = stage.create(), stage.create()
    stage.attach(other, "host-b")
    die_in_the_middle(stage, tmp_path, lambda stage: stage.attach(first, "host-a"))
    with stage.calls() as calls:
        stage.detach(other, "host-b")
    assert stage.engine.unfinished() != ()
    assert not [line for line in calls.lines if "host-a" in line]


def test_many_who_come_at_once_have_it_taken_back_once(stage: Stage, tmp_path: Path, caplog) -> None:
    """Threads of one process that all need the same locks: one recovers, the others wait for it."""
    caplog.set_level(logging.WARNING)
    first, *others = [stage.create() for _ in range(6)]
    die_in_the_middle(stage, tmp_path, lambda stage: stage.attach(first, "host-a"))
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda other: stage.attach(other, "host-a"), others))
    assert stage.engine.unfinished() == ()
    assert sum("the interrupted AttachVolume" in line for line in caplog.messages) == 1
    assert all(stage.sees("host-a", other) for other in others)
    assert not stage.sees("host-a", first)


def test_what_cannot_be_settled_keeps_nobody_from_work(stage: Stage, tmp_path: Path) -> None:
    """It is tried again after a while, and not at each operation in between."""
    first, other = stage.create(), stage.create()
    die_in_the_middle(stage, tmp_path, lambda stage: stage.attach(first, "host-a"))
    stage.simulator.faults.add(Fault(effect=Refuse(status=500), verb="DELETE", nth="every"))
    stage.attach(other, "host-a")
    stage.simulator.faults.clear()
    assert stage.sees("host-a", other)

    third = stage.create()
    stage.attach(third, "host-a")
    assert [entry.command for entry in stage.engine.unfinished()] == ["AttachVolume"]
    for entry in stage.engine.unfinished():
        assert entry.error

    stage.clock.sleep(120)
    fourth = stage.create()
    stage.attach(fourth, "host-a")
    assert stage.engine.unfinished() == ()


@pytest.mark.parametrize("refused_looks", ["", "1"])
def test_recovery_that_failed_once_forgot_which_snapshot_was_its_own(
    stage: Stage, tmp_path: Path, refused_looks: str
) -> None:
    """Others clone the same volume before it is tried again; their snapshots bear the same name.

    A look that is refused is repeated: it did without, and what it left was forgotten.
    """
    source = stage.create()
    last = moments(stage.copy(tmp_path / "rehearsal"), lambda stage: stage.clone(source))
    tried = 0
    for moment in range(1, last + 1):
        here = stage.copy(tmp_path / str(moment))
        assert is_killed(here, lambda stage: stage.clone(source), moment)
        if len(here.snapshots_of(source)) != 1 or not here.engine.unfinished():
            continue
        tried += 1
        here.engine.close()
        here.simulator.faults.add(Fault(effect=Refuse(status=500), verb="DELETE", nth="every"))
        if refused_looks:
            refused = Fault(effect=Refuse(status=500), verb="GET", path="**/volume/*/snapshot", nth=refused_looks)
            here.simulator.faults.add(refused)
        here.clone(source)
        here.simulator.faults.clear()
        here.clock.sleep(120)
        here.engine.recover()
        assert here.engine.unfinished() == ()
        clones = len(here.array.links)
        assert len(here.snapshots_of(source)) == clones, f"killed at moment {moment}"
    assert tried


def test_a_snapshot_that_cannot_be_told_now_is_not_forgotten(stage: Stage, tmp_path: Path) -> None:
    """An administrator takes one of the same name before recovery: it stays open, until there is only one left."""
    source = stage.create()
    die_with_a_snapshot(stage, tmp_path, source)
    [name] = stage.snapshots_of(source)
    stage.snapshot(source.device_id, name)

    [recovered] = stage.engine.recover()

    assert recovered.verdict == "open"
    assert any("temporary snapshot" in left for left in recovered.left_behind)
    assert stage.snapshots_of(source) == [name, name]

    stage.delete_newest(source.device_id, name)
    assert [each.verdict for each in stage.engine.recover()] == ["undone"]
    assert stage.snapshots_of(source) == []
    assert stage.engine.unfinished() == ()


def die_with_a_snapshot(stage: Stage, tmp_path: Path, source: VolumeTarget) -> None:
    """Let another process die that clones a volume, as soon as it knows that the temporary snapshot is there."""
    last = moments(stage.copy(tmp_path / "rehearsal"), lambda stage: stage.clone(source))
    for moment in range(1, last + 1):
        here = stage.copy(tmp_path / str(moment))
        assert is_killed(here, lambda stage: stage.clone(source), moment)
        if any(begun.outcome for entry in here.engine.unfinished() for begun in entry.steps):
            assert is_killed(stage, lambda stage: stage.clone(source), moment)
            return
    pytest.fail("it took no snapshot")


def test_what_was_being_taken_away_is_not_finished_on_the_way(stage: Stage, tmp_path: Path) -> None:
    """Nobody expects a deletion to go on because the volume is attached: recovery has to be asked for."""
    volume = stage.create()
    last = moments(stage.copy(tmp_path / "rehearsal"), lambda stage: stage.delete(volume))
    for moment in range(1, last + 1):
        here = stage.copy(tmp_path / str(moment))
        assert is_killed(here, lambda stage: stage.delete(volume), moment)
        has_begun = any(entry.steps for entry in here.engine.unfinished())
        if volume.device_id not in here.array.volumes or not has_begun:
            continue
        here.engine.close()  # which lets go of what was looked at
        with suppress(PmaxError):
            here.attach(volume, "host-a")
        assert volume.device_id in here.array.volumes
        assert [entry.command for entry in here.engine.unfinished()] == ["DeleteVolume"]
        return
    pytest.fail("it never died in the middle")


def test_where_changes_are_shown_beforehand_none_comes_along(stage: Stage, tmp_path: Path) -> None:
    """An engine that must not does not; the operation builds on what is there, and recovery leaves it alone."""
    first, other = stage.create(), stage.create()
    die_in_the_middle(stage, tmp_path, lambda stage: stage.attach(first, "host-a"))
    stage.engine.recovers_first = False
    stage.attach(other, "host-a")
    [recovered] = stage.engine.recover()
    assert recovered.is_settled
    assert stage.sees("host-a", other)
