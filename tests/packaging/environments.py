"""Builds what users install, and environments in which nothing of the sources can be found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What the tests of an installed wheel need besides the wheel with its simulator.
TOOLS = ("pytest>=8.3", "pytest-timeout>=2.3", "hypothesis>=6.110", "requests-mock>=1.12")
#: Tests that say whether everything is in an installed wheel.
QUICK = ("unit/domain", "integration/test_attach_and_detach.py")
#: Tests that say whether it works with what is installed beside it.
TELLING = (*QUICK, "unit/engine", "contract")

_UV = Path(sys.executable).parent / "uv"


class NotMade(Exception):
    """An environment could not be made, which the package index may be to blame for."""


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=env)


def build(kind: str, target: Path, root: Path = ROOT, **environment: str) -> Path:
    """Build a wheel or a source archive."""
    result = run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target, cwd=root, **environment)
    assert result.returncode == 0, result.stderr
    (made,) = (path for path in target.iterdir() if path.suffix in {".whl", ".gz"})
    return made


def interpreter(version: str) -> Path | None:
    """Where Python of a version (`3.12`) is on this machine; None where it is not. None is downloaded."""
    options = ("--no-project", "--no-python-downloads", "--system")
    found = run(_UV, "python", "find", *options, version, cwd=ROOT.parent)
    # pyenv keeps what it has off the path until somebody chooses it.
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [Path(found.stdout.strip())] if found.returncode == 0 else []
    candidates += sorted(kept.glob(f"{version}.*/bin/python{version}"))
    return candidates[0] if candidates else None


def environment(
    folder: Path, *requirements: str | Path, resolution: str = "highest", python: Path | str = sys.executable
) -> Path:
    """A new environment with these packages in it; its Python.

    Raises:
        NotMade: says why.
    """
    assert run(_UV, "venv", "-q", "--python", python, folder).returncode == 0
    made = folder / "bin" / "python"
    index = run(sys.executable, "-m", "pip", "config", "get", "global.index-url").stdout.strip()
    settings = {"UV_DEFAULT_INDEX": index} if index and "UV_DEFAULT_INDEX" not in os.environ else {}
    result = run(_UV, "pip", "install", "-q", "--python", made, "--resolution", resolution, *requirements, **settings)
    if result.returncode:
        raise NotMade(result.stderr.strip()[-300:])
    return made


def try_installed(python: Path, folder: Path, tests: tuple[str, ...] = TELLING) -> subprocess.CompletedProcess[str]:
    """Run tests with what is installed in an environment, in a folder without the package."""
    shutil.copytree(ROOT / "tests", folder / "tests")
    paths = (f"tests/{each}" for each in tests)
    return run(python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *paths, cwd=folder)
