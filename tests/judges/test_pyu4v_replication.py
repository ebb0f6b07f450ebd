"""SRDF with PyU4V, of three generations: groups, pairs of storage groups, and their states."""

import pytest

from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.judges.array_state import changes_between, state_of
from tests.judges.pyu4v import EVERY, Refused, generations

pytestmark = pytest.mark.judge
GENERATIONS = EVERY

MODES = {"Synchronous": (70, "Synchronized"), "Asynchronous": (71, "Consistent"), "Active": (72, "ActiveActive")}


@pytest.fixture
def volumes(client):
    """Two volumes with data in a group `sg`."""
    client.provisioning.create_storage_group("SRP_1", "sg", slo="Gold", workload="None", num_vols=2, vol_size=1)
    made = client.provisioning.get_volumes_from_storage_group("sg")
    for volume_id in made:
        client.array.write(volume_id, "data")
    client.remote.add_volume(7, "somebody's")  # so that the ids differ on the two arrays
    return made


def protect(client, mode="Synchronous", **more):
    """Replicate the group `sg`; return the number of its RDF group."""
    more = {"rdfg_number": MODES[mode][0], **more}
    client.replication.create_storage_group_srdf_pairings("sg", REMOTE_ARRAY, mode, establish=True, **more)
    (number,) = client.replication.get_storage_group_srdf_group_list("sg")
    return number


def states(client, number=70):
    """The states of the pairs of the group `sg`."""
    return client.replication.get_storage_group_srdf_details("sg", number)["states"]


def far(client, volumes):
    """The remote volumes of volumes."""
    return [client.simulator.srdf.other_side(client.array.symmetrix_id, volume_id)[1] for volume_id in volumes]


def test_rdf_groups(client):
    """An RDF group is made over given ports, changed and deleted."""
    replication, before = client.replication, state_of(client.simulator)
    ports = [
        f"{director}:{port}"
        for director in replication.get_rdf_director_list(filters={"online": True})
        for port in replication.get_rdf_director_port_list(director, filters={"online": True})
    ]
    assert ports == ["RF-1E:8", "RF-2E:8"]
    assert replication.get_rdf_director_port_details("RF-1E", "8")["wwn"] == client.array.ports["RF-1E:8"].identifier
    reached = replication.get_rdf_port_remote_connections("RF-1E", "8")["remotePort"]
    assert {port["symmetrixID"] for port in reached} == {REMOTE_ARRAY}
    replication.create_rdf_group(ports, REMOTE_ARRAY, "made", 200, 201, ports)
    replication.modify_rdf_group("remove_ports", 200, port_list=["RF-1E:8"])
    assert replication.get_rdf_group(200)["localPorts"] == ["RF-2E:8"]
    replication.modify_rdf_group("add_ports", 200, port_list=["RF-1E:8"])
    replication.modify_rdf_group("set_label", 200, label="changed")
    assert replication.get_rdf_group_number("changed") == 200
    replication.delete_rdf_group(200)
    assert changes_between(before, state_of(client.simulator)) == {}


@pytest.mark.parametrize("mode", MODES)
def test_pairs(client, volumes, mode):
    """A group is replicated in each mode; the remote group and its volumes are made, and the data are on both sides."""
    number, steady = MODES[mode]
    assert protect(client, mode, _async=True) == number
    assert states(client, number) == [steady]
    assert client.replication.get_rdf_group_volume_list(number) == volumes
    others = far(client, volumes)
    assert set(others) != set(volumes)
    assert {client.remote.read(volume_id) for volume_id in others} == {"data"}
    assert {client.remote.volumes[volume_id].storage_groups for volume_id in others} == {("sg",)}
    paired = client.replication.are_volumes_rdf_paired(REMOTE_ARRAY, volumes[0], others[0], number)
    assert paired == [True, "Ready", steady]
    assert client.replication.get_storage_group_replication_details("sg")["rdf"] is True
    session = client.replication.is_volume_in_replication_session(volumes[0])
    assert session[2][0]["rdf_group_number"] == number


@pytest.mark.parametrize("is_forced", [False, True])
def test_array_chooses_the_group(client, volumes, is_forced):
    """Without a number the array makes an RDF group of its own."""
    known = {group["rdfgNumber"] for group in client.replication.get_rdf_group_list()}
    number = protect(client, rdfg_number=None, force_new_rdf_group=is_forced)
    assert number not in known
    assert client.replication.get_rdf_group(number)["numDevices"] == 2


def test_suspend_and_establish(client, volumes):
    """A suspended group catches up when it is established again; what it is in already is refused."""
    protect(client)
    client.replication.suspend_storage_group_srdf("sg", 70)
    assert states(client) == ["Suspended"]
    client.array.write(volumes[0], "meanwhile")
    (other, _) = far(client, volumes)
    assert client.remote.read(other) == "data"
    client.replication.establish_storage_group_srdf("sg", 70, _async=True)
    assert (states(client), client.remote.read(other)) == (["Synchronized"], "meanwhile")
    with pytest.raises(Refused, match="already in the requested RDF state"):
        client.replication.establish_storage_group_srdf("sg", 70)


def test_failover_and_failback(client, volumes):
    """After a failover the remote side can be written, and after the failback both sides have what was written."""
    protect(client)
    (other, _) = far(client, volumes)
    client.replication.failover_storage_group_srdf("sg", 70)
    assert states(client) == ["Failed Over"]
    client.remote.write(other, "remote")
    client.replication.failback_storage_group_srdf("sg", 70, _async=True)
    assert (states(client), client.array.read(volumes[0])) == (["Synchronized"], "remote")


def test_swap(client, volumes):
    """A swap changes the roles of suspended pairs; of others it is refused."""
    protect(client)
    with pytest.raises(Refused, match="500"):
        client.replication.modify_storage_group_srdf("sg", "Swap", 70)
    client.replication.suspend_storage_group_srdf("sg", 70)
    client.replication.modify_storage_group_srdf("sg", "Swap", 70)
    assert client.replication.get_storage_group_srdf_details("sg", 70)["volumeRdfTypes"] == ["R2"]
    assert client.provisioning.get_volume(volumes[0])["type"] == "RDF2+TDEV"


def test_set_mode(client, volumes):
    """A group changes between synchronous and asynchronous replication."""
    protect(client)
    for mode, state in (("Asynchronous", "Consistent"), ("Synchronous", "Synchronized")):
        client.replication.modify_storage_group_srdf("sg", "SetMode", 70, options={"setMode": {"mode": mode}})
        details = client.replication.get_storage_group_srdf_details("sg", 70)
        assert (details["modes"], details["states"]) == ([mode], [state])


def test_exempt_is_for_asynchronous_groups(client, volumes):
    """A suspension that exempts from consistency is refused for other groups, in the words that clients look for."""
    protect(client)
    options = {"suspend": {"force": "true", "consExempt": "true"}}
    with pytest.raises(Refused, match="not in asynchronous mode"):
        client.replication.modify_storage_group_srdf("sg", "Suspend", 70, options=options)


def test_growth(client, volumes):
    """Volumes join and leave a replicated group with their remote sides, and grow with them."""
    protect(client)
    remote = {"remote_array_1_id": REMOTE_ARRAY, "remote_array_1_sgs": "sg"}
    client.provisioning.add_new_volume_to_storage_group("sg", 1, "1", "GB", create_new_volumes=True, **remote)
    (added,) = set(client.provisioning.get_volumes_from_storage_group("sg")) - set(volumes)
    assert len(client.simulator.srdf.pairs) == 3
    client.provisioning.extend_volume(added, "3", rdf_group_num=70)
    (other,) = far(client, [added])
    assert client.array.volumes[added].cylinders == client.remote.volumes[other].cylinders == 1639
    client.provisioning.remove_volume_from_storage_group("sg", added, **remote)
    client.provisioning.delete_volume(added)
    assert len(client.simulator.srdf.pairs) == 2
    assert client.remote.volumes[other].storage_groups == ()


def test_delete(client, volumes):
    """Pairs are deleted when they are suspended, not before; the volumes stay on both sides."""
    protect(client)
    others = far(client, volumes)
    with pytest.raises(Refused, match="500"):
        client.replication.delete_storage_group_srdf("sg", 70)
    client.replication.suspend_storage_group_srdf("sg", 70)
    client.replication.delete_storage_group_srdf("sg", 70)
    assert (client.simulator.srdf.pairs, client.replication.get_storage_group_srdf_group_list("sg")) == ((), [])
    assert set(volumes) <= set(client.array.volumes)
    assert set(others) <= set(client.remote.volumes)
    with pytest.raises(Refused, match="No SRDF records found"):
        client.replication.get_storage_group_srdf_details("sg", 70)


@generations("10")
def test_group_of_an_rdf_group(client, volumes):
    """All volumes of an RDF group can be put into a new storage group."""
    protect(client)
    client.replication.create_storage_group_from_rdfg("all", 70, rdf_type="RDF1")
    assert client.provisioning.get_volumes_from_storage_group("all") == volumes


def test_capabilities(client):
    """An array says what it is licensed for; Unisphere 10 says more."""
    entry = client.replication.get_array_replication_capabilities()
    assert entry["snapVxCapable"] is entry["rdfCapable"] is True
    assert len(entry) == (9 if client.is_new else 4)
    assert client.replication.is_snapvx_licensed()
