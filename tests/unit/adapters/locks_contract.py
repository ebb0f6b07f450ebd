"""What every adapter of the `Locks` port must do. An adapter joins by subclassing `LocksContract` with two fixtures."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pmax.adapters.system import SystemClock
from pmax.domain.errors import Busy
from pmax.domain.identifiers import ArrayId
from pmax.ports.runtime import Clock, Deadline, LockKey, Locks

ARRAY = ArrayId("000197900123")
VOLUME = LockKey(ARRAY, "volume", "00012")
HOST = LockKey(ARRAY, "host", "node-1")

MakeLocks = Callable[[], Locks]


class SteppedClock(Clock):
    """A clock that stands still until somebody sleeps, and remembers every pause."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.pauses: list[float] = []

    def now_s(self) -> float:
        """Seconds since it was made."""
        return self.passed_s

    def epoch_s(self) -> float:
        """Seconds since 1970, as if it had been made at a fixed moment."""
        return 1_800_000_000.0 + self.passed_s

    def sleep(self, seconds: float) -> None:
        """Let this time pass, at once."""
        assert seconds > 0, "a pause of no length is a loop that burns"
        self.passed_s += seconds
        self.pauses.append(seconds)


def soon() -> Deadline:
    """A deadline far enough away for a slow machine, near enough for a test that fails."""
    return Deadline.after(SystemClock(), 15.0)


def now() -> Deadline:
    """A deadline that has come."""
    return Deadline.after(SystemClock(), 0.0)


@contextmanager
def child_that_holds(script: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the script, which prints a line when it holds its locks; killed in the end."""
    command = [sys.executable, "-W", "ignore", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "held\n"
            yield child
        finally:
            child.kill()


def yield_to_others() -> None:
    """Let other threads run, so that one that must not be here would be seen."""
    SystemClock().sleep(0.0001)


class LocksContract:
    """Subclasses give `make`, which returns locks as another process would have them, and `script_that_holds`."""

    def test_a_held_lock_is_nobody_elses(self, make: MakeLocks) -> None:
        """While one process holds a lock, another gets Busy at its deadline, and may have it afterwards."""
        ours, theirs = make(), make()
        with ours.hold([VOLUME], soon()), pytest.raises(Busy, match="volume 00012"), theirs.hold([VOLUME], now()):
            pass
        with theirs.hold([VOLUME], now()):
            pass

    def test_a_held_lock_is_not_another_threads(self, make: MakeLocks) -> None:
        """While one thread holds a lock, another of the same process gets Busy at its deadline."""
        locks = make()
        failures: list[BaseException] = []

        def want() -> None:
            try:
                with locks.hold([VOLUME], Deadline.after(SystemClock(), 0.02)):
                    pass
            except Busy as error:
                failures.append(error)

        with locks.hold([VOLUME], soon()):
            thread = threading.Thread(target=want)
            thread.start()
            thread.join()
        [failure] = failures
        assert isinstance(failure, Busy)
        assert failure.waited_s >= 0.02

    def test_busy_leaves_nothing_held(self, make: MakeLocks) -> None:
        """If one of several locks is busy, none of them stays held."""
        ours, theirs = make(), make()
        with theirs.hold([VOLUME], soon()):
            with pytest.raises(Busy), ours.hold([HOST, VOLUME], now()):
                pass
            with theirs.hold([HOST], now()):
                pass

    def test_a_second_hold_by_the_same_thread_is_refused_at_once(self, make: MakeLocks) -> None:
        """A thread that asks for a lock that it holds gets RuntimeError, even if it had to wait for another first."""
        ours, theirs = make(), make()
        with ours.hold([VOLUME], soon()), theirs.hold([HOST], soon()):
            with pytest.raises(RuntimeError, match="already"), ours.hold([HOST, VOLUME], soon()):
                pass
            with pytest.raises(Busy), theirs.hold([VOLUME], now()):
                pass

    def test_a_key_named_twice_is_taken_once(self, make: MakeLocks) -> None:
        """One call that names a key twice takes it once."""
        with make().hold([VOLUME, VOLUME], now()):
            pass

    def test_an_error_lets_go(self, make: MakeLocks) -> None:
        """An error in the work under locks lets go of all of them, and goes on its way."""
        locks = make()
        with pytest.raises(ZeroDivisionError), locks.hold([VOLUME, HOST], now()):
            raise ZeroDivisionError
        with make().hold([VOLUME, HOST], now()):
            pass

    def test_a_waiting_process_gets_the_lock(self, make: MakeLocks) -> None:
        """Who waits gets the lock when its holder lets go."""
        ours, theirs = make(), make()
        has_it = threading.Event()

        def want() -> None:
            with theirs.hold([VOLUME], soon()):
                has_it.set()

        thread = threading.Thread(target=want)
        with ours.hold([VOLUME], soon()):
            thread.start()
            assert not has_it.wait(0.02)
        thread.join()
        assert has_it.is_set()

    def test_any_order_of_keys_is_safe(self, make: MakeLocks) -> None:
        """Threads of two processes that name the same keys in different orders never wait for each other for ever."""
        processes = make(), make()
        inside = 0
        most = 0

        def work(locks: Locks, keys: list[LockKey]) -> None:
            nonlocal inside, most
            for _ in range(20):
                with locks.hold(keys, soon()):
                    inside += 1
                    most = max(most, inside)
                    yield_to_others()
                    inside -= 1

        orders = [VOLUME, HOST], [HOST, VOLUME]
        threads = [threading.Thread(target=work, args=(locks, keys)) for locks in processes for keys in orders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (inside, most) == (0, 1)

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "a/b", "", ".", "with blank\nand line", "näme", "x" * 400, "%2e%2e", "nul\0"]
    )
    def test_any_name_can_be_locked(self, make: MakeLocks, name: str) -> None:
        """A name with slashes, blanks, any character or any length can be locked, and excludes exactly itself."""
        ours, theirs = make(), make()
        key = LockKey(ARRAY, "volume", name)
        with ours.hold([key], soon()):
            with pytest.raises(Busy), theirs.hold([key], now()):
                pass
            with theirs.hold([LockKey(ARRAY, "volume", f"{name}x"), VOLUME], now()):
                pass

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (VOLUME, LockKey(ArrayId("000197900124"), "volume", "00012")),
            (VOLUME, LockKey(ARRAY, "snapshot", "00012")),
            (LockKey(ARRAY, "host", "Node"), LockKey(ARRAY, "host", "node")),
            (LockKey(ARRAY, "a-b", "c"), LockKey(ARRAY, "a", "b-c")),
            (LockKey(ARRAY, "host", "a" * 300 + "1"), LockKey(ARRAY, "host", "a" * 300 + "2")),
        ],
    )
    def test_different_keys_do_not_exclude_each_other(self, make: MakeLocks, one: LockKey, other: LockKey) -> None:
        """Keys that differ in any part, or only in case, are different locks."""
        with make().hold([one], now()), make().hold([other], now()):
            pass

    def test_a_holder_that_is_killed_lets_go(self, make: MakeLocks, script_that_holds: str) -> None:
        """A process that dies without a word no longer holds its locks."""
        with child_that_holds(script_that_holds) as child:
            with pytest.raises(Busy), make().hold([VOLUME], now()):
                pass
            child.kill()
            child.wait()
            with make().hold([VOLUME, HOST], soon()):
                pass
