"""Data tokens: writes, snapshots, links and restores carry them, and none is lost or mixed up."""

import pytest

from pmax.simulator import AfterSeconds, Behaviour
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules.content import NOTHING, UNDEFINED
from tests.unit.simulator.snapvx_steps import Snapvx


@pytest.fixture
def make_snapvx(make_client):
    def make(**behaviour):
        return Snapvx(make_client(behaviour=Behaviour(**behaviour)))

    return make


@pytest.fixture
def snapvx(make_snapvx):
    return make_snapvx()


@pytest.fixture
def slow(make_snapvx):
    """An array that takes 10 seconds to define and 100 to copy."""
    return make_snapvx(define_pace=AfterSeconds(10), copy_pace=AfterSeconds(100))


def prepare(snapvx):
    """Return a source that was written, snapped and written again, a target with data of its own, and the array."""
    source, target = snapvx.client.group("sg", volumes=2)
    array = snapvx.client.array
    array.write(source, "first")
    snapvx.create("s", source)
    array.write(source, "second")
    array.write(target, "old")
    return source, target, array


class TestWriting:
    def test_a_new_volume_is_empty(self, client):
        """A volume that was never written has nothing on it."""
        (volume,) = client.group("sg", volumes=1)
        assert client.array.read(volume) == NOTHING

    def test_each_write_is_new(self, client):
        """A write without a token makes one that no other write has, the same with the same seed."""
        (volume,) = client.group("sg", volumes=1)
        tokens = [client.array.write(volume) for _ in range(3)]
        assert len(set(tokens)) == 3
        assert client.array.read(volume) == tokens[-1]

    @pytest.mark.parametrize("token", [UNDEFINED])
    def test_reserved_tokens(self, client, token):
        """Nobody can write the marker for undefined data."""
        (volume,) = client.group("sg", volumes=1)
        with pytest.raises(ArrayRefused):
            client.array.write(volume, token)

    def test_an_unknown_volume(self, client):
        """To write to a volume that does not exist is an error of the test."""
        with pytest.raises(KeyError):
            client.array.write("FFFFF", "x")

    def test_freeing_leaves_nothing(self, client):
        """When the tracks of a volume are freed, its old data are gone."""
        (volume,) = client.group("sg", volumes=1)
        client.array.write(volume, "secret")
        client.put(f"volume/{volume}", {"editVolumeActionParam": {"freeVolumeParam": {"free_volume": True}}})
        assert client.array.read(volume) == NOTHING

    def test_a_reused_device_is_empty(self, client, build):
        """A device that is handed out again shows nothing of its former life."""
        (volume,) = client.group("sg", volumes=1)
        client.array.write(volume, "secret")
        client.edit("sg", "removeVolumeParam", {"volumeId": [volume]})
        client.put(f"volume/{volume}", {"editVolumeActionParam": {"freeVolumeParam": {"free_volume": True}}})
        name = {"modifyVolumeIdentifierParam": {"volumeIdentifier": {"volumeIdentifierChoice": "none"}}}
        client.put(f"volume/{volume}", {"editVolumeActionParam": name})
        client.edit("sg", "expandStorageGroupParam", {"addVolumeParam": build.volumes(reuse=True)})
        assert client.array.volumes[volume].storage_groups == ("sg",)
        assert client.array.read(volume) == NOTHING

    def test_a_written_device_is_not_reused(self, client, build):
        """A device whose data were not freed is not handed out again."""
        (volume,) = client.group("sg", volumes=1)
        client.array.write(volume, "secret")
        client.edit("sg", "removeVolumeParam", {"volumeId": [volume]})
        name = {"modifyVolumeIdentifierParam": {"volumeIdentifier": {"volumeIdentifierChoice": "none"}}}
        client.put(f"volume/{volume}", {"editVolumeActionParam": name})
        client.edit("sg", "expandStorageGroupParam", {"addVolumeParam": build.volumes(reuse=True)})
        assert client.array.volumes[volume].storage_groups == ()

    def test_expanding_keeps_data(self, client):
        """A volume that grows keeps its data."""
        (volume,) = client.group("sg", volumes=1)
        client.array.write(volume, "kept")
        edit = {"expandVolumeParam": {"volumeAttribute": {"volume_size": 2, "capacityUnit": "GB"}}}
        client.put(f"volume/{volume}", {"editVolumeActionParam": edit})
        assert client.array.read(volume) == "kept"


class TestSnapshots:
    def test_a_snapshot_freezes(self, snapvx):
        """A snapshot keeps the data of its moment, whatever is written to the source afterwards."""
        _, _, array = prepare(snapvx)
        assert [each.content for each in array.snapshots] == ["first"]

    @pytest.mark.parametrize("copy", [True, False])
    def test_a_target_shows_the_snapshot(self, snapvx, copy):
        """A linked target shows the snapshot once it is defined, with copy or without; its old data are gone."""
        source, target, array = prepare(snapvx)
        snapvx.link("s", source, target, copy=copy)
        assert (array.read(source), array.read(target)) == ("second", "first")

    def test_not_before_it_is_defined(self, slow):
        """Until a target is defined nobody may rely on what it shows."""
        source, target, array = prepare(slow)
        slow.link("s", source, target)
        assert array.read(target) == UNDEFINED
        slow.client.simulator.clock.advance(10)
        assert array.read(target) == "first"

    def test_what_a_host_writes_stays(self, slow):
        """What a host writes to a target before it is defined is not overwritten by the define or the copy."""
        source, target, array = prepare(slow)
        slow.link("s", source, target, copy=True)
        array.write(target, "mine")
        slow.client.simulator.clock.advance(200)
        assert array.read(target) == "mine"

    def test_writes_to_a_target_do_not_touch_the_snapshot(self, snapvx):
        """A write to a target changes neither the snapshot nor the source, and shows as modified."""
        source, target, array = prepare(snapvx)
        snapvx.link("s", source, target, copy=True)
        array.write(target, "mine")
        assert ([each.content for each in array.snapshots], array.read(source)) == (["first"], "second")
        assert snapvx.linked(source)[target]["modified"] is True

    def test_generations_differ(self, snapvx):
        """Each generation of a snapshot keeps its own data."""
        source, target, array = prepare(snapvx)
        snapvx.create("s", source)
        snapvx.link("s", source, target, generation=1)
        assert array.read(target) == "first"
        snapvx.unlink("s", source, target, generation=1)
        snapvx.link("s", source, target, generation=0)
        assert array.read(target) == "second"

    def test_a_relink_refreshes(self, snapvx):
        """Rule 51: a relink to the same snapshot throws away what was written to the target."""
        source, target, array = prepare(snapvx)
        snapvx.link("s", source, target)
        array.write(target, "mine")
        snapvx.change("Relink", "s", [(source, target)])
        assert array.read(target) == "first"

    def test_a_cascade(self, snapvx):
        """Rule 55: a snapshot of a target holds what the target showed."""
        source, target, array = prepare(snapvx)
        third = array.add_volume(547)
        snapvx.link("s", source, target)
        snapvx.create("t", target)
        array.write(target, "mine")
        snapvx.link("t", target, third)
        assert array.read(third) == "first"

    def test_a_refused_link_changes_no_data(self, snapvx):
        """Rule 82: a link that is refused leaves the target's data alone."""
        source, target, array = prepare(snapvx)
        assert snapvx.link("s", source, target, generation=7).status == 500
        assert array.read(target) == "old"


class TestUnlink:
    def test_what_was_copied_stays(self, slow):
        """Rule 53: after the unlink of a copied target its data stay."""
        source, target, array = prepare(slow)
        slow.link("s", source, target, copy=True)
        slow.client.simulator.clock.advance(100)
        slow.unlink("s", source, target)
        slow.terminate("s", source)
        assert array.read(target) == "first"

    def test_copied_and_written(self, snapvx):
        """Rule 53: what a host wrote to a copied target stays too."""
        source, target, array = prepare(snapvx)
        snapvx.link("s", source, target, copy=True)
        array.write(target, "mine")
        snapvx.unlink("s", source, target)
        assert array.read(target) == "mine"

    def test_what_was_half_copied_is_undefined(self, slow):
        """Rule 53: a target that was unlinked in the middle of its copy holds nothing to rely on."""
        source, target, array = prepare(slow)
        slow.link("s", source, target, copy=True)
        slow.client.simulator.clock.advance(99)
        slow.unlink("s", source, target, symforce=True)
        slow.client.simulator.clock.advance(100)
        assert array.read(target) == UNDEFINED

    def test_what_was_defined_is_kept(self, snapvx):
        """Rule 53: a target without copy keeps the data of its snapshot after the unlink if it was defined."""
        source, target, array = prepare(snapvx)
        snapvx.link("s", source, target)
        snapvx.unlink("s", source, target)
        assert array.read(target) == "first"

    def test_a_user_can_choose_to_keep_only_what_was_copied(self, make_snapvx):
        """Rule 53: the data of a target without copy are not guaranteed, and a user can choose that they are lost."""
        snapvx = make_snapvx(are_defined_targets_kept=False)
        source, target, array = prepare(snapvx)
        snapvx.link("s", source, target)
        snapvx.unlink("s", source, target)
        assert array.read(target) == UNDEFINED

    def test_what_is_not_defined_is_never_kept(self, make_snapvx):
        """Rule 53: a target that was not defined holds nothing to rely on, whatever the user chose."""
        snapvx = make_snapvx(define_pace=AfterSeconds(10))
        source, target, array = prepare(snapvx)
        snapvx.link("s", source, target)
        snapvx.unlink("s", source, target, symforce=True)
        assert array.read(target) == UNDEFINED

    def test_switching_to_copy_saves_the_data(self, slow):
        """A link without copy that is switched to copy keeps its data once it is copied."""
        source, target, array = prepare(slow)
        slow.link("s", source, target)
        slow.change("SetMode", "s", [(source, target)], copy=True)
        slow.client.simulator.clock.advance(100)
        slow.unlink("s", source, target)
        assert array.read(target) == "first"

    def test_of_an_empty_snapshot(self, snapvx):
        """A snapshot of a volume that was never written leaves an empty target, copied or not."""
        source, target = snapvx.client.group("sg", volumes=2)
        snapvx.create("s", source)
        snapvx.link("s", source, target)
        snapvx.unlink("s", source, target)
        assert snapvx.client.array.read(target) == NOTHING


class TestRestore:
    def test_the_source_gets_the_data_back(self, slow):
        """Rule 56: a restored source shows the data of the snapshot at once, while the copy runs."""
        source, _, array = prepare(slow)
        slow.restore("s", source)
        assert array.read(source) == "first"

    def test_what_is_written_meanwhile_stays(self, slow):
        """Rule 57: neither the end of the copy nor that of the session undoes what a host wrote after the restore."""
        source, _, array = prepare(slow)
        slow.restore("s", source)
        array.write(source, "third")
        slow.client.simulator.clock.advance(100)
        slow.terminate("s", source, restore=True)
        assert array.read(source) == "third"

    def test_the_snapshot_can_be_restored_again(self, snapvx):
        """Rule 57: the snapshot still holds its data after a restore."""
        source, _, array = prepare(snapvx)
        snapvx.restore("s", source)
        snapvx.terminate("s", source, restore=True)
        array.write(source, "third")
        snapvx.restore("s", source)
        assert array.read(source) == "first"

    def test_other_snapshots_are_not_touched(self, snapvx):
        """A restore changes no other snapshot of the source."""
        source, _, array = prepare(snapvx)
        snapvx.create("later", source)
        snapvx.restore("s", source)
        assert {each.name: each.content for each in array.snapshots} == {"s": "first", "later": "second"}


class TestCapacity:
    def test_copies_take_space(self, slow):
        """A target allocates what the snapshot holds when it is copied, and nothing without copy."""
        source, target, array = prepare(slow)
        slow.link("s", source, target, copy=True)
        assert array.volumes[target].allocated_percent == 0
        slow.client.simulator.clock.advance(100)
        assert array.volumes[target].allocated_percent == 100
