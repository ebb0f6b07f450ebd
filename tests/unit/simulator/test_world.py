import pytest

from pmax.simulator.behaviour import Behaviour
from pmax.simulator.clock import ManualClock
from pmax.simulator.state.records import Volume
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.world import World


@pytest.fixture
def world():
    """A world whose time stands still."""
    return World(ManualClock(), Behaviour(), seed=7)


def volume(number):
    """A volume of one cylinder."""
    return Volume(volume_id=f"{number:05X}", wwn=f"{number:032X}", cylinders=1)


def test_failed_change_is_forgotten(world):
    """A block that raises leaves nothing of its changes."""
    with pytest.raises(KeyError), world.changing() as transaction:  # noqa: PT012 - the change comes first
        transaction.array("a").volumes.put(volume(1))
        transaction.array("a").volumes.get("absent")
    with world.changing() as transaction:
        assert len(transaction.array("a").volumes) == 0


def test_listener_that_objects_prevents_the_commit(world):
    """If a commit listener raises, as a full disk would, nothing is committed."""

    def object_to(changes):
        raise OSError

    world.commit_listeners.append(object_to)
    with pytest.raises(OSError), world.changing() as transaction:  # noqa: PT011 - the type says it all
        transaction.array("a").volumes.put(volume(1))
    world.commit_listeners.clear()
    with world.changing() as transaction:
        assert len(transaction.array("a").volumes) == 0


def test_listeners_hear_of_all_changes_at_once(world):
    """A commit listener gets the changes of a transaction together, deletions as None."""
    with world.changing() as transaction:
        transaction.array("a").volumes.put(volume(1))
    heard = []
    world.commit_listeners.append(heard.append)
    with world.changing() as transaction:
        transaction.array("a").volumes.put(volume(2))
        transaction.array("a").volumes.delete("00001")
    assert [[(change.scope, change.key, change.row) for change in changes] for changes in heard] == [
        [("a", "00002", volume(2)), ("a", "00001", None)]
    ]


def test_world_can_be_restored_from_its_rows(world):
    """A world that takes over all rows of another knows the same."""
    with world.changing() as transaction:
        transaction.array("a").volumes.put(volume(1))
        transaction.timers.put(Timer(timer_id="t", kind="bell", due_at=0.0, subject="s"))
    rung = []
    second = World(ManualClock(), Behaviour(), seed=7)
    second.timer_handlers["bell"] = lambda transaction, timer: rung.append(timer.subject)
    second.restore(world.everything())
    with second.changing() as transaction:
        assert transaction.array("a").volumes.get("00001") == volume(1)
    assert rung == ["s"]


def test_timers_go_off_in_the_order_of_time(world):
    """What is due happens once, in the order of time, when the time has come and not before."""
    rung = []
    world.timer_handlers["bell"] = lambda transaction, timer: rung.append(timer.subject)
    start = world.clock.now()
    with world.changing() as transaction:
        for name, after in (("late", 20), ("early", 10), ("never", 99)):
            transaction.timers.put(Timer(timer_id=name, kind="bell", due_at=start + after, subject=name))
    world.clock.advance(30)
    for _ in range(2):
        with world.changing():
            pass
    assert rung == ["early", "late"]


def test_timer_that_was_put_off_waits(world):
    """A timer that is put again goes off at its new time only."""
    rung = []
    world.timer_handlers["bell"] = lambda transaction, timer: rung.append(world.clock.now())
    start = world.clock.now()
    for after in (10, 50):
        with world.changing() as transaction:
            transaction.timers.put(Timer(timer_id="t", kind="bell", due_at=start + after, subject=""))
    for _ in range(6):
        world.clock.advance(10)
        with world.changing():
            pass
    assert rung == [start + 50]


def test_refused_requests_draw_nothing(world):
    """Chance depends on the seed and on committed draws alone."""
    with pytest.raises(ZeroDivisionError), world.changing() as transaction:  # noqa: PT012 - the draw comes first
        world.draw(transaction, "uuid")
        raise ZeroDivisionError
    with world.changing() as transaction:
        drawn = [world.draw(transaction, "uuid") for _ in range(3)]
    same = World(ManualClock(), Behaviour(), seed=7)
    with same.changing() as transaction:
        assert [same.draw(transaction, "uuid") for _ in range(3)] == drawn
    other = World(ManualClock(), Behaviour(), seed=8)
    with other.changing() as transaction:
        assert other.draw(transaction, "uuid") not in drawn
    assert len(set(drawn)) == 3
