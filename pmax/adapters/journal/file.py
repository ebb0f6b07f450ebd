"""One SQLite file of the journal: the operations of one process, or one operation that was given up.

What belongs here: the tables, and what is done with one file. What does not: which files there are (`directory`).

Only its owner opens a file, so SQLite's own locks are never waited for (`timeout=0`). Each change is one short
transaction, on the disk when it returns (`synchronous=FULL`); a write that a crash tears is not in the file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pmax.adapters.journal import records
from pmax.adapters.journal.ownership import LOCK_SUFFIX, Ownership
from pmax.domain.plans import Step, StepOutcome
from pmax.ports.runtime import JournalEntry, JournalStep

FILE_SUFFIX = ".journal"
_DAMAGED = ".damaged"
#: What SQLite keeps beside a file.
_COMPANIONS = ("", "-wal", "-shm")

_TABLES = (
    """
    CREATE TABLE operation (
        operation_id TEXT PRIMARY KEY,
        command TEXT NOT NULL,
        locks TEXT NOT NULL,
        plan TEXT NOT NULL,
        started_s REAL NOT NULL,
        owner TEXT NOT NULL,
        error TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE step (
        operation_id TEXT NOT NULL REFERENCES operation ON DELETE CASCADE,
        position INTEGER NOT NULL,
        step TEXT NOT NULL,
        outcome TEXT,
        PRIMARY KEY (operation_id, position)
    )
    """,
    f"PRAGMA user_version = {records.FORMAT_VERSION}",
)

_INSERT_OPERATION = "INSERT INTO operation VALUES (?, ?, ?, ?, ?, ?, ?)"
_INSERT_STEP = "INSERT INTO step VALUES (?, ?, ?, ?)"

#: SQLite's results that mean trouble with the disk or with permissions, and not with what is in the file.
_NOT_THE_FILES_FAULT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


class DamagedFile(Exception):
    """What is in a file makes no sense."""


class OtherVersion(Exception):
    """A file was written by a version of the journal that this one does not know."""


class JournalFile:
    """A file that this process owns, open.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path, ownership: Ownership) -> None:
        self.path = path
        self._ownership = ownership
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row

    @classmethod
    def create(cls, directory: Path, stem: str) -> JournalFile:
        """Make a new, empty file and own it.

        Raises:
            OSError: the file cannot be made.
            sqlite3.Error: likewise.
        """
        path = directory / f"{stem}{FILE_SUFFIX}"
        with ExitStack() as unless_made:
            ownership = Ownership.new(path.with_suffix(LOCK_SUFFIX))
            unless_made.callback(ownership.end)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            unless_made.callback(path.unlink)
            created = cls(path, ownership)
            unless_made.callback(created._connection.close)
            created._prepare()
            created._connection.execute("PRAGMA journal_mode = WAL")
            created._make_tables()
            _sync_directory(directory)
            unless_made.pop_all()
        return created

    @classmethod
    def claim(cls, path: Path) -> JournalFile | None:
        """Take over the file of an owner that is gone; None if the owner lives, or the file is gone too.

        Raises:
            DamagedFile: it was set aside; the message says where.
            OtherVersion: it was left alone.
            OSError: it cannot be opened; it was left alone.
            sqlite3.Error: likewise.
        """
        ownership = Ownership.take(path.with_suffix(LOCK_SUFFIX))
        if ownership is None:
            return None
        if not path.exists():
            ownership.end()
            return None
        try:
            claimed = cls(path, ownership)
        except BaseException:
            ownership.let_go()
            raise
        with claimed._judged():
            claimed._refuse_lone_log()
            claimed._prepare()
            claimed._check()
        return claimed

    def add(self, entry: JournalEntry) -> None:
        """Remember an operation that has no steps yet."""
        with self._transaction():
            self._connection.execute(
                _INSERT_OPERATION,
                (
                    entry.operation_id,
                    entry.command,
                    records.encode_locks(entry.locks),
                    records.encode_plan(entry.plan),
                    entry.started_s,
                    entry.owner,
                    entry.error,
                ),
            )

    def intend(self, operation_id: str, index: int, step: Step) -> None:
        """Remember a step before it is sent, in the place of what was remembered of that position."""
        row = (operation_id, index, records.encode_step(step))
        self._connection.execute("INSERT OR REPLACE INTO step VALUES (?, ?, ?, NULL)", row)

    def record(self, operation_id: str, index: int, outcome: StepOutcome) -> None:
        """Remember what a step did."""
        row = (records.encode_outcome(outcome), operation_id, index)
        self._connection.execute("UPDATE step SET outcome = ? WHERE operation_id = ? AND position = ?", row)

    def forget_step(self, operation_id: str, index: int) -> None:
        """Forget a step."""
        self._connection.execute("DELETE FROM step WHERE operation_id = ? AND position = ?", (operation_id, index))

    def forget(self, operation_id: str) -> None:
        """Forget an operation."""
        self._connection.execute("DELETE FROM operation WHERE operation_id = ?", (operation_id,))

    def move(self, operation_id: str, target: JournalFile) -> None:
        """Give an operation to another file. A crash in the middle leaves it in both, as whoever reads both can see."""
        operation = self._connection.execute("SELECT * FROM operation WHERE operation_id = ?", (operation_id,))
        steps = self._connection.execute("SELECT * FROM step WHERE operation_id = ?", (operation_id,))
        with target._transaction():
            target._connection.executemany(_INSERT_OPERATION, operation.fetchall())
            target._connection.executemany(_INSERT_STEP, steps.fetchall())
        self.forget(operation_id)

    def give_up(self, operation_id: str, error: str) -> None:
        """Remember why an operation was given up."""
        self._connection.execute("UPDATE operation SET error = ? WHERE operation_id = ?", (error, operation_id))

    def operation_ids(self) -> tuple[str, ...]:
        """Every operation in the file."""
        return tuple(row[0] for row in self._connection.execute("SELECT operation_id FROM operation"))

    def entries(self) -> tuple[JournalEntry, ...]:
        """Every operation in the file, in no particular order.

        Raises:
            DamagedFile: it was set aside, and this object is closed.
            OtherVersion: it was left alone, and this object is closed.
            sqlite3.Error: likewise.
        """
        with self._judged():
            rows = self._connection.execute("SELECT * FROM operation").fetchall()
            return tuple(self._entry(row) for row in rows)

    def let_go(self) -> None:
        """Close the file and let others take it over; an empty one is removed."""
        is_empty = not self.operation_ids()
        self._connection.close()
        if not is_empty:
            self._ownership.let_go()
            return
        for companion in _COMPANIONS:
            self.path.with_name(self.path.name + companion).unlink(missing_ok=True)
        self._ownership.end()

    def _entry(self, row: sqlite3.Row) -> JournalEntry:
        steps = self._connection.execute(
            "SELECT * FROM step WHERE operation_id = ? ORDER BY position", (row["operation_id"],)
        )
        return JournalEntry(
            operation_id=row["operation_id"],
            command=row["command"],
            locks=records.decode_locks(row["locks"]),
            plan=records.decode_plan(row["plan"]),
            steps=tuple(_step(begun) for begun in steps),
            started_s=row["started_s"],
            owner=row["owner"],
            error=row["error"],
        )

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")

    def _make_tables(self) -> None:
        with self._transaction():
            for statement in _TABLES:
                self._connection.execute(statement)

    def _refuse_lone_log(self) -> None:
        """Look whether there is a log without a file, before SQLite does: it would delete the log."""
        log = self.path.with_name(f"{self.path.name}-wal")
        if self.path.stat().st_size == 0 and log.exists() and log.stat().st_size > 0:
            raise DamagedFile("it is empty, but its log is not")

    def _check(self) -> None:
        """Look whether the file is whole. One that a crash left before its tables were made gets them, and is empty."""
        verdict = self._connection.execute("PRAGMA quick_check").fetchone()[0]
        if verdict != "ok":
            raise DamagedFile(str(verdict))
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._make_tables()
        elif version != records.FORMAT_VERSION:
            raise OtherVersion(f"{self.path} has format {version}, and this is {records.FORMAT_VERSION}")

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Set the file aside if what is in it makes no sense, and leave it alone if something else is wrong."""
        try:
            yield
        except records.UnknownStep as error:
            self._leave_alone()
            raise OtherVersion(f"{self.path}: {error}") from error
        except (DamagedFile, records.UnreadableRecord) as error:
            raise DamagedFile(self._set_aside(error)) from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code is not None and code & 0xFF in _NOT_THE_FILES_FAULT:
                self._leave_alone()
                raise
            raise DamagedFile(self._set_aside(error)) from error
        except OtherVersion:
            self._leave_alone()
            raise

    def _set_aside(self, error: Exception) -> str:
        """Rename the file while it is open: SQLite then finds no log to tidy up, and everything stays as it was."""
        aside = self.path.with_name(self.path.name + _DAMAGED)
        try:
            for companion in _COMPANIONS:
                part = self.path.with_name(self.path.name + companion)
                if part.exists():
                    part.rename(aside.with_name(aside.name + companion))
            self._ownership.path.unlink(missing_ok=True)
        finally:
            self._leave_alone()
        return f"{self.path} is damaged ({error}) and was set aside as {aside.name}"

    def _leave_alone(self) -> None:
        self._connection.close()
        self._ownership.let_go()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
                self._connection.execute("ROLLBACK")
            raise


def _step(row: sqlite3.Row) -> JournalStep:
    outcome = row["outcome"]
    return JournalStep(
        index=row["position"],
        step=records.decode_step(row["step"]),
        outcome=None if outcome is None else records.decode_outcome(outcome),
    )


def _sync_directory(directory: Path) -> None:
    """Make the name of a new file as durable as what is in it."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
