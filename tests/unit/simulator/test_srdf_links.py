"""Links that are cut and restored, ports and arrays that go down, and what becomes of pairs and data."""

import pytest

from pmax.simulator.refusals import ArrayRefused
from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY

COPY_S = 60
CYCLE_S = 15


def cut_link(sides):
    sides.cut()


def stop_ports(sides):
    for name in ("RF-1E:8", "RF-2E:8"):
        sides.far.array.set_port_online(name, is_online=False)


def stop_directors(sides):
    for name in ("RF-1E", "RF-2E"):
        sides.near.array.set_director_online(name, is_online=False)


def lose_array(sides):
    sides.far.array.update(is_up=False)


OUTAGES = [cut_link, stop_ports, stop_directors, lose_array]


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize(
    ("mode", "shown"), [("Synchronous", "Partitioned"), ("Asynchronous", "TransIdle"), ("Active", "Partitioned")]
)
def test_state_while_the_other_side_is_unreachable(make_sides, outage, mode, shown):
    """Whatever keeps the arrays apart, pairs are Partitioned, or TransIdle between asynchronous cycles."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    outage(sides)
    assert sides.states() == [shown]
    assert sides.pair(volume)["rdfpairState"] == shown
    assert sides.get(f"rdf_group/{sides.number}").body["offline"] is True


def test_one_port_is_enough(make_sides):
    """A group stays online as long as each end has a working port, and says which."""
    sides = make_sides()
    sides.protect()
    sides.near.array.set_port_online("RF-1E:8", is_online=False)
    assert sides.states() == ["Synchronized"]
    details = sides.get("rdf_group/70").body
    assert (details["localPorts"], details["localOnlinePorts"]) == (["RF-1E:8", "RF-2E:8"], ["RF-2E:8"])


def test_ports_come_back(make_sides):
    """Asynchronous pairs go on by themselves when a port works again."""
    sides = make_sides("Asynchronous")
    sides.protect()
    stop_ports(sides)
    sides.far.array.set_port_online("RF-2E:8", is_online=True)
    assert sides.states() == ["Consistent"]


@pytest.mark.parametrize(
    ("mode", "verb", "steady"),
    [
        ("Synchronous", "Resume", "Synchronized"),
        ("AdaptiveCopyDisk", "Resume", "Synchronized"),
        ("Active", "Establish", "ActiveActive"),
    ],
)
def test_after_the_link_is_restored(make_sides, mode, verb, steady):
    """Synchronous and Metro pairs are suspended when the arrays meet again, until somebody resumes them (assumed)."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    sides.write(volume, "before")
    sides.cut()
    sides.write(volume, "meanwhile")
    assert sides.data(volume) == ("meanwhile", "before")
    sides.mend()
    assert sides.states() == ["Suspended"]
    sides.act(verb)
    assert (sides.states(), sides.data(volume)) == ([steady], ("meanwhile", "meanwhile"))


def test_asynchronous_pairs_go_on_by_themselves(make_sides):
    """An asynchronous group catches up by itself when the link is restored."""
    sides = make_sides("Asynchronous", copy_s=COPY_S)
    (volume,) = sides.protect()
    sides.simulator.clock.advance(COPY_S)
    sides.cut()
    sides.write(volume, "meanwhile")
    sides.simulator.clock.advance(10 * CYCLE_S)
    assert sides.data(volume) == ("meanwhile", "")
    sides.mend()
    assert sides.states() == ["SyncInProg"]
    sides.simulator.clock.advance(COPY_S)
    assert (sides.states(), sides.data(volume)) == (["Consistent"], ("meanwhile", "meanwhile"))


def test_cycle_that_is_cut_off(make_sides):
    """What an asynchronous group has collected when the link is cut does not arrive."""
    sides = make_sides("Asynchronous")
    (volume,) = sides.protect()
    sides.write(volume, "a")
    sides.simulator.clock.advance(CYCLE_S - 1)
    sides.cut()
    sides.simulator.clock.advance(CYCLE_S)
    assert sides.data(volume) == ("a", "")


def test_copy_that_is_cut_off(make_sides):
    """A copy stops with the link, and R2 is useless until it has been resumed and finished."""
    sides = make_sides(copy_s=COPY_S)
    (volume,) = sides.near.group("sg", volumes=1)
    sides.write(volume, "a")
    sides.ask_protection()
    sides.simulator.clock.advance(COPY_S - 1)
    sides.cut()
    sides.simulator.clock.advance(COPY_S)
    assert (sides.states(), sides.data(volume)) == (["Partitioned"], ("a", "undefined"))
    sides.mend()
    sides.act("Resume")
    sides.simulator.clock.advance(COPY_S)
    assert (sides.states(), sides.data(volume)) == (["Synchronized"], ("a", "a"))


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous"])
def test_disaster(make_sides, mode):
    """When the primary array is lost, R2 can be failed over; what had not arrived yet is lost, the rest is there."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.write(volume, "old")
    sides.simulator.clock.advance(CYCLE_S)
    sides.write(volume, "new")
    sides.near.array.update(is_up=False)
    assert sides.get("rdf_group/70", sides.near).status == 500
    sides.act("Failover", client=sides.far)
    assert sides.srdf.access_to(OTHER_ARRAY, twin) == "Ready"
    assert sides.read(twin, sides.far) == ("new" if mode == "Synchronous" else "old")
    sides.write(twin, "after the disaster", sides.far)
    sides.near.array.update(is_up=True)
    assert sides.states(client=sides.far) == ["Split"]
    sides.act("Restore", client=sides.far)
    assert sides.data(volume) == ("after the disaster", "after the disaster")
    assert sides.pair(volume)["localVolumeState"] == "Ready"


def test_failback_after_a_disaster(make_sides):
    """After a disaster a second failover write disables R1, and then failback brings it R2's data."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.cut()
    sides.act("Failover", client=sides.far)
    sides.write(sides.twin(volume), "far", sides.far)
    sides.mend()
    sides.act("Failover", client=sides.far)
    assert sides.pair(volume)["localVolumeState"] == "Write Disabled"
    sides.act("Failback", client=sides.far)
    assert (sides.states(), sides.data(volume)) == (["Synchronized"], ("far", "far"))


@pytest.mark.parametrize("action", ["Establish", "Resume", "Restore", "Split", "Failback", "Swap", "SetMode"])
@pytest.mark.parametrize("asked", ["near", "far"])
def test_what_needs_both_arrays(make_sides, action, asked):
    """While the arrays do not reach each other, what needs both is refused and changes nothing."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.cut()
    before = sides.srdf.pair_of(ARRAY, volume)
    options = {"mode": "Asynchronous"} if action == "SetMode" else {}
    reply = sides.ask(action, client=getattr(sides, asked), **options)
    assert (reply.status, "link is offline" in reply.message) == (500, True)
    assert sides.srdf.pair_of(ARRAY, volume) == before


def test_failover_from_the_wrong_side(make_sides):
    """The array with R1 cannot fail over to an R2 that it does not reach."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.cut()
    assert sides.ask("Failover").status == 500
    with pytest.raises(ArrayRefused, match="Write Disabled"):
        sides.write(sides.twin(volume), "lost", sides.far)


def test_suspended_behind_a_cut(make_sides):
    """An asynchronous group that is suspended while it is cut off does not go on when the link comes back."""
    sides = make_sides("Asynchronous")
    sides.protect()
    sides.cut()
    sides.act("Suspend")
    assert sides.states() == ["Partitioned"]
    sides.mend()
    assert sides.states() == ["Suspended"]


def test_nothing_new_over_a_cut_link(make_sides):
    """No group, no pair and no growth over a link that is cut, and nothing is left behind."""
    sides = make_sides()
    (volume,) = sides.protect()
    (other,) = sides.near.group("other", volumes=1)
    sides.cut()
    counts = len(sides.near.array.volumes), len(sides.far.array.volumes)
    assert sides.ask_protection("other").status == 500
    assert sides.add([other]).status == 500
    attribute = {"volume_size": 2, "capacityUnit": "GB"}
    body = {"editVolumeActionParam": {"expandVolumeParam": {"volumeAttribute": attribute, "rdfGroupNumber": 70}}}
    assert sides.near.put(f"volume/{volume}", body).status == 500
    fields = {"volumeId": [volume], "remoteSymmSGInfoParam": remote_info()}
    assert sides.near.edit("sg", "removeVolumeParam", fields).status == 500
    with pytest.raises(ArrayRefused):
        sides.srdf.add_group("new", (ARRAY, 90), (OTHER_ARRAY, 90))
    assert (len(sides.near.array.volumes), len(sides.far.array.volumes)) == counts
    assert sides.near.array.volumes[volume].storage_groups == ("sg",)
    assert len(sides.srdf.pairs) == 1


def remote_info():
    return {"remote_symmetrix_1_id": OTHER_ARRAY, "remote_symmetrix_1_sgs": ["sg"]}


def test_half_a_pair(make_sides):
    """An array alone can only forget its own half; the other half stays, is invalid, and can be deleted there."""
    sides = make_sides()
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.cut()
    assert sides.delete("storagegroup/sg/rdf_group/70", force="true").status == 500
    assert sides.delete("storagegroup/sg/rdf_group/70", half_delete="true").status == 204
    sides.mend()
    assert sides.near.get(f"volume/{volume}").body["type"] == "TDEV"
    assert sides.far.get(f"volume/{twin}").body["type"] == "RDF2+TDEV"
    near, far = sides.get("rdf_group/70").body, sides.get("rdf_group/70", sides.far).body
    assert (near["numDevices"], far["numDevices"]) == (0, 1)
    assert sides.states(client=sides.far) == ["Invalid"]
    assert sides.pair(twin, sides.far)["remoteVolumeName"] == volume
    assert sides.ask("Resume", client=sides.far).status == 500
    assert sides.add([volume]).status == 201
    assert sides.delete(f"rdf_group/70/volume/{twin}", sides.far, half="true").status == 204
    assert sides.far.get(f"volume/{twin}").body["type"] == "TDEV"


def test_metro_with_a_witness(make_sides):
    """With a witness, R1 goes on when the link is cut; when its array is lost, the other side does."""
    sides = make_sides("Active")
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.cut()
    assert (sides.srdf.access_to(ARRAY, volume), sides.srdf.access_to(OTHER_ARRAY, twin)) == ("Ready", "Not Ready")
    sides.mend()
    sides.act("Establish")
    sides.near.array.update(is_up=False)
    assert sides.srdf.access_to(OTHER_ARRAY, twin) == "Ready"
    sides.write(twin, "survived", sides.far)
    sides.near.array.update(is_up=True)
    assert sides.states(client=sides.far) == ["Suspended"]
    assert sides.srdf.access_to(ARRAY, volume) == "Not Ready"
    sides.act("Establish", client=sides.far)
    assert sides.data(volume) == ("survived", "survived")


def test_metro_with_bias(make_sides):
    """With bias, the other side stops even when R1's array is lost, until it takes the bias over."""
    sides = make_sides("Active")
    (volume,) = sides.protect(metroBias="true")
    twin = sides.twin(volume)
    sides.near.array.update(is_up=False)
    assert sides.srdf.access_to(OTHER_ARRAY, twin) == "Not Ready"
    with pytest.raises(ArrayRefused, match="Not Ready"):
        sides.write(twin, "lost", sides.far)
    sides.act("SetBias", client=sides.far)
    sides.write(twin, "survived", sides.far)
    sides.near.array.update(is_up=True)
    sides.act("Establish", client=sides.far)
    assert sides.data(volume) == ("survived", "survived")


def test_metro_pairs_that_were_not_ready(make_sides):
    """A witness cannot save an R2 that had not been synchronised yet."""
    sides = make_sides("Active", copy_s=COPY_S)
    (volume,) = sides.protect()
    sides.near.array.update(is_up=False)
    assert sides.srdf.access_to(OTHER_ARRAY, sides.twin(volume)) == "Not Ready"


def test_array_that_is_down(make_sides):
    """An array that is down is in no list, and every question about it fails; it is never taken for unknown."""
    sides = make_sides()
    sides.far.array.update(is_up=False)
    assert sides.near.get("/92/system/symmetrix").body == {"symmetrixId": [ARRAY]}
    for path in (f"/92/system/symmetrix/{OTHER_ARRAY}", f"/92/sloprovisioning/symmetrix/{OTHER_ARRAY}/volume"):
        reply = sides.near.get(path)
        assert (reply.status, "cannot be reached" in reply.message) == (500, True)
    sides.far.array.update(is_up=True)
    assert sides.far.get("volume").status == 200


def test_link_that_was_never_cut(make_sides):
    """To restore a link that is whole changes nothing."""
    sides = make_sides()
    sides.protect()
    sides.mend()
    assert sides.states() == ["Synchronized"]
