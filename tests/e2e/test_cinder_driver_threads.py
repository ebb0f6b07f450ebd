"""One volume service with many requests in hand, under both kinds of threads that Cinder runs on."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.cinder_driver_backend import CinderBackend, cinder_backend

ROOT = Path(__file__).parents[2]


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend whose array is served."""
    with cinder_backend(tmp_path, tls=True) as made:
        made.simulator.serve()
        yield made


@pytest.mark.timeout(90)
@pytest.mark.parametrize("threads", ["eventlet", "native"])
def test_many_volumes_live_at_a_time(backend: CinderBackend, threads: str) -> None:
    """Eight volumes are made, attached to three hosts, extended, detached and deleted at once; nothing is left."""
    address = urlsplit(backend.simulator.url)
    backend.configure(
        san_ip=address.hostname,
        san_api_port=str(address.port),
        driver_ssl_cert_path=str(backend.simulator.ca_path),
    )
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.e2e.cinder_driver_crowd", threads, str(backend.directory)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=80,
    )
    assert finished.stdout == "8\n", finished.stderr
    backend.assert_empty()
