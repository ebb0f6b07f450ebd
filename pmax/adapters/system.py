"""Time and locks out of the operating system.

What belongs here: the clock, and locks among the threads and the processes of one machine. What does not: locks among
several machines (`coordination`).

A blocking native lock is never taken: under eventlet it would stop the whole process as soon as its holder yields.
Threads wait for each other on events, and processes look again after a pause that the clock makes.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import attrs

from pmax.domain.errors import Busy, ConfigurationInvalid
from pmax.ports.runtime import Clock, Deadline, LockKey, Locks

#: First and longest pause before a file that another process holds is looked at again.
_FIRST_PAUSE_S = 0.0005
_LONGEST_PAUSE_S = 0.02
#: How often a waiting thread looks at the clock, which need not be the system's.
_CLOCK_LOOK_S = 1.0
#: Characters of a key that stay readable in the name of its file.
_READABLE = 96


class SystemClock(Clock):
    """The machine's own time."""

    def now_s(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def epoch_s(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let this time pass; nothing for a negative one."""
        time.sleep(max(0.0, seconds))


def _busy(key: LockKey, deadline: Deadline, clock: Clock) -> Busy:
    return Busy(f"the lock of {key.kind} {key.name} on array {key.array_id}", deadline.waited_s(clock))


@attrs.frozen(eq=False)
class _Turn:
    """A thread's place in the queue for a lock.

    Attributes:
        thread: who waits or holds.
        has_come: set when it holds.
    """

    thread: int
    has_come: threading.Event = attrs.field(factory=threading.Event)


class ThreadLocks(Locks):
    """Locks among the threads of this process: first come, first served, and only the next one is woken.

    Only keys that somebody holds or waits for take memory.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._queues: dict[LockKey, deque[_Turn]] = {}

    @contextmanager
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[None]:
        """Hold all these locks, taken in sorted order.

        Raises:
            Busy: one of them was not free until the deadline; none is held then.
            RuntimeError: this thread holds one of them already.
        """
        wanted = sorted(set(keys))
        self.refuse_again(wanted)
        with ExitStack() as held:
            for key in wanted:
                held.enter_context(self._hold_one(key, deadline))
            yield

    def refuse_again(self, keys: Iterable[LockKey]) -> None:
        """Make sure that this thread holds none of these.

        Raises:
            RuntimeError: it holds one, and would wait for itself.
        """
        thread = threading.get_ident()
        with self._guard:
            for key in keys:
                queue = self._queues.get(key)
                if queue and queue[0].thread == thread:
                    raise RuntimeError(f"this thread holds the lock {key} already")

    @contextmanager
    def _hold_one(self, key: LockKey, deadline: Deadline) -> Iterator[None]:
        turn = _Turn(threading.get_ident())
        with self._guard:
            queue = self._queues.setdefault(key, deque())
            queue.append(turn)
            if queue[0] is turn:
                turn.has_come.set()
        try:
            self._wait(turn, key, deadline)
            yield
        finally:
            with self._guard:
                queue.remove(turn)
                if queue:
                    queue[0].has_come.set()
                else:
                    del self._queues[key]

    def _wait(self, turn: _Turn, key: LockKey, deadline: Deadline) -> None:
        while not turn.has_come.is_set():
            remaining_s = deadline.remaining_s(self._clock)
            if remaining_s <= 0:
                raise _busy(key, deadline, self._clock)
            turn.has_come.wait(min(remaining_s, _CLOCK_LOOK_S))


class FileLocks(Locks):
    """Locks among the threads and the processes of this machine.

    A key is a file in the directory, locked with `flock`, so that a holder that dies lets go. Only one thread of a
    process looks at the file; the others wait for that thread. A second file, `….next`, is the place of the process
    that comes next: whoever finds it taken stands behind it, so that a busy process cannot keep an idle one waiting
    for ever. Both files are removed by their last holder, who still holds them then.

    Args:
        directory: on a local file system; made when the first lock is taken.
        clock: makes the pauses between two looks at a file.
    """

    def __init__(self, directory: str | os.PathLike[str], clock: Clock) -> None:
        self._directory = Path(directory)
        self._clock = clock
        self._threads = ThreadLocks(clock)

    @contextmanager
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[None]:
        """Hold all these locks, taken in sorted order.

        Raises:
            Busy: one of them was not free until the deadline; none is held then.
            RuntimeError: this thread holds one of them already.
            ConfigurationInvalid: the directory cannot be used.
        """
        wanted = sorted(set(keys))
        self._threads.refuse_again(wanted)
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self._directory, error) from error
        with ExitStack() as held:
            for key in wanted:
                held.enter_context(self._threads.hold((key,), deadline))
                held.enter_context(self._hold_file(key, deadline))
            yield

    @contextmanager
    def _hold_file(self, key: LockKey, deadline: Deadline) -> Iterator[None]:
        path = self._directory / _file_name(key)
        place = path.with_name(f"{path.name}.next")
        descriptor = None if place.exists() else _try_lock(path)
        if descriptor is None:
            place_descriptor = self._poll(place, key, deadline)
            try:
                descriptor = self._poll(path, key, deadline)
            finally:
                _unlock(place, place_descriptor)
        try:
            yield
        finally:
            _unlock(path, descriptor)

    def _poll(self, path: Path, key: LockKey, deadline: Deadline) -> int:
        pause_s = _FIRST_PAUSE_S
        while (descriptor := _try_lock(path)) is None:
            remaining_s = deadline.remaining_s(self._clock)
            if remaining_s <= 0:
                raise _busy(key, deadline, self._clock)
            self._clock.sleep(min(pause_s, remaining_s))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return descriptor


def _file_name(key: LockKey) -> str:
    """A name that is safe and different for every key: keys may hold slashes, blanks, and differ only in case."""
    digest = hashlib.sha256("\0".join(attrs.astuple(key)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{quote(str(key), safe='', errors='replace')[:_READABLE]}-{digest}.lock"


def _try_lock(path: Path) -> int | None:
    """Lock a file if it is free.

    The file is opened for reading, which is all that `flock` needs, so that processes of different users can share it.

    Returns:
        The open file, or None if somebody else holds it.

    Raises:
        ConfigurationInvalid: the file can neither be made nor opened.
    """
    while True:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            if error.errno == errno.EACCES and path.exists():
                return None  # another user made it, and removes it with the lock
            raise _unusable(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_open_file(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            os.close(descriptor)
            raise _unusable(path, error) from error
        os.close(descriptor)  # its last holder removed it between our two calls


def _is_open_file(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _unlock(path: Path, descriptor: int) -> None:
    try:
        path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError) -> ConfigurationInvalid:
    remedy = "let pmax_journal_directory name a directory of a local file system that this user may write"
    return ConfigurationInvalid((f"no lock can be taken at {path} ({error.strerror}): {remedy}",))
