"""What `ArrayCommands` promises of every step: it takes effect, once, for a known number of calls."""

import contextlib
import json

import pytest

from pmax.adapters.rest.commands import HANDLERS
from pmax.adapters.rest.storage_group_calls import interim_name
from pmax.domain import plans
from pmax.domain.errors import Unavailable
from pmax.domain.plans import Step
from pmax.ports.array_commands import Fate
from tests.contract.places import ARRAY, GIB, GOLD
from tests.contract.steps import CASES


def _picture(place):
    array = place.array
    return array.volumes, array.storage_groups, array.masking_views, array.snapshots, array.links


#: Steps that take a group away under another name: if that name was given, they go on.
_REMOVALS = (plans.DeleteStorageGroup, plans.PruneStorageGroup)


@pytest.fixture(params=CASES)
def case(request):
    """Each step in its situation."""
    return CASES[request.param]


def test_there_is_a_case_for_every_step():
    """A new class of steps needs a handler and a case here."""
    classes = set(Step.__args__)
    assert set(HANDLERS) == classes
    changing = {each.__name__ for each in classes if not each.__name__.startswith("Await")}
    assert {name.partition(" ")[0] for name in CASES} == changing


def test_a_step_takes_effect(place, case):
    """After `apply`, the array is as the step wants it, and the outcome says that it changed something."""
    step = case.start(place)
    assert not case.has_effect(place, step)
    assert place.apply(step).changed
    assert case.has_effect(place, step)


def test_a_step_takes_effect_over_https(remote_place, case):
    """The way over a socket makes no difference."""
    step = case.start(remote_place)
    assert remote_place.apply(step).changed
    assert case.has_effect(remote_place, step)


def test_a_step_costs_what_it_should(place, case):
    """The number of calls in the normal case is known."""
    step = case.start(place)
    place.forget_calls()
    place.apply(step)
    assert len(place.calls) == case.calls


def test_a_preview_shows_every_change_and_makes_none(place, case):
    """The calls that are shown are those that are made, in order, and showing them sends nothing."""
    step = case.start(place)
    place.forget_calls()
    shown = place.unisphere.commands.preview(step)
    assert place.calls == []
    assert not case.has_effect(place, step)
    place.apply(step)
    made = [(verb, path) for verb, path in place.calls if verb != "GET"]
    assert [(call.verb, call.path) for call in shown] == made
    assert all(json.loads(call.body) for call in shown if call.body)


def test_a_step_that_is_done_already_changes_nothing(one_place, case):
    """A repeated step finds its wanted state there, and says so; a second volume is the one exception."""
    step = case.start(one_place)
    one_place.apply(step)
    before = _picture(one_place)
    creations = (
        plans.CreateVolume
        | plans.CreateSnapshot
        | plans.CreateTemporarySnapshot
        | plans.CreateGroupSnapshot
        | plans.CreateTemporaryGroupSnapshot
        | plans.CreateReplicatedVolume
    )
    if isinstance(step, creations):
        pytest.skip("creating twice makes two: whoever plans looks first")
    # Renaming, limiting and expanding to what is already there may be refused or accepted by the array.
    outcome = one_place.apply(step)
    # Whoever takes back what was made finds nothing to take back, and has done it.
    assert not outcome.changed or isinstance(step, plans.RenameVolume | plans.SetHostIoLimits | plans.DiscardPair)
    assert _picture(one_place) == before


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_known_to_be_lost(one_place, case, when):
    """No answer to a change leaves its fate open, unless the step goes on to find out; nothing is sent again."""
    step = case.start(one_place)
    one_place.forget_calls()
    one_place.loss.arm(when)
    goes_on = when == "after" and isinstance(step, _REMOVALS) and case.calls > 1 and not getattr(step, "parent", None)
    with contextlib.nullcontext() if goes_on else pytest.raises(Unavailable) as raised:
        one_place.apply(step)
    assert len([verb for verb, _ in one_place.calls if verb != "GET"]) == (case.calls if goes_on else 1)
    if raised is not None:
        assert raised.value.sent
    else:
        assert case.has_effect(one_place, step)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("skip", [0, 1])
def test_the_fate_of_a_lost_change_is_found_out(one_place, case, when, skip):
    """Reading the array says truly whether the step took effect, at whichever of its calls the answer was lost."""
    step = case.start(one_place)
    one_place.loss.arm(when, skip)
    with contextlib.suppress(Unavailable):
        one_place.apply(step)
    one_place.loss.arm("")
    found = one_place.investigate(step)
    assert found.fate is (Fate.APPLIED if case.has_effect(one_place, step) else Fate.NOT_APPLIED)
    assert (found.outcome is not None) == (found.fate is Fate.APPLIED)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_step_can_be_finished_after_a_lost_answer(one_place, case, when, skip):
    """If it did not take effect, sending it again brings it to its end, whatever of it was done."""
    step = case.start(one_place)
    one_place.loss.arm(when, skip)
    try:
        one_place.apply(step)
    except Unavailable:
        if one_place.investigate(step).fate is Fate.NOT_APPLIED:
            one_place.apply(step)
    assert case.has_effect(one_place, step)
    assert interim_name("gold") not in one_place.array.storage_groups


def test_what_was_found_out_is_what_would_have_been_answered(place):
    """The outcome of a lost step names the device and the emptied groups as the answer would have."""
    place.group("gold", GOLD)
    create = plans.CreateVolume(array_id=ARRAY, storage_group="gold", identifier="OS-new", capacity=GIB)
    place.loss.arm("after")
    with pytest.raises(Unavailable):
        place.apply(create)
    device = place.investigate(create).outcome.device_id
    assert place.array.volumes[device].identifier == "OS-new"
    remove = plans.RemoveVolume(array_id=ARRAY, device=device, storage_group="gold")
    place.loss.arm("after")
    with pytest.raises(Unavailable):
        place.apply(remove)
    assert place.investigate(remove).outcome.emptied == frozenset({"gold"})


def test_a_fate_that_cannot_be_read_is_unknown(one_place, case):
    """If the array cannot be asked, nobody guesses."""
    step = case.start(one_place)
    found = one_place.seen_by("wrong").investigate(step)
    assert found.fate is Fate.UNKNOWN
    assert found.reason
