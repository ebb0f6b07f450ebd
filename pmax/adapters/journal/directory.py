"""The journal on disk: a directory with one file for each process that has something under way.

A process writes its own file and no other. It takes over the files whose owners are gone, one process at a time, and
keeps them until what is in them is finished or given up. An operation that is given up while its process lives on goes
to a file that nobody owns, so that any process, an administrator's command above all, can take it over at once.

Nothing is made on disk before the first operation begins, and no file stays when there is nothing to remember, apart
from the empty lock file under which files are taken over.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import attrs

from pmax.adapters.journal.file import FILE_SUFFIX, DamagedFile, JournalFile, OtherVersion
from pmax.adapters.journal.memory import NO_REASON
from pmax.adapters.journal.ownership import sole_claimant, sweep_lone_locks
from pmax.domain.errors import PmaxError
from pmax.domain.plans import Plan, Step, StepOutcome
from pmax.ports.runtime import Clock, Journal, JournalEntry, LockKey

_log = logging.getLogger(__name__)

#: Pauses before looking again while another process is taking over, which it does in a moment.
_LOOKS_AGAIN_S = (0.02, 0.1)


@attrs.frozen(str=False)
class JournalFailed(PmaxError):
    """The journal could not be written or read, so nothing was begun that it would have to remember.

    Attributes:
        directory: where it is.
        cause: the system's words.
    """

    directory: str
    cause: str

    def __str__(self) -> str:
        return (
            f"the journal in {self.directory} cannot be used ({self.cause}): check pmax_journal_directory and its disk"
        )


class SqliteJournal(Journal):
    """A journal that survives the death of its process at any moment. Safe for use by several threads.

    Args:
        directory: on a local file system; made when the first operation begins.
        clock: tells when an operation began.
    """

    def __init__(self, directory: str | os.PathLike[str], clock: Clock) -> None:
        self._directory = Path(directory)
        self._clock = clock
        self._guard = threading.Lock()
        self._own: JournalFile | None = None
        self._claimed: list[JournalFile] = []
        self._file_of: dict[str, JournalFile] = {}

    def begin(self, command: str, plan: Plan, locks: tuple[LockKey, ...]) -> str:
        """Remember an operation before its first step; returns its id.

        Raises:
            JournalFailed: it cannot be remembered.
        """
        entry = JournalEntry(
            operation_id=str(uuid.uuid4()),
            command=command,
            locks=locks,
            plan=plan,
            started_s=self._clock.epoch_s(),
            owner=f"{socket.gethostname()}, process {os.getpid()}",
        )
        with self._guarded():
            if self._own is None:
                self._own = self._new_file()
            self._own.add(entry)
            self._file_of[entry.operation_id] = self._own
        return entry.operation_id

    def intend(self, operation_id: str, index: int, step: Step) -> None:
        """Remember a step before it is sent.

        Raises:
            JournalFailed: it cannot be remembered.
            KeyError: this journal has no such operation.
        """
        with self._guarded():
            self._file_of[operation_id].intend(operation_id, index, step)

    def record(self, operation_id: str, index: int, outcome: StepOutcome) -> None:
        """Remember what a step did.

        Raises:
            JournalFailed: it cannot be remembered.
            KeyError: this journal has no such operation.
        """
        with self._guarded():
            self._file_of[operation_id].record(operation_id, index, outcome)

    def forget_step(self, operation_id: str, index: int) -> None:
        """Forget a step that had no effect, or was taken back.

        Raises:
            JournalFailed: it cannot be forgotten.
            KeyError: this journal has no such operation.
        """
        with self._guarded():
            self._file_of[operation_id].forget_step(operation_id, index)

    def finish(self, operation_id: str) -> None:
        """Forget an operation; one that is forgotten already stays so.

        Raises:
            JournalFailed: it cannot be forgotten.
        """
        with self._guarded():
            file = self._file_of.get(operation_id)
            if file is None:
                return
            file.forget(operation_id)
            del self._file_of[operation_id]
            if file is not self._own and not file.operation_ids():
                self._let_go(file)

    def abandon(self, operation_id: str, error: str) -> None:
        """Keep an operation that is over and left something, where any process can take it over.

        One that this journal does not have, because it is finished or was given up already, stays as it is.

        Raises:
            JournalFailed: the error cannot be remembered; the operation itself still is.
        """
        with self._guarded():
            file = self._file_of.get(operation_id)
            if file is None:
                return
            file.give_up(operation_id, error or NO_REASON)
            if file.operation_ids() == (operation_id,):
                self._let_go(file)
                return
            apart = self._new_file()
            file.move(operation_id, apart)
            del self._file_of[operation_id]
            apart.let_go()

    def unfinished(self) -> tuple[JournalEntry, ...]:
        """Take over what dead processes left and what was given up, and give it, oldest first.

        What this journal gives it keeps: no other process is given the same until it is abandoned again or this journal
        is closed. While another process is taking over, that process gets everything.

        Raises:
            JournalFailed: the directory cannot be read.
        """
        for pause_s in _LOOKS_AGAIN_S:
            with self._guarded():
                if self._take_over() is not None:
                    return self._everything()
            self._clock.sleep(pause_s)
        with self._guarded():
            self._take_over()
            return self._everything()

    def left(self, is_wanted: Callable[[JournalEntry], bool]) -> tuple[JournalEntry, ...] | None:
        """Likewise, as far as it is wanted; a file in which nothing is wanted is let go at once.

        Returns:
            None if another process is taking over at this moment.

        Raises:
            JournalFailed: the directory cannot be read.
        """
        with self._guarded():
            if not self._claimed and not self._foreign_paths():
                return ()
            taken = self._take_over()
            if taken is None:
                return None
            entries = self._everything()
            wanted = tuple(filter(is_wanted, entries))
            needed = {self._file_of[entry.operation_id] for entry in wanted}
            for file in taken - needed:
                if file in self._claimed:
                    self._let_go(file)
            return wanted

    def has(self, operation_id: str) -> bool:
        """Whether this journal has the operation, and nobody has ended it."""
        with self._guard:
            return operation_id in self._file_of

    def close(self) -> None:
        """Let go of every file. Operations that are not finished are left to whoever comes next."""
        with self._guarded():
            for file in (*self._claimed, *([self._own] if self._own else [])):
                self._let_go(file)

    def _take_over(self) -> set[JournalFile] | None:
        """Take over every file without an owner; None if another process is at it."""
        if not self._directory.is_dir():
            return set()
        known = set(self._claimed)
        with sole_claimant(self._directory) as is_sole:
            if not is_sole:
                return None
            while self._claim_all():
                pass  # once more: an owner that died meanwhile may have made another file before
            sweep_lone_locks(self._directory, FILE_SUFFIX)
        return set(self._claimed) - known

    def _foreign_paths(self) -> list[Path]:
        """Files that this journal does not own."""
        own = {file.path for file in (*self._claimed, *([self._own] if self._own else []))}
        return sorted(set(self._directory.glob(f"*{FILE_SUFFIX}")) - own)

    def _claim_all(self) -> bool:
        """Likewise, once; whether there was one."""
        claimed = [file for path in self._foreign_paths() if (file := _claim(path))]
        self._claimed += claimed
        return bool(claimed)

    def _everything(self) -> tuple[JournalEntry, ...]:
        """What is in the files that were taken over; one in which there is nothing is let go."""
        entries: dict[str, JournalEntry] = {}
        for file in tuple(self._claimed):
            for entry in self._entries(file):
                self._keep_one(entries, entry, file)
        for file in set(self._claimed).difference(self._file_of[operation_id] for operation_id in entries):
            self._let_go(file)
        return tuple(sorted(entries.values(), key=lambda entry: (entry.started_s, entry.operation_id)))

    def _entries(self, file: JournalFile) -> tuple[JournalEntry, ...]:
        try:
            return file.entries()
        except DamagedFile as error:
            _tell_damage(error)
        except OtherVersion as error:
            _tell_version(error)
        except sqlite3.Error as error:
            _log.warning("the journal file %s cannot be read now (%s) and was left alone", file.path, error)
        self._claimed.remove(file)
        self._file_of = {operation: owner for operation, owner in self._file_of.items() if owner is not file}
        return ()

    def _keep_one(self, entries: dict[str, JournalEntry], entry: JournalEntry, file: JournalFile) -> None:
        """Keep the better of two copies: the one that says why the operation was given up."""
        other = entries.get(entry.operation_id)
        if other is None or entry.error:
            if other is not None:
                self._file_of[entry.operation_id].forget(entry.operation_id)
            entries[entry.operation_id] = entry
            self._file_of[entry.operation_id] = file
        else:
            file.forget(entry.operation_id)

    def _let_go(self, file: JournalFile) -> None:
        file.let_go()
        self._file_of = {operation: owner for operation, owner in self._file_of.items() if owner is not file}
        if file is self._own:
            self._own = None
        else:
            self._claimed.remove(file)

    def _new_file(self) -> JournalFile:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        milliseconds = int(self._clock.epoch_s() * 1000)
        host = quote(socket.gethostname(), safe="")[:64]
        return JournalFile.create(self._directory, f"{milliseconds:013d}-{host}-{os.getpid()}-{secrets.token_hex(4)}")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        with self._guard:
            try:
                yield
            except (OSError, sqlite3.Error) as error:
                raise JournalFailed(str(self._directory), str(error)) from error


def _claim(path: Path) -> JournalFile | None:
    try:
        return JournalFile.claim(path)
    except DamagedFile as error:
        _tell_damage(error)
    except OtherVersion as error:
        _tell_version(error)
    except (OSError, sqlite3.Error) as error:
        _log.warning("the journal file %s cannot be opened (%s) and was left alone", path, error)
    return None


def _tell_damage(error: DamagedFile) -> None:
    _log.warning("%s: look at the array for what its operations left, then delete it", error)


def _tell_version(error: OtherVersion) -> None:
    _log.warning("%s: the file was left alone, use the version of pmax that wrote it", error)
