"""Modules import one another in one direction, so that each can be read, and moved, without those that use it."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules(folder: Path) -> dict[str, str]:
    """The source text of every module below a package's folder, by the name that imports use."""
    found = {}
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return found


def imports(name: str, source: str, known: frozenset[str]) -> set[str]:
    """The known modules that a module imports: at once, in a function or for its types alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (below & known) or {node.module}
    return (found & known) - {name}


def circle(sources: dict[str, str]) -> list[str]:
    """One circle of modules, the first named again at its end; empty if there is none."""
    known = frozenset(sources)
    graph = {name: imports(name, source, known) for name, source in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_one_another() -> None:
    """No module of pmax imports, by whatever way round and be it for a type, a module that imports it."""
    assert circle(modules(ROOT / "pmax")) == []


def test_a_circle_through_a_type_is_recognised() -> None:
    """The search finds a circle that closes under TYPE_CHECKING, and names its modules."""
    sources = {
        "pmax": "",
        "pmax.host": "from pmax import plugin",
        "pmax.plugin": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pmax.host import Host",
    }
    assert set(circle(sources)) == {"pmax.host", "pmax.plugin"}
