"""Where data are: tokens show that SRDF loses none and mixes none up, and what it does lose when it must."""

import pytest

from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY

COPY_S = 60
CYCLE_S = 15
UNDEFINED = "undefined"


def test_synchronous_writes(make_sides):
    """While Synchronized, what is written on R1 is on R2 at once."""
    sides = make_sides()
    (volume,) = sides.protect()
    for token in ("a", "b"):
        sides.write(volume, token)
        assert sides.data(volume) == (token, token)


def test_what_was_there_before(make_sides):
    """Establishing a new pair brings R2 what R1 held before."""
    sides = make_sides()
    (volume,) = sides.near.group("sg", volumes=1)
    sides.write(volume, "old")
    sides.ask_protection()
    assert sides.data(volume) == ("old", "old")


def test_allocation_goes_along(make_sides):
    """R2 takes as much room as R1."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.write(volume, "a")
    assert sides.far.array.volumes[sides.twin(volume)].allocated_percent == 100


def test_asynchronous_writes(make_sides):
    """Asynchronous replication delivers with the next cycle, and only the last of what was written in between."""
    sides = make_sides("Asynchronous")
    (volume,) = sides.protect()
    for token in ("a", "b"):
        sides.write(volume, token)
    assert sides.data(volume) == ("b", "")
    sides.simulator.clock.advance(CYCLE_S)
    assert sides.data(volume) == ("b", "b")


def test_one_cycle_for_a_group(make_sides):
    """All volumes of an asynchronous group move forward together: a later write never overtakes an earlier one."""
    sides = make_sides("Asynchronous")
    one, two = sides.protect(volumes=2)
    sides.write(one, "1st")
    sides.simulator.clock.advance(CYCLE_S - 1)
    sides.write(two, "2nd")
    assert (sides.data(one)[1], sides.data(two)[1]) == ("", "")
    sides.simulator.clock.advance(1)
    assert (sides.data(one)[1], sides.data(two)[1]) == ("1st", "2nd")
    sides.simulator.clock.advance(CYCLE_S)
    sides.write(one, "3rd")
    sides.simulator.clock.advance(CYCLE_S)
    assert sides.data(one) == ("3rd", "3rd")


def test_planned_failover_loses_nothing(make_sides):
    """A planned failover of an asynchronous group first delivers what it has collected; an immediate one does not."""
    for immediate, expected in (("false", "new"), ("true", "old")):
        sides = make_sides("Asynchronous")
        (volume,) = sides.protect()
        sides.write(volume, "old")
        sides.simulator.clock.advance(CYCLE_S)
        sides.write(volume, "new")
        sides.act("Failover", immediate=immediate)
        assert sides.data(volume)[1] == expected


def test_adaptive_copy_writes(make_sides):
    """In adaptive copy mode a write makes the pair SyncInProg until R2 has it."""
    sides = make_sides("AdaptiveCopyDisk", copy_s=COPY_S)
    (volume,) = sides.protect()
    sides.simulator.clock.advance(COPY_S)
    sides.write(volume, "a")
    assert sides.state(volume) == "SyncInProg"
    sides.simulator.clock.advance(COPY_S)
    assert (sides.state(volume), sides.data(volume)) == ("Synchronized", ("a", "a"))


@pytest.mark.parametrize("action", ["Suspend", "Split"])
def test_nothing_flows_when_it_is_stopped(make_sides, action):
    """What is written on R1 while replication is stopped stays there, and comes to R2 when it goes on."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.write(volume, "before")
    sides.act(action)
    sides.write(volume, "after")
    assert sides.data(volume) == ("after", "before")
    sides.act("Resume" if action == "Suspend" else "Establish")
    assert sides.data(volume) == ("after", "after")


def test_failover_and_failback(make_sides):
    """After failover hosts write to R2, and failback brings that to R1."""
    sides = make_sides(copy_s=COPY_S)
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.simulator.clock.advance(COPY_S)
    sides.write(volume, "near")
    sides.act("Failover")
    assert sides.read(twin, sides.far) == "near"
    sides.write(twin, "far", sides.far)
    assert sides.data(volume) == ("near", "far")
    sides.act("Failback")
    assert sides.read(volume) == "far"  # fetched over the link
    assert sides.near.array.volumes[volume].content == UNDEFINED
    sides.simulator.clock.advance(COPY_S)
    assert sides.near.array.volumes[volume].content == "far"
    sides.write(volume, "near again")
    assert sides.data(volume) == ("near again", "near again")


def test_restore_and_establish_after_a_split(make_sides):
    """After a split both sides differ; establish takes R1's data, restore R2's."""
    for action, expected in (("Establish", "near"), ("Restore", "far")):
        sides = make_sides()
        (volume,) = sides.protect()
        sides.act("Split")
        sides.write(volume, "near")
        sides.write(sides.twin(volume), "far", sides.far)
        sides.act(action)
        assert sides.data(volume) == (expected, expected)


def test_swap_keeps_the_newer_data(make_sides):
    """Roles that are swapped after a failover bring the new R2 what was written on the new R1."""
    sides = make_sides()
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.act("Failover")
    sides.write(twin, "far", sides.far)
    sides.act("Swap")
    sides.act("Resume")
    assert sides.data(volume) == ("far", "far")


@pytest.mark.parametrize(
    ("options", "expected"), [({}, "newer"), ({"refreshR2": True}, "newer"), ({"refreshR1": True}, "older")]
)
def test_swap_of_a_suspended_pair(make_sides, options, expected):
    """What only R1 had is not lost by a swap, unless the client wants R1 refreshed from R2 (assumed)."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.write(volume, "older")
    sides.act("Suspend")
    sides.write(volume, "newer")
    sides.act("Swap", **options)
    sides.act("Resume")
    assert sides.data(volume) == (expected, expected)


def test_failover_in_the_middle_of_a_copy(make_sides):
    """R2 is useless while it is copied to, and a failover then shows it."""
    sides = make_sides(copy_s=COPY_S)
    (volume,) = sides.near.group("sg", volumes=1)
    sides.write(volume, "a")
    sides.ask_protection()
    sides.simulator.clock.advance(COPY_S - 1)
    sides.act("Failover")
    assert sides.data(volume) == ("a", UNDEFINED)


def test_write_in_the_middle_of_a_copy(make_sides):
    """A write to R1 while it is copied reaches R2 by the end of the copy."""
    sides = make_sides(copy_s=COPY_S)
    (volume,) = sides.protect()
    sides.write(volume, "a")
    sides.simulator.clock.advance(COPY_S)
    assert sides.data(volume) == ("a", "a")


def test_write_in_the_middle_of_a_failback(make_sides):
    """A write to R1 during failback is newer than what comes from R2, and is kept."""
    sides = make_sides(copy_s=COPY_S)
    (volume,) = sides.protect()
    sides.simulator.clock.advance(COPY_S)
    sides.act("Failover")
    sides.write(sides.twin(volume), "far", sides.far)
    sides.act("Failback")
    sides.write(volume, "newest")
    sides.simulator.clock.advance(COPY_S)
    assert sides.data(volume) == ("newest", "newest")


def test_interrupted_failback(make_sides):
    """A failback that is suspended goes on from R2 to R1 when it is resumed: R1 alone would be useless."""
    sides = make_sides(copy_s=COPY_S)
    (volume,) = sides.protect()
    sides.simulator.clock.advance(COPY_S)
    sides.act("Failover")
    sides.write(sides.twin(volume), "far", sides.far)
    sides.act("Failback")
    sides.act("Suspend")
    assert sides.read(volume) == UNDEFINED
    sides.act("Resume")
    sides.simulator.clock.advance(COPY_S)
    assert sides.data(volume) == ("far", "far")


def test_cascade(make_sides):
    """What R1 writes goes on through a volume that is R2 of one pair and R1 of another."""
    sides = make_sides(fixture="families")
    third = "000120000548"
    sides.srdf.add_group("onwards", (OTHER_ARRAY, 80), (third, 80))
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    body = {
        "rdfMode": "Synchronous",
        "localDeviceListCriteriaParam": {"localDeviceList": [twin]},
        "establish": "true",
    }
    assert sides.post("rdf_group/80/volume", body, sides.far).status == 201
    assert sides.far.get(f"volume/{twin}").body["type"] == "RDF21+TDEV"
    sides.write(volume, "a")
    last = sides.srdf.other_side(OTHER_ARRAY, twin, 80)
    assert (last[0], sides.simulator.arrays[third].read(last[1])) == (third, "a")


def test_formatted_metro_pairs(make_sides):
    """Metro pairs that are formatted join an active group at once, and both volumes are erased (assumed)."""
    sides = make_sides("Active")
    sides.protect()
    (volume,), (twin,) = sides.near.group("a", volumes=1), sides.far.group("a", volumes=1)
    sides.write(volume, "gone")
    path = f"/private/90/replication/symmetrix/{ARRAY}/rdf_group/72/volume"
    body = {
        "deviceNameListSource": [{"name": volume}],
        "deviceNameListTarget": [{"name": twin}],
        "replicationMode": "Active",
        "format": "true",
        "rdfType": "NA",
    }
    assert sides.near.post(path, body).status == 201
    assert (sides.state(volume), sides.data(volume)) == ("ActiveActive", ("", ""))


def test_pairs_begun_from_the_other_side(make_sides):
    """A pair whose local volume is R2 takes its data from the remote one."""
    sides = make_sides()
    (volume,), (twin,) = sides.near.group("a", volumes=1), sides.far.group("a", volumes=1)
    sides.write(twin, "far", sides.far)
    path = f"/private/90/replication/symmetrix/{ARRAY}/rdf_group/70/volume"
    body = {
        "deviceNameListSource": [{"name": volume}],
        "deviceNameListTarget": [{"name": twin}],
        "replicationMode": "Synchronous",
        "establish": "true",
        "rdfType": "RDF2",
    }
    assert sides.near.post(path, body).status == 201
    assert sides.pair(volume)["volumeConfig"] == "RDF2+TDEV"
    assert sides.data(volume) == ("far", "far")


def test_deleted_pairs_leave_data_alone(make_sides):
    """Both volumes keep what they hold when their pair ends."""
    sides = make_sides()
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.write(volume, "a")
    sides.delete("storagegroup/sg/rdf_group/70", force="true")
    sides.write(volume, "b")
    assert (sides.read(volume), sides.read(twin, sides.far)) == ("b", "a")
