"""Links of snapshots: rules 51 to 54, background define and copy in time, and copy modes."""

import pytest

from pmax.simulator import AfterReads, AfterSeconds, Behaviour
from tests.unit.simulator.snapvx_steps import ALREADY, Snapvx, known

NO_LINK = "No link target was found"


@pytest.fixture
def make_snapvx(make_client):
    def make(**behaviour):
        return Snapvx(make_client(behaviour=Behaviour(**behaviour)))

    return make


@pytest.fixture
def snapvx(make_snapvx):
    """An array whose background work is done at once."""
    return make_snapvx()


@pytest.fixture
def slow(make_snapvx):
    """An array that takes 10 seconds to define and 100 to copy."""
    return make_snapvx(define_pace=AfterSeconds(10), copy_pace=AfterSeconds(100))


def prepare(snapvx, targets=1):
    """Return a source with a snapshot `s`, and targets."""
    source, *others = snapvx.client.group("sg", volumes=1 + targets)
    assert snapvx.create("s", source).status == 201
    return (source, *others)


class TestTarget:
    def test_it_must_exist(self, snapvx):
        """Rule 51: a link to a device that does not exist is refused."""
        (source, _) = prepare(snapvx)
        reply = snapvx.link("s", source, "FFFFF")
        assert (reply.status, "cannot be found" in reply.message) == (500, True)

    def test_the_source_must_have_the_snapshot(self, snapvx):
        """Rule 51: a link of a snapshot that the source does not have is refused."""
        source, target = prepare(snapvx)
        assert "No snapshot was found" in snapvx.link("other", source, target).message
        assert "No snapshot was found" in snapvx.link("s", target, source).message

    def test_not_the_source_itself(self, snapvx):
        """Rule 51: a snapshot cannot be linked to its own source."""
        source, _ = prepare(snapvx)
        assert snapvx.link("s", source, source).status == 500
        assert snapvx.client.array.links == {}

    def test_not_smaller_than_the_source(self, snapvx):
        """Rule 51: a target is at least as large as the snapshot; a larger one is fine."""
        source, _ = prepare(snapvx)
        smaller, larger = (snapvx.client.array.add_volume(each) for each in (546, 600))
        assert "smaller" in snapvx.link("s", source, smaller).message
        assert snapvx.link("s", source, larger).status == 200

    def test_exact_size(self, snapvx):
        """Rule 51: with `exact` a larger target is refused too."""
        source, target = prepare(snapvx)
        larger = snapvx.client.array.add_volume(600)
        assert snapvx.link("s", source, larger, exact=True).status == 500
        assert snapvx.link("s", source, target, exact="true").status == 200

    def test_the_size_is_that_of_the_snapshot(self, snapvx):
        """Rules 25 and 51: when the source has grown, a target of the old size still holds the snapshot."""
        source, target = prepare(snapvx)
        edit = {"expandVolumeParam": {"volumeAttribute": {"volume_size": 2, "capacityUnit": "GB"}}}
        assert snapvx.client.put(f"volume/{source}", {"editVolumeActionParam": edit}).status == 200
        assert snapvx.link("s", source, target).status == 200
        snapvx.create("s", source)
        assert snapvx.link("s", source, snapvx.client.array.add_volume(547)).status == 500

    def test_one_link_only(self, snapvx):
        """Rule 51: a volume is the target of one link at most."""
        source, other, target = prepare(snapvx, targets=2)
        snapvx.create("t", other)
        snapvx.link("s", source, target)
        assert "already the target" in snapvx.link("t", other, target).message
        assert snapvx.client.array.links[target].source == source

    def test_the_same_link_again(self, snapvx):
        """Rule 51: a link that is there already is refused as the desired state."""
        source, target = prepare(snapvx)
        snapvx.link("s", source, target)
        assert ALREADY in snapvx.link("s", source, target).message

    def test_not_in_a_restore_session(self, snapvx):
        """Rule 51: a volume that is being restored cannot become a target."""
        source, target = prepare(snapvx)
        snapvx.create("own", target)
        snapvx.restore("own", target)
        assert snapvx.link("s", source, target).status == 500

    def test_masked_only_by_force(self, snapvx):
        """Rule 51: a target that a host can write to is refused unless it is forced (inferred)."""
        source, _ = prepare(snapvx)
        (shown,) = snapvx.client.masked("shown")
        assert "masking view" in snapvx.link("s", source, shown).message
        assert snapvx.link("s", source, shown, force="true").status == 200

    def test_pairs_by_position(self, snapvx):
        """Section 6.13: of two lists each source belongs to the target at its place, and lengths must be equal."""
        a, b, c, d = snapvx.client.group("sg", volumes=4)
        snapvx.create("s", a, b)
        assert snapvx.change("Link", "s", [(a, d), (b, c)]).status == 200
        assert {link.target: link.source for link in snapvx.client.array.links.values()} == {d: a, c: b}
        body = {"action": "Unlink", "deviceNameListSource": [{"name": a}, {"name": b}]}
        assert snapvx.client.put(f"{snapvx.private}/snapshot/s", body).status == 400

    def test_all_pairs_or_none(self, snapvx):
        """Rule 82: if one pair of a request cannot be linked, none is."""
        source, target = prepare(snapvx)
        assert snapvx.change("Link", "s", [(source, target), (source, source)]).status == 500
        assert snapvx.client.array.links == {}

    def test_both_sides_need_pairs(self, snapvx):
        """Rule 77: a snapshot on both sides of a volume that is not paired is refused, also on the near side."""
        (volume,) = snapvx.client.group("plain", volumes=1)
        assert "must be an RDF device" in snapvx.create("s", volume, bothSides="true").message
        assert "must be an RDF device" in snapvx.create_of_group("plain", "s", bothSides=True).message
        assert known(snapvx) == []

    def test_both_copy_keys(self, snapvx):
        """Section 6.13: one client sends `copy` and `nocopy`; they must not contradict each other."""
        source, target = prepare(snapvx)
        assert snapvx.link("s", source, target, copy="true", nocopy="true").status == 400
        assert snapvx.link("s", source, target, copy="true", nocopy="false").status == 200
        assert snapvx.linked(source)[target]["copy"] is True


class TestBackground:
    def test_with_copy(self, slow):
        """Rule 52: a link with copy is in progress, percent by percent, until it is copied."""
        source, target = prepare(slow)
        slow.link("s", source, target, copy=True)

        def seen():
            link = slow.linked(source)[target]
            return link["state"], link["percentageCopied"], link["defined"]

        assert seen() == ("CopyInProg", 0, False)
        slow.client.simulator.clock.advance(25)
        assert seen() == ("CopyInProg", 25, True)
        slow.client.simulator.clock.advance(75)
        assert seen() == ("Copied", 100, True)

    def test_tracks_that_are_left(self, slow):
        """Section 6.13: `tracks` counts what is still to be copied, in tracks of 128 KiB."""
        source, target = prepare(slow)
        slow.link("s", source, target, copy=True)
        assert slow.linked(source)[target]["tracks"] == 547 * 15
        slow.client.simulator.clock.advance(100)
        assert (slow.linked(source)[target]["tracks"], slow.linked(source)[target]["trackSize"]) == (0, 131072)

    def test_without_copy(self, slow):
        """Rule 52: a link without copy stays linked, copies nothing and becomes defined."""
        source, target = prepare(slow)
        slow.link("s", source, target, copy="false")
        slow.client.simulator.clock.advance(1000)
        link = slow.linked(source)[target]
        assert (link["state"], link["percentageCopied"], link["defined"], link["copy"]) == ("Linked", 0, True, False)

    def test_by_reads(self, make_snapvx):
        """With a pace in reads, a link becomes defined and copied as clients look at it."""
        snapvx = make_snapvx(define_pace=AfterReads(1), copy_pace=AfterReads(2))
        source, target = prepare(snapvx)
        snapvx.link("s", source, target, copy=True)
        states = [snapvx.linked(source)[target] for _ in range(4)]
        assert [(each["state"], each["defined"]) for each in states] == [
            ("CopyInProg", False),
            ("CopyInProg", True),
            ("Copied", True),
            ("Copied", True),
        ]

    def test_on_the_instant_clock_work_takes_no_time(self, make_client):
        """With the instant clock a copy of any pace is done at once."""
        behaviour = Behaviour(copy_pace=AfterSeconds(1000), define_pace=AfterSeconds(1000))
        snapvx = Snapvx(make_client(clock="instant", behaviour=behaviour))
        source, target = prepare(snapvx)
        snapvx.link("s", source, target, copy=True)
        assert snapvx.linked(source)[target]["state"] == "Copied"


class TestUnlink:
    def test_not_before_it_is_defined(self, slow):
        """Rule 53: a link that is not defined cannot be undone without symforce."""
        source, target = prepare(slow)
        slow.link("s", source, target)
        assert "not fully defined" in slow.unlink("s", source, target).message
        assert slow.unlink("s", source, target, symforce="true").status == 200

    def test_not_while_it_copies(self, slow):
        """Rule 53: a copy in progress cannot be unlinked without symforce, a finished one can."""
        source, first, second = prepare(slow, targets=2)
        slow.link("s", source, first, copy=True)
        slow.link("s", source, second, copy=True)
        slow.client.simulator.clock.advance(50)
        assert "in progress" in slow.unlink("s", source, first).message
        assert slow.unlink("s", source, first, symforce=True).status == 200
        slow.client.simulator.clock.advance(50)
        assert slow.unlink("s", source, second).status == 200
        assert slow.client.array.links == {}

    def test_what_is_not_linked(self, snapvx):
        """Rule 54: to unlink a pair that is not linked is refused as the desired state."""
        source, target, other = prepare(snapvx, targets=2)
        assert ALREADY in snapvx.unlink("s", source, target).message
        snapvx.create("t", other)
        snapvx.link("t", other, target)
        assert ALREADY in snapvx.unlink("s", source, target).message
        assert target in snapvx.client.array.links

    def test_an_unknown_target(self, snapvx):
        """Rule 54: to unlink a target that does not exist finds no link."""
        source, _ = prepare(snapvx)
        assert NO_LINK in snapvx.unlink("s", source, "FFFFF").message

    def test_a_late_timer_does_nothing(self, slow):
        """The end of a copy that was unlinked before has no effect on a new link of that target."""
        source, target = prepare(slow)
        slow.link("s", source, target, copy=True)
        slow.client.simulator.clock.advance(60)
        slow.unlink("s", source, target, symforce=True)
        slow.link("s", source, target, copy=True)
        slow.client.simulator.clock.advance(50)
        assert slow.linked(source)[target]["percentageCopied"] == 50


class TestRelinkAndMode:
    def test_to_another_generation(self, snapvx):
        """A relink presents another snapshot of the same source on the target, with the copy mode kept."""
        source, target = prepare(snapvx)
        snapvx.link("s", source, target, copy=True)
        snapvx.create("s", source)
        assert snapvx.change("Relink", "s", [(source, target)], generation=0).status == 200
        newest = max(snap_id for _, _, snap_id in known(snapvx))
        link = snapvx.client.array.links[target]
        assert (link.snap_id, link.is_copy) == (newest, True)

    def test_unknown_targets(self, snapvx):
        """A relink of a device that does not exist finds no link."""
        source, _ = prepare(snapvx)
        assert NO_LINK in snapvx.change("Relink", "s", [(source, "FFFFF")]).message

    def test_incomplete_bodies(self, snapvx):
        """A change of mode says which, a rename the name and one device, a secure time is a time."""
        source, target = prepare(snapvx)
        snapvx.link("s", source, target)
        assert snapvx.change("SetMode", "s", [(source, target)]).status == 400
        assert snapvx.change("Rename", "s", [(source, target)], newsnapshotname="t").status == 400
        assert snapvx.change("Rename", "s", [(source, source)]).status == 400
        assert snapvx.change("SetSecure", "s", [(source, source)]).status == 400
        assert snapvx.change("Explode", "s", [(source, target)]).status == 400

    def test_only_what_is_linked_from_that_source(self, snapvx):
        """A relink of a target that no snapshot of the source is linked to is refused."""
        source, other, target = prepare(snapvx, targets=2)
        assert NO_LINK in snapvx.change("Relink", "s", [(source, target)]).message
        snapvx.create("t", other)
        snapvx.link("t", other, target)
        assert NO_LINK in snapvx.change("Relink", "s", [(source, target)]).message

    def test_not_to_a_larger_snapshot(self, snapvx):
        """A target that is too small for a snapshot cannot be relinked to it."""
        source, target = prepare(snapvx)
        snapvx.link("s", source, target)
        edit = {"expandVolumeParam": {"volumeAttribute": {"volume_size": 2, "capacityUnit": "GB"}}}
        snapvx.client.put(f"volume/{source}", {"editVolumeActionParam": edit})
        snapvx.create("s", source)
        assert snapvx.change("Relink", "s", [(source, target)], generation=0).status == 500

    def test_from_no_copy_to_copy(self, slow):
        """Setting the copy mode starts the background copy; setting the mode that is set is refused."""
        source, target = prepare(slow)
        slow.link("s", source, target)
        slow.client.simulator.clock.advance(10)
        assert slow.change("SetMode", "s", [(source, target)], copy=True).status == 200
        assert ALREADY in slow.change("SetMode", "s", [(source, target)], copy=True).message
        slow.client.simulator.clock.advance(100)
        assert slow.linked(source)[target]["state"] == "Copied"

    def test_from_copy_to_no_copy(self, slow):
        """Taking the copy mode away stops the copy; what is copied already cannot be taken back."""
        source, target = prepare(slow)
        slow.link("s", source, target, copy=True)
        slow.client.simulator.clock.advance(50)
        assert slow.change("SetMode", "s", [(source, target)], nocopy=True).status == 200
        slow.client.simulator.clock.advance(100)
        assert slow.linked(source)[target]["state"] == "Linked"
        slow.change("SetMode", "s", [(source, target)], copy=True)
        slow.client.simulator.clock.advance(100)
        assert ALREADY in slow.change("SetMode", "s", [(source, target)], copy=False).message
