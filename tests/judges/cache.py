"""A place for what takes long to make and is the same in every run: in the environment, not in the tree."""

import fcntl
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
