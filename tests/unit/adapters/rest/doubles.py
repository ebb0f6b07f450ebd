"""What stands for the outside in these tests: a clock that jumps, a listener, servers that say what they are told."""

import math

import attrs
import requests
import requests_mock

from pmax.adapters.rest.client import Client, Patience
from pmax.adapters.rest.gate import Gate
from pmax.adapters.rest.messages import Call, Failure, Reply, Subject
from pmax.adapters.rest.retry import RetryPolicy
from pmax.adapters.rest.servers import Server
from pmax.adapters.rest.transport import Transport
from pmax.adapters.rest.unisphere import Unisphere, connect
from pmax.domain.events import CallFinished
from pmax.domain.settings import Secret, Settings, Timeouts, UnisphereServer
from pmax.domain.versions import UnisphereVersion
from pmax.ports.runtime import Clock, EventSink

ARRAY = "000197900123"
BASE = "https://unisphere.invalid:8443/univmax/restapi"
PASSWORD = "a password that must never be shown"
SERVER = UnisphereServer(host="unisphere.invalid", username="smc", password=Secret(PASSWORD))
SETTINGS = Settings(array_id=ARRAY, srp="SRP_1", servers=(SERVER,))
READ = Call(verb="GET", path="/92/thing", subject=Subject(kind="thing", name="t"), operation="show it")
WRITE = Call(verb="PUT", path="/92/thing", subject=Subject(kind="thing", name="t"), operation="change it", body={})


class JumpingClock(Clock):
    """A clock on which waiting takes no time; it remembers how long was waited."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def now_s(self):
        """Seconds since it was made, and some."""
        return self.now

    def epoch_s(self):
        """Seconds since 1970."""
        return 1_700_000_000.0 + self.now

    def sleep(self, seconds):
        """Jump."""
        self.slept.append(seconds)
        self.now += seconds


class Listener(EventSink):
    """Remembers every event."""

    def __init__(self):
        self.events = []

    def publish(self, event):
        """Remember it."""
        assert isinstance(event, CallFinished)
        self.events.append(event)


class ScriptedTransport(Transport):
    """A server that answers calls out of a list; what it is sent is remembered."""

    def __init__(self, endpoint, results):
        self.endpoint = endpoint
        self.results = list(results)
        self.calls = []
        self.timeouts = []
        self.is_closed = False

    def exchange(self, call, timeouts_s, whole_s=math.inf):
        """Answer out of the list."""
        self.calls.append((call.verb, call.path))
        self.timeouts.append(timeouts_s)
        return self.results.pop(0)

    def close(self):
        """Remember it."""
        self.is_closed = True


@attrs.frozen
class Scripted:
    """A client of scripted servers.

    Attributes:
        client: under test.
        transports: its servers.
        clock: its time.
        listener: what it told.
    """

    client: Client
    transports: tuple[ScriptedTransport, ...]
    clock: JumpingClock
    listener: Listener


def scripted(*scripts, retries=3, versions=None, timeouts=None) -> Scripted:
    """Make a client of one server for each script, a list of replies and failures."""
    clock, listener = JumpingClock(), Listener()
    transports = tuple(ScriptedTransport(f"server{index}:8443", script) for index, script in enumerate(scripts))
    known = versions or ["V9.2.0.0"] * len(scripts)
    servers = tuple(
        Server(
            index=index,
            transport=transport,
            gate=Gate(transport.endpoint, 5, 4),
            version=version and UnisphereVersion.parse(version),
        )
        for index, (transport, version) in enumerate(zip(transports, known, strict=True))
    )
    patience = Patience(
        timeouts=timeouts or Timeouts(),
        policy=RetryPolicy(retries=retries, backoff_factor_s=1.0),
        operation_timeout_s=900.0,
    )
    return Scripted(Client(servers, patience, clock, listener), transports, clock, listener)


def ok(body: bytes = b"{}") -> Reply:
    """A success."""
    return Reply.of(200, body)


def refusal(status: int, message: str, retry_after: str | None = None) -> Reply:
    """A refusal in the service's form."""
    return Reply.of(status, b'{"message": "%s"}' % message.encode(), retry_after)


UNSENT = Failure(cause="connection refused", is_sent=False)
LOST = Failure(cause="it did not answer in time", is_sent=True)


class Web:
    """Unisphere as a table of canned answers, below `requests`."""

    def __init__(self, version="V9.2.0.0"):
        self.adapter = requests_mock.Adapter()
        self.clock = JumpingClock()
        self.listener = Listener()
        self.answer("GET", "/version", json={"version": version})

    def answer(self, verb, path, *responses, **response):
        """Say what is answered to a verb and path (the query counts if it is named); responses come in turn."""
        if responses:
            self.adapter.register_uri(verb, BASE + path, list(responses))
        else:
            self.adapter.register_uri(verb, BASE + path, **response)

    def connect(self, settings=SETTINGS) -> Unisphere:
        """Speak with it."""
        return connect(settings, self.clock, self.listener, self.adapter)

    @property
    def requests(self) -> list[requests.PreparedRequest]:
        """What was sent, the version question apart."""
        return [each for each in self.adapter.request_history if not each.url.endswith("/version")]

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Verb and path with query of what was sent, the version question apart."""
        return [(each.method, each.url.removeprefix(BASE)) for each in self.requests]


def said(error: BaseException) -> tuple[object, ...]:
    """What an error says: its class and its fields. Errors themselves are equal only to themselves."""
    return (type(error), *attrs.astuple(error))
