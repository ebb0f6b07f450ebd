"""The machine's clock, and locks among its threads and processes."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from pmax.adapters.system import FileLocks, SystemClock, ThreadLocks
from pmax.domain.errors import Busy, ConfigurationInvalid
from pmax.ports.runtime import Deadline, LockKey, Locks
from tests.unit.adapters.locks_contract import ARRAY, VOLUME, LocksContract, SteppedClock, now, soon, yield_to_others

HOLD = """
import sys
from pmax.adapters.system import FileLocks, SystemClock
from pmax.domain.identifiers import ArrayId
from pmax.ports.runtime import Deadline, LockKey
clock = SystemClock()
array = ArrayId("000197900123")
keys = [LockKey(array, "volume", "00012"), LockKey(array, "host", "node-1")]
with FileLocks({directory!r}, clock).hold(keys, Deadline.after(clock, 5.0)):
    print("held", flush=True)
    sys.stdin.read()
"""


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread is about to do."""
    deadline = soon()
    while not condition():
        assert deadline.remaining_s(SystemClock()) > 0
        threading.Event().wait(0.001)


class TestFileLocks(LocksContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[[], Locks]:
        """Locks over one directory."""
        return lambda: FileLocks(tmp_path / "locks", SystemClock())

    @pytest.fixture
    def script_that_holds(self, tmp_path: Path) -> str:
        """A process that holds two of them."""
        return HOLD.format(directory=str(tmp_path / "locks"))


def test_the_clock_goes_on() -> None:
    """The monotonic clock never goes back, and a pause of no length or less takes no time."""
    clock = SystemClock()
    before = clock.now_s()
    clock.sleep(0.0)
    clock.sleep(-1.0)
    assert 0 <= clock.now_s() - before < 1.0


def test_the_clock_tells_the_date() -> None:
    """Records carry the seconds since 1970."""
    assert SystemClock().epoch_s() > 1_700_000_000


def test_a_process_waits_through_the_clock(tmp_path: Path) -> None:
    """Waiting for another process is the clock's business, in growing pauses, and ends at the deadline exactly."""
    clock = SteppedClock()
    with (
        FileLocks(tmp_path, SystemClock()).hold([VOLUME], now()),
        pytest.raises(Busy) as failure,
        FileLocks(tmp_path, clock).hold([VOLUME], Deadline.after(clock, 3.0)),
    ):
        pass
    assert failure.value.waited_s == pytest.approx(3.0)
    assert clock.pauses[:3] == [0.0005, 0.001, 0.002]
    assert max(clock.pauses) == 0.02


def test_nothing_stays_of_locks_that_were_let_go(tmp_path: Path) -> None:
    """However many keys were ever locked, neither memory nor the directory remembers them."""
    locks = FileLocks(tmp_path, SystemClock())
    for number in range(500):
        with locks.hold([LockKey(ARRAY, "volume", f"{number:05X}")], now()):
            pass
    assert list(tmp_path.iterdir()) == []
    assert locks._threads._queues == {}


def test_what_the_dead_left_lying_is_no_hindrance(tmp_path: Path) -> None:
    """Files of a process that was killed, its place in the queue included, neither block nor stay."""
    locks = FileLocks(tmp_path, SystemClock())
    with locks.hold([VOLUME], now()):
        [name] = [path.name for path in tmp_path.iterdir()]
    (tmp_path / name).touch()
    (tmp_path / f"{name}.next").touch()
    with locks.hold([VOLUME], now()):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_busy_process_does_not_starve_another(tmp_path: Path) -> None:
    """A process whose threads take a lock over and over lets another process have its turn."""
    busy, modest = FileLocks(tmp_path, SystemClock()), FileLocks(tmp_path, SystemClock())
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            with busy.hold([VOLUME], soon()):
                is_over.wait(0.001)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            with modest.hold([VOLUME], soon()):
                pass
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def test_a_file_that_its_holder_removed_is_no_lock(tmp_path: Path) -> None:
    """However the removal of a lock file meets the opening of it, only one process holds the lock."""
    inside: set[int] = set()
    together: list[set[int]] = []

    def work(number: int) -> None:
        locks = FileLocks(tmp_path, SystemClock())
        for _ in range(400):
            with locks.hold([VOLUME], soon()):
                inside.add(number)
                if len(inside) > 1:
                    together.append(set(inside))
                yield_to_others()
                inside.discard(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == []


def test_threads_are_served_in_the_order_in_which_they_came() -> None:
    """Threads of one process get a lock in the order in which they asked for it."""
    locks = ThreadLocks(SystemClock())
    served: list[int] = []

    def want(number: int) -> None:
        with locks.hold([VOLUME], soon()):
            served.append(number)

    threads = [threading.Thread(target=want, args=(number,)) for number in range(6)]
    with locks.hold([VOLUME], now()):
        for number, thread in enumerate(threads):
            thread.start()
            until(lambda waiting=number + 2: len(locks._queues[VOLUME]) == waiting)
    for thread in threads:
        thread.join()
    assert served == list(range(6))


def test_a_thread_that_gives_up_does_not_hold_up_the_queue() -> None:
    """When a waiting thread reaches its deadline, the one behind it still gets its turn."""
    locks = ThreadLocks(SystemClock())
    outcomes: list[str] = []

    def want(name: str, seconds: float) -> None:
        try:
            with locks.hold([VOLUME], Deadline.after(SystemClock(), seconds)):
                outcomes.append(f"{name} served")
        except Busy:
            outcomes.append(f"{name} gave up")

    impatient = threading.Thread(target=want, args=("impatient", 0.02))
    patient = threading.Thread(target=want, args=("patient", 15.0))
    with locks.hold([VOLUME], now()):
        impatient.start()
        until(lambda: len(locks._queues[VOLUME]) == 2)
        patient.start()
        impatient.join()
    patient.join()
    assert outcomes == ["impatient gave up", "patient served"]


def test_a_waiting_thread_looks_at_its_own_clock() -> None:
    """A thread that waits on a clock that is not the system's gives up when that clock says so."""
    clock = SteppedClock()
    locks = ThreadLocks(clock)
    outcomes: list[object] = []

    def want() -> None:
        try:
            with locks.hold([VOLUME], Deadline.after(clock, 3600.0)):
                outcomes.append("served")
        except Busy as error:
            outcomes.append(error.waited_s)

    thread = threading.Thread(target=want)
    with locks.hold([VOLUME], Deadline.after(clock, 0.0)):
        thread.start()
        until(lambda: len(locks._queues[VOLUME]) == 2)
        clock.passed_s += 3600.0
        thread.join()
    assert outcomes == [3600.0]


def test_the_first_process_in_the_queue_comes_first(tmp_path: Path) -> None:
    """A process that finds another one waiting stands behind it, even if the lock is free at that moment."""
    first, second = FileLocks(tmp_path, SystemClock()), FileLocks(tmp_path, SystemClock())
    with ExitStack() as held:
        held.enter_context(first.hold([VOLUME], now()))
        [name] = [path.name for path in tmp_path.iterdir()]
        held.close()
        place = FileLocks(tmp_path, SystemClock())._poll(tmp_path / f"{name}.next", VOLUME, now())
        assert place is not None
        with pytest.raises(Busy), second.hold([VOLUME], now()):
            pass


def test_a_directory_that_cannot_be_made_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    """Where no directory can be, the first lock names the place, the reason and the option."""
    (tmp_path / "file").touch()
    locks = FileLocks(tmp_path / "file" / "locks", SystemClock())
    message = r"file/locks.*pmax_journal_directory"
    with pytest.raises(ConfigurationInvalid, match=message), locks.hold([VOLUME], now()):
        pass


def test_a_file_that_cannot_be_opened_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    """A directory that takes no lock file is told in the same way."""
    locks = FileLocks(tmp_path, SystemClock())
    with locks.hold([VOLUME], now()):
        [path] = tmp_path.iterdir()
    path.symlink_to(tmp_path / "missing" / "target")
    with pytest.raises(ConfigurationInvalid, match="pmax_journal_directory"), locks.hold([VOLUME], now()):
        pass


def test_who_takes_no_lock_leaves_no_directory(tmp_path: Path) -> None:
    """A process that only reads makes nothing on the disk; a directory that somebody removes is made again."""
    locks = FileLocks(tmp_path / "locks", SystemClock())
    assert list(tmp_path.iterdir()) == []
    for _ in range(2):
        with locks.hold([VOLUME], now()):
            pass
        (tmp_path / "locks").rmdir()
