"""Links of snapshots of storage groups, and the other actions that both forms of the path know."""

import pytest

from tests.unit.simulator.snapvx_steps import ALREADY, Snapvx, known, snapped

HOUR = 3600


@pytest.fixture
def snapvx(client):
    return Snapvx(client)


@pytest.fixture
def volumes(client):
    return client.group("sg", volumes=2)


class TestLinking:
    """Actions in both forms: `path` and the spelling of the fields differ, the effect does not."""

    @pytest.fixture(params=["generation", "snapid"])
    def form(self, request, snapvx, volumes):
        """A snapshot `s` of group `sg`: its path, and how the form spells a field."""
        body = snapped(snapvx)
        if request.param == "generation":
            return snapvx.generation_path("sg", "s", 0), lambda camel, _: camel
        return snapvx.snap_id_path("sg", "s", body["snapid"]), lambda _, snake: snake

    def link(self, snapvx, form, group="copy", **fields):
        path, spell = form
        key = spell("linkStorageGroupName", "storage_group_name")
        return snapvx.edit(path, "Link", link={key: group, **fields})

    def test_to_a_group_that_exists(self, snapvx, volumes, form):
        """Linking to a group links each snapshot to a volume of its own in that group."""
        targets = snapvx.client.group("copy", volumes=2)
        reply = self.link(snapvx, form, copy=True)
        assert reply.status == 200
        links = snapvx.client.array.links
        assert set(links) == set(targets)
        assert {link.source for link in links.values()} == set(volumes)

    def test_to_a_new_group(self, snapvx, volumes, form):
        """Linking to a group that does not exist makes it, with a volume for each snapshot (inferred)."""
        assert self.link(snapvx, form, group="made").status == 200
        made = [each for each in snapvx.client.array.volumes.values() if "made" in each.storage_groups]
        assert [volume.cylinders for volume in made] == [547, 547]
        assert snapvx.client.array.storage_groups["made"].service_level == "Diamond"
        assert {link.target for link in snapvx.client.array.links.values()} == {volume.volume_id for volume in made}

    def test_to_itself(self, snapvx, volumes, form):
        """A group cannot be linked to itself."""
        assert self.link(snapvx, form, group="sg").status == 500

    def test_to_too_few_volumes(self, snapvx, volumes, form):
        """If the group has fewer volumes that suit than there are snapshots, nothing is linked (assumed)."""
        snapvx.client.group("copy", volumes=1)
        assert self.link(snapvx, form).status == 500
        assert snapvx.client.array.links == {}

    def test_set_mode_of_what_is_not_linked(self, snapvx, volumes, form):
        """The copy mode of links to a group that nothing is linked to cannot be set."""
        path, spell = form
        snapvx.client.group("copy", volumes=2)
        body = {spell("storageGroupName", "storage_group_name"): "copy", "copy": True}
        assert "No link target was found" in snapvx.edit(path, "SetMode", set_mode=body).message

    def test_with_exact_sizes(self, snapvx, volumes, form):
        """With `exact` only volumes of the very size of the snapshots are taken."""
        snapvx.client.group("copy", volumes=2, size=2)
        assert self.link(snapvx, form, exact=True).status == 500
        assert self.link(snapvx, form).status == 200

    def test_the_smallest_that_suits(self, snapvx, volumes, form):
        """Each snapshot gets a volume of its own size where there is one, and else the smallest (assumed)."""
        (large,) = snapvx.client.group("copy", volumes=1, size=2)
        same = [snapvx.client.volume("copy") for _ in range(2)]
        self.link(snapvx, form)
        assert set(snapvx.client.array.links) == set(same)
        assert large not in snapvx.client.array.links

    def test_twice(self, snapvx, volumes, form):
        """Linking what is linked already is refused as the desired state."""
        snapvx.client.group("copy", volumes=2)
        self.link(snapvx, form)
        assert ALREADY in self.link(snapvx, form).message

    def test_unlink(self, snapvx, volumes, form):
        """Unlinking takes all links to the named group away; where there is none, none is found."""
        path, spell = form
        snapvx.client.group("copy", volumes=2)
        self.link(snapvx, form)
        body = {spell("unlinkStorageGroupName", "storage_group_name"): "copy"}
        assert snapvx.edit(path, "Unlink", unlink=body).status == 200
        assert snapvx.client.array.links == {}
        assert "No link target was found" in snapvx.edit(path, "Unlink", unlink=body).message

    def test_unlink_of_an_unknown_group(self, snapvx, volumes, form):
        """A group that does not exist cannot be unlinked."""
        path, spell = form
        body = {spell("unlinkStorageGroupName", "storage_group_name"): "nowhere"}
        assert "cannot be found" in snapvx.edit(path, "Unlink", unlink=body).message

    def test_relink(self, snapvx, volumes, form):
        """Relinking presents this snapshot where another of the same volumes was linked."""
        path, spell = form
        snapvx.client.group("copy", volumes=2)
        self.link(snapvx, form)
        newer = snapped(snapvx, "newer")["snapid"]
        is_by_id = "/snapid/" in path
        path = snapvx.snap_id_path("sg", "newer", newer) if is_by_id else snapvx.generation_path("sg", "newer", 0)
        body = {spell("relinkStorageGroupName", "storage_group_name"): "copy"}
        assert snapvx.edit(path, "Relink", relink=body).status == 200
        assert {link.snap_id for link in snapvx.client.array.links.values()} == {newer}

    def test_relink_of_what_is_not_linked(self, snapvx, volumes, form):
        """Relinking to a group that nothing is linked to finds no link."""
        path, spell = form
        snapvx.client.group("copy", volumes=2)
        body = {spell("relinkStorageGroupName", "storage_group_name"): "copy"}
        assert "No link target was found" in snapvx.edit(path, "Relink", relink=body).message

    def test_restore(self, snapvx, volumes, form):
        """Restoring gives every volume of the group its data back."""
        path, _ = form
        for volume in volumes:
            snapvx.client.array.write(volume)
        reply = snapvx.edit(path, "Restore")
        assert reply.status == 200
        assert [snapvx.client.array.read(volume) for volume in volumes] == ["", ""]
        assert reply.body["state"] == ["Restored"]

    def test_rename(self, snapvx, volumes, form):
        """Renaming gives the snapshot of every volume the new name; the answer shows it."""
        path, spell = form
        reply = snapvx.edit(path, "Rename", rename={spell("newSnapshotName", "new_snapshot_name"): "new"})
        assert (reply.status, reply.body["name"]) == (200, "new")
        assert {name for _, name, _ in known(snapvx)} == {"new"}

    def test_set_mode(self, snapvx, volumes, form):
        """The copy mode of all links to a group can be set; it cannot be set to what it is."""
        path, spell = form
        snapvx.client.group("copy", volumes=2)
        self.link(snapvx, form)
        body = {spell("storageGroupName", "storage_group_name"): "copy", "copy": True}
        assert snapvx.edit(path, "SetMode", set_mode=body).status == 200
        assert all(link.is_copied for link in snapvx.client.array.links.values())
        assert ALREADY in snapvx.edit(path, "SetMode", set_mode=body).message

    @pytest.mark.parametrize("action", ["TimeToLive", "SetTimeToLive"])
    def test_time_to_live(self, snapvx, volumes, form, action):
        """The time to live of a snapshot can be set; both spellings of the action are understood."""
        path, spell = form
        body = {spell("timeToLive", "time_to_live"): 3, spell("timeInHours", "time_in_hours"): True}
        assert snapvx.edit(path, action, time_to_live=body).status == 200
        snapvx.client.simulator.clock.advance(3 * HOUR)
        assert known(snapvx) == []

    @pytest.mark.parametrize("action", ["Secure", "SetSecure"])
    def test_secure(self, snapvx, volumes, form, action):
        """A snapshot can be made secure later; both spellings of the action are understood."""
        path, spell = form
        body = {"secure": 3, spell("timeInHours", "time_in_hours"): True}
        assert snapvx.edit(path, action, secure=body).status == 200
        assert snapvx.client.delete(path).status == 500
        snapvx.client.simulator.clock.advance(3 * HOUR)
        assert known(snapvx) == []

    def test_secure_without_a_time(self, snapvx, volumes, form):
        """Making a snapshot secure needs a time."""
        assert snapvx.edit(form[0], "Secure", secure={}).status == 400

    def test_persist_is_for_policies(self, snapvx, volumes, form):
        """Only a snapshot that a policy made can be made persistent."""
        assert snapvx.edit(form[0], "Persist", persist={"persist": True}).status == 500

    def test_unknown_actions_and_fields(self, snapvx, volumes, form):
        """An action or a field that does not exist is refused."""
        assert snapvx.edit(form[0], "Explode").status == 400
        assert self.link(snapvx, form, colour="red").status == 400
        assert snapvx.client.array.links == {}

    def test_what_does_not_exist(self, snapvx, volumes, form):
        """Changing a snapshot that does not exist is refused with 500 (a PUT has no 404)."""
        path = form[0].replace("/s/", "/other/")
        assert snapvx.edit(path, "Restore").status == 500

    def test_objects_of_other_actions(self, snapvx, volumes, form):
        """One client sends the objects of all actions along; only that of the action counts."""
        reply = snapvx.edit(form[0], "Restore", restore={}, link={"storage_group_name": ""}, rename={"x": 1})
        assert reply.status == 200

    def test_all_volumes_or_none(self, snapvx, volumes, form):
        """Rule 82: if the restore of one volume is refused, none is restored."""
        snapvx.create("own", volumes[1])
        snapvx.restore("own", volumes[1])
        assert snapvx.edit(form[0], "Restore").status == 500
        assert set(snapvx.client.array.links) == {volumes[1]}
