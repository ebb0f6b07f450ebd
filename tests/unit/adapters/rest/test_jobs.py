"""Long work: the job behind a 202, until it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmax.adapters.rest.jobs import devices_of
from pmax.adapters.rest.wire import JobTask
from pmax.domain.capacity import Capacity
from pmax.domain.errors import DeadlinePassed, InUse, JobFailed, MalformedReply, Unavailable
from pmax.domain.plans import CreateVolume
from pmax.ports.runtime import Deadline
from tests.unit.adapters.rest.doubles import ARRAY, Web

GROUP = f"/92/sloprovisioning/symmetrix/{ARRAY}/storagegroup/gold"
JOB = "/92/system/job/1693476512345"
STEP = CreateVolume(array_id=ARRAY, storage_group="gold", identifier="OS-a", capacity=Capacity.from_gib(1))
TASKS = [{"execution_order": 1, "description": "Creating new Volumes for Storage Group gold : [0012F]"}]


def job(status, **fields):
    """A job as JSON."""
    return {"jobId": "1693476512345", "status": status, **fields}


def running(times):
    """Looks at a job that is still going."""
    return [{"json": job("RUNNING")}] * times


DONE = {"json": job("SUCCEEDED", result="Started", task=TASKS)}


def accepted(*looks, **fields):
    """Unisphere, which accepts the creation as a job."""
    web = Web()
    web.answer("PUT", GROUP, status_code=202, json=job("SCHEDULED", **fields))
    web.answer("GET", JOB, *looks)
    return web


def create(web, seconds=900.0):
    """Carry the creation out."""
    return web.connect().commands.apply(STEP, Deadline.after(web.clock, seconds))


def test_a_job_that_is_done_is_looked_at_once():
    """One change, one look, no pause; the task names the new device."""
    web = accepted(DONE)
    assert create(web).device_id == "0012F"
    assert web.targets == [("PUT", GROUP), ("GET", JOB)]
    assert web.clock.slept == []


def test_a_job_that_is_over_in_the_202_is_not_looked_at():
    """A 202 that already names the device says everything."""
    web = Web()
    web.answer("PUT", GROUP, status_code=202, json=job("SUCCEEDED", task=TASKS))
    assert create(web).device_id == "0012F"
    assert len(web.targets) == 1


def test_a_job_is_looked_at_less_and_less_often():
    """Pauses double up to the configured interval."""
    web = accepted(*running(7), DONE)
    create(web)
    assert web.clock.slept == [0.25, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0]


def test_a_failed_job_says_why():
    """The job's own text is in the error."""
    web = accepted({"json": job("FAILED", result="there is no space left")})
    with pytest.raises(JobFailed, match="there is no space left"):
        create(web)


def test_a_job_that_ended_without_a_word_says_how():
    """Without a text, the status is the reason."""
    with pytest.raises(JobFailed, match="it ended as ABORTED"):
        create(accepted({"json": job("ABORTED")}))


def test_the_text_of_a_failed_job_means_what_it_means_elsewhere():
    """A known refusal is recognised in a job's result, too."""
    text = "The initiator 10000090fa5e1a04 is already in use in another Initiator Group"
    with pytest.raises(InUse):
        create(accepted({"json": job("FAILED", result=text)}))


def test_a_job_is_given_up_at_the_deadline():
    """Its effect is not known then."""
    web = accepted(*running(1))
    with pytest.raises(DeadlinePassed, match="job 1693476512345"):
        create(web, 10.0)
    assert sum(web.clock.slept) == 10.0


def test_a_hung_job_is_given_up():
    """After the configured number of intervals a job counts as hung, however much time the operation has."""
    web = accepted(*running(1))
    with pytest.raises(DeadlinePassed):
        create(web, 1e6)
    assert sum(web.clock.slept) == 3.0 * 200


@pytest.mark.parametrize(
    "look",
    [
        {"status_code": 404, "json": {"message": "Job [1693476512345] cannot be found"}},
        {"status_code": 401, "json": {"message": "Unauthorized"}},
        {"status_code": 500, "json": {"message": "A problem occurred"}},
        {"json": {"status": 3}},
        {"content": b"<html>"},
        {"status_code": 503, "json": {"message": "later"}},
    ],
)
def test_a_job_that_cannot_be_looked_at_leaves_the_fate_open(look):
    """From the 202 on the change may take effect, so no error of a look is a failure of the change."""
    with pytest.raises(Unavailable, match="1693476512345") as raised:
        create(accepted(look))
    assert raised.value.sent


def test_a_look_that_fails_once_is_repeated():
    """A passing failure while looking is nothing."""
    web = accepted({"status_code": 503, "json": {"message": "later"}}, DONE)
    assert create(web).device_id == "0012F"


@pytest.mark.parametrize("body", [{}, {"jobId": "1"}, {"jobId": 1, "status": "RUNNING"}, []])
def test_an_acceptance_without_a_job_is_malformed(body):
    """A 202 must say which job."""
    web = Web()
    web.answer("PUT", GROUP, status_code=202, json=body)
    with pytest.raises(MalformedReply):
        create(web)


@pytest.mark.parametrize(
    ("descriptions", "devices"),
    [
        (["Creating new Volumes for Storage Group x : [0012F]"], ("0012F",)),
        (["Refresh [x]", "Creating new Volumes for Storage Group x : [0012f] "], ("0012F",)),
        (["Populating Storage Group(s) with volumes : [0012F]"], ("0012F",)),
        (["Populating Storage Group(s) with volumes : [0012F]", "Creating new Volumes : [00130]"], ("00130",)),
        (["Creating new Volumes for x : [0012F, 00130]"], ("0012F", "00130")),
        (["Creating new Volumes for x : [0012F:00131]"], ("0012F", "00130", "00131")),
        (["Creating new Volumes for x : [0012F - 00130]"], ("0012F", "00130")),
        (["Creating new Volumes for x : [0012F, 0012F]"], ("0012F",)),
        (["Populating Storage Group(s) with volumes : [0012F] and more"], ()),
        (["Creating new Volumes for Storage Group x"], ()),
        (["Creating new Volumes for x : []"], ()),
        (["Creating new Volumes for x : [many]"], ()),
        (["Creating new Volumes for x : [00131:0012F]"], ()),
        (["Refresh [Storage Group [x] on Symmetrix [000197900999]] "], ()),
        ([""], ()),
        ([], ()),
    ],
)
def test_tasks_name_new_devices(descriptions, devices):
    """Every known form of a description gives its devices, and no other does."""
    assert devices_of([JobTask(description=text) for text in descriptions]) == devices


@given(st.lists(st.text() | st.text(alphabet="[]:- ,0F").map("Creating new Volumes : [{}]".format)))
def test_any_description_is_read_without_fault(texts):
    """Whatever a server writes, the devices are ids, each once."""
    devices = devices_of([JobTask(description=text) for text in texts])
    assert len(set(devices)) == len(devices)
    assert all(len(device) == 5 for device in devices)
