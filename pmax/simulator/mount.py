"""The in-process front: a transport adapter for `requests`, so that a client needs no socket."""

import io
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

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
            requests.ConnectionError: a fault closed the connection.
            requests.ReadTimeout: a fault keeps silent.
        """
        response = self._application.handle(_request(request))
        if response.delay_s:
            time.sleep(self._application.spend(response.delay_s))
        if response.delivery is Delivery.NONE:
            raise requests.ConnectionError("the connection was closed without an answer", request=request)
        if response.delivery is Delivery.SILENCE:
            raise requests.ReadTimeout("no answer came in time", request=request)
        if response.delivery is Delivery.CUT:
            raise requests.exceptions.ChunkedEncodingError("the connection was closed in the body", request=request)
        return _response(request, response)

    def close(self) -> None:
        """Do nothing: there is no connection to close."""


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
