"""Locks through tooz. Its file backend stands for every service: what differs among them is tooz's business."""

import gc
import logging
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tooz
from tooz.locking import Lock

from pmax.adapters.coordination import ToozLocks
from pmax.adapters.system import SystemClock
from pmax.domain.errors import Busy, ConfigurationInvalid
from pmax.ports.runtime import Deadline, Locks
from tests.unit.adapters.locks_contract import VOLUME, LocksContract, SteppedClock, child_that_holds, now, soon

HOLD = """
import sys
from pmax.adapters.coordination import ToozLocks
from pmax.adapters.system import SystemClock
from pmax.domain.identifiers import ArrayId
from pmax.ports.runtime import Deadline, LockKey
clock = SystemClock()
array = ArrayId("000197900123")
keys = [LockKey(array, "volume", "00012"), LockKey(array, "host", "node-1")]
with ToozLocks({url!r}, "the child", clock).hold(keys, Deadline.after(clock, 5.0)):
    print("held", flush=True)
    sys.stdin.read()
"""


class TestToozLocks(LocksContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[Callable[[], Locks]]:
        """Locks over one directory."""
        made: list[ToozLocks] = []

        def make_one() -> Locks:
            made.append(ToozLocks(f"file://{tmp_path}/locks", f"member {len(made)}", SystemClock()))
            return made[-1]

        yield make_one
        for locks in made:
            locks.close()

    @pytest.fixture
    def script_that_holds(self, tmp_path: Path) -> str:
        """A process that holds two of them."""
        return HOLD.format(url=f"file://{tmp_path}/locks")


class FailingLock(Lock):
    """A lock whose service fails as often as told, and then answers as told."""

    def __init__(self, failures: int, *, is_kept: bool = True) -> None:
        super().__init__(b"a lock")
        self.failures = failures
        self.is_kept = is_kept

    def acquire(self, blocking: bool = True, shared: bool = False, timeout: int | None = None) -> bool:
        """Fail, or have it."""
        assert not blocking, "a blocking attempt may stop the whole process"
        return self._answer(answer=True)

    def release(self) -> bool:
        """Fail, or say whether it was held until now."""
        return self._answer(answer=self.is_kept)

    def _answer(self, *, answer: bool) -> bool:
        if self.failures:
            self.failures -= 1
            raise tooz.ToozError("connection to redis://user:top-secret@10.0.0.9 lost")
        return answer


class OneLock:
    """A coordinator that has one lock for everything."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock

    def get_lock(self, name: bytes) -> Lock:
        """Always the same."""
        return self.lock

    def stop(self) -> None:
        """Fail."""
        raise tooz.ToozError("connection to redis://user:top-secret@10.0.0.9 lost")


def locks_over(lock: Lock, clock: SteppedClock) -> ToozLocks:
    """Locks that are connected to a service with one lock."""
    locks = ToozLocks("stub://", "member", clock)
    locks._coordinator = OneLock(lock)
    return locks


@pytest.mark.parametrize(
    "url", ["", "nothing", "unheard-of://10.0.0.9", "redis://user:top-secret@127.0.0.1:1/", "file:///proc/locks"]
)
def test_a_service_that_cannot_be_had_is_a_mistake_in_the_configuration(url: str) -> None:
    """A wrong URL or a missing client library names the option, and never the password in the URL."""
    locks = ToozLocks(url, "member", SystemClock())
    with pytest.raises(ConfigurationInvalid, match="pmax_coordination_url") as failure, locks.hold([VOLUME], now()):
        pass
    assert "top-secret" not in str(failure.value)


def test_a_redis_that_hangs_up_is_not_asked_for_a_minute() -> None:
    """It is asked as often as tooz does, at once; whether it is worth more is decided by who waits for the lock."""
    asked = []

    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            """Listen, and say nothing."""
            asked.append(self.request.recv(1024))

    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        locks = ToozLocks(f"redis://127.0.0.1:{server.server_address[1]}", "member", SystemClock())
        with pytest.raises(ConfigurationInvalid, match="locks cannot be had"), locks.hold([VOLUME], now()):
            pass
        server.shutdown()
    assert 1 <= len(asked) <= 15


def test_a_service_that_stumbles_is_asked_again() -> None:
    """A service that fails for a moment, as when its leader changes, is asked again until the deadline."""
    clock = SteppedClock()
    with locks_over(FailingLock(failures=3), clock).hold([VOLUME], Deadline.after(clock, 10.0)):
        assert clock.passed_s == pytest.approx(0.01 + 0.02 + 0.04)


def test_a_service_that_stays_away_is_busy() -> None:
    """A service that fails until the deadline is told as such, without what its library says about the URL."""
    clock = SteppedClock()
    locks = locks_over(FailingLock(failures=1000), clock)
    with pytest.raises(Busy, match="lock service failed") as failure, locks.hold([VOLUME], Deadline.after(clock, 10.0)):
        pass
    assert failure.value.waited_s == pytest.approx(10.0)
    assert "top-secret" not in str(failure.value)


def test_a_lock_that_was_lost_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """If the service took the lock away before its time, the log says that somebody else may have worked there."""
    clock = SteppedClock()
    with caplog.at_level(logging.ERROR), locks_over(FailingLock(0, is_kept=False), clock).hold([VOLUME], now()):
        pass
    assert "was lost before its time" in caplog.text


def test_a_lock_that_cannot_be_released_does_not_undo_the_work(caplog: pytest.LogCaptureFixture) -> None:
    """A service that fails at the release is told in the log; the work under the lock is done all the same."""
    clock = SteppedClock()
    lock = FailingLock(0)
    with locks_over(lock, clock).hold([VOLUME], now()):
        lock.failures = 1
    assert "could not be released" in caplog.text
    assert "top-secret" not in caplog.text


def test_a_thread_that_gave_up_takes_no_lock_from_another(tmp_path: Path) -> None:
    """A thread that waited in vain, and whose error is still kept somewhere, costs another thread no lock it gets."""
    url = f"file://{tmp_path}/locks"
    locks = ToozLocks(url, "this process", SystemClock())
    with child_that_holds(HOLD.format(url=url)), pytest.raises(Busy) as kept, locks.hold([VOLUME], now()):
        pass
    with locks.hold([VOLUME], soon()):
        del kept
        gc.collect()
        script = HOLD.format(url=url).replace("clock, 5.0", "clock, 0.0")
        other = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], check=False, capture_output=True, text=True, input=""
        )
    assert "Busy" in other.stderr
    locks.close()


def test_a_service_that_cannot_be_left_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Who closes is not troubled by a service that is gone, and the log does not show its URL."""
    locks_over(FailingLock(0), SteppedClock()).close()
    assert "leaving the lock service failed" in caplog.text
    assert "top-secret" not in caplog.text


def test_nothing_is_connected_before_the_first_lock() -> None:
    """Who only reads needs no lock service, so a wrong URL does not keep anybody from reading."""
    locks = ToozLocks("unheard-of://10.0.0.9", "member", SystemClock())
    locks.close()


def test_locks_can_be_closed_and_used_again(tmp_path: Path) -> None:
    """After `close` the next lock connects anew."""
    locks = ToozLocks(f"file://{tmp_path}", "member", SystemClock())
    for _ in range(2):
        with locks.hold([VOLUME], now()):
            pass
        locks.close()
