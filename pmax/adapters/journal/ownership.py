"""Who owns a file of the journal: a lock file beside it, held with `flock` for as long as the owner lives.

The lock is only ever tried, never waited for. The system lets go of it when the owner dies, however that happens.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Marks a lock file that is not held yet; it gets its real name when it is.
UNBORN_PREFIX = ".new-"
LOCK_SUFFIX = ".lock"
_CLAIM = "claim"


class Ownership:
    """The right to a file of the journal, until it is let go.

    Attributes:
        path: the lock file.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def new(cls, path: Path) -> Ownership:
        """Own what nobody has owned yet.

        The lock file appears under its name only when it is held, so that nobody can take it for that of a dead owner.

        Raises:
            OSError: the file cannot be made.
        """
        while True:
            unborn = path.with_name(f"{UNBORN_PREFIX}{secrets.token_hex(8)}")
            ownership = cls.take(unborn)
            if ownership is None:
                continue
            try:
                unborn.rename(path)
            except FileNotFoundError:  # swept away as a dead process's before it was held
                ownership.let_go()
                continue
            ownership.path = path
            return ownership

    @classmethod
    def take(cls, path: Path) -> Ownership | None:
        """Own what is nobody's; None if somebody holds it.

        Raises:
            OSError: the lock file can neither be made nor opened.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    def let_go(self) -> None:
        """Let anybody take it."""
        os.close(self._descriptor)

    def end(self) -> None:
        """Let go of what is no more: the lock file goes too."""
        self.path.unlink(missing_ok=True)
        self.let_go()


@contextmanager
def sole_claimant(directory: Path) -> Iterator[bool]:
    """Be the only one who takes files over; False, at once, if somebody else does."""
    claim = Ownership.take(directory / f"{_CLAIM}{LOCK_SUFFIX}")
    try:
        yield claim is not None
    finally:
        if claim is not None:
            claim.let_go()


def sweep_lone_locks(directory: Path, suffix: str) -> None:
    """Remove lock files of processes that died before they had made the file that belongs to it.

    Args:
        directory: where to look.
        suffix: of the files that belong to lock files.
    """
    for path in directory.iterdir():
        is_unborn = path.name.startswith(UNBORN_PREFIX)
        is_lone = path.suffix == LOCK_SUFFIX and path.stem != _CLAIM and not path.with_suffix(suffix).exists()
        if is_unborn or is_lone:
            dead = Ownership.take(path)
            if dead is not None:
                dead.end()
