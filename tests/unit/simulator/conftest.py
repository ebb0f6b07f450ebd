"""A small client of the simulator's pure core: no HTTP library, no socket; and for where it is served, a session."""

import base64
import json
from urllib.parse import parse_qsl, urlencode

import attrs
import pytest
import requests

from pmax.simulator import AfterSeconds, Behaviour, ManualClock, Options, Simulator
from pmax.simulator.wire import Request
from tests.unit.simulator.srdf_client import Sides

ARRAY = "000197900999"
OTHER_ARRAY = "000197900998"
WWPN = "10000090fa5e1a04"
OTHER_WWPN = "10000090fa5e1a05"
IQN = "iqn.1993-08.org.debian:01:1a2b3c4d5e6f"


@attrs.frozen
class Reply:
    """Status and body of an answer."""

    status: int
    body: dict

    @property
    def message(self) -> str:
        """The text of an error."""
        return self.body["message"]


class Client:
    """Speaks to one Unisphere about one array, with one version of the API."""

    def __init__(self, simulator, version=92, array=ARRAY, application=None):
        self.simulator = simulator
        self.version = version
        self.symmetrix_id = array
        self.application = application or simulator.application

    def on(self, **changes):
        """Return a client that differs."""
        kept = {"version": self.version, "array": self.symmetrix_id, "application": self.application}
        return Client(self.simulator, **{**kept, **changes})

    @property
    def array(self):
        """The array itself, past the API."""
        return self.simulator.arrays[self.symmetrix_id]

    def raw(self, verb, path, body=b"", headers=None, query=()):
        """Send a request whose path and body are exactly these; return the response."""
        token = base64.b64encode(b"smc:smc").decode()
        request = Request(
            verb=verb,
            path=path,
            query=tuple(query),
            headers={"authorization": f"Basic {token}"} if headers is None else headers,
            body=body,
        )
        response = self.application.handle(request)
        assert not self.simulator.defects
        return response

    def call(self, verb, path, body=None, **query):
        """Send a request; a path without a leading slash is below the array's provisioning resources."""
        path, _, text = path.partition("?")
        if not path.startswith("/"):
            path = f"/{self.version}/sloprovisioning/symmetrix/{self.symmetrix_id}/{path}"
        pairs = parse_qsl(text, keep_blank_values=True) + parse_qsl(urlencode(query, doseq=True))
        data = b"" if body is None else json.dumps(body).encode()
        response = self.raw(verb, f"/univmax/restapi{path}", data, query=pairs)
        return Reply(response.status, json.loads(response.body) if response.body else {})

    def get(self, path, **query):
        """GET."""
        return self.call("GET", path, **query)

    def post(self, path, body):
        """POST."""
        return self.call("POST", path, body)

    def put(self, path, body):
        """PUT."""
        return self.call("PUT", path, body)

    def delete(self, path, body=None, **query):
        """DELETE."""
        return self.call("DELETE", path, body, **query)

    def picture(self):
        """All that is committed, but for counters and jobs, which a refused job leaves."""
        with self.simulator.world.lock:
            rows = [row for row in self.simulator.world.everything() if row.spec.name not in {"counters", "jobs"}]
        return {(row.spec.name, row.scope, row.key): row.row for row in rows}

    # What tests arrange again and again. Each must succeed.

    def group(self, name, level="Diamond", srp="SRP_1", volumes=0, size=1):
        """Create a storage group, FAST managed unless `srp` is None; return its volumes."""
        body = {"storageGroupId": name, "srpId": srp or "None", "emulation": "FBA"}
        if srp is not None:
            body["sloBasedStorageGroupParam"] = [{"sloId": level, "workloadSelection": "NONE", "volumeAttributes": []}]
        assert self.post("storagegroup", body).status == 201
        return [self.volume(name, size) for _ in range(volumes)]

    def volume(self, group, size=1, name="v", unit="GB"):
        """Create a volume in a group; return its id."""
        before = set(self.array.volumes)
        reply = self.edit(group, "expandStorageGroupParam", {"addVolumeParam": new_volumes(size, name=name, unit=unit)})
        assert reply.status == 200, reply
        (made,) = set(self.array.volumes) - before
        return made

    def edit(self, group, action, fields):
        """Edit a storage group."""
        return self.put(f"storagegroup/{group}", {"editStorageGroupActionParam": {action: fields}})

    def host(self, name, *initiators):
        """Create a host of initiators."""
        assert self.post("host", {"hostId": name, "initiatorId": list(initiators)}).status == 201

    def view(self, name, group, host="h1", ports="OS-fibre-PG"):
        """Create a masking view of existing parts."""
        return self.post("maskingview", view_body(name, group, host, ports))

    def masked(self, group, volumes=1, view="mv", host="h1"):
        """Create a group with volumes, a host and a view of both; return the volumes."""
        ids = self.group(group, volumes=volumes)
        if host not in self.array.hosts:
            self.host(host, WWPN)
        assert self.view(view, group, host).status == 201
        return ids

    def address(self, view, volume_id):
        """Return the LUN address that a view shows a volume at, None if it does not."""
        rows = self.get(f"maskingview/{view}/connections", volume_id=volume_id).body["maskingViewConnection"]
        return int(rows[0]["host_lun_address"], 16) if rows else None


def new_volumes(size=1, number=1, name="v", unit="GB", reuse=False):
    """A body that asks for new volumes, in the form of 91 and above."""
    identifier = {"identifier_name": name, "volumeIdentifierChoice": "identifier_name"}
    attributes = {"num_of_vols": number, "volume_size": size, "capacityUnit": unit, "volumeIdentifier": identifier}
    return {"emulation": "FBA", "create_new_volumes": not reuse, "volumeAttributes": [attributes]}


def view_body(name, group, host="h1", ports="OS-fibre-PG"):
    """A body that creates a masking view of existing parts."""
    return {
        "maskingViewId": name,
        "hostOrHostGroupSelection": {"useExistingHostParam": {"hostId": host}},
        "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": ports}},
        "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": group}},
    }


@pytest.fixture
def make_client():
    """A client of a new simulator, set up as the options say; its time stands still."""

    def make(version=92, array=ARRAY, **options):
        options = {"unisphere_version": "V9.2.0.0", "clock": ManualClock(), **options}
        return Client(Simulator(Options(**options)), version=version, array=array)

    return make


@pytest.fixture
def make_sides(make_client):
    """Two sides of a simulator in which copies take no time unless it is said."""

    def make(mode="Synchronous", copy_s=None, **options):
        if copy_s is not None:
            options["behaviour"] = Behaviour(sync_pace=AfterSeconds(copy_s))
        return Sides(make_client(**options), mode)

    return make


@pytest.fixture
def session():
    """A session of `requests` that logs in and knows no proxy."""
    with requests.Session() as opened:
        opened.auth = ("smc", "smc")
        opened.trust_env = False
        yield opened


@pytest.fixture
def client(make_client):
    """A client of version 92 of a new simulator with the default fixture."""
    return make_client()


@pytest.fixture
def build():
    """The builders of bodies."""

    class Build:
        volumes = staticmethod(new_volumes)
        view = staticmethod(view_body)

    return Build
