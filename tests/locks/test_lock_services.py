"""Locks over the services that operators run: a real Redis and a real etcd, on this machine alone.

Debian's packages `redis-server` and `etcd-server` are enough; the tests start them. Where they are missing the tests
are skipped, but not in continuous integration, where `.ci/run` installs them.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from pmax.adapters.coordination import ToozLocks
from pmax.adapters.system import SystemClock
from pmax.domain.errors import Busy
from pmax.ports.runtime import Locks
from tests.unit.adapters.locks_contract import VOLUME, LocksContract, now, soon
from tests.unit.adapters.test_coordination import HOLD

#: How long a lock outlives a holder that died. tooz's usual half a minute would only make the tests slow.
LEASE_S = 3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120), pytest.mark.xdist_group("lock services")]


@attrs.frozen
class Service:
    """A lock service.

    Attributes:
        program: of the Debian package.
        package: its name.
        command: starts it at a port, with a directory of its own.
        url: for tooz.
    """

    program: str
    package: str
    command: Callable[[int, Path], list[str]]
    url: str


def _redis(port: int, directory: Path) -> list[str]:
    return [
        *("redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory)),
        *("--save", "", "--appendonly", "no", "--daemonize", "no"),
    ]


def _etcd(port: int, directory: Path) -> list[str]:
    peer = free_port()
    own, peers = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer}"
    return [
        *("etcd", "--data-dir", str(directory), "--listen-client-urls", own, "--advertise-client-urls", own),
        *("--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers),
        *("--initial-cluster", f"default={peers}", "--logger", "zap", "--log-level", "error"),
    ]


REDIS = Service("redis-server", "redis-server", _redis, f"redis://127.0.0.1:{{port}}?lock_timeout={LEASE_S}&timeout=5")
ETCD = Service("etcd", "etcd-server", _etcd, f"etcd3+http://127.0.0.1:{{port}}?lock_timeout={LEASE_S}&timeout=5")


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module", params=[REDIS, ETCD], ids=lambda service: service.program)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that runs, as a URL."""
    service: Service = request.param
    if shutil.which(service.program) is None:
        missing = f"{service.program} is not installed: it is in the package {service.package}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    port = free_port()
    directory = tmp_path_factory.mktemp(service.program)
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(service.command(port, directory), stdout=log, stderr=log)
    try:
        _await(port, process)
        yield service.url.format(port=port)
    finally:
        process.terminate()
        process.wait(20)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    clock, ends_at_s = SystemClock(), time.monotonic() + 20
    while True:
        assert process.poll() is None, "the service ended at once"
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            assert time.monotonic() < ends_at_s, "the service does not listen"
            clock.sleep(0.05)


@pytest.fixture
def make(url: str) -> Iterator[Callable[[], Locks]]:
    """Locks as several processes have them."""
    made: list[ToozLocks] = []

    def make_one() -> Locks:
        made.append(ToozLocks(url, f"member {os.getpid()} {time.monotonic_ns()}", SystemClock()))
        return made[-1]

    yield make_one
    for locks in made:
        locks.close()


class TestLockServices(LocksContract):
    @pytest.fixture
    def script_that_holds(self, url: str) -> str:
        """A process that holds two of them."""
        return HOLD.format(url=url)


def test_a_lock_lives_as_long_as_its_holder(make: Callable[[], Locks]) -> None:
    """Work that takes longer than a lock's lease keeps the lock: the heart of its holder beats meanwhile."""
    ours, theirs = make(), make()
    with ours.hold([VOLUME], soon()):
        SystemClock().sleep(2 * LEASE_S)
        with pytest.raises(Busy), theirs.hold([VOLUME], now()):
            pass
    with theirs.hold([VOLUME], soon()):
        pass
