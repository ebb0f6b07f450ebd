"""Finds the route of a path: a tree of path segments, so that the cost does not grow with the number of routes."""

from collections.abc import Callable, Iterable
from urllib.parse import unquote

import attrs

from pmax.simulator.call import Answer, Call
from pmax.simulator.refusals import BadRequest

Handler = Callable[[Call], Answer]

PREFIX = "/univmax"


@attrs.frozen
class Route:
    """One call that the simulator answers.

    Attributes:
        verb: of HTTP.
        template: the path below `/univmax/restapi`, or below `/univmax` if it begins with `/rest/`; parts in braces
            vary.
        handler: answers it.
        resource: what it is about, for the wording of refusals.
        source: the section of the reference that describes it.
        since: the first version of the API that has it.
        until: the last one.
    """

    verb: str
    template: str
    handler: Handler
    resource: str
    source: str
    since: int = attrs.field(default=0, kw_only=True)
    until: int = attrs.field(default=999, kw_only=True)

    @property
    def is_change(self) -> bool:
        """It may change an array."""
        return self.verb != "GET" and not self.template.startswith(("/performance", "/common"))

    @property
    def path(self) -> str:
        """The whole path, with its variable parts in braces."""
        base = PREFIX if self.template.startswith("/rest/") else f"{PREFIX}/restapi"
        return base + self.template


@attrs.frozen
class Match:
    """What is served at a path.

    Attributes:
        routes: by verb.
        params: the variable parts, by name.
    """

    routes: dict[str, Route]
    params: dict[str, str]


class _Node:
    """A segment of the tree: fixed continuations first, then a variable one."""

    def __init__(self) -> None:
        self.fixed: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.routes: dict[str, tuple[Route, tuple[str, ...]]] = {}

    def find(self, segments: tuple[str, ...], values: tuple[str, ...]) -> "tuple[_Node, tuple[str, ...]] | None":
        if not segments:
            return (self, values) if self.routes else None
        fixed = self.fixed.get(segments[0])
        found = fixed.find(segments[1:], values) if fixed else None
        if found is None and self.variable is not None:
            found = self.variable.find(segments[1:], (*values, segments[0]))
        return found


class Router:
    """All routes, ready to be looked up."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, segments: tuple[str, ...]) -> Match | None:
        """Return what is served at a path, or None."""
        found = self._root.find(segments, ())
        if found is None:
            return None
        node, values = found
        routes = {verb: route for verb, (route, _) in node.routes.items()}
        names = next(iter(node.routes.values()))[1]
        return Match(routes, dict(zip(names, values, strict=True)))

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.fixed.setdefault(segment, _Node())
        if route.verb in node.routes:
            raise ValueError(f"{route.verb} {route.template} is there twice")
        known = {known_names for _, known_names in node.routes.values()}
        if known and known != {tuple(names)}:
            raise ValueError(f"{route.template} names its parts differently from another route")
        node.routes[route.verb] = (route, tuple(names))


def segments_of(path: str) -> tuple[str, ...]:
    """Return the decoded segments of a path.

    Raises:
        BadRequest: a segment is empty, `.` or `..`, or hides a slash, a backslash or a control character.
    """
    parts = path.removesuffix("/").split("/")[1:]
    decoded = tuple(unquote(part, errors="replace") for part in parts)
    for part in decoded:
        if part in {"", ".", ".."} or any(character in "/\\;\ufffd" or character < " " for character in part):
            raise BadRequest("The request path is not valid")
    return decoded
