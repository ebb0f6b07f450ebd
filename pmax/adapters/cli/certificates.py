"""Looks at the certificate of a Unisphere server, to tell more about a connection than that it failed.

The connection that carries requests has decided by then whether the certificate is trusted; nothing is sent here.
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
        is_trusted: by the authorities that the configuration names.
        expires: when it ends; None if it is not trusted, or checked by nobody.
    """

    is_trusted: bool
    expires: datetime | None = None


def look_at(server: UnisphereServer) -> Certificate | None:
    """Shake hands with a server.

    Returns:
        What it showed; None if there is no TLS connection at all, or authorities that this cannot look up.
    """
    try:
        context = _context(server)
        with (
            socket.create_connection((server.host, server.port), _TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=server.host) as secured,
        ):
            shown = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError:
        return Certificate(is_trusted=False)
    except (OSError, ValueError):
        return None
    expires = shown.get("notAfter")
    if not isinstance(expires, str):
        return Certificate(is_trusted=True)
    return Certificate(is_trusted=True, expires=datetime.fromtimestamp(ssl.cert_time_to_seconds(expires), UTC))


def _context(server: UnisphereServer) -> ssl.SSLContext:
    if server.verify is False:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if server.verify is True:
        return ssl.create_default_context()
    place = Path(server.verify)
    folder = place.is_dir()
    return ssl.create_default_context(cafile=None if folder else str(place), capath=str(place) if folder else None)
