"""Several Unispheres in front of one array: when the next one is used, when the first one again, and what is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import attrs
import pytest

from pmax.bootstrap import build_engine
from pmax.domain.errors import DeadlinePassed, OutcomeUnknown, PlanFailed, PmaxError, Unavailable
from pmax.domain.settings import Timeouts
from pmax.simulator import Drop, Fault, HangJob, TimeOut
from tests.stage import ARRAY, Line, Stage, server

FIRST, SECOND, THIRD = "first", "second", "third"
GONE = Drop(is_applied=False)


@attrs.define
class Site:
    """A stage with several Unispheres.

    Attributes:
        stage: array and engine.
        line: to the Unispheres, which can be cut.
    """

    stage: Stage
    line: Line

    @classmethod
    def build(cls, state: Path, *names: str, **choices: object) -> Site:
        """Set it up."""
        stage = Stage.build(state, servers=tuple(map(server, names)), **choices)
        line = Line(stage.simulator, stage.engine.settings, stage.clock)
        engine = build_engine(stage.engine.settings, clock=stage.clock, http_adapter=line, load_entry_points=False)
        return cls(attrs.evolve(stage, engine=engine), line)

    def asked(self) -> str:
        """Which Unisphere answers now."""
        before = len(self.stage.simulator.requests)
        self.stage.engine.readers.volumes.find_volume(ARRAY, "00001")
        (name,) = {call.unisphere for call in list(self.stage.simulator.requests)[before:]}
        return FIRST if name == "unisphere" else name


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two Unispheres."""
    return Site.build(tmp_path, FIRST, SECOND)


def test_the_next_one_stands_in_at_once(site: Site) -> None:
    """An operation that finds the first Unisphere dead goes on with the second, in no time of waiting."""
    site.line.refused = {FIRST}
    volume = site.stage.create()
    site.stage.attach(volume, "host-a")
    assert site.stage.sees("host-a", volume)
    assert site.stage.clock.time_s == 0


def test_backups_are_used_in_their_order(tmp_path: Path) -> None:
    """The third Unisphere is used only while the first two are away."""
    site = Site.build(tmp_path, FIRST, SECOND, THIRD)
    asked = []
    for away in ((), (FIRST,), (FIRST, SECOND)):
        site.line.refused = set(away)
        asked.append(site.asked())
    assert asked == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(("comes_back", "then"), [(True, FIRST), (False, SECOND)])
def test_coming_back_is_as_it_is_configured(tmp_path: Path, comes_back: bool, then: str) -> None:
    """`u4p_failover_autofailback` decides whether the first Unisphere is used again once it is back; no means no."""
    site = Site.build(tmp_path, FIRST, SECOND, comes_back=comes_back)
    site.line.refused = {FIRST}
    assert site.asked() == SECOND
    site.line.refused = set()
    assert site.asked() == SECOND
    site.stage.clock.sleep(30)
    assert site.asked() == then
    site.line.refused = {SECOND}
    assert site.asked() == FIRST


def test_both_away_and_one_back_without_a_restart(site: Site) -> None:
    """While nobody answers an operation fails and changes nothing; whichever comes back first is used at once."""
    volume = site.stage.create()
    for back in (SECOND, FIRST):
        site.line.refused = {FIRST, SECOND}
        with pytest.raises(Unavailable):
            site.stage.attach(volume, "host-a")
        site.line.refused -= {back}
        site.stage.attach(volume, "host-a")
        site.stage.detach(volume, "host-a")


def test_a_change_is_never_sent_to_both(site: Site) -> None:
    """A creation whose answer is lost is looked for through the other Unisphere, and is there once."""
    site.stage.create()
    site.stage.simulator.faults.add(
        Fault(effect=Drop(is_applied=True), verb="PUT", unisphere="unisphere"),
        Fault(effect=GONE, path="system/job/*", unisphere="unisphere", nth="every"),
    )
    with site.stage.calls() as calls:
        volume = site.stage.create()
    assert len(calls.changes) == 1
    assert Counter(found.identifier for found in site.stage.array.volumes.values())[volume.identifiers[0]] == 1


def test_a_job_of_a_server_that_dies_is_followed_by_its_effect(site: Site) -> None:
    """Jobs are known to the server that took them: when it dies, the array itself says what became of the work."""
    site.stage.create()
    site.stage.simulator.faults.add(
        Fault(effect=GONE, path="system/job/*", unisphere="unisphere", nth="every"),
        Fault(effect=GONE, verb="GET", unisphere="unisphere", nth="5+"),
    )
    volume = site.stage.create()
    assert volume.device_id in site.stage.array.volumes


def test_no_retries_means_none(tmp_path: Path) -> None:
    """With `u4p_failover_retries` 0 each server is asked once, and nobody waits; the other server still stands in."""
    site = Site.build(tmp_path, FIRST, SECOND, retries=0)
    site.stage.simulator.faults.add(Fault(effect=GONE, nth="every"))
    with site.stage.calls() as calls, pytest.raises(Unavailable):
        site.stage.create()
    assert calls.count == 2
    assert site.stage.clock.time_s == 0
    site.stage.simulator.faults.clear()
    site.line.refused = {FIRST}
    site.stage.create()


def test_no_backoff_means_no_pause(tmp_path: Path) -> None:
    """With `u4p_failover_backoff_factor` 0 calls are repeated without a pause."""
    site = Site.build(tmp_path, FIRST, SECOND, backoff_factor_s=0.0)
    site.stage.simulator.faults.add(Fault(effect=GONE, nth="1-4"))
    site.stage.create()
    assert site.stage.clock.time_s == 0


@pytest.mark.parametrize("names", [(FIRST, SECOND), (FIRST, SECOND, THIRD)])
@pytest.mark.parametrize("number", [1, 3, 5, 7, 9])
def test_servers_that_accept_and_never_answer_end_within_the_deadline(
    tmp_path: Path, names: tuple[str, ...], number: int
) -> None:
    """From some call on nobody ever answers: the operation ends in its time, and recovery settles it afterwards."""
    choices = {"operation_timeout_s": 200.0, "timeouts": Timeouts(connect_s=10, read_s=20, write_s=60)}
    site = Site.build(tmp_path, *names, **choices)
    volume, _other = site.stage.create(), site.stage.create()
    before = site.stage.clock.time_s
    site.stage.simulator.faults.add(Fault(effect=TimeOut(), nth=f"{number}+"))
    with pytest.raises(PmaxError):
        site.stage.attach(volume, "host-a")
    # Its own time, a minute to find out what became of the last step, and five to take back what was done.
    assert site.stage.clock.time_s - before <= 200 + 60 + 300 + 60
    site.stage.simulator.faults.clear()
    assert {recovered.verdict for recovered in site.stage.engine.recover()} <= {"undone"}
    assert "OS-host-a" not in " ".join((*site.stage.array.storage_groups, *site.stage.array.masking_views))


def test_a_job_that_never_ends_is_waited_for_no_longer_than_there_is_time(tmp_path: Path) -> None:
    """A hung job ends the operation in its time, with its outcome unknown."""
    site = Site.build(tmp_path, FIRST, SECOND, operation_timeout_s=100.0)
    site.stage.create()
    before = site.stage.clock.time_s
    site.stage.simulator.faults.add(Fault(effect=HangJob()))
    with pytest.raises((OutcomeUnknown, DeadlinePassed, PlanFailed)):
        site.stage.create()
    # Its own time, and a little more than a minute to find out what became of the job.
    assert site.stage.clock.time_s - before <= 100 + 65


def test_a_list_begins_anew_at_the_next_server(site: Site) -> None:
    """A list is known to the server that began it: when that dies between two pieces, none is missing or double."""
    made = {site.stage.array.add_volume(547, f"volume-{number}") for number in range(1500)}
    site.stage.simulator.faults.add(Fault(effect=GONE, path="common/Iterator/**", unisphere="unisphere", nth="every"))
    found = list(site.stage.engine.readers.volumes.list_devices(ARRAY))
    assert made <= set(found)
    assert len(found) == len(set(found))
