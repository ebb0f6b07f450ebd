"""One Unisphere server: its connection, its gate, and the version that it told."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeAlias

import attrs

from pmax.adapters.rest import paths, retry
from pmax.adapters.rest.dialects import Dialect, dialect_of
from pmax.adapters.rest.gate import Gate
from pmax.adapters.rest.messages import GET, Call, Failure, Reply, Subject
from pmax.adapters.rest.status import error_of
from pmax.adapters.rest.transport import Transport
from pmax.domain.errors import InvalidRequest, MalformedReply
from pmax.domain.versions import UnisphereVersion

Send: TypeAlias = Callable[[Call], Reply | Failure]

_SUBJECT: Final = Subject(kind="version", name="")
VERSION_CALL: Final = Call(verb=GET, path=paths.VERSION.at(), subject=_SUBJECT, operation="tell its version")
#: Servers before 9.1 do not know the first form (unisphere-rest.md 1.4).
_OLD_VERSION_CALL: Final = attrs.evolve(VERSION_CALL, path=paths.VERSION_OF_OLD_SERVERS.at())
_UNKNOWN_PATH: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)


@attrs.define(kw_only=True, eq=False)
class Server:
    """One Unisphere server.

    Attributes:
        index: its position in the configuration.
        transport: sends to it.
        gate: before it.
        version: None until it was asked, and again after it could not be reached: it may come back upgraded.
    """

    index: int
    transport: Transport
    gate: Gate
    version: UnisphereVersion | None = None

    @property
    def endpoint(self) -> str:
        """Host and port, for messages."""
        return self.transport.endpoint

    @property
    def dialect(self) -> Dialect | None:
        """How it wants to be spoken to; None while its version is not known.

        Raises:
            InvalidRequest: the version is not supported.
        """
        version = self.version
        return None if version is None else dialect_of(version)

    def introduce(self, send: Send) -> tuple[Call, Reply | Failure]:
        """Ask for the version, once, and keep it.

        Args:
            send: sends a call to this server.

        Returns:
            The last call and what came of it: without a version if there was no answer or no time for one.

        Raises:
            PmaxError: the server refused, or told something else than a version.
        """
        call = VERSION_CALL
        result = send(call)
        if isinstance(result, Reply) and result.status in _UNKNOWN_PATH:
            call = _OLD_VERSION_CALL
            result = send(call)
        if isinstance(result, Reply) and not retry.is_turned_away(result) and not retry.is_answer_lost(call, result):
            self.version = self._read(call, result)
        return call, result

    def _read(self, call: Call, reply: Reply) -> UnisphereVersion:
        if not reply.is_success:
            raise error_of(call, reply, self.endpoint)
        text = reply.payload.get("version") if isinstance(reply.payload, dict) else None
        if not isinstance(text, str):
            raise MalformedReply(call.path, ("'version' is missing or no text",))
        try:
            return UnisphereVersion.parse(text)
        except InvalidRequest as error:
            raise MalformedReply(call.path, (str(error),)) from error
