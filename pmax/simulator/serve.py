"""The HTTP server: in a thread for tests, or until a signal for the command line."""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from pmax.simulator.app import Application
from pmax.simulator.asgi import AsgiApplication, Connections, UnisphereEndpoint
from pmax.simulator.certificates import Certificate, make_certificate

_START_TIMEOUT_S = 30.0
_BACKLOG = 2048


@attrs.frozen(kw_only=True)
class Listen:
    """Where and how a Unisphere is served.

    Attributes:
        host: an address or a name; anything but loopback wants a password of the user's own choice.
        port: 0 picks a free one.
        tls: over HTTPS.
        certificate: for HTTPS; made by the simulator if None.
        pages: other applications by path, such as `/`.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = True
    certificate: Certificate | None = None
    pages: Mapping[str, AsgiApplication] = attrs.field(factory=dict)


class OpenDoor(ValueError):
    """The simulator would be reachable from other machines without a password that somebody chose."""


def refuse_open_door(host: str, *, has_own_password: bool) -> None:
    """Refuse to listen beyond loopback with the default password.

    Raises:
        OpenDoor: it would.
    """
    if not is_loopback(host) and not has_own_password:
        raise OpenDoor(f"{host} is reachable from other machines: give the simulator a password of your own")


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Server:
    """One Unisphere on one address, served by a thread.

    Attributes:
        url: the address, without a path.
        ca_path: the certificate that clients should trust, if the simulator made its own.
    """

    def __init__(self, application: Application, listen: Listen) -> None:
        self._files = ExitStack()
        certificate = listen.certificate
        if listen.tls and certificate is None:
            folder = Path(self._files.enter_context(TemporaryDirectory(prefix="pmax-simulator-")))
            certificate = make_certificate(listen.host, folder)
        self.ca_path: Path | None = certificate.authority if listen.tls and certificate else None
        self._socket = _listening_socket(listen.host, listen.port)
        host = f"[{listen.host}]" if ":" in listen.host else listen.host
        self.url = f"{'https' if listen.tls else 'http'}://{host}:{self._socket.getsockname()[1]}"
        connections = Connections()
        endpoint = UnisphereEndpoint(application, connections, listen.pages)
        configuration = _configuration(endpoint, connections, certificate if listen.tls else None)
        self._uvicorn = _Uvicorn(configuration, connections, application, self._socket.getsockname())
        self._files.callback(application.watch_outages(self._uvicorn.follow))
        self._thread = threading.Thread(target=self._run, name=f"simulator {self.url}", daemon=True)

    def start(self) -> None:
        """Begin to answer; returns when it does.

        Raises:
            RuntimeError: the server did not come up.
        """
        self._thread.start()
        if not self._uvicorn.is_up.wait(_START_TIMEOUT_S) or self._uvicorn.should_exit:
            raise RuntimeError(f"the simulator did not come up at {self.url}")

    def stop(self) -> None:
        """Stop to answer; open connections are closed."""
        self._uvicorn.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self._files.close()

    def _run(self) -> None:
        try:
            self._uvicorn.run(sockets=[self._socket])
        finally:
            self._uvicorn.should_exit = True
            self._uvicorn.is_up.set()


class _Uvicorn(uvicorn.Server):
    """Tells when it answers, follows the Unisphere when it goes down, and waits for no idle clients when it stops."""

    def __init__(
        self, config: uvicorn.Config, connections: Connections, application: Application, address: tuple[str, int]
    ) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._connections = connections
        self._application = application
        self._address = address
        self._is_listening = True
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.is_up.set()

    async def on_tick(self, counter: int) -> bool:
        await self._follow()
        return await super().on_tick(counter)

    def follow(self) -> None:
        """Let the Unisphere's going down or coming up show; returns when it does, unless an event loop calls."""
        if self._loop is None or self.should_exit:
            return
        future = asyncio.run_coroutine_threadsafe(self._follow(), self._loop)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            future.result(_START_TIMEOUT_S)

    async def _follow(self) -> None:
        """Refuse connections while the Unisphere is down, and accept them again on the same port when it is up."""
        if self._application.is_up == self._is_listening:
            return
        self._is_listening = not self._is_listening
        if self._is_listening:
            await super().startup([_listening_socket(*self._address[:2])])
            return
        for server in self.servers:
            server.close()
        self._connections.abort_all()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._connections.abort_all()
        await super().shutdown(sockets)


def _listening_socket(host: str, port: int) -> socket.socket:
    """Return a bound socket. Nagle's algorithm is off on its connections: asyncio sees to that."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def _configuration(
    endpoint: UnisphereEndpoint, connections: Connections, certificate: Certificate | None
) -> uvicorn.Config:
    class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        """Tells of its connection, so that faults can cut it off."""

        def connection_made(self, transport: asyncio.Transport) -> None:
            connections.opened(transport)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.closed(self.transport)
            super().connection_lost(exc)

    files: dict[str, Any] = {}
    if certificate is not None:
        files = {"ssl_certfile": certificate.certificate, "ssl_keyfile": certificate.key}
    return uvicorn.Config(
        endpoint,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=300,
        timeout_graceful_shutdown=1,
        **files,
    )
