"""Tries the wheel on every Python that `pyproject.toml` declares: `make pythons`.

Each line says what became of one of them. One that is not on this machine is named and counts as no failure; one that
fails, or cannot be given its packages, does.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.packaging.environments import ROOT, TOOLS, NotMade, build, environment, interpreter, try_installed


def declared() -> list[str]:
    """The versions, as `3.12`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [found.group(1) for each in project["classifiers"] if (found := re.search(r"Python :: (3\.\d+)$", each))]


def attempt(version: str, wheel: Path, folder: Path) -> tuple[bool, str]:
    """Whether the wheel passes on a Python, and a line that says so."""
    found = interpreter(version)
    if found is None:
        return True, "not on this machine, so not tried"
    try:
        python = environment(folder / "venv", f"{wheel}[simulator]", *TOOLS, python=found)
    except NotMade as error:
        return False, f"its packages could not be installed: {error}"
    (folder / "src").mkdir()
    result = try_installed(python, folder / "src")
    return result.returncode == 0, (result.stdout.strip().splitlines() or [result.stderr[-300:]])[-1]


def main() -> int:
    """Try all of them; the exit status."""
    has_failed = False
    with tempfile.TemporaryDirectory(prefix="pmax-pythons-") as directory:
        wheel = build("wheel", Path(directory) / "wheel")
        for version in declared():
            (folder := Path(directory) / version).mkdir()
            is_fine, line = attempt(version, wheel, folder)
            has_failed |= not is_fine
            sys.stdout.write(f"Python {version}: {line}\n")
            sys.stdout.flush()
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main())
