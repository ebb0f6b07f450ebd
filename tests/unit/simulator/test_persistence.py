"""State that outlives the process: in one piece, whenever the process ends."""

import base64
import http.client
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading

import attrs
import cattrs
import pytest

from pmax.simulator import (
    AfterReads,
    AfterSeconds,
    AtOnce,
    Behaviour,
    Fault,
    HangJob,
    ManualClock,
    Simulator,
    TakeDown,
    Unsettle,
)
from pmax.simulator.persistence import FORMAT, StateFile, StateFileError
from pmax.simulator.state.schema import SCHEMA, STORAGE_GROUPS, VOLUMES
from pmax.simulator.state.service_records import Fate, Settling
from pmax.simulator.wire import Request

ARRAY = "000197900999"
OTHER_ARRAY = "000197900998"
LOGIN = {"authorization": "Basic " + base64.b64encode(b"smc:smc").decode()}
JOB = {"storageGroupId": "late", "srpId": "None", "executionOption": "ASYNCHRONOUS"}


@pytest.fixture
def path(tmp_path):
    """Where the state is kept."""
    return tmp_path / "state.sqlite"


def picture(simulator):
    """All committed rows that outlive a restart."""
    with simulator.world.lock:
        return {(change.spec.name, change.scope, change.key): change.row for change in simulator.world.everything()}


def restarted(client, **options):
    """Stop a client's simulator and start another one on the same file; return the client of that one."""
    client.simulator.close()
    kept = client.simulator.options
    clock = ManualClock(client.simulator.clock.now())
    again = Simulator(attrs.evolve(kept, clock=clock, **options))
    return type(client)(again, version=client.version)


def test_nothing_is_lost(make_client, path):
    """After a restart everything is as it was: groups, views, snapshots, links, pairs, jobs, policies, counters."""
    client = make_client(state=path, behaviour=Behaviour(copy_pace=AfterSeconds(500), sync_pace=AfterSeconds(500)))
    fill(client)
    before = picture(client.simulator)
    kinds = {kind for kind, _, _ in before}
    again = restarted(client)
    assert picture(again.simulator) == before
    assert kinds >= {"volumes", "storage_groups", "masking_views", "lun_addresses", "snapshots", "links", "jobs"}
    assert kinds >= {"rdf_pairs", "rdf_groups", "timers", "counters", "snapshot_policies", "cut_links"}
    assert again.get("storagegroup/g").body["num_of_vols"] == 3
    assert again.array.volumes == client.array.volumes


def fill(client):
    """Make something of every kind."""
    volumes = client.masked("g", volumes=3)
    target = client.group("t", volumes=1)[0]
    snapshot = f"/private/92/replication/symmetrix/{ARRAY}/snapshot/snap"
    sources = {"deviceNameListSource": [{"name": volumes[0]}]}
    assert client.post(snapshot, sources).status in {200, 201}
    link = {**sources, "action": "Link", "deviceNameListTarget": [{"name": target}], "copy": True}
    assert client.put(snapshot, link).status in {200, 201}
    pairs = {
        "replicationMode": "Synchronous",
        "remoteSymmId": OTHER_ARRAY,
        "remoteStorageGroupName": "g",
        "rdfgNumber": 70,
        "establish": True,
    }
    path = f"/92/replication/symmetrix/{ARRAY}/storagegroup/t2/rdf_group"
    client.group("t2", volumes=1)
    assert client.post(path, pairs).status in {200, 201}, client.post(path, pairs)
    client.simulator.faults.add(Fault(path="storagegroup", effect=HangJob()))
    assert client.post("storagegroup", JOB).status == 202
    client.simulator.srdf.cut_link(ARRAY, OTHER_ARRAY)


def test_time_goes_on(make_client, path):
    """What was under way when the simulator stopped ends in its time after a restart: jobs, copies, outages."""
    client = make_client(state=path, behaviour=Behaviour(job_pace=AfterSeconds(100)))
    job = client.post("storagegroup", JOB).body["jobId"]
    client.simulator.faults.add(Fault(effect=TakeDown(array=OTHER_ARRAY, seconds=100)))
    client.get("storagegroup")
    again = restarted(client)
    again.simulator.clock.advance(99)
    assert again.get(f"/92/system/job/{job}").body["status"] == "RUNNING"
    assert not again.on(array=OTHER_ARRAY).array.record.is_up
    again.simulator.clock.advance(1)
    assert again.get(f"/92/system/job/{job}").body["status"] == "SUCCEEDED"
    assert again.on(array=OTHER_ARRAY).array.record.is_up
    assert set(again.array.storage_groups) == {"late"}


def test_fate_of_a_job_is_kept(make_client, path):
    """What a fault decided over a job still holds after a restart."""
    client = make_client(state=path)
    client.simulator.faults.add(Fault(verb="POST", effect=Unsettle(what="job", reads=1)))
    job = client.post("storagegroup", JOB).body["jobId"]
    again = restarted(client)
    assert len(again.simulator.faults) == 0
    statuses = [again.get(f"/92/system/job/{job}").body["status"] for _ in range(2)]
    assert statuses == ["RUNNING", "SUCCEEDED"]


def test_jobs_of_a_unisphere_that_is_away(make_client, path):
    """A job that was started through a Unisphere that is not there any more ends all the same."""
    client = make_client(state=path, behaviour=Behaviour(job_pace=AfterSeconds(10)))
    second = client.on(application=client.simulator.add_unisphere("second", "V9.2.0.0"))
    assert second.post("storagegroup", JOB).status == 202
    again = restarted(client)
    again.simulator.clock.advance(10)
    assert set(again.array.storage_groups) == {"late"}


def test_iterators_are_lost(make_client, path):
    """Open result lists do not outlive a restart, as with the real service."""
    client = make_client(state=path, behaviour=Behaviour(page_size=1))
    page = f"/common/Iterator/{client.get('volume').body['id']}/page?from=1&to=1"
    assert client.get(page).status == 200
    assert restarted(client).get(page).status == 404


def test_nothing_is_named_twice(make_client, path):
    """Ids and numbers go on where they stopped: no volume, job or snapshot gets the id of an earlier one."""
    client = make_client(state=path)
    first = client.group("g", volumes=1)[0]
    client.edit("g", "removeVolumeParam", {"volumeId": [first], "remoteSymmSGInfo": {}})
    again = restarted(client)
    assert again.volume("g") > first


def test_new_file_gets_the_fixture_and_an_old_one_keeps_its_own(path):
    """A fixture fills a new file; later it is not looked at."""
    Simulator(state=path, fixture="families").close()
    again = Simulator(state=path, fixture="empty")
    assert len(again.arrays) == 4
    again.close()


def test_refused_requests_leave_the_file_alone(make_client, path):
    """A refused request and a read write nothing."""
    client = make_client(state=path)
    client.group("g", volumes=1)
    before = picture(client.simulator)
    commits = []
    client.simulator.world.commit_listeners.append(commits.append)
    assert client.post("storagegroup", {"storageGroupId": "g", "srpId": "None"}).status == 409
    assert client.get("storagegroup/g").status == 200
    assert commits == []
    assert picture(restarted(client).simulator) == before


def test_one_request_is_one_transaction(make_client, path):
    """All that a request changes is written at once."""
    client = make_client(state=path)
    client.group("g")
    commits = []
    client.simulator.world.commit_listeners.append(commits.append)
    volumes = [{"num_of_vols": 5, "volume_size": 1, "capacityUnit": "GB"}]
    new = {"addVolumeParam": {"emulation": "FBA", "create_new_volumes": True, "volumeAttributes": volumes}}
    assert client.edit("g", "expandStorageGroupParam", new).status == 200
    (changes,) = commits
    assert sum(change.spec is VOLUMES for change in changes) == 5


def test_full_disks_refuse_the_request(make_client, path):
    """When a change cannot be written it is not made, and the client is told so; once it can be, all goes on."""
    client = make_client(state=path)
    client.group("g-1")
    (pages,) = client.simulator._state._database.execute("PRAGMA page_count").fetchone()
    client.simulator._state._database.execute(f"PRAGMA max_page_count = {pages}")
    path_of_groups = f"/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}/storagegroup"
    for number in range(500):
        body = json.dumps({"storageGroupId": f"g{number}", "srpId": "None"}).encode()
        request = Request(verb="POST", path=path_of_groups, headers=LOGIN, body=body)
        if client.application.handle(request).status == 500:
            break
    (failed,) = client.simulator.defects
    assert failed.problem == "it cannot be used: database or disk is full"
    client.application.defects.clear()
    made = client.array.storage_groups
    assert f"g{number}" not in made
    assert f"g{number - 1}" in made
    client.simulator._state._database.execute("PRAGMA max_page_count = 1000000")
    client.group("later")
    again = restarted(client)
    assert again.array.storage_groups == {**made, "later": again.array.storage_groups["later"]}


def test_names_beyond_unicode(path):
    """A name with half a surrogate pair, which JSON can smuggle in, is kept like any other."""
    simulator = Simulator(state=path)
    array = simulator.arrays[ARRAY]
    volume_id = array.add_volume(1, identifier="\ud800é")
    with simulator.world.changing() as transaction:
        group = STORAGE_GROUPS.record(name="\udfff é", uuid="0" * 32)
        transaction.array(ARRAY).storage_groups.put(group)
    simulator.close()
    again = Simulator(state=path)
    assert again.arrays[ARRAY].volumes[volume_id].identifier == "\ud800é"
    assert set(again.arrays[ARRAY].storage_groups) == {"\udfff é"}
    again.close()


@pytest.mark.parametrize("spec", SCHEMA, ids=lambda spec: spec.name)
def test_every_record_can_be_written(spec):
    """The records of each table consist of what can be written down and read again."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    assert callable(converter.get_structure_hook(spec.record))
    assert callable(converter.get_unstructure_hook(spec.record))


@pytest.mark.parametrize("pace", [AtOnce(), AfterReads(3), AfterSeconds(2.5), AfterSeconds(1, is_scaled=False)])
def test_paces_can_be_written(pace):
    """Each kind of pace is the same after it was written and read."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    fate = Fate(paces=(Settling(choice="job_pace", pace=pace),))
    assert converter.structure(json.loads(json.dumps(converter.unstructure(fate))), Fate) == fate


class TestWrongFiles:
    """Files that are refused, with the reason."""

    def refused(self, path):
        """Return what is said about a file."""
        with pytest.raises(StateFileError) as raised:
            Simulator(state=path)
        assert str(raised.value).startswith(f"{path}: ")
        return raised.value.problem

    def changed(self, path, *statements):
        """Make a file and change it by hand."""
        Simulator(state=path).close()
        database = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            database.execute(*((statement,) if isinstance(statement, str) else statement))
        database.close()

    def test_something_else(self, path):
        """A file that is no database is refused and left as it is."""
        path.write_bytes(b"precious\n" * 1000)
        assert self.refused(path) == "it is no SQLite file"
        assert path.read_bytes() == b"precious\n" * 1000

    def test_another_database(self, path):
        """A database of something else is refused."""
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE precious (a)")
        database.commit()
        database.close()
        assert self.refused(path) == "it is a database of something else"

    def test_another_format(self, path):
        """A file of another format is refused."""
        self.changed(path, f"PRAGMA user_version = {FORMAT + 1}")
        assert self.refused(path) == f"it has format {FORMAT + 1}, this simulator reads format {FORMAT}"

    def test_used_by_another(self, path):
        """A file belongs to one simulator at a time."""
        first = Simulator(state=path)
        assert self.refused(path) == "another simulator uses it"
        first.close()
        Simulator(state=path).close()

    def test_unknown_table(self, path):
        """A row of a table that is not known is refused."""
        self.changed(path, "INSERT INTO row VALUES ('clouds', '', 'a', '{}')")
        assert self.refused(path) == "its table clouds is not known"

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            ("{", "volumes 00001 does not fit"),
            ("{}", "required field missing @ row.volume_id"),
            ("[]", "volumes 00001 does not fit"),
        ],
    )
    def test_rows_that_do_not_fit(self, path, content, problem):
        """A row that this simulator cannot read is refused by its name."""
        self.changed(path, ("UPDATE row SET content = ? WHERE kind = 'volumes' AND id = '00001'", [content]))
        assert problem in self.refused(path)

    def test_unknown_fields(self, path):
        """A field that is not known is refused: a later version wrote it."""
        self.changed(path, "UPDATE row SET content = json_set(content, '$.mood', 1) WHERE kind = 'volumes'")
        assert "extra fields found (mood)" in self.refused(path)

    def test_rows_under_a_wrong_key(self, path):
        """A row is under the key that it says."""
        self.changed(path, "UPDATE row SET content = json_set(content, '$.volume_id', 'X') WHERE kind = 'volumes'")
        assert "holds another row" in self.refused(path)

    def test_nowhere(self, tmp_path):
        """A file whose folder is not there is refused."""
        assert "it cannot be opened" in self.refused(tmp_path / "nowhere" / "state.sqlite")

    def test_missing_fields_are_as_by_default(self, path):
        """A file that was written before a field existed can still be read."""
        self.changed(path, "UPDATE row SET content = json_remove(content, '$.content') WHERE kind = 'volumes'")
        simulator = Simulator(state=path)
        assert simulator.arrays[ARRAY].volumes["00001"].content == ""
        simulator.close()

    def test_wrong_faults_give_the_file_back(self, path):
        """A simulator that cannot be made does not hold the file."""
        with pytest.raises(ValueError, match="nowhere"):
            Simulator(state=path, faults=[Fault(effect=TakeDown(unisphere="nowhere"))])
        Simulator(state=path).close()

    def test_interrupted_beginnings(self, path):
        """A file that was made but not filled counts as new."""
        StateFile(path).close()
        simulator = Simulator(state=path)
        assert len(simulator.arrays) == 2
        simulator.close()


SERVE = """
import sys
from pathlib import Path
from pmax.simulator import Simulator
from pmax.simulator.foreground import serve_until_signal
from pmax.simulator.serve import Listen
serve_until_signal(Simulator(state=Path(sys.argv[1])), Listen(tls=False), lambda line: print(line, flush=True))
"""
VOLUMES_PER_GROUP = 4


class Victim:
    """A served simulator in a process of its own, to be killed."""

    def __init__(self, path):
        command = [sys.executable, "-c", SERVE, str(path)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().strip().rpartition(":")[2])
        self.answered: list[str] = []
        self.asked: list[str] = []

    def create(self, name, execution_option):
        """Create a group with volumes in one request, at once or as a job."""
        size = [{"num_of_vols": VOLUMES_PER_GROUP, "volume_size": 1, "capacityUnit": "GB"}]
        level = {"sloId": "Gold", "workloadSelection": "NONE", "volumeAttributes": size}
        body = {"storageGroupId": name, "srpId": "SRP_1", "emulation": "FBA", "sloBasedStorageGroupParam": [level]}
        self.asked.append(name)
        self.connection.request(
            "POST",
            f"/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}/storagegroup",
            json.dumps({**body, "executionOption": execution_option}),
            LOGIN,
        )
        response = self.connection.getresponse()
        response.read()
        assert response.status in {201, 202}
        self.answered.append(name)

    def work(self, prefix, enough, reached):
        """Create groups until the simulator is gone; tell when there are enough."""
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            for number in range(100_000):
                self.create(f"{prefix}-{number}", ("SYNCHRONOUS", "ASYNCHRONOUS")[number % 2])
                if len(self.answered) == enough:
                    reached.set()
        except (OSError, http.client.HTTPException):
            return
        finally:
            self.connection.close()


def test_killed_at_any_moment(path):
    """`kill -9` in the middle of work loses at most the request in flight, and leaves none half done."""
    chance = random.Random(4711)  # noqa: S311 - when to kill is no secret
    asked, answered = set(), set()
    for turn in range(4):
        victim = Victim(path)
        try:
            reached = threading.Event()
            enough = chance.randrange(1, 60)
            worker = threading.Thread(target=victim.work, args=(f"t{turn}", enough, reached))
            worker.start()
            assert reached.wait(20)
            victim.process.send_signal(signal.SIGKILL)
            worker.join(20)
            assert not worker.is_alive()
        finally:
            victim.process.kill()
            victim.process.wait()
            victim.process.stdout.close()
        asked |= set(victim.asked)
        answered |= set(victim.answered)
        check_whole(path, asked, answered)


def check_whole(path, asked, answered):
    """Look at a file as a simulator that starts from it does."""
    simulator = Simulator(state=path)
    try:
        groups = simulator.arrays[ARRAY].storage_groups
        volumes = simulator.arrays[ARRAY].volumes
        assert answered <= set(groups) <= asked
        members = [volume.storage_groups[0] for volume in volumes.values() if volume.storage_groups]
        assert {members.count(name) for name in groups} == {VOLUMES_PER_GROUP}
        assert set(members) == set(groups)
        assert simulator.arrays[ARRAY].record.next_device_number == len(volumes) + 1
    finally:
        simulator.close()
