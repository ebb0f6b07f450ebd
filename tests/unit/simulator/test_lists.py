"""Iterators, pages and filters (reference section 4; rules 19, 20 and 87)."""

import pytest

from pmax.simulator import Behaviour


@pytest.fixture
def paged(make_client):
    """A client with 23 volumes, gatekeepers included, ten to a page."""
    client = make_client(behaviour=Behaviour(page_size=10))
    client.group("g", volumes=21)
    return client


def ids(reply):
    """The ids on the first page."""
    assert reply.status == 200, reply
    return [row["volumeId"] for row in reply.body["resultList"]["result"]]


def test_first_page_comes_with_the_iterator(paged):
    """An iterator has id, count, page size, expiry in milliseconds, and the first page from 1 on (section 4.1)."""
    body = paged.get("volume").body
    assert body["id"].endswith("_0")
    assert (body["count"], body["maxPageSize"]) == (23, 10)
    assert body["expirationTime"] == (paged.simulator.clock.now() + 600) * 1000
    page = body["resultList"]
    assert (page["from"], page["to"]) == (1, 10)
    assert [row["volumeId"] for row in page["result"]] == [f"{number:05X}" for number in range(1, 11)]


def test_pages_have_no_wrapper(paged):
    """A page has `from`, `to` and `result`; the last one is as short as it is (section 4.2)."""
    iterator = paged.get("volume").body["id"]
    page = paged.get(f"/common/Iterator/{iterator}/page", **{"from": 21, "to": 23}).body
    assert page == {"from": 21, "to": 23, "result": [{"volumeId": each} for each in ("00015", "00016", "00017")]}
    assert paged.get(f"/common/Iterator/{iterator}").body["resultList"]["to"] == 10


@pytest.mark.parametrize(
    "bounds",
    [{}, {"from": 1}, {"from": 0, "to": 5}, {"from": 5, "to": 4}, {"from": 20, "to": 24}, {"from": 1, "to": 11}],
)
def test_bad_bounds_are_refused(paged, bounds):
    """Bounds outside the results, backwards or wider than a page are refused (assumed)."""
    iterator = paged.get("volume").body["id"]
    assert paged.get(f"/common/Iterator/{iterator}/page", **bounds).status == 400


def test_empty_results(client):
    """An empty result has count 0 and bounds 0 (section 4.1)."""
    body = client.get("volume", volume_identifier="nobody").body
    assert (body["count"], body["resultList"]) == (0, {"from": 0, "to": 0, "result": []})


def test_iterators_are_deleted_once(paged):
    """Deleting an iterator answers 204; afterwards it is unknown, also to a second delete (rule 86)."""
    iterator = paged.get("volume").body["id"]
    path = f"/common/Iterator/{iterator}"
    assert paged.delete(path).status == 204
    assert paged.delete(path).status == 404
    reply = paged.get(f"{path}/page", **{"from": 1, "to": 5})
    assert (reply.status, reply.message) == (404, f"Iterator [{iterator}] cannot be found")


def test_iterators_expire_after_their_last_use(paged):
    """An iterator lives 600 s after its last use (assumed)."""
    path = f"/common/Iterator/{paged.get('volume').body['id']}/page"
    bounds = {"from": 1, "to": 5}
    for _ in range(3):
        paged.simulator.clock.advance(599)
        assert paged.get(path, **bounds).status == 200
    paged.simulator.clock.advance(601)
    assert paged.get(path, **bounds).status == 404


def test_life_of_an_iterator_can_be_longer(paged):
    """`expiration_time_mins` lengthens the life of an iterator (section 4.2)."""
    volumes = "/private/92/sloprovisioning/symmetrix/000197900999/volume"
    iterator = paged.get(volumes, expiration_time_mins=180).body["id"]
    paged.simulator.clock.advance(179 * 60)
    assert paged.get(f"/common/Iterator/{iterator}/page", **{"from": 1, "to": 2}).status == 200


def test_expired_iterators_leave_nothing_behind(paged):
    """What expires is forgotten, so that a long life of the simulator costs no memory."""
    for _ in range(5):
        paged.get("volume")
    paged.simulator.clock.advance(601)
    with paged.simulator.world.changing() as transaction:
        assert (len(transaction.iterators), len(transaction.volatile_timers)) == (0, 0)


def test_results_are_those_of_the_first_moment(paged):
    """What happens later does not change a list that is being read."""
    iterator = paged.get("volume").body["id"]
    paged.volume("g")
    page = paged.get(f"/common/Iterator/{iterator}").body
    assert page["count"] == 23


def test_private_pages_leave_out_what_is_gone(paged):
    """A private page shows volumes as they are now, without those that were deleted since (assumed)."""
    spare = paged.array.add_volume(5)
    volumes = "/private/92/sloprovisioning/symmetrix/000197900999/volume"
    iterator = paged.get(volumes).body["id"]
    assert paged.delete(f"volume/{spare}").status == 204
    page = paged.get(f"/common/Iterator/{iterator}/page", **{"from": 21, "to": 24}).body
    assert [row["volumeHeader"]["volumeId"] for row in page["result"]] == ["00015", "00016", "00017"]


def test_pages_keep_the_form_of_their_version(paged):
    """Pages have no version in their path; they look like the list that they belong to."""
    volumes = "/private/90/sloprovisioning/symmetrix/000197900999/volume"
    iterator = paged.get(volumes).body["id"]
    page = paged.get(f"/common/Iterator/{iterator}/page", **{"from": 3, "to": 3}).body
    header = page["result"][0]["volumeHeader"]
    assert header["nameModifier"] == "v"
    assert "userDefinedIdentifier" not in header


@pytest.fixture
def shelf(client):
    """Volumes of several sizes and names: one -> OS-one 1 GB, two -> OS-two 2 GB, big -> big 10 GB."""
    client.group("g")
    client.group("h")
    return client, {
        "one": client.volume("g", 1, name="OS-one"),
        "two": client.volume("g", 2, name="OS-two"),
        "big": client.volume("h", 10, name="big"),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("volume_identifier=OS-one", ["one"]),
        ("volume_identifier=os-one", []),
        ("volume_identifier=OS", []),
        ("volume_identifier=%3Clike%3EOS-", ["one", "two"]),
        ("volume_identifier=<like>ig", ["big"]),
        ("volume_identifier=OS-one&volume_identifier=big", ["one", "big"]),
        ("volume_identifier=<like>one&volume_identifier=big", ["one", "big"]),
        ("storageGroupId=g", ["one", "two"]),
        ("storageGroupId=g&volume_identifier=<like>two", ["two"]),
        ("storageGroupId=h&volume_identifier=<like>two", []),
        ("storageGroupId=g&storageGroupId=h", ["one", "two", "big"]),
        ("cap_gb=2", ["two"]),
        ("cap_gb=2.0", ["two"]),
        ("cap_gb=>1&tdev=true", ["two", "big"]),
        ("cap_gb>1", ["two", "big"]),
        ("cap_gb=<2&storageGroupId=g", ["one"]),
        ("cap_gb<2&storageGroupId=g", ["one"]),
        ("cap_gb>=2", ["two", "big"]),
        ("cap_cyl=547", ["one"]),
        ("gatekeeper=False&data_volume=false", ["one", "two", "big"]),
        ("gatekeeper=false&num_of_storage_groups=1", ["one", "two", "big"]),
        ("num_of_storage_groups=0&gatekeeper=false", []),
        ("gatekeeper=false&no_such_filter=x", ["one", "two", "big"]),
    ],
)
def test_volume_filters(shelf, query, found):
    """Equality, containment, comparison, OR within a key, AND across keys; unknown keys are ignored (rules 20, 87)."""
    client, names = shelf
    assert ids(client.get(f"volume?{query}")) == [names[name] for name in found]


@pytest.mark.parametrize("query", ["cap_gb=much", "cap_gb=>", "gatekeeper=perhaps", "expiration_time_mins=0"])
def test_filters_that_make_no_sense_are_refused(client, query):
    """A value that cannot be compared is answered with 400."""
    assert client.get(f"volume?{query}").status == 400


def test_filter_by_wwn_in_both_apis(shelf):
    """Public and private lists find a volume by its WWN."""
    client, names = shelf
    wwn = client.get(f"volume/{names['big']}").body["wwn"]
    assert ids(client.get("volume", wwn=wwn)) == [names["big"]]
    private = client.get("/private/92/sloprovisioning/symmetrix/000197900999/volume", wwn=wwn).body
    assert private["count"] == 1
    assert private["resultList"]["result"][0]["volumeHeader"]["volumeId"] == names["big"]


def test_identifiers_are_not_unique(client):
    """Several volumes may have one identifier; looking for it finds all of them (rule 19)."""
    client.group("g")
    twins = [client.volume("g", name="twin") for _ in range(2)]
    assert ids(client.get("volume", volume_identifier="twin")) == twins


def test_filter_by_unknown_group_is_404(client):
    """Volumes of a group that does not exist are 404 (assumed)."""
    reply = client.get("volume", storageGroupId="x")
    assert (reply.status, "Storage Group [x]" in reply.message) == (404, True)


def test_groups_are_found_by_name_and_by_volume(client):
    """Storage groups can be filtered by name, exactly or by containment, and by a volume (section 6.6)."""
    (volume,) = client.group("OS-a-SG", volumes=1)
    client.group("OS-b-SG")
    client.group("other")
    assert client.get("storagegroup").body["storageGroupId"] == ["OS-a-SG", "OS-b-SG", "other"]
    assert client.get("storagegroup", storageGroupId="<like>OS-").body["storageGroupId"] == ["OS-a-SG", "OS-b-SG"]
    assert client.get("storagegroup", storageGroupId="other").body["storageGroupId"] == ["other"]
    assert client.get("storagegroup", storageGroupId="none").body["storageGroupId"] == []
    assert client.get("storagegroup", volumeId=volume).body["storageGroupId"] == ["OS-a-SG"]
