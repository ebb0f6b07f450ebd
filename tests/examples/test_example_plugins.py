"""The example plugins, as a stranger would use them: built, installed beside pmax, and run by their own tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
HOW_TO = ROOT / "docs/how-to/write-a-plugin.md"
FILE = re.compile(r"^```\{code-block\} \w+\n:caption: (\S+)\n\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.timeout(180)


def passes_from_its_wheel(package: Path, tmp_path: Path) -> str:
    """Build a wheel without the network, install it beside pmax, run the package's tests, and return what they say."""
    uv = [Path(sys.executable).with_name("uv"), "--quiet", "--offline", "--no-config"]
    python = ["--python", sys.executable]
    subprocess.run([*uv, "build", *python, "--wheel", "--no-build-isolation", "-o", tmp_path, package], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    subprocess.run([*uv, "pip", "install", *python, "--no-deps", "--target", installed, wheel], check=True)
    pytest_call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    result = subprocess.run(
        [*pytest_call, "--rootdir", tmp_path, package / "tests"],
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if (path / "pyproject.toml").exists()))
def test_example_passes_its_own_tests_from_its_wheel(name: str, tmp_path: Path) -> None:
    """Each example builds a wheel without the network, is found by its entry point, and passes its tests from there."""
    assert " passed" in passes_from_its_wheel(EXAMPLES / name, tmp_path)


def test_the_plugin_of_the_how_to_page(tmp_path: Path) -> None:
    """Whoever copies the files of the page, and nothing else, has plugins that are found and pass their tests."""
    package = tmp_path / "pmax-maintenance"
    files = FILE.findall(HOW_TO.read_text(encoding="utf-8"))
    for name, text in (*files, ("src/pmax_maintenance/__init__.py", "")):
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert "3 passed" in passes_from_its_wheel(package, tmp_path)
