"""Asynchronous execution and jobs (reference section 3; rules 18, 81 and 82)."""

import pytest

from pmax.simulator import AfterReads, AfterSeconds, Behaviour, InstantClock
from pmax.simulator.state.world import World


def expand(client, group="g", **changes):
    """Ask for a volume as a job; return the answer."""
    identifier = {"identifier_name": "v", "volumeIdentifierChoice": "identifier_name"}
    attributes = {"num_of_vols": 1, "volume_size": 1, "capacityUnit": "GB", "volumeIdentifier": identifier, **changes}
    volumes = {"emulation": "FBA", "create_new_volumes": "True", "volumeAttributes": [attributes]}
    edit = {"expandStorageGroupParam": {"addVolumeParam": volumes}}
    return client.put(f"storagegroup/{group}", {"executionOption": "ASYNCHRONOUS", "editStorageGroupActionParam": edit})


def status(client, job_id):
    """Ask for the status of a job."""
    return client.get(f"/92/system/job/{job_id}").body["status"]


def members(client, group="g"):
    """The volumes of a group, past the API."""
    return [volume for volume in client.array.volumes.values() if group in volume.storage_groups]


def test_asynchronous_calls_answer_202_with_a_job(client):
    """The 202 body has `jobId` and `status`; the ended job has tasks and result together (section 11, point 1)."""
    client.group("g")
    reply = expand(client)
    assert (reply.status, reply.body["status"]) == (202, "SCHEDULED")
    assert len(reply.body["jobId"]) == 13
    job = client.get(f"/92/system/job/{reply.body['jobId']}").body
    assert job["status"] == "SUCCEEDED"
    assert job["name"] == "Expand Storage Group g"
    assert job["resourceLink"].endswith("/92/sloprovisioning/symmetrix/000197900999/storagegroup/g")
    assert [task["execution_order"] for task in job["task"]] == [1, 2, 3]
    assert job["result"].startswith("Started job execution on Tue 14 Nov 2023 22:13:20 UTC - Finished")
    assert job["completed_date"] == "Nov-14-2023 22:13:20.000"


def test_tasks_name_the_new_device(client):
    """The first task ends with the id in brackets; another says only what was populated (section 3.4)."""
    client.group("g")
    job = client.get(f"/92/system/job/{expand(client).body['jobId']}").body
    (volume,) = members(client)
    assert [task["description"] for task in job["task"]] == [
        f"Creating new Volumes for Storage Group g : [{volume.volume_id}]",
        f"Populating Storage Group(s) with volumes : [{volume.volume_id}]",
        "Refresh [Storage Group [g] on Symmetrix [000197900999]] ",
    ]


def test_synchronous_calls_answer_the_resource(client, build):
    """Without the option, or with SYNCHRONOUS, the answer is the resource as it is now (section 3.1, rule 86)."""
    client.group("g")
    edit = {"expandStorageGroupParam": {"addVolumeParam": build.volumes()}}
    for option in ({}, {"executionOption": "SYNCHRONOUS"}):
        before = len(members(client))
        reply = client.put("storagegroup/g", {**option, "editStorageGroupActionParam": edit})
        assert (reply.status, reply.body["num_of_vols"]) == (200, before + 1)


def test_effects_are_there_when_the_job_has_succeeded(make_client):
    """All effects of a job are visible as soon as it has succeeded, and none before (rule 18)."""
    client = make_client(behaviour=Behaviour(job_pace=AfterReads(2)))
    client.group("g")
    job_id = expand(client).body["jobId"]
    seen = [(len(members(client)), status(client, job_id), len(members(client))) for _ in range(4)]
    assert seen == [(0, "RUNNING", 0), (0, "RUNNING", 0), (0, "SUCCEEDED", 1), (1, "SUCCEEDED", 1)]


def test_jobs_may_take_simulated_time(make_client):
    """At a pace in seconds a job ends when its time has come, whether somebody looks or not."""
    client = make_client(behaviour=Behaviour(job_pace=AfterSeconds(30)))
    client.group("g")
    job_id = expand(client).body["jobId"]
    client.simulator.clock.advance(29)
    assert (status(client, job_id), len(members(client))) == ("RUNNING", 0)
    client.simulator.clock.advance(1)
    assert len(members(client)) == 1
    job = client.get(f"/92/system/job/{job_id}").body
    assert job["completed_date_milliseconds"] - job["scheduled_date_milliseconds"] == 30_000


def test_instant_clock_makes_work_take_no_time(make_client):
    """With the instant clock a job at a pace in seconds is over at once."""
    client = make_client(clock=InstantClock(), behaviour=Behaviour(job_pace=AfterSeconds(3600)))
    client.group("g")
    assert status(client, expand(client).body["jobId"]) == "SUCCEEDED"


def test_jobs_of_an_array_run_one_after_the_other(make_client):
    """An array changes its configuration once at a time: the second job waits for the first (rule 81)."""
    client = make_client(behaviour=Behaviour(job_pace=AfterSeconds(10)))
    client.group("g")
    first, second = (expand(client).body["jobId"] for _ in range(2))
    other = client.on(array="000197900998")
    other.group("g")
    third = expand(other).body["jobId"]
    seen = []
    for _ in range(3):
        seen.append([status(client, job_id) for job_id in (first, second, third)])
        client.simulator.clock.advance(10)
    assert seen == [
        ["RUNNING", "SCHEDULED", "RUNNING"],
        ["SUCCEEDED", "RUNNING", "SUCCEEDED"],
        ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"],
    ]


def test_busy_arrays_may_refuse(make_client):
    """With that choice a change during a job is refused with the lock text, and a look is not (rule 81)."""
    behaviour = Behaviour(job_pace=AfterSeconds(10), are_busy_arrays_refused=True)
    client = make_client(behaviour=behaviour)
    client.group("g")
    expand(client)
    for option in ({}, {"executionOption": "ASYNCHRONOUS"}):
        reply = client.post("storagegroup", {"storageGroupId": "other", "srpId": "None", **option})
        assert reply.status == 500
        assert "Unable to acquire the Symmetrix device lock" in reply.message
    assert client.get("storagegroup/g").status == 200
    client.simulator.clock.advance(10)
    assert client.post("storagegroup", {"storageGroupId": "other", "srpId": "None"}).status == 201


def test_refusal_by_the_array_fails_the_job(client):
    """What the array refuses makes the job fail with the reason in `result`, and changes nothing (rule 82)."""
    client.group("g")
    client.group("child")
    client.edit("g", "editStorageGroupSRPParam", {"srpId": "None"})
    client.edit("g", "expandStorageGroupParam", {"addExistingStorageGroupParam": {"storageGroupId": ["child"]}})
    before = client.array.volumes
    reply = expand(client)
    assert reply.status == 202
    job = client.get(f"/92/system/job/{reply.body['jobId']}").body
    assert job["status"] == "FAILED"
    assert "has child storage groups and cannot hold volumes" in job["result"]
    assert client.array.volumes == before


def test_failed_job_changes_nothing(client):
    """A job that fails half-way leaves nothing of its first half (rule 82)."""
    client.host("h1", "10000090fa5e1a04")
    body = {
        "executionOption": "ASYNCHRONOUS",
        "maskingViewId": "mv",
        "hostOrHostGroupSelection": {"createHostParam": {"hostId": "h2", "initiatorId": ["10000090fa5e1a09"]}},
        "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": "OS-fibre-PG"}},
        "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": "missing"}},
    }
    job_id = client.post("maskingview", body).body["jobId"]
    job = client.get(f"/92/system/job/{job_id}").body
    assert (job["status"], "missing" in job["result"]) == ("FAILED", True)
    assert set(client.array.hosts) == {"h1"}
    assert set(client.array.initiators) == {"10000090fa5e1a04"}


def test_malformed_jobs_are_refused_at_once(client):
    """What is wrong by its form, or exists already, is refused before a job is made."""
    client.group("g")
    assert expand(client, volume_size="x").status == 400
    assert expand(client, surprise=1).status == 400
    existing = {"storageGroupId": "g", "srpId": "None", "executionOption": "ASYNCHRONOUS"}
    assert client.post("storagegroup", existing).status == 409
    assert client.get("/92/system/job").body == {"jobId": []}


def test_jobs_can_be_listed_and_filtered(client):
    """Jobs are listed for the whole Unisphere and per array, and filtered by status, name and user (section 3.2)."""
    client.group("g")
    good = expand(client).body["jobId"]
    bad = expand(client, volume_size="99999999", capacityUnit="CYL").body.get("jobId")
    assert bad is None
    other = client.on(array="000197900998")
    other.group("g")
    elsewhere = expand(other).body["jobId"]
    assert client.get("/92/system/job").body["jobId"] == sorted([good, elsewhere])
    mine = "/92/system/symmetrix/000197900999/job"
    assert client.get(mine).body["jobId"] == [good]
    assert client.get(mine, status="SUCCEEDED", username="smc").body["jobId"] == [good]
    assert client.get(mine, status="FAILED").body["jobId"] == []
    assert client.get(f"{mine}/{good}").status == 200
    assert client.get(f"{mine}/{elsewhere}").status == 404
    assert client.get("/92/system/job/1234567890123").status == 404


def test_job_ids_are_unique(client):
    """Job ids begin as the time in milliseconds and grow, though time stands still."""
    client.group("g")
    ids = [int(expand(client).body["jobId"]) for _ in range(3)]
    start = int(client.simulator.clock.now() * 1000)
    assert ids == [start, start + 1, start + 2]


def test_jobs_survive_the_world_that_began_them(make_client):
    """A job that is under way ends in a world that takes over all rows, as after a restart."""
    client = make_client(behaviour=Behaviour(job_pace=AfterSeconds(10)))
    client.group("g")
    job_id = expand(client).body["jobId"]
    rows = list(client.simulator.world.everything())
    second = make_client(fixture="empty", clock=client.simulator.clock, behaviour=Behaviour(job_pace=AfterSeconds(10)))
    assert isinstance(second.simulator.world, World)
    second.simulator.world.restore(rows)
    client.simulator.clock.advance(10)
    assert len(members(second)) == 1
    assert status(second, job_id) == "SUCCEEDED"


@pytest.mark.parametrize("path", ["/83/system/job", "/90/system/job"])
def test_jobs_are_served_in_every_version(client, path):
    """Jobs look the same through every version."""
    client.group("g")
    job_id = expand(client).body["jobId"]
    assert client.get(f"{path}/{job_id}").body == client.get(f"/92/system/job/{job_id}").body
