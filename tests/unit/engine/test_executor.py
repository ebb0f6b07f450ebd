"""What the executor does with plans whose steps fail in every way."""

from __future__ import annotations

import threading

import attrs
import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.errors import (
    ArrayRejected,
    DeadlinePassed,
    InUse,
    JobFailed,
    MalformedReply,
    NotFound,
    OutcomeUnknown,
    PlanFailed,
    PmaxError,
    Unavailable,
)
from pmax.domain.identifiers import DeviceId
from pmax.domain.masking import Connection, PortKey
from pmax.domain.plans import (
    AddVolume,
    AwaitLunAddress,
    CreateVolume,
    DeleteVolume,
    EnsureStorageGroup,
    NewVolume,
    Plan,
    PruneStorageGroup,
    Recovery,
    RemoveVolume,
    Step,
    StepOutcome,
)
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.engine.executor import Executor
from pmax.engine.progress import Progress
from pmax.engine.recovery import Recoverer
from pmax.plugins.handlers import Outcomes
from pmax.plugins.signals import Signals
from pmax.ports.runtime import Deadline, EventSink
from tests.builders import ARRAY, DEVICE, IDENTIFIER
from tests.unit.engine.scripted_array import PlainJournal, ScriptedArray, StoppedClock
from tests.unit.engine.scripted_locks import NoLocks

GROUP = EnsureStorageGroup(array_id=ARRAY, definition=StorageGroupDefinition(name="group"))
MAKE = CreateVolume(array_id=ARRAY, storage_group="group", identifier=IDENTIFIER, capacity=Capacity.from_gib(1))
ADD_NEW = AddVolume(array_id=ARRAY, device=NewVolume(IDENTIFIER), storage_group="another")
ADD_MADE = AddVolume(array_id=ARRAY, device=DEVICE, storage_group="another")
REMOVE = RemoveVolume(array_id=ARRAY, device=DEVICE, storage_group="group")
DELETE = DeleteVolume(array_id=ARRAY, device=DEVICE, identifier=IDENTIFIER, storage_group="group")
PRUNE = PruneStorageGroup(array_id=ARRAY, name="group", when_emptied="group", is_shared=True)
AWAIT = AwaitLunAddress(array_id=ARRAY, masking_view="view", device=DEVICE)
REFUSAL = ArrayRejected("do it", 500, None, "no")
LOST = Unavailable("unisphere:8443", "the connection was reset", sent=True)


@attrs.frozen
class Stopper(EventSink):
    """Wants operations to end as soon as a step is done."""

    stop: threading.Event

    def publish(self, _event: object) -> None:
        """Say so."""
        self.stop.set()


@attrs.define
class Bench:
    """An executor with everything around it."""

    array: ScriptedArray = attrs.field(factory=ScriptedArray)
    journal: PlainJournal = attrs.field(factory=PlainJournal)
    clock: StoppedClock = attrs.field(factory=StoppedClock)

    def __attrs_post_init__(self) -> None:
        made = StepOutcome(changed=True, device_id=DEVICE)
        self.array.outcomes[str(MAKE)] = made

    @property
    def executor(self) -> Executor:
        """Over this array."""
        return Executor(
            commands=self.array, journal=self.journal, events=Signals(), clock=self.clock, settle_timeout_s=30
        )

    def run(self, *steps: Step, recovery: Recovery = Recovery.UNDO) -> Outcomes:
        """Carry out a plan of these steps."""
        plan = Plan(steps=steps, recovery=recovery)
        operation_id = self.journal.begin("Test", plan, ())
        return self.executor.run(plan, Progress(operation_id), Deadline.after(self.clock, 600))

    def recover(self) -> list[str]:
        """Do what the next process does."""
        recoverer = Recoverer(executor=self.executor, locks=NoLocks(), clock=self.clock, timeout_s=600)
        return [recovered.verdict for recovered in recoverer.recover()]

    def crash(self, *steps: Step, done: int, pending: bool, recovery: Recovery = Recovery.UNDO) -> None:
        """Leave a journal as a process does that dies after `done` steps, maybe with the next one sent."""
        operation_id = self.journal.begin("Test", Plan(steps=steps, recovery=recovery), ())
        for index, step in enumerate(steps[: done + pending]):
            self.journal.intend(operation_id, index, step)
            if index < done:
                self.journal.record(operation_id, index, self.array.apply(step, Deadline(0, 0)))


def test_the_new_device_takes_its_place_in_later_steps() -> None:
    """A step that speaks of the volume that the plan makes is sent with the device that the array gave."""
    bench = Bench()

    outcomes = bench.run(GROUP, MAKE, ADD_NEW)

    assert bench.array.state == [str(GROUP), str(MAKE), str(ADD_MADE)]
    assert outcomes.created_device(IDENTIFIER) == DEVICE


def test_a_refused_step_takes_back_what_was_done() -> None:
    """Finished steps are undone in reverse, and the error comes as it is."""
    bench = Bench()
    bench.array.errors[str(ADD_MADE)] = REFUSAL

    with pytest.raises(ArrayRejected):
        bench.run(GROUP, MAKE, ADD_NEW)

    assert bench.array.state[2:] == [str(DELETE), "delete storage group group"]
    assert not bench.journal.entries


def test_what_was_found_is_not_taken_back() -> None:
    """A group that existed before stays when the operation fails."""
    bench = Bench()
    bench.array.outcomes[str(GROUP)] = StepOutcome(changed=False)
    bench.array.errors[str(MAKE)] = REFUSAL

    with pytest.raises(ArrayRejected):
        bench.run(GROUP, MAKE)

    assert bench.array.state == [str(GROUP)]


def test_what_cannot_be_taken_back_is_named_and_remembered() -> None:
    """If undoing fails too, the error says what remains, with what it stands on, and the journal keeps both."""
    bench = Bench()
    bench.array.errors = {str(ADD_MADE): REFUSAL, str(DELETE): REFUSAL}

    with pytest.raises(PlanFailed) as caught:
        bench.run(GROUP, MAKE, ADD_NEW)

    assert [IDENTIFIER in left for left in caught.value.left_behind] == [True, False]
    assert caught.value.__cause__ is REFUSAL
    assert bench.array.state == [str(GROUP), str(MAKE)]
    assert [step.step for entry in bench.journal.entries.values() for step in entry.steps] == [GROUP, MAKE]


@pytest.mark.parametrize(("recovery", "is_kept"), [(Recovery.FINISH, True), (Recovery.UNDO, False)])
def test_what_was_done_for_a_step_without_a_way_back(recovery: Recovery, is_kept: bool) -> None:
    """An operation that recovery finishes keeps what it did before that step, or recovery would do it a second time."""
    bench = Bench()
    bench.array.errors[str(ADD_MADE)] = REFUSAL

    with pytest.raises(PlanFailed) as caught:
        bench.run(GROUP, REMOVE, DELETE, ADD_MADE, recovery=recovery)

    assert str(DELETE) in caught.value.left_behind[0]
    assert (bench.array.state == [str(GROUP), str(REMOVE), str(DELETE)]) is is_kept
    bench.array.errors.clear()
    if is_kept:
        assert bench.recover() == ["finished"]
        assert bench.array.state == [str(GROUP), str(REMOVE), str(DELETE), str(ADD_MADE)]


@pytest.mark.parametrize("error", [LOST, MalformedReply("/volume", ("cut",))])
def test_a_lost_answer_is_found_out(error: PmaxError) -> None:
    """A write that took effect counts as done, and is not sent again."""
    bench = Bench()
    bench.array.errors[str(GROUP)] = error
    bench.array.applies_before_error = {str(GROUP)}

    bench.run(GROUP, MAKE)

    assert bench.array.state == [str(GROUP), str(MAKE)]


def test_a_lost_request_fails_the_step() -> None:
    """A write that did not take effect is a failure like any other: it is not repeated, and the rest is undone."""
    bench = Bench()
    bench.array.errors[str(MAKE)] = LOST

    with pytest.raises(Unavailable):
        bench.run(GROUP, MAKE)

    assert bench.array.state == [str(GROUP), "delete storage group group"]
    assert bench.clock.time_s > 0


def test_an_unknown_fate_undoes_nothing() -> None:
    """If the array cannot be asked, nothing is taken back on a guess, and the journal keeps the operation."""
    bench = Bench()
    bench.array.errors[str(MAKE)] = LOST
    bench.array.unreadable = True

    with pytest.raises(OutcomeUnknown):
        bench.run(GROUP, MAKE)

    assert bench.array.state == [str(GROUP)]
    assert [entry.error != "" for entry in bench.journal.entries.values()] == [True]


def test_a_job_that_still_runs_is_an_unknown_fate() -> None:
    """A job may take effect after we stopped waiting for it."""
    bench = Bench()
    bench.array.errors[str(MAKE)] = DeadlinePassed("job 1", 600)

    with pytest.raises(OutcomeUnknown):
        bench.run(GROUP, MAKE)

    assert bench.array.state == [str(GROUP)]


def test_leavings_of_a_failed_job_are_taken_back() -> None:
    """A job that failed after it had made the device leaves no device."""
    bench = Bench()
    bench.array.errors[str(MAKE)] = JobFailed("1", "create", "no room")
    bench.array.applies_before_error = {str(MAKE)}

    with pytest.raises(JobFailed):
        bench.run(GROUP, MAKE)

    assert bench.array.state[2:] == [str(DELETE), "delete storage group group"]


def test_prunes_only_what_was_emptied() -> None:
    """A group is deleted only if the array said that this operation left it empty."""
    bench = Bench()
    bench.run(REMOVE, PRUNE)
    assert str(PRUNE) not in bench.array.state

    bench.array.outcomes[str(REMOVE)] = StepOutcome(changed=True, emptied=frozenset({"group"}))
    bench.run(REMOVE, PRUNE)
    assert str(PRUNE) in bench.array.state


def test_a_failed_prune_fails_nothing() -> None:
    """Housekeeping that does not succeed leaves the operation a success."""
    bench = Bench()
    bench.array.outcomes[str(REMOVE)] = StepOutcome(changed=True, emptied=frozenset({"group"}))
    bench.array.errors[str(PRUNE)] = REFUSAL

    bench.run(REMOVE, DELETE, PRUNE)

    assert bench.array.state == [str(REMOVE), str(DELETE)]


def test_waits_for_the_lun() -> None:
    """A LUN address that comes late is waited for, with time passing on the clock alone."""
    bench = Bench()
    late = StepOutcome(changed=False, is_settled=False)
    path = Connection(device_id=DeviceId(DEVICE), lun=1, initiator="iqn", port=PortKey("SE-1E", "0"))

    class LateArray(ScriptedArray):
        """Gives the address at the third look."""

        def apply(self, step: Step, deadline: Deadline) -> StepOutcome:
            """Count."""
            super().apply(step, deadline)
            return attrs.evolve(late, connections=(path,), is_settled=True) if len(self.state) > 2 else late

    bench.array = LateArray()
    outcomes = bench.run(AWAIT)

    awaited = outcomes.connections(ARRAY)
    assert awaited is not None
    assert awaited.connections == (path,)


def test_a_lun_that_never_comes_undoes_the_attach() -> None:
    """Waiting ends, and what was done before it is taken back."""
    bench = Bench()
    bench.array.outcomes[str(AWAIT)] = StepOutcome(changed=False, is_settled=False)

    with pytest.raises(DeadlinePassed):
        bench.run(ADD_MADE, AWAIT)

    assert bench.array.state[-1] == "remove volume 0012F from storage group another"
    assert bench.clock.time_s == pytest.approx(30)


@pytest.mark.parametrize("is_pending_applied", [True, False])
def test_a_crash_is_undone(is_pending_applied: bool) -> None:
    """The next process takes back what a creation had done, whether or not the step in flight had arrived."""
    bench = Bench()
    bench.crash(GROUP, MAKE, done=1, pending=True)
    if is_pending_applied:
        bench.array.state.append(str(MAKE))

    assert bench.recover() == ["undone"]

    assert bench.array.state[-1] == "delete storage group group"
    assert (str(DELETE) in bench.array.state) == is_pending_applied
    assert not bench.journal.entries


def test_a_crash_of_a_deletion_is_finished() -> None:
    """The next process deletes what the first one had begun to delete."""
    bench = Bench()
    bench.crash(REMOVE, DELETE, done=1, pending=False, recovery=Recovery.FINISH)

    assert bench.recover() == ["finished"]

    assert bench.array.state == [str(REMOVE), str(DELETE)]
    assert not bench.journal.entries


@pytest.mark.parametrize("done", [0, 1])
def test_recovery_once_began_a_deletion_that_the_dead_process_had_not(done: int) -> None:
    """Whoever wanted it asks again: others may use the volume by now, as if nobody had wanted it."""
    bench = Bench()
    bench.crash(GROUP, REMOVE, DELETE, done=done, pending=False, recovery=Recovery.FINISH)

    assert bench.recover() == ["undone"]

    assert str(REMOVE) not in bench.array.state
    assert bench.array.state[1:] == ["delete storage group group"] * done
    assert not bench.journal.entries


def test_a_crash_stays_open_while_the_array_cannot_be_asked() -> None:
    """Recovery does not guess either."""
    bench = Bench()
    bench.crash(GROUP, MAKE, done=1, pending=True)
    bench.array.unreadable = True

    assert bench.recover() == ["open"]

    assert bench.array.state == [str(GROUP)]
    assert len(bench.journal.entries) == 1


def test_recovery_once_did_not_wait_for_what_the_dead_process_waited_for() -> None:
    """What was not settled when the process died is waited for again, before the next step is sent."""

    class LateArray(ScriptedArray):
        """Shows what is waited for at the third look."""

        def apply(self, step: Step, deadline: Deadline) -> StepOutcome:
            """Count."""
            outcome = super().apply(step, deadline)
            return attrs.evolve(outcome, is_settled=True) if self.state.count(str(AWAIT)) > 2 else outcome

    bench = Bench(array=LateArray(outcomes={str(AWAIT): StepOutcome(changed=False, is_settled=False)}))
    bench.crash(REMOVE, AWAIT, DELETE, done=1, pending=True, recovery=Recovery.FINISH)
    bench.array.state.append(str(AWAIT))

    assert bench.recover() == ["finished"]

    assert bench.array.state == [str(REMOVE), *[str(AWAIT)] * 3, str(DELETE)]
    assert not bench.journal.entries


def test_what_was_waited_for_once_kept_recovery_from_undoing() -> None:
    """What the dead process waited for may never come, and need not be known to take back what it did."""
    bench = Bench()
    bench.crash(ADD_MADE, AWAIT, done=1, pending=True)
    bench.array.unreadable = True

    assert bench.recover() == ["undone"]

    assert bench.array.state[-1] == "remove volume 0012F from storage group another"
    assert not bench.journal.entries


def test_a_group_that_could_not_be_tidied_away_once_stayed_for_good() -> None:
    """What a plan could not tidy up is kept, and recovery does it, although the plan would be taken back otherwise."""
    bench = Bench()
    bench.array.outcomes[str(REMOVE)] = StepOutcome(changed=True, emptied=frozenset({"group"}))
    bench.array.errors[str(PRUNE)] = REFUSAL
    plan = Plan(steps=(REMOVE, PRUNE))
    progress = Progress(bench.journal.begin("Test", plan, ()))

    bench.executor.run(plan, progress, Deadline.after(bench.clock, 600))
    bench.executor.conclude(progress)
    assert bench.recover() == ["open"]
    del bench.array.errors[str(PRUNE)]

    assert bench.recover() == ["finished"]
    assert bench.array.state == [str(REMOVE), str(PRUNE)]
    assert not bench.journal.entries


def test_a_volume_was_once_taken_for_gone_because_its_group_was() -> None:
    """That something else is not found is no proof: the volume is there, so it is left behind, and remembered."""
    bench = Bench()
    bench.crash(MAKE, done=1, pending=False)
    bench.array.errors[str(DELETE)] = NotFound("storage group", "group")
    assert bench.recover() == ["open"]
    del bench.array.errors[str(DELETE)]
    assert bench.recover() == ["undone"]
    assert bench.array.state == [str(MAKE), str(DELETE)]


def test_what_a_dead_process_had_sent_once_arrived_after_its_recovery() -> None:
    """A change that is still on its way when its sender is found dead is waited for, and then taken back."""
    bench = Bench()
    bench.crash(MAKE, done=0, pending=True)
    sleep = bench.clock.sleep

    def arrive(seconds: float) -> None:
        sleep(seconds)
        if str(MAKE) not in bench.array.state:
            bench.array.state.append(str(MAKE))

    bench.clock.sleep = arrive
    assert bench.recover() == ["undone"]
    assert bench.array.state == [str(MAKE), str(DELETE)]
    assert not bench.journal.entries


@pytest.mark.parametrize("recovery", Recovery)
def test_recovery_once_took_back_what_was_done_because_it_could_not_look_at_what_is_to_be_tidied_up(
    recovery: Recovery,
) -> None:
    """A read that fails is no reason to undo an operation that only has to tidy up: recovery does that next time."""
    bench = Bench()
    bench.array.outcomes[str(REMOVE)] = StepOutcome(changed=True, emptied=frozenset({"group"}))
    bench.crash(REMOVE, PRUNE, done=1, pending=True, recovery=recovery)
    bench.array.refused_looks[str(PRUNE)] = REFUSAL

    assert bench.recover() == ["open"]
    assert bench.array.state == [str(REMOVE)]
    del bench.array.refused_looks[str(PRUNE)]

    assert bench.recover() == ["finished"]
    assert bench.array.state == [str(REMOVE), str(PRUNE)]
    assert not bench.journal.entries


def test_who_is_told_to_stop_while_tidying_up_once_took_everything_back() -> None:
    """Only tidying up is left: what was asked is done, so it goes on to the end."""
    bench = Bench()
    bench.array.outcomes[str(REMOVE)] = StepOutcome(changed=True, emptied=frozenset({"group"}))
    stop = threading.Event()
    executor = attrs.evolve(bench.executor, stop=stop, events=Stopper(stop))
    plan = Plan(steps=(REMOVE, PRUNE))

    executor.run(plan, Progress(bench.journal.begin("Test", plan, ())), Deadline.after(bench.clock, 600))

    assert bench.array.state == [str(REMOVE), str(PRUNE)]


@pytest.mark.parametrize("recovery", Recovery)
def test_recovery_once_took_from_others_what_they_used_by_then(recovery: Recovery) -> None:
    """A step that somebody's new use speaks against is left out, whether an operation is finished or taken back."""
    bench = Bench()
    if recovery is Recovery.FINISH:
        bench.crash(REMOVE, DELETE, done=1, pending=False, recovery=recovery)
        bench.array.objections[str(DELETE)] = "it carries another identifier now"
    else:
        bench.crash(ADD_MADE, REMOVE, done=1, pending=False, recovery=recovery)
        bench.array.objections["remove volume 0012F from storage group another"] = "somebody uses it"

    assert bench.recover() == ["finished" if recovery is Recovery.FINISH else "undone"]

    assert len(bench.array.state) == 1
    assert not bench.journal.entries


def test_a_group_that_others_use_by_now_is_no_debris() -> None:
    """A group that this operation made, and that somebody has begun to use, is left to them without complaint."""
    bench = Bench()
    bench.array.errors["delete storage group group"] = InUse("storage group", "group", "3 volumes")
    bench.array.errors[str(ADD_MADE)] = REFUSAL

    with pytest.raises(ArrayRejected):
        bench.run(GROUP, ADD_MADE)

    assert not bench.journal.entries
