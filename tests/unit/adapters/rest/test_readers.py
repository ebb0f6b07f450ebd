"""The reading ports: value, absence, or an error, and how often the array is asked."""

import attrs
import pytest

from pmax.domain.errors import (
    ArrayRejected,
    Busy,
    CredentialsRejected,
    MalformedReply,
    NotFound,
    Unavailable,
)
from pmax.domain.masking import PortKey
from pmax.ports.readers import Readers
from tests.unit.adapters.rest.doubles import ARRAY, SETTINGS, Web

SYSTEM = f"/92/system/symmetrix/{ARRAY}"
PROVISIONING = f"/92/sloprovisioning/symmetrix/{ARRAY}"
DETAIL = {"symmetrixId": ARRAY, "model": "PowerMax_2000", "ucode": "5978.669.669"}
PORT = {
    "symmetrixPort": {
        "symmetrixPortKey": {"directorId": "FA-1D", "portId": "4"},
        "port_status": "ON",
        "director_status": "Online",
        "identifier": "5000097398000004",
    }
}
GROUP = {"portGroupId": "pg", "symmetrixPortKey": [{"directorId": "FA-1D", "portId": "4"}]}


def missing(kind, name):
    """The array's answer for something that it does not have."""
    return {"status_code": 404, "json": {"message": f"{kind} [{name}] on Symmetrix [{ARRAY}] cannot be found"}}


#: For each question: path, the array's word for the kind, the name, and how it is asked.
FINDS = {
    "volume": ("/volume/0012F", "Volume", "0012F", lambda ask: ask.volumes.find_volume(ARRAY, "0012F")),
    "storage group": (
        "/storagegroup/x",
        "Storage Group",
        "x",
        lambda ask: ask.storage_groups.find_storage_group(ARRAY, "x"),
    ),
    "masking view": ("/maskingview/x", "Masking View", "x", lambda ask: ask.masking.find_masking_view(ARRAY, "x")),
    "initiator group": ("/host/x", "Host", "x", lambda ask: ask.masking.find_initiator_group(ARRAY, "x")),
    "port group": ("/portgroup/x", "Port Group", "x", lambda ask: ask.masking.find_port_group(ARRAY, "x")),
}

FAILURES = [
    ({"status_code": 401, "json": {"message": "Unauthorized"}}, CredentialsRejected),
    ({"status_code": 403, "json": {"message": "no"}}, CredentialsRejected),
    ({"status_code": 404, "content": b"<html>"}, ArrayRejected),
    ({"status_code": 404, "json": {"message": "There is no such path"}}, ArrayRejected),
    ({"status_code": 404, "json": {"message": f"Symmetrix [{ARRAY}] cannot be found"}}, NotFound),
    ({"status_code": 429, "json": {"message": "Too Many Requests"}}, Busy),
    ({"status_code": 500, "json": {"message": "A problem occurred"}}, ArrayRejected),
    ({"status_code": 500, "content": b""}, ArrayRejected),
    ({"status_code": 502, "content": b"<html>"}, Unavailable),
    ({"status_code": 503, "content": b""}, Busy),
    ({"status_code": 504, "content": b""}, Unavailable),
    ({"status_code": 200, "content": b"<html>"}, MalformedReply),
    ({"status_code": 200, "content": b""}, MalformedReply),
    ({"status_code": 200, "json": {}}, MalformedReply),
    ({"status_code": 302, "headers": {"Location": "https://elsewhere.invalid"}}, ArrayRejected),
    ({"exc": ConnectionResetError}, Unavailable),
    ({"exc": TimeoutError}, Unavailable),
]


@pytest.mark.parametrize("kind", FINDS)
def test_what_the_array_does_not_have_is_absent(kind):
    """404 in the array's words about that very object."""
    path, array_kind, name, ask = FINDS[kind]
    web = Web()
    web.answer("GET", PROVISIONING + path, **missing(array_kind, name))
    assert ask(web.connect().readers) is None
    assert len(web.targets) == 1


@pytest.mark.parametrize("kind", FINDS)
@pytest.mark.parametrize(("answer", "error"), FAILURES, ids=lambda value: str(value)[:40])
def test_a_failure_is_never_an_absence(kind, answer, error):
    """Whatever else comes is raised."""
    path, _, _, ask = FINDS[kind]
    web = Web()
    web.answer("GET", PROVISIONING + path, **answer)
    with pytest.raises(error):
        ask(web.connect().readers)


LISTS = {
    "storageGroupId": ("/storagegroup", lambda ask: ask.storage_groups.list_storage_groups(ARRAY)),
    "maskingViewId": ("/maskingview", lambda ask: ask.masking.list_masking_views(ARRAY)),
    "hostId": ("/host", lambda ask: ask.masking.list_initiator_groups(ARRAY)),
    "portGroupId": ("/portgroup", lambda ask: ask.masking.list_port_groups(ARRAY)),
    "srpId": ("/srp", lambda ask: ask.arrays.list_srps(ARRAY)),
    "sloId": ("/slo", lambda ask: ask.arrays.list_service_levels(ARRAY)),
}


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize(("payload", "names"), [(["a", "b"], ("a", "b")), ([], ()), (None, ())])
def test_lists_of_names(key, payload, names):
    """Names come in the array's order; an empty list may be left out."""
    path, ask = LISTS[key]
    web = Web()
    web.answer("GET", PROVISIONING + path, json={} if payload is None else {key: payload})
    assert ask(web.connect().readers) == names


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize("body", [[], "a", {"KEY": "abc"}, {"KEY": [1]}, {"KEY": {"a": 1}}], ids=str)
def test_a_list_of_something_else_is_malformed(key, body):
    """Only a list of texts is a list of names."""
    path, ask = LISTS[key]
    web = Web()
    payload = {key: body["KEY"]} if isinstance(body, dict) else body
    web.answer("GET", PROVISIONING + path, json=payload)
    with pytest.raises(MalformedReply):
        ask(web.connect().readers)


def test_the_views_of_an_initiator_group_and_a_port_group():
    """Both conditions are the array's business."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/maskingview", json={"maskingViewId": ["mv"]})
    readers = web.connect().readers
    assert readers.masking.list_masking_views(ARRAY, initiator_group="ig", port_group="pg") == ("mv",)
    assert web.targets[-1][1].endswith("?host_or_host_group_name=ig&port_group_name=pg")


# --- arrays ----------------------------------------------------------------------------------------------------------


def test_an_array_is_read_once():
    """Model and microcode hardly ever change: an upgrade is seen after a day."""
    web = Web()
    web.answer("GET", SYSTEM, json=DETAIL)
    readers = web.connect().readers
    assert readers.arrays.get_array(ARRAY) == readers.arrays.get_array(ARRAY)
    web.clock.now += 86_000
    readers.arrays.get_array(ARRAY)
    assert len(web.targets) == 1
    web.clock.now += 1_000
    readers.arrays.get_array(ARRAY)
    assert len(web.targets) == 2


def test_an_array_that_is_not_there():
    """A wrong serial is not found."""
    web = Web()
    web.answer("GET", SYSTEM, status_code=404, json={"message": f"Symmetrix [{ARRAY}] cannot be found"})
    with pytest.raises(NotFound) as raised:
        web.connect().readers.arrays.get_array(ARRAY)
    assert (raised.value.kind, raised.value.name) == ("array", ARRAY)


def test_a_failure_to_read_an_array_is_not_remembered():
    """The next question asks again."""
    web = Web()
    web.answer("GET", SYSTEM, {"status_code": 500, "json": {"message": "no"}}, {"json": DETAIL})
    arrays = web.connect().readers.arrays
    with pytest.raises(ArrayRejected):
        arrays.get_array(ARRAY)
    assert arrays.get_array(ARRAY).model == "PowerMax_2000"


def test_the_answer_must_be_about_the_array():
    """Another array's details are no details of this one."""
    web = Web()
    web.answer("GET", SYSTEM, json=DETAIL | {"symmetrixId": "000197900999"})
    with pytest.raises(MalformedReply, match="000197900999"):
        web.connect().readers.arrays.get_array(ARRAY)


@pytest.mark.parametrize(("microcode", "workloads"), [("5977.1131.1131", ("OLTP", "DSS")), ("5978.669.669", ())])
def test_only_old_arrays_are_asked_for_workloads(microcode, workloads):
    """PowerMaxOS has none, so it is not asked."""
    web = Web()
    web.answer("GET", SYSTEM, json=DETAIL | {"ucode": microcode})
    web.answer("GET", f"{PROVISIONING}/workloadtype", json={"workloadId": ["OLTP", "DSS"]})
    assert web.connect().readers.arrays.list_workloads(ARRAY) == workloads
    assert len(web.targets) == 1 + bool(workloads)


def test_service_levels_are_read_once_and_pools_each_time():
    """Levels cannot be added; the figures of a pool move."""
    web = Web()
    capacity = {"usable_total_tb": 1.0, "usable_used_tb": 0.5, "subscribed_total_tb": 2.0}
    web.answer("GET", f"{PROVISIONING}/slo", json={"sloId": ["Diamond"]})
    web.answer("GET", f"{PROVISIONING}/srp/SRP_1", json={"srpId": "SRP_1", "srp_capacity": capacity})
    arrays = web.connect().readers.arrays
    for _ in range(2):
        assert arrays.list_service_levels(ARRAY) == ("Diamond",)
        assert arrays.get_srp(ARRAY, "SRP_1").free_gib == 512.0
    assert [target for _, target in web.targets].count(f"{PROVISIONING}/slo") == 1
    assert [target for _, target in web.targets].count(f"{PROVISIONING}/srp/SRP_1") == 2


def test_an_unknown_pool_is_not_found():
    """A pool that is not there has no figures, not even zero."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/srp/SRP_9", **missing("Storage Resource Pool", "SRP_9"))
    with pytest.raises(NotFound):
        web.connect().readers.arrays.get_srp(ARRAY, "SRP_9")


def test_all_arrays():
    """Every serial that Unisphere knows; one that is none is malformed."""
    web = Web()
    web.answer("GET", "/92/system/symmetrix", {"json": {"symmetrixId": [ARRAY]}}, {"json": {"symmetrixId": ["12"]}})
    arrays = web.connect().readers.arrays
    assert arrays.list_arrays() == (ARRAY,)
    with pytest.raises(MalformedReply):
        arrays.list_arrays()


# --- masking ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def masking():
    """Unisphere with a port and a port group, and its reader."""
    web = Web()
    web.answer("GET", f"{SYSTEM}/director/FA-1D/port/4", json=PORT)
    web.answer("GET", f"{PROVISIONING}/portgroup/pg", json=GROUP)
    return web, web.connect(attrs.evolve(SETTINGS, cache_age_s=60.0)).readers.masking


def ask_both(reader):
    """Read the port group and its port."""
    group = reader.find_port_group(ARRAY, "pg")
    return [reader.get_port(ARRAY, key).identifier for key in group.ports]


def test_ports_and_port_groups_are_believed_for_a_while(masking):
    """Within the configured age they are asked once, and again afterwards."""
    web, reader = masking
    for _ in range(3):
        assert ask_both(reader) == ["5000097398000004"]
    assert len(web.targets) == 2
    web.clock.now += 60.0
    ask_both(reader)
    assert len(web.targets) == 4


def test_an_absence_is_not_believed():
    """A port group that is made a moment later is found."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/portgroup/pg", missing("Port Group", "pg"), {"json": GROUP})
    reader = web.connect().readers.masking
    assert reader.find_port_group(ARRAY, "pg") is None
    assert reader.find_port_group(ARRAY, "pg").ports == (PortKey("FA-1D", "4"),)


def test_an_unknown_port_is_not_found(masking):
    """A port that is gone is not offline: it is not there."""
    web, reader = masking
    web.answer("GET", f"{SYSTEM}/director/FA-9Z/port/1", **missing("Port", "FA-9Z:1"))
    with pytest.raises(NotFound):
        reader.get_port(ARRAY, PortKey("FA-9Z", "1"))


def row(device, address, **changes):
    """A path."""
    return {
        "volumeId": device,
        "host_lun_address": address,
        "initiatorId": "10000090fa5e1a04",
        "dir_port": "FA-1D:4",
        "logged_in": True,
    } | changes


def connections(rows, device="0012F"):
    """Paths of a view as the reader gives them."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/maskingview/mv/connections", json={"maskingViewConnection": rows})
    return web.connect().readers.masking.list_connections(ARRAY, "mv", device), web


def test_paths_of_one_volume():
    """The volume is the filter, and the LUN is a number."""
    [connection], web = connections([row("0012F", "000A")])
    assert (connection.lun, connection.port, connection.is_logged_in) == (10, PortKey("FA-1D", "4"), True)
    assert web.targets[-1][1].endswith("/connections?volume_id=0012F")


@pytest.mark.parametrize("address", ["", None])
def test_a_path_without_a_lun_address_is_none_yet(address):
    """The array may list paths that it is still making."""
    found, _ = connections([row("0012F", "0001"), row("0012F", address)])
    assert len(found) == 1


def test_paths_of_other_volumes_are_left_out():
    """A server that does not know the filter gives all of them."""
    found, _ = connections([row("0012F", "0001"), row("00130", "0002")])
    assert [each.device_id for each in found] == ["0012F"]


def test_all_paths_of_a_view():
    """Without a volume nothing is filtered."""
    found, web = connections([row("0012F", "0001"), row("00130", "0002")], None)
    assert len(found) == 2
    assert web.targets[-1][1].endswith("/connections")


def test_a_view_without_paths_has_none():
    """No row is no error: the addresses may still come."""
    assert connections([])[0] == ()


def test_a_path_that_makes_no_sense_is_malformed():
    """A LUN that is no number is not passed on."""
    with pytest.raises(MalformedReply):
        connections([row("0012F", "first")])


def test_paths_of_a_view_that_is_gone():
    """A missing view is not a view without paths."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/maskingview/mv/connections", **missing("Masking View", "mv"))
    with pytest.raises(NotFound) as raised:
        web.connect().readers.masking.list_connections(ARRAY, "mv")
    assert (raised.value.kind, raised.value.name) == ("masking view", "mv")


IQN = "iqn.1993-08.org.debian:01:abc"


def test_initiators_are_found_in_one_list_and_read_each():
    """One question for all names, then one for each entry: only that says in which group it is."""
    web = Web()
    entries = [f"SE-4E:000:{IQN}", "FA-1D:4:10000090fa5e1a04"]
    web.answer("GET", f"{PROVISIONING}/initiator", json={"initiatorId": entries})
    detail = {"initiatorId": IQN, "host": "h1", "logged_in": True}
    web.answer("GET", f"{PROVISIONING}/initiator/{entries[0]}", json=detail)
    web.answer(
        "GET", f"{PROVISIONING}/initiator/{entries[1]}", json={"initiatorId": "10000090fa5e1a04", "logged_in": False}
    )
    names = (IQN.upper(), "10000090FA5E1A04", IQN.upper())
    found = web.connect().readers.masking.find_initiators(ARRAY, names)
    assert [(each.name, each.initiator_group, each.port, each.is_logged_in) for each in found] == [
        (IQN, "h1", PortKey("SE-4E", "0"), True),
        ("10000090fa5e1a04", None, PortKey("FA-1D", "4"), False),
    ]
    assert web.targets[0][1].endswith(f"/initiator?initiator_hba={IQN}&initiator_hba=10000090fa5e1a04")
    assert len(web.targets) == 3


def test_initiators_that_never_logged_in_have_no_entry():
    """No entry is an answer."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/initiator", json={})
    assert web.connect().readers.masking.find_initiators(ARRAY, (IQN,)) == ()


def test_nobody_is_not_looked_for():
    """Without names the array would list everybody."""
    web = Web()
    assert web.connect().readers.masking.find_initiators(ARRAY, ()) == ()
    assert web.targets == []


def test_an_entry_that_goes_meanwhile_is_left_out():
    """It was there when the list was made, and is not any more."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/initiator", json={"initiatorId": [f"SE-4E:0:{IQN}"]})
    web.answer("GET", f"{PROVISIONING}/initiator/SE-4E:0:{IQN}", **missing("Initiator", f"SE-4E:0:{IQN}"))
    assert web.connect().readers.masking.find_initiators(ARRAY, (IQN,)) == ()


@pytest.mark.parametrize("entry", ["FA-1D", "FA-1D:4", "FA-1D:4:"])
def test_an_entry_without_port_or_name_is_malformed(entry):
    """The list says where the initiator was seen."""
    web = Web()
    web.answer("GET", f"{PROVISIONING}/initiator", json={"initiatorId": [entry]})
    with pytest.raises(MalformedReply):
        web.connect().readers.masking.find_initiators(ARRAY, (IQN,))


def test_there_is_a_reader_of_every_kind():
    """All reading ports come together."""
    assert isinstance(Web().connect().readers, Readers)


@pytest.mark.parametrize("knows_filter", [True, False])
def test_logins_where_the_filter_is_unknown(knows_filter):
    """A server that ignores the filter lists an entry as logged in and as not; then each entry tells for itself."""
    web = Web()
    one, two = f"FA-1D:4:{'1' * 16}", f"FA-1D:4:{'2' * 16}"
    for value, listed in (("true", [one]), ("false", [two])):
        entries = listed if knows_filter else [one, two]
        web.answer("GET", f"{PROVISIONING}/initiator?logged_in={value}", json={"initiatorId": entries})
    for entry, is_logged_in in ((one, True), (two, False)):
        detail = {"initiatorId": entry.rpartition(":")[2], "logged_in": is_logged_in}
        web.answer("GET", f"{PROVISIONING}/initiator/{entry}", json=detail)
    logins = web.connect().readers.masking.list_logins(ARRAY)
    assert [(each.name, each.port, each.is_logged_in) for each in logins] == [
        ("1" * 16, PortKey("FA-1D", "4"), True),
        ("2" * 16, PortKey("FA-1D", "4"), False),
    ]
    assert len(web.targets) == (2 if knows_filter else 4)
