"""Growth and shrinking on both sides: rule 27, and storage groups that change together (reference section 6.18)."""

import pytest

from tests.unit.simulator.srdf_client import ARRAY, OTHER_ARRAY, along, grow, join, leave, members

INVALID_METRO = "will create an invalid RDF/Metro session"


def expand(client, volume_id, **more):
    """Let a volume grow to 2 GB."""
    attribute = {"volume_size": 2, "capacityUnit": "GB"}
    body = {"editVolumeActionParam": {"expandVolumeParam": {"volumeAttribute": attribute, **more}}}
    return client.put(f"volume/{volume_id}", body)


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous", "Active"])
@pytest.mark.parametrize("asked", ["near", "far"])
def test_both_sides_grow(make_sides, mode, asked):
    """A paired volume grows on both sides at once, when its RDF group is named (rule 27)."""
    sides = make_sides(mode)
    for each in (ARRAY, OTHER_ARRAY):
        sides.simulator.arrays[each].update(microcode="5978.669.669")
    (volume,) = sides.protect()
    state = sides.state(volume)
    twin = sides.twin(volume)
    client, subject = (sides.near, volume) if asked == "near" else (sides.far, twin)
    assert expand(client, subject, rdfGroupNumber=sides.number).status == 200
    assert sides.near.array.volumes[volume].cylinders == sides.far.array.volumes[twin].cylinders == 1093
    assert sides.state(volume) == state


@pytest.mark.parametrize("more", [{}, {"rdfGroupNumber": 71}])
def test_growth_without_its_group(make_sides, more):
    """A paired volume does not grow unless its own RDF group is named (rule 27)."""
    sides = make_sides()
    (volume,) = sides.protect()
    assert expand(sides.near, volume, **more).status == 500
    assert sides.near.array.volumes[volume].cylinders == 547


def test_growth_of_what_is_not_paired(make_sides):
    """A volume without a pair has no RDF group to be named (rule 27)."""
    sides = make_sides()
    (volume,) = sides.near.group("plain", volumes=1)
    reply = expand(sides.near, volume, rdfGroupNumber=70)
    assert (reply.status, "The device must be an RDF device" in reply.message) == (500, True)


@pytest.mark.parametrize(
    ("mode", "microcode", "status"),
    [
        ("Synchronous", "5977.1131.1131", 500),
        ("Synchronous", "5978.144.144", 200),
        ("Active", "5978.144.144", 500),
        ("Active", "5978.221.221", 500),
        ("Active", "5978.444.444", 200),
        ("Active", "6079.65.0", 200),
    ],
)
def test_growth_by_code_level(make_sides, mode, microcode, status):
    """Paired volumes grow on 5978 and above, Metro ones above 5978.221 on both arrays (rule 27)."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    sides.far.array.update(microcode=microcode)
    assert expand(sides.near, volume, rdfGroupNumber=sides.number).status == status
    assert sides.near.array.volumes[volume].cylinders == (1093 if status == 200 else 547)


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous", "Active"])
def test_group_that_grows_on_both_sides(make_sides, mode):
    """A new volume in a protected group brings its R2, its pair and its place in the remote group (section 6.18)."""
    sides = make_sides(mode)
    (first,) = sides.protect()
    state = sides.state(first)
    assert grow(sides, **along("sg", force="true")).status == 200
    (new,) = set(members(sides.near, "sg")) - {first}
    assert (sides.state(first), sides.state(new)) == (state, state)
    assert sorted([sides.twin(first), sides.twin(new)]) == members(sides.far, "sg")
    assert sides.far.array.volumes[sides.twin(new)].identifier is None


def test_suspended_group_that_grows(make_sides):
    """In a group that is suspended a new pair is suspended as well (section 6.18, assumed)."""
    sides = make_sides("Asynchronous")
    sides.protect()
    sides.act("Suspend")
    assert grow(sides, **along("sg", force="true")).status == 200
    assert sides.states() == ["Suspended"]
    sides.act("Resume")
    assert sides.states() == ["Consistent"]


@pytest.mark.parametrize("remote", [along("nowhere"), {"remote_symmetrix_1_id": "000120000548"}])
def test_growth_that_has_nowhere_to_go(make_sides, remote):
    """If the remote group does not exist, or the group is not replicated there, nothing at all is made."""
    sides = make_sides()
    sides.protect()
    count = len(sides.near.array.volumes), len(sides.far.array.volumes)
    assert grow(sides, **remote).status == 500
    assert (len(sides.near.array.volumes), len(sides.far.array.volumes)) == count


@pytest.mark.parametrize("mode", ["Synchronous", "Asynchronous", "Active"])
def test_group_that_shrinks_on_both_sides(make_sides, mode):
    """A volume that leaves with remote information leaves both groups, and its pair ends (section 6.18)."""
    sides = make_sides(mode)
    one, two = sides.protect(volumes=2)
    twin = sides.twin(one)
    assert leave(sides, "sg", one, **along("sg")).status == 200
    assert (members(sides.near, "sg"), members(sides.far, "sg")) == ([two], [sides.twin(two)])
    assert sides.near.get(f"volume/{one}").body["type"] == "TDEV"
    for client, volume_id in ((sides.near, one), (sides.far, twin)):
        assert client.delete(f"volume/{volume_id}").status == 204


def test_last_metro_volume_stays(make_sides):
    """The last volume of an active Metro group cannot be taken away; suspended it can (rule 70)."""
    sides = make_sides("Active")
    (volume,) = sides.protect()
    reply = leave(sides, "sg", volume, **along("sg"))
    assert (reply.status, INVALID_METRO in reply.message) == (500, True)
    assert (members(sides.near, "sg"), len(sides.srdf.pairs)) == ([volume], 1)
    sides.act("Suspend", force="true")
    assert leave(sides, "sg", volume, **along("sg")).status == 200
    assert (members(sides.far, "sg"), sides.srdf.pairs) == ([], ())


def test_leaving_alone(make_sides):
    """A volume that leaves its group without remote information stays paired."""
    sides = make_sides()
    (volume,) = sides.protect()
    assert leave(sides, "sg", volume).status == 200
    assert sides.state(volume) == "Synchronized"


def test_growth_in_two_groups(make_sides):
    """A volume that is replicated twice does not grow (assumed)."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.srdf.add_group("second", (ARRAY, 73), (OTHER_ARRAY, 73))
    body = {"rdfMode": "Synchronous", "localDeviceListCriteriaParam": {"localDeviceList": [volume]}}
    assert sides.post("rdf_group/73/volume", body).status == 201
    assert expand(sides.near, volume, rdfGroupNumber=70).status == 500
    assert sides.near.array.volumes[volume].cylinders == 547


@pytest.mark.parametrize("action", ["Split", "Failover"])
def test_growth_of_what_is_apart(make_sides, action):
    """A pair that is split or failed over does not grow (assumed)."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.act(action)
    assert expand(sides.near, volume, rdfGroupNumber=70).status == 500
    assert sides.near.array.volumes[volume].cylinders == 547


def test_paired_volumes_join_on_both_sides(make_sides):
    """A paired volume that joins a replicated group with remote information brings its other side along."""
    sides = make_sides("Asynchronous")
    one, two = sides.protect(volumes=2)
    for client in (sides.near, sides.far):
        client.group("both", srp=None)
    assert join(sides, "both", one).status == 200
    assert join(sides, "both", two, **along("both")).status == 200
    assert (members(sides.near, "both"), members(sides.far, "both")) == ([one, two], [sides.twin(two)])
    assert len(sides.srdf.pairs) == 2


def test_volumes_that_leave_must_be_replicated(make_sides):
    """Remote information for a volume that is not replicated there is refused, and the volume stays."""
    sides = make_sides()
    (stray,) = sides.near.group("plain", volumes=1)
    reply = leave(sides, "plain", stray, **along("plain"))
    assert (reply.status, "The device must be an RDF device" in reply.message) == (500, True)
    assert members(sides.near, "plain") == [stray]


def test_growth_where_the_volumes_are_r2(make_sides):
    """A group whose volumes are R2 grows on the other array only (assumed)."""
    sides = make_sides()
    sides.protect()
    sides.act("Failover", establish="true")
    assert grow(sides, **along("sg")).status == 500
    assert len(members(sides.near, "sg")) == 1
