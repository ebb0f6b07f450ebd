"""What steps make of answers that the simulator does not give, but a server may."""

import attrs
import pytest

from pmax.domain import plans
from pmax.domain.capacity import Capacity
from pmax.domain.errors import ArrayRejected, Busy, CredentialsRejected, Unavailable
from pmax.ports.array_commands import Fate
from pmax.ports.runtime import Deadline
from tests.unit.adapters.rest.doubles import ARRAY, SETTINGS, Web

PROVISIONING = f"/92/sloprovisioning/symmetrix/{ARRAY}"
GROUP = f"{PROVISIONING}/storagegroup/gold"
VOLUMES = f"{PROVISIONING}/volume"
CREATE = plans.CreateVolume(array_id=ARRAY, storage_group="gold", identifier="OS-a", capacity=Capacity.from_gib(1))
REMOVE = plans.RemoveVolume(array_id=ARRAY, device="0012F", storage_group="gold")
EMPTY_GROUP = {"storageGroupId": "gold", "num_of_vols": 0}
VOLUME = {
    "volumeId": "0012F",
    "type": "TDEV",
    "cap_cyl": 547,
    "num_of_front_end_paths": 0,
    "snapvx_source": False,
    "snapvx_target": False,
}
#: The array's words where the adapter looks whether the wanted state is there anyway.
NO = {"status_code": 500, "json": {"message": "A problem occurred: no"}}


def listing(*devices):
    """A list of volumes."""
    result = [{"volumeId": each} for each in devices]
    first = min(1, len(devices))
    return {
        "json": {
            "id": "it_0",
            "count": len(devices),
            "maxPageSize": 1000,
            "resultList": {"from": first, "to": len(devices), "result": result},
        }
    }


def apply(web, step, seconds=900.0, settings=SETTINGS):
    """Carry a step out."""
    return web.connect(settings).commands.apply(step, Deadline.after(web.clock, seconds))


@pytest.fixture
def web():
    """Unisphere."""
    return Web()


def test_a_volume_that_was_made_at_once_is_found_by_its_identifier(web):
    """A server that does not make a job of it shows the group, and the volume is looked for there."""
    web.answer("PUT", GROUP, json={"storageGroupId": "gold", "num_of_vols": 1})
    web.answer("GET", VOLUMES, **listing("0012F"))
    assert apply(web, CREATE).device_id == "0012F"
    assert web.targets[-1] == ("GET", f"{VOLUMES}?storageGroupId=gold&volume_identifier=OS-a")


@pytest.mark.parametrize(
    "task",
    [[], [{"description": "Creating new Volumes for Storage Group gold : [0012F, 00130]"}], [{"description": ""}]],
)
def test_a_job_that_does_not_name_one_device_is_helped_by_the_identifier(web, task):
    """None or several devices in the tasks: the identifier decides."""
    web.answer("PUT", GROUP, status_code=202, json={"jobId": "1", "status": "RUNNING"})
    web.answer("GET", "/92/system/job/1", json={"jobId": "1", "status": "SUCCEEDED", "task": task})
    web.answer("GET", VOLUMES, **listing("00130"))
    assert apply(web, CREATE).device_id == "00130"


@pytest.mark.parametrize("devices", [(), ("0012F", "00130")])
def test_a_volume_that_cannot_be_told_is_a_lost_answer(web, devices):
    """A volume was made, but which one is not certain: that is for investigation, not for a guess."""
    web.answer("PUT", GROUP, json={})
    web.answer("GET", VOLUMES, **listing(*devices))
    with pytest.raises(Unavailable, match=f"{len(devices)} devices") as raised:
        apply(web, CREATE)
    assert raised.value.sent


def test_any_step_may_become_a_job(web):
    """A server that answers 202 where it was asked to wait is followed all the same."""
    web.answer("PUT", GROUP, status_code=202, json={"jobId": "1", "status": "RUNNING"})
    web.answer("GET", "/92/system/job/1", json={"jobId": "1", "status": "SUCCEEDED"})
    assert apply(web, REMOVE) == plans.StepOutcome(changed=True)


@pytest.mark.parametrize(
    ("answer", "emptied"),
    [
        ({"json": EMPTY_GROUP}, {"gold"}),
        ({"json": EMPTY_GROUP | {"num_of_vols": "0"}}, {"gold"}),
        ({"json": EMPTY_GROUP | {"num_of_vols": 1}}, set()),
        ({"json": EMPTY_GROUP | {"storageGroupId": "another"}}, set()),
        ({"json": {"storageGroupId": "gold"}}, set()),
        ({"json": []}, set()),
        ({"content": b""}, set()),
    ],
)
def test_only_what_the_answer_says_is_empty(web, answer, emptied):
    """A group counts as emptied if the answer says so of it, and no answer makes the change undone."""
    web.answer("PUT", GROUP, **answer)
    assert apply(web, REMOVE) == plans.StepOutcome(changed=True, emptied=frozenset(emptied))


def test_a_refusal_is_believed_if_the_wanted_state_is_not_there(web):
    """The volume is still in the group, so the refusal stands."""
    web.answer("PUT", GROUP, **NO)
    web.answer("GET", f"{VOLUMES}/0012F", json=VOLUME | {"storageGroupId": ["gold"]})
    with pytest.raises(ArrayRejected, match="no"):
        apply(web, REMOVE)


def test_a_refusal_of_what_is_done_already_is_no_failure(web):
    """The volume is not in the group, so there was nothing to do."""
    web.answer("PUT", GROUP, **NO)
    web.answer("GET", f"{VOLUMES}/0012F", json=VOLUME)
    web.answer("GET", GROUP, json=EMPTY_GROUP)
    assert apply(web, REMOVE) == plans.StepOutcome(changed=False)


@pytest.mark.parametrize(
    "look", [NO, {"status_code": 401, "json": {"message": "Unauthorized"}}, {"content": b"<html>"}]
)
def test_a_refusal_that_cannot_be_looked_into_is_raised_as_it_came(web, look):
    """The refusal says more than the failure of the look."""
    web.answer("PUT", GROUP, **NO)
    web.answer("GET", f"{VOLUMES}/0012F", **look)
    with pytest.raises(ArrayRejected, match="A problem occurred: no"):
        apply(web, REMOVE)


@pytest.mark.parametrize(("status", "error"), [(401, CredentialsRejected), (503, Busy)])
def test_what_is_no_refusal_of_the_array_is_not_looked_into(web, status, error):
    """Without credentials, or without time for us, the array said nothing about the object."""
    web.answer("PUT", GROUP, status_code=status, json={"message": "x"})
    with pytest.raises(error):
        apply(web, REMOVE)
    assert {verb for verb, _ in web.targets} == {"PUT"}


def test_a_creation_without_answer_waits_for_jobs_of_its_group_only(web):
    """A job that still changes the group may be ours; those of others are not waited for."""
    jobs = f"/92/system/symmetrix/{ARRAY}/job"
    link = f"https://u/univmax/restapi{PROVISIONING[3:]}/storagegroup/"
    web.answer("GET", VOLUMES, listing(), listing("0012F"))
    web.answer("GET", jobs, json={"jobId": ["1", "2"]})
    web.answer("GET", "/92/system/job/1", json={"jobId": "1", "status": "RUNNING", "resourceLink": f"{link}silver"})
    ours = {"jobId": "2", "resourceLink": f"{link}gold"}
    looks = [{"json": ours | {"status": status}} for status in ("RUNNING", "RUNNING", "SUCCEEDED")]
    web.answer("GET", "/92/system/job/2", *looks)
    found = web.connect().commands.investigate(CREATE)
    assert (found.fate, found.outcome.device_id) == (Fate.APPLIED, "0012F")
    assert web.targets.count(("GET", "/92/system/job/1")) == 1


def test_a_creation_whose_jobs_cannot_be_listed_is_undecided(web):
    """As long as a job may be under way, no volume is no proof."""
    web.answer("GET", VOLUMES, **listing())
    web.answer("GET", f"/92/system/symmetrix/{ARRAY}/job", **NO)
    assert web.connect().commands.investigate(CREATE).fate is Fate.UNKNOWN


def test_a_preview_is_below_the_base_path_and_has_json(web):
    """Shown is what would be sent."""
    [call] = web.connect().commands.preview(REMOVE)
    assert (call.verb, call.path) == ("PUT", GROUP)
    assert '"volumeId": ["0012F"]' in call.body
    assert web.targets == []


def test_the_second_server_takes_over(web):
    """With the first Unisphere away, the step goes to the next one."""
    servers = tuple(attrs.evolve(SETTINGS.servers[0], host=host) for host in ("away.invalid", "unisphere.invalid"))
    web.answer("PUT", GROUP, json=EMPTY_GROUP)
    web.adapter.register_uri("GET", "https://away.invalid:8443/univmax/restapi/version", exc=ConnectionRefusedError)
    assert apply(web, REMOVE, settings=attrs.evolve(SETTINGS, servers=servers)).changed
    assert web.clock.slept == []
    web.connect().close()
