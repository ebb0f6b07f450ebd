"""What the replication views (section 6.15) say of snapshots."""

import pytest

from tests.unit.simulator.snapvx_steps import Snapvx


@pytest.fixture
def snapvx(client):
    return Snapvx(client)


@pytest.fixture
def linked(snapvx):
    """A group `sg` with a snapshot `s` that is linked to the group `copy`."""
    snapvx.client.group("sg", volumes=2)
    snap_id = snapvx.create_of_group("sg", "s").body["snapid"]
    link = {"storage_group_name": "copy"}
    assert snapvx.edit(snapvx.snap_id_path("sg", "s", snap_id), "Link", link=link).status == 200


@pytest.mark.parametrize("is_capable", [True, False])
def test_clients_can_ask_for_the_licence(snapvx, is_capable):
    """Rule 65: clients read from the capabilities whether an array can make snapshots."""
    snapvx.client.array.update(is_snapvx_capable=is_capable)
    body = snapvx.client.get("/92/replication/capabilities/symmetrix").body
    capable = {each["symmetrixId"]: each["snapVxCapable"] for each in body["symmetrixCapability"]}
    assert capable == {snapvx.client.symmetrix_id: is_capable, "000197900998": True}


def test_a_group_names_its_snapshots(snapvx, linked):
    """Section 6.15: the view of a group names its snapshots, and says whether it is a link target."""
    source, target = (snapvx.client.get(f"{snapvx.public}/storagegroup/{name}").body for name in ("sg", "copy"))
    assert (source["numSnapVXSnapshots"], source["snapVXSnapshots"], source["isLinkTarget"]) == (1, ["s"], False)
    assert (target["numSnapVXSnapshots"], target["isLinkTarget"]) == (0, True)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"hasSnapshots": "True"}, ["sg"]),
        ({"hasSnapshots": "false"}, ["copy"]),
        ({"is_link_target": "true"}, ["copy"]),
        ({"has_snap_policies": True}, []),
        ({"hasSrdf": True}, []),
    ],
)
def test_groups_are_found_by_what_they_are(snapvx, linked, query, names):
    """Section 6.15: the list of groups can be narrowed to those with snapshots, and to link targets."""
    assert snapvx.client.get(f"{snapvx.public}/storagegroup", **query).body["name"] == names
