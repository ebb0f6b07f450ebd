"""Modules and functions stay small enough to be read at once.

Parameters (six) and statements (forty) are counted by ruff; what it does not count is counted here.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for folder in ("pmax", "tests", "demo", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
PACKAGE_MODULES = sorted((ROOT / "pmax").rglob("*.py"))

MODULE_LINES = 600
FUNCTION_LINES = 40
NESTING = 3

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
TABLES = (ast.Dict, ast.List, ast.Tuple, ast.Set)


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method of a module, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def code_lines(function: Function) -> int:
    """Count the lines to follow: none for the docstring, one for each table, be it a literal or a `match`."""
    lines = set(range(function.lineno, (function.end_lineno or function.lineno) + 1))
    if ast.get_docstring(function) is not None:
        lines -= _below_first_line(function.body[0]) | {function.body[0].lineno}
    for node in ast.walk(function):
        if isinstance(node, TABLES) or (isinstance(node, ast.Match) and _is_table(node)):
            lines -= _below_first_line(node)
    return len(lines)


def _below_first_line(node: ast.stmt | ast.expr) -> set[int]:
    return set(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))


def _is_table(match: ast.Match) -> bool:
    """Whether every case does one simple thing."""
    return all(len(case.body) == 1 and not isinstance(case.body[0], BLOCKS) for case in match.cases)


def nesting(node: ast.AST) -> int:
    """How deep blocks stand in blocks; an `elif` is no deeper than its `if`, and a nested function starts anew."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*Function.__args__, ast.ClassDef)):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, nesting(child) + (isinstance(child, BLOCKS) and not is_elif))
    return deepest


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_at_most_600_lines(module: Path) -> None:
    """A module that grows beyond 600 lines is split along the nouns of the array."""
    assert len(module.read_text().splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("module", PACKAGE_MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_short_and_flat(module: Path) -> None:
    """A function has at most forty lines of code and three levels of blocks."""
    tree = ast.parse(module.read_text())
    too_long = {f.name: code_lines(f) for f in functions(tree) if code_lines(f) > FUNCTION_LINES}
    too_deep = {f.name: nesting(f) for f in functions(tree) if nesting(f) > NESTING}
    assert (too_long, too_deep) == ({}, {})


SAMPLE = '''
def sample(volumes):
    """One line.

    Three more that do not count.
    """
    names = {
        "a": 1,
        "b": 2,
    }
    for volume in volumes:
        if volume:
            with volume:
                pass
        elif names:
            pass
    return names
'''


def test_docstrings_and_tables_do_not_count() -> None:
    """The sample has nine lines of code: its docstring counts nothing and its table one."""
    [sample] = functions(ast.parse(SAMPLE))
    assert code_lines(sample) == 9


def test_nesting_counts_blocks_in_blocks() -> None:
    """A `with` in an `if` in a `for` is three deep, and the `elif` beside it only two."""
    [sample] = functions(ast.parse(SAMPLE))
    assert nesting(sample) == 3
