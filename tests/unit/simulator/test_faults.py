"""Faults as data: which requests they meet, and what they do to them."""

import attrs
import pytest
import requests

from pmax.simulator import AfterSeconds, Behaviour, ManualClock, Simulator
from pmax.simulator.fault_conditions import ExpireIterator, LimitInFlight, TakeDown
from pmax.simulator.fault_effects import (
    CutBody,
    Delay,
    Drop,
    Effect,
    FailJob,
    Garbage,
    HangJob,
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


class TestJobs:
    """Jobs that fail or never end."""

    def job(self, client, effect):
        """Create a group as a job under a fault; return the job as a client sees it."""
        client.simulator.faults.add(Fault(path="storagegroup", effect=effect))
        client.post("storagegroup", {"storageGroupId": "sync", "srpId": "None"})
        reply = client.post("storagegroup", {**GROUP, "executionOption": "ASYNCHRONOUS"})
        assert reply.status == 202
        return client.get(f"/92/system/job/{reply.body['jobId']}").body

    def test_failing(self, client):
        """A job fails with the text of the fault, and changes nothing; calls that are no jobs do not count."""
        job = self.job(client, FailJob(text="no space"))
        assert (job["status"], job["result"]) == ("FAILED", "no space")
        assert set(client.array.storage_groups) == {"sync"}

    def test_failing_though_applied(self, client):
        """A job may say that it failed though it did its work."""
        job = self.job(client, FailJob(text="no space", is_applied=True))
        assert (job["status"], job["result"]) == ("FAILED", "no space")
        assert set(client.array.storage_groups) == {"sync", "g"}

    def test_failing_in_its_time(self, make_client):
        """A job that takes its time fails when its time has come."""
        client = make_client(behaviour=Behaviour(job_pace=AfterSeconds(30)))
        job = self.job(client, FailJob(text="no space"))
        assert job["status"] == "RUNNING"
        client.simulator.clock.advance(31)
        assert client.get(f"/92/system/job/{job['jobId']}").body["status"] == "FAILED"

    def test_hanging(self, client):
        """A job that hangs is still running after a week, and has changed nothing."""
        job = self.job(client, HangJob())
        client.simulator.clock.advance(7 * 86400)
        assert client.get(f"/92/system/job/{job['jobId']}").body["status"] == "RUNNING"
        assert set(client.array.storage_groups) == {"sync"}

    def test_hanging_jobs_hold_the_array(self, make_client):
        """Where busy arrays refuse changes, a hanging job keeps its array busy."""
        client = make_client(behaviour=Behaviour(are_busy_arrays_refused=True))
        self.job(client, HangJob())
        assert "device lock" in client.post("storagegroup", {"storageGroupId": "h", "srpId": "None"}).message


class TestSettling:
    """Things that take their time though work usually takes none."""

    def test_job_by_reads(self, client):
        """A job is under way for as many reads as a fault says."""
        client.simulator.faults.add(Fault(verb="POST", effect=Unsettle(what="job", reads=2)))
        reply = client.post("storagegroup", {**GROUP, "executionOption": "ASYNCHRONOUS"})
        statuses = [client.get(f"/92/system/job/{reply.body['jobId']}").body["status"] for _ in range(3)]
        assert statuses == ["RUNNING", "RUNNING", "SUCCEEDED"]

    @pytest.mark.parametrize("clock", ["instant", "manual"])
    def test_seconds_pass_on_any_clock(self, make_client, clock):
        """Seconds of a fault are seconds of the clock, also where work takes no time."""
        client = make_client(clock=clock)
        client.simulator.faults.add(Fault(verb="POST", effect=Unsettle(what="job", seconds=1000)))
        reply = client.post("storagegroup", {**GROUP, "executionOption": "ASYNCHRONOUS"})
        assert client.get(f"/92/system/job/{reply.body['jobId']}").body["status"] == "RUNNING"
        if clock == "manual":
            client.simulator.clock.advance(1000)
            assert client.get(f"/92/system/job/{reply.body['jobId']}").body["status"] == "SUCCEEDED"

    def test_address_by_reads(self, client):
        """Connections of a view show a volume only after as many reads as a fault says."""
        (volume,) = client.group("g", volumes=1)
        client.host("h1", "10000090fa5e1a04")
        client.simulator.faults.add(Fault(path="maskingview", effect=Unsettle(what="lun_address", reads=2)))
        assert client.view("mv", "g").status == 201
        assert [client.address("mv", volume) for _ in range(4)] == [None, None, 1, 1]

    def test_address_by_time_for_later_volumes(self, client):
        """A volume that comes into a masked group is not shown for a while; those that were there stay."""
        (first,) = client.masked("g")
        client.simulator.faults.add(
            Fault(verb="PUT", path="storagegroup/g", effect=Unsettle(what="lun_address", seconds=9))
        )
        second = client.volume("g")
        assert (client.address("mv", first), client.address("mv", second)) == (1, None)
        client.simulator.clock.advance(8)
        assert client.address("mv", second) is None
        client.simulator.clock.advance(1)
        assert client.address("mv", second) == 2

    def test_address_of_a_job(self, client):
        """What a job begins takes its time likewise."""
        (volume,) = client.masked("g", volumes=1)
        client.simulator.faults.add(
            Fault(verb="PUT", path="storagegroup/g", effect=Unsettle(what="lun_address", reads=1)),
            Fault(verb="PUT", path="storagegroup/g", effect=Unsettle(what="job", reads=0)),
        )
        new = {"addVolumeParam": client_volumes()}
        reply = client.put(
            "storagegroup/g",
            {
                "executionOption": "ASYNCHRONOUS",
                "editStorageGroupActionParam": {"expandStorageGroupParam": new},
            },
        )
        assert client.get(f"/92/system/job/{reply.body['jobId']}").body["status"] == "SUCCEEDED"
        (made,) = set(client.array.volumes) - {volume} - {"00001", "00002"}
        assert [client.address("mv", made) for _ in range(2)] == [None, 2]

    def test_choice_of_the_user_for_all_addresses(self, make_client):
        """What a fault does to one view, `Behaviour.lun_address_pace` does to all."""
        client = make_client(behaviour=Behaviour(lun_address_pace=AfterSeconds(3)))
        (volume,) = client.masked("g")
        assert client.address("mv", volume) is None
        client.simulator.clock.advance(3)
        assert client.address("mv", volume) == 1

    def test_only_one_duration(self):
        """Something unsettled takes seconds or reads, not both, and not none."""
        for durations in ({}, {"seconds": 1, "reads": 1}):
            with pytest.raises(WrongField, match="seconds"):
                Unsettle(what="link", **durations)


def client_volumes():
    """One new volume, in the form of 91 and above."""
    identifier = {"identifier_name": "v", "volumeIdentifierChoice": "identifier_name"}
    attributes = {"num_of_vols": 1, "volume_size": 1, "capacityUnit": "GB", "volumeIdentifier": identifier}
    return {"emulation": "FBA", "create_new_volumes": True, "volumeAttributes": [attributes]}


class TestSnapshotsAndPairs:
    """Links, terminated snapshots and SRDF pairs that are unsettled."""

    SNAPSHOT = f"/92/replication/symmetrix/{ARRAY}/storagegroup/g/snapshot"

    def test_link(self, client):
        """A link is not defined for a while when a fault says so."""
        source = client.group("g", volumes=1)[0]
        target = client.group("t", volumes=1)[0]
        path = f"/private/92/replication/symmetrix/{ARRAY}/snapshot/snap"
        assert client.post(path, {"deviceNameListSource": [{"name": source}]}).status in {200, 201}
        client.simulator.faults.add(Fault(verb="PUT", path="snapshot/*", effect=Unsettle(what="link", seconds=60)))
        body = {
            "action": "Link",
            "deviceNameListSource": [{"name": source}],
            "deviceNameListTarget": [{"name": target}],
            "copy": False,
        }
        assert client.put(path, body).status in {200, 201}
        assert not client.array.links[target].is_defined
        client.simulator.clock.advance(60)
        assert client.array.links[target].is_defined

    def test_terminated_snapshot(self, client):
        """A terminated snapshot is still shown for as long as a fault says."""
        source = client.group("g", volumes=1)[0]
        path = f"/private/92/replication/symmetrix/{ARRAY}/snapshot/snap"
        client.post(path, {"deviceNameListSource": [{"name": source}]})
        client.simulator.faults.add(
            Fault(verb="DELETE", path="snapshot/*", effect=Unsettle(what="snapshot", seconds=9))
        )
        assert client.delete(path, {"deviceNameListSource": [{"name": source}]}).status in {200, 204}
        assert [each.name for each in client.array.snapshots] == ["snap"]
        client.simulator.clock.advance(9)
        assert client.array.snapshots == ()


class TestIterators:
    """Result lists that are gone."""

    def opened(self, make_client):
        """Open a list of two pages; return the client and the answer."""
        client = make_client(behaviour=Behaviour(page_size=2))
        client.group("g", volumes=3)
        return client, client.get("volume").body

    def test_expired_before_a_read(self, make_client):
        """The list is gone at the read that the fault names."""
        client, opened = self.opened(make_client)
        client.simulator.faults.add(Fault(path="Iterator/*/page", nth=2, effect=ExpireIterator()))
        path = f"/common/Iterator/{opened['id']}/page?from=1&to=2"
        assert [client.get(path).status for _ in range(3)] == [200, 404, 404]

    def test_expired_after_it_was_opened(self, make_client):
        """The list is gone as soon as its first page is there."""
        client, _ = self.opened(make_client)
        client.simulator.faults.add(Fault(path="volume", effect=ExpireIterator()))
        opened = client.get("volume").body
        assert len(opened["resultList"]["result"]) == 2
        assert client.get(f"/common/Iterator/{opened['id']}/page?from=3&to=4").status == 404

    def test_other_lists_stay(self, make_client):
        """Lists of others stay."""
        client, opened = self.opened(make_client)
        client.simulator.faults.add(Fault(path="volume", effect=ExpireIterator()))
        client.get("volume")
        assert client.get(f"/common/Iterator/{opened['id']}/page?from=1&to=2").status == 200


class TestLimits:
    """Calls that are one too many."""

    @pytest.mark.parametrize(("status", "header"), [(429, {"Retry-After": "3"}), (503, {})])
    def test_refused_above_the_limit(self, make_client, status, header):
        """While as many calls are under way as may be, one more is refused, and when one ends it passes."""
        client = make_client()
        seconds = int(header["Retry-After"]) if header else None
        client.simulator.faults.add(Fault(effect=LimitInFlight(calls=2, status=status, retry_after_s=seconds)))
        seen = []
        with requests.Session() as session:
            session.auth = ("smc", "smc")
            url = client.simulator.mount(session) + "/univmax/restapi/version"

            def call_again(_request):
                seen.append(session.get(url))

            client.simulator.faults.add(Fault(nth="1-2", effect=Intervene(action=call_again)))
            assert session.get(url).status_code == 200
            assert session.get(url).status_code == 200
        assert [each.status_code for each in seen] == [status, 200]
        refused = seen[0]
        assert refused.headers.get("Retry-After") == header.get("Retry-After")
        assert client.simulator.application.in_flight == ()

    def test_only_matching_calls_count(self, client):
        """A limit counts the calls that its fault is about."""
        client.simulator.faults.add(Fault(verb="POST", effect=LimitInFlight(calls=1)))
        asked = []

        def write(_request):
            asked.append(client.simulator.application.in_flight)
            asked.append(raw_create(client).status)

        client.simulator.faults.add(Fault(verb="GET", effect=Intervene(action=write)))
        with requests.Session() as session:
            session.auth = ("smc", "smc")
            session.get(client.simulator.mount(session) + "/univmax/restapi/version")
        assert (len(asked[0]), asked[1]) == (1, 201)

    def test_other_statuses_are_refused(self):
        """A limit is told by 429 or 503 only."""
        with pytest.raises(WrongField, match="429 or 503"):
            LimitInFlight(calls=1, status=430)


class TestOutages:
    """Parts that go down and come back."""

    def test_unisphere(self, client):
        """A Unisphere that goes down gives no answer, refuses connections, and comes back in its time."""
        simulator = client.simulator
        second = simulator.add_unisphere("second", "V9.2.0.0")
        simulator.faults.add(Fault(path="version", nth=2, effect=TakeDown(unisphere="unisphere", seconds=60)))
        with requests.Session() as session:
            session.auth = ("smc", "smc")
            url, other = simulator.mount(session), simulator.mount(session, "https://second.invalid", second)
            assert session.get(f"{url}/univmax/restapi/version").status_code == 200
            with pytest.raises(requests.ConnectionError, match="Remote end closed"):
                session.get(f"{url}/univmax/restapi/version")
            with pytest.raises(requests.ConnectionError, match="Connection refused"):
                session.get(f"{url}/univmax/restapi/version")
            assert session.get(f"{other}/univmax/restapi/version").status_code == 200
            simulator.clock.advance(60)
            assert session.get(f"{url}/univmax/restapi/version").status_code == 200
        assert len(simulator.requests) == 4

    def test_other_unisphere(self, client):
        """A request to one Unisphere may take another one down, until it is brought back."""
        second = client.simulator.add_unisphere("second", "V9.2.0.0")
        client.simulator.faults.add(Fault(path="storagegroup", effect=TakeDown(unisphere="second")))
        assert raw_create(client).status == 201
        client.simulator.clock.advance(1e9)
        assert not second.is_up
        second.come_up()
        assert second.is_up

    def test_down_after_the_change(self, client):
        """A Unisphere may go down when the change is made and its answer is not sent."""
        client.simulator.faults.add(Fault(verb="POST", effect=TakeDown(unisphere="unisphere", is_after=True)))
        assert raw_create(client).delivery is Delivery.NONE
        assert "g" in client.array.storage_groups
        assert not client.simulator.application.is_up

    def test_array(self, client):
        """An array that is down cannot be reached through Unisphere, until it comes back."""
        client.simulator.faults.add(Fault(path="storagegroup", effect=TakeDown(array=ARRAY, seconds=60)))
        assert "cannot be reached" in client.get("storagegroup").message
        client.simulator.clock.advance(60)
        assert client.get("storagegroup").status == 200

    def test_port(self, client):
        """A port goes offline, and whoever was logged in on it is not any more; it comes back in its time."""
        client.array.log_in("10000090fa5e1a04", "FA-1D:4")
        client.simulator.faults.add(Fault(effect=TakeDown(array=ARRAY, port="FA-1D:4", seconds=60, is_after=True)))
        client.get("storagegroup")
        assert not client.array.ports["FA-1D:4"].is_online
        assert client.array.ports["FA-2D:4"].is_online
        assert not any(login.is_logged_in for login in client.array.initiators["10000090fa5e1a04"].logins)
        client.simulator.clock.advance(60)
        assert client.array.ports["FA-1D:4"].is_online

    def test_link(self, client):
        """The link between two arrays is cut, and comes back in its time."""
        client.simulator.faults.add(Fault(effect=TakeDown(link=[ARRAY, OTHER_ARRAY], seconds=60)))
        client.get("storagegroup")
        assert not any(group.is_connected for group in client.simulator.srdf.groups)
        client.simulator.clock.advance(60)
        assert all(group.is_connected for group in client.simulator.srdf.groups)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"unisphere": "nowhere"}, "unisphere"),
            ({"array": "000000000000"}, "array"),
            ({"array": ARRAY, "port": "FA-9Z:9"}, "port"),
            ({"link": (ARRAY, "000000000000")}, "link"),
        ],
    )
    def test_unknown_subjects_are_refused(self, client, fields, name):
        """What is not there cannot be taken down; that is found out when the fault is added."""
        with pytest.raises(WrongField, match=f"^{name} .* is none of"):
            client.simulator.faults.add(Fault(effect=TakeDown(**fields)))
        assert len(client.simulator.faults) == 0

    @pytest.mark.parametrize(
        "fields",
        [{}, {"unisphere": "a", "array": "b"}, {"port": "FA-1D:4", "unisphere": "a"}, {"link": ["a"]}, {"link": "ab"}],
    )
    def test_exactly_one_subject(self, fields):
        """One thing is taken down by a fault."""
        with pytest.raises(WrongField):
            TakeDown(**fields)


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
