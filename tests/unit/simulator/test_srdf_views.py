"""Arrays and storage groups as the replication category shows them (reference section 6.15)."""

import pytest

from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY, Sides


@pytest.fixture
def sides(client):
    """Two sides of a simulator."""
    return Sides(client)


def test_view_of_a_storage_group(sides):
    """The replication view of a group tells whether all of it is replicated, where and with what (section 6.15)."""
    (volume,) = sides.protect()
    body = sides.get("storagegroup/sg").body
    assert (body["name"], body["rdf"], body["rdf_groups"]) == ("sg", True, [70])
    (remote,) = body["remote_storage_groups"]
    assert (remote["symmetrix_id"], remote["storage_group_id"]) == (OTHER_ARRAY, "sg")
    assert remote["storage_group_uuid"] == sides.far.array.storage_groups["sg"].uuid
    sides.near.group("mixed", srp=None, volumes=1)
    fields = {"volumeId": [volume], "remoteSymmSGInfoParam": {"force": "true"}}
    sides.near.edit("mixed", "expandStorageGroupParam", {"addSpecificVolumeParam": fields})
    assert sides.get("storagegroup/mixed").body["rdf"] is False
    assert sides.get("storagegroup/nobody").status == 404


def test_lists_of_storage_groups(sides):
    """Groups can be listed by whether they are replicated (section 6.15)."""
    sides.protect()
    sides.near.group("plain", volumes=1)
    assert sides.get("storagegroup").body == {"name": ["plain", "sg"]}
    assert sides.get("storagegroup", hasSrdf="true").body == {"name": ["sg"]}
    assert sides.get("storagegroup", hasSrdf="false").body == {"name": ["plain"]}


def test_capabilities(sides):
    """The capabilities of all arrays say what they are licensed for (section 6.15)."""
    sides.far.array.update(is_srdf_capable=False)
    body = sides.near.get("/92/replication/capabilities/symmetrix").body
    found = {each["symmetrixId"]: each["rdfCapable"] for each in body["symmetrixCapability"]}
    assert (found, body["successful"]) == ({ARRAY: True, OTHER_ARRAY: False}, True)


def test_capabilities_of_10(make_client):
    """As of 10.0 an array also says what it can with witnesses, snapshot policies and Metro (seen with PyU4V)."""
    client = make_client(version=104, unisphere_version="V10.4.0.0")
    (entry, _) = client.get("/104/replication/capabilities/symmetrix").body["symmetrixCapability"]
    assert sorted(entry) == [
        "metro_capable",
        "metro_dr_capable",
        "rdfCapable",
        "snapVxCapable",
        "snapshot_policy_capable",
        "symmetrixId",
        "vasa_async_remote_rep_capable",
        "virtual_witness_capable",
        "witness_capable",
    ]


def test_replication_of_an_array(sides):
    """An array counts its RDF groups."""
    assert sides.near.get(f"/92/replication/symmetrix/{ARRAY}").body["rdfGroupCount"] == 3


@pytest.mark.parametrize("remote", [None, "mirror"])
def test_group_of_an_rdf_group(make_client, remote):
    """As of 103 a group can be made of all volumes of an RDF group, on both arrays (section 6.15)."""
    sides = Sides(make_client(unisphere_version="V10.3.0.0", version=103), "Asynchronous")
    ids = sides.protect(volumes=2)
    details = {"rdf_group_number": 71, **({"remote_storage_group_name": remote} if remote else {})}
    body = {"action": "CreateSgFromRdfg", "storage_group_name": "all", "create_sg_from_rdfg": details}
    assert sides.post("storagegroup", body).status == 201
    held = sorted(each.volume_id for each in sides.near.array.volumes.values() if "all" in each.storage_groups)
    assert held == ids
    assert ("mirror" in sides.far.array.storage_groups) is (remote is not None)
    assert sides.get("storagegroup/all").body["rdf"] is True


def test_group_of_both_roles(make_client):
    """If an RDF group holds both R1 and R2 volumes, the role must be said."""
    sides = Sides(make_client(unisphere_version="V10.3.0.0", version=103))
    one, two = sides.protect(volumes=2)
    sides.near.group("part", srp=None)
    fields = {"addSpecificVolumeParam": {"volumeId": [two]}}
    assert sides.near.edit("part", "expandStorageGroupParam", fields).status == 200
    sides.act("Suspend", "part")
    sides.act("Swap", "part")
    asked = {"action": "CreateSgFromRdfg", "storage_group_name": "all", "create_sg_from_rdfg": {"rdf_group_number": 70}}
    assert sides.post("storagegroup", asked).status == 400
    asked["create_sg_from_rdfg"]["rdf_type"] = "RDF2"
    assert sides.post("storagegroup", asked).status == 201
    assert sides.near.array.volumes[two].storage_groups[-1] == "all"
    assert sides.near.array.volumes[one].storage_groups == ("sg",)
