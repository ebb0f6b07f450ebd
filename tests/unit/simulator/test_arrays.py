"""Arrays, pools, service levels, several Unispheres (reference sections 6.2, 6.3 and 12; rule 85)."""

import pytest

from pmax.simulator import Options, Simulator


def test_unknown_arrays(client):
    """An array that Unisphere does not know is 404 with the key words (rule 85)."""
    for path in ("volume", "storagegroup/x"):
        reply = client.on(array="000100000000").get(path)
        assert reply.status == 404
        assert "cannot be found" in reply.message
        assert "not found" in reply.message


def test_remote_arrays_refuse_changes(client):
    """An array that is not local can be read, not changed (rule 85)."""
    second = client.simulator.add_unisphere("second", "V9.2.0.0", remote_arrays=["000197900999"])
    remote = client.on(application=second)
    assert remote.get("/92/system/symmetrix/000197900999").body["local"] is False
    assert remote.get("volume").status == 200
    assert remote.post("storagegroup", {"storageGroupId": "g", "srpId": "None"}).status == 403
    assert client.array.storage_groups == {}
    assert remote.on(array="000197900998").post("storagegroup", {"storageGroupId": "g", "srpId": "None"}).status == 201


def test_two_unispheres_see_the_same_arrays(client):
    """What is changed through one Unisphere is seen through the other; jobs and iterators are each one's own."""
    second = client.on(application=client.simulator.add_unisphere("second", "V10.1.0.0"), version=101)
    client.group("g", volumes=1)
    assert second.get("storagegroup/g").body["num_of_vols"] == 1
    iterator = client.get("volume").body["id"]
    assert second.get(f"/common/Iterator/{iterator}").status == 404
    body = {"storageGroupId": "h", "srpId": "None", "executionOption": "ASYNCHRONOUS"}
    job = client.post("storagegroup", body).body["jobId"]
    assert second.get(f"/101/system/job/{job}").status == 404
    assert second.get("/101/system/job").body == {"jobId": []}
    assert (client.get("/version").body["api_version"], second.get("/version").body["api_version"]) == ("92", "101")


def test_array_detail(client):
    """An array reports model, code, device count and that it is local (section 6.2)."""
    client.group("g", volumes=1)
    body = client.get("/92/system/symmetrix/000197900999").body
    assert (body["symmetrixId"], body["model"], body["device_count"]) == ("000197900999", "PowerMax_2000", 3)
    assert (body["local"], body["all_flash"]) == (True, True)
    assert (body["fe_dir_count"], body["rdf_dir_count"]) == (4, 2)


def test_array_capacity_moves(client):
    """The capacities of an array are the sums over its pools."""
    client.group("g", volumes=1, size=1024)
    body = client.get("/92/sloprovisioning/symmetrix/000197900999").body
    assert body["system_capacity"]["subscribed_total_tb"] == 1.0
    assert body["system_capacity"]["usable_total_tb"] == 26.0
    assert (body["sloCompliance"]["slo_stable"], body["default_fba_srp"]) == (1, "SRP_1")


@pytest.mark.parametrize(("wanted", "found"), [("true", ["000197900998", "000197900999"]), ("false", ["000197800042"])])
def test_compression_filter(client, wanted, found):
    """`compressionCapable` filters the arrays; the answer is 200 even if it is empty (section 11, point 4)."""
    client.simulator.add_array("000197800042", model="VMAX200K")
    path = "/84/sloprovisioning/symmetrix"
    assert client.get(path, compressionCapable=wanted).body == {"symmetrixId": found}
    empty = Simulator(Options(fixture="empty"))
    reply = client.on(application=empty.application).get(path, compressionCapable=wanted)
    assert (reply.status, reply.body) == (200, {"symmetrixId": []})


def test_refresh_is_limited(client):
    """An array can be refreshed once in five minutes (section 1.3)."""
    path = "/92/system/symmetrix/000197900999/refresh"
    assert client.post(path, {}).status == 204
    reply = client.post(path, {})
    assert (reply.status, "Too Many Requests" in reply.message) == (429, True)
    client.simulator.clock.advance(300)
    assert client.post(path, {}).status == 204


@pytest.mark.parametrize(
    ("array", "levels", "workloads"),
    [
        ("000197900999", ["Diamond", "Platinum", "Gold", "Silver", "Bronze", "Optimized", "None"], ["None"]),
        ("000197800123", ["Diamond", "Optimized", "None"], ["OLTP", "OLTP_REP", "DSS", "DSS_REP"]),
    ],
)
def test_levels_and_workloads_go_by_family(make_client, array, levels, workloads):
    """Service levels and workload types are those of the array's family and code (section 6.3)."""
    client = make_client(array=array, fixture="families")
    assert client.get("slo").body == {"sloId": levels}
    assert client.get("workloadtype").body == {"workloadId": workloads}


def test_service_levels_can_be_renamed(client):
    """A service level can be renamed; its groups follow, its base name stays (section 6.3)."""
    client.group("g", level="Gold")
    reply = client.put("slo/Gold", {"editSloActionParam": {"renameSloParam": {"sloId": "Fast"}}})
    assert (reply.body["sloId"], reply.body["sloBaseId"], reply.body["storageGroupId"]) == ("Fast", "Gold", ["g"])
    body = client.get("storagegroup/g").body
    assert (body["slo"], body["base_slo_name"]) == ("Fast", "Gold")
    assert client.get("slo/Gold").status == 404
    assert client.put("slo/Fast", {"editSloActionParam": {"renameSloParam": {"sloId": "diamond"}}}).status == 500


def test_pool_reports(client):
    """Demand and compressibility of a pool follow its groups (section 6.3)."""
    (volume,) = client.group("g", level="Gold", volumes=1, size=10)
    client.array.update_volume(volume, allocated_percent=50)
    (demand,) = client.get("srp/SRP_1/service_level_demand_report").body["serviceLevelDemand"]
    assert (demand["serviceLevelId"], demand["fba_subscribed_gb"], demand["fba_allocated_percent"]) == (
        "Gold",
        10.0,
        50,
    )
    (group,) = client.get("srp/SRP_1/storage_group_demand_report").body["storageGroupDemand"]
    assert (group["storageGroupId"], group["allocated_gb"]) == ("g", 5.0)
    (row,) = client.get("srp/SRP_1/compressibility_report").body["storageGroupCompressibility"]
    assert (row["num_of_volumes"], row["compression_enabled"]) == (1, True)
    assert client.get("srp").body == {"srpId": ["SRP_1"]}
    assert client.get("srp/SRP_9").status == 404


def test_licences(client):
    """Licensed features can be taken away from an array (section 6.2)."""
    client.array.update(is_srdf_capable=False)
    rows = client.get("/92/system/capabilities/symmetrix").body["capability"]
    assert {row["symmetrix_id"]: row["license_features"] for row in rows} == {
        "000197900998": ["SYMM_SRDF", "SYMM_TF_SNAP"],
        "000197900999": ["SYMM_TF_SNAP"],
    }


def test_planner(client):
    """The workload planner says what it can and when it looked (section 6.3)."""
    body = client.get("/92/wlp/symmetrix/000197900999").body
    assert 0 < body["nextUpdate"] <= 1800
    rows = client.get("/92/wlp/capabilities/symmetrix").body["symmetrixCapability"]
    assert rows[0]["headroomGbCapable"] is True


def test_directors(client):
    """Directors are listed, shown, and 404 if unknown (section 6.11)."""
    path = "/92/system/symmetrix/000197900999/director"
    listed = client.get(path).body["directorId"]
    assert listed == ["FA-1D", "FA-2D", "RF-1E", "RF-2E", "SE-4E", "SE-5E"]
    body = client.get(f"{path}/FA-1D").body
    assert (body["availability"], body["num_of_ports"]) == ("Online", 2)
    assert client.get(f"{path}/FA-9Z").status == 404
    assert client.get(f"{path}/FA-1D/port/9").status == 404
    fibre = client.get("port", type="FibreChannel (563)").body["symmetrixPortKey"]
    assert fibre == [{"directorId": director, "portId": port} for director in ("FA-1D", "FA-2D") for port in "45"]


@pytest.mark.parametrize("symmetrix_id", ["123", "00019790099A", "000197900999"])
def test_impossible_arrays(client, symmetrix_id):
    """An array has a new id of twelve digits."""
    with pytest.raises(ValueError, match="is no new array"):
        client.simulator.add_array(symmetrix_id)


def test_unknown_models_are_refused(client):
    """An array is of a known model."""
    with pytest.raises(ValueError, match="is no model"):
        client.simulator.add_array("000197900001", model="VMAX40K")


def test_the_same_seed_gives_the_same_answers(make_client):
    """Everything random comes from the seed."""

    def uuids(seed):
        client = make_client(seed=seed)
        client.group("g")
        return client.get("storagegroup/g").body["uuid"], client.get("volume").body["id"]

    assert uuids(1) == uuids(1)
    assert uuids(1) != uuids(2)


def test_logging_in_needs_the_right_port(client):
    """An initiator can only log in on a port that speaks its protocol."""
    with pytest.raises(ValueError, match="does not"):
        client.array.log_in("10000090fa5e1a04", "SE-4E:0")


def test_logging_out_keeps_the_history(client):
    """An initiator that logged out is still listed, as not logged in (section 6.9)."""
    client.array.log_in("10000090fa5e1a04", "FA-1D:4", "FA-2D:4")
    client.array.log_out("10000090fa5e1a04", "FA-1D:4")
    assert client.get("initiator", logged_in="true").body == {"initiatorId": ["FA-2D:4:10000090fa5e1a04"]}
    client.array.log_out("10000090fa5e1a04")
    assert client.get("initiator", logged_in="false").body["initiatorId"] == [
        "FA-1D:4:10000090fa5e1a04",
        "FA-2D:4:10000090fa5e1a04",
    ]
