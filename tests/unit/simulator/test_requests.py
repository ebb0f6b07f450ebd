"""Transport, authentication, versions, errors and bad input (reference sections 1 and 2)."""

import base64
import json

import pytest

BASE = "/univmax/restapi"


def basic(text):
    """Headers that log in."""
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("smc:wrong"),
        basic("nobody:smc"),
        basic("smc"),
        basic(":"),
        {"authorization": "Basic ***"},
        {"authorization": "Bearer smc"},
        {"authorization": "Basic /w=="},
    ],
)
def test_unknown_users_are_refused(client, headers):
    """Without good credentials every path answers 401 (section 1.3), also one that does not exist."""
    for path in ("/version", "/92/nonsense"):
        response = client.raw("GET", BASE + path, headers=headers)
        assert response.status == 401
        assert json.loads(response.body) == {"message": "Unauthorized"}


@pytest.mark.parametrize("name", ["Basic", "basic", "BASIC"])
def test_the_scheme_has_no_case(client, name):
    """The name of the authentication scheme may be written in any case."""
    token = base64.b64encode(b"smc:smc").decode()
    assert client.raw("GET", f"{BASE}/version", headers={"authorization": f"{name} {token}"}).status == 200


def test_clients_may_name_a_version_in_the_media_type(client):
    """`Accept: application/json;version=100` is tolerated (section 1.2)."""
    headers = {**basic("smc:smc"), "accept": "application/json;version=100", "symid": "000197900999"}
    response = client.raw("GET", f"{BASE}/version", headers=headers)
    assert response.status == 200
    assert ("Content-Type", "application/json") in response.headers


@pytest.mark.parametrize(
    ("reported", "served"),
    [
        ("V9.0.0.1", [83, 84, 90]),
        ("V9.1.0.5", [83, 84, 90, 91]),
        ("V9.2.0.0", [83, 84, 90, 91, 92]),
        ("V10.0.0.0", [83, 84, 90, 91, 92, 100]),
        ("T10.1.0.0", [83, 84, 90, 91, 92, 100, 101]),
        ("V10.3.0.0", [83, 84, 90, 91, 92, 100, 101, 102, 103]),
        ("V10.4.0.0", [83, 84, 90, 91, 92, 100, 101, 102, 103, 104]),
    ],
)
def test_versions_up_to_its_own_are_served(make_client, reported, served):
    """A Unisphere serves all path versions up to its own, and nothing else (section 1.4)."""
    client = make_client(unisphere_version=reported)
    assert client.get("/version").body == {
        "version": reported,
        "api_version": str(served[-1]),
        "supported_api_versions": [str(version) for version in served],
    }
    for version in (82, 83, 84, 90, 91, 92, 93, 100, 101, 102, 103, 104, 105, 110):
        reply = client.get(f"/{version}/system/symmetrix")
        assert reply.status == (200 if version in served else 404), version
    assert client.get("/90/system/version").body == {"version": reported}


@pytest.mark.parametrize("version", ["092", "9²", "x", "-92", "92.0", "99999999999999999999"])
def test_odd_versions_are_unknown(client, version):
    """What is no version of the API is answered with 404."""
    assert client.get(f"/{version}/system/symmetrix").status == 404


@pytest.mark.parametrize(
    "path", ["/92/nonsense", "/92/sloprovisioning/symmetrix/000197900999/volume/00001/more", "/92", "/file"]
)
def test_unknown_routes_answer_501(client, path):
    """A path that the simulator does not know is answered with 501, naming it."""
    reply = client.get(path)
    assert (reply.status, path in reply.message) == (501, True)


def test_paths_outside_the_service_are_not_found(client):
    """Outside `/univmax` there is nothing."""
    assert client.raw("GET", "/elsewhere").status == 404


@pytest.mark.parametrize("verb", ["POST", "PATCH", "HEAD", "OPTIONS", "TRACE"])
def test_other_verbs_are_not_allowed(client, verb):
    """A verb that a known path does not have is answered with 405, naming those that it has."""
    response = client.raw(verb, f"{BASE}/92/sloprovisioning/symmetrix/000197900999/volume/00001")
    assert response.status == 405
    assert ("Allow", "DELETE, GET, PUT") in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/92/system/../version",
        "/92/system/%2e%2e/version",
        "/92/system/symmetrix%2F000197900999",
        "/92/system/symmetrix%5c000197900999",
        "/92//system/symmetrix",
        "/92/system/./symmetrix",
        "/92/system/symmetrix/%00",
        "/92/system/symmetrix/%ff",
        "/92/system/symmetrix/a%0ab",
    ],
)
def test_crooked_paths_are_malformed(client, path):
    """Dot segments, hidden slashes, control characters and bad UTF-8 in a path are answered with 400."""
    assert client.raw("GET", BASE + path).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"12",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"storageGroupId": "x"} more',
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"storageGroupId": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_bodies_change_nothing(client, body):
    """A body that is no JSON object is answered with 400, and nothing is created."""
    path = f"{BASE}/92/sloprovisioning/symmetrix/000197900999/storagegroup"
    assert client.raw("POST", path, body).status == 400
    assert client.array.storage_groups == {}


def test_bodies_over_a_megabyte_are_refused(client):
    """A body of more than 1 MB is answered with 413, and nothing is created."""
    body = json.dumps({"storageGroupId": "x", "srpId": "None"}).encode()
    path = f"{BASE}/92/sloprovisioning/symmetrix/000197900999/storagegroup"
    assert client.raw("POST", path, body + b" " * 1_000_001).status == 413
    assert client.array.storage_groups == {}
    assert client.raw("POST", path, body + b" " * (1_000_000 - len(body))).status == 201


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1},
        {"storageGroupId": 5},
        {"storageGroupId": None},
        {"storageGroupId": ""},
        {"storageGroupId": "a" * 65},
        {"storageGroupId": "with space"},
        {"storageGroupId": "émile"},
        {"emulation": "TAPE"},
        {"srpId": ["SRP_1"]},
        {"sloBasedStorageGroupParam": {}},
        {"sloBasedStorageGroupParam": [5]},
        {"sloBasedStorageGroupParam": [{"sloId": "Diamond", "surprise": True}]},
        {"sloBasedStorageGroupParam": [{"noCompression": "perhaps"}]},
        {"sloBasedStorageGroupParam": [{"volumeAttributes": [{"num_of_vols": "many"}]}]},
        {"sloBasedStorageGroupParam": [{"volumeAttributes": [{"num_of_vols": 1, "volume_size": "-1"}]}]},
        {"sloBasedStorageGroupParam": [{"volumeAttributes": [{"num_of_vols": 1.5}]}]},
        {"executionOption": "LATER"},
        {"executionOption": 1},
    ],
)
def test_wrong_fields_are_refused(client, change):
    """An unknown field, a wrong type or an impossible value is answered with 400, and nothing is created."""
    body = {"storageGroupId": "x", "srpId": "SRP_1", "emulation": "FBA", **change}
    reply = client.post("storagegroup", body)
    assert reply.status == 400, reply
    assert client.array.storage_groups == {}


@pytest.mark.parametrize("truth", [True, "true", "True", "TRUE"])
def test_booleans_may_be_texts(client, truth):
    """Booleans and numbers arrive also as texts (section 0.2, fact 5)."""
    element = {
        "sloId": "Diamond",
        "noCompression": truth,
        "volumeAttributes": [{"num_of_vols": "1", "volume_size": "1", "capacityUnit": "gb"}],
    }
    body = {"storageGroupId": "x", "srpId": "SRP_1", "sloBasedStorageGroupParam": [element]}
    reply = client.post("storagegroup", body)
    assert (reply.status, reply.body["compression"], reply.body["num_of_vols"]) == (201, False, 1)


def test_missing_objects_are_404_on_get_and_delete(client):
    """GET and DELETE of what does not exist answer 404 with the key words that clients look for (section 2.3)."""
    for path in ("storagegroup/x", "host/x", "hostgroup/x", "portgroup/x", "maskingview/x"):
        for verb in ("GET", "DELETE"):
            reply = client.call(verb, path)
            assert (reply.status, "cannot be found" in reply.message) == (404, True), path
    reply = client.get("volume/0FFFF")
    assert (reply.status, "Could not find" in reply.message) == (404, True)
    reply = client.get("maskingview/x")
    assert reply.message == "Masking View [x] on Symmetrix [000197900999] cannot be found"


def test_put_on_a_missing_object_is_refused_at_once(client):
    """PUT on what does not exist answers 500 with `cannot be found`, also when it is asynchronous (assumed)."""
    edit = {"editStorageGroupActionParam": {"editCompressionParam": {"compression": "true"}}}
    for body in (edit, {"executionOption": "ASYNCHRONOUS", **edit}):
        reply = client.put("storagegroup/x", body)
        assert reply.status == 500
        assert reply.message == (
            "A problem occurred modifying the storage group resource: "
            "Storage Group [x] on Symmetrix [000197900999] cannot be found"
        )


def test_monitor_may_only_look(client):
    """A user without the role to change things gets 403 for a change (section 2.1)."""
    from pmax.simulator.unisphere import User

    monitored = client.simulator.add_unisphere("second", "V9.2.0.0", users=[User("smc", "smc", may_change=False)])
    monitor = client.on(application=monitored)
    assert monitor.get("storagegroup").status == 200
    assert monitor.post("storagegroup", {"storageGroupId": "x", "srpId": "None"}).status == 403
    assert client.array.storage_groups == {}


def test_every_call_is_logged(client):
    """The log has time, client, verb, path with query, status and job of every call."""
    client.simulator.requests.clear()
    client.get("volume", volume_identifier="a b")
    client.get("/92/nonsense")
    client.post("storagegroup", {"storageGroupId": "x", "srpId": "None", "executionOption": "ASYNCHRONOUS"})
    first, second, third = client.simulator.requests
    assert (first.verb, first.status, first.client) == ("GET", 200, "in-process")
    assert first.path == "/univmax/restapi/92/sloprovisioning/symmetrix/000197900999/volume?volume_identifier=a+b"
    assert first.at == client.simulator.clock.now()
    assert second.status == 501
    assert (third.status, len(third.job_id)) == (202, 13)


def test_log_can_go_to_a_file(make_client, tmp_path):
    """With `request_log` every call is also a JSON line in a file."""
    client = make_client(request_log=tmp_path / "calls.jsonl")
    client.get("/version")
    client.simulator.close()
    (line,) = (tmp_path / "calls.jsonl").read_text().splitlines()
    assert json.loads(line)["path"] == "/univmax/restapi/version"
