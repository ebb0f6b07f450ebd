"""The log of requests: what it holds, and how calls are counted."""

import json

import attrs
import pytest

from pmax.simulator import Delay, Fault, ManualClock, Refuse, Simulator
from pmax.simulator.request_log import LoggedRequest, RequestLog

ARRAY = "000197900999"
ROOT = f"/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}"
GROUPS = "/{version}/sloprovisioning/symmetrix/{symmetrix_id}/storagegroup"
JOB = {"storageGroupId": "g", "srpId": "None", "executionOption": "ASYNCHRONOUS"}


def record(number):
    """Return the record of some call."""
    return LoggedRequest(
        at=1.0,
        unisphere="u",
        client="c",
        verb="GET",
        path=f"/{number}",
        operation=f"GET /{{part{number % 2}}}",
        status=200,
        duration_ms=0.5,
    )


def test_everything_is_noted(client):
    """A record has time, Unisphere, client, verb, path with query, operation, status, duration and job."""
    client.simulator.clock.advance(5)
    reply = client.post("storagegroup", JOB)
    client.get("volume?cap_gb=>1")
    first, second = client.simulator.requests
    assert first.duration_ms > 0
    assert attrs.asdict(first) == {
        "at": client.simulator.clock.now(),
        "unisphere": "unisphere",
        "client": "in-process",
        "verb": "POST",
        "path": f"{ROOT}/storagegroup",
        "operation": f"POST {GROUPS}",
        "status": 202,
        "duration_ms": first.duration_ms,
        "job_id": reply.body["jobId"],
        "faults": (),
    }
    assert (second.path, second.job_id) == (f"{ROOT}/volume?cap_gb=%3E1", None)


@pytest.mark.parametrize(
    ("verb", "path", "operation", "status"),
    [
        ("GET", f"{ROOT}/storagegroup/g", f"GET {GROUPS}/{{storage_group}}", 404),
        ("PATCH", f"{ROOT}/storagegroup/g", f"PATCH {GROUPS}/{{storage_group}}", 405),
        ("GET", "/univmax/restapi/92/nowhere", "GET ?", 501),
        ("GET", "/univmax/restapi/../version", "GET ?", 400),
        ("GET", "/favicon.ico", "GET ?", 404),
    ],
)
def test_refused_requests_are_noted_too(client, verb, path, operation, status):
    """A refused request is in the log with its status, and one that there is not has no operation."""
    client.raw(verb, path)
    (only,) = client.simulator.requests
    assert (only.operation, only.status) == (operation, status)


def test_unauthorised_requests_are_noted(client):
    """Who asks with a wrong password is noted."""
    client.raw("GET", f"{ROOT}/volume", headers={})
    assert [each.status for each in client.simulator.requests] == [401]


def test_counting(client):
    """The calls that are made in a block are counted by operation, whatever was before and comes after."""
    client.get("storagegroup/before")
    with client.simulator.requests.counting() as calls:
        client.get("storagegroup/a")
        client.get("storagegroup/b")
        client.post("storagegroup", {"storageGroupId": "g", "srpId": "None"})
        with client.simulator.requests.counting() as inner:
            client.get("volume")
    client.get("volume")
    assert (len(calls), len(inner), len(client.simulator.requests)) == (4, 1, 6)
    assert calls.by_operation() == {
        f"GET {GROUPS}/{{storage_group}}": 2,
        f"POST {GROUPS}": 1,
        "GET /{version}/sloprovisioning/symmetrix/{symmetrix_id}/volume": 1,
    }
    assert calls[-1].path.endswith("/volume")
    assert [each.path for each in inner] == [calls[-1].path]


def test_counting_ends_with_the_block(client):
    """A block that raises stops counting as well."""
    with pytest.raises(RuntimeError), client.simulator.requests.counting() as calls:
        raise RuntimeError
    client.get("volume")
    assert len(calls) == 0


def test_only_the_last_calls_are_kept():
    """The log in memory is as long as it may be; what is counted is complete."""
    log = RequestLog(length=3)
    with log.counting() as calls:
        for number in range(5):
            log.add(record(number))
    assert [each.path for each in log] == ["/2", "/3", "/4"]
    assert [each.path for each in log.last(2)] == ["/4", "/3"]
    assert log.by_operation() == {"GET /{part0}": 2, "GET /{part1}": 1}
    assert len(calls) == 5
    log.clear()
    assert (len(log), log.last(5), len(calls)) == (0, [], 5)


def test_file(tmp_path):
    """The file has one line of JSON for each call, and a later run goes on with it."""
    path = tmp_path / "requests.jsonl"
    for number in range(2):
        log = RequestLog(path, length=1)
        log.add(record(number))
        log.add(record(number + 10))
        log.close()
        log.add(record(99))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["path"] for line in lines] == ["/0", "/10", "/1", "/11"]
    assert lines[0] == {**attrs.asdict(record(0)), "faults": []}


def test_file_is_complete_while_it_is_written(tmp_path):
    """A line is in the file as soon as the call is answered."""
    path = tmp_path / "requests.jsonl"
    simulator = Simulator(request_log=path, clock=ManualClock())
    with simulator:
        assert path.read_text() == ""
    log = RequestLog(path)
    log.add(record(1))
    assert path.read_text().endswith("}\n")
    log.close()


def test_faults_are_noted(client):
    """A call has the names of the faults that happened to it."""
    client.simulator.faults.add(Fault(effect=Refuse(), name="no"), Fault(effect=Delay(seconds=1)))
    client.get("volume")
    assert client.simulator.requests[0].faults == ("no", "Delay at * **")
