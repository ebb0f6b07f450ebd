"""Faults as data: what goes wrong, at which of the matching requests. `fault_effects` has what can go wrong."""

import re
from functools import lru_cache
from typing import Protocol, Self
from urllib.parse import unquote

import attrs

from pmax.simulator.fault_effects import Effect
from pmax.simulator.fault_values import WrongField, text
from pmax.simulator.wire import Request, Response

_TURNS = re.compile(r"(?P<first>[1-9]\d{0,8})(?:(?P<open>\+)|-(?P<last>[1-9]\d{0,8}))?")


class Faults(Protocol):
    """What rules of one's own offer instead of data: any object with these two methods can be `Options.faults`."""

    def before(self, request: Request) -> Response | None:
        """Return the answer of a request that shall not be carried out, or None to let it pass."""

    def after(self, request: Request, response: Response) -> Response:
        """Return what the client gets instead of a response, or the response itself."""


class NoFaults:
    """Nothing ever goes wrong."""

    def before(self, request: Request) -> Response | None:
        """Let everything pass."""
        return None

    def after(self, request: Request, response: Response) -> Response:
        """Change nothing."""
        return response


@attrs.frozen
class Turns:
    """At which of the matching requests something happens, counted from 1.

    Attributes:
        last: None for all from the first one on.
    """

    first: int
    last: int | None

    def __contains__(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)

    @classmethod
    def read(cls, given: object) -> Self:
        """Make turns of a number, `every`, `3+` for all from the third on, or `2-4`.

        Raises:
            WrongField: it is none of these.
        """
        written = str(given).strip() if isinstance(given, int | str) and not isinstance(given, bool) else ""
        if written == "every":
            return cls(1, None)
        match = _TURNS.fullmatch(written)
        if match is None:
            raise WrongField("nth", f"must be a number from 1 on, every, 3+ or 2-4, not {given!r}")
        first = int(match["first"])
        last = None if match["open"] else int(match["last"] or first)
        if last is not None and last < first:
            raise WrongField("nth", f"must not end before it begins: {given!r}")
        return cls(first, last)


def _check_turns(_fault: object, _attribute: object, value: int | str | None) -> None:
    if value is not None:
        Turns.read(value)


def _check_pattern(_fault: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    text(_fault, attribute, value)
    try:
        re.compile(value)
    except re.error as error:
        raise WrongField(attribute.name, f"must be a regular expression: {error}") from error


def _check_effect(_fault: object, attribute: "attrs.Attribute[Effect]", value: object) -> None:
    if not isinstance(value, Effect):
        raise WrongField(attribute.name, f"must be an effect such as Refuse(), not {value!r}")


@attrs.frozen(kw_only=True)
class Fault:
    """Something that goes wrong. A request must meet everything that is said here.

    Attributes:
        effect: what happens.
        verb: of HTTP; `*` for any, several with `|` between them.
        path: segments of the path, decoded and without the query. `*` stands for any part of one segment, `**` for any
            number of segments. Unless it begins with a slash it may begin at any segment: `storagegroup/*` is each call
            about one storage group.
        path_regex: found anywhere in the path with its query, as the request log shows it.
        nth: at which match it happens: a number, `every`, `3+` for all from the third on, or `2-4`. By default at the
            first one only; a limit of calls always holds.
        body: a text that occurs in the body of the request.
        client: part of the client's address, or of its `User-Agent`.
        unisphere: the name of the Unisphere that is asked.
        name: for the log of faults; made of the rest if empty.
    """

    effect: Effect = attrs.field(validator=_check_effect)
    verb: str = attrs.field(default="*", validator=text)
    path: str = attrs.field(default="**", validator=text)
    path_regex: str = attrs.field(default="", validator=_check_pattern)
    nth: int | str | None = attrs.field(default=None, validator=_check_turns)
    body: str = attrs.field(default="", validator=text)
    client: str = attrs.field(default="", validator=text)
    unisphere: str = attrs.field(default="", validator=text)
    name: str = attrs.field(default="", validator=text)

    @property
    def turns(self) -> Turns:
        """At which matches it happens."""
        return Turns.read(self.effect.usual_turns if self.nth is None else self.nth)

    @property
    def title(self) -> str:
        """Its name, or what it is."""
        return self.name or f"{type(self.effect).__name__} at {self.verb} {self.path_regex or self.path}"

    def matches(self, request: Request, unisphere: str) -> bool:
        """Say whether a request is one that it is about, whatever its number."""
        if self.unisphere not in {"", unisphere}:
            return False
        if self.verb != "*" and request.verb not in self.verb.upper().split("|"):
            return False
        if not path_pattern(self.path).fullmatch(unquote(request.path)):
            return False
        if self.path_regex and not re.search(self.path_regex, request.target):
            return False
        agent = request.headers.get("user-agent", "")
        return self.body.encode() in request.body and (self.client in request.client or self.client in agent)


@lru_cache(maxsize=1024)
def path_pattern(glob: str) -> re.Pattern[str]:
    """Return what matches the paths that a pattern of segments describes."""
    segments = glob.strip("/").split("/")
    start = "" if glob.startswith("/") else "(?:/[^/]*)*"
    parts = ("(?:/[^/]*)*" if segment == "**" else f"/{_segment(segment)}" for segment in segments)
    return re.compile(f"{start}{''.join(parts)}/?", re.DOTALL)


def _segment(glob: str) -> str:
    return "[^/]*".join(re.escape(part) for part in glob.split("*"))
