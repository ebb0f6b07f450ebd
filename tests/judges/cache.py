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


class Unreachable(Exception):
    """A release cannot be fetched."""


def fetched(requirement: str, *, is_alone: bool = False) -> Path:
    """Return a folder with a release from the package index, fetched by pip if nobody did before.

    Args:
        requirement: such as `PyU4V==9.2.*`.
        is_alone: without what it depends on.

    Raises:
        Unreachable: pip says no.
    """
    with cached(requirement.replace("==", "-").replace("*", "x")) as folder:
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            options = ["--quiet", "--disable-pip-version-check", "--upgrade", *(["--no-deps"] if is_alone else [])]
            command = [sys.executable, "-m", "pip", "install", *options, "--target", str(unfinished), requirement]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Unreachable(done.stderr.strip().rpartition("\n")[2])
            unfinished.rename(folder)
        return folder
