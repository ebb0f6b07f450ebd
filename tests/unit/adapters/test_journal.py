"""What both journals must do, and what the one on disk must survive."""

import threading
import typing
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import attrs
import pytest

from pmax.adapters.journal import JournalFailed, MemoryJournal, SqliteJournal, records
from pmax.adapters.journal.file import JournalFile
from pmax.adapters.journal.ownership import Ownership, sole_claimant
from pmax.domain.plans import Plan, Step, StepOutcome
from pmax.domain.settings import Chap, Secret, Settings, UnisphereServer
from pmax.ports.runtime import Journal, JournalEntry, JournalStep, LockKey
from tests.unit.adapters.dying_processes import DIES_IN_THE_MIDDLE, child, die, leave_an_operation, line_of, rest_of
from tests.unit.adapters.locks_contract import SteppedClock
from tests.unit.adapters.plan_samples import LOCKS, OUTCOME, PLAN, STEPS

TAKES_OVER = """
say(*(entry.operation_id for entry in journal.unfinished()))
sys.stdin.read()
"""

#: Each line that it says is true on the disk.
NEVER_RESTS = """
while True:
    operation = journal.begin("AttachVolume", PLAN, LOCKS)
    say("begun")
    for index in range(3):
        journal.intend(operation, index, STEPS[index])
        say("intended")
        journal.record(operation, index, OUTCOME)
        say("recorded")
    journal.forget_step(operation, 2)
    say("forgot")
    journal.finish(operation)
    say("finished")
"""

#: Steps as (begun, with an outcome) after each line of NEVER_RESTS; None: there is no operation.
STATES = [None, (0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (2, 2)]


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


@pytest.fixture(params=["in memory", "on disk"])
def journal(request: pytest.FixtureRequest, directory: Path) -> Iterator[Journal]:
    """Each of the two."""
    if request.param == "in memory":
        yield MemoryJournal(SteppedClock())
    else:
        with closing(SqliteJournal(directory, SteppedClock())) as on_disk:
            yield on_disk


class TestBothJournals:
    def test_an_operation_under_way_is_not_unfinished(self, journal: Journal) -> None:
        """What a living process works on is not offered to anybody."""
        journal.begin("AttachVolume", PLAN, LOCKS)
        assert journal.unfinished() == ()

    def test_an_abandoned_operation_is_kept_whole(self, journal: Journal) -> None:
        """Command, plan, locks, steps with their outcomes, time and error come back as they went in."""
        operation_id = journal.begin("AttachVolume", PLAN, LOCKS)
        journal.intend(operation_id, 0, STEPS[0])
        journal.record(operation_id, 0, OUTCOME)
        journal.intend(operation_id, 3, STEPS[3])
        journal.abandon(operation_id, "the array went away")
        [entry] = journal.unfinished()
        assert entry.owner
        assert attrs.evolve(entry, owner="") == JournalEntry(
            operation_id=operation_id,
            command="AttachVolume",
            locks=LOCKS,
            plan=PLAN,
            steps=(JournalStep(index=0, step=STEPS[0], outcome=OUTCOME), JournalStep(index=3, step=STEPS[3])),
            started_s=1_800_000_000.0,
            error="the array went away",
        )

    def test_a_finished_operation_is_forgotten(self, journal: Journal) -> None:
        """Nothing stays of a finished operation, and to finish or abandon it once more changes nothing."""
        operation_id = journal.begin("AttachVolume", PLAN, LOCKS)
        journal.finish(operation_id)
        journal.finish(operation_id)
        journal.abandon(operation_id, "too late")
        assert journal.unfinished() == ()

    def test_an_abandoned_operation_can_be_finished_later(self, journal: Journal) -> None:
        """Recovery goes on with an abandoned operation under its id, and finishes it."""
        operation_id = journal.begin("AttachVolume", PLAN, LOCKS)
        journal.intend(operation_id, 0, STEPS[0])
        journal.abandon(operation_id, "the array went away")
        journal.unfinished()
        journal.record(operation_id, 0, OUTCOME)
        assert journal.unfinished()[0].steps[0].outcome == OUTCOME
        journal.finish(operation_id)
        assert journal.unfinished() == ()

    def test_a_forgotten_step_is_gone(self, journal: Journal) -> None:
        """A step that had no effect is not in the entry; begun anew, it has no outcome until it has one."""
        operation_id = journal.begin("AttachVolume", PLAN, LOCKS)
        for index in (0, 1):
            journal.intend(operation_id, index, STEPS[index])
            journal.record(operation_id, index, OUTCOME)
            journal.forget_step(operation_id, index)
        journal.intend(operation_id, 1, STEPS[1])
        journal.abandon(operation_id, "x")
        assert journal.unfinished()[0].steps == (JournalStep(index=1, step=STEPS[1]),)

    def test_a_step_begun_twice_is_there_once(self, journal: Journal) -> None:
        """Recovery may begin a step again; what was known of its first time is replaced."""
        operation_id = journal.begin("AttachVolume", PLAN, LOCKS)
        journal.intend(operation_id, 0, STEPS[0])
        journal.record(operation_id, 0, OUTCOME)
        journal.intend(operation_id, 0, STEPS[0])
        journal.abandon(operation_id, "x")
        assert journal.unfinished()[0].steps == (JournalStep(index=0, step=STEPS[0]),)

    def test_the_oldest_comes_first(self, journal: Journal) -> None:
        """Unfinished operations come in the order in which they began, not in that in which they were given up."""
        ids = []
        for _ in range(3):
            ids.append(journal.begin("AttachVolume", PLAN, LOCKS))
            journal._clock.sleep(1.0)
        for operation_id in reversed(ids):
            journal.abandon(operation_id, "x")
        assert [entry.operation_id for entry in journal.unfinished()] == ids

    def test_what_is_wanted_is_given_and_what_is_not_stays(self, journal: Journal) -> None:
        """`left` gives what the caller wants; the journal has it until it is finished, and nothing else is lost."""
        ids = []
        for _ in range(2):
            ids.append(journal.begin("AttachVolume", PLAN, LOCKS))
            journal.abandon(ids[-1], "x")
        assert journal.left(lambda _: False) == ()
        [wanted] = journal.left(lambda entry: entry.operation_id == ids[1]) or ()
        assert wanted.operation_id == ids[1]
        assert journal.has(ids[1])
        journal.finish(ids[1])
        assert not journal.has(ids[1])
        assert [entry.operation_id for entry in journal.unfinished()] == [ids[0]]

    def test_an_error_without_words_is_one(self, journal: Journal) -> None:
        """An operation that is abandoned without a reason is abandoned all the same."""
        journal.abandon(journal.begin("AttachVolume", PLAN, LOCKS), "")
        assert [entry.error for entry in journal.unfinished()] == ["given up"]

    def test_a_step_of_an_unknown_operation_is_a_fault(self, journal: Journal) -> None:
        """A step cannot be sent under the cover of an operation that the journal does not have."""
        with pytest.raises(KeyError):
            journal.intend("nobody's", 0, STEPS[0])
        with pytest.raises(KeyError):
            journal.record("nobody's", 0, OUTCOME)

    def test_threads_do_not_disturb_each_other(self, journal: Journal) -> None:
        """Operations of several threads at a time are each remembered whole."""

        def work() -> None:
            for _ in range(3):
                operation_id = journal.begin("AttachVolume", PLAN, LOCKS)
                for index in range(3):
                    journal.intend(operation_id, index, STEPS[index])
                    journal.record(operation_id, index, OUTCOME)
                journal.abandon(operation_id, "x")
                journal.unfinished()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(entry.steps) for entry in journal.unfinished()] == [3] * 12


class TestDeath:
    def test_an_operation_survives_its_process(self, open_journal, left_by_the_dead: str) -> None:
        """After SIGKILL the next process has the operation, with the outcome of one step and the intent of the next."""
        [entry] = open_journal().unfinished()
        assert entry.operation_id == left_by_the_dead
        assert (entry.plan, entry.locks, entry.error) == (PLAN, LOCKS, "")
        assert entry.steps == (
            JournalStep(index=0, step=STEPS[0], outcome=OUTCOME),
            JournalStep(index=1, step=STEPS[1]),
        )

    @pytest.mark.parametrize("lines", [1, 2, 3, 5, 7, 8, 9, 14])
    def test_what_a_method_returned_from_is_on_the_disk(self, open_journal, directory: Path, lines: int) -> None:
        """Wherever SIGKILL hits, the journal is as after the last method that returned, or as after the one in hand."""
        with child(NEVER_RESTS, directory) as process:
            said = [line_of(process) for _ in range(lines)]
            process.kill()
            said += rest_of(process)
        entries = open_journal().unfinished()
        found = None
        if entries:
            [entry] = entries
            found = len(entry.steps), sum(step.outcome is not None for step in entry.steps)
        done = len(said)
        assert found in (STATES[done % len(STATES)], STATES[(done + 1) % len(STATES)])

    def test_what_a_living_process_does_is_its_own(self, open_journal, directory: Path) -> None:
        """Nobody takes an operation from a process that lives."""
        with child(DIES_IN_THE_MIDDLE, directory) as process:
            line_of(process)
            assert open_journal().unfinished() == ()

    def test_only_one_process_takes_over(self, directory: Path, left_by_the_dead: str) -> None:
        """Of several processes that look at the same time, exactly one is given what a dead one left."""
        with ExitStack() as running:
            readers = [running.enter_context(child(TAKES_OVER, directory)) for _ in range(3)]
            given = sorted(line_of(reader) for reader in readers)
        assert given == ["", "", left_by_the_dead]

    def test_who_took_over_and_dies_leaves_it_to_the_next(
        self, open_journal, directory: Path, left_by_the_dead: str
    ) -> None:
        """An operation whose second process dies too is given to a third."""
        with child(TAKES_OVER, directory) as second:
            assert line_of(second) == left_by_the_dead
            assert open_journal().unfinished() == ()
            die(second)
        assert [entry.operation_id for entry in open_journal().unfinished()] == [left_by_the_dead]

    def test_what_was_taken_over_can_be_finished(self, open_journal, directory: Path, left_by_the_dead: str) -> None:
        """Steps and end of an operation that was taken over are written where it stands, and then its file goes."""
        rescuer = open_journal()
        rescuer.unfinished()
        rescuer.record(left_by_the_dead, 1, StepOutcome(changed=False))
        rescuer.forget_step(left_by_the_dead, 0)
        [entry] = rescuer.unfinished()
        assert entry.steps == (JournalStep(index=1, step=STEPS[1], outcome=StepOutcome(changed=False)),)
        rescuer.finish(left_by_the_dead)
        assert rescuer.unfinished() == open_journal().unfinished() == ()
        assert [path.name for path in directory.iterdir()] == ["claim.lock"]

    def test_what_could_not_be_recovered_is_let_go(self, open_journal, left_by_the_dead: str) -> None:
        """An operation that is abandoned by who took it over can be taken over by anybody at once, with the reason."""
        service, command = open_journal(), open_journal()
        service.unfinished()
        assert command.unfinished() == ()
        service.abandon(left_by_the_dead, "the array does not answer")
        assert [entry.error for entry in command.unfinished()] == ["the array does not answer"]
        assert service.unfinished() == ()

    def test_an_empty_file_of_the_dead_is_removed(self, open_journal, directory: Path) -> None:
        """A process that died with nothing under way leaves nothing, and nobody is told."""
        with child('journal.finish(journal.begin("x", PLAN, LOCKS)); say(); sys.stdin.read()', directory) as process:
            line_of(process)
            die(process)
        assert list(directory.glob("*.journal"))
        assert open_journal().unfinished() == ()
        assert [path.name for path in directory.iterdir()] == ["claim.lock"]


class TestFiles:
    def test_who_only_reads_leaves_nothing(self, open_journal, directory: Path) -> None:
        """A journal in which nothing is begun makes no directory."""
        assert open_journal().unfinished() == ()
        assert not directory.exists()

    def test_nothing_stays_when_nothing_is_under_way(self, directory: Path) -> None:
        """After the last operation and `close` the directory is empty."""
        journal = SqliteJournal(directory, SteppedClock())
        journal.finish(journal.begin("AttachVolume", PLAN, LOCKS))
        journal.close()
        journal.close()
        assert list(directory.iterdir()) == []

    def test_an_operation_given_up_beside_others_goes_apart(self, open_journal) -> None:
        """A process that gives up one operation and works on another leaves the first, and only that, to others."""
        service, command = open_journal(), open_journal()
        under_way = service.begin("AttachVolume", PLAN, LOCKS)
        given_up = service.begin("CreateVolume", PLAN, LOCKS)
        service.intend(given_up, 0, STEPS[0])
        service.record(given_up, 0, OUTCOME)
        service.abandon(given_up, "the array went away")
        [entry] = command.unfinished()
        assert (entry.operation_id, entry.error) == (given_up, "the array went away")
        assert entry.steps == (JournalStep(index=0, step=STEPS[0], outcome=OUTCOME),)
        service.intend(under_way, 0, STEPS[0])
        service.finish(under_way)
        command.finish(given_up)
        assert service.unfinished() == ()

    @pytest.mark.parametrize("stem", ["0 comes first", "z comes last"])
    def test_an_operation_that_is_there_twice_is_given_once(self, open_journal, directory: Path, stem: str) -> None:
        """A crash while an operation goes apart leaves two copies: the one with the reason counts, the other goes."""
        first = open_journal()
        operation_id = first.begin("AttachVolume", PLAN, LOCKS)
        copy = JournalFile.create(directory, stem)
        copy.add(
            JournalEntry(operation_id=operation_id, command="AttachVolume", locks=LOCKS, plan=PLAN, error="the reason")
        )
        copy.let_go()
        first.close()
        next_one = open_journal()
        assert [(entry.operation_id, entry.error) for entry in next_one.unfinished()] == [(operation_id, "the reason")]
        next_one.finish(operation_id)
        assert open_journal().unfinished() == ()
        assert list(directory.glob("*.journal")) == []

    def test_while_one_takes_over_no_other_does(self, open_journal, directory: Path, left_by_the_dead: str) -> None:
        """A process that finds another one taking over looks again, then leaves everything to it; or is told so."""
        with sole_claimant(directory) as is_sole:
            assert is_sole
            assert open_journal().unfinished() == ()
            assert open_journal().left(lambda _: True) is None
        assert [entry.operation_id for entry in open_journal().unfinished()] == [left_by_the_dead]

    def test_what_nobody_wants_others_can_take_over(self, open_journal, left_by_the_dead: str) -> None:
        """A look that finds nothing of interest takes nothing: another process gets it at once."""
        first, second = open_journal(), open_journal()
        assert first.left(lambda _: False) == ()
        assert not first.has(left_by_the_dead)
        [entry] = second.left(lambda _: True)
        assert entry.operation_id == left_by_the_dead
        assert first.left(lambda _: True) == ()

    def test_a_look_lets_go_of_nothing_that_is_being_recovered(self, open_journal, left_by_the_dead: str) -> None:
        """While one thread recovers what was taken over, another one looks for something else."""
        journal = open_journal()
        journal.unfinished()
        assert journal.left(lambda _: False) == ()
        assert journal.has(left_by_the_dead)
        journal.abandon(left_by_the_dead, "could not be done")
        assert not journal.has(left_by_the_dead)
        assert [entry.error for entry in open_journal().unfinished()] == ["could not be done"]

    def test_a_closed_journal_leaves_its_operations_to_the_next(self, open_journal) -> None:
        """What is not finished at `close` is unfinished for whoever comes next."""
        first = open_journal()
        operation_id = first.begin("AttachVolume", PLAN, LOCKS)
        first.close()
        assert [entry.operation_id for entry in open_journal().unfinished()] == [operation_id]

    def test_every_change_is_on_the_disk_before_its_method_returns(self, directory: Path) -> None:
        """SQLite is told to write ahead, to wait for the disk, and never to wait for another's lock."""
        directory.mkdir(parents=True)
        file = JournalFile.create(directory, "x")
        settings = [file._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]
        file.let_go()
        assert settings == ["wal", 2, 0, 1]

    @pytest.mark.parametrize("remains", ["a.lock", ".new-0123456789abcdef", "a.journal"])
    def test_what_a_process_left_that_died_at_its_birth_is_swept(
        self, open_journal, directory: Path, remains: str
    ) -> None:
        """Files of a process that died before it had begun anything go without a word."""
        directory.mkdir(parents=True)
        (directory / remains).touch()
        assert open_journal().unfinished() == ()
        assert [path.name for path in directory.iterdir()] == ["claim.lock"]

    def test_a_newborn_lock_that_is_swept_away_is_made_again(self, tmp_path: Path) -> None:
        """A process whose lock file goes before it has its name makes another, and holds it."""
        swept = tmp_path / "x.lock"
        real_take = Ownership.take
        taken: list[Path] = []

        class Swept(Ownership):
            @classmethod
            def take(cls, path: Path) -> Ownership | None:
                taken.append(path)
                if len(taken) == 1:
                    return None
                ownership = real_take(path)
                if len(taken) == 2:
                    path.unlink()
                return ownership

        ownership = Swept.new(swept)
        assert len(taken) == 3
        assert Ownership.take(swept) is None
        ownership.end()
        assert list(tmp_path.iterdir()) == []

    def test_a_place_where_nothing_can_be_written_is_told_before_anything_is_sent(self, tmp_path: Path) -> None:
        """An operation that cannot be remembered does not begin; the error names the place and the option."""
        (tmp_path / "file").touch()
        journal = SqliteJournal(tmp_path / "file" / "journal", SteppedClock())
        with pytest.raises(JournalFailed, match=r"file/journal.*pmax_journal_directory"):
            journal.begin("AttachVolume", PLAN, LOCKS)

    def test_a_disk_that_fails_is_told(self, open_journal) -> None:
        """A change that SQLite cannot write raises JournalFailed, never SQLite's own error."""
        journal = open_journal()
        operation_id = journal.begin("AttachVolume", PLAN, LOCKS)
        journal._own._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(JournalFailed, match="readonly"):
            journal.intend(operation_id, 0, STEPS[0])
        journal._own._connection.execute("PRAGMA query_only = OFF")
        journal.finish(operation_id)

    def test_a_full_disk_costs_only_what_did_not_fit(self, open_journal) -> None:
        """An operation that the disk has no room for does not begin; those before it stay, and others may follow."""
        journal = open_journal()
        first = journal.begin("AttachVolume", PLAN, LOCKS)
        pages = journal._own._connection.execute("PRAGMA page_count").fetchone()[0]
        journal._own._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(JournalFailed, match="full"):
            journal.begin("AttachVolume", PLAN, LOCKS)
        journal._own._connection.execute("PRAGMA max_page_count = 1000")
        second = journal.begin("AttachVolume", PLAN, LOCKS)
        journal.close()
        assert {entry.operation_id for entry in open_journal().unfinished()} == {first, second}

    def test_a_file_that_cannot_be_made_leaves_nothing(self, tmp_path: Path) -> None:
        """If a new file fails half-way, neither it nor its lock stays, so that it can be tried again."""
        (tmp_path / "x.journal").touch()
        with pytest.raises(FileExistsError):
            JournalFile.create(tmp_path, "x")
        assert [path.name for path in tmp_path.iterdir()] == ["x.journal"]


PRAGMAS = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")


def kinds_in(step: Step) -> tuple[list[str], list[str]]:
    """Classes of a step's fields, and of what its collections hold."""
    values = attrs.asdict(step, recurse=False).values()
    held = {type(each).__name__ for value in values if isinstance(value, frozenset | tuple) for each in value}
    return [type(value).__name__ for value in values], sorted(held)


class TestRecords:
    def test_there_is_a_sample_of_every_step(self) -> None:
        """The samples of these tests have every class of step, so that a new one cannot be forgotten."""
        assert {type(step) for step in STEPS} == set(typing.get_args(Step))

    @pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
    def test_a_step_comes_back_as_it_went(self, step: Step) -> None:
        """Each class of step has a text that says everything about it."""
        decoded = records.decode_step(records.encode_step(step))
        assert decoded == step
        # A word of a closed list equals its text, so that equality alone would not tell them apart.
        assert kinds_in(decoded) == kinds_in(step)

    def test_a_plan_an_outcome_and_locks_come_back_as_they_went(self) -> None:
        """So have plans, outcomes and locks."""
        assert records.decode_plan(records.encode_plan(PLAN)) == PLAN
        assert records.decode_plan(records.encode_plan(Plan())) == Plan()
        assert records.decode_outcome(records.encode_outcome(OUTCOME)) == OUTCOME
        assert records.decode_locks(records.encode_locks(LOCKS)) == LOCKS

    def test_no_step_has_room_for_a_secret(self) -> None:
        """No class that a plan, an outcome or a lock is made of can hold a password or the settings."""
        reachable: set[object] = set()
        to_visit: list[object] = [Step, Plan, StepOutcome, LockKey]
        while to_visit:
            kind = to_visit.pop()
            if kind in reachable:
                continue
            reachable.add(kind)
            to_visit += typing.get_args(kind)
            to_visit += [getattr(kind, "__supertype__", str)]
            if attrs.has(kind):
                to_visit += typing.get_type_hints(kind).values()
        assert set(typing.get_args(Step)) < reachable
        assert not reachable & {Secret, Settings, UnisphereServer, Chap, object, typing.Any}
        fields = {field.name for kind in reachable if attrs.has(kind) for field in attrs.fields(kind)}
        assert not {name for name in fields if "password" in name or "secret" in name or "chap" in name}
