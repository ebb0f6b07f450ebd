"""What speaks against a step whose locks were not held since it was planned: others use what it would take away."""

import attrs
import pytest

from pmax.domain import plans
from pmax.domain.capacity import Capacity
from pmax.ports.array_commands import Claim
from tests.contract import replication_steps
from tests.contract.places import ARRAY, GIB, GOLD

STALE = Claim(is_stale=True)


def objection(place, step, claim=STALE):
    """Ask the port."""
    return place.unisphere.commands.objection(step, claim)


@pytest.fixture
def seen(one_place):
    """A volume that a host sees through `child`, below `parent`."""
    return one_place.view()


@pytest.fixture
def leaving(one_place, seen, request):
    """A step that takes the volume out of what shows it."""
    one_place.group("other")
    volume = {"array_id": ARRAY, "device": seen}
    return {
        "removal": plans.RemoveVolume(**volume, storage_group="child"),
        "removal of several": plans.RemoveVolumes(array_id=ARRAY, devices=(seen,), storage_group="child"),
        "move": plans.MoveVolume(**volume, source="child", target="other"),
    }[request.param]


@pytest.mark.parametrize("leaving", ["removal", "removal of several", "move"], indirect=True)
def test_what_a_host_sees(one_place, seen, leaving):
    """Only an operation that may still call the volume its own takes it from the host."""
    assert "a host sees volume" in objection(one_place, leaving)
    assert objection(one_place, leaving, Claim(devices=frozenset({seen}))) == ""


def test_a_move_that_the_host_does_not_notice(one_place, seen):
    """Under the same view a volume goes where it was to go."""
    one_place.group("another", GOLD)
    one_place.apply(plans.EnsureChildStorageGroup(array_id=ARRAY, parent="parent", child="another"))
    step = plans.MoveVolume(array_id=ARRAY, device=seen, source="child", target="another")
    assert objection(one_place, step) == ""


def test_what_nobody_sees(one_place):
    """A group without a view shows nothing, and neither does one that the volume has left."""
    device = one_place.volume(one_place.group("gold"))
    step = plans.RemoveVolume(array_id=ARRAY, device=device, storage_group="gold")
    assert objection(one_place, step) == ""
    one_place.view()
    assert objection(one_place, plans.RemoveVolume(array_id=ARRAY, device=device, storage_group="child")) == ""


def test_another_volume_of_the_same_device_id(one_place):
    """The array gives device ids again: what was to grow, or to go, is not what carries the id by now."""
    device = one_place.volume(one_place.group("gold"), "OS-b")
    growth = plans.ExpandVolume(
        array_id=ARRAY, device=device, before=GIB, after=Capacity.from_gib(3), identifier="OS-a"
    )
    deletion = plans.DeleteVolume(array_id=ARRAY, device=device, identifier="OS-a", storage_group="gold")
    assert "another identifier" in objection(one_place, growth)
    assert "identifier OS-b" in objection(one_place, deletion)


@pytest.mark.parametrize("is_own", [False, True])
def test_a_volume_that_somebody_put_into_a_group(one_place, is_own):
    """It is kept, unless the operation may still call it its own: then it waits until the volume is released."""
    device = one_place.volume(one_place.group("gold"))
    claim = Claim(devices=frozenset({device})) if is_own else STALE
    step = plans.DeleteVolume(array_id=ARRAY, device=device, identifier="OS-a")
    assert bool(objection(one_place, step, claim)) is not is_own
    assert objection(one_place, attrs.evolve(step, storage_group="gold"), claim) == ""


def test_the_direction_of_pairs(one_place):
    """Long after it was begun a failover is nothing to make, unless it was made."""
    step = replication_steps.fail_over(one_place)
    assert "somebody may rely" in objection(one_place, step)
    assert objection(one_place, step, Claim()) == ""
    one_place.apply(step)
    assert objection(one_place, step) == ""
