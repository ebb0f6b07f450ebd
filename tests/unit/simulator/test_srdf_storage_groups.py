"""Protection of storage groups, and pairs of volumes (reference sections 6.17 and 6.18)."""

import pytest

from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY, Sides


@pytest.fixture
def sides(client):
    """Two sides of a simulator."""
    return Sides(client)


def test_protection(sides):
    """Protecting a group makes the remote group, an R2 per volume, and the pairs (section 6.18)."""
    ids = sides.protect(volumes=2)
    far = sides.far.get("storagegroup/sg").body
    assert (far["num_of_vols"], far["srp"], far["slo"]) == (2, "SRP_1", "Diamond")
    for volume in ids:
        twin = sides.far.array.volumes[sides.twin(volume)]
        assert (twin.identifier, twin.storage_groups) == (None, ("sg",))
    assert sides.near.get("storagegroup/sg").body["unprotected"] is False


def test_answer_to_a_protection(sides):
    """The answer is how the group replicates, or a job that names what it did."""
    sides.near.group("sg", volumes=1)
    reply = sides.ask_protection()
    assert (reply.status, reply.body["storageGroupName"], reply.body["rdfGroupNumber"]) == (201, "sg", 70)
    sides.near.group("more", volumes=1)
    job = sides.ask_protection("more", executionOption="ASYNCHRONOUS")
    assert job.status == 202
    body = sides.near.get(f"/92/system/job/{job.body['jobId']}").body
    assert (body["status"], body["task"][0]["description"]) == ("SUCCEEDED", "SRDF protect Storage Group [more]")


@pytest.mark.parametrize(("level", "expected"), [("Gold", "Gold"), ("NONE", "NONE"), (None, "NONE")])
def test_level_of_the_remote_group(sides, level, expected):
    """The remote group has the level that was asked for, and a pool in any case (section 6.18)."""
    sides.near.group("sg", volumes=1)
    sides.ask_protection(remoteSLO=level)
    far = sides.far.get("storagegroup/sg").body
    assert (far["slo"], far["srp"]) == (expected, "SRP_1")


def test_remote_group_that_exists(sides):
    """A remote group that exists is used as it is."""
    (resident,) = sides.far.group("theirs", level="Bronze", volumes=1)
    (volume,) = sides.protect(remoteStorageGroupName="theirs")
    held = {each.volume_id for each in sides.far.array.volumes.values() if "theirs" in each.storage_groups}
    assert held == {resident, sides.twin(volume)}
    assert sides.far.get("storagegroup/theirs").body["slo"] == "Bronze"


def test_protection_without_a_group_number(sides):
    """Without a number the array makes an RDF group of its own for the storage group (assumed)."""
    sides.near.group("a_long_storage_group", volumes=1)
    reply = sides.ask_protection("a_long_storage_group", rdfgNumber=None)
    assert reply.status == 201
    number = reply.body["rdfGroupNumber"]
    assert number not in {70, 71, 72}
    assert sides.get(f"rdf_group/{number}").body["label"] == "a_long_sto"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"replicationMode": "Fast"}, 400),
        ({"replicationMode": None}, 400),
        ({"remoteSymmId": None}, 400),
        ({"remoteSymmId": "000000000001"}, 500),
        ({"remoteSymmId": ARRAY}, 500),
        ({"rdfgNumber": 99}, 500),
        ({"rdfgNumber": 70, "forceNewRdfGroup": True}, 400),
        ({"remoteStorageGroupName": "not a name"}, 400),
        ({"remoteSLO": "Nonsense"}, 500),
        ({"thinPool": "SRP_9"}, 500),
        ({"metroBias": "true"}, 500),
        ({"oops": 1}, 400),
    ],
)
def test_impossible_protection(sides, body, status):
    """Protection that cannot be is refused, and nothing is made on either array."""
    sides.near.group("sg", volumes=1)
    volumes = len(sides.far.array.volumes)
    assert sides.ask_protection(**body).status == status
    assert (sides.srdf.pairs, sides.far.array.storage_groups) == ((), {})
    assert (len(sides.far.array.volumes), len(sides.srdf.groups)) == (volumes, 3)


def test_what_cannot_be_protected(sides):
    """Neither an empty group, nor one that is protected there, nor one that does not exist can be protected."""
    sides.near.group("empty")
    assert sides.ask_protection("empty").status == 500
    sides.protect()
    assert sides.ask_protection().status == 500
    reply = sides.ask_protection("nobody")
    assert (reply.status, "cannot be found" in reply.message) == (500, True)
    assert len(sides.srdf.pairs) == 1


def test_pair_made_by_the_array(sides):
    """As of 92 the client names local volumes, and the array makes the others (section 6.17)."""
    (volume,) = sides.near.group("sg", volumes=1, size=2)
    reply = sides.add([volume], establish="true")
    (pair,) = reply.body["devicePair"]
    assert (reply.status, pair["localVolumeName"], pair["rdfpairState"]) == (201, volume, "Synchronized")
    twin = sides.far.array.volumes[pair["remoteVolumeName"]]
    assert (twin.cylinders, twin.identifier, twin.storage_groups) == (1093, None, ())


def test_detail_of_a_pair(sides):
    """The detail of a pair says what the reference shows (section 6.17)."""
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    assert sides.pair(volume) == {
        "localSymmetrixId": ARRAY,
        "remoteSymmetrixId": OTHER_ARRAY,
        "localRdfGroupNumber": 70,
        "remoteRdfGroupNumber": 70,
        "localVolumeName": volume,
        "remoteVolumeName": twin,
        "localVolumeState": "Ready",
        "remoteVolumeState": "Write Disabled",
        "volumeConfig": "RDF1+TDEV",
        "rdfMode": "Synchronous",
        "rdfpairState": "Synchronized",
        "largerRdfSide": "Equal",
        "local_wwn_external": sides.near.array.wwn(volume),
        "remote_wwn_external": sides.far.array.wwn(twin),
    }


def test_several_new_volumes_on_both_sides(sides):
    """The array can make both volumes of new pairs (section 6.17)."""
    body = {
        "rdfMode": "Synchronous",
        "rdfType": "RDF1",
        "localDeviceAutoCriteriaParam": {"pairCount": 2, "emulation": "FBA", "capacity": "1", "capacityUnit": "GB"},
    }
    reply = sides.post("rdf_group/70/volume", body)
    assert (reply.status, len(reply.body["devicePair"])) == (201, 2)
    names = [pair["localVolumeName"] for pair in reply.body["devicePair"]]
    assert sides.get("rdf_group/70/volume").body == {"name": names}


@pytest.mark.parametrize("count", [0, -1, 4097, "x"])
def test_impossible_numbers_of_pairs(sides, count):
    """The number of new pairs has limits."""
    criteria = {"pairCount": count, "capacity": 1, "capacityUnit": "GB"}
    body = {"rdfMode": "Synchronous", "localDeviceAutoCriteriaParam": criteria}
    assert sides.post("rdf_group/70/volume", body).status == 400


def test_pairs_of_an_empty_group(sides):
    """The list of volumes is there even when it is empty (reference section 11, point 8)."""
    assert sides.get("rdf_group/70/volume").body == {"name": []}


def test_volumes_without_a_pair(sides):
    """A volume that is not paired there is no RDF device, and one that does not exist cannot be found."""
    (volume,) = sides.near.group("plain", volumes=1)
    reply = sides.get(f"rdf_group/70/volume/{volume}")
    assert (reply.status, "The device must be an RDF device" in reply.message) == (404, True)
    reply = sides.get("rdf_group/70/volume/FFFFF")
    assert (reply.status, "Could not find" in reply.message) == (404, True)


@pytest.mark.parametrize(
    ("version", "private", "status"),
    [(90, True, 201), (91, True, 201), (92, True, 404), (90, False, 404), (92, False, 201)],
)
def test_forms_by_version(sides, version, private, status):
    """Pairs are made in the private form up to 91 and in the public one as of 92 (reference section 9)."""
    (volume,), (twin,) = sides.near.group("a", volumes=1), sides.far.group("a", volumes=1)
    named = {
        "deviceNameListSource": [{"name": volume}],
        "deviceNameListTarget": [{"name": twin}],
        "replicationMode": "Synchronous",
        "establish": "true",
        "rdfType": "RDF1",
    }
    made = {"rdfMode": "Synchronous", "localDeviceListCriteriaParam": {"localDeviceList": [volume]}}
    prefix = "/private" if private else ""
    path = f"{prefix}/{version}/replication/symmetrix/{ARRAY}/rdf_group/70/volume"
    assert sides.near.post(path, named if private else made).status == status


def test_named_pairs_must_match(sides):
    """Both lists of the private form are of the same length, and every volume exists."""
    (volume,) = sides.near.group("a", volumes=1)
    path = f"/private/90/replication/symmetrix/{ARRAY}/rdf_group/70/volume"
    body = {"deviceNameListSource": [{"name": volume}], "replicationMode": "Synchronous", "rdfType": "RDF1"}
    assert sides.near.post(path, body).status == 400
    assert sides.near.post(path, {**body, "deviceNameListTarget": [{"name": "FFFFF"}]}).status == 500
    assert sides.srdf.pairs == ()


@pytest.mark.parametrize(
    "more", [{"establish": True, "restore": True}, {"rdfType": "NA"}, {"rdfType": "R1"}, {"oops": True}]
)
def test_malformed_pairs(sides, more):
    """Options that contradict each other, or do not exist, are a bad request."""
    (volume,) = sides.near.group("a", volumes=1)
    assert sides.add([volume], **more).status == 400
    assert sides.srdf.pairs == ()


def test_gatekeepers_are_not_replicated(sides):
    """A gatekeeper cannot be paired (assumed)."""
    gatekeeper = next(each.volume_id for each in sides.near.array.volumes.values() if each.is_gatekeeper)
    assert sides.add([gatekeeper]).status == 500


def test_several_pairs_or_none(sides):
    """If one volume of several cannot be paired, none is."""
    ids = sides.near.group("a", volumes=2)
    assert sides.add([*ids, "FFFFF"]).status == 500
    assert sides.srdf.pairs == ()


def test_filters_of_volumes(sides):
    """Volumes can be listed by RDF group, type and status (reference section 6.4)."""
    ids = sides.protect(volumes=2)
    sides.near.group("plain", volumes=1)

    def found(**query):
        return [each["volumeId"] for each in sides.near.get("volume", **query).body["resultList"]["result"]]

    assert found(rdf_group_number=70) == ids
    assert found(storageGroupId="sg", rdf_group_number=70) == ids
    assert found(type="RDF1+TDEV") == ids
    assert found(rdf_group_number=71) == []


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous", "Active"])
def test_private_details_of_a_volume(client, mode):
    """The private detail of a paired volume names the pair; that of a plain one says false throughout (section 6.5)."""
    sides = Sides(client, mode)
    (volume,) = sides.protect()
    (plain,) = sides.near.group("plain", volumes=1)
    path = f"/private/92/sloprovisioning/symmetrix/{ARRAY}/volume"
    info = sides.near.get(path, wwn=sides.near.array.wwn(volume)).body["resultList"]["result"][0]["rdfInfo"]
    (session,) = info["RDFSession"]
    assert session == {
        "SRDFStatus": "Ready",
        "SRDFReplicationMode": mode,
        "pairState": sides.state(volume),
        "remoteDeviceID": sides.twin(volume),
        "remoteSymmetrixID": OTHER_ARRAY,
        "SRDFGroupNumber": sides.number,
        "SRDFRemoteGroupNumber": sides.number,
    }
    assert (info["RDF"], info["RDFA"]) == (True, mode == "Asynchronous")
    info = sides.near.get(path, wwn=sides.near.array.wwn(plain)).body["resultList"]["result"][0]["rdfInfo"]
    assert "RDFSession" not in info
    assert not any(value is True for value in info.values())
