"""A place for what takes long to make and is the same in every run: in the environment, not in the tree."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(sys.prefix) / "judges"


@contextmanager
def cached(name: str) -> Iterator[Path]:
    """Yield a path in the cache; no other test process is in a block of the same name meanwhile.

    Whoever finds nothing at the path makes it there, under another name first, so that a run that is killed leaves
    nothing that looks finished.
    """
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield CACHE / name


OPTIONS = ["--quiet", "--disable-pip-version-check", "--upgrade", "--retries", "1", "--timeout", "10"]
"""Of pip; a run without a package index shall learn that soon."""

_failures: dict[str, str] = {}


class Unreachable(Exception):
    """A release cannot be fetched; whoever asks again in the same run is told so at once."""


def fetched(requirement: str, *, is_alone: bool = False) -> Path:
    """Return a folder with a release from the package index, fetched by pip if nobody did before.

    Args:
        requirement: such as `PyU4V==9.2.*`.
        is_alone: without what it depends on.

    Raises:
        Unreachable: pip says no.
    """
    if requirement in _failures:
        raise Unreachable(_failures[requirement])
    with cached(requirement.replace("==", "-").replace("*", "x")) as folder:
        if not folder.exists():
            _install(requirement, folder, [*OPTIONS, *(["--no-deps"] if is_alone else [])])
        return folder


def _install(requirement: str, folder: Path, options: list[str]) -> None:
    unfinished = folder.with_suffix(".unfinished")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(unfinished), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        _failures[requirement] = done.stderr.strip().rpartition("\n")[2]
        raise Unreachable(_failures[requirement])
    unfinished.rename(folder)
