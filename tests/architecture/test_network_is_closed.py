"""The guard in tests/conftest.py keeps tests on this machine."""

import socket

import pytest


def test_a_foreign_host_cannot_be_reached() -> None:
    """A test that connects to another machine fails at once, before anything is sent."""
    with socket.socket() as connection:
        connection.settimeout(1)
        with pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
            connection.connect(("192.0.2.1", 443))


def test_loopback_can_be_reached() -> None:
    """A test may serve and call on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass
