"""Snapshots of single volumes: the rules of section 8.3 by their number, as the private API shows them."""

import pytest

from pmax.simulator import AfterReads, AfterSeconds, Behaviour
from tests.unit.simulator.snapvx_steps import ALREADY, NOT_FOUND, TOO_MANY, Snapvx, known

OLD_CODE = "000197800123"


@pytest.fixture
def snapvx(client):
    return Snapvx(client)


@pytest.fixture
def volumes(client):
    """Four volumes of one size in a group."""
    return client.group("sg", volumes=4)


@pytest.fixture
def make_snapvx(make_client):
    def make(**choices):
        behaviour = Behaviour(**choices.pop("behaviour", {}))
        return Snapvx(make_client(behaviour=behaviour, **choices))

    return make


def generations(snapvx, volume):
    return {each["snap_id"]: each["generation"] for each in snapvx.sources(volume)}


class TestGenerations:
    def test_the_newest_is_generation_0(self, snapvx, volumes):
        """Rule 46: the newest snapshot of a name is generation 0, and the others move up by one."""
        for _ in range(3):
            assert snapvx.create("s", volumes[0]).status == 201
        ids = sorted(generations(snapvx, volumes[0]), reverse=True)
        assert [generations(snapvx, volumes[0])[each] for each in ids] == [0, 1, 2]

    def test_older_ones_close_up(self, snapvx, volumes):
        """Rule 46: deleting a generation renumbers all greater ones."""
        for _ in range(3):
            snapvx.create("s", volumes[0])
        oldest, _, newest = sorted(generations(snapvx, volumes[0]))
        assert snapvx.terminate("s", volumes[0], generation=1).status == 204
        assert generations(snapvx, volumes[0]) == {newest: 0, oldest: 1}

    def test_names_have_generations_of_their_own(self, snapvx, volumes):
        """Rule 46: generations are counted by name and by volume."""
        snapvx.create("a", volumes[0])
        snapvx.create("b", volumes[0])
        snapvx.create("a", volumes[1])
        assert [each["generation"] for each in snapvx.sources(volumes[0])] == [0, 0]

    def test_an_unknown_generation_is_refused(self, snapvx, volumes):
        """Rule 46: a generation that does not exist cannot be terminated."""
        snapvx.create("s", volumes[0])
        reply = snapvx.terminate("s", volumes[0], generation=1)
        assert (reply.status, NOT_FOUND in reply.message) == (500, True)
        assert len(known(snapvx)) == 1


class TestSnapIds:
    def test_ids_never_change_and_grow(self, snapvx, volumes):
        """Rule 47: snap ids are unique on the array, grow by one and stay while generations move."""
        for name in ("a", "b", "a"):
            snapvx.create(name, volumes[0])
        first, second, third = sorted(generations(snapvx, volumes[0]))
        assert (second, third) == (first + 1, first + 2)
        assert generations(snapvx, volumes[0])[first] == 1

    def test_a_refused_snapshot_uses_up_no_id(self, snapvx, volumes):
        """Rule 82: a request that is refused leaves nothing behind, not even a used number."""
        snapvx.create("a", volumes[0])
        assert snapvx.create("b", volumes[0], "FFFFF").status == 500
        snapvx.create("c", volumes[0])
        first, second = sorted(generations(snapvx, volumes[0]))
        assert second == first + 1

    def test_volumes_of_one_call_share_an_id(self, snapvx, volumes):
        """Section 6.14: volumes that are snapped together share the snap id."""
        snapvx.create("s", *volumes)
        assert len({snap_id for _, _, snap_id in known(snapvx)}) == 1
        assert len(known(snapvx)) == 4

    def test_old_code_has_none(self, make_snapvx):
        """Rule 47: below code 5978.660 an answer has no snap id, and a request with one is refused."""
        snapvx = make_snapvx(fixture="families", array=OLD_CODE)
        (volume,) = snapvx.client.group("sg", level="Diamond", volumes=1)
        snapvx.create("s", volume)
        assert "snap_id" not in snapvx.sources(volume)[0]
        (_, _, snap_id) = known(snapvx)[0]
        assert snapvx.terminate("s", volume, snap_id=snap_id).status == 500
        assert snapvx.terminate("s", volume, generation=0).status == 204

    def test_old_versions_show_none(self, make_client):
        """Section 9: version 90 knows generations only, whatever the code level."""
        snapvx = Snapvx(make_client(version=90))
        volume = snapvx.client.array.add_volume(547)
        snapvx.create("s", volume)
        assert "snap_id" not in snapvx.look(volume).body["snapshotSrc"][0]
        assert snapvx.terminate("s", volume, snap_id=known(snapvx)[0][2]).status == 400

    def test_an_id_wins_over_a_generation(self, snapvx, volumes):
        """Section 6.13: of two selectors in one body the snap id counts."""
        snapvx.create("s", volumes[0])
        snapvx.create("s", volumes[0])
        oldest = min(generations(snapvx, volumes[0]))
        assert snapvx.terminate("s", volumes[0], generation=0, snap_id=oldest).status == 204
        assert oldest not in generations(snapvx, volumes[0])


class TestTermination:
    def test_a_linked_snapshot_stays(self, snapvx, volumes):
        """Rule 48: a snapshot with a linked target cannot be terminated before it is unlinked."""
        snapvx.create("s", volumes[0])
        snapvx.link("s", volumes[0], volumes[1])
        reply = snapvx.terminate("s", volumes[0])
        assert (reply.status, "linked target" in reply.message) == (500, True)
        assert len(known(snapvx)) == 1
        snapvx.unlink("s", volumes[0], volumes[1])
        assert snapvx.terminate("s", volumes[0]).status == 204
        assert known(snapvx) == []

    def test_terminating_twice_finds_nothing(self, snapvx, volumes):
        """Rule 86: the second termination of a snapshot is answered with 404."""
        snapvx.create("s", volumes[0])
        assert [snapvx.terminate("s", volumes[0]).status for _ in range(2)] == [204, 404]

    def test_all_or_none(self, snapvx, volumes):
        """Rule 82: if one of several volumes does not have the snapshot, none loses it."""
        snapvx.create("s", volumes[0])
        reply = snapvx.terminate("s", volumes[0], volumes[1])
        assert (reply.status, NOT_FOUND in reply.message) == (500, True)
        assert len(known(snapvx)) == 1

    def test_a_terminated_snapshot_may_be_shown_for_a_while(self, make_snapvx):
        """A snapshot that takes time to go is still shown, counts as a session, and can be used for nothing."""
        snapvx = make_snapvx(behaviour={"snapshot_removal_pace": AfterSeconds(30)})
        source, target = snapvx.client.group("sg", volumes=2)
        snapvx.create("s", source)
        assert snapvx.terminate("s", source).status == 204
        assert [each["snapshotName"] for each in snapvx.sources(source)] == ["s"]
        assert NOT_FOUND in snapvx.link("s", source, target).message
        snapvx.client.simulator.clock.advance(31)
        assert snapvx.sources(source) == []

    def test_a_terminated_snapshot_may_go_by_reads(self, make_snapvx):
        """With a pace in reads, a terminated snapshot is shown that many times more."""
        snapvx = make_snapvx(behaviour={"snapshot_removal_pace": AfterReads(2)})
        (source,) = snapvx.client.group("sg", volumes=1)
        snapvx.create("s", source)
        snapvx.terminate("s", source)
        assert [len(snapvx.sources(source)) for _ in range(3)] == [1, 1, 0]


class TestRestore:
    def test_a_copy_must_be_finished_first(self, make_snapvx):
        """Rule 56: a restore is refused while a copy from the source is under way."""
        snapvx = make_snapvx(behaviour={"copy_pace": AfterSeconds(60)})
        source, target = snapvx.client.group("sg", volumes=2)
        snapvx.create("s", source)
        snapvx.link("s", source, target, copy=True)
        reply = snapvx.restore("s", source)
        assert "Link must be fully copied for this operation to proceed" in reply.message
        snapvx.client.simulator.clock.advance(60)
        assert snapvx.restore("s", source).status == 200

    def test_a_session_is_a_link_to_itself(self, snapvx, volumes):
        """Rule 56: a restore shows as a link of the device to itself in state Restored."""
        snapvx.create("s", volumes[0])
        assert snapvx.restore("s", volumes[0]).status == 200
        (found,) = snapvx.sources(volumes[0])
        (session,) = found["linkedDevices"]
        assert (session["targetDevice"], session["state"], session["restored"]) == (volumes[0], "Restored", True)
        assert (found["state"], found["isRestored"]) == ("Restored", True)

    def test_it_takes_its_time(self, make_snapvx):
        """Rule 56: until the copy is done the session is in progress, and cannot be ended without symforce."""
        snapvx = make_snapvx(behaviour={"copy_pace": AfterSeconds(60)})
        (source,) = snapvx.client.group("sg", volumes=1)
        snapvx.create("s", source)
        snapvx.restore("s", source)
        assert snapvx.linked(source)[source]["state"] == "RestInProg"
        assert snapvx.terminate("s", source, restore=True).status == 500
        snapvx.client.simulator.clock.advance(60)
        assert snapvx.linked(source)[source]["state"] == "Restored"
        assert snapvx.terminate("s", source, restore=True).status == 204

    def test_an_unfinished_one_can_be_ended_by_force(self, make_snapvx):
        """Rule 56: symforce ends a restore session that is still copying."""
        snapvx = make_snapvx(behaviour={"copy_pace": AfterSeconds(60)})
        (source,) = snapvx.client.group("sg", volumes=1)
        snapvx.create("s", source)
        snapvx.restore("s", source)
        assert snapvx.terminate("s", source, restore=True, symforce=True).status == 204
        snapvx.client.simulator.clock.advance(61)
        assert snapvx.client.array.links == {}

    def test_one_session_at_a_time(self, snapvx, volumes):
        """Rule 56: the session must be ended before the next restore, and before the snapshot is terminated."""
        snapvx.create("a", volumes[0])
        snapvx.create("b", volumes[0])
        snapvx.restore("a", volumes[0])
        assert ALREADY in snapvx.restore("a", volumes[0]).message
        assert snapvx.restore("b", volumes[0]).status == 500
        assert snapvx.terminate("a", volumes[0]).status == 500
        assert snapvx.terminate("a", volumes[0], restore=True).status == 204
        assert snapvx.restore("b", volumes[0]).status == 200

    def test_the_snapshot_stays(self, snapvx, volumes):
        """Rule 57: ending the restore session keeps the snapshot."""
        snapvx.create("s", volumes[0])
        snapvx.restore("s", volumes[0])
        snapvx.terminate("s", volumes[0], restore=True)
        (found,) = snapvx.sources(volumes[0])
        assert (found["state"], found["linkedDevices"]) == ("Established", [])
        assert snapvx.terminate("s", volumes[0]).status == 204

    def test_without_a_session_there_is_none_to_end(self, snapvx, volumes):
        """Rule 57: ending a restore session that does not exist is refused, and the snapshot stays."""
        snapvx.create("s", volumes[0])
        assert ALREADY in snapvx.terminate("s", volumes[0], restore=True).message
        assert len(known(snapvx)) == 1

    def test_the_oldest_client_names_only_the_source(self, make_client):
        """Section 6.13: a restore of version 90 sends no target list and no generation."""
        snapvx = Snapvx(make_client(version=90))
        volume = snapvx.client.array.add_volume(547)
        snapvx.create("s", volume)
        body = {"deviceNameListSource": [{"name": volume}], "action": "Restore", "star": "false", "force": "false"}
        assert snapvx.client.put(f"{snapvx.private}/snapshot/s", body).status == 200
        assert volume in snapvx.client.array.links

    def test_not_to_another_volume(self, snapvx, volumes):
        """A restore writes to the source only."""
        snapvx.create("s", volumes[0])
        assert snapvx.change("Restore", "s", [(volumes[0], volumes[1])]).status == 500

    def test_not_onto_a_linked_target(self, snapvx, volumes):
        """A volume that is a linked target cannot be restored to (assumed)."""
        snapvx.create("outer", volumes[1])
        snapvx.create("s", volumes[0])
        snapvx.link("s", volumes[0], volumes[1])
        assert snapvx.restore("outer", volumes[1]).status == 500


class TestRename:
    def test_it_keeps_the_id(self, snapvx, volumes):
        """Rule 58: renaming keeps the snap id and concerns generation 0 unless another is named."""
        snapvx.create("old", volumes[0])
        snapvx.create("old", volumes[0])
        oldest, newest = sorted(generations(snapvx, volumes[0]))
        assert snapvx.change("Rename", "old", [(volumes[0], volumes[0])], newsnapshotname="new").status == 200
        assert sorted(known(snapvx)) == [(volumes[0], "new", newest), (volumes[0], "old", oldest)]

    def test_one_generation_can_be_named(self, snapvx, volumes):
        """Rule 58: the generation that is named is the one that is renamed."""
        snapvx.create("old", volumes[0])
        snapvx.create("old", volumes[0])
        oldest = min(generations(snapvx, volumes[0]))
        snapvx.change("Rename", "old", [(volumes[0], volumes[0])], newsnapshotname="new", snap_id=oldest)
        assert (volumes[0], "new", oldest) in known(snapvx)

    @pytest.mark.parametrize("name", ["x" * 33, "a:b", "a b", ""])
    def test_names_are_limited(self, snapvx, volumes, name):
        """Rule 58: a name has 32 characters at most, and no colon."""
        snapvx.create("old", volumes[0])
        reply = snapvx.change("Rename", "old", [(volumes[0], volumes[0])], newsnapshotname=name)
        assert reply.status == 400
        assert [name for _, name, _ in known(snapvx)] == ["old"]

    def test_a_name_with_32_characters_is_fine(self, snapvx, volumes):
        """Section 5: the longest name of a snapshot has 32 characters."""
        assert snapvx.create("x" * 32, volumes[0]).status == 201
        assert snapvx.create("x" * 33, volumes[0]).status == 400

    def test_a_taken_name_is_refused(self, snapvx, volumes):
        """A snapshot cannot be renamed to a name that its volume has (assumed)."""
        snapvx.create("a", volumes[0])
        snapvx.create("b", volumes[0])
        assert snapvx.change("Rename", "a", [(volumes[0], volumes[0])], newsnapshotname="b").status == 500


class TestLimits:
    def test_snapshots_of_a_source(self, make_snapvx):
        """Rule 63: a source has a limited number of snapshots, links not counted."""
        snapvx = make_snapvx(behaviour={"max_snapshots": 3})
        source, other = snapvx.client.group("sg", volumes=2)
        assert [snapvx.create("s", source).status for _ in range(4)] == [201, 201, 201, 500]
        assert TOO_MANY in snapvx.create("t", source).message
        assert TOO_MANY in snapvx.create("t", other, source).message
        assert [volume for volume, _, _ in known(snapvx)] == [source] * 3

    def test_links_of_a_source(self, make_snapvx):
        """Rule 63: a source has a limited number of links, over all of its snapshots."""
        snapvx = make_snapvx(behaviour={"max_links": 2})
        source, *targets = snapvx.client.group("sg", volumes=4)
        snapvx.create("a", source)
        snapvx.create("b", source)
        assert snapvx.link("a", source, targets[0]).status == 200
        assert snapvx.link("b", source, targets[1]).status == 200
        assert TOO_MANY in snapvx.link("b", source, targets[2]).message

    def test_defaults(self):
        """Section 5: the product's limits are 256 snapshots and 1024 links of a source."""
        assert (Behaviour().max_snapshots, Behaviour().max_links) == (256, 1024)

    def test_256_snapshots(self, snapvx, volumes):
        """Rule 63: the 257th snapshot of a volume is refused."""
        statuses = {snapvx.create("s", volumes[0]).status for _ in range(256)}
        assert statuses == {201}
        assert TOO_MANY in snapvx.create("s", volumes[0]).message


class TestLicence:
    def test_without_it_nothing_can_be_snapped(self, snapvx, volumes):
        """Rule 65: an array that is not capable refuses snapshots, links and restores."""
        snapvx.create("s", volumes[0])
        snapvx.client.array.update(is_snapvx_capable=False)
        refused = [
            snapvx.create("t", volumes[0]),
            snapvx.link("s", volumes[0], volumes[1]),
            snapvx.restore("s", volumes[0]),
            snapvx.create_of_group("sg", "t"),
        ]
        assert [reply.status for reply in refused] == [500] * 4
        assert all("The feature is not licensed" in reply.message for reply in refused)

    def test_what_is_there_can_be_cleaned_up(self, snapvx, volumes):
        """Rule 65: unlinking and terminating need no licence (assumed)."""
        snapvx.create("s", volumes[0])
        snapvx.link("s", volumes[0], volumes[1])
        snapvx.client.array.update(is_snapvx_capable=False)
        assert snapvx.unlink("s", volumes[0], volumes[1]).status == 200
        assert snapvx.terminate("s", volumes[0]).status == 204


class TestVolumes:
    def test_flags(self, snapvx, volumes):
        """Rule 62: a volume is a source while it has a snapshot, and a target while it is linked, also without copy."""
        snapvx.create("s", volumes[0])
        snapvx.link("s", volumes[0], volumes[1])

        def flags(volume):
            body = snapvx.client.get(f"volume/{volume}").body
            return body["snapvx_source"], body["snapvx_target"]

        assert [flags(volume) for volume in volumes[:3]] == [(True, False), (False, True), (False, False)]
        snapvx.unlink("s", volumes[0], volumes[1])
        snapvx.terminate("s", volumes[0])
        assert [flags(volume) for volume in volumes[:2]] == [(False, False), (False, False)]

    def test_a_cascade(self, snapvx, volumes):
        """Rule 55: a linked target can be snapped and linked on; it is source and target at once."""
        snapvx.create("a", volumes[0])
        snapvx.link("a", volumes[0], volumes[1])
        snapvx.create("b", volumes[1])
        assert snapvx.link("b", volumes[1], volumes[2]).status == 200
        body = snapvx.client.get(f"volume/{volumes[1]}").body
        assert (body["snapvx_source"], body["snapvx_target"]) == (True, True)

    def test_deletion_is_refused_in_a_session(self, snapvx, volumes):
        """Rule 21: a volume that is a source or a linked target cannot be deleted."""
        source, target = (snapvx.client.array.add_volume(547) for _ in range(2))
        snapvx.create("s", source)
        snapvx.link("s", source, target)
        assert [snapvx.client.delete(f"volume/{each}").status for each in (source, target)] == [500, 500]
        snapvx.unlink("s", source, target)
        assert snapvx.client.delete(f"volume/{target}").status == 204
        snapvx.terminate("s", source)
        assert snapvx.client.delete(f"volume/{source}").status == 204

    def test_freeing_is_refused_in_a_session(self, snapvx, volumes):
        """Rule 23: the tracks of a volume in a session cannot be freed."""
        edit = {"editVolumeActionParam": {"freeVolumeParam": {"free_volume": True}}}
        snapvx.create("s", volumes[0])
        snapvx.client.array.write(volumes[0], "precious")
        assert snapvx.client.put(f"volume/{volumes[0]}", edit).status == 500
        assert snapvx.client.array.read(volumes[0]) == "precious"
        snapvx.terminate("s", volumes[0])
        assert snapvx.client.put(f"volume/{volumes[0]}", edit).status == 200

    @pytest.mark.parametrize(("microcode", "status"), [("5977.1131.1131", 500), ("5978.221.221", 200)])
    def test_expanding_a_source(self, snapvx, volumes, microcode, status):
        """Rule 25: a snapshot source can be expanded from code 5978 on; its snapshots keep their size."""
        snapvx.client.array.update(microcode=microcode)
        snapvx.create("s", volumes[0])
        assert expand(snapvx, volumes[0]).status == status
        (snapshot,) = snapvx.client.array.snapshots
        assert snapshot.cylinders == 547

    def test_restoring_after_the_source_grew(self, snapvx, volumes):
        """Rule 25: a snapshot of the old size can still be restored, and the volume keeps its new size."""
        snapvx.create("s", volumes[0])
        expand(snapvx, volumes[0])
        assert snapvx.restore("s", volumes[0]).status == 200
        assert snapvx.client.array.volumes[volumes[0]].cylinders == 1093

    def test_expanding_a_target(self, snapvx, volumes):
        """Rule 26: a target cannot be expanded while it is linked."""
        snapvx.create("s", volumes[0])
        snapvx.link("s", volumes[0], volumes[1])
        assert expand(snapvx, volumes[1]).status == 500
        snapvx.unlink("s", volumes[0], volumes[1])
        assert expand(snapvx, volumes[1]).status == 200

    def test_expanding_during_a_restore(self, snapvx, volumes):
        """Rule 26: a volume cannot be expanded while it has a restore session (assumed)."""
        snapvx.create("s", volumes[0])
        snapvx.restore("s", volumes[0])
        assert expand(snapvx, volumes[0]).status == 500
        snapvx.terminate("s", volumes[0], restore=True)
        assert expand(snapvx, volumes[0]).status == 200

    def test_leaving_a_group_keeps_snapshots(self, make_client):
        """Rule 64: a volume that leaves its group keeps its snapshots, unless they shall be terminated with it."""
        snapvx = Snapvx(make_client(version=102, unisphere_version="V10.2.0.0"))
        first, second, _ = snapvx.client.group("sg", volumes=3)
        snapvx.create("s", first, second)
        snapvx.client.edit("sg", "removeVolumeParam", {"volumeId": [first]})
        assert {volume for volume, _, _ in known(snapvx)} == {first, second}
        snapvx.client.edit("sg", "removeVolumeParam", {"volumeId": [second], "terminate_snapshots": True})
        assert {volume for volume, _, _ in known(snapvx)} == {first}

    def test_terminating_on_leaving_can_fail(self, make_client):
        """Rule 64: a linked snapshot cannot be terminated, so its volume does not leave either."""
        snapvx = Snapvx(make_client(version=102, unisphere_version="V10.2.0.0"))
        first, second = snapvx.client.group("sg", volumes=2)
        snapvx.create("s", first)
        snapvx.link("s", first, second)
        reply = snapvx.client.edit("sg", "removeVolumeParam", {"volumeId": [first], "terminate_snapshots": True})
        assert reply.status == 500
        assert snapvx.client.array.volumes[first].storage_groups == ("sg",)


def expand(snapvx, volume):
    param = {"volumeAttribute": {"volume_size": 2, "capacityUnit": "GB"}}
    return snapvx.client.put(f"volume/{volume}", {"editVolumeActionParam": {"expandVolumeParam": param}})
