"""How many calls pass at a time, and who is next."""

import gc
import threading

import pytest

from pmax.adapters.rest.gate import Gate, shared_gate
from pmax.domain.errors import Busy
from pmax.ports.runtime import Deadline
from tests.unit.adapters.rest.doubles import JumpingClock

FOREVER = Deadline(1e12, 0.0)


class Visitor(threading.Thread):
    """Passes the gate in a thread of its own and stays inside until it is told to go."""

    def __init__(self, gate, clock, log, name, is_read=True):
        super().__init__(daemon=True)
        self.gate, self.clock, self.log, self.is_read = gate, clock, log, is_read
        self.number = name
        self.is_inside = threading.Event()
        self.may_go = threading.Event()

    def run(self):
        """Pass."""
        with self.gate.passage(self.clock, FOREVER, is_read=self.is_read):
            self.log.append(self.number)
            self.is_inside.set()
            self.may_go.wait(10)


@pytest.fixture
def clock():
    """A clock that stands still unless somebody sleeps on it."""
    return JumpingClock()


def crowd(gate, clock, count, is_read=True):
    """Start visitors one after the other, each in the queue before the next comes; return them and the log."""
    log, visitors = [], []
    for number in range(count):
        visitor = Visitor(gate, clock, log, number, is_read)
        visitor.start()
        visitors.append(visitor)
        while not visitor.is_inside.is_set() and len(lane(gate, is_read).queue) + len(log) <= number:
            visitor.is_inside.wait(0.001)
    return visitors, log


def lane(gate, is_read=True):
    """The gate's own record, to know that a visitor waits."""
    return gate._reads if is_read else gate._writes


def dismiss(visitors):
    """Let everybody go."""
    for visitor in visitors:
        visitor.may_go.set()
    for visitor in visitors:
        visitor.join(10)
        assert not visitor.is_alive()


def test_no_more_pass_than_there_are_slots(clock):
    """With two slots, two of five are inside and three wait."""
    gate = Gate("u:1", 2, 1)
    visitors, log = crowd(gate, clock, 5)
    assert (log, lane(gate).in_flight, len(lane(gate).queue)) == ([0, 1], 2, 3)
    dismiss(visitors)
    assert lane(gate).in_flight == 0


def test_whoever_came_first_is_served_first(clock):
    """Those who wait are let in in the order of coming."""
    gate = Gate("u:1", 1, 1)
    visitors, log = crowd(gate, clock, 6)
    for visitor in visitors:
        assert visitor.is_inside.wait(10)
        visitor.may_go.set()
    dismiss(visitors)
    assert log == [0, 1, 2, 3, 4, 5]


def test_reads_do_not_wait_for_changes(clock):
    """A queue of changes leaves the slots of reads alone."""
    gate = Gate("u:1", 1, 1)
    visitors, _ = crowd(gate, clock, 3, is_read=False)
    with gate.passage(clock, FOREVER, is_read=True) as waited_s:
        assert waited_s == 0.0
    dismiss(visitors)


def test_waiting_ends_with_the_deadline(clock):
    """Who is not let in until the deadline is told that the server was busy, and leaves the queue."""
    gate = Gate("u:1", 1, 1)
    visitors, _ = crowd(gate, clock, 1)
    with (
        pytest.raises(Busy, match="Unisphere at u:1"),
        gate.passage(clock, Deadline(clock.now, clock.now), is_read=True),
    ):
        pytest.fail("there was no slot")
    assert not lane(gate).queue
    dismiss(visitors)


class Interrupted(JumpingClock):
    """Somebody stops the visitor at the very moment in which a slot becomes free."""

    def __init__(self, free_the_slot):
        super().__init__()
        self.free_the_slot = free_the_slot

    def now_s(self):
        """The time, until the slot is free."""
        if self.free_the_slot is None:
            return self.now
        free_the_slot, self.free_the_slot = self.free_the_slot, None
        free_the_slot()
        raise KeyboardInterrupt


def test_whoever_is_stopped_while_being_let_in_leaves_no_slot_behind(clock):
    """A visitor that is killed when it has its slot, but does not know it yet, gives it back."""
    gate = Gate("u:1", 1, 1)
    visitors, _ = crowd(gate, clock, 1)
    interrupted = Interrupted(None)

    def free_the_slot():
        dismiss(visitors)
        assert lane(gate).in_flight == 1  # it is the interrupted visitor's now

    started = threading.Event()

    def stop_soon():
        started.wait(10)
        while not lane(gate).queue:
            started.wait(0.001)
        interrupted.free_the_slot = free_the_slot

    stopper = threading.Thread(target=stop_soon, daemon=True)
    stopper.start()
    started.set()
    with pytest.raises(KeyboardInterrupt), gate.passage(interrupted, FOREVER, is_read=True):
        pytest.fail("it was stopped before it was inside")
    stopper.join(10)
    assert (lane(gate).in_flight, len(lane(gate).queue)) == (0, 0)


def test_a_slot_comes_back_after_an_error(clock):
    """An exception inside gives the slot back."""
    gate = Gate("u:1", 1, 1)
    with pytest.raises(KeyError), gate.passage(clock, FOREVER, is_read=True):
        raise KeyError
    assert lane(gate).in_flight == 0


def test_the_gate_narrows_when_the_server_asks_for_it(clock):
    """After a 429 half of the slots are left for a while, and all of them afterwards."""
    gate = Gate("u:1", 4, 4)
    gate.narrow(clock.now, 0.0)
    visitors, log = crowd(gate, clock, 4)
    assert log == [0, 1]
    clock.now += 11.0
    for visitor in visitors:
        assert visitor.is_inside.wait(10)
    dismiss(visitors)


def test_the_gate_never_closes(clock):
    """However often the server complains, one call at a time passes."""
    gate = Gate("u:1", 4, 4)
    for _ in range(100):
        gate.narrow(clock.now, 30.0)
    visitors, log = crowd(gate, clock, 2)
    assert log == [0]
    clock.now += 31.0
    dismiss(visitors)


def test_a_gate_always_has_a_slot(clock):
    """A configuration of no slots means one."""
    with Gate("u:1", 0, -1).passage(clock, FOREVER, is_read=False) as waited_s:
        assert waited_s == 0.0


def test_those_who_talk_to_the_same_server_share_its_gate():
    """Two engines of a process pass one gate, and the stricter one decides how many slots it has."""
    server = object()
    gate = shared_gate(server, "u:1", 5, 4)
    assert shared_gate(server, "u:1", 3, 8) is gate
    assert (lane(gate).slots, lane(gate, is_read=False).slots) == (3, 4)
    assert shared_gate(object(), "u:1", 5, 4) is not gate


def test_a_gate_goes_with_the_last_who_uses_it():
    """Limits of engines that are gone bind nobody."""
    server = "a server that nobody uses any more"
    shared_gate(server, "u:1", 1, 1)
    gc.collect()
    assert lane(shared_gate(server, "u:1", 5, 4)).slots == 5
