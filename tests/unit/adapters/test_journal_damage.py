"""What the journal on disk does with files that are torn, destroyed, or not its own."""

import logging
import sqlite3
import typing
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from pmax.adapters.journal import SqliteJournal
from pmax.adapters.journal.file import FILE_SUFFIX
from tests.unit.adapters.dying_processes import leave_an_operation
from tests.unit.adapters.locks_contract import SteppedClock
from tests.unit.adapters.plan_samples import LOCKS, PLAN


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the journal is; it does not exist yet."""
    return tmp_path / "state" / "journal"


@pytest.fixture
def open_journal(directory: Path) -> Iterator[typing.Callable[[], SqliteJournal]]:
    """Opens journals over one directory, each as a process of its own would have it."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(SqliteJournal(directory, SteppedClock())))


@pytest.fixture
def left_by_the_dead(directory: Path) -> str:
    """A process was killed in the middle of an operation; its id."""
    return leave_an_operation(directory)


def journal_file(directory: Path) -> Path:
    """The one file of the journal."""
    [path] = directory.glob(f"*{FILE_SUFFIX}")
    return path


def change(path: Path, statement: str, *values: object) -> None:
    """Change a file of the journal behind its back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def overwrite(path: Path, offset: int, length: int) -> None:
    """Destroy a part of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * length)


def settle_log(path: Path) -> None:
    """Bring everything from the log into the file itself."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_a_torn_write_costs_only_itself(
    open_journal, directory: Path, left_by_the_dead: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A log that ends in the middle of a write is read up to the write before, without a word."""
    log = journal_file(directory).with_name(f"{journal_file(directory).name}-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 100)
    [entry] = open_journal().unfinished()
    assert entry.operation_id == left_by_the_dead
    assert [step.index for step in entry.steps] == [0]
    assert caplog.text == ""


@pytest.mark.parametrize("place", ["head", "middle"])
def test_a_destroyed_file_is_set_aside(
    open_journal, directory: Path, left_by_the_dead: str, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """A file that SQLite cannot read is renamed and told, and everything else goes on."""
    path = journal_file(directory)
    settle_log(path)
    overwrite(path, 0 if place == "head" else 4096, 200 if place == "head" else 8192)
    destroyed = path.read_bytes()
    journal = open_journal()
    assert journal.unfinished() == ()
    aside = directory / f"{path.name}.damaged"
    assert aside.read_bytes() == destroyed
    assert not path.exists()
    assert f"set aside as {aside.name}" in caplog.text
    assert "look at the array" in caplog.text
    journal.finish(journal.begin("AttachVolume", PLAN, LOCKS))


def test_a_file_that_was_cut_to_nothing_keeps_its_log(
    open_journal, directory: Path, left_by_the_dead: str, caplog: pytest.LogCaptureFixture
) -> None:
    """If only the log is left, it is set aside too: SQLite would take the file for new and delete the log."""
    path = journal_file(directory)
    log = path.with_name(f"{path.name}-wal").read_bytes()
    path.write_bytes(b"")
    assert open_journal().unfinished() == ()
    assert (directory / f"{path.name}.damaged-wal").read_bytes() == log
    assert "its log is not" in caplog.text


@pytest.mark.parametrize(
    ("statement", "value", "words"),
    [
        ("UPDATE step SET step = ?", "{", "JSONDecodeError"),
        ("UPDATE step SET step = ?", "[]", "TypeError"),
        ("UPDATE step SET step = ?", '{"array_id":"1","name":"n","kind":"PruneInitiatorGroup","x":1}', "extra"),
        (
            "UPDATE step SET step = ?",
            '{"array_id":"1","name":7,"kind":"PruneInitiatorGroup"}',
            "expected str @ $.name",
        ),
        ("UPDATE step SET step = ?", '{"array_id":"1","kind":"PruneInitiatorGroup"}', "required field missing"),
        ("UPDATE step SET outcome = ?", '{"changed":"false"}', "expected bool @ $.changed"),
        ("UPDATE operation SET plan = ?", '{"steps":[],"recovery":"retry"}', "$.recovery"),
        ("UPDATE operation SET locks = ?", '[{"array_id":"1","kind":"host"}]', "name"),
        ("UPDATE operation SET plan = ?", b"\xff\xfe", "damaged"),
        ("ALTER TABLE step RENAME TO ?", "steps", "no such table"),
    ],
)
def test_a_record_that_makes_no_sense_is_set_aside(
    directory: Path, left_by_the_dead: str, caplog, statement: str, value: object, words: str
) -> None:
    """Nothing is guessed from a record with unknown, missing or wrong parts: the file is set aside, and why."""
    path = journal_file(directory)
    if "RENAME" in statement:
        change(path, statement.replace("?", str(value)))
    else:
        change(path, statement, value)
    assert SqliteJournal(directory, SteppedClock()).unfinished() == ()
    assert (directory / f"{path.name}.damaged").exists()
    assert words in caplog.text


def test_a_damaged_file_does_not_hide_a_good_one(open_journal, directory: Path, left_by_the_dead: str) -> None:
    """What other processes left is given, whatever became of one file."""
    settle_log(journal_file(directory))
    overwrite(journal_file(directory), 0, 200)
    other = open_journal()
    operation_id = other.begin("AttachVolume", PLAN, LOCKS)
    other.close()
    assert [entry.operation_id for entry in open_journal().unfinished()] == [operation_id]


def test_a_file_of_another_version_is_left_alone(
    open_journal, directory: Path, left_by_the_dead: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that a newer pmax wrote stays as it is, for the pmax that wrote it."""
    path = journal_file(directory)
    change(path, "PRAGMA user_version = 99")
    assert open_journal().unfinished() == ()
    assert path.exists()
    assert "use the version of pmax that wrote it" in caplog.text
    change(path, "PRAGMA user_version = 1")
    assert [entry.operation_id for entry in open_journal().unfinished()] == [left_by_the_dead]


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE step SET step = ?", '{"array_id":"1","kind":"SplitSnapshot"}'),
        ("UPDATE operation SET plan = ?", '{"steps":[{"array_id":"1","kind":"SplitSnapshot"}],"recovery":"undo"}'),
    ],
)
def test_a_step_of_another_version_is_left_alone(
    directory: Path, left_by_the_dead: str, caplog: pytest.LogCaptureFixture, statement: str, value: str
) -> None:
    """A step that this version does not have is no damage: whoever goes back to the newer pmax finds it as it was."""
    path = journal_file(directory)
    change(path, statement, value)
    with closing(SqliteJournal(directory, SteppedClock())) as journal:
        assert journal.unfinished() == ()
        assert path.exists()
        assert "no step SplitSnapshot" in caplog.text
        caplog.clear()
        assert journal.unfinished() == ()
        assert "no step SplitSnapshot" in caplog.text


def test_a_file_that_cannot_be_opened_is_left_alone(
    open_journal, directory: Path, left_by_the_dead: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble with the disk is no reason to set a file aside, nor to fail."""
    (directory / "a directory.journal").mkdir()
    with caplog.at_level(logging.WARNING):
        assert [entry.operation_id for entry in open_journal().unfinished()] == [left_by_the_dead]
    assert "a directory.journal cannot be opened" in caplog.text
    assert (directory / "a directory.journal").is_dir()
