"""Why no reply came: exceptions of the network libraries → a sentence that names the remedy.

What belongs here: reading exceptions, however deeply they are wrapped. Nothing of an exception's own text is passed on,
except the operating system's, so that no address with credentials and no header can slip into an error.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions

from pmax.adapters.rest.messages import Failure

# X509_V_ERR_… of OpenSSL: the name of the host, or its address, is not in the certificate.
_WRONG_NAME = frozenset({62, 64})
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = frozenset({18, 19})

_CHECK_ADDRESS = "check san_ip and san_api_port, and that Unisphere runs there"

#: Failures that can only come before a request is written.
_BEFORE_WRITING = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    requests.exceptions.ConnectTimeout,
    requests.exceptions.InvalidURL,
    ssl.SSLCertVerificationError,
    ConnectionRefusedError,
    socket.gaierror,
)


def explain(error: BaseException, *, is_written: bool | None) -> Failure:
    """Say what broke.

    Args:
        error: as it was raised by `requests`.
        is_written: what the connection knows about the request; None if it is not one of ours, so that only the type
            of the error can tell.
    """
    chain = tuple(_chain(error))
    certificate = next((each for each in chain if isinstance(each, ssl.SSLCertVerificationError)), None)
    if is_written is None:
        is_written = not any(isinstance(each, _BEFORE_WRITING) for each in chain)
    if certificate is not None:
        return Failure(cause=_of_certificate(certificate), is_sent=is_written, is_lasting=True, is_distrust=True)
    cause = next((text for each in chain if (text := _of(each))), f"the connection failed ({type(error).__name__})")
    return Failure(cause=cause, is_sent=is_written)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Every exception within one, the innermost first: that is the one which says most."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return reversed(seen)


def _of_certificate(error: ssl.SSLCertVerificationError) -> str:
    code = getattr(error, "verify_code", None)
    if code in _WRONG_NAME:
        return (
            "its certificate is for another host name: set san_ip to a name that is in the certificate, "
            "or give Unisphere a certificate for this one"
        )
    if code == _EXPIRED:
        return "its certificate has expired: give Unisphere a new one"
    if code == _NOT_YET_VALID:
        return "its certificate is not valid yet: check the clocks of this machine and of Unisphere"
    why = "it is self-signed" if code in _SELF_SIGNED else "its issuer is not known"
    return f"its certificate is not trusted, {why}: set driver_ssl_cert_path to the file of the CA that issued it"


def _of(error: BaseException) -> str | None:  # noqa: C901, PLR0911 - a table of exceptions is best read as one
    match error:
        case ConnectionRefusedError():
            return f"connection refused: {_CHECK_ADDRESS}"
        case socket.gaierror() | urllib3.exceptions.NameResolutionError():
            return "the host name cannot be resolved: check san_ip"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "it closed the encrypted connection"
        case ssl.SSLError():
            # Only an error that comes from OpenSSL itself has a reason.
            reason = (getattr(error, "reason", None) or "no reason given").lower().replace("_", " ")
            return f"the TLS connection failed ({reason}): check that san_api_port is the port of Unisphere"
        case requests.exceptions.ConnectTimeout() | urllib3.exceptions.ConnectTimeoutError():
            # NewConnectionError is one of these too, but then the reason within it was found first.
            return f"no connection in time: {_CHECK_ADDRESS}"
        case requests.exceptions.ReadTimeout() | urllib3.exceptions.ReadTimeoutError() | TimeoutError():
            return "it did not answer in time"
        case http.client.IncompleteRead() | requests.exceptions.ChunkedEncodingError():
            return "its answer was cut off"
        case http.client.RemoteDisconnected():
            return "it closed the connection without an answer"
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return "it reset the connection"
        case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH):
            return f"there is no route to it: {_CHECK_ADDRESS}"
        case http.client.HTTPException() | requests.exceptions.ContentDecodingError():
            return "its answer is not HTTP: check that san_api_port is the port of Unisphere"
        case _:
            return None
