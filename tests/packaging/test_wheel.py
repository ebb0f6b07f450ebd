"""What users install: built twice to the same bytes, small, and tested where the sources are not.

The environments come from a package index. Where none is reached, tests that need one are skipped; in CI they fail.
"""

from __future__ import annotations

import hashlib
import os
import re
import runpy
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.environments import QUICK, ROOT, TELLING, TOOLS, NotMade, build, environment, run, try_installed

CORE_MAY_NOT_LOAD = ("cinder", "uvicorn", "starlette", "trustme", "yaml")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_built_reproducibly(kind: str, tmp_path: Path) -> None:
    """Two builds at different times have the same bytes."""
    first = build(kind, tmp_path / "a", TZ="UTC")
    second = build(kind, tmp_path / "b", TZ="Asia/Tokyo")

    assert first.name == second.name
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """The marker of types is in it; tests, documentation and leftovers are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert "pmax/py.typed" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"pmax"}
    assert not [name for name in names if name.endswith((".pyc", ".orig", ".rej"))]


def test_source_archive_can_be_tested(tmp_path: Path) -> None:
    """Whoever unpacks it has the tests and what they read."""
    with tarfile.open(build("sdist", tmp_path)) as archive:
        top = {"/".join(name.split("/")[1:2]) for name in archive.getnames()}

    assert top >= {"pmax", "tests", "docs", "demo", "examples", "packaging", "pyproject.toml", "Makefile", "LICENSE"}


def git(repository: Path, *command: str) -> None:
    """Have git do something, as somebody."""
    somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    assert run("git", *somebody, *command, cwd=repository).returncode == 0


def test_version_out_of_tags(tmp_path: Path) -> None:
    """Without a tag the version is the written one; a tag gives its own; what comes after is on the way to the next."""
    script = runpy.run_path(str(ROOT / "packaging" / "version.py"))
    version, written = script["version"], script["WITHOUT_TAGS"]
    assert version(tmp_path) == written
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    git(tmp_path, "tag", "nightly")
    assert version(tmp_path) == written
    git(tmp_path, "tag", "v1.2.3")
    assert version(tmp_path) == "1.2.3"
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "two")
    assert re.fullmatch(r"1\.2\.4\.dev1\+g[0-9a-f]{10,}", version(tmp_path))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no repository")
def test_source_archive_keeps_its_version(tmp_path: Path) -> None:
    """A wheel that is built from the archive of a tagged clone has the version of the tag, without the repository."""
    git(tmp_path, "clone", "-q", "--depth", "1", ROOT.as_uri(), "clone")
    git(tmp_path / "clone", "tag", "v9.8.7")
    with tarfile.open(build("sdist", tmp_path / "archive", root=tmp_path / "clone")) as archive:
        archive.extractall(tmp_path, filter="data")

    assert build("wheel", tmp_path / "wheel", root=tmp_path / "pmax-9.8.7").name.startswith("pmax-9.8.7-")


def made(folder: Path, *requirements: str | Path, resolution: str = "highest") -> Path:
    """A new environment with these packages in it; its Python."""
    try:
        return environment(folder, *requirements, resolution=resolution)
    except NotMade as error:
        if "CI" in os.environ:
            raise
        pytest.skip(f"the environment could not be made: {error}")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_core_alone_works(wheel: Path, tmp_path: Path) -> None:
    """Installed without extras, the command helps, loads neither Cinder nor the simulator, and says what is missing."""
    python = made(tmp_path / "venv", wheel)

    loaded = run(python, "-c", "import sys, pmax, pmax.bootstrap; print(*sys.modules)", cwd=tmp_path).stdout.split()
    assert "pmax.bootstrap" in loaded
    assert not [name for name in loaded if name.partition(".")[0] in CORE_MAY_NOT_LOAD]
    pmax = python.parent / "pmax"
    assert "volume create" in run(pmax, "--help", cwd=tmp_path).stdout
    assert run(pmax, "--version", cwd=tmp_path).stdout.split() == ["pmax", wheel.name.split("-")[1]]
    serving = run(pmax, "simulator", "serve", cwd=tmp_path)
    assert "pmax[simulator]" in serving.stderr
    assert serving.returncode == 2
    sample = run(python.parent / "oslo-config-generator", "--namespace", "pmax", cwd=tmp_path).stdout
    assert "#powermax_array" in sample


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("resolution", "tests"), [("lowest-direct", TELLING), ("highest", QUICK)])
def test_passes_its_tests_where_the_sources_are_not(wheel: Path, tmp_path: Path, resolution: str, tests) -> None:
    """The installed wheel passes with the oldest dependencies that it allows; with the newest, all run elsewhere."""
    python = made(tmp_path / "venv", f"{wheel}[simulator]", *TOOLS, resolution=resolution)
    (tmp_path / "src").mkdir()

    result = try_installed(python, tmp_path / "src", tests)

    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
