"""What every `SnapshotReader` promises."""

import attrs
import pytest

from pmax.domain import plans
from pmax.domain.snapvx import LinkPhase, LinkState, ListedSnapshot, SnapshotPhase
from pmax.simulator import AfterSeconds, Behaviour
from tests.contract.places import ARRAY, simulated
from tests.contract.snapshot_cases import linked, restored, source_of, taken

NO_SNAP_IDS = "V9.0.0.1"


def sessions(place, device):
    """What the array says of a volume."""
    return place.read.snapshots.find_sessions(ARRAY, device)


def test_a_volume_without_sessions(place):
    """Nothing is an answer: no snapshot, no link, and the volume's identifier all the same."""
    device = source_of(place)
    found = sessions(place, device)
    assert (found.identifier, found.snapshots, found.target_of) == ("OS-a", (), None)


def test_a_device_that_does_not_exist_is_absent(place):
    """The array says so of that very device."""
    assert sessions(place, "FFFFF") is None


def test_generations_count_from_the_newest(place):
    """The newest of a name is generation 0; ids, where there are any, tell them apart for good."""
    device = source_of(place)
    for name in ("snap", "other", "snap"):
        taken(place, device, name)
    newest, oldest = sessions(place, device).named("snap")
    assert (newest.key.generation, oldest.key.generation) == (0, 1)
    assert (newest.key.siblings, sessions(place, device).get("other").key.siblings) == (2, 1)
    if place.unisphere.client.dialect().version > 91:
        assert newest.key.snap_id > oldest.key.snap_id
    else:
        assert newest.key.snap_id is None


def test_a_link_is_seen_from_both_ends(place):
    """The source names the target, and the target its source and snapshot."""
    link = linked(place)
    snapshot = sessions(place, link.device).get("snap")
    assert snapshot.phase is SnapshotPhase.LINKED
    assert [(each.target, each.phase) for each in snapshot.links] == [(link.target, LinkPhase.LINKED)]
    end = sessions(place, link.target).target_of
    assert (end.source, end.name, end.key.snap_id) == (link.device, "snap", snapshot.key.snap_id)
    assert end.link == snapshot.links[0]


def test_a_restore_is_no_link(place):
    """It shows up as a link of the source to itself, and is told apart."""
    device = restored(place).device
    snapshot = sessions(place, device).get("snap")
    assert (snapshot.restore, snapshot.links) == (LinkState.RESTORED, ())
    assert sessions(place, device).target_of is None


@pytest.mark.parametrize(("with_copy", "phase"), [(False, LinkPhase.DEFINING), (True, LinkPhase.COPYING)])
def test_a_link_that_is_under_way(with_copy, phase):
    """A link is finished when it is defined and nothing is being copied."""
    pace = AfterSeconds(60)
    with simulated("V9.2.0.0", behaviour=Behaviour(define_pace=pace, copy_pace=pace), clock="manual") as place:
        device = source_of(place)
        key = taken(place, device)
        step = plans.LinkSnapshot(
            array_id=ARRAY, device=device, name="snap", snapshot=key, target=place.volume("gold"), with_copy=with_copy
        )
        place.apply(step)
        (link,) = sessions(place, device).links
        assert (link.phase, link.is_finished) == (phase, False)
        place.simulator.clock.advance(61)
        (link,) = sessions(place, device).links
        assert link.is_finished


def test_a_life_time(one_place):
    """The end of a temporary snapshot is an hour away; a user's has none."""
    device = source_of(one_place)
    taken(one_place, device)
    new = sessions(one_place, device).next_of("")
    one_place.apply(plans.CreateTemporarySnapshot(array_id=ARRAY, device=device, new=new))
    found = {each.name: each for each in sessions(one_place, device).snapshots}
    assert found["snap"].expires_at_s is None
    temporary = found[f"temp-{device}-snapshot_for_clone"]
    assert temporary.expires_at_s == int(one_place.simulator.clock.now()) + 3600
    assert not temporary.is_expired


def test_the_list_of_an_array(place):
    """Every snapshot, and none of the links to a volume, in one call."""
    link = linked(place)
    taken(place, link.device, "a-1-SRC-b")
    place.forget_calls()
    listed = set(place.read.snapshots.list_snapshots(ARRAY))
    assert len(place.calls) == 1
    plain = ListedSnapshot(source=link.device, name="a-1-SRC-b", generation=0, is_linked=False)
    assert listed == {plain, attrs.evolve(plain, name="snap", is_linked=True)}


def test_the_list_of_an_array_without_snapshots(place):
    """Nothing is an answer."""
    source_of(place)
    assert place.read.snapshots.list_snapshots(ARRAY) == ()
