"""A call to Unisphere and what came of it, as values.

What belongs here: what goes over the wire and comes back, before anybody makes sense of it. What does not: sending
(`transport`), the meaning of a refusal (`status`) and of a body (`converter`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeAlias

import attrs

from pmax.adapters.rest.legible import legible, legible_text, may_be_illegible

#: A JSON object that is about to be sent.
JsonObject: TypeAlias = Mapping[str, object]

GET = "GET"
POST = "POST"
PUT = "PUT"
DELETE = "DELETE"

_FIRST_REFUSAL = 300
_LONGEST_EXCERPT = 500


@attrs.frozen(kw_only=True)
class Subject:
    """The object that a call is about.

    Attributes:
        kind: in the user's words ("storage group").
        name: as the array knows it.
        array_id: serial of its array; "" for what belongs to none (the version, a job).
    """

    kind: str
    name: str
    array_id: str = ""


@attrs.frozen(kw_only=True)
class Call:
    """One request.

    Attributes:
        verb: GET, POST, PUT or DELETE.
        path: below the base path of Unisphere, quoted, with its query.
        subject: what it is about.
        operation: what is asked, to follow "the array refused to".
        body: None for none.
        is_query: a POST that only asks, since what it asks does not fit into a path.
    """

    verb: str
    path: str
    subject: Subject
    operation: str
    body: JsonObject | None = None
    is_query: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing, so that it may be repeated freely."""
        return self.verb == GET or self.is_query

    @property
    def body_text(self) -> str:
        """The body as JSON; empty when there is none."""
        return "" if self.body is None else json.dumps(self.body)


@attrs.frozen(kw_only=True)
class Reply:
    """What a server answered.

    Attributes:
        status: of HTTP.
        content: the body as it came.
        payload: the body as JSON, its text legible; None when it is empty or no JSON.
        is_json: whether the body is JSON.
        retry_after: the header of this name, if there is one.
    """

    status: int
    content: bytes = b""
    payload: object = None
    is_json: bool = False
    retry_after: str | None = None

    @classmethod
    def of(cls, status: int, content: bytes, retry_after: str | None = None) -> Reply:
        """Read a body that may or may not be JSON."""
        payload: object = None
        is_json = False
        try:
            read = json.loads(content)
            payload = legible(read) if may_be_illegible(content) else read
            is_json = True
        except (ValueError, RecursionError):
            # Not JSON, not even text, or nested deeper than anything that the service sends.
            pass
        return cls(status=status, content=content, payload=payload, is_json=is_json, retry_after=retry_after)

    @property
    def is_success(self) -> bool:
        """Whether the service did, or accepted, what it was asked."""
        return HTTPStatus.OK <= self.status < _FIRST_REFUSAL

    @property
    def is_accepted(self) -> bool:
        """Whether the service only took note, and a job does the work."""
        return self.status == HTTPStatus.ACCEPTED

    @property
    def is_readable(self) -> bool:
        """Whether the body is what it should be: JSON, or nothing at all."""
        return self.is_json or not self.content

    @property
    def message(self) -> str | None:
        """The service's own text of a refusal; None when the body has none."""
        text = self.payload.get("message") if isinstance(self.payload, Mapping) else None
        return text if isinstance(text, str) and text else None

    @property
    def code(self) -> str | None:
        """The service's own error code; real servers do not send one (unisphere-rest.md 2.2)."""
        code = self.payload.get("errorCode") if isinstance(self.payload, Mapping) else None
        return str(code) if isinstance(code, int | str) and not isinstance(code, bool) else None

    @property
    def text(self) -> str:
        """The service's text, or the beginning of a body that has none, or the name of the status."""
        excerpt = legible_text(self.content[:_LONGEST_EXCERPT].decode("utf-8", "replace")).strip()
        return self.message or excerpt or _phrase(self.status)


@attrs.frozen(kw_only=True)
class Failure:
    """No reply came.

    Attributes:
        cause: why, in words that name the remedy where there is one.
        is_sent: whether anything of the request may have reached the server.
        is_lasting: whether trying again soon is pointless.
        is_distrust: whether it is because the certificate is not trusted.
    """

    cause: str
    is_sent: bool
    is_lasting: bool = False
    is_distrust: bool = False


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"HTTP status {status}"
