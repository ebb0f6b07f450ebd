"""Faults as data: which requests they meet, and what they do to them."""

import itertools

import attrs
import pytest
import requests

from pmax.simulator import ManualClock, Simulator
from pmax.simulator.fault_conditions import LimitInFlight
from pmax.simulator.fault_effects import (
    CutBody,
    Delay,
    Drop,
    Effect,
    Garbage,
    Intervene,
    Refuse,
    TimeOut,
    Unsettle,
)
from pmax.simulator.fault_values import WrongField
from pmax.simulator.faults import Fault, NoFaults, Turns, path_pattern
from pmax.simulator.wire import Delivery, Response

ARRAY = "000197900999"
OTHER_ARRAY = "000197900998"
ROOT = f"/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}"
GROUP = {"storageGroupId": "g", "srpId": "None"}


def raw_create(client):
    """Create a storage group; return the response as the fronts get it."""
    return client.raw("POST", f"{ROOT}/storagegroup", b'{"storageGroupId": "g", "srpId": "None"}')


def test_any_two_may_meet_one_request(client):
    """Whatever two faults do to the same request, and in whichever order, the simulator itself does not fail."""
    effects = (
        Refuse(),
        Refuse(status=429, body="text"),
        TimeOut(),
        TimeOut(is_applied=True),
        Drop(),
        Drop(is_applied=False),
        CutBody(),
        Garbage(),
        Delay(seconds=1),
        LimitInFlight(calls=0),
        Intervene(action=lambda request: request.body),
        Unsettle(what="job", reads=1),
    )
    for one, other in itertools.product(effects, repeat=2):
        client.simulator.faults.clear()
        client.simulator.faults.add(*(Fault(effect=each, nth="every") for each in (one, other)))
        raw_create(client)
        assert client.simulator.defects == [], (one, other)


class TestMatching:
    """Which requests a fault meets."""

    @pytest.mark.parametrize(
        ("glob", "path", "is_match"),
        [
            ("**", "/anything/at/all", True),
            ("storagegroup", f"{ROOT}/storagegroup", True),
            ("storagegroup", f"{ROOT}/storagegroup/", True),
            ("storagegroup", f"{ROOT}/storagegroup/g", False),
            ("storagegroup/*", f"{ROOT}/storagegroup/g", True),
            ("storagegroup/*", f"{ROOT}/storagegroup/g/snapshot", False),
            ("storagegroup/**", f"{ROOT}/storagegroup/g/snapshot", True),
            ("storagegroup/OS-*-DG", f"{ROOT}/storagegroup/OS-x-DG", True),
            ("storagegroup/OS-*-DG", f"{ROOT}/storagegroup/OS-x-DGs", False),
            ("group", f"{ROOT}/storagegroup", False),
            ("/univmax/restapi/**/g", f"{ROOT}/storagegroup/g", True),
            ("/restapi/**", f"{ROOT}/storagegroup/g", False),
            ("restapi/*/sloprovisioning/**", f"{ROOT}/volume", True),
            ("a.c", "/abc", False),
        ],
    )
    def test_paths(self, glob, path, is_match):
        """A star is a part of one segment, two are any segments, and without a leading slash the beginning is free."""
        assert bool(path_pattern(glob).fullmatch(path)) is is_match

    def test_encoded_paths_are_decoded(self, client):
        """A pattern is compared with the decoded path."""
        client.simulator.faults.add(Fault(path="storagegroup/a b", effect=Refuse(status=418)))
        assert client.get("storagegroup/a%20b").status == 418

    @pytest.mark.parametrize(
        ("given", "hits"),
        [(1, {1}), ("2", {2}), ("every", {1, 2, 3, 4, 5}), ("3+", {3, 4, 5}), ("2-4", {2, 3, 4}), (None, {1})],
    )
    def test_turns(self, client, given, hits):
        """A fault happens at the nth match, at all, from the nth on, or from the nth to the mth; else at the first."""
        client.simulator.faults.add(Fault(path="storagegroup", nth=given, effect=Refuse(status=503)))
        statuses = [client.get("storagegroup").status for _ in range(5)]
        assert {number for number, status in enumerate(statuses, start=1) if status == 503} == hits

    @pytest.mark.parametrize("given", [0, -1, "0", "x", "3-2", "1-", "", 1.5, True])
    def test_impossible_turns(self, given):
        """Turns that make no sense are refused."""
        with pytest.raises(WrongField, match="nth must"):
            Turns.read(given)

    @pytest.mark.parametrize(
        ("matching", "is_match"),
        [
            ({"verb": "POST"}, True),
            ({"verb": "put|post"}, True),
            ({"verb": "GET"}, False),
            ({"body": '"storageGroupId": "g"'}, True),
            ({"body": "other"}, False),
            ({"client": "in-proc"}, True),
            ({"client": "10.0.0.1"}, False),
            ({"unisphere": "unisphere"}, True),
            ({"unisphere": "second"}, False),
            ({"path_regex": r"storage(group|pool)$"}, True),
            ({"path_regex": r"\?"}, False),
            ({"path": "storagegroup", "path_regex": "volume"}, False),
        ],
    )
    def test_all_conditions_count(self, client, matching, is_match):
        """A request must meet all that a fault says: verb, path, body, client and Unisphere."""
        client.simulator.faults.add(Fault(effect=Refuse(status=418), **matching))
        assert (raw_create(client).status == 418) is is_match

    def test_clients_by_agent(self, client):
        """A client is also known by its `User-Agent`."""
        client.simulator.faults.add(Fault(client="PyU4V", nth="every", effect=Refuse(status=503)))
        headers = {"authorization": "Basic c21jOnNtYw==", "user-agent": "PyU4V/10"}
        assert client.raw("GET", f"{ROOT}/storagegroup", headers=headers).status == 503
        assert client.get("storagegroup").status == 200

    def test_query_is_seen_by_the_regex(self, client):
        """The regular expression looks at the path with its query."""
        client.simulator.faults.add(Fault(path_regex="volume[?]cap_gb=", effect=Refuse(status=418)))
        assert client.get("volume").status == 200
        assert client.get("volume", cap_gb="1").status == 418

    @pytest.mark.parametrize(
        "fields",
        [{"verb": 1}, {"path": None}, {"path_regex": "("}, {"effect": "refuse"}, {"nth": "often"}, {"name": 3}],
    )
    def test_wrong_fields_are_refused(self, fields):
        """A field that cannot be is refused by its name."""
        (name,) = fields
        with pytest.raises(WrongField, match=f"^{name} "):
            Fault(**{"effect": Refuse(), **fields})

    def test_each_fault_counts_for_itself(self, client):
        """Two faults that match the same requests both count them, and a request may meet both."""
        client.simulator.faults.add(
            Fault(path="storagegroup", nth=2, effect=Refuse(status=503)),
            Fault(path="storagegroup", nth="2-3", effect=Delay(seconds=5)),
        )
        start = client.simulator.clock.now()
        responses = [client.raw("GET", f"{ROOT}/storagegroup") for _ in range(4)]
        assert [(each.status, each.delay_s) for each in responses] == [(200, 0), (503, 5), (200, 5), (200, 0)]
        assert client.simulator.clock.now() == start


class TestLog:
    """What is known of faults that happened."""

    def test_fired(self, client):
        """The log of faults says which one happened when, at which match and to which request."""
        fault = Fault(path="storagegroup", nth=2, effect=Refuse(), name="the second")
        client.simulator.faults.add(fault)
        client.get("storagegroup")
        client.simulator.clock.advance(5)
        client.get("storagegroup?storageGroupId=g")
        (firing,) = client.simulator.faults.fired
        assert (firing.fault, firing.number, firing.verb) == (fault, 2, "GET")
        assert firing.path == f"{ROOT}/storagegroup?storageGroupId=g"
        assert firing.at == client.simulator.clock.now()
        assert [record.faults for record in client.simulator.requests] == [(), ("the second",)]

    def test_matches_are_counted(self, client):
        """Matches are counted whether the fault happens or not, from when it was added."""
        client.get("storagegroup")
        fault = Fault(path="storagegroup", nth=7, effect=Refuse())
        client.simulator.faults.add(fault)
        client.get("storagegroup")
        assert (client.simulator.faults.matches(fault), client.simulator.faults.fired) == (1, ())

    def test_removed_faults_do_not_happen(self, client):
        """A fault that is removed, or cleared with all others, does not happen any more; the log stays."""
        first, second = Fault(nth="every", effect=Refuse(status=418)), Fault(nth="every", effect=Delay(seconds=1))
        client.simulator.faults.add(first, second)
        assert list(client.simulator.faults) == [first, second]
        assert client.get("storagegroup").status == 418
        client.simulator.faults.remove(first)
        assert client.get("storagegroup").status == 200
        client.simulator.faults.clear()
        assert (len(client.simulator.faults), len(client.simulator.faults.fired)) == (0, 3)

    def test_simulators_count_for_themselves(self):
        """Simulators that are made of the same list of faults count for themselves."""
        faults = (Fault(path="version", effect=Refuse()),)
        for _ in range(2):
            simulator = Simulator(faults=faults)
            assert len(simulator.faults) == 1
            with requests.Session() as session:
                session.auth = ("smc", "smc")
                url = simulator.mount(session)
                replies = [session.get(f"{url}/univmax/restapi/version").status_code for _ in range(2)]
            assert replies == [500, 200]

    def test_rules_of_ones_own(self, make_client):
        """An object with `before` and `after` may stand in for data, and faults as data may be added to it."""

        class Own(NoFaults):
            def after(self, request, response):
                return attrs.evolve(response, status=299)

        client = make_client(faults=Own())
        client.simulator.faults.add(Fault(path="storagegroup", effect=Delay(seconds=2)))
        response = client.raw("GET", f"{ROOT}/storagegroup")
        assert (response.status, response.delay_s) == (299, 2)


class TestAnswers:
    """What happens to the answer of a request, and whether it is carried out."""

    def test_refused(self, client):
        """A refusal has the status, the message and the headers of the fault, and nothing has changed."""
        client.simulator.faults.add(
            Fault(path="storagegroup", effect=Refuse(status=429, message="busy", headers={"Retry-After": "7"}))
        )
        response = raw_create(client)
        assert (response.status, response.body) == (429, b'{"message": "busy"}')
        assert dict(response.headers) == {"Content-Type": "application/json", "Retry-After": "7"}
        assert client.array.storage_groups == {}

    @pytest.mark.parametrize(
        ("body", "expected", "kind"),
        [({"code": 1}, b'{"code": 1}', "application/json"), ("<html>", b"<html>", "text/html")],
    )
    def test_refused_with_a_body_of_ones_own(self, client, body, expected, kind):
        """A refusal may have any body: an object is sent as JSON, a text as it is."""
        client.simulator.faults.add(Fault(effect=Refuse(body=body)))
        response = raw_create(client)
        assert (response.body, dict(response.headers)["Content-Type"]) == (expected, kind)

    @pytest.mark.parametrize(
        ("effect", "delivery", "is_applied"),
        [
            (TimeOut(), Delivery.SILENCE, False),
            (TimeOut(is_applied=True), Delivery.SILENCE, True),
            (Drop(is_applied=False), Delivery.NONE, False),
            (Drop(), Delivery.NONE, True),
            (CutBody(), Delivery.CUT, True),
            (Garbage(text="<html>"), Delivery.WHOLE, True),
        ],
    )
    def test_lost_answers(self, client, effect, delivery, is_applied):
        """An answer gets lost before the change or after it, as the fault says."""
        client.simulator.faults.add(Fault(verb="POST", effect=effect))
        response = raw_create(client)
        assert response.delivery is delivery
        assert ("g" in client.array.storage_groups) is is_applied
        assert client.simulator.requests[-1].status == (201 if is_applied else 0)

    def test_garbage(self, client):
        """Garbage comes with the right status, and says that it is JSON unless told otherwise."""
        client.simulator.faults.add(
            Fault(verb="POST", effect=Garbage(text="{oops")),
            Fault(verb="GET", effect=Garbage(text="hi", content_type="text/plain")),
        )
        response = raw_create(client)
        assert (response.status, response.body) == (201, b"{oops")
        assert dict(response.headers)["Content-Type"] == "application/json"
        response = client.raw("GET", f"{ROOT}/storagegroup/g")
        assert (response.body, dict(response.headers)["Content-Type"]) == (b"hi", "text/plain")

    def test_first_refusal_counts(self, client):
        """Of several refusals the first one is the answer."""
        client.simulator.faults.add(Fault(effect=Refuse(status=503)), Fault(effect=Refuse(status=429)))
        assert raw_create(client).status == 503

    def test_callbacks(self, client):
        """A function of the test may change something right before a request, or right after it."""

        def delete_it(_request):
            client.delete("storagegroup/g")

        client.simulator.faults.add(
            Fault(verb="GET", path="storagegroup/g", nth=1, effect=Intervene(action=delete_it)),
            Fault(verb="POST", path="storagegroup", nth=2, effect=Intervene(action=delete_it, is_after=True)),
        )
        assert client.post("storagegroup", GROUP).status == 201
        assert client.get("storagegroup/g").status == 404
        assert client.post("storagegroup", GROUP).status == 201
        assert client.array.storage_groups == {}

    def test_failing_callbacks_are_defects(self, make_client):
        """What a function of the test raises fails the request, and is among the defects, not a traceback."""
        simulator = make_client().simulator

        def fail(_request):
            raise RuntimeError("no")

        simulator.faults.add(Fault(effect=Intervene(action=fail)))
        with requests.Session() as session:
            assert session.get(f"{simulator.mount(session)}/univmax/restapi/version").status_code == 500
        assert [str(defect) for defect in simulator.defects] == ["no"]

    @pytest.mark.parametrize(
        ("effect", "fields"),
        [
            (Refuse, {"status": 99}),
            (Refuse, {"status": True}),
            (Refuse, {"body": 5}),
            (Refuse, {"headers": {"Retry-After": 5}}),
            (Refuse, {"headers": {"bad name": "x"}}),
            (Refuse, {"headers": {"X": "a\r\nb"}}),
            (TimeOut, {"hold_s": -1}),
            (Drop, {"is_applied": "yes"}),
            (Delay, {"seconds": float("nan")}),
            (Delay, {"seconds": "5"}),
            (Garbage, {"text": b"x"}),
            (Garbage, {"content_type": "a\r\nb"}),
            (LimitInFlight, {"calls": -1}),
            (Unsettle, {"what": "everything"}),
        ],
    )
    def test_wrong_fields_are_refused(self, effect, fields):
        """A field of an effect that cannot be is refused by its name."""
        (name,) = fields
        with pytest.raises(WrongField, match=f"^{name} must be "):
            effect(**{"seconds": 1, **fields} if effect is Unsettle else fields)

    def test_effects_do_nothing_by_themselves(self, client):
        """An effect that overrides nothing lets a request be."""
        client.simulator.faults.add(Fault(effect=Effect()))
        assert raw_create(client).status == 201


class TestInTheProcess:
    """What a client in the process sees."""

    @pytest.fixture
    def place(self):
        """A simulator whose time stands still, a session that reaches it and the address."""
        simulator = Simulator(clock=ManualClock())
        with requests.Session() as session:
            session.auth = ("smc", "smc")
            yield simulator, session, simulator.mount(session) + "/univmax/restapi/version"

    def test_patience_ends_first(self, place):
        """A client that waits less long than a delay gets a time-out, and as much time has passed as it waited."""
        simulator, session, url = place
        start = simulator.clock.now()
        simulator.faults.add(Fault(effect=Delay(seconds=60)))
        with pytest.raises(requests.ReadTimeout):
            session.get(url, timeout=(5, 30))
        assert simulator.clock.now() == start + 30
        assert session.get(url, timeout=30).status_code == 200

    def test_delay_ends_first(self, place):
        """A client that waits longer gets its answer late."""
        simulator, session, url = place
        start = simulator.clock.now()
        simulator.faults.add(Fault(effect=Delay(seconds=60)))
        assert session.get(url, timeout=61).status_code == 200
        assert simulator.clock.now() == start + 60

    @pytest.mark.parametrize(("timeout", "error"), [(30, requests.ReadTimeout), (None, requests.ConnectionError)])
    def test_silence(self, place, timeout, error):
        """Silence ends by the client's time-out, or when the connection is dropped."""
        simulator, session, url = place
        simulator.faults.add(Fault(effect=TimeOut(hold_s=100)))
        with pytest.raises(error):
            session.get(url, timeout=timeout)
        assert simulator.application.in_flight == ()


def test_defects_of_the_answer_come_through(client):
    """A fault may answer with any status, and the log has it."""
    client.simulator.faults.add(Fault(effect=Refuse(status=204, body="")))
    assert isinstance(raw_create(client), Response)
    assert client.simulator.requests[-1].status == 204
