"""Performance figures, as far as balancing loads needs them (reference section 6.20)."""

import pytest

from pmax.simulator.unisphere import User

ARRAY = "000197900999"
NOW_S = 1_700_000_000
LAST_MS = NOW_S // 300 * 300 * 1000
HOUR_MS = 3_600_000
GROUP = "OS-fibre-PG"


def ask(client, path, body=None, verb="POST"):
    """Send a call of performance; return the answer."""
    return client.call(verb, f"/performance/{path}", body)


def figures(client, *metrics, start=LAST_MS - HOUR_MS, end=LAST_MS, **subject):
    """Ask for the figures of a port group, or of a port if `directorId` is given."""
    category = "FEPort" if "directorId" in subject else "PortGroup"
    body = {
        "symmetrixId": ARRAY,
        "startDate": start,
        "endDate": end,
        "dataFormat": "Average",
        "metrics": list(metrics),
        **subject,
    }
    return ask(client, f"{category}/metrics", body)


def real_time(client, *metrics, instance="FA-1D:4", start=LAST_MS - 60_000, end=LAST_MS, category="FEPORT"):
    """Ask for the figures of a port in real time."""
    body = {
        "symmetrixId": ARRAY,
        "instanceId": instance,
        "startDate": start,
        "endDate": end,
        "category": category,
        "metrics": list(metrics),
    }
    return ask(client, "realtime/metrics", body)


def values(reply, metric):
    """Return the values of one metric in an answer, each once."""
    return {row[metric] for row in reply.body["resultList"]["result"]}


class TestRegistration:
    """Whether figures are collected, and of what."""

    def test_registered(self, client):
        """An array says whether its figures are collected, every five minutes and in real time."""
        (details,) = ask(client, f"Array/registrationdetails/{ARRAY}", verb="GET").body["registrationDetailsInfo"]
        assert details == {
            "symmetrixId": ARRAY,
            "diagnostic": True,
            "realtime": True,
            "collectionintervalmins": 5,
            "message": "Success",
        }

    def test_unregistered(self, client):
        """An array that is not registered says so, has no keys, and no figures."""
        client.array.update(is_registered_for_performance=False, is_registered_for_real_time=False)
        (details,) = ask(client, f"Array/registrationdetails/{ARRAY}", verb="GET").body["registrationDetailsInfo"]
        assert (details["diagnostic"], details["realtime"]) == (False, False)
        keys = ask(client, "Array/keys", verb="GET").body["arrayInfo"]
        assert [entry["symmetrixId"] for entry in keys] == ["000197900998"]
        assert "not registered" in figures(client, "IOs", portGroupId=GROUP).message
        assert "not registered" in ask(client, f"Array/help/{ARRAY}/categories", verb="GET").message

    def test_registering(self, client):
        """The collection of figures can be switched, in real time only together with the other one."""
        for diagnostic, realtime, status in ((False, False, 200), (True, True, 200), (False, True, 400)):
            body = {"symmetrixId": ARRAY, "diagnostic": diagnostic, "realtime": realtime}
            reply = ask(client, "Array/register", body)
            assert reply.status == status
            if status == 200:
                assert "Successfully" in reply.body["message"][0]
                assert client.array.record.is_registered_for_performance is diagnostic
                assert client.array.record.is_registered_for_real_time is realtime
            known = ask(client, f"Array/registration/{ARRAY}", verb="GET").body
            assert known["isRegistered"] is client.array.record.is_registered_for_performance
        assert ask(client, "Array/register", {"symmetrixId": "000000000000"}).status == 404

    def test_monitors_do_not_register(self, client):
        """Who may not change an array may not register it."""
        body = b'{"symmetrixId": "000197900999"}'
        simulator = client.simulator
        watching = simulator.add_unisphere("watching", "V9.2.0.0", users=[User("smc", "smc", may_change=False)])
        path = "/univmax/restapi/performance/Array/register"
        assert client.on(application=watching).raw("POST", path, body).status == 403
        assert client.array.record.is_registered_for_performance

    def test_no_real_time(self, client):
        """An array may be registered, but not for real time."""
        client.array.update(is_registered_for_real_time=False)
        assert "real time" in real_time(client, "IOs").message
        assert figures(client, "IOs", portGroupId=GROUP).status == 200

    def test_array_keys(self, client):
        """The last figures are at most five minutes old, and their time is a multiple of five minutes."""
        keys = ask(client, "Array/keys", verb="GET").body["arrayInfo"]
        assert [entry["symmetrixId"] for entry in keys] == ["000197900998", ARRAY]
        assert {entry["lastAvailableDate"] for entry in keys} == {LAST_MS}
        client.simulator.clock.advance(300)
        later = ask(client, "Array/keys", verb="GET").body["arrayInfo"]
        assert {entry["lastAvailableDate"] for entry in later} == {LAST_MS + 300_000}

    @pytest.mark.parametrize(
        ("category", "info", "key", "names"),
        [
            ("PortGroup", "portGroupInfo", "portGroupId", ["OS-fibre-PG", "OS-iscsi-PG"]),
            ("FEDirector", "feDirectorInfo", "directorId", ["FA-1D", "FA-2D", "SE-4E", "SE-5E"]),
            ("StorageGroup", "storageGroupInfo", "storageGroupId", ["g"]),
        ],
    )
    def test_keys(self, client, category, info, key, names):
        """Each category has the keys of what the array has, with the times of the first and the last figures."""
        client.group("g")
        entries = ask(client, f"{category}/keys", {"symmetrixId": ARRAY}).body[info]
        assert [entry[key] for entry in entries] == names
        assert all(entry["firstAvailableDate"] < entry["lastAvailableDate"] == LAST_MS for entry in entries)

    def test_ports_of_a_director(self, client):
        """Front-end ports are listed by director."""
        reply = ask(client, "FEPort/keys", {"symmetrixId": ARRAY, "directorId": "FA-1D"})
        assert [entry["portId"] for entry in reply.body["fePortInfo"]] == ["4", "5"]
        assert ask(client, "FEPort/keys", {"symmetrixId": ARRAY, "directorId": "FA-9Z"}).status == 404
        assert ask(client, "FEPort/keys", {"symmetrixId": ARRAY}).status == 400

    def test_help(self, client):
        """Categories and metrics can be asked for; the important ones are among all."""
        categories = ask(client, f"Array/help/{ARRAY}/categories", verb="GET").body["categoryName"]
        assert categories == ["Array", "FEDirector", "FEPort", "PortGroup", "StorageGroup"]
        path = f"Array/help/{ARRAY}/FEPort/metrics"
        everything = ask(client, f"{path}/All", verb="GET").body["metricName"]
        important = ask(client, f"{path}/Kpi", verb="GET").body["metricName"]
        assert set(important) < set(everything)
        assert ask(client, f"{path}/Some", verb="GET").status == 404


class TestFigures:
    """What is answered to a query of metrics."""

    def test_rows(self, client):
        """There is a row for every five minutes of the time that was asked for, both ends included."""
        reply = figures(client, "PercentBusy", "IOs", portGroupId=GROUP)
        rows = reply.body["resultList"]["result"]
        assert [row["timestamp"] for row in rows] == list(range(LAST_MS - HOUR_MS, LAST_MS + 1, 300_000))
        assert rows[0] == {"PercentBusy": 0.0, "IOs": 0.0, "timestamp": LAST_MS - HOUR_MS}
        assert reply.body["count"] == 13

    def test_iterators_go_on(self, client):
        """More rows than a page holds are read on with the iterator."""
        day = figures(client, "IOs", portGroupId=GROUP, start=LAST_MS - 4 * 24 * HOUR_MS).body
        assert (day["count"], day["resultList"]["to"]) == (4 * 288 + 1, 1000)
        page = client.get(f"/common/Iterator/{day['id']}/page?from=1001&to={day['count']}").body
        assert page["result"][-1] == {"IOs": 0.0, "timestamp": LAST_MS}

    def test_loads_of_ports(self, client):
        """A port reports the load that was set, and its groups the mean of what is busy and the sum of the rest."""
        client.array.set_port_load("FA-1D:4", PercentBusy=80, IOs=100, ResponseTime=1.5)
        client.array.set_port_load("FA-2D:4", PercentBusy=40, IOs=20)
        port = figures(client, "PercentBusy", "ResponseTime", "SpeedGBs", directorId="FA-1D", portId="4")
        assert [values(port, metric) for metric in ("PercentBusy", "ResponseTime", "SpeedGBs")] == [
            {80.0},
            {1.5},
            {2.0},
        ]
        group = figures(client, "PercentBusy", "IOs", portGroupId=GROUP)
        assert (values(group, "PercentBusy"), values(group, "IOs")) == ({60.0}, {120.0})
        assert values(figures(client, "PercentBusy", portGroupId="OS-iscsi-PG"), "PercentBusy") == {0.0}

    def test_loads_of_groups(self, client):
        """What was set for a group holds whatever its ports do; the rest still follows the ports."""
        client.array.set_port_load("FA-1D:4", PercentBusy=80, IOs=100)
        client.array.set_port_group_load(GROUP, PercentBusy=3)
        client.array.set_port_group_load(GROUP, MBs=7)
        group = figures(client, "PercentBusy", "IOs", "MBs", portGroupId=GROUP)
        assert [values(group, metric) for metric in ("PercentBusy", "IOs", "MBs")] == [{3.0}, {100.0}, {7.0}]

    def test_loads_may_change(self, client):
        """A load that is set again is another one from then on."""
        for busy in (10, 20):
            client.array.set_port_load("FA-1D:4", PercentBusy=busy)
            assert values(figures(client, "PercentBusy", directorId="FA-1D", portId="4"), "PercentBusy") == {busy}

    def test_real_time(self, client):
        """In real time there is a row every five seconds."""
        client.array.set_port_load("FA-1D:4", PercentBusy=55)
        reply = real_time(client, "PercentBusy", "ResponseTime")
        assert values(reply, "PercentBusy") == {55.0}
        assert reply.body["count"] == 13

    def test_empty_port_group(self, client):
        """A port group without ports is idle."""
        assert client.post("portgroup", {"portGroupId": "none", "symmetrixPortKey": []}).status == 201
        assert values(figures(client, "PercentBusy", portGroupId="none"), "PercentBusy") == {0.0}

    @pytest.mark.parametrize(
        ("start", "end"), [(LAST_MS + 1, LAST_MS + 200_000), (LAST_MS - HOUR_MS + 1, LAST_MS - HOUR_MS + 2)]
    )
    def test_no_figures(self, client, start, end):
        """Where there are no figures in the time that was asked for, the answer is 204."""
        assert figures(client, "IOs", portGroupId=GROUP, start=start, end=end).status == 204

    def test_lost_at_a_restart_they_are_not(self, make_client, tmp_path):
        """Loads are part of the state that is kept."""
        client = make_client(state=tmp_path / "state.sqlite")
        client.array.set_port_load("FA-1D:4", PercentBusy=80)
        client.simulator.close()
        again = make_client(state=tmp_path / "state.sqlite")
        assert values(figures(again, "PercentBusy", directorId="FA-1D", portId="4"), "PercentBusy") == {80.0}
        again.simulator.close()


class TestRefusals:
    """Queries that make no sense."""

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"metrics": ["Mood"]}, 400),
            ({"metrics": []}, 400),
            ({"startDate": 1}, 400),
            ({"endDate": LAST_MS - 2 * HOUR_MS}, 400),
            ({"endDate": None}, 400),
            ({"dataFormat": "Median"}, 400),
            ({"portGroupId": "nowhere"}, 404),
            ({"symmetrixId": "000000000000"}, 404),
            ({"surprise": 1}, 400),
        ],
    )
    def test_refused(self, client, changes, status):
        """A wrong metric, time, format, subject or field is refused."""
        body = {
            "symmetrixId": ARRAY,
            "portGroupId": GROUP,
            "startDate": LAST_MS - HOUR_MS,
            "endDate": LAST_MS,
            "dataFormat": "Average",
            "metrics": ["IOs"],
        }
        assert ask(client, "PortGroup/metrics", body).status == 200
        assert ask(client, "PortGroup/metrics", {**body, **changes}).status == status

    def test_real_time_is_an_hour_at_most(self, client):
        """Real-time figures of more than an hour, of another category, or with other metrics are refused."""
        assert real_time(client, "IOs", start=LAST_MS - HOUR_MS).status == 200
        assert real_time(client, "IOs", start=LAST_MS - HOUR_MS - 1).status == 400
        assert real_time(client, "SpeedGBs").status == 400
        assert real_time(client, "IOs", instance="FA-9Z:9").status == 404
        assert real_time(client, "IOs", category="Array").status == 501

    def test_what_is_not_simulated_says_so(self, client):
        """Categories without simulated figures are answered with 501, never with made-up ones."""
        assert figures_of(client, "StorageGroup").status == 501
        assert figures_of(client, "Volume").status == 501

    @pytest.mark.parametrize(("metric", "value"), [("Mood", 1), ("IOs", -1), ("IOs", float("inf"))])
    def test_impossible_loads(self, client, metric, value):
        """A load of an unknown metric, or below zero, cannot be set; nor can that of a port that is not there."""
        with pytest.raises(ValueError, match=metric):
            client.array.set_port_load("FA-1D:4", **{metric: value})
        with pytest.raises(KeyError):
            client.array.set_port_load("FA-9Z:9", IOs=1)


def figures_of(client, category):
    """Ask for the figures of a category."""
    return ask(client, f"{category}/metrics", {"symmetrixId": ARRAY, "metrics": ["IOs"]})
