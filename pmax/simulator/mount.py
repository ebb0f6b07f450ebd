"""The in-process front: a transport adapter for `requests`, so that a client needs no socket."""

import errno
import io
import time
from collections.abc import Mapping
from http.client import RemoteDisconnected
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from pmax.simulator.app import Application
from pmax.simulator.wire import Delivery, Request, Response


class SimulatorAdapter(BaseAdapter):
    """Hands the requests of a session to a simulated Unisphere.

    Delays are spent on the simulator's clock. An answer that is not delivered raises what `requests` would raise.
    """

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature is that of `requests`
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - likewise
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer a request.

        Raises:
            requests.ConnectionError: the Unisphere is down, or a fault closed the connection.
            requests.ReadTimeout: the answer does not come in time, or never.
        """
        if not self._application.is_up:
            raise requests.ConnectionError(_refused(request), request=request)
        asked = _request(request)
        patience_s = timeout[1] if isinstance(timeout, tuple) else timeout
        with self._application.flight(asked):
            response = self._application.handle(asked)
            self._wait(request, response, float("inf") if patience_s is None else patience_s)
        if response.delivery is Delivery.NONE:
            raise requests.ConnectionError(_disconnected(), request=request)
        if response.delivery is Delivery.CUT:
            raise requests.exceptions.ChunkedEncodingError("the connection was closed in the body", request=request)
        return _response(request, response)

    def _wait(self, request: requests.PreparedRequest, response: Response, patience_s: float) -> None:
        """Let the time pass that the client waits for its answer, on the simulator's clock."""
        is_silent = response.delivery is Delivery.SILENCE
        wait_s = response.delay_s + (response.hold_s if is_silent else 0.0)
        if wait_s:
            time.sleep(self._application.spend(min(wait_s, patience_s)))
        if wait_s > patience_s:
            raise requests.ReadTimeout("no answer came in time", request=request)
        if is_silent:
            raise requests.ConnectionError(_disconnected(), request=request)

    def close(self) -> None:
        """Do nothing: there is no connection to close."""


def _disconnected() -> ProtocolError:
    """Return what `requests` wraps when the connection ends before the answer begins."""
    return ProtocolError("Connection aborted.", RemoteDisconnected("Remote end closed connection without response"))


def _refused(request: requests.PreparedRequest) -> MaxRetryError:
    """Return what `requests` wraps when nobody listens."""
    parts = urlsplit(request.url or "")
    pool = HTTPConnectionPool(parts.hostname or "", parts.port)
    text = f"Failed to establish a new connection: [Errno {errno.ECONNREFUSED}] Connection refused"
    reason = NewConnectionError(HTTPConnection(pool.host, pool.port), text)
    reason.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    return MaxRetryError(pool, request.path_url, reason)


def _request(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    return Request(
        verb=(request.method or "GET").upper(),
        path=parts.path,
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name.lower(): str(value) for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def _response(request: requests.PreparedRequest, response: Response) -> requests.Response:
    answer = requests.Response()
    answer.status_code = response.status
    answer.headers = CaseInsensitiveDict(response.headers)
    answer.raw = io.BytesIO(response.body)
    answer.url = request.url or ""
    answer.request = request
    answer.encoding = "utf-8"
    return answer
