"""How snapshots of volumes look on the wire, in the words of version 90 and of 92 and above (sections 6.5 and 6.13)."""

import pytest

from pmax.simulator import Behaviour
from tests.unit.simulator.snapvx_steps import Snapvx, known


@pytest.fixture
def make_linked(make_client):
    """A volume with a snapshot that is linked to another volume: (snapvx, source, target)."""

    def make(version=92, **options):
        snapvx = Snapvx(make_client(version=version, **options))
        array = snapvx.client.array
        source, target = array.add_volume(547, "named"), array.add_volume(547)
        assert snapvx.create("s", source).status == 201
        assert snapvx.link("s", source, target, copy=True).status == 200
        return snapvx, source, target

    return make


class TestDialects:
    @pytest.mark.parametrize(
        ("version", "key", "has_ids"),
        [(90, "snapshotSrc", False), (91, "snapshotSrcs", False), (92, "snapshotSrcs", True)],
    )
    def test_keys(self, make_linked, version, key, has_ids):
        """Section 9: where the snapshots of a device are listed, and whether they have ids, goes by the version."""
        snapvx, source, _ = make_linked(version)
        body = snapvx.look(source).body
        assert set(body) == {"deviceName", "snapshotLnks", key}
        assert ("snap_id" in body[key][0]) is has_ids

    @pytest.mark.parametrize("version", [90, 92])
    def test_a_device_without_sessions(self, make_client, version):
        """Section 11, point 10: both lists are always there, even empty, with 200."""
        snapvx = Snapvx(make_client(version=version))
        volume = snapvx.client.array.add_volume(547)
        reply = snapvx.look(volume)
        lists = [value for name, value in reply.body.items() if name != "deviceName"]
        assert (reply.status, lists) == (200, [[], []])

    def test_an_unknown_device(self, client):
        """Section 2.3: the sessions of a device that does not exist are 404."""
        assert Snapvx(client).look("FFFFF").status == 404

    @pytest.mark.parametrize(("version", "has_ids"), [(90, False), (92, True)])
    def test_ids_in_private_sessions(self, make_linked, version, has_ids):
        """Section 9: private volume sessions carry `snapid` from 92 on."""
        snapvx, source, _ = make_linked(version)
        header = sessions(snapvx, source)[0]["srcSnapshotGenInfo"][0]["snapshotHeader"]
        assert ("snapid" in header) is has_ids


class TestDevice:
    def test_the_source(self, make_linked):
        """Section 6.13: a snapshot shows its links with state, mode and progress."""
        snapvx, source, target = make_linked()
        (found,) = snapvx.sources(source)
        assert (found["snapshotName"], found["generation"], found["state"]) == ("s", 0, "Established")
        assert found["snap_id"] == known(snapvx)[0][2]
        (link,) = found["linkedDevices"]
        expected = {"targetDevice": target, "state": "Copied", "copy": True, "defined": True, "linked": True}
        assert expected.items() <= link.items()

    def test_the_target(self, make_linked):
        """Section 6.13: a target shows where its data come from."""
        snapvx, source, target = make_linked()
        body = snapvx.look(target).body
        (link,) = body["snapshotLnks"]
        expected = {"linkSourceName": source, "targetDevice": target, "snapshot_name": "s", "generation": 0}
        assert expected.items() <= link.items()
        assert (link["snap_id"], body["snapshotSrcs"]) == (known(snapvx)[0][2], [])

    def test_names_of_devices(self, make_linked):
        """Section 6.13: a device is called by its id, with its identifier behind a colon if it has one."""
        snapvx, source, target = make_linked()
        names = [snapvx.look(volume).body["deviceName"] for volume in (source, target)]
        assert names == [f"{source}:named", target]

    def test_dates(self, make_linked):
        """Section 6.13: time stamps are texts such as `22:13:20 Tue, 14 Nov 2023 GMT`."""
        snapvx, source, _ = make_linked()
        assert snapvx.sources(source)[0]["timestamp"] == "22:13:20 Tue, 14 Nov 2023 GMT"

    def test_one_name(self, make_linked):
        """Section 6.13: all generations of one name can be read, or one of them."""
        snapvx, source, _ = make_linked()
        snapvx.create("s", source)
        snapvx.create("other", source)
        body = snapvx.look(source, "/s").body
        assert [each["generation"] for each in body["snapshotSrc"]] == [0, 1]
        assert snapvx.look(source, "/s/generation").body["generation"] == [0, 1]
        one = snapvx.look(source, "/s/generation/1").body
        assert (one["generation"], len(one["snapshotSrc"]["linkedDevices"])) == (1, 1)

    @pytest.mark.parametrize("path", ["/other", "/other/generation", "/s/generation/1"])
    def test_unknown_names_and_generations(self, make_linked, path):
        """Section 2.1: a name or a generation that the device does not have is 404."""
        snapvx, source, _ = make_linked()
        reply = snapvx.look(source, path)
        assert (reply.status, "No snapshot was found" in reply.message) == (404, True)


class TestPrivateVolume:
    def test_without_sessions(self, client):
        """Section 6.5: a volume without sessions has the flags, but no list of sessions."""
        volume = client.array.add_volume(547)
        info = time_finder(Snapvx(client), volume)
        assert (info["snapVXSrc"], info["snapVXTgt"], "snapVXSession" in info) == (False, False, False)

    def test_of_a_source(self, make_linked):
        """Section 6.5: one element lists the snapshots, newest first, each with its links."""
        snapvx, source, target = make_linked()
        snapvx.create("newer", source)
        (session,) = sessions(snapvx, source)
        newer, older = session["srcSnapshotGenInfo"]
        assert newer["snapshotHeader"]["snapshotName"] == "newer"
        assert "lnkSnapshotGenInfo" not in newer
        (link,) = older["lnkSnapshotGenInfo"]
        assert {"targetDevice": target, "state": "Copied", "restored": False, "defined": True}.items() <= link.items()
        assert older["snapshotHeader"]["timestamp"] == 1_700_000_000_000

    def test_of_a_target(self, make_linked):
        """Section 6.5: one element tells the one source of a target."""
        snapvx, source, target = make_linked()
        (session,) = sessions(snapvx, target)
        expected = {"sourceDevice": source, "targetDevice": target, "snapshotName": "s", "state": "Copied"}
        assert expected.items() <= session["tgtSrcSnapshotGenInfo"].items()

    def test_of_both(self, make_linked):
        """Rule 55: a volume that is source and target has one element for each role."""
        snapvx, _, target = make_linked()
        snapvx.create("t", target)
        assert [next(iter(each)) for each in sessions(snapvx, target)] == [
            "srcSnapshotGenInfo",
            "tgtSrcSnapshotGenInfo",
        ]

    def test_of_a_restore(self, client):
        """Rule 56: a restore session is a link to itself, and does not make the volume a target."""
        snapvx = Snapvx(client)
        volume = client.array.add_volume(547)
        snapvx.create("s", volume)
        snapvx.restore("s", volume)
        (session,) = sessions(snapvx, volume)
        (link,) = session["srcSnapshotGenInfo"][0]["lnkSnapshotGenInfo"]
        assert (link["targetDevice"], link["state"], link["restored"]) == (volume, "Restored", True)
        assert time_finder(snapvx, volume)["snapVXTgt"] is False


class TestVolumeList:
    def listed(self, snapvx, **query):
        return snapvx.client.get(f"{snapvx.private}/volume", **query).body

    def test_names(self, make_linked):
        """Section 6.13: the private list names the devices that have sessions, sources and targets alike."""
        snapvx, source, target = make_linked()
        snapvx.client.array.add_volume(547)
        assert self.listed(snapvx) == {"name": [source, target]}

    def test_details(self, make_linked):
        """Section 6.13: with details each session has a name that one client takes apart."""
        snapvx, source, target = make_linked()
        first, second = self.listed(snapvx, includeDetails="true")["device"]
        assert (first["name"], first["snapshot"][0]["name"], first["rdfgNumbers"]) == (source, f"{source}-SRC-s-0", [])
        assert (second["name"], second["snapshot"][0]["name"]) == (target, f"{target}-LNK-s-0")
        assert (first["snapshot"][0]["linked"], first["snapshot"][0]["state"]) == (True, "Established")

    def test_filters(self, make_linked):
        """Section 6.13: the list can be narrowed by the name of a snapshot and by membership in a group."""
        snapvx, source, _ = make_linked()
        assert self.listed(snapvx, snapshotName="s")["name"] == [source]
        assert self.listed(snapvx, snapshotName="other")["name"] == []
        assert self.listed(snapvx, inSG="true")["name"] == []
        assert len(self.listed(snapvx, inSG="false", isRdf="false")["name"]) == 2


class TestBodies:
    def test_a_synchronous_change_is_answered_with_its_job(self, client):
        """Section 6.13: the answer of a change is a job that is over, and that can be asked for."""
        snapvx = Snapvx(client)
        reply = snapvx.create("s", client.array.add_volume(547), executionOption="SYNCHRONOUS")
        job = client.get(f"/92/system/job/{reply.body['jobId']}").body
        assert (reply.status, reply.body["status"], job["status"]) == (201, "SUCCEEDED", "SUCCEEDED")

    def test_an_asynchronous_change_has_one_job(self, client):
        """Section 3.1: an asynchronous change is answered with 202 and leaves one job, not two."""
        snapvx = Snapvx(client)
        volume = client.array.add_volume(547)
        assert snapvx.create("s", volume, executionOption="ASYNCHRONOUS").status == 202
        assert snapvx.terminate("s", volume, executionOption="ASYNCHRONOUS").status == 202
        assert known(snapvx) == []
        assert len(client.get("/92/system/job").body["jobId"]) == 2

    def test_booleans_and_numbers_as_texts(self, client):
        """Section 0.2, fact 5: one client sends booleans and numbers as texts."""
        snapvx = Snapvx(client)
        source, target = (client.array.add_volume(547) for _ in range(2))
        texts = {"bothSides": "false", "star": "false", "force": "false", "timeToLive": "1", "timeInHours": "true"}
        assert snapvx.create("s", source, **texts).status == 201
        texts = {"exact": "false", "remote": "false", "symforce": "false", "star": "false", "force": "false"}
        assert snapvx.link("s", source, target, copy="false", generation="0", **texts).status == 200

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"deviceNameListSource": []},
            {"deviceNameListSource": "00001"},
            {"deviceNameListSource": [{"id": "00001"}]},
            {"deviceNameListSource": [{"name": "00001"}], "colour": "red"},
            {"deviceNameListSource": [{"name": "00001"}], "timeInHours": "maybe"},
        ],
    )
    def test_bad_bodies(self, client, body):
        """A body with a missing, wrong or unknown field is refused with 400 and changes nothing."""
        snapvx = Snapvx(client)
        assert client.post(f"{snapvx.private}/snapshot/s", body).status == 400
        assert known(snapvx) == []

    def test_a_device_named_twice(self, client):
        """A device cannot be snapped twice in one request."""
        snapvx = Snapvx(client)
        volume = client.array.add_volume(547)
        assert snapvx.create("s", volume, volume).status == 500

    def test_only_for_those_who_may(self, make_linked):
        """Section 2.1: on an array that is not local to the Unisphere snapshots can be read, not made."""
        snapvx, source, _ = make_linked()
        simulator = snapvx.client.simulator
        other = simulator.add_unisphere("second", "V9.2.0.0", remote_arrays=[snapvx.client.symmetrix_id])
        there = Snapvx(snapvx.client.on(application=other))
        assert there.look(source).status == 200
        assert there.create("s", source).status == 403

    def test_paging_keeps_sessions(self, make_linked):
        """Section 4.2: sessions are on every page of the private list, as they are when the page is read."""
        snapvx, source, target = make_linked(behaviour=Behaviour(page_size=1))
        body = snapvx.client.get(f"/private/92/sloprovisioning/symmetrix/{snapvx.client.symmetrix_id}/volume").body
        rows = []
        for number in range(1, body["count"] + 1):
            page = snapvx.client.get(f"/common/Iterator/{body['id']}/page?from={number}&to={number}").body
            rows += page["result"]
        found = {row["volumeHeader"]["volumeId"]: row["timeFinderInfo"] for row in rows}
        assert (found[source]["snapVXSrc"], found[target]["snapVXTgt"]) == (True, True)


def time_finder(snapvx, volume):
    path = f"/private/{snapvx.client.version}/sloprovisioning/symmetrix/{snapvx.client.symmetrix_id}/volume"
    body = snapvx.client.get(path, wwn=snapvx.client.array.wwn(volume)).body
    return body["resultList"]["result"][0]["timeFinderInfo"]


def sessions(snapvx, volume):
    return time_finder(snapvx, volume)["snapVXSession"]
