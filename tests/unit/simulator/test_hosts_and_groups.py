"""Edits of hosts, host groups, port groups and initiators in detail (reference sections 6.7 to 6.10)."""

import pytest

WWPN = "10000090fa5e1a04"
OTHER_WWPN = "10000090fa5e1a05"
IQN = "iqn.1993-08.org.debian:01:1a2b3c4d5e6f"
FLAGS = {
    name: {"enabled": False, "override": False}
    for name in (
        "volume_set_addressing",
        "disable_q_reset_on_ua",
        "environ_set",
        "avoid_reset_broadcast",
        "openvms",
        "scsi_3",
        "spc2_protocol_version",
        "scsi_support1",
    )
}


def edit(client, path, root, action, fields):
    """Send one edit."""
    return client.put(path, {root: {action: fields}})


def edit_group(client, action, fields, name="hg"):
    """Edit a host group."""
    return edit(client, f"hostgroup/{name}", "editHostGroupActionParam", action, fields)


@pytest.fixture
def grouped(client):
    """A client with the hosts h1 and h2, and a group `hg` of h1."""
    client.host("h1", WWPN)
    client.host("h2", OTHER_WWPN)
    assert client.post("hostgroup", {"hostGroupId": "hg", "hostId": ["h1"]}).status == 201
    return client


@pytest.mark.parametrize("name", ["h1", "H1", "hg"])
def test_hosts_and_host_groups_share_their_names(grouped, name):
    """A name of a host or host group is taken for both, in any case (assumed)."""
    assert grouped.post("host", {"hostId": name}).status == 409
    assert grouped.post("hostgroup", {"hostGroupId": name, "hostId": ["h2"]}).status == 409
    assert edit_group(grouped, "renameHostGroupParam", {"new_host_group_name": "h2"}).status == 409
    renaming = {"editHostActionParam": {"renameHostParam": {"new_host_name": "hg"}}}
    assert grouped.put("host/h2", renaming).status == 409
    assert set(grouped.array.hosts) == {"h1", "h2"}


def test_hosts_join_a_group_once(grouped):
    """A host joins a group at once; a second time is refused."""
    assert edit_group(grouped, "addHostParam", {"host": ["h2"]}).body["num_of_hosts"] == 2
    assert edit_group(grouped, "addHostParam", {"host": ["h2"]}).status == 500
    assert grouped.array.host_groups["hg"].hosts == ("h1", "h2")


def test_groups_do_not_mix_protocols(grouped):
    """A host group has hosts of one protocol (rule 36)."""
    grouped.host("h3", IQN)
    assert edit_group(grouped, "addHostParam", {"host": ["h3"]}).status == 500


def test_renaming_a_group_takes_its_views_along(grouped):
    """A host group that is renamed is no longer known by the old name, and its views follow."""
    grouped.group("g", volumes=1)
    body = {
        "maskingViewId": "mv",
        "hostOrHostGroupSelection": {"useExistingHostGroupParam": {"hostGroupId": "hg"}},
        "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": "OS-fibre-PG"}},
        "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": "g"}},
    }
    assert grouped.post("maskingview", body).status == 201
    assert edit_group(grouped, "renameHostGroupParam", {"new_host_group_name": "HG2"}).status == 200
    assert grouped.get("maskingview/mv").body["hostGroupId"] == "HG2"
    assert grouped.get("hostgroup").body == {"hostGroupId": ["HG2"]}


def test_renaming_a_host_takes_its_groups_along(grouped):
    """A host that is renamed is no longer known by the old name, and its groups follow."""
    renaming = {"editHostActionParam": {"renameHostParam": {"new_host_name": "h9"}}}
    assert grouped.put("host/h1", renaming).status == 200
    assert grouped.array.host_groups["hg"].hosts == ("h9",)
    assert grouped.get("host").body == {"hostId": ["h2", "h9"]}


def test_flags_of_a_group(grouped):
    """Flags can be set on a host group and when a host or a group is created."""
    flags = {**FLAGS, "openvms": {"enabled": True, "override": True}, "consistent_lun": True}
    reply = edit_group(grouped, "setHostGroupFlagsParam", {"hostFlags": flags})
    assert (reply.body["consistent_lun"], reply.body["port_flags_override"]) == (True, True)
    assert grouped.get("hostgroup/hg").body["enabled_flags"] == reply.body["enabled_flags"] != ""
    assert grouped.post("host", {"hostId": "h3", "hostFlags": flags}).body["consistent_lun"] is True
    assert grouped.post("hostgroup", {"hostGroupId": "hg3", "hostFlags": flags}).body["consistent_lun"] is True


def test_removed_initiators_are_forgotten_if_they_never_logged_in(client):
    """An initiator that leaves its host is known on only if it logged in once (rule 34)."""
    client.host("h1", WWPN, OTHER_WWPN)
    client.array.log_in(WWPN, "FA-1D:4")
    leaving = {"editHostActionParam": {"removeInitiatorParam": {"initiator": [WWPN, OTHER_WWPN]}}}
    assert client.put("host/h1", leaving).status == 200
    assert set(client.array.initiators) == {WWPN}


@pytest.mark.parametrize(
    ("path", "root", "action", "fields", "task"),
    [
        ("host/h1", "editHostActionParam", "renameHostParam", {"new_host_name": "h9"}, "Modify Host [h1]"),
        ("hostgroup/hg", "editHostGroupActionParam", "addHostParam", {"host": ["h2"]}, "Modify Host Group [hg]"),
        (
            "portgroup/OS-fibre-PG",
            "editPortGroupActionParam",
            "renamePortGroupParam",
            {"new_port_group_name": "pg"},
            "Modify Port Group [OS-fibre-PG]",
        ),
    ],
)
def test_jobs_say_what_they_do(grouped, path, root, action, fields, task):
    """The tasks of a job name what was changed (section 3.2)."""
    reply = grouped.put(path, {"executionOption": "ASYNCHRONOUS", root: {action: fields}})
    job = grouped.get(f"/92/system/job/{reply.body['jobId']}").body
    assert [each["description"] for each in job["task"]] == [task]


@pytest.mark.parametrize(
    ("path", "body", "task"),
    [
        ("host", {"hostId": "h3"}, "Create Host [h3]"),
        ("hostgroup", {"hostGroupId": "hg3", "hostId": ["h2"]}, "Create Host Group [hg3]"),
        ("portgroup", {"portGroupId": "pg3"}, "Create Port Group [pg3]"),
    ],
)
def test_jobs_say_what_they_create(grouped, path, body, task):
    """A job that creates something names it in its tasks and links to it (section 3.2)."""
    reply = grouped.post(path, {"executionOption": "ASYNCHRONOUS", **body})
    job = grouped.get(f"/92/system/job/{reply.body['jobId']}").body
    assert [each["description"] for each in job["task"]] == [task]
    assert job["resourceLink"].endswith(f"/{path}/{next(iter(body.values()))}")


def test_chap_is_not_simulated(client):
    """What the simulator does not know of a known call is answered with 501, never with a pretence."""
    client.array.log_in(IQN, "SE-4E:0")
    fields = {"modify_initiator_chap_authentication_param": {"chap_name": "n"}}
    reply = client.put(f"initiator/SE-4E:000:{IQN}", {"editInitiatorActionParam": fields})
    assert reply.status == 501


def test_attributes_of_an_initiator(client):
    """The FCID and the flags of an initiator can be set."""
    client.array.log_in(WWPN, "FA-1D:4")
    path, root = f"initiator/FA-1D:4:{WWPN}", "editInitiatorActionParam"
    assert edit(client, path, root, "initiatorSetAttributesParam", {"fcidValue": "a0c00"}).body["fcid"] == "a0c00"
    flags = {**FLAGS, "scsi_3": {"enabled": False, "override": True}}
    reply = edit(client, path, root, "initiatorSetFlagsParam", {"initiatorFlags": flags})
    assert (reply.body["port_flags_override"], "SCSI_3" in reply.body["flags_in_effect"]) == (True, False)
    assert client.get(path).body["fcid"] == "a0c00"


def test_distribution_may_be_left_out(client):
    """A limit without a distribution keeps the one before (rule 29)."""
    client.group("g")
    fields = {"host_io_limit_io_sec": 100, "dynamicDistribution": "OnFailure"}
    client.edit("g", "setHostIOLimitsParam", fields)
    body = client.edit("g", "setHostIOLimitsParam", {"host_io_limit_io_sec": 200}).body
    assert body["hostIOLimit"]["dynamicDistribution"] == "OnFailure"
