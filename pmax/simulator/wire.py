"""A request and its response as values, independent of any HTTP library."""

from collections.abc import Mapping
from enum import Enum
from urllib.parse import urlencode

import attrs

JsonObject = dict[str, object]
"""What the simulator writes: a JSON object."""


class Delivery(Enum):
    """How an answer reaches the client; all but `WHOLE` are the doing of faults."""

    WHOLE = "whole"
    CUT = "half of the body, then the connection closes"
    NONE = "the connection closes without an answer"
    SILENCE = "the client waits until its own time-out, or until the connection closes"


@attrs.frozen(kw_only=True)
class Request:
    """What a client asks.

    Attributes:
        verb: in upper case.
        path: still percent-encoded, without the query.
        query: decoded pairs in their order; a name without `=` has an empty value.
        headers: by name in lower case.
        client: who asks, as an address.
    """

    verb: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    client: str = "in-process"

    @property
    def target(self) -> str:
        """The path with its query, as the log shows it."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@attrs.frozen(kw_only=True)
class Response:
    """What the client gets.

    Attributes:
        body: empty for 204.
        headers: names as they are sent.
        delay_s: to be let pass before it is sent, outside every lock.
        delivery: how it reaches the client.
        hold_s: how long the client is kept waiting when nothing is delivered, until the connection closes.
        job_id: of the job that the request started.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0
    delivery: Delivery = Delivery.WHOLE
    hold_s: float = 300.0
    job_id: str | None = None
