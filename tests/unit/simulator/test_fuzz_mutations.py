"""Requests that once succeeded, changed a little and in any order: the answers and the arrays are sound whatever comes.

The requests are in `tests/samples/simulator_requests.jsonl`: one of each kind that the other tests send. A change takes
a field away, gives it another value, repeats it, or names something else that exists.
"""

import copy
import json
import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pmax.simulator import ManualClock, Options, Simulator
from pmax.simulator.router import Router, segments_of
from pmax.simulator.routes import ROUTES
from tests.unit.simulator.invariants import check_world

EXAMPLES = int(os.environ.get("PMAX_FUZZ_EXAMPLES", "25"))
SAMPLES = Path(__file__).parents[2] / "samples/simulator_requests.jsonl"
REQUESTS = [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
WRITES = [request for request in REQUESTS if request["verb"] != "GET"]

ROUTER = Router(ROUTES)
GOOD = {200, 201, 202, 204}
REFUSED = {400, 403, 404, 405, 409, 429, 500, 501}

GROUPS = ("g", "g2", "child", "parent", "r", "ra", "rm", "empty", "new")
VOLUMES = ("00003", "00004", "00005", "00006", "00007", "00008", "00009", "0000A", "0000B", "0000C", "0000D", "0000E")
INITIATORS = ("10000090fa5e1a04", "10000090fa5e1a05", "10000090fa5e1a06", "iqn.1993-08.org.debian:01:1a2b3c4d5e6f")
KINDS = {
    "storage_group": GROUPS,
    "volume_id": VOLUMES,
    "snapshot": ("s", "s2", "new"),
    "generation": ("0", "1", "2"),
    "snap_id": ("214400500001", "214400500002", "214400500003", "214400500004"),
    "rdf_group": ("70", "71", "72", "80"),
    "host": ("h1", "h2", "new"),
    "host_group": ("hg", "new"),
    "port_group": ("OS-fibre-PG", "OS-iscsi-PG", "pg", "new"),
    "masking_view": ("mv", "mv2", "new"),
    "initiator": INITIATORS,
    "snapshot_policy": ("DailyDefault", "GoldPolicy", "new"),
    "director": ("FA-1D", "RF-1E", "SE-4E"),
    "port": ("4", "5", "8", "0"),
    "service_level": ("Gold", "Diamond"),
    "srp": ("SRP_1",),
}
"""What exists, by the name that the route gives to a part of the path; `new` is what may come to exist."""

KEYS = {
    **dict.fromkeys(("storageGroupId", "storageGroupName", "remoteStorageGroupName", "linkStorageGroupName"), GROUPS),
    **dict.fromkeys(("unlinkStorageGroupName", "relinkStorageGroupName", "storage_group_name"), GROUPS),
    **dict.fromkeys(("name", "volumeId", "localDeviceList", "volumesToMove"), VOLUMES),
    **dict.fromkeys(("initiatorId", "initiator", "new_initiator"), INITIATORS),
    **dict.fromkeys(("rdfgNumber", "targetRdfGroup"), (70, 71, 72, 80)),
    "hostId": KINDS["host"],
    "hostGroupId": KINDS["host_group"],
    "portGroupId": KINDS["port_group"],
    "maskingViewId": KINDS["masking_view"],
    "snapshotName": KINDS["snapshot"],
    "generation": (0, 1, 2),
    "snap_id": (214400500001, 214400500002, 214400500003),
    "remoteSymmId": ("000197900998", "000120000548"),
    "force": (True, False),
    "symforce": (True, False),
}
"""What exists, by the key of a body that names it."""

NAMES = tuple(dict.fromkeys((*(name for names in KINDS.values() for name in names), "00001", "0", "NONE", "FA-1D:4")))
ODD = st.one_of(
    st.sampled_from(["", " ", "x" * 65, "None", "NaN", "\ud800", "é/..", "%2f", "true", "-1", "1e9", "[]"]),
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.integers(),
    st.floats(),
    st.just([]),
    st.just({}),
    st.lists(st.sampled_from(NAMES), max_size=3),
)


def places(value, path=()):
    """Walk all places in a JSON value that hold something."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in children:
        yield (*path, key)
        yield from places(inner, (*path, key))


def holder_of(body, place):
    """Return what holds the value at a place."""
    for key in place[:-1]:
        body = body[key]
    return body


@st.composite
def changed_bodies(draw, body):
    """A body with up to two changes."""
    body = copy.deepcopy(body)
    for _ in range(draw(st.integers(0, 2))):
        found = list(places(body))
        if not found:
            break
        place = draw(st.sampled_from(found))
        holder, key = holder_of(body, place), place[-1]
        match draw(st.integers(0, 5)):
            case 0:
                del holder[key]
            case 1:
                holder[key] = draw(ODD)
            case 2 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case 3 if isinstance(holder, dict):
                holder[draw(st.sampled_from(["surprise", "force", "volumeId", "executionOption", "generation"]))] = 1
            case _:
                holder[key] = draw(st.sampled_from(NAMES))
    return body


@st.composite
def fitted_bodies(draw, value, key=""):
    """A body that names what exists, where it names something."""
    if isinstance(value, dict):
        return {name: draw(fitted_bodies(inner, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [draw(fitted_bodies(inner, key)) for inner in value]
    return draw(st.sampled_from(KEYS[key])) if key in KEYS and draw(st.integers(0, 3)) else value


@st.composite
def fitted_paths(draw, path):
    """A path that names what exists, and now and then something else."""
    match = ROUTER.find(segments_of(path))
    segments = path.split("/")
    for name, value in match.params.items():
        place = segments.index(value)
        choice = draw(st.integers(0, 20))
        if choice == 0:
            segments[place] = draw(st.sampled_from((*NAMES, "%00", "..", "a%2fb", "x" * 300)))
        elif choice > 3 and name in KINDS:
            segments[place] = draw(st.sampled_from(KINDS[name]))
    return "/".join(segments)


@st.composite
def changed_requests(draw):
    """A request that once succeeded, about what exists, and then changed in its path, its query or its body."""
    request = draw(st.sampled_from(WRITES if draw(st.integers(0, 3)) else REQUESTS))
    body = request["body"]
    if body is not None:
        body = draw(fitted_bodies(body))
        if draw(st.integers(0, 2)) == 0:
            body = draw(changed_bodies(body))
        if draw(st.integers(0, 4)) == 0:
            body["executionOption"] = draw(st.sampled_from(["SYNCHRONOUS", "ASYNCHRONOUS"]))
    query = [tuple(pair) for pair in request["query"]]
    if draw(st.integers(0, 5)) == 0:
        query.append((draw(st.sampled_from(["force", "snap_id", "filter", "limit", "x"])), draw(st.text(max_size=4))))
    return request["verb"], draw(fitted_paths(request["path"])), tuple(query), body


def furnished(client):
    """Furnish the array of a client with what the requests speak of."""
    client.masked("g", volumes=3)
    client.group("g2", volumes=2)
    client.group("empty")
    client.group("parent", srp=None)
    client.group("child", volumes=1)
    assert client.edit("parent", "expandStorageGroupParam", children("child")).status == 200
    client.host("h2", "10000090fa5e1a05")
    assert client.post("hostgroup", {"hostGroupId": "hg", "hostId": ["h1", "h2"]}).status == 201
    client.array.add_port_group("pg", ["FA-1D:5"])
    client.array.log_in("10000090fa5e1a04", "FA-1D:4", "FA-2D:4")
    groups = f"/92/replication/symmetrix/{client.symmetrix_id}/storagegroup"
    for group, name in (("g", "s"), ("g", "s"), ("g2", "s"), ("child", "s2")):
        assert client.post(f"{groups}/{group}/snapshot", {"snapshotName": name}).status in GOOD
    for group, mode, number in (("r", "Synchronous", 70), ("ra", "Asynchronous", 71), ("rm", "Active", 72)):
        client.group(group, volumes=1)
        wanted = {"replicationMode": mode, "remoteSymmId": "000197900998", "rdfgNumber": number, "establish": True}
        assert client.post(f"{groups}/{group}/rdf_group", {**wanted, "remoteStorageGroupName": group}).status in GOOD
    return client


def children(*names):
    """The action that adds children to a group."""
    return {"addExistingStorageGroupParam": {"storageGroupId": list(names)}}


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(requests=st.lists(changed_requests(), min_size=4, max_size=16))
def test_changed_requests(make_client, requests):
    """Each answer is proper, a refused request or a failed job changes nothing, and no array contradicts itself."""
    client = furnished(type(make_client())(Simulator(Options(unisphere_version="V10.4.0.0", clock=ManualClock()))))
    for verb, path, query, body in requests:
        before = client.picture()
        data = b"" if body is None else json.dumps(body).encode()
        response = client.raw(verb, path, data, query=query)
        assert response.status in GOOD | REFUSED
        answer = json.loads(response.body) if response.body else {}
        assert isinstance(answer, dict)
        if response.status in REFUSED:
            assert isinstance(answer["message"], str)
        if verb == "GET" or response.status in REFUSED or has_failed(client, response):
            assert client.picture() == before
        check_world(client.simulator)


def has_failed(client, response):
    """Say whether a request has become a job that failed."""
    if response.job_id is None:
        return False
    with client.simulator.world.changing() as transaction:
        return transaction.jobs.get(response.job_id).status == "FAILED"


def test_samples_are_of_all_calls(make_client):
    """The requests are of most of the calls that there are, so that what is changed covers the simulator."""
    executor = make_client().application._executor
    known = {executor.operation_of(request["verb"], request["path"]) for request in REQUESTS}
    assert len(known) > 130
    assert not [operation for operation in known if operation.endswith("?")]
