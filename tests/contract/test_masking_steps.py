"""What each step that changes initiator groups and masking views promises."""

import attrs
import pytest

from pmax.domain import plans
from pmax.domain.errors import AlreadyExists, InUse, NotFound
from pmax.ports.array_commands import Fate
from tests.contract.places import ARRAY, IQN, OTHER_IQN, PORT_GROUP
from tests.contract.steps import CASES, INITIATORS, VIEW


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
    """To delete it is refused, naming the view; to prune it is no failure."""
    place.view()
    with pytest.raises(InUse, match="view"):
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
