"""A volume service that is killed in the middle of an attach: the next start leaves the array as it was."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.cinder_driver_backend import CinderBackend, Line, cinder_backend, created, iscsi_connector
from tests.unit.adapters.cinder import cinder_objects

ROOT = Path(__file__).parents[2]


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend whose array is served, so that two processes can reach it."""
    with cinder_backend(tmp_path, tls=True) as made:
        made.simulator.serve()
        yield made


def configure(backend: CinderBackend) -> None:
    """Write the stanza of the served array."""
    address = urlsplit(backend.simulator.url)
    backend.configure(
        san_ip=address.hostname,
        san_api_port=str(address.port),
        driver_ssl_cert_path=str(backend.simulator.ca_path),
    )


def die_while_attaching(backend: CinderBackend, volume, at: int) -> None:
    """Let another process attach the volume, and die at a change to the array; negative means before it is sent."""
    victim = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "tests.e2e.cinder_driver_victim"),
            *(str(backend.directory), str(backend.simulator.ca_path), volume.id, volume.provider_location, str(at)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert victim.returncode == -signal.SIGKILL, victim.stderr


@pytest.mark.timeout(90)
@pytest.mark.parametrize("at", [-1, 3, -5, 6])
def test_an_attach_that_was_killed_is_taken_back_or_finished(backend: CinderBackend, at: int) -> None:
    """Wherever the service dies, the next one leaves nothing half done: the volume can be attached and deleted."""
    configure(backend)
    driver = backend.load(over_network=True)
    driver.do_setup(None)
    driver.check_for_setup_error()
    volume = created(driver, cinder_objects.volume())
    spare = created(driver, cinder_objects.volume())
    before = backend.state()

    die_while_attaching(backend, volume, at)
    successor = backend.load(over_network=True)
    successor.do_setup(None)
    successor.check_for_setup_error()

    assert backend.state() == before
    successor.initialize_connection(volume, iscsi_connector())
    successor.terminate_connection(volume, iscsi_connector())
    for each in (volume, spare):
        successor.delete_volume(each)
    backend.assert_empty()


@pytest.mark.timeout(90)
def test_what_was_killed_is_taken_back_once_unisphere_is_there_again(backend: CinderBackend) -> None:
    """A service that starts without Unisphere recovers at the first call that finds it, whatever that call is."""
    configure(backend)
    driver = backend.load(over_network=True)
    driver.do_setup(None)
    volume, _spare = (created(driver, cinder_objects.volume()) for _ in range(2))
    before = backend.state()
    die_while_attaching(backend, volume, at=3)
    assert backend.state() != before

    line = Line(backend)
    line.is_cut = True
    successor = backend.load(adapter=line)
    successor.do_setup(None)
    successor.check_for_setup_error()
    line.is_cut = False
    successor.get_volume_stats(refresh=True)

    assert backend.state() == before
