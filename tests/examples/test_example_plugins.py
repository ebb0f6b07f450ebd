"""The example plugins, as a stranger would use them: built, installed beside pmax, and run by their own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if (path / "pyproject.toml").exists()))
def test_example_passes_its_own_tests_from_its_wheel(name: str, tmp_path: Path) -> None:
    """Each example builds a wheel without the network, is found by its entry point, and passes its tests from there."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "wheel", "-q", *offline, "-w", tmp_path, EXAMPLES / name], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", "--target", installed, wheel], check=True)

    pytest_call = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        tmp_path,
    ]
    result = subprocess.run(
        [*pytest_call, EXAMPLES / name / "tests"],
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert " passed" in result.stdout
