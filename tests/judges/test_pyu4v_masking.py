"""Masking with PyU4V, of three generations: hosts, initiators, port groups and masking views."""

import pytest

from tests.judges.array_state import changes_between, state_of
from tests.judges.pyu4v import EVERY, Refused

pytestmark = pytest.mark.judge
GENERATIONS = EVERY

ONE, TWO, THREE, FREE = (f"10000000c9a1b2{number}1" for number in (1, 2, 3, 9))
OFF = {"enabled": "false", "override": "false"}
FLAGS = {
    "volume_set_addressing": OFF,
    "disable_q_reset_on_ua": OFF,
    "environ_set": OFF,
    "avoid_reset_broadcast": OFF,
    "openvms": OFF,
    "scsi_3": {"enabled": "true", "override": "true"},
    "spc2_protocol_version": OFF,
    "scsi_support1": OFF,
    "consistent_lun": "true",
}


def make_view(client, view="mv", group="sg", host="h1", initiator=ONE):
    """Mask two volumes to a host; return the volumes."""
    provisioning = client.provisioning
    provisioning.create_storage_group("SRP_1", group, slo="Gold", workload="None", num_vols=2, vol_size=1)
    provisioning.create_host(host, initiator_list=[initiator])
    provisioning.create_masking_view_existing_components("OS-fibre-PG", view, group, host_name=host, _async=True)
    return provisioning.get_volumes_from_storage_group(group)


def make_port_group(client, name, *ports):
    """Create a port group; the two generations have different methods for it."""
    pairs = [port.split(":") for port in ports]
    keys = [{"directorId": director, "portId": number} for director, number in pairs]
    make = (
        client.provisioning.create_new_port_group if client.is_new else client.provisioning.create_multiport_port_group
    )
    return make(name, keys)


def test_hosts(client):
    """Hosts are made with and without initiators, in the request and as jobs, changed and deleted."""
    provisioning, before = client.provisioning, state_of(client.simulator)
    provisioning.create_host("h1", initiator_list=[ONE, TWO])
    provisioning.create_host("h2", initiator_list=[THREE], host_flags=FLAGS, _async=True)
    provisioning.create_host("h3")
    assert provisioning.get_initiator_ids_from_host("h1") == [ONE, TWO]
    assert provisioning.get_host("h2")["consistent_lun"] is True
    assert provisioning.get_host_list(filters={"num_of_initiators": 2}) == ["h1"]
    provisioning.modify_host("h1", remove_init_list=[TWO])
    provisioning.modify_host("h3", add_init_list=[TWO])
    provisioning.modify_host("h3", new_name="other")
    assert client.array.hosts["other"].initiators == (TWO,)
    for name in ("h1", "h2", "other"):
        provisioning.delete_host(name)
    assert changes_between(before, state_of(client.simulator)) == {}


def test_an_initiator_is_in_one_host(client):
    """The array says which rule an initiator of another host breaks, and PyU4V hands it on."""
    client.provisioning.create_host("h1", initiator_list=[ONE])
    with pytest.raises(Refused, match="is already in use in another Initiator Group"):
        client.provisioning.create_host("h2", initiator_list=[ONE])


def test_host_groups(client):
    """Hosts come and go in host groups."""
    provisioning, before = client.provisioning, state_of(client.simulator)
    for name, initiator in (("h1", ONE), ("h2", TWO), ("h3", THREE)):
        provisioning.create_host(name, initiator_list=[initiator])
    provisioning.create_host_group("hg", ["h1", "h2"])
    provisioning.modify_host_group("hg", remove_host_list=["h2"])
    provisioning.modify_host_group("hg", add_host_list=["h3"])
    provisioning.modify_host_group("hg", new_name="cluster")
    group = provisioning.get_host_group("cluster")
    assert [(host["hostId"], host["initiator"]) for host in group["host"]] == [("h1", [ONE]), ("h3", [THREE])]
    provisioning.delete_host_group("cluster")
    for name in ("h1", "h2", "h3"):
        provisioning.delete_host(name)
    assert changes_between(before, state_of(client.simulator)) == {}


def test_initiators(client):
    """Initiators are listed once for each port that they logged in on, and found by whether they are in a host."""
    provisioning = client.provisioning
    provisioning.create_host("h1", initiator_list=[ONE])
    for initiator in (ONE, FREE):
        client.array.log_in(initiator, "FA-1D:4", "FA-2D:4")
    every = [f"{port}:{initiator}" for port in ("FA-1D:4", "FA-2D:4") for initiator in (ONE, FREE)]
    assert sorted(provisioning.get_initiator_list()) == sorted(every)
    assert sorted(provisioning.get_in_use_initiator_list_from_array()) == [each for each in every if ONE in each]
    assert provisioning.get_initiator_list(params={"initiator_hba": FREE}) == [each for each in every if FREE in each]
    assert provisioning.get_initiator_group_from_initiator(f"FA-1D:4:{ONE}") == "h1"
    assert provisioning.is_initiator_in_host(ONE)
    assert not provisioning.is_initiator_in_host(FREE)
    assert FREE in provisioning.get_available_initiator()
    assert provisioning.modify_initiator(f"FA-1D:4:{ONE}", rename_alias=("node", "port"))["alias"] == "node/port"


def test_port_groups(client):
    """Port groups are made, changed, found by protocol and deleted."""
    provisioning, before = client.provisioning, state_of(client.simulator)
    make_port_group(client, "pg", "FA-1D:5", "FA-2D:5")
    provisioning.modify_port_group("pg", remove_port=("FA-1D", "5"))
    provisioning.modify_port_group("pg", add_port=("FA-1D", "4"))
    provisioning.modify_port_group("pg", rename_port_group="ports")
    assert set(client.array.port_groups["ports"].ports) == {"FA-2D:5", "FA-1D:4"}
    # As of 9.2 a port of a group is told without its director.
    numbers = ["FA-1D:4", "FA-2D:5"] if client.generation == "9.1" else ["4", "5"]
    assert sorted(provisioning.get_ports_from_port_group("ports")) == numbers
    assert provisioning.get_port_group_list(filters={"fibre": "true"}) == ["OS-fibre-PG", "ports"]
    provisioning.delete_port_group("ports")
    assert changes_between(before, state_of(client.simulator)) == {}


def test_ports(client):
    """The addresses that hosts want are found: WWNs of Fibre Channel, IPs and IQN of iSCSI."""
    ports = client.system if client.is_new else client.provisioning
    assert ports.get_target_wwns_from_port_group("OS-fibre-PG") == ["5000097398999000", "5000097398999002"]
    iqn = "iqn.1992-04.com.emc:600009700bd41ac02f99900000000001"
    assert ports.get_iscsi_ip_address_and_iqn("SE-4E:0") == [["10.10.0.250"], iqn]
    assert set(ports.get_fa_directors()) == {"FA-1D", "FA-2D"}


def test_masking_views(client):
    """A view shows the volumes of its group to a host or to a host group, and says at which LUN."""
    provisioning, before = client.provisioning, state_of(client.simulator)
    volumes = make_view(client)
    provisioning.create_storage_group("SRP_1", "sg2", slo="Gold", workload="None", num_vols=1, vol_size=1)
    provisioning.create_host("h2", initiator_list=[TWO])
    provisioning.create_host_group("hg", ["h2"])
    provisioning.create_masking_view_existing_components("OS-fibre-PG", "mv2", "sg2", host_group_name="hg")
    assert provisioning.get_masking_view_list() == ["mv", "mv2"]
    assert provisioning.get_masking_view_list(filters={"host_or_host_group_name": "h1"}) == ["mv"]
    assert provisioning.get_element_from_masking_view("mv", host=True) == "h1"
    assert provisioning.get_element_from_masking_view("mv2", host=True) == "hg"
    assert provisioning.get_masking_view_from_storage_group("sg") == ["mv"]
    assert provisioning.get_port_group_common_masking_views("OS-fibre-PG", "h1") == ["mv"]
    luns = [provisioning.find_host_lun_id_for_volume("mv", volume_id) for volume_id in volumes]
    assert luns == [client.array.lun_addresses["mv", volume_id] for volume_id in volumes] == [1, 2]
    rows = provisioning.get_masking_view_connections("mv", filters={"volume_id": volumes[0]})
    assert {row["dir_port"] for row in rows} == {"FA-1D:4", "FA-2D:4"}
    provisioning.rename_masking_view("mv", "renamed")
    for view in ("renamed", "mv2"):
        provisioning.delete_masking_view(view)
    provisioning.delete_host_group("hg")
    for name in ("h1", "h2"):
        provisioning.delete_host(name)
    left = [*volumes, *provisioning.get_volumes_from_storage_group("sg2")]
    for name in ("sg", "sg2"):
        provisioning.delete_storage_group(name)
    for volume_id in left:
        provisioning.delete_volume(volume_id)
    assert changes_between(before, state_of(client.simulator)) == {}


@pytest.mark.parametrize(
    ("delete", "name"),
    [("delete_host", "h1"), ("delete_storage_group", "sg"), ("delete_port_group", "OS-fibre-PG")],
)
def test_parts_of_a_view_stay(client, delete, name):
    """Nothing of a masking view can be deleted before the view."""
    make_view(client)
    before = state_of(client.simulator)
    with pytest.raises(Refused, match="masking view"):
        getattr(client.provisioning, delete)(name)
    assert changes_between(before, state_of(client.simulator)) == {}


def test_same_view_twice(client):
    """A name that is taken is refused as a conflict."""
    make_view(client)
    with pytest.raises(Refused, match=r"409 and the message is .*already exists"):
        client.provisioning.create_masking_view_existing_components("OS-fibre-PG", "mv", "sg", host_name="h1")


def test_missing_part(client):
    """A view of what is not there is refused, and the part is named."""
    client.provisioning.create_host("h1", initiator_list=[ONE])
    with pytest.raises(Refused, match=r"Port Group \[no-such-group\] on Symmetrix .* cannot be found"):
        client.provisioning.create_masking_view_existing_components("no-such-group", "mv", "sg", host_name="h1")
