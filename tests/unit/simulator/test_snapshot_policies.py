"""Snapshot policies (section 6.21): their life, their storage groups, and what they do by the clock."""

import pytest

from tests.unit.simulator.snapvx_steps import Snapvx, known

MINUTE = 60
HOUR = 60 * MINUTE


@pytest.fixture
def snapvx(client):
    return Snapvx(client)


@pytest.fixture
def policies(snapvx):
    return f"{snapvx.public}/snapshot_policy"


@pytest.fixture
def create(snapvx, policies):
    def make(name="p", interval="1 Hour", **fields):
        details = {"snapshot_count": fields.pop("count", 2), "secure": fields.pop("secure", False)}
        body = {"snapshot_policy_name": name, "interval": interval, "local_snapshot_policy_details": details, **fields}
        return snapvx.client.post(policies, body)

    return make


@pytest.fixture
def act(snapvx, policies):
    def put(action, name="p", **objects):
        return snapvx.client.put(f"{policies}/{name}", {"action": action, **objects})

    return put


@pytest.fixture
def associated(snapvx, create, act):
    """A group of two volumes with the policy `p`; the policy runs at every full hour."""
    volumes = snapvx.client.group("sg", volumes=2)
    assert create().status == 201
    assert act("AssociateToStorageGroups", associate_to_storage_group={"storage_group_name": ["sg"]}).status == 200
    return volumes


def moments(snapvx):
    """When the snapshots were made, in epoch seconds."""
    return sorted({snapshot.created_at for snapshot in snapvx.client.array.snapshots})


class TestLife:
    def test_defaults(self, snapvx, policies):
        """An array has default policies from the beginning, among them DailyDefault."""
        assert "DailyDefault" in snapvx.client.get(policies).body["name"]

    def test_create(self, snapvx, policies, create):
        """A new policy is shown as it was asked for."""
        reply = create(offset_mins=5, compliance_count_warning=2, compliance_count_critical=1)
        assert reply.status == 201
        body = snapvx.client.get(f"{policies}/p").body
        expected = {
            "symmetrixID": snapvx.client.symmetrix_id,
            "snapshot_policy_name": "p",
            "interval_minutes": 60,
            "offset_minutes": 5,
            "snapshot_count": 2,
            "secure": False,
            "suspended": False,
            "compliance_count_warning": 2,
            "compliance_count_critical": 1,
            "storage_group_count": 0,
            "type": "local",
        }
        assert expected.items() <= body.items()

    def test_to_a_cloud(self, snapvx, policies):
        """A cloud policy is remembered with its provider and its retention."""
        details = {"cloud_retention_days": 7, "cloud_provider_name": "cloud"}
        body = {"snapshot_policy_name": "c", "interval": "1 Day", "cloud_snapshot_policy_details": details}
        assert (
            snapvx.client.post(policies, body).body.items()
            >= {
                "provider_name": "cloud",
                "retention_days": 7,
                "type": "cloud",
            }.items()
        )

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"interval": "7 Minutes"}, 400),
            ({"name": "x" * 33}, 400),
            ({"count": 0}, 400),
            ({"count": 1025}, 400),
            ({"offset_mins": 60}, 500),
            ({"compliance_count_warning": 3}, 500),
            ({"compliance_count_warning": 1, "compliance_count_critical": 2}, 500),
            ({"colour": "red"}, 400),
        ],
    )
    def test_impossible_figures(self, snapvx, policies, create, fields, status):
        """A policy whose figures do not go together is refused."""
        assert create(**fields).status == status
        assert "p" not in snapvx.client.get(policies).body["name"]

    def test_a_taken_name(self, create):
        """Rule 16: a policy that exists cannot be created again."""
        assert [create().status for _ in range(2)] == [201, 409]

    def test_unknown_ones(self, snapvx, policies, act):
        """Section 2.1: a policy that does not exist is 404, and 500 for a PUT."""
        assert snapvx.client.get(f"{policies}/other").status == 404
        assert snapvx.client.delete(f"{policies}/other").status == 404
        assert act("Suspend", name="other").status == 500

    def test_modify(self, snapvx, policies, create, act):
        """Any of its figures and its name can be changed."""
        create()
        change = {"snapshot_policy_name": "q", "interval_mins": 120, "offset_mins": 7, "snapshot_count": 5}
        assert act("Modify", modify=change).status == 200
        body = snapvx.client.get(f"{policies}/q").body
        assert (body["interval_minutes"], body["offset_minutes"], body["snapshot_count"]) == (120, 7, 5)
        assert snapvx.client.get(f"{policies}/p").status == 404

    @pytest.mark.parametrize(
        ("change", "status"),
        [({"interval_mins": 7}, 400), ({"offset_mins": 20000}, 400), ({"snapshot_policy_name": "DailyDefault"}, 409)],
    )
    def test_impossible_changes(self, snapvx, policies, create, act, change, status):
        """A change to an impossible figure or a taken name is refused, and leaves the policy as it was."""
        create()
        before = snapvx.client.get(f"{policies}/p").body
        assert act("Modify", modify=change).status == status
        assert snapvx.client.get(f"{policies}/p").body == before

    def test_renaming_takes_the_groups_along(self, snapvx, policies, associated, act):
        """A renamed policy keeps its storage groups."""
        act("Modify", modify={"snapshot_policy_name": "q"})
        assert snapvx.client.array.storage_groups["sg"].snapshot_policies == ("q",)
        assert snapvx.client.get(f"{policies}/q/storagegroup").body == {"name": ["sg"]}

    def test_delete(self, snapvx, policies, create):
        """A policy without groups can be deleted, once."""
        create()
        assert [snapvx.client.delete(f"{policies}/p").status for _ in range(2)] == [204, 404]

    def test_not_with_groups(self, snapvx, policies, associated, act):
        """A policy with a storage group cannot be deleted (assumed)."""
        assert snapvx.client.delete(f"{policies}/p").status == 500
        act("DisassociateFromStorageGroups", disassociate_from_storage_group={"storage_group_name": ["sg"]})
        assert snapvx.client.delete(f"{policies}/p").status == 204

    def test_unlicensed(self, snapvx, create):
        """Rule 65: an array without the licence takes no policies."""
        snapvx.client.array.update(is_snapvx_capable=False)
        assert create().status == 500

    def test_not_before_92(self, make_client):
        """Snapshot policies came with version 92 (inferred)."""
        snapvx = Snapvx(make_client(version=91))
        assert snapvx.client.get(f"{snapvx.public}/snapshot_policy").status == 404


class TestGroups:
    def test_how_it_stands_with_a_group(self, snapvx, policies, associated):
        """The view of a policy and one of its groups tells compliance and suspension."""
        body = snapvx.client.get(f"{policies}/p/storagegroup/sg").body
        expected = {"snapshot_policy_name": "p", "storage_group_name": "sg", "compliance": "GREEN", "suspended": False}
        assert body == expected

    def test_at_creation(self, snapvx, create):
        """Section 6.6: a new storage group can be given policies."""
        create()
        body = {
            "storageGroupId": "sg",
            "srpId": "SRP_1",
            "emulation": "FBA",
            "snapshot_policies": ["p", "DailyDefault"],
        }
        assert snapvx.client.post("storagegroup", body).status == 201
        shown = snapvx.client.get("storagegroup/sg").body
        assert (shown["snapshot_policies"], shown["num_of_snapshot_policies"]) == (["p", "DailyDefault"], 2)
        assert shown["unprotected"] is False

    def test_an_unknown_policy_at_creation(self, snapvx):
        """Rule 82: a group with a policy that does not exist is not made."""
        body = {"storageGroupId": "sg", "srpId": "SRP_1", "emulation": "FBA", "snapshot_policies": ["other"]}
        assert "cannot be found" in snapvx.client.post("storagegroup", body).message
        assert "sg" not in snapvx.client.array.storage_groups

    def test_by_edits_of_the_group(self, snapvx, policies, create):
        """Section 6.6: a storage group's edit associates, suspends, resumes and disassociates policies."""
        create()
        snapvx.client.group("sg", volumes=1)

        def edit(verb):
            change = {f"{verb}_snapshot_policy_param": {"snapshot_policies": ["p"]}}
            return snapvx.client.edit("sg", "edit_snapshot_policies_param", change).status

        assert [edit("associate"), edit("associate"), edit("suspend")] == [200, 500, 200]
        assert snapvx.client.get(f"{policies}/p/storagegroup/sg").body["suspended"] is True
        assert [edit("resume"), edit("disassociate"), edit("disassociate")] == [200, 200, 500]
        assert snapvx.client.get(f"{policies}/p/storagegroup/sg").status == 404

    def test_renaming_a_group_keeps_its_policies(self, snapvx, policies, associated):
        """Rule 31: a renamed group keeps its policies and its snapshots."""
        snapvx.create_of_group("sg", "s")
        snapvx.client.edit("sg", "renameStorageGroupParam", {"new_storage_Group_name": "new"})
        assert snapvx.client.get(f"{policies}/p/storagegroup").body == {"name": ["new"]}
        assert snapvx.names_of_group("new").body["name"] == ["s"]


class TestRuns:
    def test_at_set_times(self, snapvx, associated):
        """A policy snaps its groups at every interval, counted from midnight UTC on Sunday."""
        snapvx.client.simulator.clock.advance(2 * HOUR)
        assert len(moments(snapvx)) == 2
        assert [moment % HOUR for moment in moments(snapvx)] == [0, 0]

    def test_with_an_offset(self, snapvx, associated, act):
        """The offset moves the runs within the interval."""
        act("Modify", modify={"offset_mins": 10})
        snapvx.client.simulator.clock.advance(HOUR)
        assert [moment % HOUR for moment in moments(snapvx)] == [10 * MINUTE]

    def test_weekly(self, snapvx, associated, act):
        """A weekly policy runs on Sunday at midnight UTC."""
        act("Modify", modify={"interval_mins": 10080})
        snapvx.client.simulator.clock.advance(7 * 24 * HOUR)
        (moment,) = moments(snapvx)
        assert (moment - 3 * 24 * HOUR) % (7 * 24 * HOUR) == 0

    def test_it_keeps_so_many(self, snapvx, associated):
        """A policy terminates the oldest of its snapshots when there are more than its count."""
        snapvx.client.simulator.clock.advance(5 * HOUR)
        assert len(moments(snapvx)) == 2
        assert snapvx.generations("sg", "p").body == {"generations": [0, 1]}

    def test_it_leaves_others_alone(self, snapvx, associated):
        """A policy terminates only what it made itself."""
        snapvx.create_of_group("sg", "p")
        snapvx.client.simulator.clock.advance(5 * HOUR)
        assert len(moments(snapvx)) == 3

    def test_linked_ones_stay(self, snapvx, associated):
        """Rule 48: a linked snapshot of a policy is not terminated."""
        snapvx.client.simulator.clock.advance(HOUR)
        snapvx.link("p", associated[0], snapvx.client.array.add_volume(547))
        snapvx.client.simulator.clock.advance(5 * HOUR)
        assert len(moments(snapvx)) == 3

    def test_persistent_ones_stay(self, snapvx, associated):
        """Section 6.14: a snapshot of a policy that was made persistent is not terminated by it."""
        snapvx.client.simulator.clock.advance(HOUR)
        path = snapvx.snap_id_path("sg", "p", known(snapvx)[0][2])
        assert snapvx.edit(path, "Persist", persist={"persist": True}).body["persistent"] is True
        snapvx.client.simulator.clock.advance(5 * HOUR)
        assert len(moments(snapvx)) == 3

    def test_secure_ones(self, snapvx, create, act):
        """Rule 50: a secure policy makes secure snapshots, which nobody can terminate before their time."""
        snapvx.client.group("sg", volumes=1)
        create(secure=True)
        act("AssociateToStorageGroups", associate_to_storage_group={"storage_group_name": ["sg"]})
        snapvx.client.simulator.clock.advance(HOUR)
        assert snapvx.client.delete(snapvx.snap_id_path("sg", "p", known(snapvx)[0][2])).status == 500
        snapvx.client.simulator.clock.advance(5 * HOUR)
        assert len(moments(snapvx)) == 2

    def test_suspended(self, snapvx, associated, act):
        """A suspended policy does not run, and goes on when it is resumed."""
        assert act("Suspend").body["suspended"] is True
        snapvx.client.simulator.clock.advance(3 * HOUR)
        assert moments(snapvx) == []
        act("Resume")
        snapvx.client.simulator.clock.advance(HOUR)
        assert len(moments(snapvx)) == 1

    def test_suspended_for_one_group(self, snapvx, associated):
        """A policy that is suspended for one group goes on for the others."""
        other = snapvx.client.group("other", volumes=1)
        change = {"associate_snapshot_policy_param": {"snapshot_policies": ["p"]}}
        snapvx.client.edit("other", "edit_snapshot_policies_param", change)
        change = {"suspend_snapshot_policy_param": {"snapshot_policies": ["p"]}}
        snapvx.client.edit("sg", "edit_snapshot_policies_param", change)
        snapvx.client.simulator.clock.advance(HOUR)
        assert [volume for volume, _, _ in known(snapvx)] == other

    def test_an_empty_group_is_left_out(self, snapvx, associated):
        """Rule 60: an empty group does not keep a policy from snapping the others."""
        snapvx.client.group("empty")
        change = {"associate_snapshot_policy_param": {"snapshot_policies": ["p"]}}
        snapvx.client.edit("empty", "edit_snapshot_policies_param", change)
        snapvx.client.simulator.clock.advance(HOUR)
        assert {volume for volume, _, _ in known(snapvx)} == set(associated)

    def test_they_are_listed_apart(self, snapvx, associated):
        """Section 6.14: snapshots of policies are listed apart from manual ones, and either can be left out."""
        snapvx.client.simulator.clock.advance(HOUR)
        snapvx.create_of_group("sg", "manual")
        body = snapvx.names_of_group("sg").body
        assert (body["name"], body["sl_snapshot_name"]) == (["manual"], ["p"])
        path = f"{snapvx.public}/storagegroup/sg/snapshot"
        assert snapvx.client.get(path, exclude_sl_snaps="True").body["sl_snapshot_name"] == []
        assert snapvx.client.get(path, exclude_manual_snaps="true").body["name"] == []

    def test_compliance(self, snapvx, create, act):
        """Compliance is red below the critical count, yellow below the warning count, else green."""
        snapvx.client.group("sg", volumes=1)
        create(compliance_count_warning=2, compliance_count_critical=1)
        act("AssociateToStorageGroups", associate_to_storage_group={"storage_group_name": ["sg"]})
        seen = []
        for _ in range(3):
            seen.append(snapvx.client.get(f"{snapvx.public}/storagegroup/sg/compliance/snapshot").body["compliance"])
            snapvx.client.simulator.clock.advance(HOUR)
        assert seen == ["RED", "YELLOW", "GREEN"]

    def test_compliance_without_policies(self, snapvx):
        """A group without policies complies with nothing."""
        snapvx.client.group("sg", volumes=1)
        body = snapvx.client.get(f"{snapvx.public}/storagegroup/sg/compliance/snapshot").body
        assert (body["compliance"], body["sl_count"]) == ("NONE", 0)
