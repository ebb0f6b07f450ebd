"""The files for packagers are what their own linters take."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.environments import ROOT, build

TOOLS = Path(sys.executable).parent
FOLDER = ROOT / "packaging" / "simulator"


def lint(*command: str | Path) -> str:
    """What a linter complains of."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def test_dockerfile() -> None:
    """The Dockerfile has no finding. No image is built: that takes an engine and a registry."""
    assert not lint(TOOLS / "hadolint", "--no-color", FOLDER / "Dockerfile")


def test_the_image_has_what_the_build_needs(tmp_path: Path) -> None:
    """A wheel can be built out of nothing but what the Dockerfile copies."""
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8").partition("RUN pip")[0]
    for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        *sources, target = line.split()
        (folder := tmp_path / "source" / target).mkdir(parents=True, exist_ok=True)
        for source in sources:
            path = ROOT / source
            if path.is_dir():
                shutil.copytree(path, folder, dirs_exist_ok=True)
            else:
                shutil.copy(path, folder)

    assert build("wheel", tmp_path / "wheel", root=tmp_path / "source").stat().st_size > 0


def test_systemd_unit(tmp_path: Path) -> None:
    """The machine's systemd knows every directive of the unit."""
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "pmax-simulator.service"
    here = f"ExecStart={shutil.which('true')}"
    lines = (FOLDER / unit.name).read_text(encoding="utf-8").splitlines()
    unit.write_text("\n".join(here if line.startswith("ExecStart=") else line for line in lines), encoding="utf-8")

    assert not lint(systemd, "verify", "--man=no", unit)


def test_the_service_is_executable_as_written() -> None:
    """The commands that both files call exist with these options."""
    known = lint(TOOLS / "pmax", "simulator", "serve", "--help")
    for name in ("Dockerfile", "pmax-simulator.service"):
        words = (FOLDER / name).read_text(encoding="utf-8").replace('"', " ").replace(",", " ").split()
        given = words[words.index("serve") :]
        assert [word for word in given if word.startswith("--") and word not in known] == []
