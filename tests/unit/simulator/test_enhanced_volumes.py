"""The listing of volumes in the enhanced API (section 6.23): what is selected, filtered, ordered and paged."""

import json
from urllib.parse import urlencode

import pytest

from tests.unit.simulator.snapvx_steps import Snapvx

PATH = "/univmax/rest/v1/systems/{}/volumes"


@pytest.fixture
def client(make_client):
    """A client of version 103; an array without gatekeepers among the volumes that are asked for."""
    return make_client(version=103, unisphere_version="V10.3.0.0")


@pytest.fixture
def ask(client):
    """Send a query to the listing and return status and body."""

    def send(**query):
        pairs = [(name, str(value)) for name, value in query.items()]
        response = client.raw("GET", PATH.format(client.symmetrix_id), query=pairs)
        return response.status, json.loads(response.body)

    return send


@pytest.fixture
def ids(ask):
    def listed(**query):
        status, body = ask(**query)
        assert status == 200, body
        return [volume["id"] for volume in body["volumes"]]

    return listed


@pytest.fixture
def volumes(client):
    """Three volumes of 1, 2 and 3 GB in the groups `a`, `a` and `b`; `b` is the child of `parent`."""
    client.group("a")
    client.group("b")
    client.group("parent", srp=None)
    client.edit("parent", "expandStorageGroupParam", {"addExistingStorageGroupParam": {"storageGroupId": ["b"]}})
    return [
        client.volume("a", size=1, name="data-1"),
        client.volume("a", size=2, name="Data-2"),
        client.volume("b", size=3, name="log"),
    ]


class TestSelect:
    def test_without_it_there_are_ids(self, ask, volumes):
        """By default only the id of each volume is answered."""
        _, body = ask(filter="storage_groups.id eq a")
        assert body["volumes"] == [{"id": volumes[0]}, {"id": volumes[1]}]

    def test_empty(self, ask, volumes):
        """An empty selection is none."""
        assert ask(select="", filter="storage_groups.id eq b")[1]["volumes"] == [{"id": volumes[2]}]

    def test_attributes(self, ask, client, volumes):
        """What is selected is answered, parts as objects."""
        _, body = ask(select="identifier,cap_gb,cap_cyl,system,srp,storage_groups,wwn", filter=f"id eq {volumes[2]}")
        assert body["volumes"] == [
            {
                "id": volumes[2],
                "identifier": "log",
                "cap_gb": 3.0,
                "cap_cyl": 1639.0,
                "system": {"id": client.symmetrix_id},
                "srp": {"id": "SRP_1"},
                "storage_groups": [{"id": "b"}, {"id": "parent"}],
                "wwn": client.array.wwn(volumes[2]),
            }
        ]

    def test_parts_of_attributes(self, ask, client, volumes):
        """An attribute of a part can be selected alone."""
        Snapvx(client).create("s", volumes[0])
        _, body = ask(select="snapshots.name,snapshots.linked", filter=f"id eq {volumes[0]}")
        assert body["volumes"] == [{"id": volumes[0], "snapshots": [{"name": "s", "linked": False}]}]

    def test_absent_attributes(self, ask):
        """An attribute that a volume does not have is left out."""
        _, body = ask(select="identifier", filter="cap_cyl eq 3")
        assert all("identifier" not in volume for volume in body["volumes"])

    def test_unknown_attributes(self, ask):
        """An attribute that does not exist is refused."""
        assert ask(select="colour")[0] == 400

    def test_all_that_a_client_lists(self, ask, volumes):
        """Every attribute that PyU4V lists for volumes can be selected."""
        constants = pytest.importorskip("PyU4V.utils.constants")
        names = [attribute["name"] for attribute in constants.VOLUMES_METADATA]
        status, body = ask(select=",".join(names))
        assert (status, len(body["volumes"])) == (200, 5)


class TestFilter:
    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ("identifier eq data-1", [0]),
            ("identifier EQ data-1", [0]),
            ("identifier like data", [0]),
            ("identifier ilike data", [0, 1]),
            ("cap_gb gt 1", [1, 2]),
            ("cap_gb ge 2.0", [1, 2]),
            ("cap_gb lt 2,cap_gb gt 0.5", [0]),
            ("cap_gb le 2,cap_gb ne 1,num_of_storage_groups eq 1", [1]),
            ("storage_groups.id eq parent", [2]),
            ("num_of_storage_groups eq 2", [2]),
            ("snapvx_source eq true", []),
            ("identifier eq other", []),
            ("identifier ne log,num_of_storage_groups ge 1", [0, 1]),
        ],
    )
    def test_conditions(self, ids, volumes, condition, expected):
        """A filter compares an attribute; all its conditions must hold."""
        assert ids(filter=condition) == [volumes[each] for each in expected]

    def test_several_filters(self, client, volumes):
        """A filter may also be given several times."""
        query = [("filter", "cap_gb gt 1"), ("filter", "identifier like log")]
        response = client.raw("GET", PATH.format(client.symmetrix_id), query=query)
        assert [each["id"] for each in json.loads(response.body)["volumes"]] == [volumes[2]]

    @pytest.mark.parametrize(
        "condition",
        [
            "identifier",
            "identifier is log",
            "colour eq red",
            "cap_gb gt large",
            "cap_gb like 1",
            "snapvx_source eq maybe",
            "snapvx_source gt true",
        ],
    )
    def test_bad_conditions(self, ask, volumes, condition):
        """A condition that makes no sense is refused."""
        assert ask(filter=condition)[0] == 400

    def test_sessions(self, client, ids, volumes):
        """Volumes can be found by their snapshots."""
        snapvx = Snapvx(client)
        snapvx.create("s", volumes[1])
        snapvx.link("s", volumes[1], volumes[2])
        assert ids(filter="snapvx_source eq true") == [volumes[1]]
        assert ids(filter="snapvx_target eq true") == [volumes[2]]
        assert ids(filter="snapshots.name eq s") == [volumes[1]]

    def test_lives_of_snapshots(self, client, ask, volumes):
        """A snapshot with a time to live shows its end in epoch milliseconds, one without shows none."""
        snapvx = Snapvx(client)
        snapvx.create("mortal", volumes[0], timeToLive=1, timeInHours=True)
        snapvx.create("immortal", volumes[0])
        (volume,) = ask(select="snapshots", filter=f"id eq {volumes[0]}")[1]["volumes"]
        end = round(client.simulator.clock.now() * 1000) + 3_600_000
        assert {each["name"]: each.get("expiry_date") for each in volume["snapshots"]} == {
            "mortal": end,
            "immortal": None,
        }

    def test_masked_volumes(self, client, ids):
        """Volumes can be found by the view that shows them."""
        masked = client.masked("shown", volumes=2)
        assert ids(filter="masking_views.id eq mv") == masked
        assert ids(filter="num_of_masking_views ge 1") == masked


class TestOrder:
    def test_by_attributes(self, ids, volumes):
        """Results can be ordered by attributes, up or down."""
        only = {"filter": "num_of_storage_groups ge 1"}
        assert ids(order="cap_gb desc", **only) == volumes[::-1]
        assert ids(order="num_of_storage_groups desc,cap_gb asc", **only) == [volumes[2], volumes[0], volumes[1]]

    @pytest.mark.parametrize("order", ["colour", "storage_groups", "cap_gb sideways"])
    def test_bad_orders(self, ask, order):
        """An order that makes no sense is refused."""
        assert ask(order=order)[0] == 400


class TestPaging:
    def test_all_at_once(self, ask, volumes):
        """Without a limit everything comes in one answer (assumed)."""
        _, body = ask()
        assert body["paging"] == {"total_instances": 5, "remaining_instances": 0}
        assert len(body["volumes"]) == 5

    def test_page_by_page(self, ask, volumes):
        """With a limit each answer names the token of the next one; all pages together are the whole."""
        _, body = ask(limit=2, select="cap_gb")
        found, sizes = body["volumes"], [len(body["volumes"])]
        while "resume_token" in body["paging"]:
            _, body = ask(resume_token=body["paging"]["resume_token"])
            found += body["volumes"]
            sizes.append(len(body["volumes"]))
        assert sizes == [2, 2, 1]
        assert len({volume["id"] for volume in found}) == 5
        assert all("cap_gb" in volume for volume in found)

    def test_a_token_can_be_used_again(self, ask, volumes):
        """A page whose answer was lost can be asked for again."""
        token = ask(limit=2)[1]["paging"]["resume_token"]
        assert ask(resume_token=token) == ask(resume_token=token)

    def test_by_size(self, ask, volumes):
        """With a limit in kilobytes a page ends before it grows longer, but holds one volume at least."""
        everything = ask(select="wwn,masking_views,storage_groups,snapshots,clones,rdf_infos,status,emulation,nguid")[1]
        assert len(json.dumps(everything["volumes"])) > 1024
        _, body = ask(
            limit_kb=1, select="wwn,masking_views,storage_groups,snapshots,clones,rdf_infos,status,emulation,nguid"
        )
        assert 0 < len(body["volumes"]) < 5
        assert len(json.dumps(body["volumes"])) <= 1100

    def test_new_volumes_do_not_come_in(self, client, ask, volumes):
        """A cached result is that of its moment; what is gone is left out."""
        token = ask(limit=3)[1]["paging"]["resume_token"]
        new = client.array.add_volume(547)
        client.edit("b", "removeVolumeParam", {"volumeId": [volumes[2]]})
        assert client.delete(f"volume/{volumes[2]}").status == 204
        _, body = ask(resume_token=token)
        assert [volume["id"] for volume in body["volumes"]] == [volumes[1]]
        assert new not in [volume["id"] for volume in body["volumes"]]

    def test_it_expires(self, client, ask, volumes):
        """A cached result lives as long as was asked for, counted from its last use."""
        token = ask(limit=1, expiration_delay_secs=100)[1]["paging"]["resume_token"]
        client.simulator.clock.advance(90)
        assert ask(resume_token=token)[0] == 200
        client.simulator.clock.advance(90)
        assert ask(resume_token=token)[0] == 200
        client.simulator.clock.advance(101)
        assert ask(resume_token=token)[0] == 404

    @pytest.mark.parametrize("token", ["other", "other_1", "_", "x_y"])
    def test_unknown_tokens(self, ask, token):
        """A token that was never given is 404."""
        assert ask(resume_token=token)[0] == 404

    @pytest.mark.parametrize("query", [{"limit": 0}, {"limit": "many"}, {"limit_kb": -1}, {"expiration_delay_secs": 0}])
    def test_bad_limits(self, ask, query):
        """A limit is a whole number of at least 1."""
        assert ask(**query)[0] == 400


class TestAvailability:
    def test_not_before_10(self, make_client):
        """Section 9: Unisphere 9.2 does not have the enhanced API."""
        old = make_client()
        assert old.raw("GET", PATH.format(old.symmetrix_id)).status == 404

    def test_unknown_arrays(self, client):
        """Rule 85: an array that does not exist is 404."""
        assert client.raw("GET", PATH.format("000000000000")).status == 404

    def test_unknown_paths(self, client):
        """What is not simulated is answered with 501 and its path."""
        path = PATH.format(client.symmetrix_id).replace("volumes", "ip-routes")
        response = client.raw("GET", f"{path}?{urlencode({'select': 'id'})}".partition("?")[0])
        assert (response.status, "ip-routes" in json.loads(response.body)["message"]) == (501, True)
