"""What each step that changes volumes promises."""

import attrs
import pytest

from pmax.domain import plans
from pmax.domain.errors import InUse, NotFound, Unavailable
from pmax.domain.plans import NewVolume
from pmax.ports.array_commands import Fate
from pmax.simulator import AfterReads, AfterSeconds, Behaviour
from tests.contract.places import ARRAY, GIB, Refuses, simulated
from tests.contract.steps import CASES


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
    place = one_place.seen_by()
    place.read.arrays.get_array(ARRAY)
    place.forget_calls()
    assert place.apply(step).changed
    assert step.device not in place.array.volumes
    assert len(place.calls) == (1 if microcode == "5978.222.1" else 2)


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


def test_tracks_that_cannot_be_freed_do_not_keep_a_volume():
    """What the array says to the deletion itself counts: there may be nothing to free."""
    fault = Refuses("PUT", "/volume/00003", 500, "There is nothing to free")
    with simulated("V9.2.0.0", faults=fault) as place:
        step = CASES["DeleteVolume"].prepare(place)
        place.array.update(microcode="5977.1131.1131")
        assert place.seen_by().apply(step).changed
        assert step.device not in place.array.volumes


def test_a_volume_that_is_gone_has_no_tracks_to_free(one_place):
    """Nothing is left to do."""
    step = CASES["DeleteVolume"].prepare(one_place)
    one_place.apply(step)
    one_place.array.update(microcode="5977.1131.1131")
    assert not one_place.seen_by().apply(step).changed


def test_a_creation_in_a_group_that_is_gone_had_no_effect(one_place):
    """Where there is no group, no volume was made in it."""
    step = plans.CreateVolume(array_id=ARRAY, storage_group="gone", identifier="OS-new", capacity=GIB)
    assert one_place.investigate(step).fate is Fate.NOT_APPLIED
