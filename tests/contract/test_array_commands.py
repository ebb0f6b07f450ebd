"""What `ArrayCommands` promises of every step: it takes effect, once, for a known number of calls."""

import contextlib
import json

import attrs
import pytest

from pmax.adapters.rest.commands import HANDLERS
from pmax.adapters.rest.storage_group_calls import interim_name
from pmax.domain import plans
from pmax.domain.errors import AlreadyExists, ArrayRejected, Busy, InUse, InvalidRequest, NotFound, Unavailable
from pmax.domain.plans import NewVolume, Step
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.ports.array_commands import Fate
from pmax.simulator import AfterReads, AfterSeconds, Behaviour
from pmax.simulator.wire import Response
from tests.contract.places import ARRAY, GIB, GOLD, IQN, OTHER_IQN, PORT_GROUP, Loss, simulated
from tests.contract.steps import CASES, INITIATORS, VIEW


@pytest.fixture(params=CASES)
def case(request):
    """Each step in its situation."""
    return CASES[request.param]


def test_there_is_a_case_for_every_step():
    """A new class of steps needs a handler and a case here."""
    classes = set(Step.__args__)
    assert set(HANDLERS) == classes
    assert {name.partition(" ")[0] for name in CASES} | {"AwaitLunAddress"} == {each.__name__ for each in classes}


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
    before = (one_place.array.volumes, one_place.array.storage_groups, one_place.array.masking_views)
    if isinstance(step, plans.CreateVolume):
        pytest.skip("creating twice makes two: whoever plans looks first")
    # Renaming, limiting and expanding to what is already there may be refused or accepted by the array.
    outcome = one_place.apply(step)
    assert not outcome.changed or isinstance(step, plans.RenameVolume | plans.SetHostIoLimits)
    assert (one_place.array.volumes, one_place.array.storage_groups, one_place.array.masking_views) == before


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_known_to_be_lost(one_place, case, when):
    """No answer to a change leaves its fate open, and nothing is sent again."""
    step = case.start(one_place)
    one_place.forget_calls()
    one_place.loss.arm(when)
    with pytest.raises(Unavailable) as raised:
        one_place.apply(step)
    assert raised.value.sent
    assert len([verb for verb, _ in one_place.calls if verb != "GET"]) == 1


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
    closed = attrs.evolve(one_place, unisphere=_cut_off(one_place))
    found = closed.investigate(step)
    assert found.fate is Fate.UNKNOWN
    assert found.reason


def _cut_off(place):
    """The same array behind a Unisphere that rejects the user."""
    from pmax.adapters.rest.unisphere import connect
    from pmax.domain.settings import Secret, Settings, UnisphereServer
    from pmax.simulator.mount import SimulatorAdapter
    from tests.contract.places import Nobody

    server = UnisphereServer(host="unisphere.invalid", username="smc", password=Secret("wrong"))
    settings = Settings(array_id=ARRAY, srp="SRP_1", servers=(server,))
    return connect(settings, place.clock, Nobody(), SimulatorAdapter(place.simulator.application))


# --- volumes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", [AfterReads(3), AfterSeconds(5.0)])
def test_a_slow_job_is_waited_for(pace):
    """A creation that takes the array a while is one change and some looks."""
    with simulated("V9.2.0.0", behaviour=Behaviour(job_pace=pace), clock="instant") as place:
        device = place.volume(place.group("gold"), "OS-a")
        assert place.array.volumes[device].identifier == "OS-a"


@pytest.mark.parametrize("reads", [0, 1, 3])
def test_a_creation_whose_job_still_goes_is_no_failure(reads):
    """The answer was lost, but the array works on it: the fate is found out when the job has ended."""
    with simulated("V9.2.0.0", behaviour=Behaviour(job_pace=AfterReads(reads))) as place:
        place.group("gold")
        step = plans.CreateVolume(array_id=ARRAY, storage_group="gold", identifier="OS-new", capacity=GIB)
        place.loss.arm("after")
        with pytest.raises(Unavailable):
            place.apply(step)
        assert "OS-new" not in {volume.identifier for volume in place.array.volumes.values()}
        found = place.investigate(step)
        assert found.fate is Fate.APPLIED
        assert place.array.volumes[found.outcome.device_id].identifier == "OS-new"


def test_a_creation_that_would_be_one_of_two_is_undecided(one_place):
    """If several devices of the group carry the identifier, nobody says which is the new one."""
    one_place.volume(one_place.group("gold"), "OS-new")
    one_place.volume("gold", "OS-new")
    step = plans.CreateVolume(array_id=ARRAY, storage_group="gold", identifier="OS-new", capacity=GIB)
    assert one_place.investigate(step).fate is Fate.UNKNOWN


def test_a_refused_creation_is_a_refusal(one_place):
    """A volume that somebody else has under this identifier is not taken for ours."""
    one_place.volume(one_place.group("gold"), "OS-a")
    step = plans.CreateVolume(array_id=ARRAY, storage_group="nowhere", identifier="OS-a", capacity=GIB)
    with pytest.raises(NotFound) as raised:
        one_place.apply(step)
    assert (raised.value.kind, raised.value.name) == ("storage group", "nowhere")


def test_a_new_volume_is_new(place):
    """A device that nobody uses at the moment is not handed out, whatever its size."""
    idle = place.array.add_volume(GIB.cylinders)
    assert place.volume(place.group("gold")) != idle


def test_a_volume_in_a_group_is_not_deleted(place):
    """The array refuses, and the error says what holds it."""
    device = place.volume(place.group("gold"))
    with pytest.raises(InUse) as raised:
        place.apply(plans.DeleteVolume(array_id=ARRAY, device=device, identifier="OS-a"))
    assert (raised.value.kind, raised.value.name) == ("volume", device)
    assert device in place.array.volumes


@pytest.mark.parametrize("microcode", ["5978.221.221", "5978.222.1", "5977.1131.1131"])
@pytest.mark.parametrize("allocated_percent", [0, 40])
def test_tracks_are_freed_where_the_array_wants_it(one_place, microcode, allocated_percent):
    """Older code deletes a volume only after its tracks were freed."""
    step = CASES["DeleteVolume"].prepare(one_place)
    one_place.array.update(microcode=microcode)
    one_place.array.update_volume(step.device, allocated_percent=allocated_percent)
    with simulated_again(one_place) as place:
        place.read.arrays.get_array(ARRAY)
        place.forget_calls()
        assert place.apply(step).changed
        assert step.device not in place.array.volumes
        assert len(place.calls) == (1 if microcode == "5978.222.1" else 2)


def simulated_again(place):
    """The same array, seen by somebody who has not read it yet."""
    from contextlib import nullcontext

    from pmax.adapters.rest.unisphere import connect
    from pmax.domain.settings import Secret, Settings, UnisphereServer
    from pmax.simulator.mount import SimulatorAdapter
    from tests.contract.places import Nobody

    server = UnisphereServer(host="unisphere.invalid", username="smc", password=Secret("smc"))
    settings = Settings(array_id=ARRAY, srp="SRP_1", servers=(server,))
    unisphere = connect(settings, place.clock, Nobody(), SimulatorAdapter(place.simulator.application))
    return nullcontext(attrs.evolve(place, unisphere=unisphere))


def test_code_that_wants_tracks_freed_without_having_been_known_to(one_place):
    """The array's own words count more than the table of code levels."""
    step = CASES["DeleteVolume"].prepare(one_place)
    one_place.array.update(microcode="5978.221.221")
    one_place.array.update_volume(step.device, allocated_percent=40)
    assert one_place.apply(step).changed
    assert step.device not in one_place.array.volumes


def test_a_device_that_became_another_volume_was_deleted(one_place):
    """Ids are given again: under another identifier it is a new volume, and the lost deletion has taken effect."""
    device = one_place.volume(one_place.group("gold"), "OS-somebody else's")
    step = plans.DeleteVolume(array_id=ARRAY, device=device, identifier="OS-a")
    assert one_place.investigate(step).fate is Fate.APPLIED


def test_a_volume_with_another_name_than_before_and_after_is_undecided(one_place):
    """Somebody renamed it meanwhile: neither applied nor not."""
    device = one_place.volume(one_place.group("gold"), "OS-c")
    step = plans.RenameVolume(array_id=ARRAY, device=device, before="OS-a", after="OS-b")
    assert one_place.investigate(step).fate is Fate.UNKNOWN


def test_a_volume_of_another_size_than_before_and_after_is_undecided(one_place):
    """Likewise for its size."""
    step = CASES["ExpandVolume"].prepare(one_place)
    one_place.array.update_volume(step.device, cylinders=step.after.cylinders + 1)
    assert one_place.investigate(step).fate is Fate.UNKNOWN


def test_a_volume_in_both_groups_was_not_moved_by_us(one_place):
    """A move is atomic, so this is somebody else's doing."""
    step = CASES["MoveVolume"].prepare(one_place)
    one_place.apply(plans.AddVolume(array_id=ARRAY, device=step.device, storage_group="other"))
    assert one_place.investigate(step).fate is Fate.UNKNOWN


def test_a_step_for_a_volume_that_is_not_there_yet_is_a_fault(one_place):
    """A step is carried out with a real device or not at all; shown it may be."""
    step = plans.DeleteVolume(array_id=ARRAY, device=NewVolume("OS-a"), identifier="OS-a")
    with pytest.raises(TypeError):
        one_place.apply(step)
    assert one_place.unisphere.commands.preview(step)[-1].path.endswith("/volume/NEW")


@pytest.mark.parametrize("step_name", ["RemoveVolume", "MoveVolume"])
def test_a_group_that_is_left_empty_is_named(place, step_name):
    """Only the last volume to leave empties a group."""
    step = CASES[step_name].prepare(place)
    other = place.volume("gold", "OS-other")
    assert place.apply(step).emptied == frozenset()
    assert place.apply(attrs.evolve(step, device=other)).emptied == frozenset({"gold"})


def test_a_parent_that_lost_its_last_volumes_is_named(place):
    """A parent is empty when the last child with volumes leaves it."""
    step = CASES["RemoveChildStorageGroup"].prepare(place)
    place.volume("c")
    assert place.apply(step).emptied == frozenset({"p"})


def test_moving_into_a_group_that_is_not_there(place):
    """The missing group is named, and the volume stays where it was."""
    device = place.volume(place.group("gold"))
    with pytest.raises(NotFound) as raised:
        place.apply(plans.MoveVolume(array_id=ARRAY, device=device, source="gold", target="nowhere"))
    assert raised.value.name == "nowhere"
    assert place.array.volumes[device].storage_groups == ("gold",)


# --- storage groups --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes", [{"service_level": "Diamond"}, {"srp": None, "service_level": None}], ids=["level", "pool"]
)
def test_a_group_of_another_definition_is_a_conflict(place, changes):
    """An existing group is used only if it is what was asked for."""
    place.group("gold", GOLD)
    with pytest.raises(AlreadyExists):
        place.apply(plans.EnsureStorageGroup(array_id=ARRAY, definition=attrs.evolve(GOLD, **changes)))


def test_a_group_whose_compression_was_switched_is_the_same_group(one_place):
    """What an administrator may switch at any time makes no conflict."""
    one_place.group("gold", GOLD)
    uncompressed = attrs.evolve(GOLD, is_compression_disabled=True)
    assert not one_place.apply(plans.EnsureStorageGroup(array_id=ARRAY, definition=uncompressed)).changed


def test_a_group_that_is_in_use_was_not_made_by_us(place):
    """After a lost answer, a group with volumes counts as found, so that nobody undoes it."""
    place.volume(place.group("gold", GOLD))
    outcome = place.investigate(plans.EnsureStorageGroup(array_id=ARRAY, definition=GOLD)).outcome
    assert not outcome.changed


@pytest.mark.parametrize("version", ["V9.0.0.1", "V9.1.0.5"])
def test_tags_need_a_server_that_knows_them(version):
    """An old server is not asked; the mistake and its remedy are named."""
    with simulated(version) as place:
        place.group("gold")
        place.forget_calls()
        with pytest.raises(InvalidRequest, match=r"tags.*Unisphere 9\.2"):
            place.apply(plans.AddTags(array_id=ARRAY, storage_group="gold", tags=("blue",)))
        assert place.calls == []


def test_tags_of_which_some_are_set_already(one_place):
    """The group is not as it was when the step was planned: nothing is changed, and whoever plans looks again."""
    one_place.group("gold")
    one_place.apply(plans.AddTags(array_id=ARRAY, storage_group="gold", tags=("blue",)))
    with pytest.raises(AlreadyExists):
        one_place.apply(plans.AddTags(array_id=ARRAY, storage_group="gold", tags=("green", "blue")))
    assert one_place.array.storage_groups["gold"].tags == ("blue",)
    assert not one_place.apply(plans.AddTags(array_id=ARRAY, storage_group="gold", tags=("blue",))).changed


@pytest.mark.parametrize("step_name", ["DeleteStorageGroup", "PruneStorageGroup shared"])
@pytest.mark.parametrize("user", ["volume", "parent", "child"])
def test_a_group_that_somebody_uses_stays(place, step_name, user):
    """Its volumes stay in it, under its name; to delete it is refused, to prune it is no failure."""
    step = CASES[step_name].prepare(place)
    if user == "volume":
        place.volume("gold")
    else:
        plain = attrs.evolve(GOLD, srp=None, service_level=None)
        place.apply(plans.DeleteStorageGroup(array_id=ARRAY, definition=GOLD))
        place.group("gold", plain)
        place.group("other")
        pair = ("other", "gold") if user == "parent" else ("gold", "other")
        place.apply(plans.EnsureChildStorageGroup(array_id=ARRAY, parent=pair[0], child=pair[1]))
    before = place.array.storage_groups
    if isinstance(step, plans.DeleteStorageGroup):
        with pytest.raises(InUse, match="gold"):
            place.apply(step)
    else:
        assert not place.apply(step).changed
    assert place.array.storage_groups == before


@pytest.mark.parametrize("step_name", ["DeleteStorageGroup", "PruneStorageGroup shared"])
def test_a_group_that_somebody_left_half_deleted_is_finished(place, step_name):
    """A process that died after the rename left an empty group under its interim name."""
    step = CASES[step_name].prepare(place)
    place.apply(plans.DeleteStorageGroup(array_id=ARRAY, definition=GOLD))
    place.group(interim_name("gold"), GOLD)
    assert place.investigate(step).fate is Fate.NOT_APPLIED
    assert place.apply(step).changed
    assert place.array.storage_groups == {}


def test_a_group_that_was_filled_before_a_crash_gets_its_name_back(place):
    """Volumes that were put in before the rename are found again under the old name."""
    device = place.volume(place.group(interim_name("gold"), GOLD))
    step = plans.PruneStorageGroup(array_id=ARRAY, name="gold", when_emptied="gold", is_shared=True)
    assert not place.apply(step).changed
    assert place.array.volumes[device].storage_groups == ("gold",)
    assert list(place.array.storage_groups) == ["gold"]


@pytest.mark.parametrize("is_filled", [False, True])
def test_a_group_that_was_made_anew_in_the_meantime(place, is_filled):
    """What a dead process left under the interim name is brought back before anything else."""
    place.group("gold", GOLD)
    place.group(interim_name("gold"), GOLD)
    devices = {place.volume(interim_name("gold"))} if is_filled else set()
    step = plans.PruneStorageGroup(array_id=ARRAY, name="gold", when_emptied="gold", is_shared=True)
    assert place.apply(step).changed is not is_filled
    assert list(place.array.storage_groups) == (["gold"] if is_filled else [])
    assert all(place.array.volumes[device].storage_groups == ("gold",) for device in devices)


class AddsMeanwhile(Loss):
    """Somebody makes the group anew between the rename and what follows it."""

    def __init__(self):
        super().__init__()
        self.on_rename = None

    def after(self, request, response):
        """See `Faults`."""
        if self.on_rename and b"renameStorageGroupParam" in request.body:
            meanwhile, self.on_rename = self.on_rename, None
            meanwhile()
        return super().after(request, response)


def test_volumes_are_brought_back_to_a_group_that_was_made_anew():
    """The name cannot be given back when somebody took it: then the volumes go to the new group."""
    fault = AddsMeanwhile()
    with simulated("V9.2.0.0", faults=fault) as place:
        device = place.volume(place.group("gold", GOLD))
        with simulated_again(place) as somebody:
            fault.on_rename = lambda: somebody.group("gold", GOLD)
            step = plans.PruneStorageGroup(array_id=ARRAY, name="gold", when_emptied="gold", is_shared=True)
            assert not place.apply(step).changed
        assert place.array.volumes[device].storage_groups == ("gold",)
        assert list(place.array.storage_groups) == ["gold"]


def test_whoever_adds_after_the_rename_is_told_that_there_is_no_group():
    """That is what makes the deletion safe: nothing can come in any more."""
    fault = AddsMeanwhile()
    with simulated("V9.2.0.0", faults=fault) as place:
        place.group("gold", GOLD)
        refusals = []

        def add():
            with simulated_again(place) as somebody, pytest.raises(NotFound) as raised:
                somebody.volume("gold")
            refusals.append(raised.value.name)

        fault.on_rename = add
        assert place.apply(
            plans.PruneStorageGroup(array_id=ARRAY, name="gold", when_emptied="gold", is_shared=True)
        ).changed
        assert refusals == ["gold"]
        assert place.array.storage_groups == {}


class Refuses(Loss):
    """The array refuses changes whose target ends like this."""

    def __init__(self, verb, ending, status, message):
        super().__init__()
        self.refused = verb, ending
        self.response = Response(status=status, body=json.dumps({"message": message}).encode())

    def before(self, request):
        """See `Faults`."""
        verb, ending = self.refused
        is_meant = request.verb == verb and request.path.endswith(ending)
        return self.response if is_meant else super().before(request)


@pytest.mark.parametrize("step_name", ["DeleteStorageGroup", "PruneStorageGroup shared"])
@pytest.mark.parametrize(("status", "message"), [(500, "A policy protects the group"), (503, "later")])
def test_a_group_that_the_array_will_not_delete_gets_its_name_back(step_name, status, message):
    """Whatever the reason, nothing stays under an interim name."""
    fault = Refuses("DELETE", interim_name("gold"), status, message)
    with simulated("V9.2.0.0", faults=fault) as place:
        step = CASES[step_name].prepare(place)
        before = place.array.storage_groups
        if status == 503:
            with pytest.raises(Busy):
                place.apply(step)
        elif isinstance(step, plans.DeleteStorageGroup):
            with pytest.raises(InUse, match=message):
                place.apply(step)
        else:
            assert not place.apply(step).changed
        assert place.array.storage_groups == before


def test_a_group_that_the_array_will_not_rename_stays(one_place):
    """The array's refusal is raised as it came."""
    fault = Refuses("PUT", "/gold", 500, "A policy protects the group")
    with simulated("V9.2.0.0", faults=fault) as place:
        step = CASES["DeleteStorageGroup"].prepare(place)
        with pytest.raises(ArrayRejected, match="A policy protects the group"):
            place.apply(step)
        assert list(place.array.storage_groups) == ["gold"]


def test_tracks_that_cannot_be_freed_do_not_keep_a_volume():
    """What the array says to the deletion itself counts: there may be nothing to free."""
    fault = Refuses("PUT", "/volume/00003", 500, "There is nothing to free")
    with simulated("V9.2.0.0", faults=fault) as place:
        step = CASES["DeleteVolume"].prepare(place)
        place.array.update(microcode="5977.1131.1131")
        with simulated_again(place) as later:
            assert later.apply(step).changed
        assert step.device not in place.array.volumes


def test_a_volume_that_is_gone_has_no_tracks_to_free(one_place):
    """Nothing is left to do."""
    step = CASES["DeleteVolume"].prepare(one_place)
    one_place.apply(step)
    one_place.array.update(microcode="5977.1131.1131")
    with simulated_again(one_place) as later:
        assert not later.apply(step).changed


def test_a_creation_in_a_group_that_is_gone_had_no_effect(one_place):
    """Where there is no group, no volume was made in it."""
    step = plans.CreateVolume(array_id=ARRAY, storage_group="gone", identifier="OS-new", capacity=GIB)
    assert one_place.investigate(step).fate is Fate.NOT_APPLIED


def test_a_masked_group_is_not_deleted(place):
    """A group in a view stays as it is."""
    place.view()
    before = place.array.storage_groups
    with pytest.raises(InUse, match="view"):
        place.apply(plans.DeleteStorageGroup(array_id=ARRAY, definition=StorageGroupDefinition(name="parent")))
    assert place.array.storage_groups == before


def test_a_child_that_has_left_its_parent_already_is_pruned(one_place):
    """Half of the work may be done."""
    step = CASES["PruneStorageGroup child"].prepare(one_place)
    one_place.apply(plans.RemoveChildStorageGroup(array_id=ARRAY, parent="p", child="c"))
    assert one_place.apply(step).changed
    assert "c" not in one_place.array.storage_groups


def test_a_child_that_cannot_leave_its_parent_stays(one_place):
    """The array's refusal is raised, and the group is not deleted."""
    device = one_place.view()
    assert one_place.array.volumes[device].storage_groups == ("child",)
    step = plans.PruneStorageGroup(array_id=ARRAY, name="child", when_emptied="child", parent="parent")
    before = one_place.array.storage_groups
    with pytest.raises(ArrayRejected):
        one_place.apply(attrs.evolve(step, name="parent", parent="child"))
    assert one_place.array.storage_groups == before


# --- masking ---------------------------------------------------------------------------------------------------------


def test_an_initiator_of_another_group_is_in_use(place):
    """The error names the initiator, whichever way it is asked for."""
    place.apply(plans.EnsureInitiatorGroup(array_id=ARRAY, name="one", initiators=INITIATORS))
    with pytest.raises(InUse) as raised:
        place.apply(plans.EnsureInitiatorGroup(array_id=ARRAY, name="two", initiators=INITIATORS))
    assert (raised.value.kind, raised.value.name) == ("initiator", IQN)
    place.apply(plans.EnsureInitiatorGroup(array_id=ARRAY, name="two", initiators=frozenset({OTHER_IQN})))
    with pytest.raises(InUse):
        place.apply(plans.AddInitiators(array_id=ARRAY, initiator_group="two", initiators=INITIATORS))
    assert set(place.array.hosts) == {"one", "two"}


def test_an_initiator_group_with_other_members_is_a_conflict(place):
    """An existing group is used only if it has exactly these members."""
    place.apply(plans.EnsureInitiatorGroup(array_id=ARRAY, name="host", initiators=INITIATORS))
    with pytest.raises((AlreadyExists, InUse)):
        place.apply(plans.EnsureInitiatorGroup(array_id=ARRAY, name="host", initiators=INITIATORS | {OTHER_IQN}))


def test_an_initiator_group_that_a_view_uses_is_kept(place):
    """To delete it is refused; to prune it is no failure."""
    place.view()
    with pytest.raises(ArrayRejected):
        place.apply(plans.DeleteInitiatorGroup(array_id=ARRAY, name="host", initiators=INITIATORS))
    prune = plans.PruneInitiatorGroup(array_id=ARRAY, name="host")
    assert not place.apply(prune).changed
    assert not place.investigate(prune).outcome.changed
    assert "host" in place.array.hosts


def test_an_initiator_group_that_is_in_use_was_not_made_by_us(place):
    """After a lost answer, a group that a view uses counts as found."""
    place.view()
    step = plans.EnsureInitiatorGroup(array_id=ARRAY, name="host", initiators=INITIATORS)
    assert not place.investigate(step).outcome.changed


def test_a_view_of_other_parts_is_a_conflict(place):
    """The parts of a view never change, so one with other parts is another view."""
    place.view()
    with pytest.raises(AlreadyExists):
        place.apply(attrs.evolve(VIEW, port_group="OS-fibre-PG"))
    assert place.investigate(attrs.evolve(VIEW, port_group="OS-fibre-PG")).fate is Fate.NOT_APPLIED


@pytest.mark.parametrize("part", ["initiator_group", "port_group", "storage_group"])
def test_a_view_of_something_that_is_not_there(place, part):
    """The missing part is named."""
    step = CASES["EnsureMaskingView"].prepare(place)
    with pytest.raises(NotFound) as raised:
        place.apply(attrs.evolve(step, **{part: "nowhere"}))
    assert raised.value.name == "nowhere"
    assert place.array.masking_views == {}


def test_lun_addresses_are_looked_at_once(place):
    """One call that changes nothing gives the paths."""
    device = place.view()
    place.forget_calls()
    outcome = place.apply(plans.AwaitLunAddress(array_id=ARRAY, masking_view="view", device=device))
    assert [verb for verb, _ in place.calls] == ["GET"]
    assert not outcome.changed
    assert {connection.device_id for connection in outcome.connections} == {device}
    assert (
        place.investigate(plans.AwaitLunAddress(array_id=ARRAY, masking_view="view", device=device)).outcome == outcome
    )


def test_a_volume_without_lun_address_has_no_paths(place):
    """No path yet is no error."""
    place.view()
    device = place.volume(place.group("gold"))
    outcome = place.apply(plans.AwaitLunAddress(array_id=ARRAY, masking_view="view", device=device))
    assert outcome.connections == ()
    assert (
        place.unisphere.commands.preview(plans.AwaitLunAddress(array_id=ARRAY, masking_view="view", device=device))
        == ()
    )


def test_the_port_group_of_these_tests_is_there(place):
    """What the cases assume of the simulator."""
    assert PORT_GROUP in place.array.port_groups
