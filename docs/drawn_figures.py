"""Figures of boxes in boxes: the layers, the objects of masking, the groups of a live migration. A Sphinx extension.

The directive `drawing` takes the name of a figure. A figure takes the colours of the page, and needs no other program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from typing import TYPE_CHECKING, Final

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_WIDTH: Final = 860
_LINE: Final = 17
_PLAIN: Final = 'stroke="none" fill="currentColor"'
_FILLS: Final = ("none", "var(--color-background-secondary, #f8f9fb)", "var(--color-background-border, #eeebee)")


def _text(x: float, y: float, text: str, *, bold: bool = False, anchor: str = "middle", size: float = 13) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" {_PLAIN}{weight}>{escape(text)}</text>'


def _box(x: float, y: float, size: tuple[float, float], title: str, *lines: str, depth: int = 1) -> Iterator[str]:
    """A box with a bold title and lines below it, at its top."""
    width, height = size
    broken = ' stroke-dasharray="5 4"' if depth == 0 else ""
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" fill="{_FILLS[depth]}"{broken}/>'
    yield _text(x + width / 2, y + 19, title, bold=True)
    for number, line in enumerate(lines, 1):
        yield _text(x + width / 2, y + 19 + _LINE * number, line, size=12)


def _arrow(start: tuple[float, float], end: tuple[float, float], label: str = "") -> Iterator[str]:
    """Straight, along one axis."""
    (x1, y1), (x2, y2) = start, end
    yield f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
    tip = 6 if (x2, y2) < (x1, y1) else -6
    across = y1 != y2
    points = ((x2 - 4, y2 + tip), (x2 + 4, y2 + tip)) if across else ((x2 + tip, y2 - 4), (x2 + tip, y2 + 4))
    yield f'<path d="M{points[0][0]} {points[0][1]} L{x2} {y2} L{points[1][0]} {points[1][1]}"/>'
    if label:
        place = (x2 + 8, (y1 + y2) / 2 + 4, "start") if across else ((x1 + x2) / 2, y1 - 6, "middle")
        yield _text(place[0], place[1], label, anchor=place[2], size=12)


def _layers() -> Iterator[str]:
    """Who calls, what is inside, what is outside."""
    callers = (("Cinder", "volume drivers"), ("pmax", "the command"), ("your program", "Python"))
    for number, (title, line) in enumerate(callers):
        yield from _box(100 + 230 * number, 4, (200, 44), title, line)
        yield from _arrow((200 + 230 * number, 48), (200 + 230 * number, 90), "" if number else "a command, a value")
    yield from _box(
        20, 92, (820, 236), "engine: locks, reads, asks for the plan, applies it, or takes it back", depth=0
    )
    yield from _box(
        44, 124, (772, 86), "plugins answer hooks and listen to signals; those that come with pmax, too", depth=1
    )
    plugins = (
        ("handlers", "attach, clone, retype…"),
        ("protocols", "iSCSI, FC, yours"),
        ("modes", "Sync, Async, Metro…"),
    )
    for number, (title, line) in enumerate((*plugins, ("listeners", "audit log, metrics"))):
        yield from _box(62 + 186 * number, 152, (172, 48), title, line, depth=2)
    yield from _box(
        44,
        222,
        (376, 94),
        "domain: values and decisions",
        "what was seen + what is wanted",
        "→ a plan: steps, each with its inverse",
        "no network, no clock, no chance",
    )
    yield from _box(
        440,
        222,
        (376, 94),
        "ports: what the inside asks of the outside",
        "readers of the array, one that applies a step,",
        "locks, journal, clock",
    )
    outside = (
        ("REST", "one gate for each Unisphere"),
        ("locks", "files, tooz, or Cinder's"),
        ("journal", "SQLite, one file a process"),
    )
    for number, (title, line) in enumerate(outside):
        yield from _arrow((145 + 285 * number, 328), (145 + 285 * number, 362))
        yield from _box(40 + 285 * number, 364, (210, 46), title, line)
    yield from _arrow((145, 410), (145, 440))
    yield from _box(40, 442, (210, 46), "Unisphere", "or the simulator", depth=0)
    yield from _arrow((250, 465), (320, 465))
    yield from _box(322, 442, (210, 46), "PowerMax, VMAX", "one array, or two", depth=0)


def _masking() -> Iterator[str]:
    """One masking view with everything that it joins."""
    yield from _box(
        10, 70, (190, 84), "initiator group", "OS-node1-I-IG", "iqn.1994-05.com…:node1", "Unisphere says: host"
    )
    yield from _arrow((200, 112), (240, 112))
    yield from _box(242, 70, (190, 84), "masking view", "OS-node1-I-PG1-MV", "joins three things", depth=2)
    yield from _box(242, 4, (190, 48), "port group", "PG1: SE-4E:0, SE-5E:0")
    yield from _arrow((337, 52), (337, 68))
    yield from _arrow((432, 112), (470, 112))
    yield from _box(472, 4, (378, 216), "parent storage group", "OS-node1-I-PG1-SG", depth=0)
    yield from _box(488, 52, (346, 76), "child: Gold", "OS-node1-SRP_1-GoldNONE-PG1")
    yield from _chips(520, 98, ("00012", "LUN 1"), ("00013", "LUN 2"))
    yield from _box(488, 136, (346, 76), "child: no service level", "OS-node1-No_SLO-PG1")
    yield from _chips(520, 182, ("00014", "LUN 3"))


def _chips(x: float, y: float, *volumes: tuple[str, str]) -> Iterator[str]:
    for number, (device, lun) in enumerate(volumes):
        yield f'<rect x="{x + 145 * number}" y="{y}" width="130" height="22" rx="11" fill="{_FILLS[2]}"/>'
        yield _text(x + 65 + 145 * number, y + 15, f"{device}, {lun}", size=12)


def _migration() -> Iterator[str]:
    """Three moments of a live migration: in which groups of which host the volume is."""
    moments = (
        ("before: node1 has it", ("Gold",), ()),
        ("meanwhile: both see it", ("no service level",), ("Gold",)),
        ("after: node2 has it", (), ("Gold",)),
    )
    for number, (title, first, second) in enumerate(moments):
        x = 10 + 288 * number
        yield _text(x + 132, 16, title, bold=True)
        for row, (host, groups) in enumerate((("node1", first), ("node2", second))):
            y = 28 + 132 * row
            yield from _box(x, y, (264, 120), f"view of {host}", depth=0)
            if groups:
                yield from _box(x + 14, y + 30, (236, 78), f"child: {groups[0]}", _child(host, groups[0]))
                yield from _chips(x + 67, y + 78, ("00012", "LUN 1"))
            else:
                yield _text(x + 132, y + 70, "made when needed" if number == 0 else "gone, if it was the last", size=12)
        if number:
            yield from _arrow((x - 22, 154), (x - 3, 154))


def _child(host: str, group: str) -> str:
    return f"OS-{host}-SRP_1-GoldNONE-PG1" if group == "Gold" else f"OS-{host}-No_SLO-PG1"


FIGURES: Final[dict[str, tuple[str, int, Callable[[], Iterator[str]]]]] = {
    "layers": ("who calls pmax, what is inside, and what it talks to", 494, _layers),
    "masking": ("a masking view joins a host, ports and volumes", 226, _masking),
    "migration": ("the storage groups of a volume before, during and after a live migration", 286, _migration),
}


def draw(name: str) -> str:
    """The figure as SVG.

    Raises:
        KeyError: there is none of this name.
    """
    title, height, parts = FIGURES[name]
    return (
        f'<div class="drawn"><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}" width="100%" '
        f'font-family="sans-serif" stroke="currentColor" fill="none">{"".join(parts())}</svg></div>'
    )


class Drawing(SphinxDirective):
    """`{drawing} name`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw it; formats that know no SVG show nothing, since the text says the same."""
        try:
            return [nodes.raw("", draw(self.arguments[0]), format="html")]
        except KeyError as error:
            raise self.error(f"no such figure: {error}") from error


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("drawing", Drawing)
    return {"parallel_read_safe": True}
