"""Rules 17 to 27 and 84: volumes."""

import pytest

MANY = {"num_of_vols": 0}


def edit(client, volume_id, action, fields):
    """Edit a volume."""
    return client.put(f"volume/{volume_id}", {"editVolumeActionParam": {action: fields}})


def expand(client, volume_id, size, unit="GB"):
    """Expand a volume."""
    return edit(
        client, volume_id, "expandVolumeParam", {"volumeAttribute": {"volume_size": size, "capacityUnit": unit}}
    )


def test_new_volume_inherits_from_its_group(client):
    """A volume that is created in a group has its pool and service level (rule 17)."""
    (volume,) = client.group("g", level="Gold", volumes=1)
    header = private(client, volume)["volumeHeader"]
    assert (header["SRP"], header["serviceLevel"], header["compressionEnabled"]) == ("SRP_1", "Gold", True)


def private(client, volume_id, version=92):
    """A volume as the private API shows it."""
    path = f"/private/{version}/sloprovisioning/symmetrix/000197900999/volume"
    (row,) = client.get(path, wwn=client.array.wwn(volume_id)).body["resultList"]["result"]
    return row


def test_public_volume(client):
    """A public volume has the fields and types of section 6.4."""
    (volume,) = client.group("g", volumes=1)
    body = client.get(f"volume/{volume}").body
    assert body["volumeId"] == volume == "00003"
    assert body["wwn"] == body["effective_wwn"] == "60000970000197900999533030303033"
    assert (body["cap_cyl"], body["cap_mb"], body["cap_gb"]) == (547, 1026.0, 1.0)
    assert (body["type"], body["status"], body["emulation"]) == ("TDEV", "Ready", "FBA")
    assert (body["storageGroupId"], body["num_of_storage_groups"]) == (["g"], 1)
    assert body["volume_identifier"] == "v"
    assert (body["snapvx_source"], body["snapvx_target"], body["has_effective_wwn"]) == (False, False, False)
    assert not {"nguid", "storage_groups", "rdfGroupId", "symmetrixPortKey"} & body.keys()


def test_what_is_empty_is_left_out(client):
    """Without a name or a group the keys are absent (section 6.4)."""
    volume = client.array.add_volume(5)
    body = client.get(f"volume/{volume}").body
    assert not {"volume_identifier", "storageGroupId"} & body.keys()


def test_volume_ids_have_no_case_in_paths(client):
    """An id in a path is found in lower case too, as clients upper-case it or not."""
    for _ in range(8):
        last = client.array.add_volume(5)
    assert last == "0000A"
    assert client.get("volume/0000a").body["volumeId"] == "0000A"


def test_private_volume_without_sessions(client):
    """A plain volume says in the private API that it has no sessions: every `rdfInfo` boolean is false (6.5)."""
    (volume,) = client.group("g", volumes=1)
    body = private(client, volume)
    assert not any(value is True for value in body["rdfInfo"].values())
    assert "RDFSession" not in body["rdfInfo"]
    assert (body["timeFinderInfo"]["snapVXSrc"], body["timeFinderInfo"]["snapVXTgt"]) == (False, False)
    assert "snapVXSession" not in body["timeFinderInfo"]
    assert body["maskingInfo"] == {"masked": False}
    header = body["volumeHeader"]
    assert (header["status"], header["serviceState"]) == ("Ready", "Normal")
    assert (header["emulationType"], header["configuration"]) == ("FBA", "TDEV")
    assert (header["capGB"], header["capMB"], header["capCYL"]) == (1.0, 1026.0, 547)


def test_ids_grow_and_are_not_reused(client):
    """A new volume gets the lowest id that was never used (rule 84)."""
    client.group("g")
    first = client.volume("g")
    client.edit("g", "removeVolumeParam", {"volumeId": [first]})
    assert client.delete(f"volume/{first}").status == 204
    assert client.volume("g") == f"{int(first, 16) + 1:05X}"


@pytest.mark.parametrize(("reuse", "taken"), [(True, True), (False, False)])
def test_unused_volumes_may_be_handed_out(client, build, reuse, taken):
    """`create_new_volumes` false may hand out an unused volume of the same size; true never does (rule 84)."""
    client.group("g")
    spare = client.array.add_volume(547)
    named = client.array.add_volume(547, "mine")
    client.array.update_volume(written := client.array.add_volume(547), allocated_percent=3)
    fields = {"addVolumeParam": build.volumes(name="new", reuse=reuse)}
    assert client.edit("g", "expandStorageGroupParam", fields).status == 200
    (member,) = [each for each in client.array.volumes.values() if "g" in each.storage_groups]
    assert (member.volume_id == spare) is taken
    assert member.identifier == "new"
    assert member.volume_id not in {named, written}


def test_reuse_needs_the_same_size(client, build):
    """An unused volume of another size is not handed out."""
    client.group("g")
    spare = client.array.add_volume(546)
    client.edit("g", "expandStorageGroupParam", {"addVolumeParam": build.volumes(reuse=True)})
    assert client.array.volumes[spare].storage_groups == ()


def test_deleting_needs_no_group(client):
    """A volume in a group cannot be deleted (rule 21)."""
    (volume,) = client.group("g", volumes=1)
    reply = client.delete(f"volume/{volume}")
    assert (reply.status, "device is a member of a storage group" in reply.message) == (500, True)
    client.edit("g", "removeVolumeParam", {"volumeId": [volume]})
    assert client.delete(f"volume/{volume}").status == 204
    assert volume not in client.array.volumes


def test_second_delete_is_404(client):
    """DELETE is not idempotent (rule 86)."""
    volume = client.array.add_volume(5)
    assert [client.delete(f"volume/{volume}").status for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    ("microcode", "status"), [("5977.1131.1131", 500), ("5978.221.221", 500), ("5978.444.444", 204), ("6079.65.0", 204)]
)
def test_old_code_wants_tracks_freed_first(make_client, microcode, status):
    """A volume with allocated tracks cannot be deleted up to code 5978.221; newer code frees them (rule 22)."""
    client = make_client()
    client.array.update(microcode=microcode)
    volume = client.array.add_volume(5)
    client.array.update_volume(volume, allocated_percent=40)
    reply = client.delete(f"volume/{volume}")
    assert reply.status == status
    if status == 500:
        assert "A free of all allocations is required" in reply.message
        assert edit(client, volume, "freeVolumeParam", {"free_volume": "true"}).body["allocated_percent"] == 0
        assert client.delete(f"volume/{volume}").status == 204


def test_masked_volume_cannot_be_freed(client):
    """The tracks of a masked volume cannot be freed (rule 23)."""
    (volume,) = client.masked("g")
    client.array.update_volume(volume, allocated_percent=40)
    assert edit(client, volume, "freeVolumeParam", {"free_volume": True}).status == 500
    assert client.array.volumes[volume].allocated_percent == 40


def test_expanding_makes_larger(client):
    """The new size is the total, not a difference (rule 24)."""
    (volume,) = client.group("g", volumes=1)
    reply = expand(client, volume, "3")
    assert (reply.status, reply.body["cap_gb"], reply.body["cap_cyl"]) == (200, 3.0, 1639)


@pytest.mark.parametrize(("size", "unit"), [(1, "GB"), (1, "MB"), (547, "CYL"), (0, "GB")])
def test_volumes_never_shrink(client, size, unit):
    """A size that is not larger is refused (rule 24)."""
    (volume,) = client.group("g", volumes=1)
    assert expand(client, volume, size, unit).status == 500
    assert client.array.volumes[volume].cylinders == 547


def test_rdf_group_of_an_unpaired_volume(client):
    """Expanding a volume with an RDF group that it is not in is refused (rule 27)."""
    (volume,) = client.group("g", volumes=1)
    fields = {"volumeAttribute": {"volume_size": 2, "capacityUnit": "GB"}, "rdfGroupNumber": 70}
    reply = edit(client, volume, "expandVolumeParam", fields)
    assert (reply.status, "must be an RDF device" in reply.message) == (500, True)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ({"identifier_name": "new name", "volumeIdentifierChoice": "identifier_name"}, "new name"),
        ({"identifier_name": "new", "volumeIdentifierChoice": "identifier_name_plus_volume_id"}, "new00003"),
        ({"identifier_name": "x" * 64, "volumeIdentifierChoice": "identifier_name"}, "x" * 64),
        ({"volumeIdentifierChoice": "none"}, None),
    ],
)
def test_volumes_can_be_renamed(client, identifier, name):
    """An identifier can be set, with the id behind it, or cleared (section 6.4)."""
    (volume,) = client.group("g", volumes=1)
    reply = edit(client, volume, "modifyVolumeIdentifierParam", {"volumeIdentifier": identifier})
    assert (reply.status, reply.body.get("volume_identifier")) == (200, name)


@pytest.mark.parametrize("name", ["x" * 65, "", "line\nbreak"])
def test_impossible_identifiers(client, name):
    """An identifier has at most 64 printable characters (section 5)."""
    (volume,) = client.group("g", volumes=1)
    identifier = {"identifier_name": name, "volumeIdentifierChoice": "identifier_name"}
    assert edit(client, volume, "modifyVolumeIdentifierParam", {"volumeIdentifier": identifier}).status == 400


def test_one_edit_per_request(client):
    """A PUT with no edit, or more than one, is answered with 400 (rule 83)."""
    (volume,) = client.group("g", volumes=1)
    free = {"freeVolumeParam": {"free_volume": True}}
    mobility = {"enable_mobility_id_param": {"enable_mobility_id": True}}
    for edits in ({}, {**free, **mobility}, {"paintVolumeParam": {}}):
        assert client.put(f"volume/{volume}", {"editVolumeActionParam": edits}).status == 400
    assert client.put(f"volume/{volume}", {}).status == 400
    assert client.put(f"volume/{volume}", {"editVolumeActionParam": mobility}).body["mobility_id_enabled"] is True


def test_several_volumes_at_once(client, build):
    """Several volumes can be created in one request, with growing numbers behind their name (section 5)."""
    client.group("g")
    body = build.volumes(number=3)
    body["volumeAttributes"][0]["volumeIdentifier"] = {
        "identifier_name": "v-",
        "volumeIdentifierChoice": "identifier_name",
        "append_number": "7",
    }
    assert client.edit("g", "expandStorageGroupParam", {"addVolumeParam": body}).body["num_of_vols"] == 3
    assert sorted(each.identifier for each in client.array.volumes.values() if each.identifier) == ["v-7", "v-8", "v-9"]


def test_pool_moves_with_its_volumes(client):
    """Creating a volume adds to what its pool has subscribed, deleting takes it away (section 6.3)."""

    def subscribed():
        return client.get("srp/SRP_1").body["srp_capacity"]["subscribed_total_tb"]

    client.group("g")
    before = subscribed()
    volume = client.volume("g", 1024)
    assert subscribed() == pytest.approx(before + 1.0, abs=0.001)
    client.edit("g", "removeVolumeParam", {"volumeId": [volume]})
    assert subscribed() == pytest.approx(before + 1.0, abs=0.001)
    client.delete(f"volume/{volume}")
    assert subscribed() == before


def test_used_capacity_follows_what_is_allocated(client):
    """What is written to counts as used."""
    (volume,) = client.group("g", volumes=1, size=1024)
    client.array.update_volume(volume, allocated_percent=50)
    capacity = client.get("srp/SRP_1").body["srp_capacity"]
    assert capacity["usable_used_tb"] == pytest.approx(0.5, abs=0.001)


def test_a_pool_with_a_limit(client):
    """A pool that may not be oversubscribed takes no new volume and no growth beyond it (assumed); others take all."""
    (volume,) = client.group("g", volumes=1)
    client.array.limit_pool("SRP_1", 0)
    answer = expand(client, volume, 2)
    assert answer.status == 500
    assert "SRP_1" in answer.body["message"]
    client.array.limit_pool("SRP_1", None)
    assert expand(client, volume, 2).status == 200
