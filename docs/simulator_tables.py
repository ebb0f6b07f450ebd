"""Writes the pages of the documentation that list what the simulator supports: run it when a test says so.

    python docs/simulator_tables.py

The calls come from the simulator's own table, the rules from `simulator_rules.toml`, the faults from their classes.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import attrs

from pmax.simulator.behaviour import Behaviour
from pmax.simulator.dialect import DIALECTS
from pmax.simulator.fault_effects import Effect, Intervene
from pmax.simulator.fault_files import EFFECTS
from pmax.simulator.faults import Fault
from pmax.simulator.router import Route
from pmax.simulator.routes import ROUTES
from pmax.simulator.simulator import Options

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
RULES = ROOT / "docs" / "simulator_rules.toml"
TESTS = ("tests/unit/simulator", "tests/judges")

_CITED = re.compile(r"\b[Rr]ules? (\d+(?:(?:, | and | to )\d+)*)")
_SOURCE = re.compile(
    r" ?\((?:likewise|reference section [\d.]+)\)|(?<=\()reference section [\d.]+[,:] |[;,] reference section [\d.]+"
)
"""The sources of the code's own documentation mean nothing to the readers of these pages."""

_MADE = "% Made by docs/simulator_tables.py; changes belong there.\n\n"


def pages() -> dict[Path, str]:
    """Return the text of each page that is made."""
    return {
        REFERENCE / "simulator-calls.md": _calls(),
        REFERENCE / "simulator-rules.md": _rules(),
        REFERENCE / "simulator-faults.md": _faults(),
        REFERENCE / "simulator-options.md": _options(),
    }


def rules() -> dict[int, str]:
    """Return the test that each rule names, by the rule's number."""
    sections = tomllib.loads(RULES.read_text(encoding="utf-8")).values()
    return {int(number): rule[-1] for each in sections for number, rule in each.items() if number != "title"}


def cited_rules() -> dict[int, list[str]]:
    """Return the tests that name a rule in their docstring, by its number."""
    found: dict[int, list[str]] = {}
    for folder in TESTS:
        for path in sorted((ROOT / folder).glob("test_*.py")):
            for name, docstring in _tests(ast.parse(path.read_text(encoding="utf-8"))):
                for number in _numbers(docstring):
                    found.setdefault(number, []).append(f"{path.relative_to(ROOT / 'tests')}::{name}")
    return found


def _tests(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Walk the tests of a module: their names, with their class, and their docstrings."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name.startswith("test_"):
                    yield f"{node.name}::{inner.name}", ast.get_docstring(inner) or ""


def _numbers(docstring: str) -> Iterator[int]:
    for match in _CITED.finditer(docstring):
        for part in re.split(r", | and ", match[1]):
            first, _, last = part.partition(" to ")
            yield from range(int(first), int(last or first) + 1)


def _calls() -> str:
    newest = max(DIALECTS)
    text = _MADE + (
        "# Calls that the simulator answers\n\n"
        f"{len(ROUTES)} calls, at paths below `/univmax/restapi`, or below `/univmax` if they begin with `/rest`. A\n"
        f"`{{version}}` is one of {', '.join(map(str, sorted(DIALECTS)))}, up to the version of the Unisphere.\n"
        "Everything else is answered with 501 and its path: the simulator never pretends.\n"
    )
    for title, routes in groupby(sorted(ROUTES, key=_place), key=lambda route: _SECTIONS[route.source]):
        text += f"\n## {title}\n\n| verb | path | versions |\n|---|---|---|\n"
        for route in routes:
            text += f"| {route.verb} | `{route.template}` | {_versions(route, newest)} |\n"
    return text


_SECTIONS: Mapping[str, str] = {
    "1.4": "Version",
    "3.2": "Jobs",
    "4.2": "Iterators",
    "6.2": "Arrays and tags",
    "6.3": "Pools, service levels, headroom",
    "6.4": "Volumes",
    "6.5": "Volumes, private",
    "6.6": "Storage groups",
    "6.7": "Hosts",
    "6.8": "Host groups",
    "6.9": "Initiators",
    "6.10": "Port groups",
    "6.11": "Directors and ports",
    "6.12": "Masking views",
    "6.13": "Snapshots of volumes, private",
    "6.14": "Snapshots of storage groups",
    "6.15": "Replication views",
    "6.16": "RDF groups",
    "6.17": "RDF pairs",
    "6.18": "SRDF of storage groups",
    "6.19": "RDF directors and ports",
    "6.20": "Performance",
    "6.21": "Snapshot policies",
    "6.23": "Volumes, enhanced",
}


def _place(route: Route) -> int:
    return list(_SECTIONS).index(route.source)


def _versions(route: Route, newest: int) -> str:
    if "{version}" not in route.template:
        return "without a version"
    if route.until < newest:
        return f"{route.since or min(DIALECTS)} to {route.until}"
    return f"from {route.since} on" if route.since else "all"


def _rules() -> str:
    text = _MADE + (
        "# Rules that the simulator follows\n\n"
        "What an array does and what it refuses. *Seen* rules rest on what real clients and their tests show,\n"
        "*inferred* ones on documentation and on what clients avoid. The test below a rule holds it.\n"
    )
    for section in tomllib.loads(RULES.read_text(encoding="utf-8")).values():
        text += f"\n## {section.pop('title')}\n\n"
        for number, (evidence, sentence, test) in section.items():
            text += f"{number}. {sentence} *{evidence.title()}.*\\\n    `{test}`\n"
    return text


def _faults() -> str:
    text = _MADE + (
        "# Faults\n\n"
        "What can go wrong at which requests, in a file for `pmax simulator serve --faults FILE`, or in Python with\n"
        "`simulator.faults.add(Fault(...))`. [](../how-to/use-the-simulator.md) has examples.\n\n"
        "## What a fault matches\n\n"
        "A request must meet all that is said. In a file these keys stand beside the key of one effect.\n\n"
    )
    text += _fields(Fault, without="effect")
    text += "\n## What happens\n"
    for key, kind in EFFECTS.items():
        text += f"\n### `{key}`, in Python `{kind.__name__}`\n\n{_summary(kind)}\n\n{_fields(kind)}"
    text += f"\n### In Python only: `{Intervene.__name__}`\n\n{_summary(Intervene)}\n\n{_fields(Intervene)}"
    return text


def _options() -> str:
    return _MADE + (
        "# Options of the simulator\n\n"
        "The keywords of `Simulator(...)`, and of the marker `powermax_simulator` in tests:\n\n"
        f"{_fields(Options)}\n"
        "## Behaviour\n\n"
        "Further choices, as `Simulator(behaviour=Behaviour(...))`. A pace is `AtOnce()`, `AfterReads(n)` or\n"
        "`AfterSeconds(s)` of the simulator's clock.\n\n"
        f"{_fields(Behaviour)}"
    )


def _summary(kind: type[Effect]) -> str:
    return (kind.__doc__ or "").split("\n\n    Attributes:")[0].replace("\n    ", "\n").strip()


def _fields(kind: type, without: str = "") -> str:
    """Return the fields of a class as a table, out of its docstring."""
    described = dict(_described(kind.__doc__ or ""))
    rows = ""
    for field in attrs.fields(kind):
        if field.name == without:
            continue
        default = _default(field)
        rows += f"| `{field.name}` | {default} | {described.get(field.name, '')} |\n"
    return f"| field | default | meaning |\n|---|---|---|\n{rows}" if rows else "It has no fields.\n"


def _default(field: "attrs.Attribute[object]") -> str:
    if field.default is attrs.NOTHING:
        return "must be given"
    if field.default is None or isinstance(field.default, attrs.Factory) or field.default == "":  # type: ignore[arg-type]
        return ""
    if isinstance(field.default, Behaviour):
        return "see below"
    written = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    return f"`{written}`"


def _described(docstring: str) -> Iterator[tuple[str, str]]:
    """Walk the attributes that a docstring describes."""
    _, _, attributes = docstring.partition("Attributes:\n")
    for match in re.finditer(r"^        (\w+): (.*(?:\n            .*)*)", attributes, re.MULTILINE):
        yield match[1], _SOURCE.sub("", " ".join(match[2].split())).replace("|", "\\|")


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
