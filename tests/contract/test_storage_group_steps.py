"""What each step that changes storage groups promises, deleting them above all."""

import attrs
import pytest

from pmax.adapters.rest.storage_group_calls import interim_name
from pmax.domain import plans
from pmax.domain.errors import AlreadyExists, ArrayRejected, Busy, InUse, InvalidRequest, NotFound
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.ports.array_commands import Fate
from tests.contract.places import ARRAY, GOLD, Meanwhile, Refuses, simulated
from tests.contract.steps import CASES


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


def test_volumes_are_brought_back_to_a_group_that_was_made_anew():
    """The name cannot be given back when somebody took it: then the volumes go to the new group."""
    fault = Meanwhile()
    with simulated("V9.2.0.0", faults=fault) as place:
        device = place.volume(place.group("gold", GOLD))
        fault.on_rename = lambda: place.seen_by().group("gold", GOLD)
        step = plans.PruneStorageGroup(array_id=ARRAY, name="gold", when_emptied="gold", is_shared=True)
        assert not place.apply(step).changed
        assert place.array.volumes[device].storage_groups == ("gold",)
        assert list(place.array.storage_groups) == ["gold"]


def test_whoever_adds_after_the_rename_is_told_that_there_is_no_group():
    """That is what makes the deletion safe: nothing can come in any more."""
    fault = Meanwhile()
    with simulated("V9.2.0.0", faults=fault) as place:
        place.group("gold", GOLD)
        refusals = []

        def add():
            with pytest.raises(NotFound) as raised:
                place.seen_by().volume("gold")
            refusals.append(raised.value.name)

        fault.on_rename = add
        assert place.apply(
            plans.PruneStorageGroup(array_id=ARRAY, name="gold", when_emptied="gold", is_shared=True)
        ).changed
        assert refusals == ["gold"]
        assert place.array.storage_groups == {}


@pytest.mark.parametrize("step_name", ["DeleteStorageGroup", "PruneStorageGroup shared"])
@pytest.mark.parametrize(("status", "message"), [(500, "A policy protects the group"), (503, "later")])
def test_a_group_that_the_array_will_not_delete_gets_its_name_back(step_name, status, message):
    """Whatever the reason, nothing stays under an interim name."""
    fault = Refuses("DELETE", interim_name("gold"), status, message)
    with simulated("V9.2.0.0", faults=fault) as place:
        step = CASES[step_name].prepare(place)
        before = place.array.storage_groups
        with pytest.raises(Busy if status == 503 else ArrayRejected, match=message):
            place.apply(step)
        assert place.array.storage_groups == before


def test_a_group_that_the_array_will_not_rename_stays(one_place):
    """The array's refusal is raised as it came."""
    fault = Refuses("PUT", "/gold", 500, "A policy protects the group")
    with simulated("V9.2.0.0", faults=fault) as place:
        step = CASES["DeleteStorageGroup"].prepare(place)
        with pytest.raises(ArrayRejected, match="A policy protects the group"):
            place.apply(step)
        assert list(place.array.storage_groups) == ["gold"]


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


def test_a_group_that_a_view_needs_stays(one_place):
    """The array refuses to delete a group that is in a view: it is needed, so nothing is left to tidy up."""
    device = one_place.view()
    assert one_place.array.volumes[device].storage_groups == ("child",)
    step = plans.PruneStorageGroup(array_id=ARRAY, name="child", when_emptied="child", parent="parent")
    before = one_place.array.storage_groups
    assert not one_place.apply(attrs.evolve(step, name="parent", parent="child")).changed
    assert one_place.array.storage_groups == before
