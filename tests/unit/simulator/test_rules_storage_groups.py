"""Rules 1 to 16 and 28 to 32: storage groups."""

import pytest

from pmax.simulator import Behaviour


def add(client, group, *volumes):
    """Add existing volumes."""
    return client.edit(group, "expandStorageGroupParam", {"addSpecificVolumeParam": {"volumeId": list(volumes)}})


def remove(client, group, *volumes):
    """Remove volumes."""
    return client.edit(group, "removeVolumeParam", {"volumeId": list(volumes)})


def move(client, source, target, *volumes, force="false"):
    """Move volumes to another group."""
    fields = {"volumeId": list(volumes), "storageGroupId": target, "force": force}
    return client.edit(source, "moveVolumeToStorageGroupParam", fields)


def adopt(client, parent, *children):
    """Add children."""
    fields = {"addExistingStorageGroupParam": {"storageGroupId": list(children)}}
    return client.edit(parent, "expandStorageGroupParam", fields)


def orphan(client, parent, *children, **force):
    """Remove children."""
    return client.edit(parent, "removeStorageGroupParam", {"storageGroupId": list(children), **force})


@pytest.fixture
def family(client):
    """A client with the groups parent > a, b; a holds two volumes, b one. Nothing is masked."""
    client.group("parent", srp=None)
    client.volumes = {"a": client.group("a", volumes=2), "b": client.group("b", volumes=1)}
    assert adopt(client, "parent", "a", "b").status == 200
    return client


@pytest.fixture
def masked_family(family):
    """The same with `parent` in the view `mv`."""
    family.host("h1", "10000090fa5e1a04")
    assert family.view("mv", "parent").status == 201
    return family


def test_one_managed_group_per_volume(client):
    """A volume may be in several groups, but only one that FAST manages (rule 1)."""
    (volume,) = client.group("managed", volumes=1)
    client.group("plain", srp=None)
    client.group("second")
    assert add(client, "plain", volume).status == 200
    reply = add(client, "second", volume)
    assert (reply.status, "FAST managed" in reply.message) == (500, True)
    assert client.array.volumes[volume].storage_groups == ("managed", "plain")


def test_a_group_cannot_become_managed_with_managed_volumes(client):
    """A group cannot get a pool while another managed group holds a volume of it (rule 1)."""
    (volume,) = client.group("managed", volumes=1)
    client.group("plain", srp=None)
    add(client, "plain", volume)
    assert client.edit("plain", "editStorageGroupSRPParam", {"srpId": "SRP_1"}).status == 500
    assert client.edit("managed", "editStorageGroupSRPParam", {"srpId": "None"}).body["srp"] == "NONE"
    assert client.edit("plain", "editStorageGroupSRPParam", {"srpId": "SRP_1"}).body["srp"] == "SRP_1"


def test_parents_hold_no_volumes(family, build):
    """A parent holds no volumes of its own (rules 2 and 17)."""
    loose = family.array.add_volume(5)
    assert add(family, "parent", loose).status == 500
    assert family.edit("parent", "expandStorageGroupParam", {"addVolumeParam": build.volumes()}).status == 500
    assert move(family, "a", "parent", family.volumes["a"][0]).status == 500
    assert family.array.volumes[loose].storage_groups == ()


def test_groups_with_volumes_or_a_pool_are_no_parents(client):
    """A group that holds volumes, or that FAST manages, cannot get children (rule 2)."""
    client.group("child")
    client.group("managed")
    client.group("full", srp=None, volumes=1)
    assert adopt(client, "managed", "child").status == 500
    assert adopt(client, "full", "child").status == 500


def test_parents_are_not_managed(family):
    """A parent cannot be given a pool (rule 2)."""
    assert family.edit("parent", "editStorageGroupSRPParam", {"srpId": "SRP_1"}).status == 500


def test_cascades_are_one_deep(family):
    """A parent cannot be a child, and a child cannot be a parent (rule 3)."""
    family.group("top", srp=None)
    assert adopt(family, "top", "parent").status == 500
    family.edit("a", "editStorageGroupSRPParam", {"srpId": "None"})
    assert adopt(family, "a", "top").status == 500
    assert adopt(family, "top", "top").status == 500


def test_a_child_may_have_several_parents(family):
    """A child may have several parents (rule 3)."""
    family.group("second", srp=None)
    assert adopt(family, "second", "a").status == 200
    body = family.get("storagegroup/a").body
    assert (body["type"], body["num_of_parent_sgs"], body["parent_storage_group"]) == ("Child", 2, ["parent", "second"])


def test_children_are_adopted_once(family):
    """A child cannot be added twice to the same parent."""
    assert adopt(family, "parent", "a").status == 500


def test_parents_sum_over_children(masked_family):
    """A parent counts the volumes and the capacity of its children; the view is listed on both (rule 4)."""
    parent = masked_family.get("storagegroup/parent").body
    assert (parent["num_of_vols"], parent["cap_gb"], parent["type"]) == (3, 3.0, "Parent")
    assert (parent["child_storage_group"], parent["num_of_child_sgs"]) == (["a", "b"], 2)
    for name in ("parent", "a", "b"):
        assert masked_family.get(f"storagegroup/{name}").body["maskingview"] == ["mv"]


def test_volumes_of_a_parent(family):
    """The volumes of a parent are those of its children."""
    rows = family.get("volume", storageGroupId="parent").body["resultList"]["result"]
    assert [row["volumeId"] for row in rows] == family.volumes["a"] + family.volumes["b"]


def test_new_children_of_a_masked_parent_are_masked(masked_family):
    """Adding a child to a masked parent masks its volumes at new addresses; removing it unmasks them (rule 5)."""
    (volume,) = masked_family.group("c", volumes=1)
    adopt(masked_family, "parent", "c")
    assert masked_family.address("mv", volume) == 4
    assert orphan(masked_family, "parent", "c", force="true").status == 200
    assert masked_family.address("mv", volume) is None


def test_removing_a_child_of_a_masked_parent_needs_force(masked_family):
    """A child leaves a masked parent only by force (rule 6)."""
    assert orphan(masked_family, "parent", "b").status == 500
    assert masked_family.array.storage_groups["b"].parents == ("parent",)
    assert orphan(masked_family, "parent", "b", force="true").status == 200


def test_removing_a_child_of_an_unmasked_parent_needs_none(family):
    """Without a view no force is needed; a group that is no child cannot be removed."""
    assert orphan(family, "parent", "b").status == 200
    assert orphan(family, "parent", "b").status == 500


def test_deleting_a_group_spares_its_volumes(client):
    """Deleting a group that holds volumes deletes the group only (rule 7)."""
    (volume,) = client.group("g", volumes=1)
    assert client.delete("storagegroup/g").status == 204
    assert client.array.volumes[volume].storage_groups == ()
    assert client.get("storagegroup/g").status == 404


def test_deleting_a_parent_spares_its_children(family):
    """Deleting a parent deletes the parent only (rule 8)."""
    assert family.delete("storagegroup/parent").status == 204
    assert family.get("storagegroup/a").body["type"] == "Standalone"


def test_masked_groups_cannot_be_deleted(masked_family):
    """A group in a view cannot be deleted, nor a child of one (rule 9)."""
    for name in ("parent", "a"):
        reply = masked_family.delete(f"storagegroup/{name}")
        assert (reply.status, "is in a masking view" in reply.message) == (500, True)


def test_children_cannot_be_deleted(family):
    """A group cannot be deleted while it is a child (rule 10)."""
    assert family.delete("storagegroup/a").status == 500
    orphan(family, "parent", "a")
    assert family.delete("storagegroup/a").status == 204


def test_last_masked_volume_stays(client):
    """The last volume of a masked group cannot be removed or moved out (rules 11 and 15)."""
    first, second = client.masked("g", volumes=2)
    client.group("other")
    assert remove(client, "g", first, second).status == 500
    assert remove(client, "g", first).status == 200
    assert remove(client, "g", second).status == 500
    assert move(client, "g", "other", second, force="true").status == 500
    assert client.address("mv", second) == 2


def test_last_volume_of_a_child_may_go(masked_family):
    """A child may become empty while its siblings still show volumes, but not the whole parent (rule 11)."""
    assert remove(masked_family, "b", *masked_family.volumes["b"]).status == 200
    assert remove(masked_family, "a", *masked_family.volumes["a"]).status == 500
    assert orphan(masked_family, "parent", "a", force="true").status == 500


def test_last_masked_volume_may_go_if_told_so(make_client):
    """Rule 11 has a switch."""
    client = make_client(behaviour=Behaviour(is_last_masked_volume_kept=False))
    (volume,) = client.masked("g")
    assert remove(client, "g", volume).status == 200
    assert client.address("mv", volume) is None


@pytest.mark.parametrize(("switch", "status"), [(True, 500), (False, 201)])
def test_empty_groups_cannot_be_masked(make_client, switch, status):
    """A view of an empty group is refused (rule 12), unless told otherwise."""
    client = make_client(behaviour=Behaviour(are_empty_groups_unmaskable=switch))
    client.group("g")
    client.host("h1", "10000090fa5e1a04")
    assert client.view("mv", "g").status == status


def test_membership_is_checked(client):
    """Removing a stranger and adding a member are refused (rule 13)."""
    (volume,) = client.group("g", volumes=1)
    loose = client.array.add_volume(5)
    reply = remove(client, "g", loose)
    assert (reply.status, "is not in the storage group" in reply.message) == (500, True)
    reply = add(client, "g", volume)
    assert reply.status == 500
    assert reply.message.endswith(f"Device {volume} is already in the storage group")
    assert add(client, "g", loose, loose).status == 500
    assert add(client, "g", "0FFFF").status == 500
    assert client.array.volumes[loose].storage_groups == ()


def test_failed_addition_adds_nothing(client):
    """If one of several volumes cannot join, none does (rule 82)."""
    (volume,) = client.group("g", volumes=1)
    loose = client.array.add_volume(5)
    assert add(client, "g", loose, volume).status == 500
    assert client.array.volumes[loose].storage_groups == ()


def test_moving_checks_source_and_target(client):
    """A volume moves out of a group that it is in, into one that exists and does not have it (rule 14)."""
    (volume,) = client.group("a", volumes=1)
    client.group("b")
    loose = client.array.add_volume(5)
    assert move(client, "a", "b", loose).status == 500
    assert move(client, "a", "missing", volume).status == 500
    assert move(client, "a", "a", volume).status == 500
    assert move(client, "a", "b", volume).status == 200
    assert client.array.volumes[volume].storage_groups == ("b",)


def test_moving_between_managed_groups(client):
    """A move from one managed group to another is one step, so rule 1 holds throughout (rule 14)."""
    (volume,) = client.group("a", level="Gold", volumes=1)
    client.group("b", level="Silver")
    assert move(client, "a", "b", volume).status == 200
    assert client.get("storagegroup/b").body["num_of_vols"] == 1
    assert client.get("storagegroup/a").body["num_of_vols"] == 0


@pytest.mark.parametrize("name", ["g", "G"])
def test_names_are_taken_once(client, name):
    """Creating a group whose name exists is a conflict (rule 16); case does not tell names apart (assumed)."""
    client.group("g")
    reply = client.post("storagegroup", {"storageGroupId": name, "srpId": "None"})
    assert (reply.status, reply.message) == (409, "The requested storage group resource already exists")


@pytest.mark.parametrize(("level", "status"), [("Diamond", 201), ("gold", 201), ("None", 201), ("Titanium", 500)])
def test_service_levels_must_exist(client, level, status):
    """A service level is one of the array's list (rule 28)."""
    body = {"storageGroupId": "g", "srpId": "SRP_1", "sloBasedStorageGroupParam": [{"sloId": level}]}
    reply = client.post("storagegroup", body)
    assert reply.status == status
    if status == 201:
        assert reply.body["slo"] == {"gold": "Gold", "None": "NONE"}.get(level, level)


def test_pools_must_exist(client):
    """A pool is one of the array's; a service level needs one."""
    assert client.post("storagegroup", {"storageGroupId": "g", "srpId": "SRP_9"}).status == 500
    element = {"sloId": "Diamond"}
    assert client.post("storagegroup", {"storageGroupId": "g", "sloBasedStorageGroupParam": [element]}).status == 500


@pytest.mark.parametrize(
    ("array", "workload", "shown"),
    [("000197900999", "OLTP", "NONE"), ("000197800123", "DSS", "DSS"), ("000197800123", "NONE", "NONE")],
)
def test_workloads_are_ignored_from_5978_on(make_client, array, workload, shown):
    """Only code 5977 has workloads; newer code ignores them (rule 28)."""
    client = make_client(array=array, fixture="families")
    element = {"sloId": "Diamond", "workloadSelection": workload}
    body = {"storageGroupId": "g", "srpId": "SRP_1", "sloBasedStorageGroupParam": [element]}
    assert client.post("storagegroup", body).body["workload"] == shown


def test_unknown_workloads_are_refused(make_client):
    """On code 5977 an unknown workload is refused (rule 28)."""
    client = make_client(array="000197800123", fixture="families")
    client.group("g")
    assert client.edit("g", "editStorageGroupWorkloadParam", {"workloadSelection": "GAMES"}).status == 500
    assert client.edit("g", "editStorageGroupWorkloadParam", {"workloadSelection": "OLTP"}).body["workload"] == "OLTP"


LIMIT = {"host_io_limit_io_sec": "4000", "host_io_limit_mb_sec": "NOLIMIT", "dynamicDistribution": "Always"}


def test_limits_on_parent_and_child(family):
    """A host I/O limit may be set on a parent or a child; its numbers are texts (rule 29)."""
    for name in ("parent", "a"):
        assert "hostIOLimit" not in family.get(f"storagegroup/{name}").body
        assert family.edit(name, "setHostIOLimitsParam", LIMIT).body["hostIOLimit"] == LIMIT


@pytest.mark.parametrize(
    "change",
    [
        {"host_io_limit_io_sec": 99},
        {"host_io_limit_io_sec": 100_001},
        {"host_io_limit_mb_sec": 100_001},
        {"host_io_limit_mb_sec": -1},
        {"host_io_limit_mb_sec": "fast"},
        {"dynamicDistribution": "Sometimes"},
    ],
)
def test_limits_have_a_range(client, change):
    """100 to 100000 IO/s, 1 to 100000 MB/s, and three ways of distribution (rule 29)."""
    client.group("g")
    assert client.edit("g", "setHostIOLimitsParam", {**LIMIT, **change}).status == 400
    assert client.array.storage_groups["g"].host_io_limit is None


@pytest.mark.parametrize("nothing", [0, "0", "NOLIMIT", "nolimit"])
def test_limits_can_be_cleared(client, nothing):
    """0 and NOLIMIT clear a limit (rule 30); what is not named stays."""
    client.group("g")
    client.edit("g", "setHostIOLimitsParam", LIMIT)
    reply = client.edit("g", "setHostIOLimitsParam", {"host_io_limit_mb_sec": 10, "dynamicDistribution": "never"})
    assert reply.body["hostIOLimit"] == {
        "host_io_limit_io_sec": "4000",
        "host_io_limit_mb_sec": "10",
        "dynamicDistribution": "Never",
    }
    fields = {"host_io_limit_io_sec": nothing, "host_io_limit_mb_sec": nothing}
    assert "hostIOLimit" not in client.edit("g", "setHostIOLimitsParam", fields).body


def test_renaming_keeps_everything(masked_family):
    """A group that is renamed keeps its views, children, volumes and addresses (rule 31)."""
    volume = masked_family.volumes["a"][0]
    address = masked_family.address("mv", volume)
    assert masked_family.edit("parent", "renameStorageGroupParam", {"new_storage_Group_name": "P2"}).status == 200
    assert masked_family.edit("a", "renameStorageGroupParam", {"new_storage_Group_name": "A2"}).status == 200
    parent = masked_family.get("storagegroup/P2").body
    assert (parent["num_of_vols"], parent["child_storage_group"], parent["maskingview"]) == (3, ["A2", "b"], ["mv"])
    assert masked_family.get("volume/" + volume).body["storageGroupId"] == ["A2"]
    assert masked_family.get("maskingview/mv").body["storageGroupId"] == "P2"
    assert masked_family.address("mv", volume) == address
    assert masked_family.get("storagegroup/parent").status == 404


def test_renaming_to_a_taken_name(family):
    """A name that is taken cannot be given to another group; changing its case can be."""
    assert family.edit("a", "renameStorageGroupParam", {"new_storage_Group_name": "B"}).status == 409
    assert family.edit("a", "renameStorageGroupParam", {"new_storage_Group_name": "A"}).status == 200


def tag(client, action, *names):
    """Add or remove tags."""
    return client.edit("g", "tagManagementParam", {action: {"tag_name": list(names)}})


def test_tags(client):
    """Tags come into being by use, are shown with commas, and adding one twice is refused (rule 32)."""
    client.group("g")
    assert "tags" not in client.get("storagegroup/g").body
    assert tag(client, "addTagsParam", "one", "two").body["tags"] == "one,two"
    reply = tag(client, "addTagsParam", "two")
    assert (reply.status, "This input already exists" in reply.message) == (500, True)
    assert tag(client, "removeTagsParam", "one").body["tags"] == "two"
    assert tag(client, "removeTagsParam", "one").status == 500
    assert tag(client, "addTagsParam", "no good").status == 400
    assert client.get("/92/system/tag").body == {"tag_name": ["two"]}
    assert client.get("/92/system/tag/two").body["storage_groups"] == [
        {"symmetrix_id": "000197900999", "storage_group_id": "g"}
    ]


def test_tags_of_arrays(client):
    """Arrays have tags of their own, listed per array (section 6.2)."""
    path = "/92/sloprovisioning/symmetrix/000197900999"
    body = {"editSymmetrixActionParam": {"tagManagementParam": {"addTagsParam": {"tag_name": ["lab"]}}}}
    assert client.put(path, body).body["tags"] == "lab"
    assert client.get("/92/system/tag", array_id="000197900999").body == {"tag_name": ["lab"]}
    assert client.get("/92/system/tag", array_id="000197900998").body == {"tag_name": []}
    assert client.put(path, body).status == 500


def test_groups_can_be_created_with_volumes(client):
    """A creation may ask for volumes at once (section 6.6)."""
    identifier = {"identifier_name": "vol1", "volumeIdentifierChoice": "identifier_name"}
    attributes = {"num_of_vols": 2, "volume_size": "1", "capacityUnit": "GB", "volumeIdentifier": identifier}
    element = {"sloId": "Diamond", "workloadSelection": "NONE", "volumeAttributes": [attributes]}
    body = {"storageGroupId": "g", "srpId": "SRP_1", "emulation": "FBA", "sloBasedStorageGroupParam": [element]}
    reply = client.post("storagegroup", body)
    assert (reply.status, reply.body["num_of_vols"], reply.body["compression"]) == (201, 2, True)


def test_cascades_can_be_created_at_once(client):
    """Several elements make a parent with as many children (section 6.6)."""
    elements = [{"sloId": "Gold", "custom_cascaded_storageGroupId": "gold"}, {"sloId": "Silver"}]
    body = {"storageGroupId": "p", "srpId": "SRP_1", "sloBasedStorageGroupParam": elements}
    assert client.post("storagegroup", body).body["child_storage_group"] == ["gold", "p_2"]
    assert client.get("storagegroup/gold").body["slo"] == "Gold"


def test_new_child_in_one_step(client):
    """`addNewStorageGroupParam` creates a group and makes it a child."""
    client.group("p", srp=None)
    fields = {
        "storageGroupId": "c",
        "srpId": "SRP_1",
        "emulation": "FBA",
        "sloBasedStorageGroupParam": [{"sloId": "Gold"}],
    }
    reply = client.edit("p", "expandStorageGroupParam", {"addNewStorageGroupParam": fields})
    assert reply.body["child_storage_group"] == ["c"]


def test_compression_needs_an_array_that_can(make_client):
    """Compression can be switched where a pool and the array allow it."""
    client = make_client(fixture="families")
    client.group("g")
    assert client.edit("g", "editCompressionParam", {"compression": "false"}).body["compression"] is False
    assert client.edit("g", "editCompressionParam", {"compression": True}).body["compression"] is True
    client.group("plain", srp=None)
    assert client.edit("plain", "editCompressionParam", {"compression": True}).status == 500


def test_service_level_can_be_changed(client):
    """A group can change its service level."""
    client.group("g", level="Gold")
    assert client.edit("g", "editStorageGroupSLOParam", {"sloId": "Bronze"}).body["slo"] == "Bronze"
    assert client.edit("g", "editStorageGroupSLOParam", {"sloId": "Titanium"}).status == 500


def test_merging(client):
    """Merging moves the volumes over and deletes the other group (assumed)."""
    first = client.group("a", volumes=1)
    second = client.group("b", volumes=2)
    assert client.edit("a", "mergeStorageGroupParam", {"storageGroupId": "b"}).body["num_of_vols"] == 3
    assert client.get("storagegroup/b").status == 404
    assert {client.array.volumes[each].storage_groups for each in first + second} == {("a",)}


def test_splitting(client):
    """Splitting moves volumes into a new group with a view of its own, without a pause (assumed)."""
    first, second = client.masked("a", volumes=2)
    fields = {"storageGroupId": "b", "volumeId": [second], "maskingViewId": "mv2"}
    assert client.edit("a", "splitStorageGroupVolumesParam", fields).status == 200
    assert client.array.volumes[second].storage_groups == ("b",)
    assert client.address("mv2", second) is not None
    assert client.address("mv", first) == 1


def test_one_edit_per_request(client):
    """A PUT with no edit or more than one is answered with 400 (rule 83)."""
    client.group("g")
    both = {"editStorageGroupSLOParam": {"sloId": "Gold"}, "editCompressionParam": {"compression": True}}
    for edits in ({}, both, {"expandStorageGroupParam": {}}):
        assert client.put("storagegroup/g", {"editStorageGroupActionParam": edits}).status == 400
    assert client.array.storage_groups["g"].service_level == "Diamond"


def test_groups_have_a_limit(client, build):
    """A group holds 4096 volumes at most (a public limit)."""
    client.group("g")
    fields = {"addVolumeParam": build.volumes(number=4096, size=1, unit="CYL")}
    assert client.edit("g", "expandStorageGroupParam", fields).body["num_of_vols"] == 4096
    assert add(client, "g", client.array.add_volume(5)).status == 500


def test_repeated_volumes_are_refused(client):
    """A volume that is named twice in one request is refused, whatever the request."""
    first, _ = client.group("a", volumes=2)
    client.group("b")
    assert remove(client, "a", first, first).status == 500
    assert move(client, "a", "b", first, first).status == 500


def test_moves_obey_rule_1(client):
    """A volume cannot move from an unmanaged group to a managed one while a third manages it (rules 1 and 14)."""
    (volume,) = client.group("managed", volumes=1)
    client.group("plain", srp=None)
    client.group("other")
    add(client, "plain", volume)
    reply = move(client, "plain", "other", volume)
    assert (reply.status, "FAST managed" in reply.message) == (500, True)


def test_moves_into_a_group_that_has_the_volume(client):
    """A volume cannot move into a group that it is in (rule 14)."""
    (volume,) = client.group("managed", volumes=1)
    client.group("plain", srp=None)
    add(client, "plain", volume)
    assert move(client, "managed", "plain", volume).status == 500


def test_moves_into_a_full_group(client, build):
    """A full group takes no more volumes by a move either."""
    client.group("full")
    fields = {"addVolumeParam": build.volumes(number=4096, size=1, unit="CYL")}
    client.edit("full", "expandStorageGroupParam", fields)
    (volume,) = client.group("g", volumes=1)
    assert move(client, "g", "full", volume).status == 500


def test_moving_unmasks_and_masks(client):
    """A move out of a masked group unmasks, a move into one masks (rule 14)."""
    first, _ = client.masked("shown", volumes=2)
    client.group("hidden")
    assert move(client, "shown", "hidden", first).status == 200
    assert client.address("mv", first) is None
    assert move(client, "hidden", "shown", first).status == 200
    assert client.address("mv", first) == 1


def test_empty_parents_are_not_managed(client):
    """A group with children cannot be managed, though none of them holds a volume (rule 2)."""
    client.group("p", srp=None)
    client.group("c", srp=None)
    adopt(client, "p", "c")
    assert client.edit("p", "editStorageGroupSRPParam", {"srpId": "SRP_1"}).status == 500


def test_empty_children_have_no_children(client):
    """A child cannot have children, though nothing else speaks against it (rule 3)."""
    for name in ("p", "c", "g"):
        client.group(name, srp=None)
    adopt(client, "p", "c")
    assert adopt(client, "c", "g").status == 500


def test_parents_have_a_limit(client):
    """A parent has 64 children at most (a public limit)."""
    client.group("p", srp=None)
    names = [f"c{number}" for number in range(65)]
    for name in names:
        client.group(name)
    assert adopt(client, "p", *names).status == 500
    assert adopt(client, "p", *names[:64]).status == 200
    assert adopt(client, "p", names[64]).status == 500


def test_changing_the_pool_moves_the_volumes(client):
    """The volumes of a group follow it to another pool, and the numbers of both pools say so."""
    client.array.add_pool("SRP_2", 10.0)
    client.group("g", volumes=1, size=1024)
    assert client.edit("g", "editStorageGroupSRPParam", {"srpId": "SRP_2"}).body["srp"] == "SRP_2"
    subscribed = {
        name: client.get(f"srp/{name}").body["srp_capacity"]["subscribed_total_tb"] for name in ("SRP_1", "SRP_2")
    }
    assert subscribed == {"SRP_1": 0.0, "SRP_2": 1.0}
