"""The page to look at: behind the login, read-only, complete, and shown by a real browser."""

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest
import requests

from pmax.simulator import AfterSeconds, Behaviour, Fault, HangJob, Refuse, Simulator, TimeOut
from pmax.simulator.page.application import OVERVIEW, pages_of
from pmax.simulator.page.overview import CALLS
from pmax.simulator.page.tables import ROWS, TABLES
from pmax.simulator.serve import Listen
from pmax.simulator.unisphere import User

ARRAY = "000197900999"
OTHER_ARRAY = "000197900998"
VERSION = "/univmax/restapi/version"
WWPN = "10000090fa5e1a04"


@pytest.fixture
def look(session):
    """Ask a served simulator for what the page shows."""

    def ask(simulator, **choice):
        reply = session.get(f"{simulator.url}/overview.json", params=choice, timeout=10)
        assert reply.status_code == 200
        return reply.json()

    return ask


def fill(client):
    """Make something of every kind that the page shows."""
    client.masked("g", volumes=2)
    client.array.log_in(WWPN, "FA-1D:4")
    target = client.group("t", volumes=1)[0]
    path = f"/private/92/replication/symmetrix/{ARRAY}/snapshot/nightly"
    source = {"deviceNameListSource": [{"name": "00003"}]}
    assert client.post(path, {**source, "timeToLive": 1}).status in {200, 201}
    link = {**source, "action": "Link", "deviceNameListTarget": [{"name": target}], "copy": True}
    assert client.put(path, link).status in {200, 201}
    client.group("r", volumes=1)
    pairs = {
        "replicationMode": "Synchronous",
        "remoteSymmId": OTHER_ARRAY,
        "remoteStorageGroupName": "r",
        "rdfgNumber": 70,
        "establish": True,
    }
    path = f"/92/replication/symmetrix/{ARRAY}/storagegroup/r/rdf_group"
    assert client.post(path, pairs).status in {200, 201}
    client.simulator.faults.add(Fault(path="storagegroup", effect=HangJob()))
    job = {"storageGroupId": "late", "srpId": "None", "executionOption": "ASYNCHRONOUS"}
    assert client.post("storagegroup", job).status == 202
    client.array.set_port_online("FA-1D:5", is_online=False)


@pytest.fixture
def filled(make_client):
    """A client of a served simulator with something of every kind; copies take their time."""
    client = make_client(behaviour=Behaviour(copy_pace=AfterSeconds(100), sync_pace=AfterSeconds(100)))
    fill(client)
    client.simulator.clock.advance(40)
    with client.simulator:
        yield client


class TestLogin:
    """Who may look, and how."""

    @pytest.mark.parametrize("path", ["/", "/overview.json"])
    def test_behind_the_login(self, session, path):
        """The page wants the same user and password as the API."""
        with Simulator() as simulator:
            for auth in (None, ("smc", "wrong")):
                reply = requests.get(simulator.url + path, auth=auth, timeout=10)
                assert (reply.status_code, reply.content) == (401, b"")
                assert reply.headers["WWW-Authenticate"].startswith("Basic ")
            assert session.get(simulator.url + path, timeout=10).status_code == 200

    def test_monitors_may_look(self):
        """Who may not change anything may look."""
        simulator = Simulator()
        watched = simulator.add_unisphere("watched", "V9.2.0.0", users=[User("eye", "pass", may_change=False)])
        try:
            url = simulator.serve(watched).url
            assert requests.get(url + "/", auth=("eye", "pass"), timeout=10).status_code == 200
        finally:
            simulator.close()

    @pytest.mark.parametrize("path", ["/", "/overview.json"])
    @pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    def test_read_only(self, session, path, verb):
        """The page can be read, and nothing else."""
        with Simulator() as simulator:
            reply = session.request(verb, simulator.url + path, data=b"x" * 100_000, timeout=10)
            assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD")

    def test_head(self, session):
        """HEAD answers as GET does, without the body."""
        with Simulator() as simulator:
            head, get = (session.request(verb, simulator.url + "/", timeout=10) for verb in ("HEAD", "GET"))
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.content))

    def test_other_paths_are_the_apis(self, session):
        """Nothing but the page itself is taken away from the API."""
        with Simulator() as simulator:
            for path in ("/index.html", "/page.js", "/overview.json/", "//"):
                assert session.get(simulator.url + path, timeout=10).status_code in {400, 404}


class TestDocument:
    """The document itself."""

    def test_nothing_from_outside(self, session):
        """The document names no other address, and its policy lets a browser load nothing from elsewhere."""
        with Simulator() as simulator:
            reply = session.get(simulator.url + "/", timeout=10)
        text = reply.text.replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", "").replace('"//"', "").split("<script>")[0]
        assert "http" not in text
        policy = dict(part.strip().split(" ", 1) for part in reply.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["connect-src"] == "'self'"
        assert all(policy[kind].startswith("'sha256-") for kind in ("script-src", "style-src"))

    def test_whole(self, session):
        """Style and script are inside the document."""
        with Simulator() as simulator:
            text = session.get(simulator.url + "/", timeout=10).text
        assert "/* style */" not in text
        assert "/* script */" not in text
        assert "function refresh()" in text
        assert "--paper:" in text


class TestOverview:
    """What the page shows."""

    def test_arrays(self, filled, look):
        """Each array has its model, code, capacities, counts and what is online."""
        seen = look(filled.simulator)
        other, array = seen["arrays"]
        assert (array["id"], array["model"], array["is_up"], array["is_local"]) == (ARRAY, "PowerMax 2000", True, True)
        assert (array["usable_gb"], array["subscribed_gb"]) == (26 * 1024, 4.0)
        assert dict(array["counts"]) == {"volumes": 6, "groups": 3, "views": 1, "hosts": 1}
        assert (array["ports_online"], array["ports"], array["jobs_under_way"]) == (9, 10, 1)
        assert (other["id"], dict(other["counts"])["groups"]) == (OTHER_ARRAY, 1)

    def test_used_capacity_follows_writes(self, filled, look):
        """What hosts write is used."""
        before = look(filled.simulator)["arrays"][1]["used_gb"]
        filled.array.write("00003")
        assert look(filled.simulator)["arrays"][1]["used_gb"] == before + 1.0

    @pytest.mark.parametrize(
        ("table", "expected"),
        [
            ("storage_groups", ["g", "", "Diamond", "SRP_1", 2, 2.0, "masked"]),
            ("masking_views", ["mv", "h1", "OS-fibre-PG", "g", 2]),
            ("hosts", ["h1", "Fibre", WWPN, "FA-1D:4", 1]),
            ("volumes", ["00003", "v", 1.0, 0, "g", "snapshot source"]),
            ("volumes", ["00005", "v", 1.0, 0, "t", "link target"]),
            ("volumes", ["00001", "", 0.01, 0, "", "gatekeeper"]),
            ("pairs", ["70 23_24_070", "00006", "R1", OTHER_ARRAY, "00003", "Synchronous", "SyncInProg", 40]),
            ("ports", ["FA-1D:4", "fibre", "online", "5000097398999000", "OS-fibre-PG"]),
            ("ports", ["FA-1D:5", "fibre", "offline", "5000097398999001", ""]),
        ],
    )
    def test_tables(self, filled, look, table, expected):
        """The tables show what the array holds."""
        seen = look(filled.simulator, array=ARRAY, table=table)
        assert seen["tab"] == table
        assert expected in seen["table"]["rows"]
        assert all(len(row) == len(seen["table"]["columns"]) for row in seen["table"]["rows"])

    def test_snapshots(self, filled, look):
        """A snapshot shows volume, generation, id, times, and its links with how far they are."""
        (row,) = look(filled.simulator, array=ARRAY, table="snapshots")["table"]["rows"]
        created = filled.simulator.clock.now() - 40
        times = [created, created + 86400]
        assert row[:3] == ["nightly", "00003", 0]
        assert row[4:] == [*times, "00005 CopyInProg 40 %", ""]

    def test_jobs(self, filled, look):
        """Jobs are shown with what became of them, the newest first."""
        row = look(filled.simulator, array=ARRAY, table="jobs")["table"]["rows"][0]
        assert row[1:3] == ["Create Storage Group late", "RUNNING"]
        assert row[4] is None

    def test_other_side_of_a_pair(self, filled, look):
        """Seen from the other array a pair has its roles exchanged."""
        (row,) = look(filled.simulator, array=OTHER_ARRAY, table="pairs")["table"]["rows"]
        assert row[1:5] == ["00003", "R2", ARRAY, "00006"]

    def test_counts_on_tabs(self, filled, look):
        """Each tab has the number of its rows."""
        for tab in look(filled.simulator, array=ARRAY)["tabs"]:
            table = look(filled.simulator, array=ARRAY, table=tab["id"])["table"]
            assert tab["count"] == table["found"] == len(table["rows"])
        assert [tab["id"] for tab in look(filled.simulator)["tabs"]] == list(TABLES)

    def test_find(self, filled, look):
        """A search narrows a table by names and ids, whatever their case."""
        for text, ids in (("00004", ["00004"]), ("V", ["00003", "00004", "00005", "00006"]), ("zzz", [])):
            table = look(filled.simulator, array=ARRAY, table="volumes", find=text)["table"]
            assert [row[0] for row in table["rows"]] == ids
            assert table["found"] == len(ids)

    def test_odd_choices(self, filled, look):
        """An array or a table that is not there is the first one, and odd queries do no harm."""
        seen = look(filled.simulator, array="nowhere", table="../etc", find="\ud7ff%00<script>" * 300)
        assert (seen["array"], seen["tab"], seen["table"]["rows"]) == (ARRAY, "storage_groups", [])

    def test_calls_and_faults(self, make_client, look):
        """The last calls are shown, the newest first, with the faults that happened to them."""
        client = make_client()
        client.simulator.faults.add(Fault(path="volume", nth=2, effect=Refuse(status=503), name="busy"))
        with client.simulator:
            for _ in range(CALLS):
                client.get("storagegroup")
            client.get("volume")
            client.get("volume")
            seen = look(client.simulator)
        assert (len(seen["calls"]), seen["number_of_calls"]) == (CALLS, CALLS + 2)
        newest, before = seen["calls"][:2]
        assert (newest["verb"], newest["status"], newest["faults"]) == ("GET", 503, ["busy"])
        assert (before["status"], before["faults"]) == (200, [])
        assert (seen["faults"], seen["number_of_fired_faults"]) == ([{"title": "busy", "matches": 2}], 1)

    def test_looking_leaves_no_trace(self, filled, look):
        """Looking is not in the log of requests, changes nothing, and lets nothing go on that waits for reads."""
        simulator = filled.simulator
        before = (list(simulator.requests), list(simulator.world.everything()))
        for table in TABLES:
            look(simulator, array=ARRAY, table=table)
        assert (list(simulator.requests), list(simulator.world.everything())) == before

    def test_no_arrays(self, look):
        """A simulator without arrays has a page."""
        with Simulator(fixture="empty") as simulator:
            seen = look(simulator)
        assert (seen["arrays"], seen["array"], seen["table"], seen["tabs"]) == ([], None, None, [])

    def test_only_what_its_unisphere_knows(self, look):
        """A Unisphere shows the arrays that it knows, and says which it does not manage."""
        simulator = Simulator()
        try:
            far = simulator.add_unisphere("far", "V9.2.0.0", remote_arrays=[ARRAY])
            simulator.serve(far)
            seen = look(simulator)
        finally:
            simulator.close()
        assert seen["unisphere"]["name"] == "far"
        assert {each["id"]: each["is_local"] for each in seen["arrays"]} == {ARRAY: False, OTHER_ARRAY: True}

    def test_long_tables_are_cut(self, make_client, look):
        """Of a long table the first rows are shown, and how many there are."""
        client = make_client()
        for number in range(ROWS + 20):
            client.array.add_volume(1, identifier=f"v{number}")
        with client.simulator:
            table = look(client.simulator, array=ARRAY, table="volumes")["table"]
        assert (len(table["rows"]), table["found"]) == (ROWS, ROWS + 22)


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
    "--virtual-time-budget=5000",
)


class Dom(HTMLParser):
    """The document as the browser had it at the end.

    Attributes:
        texts: of the elements with an id, with everything inside them.
        classes: of the same elements.
        found: (tag, class, text) of all elements, in the order in which they end.
    """

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text):
        super().__init__()
        self.texts, self.classes, self.found, self._open = {}, {}, [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        if tag not in self.VOID:
            self._open.append((tag, dict(attrs), []))

    def handle_data(self, data):
        """Add a text to all open elements."""
        for _, _, texts in self._open:
            texts.append(data)

    def handle_endtag(self, tag):
        """Close an element."""
        if tag in self.VOID:
            return
        opened, attributes, texts = self._open.pop()
        assert opened == tag
        self.found.append((tag, attributes.get("class", ""), "".join(texts).strip()))
        if "id" in attributes:
            self.texts[attributes["id"]] = "".join(texts).strip()
            self.classes[attributes["id"]] = attributes.get("class", "")

    def cells(self):
        """Return the rows of the table."""
        cells = [text for tag, _, text in self.found if tag == "td"]
        width = sum(tag == "th" for tag, _, _ in self.found)
        return [cells[first : first + width] for first in range(0, len(cells), width)]


@pytest.fixture(scope="module")
def browser():
    """The path of a Chromium; without one these tests are skipped, except where everything has to be tested."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(f"no browser: none of {', '.join(BROWSERS)} is installed")
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    return path


@pytest.fixture
def render(browser, tmp_path):
    """Let the browser open a simulator's page, with what is chosen after the `#`; return its document."""

    def opened(simulator, chosen=""):
        url = simulator.url.replace("://", "://smc:smc@") + "/" + chosen
        command = [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", url]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
        return Dom(done.stdout)

    return opened


@contextmanager
def lasting(client):
    """Serve a client's simulator, and see that it had no defect."""
    with client.simulator as simulator:
        yield simulator
        assert not simulator.defects


@pytest.mark.browser
@pytest.mark.timeout(120)
class TestBrowser:
    """What a real browser makes of it."""

    def test_everything_is_shown(self, filled, render):
        """Arrays, tabs, the table and the calls are there, and the page says that it is live."""
        filled.simulator.faults.add(Fault(path="volume", effect=TimeOut(), name="silent <b>"))
        filled.get("volume?volume_identifier=<like>x")
        dom = render(filled.simulator, f"#array={ARRAY}")
        assert (dom.texts["live"], dom.classes["live"]) == ("live", "live on")
        assert dom.texts["unisphere"] == "unisphere V9.2.0.0"
        assert dom.texts["now"] == "2023-11-14 22:14:00 UTC"
        assert dom.texts["faults"] == "2 set, 2 happened"
        cards = [text for tag, kind, text in dom.found if (tag, kind) == ("button", "array")]
        assert [card[:25] for card in cards] == [f"PowerMax 2000{each}" for each in (OTHER_ARRAY, ARRAY)]
        assert "26 TB used" in cards[1]
        assert "9 of 10 ports online · 1 job under way" in cards[1]
        tabs = [text for tag, kind, text in dom.found if (tag, kind) == ("button", "tab")]
        assert tabs == [
            "Storage groups3",
            "Masking views1",
            "Hosts1",
            "Volumes6",
            "Snapshots1",
            "SRDF pairs1",
            "Ports10",
            "Jobs3",
        ]
        assert dom.cells()[0] == ["g", "", "Diamond", "SRP_1", "2", "2 GB", "masked"]
        newest = next(text for tag, _, text in dom.found if tag == "li")
        assert newest.startswith("GETno answersilent <b>")
        assert "/volume?volume_identifier=<like>x" in newest

    @pytest.mark.parametrize(
        ("table", "row"),
        [
            ("snapshots", ["nightly", "00003", "0", "2023-11-14 22:13:20", "00005 CopyInProg 40 %"]),
            ("pairs", ["70 23_24_070", "00006", "R1", OTHER_ARRAY, "00003", "Synchronous", "SyncInProg", "40 %"]),
        ],
    )
    def test_chosen_by_address(self, filled, render, table, row):
        """What is chosen is part of the address, and every table is rendered."""
        dom = render(filled.simulator, f"#array={ARRAY}&table={table}")
        (cells,) = dom.cells()
        assert set(row) <= set(cells)

    def test_nothing_there(self, make_client, render):
        """An empty table says so, and so does the list of calls."""
        with lasting(make_client()) as simulator:
            dom = render(simulator, "#table=hosts&find=nobody")
        assert dom.texts["nothing"] == "Nothing is found for “nobody”."
        assert dom.texts["no-calls"] == "No client has called yet."
        assert dom.cells() == []

    def test_names_are_text(self, make_client, render):
        """Whatever clients call things, the page shows it as text."""
        client = make_client()
        client.array.add_volume(1, identifier="<img src=x onerror=alert(1)>")
        with lasting(client) as simulator:
            dom = render(simulator, f"#array={ARRAY}&table=volumes&find=img")
        assert dom.cells()[0][1] == "<img src=x onerror=alert(1)>"
        assert not [tag for tag, _, _ in dom.found if tag == "img"]

    def test_live(self, make_client, render):
        """The page follows what happens while it is open."""
        client = make_client()
        client.group("early")
        usual = pages_of(client.simulator, client.simulator.application)[OVERVIEW]

        async def watched(scope, receive, send):
            await usual(scope, receive, send)
            if "late" not in client.array.storage_groups:
                client.group("late")

        client.simulator.serve_at(Listen(tls=False, pages={OVERVIEW: watched}))
        with lasting(client) as simulator:
            dom = render(simulator, f"#array={ARRAY}")
        assert [row[0] for row in dom.cells()] == ["early", "late"]

    def test_trouble_is_told(self, make_client, render):
        """When the simulator does not answer any more, or had a defect, the page says so."""
        client = make_client()
        usual = pages_of(client.simulator, client.simulator.application)[OVERVIEW]
        answered = []

        async def once(scope, receive, send):
            if not answered:
                answered.append(scope)
                await usual(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 502, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        client.simulator.serve_at(Listen(tls=False, pages={OVERVIEW: once}))
        with client.simulator as simulator:
            dom = render(simulator)
            assert (dom.texts["live"], dom.classes["live"]) == ("the simulator does not answer", "live off")
            assert dom.texts["unisphere"] == "unisphere V9.2.0.0"
        with Simulator() as simulator:
            simulator.application.defects.append(RuntimeError("x"))
            dom = render(simulator)
        assert (dom.texts["live"], dom.classes["live"]) == ("live, but the simulator failed 1 time", "live off")


def test_overview_is_json(look):
    """What the page polls can be read by other tools as well."""
    with Simulator() as simulator:
        assert json.loads(json.dumps(look(simulator)))["unisphere"]["version"] == "V9.2.0.0"
