"""Rules 33 to 45: hosts, ports and masking views."""

import pytest

from pmax.simulator import Behaviour

WWPN = "10000090fa5e1a04"
OTHER_WWPN = "10000090fa5e1a05"
IQN = "iqn.1993-08.org.debian:01:1a2b3c4d5e6f"
NQN = "nqn.2014-08.org.nvmexpress:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427:76B04D56EAB26A2E1509A7E98D3DFDB6"


def edit_host(client, host, action, fields):
    """Edit a host."""
    return client.put(f"host/{host}", {"editHostActionParam": {action: fields}})


def edit_ports(client, group, action, fields):
    """Edit a port group."""
    return client.put(f"portgroup/{group}", {"editPortGroupActionParam": {action: fields}})


def key(name):
    """A port as bodies write it."""
    director, _, port = name.partition(":")
    return {"directorId": director, "portId": port}


def test_an_initiator_is_in_one_host(client):
    """An initiator belongs to at most one host (rule 33)."""
    client.host("h1", WWPN)
    reply = client.post("host", {"hostId": "h2", "initiatorId": [OTHER_WWPN, WWPN.upper()]})
    assert (reply.status, "is already in use in another Initiator Group" in reply.message) == (500, True)
    client.host("h2", OTHER_WWPN)
    reply = edit_host(client, "h2", "addInitiatorParam", {"initiator": [WWPN]})
    assert (reply.status, "is already in use in another Initiator Group" in reply.message) == (500, True)
    assert client.array.hosts["h2"].initiators == (OTHER_WWPN,)


def test_initiators_may_never_have_logged_in(client):
    """A host takes initiators that never logged in; the list shows them only once they did (rule 34)."""
    client.host("h1", WWPN)
    assert client.get("initiator", initiator_hba=WWPN).body == {"initiatorId": []}
    client.array.log_in(WWPN, "FA-1D:4", "FA-2D:4")
    found = client.get("initiator", initiator_hba=WWPN).body["initiatorId"]
    assert found == [f"FA-1D:4:{WWPN}", f"FA-2D:4:{WWPN}"]
    body = client.get(f"initiator/{found[0]}").body
    assert (body["initiatorId"], body["host"], body["logged_in"]) == (WWPN, "h1", True)


def test_an_initiator_without_a_host_has_no_host(client):
    """`host` is absent when the initiator is in none (section 6.9)."""
    client.array.log_in(WWPN, "FA-1D:4")
    assert "host" not in client.get(f"initiator/FA-1D:4:{WWPN}").body
    assert client.get("initiator", in_a_host="true").body == {"initiatorId": []}
    assert client.get("initiator", in_a_host="false").body == {"initiatorId": [f"FA-1D:4:{WWPN}"]}
    assert client.get("initiator", iscsi="true").body == {"initiatorId": []}
    assert client.get(f"initiator/FA-2D:4:{WWPN}").status == 404


def test_iscsi_initiators_are_listed_with_virtual_ports(client):
    """An iSCSI initiator is listed with three digits for its port and found in any case (sections 5 and 6.9)."""
    client.array.log_in(IQN.upper(), "SE-4E:0")
    (found,) = client.get("initiator", initiator_hba=IQN.upper()).body["initiatorId"]
    assert found == f"SE-4E:000:{IQN}"
    assert client.get(f"initiator/{found}").body["type"] == "iSCSI"


def test_nvme_initiators_are_found_by_either_half(make_client):
    """An NVMe host is found by its NQN and by its host id (section 6.9)."""
    client = make_client(version=100, unisphere_version="V10.0.0.0", array="000120000548", fixture="families")
    client.array.log_in(NQN, "OR-6E:0")
    nqn, _, host_id = NQN.rpartition(":")
    (found,) = client.get("initiator", initiator_hba=[nqn, host_id]).body["initiatorId"]
    assert found == f"OR-6E:000:{NQN}"
    client.host("h1", NQN)
    assert client.get("host/h1").body["type"] == "NVMe_TCP"
    reply = client.post("host", {"hostId": "h2", "initiatorId": ["nqn.2014-08.org:short"]})
    assert (reply.status, "is not in the format of a valid NQN:HostID" in reply.message) == (500, True)


def test_used_hosts_cannot_be_deleted(client):
    """A host in a view or in a host group cannot be deleted (rule 35)."""
    client.masked("g")
    assert client.delete("host/h1").status == 500
    client.host("h2", OTHER_WWPN)
    client.post("hostgroup", {"hostGroupId": "hg", "hostId": ["h2"]})
    assert client.delete("host/h2").status == 500
    assert client.delete("hostgroup/hg").status == 204
    assert client.delete("host/h2").status == 204
    assert client.delete("maskingview/mv").status == 204
    assert client.delete("host/h1").status == 204
    assert client.array.initiators == {}


def test_host_groups_in_views_cannot_be_deleted(client):
    """A host group in a view cannot be deleted (rule 35)."""
    client.group("g", volumes=1)
    client.host("h1", WWPN)
    client.post("hostgroup", {"hostGroupId": "hg", "hostId": ["h1"]})
    body = {
        "maskingViewId": "mv",
        "hostOrHostGroupSelection": {"useExistingHostGroupParam": {"hostGroupId": "hg"}},
        "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": "OS-fibre-PG"}},
        "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": "g"}},
    }
    assert client.post("maskingview", body).body["hostGroupId"] == "hg"
    assert client.get("hostgroup/hg").body["maskingview"] == ["mv"]
    assert client.get("host/h1").body["num_of_masking_views"] == 1
    assert client.delete("hostgroup/hg").status == 500


@pytest.mark.parametrize("other", [IQN, NQN])
def test_protocols_do_not_mix_in_a_host(client, other):
    """A host has initiators of one protocol; its type says which (rule 36)."""
    client.host("h1", WWPN)
    assert client.get("host/h1").body["type"] == "Fibre"
    assert edit_host(client, "h1", "addInitiatorParam", {"initiator": [other]}).status == 500
    assert client.post("host", {"hostId": "h2", "initiatorId": [OTHER_WWPN, other]}).status == 500
    assert set(client.array.hosts) == {"h1"}


def test_empty_hosts_have_no_type(client):
    """A host may be empty; then it has no type and no list of initiators."""
    assert client.post("host", {"hostId": "h1"}).status == 201
    body = client.get("host/h1").body
    assert (body["num_of_initiators"], "type" in body, "initiator" in body) == (0, False, False)


def test_parts_of_a_view_must_exist(client, build):
    """A view of something missing is refused with the kind that is missing (rule 37)."""
    client.masked("g")
    for field, body in (
        ("Initiator Group", build.view("x", "g", host="missing")),
        ("Port Group", build.view("x", "g", ports="missing")),
        ("Storage Group", build.view("x", "missing")),
    ):
        reply = client.post("maskingview", body)
        assert reply.status == 500
        assert reply.message.endswith(f"{field} [missing] on Symmetrix [000197900999] cannot be found")


def test_views_can_only_be_renamed(client):
    """The parts of a view cannot be changed; its name can, and its addresses stay (rule 38)."""
    (volume,) = client.masked("g")
    edit = {"renameMaskingViewParam": {"new_masking_view_name": "mv2"}}
    for wrong in ({"storageGroupId": "g"}, {**edit, "hostId": "h1"}, {}):
        assert client.put("maskingview/mv", {"editMaskingViewActionParam": wrong}).status == 400
    assert client.put("maskingview/mv", {"editMaskingViewActionParam": edit}).status == 200
    assert client.get("maskingview/mv").status == 404
    assert client.address("mv2", volume) == 1


def test_the_same_combination_is_refused(client):
    """Two views of the same host, ports and storage group are refused; a name exists once (rules 16 and 39)."""
    client.masked("g")
    assert client.view("mv2", "g").status == 500
    reply = client.view("mv", "g")
    assert (reply.status, reply.message) == (409, "The requested masking view resource already exists")


def test_a_group_may_be_in_several_views(client):
    """The same group may be in views of several hosts, and a host may have several views (rule 39)."""
    (volume,) = client.masked("g")
    client.host("h2", OTHER_WWPN)
    assert client.view("mv2", "g", host="h2").status == 201
    second = client.group("second", volumes=1)[0]
    assert client.view("mv3", "second").status == 201
    assert client.get("storagegroup/g").body["maskingview"] == ["mv", "mv2"]
    assert (client.address("mv", volume), client.address("mv2", volume), client.address("mv3", second)) == (1, 1, 2)


def test_a_volume_has_one_address_on_a_path(client):
    """A volume that two views show to the same initiator and port has the same address in both (rule 39)."""
    client.masked("g", volumes=3)
    third = client.group("plain", srp=None)
    third = client.get("volume", storageGroupId="g").body["resultList"]["result"][2]["volumeId"]
    client.edit("plain", "expandStorageGroupParam", {"addSpecificVolumeParam": {"volumeId": [third]}})
    assert client.view("mv2", "plain").status == 201
    assert client.address("mv2", third) == client.address("mv", third) == 3


def test_protocols_of_host_and_ports_must_match(client):
    """A view needs a port group that speaks what the host speaks (rule 40)."""
    client.group("g", volumes=1)
    client.host("h1", WWPN)
    client.host("h2", IQN)
    assert client.view("mv", "g", host="h1", ports="OS-iscsi-PG").status == 500
    assert client.view("mv", "g", host="h2", ports="OS-fibre-PG").status == 500
    assert client.view("mv", "g", host="h2", ports="OS-iscsi-PG").status == 201


def test_deleting_a_view_unmasks(client):
    """Deleting a view unmasks its volumes; its parts stay (rule 41)."""
    (volume,) = client.masked("g")
    assert client.get(f"volume/{volume}").body["num_of_front_end_paths"] == 2
    assert client.delete("maskingview/mv").status == 204
    assert client.get(f"volume/{volume}").body["num_of_front_end_paths"] == 0
    assert client.array.lun_addresses == {}
    for path in ("storagegroup/g", "host/h1", "portgroup/OS-fibre-PG"):
        body = client.get(path).body
        assert (body["num_of_masking_views"], "maskingview" in body) == (0, False)


def test_masked_volumes_say_so(client):
    """A masked volume shows its ports, and in the private API that it is mapped and masked (rule 41)."""
    (volume,) = client.masked("g")
    assert client.get(f"volume/{volume}").body["symmetrixPortKey"] == [key("FA-1D:4"), key("FA-2D:4")]
    path = "/private/92/sloprovisioning/symmetrix/000197900999/volume"
    (row,) = client.get(path, wwn=client.array.wwn(volume)).body["resultList"]["result"]
    assert row["maskingInfo"] == {"masked": True}
    assert (row["volumeHeader"]["mapped"], row["volumeHeader"]["numSymDevMaskingViews"]) == (True, 1)


def test_used_port_groups(client):
    """A masked port group cannot be deleted, nor lose its last port (rule 42)."""
    client.masked("g")
    assert client.delete("portgroup/OS-fibre-PG").status == 500
    both = {"port": [key("FA-1D:4"), key("FA-2D:4")]}
    assert edit_ports(client, "OS-fibre-PG", "removePortParam", both).status == 500
    assert edit_ports(client, "OS-fibre-PG", "removePortParam", {"port": [key("FA-1D:4")]}).status == 200
    assert client.get("portgroup/OS-fibre-PG").body["symmetrixPortKey"] == [key("FA-2D:4")]


def test_ports_may_be_in_several_groups(client):
    """A port may be in several port groups (rule 42)."""
    assert client.post("portgroup", {"portGroupId": "pg", "symmetrixPortKey": [key("FA-1D:4")]}).status == 201
    port = client.get("/92/system/symmetrix/000197900999/director/FA-1D/port/4").body["symmetrixPort"]
    assert (port["num_of_port_groups"], port["portgroup"]) == (2, ["OS-fibre-PG", "pg"])


@pytest.mark.parametrize(
    "names", [["FA-9Z:4"], ["FA-1D:9"], ["FA-1D:4", "SE-4E:0"], ["FA-1D:4", "FA-1D:4"], ["RF-1E:8"]]
)
def test_ports_of_a_group_must_fit(client, names):
    """Ports of a group must exist, be there once, and speak one protocol (rule 43)."""
    ports = [key(name) for name in names]
    assert client.post("portgroup", {"portGroupId": "pg", "symmetrixPortKey": ports}).status == 500
    assert "pg" not in client.array.port_groups


def test_v4_arrays_want_a_protocol(make_client):
    """On a V4 array the protocol of a port group must be named (rule 43)."""
    client = make_client(version=100, unisphere_version="V10.0.0.0", array="000120000548", fixture="families")
    body = {"portGroupId": "pg", "symmetrixPortKey": [key("OR-1D:4")]}
    assert client.post("portgroup", body).status == 400
    assert client.post("portgroup", {**body, "port_group_protocol": "iSCSI"}).status == 500
    reply = client.post("portgroup", {**body, "port_group_protocol": "SCSI_FC"})
    assert (reply.status, reply.body["port_group_protocol"], reply.body["type"]) == (201, "SCSI_FC", "Fibre")


def test_connections(client):
    """Connections are the product of volumes, initiators and ports, at equal addresses (rule 44)."""
    client.masked("g", volumes=2)
    edit_host(client, "h1", "addInitiatorParam", {"initiator": [OTHER_WWPN]})
    client.array.log_in(WWPN, "FA-1D:4")
    rows = client.get("maskingview/mv/connections").body["maskingViewConnection"]
    assert len(rows) == 2 * 2 * 2
    assert {(row["volumeId"], row["host_lun_address"]) for row in rows} == {("00003", "0001"), ("00004", "0002")}
    first = rows[0]
    assert first == {
        "volumeId": "00003",
        "host_lun_address": "0001",
        "cap_gb": "1.0",
        "initiatorId": WWPN,
        "alias": f"{WWPN}/{WWPN}",
        "dir_port": "FA-1D:4",
        "logged_in": True,
        "on_fabric": True,
    }
    filters = {"volume_id": "00004", "initiator_id": WWPN, "dir_port": "FA-1D:4", "logged_in": "true"}
    assert len(client.get("maskingview/mv/connections", **filters).body["maskingViewConnection"]) == 1
    assert len(client.get("maskingview/mv/connections", host_lun_address="2").body["maskingViewConnection"]) == 4


def test_connections_may_want_a_login(make_client):
    """Whether initiators that never logged in have connections is a choice (rule 44)."""
    client = make_client(behaviour=Behaviour(are_unlogged_paths_connected=False))
    (volume,) = client.masked("g")
    assert client.address("mv", volume) is None
    client.array.log_in(WWPN, "FA-2D:4")
    assert client.address("mv", volume) == 1


def test_addresses_fill_gaps(client):
    """A new volume gets the first free address from 1 on; the others keep theirs (rule 44)."""
    first, second, third = client.masked("g", volumes=3)
    client.edit("g", "removeVolumeParam", {"volumeId": [second]})
    new = client.volume("g")
    assert [client.address("mv", each) for each in (first, new, third)] == [1, 2, 3]


def test_address_stays_while_a_volume_moves_within_a_view(client):
    """A volume that moves between children of one masked parent keeps its address (rule 45)."""
    client.group("parent", srp=None)
    client.group("a", level="Gold", volumes=3)
    client.group("b", level="Silver")
    client.edit("parent", "expandStorageGroupParam", {"addExistingStorageGroupParam": {"storageGroupId": ["a", "b"]}})
    client.host("h1", WWPN)
    client.view("mv", "parent")
    ids = [row["volumeId"] for row in client.get("volume", storageGroupId="a").body["resultList"]["result"]]
    for number, volume in enumerate(ids, start=1):
        fields = {"volumeId": [volume], "storageGroupId": "b", "force": "false"}
        assert client.edit("a", "moveVolumeToStorageGroupParam", fields).status == 200
        assert client.address("mv", volume) == number


def test_views_can_be_made_with_their_parts(client):
    """A view may create host, port group and storage group along with it; all or nothing (section 6.12)."""
    attributes = {"num_of_vols": 1, "volume_size": 1, "capacityUnit": "GB"}
    group = {
        "storageGroupId": "g",
        "srpId": "SRP_1",
        "sloBasedStorageGroupParam": [{"sloId": "Gold", "volumeAttributes": [attributes]}],
    }
    body = {
        "maskingViewId": "mv",
        "hostOrHostGroupSelection": {"createHostParam": {"hostId": "h1", "initiatorId": [WWPN]}},
        "portGroupSelection": {"createPortGroupParam": {"portGroupId": "pg", "symmetrixPortKey": [key("SE-4E:0")]}},
        "storageGroupSelection": {"createStorageGroupParam": group},
    }
    assert client.post("maskingview", body).status == 500
    assert (client.array.hosts, client.array.storage_groups, "pg" in client.array.port_groups) == ({}, {}, False)
    body["portGroupSelection"]["createPortGroupParam"]["symmetrixPortKey"] = [key("FA-1D:4")]
    assert client.post("maskingview", body).status == 201
    assert client.get("maskingview/mv").body == {
        "maskingViewId": "mv",
        "hostId": "h1",
        "portGroupId": "pg",
        "storageGroupId": "g",
    }


def test_views_can_be_filtered(client):
    """Views are found by host, port group and storage group, together (section 6.12)."""
    client.masked("g")
    client.host("h2", OTHER_WWPN)
    client.view("mv2", "g", host="h2")
    listed = client.get("maskingview", host_or_host_group_name="h2", port_group_name="OS-fibre-PG").body
    assert listed == {"maskingViewId": ["mv2"]}
    assert client.get("maskingview", storage_group_name="g").body == {"maskingViewId": ["mv", "mv2"]}


def test_hosts_can_be_edited(client):
    """A host can change initiators, name and flags; its views follow (section 6.7)."""
    (volume,) = client.masked("g")
    assert edit_host(client, "h1", "addInitiatorParam", {"initiator": [OTHER_WWPN]}).body["num_of_initiators"] == 2
    assert edit_host(client, "h1", "removeInitiatorParam", {"initiator": [WWPN]}).body["initiator"] == [OTHER_WWPN]
    assert edit_host(client, "h1", "removeInitiatorParam", {"initiator": [WWPN]}).status == 500
    assert edit_host(client, "h1", "renameHostParam", {"new_host_name": "h9"}).body["maskingview"] == ["mv"]
    assert client.get("maskingview/mv").body["hostId"] == "h9"
    assert client.address("mv", volume) == 1


FLAGS = (
    "volume_set_addressing",
    "disable_q_reset_on_ua",
    "environ_set",
    "avoid_reset_broadcast",
    "openvms",
    "scsi_3",
    "spc2_protocol_version",
    "scsi_support1",
)


def test_host_flags(client):
    """Host flags come all together; those that are overridden are shown (section 6.7)."""
    client.host("h1", WWPN)
    flags = {name: {"enabled": name == "openvms", "override": name in {"openvms", "scsi_3"}} for name in FLAGS}
    body = edit_host(client, "h1", "setHostFlagsParam", {"hostFlags": {**flags, "consistent_lun": True}}).body
    assert (body["port_flags_override"], body["consistent_lun"]) == (True, True)
    assert ("OpenVMS" in body["enabled_flags"], "SCSI_3" in body["disabled_flags"]) == (True, True)
    assert edit_host(client, "h1", "setHostFlagsParam", {"hostFlags": flags}).status == 400


def test_host_bandwidth_needs_a_version(make_client):
    """A bandwidth limit of hosts exists from version 100 on (section 9)."""
    client = make_client(version=103, unisphere_version="V10.3.0.0")
    client.host("h1", WWPN)
    assert edit_host(client, "h1", "setHostBWLimitParam", {"bw_limit": 500}).body["bw_limit"] == 500
    assert edit_host(client, "h1", "clearHostBWLimitParam", {}).body["bw_limit"] == 0
    old = client.on(version=92)
    assert edit_host(old, "h1", "setHostBWLimitParam", {"bw_limit": 500}).status == 400
    assert "bw_limit" not in old.get("host/h1").body


def test_host_groups(client):
    """A host group collects hosts, new ones too, and can be edited (section 6.8)."""
    client.host("h1", WWPN)
    body = {"hostGroupId": "hg", "hostId": ["h1"], "new_hosts": [{"hostId": "h2", "initiatorId": [OTHER_WWPN]}]}
    reply = client.post("hostgroup", body)
    assert (reply.status, reply.body["num_of_hosts"], reply.body["num_of_initiators"]) == (201, 2, 2)
    assert reply.body["host"][1] == {"hostId": "h2", "initiator": [OTHER_WWPN]}
    edit = {"editHostGroupActionParam": {"removeHostParam": {"host": ["h1"]}}}
    assert client.put("hostgroup/hg", edit).body["num_of_hosts"] == 1
    assert client.put("hostgroup/hg", edit).status == 500
    edit = {"editHostGroupActionParam": {"addHostParam": {"host": ["missing"]}}}
    assert client.put("hostgroup/hg", edit).status == 500
    edit = {"editHostGroupActionParam": {"renameHostGroupParam": {"new_host_group_name": "hg2"}}}
    assert client.put("hostgroup/hg", edit).body["hostGroupId"] == "hg2"
    assert client.get("host", host_group_name="hg2").body == {"hostId": ["h2"]}


def test_port_groups_can_be_edited(client):
    """A port group can change ports and name; its views follow (section 6.10)."""
    client.masked("g")
    reply = edit_ports(client, "OS-fibre-PG", "addPortParam", {"port": [key("FA-1D:5")]})
    assert reply.body["num_of_ports"] == 3
    assert edit_ports(client, "OS-fibre-PG", "addPortParam", {"port": [key("FA-1D:5")]}).status == 500
    edit_ports(client, "OS-fibre-PG", "renamePortGroupParam", {"new_port_group_name": "pg2"})
    assert client.get("maskingview/mv").body["portGroupId"] == "pg2"
    assert client.get("portgroup", fibre="true").body == {"portGroupId": ["pg2"]}
    assert client.get("portgroup", iscsi="true").body == {"portGroupId": ["OS-iscsi-PG"]}


def edit_initiator(client, name, action, fields):
    """Edit an initiator."""
    return client.put(f"initiator/{name}", {"editInitiatorActionParam": {action: fields}})


def test_initiators_can_be_edited(client):
    """An initiator can be renamed, replaced in its host, and forgotten (section 6.9)."""
    client.host("h1", WWPN)
    client.array.log_in(WWPN, "FA-1D:4")
    name = f"FA-1D:4:{WWPN}"
    reply = edit_initiator(client, name, "renameAliasParam", {"node_name": "node", "port_name": "p0"})
    assert reply.body["alias"] == "node/p0"
    assert edit_initiator(client, name, "removeMaskingEntry", "true").status == 500
    assert edit_initiator(client, name, "replaceInitiatorParam", {"new_initiator": OTHER_WWPN}).status == 200
    assert client.array.hosts["h1"].initiators == (OTHER_WWPN,)
    assert edit_initiator(client, name, "removeMaskingEntry", "true").status == 200
    assert client.get("initiator").body == {"initiatorId": []}


def test_ports_go_up_and_down(client):
    """A port and its director report their state, and a port that goes down logs everybody out (section 6.11)."""
    client.array.log_in(WWPN, "FA-1D:4")
    path = "/92/system/symmetrix/000197900999/director/FA-1D/port/4"
    before = client.get(path).body["symmetrixPort"]
    assert (before["port_status"], before["director_status"]) == ("ON", "Online")
    client.array.set_port_online("FA-1D:4", is_online=False)
    client.array.set_director_online("FA-1D", is_online=False)
    after = client.get(path).body["symmetrixPort"]
    assert (after["port_status"], after["director_status"]) == ("OFF", "Offline")
    assert client.get(f"initiator/FA-1D:4:{WWPN}").body["logged_in"] is False


@pytest.mark.parametrize(
    ("version", "reported", "name"), [(92, "V9.2.0.0", "iscsi_target"), (100, "V10.0.0.0", "iscsi_endpoint")]
)
def test_physical_port_of_a_virtual_one(make_client, version, reported, name):
    """The one physical port behind an address is found with the selector of the version (section 6.11)."""
    client = make_client(version=version, unisphere_version=reported)
    director = f"/{version}/system/symmetrix/000197900999/director/SE-4E/port"
    virtual = client.get(f"{director}/0").body["symmetrixPort"]
    assert virtual[name] is True
    (address,) = virtual["ip_addresses"]
    found = client.get(director, **{"ip_list": address, name: "False"}).body
    assert found == {"symmetrixPortKey": [key("SE-4E:1")]}
    assert client.get(director, **{name: "true"}).body == {"symmetrixPortKey": [key("SE-4E:0")]}
    assert client.get(f"{director}/1/ipinterface").body == {"ipInterfaceId": [f"{address}-9"]}
    assert client.get(f"{director}/1/ipinterface/{address}-9").body["iscsi_target_port"] == 0


@pytest.mark.parametrize("text", ["", "10000090fa5e1a0", "10000090fa5e1a0g", "iqn", "iqn.with space", "x" * 300])
def test_impossible_initiators(client, text):
    """What is neither WWN nor IQN nor NQN is no initiator."""
    assert client.post("host", {"hostId": "h1", "initiatorId": [text]}).status == 500
    assert client.array.hosts == {}


@pytest.mark.parametrize("new", [OTHER_WWPN, IQN])
def test_initiators_are_replaced_by_free_ones(client, new):
    """An initiator can be replaced only by one of its protocol that is in no host (rules 33 and 36)."""
    client.host("h1", WWPN)
    client.host("h2", OTHER_WWPN)
    client.array.log_in(WWPN, "FA-1D:4")
    name = f"FA-1D:4:{WWPN}"
    assert edit_initiator(client, name, "replaceInitiatorParam", {"new_initiator": new}).status == 500
    assert client.array.hosts["h1"].initiators == (WWPN,)


def view_of_host_group(name, storage_group, host_group="hg"):
    """A body that creates a view for a host group."""
    return {
        "maskingViewId": name,
        "hostOrHostGroupSelection": {"useExistingHostGroupParam": {"hostGroupId": host_group}},
        "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": "OS-fibre-PG"}},
        "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": storage_group}},
    }


def test_host_groups_share_the_addresses_of_their_hosts(client):
    """A view of a host group and one of its host lie in one space of addresses (rule 39)."""
    client.masked("a", volumes=2)
    client.post("hostgroup", {"hostGroupId": "hg", "hostId": ["h1"]})
    (third,) = client.group("b", volumes=1)
    (fourth,) = client.group("c", volumes=1)
    assert client.post("maskingview", view_of_host_group("mv2", "b")).status == 201
    assert client.address("mv2", third) == 3
    assert client.view("mv3", "c").status == 201
    assert client.address("mv3", fourth) == 4


def test_separate_ports_are_separate_spaces(client):
    """Views that share no port count their addresses apart (rule 39)."""
    client.masked("a", volumes=2)
    client.post("portgroup", {"portGroupId": "pg", "symmetrixPortKey": [key("FA-1D:5")]})
    (third,) = client.group("b", volumes=1)
    assert client.view("mv2", "b", ports="pg").status == 201
    assert client.address("mv2", third) == 1


def test_missing_host_groups_are_refused(client):
    """A view of a host group that does not exist is refused (rule 37)."""
    client.group("g", volumes=1)
    reply = client.post("maskingview", view_of_host_group("mv", "g", "missing"))
    assert (reply.status, "Initiator Group [missing]" in reply.message) == (500, True)


def test_addresses_run_out(make_client, build):
    """When no address is left above the wanted one, the view is refused."""
    client = make_client(version=101, unisphere_version="V10.1.0.0")
    client.group("g", volumes=2)
    client.host("h1", WWPN)
    assert client.post("maskingview", {**build.view("mv", "g"), "starting_lun_address": "FFFF"}).status == 500
    assert client.post("maskingview", {**build.view("mv", "g"), "starting_lun_address": "10000"}).status == 400
    assert client.post("maskingview", {**build.view("mv", "g"), "starting_lun_address": "xyz"}).status == 400
    assert client.array.masking_views == {}


def test_masked_hosts_keep_their_protocol(client, build):
    """An empty host that is masked takes only initiators that its port groups speak (rule 40)."""
    client.group("g", volumes=1)
    client.host("h1")
    assert client.view("mv", "g").status == 201
    assert edit_host(client, "h1", "addInitiatorParam", {"initiator": [IQN]}).status == 500
    assert edit_host(client, "h1", "addInitiatorParam", {"initiator": [WWPN]}).status == 200


def test_empty_port_groups_cannot_be_masked(client):
    """A view needs a port group with ports."""
    client.group("g", volumes=1)
    client.host("h1", WWPN)
    assert client.post("portgroup", {"portGroupId": "pg"}).status == 201
    assert client.view("mv", "g", ports="pg").status == 500
    assert client.delete("portgroup/pg").status == 204
    assert "pg" not in client.array.port_groups


def test_port_groups_have_a_limit(client):
    """A port group has 32 ports at most (a public limit)."""
    from pmax.simulator import PortKind

    names = [f"FA-{number // 10}F:{number % 10}" for number in range(33)]
    for name in names:
        client.array.add_port(name, PortKind.FIBRE, identifier=f"wwn {name}")
    body = {"portGroupId": "pg", "symmetrixPortKey": [key(name) for name in names]}
    assert client.post("portgroup", body).status == 500
    body["symmetrixPortKey"].pop()
    assert client.post("portgroup", body).status == 201


def test_ports_leave_a_group_that_has_them(client):
    """A port that is not in the group cannot be removed from it."""
    assert edit_ports(client, "OS-fibre-PG", "removePortParam", {"port": [key("FA-1D:5")]}).status == 500


def test_new_paths_may_not_conflict(client):
    """Ports and hosts that would make two volumes share an address on a path are refused (rule 39)."""
    client.masked("a", volumes=2)
    client.post("portgroup", {"portGroupId": "pg", "symmetrixPortKey": [key("FA-1D:5")]})
    client.group("b", volumes=1)
    client.view("mv2", "b", ports="pg")
    assert edit_ports(client, "pg", "addPortParam", {"port": [key("FA-1D:4")]}).status == 500
    assert edit_ports(client, "pg", "addPortParam", {"port": [key("FA-2D:5")]}).status == 200
    client.host("h2", OTHER_WWPN)
    client.post("hostgroup", {"hostGroupId": "hg", "hostId": ["h2"]})
    client.group("c", volumes=1)
    client.post("maskingview", view_of_host_group("mv3", "c"))
    joining = {"editHostGroupActionParam": {"addHostParam": {"host": ["h1"]}}}
    assert client.put("hostgroup/hg", joining).status == 500
    client.delete("maskingview/mv")
    assert client.put("hostgroup/hg", joining).body["num_of_hosts"] == 2
