"""The HTTP front as an ASGI application: bytes in, `Request` to the core, `Response` out as bytes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import attrs

from pmax.simulator.app import Application
from pmax.simulator.wire import Delivery, Request, Response

_WITHOUT_BODY = frozenset({204, 304})

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApplication = Callable[[Message, Receive, Send], Awaitable[None]]
"""What ASGI defines; its messages are dictionaries by nature."""


class Connections:
    """The open connections by the client's address, so that a fault can cut one off."""

    def __init__(self) -> None:
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}

    def opened(self, transport: asyncio.Transport) -> None:
        """Take note of a connection."""
        self._transports[_peer(transport)] = transport

    def closed(self, transport: asyncio.Transport) -> None:
        """Forget a connection; by then it does not know its client any more."""
        for client, each in tuple(self._transports.items()):
            if each is transport:
                del self._transports[client]

    def abort_all(self) -> None:
        """Close all connections at once."""
        for transport in tuple(self._transports.values()):
            transport.abort()

    def abort(self, client: tuple[str, int]) -> None:
        """Close a connection at once, whatever it was about to send."""
        transport = self._transports.get(client)
        if transport is not None:
            transport.abort()


class UnisphereEndpoint:
    """Answers HTTP with a simulated Unisphere; a few paths may be answered by other applications.

    The core is quick and holds one lock, so that it runs in the event loop itself. Delays are waited for outside it.
    """

    def __init__(
        self, application: Application, connections: Connections, pages: Mapping[str, AsgiApplication]
    ) -> None:
        self._application = application
        self._connections = connections
        self._pages = pages

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        page = self._pages.get(scope["path"])
        if page is not None:
            await page(scope, receive, send)
            return
        body = await self._body(receive)
        if body is None:
            return
        request = _request(scope, body)
        with self._application.flight(request):
            response = self._response(request)
            if response.delay_s:
                await asyncio.sleep(self._application.spend(response.delay_s))
            if response.delivery in {Delivery.NONE, Delivery.SILENCE}:
                await self._withhold(scope, response, receive)
                return
        # Under way no longer: a client that has its answer may call again at once without being one too many.
        await self._send(scope, response, send)

    def _response(self, request: Request) -> Response:
        """Answer a request; a Unisphere that has gone down does not, though the connection is still open."""
        if not self._application.is_up:
            return Response(status=0, delivery=Delivery.NONE)
        return self._application.handle(request)

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the body, cut off where the core would refuse it anyway; None if the client is gone."""
        limit = self._application.max_body_bytes + 1
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            if len(body) < limit:
                body += message.get("body", b"")[: limit - len(body)]
            if not message.get("more_body", False):
                return body

    async def _withhold(self, scope: Message, response: Response, receive: Receive) -> None:
        """Send nothing, and close the connection at once or after a while."""
        if response.delivery is Delivery.SILENCE:
            await _disconnected(receive, response.hold_s)
        self._connections.abort(tuple(scope["client"]))
        await _disconnected(receive)

    async def _send(self, scope: Message, response: Response, send: Send) -> None:
        if response.status in _WITHOUT_BODY:
            response = attrs.evolve(response, body=b"")  # HTTP has no place for what a fault may have put there
        length = [] if not response.body else [(b"content-length", str(len(response.body)).encode())]
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers] + length
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if response.delivery is Delivery.CUT:
            half = response.body[: len(response.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await asyncio.sleep(0)
            self._connections.abort(tuple(scope["client"]))
            return
        await send({"type": "http.response.body", "body": response.body})


async def _disconnected(receive: Receive, longest_s: float | None = None) -> None:
    """Wait until the client is gone, or for that long."""
    try:
        async with asyncio.timeout(longest_s):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


def _request(scope: Message, body: bytes) -> Request:
    query = scope["query_string"].decode("latin-1")
    client = scope.get("client")
    return Request(
        verb=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=tuple(parse_qsl(query, keep_blank_values=True, errors="replace")),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        client=f"{client[0]}:{client[1]}" if client else "unknown",
    )


def _peer(transport: asyncio.Transport) -> tuple[str, int]:
    name = transport.get_extra_info("peername")
    return (str(name[0]), int(name[1])) if name else ("", 0)
