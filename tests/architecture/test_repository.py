"""What the files of the repository say, and what they must not say."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMELESS = frozenset({"utils", "util", "common", "helpers", "misc"})

# Each pattern is written so that it does not match itself.
FORBIDDEN = {
    "a path that exists on one machine only": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/\w"),
    "a temporary path of one machine": re.compile(r"(?<![\w.])/tmp/[\w.]"),
    "a package index of one machine": re.compile(r"--(?:extra-)?index-url[ =]\S|--find-links[ =]\S"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+\w"),
    "an unresolved merge": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}


def repository_files() -> list[Path]:
    """The files under version control, or all files where there is no git (an unpacked source archive)."""
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=False, cwd=ROOT)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [path for folder in ("pmax", "tests", "docs", "demo", "benchmarks") for path in (ROOT / folder).rglob("*.*")]


def test_no_file_says_what_belongs_to_one_machine() -> None:
    """No file holds a path, a package index or a key of the machine on which it was written."""
    found = [
        f"{path.relative_to(ROOT)}: {what}: {match.group()!r}"
        for path in repository_files()
        if path.suffix not in {".png", ".ico", ".woff2"}
        for what, pattern in FORBIDDEN.items()
        if (match := pattern.search(path.read_text(errors="replace")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    ["see /h|ome/someone/notes", "cd /r|oot/x", "open('/t|mp/x')", "pip --index|-url=https://x", "<<<<|<<< HEAD"],
)
def test_a_forbidden_text_is_recognised(text: str) -> None:
    """Each kind of forbidden text is found by one of the patterns; a bar keeps this file itself free of them."""
    assert any(pattern.search(text.replace("|", "")) for pattern in FORBIDDEN.values())


def test_no_module_is_named_after_nothing() -> None:
    """A module is named after what it holds; utils, common, helpers and misc hold anything."""
    assert [path for path in (ROOT / "pmax").rglob("*") if path.stem in NAMELESS] == []


@pytest.mark.parametrize("module", sorted((ROOT / "pmax").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_a_docstring(module: Path) -> None:
    """A module opens by saying what belongs in it."""
    assert ast.get_docstring(ast.parse(module.read_text()))


TESTS = sorted([*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "examples").glob("*/tests/test_*.py")])


@pytest.mark.parametrize("module", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_states_its_rule(module: Path) -> None:
    """A test opens with the sentence that it proves."""
    functions = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef))
    tests = [function for function in functions if function.name.startswith("test_")]
    assert [test.name for test in tests if not ast.get_docstring(test)] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_in_the_documents_exists(document: str) -> None:
    """Each `make …` that a document names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`|^ *(?:\$ )?make ([a-z-]+)", (ROOT / document).read_text(), re.MULTILINE))
    wanted = {first or second for first, second in named}
    assert wanted
    assert wanted <= targets


def test_every_benchmark_is_run() -> None:
    """`make bench` runs each script of benchmarks/."""
    scripts = {path.name for path in (ROOT / "benchmarks").glob("*.py")} - {"run.py"}
    listed = set(re.findall(r'"(\w+\.py)"', (ROOT / "benchmarks/run.py").read_text()))
    assert scripts == listed
