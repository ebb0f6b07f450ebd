"""The ways to reach the core: in the process, over HTTP and HTTPS, by the command, by pytest."""

import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
import requests

from pmax.simulator import ManualClock, Options, Simulator
from pmax.simulator.faults import NoFaults
from pmax.simulator.serve import Listen, OpenDoor, is_loopback
from pmax.simulator.wire import Delivery

VERSION = "/univmax/restapi/version"
ANYWHERE = "0.0.0.0"  # noqa: S104 - what is to be refused
GROUPS = "/univmax/restapi/92/sloprovisioning/symmetrix/000197900999/storagegroup"


@pytest.mark.parametrize("tls", [False, True])
def test_served_on_loopback(session, tls):
    """As a context manager the simulator is served on a free port of loopback, over HTTPS with its own certificate."""
    with Simulator(tls=tls) as simulator:
        session.verify = str(simulator.ca_path) if tls else True
        assert simulator.url.startswith("https://127.0.0.1:" if tls else "http://127.0.0.1:")
        assert session.get(simulator.url + VERSION).json()["version"] == "V9.2.0.0"
        assert session.post(simulator.url + GROUPS, json={"storageGroupId": "g", "srpId": "None"}).status_code == 201
        deleted = session.delete(f"{simulator.url}{GROUPS}/g")
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert not simulator.defects


def test_untrusted_certificate_is_rejected(session):
    """A client that verifies, and was not told of the authority, does not speak with the simulator."""
    with Simulator(tls=True) as simulator, pytest.raises(requests.exceptions.SSLError):
        session.get(simulator.url + VERSION)


def test_files_and_port_are_given_back():
    """After the end the port is free and the certificate gone."""
    with Simulator(tls=True) as simulator:
        path, port = simulator.ca_path, int(simulator.url.rpartition(":")[2])
        assert path.exists()
    assert not path.exists()
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


def test_mounted_in_the_process(session):
    """Mounted on a session the simulator needs no socket."""
    simulator = Simulator()
    url = simulator.mount(session)
    reply = session.get(f"{url}{GROUPS}", params={"storageGroupId": "<like>x"})
    assert (reply.status_code, reply.json()) == (200, {"storageGroupId": []})
    assert reply.headers["content-type"] == "application/json"
    assert session.get(url + VERSION, auth=("smc", "wrong")).status_code == 401


def test_other_unispheres_can_be_reached(session):
    """Each Unisphere of a simulator can be mounted and served."""
    with Simulator() as simulator:
        second = simulator.add_unisphere("second", "V10.0.0.0")
        served = simulator.serve(second)
        assert session.get(served.url + VERSION).json()["api_version"] == "100"
        url = simulator.mount(session, "https://second.invalid", second)
        assert session.get(url + VERSION).json()["api_version"] == "100"
        assert session.get(simulator.url + VERSION).json()["api_version"] == "92"


def raw(simulator, request):
    """Send bytes as they are; return all bytes of the answer."""
    host, _, port = simulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


HEADERS = b"Host: x\r\nAuthorization: Basic c21jOnNtYw==\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/univmax/restapi/92/system/../version", b"400"),
        (b"/univmax/restapi/92/system%2Fversion", b"400"),
        (b"/univmax/restapi/92/system/%00", b"400"),
        (b"/univmax/restapi/version?\xff", b"400"),
        (b"/univmax/restapi/version?a=%ff", b"200"),
        (b"/univmax/restapi/version#x", b"501"),
        (b"/", b"200"),
        (b"/nowhere", b"404"),
    ],
)
def test_crooked_targets_over_http(target, status):
    """Dot segments and hidden slashes reach the core as they were sent and are refused there."""
    with Simulator() as simulator:
        answer = raw(simulator, b"GET " + target + b" HTTP/1.1\r\n" + HEADERS + b"\r\n")
        assert answer.split(b" ", 2)[1] == status
        assert not simulator.defects


def test_long_bodies_over_http():
    """A body over 1 MB is answered with 413 and creates nothing."""
    with Simulator() as simulator:
        body = b" " * 1_200_000
        head = b"POST " + GROUPS.encode() + b" HTTP/1.1\r\n" + HEADERS + b"Content-Length: 1200000\r\n\r\n"
        assert raw(simulator, head + body).split(b" ", 2)[1] == b"413"
        assert simulator.arrays["000197900999"].storage_groups == {}


class OneFault(NoFaults):
    """Delivers the next answer in another way."""

    def __init__(self):
        self.delivery = Delivery.WHOLE

    def after(self, request, response):
        """Let the next answer go as it was asked for."""
        delivery, self.delivery = self.delivery, Delivery.WHOLE
        return attrs.evolve(response, delivery=delivery)


@pytest.mark.parametrize(
    ("delivery", "error"),
    [
        (Delivery.NONE, requests.ConnectionError),
        (Delivery.CUT, requests.exceptions.ChunkedEncodingError),
        (Delivery.SILENCE, requests.ReadTimeout),
    ],
)
@pytest.mark.parametrize("served", [True, False])
def test_answers_can_get_lost(session, delivery, error, served):
    """An answer that is cut, dropped or withheld fails the client the same way on a socket and in the process."""
    faults = OneFault()
    simulator = Simulator(faults=faults)
    try:
        url = simulator.serve().url if served else simulator.mount(session)
        faults.delivery = delivery
        with pytest.raises(error):
            session.post(url + GROUPS, json={"storageGroupId": "g", "srpId": "None"}, timeout=0.5)
        assert set(simulator.arrays["000197900999"].storage_groups) == {"g"}
        assert session.get(url + VERSION).status_code == 200
    finally:
        simulator.close()


@pytest.mark.parametrize("served", [True, False])
def test_latency_is_spent_on_the_clock(session, served):
    """Every answer is late by the latency, on a clock that a test advances without waiting."""
    clock = ManualClock()
    start = clock.now()
    simulator = Simulator(clock=clock, latency_s=3600.0)
    try:
        url = simulator.serve().url if served else simulator.mount(session)
        session.get(url + VERSION)
        assert clock.now() == start + 3600
    finally:
        simulator.close()


class LockWatch(ManualClock):
    """Notes whether others could take a lock while a delay is spent."""

    def __init__(self):
        super().__init__()
        self.lock = None
        self.was_free = []

    def spend(self, seconds):
        """Try the lock from another thread."""
        with ThreadPoolExecutor(1) as other:
            self.was_free.append(other.submit(self.lock.acquire, blocking=False).result())
            if self.was_free[-1]:
                other.submit(self.lock.release).result()
        return super().spend(seconds)


@pytest.mark.parametrize("served", [True, False])
def test_latency_holds_no_lock(session, served):
    """While an answer is late, the lock of the world is free for others."""
    clock = LockWatch()
    simulator = Simulator(clock=clock, latency_s=1.0)
    clock.lock = simulator.world.lock
    try:
        url = simulator.serve().url if served else simulator.mount(session)
        session.get(url + VERSION)
        assert clock.was_free == [True]
    finally:
        simulator.close()


def test_many_clients_at_once():
    """Clients that change things at once all get their own change."""
    with Simulator() as simulator:

        def create(number):
            with requests.Session() as mine:
                mine.auth = ("smc", "smc")
                body = {"storageGroupId": f"g{number}", "srpId": "None"}
                return mine.post(simulator.url + GROUPS, json=body, timeout=10).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(create, range(40))) == {201}
        assert len(simulator.arrays["000197900999"].storage_groups) == 40


@pytest.mark.parametrize(
    ("host", "inside"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in (ANYWHERE, "::", "192.168.1.5", "example.org", "")],
)
def test_open_doors_are_refused(host, inside):
    """Beyond loopback the simulator refuses to be served with the default password, or with none."""
    assert is_loopback(host) is inside
    for options in (Options(), Options(password="")):
        simulator = Simulator(options)
        assert not simulator.has_own_password
        if not inside:
            with pytest.raises(OpenDoor):
                simulator.serve_at(Listen(host=host))


def test_own_password_opens_the_door(session):
    """With a password of one's own the simulator may be reached from elsewhere."""
    simulator = Simulator(password="correct horse")
    try:
        port = simulator.serve_at(Listen(host=ANYWHERE, tls=False)).url.rpartition(":")[2]
        session.auth = ("smc", "correct horse")
        assert session.get(f"http://127.0.0.1:{port}{VERSION}").status_code == 200
    finally:
        simulator.close()


def test_passwords_stay_out_of_sight():
    """A password is in no repr."""
    simulator = Simulator(password="correct horse")
    assert "correct horse" not in repr(simulator.options) + repr(simulator.application.unisphere)


SERVE = """
from pmax.simulator import Simulator
from pmax.simulator.foreground import serve_until_signal
from pmax.simulator.serve import Listen
serve_until_signal(Simulator(), Listen(), lambda line: print(line, flush=True))
print("stopped")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_a_signal(session, number):
    """The command's function says where it listens and stops cleanly at SIGTERM and SIGINT."""
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline().strip()
        assert line.startswith("listening on https://127.0.0.1:")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(line.rpartition("//")[2], context=context, timeout=10)
        connection.request("GET", VERSION, headers={"Authorization": "Basic c21jOnNtYw=="})
        assert json.loads(connection.getresponse().read())["api_version"] == "92"
        connection.close()
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
        assert (rest, errors, process.returncode) == ("stopped\n", "", 0)
    finally:
        process.kill()
        process.wait()


def test_naming_the_package_loads_nothing():
    """`import pmax` and `import pmax.simulator` load neither the simulator nor an HTTP library."""
    code = (
        "import sys, pmax, pmax.simulator, pmax.simulator.pytest_plugin\n"
        "print([name for name in sys.modules if name.startswith(('pmax.simulator.', 'uvicorn', 'requests', 'attr'))"
        " and name != 'pmax.simulator.pytest_plugin'])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [name for name in eval(output) if not name.startswith("attr")] == []  # noqa: S307 - our own output


def test_core_loads_no_http_library():
    """A simulator that is neither served nor mounted loads no HTTP library."""
    code = (
        "import sys; from pmax.simulator import Simulator; Simulator()\n"
        "print([name for name in ('uvicorn', 'requests', 'starlette', 'trustme', 'h11') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_all_names_exist():
    """Every public name of the package can be had, and no other."""
    import pmax.simulator

    for name in pmax.simulator.__all__:
        assert getattr(pmax.simulator, name).__name__ == name
    with pytest.raises(AttributeError):
        pmax.simulator.nothing  # noqa: B018 - asking is the test


def test_url_needs_a_server():
    """A simulator that is not served has no address."""
    with pytest.raises(RuntimeError, match="not served"):
        _ = Simulator().url


def test_fixture_is_served(powermax_simulator, session):
    """The fixture `powermax_simulator` is served over HTTP by default."""
    assert session.get(powermax_simulator.url + VERSION).json()["version"] == "V9.2.0.0"


@pytest.mark.powermax_simulator(unisphere_version="V10.1.0.0", tls=True, fixture="empty")
def test_fixture_follows_its_marker(powermax_simulator, session):
    """The marker sets the fixture up."""
    session.verify = str(powermax_simulator.ca_path)
    assert session.get(powermax_simulator.url + VERSION).json()["version"] == "V10.1.0.0"
    assert powermax_simulator.arrays == {}
