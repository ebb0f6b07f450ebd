"""Creations in detail: storage groups, views, port groups and their jobs (reference sections 6.6, 6.10 and 6.12)."""

import pytest

WWPN = "10000090fa5e1a04"
PORT = {"directorId": "FA-1D", "portId": "5"}


def tasks(client, reply):
    """The tasks of the job that an answer announces."""
    assert reply.status == 202, reply
    job = client.get(f"/92/system/job/{reply.body['jobId']}").body
    return [task["description"] for task in job["task"]]


def test_job_of_a_new_group(client):
    """The job of a new group says that it was created and refreshed (section 3.2)."""
    reply = client.post("storagegroup", {"storageGroupId": "g", "srpId": "None", "executionOption": "ASYNCHRONOUS"})
    assert tasks(client, reply) == [
        "Create Storage Group [g]",
        "Refresh [Storage Group [g] on Symmetrix [000197900999]] ",
    ]


def test_job_of_a_new_view(client, build):
    """The job of a new view says so (section 3.2)."""
    client.group("g", volumes=1)
    client.host("h1", WWPN)
    reply = client.post("maskingview", {**build.view("mv", "g"), "executionOption": "ASYNCHRONOUS"})
    assert tasks(client, reply) == ["Create Masking View [mv]"]


def test_what_the_service_knows_is_accepted(client, build):
    """Fields that mean nothing to the simulator, but something to the service, are no error (section 6.6)."""
    element = {"sloId": "Gold", "persist_preallocated_capacity_through_reclaim_or_copy": False}
    body = {
        "storageGroupId": "g",
        "srpId": "SRP_1",
        "emulation": "FBA",
        "enableComplianceAlerts": False,
        "sloBasedStorageGroupParam": [element],
    }
    assert client.post("storagegroup", body).status == 201
    client.volume("g")
    client.host("h1", WWPN)
    assert client.post("maskingview", {**build.view("mv", "g"), "enableComplianceAlerts": False}).status == 201


@pytest.mark.parametrize("name", ["child", "CHILD"])
def test_children_need_new_names(client, name):
    """A cascade cannot be created if the name of a child is taken; nothing of it is created then (rule 16)."""
    client.group("child")
    elements = [{"sloId": "Gold"}, {"sloId": "Gold", "custom_cascaded_storageGroupId": name}]
    body = {"storageGroupId": "p", "srpId": "SRP_1", "sloBasedStorageGroupParam": elements}
    assert client.post("storagegroup", body).status == 409
    assert set(client.array.storage_groups) == {"child"}


def test_a_single_child_has_no_name(client):
    """The name of a child makes sense only with several children."""
    element = {"sloId": "Gold", "custom_cascaded_storageGroupId": "c"}
    body = {"storageGroupId": "p", "srpId": "SRP_1", "sloBasedStorageGroupParam": [element]}
    assert client.post("storagegroup", body).status == 400


@pytest.mark.parametrize("number", [-1, 4097])
def test_number_of_volumes_has_a_range(client, build, number):
    """A request is for 0 to 4096 volumes."""
    client.group("g")
    fields = {"addVolumeParam": build.volumes(number=number)}
    assert client.edit("g", "expandStorageGroupParam", fields).status == 400


def test_old_volumes_need_a_size(make_client):
    """In old versions a number of volumes without `volumeAttribute` is refused."""
    client = make_client(version=90)
    client.on(version=92).group("g")
    reply = client.edit("g", "expandStorageGroupParam", {"addVolumeParam": {"num_of_vols": 1, "emulation": "FBA"}})
    assert (reply.status, "volumeAttribute" in reply.message) == (400, True)


def test_no_volumes_are_no_request(client, build):
    """Asking for no volumes at all is refused."""
    client.group("g")
    fields = {"addVolumeParam": build.volumes(number=0)}
    assert client.edit("g", "expandStorageGroupParam", fields).status == 400


@pytest.mark.parametrize("name", ["OS-fibre-PG", "os-fibre-pg"])
def test_port_group_names_are_taken_once(client, name):
    """A name of a port group is taken once, in any case; so it is for renaming (case is assumed)."""
    reply = client.post("portgroup", {"portGroupId": name, "symmetrixPortKey": [PORT]})
    assert (reply.status, reply.message) == (409, "The requested port group resource already exists")
    renaming = {"editPortGroupActionParam": {"renamePortGroupParam": {"new_port_group_name": name}}}
    assert client.put("portgroup/OS-iscsi-PG", renaming).status == 409


@pytest.mark.parametrize("action", ["addPortParam", "removePortParam"])
def test_port_edits_name_a_port(client, action):
    """An edit of ports that names none is refused."""
    body = {"editPortGroupActionParam": {action: {"port": []}}}
    assert client.put("portgroup/OS-fibre-PG", body).status == 400


@pytest.mark.parametrize("port", ["5", "005", "FA-1D:5"])
def test_ports_can_be_written_in_several_ways(client, port):
    """A port in a body is `5`, `005` or `FA-1D:5` (section 6.10)."""
    body = {"portGroupId": "pg", "symmetrixPortKey": [{"directorId": "FA-1D", "portId": port}]}
    assert client.post("portgroup", body).status == 201
    assert client.array.port_groups["pg"].ports == ("FA-1D:5",)


def test_renamed_views_leave_nothing_behind(client):
    """A view that is renamed takes its addresses along; a taken name is refused (rule 38)."""
    (volume,) = client.masked("g")
    client.host("h2", "10000090fa5e1a05")
    client.view("mv2", "g", host="h2")
    renaming = {"editMaskingViewActionParam": {"renameMaskingViewParam": {"new_masking_view_name": "MV2"}}}
    assert client.put("maskingview/mv", renaming).status == 409
    assert client.put("maskingview/mv2", renaming).status == 200
    assert client.array.lun_addresses == {("mv", volume): 1, ("MV2", volume): 1}


def test_clearing_a_name_may_carry_one(client):
    """A choice of `none` clears the identifier, whatever name comes with it."""
    (volume,) = client.group("g", volumes=1)
    identifier = {"volumeIdentifierChoice": "none", "identifier_name": "ignored"}
    edit = {"modifyVolumeIdentifierParam": {"volumeIdentifier": identifier}}
    assert client.put(f"volume/{volume}", {"editVolumeActionParam": edit}).status == 200
    assert client.array.volumes[volume].identifier is None


def test_login_entries_are_removed_one_by_one(client):
    """Removing one login entry leaves the others; the value must be true."""
    client.array.log_in(WWPN, "FA-1D:4", "FA-2D:4")
    path = f"initiator/FA-1D:4:{WWPN}"
    assert client.put(path, {"editInitiatorActionParam": {"removeMaskingEntry": "false"}}).status == 400
    assert client.put(path, {"editInitiatorActionParam": {"removeMaskingEntry": "true"}}).status == 200
    assert client.get("initiator").body == {"initiatorId": [f"FA-2D:4:{WWPN}"]}
