"""Provisioning with PyU4V, of three generations: groups, volumes, limits, lists with filters and iterators."""

import pytest

from pmax.simulator import Behaviour
from tests.judges.array_state import changes_between, state_of
from tests.judges.calls import counting
from tests.judges.pyu4v import EVERY, UNISPHERES, Refused, generations

pytestmark = pytest.mark.judge
GENERATIONS = EVERY


def make_group(client, name="sg1", volumes=3, level="Gold", size=1, identifier="v"):
    """Create a storage group with volumes; return their ids."""
    client.provisioning.create_storage_group(
        "SRP_1", name, slo=level, workload="None", num_vols=volumes, vol_size=size, cap_unit="GB", vol_name=identifier
    )
    return client.provisioning.get_volumes_from_storage_group(name)


def delete_everything(client):
    """Delete all storage groups, and their volumes."""
    groups = client.array.storage_groups
    volumes = [row.volume_id for row in client.array.volumes.values() if row.storage_groups]
    for name, group in groups.items():
        for parent in group.parents:
            client.provisioning.remove_child_storage_group_from_parent_group(name, parent)
    for name in groups:
        client.provisioning.delete_storage_group(name)
    for volume_id in volumes:
        client.provisioning.delete_volume(volume_id)


@generations("10")
def test_newest_refuses_an_old_unisphere(connect):
    """PyU4V 10.4 ends at once in front of a Unisphere below its own version, and says which it wants."""
    with pytest.raises(Refused, match=r"V10\.3\.0\.0 does not meet the minimum requirement of v10\.4"):
        connect(unisphere_version="V10.3.0.0")


@generations("10", "9.2")
def test_array(client):
    """The arrays, their pools and their service levels."""
    version = UNISPHERES[client.generation]
    assert client.common.get_uni_version() == [version, "".join(version[1:].split(".")[:2])]
    assert client.common.get_array_list() == ["000197900998", "000197900999"]
    assert client.provisioning.get_array()["model"] == "PowerMax_2000"
    assert client.provisioning.get_srp("SRP_1")["srp_capacity"]["usable_total_tb"] == 26.0
    levels = ["Diamond", "Platinum", "Gold", "Silver", "Bronze", "Optimized", "None"]
    assert client.provisioning.get_service_level_list() == levels
    assert client.provisioning.is_compression_capable()


def test_groups(client):
    """Groups are made with and without volumes, in the request and as jobs, and put into each other."""
    before = state_of(client.simulator)
    provisioning = client.provisioning
    assert len(make_group(client)) == 3
    provisioning.create_empty_storage_group("None", "parent", None, None)
    provisioning.create_empty_storage_group("SRP_1", "sg2", "Silver", None, disable_compression=True, _async=True)
    for name in ("sg1", "sg2"):
        provisioning.add_child_storage_group_to_parent_group(name, "parent")
    groups = client.array.storage_groups
    assert (groups["sg1"].service_level, groups["sg1"].is_compressed) == ("Gold", True)
    assert (groups["sg2"].service_level, groups["sg2"].is_compressed) == ("Silver", False)
    assert (groups["parent"].srp, groups["parent"].service_level) == (None, None)
    assert provisioning.get_child_storage_groups_from_parent("parent") == ["sg1", "sg2"]
    assert provisioning.get_num_vols_in_storage_group("parent") == 3
    change = {"editStorageGroupActionParam": {"editStorageGroupSLOParam": {"sloId": "Bronze"}}}
    assert provisioning.modify_storage_group("sg1", change)["slo"] == "Bronze"
    delete_everything(client)
    assert changes_between(before, state_of(client.simulator)) == {}


def test_volumes(client):
    """Volumes are created, found, renamed, extended, moved and deleted."""
    before = state_of(client.simulator)
    provisioning = client.provisioning
    first, *_ = make_group(client)
    named = provisioning.create_volume_from_storage_group_return_id("named", "sg1", "2", "GB")
    assert client.array.volumes[named].cylinders == 1093
    provisioning.add_new_volume_to_storage_group("sg1", 2, "1", "GB", _async=True, vol_name="more")
    assert provisioning.find_volume_device_id("named") == named
    assert len(provisioning.find_volume_device_id("more")) == 2
    provisioning.rename_volume(named, "renamed")
    assert provisioning.find_volume_identifier(named) == "renamed"
    provisioning.extend_volume(named, "5", _async=True)
    assert provisioning.get_size_of_device_on_array(named) == 5.0
    with pytest.raises(Refused) as caught:
        provisioning.extend_volume(named, "1")
    assert caught.value.kind == "VolumeBackendAPIException"
    make_group(client, "sg2", 0)
    provisioning.move_volumes_between_storage_groups([first, named], "sg1", "sg2")
    provisioning.move_volumes_between_storage_groups([first], "sg2", "sg1", force=True, _async=True)
    provisioning.remove_volume_from_storage_group("sg1", first)
    assert client.array.volumes[first].storage_groups == ()
    provisioning.add_existing_volume_to_storage_group("sg1", [first], _async=True)
    assert client.array.volumes[first].storage_groups == ("sg1",)
    assert provisioning.get_storage_group_from_volume(named) == ["sg2"]
    delete_everything(client)
    assert changes_between(before, state_of(client.simulator)) == {}


@generations("10")
def test_a_volume_in_a_group_is_not_deleted(client):
    """The array refuses to delete a volume in a group; PyU4V tries three times and then raises."""
    first, *_ = make_group(client)
    with counting(client.simulator) as calls, pytest.raises(Refused, match="is a member of a storage group"):
        client.provisioning.delete_volume(first)
    assert calls.refused == [f"DELETE volume/{first} 500"] * 3


def test_missing_volume(client):
    """What is not there raises PyU4V's own exception for that."""
    with pytest.raises(Refused) as caught:
        client.provisioning.get_volume("0FFFF")
    assert caught.value.kind == "ResourceNotFoundException"


def test_limits(client):
    """Host I/O limits are set and taken away again."""
    make_group(client)
    client.provisioning.set_host_io_limit_iops_or_mbps("sg1", 4000, "OnFailure", mbps=400)
    limit = client.array.storage_groups["sg1"].host_io_limit
    assert (limit.io_per_second, limit.mb_per_second, limit.dynamic_distribution) == (4000, 400, "OnFailure")
    quality = {"maxIOPS": "5000", "maxMBPS": "500", "DistributionType": "Always"}
    client.provisioning.update_storage_group_qos("sg1", quality)
    limit = client.array.storage_groups["sg1"].host_io_limit
    assert (limit.io_per_second, limit.mb_per_second, limit.dynamic_distribution) == (5000, 500, "Always")
    client.provisioning.set_host_io_limit_iops_or_mbps("sg1", "nolimit", "Never", mbps="nolimit")
    assert client.array.storage_groups["sg1"].host_io_limit is None


def test_filters(client):
    """Lists are filtered by equality, by part of a name and by comparison, and several filters hold together."""
    small = make_group(client, "small", identifier="small one")
    large = make_group(client, "large", size=10, identifier="large one")
    listed = client.provisioning.get_volume_list
    assert listed(filters={"volume_identifier": "small one"}) == small
    assert listed(filters={"volume_identifier": "<like>one"}) == small + large
    assert listed(filters={"cap_gb": ">1"}) == large
    assert listed(filters={"cap_gb": "1.0", "storageGroupId": "large"}) == []
    assert listed(filters={"num_of_storage_groups": 0}) == ["00001", "00002"]
    groups = client.provisioning.get_storage_group_list
    assert groups(filters={"storageGroupId": "<like>ar"}) == ["large"]
    assert groups(filters={"num_of_vols": 3}) == ["large", "small"]


@pytest.mark.parametrize(("volumes", "calls_needed"), [(5, 1), (6, 3), (13, 4)])
def test_iterators(connect, volumes, calls_needed):
    """A list of several pages is fetched whole; PyU4V reads the first page a second time, and leaves the iterator."""
    client = connect(behaviour=Behaviour(page_size=7))
    made = make_group(client, volumes=volumes)
    with counting(client.simulator) as calls:
        assert client.provisioning.get_volume_list() == ["00001", "00002", *made]
    assert len(calls) == calls_needed
    assert calls.changes == []


@generations("10")
def test_enhanced_list_of_volumes(connect):
    """The enhanced API lists volumes with the attributes that were asked for, as many as the filter lets through."""
    client = connect(behaviour=Behaviour(page_size=7))
    small, large = make_group(client, "small", 9, identifier="s"), make_group(client, "large", 2, size=10)
    answer = client.volumes.get_volumes_details(filters=["cap_gb gt 5"], select=["id", "storage_groups.id"])
    assert answer["volumes"] == [{"id": volume_id, "storage_groups": [{"id": "large"}]} for volume_id in large]
    answer = client.volumes.get_volumes_details(filters=["identifier eq s"], select=["id"])
    assert [volume["id"] for volume in answer["volumes"]] == small
    known = {attribute["name"] for attribute in client.volumes.get_volumes_meta_data()}
    assert {"id", "identifier", "cap_gb", "storage_groups", "masking_views", "srp"} <= known
