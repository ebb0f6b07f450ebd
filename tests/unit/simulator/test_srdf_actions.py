"""SRDF actions on storage groups: from which states they are legal and where they lead (reference section 7.2)."""

import pytest

from pmax.simulator import AfterReads, AfterSeconds, Behaviour
from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY, Sides

COPY_S = 60
REPEATED = "is already in the requested RDF state"

STEADY = {"Synchronous": "Synchronized", "Asynchronous": "Consistent", "AdaptiveCopyDisk": "Synchronized"}
OUTCOMES = {
    "Establish": {"Suspended": "SyncInProg", "Split": "SyncInProg", "SyncInProg": REPEATED, "steady": REPEATED},
    "Resume": {"Suspended": "SyncInProg", "Split": "SyncInProg", "SyncInProg": REPEATED, "steady": REPEATED},
    "Restore": {
        "Suspended": "SyncInProg",
        "Split": "SyncInProg",
        "Failed Over": "SyncInProg",
        "SyncInProg": REPEATED,
        "steady": REPEATED,
    },
    "Suspend": {"SyncInProg": "Suspended", "steady": "Suspended", "Suspended": REPEATED},
    "Split": {"SyncInProg": "Split", "steady": "Split", "Split": REPEATED},
    "Failover": {
        "SyncInProg": "Failed Over",
        "steady": "Failed Over",
        "Suspended": "Failed Over",
        "Split": "Failed Over",
        "Failed Over": REPEATED,
    },
    "Failback": {"Failed Over": "SyncInProg", "SyncInProg": REPEATED, "steady": REPEATED},
    "Swap": {"Failed Over": "Suspended", "Suspended": "Suspended", "Split": "Suspended"},
}
CASES = [
    (mode, action, state)
    for mode in STEADY
    for action in OUTCOMES
    for state in ("SyncInProg", "steady", "Suspended", "Split", "Failed Over")
]


@pytest.fixture
def make_sides(make_client):
    """Two sides of a simulator in which copying takes a minute."""

    def make(mode="Synchronous", **options):
        options = {"behaviour": Behaviour(sync_pace=AfterSeconds(COPY_S)), **options}
        return Sides(make_client(**options), mode)

    return make


def reach(sides, state):
    """Make a protected group whose pairs are in a state; return its volume."""
    (volume,) = sides.protect()
    if state == "SyncInProg":
        return volume
    sides.simulator.clock.advance(COPY_S)
    action = {"Suspended": "Suspend", "Split": "Split", "Failed Over": "Failover"}.get(state)
    if action is not None:
        sides.act(action)
    return volume


@pytest.mark.parametrize(("mode", "action", "state"), CASES)
def test_every_action_in_every_state(make_sides, mode, action, state):
    """An action is legal in the states of the transition table only, and leads where the table says."""
    sides = make_sides(mode)
    volume = reach(sides, state)
    before = sides.srdf.pair_of(ARRAY, volume)
    outcome = OUTCOMES[action].get(state)
    reply = sides.ask(action)
    if outcome is None or outcome == REPEATED:
        assert reply.status == 500
        assert (REPEATED in reply.message) is (outcome == REPEATED)
        assert sides.srdf.pair_of(ARRAY, volume) == before
        return
    assert (reply.status, reply.body["states"]) == (200, [outcome])
    sides.simulator.clock.advance(COPY_S)
    assert sides.state(volume) == (STEADY[mode] if outcome == "SyncInProg" else outcome)


@pytest.mark.parametrize("action", ["Resume", "Split", "Failover", "Failback", "Swap"])
@pytest.mark.parametrize("is_suspended", [False, True])
def test_what_metro_does_not_know(make_sides, action, is_suspended):
    """Metro pairs are established, restored and suspended; nothing else moves them (assumed)."""
    sides = make_sides("Active")
    (volume,) = sides.protect()
    sides.simulator.clock.advance(COPY_S)
    if is_suspended:
        sides.act("Suspend", force="true")
    before = sides.srdf.pair_of(ARRAY, volume)
    reply = sides.ask(action, force=True)
    assert (reply.status, "Active" in reply.message) == (500, True)
    assert sides.srdf.pair_of(ARRAY, volume) == before


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("Synchronous", "Synchronized"), ("Asynchronous", "Consistent"), ("AdaptiveCopyDisk", "Synchronized")],
)
def test_swapped_roles(make_sides, mode, expected):
    """A swap turns R1 into R2 on both arrays, and the new R1 replicates when it is resumed."""
    sides = make_sides(mode)
    volume = reach(sides, "Failed Over")
    twin = sides.twin(volume)
    sides.act("Swap", client=sides.far)
    assert sides.view()["volumeRdfTypes"] == ["R2"]
    assert sides.view(client=sides.far)["volumeRdfTypes"] == ["R1"]
    assert sides.near.get(f"volume/{volume}").body["type"] == "RDF2+TDEV"
    assert sides.far.get(f"volume/{twin}").body["type"] == "RDF1+TDEV"
    sides.act("Resume", client=sides.far)
    sides.simulator.clock.advance(COPY_S)
    assert sides.states() == [expected]
    assert sides.pair(volume)["localVolumeState"] == "Write Disabled"


def test_failover_that_establishes(make_sides):
    """A failover with `establish` swaps the roles and replicates from the new R1 at once."""
    sides = make_sides()
    volume = reach(sides, "steady")
    sides.write(volume, "a")
    sides.act("Failover", establish="true")
    sides.simulator.clock.advance(COPY_S)
    assert sides.states() == ["Synchronized"]
    assert sides.view()["volumeRdfTypes"] == ["R2"]
    sides.write(sides.twin(volume), "b", sides.far)
    assert sides.data(volume) == ("b", "b")


def test_failover_that_restores(make_sides):
    """A failover with `restore` swaps the roles and brings the new R1 what the new R2 holds."""
    sides = make_sides()
    volume = reach(sides, "Suspended")
    sides.write(volume, "only near")
    sides.act("Failover", restore=True)
    sides.simulator.clock.advance(COPY_S)
    assert sides.view()["volumeRdfTypes"] == ["R2"]
    assert sides.data(volume) == ("only near", "only near")


def test_half_swaps_are_not_pretended(make_sides):
    """What the simulator does not know it refuses with 501."""
    sides = make_sides()
    reach(sides, "Suspended")
    assert sides.ask("Swap", halfSwap=True).status == 501


@pytest.mark.parametrize(
    ("mode", "new", "expected"),
    [
        ("Synchronous", "Asynchronous", "Consistent"),
        ("Synchronous", "AdaptiveCopyDisk", "Synchronized"),
        ("Asynchronous", "Synchronous", "Synchronized"),
        ("Asynchronous", "AdaptiveCopyDisk", "Synchronized"),
        ("AdaptiveCopyDisk", "Synchronous", "Synchronized"),
    ],
)
def test_change_of_mode(make_sides, mode, new, expected):
    """SetMode changes the mode, and the steady state is that of the new one."""
    sides = make_sides(mode)
    reach(sides, "steady")
    sides.act("SetMode", mode=new)
    sides.simulator.clock.advance(COPY_S)
    body = sides.view()
    assert (body["modes"], body["states"]) == ([{"AdaptiveCopyDisk": "Adaptive Copy"}.get(new, new)], [expected])


def test_mode_that_a_pair_has(make_sides):
    """SetMode to the mode that the pairs have is a no-op, and says so."""
    sides = make_sides()
    reach(sides, "steady")
    assert REPEATED in sides.ask("SetMode", mode="Synchronous").message


@pytest.mark.parametrize("mode", ["Synchronous", "Active"])
def test_no_way_to_or_from_metro(make_sides, mode):
    """SetMode leads neither to Active nor away from it."""
    sides = make_sides(mode)
    sides.protect()
    reply = sides.ask("SetMode", mode="Active" if mode == "Synchronous" else "Synchronous")
    assert reply.status == 500
    assert sides.view()["modes"] == [mode]


def test_set_mode_without_a_mode(make_sides):
    """SetMode must say which."""
    sides = make_sides()
    reach(sides, "steady")
    assert sides.ask("SetMode").status == 400


def test_mode_of_a_part_of_a_group(make_sides):
    """One storage group that becomes asynchronous takes its whole RDF group along (rule 74)."""
    sides = make_sides()
    sides.protect("one")
    sides.protect("two")
    sides.simulator.clock.advance(COPY_S)
    sides.act("SetMode", "one", mode="Asynchronous")
    assert sides.view("two")["modes"] == ["Asynchronous"]


@pytest.mark.parametrize("has_bias", ["true", "false"])
def test_state_of_metro(make_sides, has_bias):
    """Metro is ActiveBias with bias and ActiveActive with a witness."""
    sides = make_sides("Active")
    sides.protect(metroBias=has_bias)
    assert sides.states() == ["SyncInProg"]
    sides.simulator.clock.advance(COPY_S)
    assert sides.states() == ["ActiveBias" if has_bias == "true" else "ActiveActive"]


def test_metro_without_a_witness(make_sides):
    """Without a witness bias decides, whatever was asked for; a witness that comes takes over."""
    sides = make_sides("Active")
    sides.srdf.set_witness((ARRAY, 72), is_there=False)
    sides.protect(metroBias="false")
    sides.simulator.clock.advance(COPY_S)
    assert sides.states() == ["ActiveBias"]
    sides.srdf.set_witness((ARRAY, 72), is_there=True)
    assert sides.states() == ["ActiveActive"]
    details = sides.get("rdf_group/72").body
    assert (details["witnessEffective"], details["biasEffective"]) == (True, False)


def test_moved_bias(make_sides):
    """SetBias moves the bias to the other side, which is R1 from then on; without bias there is nothing to move."""
    sides = make_sides("Active")
    sides.protect(metroBias=True)
    assert sides.ask("SetBias").status == 500
    sides.simulator.clock.advance(COPY_S)
    sides.act("SetBias")
    assert (sides.states(), sides.view()["volumeRdfTypes"]) == (["ActiveBias"], ["R2"])


def test_bias_set_by_establish(make_sides):
    """Establish of Metro sets or clears the bias, and leaves it if it says nothing."""
    sides = make_sides("Active")
    sides.protect()
    for options, expected in (
        ({"metroBias": "true"}, "ActiveBias"),
        ({"force": "true"}, "ActiveBias"),
        ({"metroBias": "false"}, "ActiveActive"),
    ):
        sides.act("Suspend", force="true")
        sides.act("Establish", **options)
        sides.simulator.clock.advance(COPY_S)
        assert sides.states() == [expected]


def test_bias_without_metro(make_sides):
    """Bias is for Metro only."""
    sides = make_sides()
    reach(sides, "Suspended")
    assert sides.ask("Establish", metroBias=True).status == 500
    assert sides.states() == ["Suspended"]


def test_consistency_protection(make_sides):
    """Consistency protection of asynchronous pairs can be switched, once each way."""
    sides = make_sides("Asynchronous")
    reach(sides, "steady")
    assert sides.act("DisableConsistency")["consistency_protection"] == "Disabled"
    assert REPEATED in sides.ask("DisableConsistency").message
    assert sides.act("EnableConsistency")["consistency_protection"] == "Enabled"


def test_consistency_protection_of_synchronous_pairs(make_sides):
    """Consistency protection is for asynchronous devices (reference section 2.3)."""
    sides = make_sides()
    reach(sides, "steady")
    assert "The device is not in asynchronous mode" in sides.ask("EnableConsistency").message


def test_consistency_actions_by_version(make_sides):
    """Before 92 the service does not know the consistency actions (reference section 9)."""
    sides = make_sides("Asynchronous")
    reach(sides, "steady")
    assert sides.ask("DisableConsistency", client=sides.near.on(version=91)).status == 400


@pytest.mark.parametrize("body", [{}, {"action": "Explode"}, {"action": "Suspend", "suspend": {"oops": True}}])
def test_malformed_actions(make_sides, body):
    """An action that is missing or unknown, or an option that it does not have, is a bad request."""
    sides = make_sides()
    (volume,) = sides.protect()
    assert sides.put(f"storagegroup/sg/rdf_group/{sides.number}", body).status == 400
    assert sides.state(volume) == "SyncInProg"


def test_actions_as_jobs(make_sides):
    """An action may be carried out as a job, which fails with the array's text."""
    sides = make_sides()
    reach(sides, "Suspended")
    asked = {"action": "Resume", "executionOption": "ASYNCHRONOUS"}
    job = sides.put("storagegroup/sg/rdf_group/70", asked)
    assert job.status == 202
    failed = sides.put("storagegroup/sg/rdf_group/70", asked)
    result = sides.near.get(f"/92/system/job/{failed.body['jobId']}").body
    assert (result["status"], REPEATED in result["result"]) == ("FAILED", True)
    assert sides.states() == ["SyncInProg"]


@pytest.mark.parametrize("look", ["group", "pair", "private volume", "other side"])
def test_copies_that_go_by_reads(make_sides, look):
    """A copy may end after a number of looks, whichever view a client takes and from whichever side."""
    sides = make_sides(behaviour=Behaviour(sync_pace=AfterReads(2)))
    (volume,) = sides.protect()
    wwn = sides.near.array.wwn(volume)

    def state():
        if look == "group":
            return sides.states()[0]
        if look == "pair":
            return sides.pair(volume)["rdfpairState"]
        if look == "other side":
            return sides.states(client=sides.far)[0]
        found = sides.near.get(f"/private/92/sloprovisioning/symmetrix/{ARRAY}/volume", wwn=wwn).body
        return found["resultList"]["result"][0]["rdfInfo"]["RDFSession"][0]["pairState"]

    assert [state() for _ in range(4)] == ["SyncInProg", "SyncInProg", "Synchronized", "Synchronized"]


def test_copies_take_no_time_on_the_instant_clock(make_sides):
    """With the instant clock a copy is over at once, whatever it would take."""
    sides = make_sides(clock="instant")
    sides.protect()
    assert sides.states() == ["Synchronized"]


def test_suspended_copy_does_not_end(make_sides):
    """A copy that is suspended does not end by itself, and begins anew when it is resumed."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.simulator.clock.advance(COPY_S - 1)
    sides.act("Suspend")
    sides.simulator.clock.advance(COPY_S)
    assert sides.state(volume) == "Suspended"
    sides.act("Resume")
    sides.simulator.clock.advance(COPY_S - 1)
    assert sides.state(volume) == "SyncInProg"


def test_progress_of_a_copy(make_sides):
    """The invalid tracks of R2 shrink while it is copied to, and both arrays count them on their own side."""
    sides = make_sides()
    (volume,) = sides.protect()
    total = sides.near.array.volumes[volume].cylinders * 15
    assert sides.view()["remoteR2InvalidTracksHop1"] == total
    sides.simulator.clock.advance(COPY_S / 2)
    assert sides.view()["remoteR2InvalidTracksHop1"] == total // 2
    assert sides.view(client=sides.far)["localR2InvalidTracksHop1"] == total // 2
    sides.simulator.clock.advance(COPY_S / 2)
    body = sides.view()
    assert [value for name, value in body.items() if "InvalidTracks" in name] == [0, 0, 0, 0]


def test_group_without_records(make_sides):
    """A storage group without pairs in an RDF group has no SRDF records there."""
    sides = make_sides()
    sides.near.group("plain", volumes=1)
    reply = sides.get("storagegroup/plain/rdf_group/70")
    assert (reply.status, "No SRDF records found" in reply.message) == (404, True)
    assert sides.get("storagegroup/plain/rdf_group").body == {"rdfgs": []}
    assert sides.get("storagegroup/nobody/rdf_group").status == 404
    assert sides.put("storagegroup/plain/rdf_group/70", {"action": "Suspend"}).status == 500


def test_detail_of_a_replicated_group(make_sides):
    """The detail of a replicated group says what the reference shows (section 6.18)."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.simulator.clock.advance(COPY_S)
    cylinders = sides.near.array.volumes[volume].cylinders
    assert sides.view() == {
        "symmetrixId": ARRAY,
        "storageGroupName": "sg",
        "rdfGroupNumber": 70,
        "volumeRdfTypes": ["R1"],
        "states": ["Synchronized"],
        "modes": ["Synchronous"],
        "hop2Rdfgs": [],
        "hop2States": [],
        "hop2Modes": [],
        "largerRdfSides": ["Equal"],
        "totalTracks": cylinders * 15,
        "capacity_mb": 1026.0,
        "localR1InvalidTracksHop1": 0,
        "localR2InvalidTracksHop1": 0,
        "remoteR1InvalidTracksHop1": 0,
        "remoteR2InvalidTracksHop1": 0,
        "domino": [],
        "consistency_protection": "Enabled",
    }
    assert sides.get("storagegroup/sg/rdf_group").body == {"rdfgs": [70]}
    assert sides.view(client=sides.far)["symmetrixId"] == OTHER_ARRAY
