"""One call to one Unisphere server.

What belongs here: the HTTP session, its credentials, its time-outs, and what comes back, be it good or bad. What does
not: whether to try again (`retry`), when (`gate`), and what the answer means (`status`, `converter`).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import requests
import urllib3.exceptions
from requests.adapters import BaseAdapter
from requests.auth import HTTPBasicAuth

from pmax import __version__
from pmax.adapters.rest.causes import explain
from pmax.adapters.rest.connections import WatchedAdapter, watched
from pmax.adapters.rest.messages import Call, Failure, Reply
from pmax.domain.settings import UnisphereServer

BASE_PATH: Final = "/univmax/restapi"

_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Accept": "application/json",
        # The server counts calls by application and shows the counts to its administrator (unisphere-rest.md 1.2).
        "Application-Type": "pmax",
        "Content-Type": "application/json",
        "User-Agent": f"pmax/{__version__}",
    }
)

_log = logging.getLogger(__name__)


class Transport:
    """Sends calls to one server. Threads may share it.

    Attributes:
        endpoint: host and port, for messages.
    """

    def __init__(self, server: UnisphereServer, connections: int, http_adapter: BaseAdapter | None = None) -> None:
        """Prepare a session; nothing is sent yet.

        Args:
            server: address, credentials and what to check its certificate against.
            connections: how many connections are kept open.
            http_adapter: carries the requests instead of the network, for a simulator in this process.

        Raises:
            InvalidRequest: the CA file cannot be used.
        """
        self.endpoint = server.endpoint
        self._is_watched = http_adapter is None
        self._base = f"{server.scheme}://{_bracketed(server.host)}:{server.port}{BASE_PATH}"
        session = requests.Session()
        session.trust_env = False
        session.headers.clear()
        session.headers.update(_HEADERS)
        # As bytes, since requests would take text for Latin-1, and a password may hold anything.
        session.auth = HTTPBasicAuth(server.username.encode(), server.password.reveal.encode())
        for scheme in ("http://", "https://"):
            session.mount(scheme, http_adapter or WatchedAdapter(verify=server.verify, connections=connections))
        self._session = session
        if server.verify is False and server.scheme == "https":
            _log.warning(
                "the certificate of Unisphere at %s is not checked: whoever can answer in its place learns the "
                "password; set driver_ssl_cert_verify to true",
                server.endpoint,
            )

    def exchange(self, call: Call, timeouts_s: tuple[float, float], whole_s: float = math.inf) -> Reply | Failure:
        """Send one call and wait for what comes.

        Args:
            call: what to send.
            timeouts_s: for the connection, and for each piece of the answer.
            whole_s: for the whole answer: a server that sends a byte now and then would be waited for without end.

        Returns:
            The reply, whatever its status, or why there is none. Redirections are not followed.
        """
        body = call.body_text.encode() or None
        with watched(whole_s) as flight:
            try:
                response = self._session.request(
                    call.verb, self._base + call.path, data=body, timeout=timeouts_s, allow_redirects=False
                )
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                return explain(error, is_written=flight.is_written if self._is_watched else None)
        return Reply.of(response.status_code, response.content, response.headers.get("Retry-After"))

    def close(self) -> None:
        """Close every connection."""
        self._session.close()


def _bracketed(host: str) -> str:
    """An address of IPv6 stands in brackets in a URL."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
