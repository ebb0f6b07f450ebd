"""One cell of the matrix: an operation in a setting meets an effect at a call, and how that ends."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from itertools import count
from pathlib import Path

import attrs

from pmax.domain.errors import OutcomeUnknown, PlanFailed, PmaxError
from pmax.simulator import Fault, Intervene
from pmax.simulator.wire import Request
from tests.faults.bystanders import furnish, is_foreign, must_stay
from tests.faults.effects import ENDLESS, INTERFERENCES, TAKEN, Place, faults_of
from tests.faults.facts import VISIBLE, Fact, Facts, difference, empty_ones, facts_of, twins
from tests.faults.scenario import Operation, Scenario
from tests.replicated_stage import MODES, ReplicatedStage
from tests.stage import Stage, server


class Ending(Enum):
    """How an operation ended, and what became of it."""

    SUCCEEDED = "succeeded"
    #: It succeeded, and left something to be tidied up, which recovery did.
    TIDIED = "succeeded, tidied later"
    UNDONE = "undone"
    #: It said that its outcome, or something that it left, is not settled; recovery settled it.
    RECOVERED = "unknown, then recovered"
    #: Likewise, and the array itself cannot tell yet.
    UNKNOWN = "unknown"
    #: What must hold did not.
    WRONG = "wrong"


@attrs.frozen
class Cell:
    """What was tried and how it ended.

    Attributes:
        scenario: its name.
        operation: what was done.
        effect: what went wrong.
        call: number of the call, from 1.
        ending: how it ended.
        problem: what is wrong; empty if nothing is.
    """

    scenario: str
    operation: str
    effect: str
    call: int
    ending: Ending
    problem: str = ""


@attrs.frozen
class Prepared:
    """A scenario on its stage, with what the operation does when nothing goes wrong.

    Attributes:
        scenario: of the table.
        stage: before the operation; cells run on copies.
        operation: runs on a copy.
        directory: for what the copies keep on disk.
        before: facts.
        wanted: facts after an undisturbed run.
        calls: of that run, in order.
    """

    scenario: Scenario
    stage: Stage
    operation: Operation
    directory: Path
    before: Facts
    wanted: Facts
    calls: tuple[Request, ...]

    @classmethod
    def of(cls, scenario: Scenario, directory: Path) -> Prepared:
        """Set the stage, with two Unispheres, and let the operation succeed on a copy."""
        choices: dict[str, object] = {"servers": (server("first"), server("second"))}
        state, protocol = directory / "prepared", scenario.protocol
        if scenario.mode is None:
            stage = Stage.build(state, protocol, **choices)
        else:
            devices = tuple(mode.device(protocol) for mode in MODES)
            stage = ReplicatedStage.build(state, protocol, replication_devices=devices, **choices)
            stage.mode = scenario.mode
        furnish(stage)
        operation = scenario.prepare(stage)
        _write_everywhere(stage)
        stage.engine.close()
        before = facts_of(stage.simulator)
        once = stage.copy(directory / "once")
        calls: list[Request] = []
        once.simulator.faults.add(Fault(effect=Intervene(action=calls.append), nth="every"))
        operation(once)
        once.engine.close()
        return cls(scenario, stage, operation, directory, before, facts_of(once.simulator), tuple(calls))

    @contextmanager
    def copy(self) -> Iterator[Stage]:
        """A stage for one cell; what it kept on disk is gone afterwards."""
        state = self.directory / "cell"
        stage = self.stage.copy(state)
        try:
            yield stage
        finally:
            stage.engine.close()
            shutil.rmtree(state, ignore_errors=True)

    def essential(self, facts: Facts) -> Facts:
        """Facts without what the operation clears first, which stays cleared when it fails."""
        if not self.scenario.clears_first:
            return facts
        return facts - frozenset(filter(_is_left_by_a_copy, self.before - self.wanted))

    def is_concerned(self, effect: str, number: int) -> bool:
        """Whether somebody else's change can happen at a call."""
        if number > len(self.calls):
            return False
        return bool(INTERFERENCES[effect].concerns(Place.of(self.calls[number - 1])))


def _is_left_by_a_copy(fact: Fact) -> bool:
    return fact[0] == "link" or (fact[0] == "snapshot" and fact[2].startswith("temp-"))


def _write_everywhere(stage: Stage) -> None:
    """Give every volume that holds nothing yet a token, so that lost or mixed data shows."""
    for device, volume in stage.array.volumes.items():
        if not volume.content and not volume.is_gatekeeper and device not in stage.array.links:
            stage.array.write(device, f"data of {volume.identifier or device}")


def cells(prepared: Prepared, effect: str, is_chosen: Callable[[int], bool]) -> Iterator[Cell]:
    """Run the operation with an effect at each of its calls that is chosen, and judge the end of each."""
    is_interference = effect in INTERFERENCES
    for number in count(1):
        # A retry makes more calls than an undisturbed run, but never many more.
        if number > len(prepared.calls) + (0 if is_interference else 3):
            return
        if not is_chosen(number) or (is_interference and not prepared.is_concerned(effect, number)):
            continue
        with prepared.copy() as stage:
            cell = _cell(prepared, stage, effect, number)
        if cell is None:
            return
        yield cell


def _cell(prepared: Prepared, stage: Stage, effect: str, number: int) -> Cell | None:
    """Let an effect happen at a call; None if there is no such call."""
    added: set[Fact] = set()
    stage.simulator.faults.add(*faults_of(effect, stage, number, added))
    error = attempt(prepared.operation, stage)
    has_fired = bool(stage.simulator.faults.fired)
    stage.simulator.faults.clear()
    if not has_fired:
        return None
    where = f"{prepared.scenario.name}: {effect} at call {number} of {len(prepared.calls)}: {error!r}"
    problem = ""
    try:
        if effect in INTERFERENCES:
            ending = judge_interference(prepared, stage, error, where, frozenset(filter(must_stay, added)))
        else:
            ending = judge_fault(prepared, stage, error, where, is_endless=effect in ENDLESS)
    except (AssertionError, PmaxError) as wrong:  # the other cells are to be seen too
        ending, problem = Ending.WRONG, f"{where}: {wrong}"
    return Cell(prepared.scenario.name, prepared.scenario.operation, effect, number, ending, problem)


def attempt(operation: Operation, stage: Stage) -> PmaxError | None:
    """Run an operation; only our own errors may come out of it."""
    try:
        operation(stage)
    except PmaxError as error:
        return error
    return None


def judge_fault(
    prepared: Prepared, stage: Stage, error: PmaxError | None, where: str, *, is_endless: bool = False
) -> Ending:
    """What is reported done is done; what is reported failed is undone, or in the journal and settled by recovery."""
    ending = _settle(stage, error, where, is_endless=is_endless)
    if ending is Ending.UNKNOWN:
        check_always(prepared, stage, where, is_settled=False)
        return ending
    found = facts_of(stage.simulator)
    allowed = {
        Ending.SUCCEEDED: (prepared.wanted,),
        Ending.TIDIED: (prepared.wanted,),
        Ending.UNDONE: (prepared.before,),
        Ending.RECOVERED: (prepared.before, prepared.wanted),
    }[ending]
    essential = [prepared.essential(facts) for facts in allowed]
    assert prepared.essential(found) in essential, f"{where}\n{difference(allowed[0], found)}"
    check_always(prepared, stage, where)
    if found != prepared.wanted or prepared.scenario.is_repeatable:
        prepared.operation(stage)
    found = facts_of(stage.simulator)
    assert found == prepared.wanted, f"second attempt after {where}\n{difference(prepared.wanted, found)}"
    check_always(prepared, stage, f"second attempt after {where}")
    assert stage.engine.unfinished() == (), where
    return ending


def _settle(stage: Stage, error: PmaxError | None, where: str, *, is_endless: bool) -> Ending:
    if error is None:
        if not stage.engine.unfinished():
            return Ending.SUCCEEDED
        verdicts = {recovered.verdict for recovered in stage.engine.recover()}
        assert verdicts == {"finished"}, f"{where}: {verdicts}"
        return Ending.TIDIED
    if not isinstance(error, OutcomeUnknown | PlanFailed):
        return Ending.UNDONE
    if isinstance(error, PlanFailed):
        assert error.left_behind, where
    assert stage.engine.unfinished(), f"nothing remembers {where}"
    verdicts = {recovered.verdict for recovered in stage.engine.recover()}
    if is_endless and "open" in verdicts:
        # The array goes on working at it for ever: nobody can know, and the journal keeps the operation.
        return Ending.UNKNOWN
    assert verdicts <= {"undone", "finished"}, f"{where}: {verdicts}"
    return Ending.RECOVERED


def judge_interference(prepared: Prepared, stage: Stage, error: PmaxError | None, where: str, added: Facts) -> Ending:
    """Somebody else's change stands, nobody's data is lost, and the operation's visible result is what it reports."""
    ending = _settle(stage, error, where, is_endless=True)
    if ending is Ending.UNKNOWN:
        # Somebody took away what a step without a way back needs: the error names what is left; nobody else is hurt.
        foreign = frozenset(filter(is_foreign, prepared.before)) | added
        assert foreign <= facts_of(stage.simulator), where
        return ending
    _check_after_interference(prepared, stage, error, where, added)
    if error is not None:
        again = attempt(prepared.operation, stage)
        where = f"second attempt after {where}: {again!r}"
        assert not isinstance(again, OutcomeUnknown | PlanFailed), where
        _check_after_interference(prepared, stage, again, where, added)
    return ending


def _check_after_interference(
    prepared: Prepared, stage: Stage, error: PmaxError | None, where: str, added: Facts
) -> None:
    check_always(prepared, stage, where)
    found = facts_of(stage.simulator)
    assert added <= found, f"somebody's change was taken back: {where}\n{difference(added, found)}"
    is_settled = isinstance(error, OutcomeUnknown | PlanFailed)
    before = prepared.essential(prepared.before)
    outcomes = [(prepared.wanted, before), (before, prepared.wanted)]
    wrong = [_contradiction(is_so, is_not, found) for is_so, is_not in outcomes]
    relevant = wrong if is_settled else wrong[:1] if error is None else wrong[1:]
    assert "" in relevant, f"{where}\n{relevant[0]}"


def _contradiction(is_so: Facts, is_not: Facts, found: Facts) -> str:
    """What speaks against an outcome, by what can be seen of it."""
    missing = _visible_names(is_so - is_not) - _visible_names(found)
    surplus = (_visible_names(is_not - is_so) - _visible_names(is_so)) & _visible_names(found)
    return "\n".join([*(f"  missing: {fact}" for fact in missing), *(f"  surplus: {fact}" for fact in surplus)])


def _visible(facts: Facts) -> Facts:
    return frozenset(fact for fact in facts if fact[0] in VISIBLE)


def _visible_names(facts: Facts) -> frozenset[tuple[str, ...]]:
    """Without sizes, since somebody may have made a volume larger."""
    return frozenset(fact[:2] if fact[0] == "volume" else fact for fact in _visible(facts))


def check_always(prepared: Prepared, stage: Stage, where: str, *, is_settled: bool = True) -> None:
    """What holds at any end of any operation; while a job goes on, a group may wait for what it makes."""
    found = facts_of(stage.simulator)
    foreign = frozenset(filter(is_foreign, prepared.before))
    assert foreign <= found, f"foreign objects changed: {where}\n{difference(foreign, found)}"
    assert not twins(found), f"one identifier on several devices: {where}\n{twins(found)}"
    allowed = empty_ones(prepared.before) | empty_ones(prepared.wanted)
    taken = {fact[2] for fact in found if fact[0] == "child" and fact[1].endswith(TAKEN)}
    allowed |= {f"storage group {name}" for name in taken}
    left = {name for name in empty_ones(found) - allowed if not name.endswith(TAKEN)}
    assert not left or not is_settled, f"left empty: {where}\n{left}"
    expected = {fact[1:] for fact in prepared.before & prepared.wanted if fact[0] == "data"}
    data = {fact[1:] for fact in found if fact[0] == "data"}
    assert expected <= data, f"data lost: {where}\n{expected - data}"
    held = held_locks(Path(str(stage.engine.settings.journal_directory)) / "locks")
    assert not held, f"locks are held: {where}\n{held}"
    assert stage.simulator.defects == [], where


def held_locks(directory: Path) -> list[str]:
    """Files of locks that somebody holds. A file that a process left which died is not held."""
    held = []
    for path in sorted(directory.glob("*")):
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(path.name)
    return held
