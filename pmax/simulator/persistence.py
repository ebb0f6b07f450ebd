"""Keeps the world in an SQLite file: what a client was told is still true after the simulator was killed.

Each commit of the world is one transaction of SQLite, written before the world itself changes and before the answer
leaves. Whoever kills the process loses at most the request in flight, which is then there whole or not at all. When the
machine itself fails, the last commits may be lost, but none is torn (SQLite: write-ahead log, `synchronous=NORMAL`).

Rows are JSON texts under the name of their table, so that a file can be looked at with `sqlite3`. What is volatile,
such as open iterators, is lost as a restarted Unisphere loses it.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import cattrs

from pmax.simulator.state.schema import SCHEMA
from pmax.simulator.state.transaction import Change

FORMAT = 1
"""Of the file. The fields of records may grow without a new format: what is missing is as it is by default."""

_APPLICATION_ID = 0x706D6178
"""Tells our files from other databases: `pmax`."""

_MAKE = "CREATE TABLE row (kind TEXT, scope TEXT, id TEXT, content TEXT, PRIMARY KEY (kind, scope, id)) WITHOUT ROWID"
_PUT = "INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?)"
_DELETE = "DELETE FROM row WHERE kind = ? AND scope = ? AND id = ?"
_READ = "SELECT kind, scope, id, content FROM row"
_LOCK_TIMEOUT_S = 0.5


class StateFileError(ValueError):
    """A file cannot be used to keep the simulator's state.

    Attributes:
        path: of the file.
        problem: why not.
    """

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class StateFile:
    """The file of one running simulator, which has it alone.

    Attributes:
        is_new: there is nothing in it yet.
    """

    def __init__(self, path: Path) -> None:
        """Open a file, or make it.

        Raises:
            StateFileError: it is no such file, of another format, in use by another simulator, or cannot be written.
        """
        self._path = path
        self._specs = {spec.name: spec for spec in SCHEMA}
        self._converter = cattrs.Converter(forbid_extra_keys=True)
        try:
            # The world's lock keeps threads apart, and `isolation_level=None` leaves transactions to us.
            self._database = sqlite3.connect(
                path, timeout=_LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StateFileError(path, f"it cannot be opened: {error}") from error
        try:
            self.is_new = self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            raise StateFileError(path, _explain(error)) from error
        except StateFileError:
            self._database.close()
            raise

    def _prepare(self) -> bool:
        """Take the file into use; say whether it is new."""
        execute = self._database.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("BEGIN EXCLUSIVE")
        (application_id,), (version,) = (
            execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        is_empty = execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        if not is_empty and application_id != _APPLICATION_ID:
            raise StateFileError(self._path, "it is a database of something else")
        if not is_empty and version != FORMAT:
            raise StateFileError(self._path, f"it has format {version}, this simulator reads format {FORMAT}")
        if is_empty:
            execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            execute(f"PRAGMA user_version = {FORMAT}")
            execute(_MAKE)
        execute("COMMIT")
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = NORMAL")
        return is_empty or bool(execute("SELECT count(*) FROM row").fetchone() == (0,))

    def load(self) -> Iterator[Change]:
        """Read all rows.

        Raises:
            StateFileError: one does not fit what this simulator knows.
        """
        try:
            for kind, scope, key, content in self._database.execute(_READ):
                yield self._change(kind, scope, key, content)
        except sqlite3.Error as error:
            raise StateFileError(self._path, _explain(error)) from error

    def save(self, changes: Iterable[Change]) -> None:
        """Write changes in one transaction, or none of them.

        Raises:
            StateFileError: they cannot be written, because the disk is full for example.
        """
        lasting = [change for change in changes if not change.spec.is_volatile]
        if not lasting:
            return
        execute = self._database.execute
        try:
            execute("BEGIN")
            for change in lasting:
                place = (change.spec.name, change.scope, _ascii(change.key))
                if change.row is None:
                    execute(_DELETE, place)
                else:
                    execute(_PUT, (*place, json.dumps(self._converter.unstructure(change.row), separators=(",", ":"))))
            execute("COMMIT")
        except sqlite3.Error as error:
            if self._database.in_transaction:
                execute("ROLLBACK")
            raise StateFileError(self._path, _explain(error)) from error

    def close(self) -> None:
        """Close the file; nothing is left beside it."""
        self._database.close()

    def _change(self, kind: str, scope: str, key: str, content: str) -> Change:
        spec = self._specs.get(kind)
        if spec is None:
            raise StateFileError(self._path, f"its table {kind} is not known")
        try:
            row = self._converter.structure(json.loads(content), spec.record)
        except (cattrs.BaseValidationError, ValueError, TypeError, AttributeError) as error:
            problems = (
                "; ".join(cattrs.transform_error(error, path="row")) if isinstance(error, ExceptionGroup) else error
            )
            raise StateFileError(self._path, f"{kind} {key} does not fit: {problems}") from error
        if _ascii(spec.key(row)) != key:
            raise StateFileError(self._path, f"{kind} {key} holds another row")
        return Change(spec, scope, spec.key(row), row)


def _ascii(key: str) -> str:
    """Return a key as SQLite can hold it: clients can smuggle half a surrogate pair into a name."""
    return key if key.isascii() else json.dumps(key)[1:-1]


def _explain(error: sqlite3.Error) -> str:
    if "locked" in str(error):
        return "another simulator uses it"
    if "not a database" in str(error):
        return "it is no SQLite file"
    return f"it cannot be used: {error}"
