"""What `ReplicationReader` promises: groups, pairs and sessions as either array shows them, and true absence."""

import pytest
import requests

from pmax.domain import plans
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.srdf import PairState
from tests.contract.places import ARRAY, GIB, simulated
from tests.contract.replication_steps import LINK, REMOTE, SESSION, paired, protect


@pytest.fixture(params=["V9.2.0.0", "V10.0.0.0"])
def pair_place(request):
    """Where pairs can be made."""
    with simulated(request.param) as place:
        yield place


def test_groups_by_number_and_by_label(place):
    """An RDF group is found by its number and by its exact label, with its other end."""
    reader = place.read.replication
    assert {group.label for group in reader.list_rdf_groups(ARRAY)} == {"23_24_070", "23_24_071", "23_24_072"}
    group = reader.find_rdf_group_by_label(ARRAY, "23_24_070")
    assert group == reader.find_rdf_group(ARRAY, 70)
    assert (group.link, group.pair_count, group.modes, group.is_offline) == (LINK, 0, (), False)
    assert reader.find_rdf_group_by_label(ARRAY, "23_24_07") is None
    assert reader.find_rdf_group(ARRAY, 99) is None


def test_a_label_that_moves_is_found_again(one_place):
    """A number that was believed is proven by the label that the group shows."""
    reader = one_place.read.replication
    assert reader.find_rdf_group_by_label(ARRAY, "23_24_070").number == 70
    url = f"/univmax/restapi/92/replication/symmetrix/{ARRAY}/rdf_group"
    session = _session(one_place)
    for number, label in ((70, "other"), (71, "23_24_070")):
        body = {"action": "set_label", "set_label": {"label": label}}
        assert session.put(f"https://unisphere.invalid:8443{url}/{number}", json=body).ok
    assert reader.find_rdf_group_by_label(ARRAY, "23_24_070").number == 71


def test_a_pair_from_both_sides(pair_place):
    """Both arrays show the same pair, turned round, and each device of the group."""
    device, other = paired(pair_place)
    reader = pair_place.read.replication
    near, far = reader.find_pair(ARRAY, 70, device), reader.find_pair(REMOTE, 70, other)
    assert near.is_of(LINK)
    assert far.is_of(LINK.turned)
    assert (near.remote_device_id, far.remote_device_id) == (other, device)
    assert (near.is_r1, far.is_r1) == (True, False)
    assert (near.state, near.status, near.remote_status) == (PairState.SYNCHRONIZED, "Ready", "Write Disabled")
    assert near.has_equal_sizes
    assert reader.list_paired_devices(ARRAY, 70) == (device,)
    assert reader.list_paired_devices(REMOTE, 70) == (other,)


def test_what_is_not_paired_is_absent(pair_place):
    """A device without a pair, one that does not exist, a group without pairs: None, and no error."""
    device = pair_place.volume(pair_place.group("gold"))
    reader = pair_place.read.replication
    assert reader.find_pair(ARRAY, 70, device) is None
    assert reader.find_pair(ARRAY, 70, DeviceId("FFFFF")) is None
    assert reader.find_session(ARRAY, "gold", 70) is None
    assert reader.find_session(ARRAY, "nowhere", 70) is None
    assert reader.find_group_replication(ARRAY, "nowhere") is None


def test_a_missing_rdf_group_is_not_a_missing_pair(pair_place):
    """Asked for a pair in an RDF group that does not exist, the error names the group, not the array."""
    device = pair_place.volume(pair_place.group("gold"))
    with pytest.raises(NotFound) as raised:
        pair_place.read.replication.find_pair(ARRAY, 99, device)
    assert (raised.value.kind, raised.value.name) == ("RDF group", "99")


def test_a_session(place):
    """A storage group's session has every state, mode and role that occurs in it."""
    place.apply(protect(place))
    session = place.read.replication.find_session(ARRAY, "gold", 70)
    assert (session.states, session.modes) == (frozenset({PairState.SYNCHRONIZED}), ("Synchronous",))
    assert session.storage_group == "gold"


def test_a_group_that_is_exactly_its_rdf_group(pair_place):
    """All paired, in this RDF group only, and as many: then nobody is missing on either side."""
    paired(pair_place)
    reader = pair_place.read.replication
    count = reader.find_rdf_group(ARRAY, 70).pair_count
    assert reader.find_group_replication(ARRAY, "gold").is_exactly(70, count)
    assert not reader.find_group_replication(ARRAY, "gold").is_exactly(71, count)
    pair_place.apply(
        plans.CreateVolume(array_id=ARRAY, storage_group=pair_place.group("b"), identifier="OS-b", capacity=GIB)
    )
    assert not reader.find_group_replication(ARRAY, "b").is_exactly(70, count)
    assert not reader.find_group_replication(ARRAY, "gold").is_exactly(70, count + 1)


def test_awaits_look_and_change_nothing(pair_place):
    """An await is settled as soon as what it waits for is there."""
    device, _ = paired(pair_place)
    steady, suspended = frozenset({PairState.SYNCHRONIZED}), frozenset({PairState.SUSPENDED})
    for states, is_settled in ((steady, True), (suspended, False)):
        pair = plans.AwaitPair(link=LINK, device=device, states=states)
        session = plans.AwaitSession(**SESSION, states=states)
        assert pair_place.apply(pair).is_settled is is_settled
        assert pair_place.apply(session).is_settled is is_settled
    members = plans.AwaitMembership(link=LINK, storage_group="gold")
    assert pair_place.apply(members).is_settled
    assert not pair_place.apply(plans.AwaitMembership(link=LINK, storage_group="gold", pair_count=2)).is_settled
    pair_place.volume(pair_place.group("other"))
    assert not pair_place.apply(plans.AwaitMembership(link=LINK, storage_group="other")).is_settled


def _session(place):
    session = requests.Session()
    session.auth = ("smc", "smc")
    place.simulator.mount(session)
    return session
