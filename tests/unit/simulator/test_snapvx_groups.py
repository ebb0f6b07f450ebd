"""Snapshots of storage groups: rules 59 to 61, and the bulk termination; links are in `test_snapvx_group_links`."""

import pytest

from pmax.simulator import AfterSeconds, Behaviour
from tests.unit.simulator.snapvx_steps import NOT_FOUND, Snapvx, known, snapped

HOUR = 3600


@pytest.fixture
def snapvx(client):
    return Snapvx(client)


@pytest.fixture
def newest(make_client):
    """A client of version 103."""
    return Snapvx(make_client(version=103, unisphere_version="V10.3.0.0"))


@pytest.fixture
def volumes(client):
    return client.group("sg", volumes=2)


class TestCreation:
    def test_it_covers_all_volumes(self, snapvx, volumes):
        """Rule 59: a snapshot of a group is one of each of its volumes, with one snap id."""
        body = snapped(snapvx)
        assert known(snapvx) == [(volume, "s", body["snapid"]) for volume in volumes]
        assert (body["num_source_volumes"], body["num_storage_group_volumes"]) == (2, 2)

    def test_a_parent_covers_its_children(self, snapvx, volumes):
        """Rule 59: a snapshot of a parent covers the volumes of all children."""
        more = snapvx.client.group("other", volumes=1)
        snapvx.client.group("parent", srp=None)
        children = {"addExistingStorageGroupParam": {"storageGroupId": ["sg", "other"]}}
        snapvx.client.edit("parent", "expandStorageGroupParam", children)
        snapped(snapvx, group="parent")
        assert {volume for volume, _, _ in known(snapvx)} == {*volumes, *more}

    def test_an_empty_group_is_refused(self, snapvx):
        """Rule 60: a group without volumes cannot be snapped (inferred)."""
        snapvx.client.group("empty")
        assert snapvx.create_of_group("empty", "s").status == 500
        assert known(snapvx) == []

    def test_names_are_counted(self, snapvx, volumes):
        """Rule 61: `num_of_snapshots` of a group counts names, not generations and not volumes."""
        for name in ("a", "a", "b"):
            snapped(snapvx, name)
        assert snapvx.client.get("storagegroup/sg").body["num_of_snapshots"] == 2
        assert snapvx.client.get("storagegroup?num_of_snapshots=2").body["storageGroupId"] == ["sg"]

    def test_it_shows_at_volume_level_and_back(self, snapvx, volumes):
        """Section 6.14: snapshots of groups are seen at volume level, and those of volumes at group level."""
        snapped(snapvx, "of-group")
        assert snapvx.sources(volumes[0])[0]["snapshotName"] == "of-group"
        snapvx.create("of-volumes", *volumes)
        assert snapvx.names_of_group("sg").body["name"] == ["of-group", "of-volumes"]

    def test_names_and_counts(self, snapvx, volumes):
        """Section 6.14: the list says how many snapshots a name has and when the newest was made."""
        snapped(snapvx, "a")
        snapvx.client.simulator.clock.advance(5)
        snapped(snapvx, "a")
        (count,) = snapvx.names_of_group("sg").body["snapshot_names_and_counts"]
        now = round(snapvx.client.simulator.clock.now() * 1000)
        assert count == {"name": "a", "snapshot_count": 2, "newest_timestamp_utc": now}

    def test_without_snapshots(self, snapvx, volumes):
        """Section 2.3: the list of a group without snapshots is answered with 404 and known words."""
        reply = snapvx.names_of_group("sg")
        assert (reply.status, reply.message) == (404, "No snapshot named found")

    def test_an_unknown_group(self, snapvx):
        """Section 2.3: a group that does not exist cannot be found."""
        reply = snapvx.create_of_group("nowhere", "s")
        assert (reply.status, "cannot be found" in reply.message) == (404, True)

    def test_time_to_live(self, snapvx, volumes):
        """Rule 49: the snapshot of a group expires on all of its volumes."""
        body = snapped(snapvx, timeToLive=2, timeInHours="True")
        assert body["time_to_live_expiry_date"].endswith("GMT")
        snapvx.client.simulator.clock.advance(2 * HOUR)
        assert known(snapvx) == []

    def test_secure(self, snapvx, volumes):
        """Rule 50: the snapshot of a group can be secure."""
        body = snapped(snapvx, secure=1)
        path = snapvx.snap_id_path("sg", "s", body["snapid"])
        assert (body["secure_expiry_date"] != "N/A", snapvx.client.delete(path).status) == (True, 500)

    def test_as_a_job(self, snapvx, volumes):
        """Section 3.1: an asynchronous request is answered with a job, and has taken effect when that is over."""
        reply = snapvx.create_of_group("sg", "s", executionOption="ASYNCHRONOUS")
        assert reply.status == 202
        job = snapvx.client.get(f"/92/system/job/{reply.body['jobId']}").body
        assert (job["status"], len(known(snapvx))) == ("SUCCEEDED", 2)

    def test_a_refused_job(self, snapvx):
        """Section 3.3: what the array refuses becomes a failed job with its words."""
        snapvx.client.group("empty")
        reply = snapvx.create_of_group("empty", "s", executionOption="ASYNCHRONOUS")
        job = snapvx.client.get(f"/92/system/job/{reply.body['jobId']}").body
        assert (job["status"], "has no volumes" in job["result"]) == ("FAILED", True)


class TestSelection:
    def test_generations(self, snapvx, volumes):
        """Rule 46: generations of a group are numbered from the newest on."""
        for _ in range(3):
            snapped(snapvx)
        assert snapvx.generations("sg", "s").body == {"generations": [0, 1, 2]}
        oldest = snapvx.client.get(snapvx.generation_path("sg", "s", 2)).body
        assert (oldest["generation"], oldest["numSourceVolumes"]) == (2, 2)

    def test_snap_ids(self, snapvx, volumes):
        """Rule 47: snap ids of a group are listed from the newest on."""
        ids = [snapped(snapvx)["snapid"] for _ in range(3)]
        assert snapvx.snap_ids("sg", "s").body == {"snapids": ids[::-1]}
        assert snapvx.client.get(snapvx.snap_id_path("sg", "s", ids[0])).body["generation"] == 2

    def test_unknown_ones(self, snapvx, volumes):
        """Section 2.1: a name, a generation or an id that does not exist is 404; what is no number is 400."""
        snapped(snapvx)
        statuses = [
            snapvx.generations("sg", "other").status,
            snapvx.snap_ids("sg", "other").status,
            snapvx.client.get(snapvx.generation_path("sg", "s", 1)).status,
            snapvx.client.get(snapvx.snap_id_path("sg", "s", 5)).status,
            snapvx.client.get(snapvx.generation_path("sg", "s", "x")).status,
        ]
        assert statuses == [404, 404, 404, 404, 400]

    def test_snap_ids_need_the_code(self, make_client):
        """Rule 47: on code without snap ids their paths are refused, and a new snapshot is shown by generation."""
        snapvx = Snapvx(make_client(fixture="families", array="000197800123"))
        snapvx.client.group("sg", volumes=1)
        body = snapped(snapvx)
        assert "snapid" not in body
        assert snapvx.snap_ids("sg", "s").status == 500
        assert snapvx.client.delete(snapvx.snap_id_path("sg", "s", 1)).status == 500
        assert snapvx.client.delete(snapvx.generation_path("sg", "s", 0)).status == 204

    def test_snap_ids_need_the_version(self, make_client):
        """Section 9: version 91 has no paths with snap ids."""
        snapvx = Snapvx(make_client(version=91))
        snapvx.client.group("sg", volumes=1)
        snapped(snapvx)
        assert snapvx.snap_ids("sg", "s").status == 404
        assert snapvx.generations("sg", "s").status == 200


class TestTermination:
    def test_of_all_volumes(self, snapvx, volumes):
        """A snapshot of a group is terminated on all of its volumes; a second time there is none."""
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        assert [snapvx.client.delete(path).status for _ in range(2)] == [204, 404]
        assert known(snapvx) == []

    def test_from_the_highest_generation_down(self, snapvx, volumes):
        """Rule 46: clients that delete from the highest generation down delete what they mean."""
        for _ in range(3):
            snapped(snapvx)
        for generation in (2, 1, 0):
            assert snapvx.client.delete(snapvx.generation_path("sg", "s", generation)).status == 204
        assert known(snapvx) == []

    def test_a_group_that_grew(self, snapvx, volumes):
        """Rule 59: when the group has grown, its old snapshot is only terminated with force."""
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        snapvx.client.volume("sg")
        reply = snapvx.client.delete(path)
        assert (reply.status, NOT_FOUND in reply.message) == (500, True)
        assert len(known(snapvx)) == 2
        assert snapvx.client.delete(f"{path}?force=true").status == 204
        assert known(snapvx) == []

    def test_a_linked_one_stays(self, snapvx, volumes):
        """Rule 48: if one volume's snapshot is linked, the snapshot of the group stays as a whole."""
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        snapvx.link("s", volumes[1], snapvx.client.array.add_volume(547))
        assert snapvx.client.delete(path).status == 500
        assert len(known(snapvx)) == 2

    def test_ending_a_restore(self, snapvx, volumes):
        """Rule 57: with `restore=true` only the restore sessions of the group end (assumed)."""
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        snapvx.edit(path, "Restore")
        assert snapvx.client.delete(f"{path}?restore=true").status == 204
        assert (snapvx.client.array.links, len(known(snapvx))) == ({}, 2)

    def test_after_a_restore(self, snapvx, volumes):
        """A snapshot that was restored is terminated together with its restore sessions (seen with PyU4V)."""
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        snapvx.edit(path, "Restore")
        assert snapvx.client.delete(path).status == 204
        assert (snapvx.client.array.links, known(snapvx)) == ({}, [])


class TestBulkTermination:
    def prepare(self, snapvx):
        """Three snapshots `a` and two `b`, from the oldest to the newest; return their snap ids."""
        snapvx.client.group("sg", volumes=2)
        return [snapped(snapvx, name)["snapid"] for name in ("a", "b", "a", "b", "a")]

    def left(self, snapvx):
        return sorted({snap_id for _, _, snap_id in known(snapvx)})

    def test_all(self, newest):
        """Section 6.14: all snapshots of a group can be terminated at once."""
        self.prepare(newest)
        assert newest.delete_many("sg", terminate_all_snapshots=True).status == 204
        assert known(newest) == []

    def test_of_one_name(self, newest):
        """With a name, the others are left alone."""
        ids = self.prepare(newest)
        newest.delete_many("sg", snapshot_name="a", terminate_all_snapshots=True)
        assert self.left(newest) == [ids[1], ids[3]]

    def test_all_but_the_newest(self, newest):
        """`keep_count` keeps that many of the newest."""
        ids = self.prepare(newest)
        assert newest.delete_many("sg", snapshot_name="a", keep_count=1, terminate_all_snapshots=False).status == 204
        assert self.left(newest) == [ids[1], ids[3], ids[4]]

    def test_the_old_ones(self, newest):
        """`snapset_id_and_older` terminates that snapshot and those before it."""
        ids = self.prepare(newest)
        newest.delete_many("sg", snapset_id_and_older=ids[2])
        assert self.left(newest) == ids[3:]

    def test_a_choice_must_be_made(self, newest):
        """Without a choice, or with two, nothing is terminated."""
        ids = self.prepare(newest)
        assert newest.delete_many("sg", snapshot_name="a").status == 400
        assert newest.delete_many("sg", keep_count=1, snapset_id_and_older=ids[0]).status == 400
        assert newest.delete_many("sg", keep_count="many").status == 400
        assert newest.delete_many("sg", snapset_id_and_older="old").status == 400
        assert self.left(newest) == ids

    def test_all_or_none(self, newest):
        """Rule 48: if one of them is linked, none is terminated."""
        ids = self.prepare(newest)
        source = known(newest)[0][0]
        newest.link("a", source, newest.client.array.add_volume(547), generation=0)
        assert newest.delete_many("sg", terminate_all_snapshots=True).status == 500
        assert self.left(newest) == ids

    def test_partial_ones_need_force(self, newest):
        """Rule 59: when the group has grown, force is needed here too."""
        self.prepare(newest)
        newest.client.volume("sg")
        assert NOT_FOUND in newest.delete_many("sg", terminate_all_snapshots=True).message
        assert newest.delete_many("sg", terminate_all_snapshots=True, force=True).status == 204

    def test_nothing_to_terminate(self, newest):
        """A bulk termination that concerns no snapshot finds none."""
        newest.client.group("sg", volumes=1)
        reply = newest.delete_many("sg", terminate_all_snapshots=True)
        assert (reply.status, NOT_FOUND in reply.message) == (404, True)

    def test_what_is_gone_already(self, make_client):
        """A snapshot that is terminated and only still shown cannot be terminated again, nor changed."""
        behaviour = Behaviour(snapshot_removal_pace=AfterSeconds(30))
        snapvx = Snapvx(make_client(behaviour=behaviour))
        snapvx.client.group("sg", volumes=1)
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        assert snapvx.client.delete(path).status == 204
        assert snapvx.client.get(path).status == 200
        assert NOT_FOUND in snapvx.client.delete(path).message
        assert NOT_FOUND in snapvx.edit(path, "Restore").message

    def test_only_from_103_on(self, make_client):
        """Section 9: version 102 does not have the call."""
        snapvx = Snapvx(make_client(version=102, unisphere_version="V10.3.0.0"))
        self.prepare(snapvx)
        assert snapvx.delete_many("sg", terminate_all_snapshots=True).status == 404
        assert len(self.left(snapvx)) == 5


class TestShapes:
    def test_of_a_snap_id(self, snapvx, volumes):
        """Section 6.14: the form of snap ids is in snake case and tells pair by pair what is linked where."""
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        snapvx.edit(path, "Link", link={"storage_group_name": "copy"})
        body = snapvx.client.get(path).body
        assert (body["linked"], body["restored"], body["expired"], body["persistent"]) == (True, False, False, False)
        assert body["linked_storage_group_names"] == ["copy"]
        rows = {row["source_volume_name"]: row for row in body["linked_storage_group"]}
        assert set(rows) == set(volumes)
        assert rows[volumes[0]]["percentageCopied"] == 0
        assert [each["name"] for each in body["source_volume"]] == volumes
        assert body["source_volume"][0]["capacity_gb"] == 1.0

    def test_of_a_generation(self, snapvx, volumes):
        """Section 6.14: the form of generations is in camel case."""
        snapped(snapvx)
        path = snapvx.generation_path("sg", "s", 0)
        snapvx.edit(path, "Link", link={"linkStorageGroupName": "copy"})
        body = snapvx.client.get(path).body
        assert (body["isLinked"], body["isRestored"], body["isExpired"]) == (True, False, False)
        assert {row["name"] for row in body["linkedStorageGroup"]} == {"copy"}
        assert body["timeToLiveExpiryDate"] == "N/A"

    def test_expired_and_linked(self, snapvx, volumes):
        """Rule 49: an expired snapshot that is still linked says so in both forms."""
        snap_id = snapped(snapvx, timeToLive=1, timeInHours=True)["snapid"]
        path = snapvx.snap_id_path("sg", "s", snap_id)
        snapvx.edit(path, "Link", link={"storage_group_name": "copy"})
        snapvx.client.simulator.clock.advance(HOUR)
        assert snapvx.client.get(path).body["expired"] is True
        assert snapvx.client.get(snapvx.generation_path("sg", "s", 0)).body["isExpired"] is True

    def test_progress(self, make_client):
        """Rule 52: the copy of a group shows its percentage, and whether it is defined."""
        behaviour = Behaviour(define_pace=AfterSeconds(10), copy_pace=AfterSeconds(100))
        snapvx = Snapvx(make_client(behaviour=behaviour))
        snapvx.client.group("sg", volumes=1)
        path = snapvx.snap_id_path("sg", "s", snapped(snapvx)["snapid"])
        snapvx.edit(path, "Link", link={"storage_group_name": "copy", "copy": True})
        seen = []
        for _ in range(3):
            (row,) = snapvx.client.get(path).body["linked_storage_group"]
            seen.append((row["percentageCopied"], row["background_define_in_progress"]))
            snapvx.client.simulator.clock.advance(50)
        assert seen == [(0, True), (50, False), (100, False)]
