"""Looks at the certificate of a Unisphere server, to tell how long it lasts.

The connection that carries requests has decided by then whether it is trusted; nothing is sent here.
"""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import attrs

from pmax.domain.settings import UnisphereServer

_TIMEOUT_S = 10.0


@attrs.frozen
class Certificate:
    """What a server showed.

    Attributes:
        expires: when it ends.
    """

    expires: datetime


def look_at(server: UnisphereServer) -> Certificate | None:
    """Shake hands with a server.

    Returns:
        What it showed; None if there is no TLS connection, or its certificate was not checked.
    """
    try:
        context = _context(server)
        with (
            socket.create_connection((server.host, server.port), _TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=server.host) as secured,
        ):
            shown = secured.getpeercert() or {}
    except (OSError, ValueError):
        return None
    expires = shown.get("notAfter")
    if not isinstance(expires, str):
        return None
    return Certificate(datetime.fromtimestamp(ssl.cert_time_to_seconds(expires), UTC))


def _context(server: UnisphereServer) -> ssl.SSLContext:
    if isinstance(server.verify, bool):
        return ssl.create_default_context()
    place = Path(server.verify)
    folder = place.is_dir()
    return ssl.create_default_context(cafile=None if folder else str(place), capath=str(place) if folder else None)
