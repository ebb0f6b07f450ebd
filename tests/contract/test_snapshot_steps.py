"""What each step that changes snapshots promises."""

import attrs
import pytest

from pmax.domain import plans
from pmax.domain.errors import ArrayRejected, LimitReached, NotFound, StillInUse, TooSmall, WrongIdentity
from pmax.domain.plans import NewVolume, inverse
from pmax.domain.snapvx import NewSnapshot
from pmax.ports.array_commands import Fate
from pmax.simulator import AfterReads, AfterSeconds, Behaviour
from tests.contract.places import ARRAY, simulated
from tests.contract.snapshot_cases import FIRST, SNAPSHOT_CASES, linked, names_of, restored, source_of, taken


def sessions(place, device):
    """What the array says of a volume."""
    return place.read.snapshots.find_sessions(ARRAY, device)


@pytest.mark.parametrize("name", ["CreateSnapshot", "CreateTemporarySnapshot"])
def test_undoing_deletes_the_new_snapshot_and_no_other(place, name):
    """What was there before stays, also when it has the same name."""
    first = SNAPSHOT_CASES[name].prepare(place)
    place.apply(first)
    kept = sessions(place, first.device).get(first.name)
    second = attrs.evolve(first, new=sessions(place, first.device).next_of(first.name))
    place.apply(second)
    assert place.apply(inverse(second)).changed
    assert place.apply(inverse(second)).changed is False
    assert [each.created for each in sessions(place, first.device).named(first.name)] == [kept.created]
    assert sessions(place, first.device).get(first.name).key.snap_id == kept.key.snap_id


def test_undoing_among_others_new_snapshots(place):
    """If others took snapshots of the name meanwhile, nobody says which is ours: none is deleted."""
    step = SNAPSHOT_CASES["CreateSnapshot"].prepare(place)
    place.apply(step)
    taken(place, step.device)
    with pytest.raises(WrongIdentity):
        place.apply(inverse(step))
    assert place.investigate(step).fate is Fate.UNKNOWN
    assert names_of(place, step.device) == ["snap", "snap"]


def test_the_right_generation_is_deleted(place):
    """Of several snapshots of a name, the one that was read goes."""
    device = source_of(place)
    oldest = taken(place, device)
    taken(place, device)
    older = sessions(place, device).named("snap")[1]
    place.apply(plans.TerminateSnapshot(array_id=ARRAY, device=device, name="snap", snapshot=older.key))
    assert sessions(place, device).get("snap").key.snap_id != oldest.snap_id or oldest.snap_id is None
    assert names_of(place, device) == ["snap"]


def test_a_linked_snapshot_is_not_deleted(place):
    """The array refuses, and nothing is changed."""
    link = linked(place)
    with pytest.raises(ArrayRejected, match="linked"):
        place.apply(plans.TerminateSnapshot(array_id=ARRAY, device=link.device, name="snap", snapshot=link.snapshot))
    assert names_of(place, link.device) == ["snap"]


def test_a_snapshot_that_goes_late_is_waited_for():
    """The array shows a deleted snapshot for a while; to delete it once more is success, and its end can be awaited."""
    with simulated("V9.2.0.0", behaviour=Behaviour(snapshot_removal_pace=AfterReads(2))) as place:
        step = SNAPSHOT_CASES["TerminateSnapshot"].prepare(place)
        assert place.apply(step).changed
        assert not place.apply(step).changed
        gone = plans.AwaitSnapshotGone(array_id=ARRAY, device=step.device, name="snap", snapshot=step.snapshot)
        looks = [place.apply(gone).is_settled for _ in range(4)]
        assert looks == [False, True, True, True]


def test_a_new_snapshot_tells_which_it_is(place):
    """The await gives the key with which it can be found for good."""
    step = SNAPSHOT_CASES["CreateSnapshot of a name that is taken"].prepare(place)
    wait = plans.AwaitSnapshot(array_id=ARRAY, device=step.device, name="snap", snapshot=step.new)
    assert not place.apply(wait).is_settled
    place.apply(step)
    outcome = place.apply(wait)
    assert outcome.is_settled
    assert outcome.snapshot == sessions(place, step.device).get("snap").key


@pytest.mark.parametrize(("with_copy", "until_copied"), [(False, False), (True, False), (True, True), (False, True)])
def test_a_link_is_waited_for(with_copy, until_copied):
    """Its data are there when it is defined; a copy that runs is waited for only by who wants to unlink."""
    behaviour = Behaviour(define_pace=AfterSeconds(10), copy_pace=AfterSeconds(100))
    with simulated("V9.2.0.0", behaviour=behaviour, clock="manual") as place:
        step = attrs.evolve(SNAPSHOT_CASES["LinkSnapshot"].prepare(place), with_copy=with_copy)
        place.apply(step)
        parts = {key: getattr(step, key) for key in ("array_id", "device", "name", "snapshot", "target")}
        wait = plans.AwaitLinkDefined(**parts, until_copied=until_copied)
        assert not place.apply(wait).is_settled
        place.simulator.clock.advance(11)
        assert place.apply(wait).is_settled == (not (with_copy and until_copied))
        place.simulator.clock.advance(90)
        assert place.apply(wait).is_settled


def test_a_link_that_is_gone_is_not_waited_for(one_place):
    """Somebody took it away: it will never be defined."""
    step = SNAPSHOT_CASES["LinkSnapshot"].prepare(one_place)
    parts = {key: getattr(step, key) for key in ("array_id", "device", "name", "snapshot", "target")}
    with pytest.raises(NotFound) as raised:
        one_place.apply(plans.AwaitLinkDefined(**parts))
    assert raised.value.kind == "link"


def test_only_a_target_that_is_given_up_is_unlinked_by_force():
    """A link that is not defined yet stays, unless its target is about to be deleted."""
    with simulated("V9.2.0.0", behaviour=Behaviour(define_pace=AfterSeconds(10)), clock="manual") as place:
        link = SNAPSHOT_CASES["LinkSnapshot"].prepare(place)
        place.apply(link)
        discard = inverse(link)
        with pytest.raises(ArrayRejected, match="not fully defined"):
            place.apply(attrs.evolve(discard, is_target_discarded=False))
        assert place.apply(discard).changed
        assert link.target not in place.array.links


def test_a_target_that_is_too_small(place):
    """The error says so, and the target keeps its data."""
    step = SNAPSHOT_CASES["LinkSnapshot"].prepare(place)
    place.array.update_volume(step.target, cylinders=10)
    with pytest.raises(TooSmall):
        place.apply(step)
    assert place.array.links == {}


@pytest.mark.parametrize("name", ["CreateSnapshot of a name that is taken", "LinkSnapshot"])
def test_a_source_with_all_its_sessions(name):
    """The array's limit is an error of its own, since it passes."""
    with simulated("V9.2.0.0", behaviour=Behaviour(max_snapshots=1, max_links=1)) as place:
        step = SNAPSHOT_CASES[name].prepare(place)
        if name == "LinkSnapshot":
            place.apply(step)
            step = attrs.evolve(step, target=place.volume("gold", "OS-c"))
        with pytest.raises(LimitReached):
            place.apply(step)


def test_a_restore_is_waited_for():
    """It is over when everything is back, and ends only then; the snapshot stays."""
    with simulated("V9.2.0.0", behaviour=Behaviour(copy_pace=AfterSeconds(10)), clock="manual") as place:
        step = restored(place)
        parts = {"array_id": ARRAY, "device": step.device, "name": "snap", "snapshot": step.snapshot}
        wait, end = plans.AwaitRestored(**parts), plans.EndRestore(**parts)
        assert not place.apply(wait).is_settled
        with pytest.raises(ArrayRejected):
            place.apply(end)
        place.simulator.clock.advance(11)
        assert place.apply(wait).is_settled
        assert place.apply(end).changed
        assert names_of(place, step.device) == ["snap"]


def test_a_restore_while_a_copy_runs():
    """The array's own words become an error that says what is in the way."""
    with simulated("V9.2.0.0", behaviour=Behaviour(copy_pace=AfterSeconds(10)), clock="manual") as place:
        link = attrs.evolve(SNAPSHOT_CASES["LinkSnapshot"].prepare(place), with_copy=True)
        place.apply(link)
        step = plans.RestoreSnapshot(array_id=ARRAY, device=link.device, name="snap", snapshot=link.snapshot)
        with pytest.raises(StillInUse, match="copy"):
            place.apply(step)


def test_steps_for_a_volume_that_is_not_there_yet_are_a_fault(one_place):
    """A link is made with a real target or not at all; shown it may be."""
    link = plans.LinkSnapshot(
        array_id=ARRAY, device=source_of(one_place), name="snap", snapshot=FIRST, target=NewVolume("OS-b")
    )
    for step in (link, inverse(link)):
        with pytest.raises(TypeError):
            one_place.apply(step)
        assert '"NEW"' in one_place.unisphere.commands.preview(step)[0].body


def test_a_snapshot_of_a_volume_that_is_gone(one_place):
    """The volume is named as what is missing; a deletion finds its work done."""
    step = plans.CreateSnapshot(array_id=ARRAY, device="FFFFF", name="snap", new=FIRST)
    with pytest.raises(NotFound) as raised:
        one_place.apply(step)
    assert raised.value.kind == "volume"
    assert one_place.investigate(step).fate is Fate.NOT_APPLIED
    assert one_place.investigate(inverse(step)).fate is Fate.APPLIED


def test_without_ids_the_number_tells():
    """Where the service tells no snap ids, a deletion is known to be done when there is one less."""
    with simulated("V9.0.0.1") as place:
        device = source_of(place)
        taken(place, device)
        key = taken(place, device)
        step = plans.TerminateSnapshot(array_id=ARRAY, device=device, name="snap", snapshot=key)
        assert key.snap_id is None
        assert place.investigate(step).fate is Fate.NOT_APPLIED
        place.apply(step)
        assert place.investigate(step).fate is Fate.APPLIED
        taken(place, device)
        taken(place, device)
        assert place.investigate(step).fate is Fate.UNKNOWN
        assert place.investigate(attrs.evolve(step, snapshot=NewSnapshot(known=0))).fate is Fate.UNKNOWN
