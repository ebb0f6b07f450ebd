"""JSON becomes a value or `MalformedReply`, never another exception and never a value that nobody sent."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmax.adapters.rest import private_wire, wire
from pmax.adapters.rest.converter import make_structurer
from pmax.domain.arrays import Array, Microcode
from pmax.domain.capacity import Capacity
from pmax.domain.errors import MalformedReply
from pmax.domain.masking import (
    Connection,
    DirectorPort,
    Initiator,
    InitiatorGroup,
    MaskingView,
    PortGroup,
    PortKey,
)
from pmax.domain.qos import Distribution, HostIoLimits
from pmax.domain.srps import StorageResourcePool
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume

ARRAY = "000197900999"
STRUCTURER = make_structurer()

VOLUME = {
    "volumeId": "0012F",
    "type": "TDEV",
    "emulation": "FBA",
    "cap_gb": 2.0,
    "cap_cyl": 1093,
    "status": "Ready",
    "volume_identifier": "OS-5d0c7e12",
    "wwn": "60000970000197900999533030313246",
    "num_of_front_end_paths": 2,
    "storageGroupId": ["demo_sg"],
    "rdfGroupId": [{"rdf_group_number": 70, "label": "rdfg_70"}],
    "snapvx_source": True,
    "snapvx_target": False,
    "nguid": "09995330303132460000976000019790",
}
STORAGE_GROUP = {
    "storageGroupId": "demo_sg",
    "slo": "Diamond",
    "srp": "SRP_1",
    "workload": "NONE",
    "num_of_vols": 2,
    "num_of_snapshots": 1,
    "parent_storage_group": ["demo_parent"],
    "maskingview": ["demo_mv"],
    "hostIOLimit": {
        "host_io_limit_io_sec": "4000",
        "host_io_limit_mb_sec": "NOLIMIT",
        "dynamicDistribution": "Always",
    },
    "compression": True,
    "tags": "production, test",
}
SRP = {
    "srpId": "SRP_1",
    "reserved_cap_percent": 10,
    "srp_capacity": {"usable_total_tb": 26.0, "usable_used_tb": 9.5, "subscribed_total_tb": 88.5},
}
V4_SRP = {
    "srpId": "SRP_1",
    "reserved_cap_percent": 10,
    "fba_srp_capacity": {
        "provisioned": {"provisioned_tb": 45.0, "used_tb": 30.0},
        "effective": {"used_tb": 30.0, "total_tb": 120.0, "free_tb": 90.0},
    },
}
PORT = {
    "symmetrixPort": {
        "symmetrixPortKey": {"directorId": "SE-4E", "portId": "0"},
        "port_status": "ON",
        "director_status": "Online",
        "identifier": "iqn.1992-04.com.emc:600",
        "ip_addresses": ["10.10.0.8/24"],
    }
}
PRIVATE_VOLUME = {
    "volumeHeader": {
        "volumeId": "0012F",
        "nameModifier": "",
        "userDefinedIdentifier": "OS-x",
        "configuration": "RDF1+TDEV",
        "storageGroup": ["demo_sg"],
        "status": "Ready",
        "capCYL": 1093,
        "emulationType": "FBA",
        "mapped": False,
        "numSymDevMaskingViews": 0,
        "wwn": "60000970000197900999533030313246",
    },
    "rdfInfo": {"RDF": True, "RDFSession": [{"SRDFGroupNumber": 70}]},
    "timeFinderInfo": {"snapVXSrc": True, "snapVXTgt": False},
}
GROUP_OF_PORTS = {
    "portGroupId": "pg1",
    "symmetrixPortKey": [{"directorId": "FA-1D", "portId": "FA-1D:4"}, {"directorId": "FA-2D", "portId": "4"}],
    "maskingview": ["demo_mv"],
}
HOST = {"hostId": "h1", "num_of_host_groups": 0, "type": "Fibre", "initiator": ["10000090fa5e1a04"]}
INITIATOR = {"initiatorId": "10000090fa5e1a04", "host": "h1", "logged_in": True}
VIEW = {"maskingViewId": "mv", "hostId": "h1", "portGroupId": "pg1", "storageGroupId": "sg"}
CONNECTION = {
    "volumeId": "0012F",
    "host_lun_address": "000A",
    "initiatorId": "10000090fa5e1a04",
    "dir_port": "FA-1D:4",
    "logged_in": True,
}
ARRAY_DETAIL = {"symmetrixId": ARRAY, "model": "PowerMax_2000", "ucode": "5978.669.669", "all_flash": True}
ITERATOR = {
    "id": "7c1d_0",
    "count": 2,
    "maxPageSize": 1000,
    "resultList": {"from": 1, "to": 2, "result": [{"volumeId": "00001"}, {"volumeId": "00002"}]},
}
JOB = {
    "jobId": "1693476512345",
    "status": "SUCCEEDED",
    "result": "Started",
    "resourceLink": "x",
    "task": [{"execution_order": 1, "description": "d"}],
}

SAMPLES = {
    Volume: VOLUME,
    StorageGroup: STORAGE_GROUP,
    StorageResourcePool: SRP,
    DirectorPort: PORT,
    PortGroup: GROUP_OF_PORTS,
    InitiatorGroup: HOST,
    Initiator: INITIATOR,
    MaskingView: VIEW,
    Connection: CONNECTION,
    Array: ARRAY_DETAIL,
    private_wire.PrivateVolume: PRIVATE_VOLUME,
    wire.IteratorReply: ITERATOR,
    wire.JobReply: JOB,
    wire.ResultList: ITERATOR["resultList"],
    wire.ListedVolume: {"volumeId": "00001"},
    wire.ConnectionsReply: {"maskingViewConnection": [CONNECTION]},
    tuple[str, ...]: ["a", "b"],
}


def structure(payload, form):
    """Make a value."""
    return STRUCTURER.structure(payload, form, "/the/path", ARRAY)


def problems(payload, form):
    """What is wrong with a payload."""
    with pytest.raises(MalformedReply) as raised:
        structure(payload, form)
    assert raised.value.path == "/the/path"
    return "; ".join(raised.value.problems)


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_volume():
    """Every field of a volume comes from its key; sizes are cylinders."""
    assert structure(VOLUME, Volume) == Volume(
        array_id=ARRAY,
        device_id="0012F",
        identifier="OS-5d0c7e12",
        capacity=Capacity.from_cylinders(1093),
        storage_groups=("demo_sg",),
        wwn="60000970000197900999533030313246",
        front_end_paths=2,
        is_snapshot_source=True,
        rdf_groups=(70,),
        nguid="09995330303132460000976000019790",
    )


@pytest.mark.parametrize(
    "absent", [{}, {"volume_identifier": None}, {"volume_identifier": ""}, {"volume_identifier": "N/A"}]
)
def test_a_volume_without_name_and_group(absent):
    """The service leaves out what a volume does not have, or says that there is none."""
    left_out = {"volume_identifier", "storageGroupId", "rdfGroupId", "nguid"}
    volume = structure({key: value for key, value in VOLUME.items() if key not in left_out} | absent, Volume)
    assert (volume.identifier, volume.storage_groups, volume.rdf_groups, volume.nguid) == (None, (), (), None)


def test_a_volume_may_be_called_none():
    """`None` is a name like any other."""
    assert structure(VOLUME | {"volume_identifier": "None"}, Volume).identifier == "None"


def test_numbers_and_booleans_in_text_where_the_service_sends_them():
    """Some servers send text for these fields, and mean what it says."""
    lenient = {"cap_cyl": "1093", "snapvx_source": "False", "snapvx_target": "true", "num_of_front_end_paths": "0"}
    volume = structure(VOLUME | lenient, Volume)
    assert (volume.capacity.cylinders, volume.is_snapshot_source, volume.is_snapshot_target) == (1093, False, True)


@pytest.mark.parametrize("groups", [[70], ["70"], [{"rdf_group_number": "70"}]])
def test_rdf_groups_in_every_form(groups):
    """A list of numbers or of objects, by version."""
    assert structure(VOLUME | {"rdfGroupId": groups}, Volume).rdf_groups == (70,)


def test_a_storage_group():
    """Every field of a storage group comes from its key."""
    assert structure(STORAGE_GROUP, StorageGroup) == StorageGroup(
        array_id=ARRAY,
        name="demo_sg",
        srp="SRP_1",
        service_level="Diamond",
        volume_count=2,
        parents=("demo_parent",),
        masking_views=("demo_mv",),
        is_compressed=True,
        limits=HostIoLimits(4000, None, Distribution.ALWAYS),
        tags=("production", "test"),
        snapshot_count=1,
    )


@pytest.mark.parametrize("none", ["NONE", "None", "none", ""])
def test_a_group_without_service_level(none):
    """`NONE` in any case is no service level, no pool, no workload."""
    group = structure(STORAGE_GROUP | {"slo": none, "srp": none, "workload": none}, StorageGroup)
    assert (group.service_level, group.srp, group.workload, group.is_fast_managed) == (None, None, None, False)


@pytest.mark.parametrize(
    "limits",
    [{}, {"host_io_limit_io_sec": "NOLIMIT", "host_io_limit_mb_sec": "NOLIMIT", "dynamicDistribution": "Never"}],
)
def test_limits_that_limit_nothing_are_none(limits):
    """A group whose limits are all open has none."""
    assert structure(STORAGE_GROUP | {"hostIOLimit": limits}, StorageGroup).limits is None


def test_limits_in_numbers():
    """A server that sends numbers is understood."""
    limits = {"host_io_limit_io_sec": 4000, "host_io_limit_mb_sec": 100}
    assert structure(STORAGE_GROUP | {"hostIOLimit": limits}, StorageGroup).limits == HostIoLimits(4000, 100)


def test_a_pool():
    """Terabytes of the service are 1024 gigabytes."""
    pool = structure(SRP, StorageResourcePool)
    assert (pool.total_gib, pool.used_gib, pool.subscribed_gib, pool.reserved_percent) == (26624, 9728, 90624, 10)


def test_a_pool_of_a_v4_array():
    """V4 arrays report effective and provisioned capacities."""
    pool = structure(V4_SRP, StorageResourcePool)
    assert (pool.total_gib, pool.used_gib, pool.subscribed_gib) == (122880, 30720, 46080)


def test_a_pool_of_a_v4_array_that_does_not_say_what_it_promised():
    """Then it promised what is used."""
    capacity = {"effective": V4_SRP["fba_srp_capacity"]["effective"]}
    assert structure(V4_SRP | {"fba_srp_capacity": capacity}, StorageResourcePool).subscribed_gib == 30720


def test_a_pool_that_says_its_use_in_percent():
    """Where the figure itself is missing, the percentage gives it."""
    capacity = {"usable_total_tb": 20.0, "subscribed_total_tb": 1.0, "effective_used_capacity_percent": 35}
    assert structure(SRP | {"srp_capacity": capacity}, StorageResourcePool).used_gib == 20 * 1024 * 0.35


@pytest.mark.parametrize(
    "capacity", [{"srp_capacity": {"usable_total_tb": 1.0, "subscribed_total_tb": 1.0}}, {"srp_capacity": None}]
)
def test_a_pool_without_figures_is_not_empty(capacity):
    """A figure that is missing is never zero."""
    assert "is there" in problems(SRP | capacity, StorageResourcePool)


def test_a_port():
    """An endpoint's addresses come without their prefix length."""
    assert structure(PORT, DirectorPort) == DirectorPort(
        key=PortKey("SE-4E", "0"), identifier="iqn.1992-04.com.emc:600", ip_addresses=("10.10.0.8",)
    )


@pytest.mark.parametrize("status", [{"port_status": "OFF"}, {"port_status": "PendOn"}, {"director_status": "Offline"}])
def test_a_port_is_online_only_with_its_director(status):
    """Both must be up."""
    port = {"symmetrixPort": PORT["symmetrixPort"] | status}
    assert not structure(port, DirectorPort).is_online


def test_a_port_without_status_is_not_online():
    """Nobody is led to a port of which nothing is known."""
    port = {key: value for key, value in PORT["symmetrixPort"].items() if key != "port_status"}
    assert "port_status" in problems({"symmetrixPort": port}, DirectorPort)


def test_ports_of_a_group_in_both_forms():
    """API 90 puts the director before the number, newer ones do not."""
    assert structure(GROUP_OF_PORTS, PortGroup).ports == (PortKey("FA-1D", "4"), PortKey("FA-2D", "4"))


@pytest.mark.parametrize(("text", "number"), [("SE-4E:000", "0"), ("SE-4E:012", "12"), ("SE-4E:x", "x")])
def test_zeros_before_a_port_number_mean_nothing(text, number):
    """`000` and `0` are one port."""
    assert structure(CONNECTION | {"dir_port": text}, Connection).port == PortKey("SE-4E", number)


@pytest.mark.parametrize("text", ["FA-1D", ":4", "FA-1D:", ""])
def test_half_a_port_is_none(text):
    """A port has a director and a number."""
    assert "director" in problems(CONNECTION | {"dir_port": text}, Connection)


def test_an_empty_initiator_group():
    """A host without initiators leaves the key out."""
    assert structure({"hostId": "h1"}, InitiatorGroup).initiators == frozenset()


def test_an_initiator_in_no_group():
    """An initiator that is in no host has no such key."""
    assert structure({"initiatorId": "10000090fa5e1a04", "logged_in": False}, Initiator).initiator_group is None


@pytest.mark.parametrize(("address", "lun"), [("0000", 0), ("000A", 10), ("0x1f", 31), ("00ff", 255)])
def test_lun_addresses_are_hexadecimal(address, lun):
    """`000A` is LUN 10."""
    assert structure(CONNECTION | {"host_lun_address": address}, Connection).lun == lun


@pytest.mark.parametrize("key", ["ucode", "microcode"])
def test_an_array_of_either_generation(key):
    """V4 arrays call it `microcode`."""
    detail = {"symmetrixId": ARRAY, "model": "PowerMax_8500", key: "6079.65.0"}
    assert structure(detail, Array).microcode == Microcode((6079, 65, 0))


def test_an_array_without_microcode_is_malformed():
    """What an array can do depends on it, so it is not guessed."""
    assert "ucode" in problems({"symmetrixId": ARRAY, "model": "PowerMax_8500"}, Array)


def test_a_private_volume():
    """The private resource says the same in other words."""
    assert structure(PRIVATE_VOLUME, private_wire.PrivateVolume).to_domain() == Volume(
        array_id=ARRAY,
        device_id="0012F",
        identifier="OS-x",
        capacity=Capacity.from_cylinders(1093),
        storage_groups=("demo_sg",),
        wwn="60000970000197900999533030313246",
        configuration="RDF1+TDEV",
        is_snapshot_source=True,
        rdf_groups=(70,),
    )


@pytest.mark.parametrize(
    ("header", "identifier"),
    [
        ({"userDefinedIdentifier": "N/A", "nameModifier": "OS-y"}, "OS-y"),
        ({"userDefinedIdentifier": None, "nameModifier": "OS-y"}, "OS-y"),
        ({"userDefinedIdentifier": "N/A", "nameModifier": ""}, None),
    ],
)
def test_the_identifier_of_a_private_volume_by_version(header, identifier):
    """API 90 has it under another key."""
    payload = PRIVATE_VOLUME | {"volumeHeader": PRIVATE_VOLUME["volumeHeader"] | header}
    assert structure(payload, private_wire.PrivateVolume).to_domain().identifier == identifier


@pytest.mark.parametrize(("seen", "paths"), [({"mapped": True}, 1), ({"numSymDevMaskingViews": 2}, 2)])
def test_a_private_volume_that_hosts_see(seen, paths):
    """A volume in a view has paths, although the private resource does not count them."""
    payload = PRIVATE_VOLUME | {"volumeHeader": PRIVATE_VOLUME["volumeHeader"] | seen}
    assert structure(payload, private_wire.PrivateVolume).to_domain().front_end_paths == paths


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("succeeded", wire.JobState.SUCCEEDED),
        ("FAILED", wire.JobState.FAILED),
        ("ABORTED", wire.JobState.FAILED),
        ("RUNNING", wire.JobState.GOING),
        ("UNKNOWN", wire.JobState.GOING),
        ("of a kind that nobody knows", wire.JobState.GOING),
    ],
)
def test_only_an_end_ends_a_job(status, state):
    """A status that is not known says nothing about the end."""
    assert structure(JOB | {"status": status}, wire.JobReply).state is state


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["volumeId", "cap_cyl", "num_of_front_end_paths", "snapvx_source", "snapvx_target"])
@pytest.mark.parametrize("absence", ["missing", "null"])
def test_what_a_volume_must_say(key, absence):
    """Whether a volume may be deleted depends on these, so their absence never means zero or no."""
    payload = {each: value for each, value in VOLUME.items() if each != key or absence == "null"}
    if absence == "null":
        payload[key] = None
    assert problems(payload, Volume)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"volumeId": 303}, "303 is not a text"),
        ({"volumeId": "xyz"}, "device id"),
        ({"storageGroupId": "demo_sg"}, "'demo_sg' is not a list"),
        ({"storageGroupId": {"demo_sg": 1}}, "is not a list"),
        ({"storageGroupId": ["a", None]}, "None is not a text"),
        ({"cap_cyl": -1}, ""),
        ({"cap_cyl": 1.5}, "1.5 is not a whole number"),
        ({"cap_cyl": True}, "True is not a whole number"),
        ({"snapvx_source": "maybe"}, "'maybe' is not true or false"),
        ({"snapvx_source": 0}, "0 is not true or false"),
        ({"status": ["Ready"]}, "is not a text"),
        ({"rdfGroupId": 70}, "70 is not a list"),
        ({"rdfGroupId": [{}]}, "rdf_group_number"),
        ({"status": "x" * 500 + "\n", "type": 7}, "7 is not a text"),
    ],
)
def test_what_has_the_wrong_form_is_named(change, problem):
    """A problem says what was found and what was expected."""
    assert problem in problems(VOLUME | change, Volume)


def test_every_problem_is_told_at_once():
    """Two wrong fields make two problems."""
    with pytest.raises(MalformedReply) as raised:
        structure(VOLUME | {"status": 1, "emulation": 2}, Volume)
    assert len(raised.value.problems) == 2


def test_a_long_value_is_shown_in_part():
    """The problem of a huge value is no huge text."""
    assert len(problems(VOLUME | {"cap_cyl": "9" * 5000}, Volume)) < 200


@pytest.mark.parametrize("form", SAMPLES, ids=str)
@pytest.mark.parametrize("payload", [None, True, 3, "text", [], [[]], {}, {"": {}}], ids=str)
def test_anything_else_is_malformed(form, payload):
    """Whatever comes instead of an object is refused, unless the object has nothing that must be there."""
    if (form, payload) in [(tuple[str, ...], []), (wire.ConnectionsReply, {}), (wire.ConnectionsReply, {"": {}})]:
        assert structure(payload, form) is not None
    else:
        assert problems(payload, form)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**320)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["true", "NONE", "NOLIMIT", "0012F", "FA-1D:4", ARRAY, "SUCCEEDED", "5978.669.669", "9" * 400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def places(payload, path=()):
    """Every place in a payload."""
    yield path
    items = payload.items() if isinstance(payload, dict) else enumerate(payload) if isinstance(payload, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


def replaced(payload, path, value):
    """The payload with something else in one place."""
    if not path:
        return value
    copy = dict(payload) if isinstance(payload, dict) else list(payload)
    copy[path[0]] = replaced(payload[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("form", SAMPLES, ids=str)
def test_every_sample_is_understood(form):
    """The samples are whole, so that changing them tests something."""
    assert structure(SAMPLES[form], form) is not None


@pytest.mark.parametrize("form", SAMPLES, ids=str)
@settings(max_examples=60)
@given(data=st.data())
def test_a_reply_with_anything_anywhere_is_a_value_or_malformed(form, data):
    """Whatever stands in one place of a reply, the result is a value of the class, or `MalformedReply`."""
    sample = SAMPLES[form]
    payload = replaced(sample, data.draw(st.sampled_from(list(places(sample)))), data.draw(JSON))
    try:
        value = structure(payload, form)
    except MalformedReply:
        return
    assert isinstance(value, tuple if form == tuple[str, ...] else form)


@pytest.mark.parametrize("form", SAMPLES, ids=str)
@settings(max_examples=30)
@given(payload=JSON)
def test_any_json_is_a_value_or_malformed(form, payload):
    """A reply of pure invention is never another exception."""
    with contextlib.suppress(MalformedReply):
        structure(payload, form)
