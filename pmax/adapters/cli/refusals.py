"""Errors of the command line itself, which no other caller can make."""

from __future__ import annotations

import attrs

from pmax.domain.errors import PmaxError


@attrs.frozen(str=False)
class WrongUsage(PmaxError):
    """Options that do not go together, or that are missing.

    Attributes:
        what: what is the matter, in words.
        remedy: what to write instead.
    """

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}"


@attrs.frozen(str=False)
class WouldHurt(PmaxError):
    """A deletion that somebody would suffer from, and that nobody forces.

    Attributes:
        what: what is the matter, in words.
        harm: each thing that would be hurt, in words.
        remedy: what to do.
    """

    what: str
    harm: tuple[str, ...]
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: {'; '.join(self.harm)}"


@attrs.frozen(str=False)
class Declined(PmaxError):
    """The user was asked, and does not want it.

    Attributes:
        question: what was asked.
    """

    question: str

    def __str__(self) -> str:
        return "nothing was done, since the answer was not yes"


@attrs.frozen(str=False)
class StillGoing(PmaxError):
    """Nobody waits any more for something that the array goes on doing.

    Attributes:
        what: goes on, and how far it is, in words.
        shown_by: the command that shows how far it is later.
    """

    what: str
    shown_by: str

    def __str__(self) -> str:
        return f"{self.what}; the array goes on by itself"
