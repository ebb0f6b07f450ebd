"""States as pictures, drawn from the tables that the code uses. A Sphinx extension, without other programs.

The directive `states` takes the name of a machine. States from which the same may be done share a box; what stands at
an arrow leads from one box to the other, and a broken line is what the array does by itself or one array does alone.
"""

from __future__ import annotations

import math
from html import escape
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Final, NamedTuple

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from pmax.domain import snapvx, srdf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx.application import Sphinx

Box = tuple[str, ...]
Point = tuple[float, float]

_WIDTH, _HEIGHT, _BOX, _LINE, _MARGIN, _BEND = 860, 460, 128, 17, 12, 0.13
_FONT: Final = 'font-family="sans-serif" stroke-linejoin="round"'
#: Arrows pass behind what is written on them.
_HALO: Final = 'stroke="var(--color-background-primary, white)" stroke-width="5" paint-order="stroke"'


class Arrow(NamedTuple):
    """One way from a box to another."""

    origin: Box
    target: Box
    label: str
    is_broken: bool = False


def _srdf() -> Iterator[Arrow]:
    """Pairs: states from which the same may be done, and alone, stand in one box."""
    ways = [
        (action, is_alone, origins, transition.results[-1])
        for action, transition in srdf.TRANSITIONS.items()
        for is_alone, origins in ((False, transition.origins), (True, transition.alone_origins))
    ]
    states = sorted({state for _, _, origins, _ in ways for state in origins})
    acts = {state: [way[:2] for way in ways if state in way[2]] for state in states}
    boxes = {state: tuple(str(other) for other in states if acts[other] == acts[state]) for state in states}
    for action, is_alone, origins, result in ways:
        for box in sorted({boxes[state] for state in origins}):
            yield Arrow(box, boxes[result], action.value, is_alone)


def _snapvx(table: object, own_doing: frozenset[object]) -> Iterator[Arrow]:
    for phase, actions in table.items():  # type: ignore[attr-defined]  # either table
        for action, following in actions.items():
            yield Arrow((phase.value,), (following.value,), action.value.strip("()"), action in own_doing)


MACHINES: Final[dict[str, Callable[[], Iterator[Arrow]]]] = {
    "pairs": _srdf,
    "snapshots": lambda: _snapvx(snapvx.SNAPSHOT_TRANSITIONS, frozenset({snapvx.SnapshotAction.ALL_RESTORED})),
    "links": lambda: _snapvx(
        snapvx.LINK_TRANSITIONS, frozenset({snapvx.LinkAction.DEFINED, snapvx.LinkAction.ALL_COPIED})
    ),
}


def draw(machine: str) -> str:
    """An SVG that takes the colours of the page.

    Raises:
        KeyError: there is no such machine.
    """
    ways: dict[tuple[Box, Box, bool], list[str]] = {}
    for arrow in MACHINES[machine]():
        ways.setdefault((arrow.origin, arrow.target, arrow.is_broken), []).append(arrow.label)
    boxes = _ring({ends[:2] for ends in ways})
    places = {box: _place(number, len(boxes)) for number, box in enumerate(boxes)}
    lines: list[str] = []
    labels = Labels([(*place, _BOX, _height(box)) for box, place in places.items()])
    for (origin, target, is_broken), texts in ways.items():
        if origin == target:
            lines += _loop(places[origin], _height(origin), texts, labels)
        else:
            curve = _curve(places[origin], _height(origin), places[target], _height(target))
            lines += _arrow(curve, is_broken=is_broken)
            labels.put([_at(curve, share) for share in (0.5, 0.4, 0.6, 0.3, 0.7)], texts)
    parts = [*lines, *labels.parts, *(part for box, place in places.items() for part in _box(box, place))]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="States of {escape(machine)}" width="100%" '
        f'stroke="currentColor" fill="none" {_FONT}>{"".join(parts)}</svg>'
    )


def _ring(ways: set[tuple[Box, Box]]) -> tuple[Box, ...]:
    """The order in which the fewest arrows cross, and they are shortest."""
    first, *others = sorted({box for way in ways for box in way})
    return min(((first, *order) for order in permutations(others)), key=lambda ring: _tangle(ring, ways))


def _tangle(ring: tuple[Box, ...], ways: set[tuple[Box, Box]]) -> tuple[int, int]:
    at = {box: number for number, box in enumerate(ring)}
    chords = sorted({(min(at[one], at[other]), max(at[one], at[other])) for one, other in ways if one != other})
    crossings = sum(a < c < b < d for (a, b), (c, d) in combinations(chords, 2))
    return crossings, sum(min(b - a, len(ring) - b + a) for a, b in chords)


def _place(number: int, count: int) -> Point:
    """On an ellipse, from the top clockwise."""
    angle = 2 * math.pi * number / count - math.pi / 2
    across, down = (_WIDTH - _BOX) / 2 - _MARGIN, _HEIGHT / 2 - 3 * _LINE - _MARGIN
    return _WIDTH / 2 + across * math.cos(angle), _HEIGHT / 2 + down * math.sin(angle)


def _height(box: Box) -> float:
    return _LINE * len(box) + 14


def _box(box: Box, place: Point) -> Iterator[str]:
    x, y = place
    top = y - _height(box) / 2
    yield (
        f'<rect x="{x - _BOX / 2:.0f}" y="{top:.0f}" width="{_BOX}" height="{_height(box):.0f}" rx="6" '
        f'fill="var(--color-background-secondary, #f4f4f4)"/>'
    )
    for number, state in enumerate(box):
        yield (
            f'<text x="{x:.0f}" y="{top + 7 + _LINE * (number + 0.75):.0f}" text-anchor="middle" font-size="13" '
            f'font-weight="bold" fill="currentColor" stroke="none">{escape(state)}</text>'
        )


def _curve(start: Point, start_height: float, end: Point, end_height: float) -> tuple[Point, Point, Point]:
    """Beginning, control point and end. Each bends to its own right, so that there and back are two lines."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    control = (start[0] + dx / 2 - _BEND * dy, start[1] + dy / 2 + _BEND * dx)
    return _edge(start, control, start_height), control, _edge(end, control, end_height)


def _at(curve: tuple[Point, Point, Point], share: float) -> Point:
    """A point on it."""
    one, two, three = (1 - share) ** 2, 2 * share * (1 - share), share**2
    (ax, ay), (bx, by), (cx, cy) = curve
    return one * ax + two * bx + three * cx, one * ay + two * by + three * cy


def _arrow(curve: tuple[Point, Point, Point], *, is_broken: bool) -> list[str]:
    dashes = ' stroke-dasharray="6 4"' if is_broken else ""
    (ax, ay), (bx, by), (cx, cy) = curve
    return [f'<path d="M{ax:.0f} {ay:.0f} Q{bx:.0f} {by:.0f} {cx:.0f} {cy:.0f}"{dashes}/>', _tip(curve[2], curve[1])]


def _loop(place: Point, height: float, texts: list[str], labels: Labels) -> list[str]:
    """An arrow from a box to itself, on the side that looks outwards."""
    x, y = place
    down = 1 if y >= _HEIGHT / 2 else -1
    edge = y + down * height / 2
    far = edge + down * 34
    labels.put([(x + 58, edge + down * 20)], texts)
    return [
        f'<path d="M{x - 22:.0f} {edge:.0f} C{x - 30:.0f} {far:.0f} {x + 30:.0f} {far:.0f} {x + 22:.0f} {edge:.0f}"/>',
        _tip((x + 22, edge), (x + 27, edge + down * 20)),
    ]


def _edge(centre: Point, towards: Point, height: float) -> Point:
    """Where a line from the centre of a box leaves it."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    share = min((_BOX / 2 + 3) / abs(dx) if dx else 9, (height / 2 + 3) / abs(dy) if dy else 9)
    return centre[0] + share * dx, centre[1] + share * dy


def _tip(point: Point, origin: Point) -> str:
    angle = math.atan2(point[1] - origin[1], point[0] - origin[0])
    ends = [(point[0] - 9 * math.cos(angle + turn), point[1] - 9 * math.sin(angle + turn)) for turn in (0.42, -0.42)]
    corners = " ".join(f"L{x:.1f} {y:.1f}" for x, y in ends)
    return f'<path d="M{point[0]:.1f} {point[1]:.1f} {corners} Z" fill="currentColor"/>'


class Labels:
    """What is written on arrows, none over another.

    Args:
        taken: where nothing can be written: centre, width and height.

    Attributes:
        parts: texts, to be drawn over all arrows.
    """

    def __init__(self, taken: list[tuple[float, float, float, float]]) -> None:
        self.parts: list[str] = []
        self._taken = taken

    def put(self, places: list[Point], texts: list[str]) -> None:
        """Write lines around the first of these points that is free; around the first one if none is."""
        width, height = 7.2 * max(map(len, texts)), 16.0 * len(texts)
        x, y = next((place for place in places if self._is_free(place, width, height)), places[0])
        self._taken.append((x, y, width, height))
        for number, text in enumerate(texts):
            self.parts.append(
                f'<text x="{x:.0f}" y="{y + 4 + 16 * (number - (len(texts) - 1) / 2):.0f}" text-anchor="middle" '
                f'font-size="12.5" fill="currentColor" {_HALO}>{escape(text)}</text>'
            )

    def _is_free(self, place: Point, width: float, height: float) -> bool:
        return not any(
            abs(place[0] - x) < (width + other_width) / 2 and abs(place[1] - y) < (height + other_height) / 2
            for x, y, other_width, other_height in self._taken
        )


class States(SphinxDirective):
    """`{states} machine`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw it; formats that know no SVG show nothing, since the tables stand in the reference."""
        try:
            return [nodes.raw("", f'<div class="drawn">{draw(self.arguments[0])}</div>', format="html")]
        except KeyError as error:
            raise self.error(f"no such machine: {error}") from error


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("states", States)
    return {"parallel_read_safe": True}
