"""What holds for every test: no network but loopback, and property tests without a stopwatch."""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

# Machines that run tests in parallel stall now and then; a slow example is no wrong example.
settings.register_profile("pmax", deadline=None, print_blob=True)
settings.load_profile("pmax")

# pyproject.toml keeps pytest from loading our plugin by its entry point; here it is loaded after coverage has started.
_plugin_exists = (Path(__file__).parents[1] / "pmax/simulator/pytest_plugin.py").exists()
pytest_plugins = ["tests.faults.coverage", *(["pmax.simulator.pytest_plugin"] if _plugin_exists else [])]


def _forbid_foreign_hosts(event: str, arguments: tuple[object, ...]) -> None:
    """Fail the test that opens a TCP connection to anything but this machine.

    An audit hook sees every connection, whichever library opens it, and nothing is patched. Datagrams are let through:
    Cinder learns its own address by connecting a UDP socket, which sends nothing.
    """
    if event != "socket.connect":
        return
    connection, address = arguments
    if (
        not isinstance(connection, socket.socket)
        or connection.type != socket.SOCK_STREAM
        or connection.family not in {socket.AF_INET, socket.AF_INET6}
        or not isinstance(address, tuple)
    ):
        return
    host = str(address[0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        pytest.fail(f"a test reached for {host}: only loopback is allowed")


sys.addaudithook(_forbid_foreign_hosts)


@pytest.fixture
def memory() -> Iterator[Path]:
    """A directory in memory: what a matrix writes there a thousand times need not survive a loss of power."""
    place = Path("/dev/shm")  # noqa: S108 - nothing but a place for a private directory
    with TemporaryDirectory(prefix="pmax-matrix-", dir=place if os.access(place, os.W_OK) else None) as directory:
        yield Path(directory)
