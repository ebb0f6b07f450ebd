"""SnapVX of storage groups with PyU4V, of two generations: by generation and by snap id."""

import pytest

from tests.judges.array_state import changes_between, state_of
from tests.judges.pyu4v import Refused, generations

pytestmark = pytest.mark.judge


class ByGeneration:
    """What PyU4V calls its methods that name a snapshot by generation."""

    linked = "isLinked"

    def __init__(self, client):
        self.replication = client.replication

    def newest(self, group, name):
        return self.replication.get_storage_group_snapshot_generation_list(group, name)[0]

    def details(self, group, name, number):
        return self.replication.get_snapshot_generation_details(group, name, number)

    def link(self, group, target, name, number):
        self.replication.link_gen_snapshot(group, name, target, gen_num=number)

    def unlink(self, group, target, name, number):
        self.replication.unlink_gen_snapshot(group, name, target, gen_num=number)

    def relink(self, group, target, name, number):
        self.replication.modify_storage_group_snapshot(group, target, name, relink=True, gen_num=number)

    def restore(self, group, name, number):
        return self.replication.restore_snapshot(group, name, gen_num=number)

    def rename(self, group, name, new_name, number):
        self.replication.rename_snapshot(group, name, new_name, gen_num=number)

    def delete(self, group, name, number):
        self.replication.delete_storage_group_snapshot(group, name, gen=number)


class BySnapId(ByGeneration):
    """What PyU4V calls its methods that name a snapshot by snap id."""

    linked = "linked"

    def newest(self, group, name):
        return self.replication.get_storage_group_snapshot_snap_id_list(group, name)[0]

    def details(self, group, name, number):
        return self.replication.get_snapshot_snap_id_details(group, name, number)

    def link(self, group, target, name, number):
        self.replication.link_snapshot_by_snap_id(group, target, name, number, _async=True)

    def unlink(self, group, target, name, number):
        self.replication.unlink_snapshot_by_snap_id(group, target, name, number)

    def relink(self, group, target, name, number):
        self.replication.modify_storage_group_snapshot_by_snap_id(group, target, name, number, relink=True)

    def restore(self, group, name, number):
        return self.replication.restore_snapshot_by_snap_id(group, name, number)

    def rename(self, group, name, new_name, number):
        self.replication.rename_snapshot_by_snap_id(group, name, new_name, number)

    def delete(self, group, name, number):
        self.replication.delete_storage_group_snapshot_by_snap_id(group, name, number)


@pytest.fixture(params=[ByGeneration, BySnapId])
def snapvx(request, client):
    """The methods of one way to name a snapshot."""
    return request.param(client)


@pytest.fixture
def sources(client):
    """Two volumes with data in a group `sg`."""
    return make_volumes(client, "sg", "first")


def make_volumes(client, group, data):
    """Create a group of two volumes that were written."""
    client.provisioning.create_storage_group("SRP_1", group, slo="Gold", workload="None", num_vols=2, vol_size=1)
    made = client.provisioning.get_volumes_from_storage_group(group)
    write(client, made, data)
    return made


def write(client, volumes, data):
    """Let hosts write volumes."""
    for volume_id in volumes:
        client.array.write(volume_id, f"{data} {volume_id[-1]}")


def read(client, volumes):
    """What hosts read from volumes, without the mark of the volume."""
    return {client.array.read(volume_id).split()[0] for volume_id in volumes}


def test_lists(client, sources):
    """A group lists its snapshots, their generations and their snap ids, and nothing when there are none."""
    replication = client.replication
    assert replication.get_storage_group_snapshot_list("sg") == []
    first = replication.create_storage_group_snapshot("sg", "a")
    second = replication.create_storage_group_snapshot("sg", "a", ttl=2, hours=True)
    replication.create_storage_group_snapshot("sg", "b", ttl=3)
    assert replication.get_storage_group_snapshot_list("sg") == ["a", "b"]
    assert replication.get_storage_group_snapshot_generation_list("sg", "a") == [0, 1]
    snap_ids = replication.get_storage_group_snapshot_snap_id_list("sg", "a")
    assert snap_ids == [second["snapid"], first["snapid"]]
    assert replication.get_snapshot_generation_details("sg", "a", 1)["timeToLiveExpiryDate"] == "N/A"
    assert replication.get_replication_enabled_storage_groups(has_snapshots=True) == ["sg"]
    assert replication.get_storage_group_replication_details("sg")["numSnapVXSnapshots"] == 2
    assert replication.is_volume_in_replication_session(sources[0]) == [False, True, None]


def test_link_and_unlink(client, sources, snapvx):
    """A linked group has the data of the snapshot; a linked snapshot cannot go, and an unlinked group keeps them."""
    client.replication.create_storage_group_snapshot("sg", "s")
    targets = make_volumes(client, "copy", "other")
    write(client, sources, "second")
    number = snapvx.newest("sg", "s")
    snapvx.link("sg", "copy", "s", number)
    assert snapvx.details("sg", "s", number)[snapvx.linked] is True
    assert read(client, targets) == {"first"}
    with pytest.raises(Refused, match="has a linked target"):
        snapvx.delete("sg", "s", number)
    write(client, targets, "changed")
    snapvx.relink("sg", "copy", "s", number)
    assert read(client, targets) == {"first"}
    snapvx.unlink("sg", "copy", "s", number)
    assert snapvx.details("sg", "s", number)[snapvx.linked] is False
    with pytest.raises(Refused, match="No link target was found"):
        snapvx.unlink("sg", "copy", "s", number)
    snapvx.delete("sg", "s", number)
    assert read(client, targets) == {"first"}


def test_link_makes_the_target(client, sources, snapvx):
    """A target group that is not there is made, with a volume for each source."""
    client.replication.create_storage_group_snapshot("sg", "s")
    number = snapvx.newest("sg", "s")
    snapvx.link("sg", "made", "s", number)
    made = client.provisioning.get_volumes_from_storage_group("made")
    assert (len(made), read(client, made)) == (2, {"first"})


def test_restore(client, sources, snapvx):
    """A restore brings the data back, and the snapshot can go afterwards without another step."""
    before = state_of(client.simulator)
    client.replication.create_storage_group_snapshot("sg", "s")
    write(client, sources, "second")
    number = snapvx.newest("sg", "s")
    snapvx.restore("sg", "s", number)
    assert snapvx.details("sg", "s", number)["state"] == ["Restored"]
    assert read(client, sources) == {"first"}
    snapvx.delete("sg", "s", number)
    assert changes_between(before, state_of(client.simulator)) == {}


def test_rename(client, sources, snapvx):
    """A renamed snapshot keeps its data and its id."""
    client.replication.create_storage_group_snapshot("sg", "old")
    (snap_id,) = {snapshot.snap_id for snapshot in client.array.snapshots}
    snapvx.rename("sg", "old", "new", snapvx.newest("sg", "old"))
    assert client.replication.get_storage_group_snapshot_list("sg") == ["new"]
    assert {snapshot.snap_id for snapshot in client.array.snapshots} == {snap_id}


def test_generations_move_up(client, sources):
    """When the newest generation goes, the older ones move up."""
    replication = client.replication
    snap_ids = [replication.create_storage_group_snapshot("sg", "s")["snapid"] for _ in range(3)]
    replication.delete_storage_group_snapshot("sg", "s", gen=0)
    assert replication.get_storage_group_snapshot_generation_list("sg", "s") == [0, 1]
    assert replication.get_storage_group_snapshot_snap_id_list("sg", "s") == [snap_ids[1], snap_ids[0]]


def test_secure_snapshot(client, sources):
    """A secure snapshot stays until its time is over."""
    client.replication.create_storage_group_snapshot("sg", "s", ttl=1, secure=True)
    with pytest.raises(Refused, match="is secure and has not expired"):
        client.replication.delete_storage_group_snapshot("sg", "s")
    assert client.replication.find_expired_snapvx_snapshots() == []


@generations("10")
def test_bulk_termination(client, sources):
    """All snapshots of a name go at once, or all but the newest."""
    snap_ids = [client.replication.create_storage_group_snapshot("sg", "s")["snapid"] for _ in range(3)]
    client.replication.bulk_terminate_snapshots("sg", "s", keep_count=1)
    assert client.replication.get_storage_group_snapshot_snap_id_list("sg", "s") == snap_ids[-1:]
    client.replication.bulk_terminate_snapshots("sg", "s", terminate_all_snapshots=True)
    assert client.replication.get_storage_group_snapshot_list("sg") == []


def test_policies(client, sources):
    """A snapshot policy is made, given to a group, suspended, changed, taken away and deleted."""
    policies, before = client.snapshot_policy, state_of(client.simulator)
    policies.create_snapshot_policy("policy", "1 Day", local_snapshot_policy_snapshot_count=5)
    policies.associate_to_storage_groups("policy", ["sg"])
    assert policies.get_snapshot_policy_storage_group_list("policy") == ["sg"]
    policies.suspend_snapshot_policy("policy")
    assert policies.get_snapshot_policy("policy")["suspended"] is True
    policies.resume_snapshot_policy("policy")
    policies.modify_snapshot_policy_properties("policy", offset_mins=10, new_snapshot_policy_name="renamed")
    assert policies.get_snapshot_policy("renamed")["offset_minutes"] == 10
    policies.disassociate_from_storage_groups("renamed", ["sg"])
    policies.delete_snapshot_policy("renamed")
    assert changes_between(before, state_of(client.simulator)) == {}
