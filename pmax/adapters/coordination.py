"""Locks among several machines, kept by a service that the operator chooses (etcd, Redis, ZooKeeper…), through tooz.

What belongs here: tooz behind the `Locks` port. What does not: locks of our own among machines; there are none.

Every attempt is non-blocking and the clock makes the pauses, because the blocking attempts of the services differ: some
take no time-out, some a whole number of seconds.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

import attrs
import tooz
from tooz import coordination
from tooz.locking import Lock

from pmax.domain.errors import Busy, ConfigurationInvalid
from pmax.ports.runtime import Clock, Deadline, LockKey, Locks

#: First and longest pause between two attempts. An attempt is a request to the service, and with etcd also a lease that
#: lives on for half a minute, so the pauses are longer than for a file.
_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.5
#: How often a waiting thread looks at the clock, which need not be the system's.
_CLOCK_LOOK_S = 1.0
#: Characters of a key that stay readable in the name of its lock.
_READABLE = 96

_log = logging.getLogger(__name__)


class ToozLocks(Locks):
    """Locks that tooz keeps. The connection is made at the first lock, and its heart beats until `close`.

    A holder that dies lets go: with files at once, with the other services when its heart has been still for as long as
    their time-out says (half a minute, unless the URL says otherwise).

    Threads of this process queue here, and only one of them asks the service for a key. That spares the service, and
    the file backend needs it: its locks belong to the process. For the same reason a process must not have two of these
    objects over one `file://` directory.

    Args:
        url: a tooz backend, such as `etcd3+http://10.0.0.5:2379`; it may hold a password and is never shown.
        member: a name for this process that no other has.
        clock: makes the pauses between two attempts.
    """

    def __init__(self, url: str, member: str, clock: Clock) -> None:
        self._url = url
        self._member = member
        self._clock = clock
        self._connecting = threading.Lock()
        self._coordinator: coordination.CoordinationDriver | None = None
        self._turns = threading.Condition()
        self._threads: dict[LockKey, int] = {}

    @contextmanager
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[None]:
        """Hold all these locks, taken in sorted order.

        Raises:
            Busy: one of them was not free until the deadline, or the service did not answer; none is held then.
            RuntimeError: this thread holds one of them already.
            ConfigurationInvalid: the service cannot be reached at all.
        """
        wanted = sorted(set(keys))
        self._refuse_again(wanted)
        coordinator = self._connected()
        with ExitStack() as held:
            for key in wanted:
                held.enter_context(self._turn(key, deadline))
                held.enter_context(self._hold_one(coordinator, key, deadline))
            yield

    def close(self) -> None:
        """Leave the service. Locks that are still held are let go."""
        with self._connecting:
            coordinator, self._coordinator = self._coordinator, None
        if coordinator is not None:
            try:
                coordinator.stop()
            except (tooz.ToozError, OSError) as error:
                _log.warning("leaving the lock service failed: %s", type(error).__name__)

    def _refuse_again(self, keys: Iterable[LockKey]) -> None:
        thread = threading.get_ident()
        for key in keys:
            if self._threads.get(key) == thread:
                raise RuntimeError(f"this thread holds the lock {key} already")

    def _connected(self) -> coordination.CoordinationDriver:
        with self._connecting:
            if self._coordinator is None:
                try:
                    coordinator = coordination.get_coordinator(self._url, self._member.encode())
                    _keep_from_waiting(coordinator)
                    coordinator.start(start_heart=True)
                except (tooz.ToozError, ValueError, ImportError, RuntimeError, OSError) as error:
                    raise _unreachable(error) from None  # what the libraries say may hold the URL with its password
                self._coordinator = coordinator
            return self._coordinator

    @contextmanager
    def _turn(self, key: LockKey, deadline: Deadline) -> Iterator[None]:
        """Be the one thread of this process that asks for a key, or holds it."""
        with self._turns:
            while key in self._threads:
                remaining_s = deadline.remaining_s(self._clock)
                if remaining_s <= 0:
                    raise Busy(_words(key), deadline.waited_s(self._clock))
                self._turns.wait(min(remaining_s, _CLOCK_LOOK_S))
            self._threads[key] = threading.get_ident()
        try:
            yield
        finally:
            with self._turns:
                del self._threads[key]
                self._turns.notify_all()

    @contextmanager
    def _hold_one(
        self, coordinator: coordination.CoordinationDriver, key: LockKey, deadline: Deadline
    ) -> Iterator[None]:
        lock = coordinator.get_lock(_name(key))
        try:
            self._acquire(lock, key, deadline)
        except BaseException:
            _close_file(lock)
            raise
        try:
            yield
        finally:
            _release(lock, key)

    def _acquire(self, lock: Lock, key: LockKey, deadline: Deadline) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            failure = ""
            try:
                if lock.acquire(blocking=False):
                    return
            except (tooz.ToozError, OSError) as error:  # the service may be changing its leader: worth another attempt
                failure = f"the lock service failed ({type(error).__name__}), and "
            remaining_s = deadline.remaining_s(self._clock)
            if remaining_s <= 0:
                raise Busy(f"{failure}{_words(key)}", deadline.waited_s(self._clock))
            self._clock.sleep(min(pause_s, remaining_s))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _keep_from_waiting(coordinator: coordination.CoordinationDriver) -> None:
    """Have a Redis client fail when a request fails: tooz repeats it at once, and who wants a lock until a deadline.

    By itself the client repeats, too, from version 8 on for a minute (seen with 8.1.0: 59 s): a deadline would pass
    meanwhile, and a URL that names no server be told late. tooz has no option for it, so the client is caught where
    tooz makes it.
    """
    make_client = getattr(coordinator, "_make_client", None)
    if make_client is None:
        return  # another service
    from redis.backoff import NoBackoff  # noqa: PLC0415 - an extra, there when tooz has made a client of it
    from redis.retry import Retry  # noqa: PLC0415 - likewise

    def made(*arguments: object) -> object:
        client = make_client(*arguments)
        client.set_retry(Retry(NoBackoff(), retries=0))
        return client

    coordinator._make_client = made  # type: ignore[attr-defined] # noqa: SLF001 - see above


def _words(key: LockKey) -> str:
    return f"the lock of {key.kind} {key.name} on array {key.array_id}"


def _name(key: LockKey) -> bytes:
    """A name that every service takes: files and ZooKeeper allow no slash, and differ in what else they refuse."""
    digest = hashlib.sha256("\0".join(attrs.astuple(key)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{quote(str(key), safe='', errors='replace')[:_READABLE]}-{digest}".encode()


def _release(lock: Lock, key: LockKey) -> None:
    """Let go. What fails here is told but not raised: the work under the lock is done, and the lock expires."""
    try:
        kept = lock.release()
    except (tooz.ToozError, OSError) as error:
        _log.warning("the lock %s could not be released (%s); it expires by itself", key, type(error).__name__)
        return
    if not kept:
        _log.error("the lock %s was lost before its time: another process may have worked on the same object", key)


def _close_file(lock: Lock) -> None:
    """Close the file that the file backend leaves open after a failed attempt.

    Left to the garbage collector, it would be closed when another thread may hold the lock already, and that would lose
    it: the system drops all locks of a process on a file when the process closes that file once.
    """
    file = getattr(getattr(lock, "_lock", None), "lockfile", None)
    if file is not None:
        file.close()


def _unreachable(error: Exception) -> ConfigurationInvalid:
    remedy = "check that the service runs, that its client library is installed, and that the URL names it"
    return ConfigurationInvalid((f"pmax_coordination_url: locks cannot be had ({type(error).__name__}): {remedy}",))
