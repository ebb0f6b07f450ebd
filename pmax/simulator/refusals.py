"""Refusals: exceptions that know how they look on the wire.

    Refusal
    ├─ BadRequest 400        the request is malformed, whatever the array's state
    ├─ Unauthorized 401      unknown user or wrong password
    ├─ Forbidden 403         a known user who may not
    ├─ NotFound 404          the object, or the version, does not exist
    ├─ MethodNotAllowed 405  the path exists, not with this verb
    ├─ Conflict 409          the object exists already
    ├─ BodyTooLarge 413
    ├─ TooManyRequests 429
    ├─ ArrayRefused 500      the array said no: most semantic refusals (reference section 2.1)
    └─ NotSimulated 501      the simulator does not know the call

A real body holds `message` only (reference section 2.2).
"""

from typing import ClassVar


class Refusal(Exception):
    """A request that is answered with an error and changes nothing.

    Attributes:
        status: of the answer.
        message: what its body says.
        headers: besides the usual ones.
        is_decided_at_once: an asynchronous request is refused directly; otherwise its job fails.
    """

    status: ClassVar[int] = 500
    is_decided_at_once: bool = True

    def __init__(self, message: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.headers = headers


class BadRequest(Refusal):
    """The request itself is wrong."""

    status = 400


class Unauthorized(Refusal):
    """Nobody known asks."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Unauthorized", (("WWW-Authenticate", 'Basic realm="Unisphere"'),))


class Forbidden(Refusal):
    """The user may not do that."""

    status = 403


class NotFound(Refusal):
    """What the path names does not exist."""

    status = 404


class MethodNotAllowed(Refusal):
    """The path is served, but not with this verb."""

    status = 405


class Conflict(Refusal):
    """What shall be created exists already."""

    status = 409


class BodyTooLarge(Refusal):
    """The body is longer than the service reads."""

    status = 413


class TooManyRequests(Refusal):
    """Throttled."""

    status = 429


class ArrayRefused(Refusal):
    """The array said no.

    The message is the array's own text; the application puts "A problem occurred … the … resource: " before it.
    """

    status = 500

    def __init__(self, message: str, *, is_decided_at_once: bool = False) -> None:
        super().__init__(message)
        self.is_decided_at_once = is_decided_at_once


class MissingSubject(ArrayRefused):
    """The object that a PUT is about does not exist.

    Answered with 500 (assumed: the documentation of PUT lists no 404; reference section 2.1), and at once.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, is_decided_at_once=True)


class NotSimulated(Refusal):
    """The simulator does not know this call; it never pretends to."""

    status = 501


def text_of_missing(kind: str, name: str, symmetrix_id: str) -> str:
    """Return the text of an unknown object: its key words are `cannot be found` (reference section 2.3)."""
    return f"{kind} [{name}] on Symmetrix [{symmetrix_id}] cannot be found"
