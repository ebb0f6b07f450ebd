"""Faults that change what is under way: jobs, what settles, result lists, calls at once, parts that go down."""

import pytest
import requests

from pmax.simulator import AfterSeconds, Behaviour
from pmax.simulator.fault_conditions import ExpireIterator, LimitInFlight, TakeDown
from pmax.simulator.fault_effects import (
    FailJob,
    HangJob,
    Intervene,
    Unsettle,
)
from pmax.simulator.fault_values import WrongField
from pmax.simulator.faults import Fault
from pmax.simulator.wire import Delivery

ARRAY = "000197900999"
OTHER_ARRAY = "000197900998"
ROOT = f"/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}"
GROUP = {"storageGroupId": "g", "srpId": "None"}


def raw_create(client):
    """Create a storage group; return the response as the fronts get it."""
    return client.raw("POST", f"{ROOT}/storagegroup", b'{"storageGroupId": "g", "srpId": "None"}')


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
