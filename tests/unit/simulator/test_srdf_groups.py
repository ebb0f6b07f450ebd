"""RDF groups, RDF directors and their ports (reference sections 6.16 and 6.19)."""

import pytest

from pmax.simulator import AfterSeconds, Behaviour
from pmax.simulator.refusals import ArrayRefused
from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY, Sides


@pytest.fixture
def sides(client):
    """Two sides of a simulator with three empty RDF groups between them."""
    return Sides(client)


def ports(array, *names):
    """Return ports as bodies name them."""
    split = [name.split(":") for name in names]
    return [{"symmetrixID": array, "directorId": director, "portNumber": port} for director, port in split]


def new_group(label="new", near=5, far=6, **changes):
    """A body that makes a group."""
    return {
        "label": label,
        "local_rdfg_number": near,
        "remote_rdfg_number": far,
        "local_ports": ports(ARRAY, "RF-1E:8"),
        "remote_ports": ports(OTHER_ARRAY, "RF-1E:8", "RF-2E:8"),
        **changes,
    }


def test_groups_of_the_default_fixture(sides):
    """The default fixture has an empty group for each mode, with a label that clients look it up by (section 12)."""
    body = sides.get("rdf_group").body
    assert body["rdfg_count"] == 3
    assert body["rdfGroupID"][0] == {
        "rdfgNumber": 70,
        "label": "23_24_070",
        "remote_symmetrix_id": OTHER_ARRAY,
        "group_type": "Dynamic",
    }
    assert [each["rdfgNumber"] for each in body["rdfGroupID"]] == [70, 71, 72]


def test_list_on_an_old_version(sides):
    """Version 90 lists number and label only (reference section 9)."""
    old = sides.near.on(version=90)
    assert sides.get("rdf_group", old).body["rdfGroupID"][0] == {"rdfgNumber": 70, "label": "23_24_070"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"rdf_mode": "Active"}, [72]),
        ({"rdf_mode": "Synchronous"}, []),
        ({"group_type": "Metro"}, [72]),
        ({"group_type": "Dynamic"}, [70, 71]),
        ({"volume_count": 2}, [72]),
        ({"remote_symmetrix_id": OTHER_ARRAY}, [70, 71, 72]),
        ({"remote_symmetrix_id": ARRAY}, []),
    ],
)
def test_filters_of_the_list(client, query, expected):
    """The list can be filtered by array, mode, type and number of devices (section 6.16)."""
    metro = Sides(client, "Active")
    metro.protect(volumes=2)
    assert [each["rdfgNumber"] for each in metro.get("rdf_group", **query).body["rdfGroupID"]] == expected


def test_detail_of_an_empty_group(sides):
    """An empty group shows its ends and ports, and no mode."""
    body = sides.get("rdf_group/70").body
    expected = {
        "rdfgNumber": 70,
        "label": "23_24_070",
        "remoteRdfgNumber": 70,
        "remoteSymmetrix": OTHER_ARRAY,
        "numDevices": 0,
        "totalDeviceCapacity": 0.0,
        "localPorts": ["RF-1E:8", "RF-2E:8"],
        "remoteOnlinePorts": ["RF-1E:8", "RF-2E:8"],
        "modes": [],
        "type": "Dynamic",
        "metro": False,
        "async": False,
        "offline": False,
        "device_polarity": "NONE",
    }
    assert {name: body[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("Synchronous", {"modes": ["Synchronous"], "type": "Dynamic", "async": False, "metro": False}),
        ("Asynchronous", {"modes": ["Asynchronous"], "type": "Dynamic", "async": True, "metro": False}),
        ("Active", {"modes": ["Active"], "type": "Metro", "witnessEffective": True, "biasConfigured": False}),
    ],
)
def test_detail_by_mode(client, mode, expected):
    """The detail of a group follows the mode of its devices."""
    sides = Sides(client, mode)
    sides.protect()
    body = sides.get(f"rdf_group/{sides.number}").body
    assert {name: body[name] for name in expected} == expected
    assert (body["numDevices"], body["totalDeviceCapacity"], body["device_polarity"]) == (1, 1.0, "RDF1")
    assert sides.get(f"rdf_group/{sides.number}", sides.far).body["device_polarity"] == "RDF2"


def test_new_group(sides):
    """A new group is there on both arrays, under its own number on each."""
    reply = sides.post("rdf_group", new_group())
    assert (reply.status, reply.body["rdfgNumber"]) == (201, 5)
    far = sides.get("rdf_group/6", sides.far).body
    assert (far["label"], far["remoteRdfgNumber"], far["remoteSymmetrix"]) == ("new", 5, ARRAY)
    assert (far["localPorts"], far["remotePorts"]) == (["RF-1E:8", "RF-2E:8"], ["RF-1E:8"])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"near": 70}, 500),
        ({"far": 70}, 500),
        ({"near": 0}, 500),
        ({"far": 251}, 500),
        ({"label": "eleven char"}, 500),
        ({"label": ""}, 500),
        ({"local_ports": []}, 400),
        ({"local_ports": ports(ARRAY, "FA-1D:4")}, 500),
        ({"remote_ports": ports(OTHER_ARRAY, "RF-9E:8")}, 500),
        ({"remote_ports": ports(ARRAY, "RF-1E:8")}, 500),
        ({"remote_ports": ports("000000000001", "RF-1E:8")}, 500),
        ({"remote_ports": ports(OTHER_ARRAY, "RF-1E:8", "RF-1E:8")}, 500),
        ({"remote_ports": ports(OTHER_ARRAY, "RF-1E:8") + ports(ARRAY, "RF-1E:8")}, 400),
        ({"local_ports": ports(OTHER_ARRAY, "RF-1E:8")}, 400),
        ({"oops": 1}, 400),
    ],
)
def test_impossible_groups(sides, changes, status):
    """Numbers, label, ports and arrays must be possible, and nothing is made otherwise."""
    assert sides.post("rdf_group", new_group(**changes)).status == status
    assert len(sides.srdf.groups) == 3


def test_new_label(sides):
    """A label is that of both ends."""
    assert sides.put("rdf_group/70", {"action": "set_label", "set_label": {"label": "other"}}).status == 200
    assert sides.get("rdf_group/70", sides.far).body["label"] == "other"


def test_ports_come_and_go(sides):
    """A group may use more or fewer ports of either end, but never none."""
    remove = {"action": "remove_ports", "remove_ports": {"ports": ports(ARRAY, "RF-1E:8")}}
    assert sides.put("rdf_group/70", remove).body["localPorts"] == ["RF-2E:8"]
    assert sides.put("rdf_group/70", remove).status == 500
    last = {"action": "remove_ports", "remove_ports": {"ports": ports(ARRAY, "RF-2E:8")}}
    assert sides.put("rdf_group/70", last).status == 500
    add = {"action": "add_ports", "add_ports": {"ports": ports(ARRAY, "RF-1E:8")}}
    assert sides.put("rdf_group/70", add).body["localPorts"] == ["RF-2E:8", "RF-1E:8"]
    assert sides.put("rdf_group/70", add).status == 500
    far = {"action": "remove_ports", "remove_ports": {"ports": ports(OTHER_ARRAY, "RF-1E:8")}}
    assert sides.put("rdf_group/70", far).body["remotePorts"] == ["RF-2E:8"]


def test_group_that_keeps_only_dead_ports(sides):
    """A group whose last working port is taken away goes offline."""
    sides.protect()
    sides.near.array.set_port_online("RF-2E:8", is_online=False)
    sides.put("rdf_group/70", {"action": "remove_ports", "remove_ports": {"ports": ports(ARRAY, "RF-1E:8")}})
    assert sides.states() == ["Partitioned"]


@pytest.mark.parametrize("body", [{"action": "oops"}, {"action": "set_label"}, {}])
def test_malformed_edits(sides, body):
    """An edit must be known and complete."""
    assert sides.put("rdf_group/70", body).status == 400


def test_deleted_group(sides):
    """An empty group can be deleted, and is gone on both arrays; its number is free again."""
    assert sides.delete("rdf_group/70").status == 204
    assert sides.get("rdf_group/70", sides.far).status == 404
    assert sides.delete("rdf_group/70").status == 404
    assert sides.post("rdf_group", new_group(near=70, far=70)).status == 201


def test_group_in_use(sides):
    """A group that holds devices cannot be deleted (inferred)."""
    sides.protect()
    assert sides.delete("rdf_group/70").status == 500
    assert sides.get("rdf_group/70").status == 200


@pytest.mark.parametrize("number", ["73", "0", "x", "070x", "99999999999"])
def test_unknown_group(sides, number):
    """An unknown group is 404 on GET and DELETE, and 500 on PUT (reference section 13)."""
    assert sides.get(f"rdf_group/{number}").status == 404
    assert sides.delete(f"rdf_group/{number}").status == 404
    reply = sides.put(f"rdf_group/{number}", {"action": "set_label", "set_label": {"label": "x"}})
    assert (reply.status, "cannot be found" in reply.message) == (500, True)


def test_free_numbers(make_client):
    """The free numbers of both arrays can be asked for before a group is made (section 6.16)."""
    sides = Sides(make_client(unisphere_version="V10.0.0.0", version=100))
    path = f"/internal/100/file/symmetrix/{ARRAY}/rdf_group_numbers_free"
    body = sides.near.get(path, remote_symmetrix_id=OTHER_ARRAY).body
    expected = [number for number in range(1, 251) if number not in {70, 71, 72}]
    assert (body["rdfg_number"], body["remote_rdfg_number"]) == (expected, expected)
    assert sides.near.get(path, remote_symmetrix_id="000000000001").status == 404


def move(sides, volumes, target=73, **more):
    """Move volumes to another group."""
    fields = {"targetRdfGroup": target, "volumesToMove": list(volumes), **more}
    return sides.put(f"rdf_group/{sides.number}", {"action": "Move", "move": fields})


def test_moved_pairs(sides):
    """A pair can be moved to another group between the same arrays, even one made from the other side."""
    sides.srdf.add_group("turned", (OTHER_ARRAY, 74), (ARRAY, 73))
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.write(volume, "a")
    assert move(sides, [volume], exempt=False).status == 200
    pair = sides.get(f"rdf_group/73/volume/{volume}").body
    assert (pair["remoteVolumeName"], pair["remoteRdfGroupNumber"], pair["volumeConfig"]) == (twin, 74, "RDF1+TDEV")
    assert sides.get("rdf_group/70").body["numDevices"] == 0
    sides.write(volume, "b")
    assert sides.read(twin, sides.far) == "b"


def test_moves_that_are_not_possible(client):
    """A pair of an active set moves only exempt, and nothing moves to a group that cannot take it."""
    sides = Sides(client, "Asynchronous")
    (volume,) = sides.protect()
    sides.srdf.add_group("to", (ARRAY, 73), (OTHER_ARRAY, 73))
    assert move(sides, [volume]).status == 500
    assert move(sides, [volume], target=74).status == 500
    (stranger,) = sides.near.group("plain", volumes=1)
    assert move(sides, [stranger], exempt=True).status == 500
    assert move(sides, [volume], exempt=True).status == 200
    assert sides.get("rdf_group/73").body["numDevices"] == 1


def test_directors(sides):
    """RDF directors, their ports, and what they reach on the other array (section 6.19)."""
    assert sides.get("rdf_director").body == {"directorId": ["RF-1E", "RF-2E"]}
    director = sides.get("rdf_director/RF-1E").body
    assert (director["symmetrixID"], director["directorId"], director["online"]) == (ARRAY, "RF-1E", True)
    assert sides.get("rdf_director/RF-1E/port").body == {"portNumber": ["8"]}
    port = sides.get("rdf_director/RF-1E/port/8").body
    assert (port["directorId"], port["portNumber"], port["online"]) == ("RF-1E", 8, True)
    reached = sides.get("rdf_director/RF-1E/port/8/remote_port").body["remotePort"]
    assert [(each["symmetrixID"], each["directorId"], each["portNumber"]) for each in reached] == [
        (OTHER_ARRAY, "RF-1E", 8),
        (OTHER_ARRAY, "RF-2E", 8),
    ]


@pytest.mark.parametrize("path", ["rdf_director/FA-1D", "rdf_director/RF-9E", "rdf_director/RF-1E/port/4"])
def test_unknown_directors(sides, path):
    """A director without RDF ports is no RDF director."""
    assert sides.get(path).status == 404


def test_directors_that_are_offline(sides):
    """What is offline can be filtered away, and reaches nothing."""
    sides.near.array.set_director_online("RF-1E", is_online=False)
    assert sides.get("rdf_director", online="true").body == {"directorId": ["RF-2E"]}
    assert sides.get("rdf_director/RF-1E/port", online="true").body == {"portNumber": []}
    assert sides.get("rdf_director/RF-1E/port/8/remote_port").body == {"remotePort": []}
    sides.cut()
    assert sides.get("rdf_director/RF-2E/port/8/remote_port").body == {"remotePort": []}


def test_groups_made_by_a_test(sides):
    """A test makes groups over all RDF ports of both arrays, or learns why not."""
    group = sides.srdf.add_group("label", (ARRAY, 1), (OTHER_ARRAY, 250))
    assert [side.ports for side in group.sides] == [("RF-1E:8", "RF-2E:8")] * 2
    with pytest.raises(ArrayRefused, match="in use"):
        sides.srdf.add_group("label", (ARRAY, 1), (OTHER_ARRAY, 249))


def test_arrays_without_the_licence(sides):
    """A group needs two arrays that are capable of SRDF."""
    sides.far.array.update(is_srdf_capable=False)
    assert sides.post("rdf_group", new_group()).status == 500
    assert len(sides.srdf.groups) == 3


def test_ports_of_a_third_array(make_client):
    """A group takes ports of its own two arrays only."""
    sides = Sides(make_client(fixture="families"))
    body = {"action": "add_ports", "add_ports": {"ports": ports("000120000548", "RF-1E:8")}}
    assert sides.put("rdf_group/70", body).status == 400


@pytest.mark.parametrize("case", ["elsewhere", "copying"])
def test_pairs_that_cannot_be_moved(make_client, case):
    """A pair moves neither to a group between other arrays nor while it is copied (assumed)."""
    behaviour = Behaviour(sync_pace=AfterSeconds(60 if case == "copying" else 0))
    sides = Sides(make_client(fixture="families", behaviour=behaviour))
    other = "000120000548" if case == "elsewhere" else OTHER_ARRAY
    sides.srdf.add_group("to", (ARRAY, 73), (other, 73))
    (volume,) = sides.protect()
    assert move(sides, [volume]).status == 500
    assert sides.get("rdf_group/70").body["numDevices"] == 1
