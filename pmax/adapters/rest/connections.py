"""Connections that check certificates and know whether a request was written.

Whether a failed call may have taken effect depends on one thing: did any byte of the request leave? Neither the type of
the exception nor its text says so reliably (a time-out during the TLS handshake looks like one during the answer), so
the connection itself takes note before it writes.

The environment of the process (proxies, certificate bundles of `requests`) changes nothing here. Without a CA path the
system's authorities count, as OpenSSL finds them.
"""

# ruff: noqa: ANN401 - requests and urllib3 dictate the arguments of what is overridden here

from __future__ import annotations

import io
import math
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import attrs
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from pmax.domain.errors import InvalidRequest


@attrs.define
class Flight:
    """What happened to one request on its way.

    Attributes:
        ends_at_s: by when the answer must be there, on the clock of the machine that never goes back.
        is_written: whether writing it was at least begun.
    """

    ends_at_s: float
    is_written: bool = False


# A context variable belongs to a thread, and to a green thread too, whether or not eventlet has patched the process.
_FLIGHT: ContextVar[Flight | None] = ContextVar("pmax_flight", default=None)


@contextmanager
def watched(whole_s: float = math.inf) -> Iterator[Flight]:
    """Watch the request that is sent within, and let its answer take so long as a whole."""
    flight = Flight(time.monotonic() + whole_s)
    token = _FLIGHT.set(flight)
    try:
        yield flight
    finally:
        _FLIGHT.reset(token)


def _take_note() -> None:
    flight = _FLIGHT.get()
    if flight is not None:
        flight.is_written = True


class _TimedSocket:
    """A socket that waits for no piece of an answer longer than there is time for the whole.

    A time-out of a socket begins anew with each piece that comes.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connected, name)

    def makefile(self, mode: str, buffering: int | None = None) -> io.BufferedReader:  # noqa: ARG002 - http.client's
        """See `socket.socket`; only reading is asked for."""
        # SocketIO keeps the socket open for as long as it reads, which the socket counts itself.
        self._connected._io_refs += 1  # type: ignore[attr-defined]  # noqa: SLF001 - as its own makefile does
        return io.BufferedReader(socket.SocketIO(self, "r"))  # type: ignore[arg-type]

    def recv_into(self, *args: Any) -> int:
        """See `socket.socket`."""
        flight = _FLIGHT.get()
        patience_s = self._connected.gettimeout()
        left_s = math.inf if flight is None else flight.ends_at_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer was not there in time")
        if patience_s is None or patience_s <= left_s:
            return int(self._connected.recv_into(*args))
        self._connected.settimeout(left_s)
        try:
            return int(self._connected.recv_into(*args))
        finally:
            self._connected.settimeout(patience_s)


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _TimedSocket(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.is_closed:
            self.connect()
        _take_note()
        super().request(*args, **kwargs)


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _TimedSocket(self.sock)
        # urllib3 would warn about each request on a connection whose certificate is not checked. Who switched that off
        # has been warned once, by the transport.
        self.is_verified = True

    def request(self, *args: Any, **kwargs: Any) -> None:
        _take_note()
        super().request(*args, **kwargs)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def tls_context(*, verify: bool | str) -> ssl.SSLContext:
    """What a server's certificate is checked against.

    Args:
        verify: True for the system's authorities, a path for that CA file or directory and no other, False for nothing.

    Raises:
        InvalidRequest: the path holds no certificates that could be read.
    """
    if isinstance(verify, str):
        return _context_of(verify)
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _context_of(path: str) -> ssl.SSLContext:
    rule = "give a file of CA certificates in PEM form, or a directory of them prepared by `openssl rehash`"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except IsADirectoryError:
        context.load_verify_locations(capath=path)
    except ssl.SSLError as error:
        raise InvalidRequest("driver_ssl_cert_path", path, f"it holds no certificate; {rule}") from error
    except OSError as error:
        raise InvalidRequest("driver_ssl_cert_path", path, f"it cannot be read ({error.strerror}); {rule}") from error
    return context


class WatchedAdapter(HTTPAdapter):
    """Connections to one server, kept open and shared between threads."""

    def __init__(self, *, verify: bool | str, connections: int) -> None:
        """Prepare connections; none is opened yet.

        Args:
            verify: see `tls_context`.
            connections: how many are kept open.
        """
        self._tls_context = tls_context(verify=verify)
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:  # noqa: FBT001, FBT002 - dictated by requests
        """Make the pool out of watched connections."""
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._tls_context, **pool_kwargs
        )
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        cert: Any = None,
    ) -> tuple[Any, Any]:
        """Leave certificates out of it: the TLS context of this adapter decides alone."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Do nothing, for the same reason."""
