"""Rules 66 to 80: SRDF. Rules 77 and 79, which snapshots have a part in, are in `test_srdf_snapshots.py`."""

import pytest

from pmax.simulator import AfterSeconds, Behaviour
from pmax.simulator.refusals import ArrayRefused
from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY, Sides, along, grow, join, leave, members

COPY_S = 60
INVALID_METRO = "will create an invalid RDF/Metro session"


# Rule 66


def test_both_ends_count_the_same(make_sides):
    """An RDF group is a pair of groups whose numbers may differ and which count the same devices (rule 66)."""
    sides = make_sides()
    sides.srdf.add_group("crooked", (ARRAY, 5), (OTHER_ARRAY, 9))
    sides.protect(volumes=3, rdfgNumber=5)
    near, far = sides.get("rdf_group/5").body, sides.get("rdf_group/9", sides.far).body
    assert (near["numDevices"], far["numDevices"]) == (3, 3)
    assert (near["remoteRdfgNumber"], far["remoteRdfgNumber"]) == (9, 5)


def test_once_per_group(make_sides):
    """A device is in an RDF group once; it may be in another one as well, and R1 of both is R11 (rule 66)."""
    sides = make_sides()
    (volume,) = sides.protect()
    assert "already paired" in sides.add([volume]).message
    sides.srdf.add_group("second", (ARRAY, 73), (OTHER_ARRAY, 73))
    reply = sides.post(
        "rdf_group/73/volume",
        {"rdfMode": "Synchronous", "localDeviceListCriteriaParam": {"localDeviceList": [volume]}},
    )
    assert reply.status == 201
    body = sides.near.get(f"volume/{volume}").body
    assert body["type"] == "RDF11+TDEV"
    assert [each["rdf_group_number"] for each in body["rdfGroupId"]] == [70, 73]


def test_not_in_a_third_group(make_sides):
    """A device is in two RDF groups at most (rule 66, inferred)."""
    sides = make_sides()
    (volume,) = sides.protect()
    replies = []
    for number in (73, 74):
        sides.srdf.add_group(f"g{number}", (ARRAY, number), (OTHER_ARRAY, number))
        body = {"rdfMode": "Synchronous", "localDeviceListCriteriaParam": {"localDeviceList": [volume]}}
        replies.append(sides.post(f"rdf_group/{number}/volume", body).status)
    assert replies == [201, 500]
    assert sides.get("rdf_group/74").body["numDevices"] == 0


# Rule 67


def test_size_of_the_other_side(make_sides):
    """The array makes an R2 of exactly the size of R1 (rule 67)."""
    sides = make_sides()
    ids = [*sides.near.group("sg", volumes=1, size=1), sides.near.volume("sg", size=3)]
    assert sides.ask_protection().status == 201
    for volume in ids:
        near, far = sides.near.array.volumes[volume], sides.far.array.volumes[sides.twin(volume)]
        assert near.cylinders == far.cylinders


@pytest.mark.parametrize(("remote_size", "status", "larger"), [(1, 500, None), (2, 201, "Equal"), (3, 201, "R2")])
def test_size_of_a_named_other_side(make_sides, remote_size, status, larger):
    """An R2 that the client names may be larger than R1 and never smaller (rule 67)."""
    sides = make_sides()
    (volume,), (twin,) = sides.near.group("a", volumes=1, size=2), sides.far.group("a", volumes=1, size=remote_size)
    reply = named_pair(sides, volume, twin)
    assert reply.status == status
    if larger:
        assert reply.body["devicePair"][0]["largerRdfSide"] == larger
    assert sides.get("rdf_group/70").body["numDevices"] == (status == 201)


def named_pair(sides, volume, twin, **more):
    """Ask for a pair of two volumes in the private form."""
    body = {
        "deviceNameListSource": [{"name": volume}],
        "deviceNameListTarget": [{"name": twin}],
        "replicationMode": sides.mode,
        "rdfType": "RDF1",
        **more,
    }
    return sides.near.post(f"/private/90/replication/symmetrix/{ARRAY}/rdf_group/{sides.number}/volume", body)


@pytest.mark.parametrize("which", [ARRAY, OTHER_ARRAY])
def test_arrays_without_the_licence(make_sides, which):
    """Both arrays must be capable of SRDF (rule 67)."""
    sides = make_sides()
    sides.simulator.arrays[which].update(is_srdf_capable=False)
    (volume,) = sides.near.group("sg", volumes=1)
    assert sides.ask_protection().status == 500
    assert sides.add([volume]).status == 500
    assert (sides.srdf.pairs, sides.far.array.storage_groups) == ((), {})


def test_other_side_that_is_taken(make_sides):
    """A named R2 must not be in that group already (rule 67)."""
    sides = make_sides()
    one, two = sides.near.group("a", volumes=2)
    (twin,) = sides.far.group("a", volumes=1)
    assert named_pair(sides, one, twin).status == 201
    assert named_pair(sides, two, twin).status == 500
    assert [pair.volumes for pair in sides.srdf.pairs] == [(one, twin)]


@pytest.mark.parametrize(("mode", "status"), [("Synchronous", 500), ("Asynchronous", 500), ("Active", 201)])
def test_other_side_that_is_masked(make_sides, mode, status):
    """A named R2 must not be masked, except for Metro, where both sides serve hosts (rule 67)."""
    sides = make_sides(mode)
    (volume,) = sides.near.group("a", volumes=1)
    (twin,) = sides.far.masked("a")
    assert named_pair(sides, volume, twin).status == status


# Rule 68


def test_synchronisation_takes_time(make_sides):
    """A new synchronous pair that is established is SyncInProg for a while, then Synchronized (rule 68)."""
    sides = make_sides(behaviour=Behaviour(sync_pace=AfterSeconds(COPY_S)))
    (volume,) = sides.protect()
    assert sides.state(volume) == "SyncInProg"
    sides.simulator.clock.advance(COPY_S)
    assert sides.state(volume) == "Synchronized"


def test_pairs_that_are_not_established(make_sides):
    """A new pair that is not established is Suspended (rule 68, and reference section 7.2)."""
    sides = make_sides()
    (volume,) = sides.protect(establish=False)
    assert sides.state(volume) == "Suspended"


# Rule 69


@pytest.mark.parametrize(("exempt", "status"), [("true", 201), ("false", 500)])
def test_joining_an_asynchronous_group(make_sides, exempt, status):
    """Into an asynchronous group that is not empty a device comes only exempt (rule 69)."""
    sides = make_sides("Asynchronous")
    (first,) = sides.protect()
    (volume,) = sides.near.group("more", volumes=1)
    assert sides.add([volume], exempt=exempt, invalidateR2="true").status == status
    assert sides.state(first) == "Consistent"
    assert len(sides.srdf.pairs) == 1 + (status == 201)


def test_exempt_until_consistent(make_sides):
    """An exempt pair is no member of the consistency set until it has been resumed and is Consistent (rule 69)."""
    sides = make_sides("Asynchronous")
    (first,) = sides.protect()
    (volume,) = sides.near.group("more", volumes=1)
    sides.add([volume], exempt=True)
    assert (sides.state(volume), sides.srdf.pair_of(ARRAY, volume).is_exempt) == ("Suspended", True)
    sides.act("Resume", "more")
    assert (sides.state(volume), sides.srdf.pair_of(ARRAY, volume).is_exempt) == ("Consistent", False)
    assert sides.state(first) == "Consistent"


def test_first_device_of_an_asynchronous_group(make_sides):
    """The first device of an asynchronous group needs no exemption (rule 69)."""
    sides = make_sides("Asynchronous")
    (volume,) = sides.near.group("sg", volumes=1)
    assert sides.add([volume], establish=True).status == 201
    assert sides.state(volume) == "Consistent"


def test_exempt_synchronous_devices(make_sides):
    """There is nothing to be exempt from in a synchronous group (rule 69, assumed)."""
    sides = make_sides()
    (volume,) = sides.near.group("sg", volumes=1)
    assert "not in asynchronous mode" in sides.add([volume], exempt=True).message


# Rule 70


@pytest.mark.parametrize(("suspended", "exempt", "status"), [(0, 0, 500), (0, 1, 201), (1, 0, 201), (1, 1, 201)])
def test_joining_a_metro_group(make_sides, suspended, exempt, status):
    """Into a Metro group that is active a device comes only exempt (rule 70)."""
    sides = make_sides("Active")
    sides.protect()
    if suspended:
        sides.act("Suspend", force=True)
    (volume,) = sides.near.group("more", volumes=1)
    assert sides.add([volume], **({"exempt": "true"} if exempt else {})).status == status
    assert len(sides.srdf.pairs) == 1 + (status == 201)


@pytest.mark.parametrize(("suspended", "state"), [(False, "ActiveActive"), (True, "Suspended")])
def test_following_a_metro_group(make_sides, suspended, state):
    """An exempt pair follows its Metro group: active at once if the group is, else when it is established (rule 70)."""
    sides = make_sides("Active")
    (first,) = sides.protect()
    if suspended:
        sides.act("Suspend", force=True)
    (volume,) = sides.near.group("more", volumes=1)
    sides.add([volume], exempt=True)
    assert (sides.state(first), sides.state(volume)) == (state, state)
    if suspended:
        sides.act("Establish")
        sides.act("Establish", "more")
    assert (sides.state(first), sides.state(volume)) == ("ActiveActive", "ActiveActive")


@pytest.mark.parametrize("suspended", [False, True])
def test_leaving_a_metro_group(make_sides, suspended):
    """A Metro pair can be deleted only while its whole group is suspended, even by force (rule 70)."""
    sides = make_sides("Active")
    one, _ = sides.protect(volumes=2)
    if suspended:
        sides.act("Suspend", force=True)
    path = f"/private/90/replication/symmetrix/{ARRAY}/rdf_group/72/volume/{one}"
    reply = sides.near.delete(path, force="true", half="false", symforce="false", star="false", bypass="false")
    assert reply.status == (204 if suspended else 500)
    if not suspended:
        assert INVALID_METRO in reply.message
    assert len(sides.srdf.pairs) == 2 - suspended


def test_both_sides_of_metro_are_writable(make_sides):
    """Both sides of an active Metro pair are Ready, writable and look like the same device (rule 70)."""
    sides = make_sides("Active")
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    pair = sides.pair(volume)
    assert (pair["localVolumeState"], pair["remoteVolumeState"]) == ("Ready", "Ready")
    far = sides.far.get(f"volume/{twin}").body
    assert (far["effective_wwn"], far["has_effective_wwn"]) == (sides.near.array.wwn(volume), True)
    sides.write(volume, "from near")
    assert sides.data(volume) == ("from near", "from near")
    sides.write(twin, "from far", sides.far)
    assert sides.data(volume) == ("from far", "from far")


def test_suspended_metro(make_sides):
    """Suspended Metro leaves R1 to hosts, and R2 not ready (rule 70)."""
    sides = make_sides("Active")
    (volume,) = sides.protect()
    sides.act("Suspend", force=True)
    pair = sides.pair(volume)
    assert (pair["localVolumeState"], pair["remoteVolumeState"]) == ("Ready", "Not Ready")
    sides.write(volume, "kept")
    with pytest.raises(ArrayRefused, match="Not Ready"):
        sides.write(sides.twin(volume), "lost", sides.far)


def test_own_identity_after_metro(make_sides):
    """An R2 that has left Metro is itself again (rule 70, assumed)."""
    sides = make_sides("Active")
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.act("Suspend", force=True)
    assert sides.delete("storagegroup/sg/rdf_group/72").status == 204
    assert sides.far.get(f"volume/{twin}").body["has_effective_wwn"] is False


# Rule 71


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous", "AdaptiveCopyDisk"])
def test_write_disabled_other_side(make_sides, mode):
    """R2 is write disabled until failover; it may be masked, and still not be written (rule 71)."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    sides.far.host("h1", "10000090fa5e1a04")
    assert sides.far.view("mv", "sg").status == 201
    assert sides.far.get(f"volume/{twin}").body["status"] == "Write Disabled"
    with pytest.raises(ArrayRefused, match="Write Disabled"):
        sides.write(twin, "lost", sides.far)
    sides.act("Failover")
    assert sides.far.get(f"volume/{twin}").body["status"] == "Ready"
    sides.write(twin, "kept", sides.far)


# Rule 72


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous"])
def test_failover_and_failback(make_sides, mode):
    """After failover both views say Failed Over and R2 is writable; failback returns to the beginning (rule 72)."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    before = sides.pair(volume)
    sides.act("Failover", client=sides.far)
    private = private_volume(sides.near, volume)
    assert (sides.states(), private["rdfInfo"]["RDFSession"][0]["pairState"]) == (["Failed Over"], "Failed Over")
    pair = sides.pair(volume)
    assert (pair["localVolumeState"], pair["remoteVolumeState"]) == ("Write Disabled", "Ready")
    with pytest.raises(ArrayRefused, match="Write Disabled"):
        sides.write(volume, "lost")
    sides.act("Failback", client=sides.far)
    assert sides.pair(volume) == before


def private_volume(client, volume_id):
    """Return a volume as the private API shows it."""
    path = f"/private/{client.version}/sloprovisioning/symmetrix/{client.symmetrix_id}/volume"
    (found,) = client.get(path, wwn=client.array.wwn(volume_id)).body["resultList"]["result"]
    return found


# Rule 73


TURNED = {
    "localSymmetrixId": "remoteSymmetrixId",
    "localRdfGroupNumber": "remoteRdfGroupNumber",
    "localVolumeName": "remoteVolumeName",
    "localVolumeState": "remoteVolumeState",
    "local_wwn_external": "remote_wwn_external",
}


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous", "Active"])
@pytest.mark.parametrize("action", [None, "Suspend", "Failover"])
def test_the_same_from_both_sides(make_sides, mode, action):
    """Both arrays show the same pair, with local and remote swapped (rule 73)."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    if action and not (mode == "Active" and action == "Failover"):
        sides.act(action, force=True)
    near, far = sides.pair(volume), sides.pair(sides.twin(volume), sides.far)
    for here, there in TURNED.items():
        assert (near[here], near[there]) == (far[there], far[here])
    for name in ("rdfMode", "rdfpairState", "largerRdfSide"):
        assert near[name] == far[name]
    assert (near["volumeConfig"], far["volumeConfig"]) == ("RDF1+TDEV", "RDF2+TDEV")


@pytest.mark.parametrize("asked", ["near", "far"])
def test_actions_from_either_side(make_sides, asked):
    """An action may be sent to either array, through a Unisphere that does not manage the other one (rule 73)."""
    sides = make_sides()
    (volume,) = sides.protect()
    simulator = sides.simulator
    far_only = simulator.add_unisphere("far", "V9.2.0.0", remote_arrays=[ARRAY])
    near_only = simulator.add_unisphere("near", "V9.2.0.0", remote_arrays=[OTHER_ARRAY])
    near, far = sides.near.on(application=near_only), sides.far.on(application=far_only)
    client, stranger = (
        (near, sides.far.on(application=near_only)) if asked == "near" else (far, near.on(application=far_only))
    )
    assert sides.ask("Failover", client=stranger).status == 403
    sides.act("Failover", client=client)
    assert sides.state(volume) == "Failed Over"
    sides.act("Failback", client=client)
    assert sides.state(volume) == "Synchronized"


# Rule 74


def test_action_on_a_storage_group(make_sides):
    """An action on a storage group is about its pairs in that RDF group and no others (rule 74)."""
    sides = make_sides()
    one, two = sides.protect("sg", volumes=2)
    (other,) = sides.protect("other")
    sides.act("Suspend")
    assert [sides.state(volume) for volume in (one, two, other)] == ["Suspended", "Suspended", "Synchronized"]


@pytest.mark.parametrize("mode", ["Asynchronous", "Active"])
def test_action_on_a_consistency_set(make_sides, mode):
    """In an asynchronous or Metro group an action is about the whole consistency set (rule 74)."""
    sides = make_sides(mode)
    one, two = sides.protect(volumes=2)
    sides.near.group("part", srp=None)
    assert join(sides, "part", one).status == 200
    sides.act("Suspend", "part", force=True)
    assert (sides.state(one), sides.state(two)) == ("Suspended", "Suspended")


def test_exempt_part_of_a_consistency_set(make_sides):
    """With `consExempt` only the named devices leave an asynchronous set, and the others go on (rule 74)."""
    sides = make_sides("Asynchronous")
    one, two = sides.protect(volumes=2)
    sides.near.group("part", srp=None)
    join(sides, "part", one)
    sides.act("Suspend", "part", consExempt="true")
    assert (sides.state(one), sides.state(two)) == ("Suspended", "Consistent")
    sides.act("Resume", "part")
    assert (sides.state(one), sides.state(two)) == ("Consistent", "Consistent")


@pytest.mark.parametrize("mode", ["Synchronous", "Active"])
def test_exemption_without_asynchronous_mode(make_sides, mode):
    """`consExempt` is for asynchronous devices only, and the text says so (rule 74; reference section 2.3)."""
    sides = make_sides(mode)
    sides.protect()
    reply = sides.ask("Suspend", consExempt="true", force="true")
    assert reply.message == (
        "A problem occurred modifying the Storage Group SRDF Group resource: The device is not in asynchronous mode"
    )


# Rule 75


def test_several_groups_behind_one_storage_group(make_sides):
    """Volumes in different RDF groups in one storage group make its list of groups longer (rule 75)."""
    sides = make_sides()
    sides.protect("sg")
    (other,) = Sides(sides.near, "Asynchronous").protect("other")
    assert join(sides, "sg", other).status == 500  # two FAST managed groups
    sides.near.group("both", srp=None)
    for group in ("sg", "other"):
        (volume,) = members(sides.near, group)
        assert join(sides, "both", volume).status == 200
    assert sides.get("storagegroup/both/rdf_group").body == {"rdfgs": [70, 71]}
    reply = grow(sides, "both", **along("sg"))
    assert (reply.status, "several RDF groups" in reply.message) == (500, True)


# Rule 76


def test_paired_volumes_cannot_be_deleted(make_sides):
    """Neither side of a pair can be deleted (rule 76)."""
    sides = make_sides()
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    assert leave(sides, "sg", volume).status == 200
    assert sides.far.edit("sg", "removeVolumeParam", {"volumeId": [twin]}).status == 200
    for client, volume_id in ((sides.near, volume), (sides.far, twin)):
        reply = client.delete(f"volume/{volume_id}")
        assert (reply.status, "RDF device" in reply.message) == (500, True)


@pytest.mark.parametrize(("remote", "status"), [({}, 500), ({"force": "false"}, 500), ({"force": "true"}, 200)])
def test_unpaired_volume_for_a_protected_group(make_sides, remote, status):
    """An unpaired volume joins a protected group only by force, and stays unpaired then (rule 76)."""
    sides = make_sides()
    sides.protect()
    (stray,) = sides.near.group("plain", srp=None, volumes=1)
    assert join(sides, "sg", stray, **remote).status == status
    assert ("sg" in sides.near.array.volumes[stray].storage_groups) is (status == 200)
    assert len(sides.srdf.pairs) == 1


@pytest.mark.parametrize(("force", "status"), [("false", 500), ("true", 200)])
def test_moves_into_a_protected_group(make_sides, force, status):
    """To move an unpaired volume into a protected group takes force (rules 14 and 76)."""
    sides = make_sides()
    sides.protect()
    (stray,) = sides.near.group("plain", volumes=1)
    fields = {"volumeId": [stray], "storageGroupId": "sg", "force": force}
    assert sides.near.edit("plain", "moveVolumeToStorageGroupParam", fields).status == status
    assert ("sg" in sides.near.array.volumes[stray].storage_groups) is (status == 200)


def test_moves_of_paired_volumes(make_sides):
    """A paired volume moves without force, as the upstream driver attaches it, and stays paired (rule 14)."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.near.group("elsewhere")
    fields = {"volumeId": [volume], "storageGroupId": "elsewhere", "force": "false"}
    assert sides.near.edit("sg", "moveVolumeToStorageGroupParam", fields).status == 200
    assert (members(sides.near, "elsewhere"), sides.state(volume)) == ([volume], "Synchronized")


def test_paired_volumes_join_a_protected_group(make_sides):
    """A paired volume joins a protected group without force (rule 76)."""
    sides = make_sides("Asynchronous")
    (volume,) = sides.protect("one")
    sides.near.group("management", srp=None)
    assert join(sides, "management", volume).status == 200
    assert join(sides, "management", volume, force="true").status == 500  # it is there already


# Rule 78


@pytest.mark.parametrize(
    ("action", "force", "status"),
    [(None, None, 500), (None, "true", 204), ("Suspend", None, 204), ("Split", None, 204), ("Failover", None, 204)],
)
def test_end_of_protection(make_sides, action, force, status):
    """Pairs are deleted when split, suspended or failed over, or by force; volumes and groups stay (rule 78)."""
    sides = make_sides()
    (volume,) = sides.protect()
    twin = sides.twin(volume)
    if action:
        sides.act(action)
    assert sides.delete("storagegroup/sg/rdf_group/70", **({"force": force} if force else {})).status == status
    assert len(sides.srdf.pairs) == (status == 500)
    assert members(sides.near, "sg") == [volume]
    assert members(sides.far, "sg") == [twin]
    expected = "RDF1+TDEV" if status == 500 else "TDEV"
    assert sides.near.get(f"volume/{volume}").body["type"] == expected


def test_end_of_a_part_of_an_asynchronous_set(make_sides):
    """A part of an asynchronous set leaves only when it is suspended exempt, even by force (rule 78; section 7.2)."""
    sides = make_sides("Asynchronous")
    one, two = sides.protect(volumes=2)
    assert sides.delete(f"rdf_group/71/volume/{one}").status == 500
    path = f"/private/90/replication/symmetrix/{ARRAY}/rdf_group/71/volume/{one}"
    assert sides.near.delete(path, force="true").status == 500
    suspend = {"force": "false", "symForce": "false", "star": "false", "hop2": "false", "bypass": "false"}
    suspend |= {"immediate": "false", "consExempt": "true"}
    assert sides.near.put(path, {"action": "Suspend", "suspend": suspend}).status == 200
    assert sides.near.delete(path, force="true").status == 204
    assert (len(sides.srdf.pairs), sides.state(two)) == (1, "Consistent")


# Rule 80


def test_order_of_sessions(make_sides):
    """The sessions of a volume are listed by the number of their RDF group (rule 80)."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.srdf.add_group("lower", (ARRAY, 7), (OTHER_ARRAY, 8))
    body = {"rdfMode": "Synchronous", "localDeviceListCriteriaParam": {"localDeviceList": [volume]}}
    assert sides.post("rdf_group/7/volume", body).status == 201
    info = private_volume(sides.near, volume)["rdfInfo"]
    assert [each["SRDFGroupNumber"] for each in info["RDFSession"]] == [7, 70]
    assert [each["SRDFRemoteGroupNumber"] for each in info["RDFSession"]] == [8, 70]
    assert (info["RDF"], info["concurrentRDF"], info["RDFA"]) == (True, True, False)


# Modes side by side


@pytest.mark.parametrize(("mode", "other"), [("Synchronous", "Asynchronous"), ("Asynchronous", "Active")])
def test_one_mode_per_consistency_set(make_sides, mode, other):
    """A group that replicates as one has one mode, and no group takes such pairs beside others (rules 69 and 70)."""
    sides = make_sides(mode)
    sides.protect()
    (volume,) = sides.near.group("more", volumes=1)
    body = {"rdfMode": other, "exempt": "true", "localDeviceListCriteriaParam": {"localDeviceList": [volume]}}
    assert sides.post(f"rdf_group/{sides.number}/volume", body).status == 500
    assert len(sides.srdf.pairs) == 1


def test_several_modes_that_do_not_mind(make_sides):
    """Synchronous and adaptive copy pairs live side by side in a group."""
    sides = make_sides()
    sides.protect()
    sides.near.group("more", volumes=1)
    assert sides.ask_protection("more", replicationMode="AdaptiveCopyDisk").status == 201
    assert sides.get("rdf_group/70").body["modes"] == ["Adaptive Copy", "Synchronous"]
