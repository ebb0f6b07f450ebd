"""Slots that the processes of a machine share: how many calls all of them may have in flight to one Unisphere.

A slot is a file, locked with `flock` while a call is in flight, so that a process that dies gives its slots back. Who
finds none free takes the place of the next one, another such file, and looks again until one is free; who comes later
finds that place taken and waits behind. Nothing blocks: looking is a system call of a microsecond, and the clock makes
the pauses, so that green threads of one process go on meanwhile.

Machines do not know of each other's slots: each of them has the limit for itself.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pmax.domain.errors import Busy
from pmax.ports.runtime import Clock, Deadline

#: First and longest pause between two looks for a free slot.
_FIRST_PAUSE_S: Final = 0.0005
_LONGEST_PAUSE_S: Final = 0.02

_log = logging.getLogger(__name__)


class SharedSlots:
    """The slots of one server. Threads may share it; so may a process and its forks, each with files of its own.

    If the directory cannot be used, that is logged once, and the slots of this process alone count.

    Args:
        directory: on a local file system, the same for all processes that share the slots; made when first needed.
        endpoint: host and port of the server.
    """

    def __init__(self, directory: Path, endpoint: str) -> None:
        digest = hashlib.sha256(endpoint.encode()).hexdigest()[:16]
        self._directory = directory / f"{quote(endpoint, safe='')[:64]}-{digest}"
        self._endpoint = endpoint
        self._guard = threading.Lock()
        self._files: dict[str, int] = {}
        self._taken: set[str] = set()
        self._process = os.getpid()
        self._is_usable = True
        weakref.finalize(self, _close_all, self._files)

    @contextmanager
    def hold(self, kind: str, count: int, clock: Clock, deadline: Deadline) -> Iterator[None]:
        """Hold one of so many slots.

        Args:
            kind: reads and changes have slots of their own.
            count: how many there are, for this process; others may count differently.
            clock: makes the pauses.
            deadline: until when to wait.

        Raises:
            Busy: none became free until the deadline.
        """
        slot = self._take(kind, count, clock, deadline) if self._is_usable else None
        try:
            yield
        finally:
            if slot is not None:
                self._give_back(slot)

    def _take(self, kind: str, count: int, clock: Clock, deadline: Deadline) -> str | None:
        names = [f"{kind}-{number}" for number in range(1, count + 1)]
        place = f"{kind}-next"
        try:
            if self._is_free(place):
                slot = self._first_free(names)
                if slot is not None:
                    return slot
            self._wait(lambda: self._first_free([place]), clock, deadline)
            try:
                return self._wait(lambda: self._first_free(names), clock, deadline)
            finally:
                self._give_back(place)
        except OSError as error:
            self._is_usable = False
            reason = f"{self._directory} cannot be used ({error.strerror})"
            _log.warning("calls to Unisphere are counted in this process only: %s; see pmax_gate_directory", reason)
            return None

    def _wait(self, look: Callable[[], str | None], clock: Clock, deadline: Deadline) -> str:
        pause_s = _FIRST_PAUSE_S
        while (found := look()) is None:
            left_s = deadline.remaining_s(clock)
            if not left_s:
                raise Busy(f"Unisphere at {self._endpoint}", deadline.waited_s(clock))
            clock.sleep(min(pause_s, left_s))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return found

    def _first_free(self, names: list[str]) -> str | None:
        """Take the first file that is free, or none."""
        with self._guard:
            self._forget_what_a_parent_holds()
            for name in names:
                if name not in self._taken and self._is_locked_now(name):
                    self._taken.add(name)
                    return name
        return None

    def _is_free(self, name: str) -> bool:
        with self._guard:
            self._forget_what_a_parent_holds()
            if name in self._taken or not self._is_locked_now(name):
                return False
            fcntl.flock(self._files[name], fcntl.LOCK_UN)
        return True

    def _is_locked_now(self, name: str) -> bool:
        """Lock a file unless another process has it."""
        descriptor = self._files.get(name)
        if descriptor is None:
            self._directory.mkdir(mode=0o755, parents=True, exist_ok=True)
            flags = os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC
            descriptor = self._files[name] = os.open(self._directory / name, flags, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give_back(self, name: str) -> None:
        with self._guard:
            if name in self._taken and self._process == os.getpid():
                fcntl.flock(self._files[name], fcntl.LOCK_UN)
                self._taken.remove(name)

    def _forget_what_a_parent_holds(self) -> None:
        """After a fork: files that are open in two processes are locked for both, so each opens its own."""
        if self._process != os.getpid():
            _close_all(self._files)
            self._taken.clear()
            self._process = os.getpid()


def _close_all(files: dict[str, int]) -> None:
    while files:
        os.close(files.popitem()[1])
