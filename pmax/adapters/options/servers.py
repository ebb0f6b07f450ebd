"""The Unisphere servers of a backend: the one of the stanza, then its failover targets in order."""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pmax.adapters.options.passwords import AskPassword, read_password
from pmax.adapters.options.reading import OptionReader
from pmax.domain.settings import Secret, UnisphereServer

_log = logging.getLogger(__name__)

_TARGET: Final = "u4p_failover_target"
_DEFAULT_PORT: Final = 8443
_HIGHEST_PORT: Final = 65535
_TARGET_KEYS: Final = (
    "san_ip",
    "san_api_port",
    "san_login",
    "san_password",
    "driver_ssl_cert_verify",
    "driver_ssl_cert_path",
)
_TRUE: Final = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE: Final = frozenset({"0", "f", "false", "off", "n", "no"})


def read_servers(
    reader: OptionReader, *, is_verified_by_default: bool, ask_password: AskPassword | None = None
) -> tuple[UnisphereServer, ...]:
    """Read every server; what is wrong becomes a problem of the reader.

    Args:
        reader: of the stanza.
        is_verified_by_default: what it means that the stanza does not say whether certificates are verified.
        ask_password: asks a person; None where there is nobody to ask.
    """
    first = UnisphereServer(
        host=_required(reader, "san_ip", "name Unisphere by its host name or address"),
        port=reader.renamed("san_api_port", "san_rest_port", reader.whole) or _DEFAULT_PORT,
        username=_required(reader, "san_login", "name a user of Unisphere"),
        password=read_password(reader, ask_password),
        verify=_verification(reader, is_verified_by_default=is_verified_by_default),
        scheme=reader.text("pmax_scheme") or "https",
    )
    targets = tuple(_target(reader, values, first) for values in reader.dictionaries(_TARGET))
    if first.scheme == "http":
        for server in (first, *targets):
            if not _is_this_machine(server.host):
                what = f"pmax_scheme is http, but {server.host or 'Unisphere'} is not this machine"
                reader.refuse(what, "remove pmax_scheme, since the password would be readable on the network")
    return (first, *targets)


def _required(reader: OptionReader, name: str, remedy: str) -> str:
    value = reader.text(name)
    if value is None and not any(problem.startswith(f"{name} ") for problem in reader.problems):
        reader.refuse(f"{name} is not set", remedy)
    return value or ""


def _verification(reader: OptionReader, *, is_verified_by_default: bool) -> bool | str:
    """What certificates are checked against, as section 5 of the manual has it.

    Where silence means no, a path alone does not mean yes: it never did, and it may name a file that has long expired.
    """
    is_verified, path = reader.flag("driver_ssl_cert_verify"), reader.text("driver_ssl_cert_path")
    if is_verified is None:
        is_verified = is_verified_by_default
    if is_verified:
        return _authorities(reader, "driver_ssl_cert_path", path)
    if path is not None:
        _log.warning("driver_ssl_cert_path has no effect: set driver_ssl_cert_verify to true to check the certificate")
    return False


def _authorities(reader: OptionReader, option: str, path: str | None) -> bool | str:
    """The authorities to trust: a path that exists, or True for the system's."""
    if path is None:
        return os.environ.get("REQUESTS_CA_BUNDLE") or True
    if not Path(path).exists():
        remedy = "name the file with the certificate of the authority that signed Unisphere's, in PEM form"
        reader.refuse(f"{option} {path} does not exist", remedy)
    return path


def _target(reader: OptionReader, values: Mapping[str, str], first: UnisphereServer) -> UnisphereServer:
    """A failover target. Nothing of it but the names of its keys goes into a problem, since it holds a password."""
    values = {key.strip(): value.strip() for key, value in values.items()}
    for key in sorted(set(values).difference(_TARGET_KEYS)):
        reader.refuse(f"{_TARGET} has the unknown key {key}", f"remove it; known are {', '.join(_TARGET_KEYS)}")
    for key in ("san_ip", "san_login", "san_password"):
        if not values.get(key):
            reader.refuse(f"{_TARGET} lacks the key {key}", "give it, as for the first Unisphere")
    return UnisphereServer(
        host=values.get("san_ip", ""),
        port=_target_port(reader, values.get("san_api_port", "")),
        username=values.get("san_login", ""),
        password=Secret(values.get("san_password", "")),
        verify=_target_verification(reader, values, first),
        scheme=first.scheme,
    )


def _target_port(reader: OptionReader, text: str) -> int:
    if not text:
        return _DEFAULT_PORT
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= _HIGHEST_PORT:
        return int(text)
    reader.refuse(f"{_TARGET} has no port number in san_api_port", f"write a number from 1 to {_HIGHEST_PORT}")
    return _DEFAULT_PORT


def _target_verification(reader: OptionReader, values: Mapping[str, str], first: UnisphereServer) -> bool | str:
    """A path counts whatever `driver_ssl_cert_verify` says, as it always did; with neither, the first server's rule.

    A no means no in every spelling. Upstream took any but `False` for a yes.
    """
    path, written = values.get("driver_ssl_cert_path"), values.get("driver_ssl_cert_verify", "").lower()
    if path:
        return _authorities(reader, f"{_TARGET} driver_ssl_cert_path", path)
    if not written:
        return first.verify
    if written not in _TRUE | _FALSE:
        reader.refuse(f"{_TARGET} has neither yes nor no in driver_ssl_cert_verify", "write true or false")
    return False if written in _FALSE else _authorities(reader, "", None)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
