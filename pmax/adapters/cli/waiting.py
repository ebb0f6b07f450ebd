"""`--wait`: stay until the array has finished what goes on by itself, and tell how far it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, Self, TextIO

import attrs

from pmax.adapters.cli.patience import Patience
from pmax.adapters.cli.refusals import StillGoing
from pmax.domain.errors import DeadlinePassed

if TYPE_CHECKING:
    from rich.progress import Progress

#: Between two looks, in seconds, the last for all that follow; the first come soon, since much is done at once.
_PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)


@attrs.frozen(kw_only=True)
class Advance:
    """How far something is.

    Attributes:
        words: for people, `40 % copied`.
        is_over: whether nothing is left to wait for.
        percent: done so far; None where the array does not tell.
    """

    words: str
    is_over: bool
    percent: float | None = None


def take_wait(parser: argparse.ArgumentParser, what: str) -> None:
    """Take `--wait` and `--no-wait`.

    Args:
        parser: gets the options.
        what: is waited for, in words.
    """
    parser.add_argument(
        "--wait", action=argparse.BooleanOptionalAction, default=False, help=f"stay until {what}; by default do not"
    )


@attrs.frozen(kw_only=True)
class Waiting:
    """Waits for one thing.

    Attributes:
        screen: where it is told.
        is_quiet: whether nobody wants to be told.
        what: is waited for, in words: `copying friday to volume 0000B`.
        shown_by: the command that shows how far it is later.
        limit_s: longest time; None for no end.
        pauses_s: between two looks; the last one again and again.
    """

    screen: TextIO
    is_quiet: bool
    what: str
    shown_by: str
    limit_s: float | None = None
    pauses_s: tuple[float, ...] = _PAUSES_S

    def until_over(self, look: Callable[[], Advance]) -> None:
        """Look again and again.

        Args:
            look: says how far it is; one call or a few.

        Raises:
            StillGoing: Ctrl-C or SIGTERM; what goes on goes on.
            DeadlinePassed: the time is over, and it is not.
        """
        with Patience(self.limit_s) as patience, _Teller(self) as teller:
            pauses = chain(self.pauses_s, repeat(self.pauses_s[-1]))
            while not (advance := look()).is_over:
                teller.tell(advance)
                if patience.is_over(next(pauses)):
                    raise self._given_up(advance, was_told=patience.was_told)
            teller.tell(advance)

    def _given_up(self, advance: Advance, *, was_told: bool) -> StillGoing | DeadlinePassed:
        """The error of somebody who does not wait any longer, told to stop or out of time."""
        if was_told:
            return StillGoing(f"{self.what}: {advance.words}", self.shown_by)
        return DeadlinePassed(f"{self.what} ({advance.words})", self.limit_s or 0)


class _Teller:
    """Tells how far it is: a bar on a terminal, elsewhere a line whenever it has changed."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._bar: Progress | None = None
        self._told = ""

    def __enter__(self) -> Self:
        if self._waiting.screen.isatty() and not self._waiting.is_quiet:
            self._bar = _bar(self._waiting.screen)
            self._bar.add_task(self._waiting.what, total=None, words="")
            self._bar.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, advance: Advance) -> None:
        if self._bar is not None:
            (task,) = self._bar.task_ids
            total = None if advance.percent is None and not advance.is_over else 100
            done = 100 if advance.is_over else advance.percent or 0
            self._bar.update(task, total=total, completed=done, words=advance.words)
        elif not self._waiting.is_quiet and advance.words != self._told:
            self._told = advance.words
            self._waiting.screen.write(f"pmax: {self._waiting.what}: {advance.words}\n")
            self._waiting.screen.flush()


def _bar(screen: TextIO) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(file=screen, highlight=False, markup=False, emoji=False)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[words]}", markup=False),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)
