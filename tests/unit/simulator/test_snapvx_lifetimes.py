"""How long snapshots live: time to live (rule 49) and secure snapshots (rule 50), on the simulated clock."""

import pytest

from tests.unit.simulator.snapvx_steps import Snapvx, known

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def snapvx(client):
    return Snapvx(client)


@pytest.fixture
def pair(client):
    """A source and a target."""
    return client.group("sg", volumes=2)


@pytest.fixture
def advance(client):
    return client.simulator.clock.advance


class TestTimeToLive:
    @pytest.mark.parametrize(
        ("fields", "seconds"),
        [
            ({"timeToLive": 2, "timeInHours": "true"}, 2 * HOUR),
            ({"timeToLive": "2", "timeInHours": False}, 2 * DAY),
            ({"timeToLive": 2}, 2 * DAY),
            ({"ttl": 3, "timeInHours": True}, 3 * HOUR),
        ],
    )
    def test_it_goes_by_itself(self, snapvx, pair, advance, fields, seconds):
        """Rule 49: at its expiry an unlinked snapshot is deleted; the unit is days unless hours are said."""
        assert snapvx.create("s", pair[0], **fields).status == 201
        advance(seconds - 1)
        assert len(snapvx.sources(pair[0])) == 1
        advance(1)
        assert snapvx.sources(pair[0]) == []
        assert snapvx.client.get(f"volume/{pair[0]}").body["snapvx_source"] is False

    def test_zero_is_none(self, snapvx, pair, advance):
        """A time to live of 0 is none: the snapshot stays."""
        snapvx.create("s", pair[0], timeToLive=0, timeInHours=False)
        advance(500 * DAY)
        assert len(known(snapvx)) == 1

    @pytest.mark.parametrize("number", [-1, 401, 10**17, "soon"])
    def test_impossible_times(self, snapvx, pair, number):
        """A time to live that is negative, longer than 400 days or no number is refused."""
        assert snapvx.create("s", pair[0], timeToLive=number).status == 400
        assert known(snapvx) == []

    def test_a_linked_one_stays_and_says_so(self, snapvx, pair, advance):
        """Rule 49: a linked snapshot outlives its time with `expired` true, everywhere it is shown."""
        snapvx.create("s", pair[0], timeToLive=1, timeInHours=True)
        snapvx.link("s", *pair)
        advance(HOUR)
        assert snapvx.sources(pair[0])[0]["expired"] is True
        row = snapvx.client.get(f"/private/92/sloprovisioning/symmetrix/{snapvx.client.symmetrix_id}/volume").body
        sessions = [
            session
            for volume in row["resultList"]["result"]
            for session in volume["timeFinderInfo"].get("snapVXSession", [])
        ]
        headers = [session["srcSnapshotGenInfo"][0]["snapshotHeader"] for session in sessions[:1]]
        assert (headers[0]["expired"], sessions[1]["tgtSrcSnapshotGenInfo"]["expired"]) == (True, True)

    def test_an_expired_one_still_wants_to_be_unlinked(self, snapvx, pair, advance):
        """Rule 48: also an expired snapshot must be unlinked before it is terminated."""
        snapvx.create("s", pair[0], timeToLive=1, timeInHours=True)
        snapvx.link("s", *pair)
        advance(HOUR)
        assert snapvx.terminate("s", pair[0]).status == 500
        snapvx.unlink("s", *pair)
        assert snapvx.terminate("s", pair[0]).status == 204

    def test_an_expired_one_goes_after_the_unlink(self, snapvx, pair, advance):
        """Rule 49: an expired snapshot that is unlinked goes by itself, a little later (assumed: within a minute)."""
        snapvx.create("s", pair[0], timeToLive=1, timeInHours=True)
        snapvx.link("s", *pair)
        advance(HOUR)
        snapvx.unlink("s", *pair)
        assert len(known(snapvx)) == 1
        advance(60)
        assert known(snapvx) == []

    def test_an_expired_one_outlives_its_restore_session(self, snapvx, pair, advance):
        """Rule 49: a snapshot that expires during a restore stays until the session is over."""
        snapvx.create("s", pair[0], timeToLive=1, timeInHours=True)
        snapvx.restore("s", pair[0])
        advance(2 * HOUR)
        assert snapvx.terminate("s", pair[0], restore=True).status == 204
        advance(60)
        assert known(snapvx) == []

    def test_it_can_be_changed(self, snapvx, pair, advance):
        """A new time to live counts from now, and 0 takes it away."""
        snapvx.create("s", pair[0], timeToLive=1, timeInHours=True)
        same = [(pair[0], pair[0])]
        assert snapvx.change("SetTimeToLive", "s", same, timeToLive=2, timeInHours=True).status == 200
        advance(HOUR + 1)
        assert len(known(snapvx)) == 1
        assert snapvx.change("SetTimeToLive", "s", same, timeToLive=0).status == 200
        advance(100 * DAY)
        assert len(known(snapvx)) == 1

    def test_it_is_shown_as_the_moment_of_its_end(self, snapvx, pair):
        """Section 6.5: `timeToLive` of a private session is an epoch second, as one client formats it; 0 for none."""
        snapvx.create("s", pair[0], timeToLive=1, timeInHours=True)
        now = snapvx.client.simulator.clock.now()
        assert private_header(snapvx, pair[0])["timeToLive"] == int(now) + HOUR
        snapvx.create("s", pair[0])
        assert private_header(snapvx, pair[0])["timeToLive"] == 0


class TestSecure:
    def test_it_cannot_be_terminated(self, snapvx, pair, advance):
        """Rule 50: a secure snapshot cannot be terminated before its time, and goes by itself then."""
        assert snapvx.create("s", pair[0], securettl=2, timeInHours=True).status == 201
        reply = snapvx.terminate("s", pair[0])
        assert (reply.status, "secure" in reply.message) == (500, True)
        assert snapvx.terminate("s", pair[0], force=True, symforce=True).status == 500
        assert snapvx.sources(pair[0])[0]["secured"] is True
        advance(2 * HOUR)
        assert known(snapvx) == []

    def test_it_overrides_the_time_to_live(self, snapvx, pair, advance):
        """Rule 50: with both times the secure one counts, and a time to live cannot be set later."""
        snapvx.create("s", pair[0], timeToLive=1, securettl=2, timeInHours=True)
        advance(HOUR + 1)
        assert len(known(snapvx)) == 1
        assert snapvx.change("SetTimeToLive", "s", [(pair[0], pair[0])], timeToLive=1).status == 500

    def test_its_time_only_grows(self, snapvx, pair, advance):
        """Rule 50: the secure time can be extended, not shortened (assumed)."""
        snapvx.create("s", pair[0], securettl=5, timeInHours=True)
        same = [(pair[0], pair[0])]
        assert snapvx.change("SetSecure", "s", same, securettl=4, timeInHours=True).status == 500
        assert snapvx.change("SetSecure", "s", same, securettl=6, timeInHours=True).status == 200
        advance(5 * HOUR + 1)
        assert snapvx.terminate("s", pair[0]).status == 500

    def test_a_linked_one_can_be_terminated_after_its_time(self, snapvx, pair, advance):
        """Rule 50: once its time is over a secure snapshot that was linked can be terminated like any other."""
        snapvx.create("s", pair[0], securettl=1, timeInHours=True)
        snapvx.link("s", *pair)
        advance(HOUR)
        snapvx.unlink("s", *pair)
        assert snapvx.terminate("s", pair[0]).status == 204

    def test_a_volume_with_one_cannot_be_deleted(self, snapvx):
        """Rules 21 and 50: a volume cannot be deleted while it has a secure snapshot, so the protection holds."""
        volume = snapvx.client.array.add_volume(547)
        snapvx.create("s", volume, securettl=1)
        assert snapvx.client.delete(f"volume/{volume}").status == 500


def private_header(snapvx, volume):
    path = f"/private/92/sloprovisioning/symmetrix/{snapvx.client.symmetrix_id}/volume"
    body = snapvx.client.get(path, wwn=snapvx.client.array.wwn(volume)).body
    (session,) = body["resultList"]["result"][0]["timeFinderInfo"]["snapVXSession"]
    return session["srcSnapshotGenInfo"][0]["snapshotHeader"]
