"""The HTTP front as an ASGI application: bytes in, `Request` to the core, `Response` out as bytes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from pmax.simulator.app import Application
from pmax.simulator.wire import Delivery, Request, Response

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
        response = self._application.handle(_request(scope, body))
        if response.delay_s:
            await asyncio.sleep(self._application.spend(response.delay_s))
        await self._deliver(scope, response, receive, send)

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

    async def _deliver(self, scope: Message, response: Response, receive: Receive, send: Send) -> None:
        if response.delivery in {Delivery.NONE, Delivery.SILENCE}:
            if response.delivery is Delivery.NONE:
                self._connections.abort(tuple(scope["client"]))
            while (await receive())["type"] != "http.disconnect":
                pass
            return
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
