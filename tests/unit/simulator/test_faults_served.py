"""Faults as a client sees them over HTTP: what happens to connections."""

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests

from pmax.simulator import Simulator
from pmax.simulator.fault_conditions import LimitInFlight, TakeDown
from pmax.simulator.fault_effects import CutBody, Delay, Drop, Garbage, Intervene, Refuse, TimeOut
from pmax.simulator.faults import Fault

ARRAY = "000197900999"
VERSION = "/univmax/restapi/version"
GROUPS = f"/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}/storagegroup"
GROUP = {"storageGroupId": "g", "srpId": "None"}


def new_session():
    """Return another client."""
    opened = requests.Session()
    opened.auth = ("smc", "smc")
    opened.trust_env = False
    return opened


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    ("effect", "error", "is_applied"),
    [
        (TimeOut(), requests.ReadTimeout, False),
        (TimeOut(is_applied=True), requests.ReadTimeout, True),
        (Drop(is_applied=False), requests.ConnectionError, False),
        (Drop(), requests.ConnectionError, True),
        (CutBody(), requests.exceptions.ChunkedEncodingError, True),
    ],
)
def test_lost_answers(session, tls, effect, error, is_applied):
    """A client sees what the fault says, the change is made or not, and the next call is answered."""
    with Simulator(tls=tls, faults=[Fault(verb="POST", effect=effect)]) as simulator:
        session.verify = str(simulator.ca_path) if tls else True
        with pytest.raises(error):
            session.post(simulator.url + GROUPS, json=GROUP, timeout=0.3)
        assert ("g" in simulator.arrays[ARRAY].storage_groups) is is_applied
        assert session.get(simulator.url + VERSION, timeout=5).status_code == 200
        assert not simulator.defects


@pytest.mark.parametrize("lost", [Drop(is_applied=False), Drop(), TimeOut(hold_s=0.1)])
def test_an_answer_that_does_not_come_is_not_spoiled(session, lost):
    """Where several faults happen to one call, half a body of no answer is still no answer."""
    faults = [Fault(effect=effect) for effect in (lost, Garbage(), CutBody())]
    with Simulator(faults=faults) as simulator:
        with pytest.raises(requests.ConnectionError) as raised:
            session.get(simulator.url + VERSION, timeout=5)
        assert not isinstance(raised.value, requests.exceptions.ChunkedEncodingError)
        assert session.get(simulator.url + VERSION, timeout=5).status_code == 200
        assert not simulator.defects


def test_silence_ends(session):
    """A connection that is held without an answer is dropped after a while."""
    with Simulator(faults=[Fault(effect=TimeOut(hold_s=0.2))]) as simulator:
        with pytest.raises(requests.ConnectionError) as raised:
            session.get(simulator.url + VERSION, timeout=20)
        assert not isinstance(raised.value, requests.Timeout)
        assert session.get(simulator.url + VERSION, timeout=5).status_code == 200


def test_refusals_and_garbage_go_out_whole(session):
    """Status, headers and body of a fault reach the client as they were given."""
    refusal = Refuse(status=503, body="<html>down</html>", headers={"Retry-After": "30"})
    with Simulator(faults=[Fault(effect=refusal), Fault(nth=2, effect=Garbage(text="%%%"))]) as simulator:
        reply = session.get(simulator.url + VERSION, timeout=5)
        assert (reply.status_code, reply.headers["Retry-After"], reply.text) == (503, "30", "<html>down</html>")
        reply = session.get(simulator.url + VERSION, timeout=5)
        assert (reply.status_code, reply.text) == (200, "%%%")


@pytest.mark.parametrize(
    ("effect", "seen"),
    [(Garbage(text="%%%"), (204, "")), (Refuse(status=204, body="more"), (204, "")), (CutBody(), None)],
)
def test_answers_without_a_body(session, effect, seen):
    """An answer that has no body gets none, and to cut it off means that it does not come."""
    with Simulator(faults=[Fault(verb="DELETE", effect=effect)]) as simulator:
        session.post(simulator.url + GROUPS, json=GROUP, timeout=5)
        if seen is None:
            with pytest.raises(requests.ConnectionError):
                session.delete(f"{simulator.url}{GROUPS}/g", timeout=5)
        else:
            reply = session.delete(f"{simulator.url}{GROUPS}/g", timeout=5)
            assert (reply.status_code, reply.text) == seen
        assert session.get(simulator.url + VERSION, timeout=5).status_code == 200
        assert not simulator.defects


def test_limit_of_calls(session):
    """Of many calls at once only as many pass as may be under way; the others are told to come back."""
    limit = Fault(effect=LimitInFlight(calls=2, status=503, retry_after_s=1))
    with Simulator(clock="real", faults=[limit, Fault(nth="every", effect=Delay(seconds=0.5))]) as simulator:
        start = Barrier(6)

        def call(_number):
            with new_session() as mine:
                start.wait()
                return mine.get(simulator.url + VERSION, timeout=20)

        with ThreadPoolExecutor(6) as pool:
            replies = list(pool.map(call, range(6)))
        assert sorted(reply.status_code for reply in replies) == [200, 200, 503, 503, 503, 503]
        assert {reply.headers.get("Retry-After") for reply in replies if reply.status_code == 503} == {"1"}
        simulator.faults.clear()
        assert session.get(simulator.url + VERSION, timeout=5).status_code == 200
        assert simulator.application.in_flight == ()


@pytest.mark.parametrize("tls", [False, True])
def test_unisphere_down(session, tls):
    """A Unisphere that is down drops its connections, refuses new ones, and is back on the same port afterwards."""
    with Simulator(tls=tls) as simulator:
        session.verify = str(simulator.ca_path) if tls else True
        port = int(simulator.url.rpartition(":")[2])
        assert session.get(simulator.url + VERSION, timeout=5).status_code == 200
        simulator.faults.add(Fault(effect=TakeDown(unisphere="unisphere")))
        with pytest.raises(requests.ConnectionError):
            session.get(simulator.url + VERSION, timeout=5)
        assert _is_refused(port, eventually=True)
        with pytest.raises(requests.ConnectionError, match="refused"):
            session.get(simulator.url + VERSION, timeout=5)
        simulator.application.come_up()
        assert not _is_refused(port, eventually=False)
        assert session.get(simulator.url + VERSION, timeout=5).status_code == 200
        assert len(simulator.requests) == 3
    assert _is_refused(port, eventually=True)


def test_down_unisphere_answers_no_open_connection(session):
    """Connections that are open when a Unisphere goes down are of no use any more."""
    with Simulator() as simulator:
        session.get(simulator.url + VERSION, timeout=5)
        simulator.application.go_down()
        with pytest.raises(requests.ConnectionError):
            session.get(simulator.url + VERSION, timeout=5)
        assert len(simulator.requests) == 1


def test_stopped_while_down():
    """A simulator whose Unisphere is down stops like any other."""
    with Simulator() as simulator:
        simulator.application.go_down()
        assert _is_refused(int(simulator.url.rpartition(":")[2]), eventually=True)


def test_callbacks_change_things_behind_a_clients_back(session):
    """What a function of the test changes right before a request is what that request finds."""
    with Simulator() as simulator:
        array = simulator.arrays[ARRAY]
        volume_id = array.add_volume(100)
        rename = Intervene(action=lambda _: array.update_volume(volume_id, identifier="mine"))
        simulator.faults.add(Fault(path="volume/*", effect=rename))
        path = GROUPS.replace("storagegroup", f"volume/{volume_id}")
        assert session.get(simulator.url + path, timeout=5).json()["volume_identifier"] == "mine"


def _is_refused(port, *, eventually):
    """Say whether connections are refused; try until they are, or are not, as expected."""
    for _ in range(2000):
        with socket.socket() as probe:
            probe.settimeout(5)
            is_refused = probe.connect_ex(("127.0.0.1", port)) != 0
        if is_refused is eventually:
            break
    return is_refused
