"""Long lists: whole, or an error."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmax.domain.errors import ArrayRejected, MalformedReply, NotFound, Unavailable
from tests.unit.adapters.rest.doubles import ARRAY, SETTINGS, Web

LIST = f"/92/sloprovisioning/symmetrix/{ARRAY}/volume"
PAGE = "/common/Iterator/it_0/page"
GONE = {"status_code": 404, "json": {"message": "Iterator [it_0] cannot be found"}}


def ids(first, last):
    """Device ids of these numbers, both included."""
    return [f"{number:05X}" for number in range(first, last + 1)]


def page(first, last, results=None):
    """A piece of the list."""
    found = ids(first, last) if results is None else results
    return {"from": first, "to": last, "result": [{"volumeId": each} for each in found]}


def beginning(count, size=3, changes=()):
    """The reply that begins a list."""
    last = min(count, size)
    first = page(1, last) if count else page(0, 0, [])
    return {"json": {"id": "it_0", "count": count, "maxPageSize": size, "resultList": first, **dict(changes)}}


@pytest.fixture
def web():
    """Unisphere, which takes lists back."""
    web = Web()
    web.answer("DELETE", "/common/Iterator/it_0", status_code=204)
    return web


def devices(web):
    """Read the list to its end."""
    return list(web.connect().readers.volumes.list_devices(ARRAY))


def test_a_short_list_is_one_call(web):
    """A list of one piece is neither paged nor given back: it expires by itself."""
    web.answer("GET", LIST, **beginning(3))
    assert devices(web) == ids(1, 3)
    assert web.targets == [("GET", LIST)]


def test_an_empty_list_is_empty(web):
    """No results are no error."""
    web.answer("GET", LIST, **beginning(0))
    assert devices(web) == []


def test_a_long_list_is_read_in_pieces_and_given_back(web):
    """Pages plus one calls; the last page ends with the list."""
    web.answer("GET", LIST, **beginning(8))
    web.answer("GET", f"{PAGE}?from=4&to=6", json=page(4, 6))
    web.answer("GET", f"{PAGE}?from=7&to=8", json=page(7, 8))
    assert devices(web) == ids(1, 8)
    assert web.targets == [
        ("GET", LIST),
        ("GET", f"{PAGE}?from=4&to=6"),
        ("GET", f"{PAGE}?from=7&to=8"),
        ("DELETE", "/common/Iterator/it_0"),
    ]


def test_pieces_are_read_when_they_are_wanted(web):
    """Who stops early reads no further piece, and the list is given back all the same."""
    web.answer("GET", LIST, **beginning(8))
    web.answer("GET", f"{PAGE}?from=4&to=6", json=page(4, 6))
    listing = web.connect().readers.volumes.list_devices(ARRAY)
    assert next(listing) == "00001"
    assert len(web.targets) == 1
    for _ in range(3):
        next(listing)
    listing.close()
    assert web.targets[-1] == ("DELETE", "/common/Iterator/it_0")
    assert len(web.targets) == 3


def test_a_list_that_cannot_be_given_back_is_a_list(web):
    """It expires by itself."""
    web.answer("GET", LIST, **beginning(4))
    web.answer("GET", f"{PAGE}?from=4&to=4", json=page(4, 4))
    web.answer("DELETE", "/common/Iterator/it_0", status_code=500, json={"message": "no"})
    assert devices(web) == ids(1, 4)


def test_old_servers_are_not_given_lists_back():
    """API 90 has no call for it."""
    web = Web("V9.0.0.1")
    path = LIST.replace("/92/", "/90/")
    web.answer("GET", path, **beginning(4))
    web.answer("GET", f"{PAGE}?from=4&to=4", json=page(4, 4))
    assert devices(web) == ids(1, 4)
    assert len(web.targets) == 2


def test_a_list_that_expired_is_begun_again(web):
    """What was given already does not come twice."""
    web.answer("GET", LIST, beginning(5), beginning(6))
    web.answer("GET", f"{PAGE}?from=4&to=5", **GONE)
    web.answer("GET", f"{PAGE}?from=4&to=6", json=page(4, 6))
    assert devices(web) == ids(1, 6)


def test_a_piece_that_comes_short_is_not_the_end(web):
    """If something was deleted while the list was read, it is begun again."""
    web.answer("GET", LIST, beginning(5), beginning(4))
    web.answer("GET", f"{PAGE}?from=4&to=5", json=page(4, 5, ["00005"]))
    web.answer("GET", f"{PAGE}?from=4&to=4", json=page(4, 4, ["00005"]))
    assert devices(web) == ["00001", "00002", "00003", "00005"]


def test_a_list_goes_on_at_the_next_server():
    """Another server does not know the rest of the list, so it begins one of its own; nothing comes twice."""
    web = Web()
    servers = tuple(attrs.evolve(SETTINGS.servers[0], host=host) for host in ("first.invalid", "unisphere.invalid"))
    first = "https://first.invalid:8443/univmax/restapi"
    web.adapter.register_uri("GET", f"{first}/version", json={"version": "V9.2.0.0"})
    web.adapter.register_uri("GET", first + LIST, **beginning(5))
    web.adapter.register_uri("GET", first + PAGE, exc=ConnectionResetError)
    web.adapter.register_uri("DELETE", f"{first}/common/Iterator/it_0", exc=ConnectionResetError)
    web.answer("GET", LIST, **beginning(5))
    web.answer("GET", f"{PAGE}?from=4&to=5", json=page(4, 5))
    web.answer("DELETE", "/common/Iterator/it_0", status_code=204)
    readers = web.connect(attrs.evolve(SETTINGS, servers=servers)).readers
    assert list(readers.volumes.list_devices(ARRAY)) == ids(1, 5)


def test_a_server_that_stays_away_is_the_error(web):
    """If the list cannot be read because nobody answers, that is what is said."""
    web.answer("GET", LIST, **beginning(5))
    web.answer("GET", f"{PAGE}?from=4&to=5", exc=ConnectionResetError)
    with pytest.raises(Unavailable):
        devices(web)


@pytest.mark.parametrize("answer", [GONE, {"json": page(4, 5, ["00004"])}], ids=["expired", "short"])
def test_a_list_that_cannot_be_read_whole_is_an_error(web, answer):
    """After three attempts the caller learns that the list is not whole, and never gets a part as the whole."""
    web.answer("GET", LIST, **beginning(5))
    web.answer("GET", f"{PAGE}?from=4&to=5", **answer)
    with pytest.raises(MalformedReply):
        devices(web)


@pytest.mark.parametrize(
    "changes",
    [
        {"resultList": page(1, 2)},
        {"resultList": page(2, 4)},
        {"resultList": page(1, 3, ids(1, 4))},
        {"count": 1},
        {"count": -1},
        {"count": 0},
        {"maxPageSize": 0},
        {"maxPageSize": -3},
        {"maxPageSize": 0, "resultList": {"from": 1, "to": 0, "result": []}},
        {"resultList": {"from": 1, "to": 3}},
        {"id": None},
    ],
)
def test_a_beginning_that_does_not_fit_is_malformed(web, changes):
    """Where, how many and how large must agree."""
    web.answer("GET", LIST, **beginning(5, changes=changes))
    with pytest.raises(MalformedReply):
        devices(web)


@pytest.mark.parametrize("wrong", [page(4, 4), page(5, 5), page(1, 2), page(4, 5, ids(4, 6))])
def test_a_piece_that_is_another_one_is_malformed(web, wrong):
    """A page must be the one that was asked for."""
    web.answer("GET", LIST, **beginning(5))
    web.answer("GET", f"{PAGE}?from=4&to=5", json=wrong)
    with pytest.raises(MalformedReply):
        devices(web)


def test_a_list_of_something_that_does_not_exist(web):
    """The members of an unknown storage group are not none: the group is missing."""
    text = f"Storage Group [gone] on Symmetrix [{ARRAY}] cannot be found"
    web.answer("GET", f"{LIST}?storageGroupId=gone", status_code=404, json={"message": text})
    with pytest.raises(NotFound) as raised:
        list(web.connect().readers.volumes.list_devices(ARRAY, storage_group="gone"))
    assert (raised.value.kind, raised.value.name) == ("storage group", "gone")


def test_a_refused_list_is_an_error(web):
    """A refusal is no empty list."""
    web.answer("GET", LIST, status_code=500, json={"message": "A problem occurred"})
    with pytest.raises(ArrayRejected):
        devices(web)


def test_filters_are_sent_to_the_array(web):
    """Whatever can be filtered there is."""
    web.answer("GET", LIST, **beginning(1))
    readers = web.connect().readers
    list(readers.volumes.list_devices(ARRAY, storage_group="gold", identifier_contains="OS-"))
    readers.volumes.find_devices_by_identifier(ARRAY, "OS-a")
    assert [target for _, target in web.targets] == [
        f"{LIST}?storageGroupId=gold&volume_identifier=%3Clike%3EOS-",
        f"{LIST}?volume_identifier=OS-a",
    ]


@settings(max_examples=25)
@given(count=st.integers(0, 40), size=st.integers(1, 12))
def test_any_list_comes_whole_and_in_order(count, size):
    """Whatever its length and the size of its pieces: every element once, in pages plus one calls."""
    web = Web()
    web.answer("GET", LIST, **beginning(count, size))
    web.answer("DELETE", "/common/Iterator/it_0", status_code=204)
    for first in range(size + 1, count + 1, size):
        last = min(first + size - 1, count)
        web.answer("GET", f"{PAGE}?from={first}&to={last}", json=page(first, last))
    assert devices(web) == ids(1, count)
    assert len(web.targets) <= max(1, -(-count // size)) + 1
