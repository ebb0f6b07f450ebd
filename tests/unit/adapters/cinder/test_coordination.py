"""Locks out of Cinder's coordinator, with the coordinator that Cinder makes, on files."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import tooz
from cinder import coordination
from oslo_config import cfg

from pmax.adapters.cinder.coordination import CinderLocks
from pmax.adapters.system import SystemClock
from pmax.domain.errors import Busy
from pmax.domain.identifiers import array_id
from pmax.ports.runtime import Clock, Deadline, LockKey

ARRAY = array_id("000197900123")
VOLUME = LockKey(ARRAY, "volume", "00001")
HOST = LockKey(ARRAY, "host", "node1")


class ClockThatSkips(Clock):
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def now_s(self) -> float:
        """Seconds slept so far."""
        return self.now

    def epoch_s(self) -> float:
        """Likewise."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Go on at once."""
        self.now += seconds
        self.pauses.append(seconds)


class RecordingCoordinator(coordination.Coordinator):
    """Cinder's coordinator, which remembers what it was asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.names: list[str] = []

    def get_lock(self, name: str):
        """Remember, and do as Cinder does."""
        self.names.append(name)
        return super().get_lock(name)


class DeadCoordinator:
    """A coordination service that cannot be reached."""

    def get_lock(self, name: str):
        """Fail as tooz does."""
        raise tooz.ToozError("connection to etcd refused")


class ForgetfulCoordinator:
    """A coordination service that goes away while a lock is held."""

    def get_lock(self, name: str):
        """Give a lock."""
        return self

    def acquire(self, *, blocking: bool) -> bool:
        """It is free."""
        return True

    def release(self) -> bool:
        """Nobody is there to take it back."""
        raise tooz.ToozError("connection to etcd lost")


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[RecordingCoordinator, RecordingCoordinator]]:
    """The coordinators of two Cinder services that share a directory."""
    cfg.CONF.set_override("backend_url", f"file://{tmp_path}", group="coordination")
    both = RecordingCoordinator("one"), RecordingCoordinator("two")
    for node in both:
        node.start()
    yield both
    for node in both:
        node.stop()
    cfg.CONF.clear_override("backend_url", group="coordination")


def test_services_of_a_cluster_exclude_each_other(nodes) -> None:
    """What one service holds, another gets only after the deadline has told it that it is busy, or when it is free."""
    clock = ClockThatSkips()
    one, two = (CinderLocks(clock, node) for node in nodes)
    with one.hold([VOLUME], Deadline.after(clock, 5)):
        with pytest.raises(Busy, match="volume-00001"), two.hold([VOLUME], Deadline.after(clock, 30)):
            pytest.fail("two services held one lock")
        assert clock.now == pytest.approx(30)
    with two.hold([VOLUME], Deadline.after(clock, 0)):
        pass


def test_pauses_grow_and_end_with_the_deadline(nodes) -> None:
    """Attempts become rarer, and the last pause ends at the deadline."""
    clock = ClockThatSkips()
    one, two = (CinderLocks(clock, node) for node in nodes)
    with (
        one.hold([VOLUME], Deadline.after(clock, 5)),
        pytest.raises(Busy),
        two.hold([VOLUME], Deadline.after(clock, 9)),
    ):
        pass
    assert clock.pauses[:-1] == sorted(clock.pauses[:-1])
    assert max(clock.pauses) <= 2
    assert sum(clock.pauses) == pytest.approx(9)


def test_threads_of_a_service_exclude_each_other(nodes) -> None:
    """A second thread gets the lock when the first lets go, and not before."""
    locks = CinderLocks(SystemClock(), nodes[0])
    first_holds, order = threading.Event(), []

    def second() -> None:
        first_holds.wait(5)
        with locks.hold([VOLUME], Deadline.after(SystemClock(), 5)):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with locks.hold([VOLUME], Deadline.after(SystemClock(), 5)):
        first_holds.set()
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_a_lock_that_this_thread_holds_is_refused_and_never_waited_for(nodes) -> None:
    """Taking a lock twice is a fault of ours, told at once."""
    clock = ClockThatSkips()
    locks = CinderLocks(clock, nodes[0])
    with locks.hold([VOLUME], Deadline.after(clock, 5)):
        with pytest.raises(RuntimeError, match="already"), locks.hold([HOST, VOLUME], Deadline.after(clock, 5)):
            pass
        with locks.hold([HOST], Deadline.after(clock, 5)):
            pass
    assert clock.pauses == []


def test_locks_are_taken_in_one_order(nodes) -> None:
    """Whatever the order in which keys are given, they are taken sorted, each once."""
    clock = ClockThatSkips()
    locks = CinderLocks(clock, nodes[0])
    with locks.hold([VOLUME, HOST, VOLUME], Deadline.after(clock, 5)):
        pass
    assert nodes[0].names == [f"pmax-{ARRAY}-host-node1", f"pmax-{ARRAY}-volume-00001"]


def test_nothing_is_held_after_one_lock_was_busy(nodes) -> None:
    """When the second lock is busy, the first is given back."""
    clock = ClockThatSkips()
    one, two = (CinderLocks(clock, node) for node in nodes)
    with (
        one.hold([VOLUME], Deadline.after(clock, 5)),
        pytest.raises(Busy),
        two.hold([HOST, VOLUME], Deadline.after(clock, 5)),
    ):
        pass
    with one.hold([HOST, VOLUME], Deadline.after(clock, 0)):
        pass


def test_a_lock_is_free_after_a_failure(nodes) -> None:
    """An exception within the lock gives it back."""
    clock = ClockThatSkips()
    one, two = (CinderLocks(clock, node) for node in nodes)
    with pytest.raises(ValueError, match="broken"), one.hold([VOLUME], Deadline.after(clock, 5)):
        raise ValueError("broken")
    with two.hold([VOLUME], Deadline.after(clock, 0)):
        pass


def test_a_name_that_is_no_ascii_can_be_locked(nodes) -> None:
    """Cinder's coordinator takes ASCII only, and different names stay different."""
    clock = ClockThatSkips()
    locks = CinderLocks(clock, nodes[0])
    with locks.hold([LockKey(ARRAY, "host", "köln/1"), LockKey(ARRAY, "host", "koln/1")], Deadline.after(clock, 5)):
        pass
    assert len(set(nodes[0].names)) == 2
    assert all(name.isascii() and "/" not in name for name in nodes[0].names)


def test_a_dead_coordination_service_is_named() -> None:
    """Without the service no lock is taken, and the error says why."""
    clock = ClockThatSkips()
    locks = CinderLocks(clock, DeadCoordinator())
    with pytest.raises(Busy, match="etcd refused"), locks.hold([VOLUME], Deadline.after(clock, 5)):
        pytest.fail("a lock was held without a service")


def test_a_service_that_goes_away_does_not_spoil_the_work(caplog: pytest.LogCaptureFixture) -> None:
    """A lock that cannot be given back ends with its lease: what was done under it is done, and the log says so."""
    clock = ClockThatSkips()
    with CinderLocks(clock, ForgetfulCoordinator()).hold([VOLUME], Deadline.after(clock, 5)):
        pass
    assert "could not be released" in caplog.text


UNDER_EVENTLET = """
import sys
import eventlet
eventlet.monkey_patch()
from cinder import coordination
from oslo_config import cfg
from pmax.adapters.cinder.coordination import CinderLocks
from pmax.adapters.system import SystemClock
from pmax.domain.identifiers import array_id
from pmax.ports.runtime import Deadline, LockKey

cfg.CONF.set_override("backend_url", "file://" + sys.argv[1], group="coordination")
nodes = [coordination.Coordinator(name) for name in ("one", "two")]
clock, key, ticks, order = SystemClock(), LockKey(array_id("000197900123"), "volume", "00001"), [0], []
for node in nodes:
    node.start()
one, two = (CinderLocks(clock, node) for node in nodes)

def tick():
    while ticks[0] < 50:
        ticks[0] += 1
        eventlet.sleep(0)

def hold(locks, name):
    with locks.hold([key], Deadline.after(clock, 20)):
        order.append(name)
        while ticks[0] < 50:
            eventlet.sleep(0)

threads = [eventlet.spawn(hold, one, "first"), eventlet.spawn(hold, one, "same service"),
           eventlet.spawn(hold, two, "other service"), eventlet.spawn(tick)]
for thread in threads:
    thread.wait()
print(order[0], sorted(order[1:]), ticks[0])
for node in nodes:
    node.stop()
"""


def test_waiting_under_eventlet_lets_the_service_go_on(tmp_path: Path) -> None:
    """While green threads wait for a lock, others run: the holder ends only after another has counted to 50."""
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", UNDER_EVENTLET, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=25,
    )
    assert finished.stdout.split("\n")[0] == "first ['other service', 'same service'] 50"
