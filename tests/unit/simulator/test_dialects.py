"""What the versions of the API do differently (reference section 9)."""

import pytest

from pmax.simulator.dialect import DIALECTS, UnisphereVersion


@pytest.fixture
def newest(make_client):
    """A client of a Unisphere that serves all versions."""
    return make_client(unisphere_version="V10.4.0.0", fixture="families")


@pytest.mark.parametrize("version", [83, 84, 90])
def test_old_versions_describe_volumes_flatly(newest, version):
    """Up to 90 a group is created and filled with `num_of_vols` and `volumeAttribute`."""
    client = newest.on(version=version)
    attribute = {"volume_size": "1", "capacityUnit": "GB"}
    element = {"sloId": "Gold", "workloadSelection": "NONE", "num_of_vols": 0, "volumeAttribute": attribute}
    body = {"storageGroupId": "g", "srpId": "SRP_1", "emulation": "FBA", "sloBasedStorageGroupParam": [element]}
    assert client.post("storagegroup", body).status == 201
    flat = {
        "num_of_vols": 1,
        "emulation": "FBA",
        "create_new_volumes": "False",
        "volumeIdentifier": {"identifier_name": "v", "volumeIdentifierChoice": "identifier_name"},
        "volumeAttribute": attribute,
    }
    reply = client.edit("g", "expandStorageGroupParam", {"addVolumeParam": flat})
    assert (reply.status, reply.body["num_of_vols"]) == (200, 1)
    listed = {"emulation": "FBA", "volumeAttributes": [{"num_of_vols": 1, **attribute}]}
    assert client.edit("g", "expandStorageGroupParam", {"addVolumeParam": listed}).status == 400
    newer = newest.on(version=91)
    assert newer.edit("g", "expandStorageGroupParam", {"addVolumeParam": flat}).status == 400
    assert newer.edit("g", "expandStorageGroupParam", {"addVolumeParam": listed}).status == 200


@pytest.mark.parametrize("version", sorted(DIALECTS))
def test_where_a_child_is_named(newest, version):
    """Version 83 takes `addExistingStorageGroupParam` without a wrapper, the others only inside one."""
    newest.group("p", srp=None)
    newest.group("c")
    client = newest.on(version=version)
    direct = client.edit("p", "addExistingStorageGroupParam", {"storageGroupId": ["c"]})
    assert direct.status == (200 if version == 83 else 400)
    if version != 83:
        fields = {"addExistingStorageGroupParam": {"storageGroupId": ["c"]}}
        assert client.edit("p", "expandStorageGroupParam", fields).status == 200


@pytest.mark.parametrize(("version", "port"), [(90, "FA-1D:4"), (91, "FA-1D:4"), (92, "4"), (100, "4"), (103, "4")])
def test_ports_of_a_group(newest, version, port):
    """A port of a port group is `FA-1D:4` in old versions and `4` in new ones."""
    body = newest.on(version=version).get("portgroup/OS-fibre-PG").body
    assert body["symmetrixPortKey"][0] == {"directorId": "FA-1D", "portId": port}


@pytest.mark.parametrize(("version", "key"), [(90, "nameModifier"), (92, "userDefinedIdentifier")])
def test_identifier_in_private_answers(newest, version, key):
    """The identifier has another key in private answers from 92 on; it is always a text."""
    newest.group("g")
    named = newest.volume("g", name="OS-x")
    path = f"/private/{version}/sloprovisioning/symmetrix/000197900999/volume"
    rows = newest.get(path).body["resultList"]["result"]
    names = {row["volumeHeader"]["volumeId"]: row["volumeHeader"][key] for row in rows}
    assert names == {"00001": "", "00002": "", named: "OS-x"}


@pytest.mark.parametrize("version", [92, 100])
def test_fields_of_new_volumes(newest, version):
    """From 100 on a volume has its NGUID and its groups with their parents."""
    newest.group("p", srp=None)
    (volume,) = newest.group("c", volumes=1)
    newest.edit("p", "expandStorageGroupParam", {"addExistingStorageGroupParam": {"storageGroupId": ["c"]}})
    body = newest.on(version=version).get(f"volume/{volume}").body
    assert body["storageGroupId"] == ["c"]
    if version == 100:
        assert body["nguid"] == "09995330303030330000976000019790"
        assert body["storage_groups"] == [{"storage_group_name": "c", "parent_storage_group_name": "p"}]
    else:
        assert not {"nguid", "storage_groups"} & body.keys()


@pytest.mark.parametrize(
    ("array", "version", "key", "code"),
    [
        ("000197900999", 90, "ucode", "5978.669.669"),
        ("000197900999", 103, "ucode", "5978.669.669"),
        ("000120000548", 100, "microcode", "6079.225.0"),
        ("000120000548", 92, "ucode", "6079.225.0"),
    ],
)
def test_code_level(newest, array, version, key, code):
    """V4 arrays report `microcode` from 100 on, all others `ucode`; both places agree."""
    for category in ("system", "sloprovisioning"):
        body = newest.get(f"/{version}/{category}/symmetrix/{array}").body
        assert body[key] == code
        assert ("ucode" in body) is not ("microcode" in body)


@pytest.mark.parametrize(
    ("array", "version", "key"),
    [
        ("000197900999", 103, "srp_capacity"),
        ("000120000548", 100, "fba_srp_capacity"),
        ("000120000548", 92, "srp_capacity"),
    ],
)
def test_capacity_of_a_pool(newest, array, version, key):
    """Pools of V4 arrays report `fba_srp_capacity` from 100 on (section 6.3)."""
    body = newest.on(version=version, array=array).get("srp/SRP_1").body
    assert {"srp_capacity", "fba_srp_capacity"} & body.keys() == {key}
    if key == "fba_srp_capacity":
        effective = body[key]["effective"]
        assert (effective["total_tb"], effective["free_tb"], effective["used_tb"]) == (26.0, 26.0, 0.0)


@pytest.mark.parametrize(("version", "status"), [(90, 404), (91, 404), (92, 200)])
def test_tags_are_new_in_92(newest, version, status):
    """Tags exist from 92 on; before, their path does not, and groups do not show them."""
    newest.group("g")
    newest.edit("g", "tagManagementParam", {"addTagsParam": {"tag_name": ["t"]}})
    assert newest.get(f"/{version}/system/tag").status == status
    client = newest.on(version=version)
    assert ("tags" in client.get("storagegroup/g").body) is (status == 200)
    more = client.edit("g", "tagManagementParam", {"addTagsParam": {"tag_name": ["u"]}})
    assert more.status == (200 if status == 200 else 400)


@pytest.mark.parametrize(("version", "status"), [(92, 400), (101, 201)])
def test_first_address_can_be_chosen(newest, build, version, status):
    """The first LUN address of a view can be chosen in the newest versions."""
    (volume,) = newest.group("g", volumes=1)
    newest.host("h1", "10000090fa5e1a04")
    reply = newest.on(version=version).post("maskingview", {**build.view("mv", "g"), "starting_lun_address": "00A0"})
    assert reply.status == status
    if status == 201:
        assert newest.address("mv", volume) == 0xA0


@pytest.mark.parametrize(("version", "status"), [(90, 400), (92, 500)])
def test_remote_groups_are_new_in_91(newest, version, status):
    """`remoteSymmSGInfoParam` is unknown before 91; later it needs a replicated group."""
    newest.group("g")
    loose = newest.array.add_volume(5)
    remote = {"remote_symmetrix_1_id": "000197900998", "remote_symmetrix_1_sgs": ["g"], "force": "true"}
    fields = {"addSpecificVolumeParam": {"volumeId": [loose], "remoteSymmSGInfoParam": remote}}
    assert newest.on(version=version).edit("g", "expandStorageGroupParam", fields).status == status


def test_only_force_in_the_remote_part(newest):
    """`remoteSymmSGInfoParam` may hold `force` alone (section 6.6)."""
    newest.group("g")
    loose = newest.array.add_volume(5)
    fields = {"addSpecificVolumeParam": {"volumeId": [loose], "remoteSymmSGInfoParam": {"force": "true"}}}
    assert newest.edit("g", "expandStorageGroupParam", fields).status == 200


@pytest.mark.parametrize(("version", "form"), [(90, "headroom"), (91, "gbHeadroom")])
def test_headroom(newest, version, form):
    """The headroom is one number per pool in old versions, and says which pool and emulation in new ones."""
    path = f"/{version}/wlp/symmetrix/000197900999/headroom"
    (row,) = newest.get(path, srp="SRP_1", slo="Diamond", workloadtype="NONE").body[form]
    assert row["headroomCapacity" if version == 90 else "capacity"] == 26 * 1024
    assert newest.get(path, srp="SRP_9").status == 404


@pytest.mark.parametrize("text", ["9.2.0.0", "V9.2", "V9.2.0.0.0", "Z9.2.0.0", ""])
def test_a_version_has_a_letter_and_four_parts(text):
    """What does not look like the version of a Unisphere is refused when the simulator is set up."""
    with pytest.raises(ValueError, match="must match"):
        UnisphereVersion(text)
