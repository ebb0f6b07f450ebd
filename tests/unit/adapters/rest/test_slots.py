"""Slots that several processes share."""

import multiprocessing
import os
import signal
import time

import pytest

from pmax.adapters.rest.gate import Gate
from pmax.adapters.rest.slots import SharedSlots
from pmax.adapters.system import SystemClock
from pmax.domain.errors import Busy
from pmax.ports.runtime import Deadline

CLOCK = SystemClock()
FORK = multiprocessing.get_context("fork")

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def soon(seconds=10.0):
    """A deadline."""
    return Deadline.after(CLOCK, seconds)


def work(directory, rounds, slots, in_flight, peak):
    """Pass a gate over and over, and note how many do at the same time. Whoever is first waits inside for others."""
    gate = Gate("unisphere:8443", slots, slots, SharedSlots(directory, "unisphere:8443"))
    for round_ in range(rounds):
        with gate.passage(CLOCK, soon(), is_read=True):
            with in_flight.get_lock():
                in_flight.value += 1
                peak.value = max(peak.value, in_flight.value)
            CLOCK.sleep(0.001)
            until = soon(5)
            while round_ == 0 and peak.value < slots and until.remaining_s(CLOCK):
                CLOCK.sleep(0.005)
            with in_flight.get_lock():
                in_flight.value -= 1


def test_all_processes_together_keep_the_limit(tmp_path):
    """Four processes that want to pass all the time: no more than the limit pass at a time, and all of it is used."""
    in_flight, peak = FORK.Value("i", 0), FORK.Value("i", 0)
    processes = [FORK.Process(target=work, args=(tmp_path, 50, 3, in_flight, peak)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(20)
    assert [process.exitcode for process in processes] == [0] * 4
    assert peak.value == 3


def hold(directory, is_held):
    """Take the only slot and keep it."""
    with SharedSlots(directory, "unisphere:8443").hold("write", 1, CLOCK, soon()):
        is_held.set()
        CLOCK.sleep(60)


def test_a_process_that_is_killed_gives_its_slots_back(tmp_path):
    """While another process has the only slot there is none; when it dies by `kill -9` there is."""
    is_held = FORK.Event()
    holder = FORK.Process(target=hold, args=(tmp_path, is_held))
    holder.start()
    assert is_held.wait(10)
    slots = SharedSlots(tmp_path, "unisphere:8443")
    with pytest.raises(Busy, match="unisphere:8443"), slots.hold("write", 1, CLOCK, soon(0.05)):
        pass
    with slots.hold("read", 1, CLOCK, soon()):  # the other kind has slots of its own
        pass
    os.kill(holder.pid, signal.SIGKILL)
    with slots.hold("write", 1, CLOCK, soon()):
        pass
    holder.join(10)


def keep_busy(directory, is_over, count):
    """Take the only slot again as soon as it is given back."""
    slots = SharedSlots(directory, "unisphere:8443")
    while not is_over.is_set():
        with slots.hold("read", 1, CLOCK, soon()):
            count.value += 1
            CLOCK.sleep(0.005)


def test_a_busy_process_cannot_keep_an_idle_one_waiting(tmp_path):
    """A process that comes once gets the next turn, although another one always wants the slot."""
    is_over, count = FORK.Event(), FORK.Value("i", 0)
    busy = FORK.Process(target=keep_busy, args=(tmp_path, is_over, count))
    busy.start()
    slots = SharedSlots(tmp_path, "unisphere:8443")
    while not count.value:
        CLOCK.sleep(0.001)
    waits = []
    for _ in range(10):
        began_s, before = time.monotonic(), count.value
        with slots.hold("read", 1, CLOCK, soon()):
            waits.append((time.monotonic() - began_s, count.value - before))
    is_over.set()
    busy.join(10)
    assert max(turns for _, turns in waits) <= 4


def test_a_fork_has_slots_of_its_own(tmp_path):
    """What a process held when it was forked is not held by the fork, which waits like any other process."""
    slots = SharedSlots(tmp_path, "unisphere:8443")

    def child():
        with pytest.raises(Busy), slots.hold("read", 1, CLOCK, soon(0.05)):
            pass

    with slots.hold("read", 1, CLOCK, soon()):
        fork = FORK.Process(target=child)
        fork.start()
        fork.join(10)
        assert fork.exitcode == 0
    with slots.hold("read", 1, CLOCK, soon()):
        pass


def test_a_directory_that_cannot_be_used_stops_nothing(tmp_path, caplog):
    """Without shared slots those of the process count alone, and the log says so once."""
    (tmp_path / "file").write_text("")
    slots = SharedSlots(tmp_path / "file", "unisphere:8443")
    for _ in range(2):
        with slots.hold("read", 1, CLOCK, soon()):
            pass
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "pmax_gate_directory" in caplog.text
