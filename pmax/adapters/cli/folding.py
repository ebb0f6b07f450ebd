"""Lines that fit the terminal: folded between words, and within names that are too long unless one has to copy them."""

from __future__ import annotations

import os
import textwrap
from typing import Final, TextIO

#: Wider than any line, for output that nobody watches.
UNBOUNDED: Final = 100_000
_NARROWEST: Final = 20
#: Of a terminal that does not tell.
_USUAL: Final = 80


def columns(stream: TextIO) -> int:
    """How wide lines may be: that of the terminal, or what `COLUMNS` says of it; unbounded elsewhere."""
    if not stream.isatty():
        return UNBOUNDED
    return at_least(number(os.environ.get("COLUMNS")) or os.get_terminal_size(stream.fileno()).columns or _USUAL)


def at_least(wanted: int) -> int:
    """A width in which something can be written."""
    return max(wanted, _NARROWEST)


def number(text: str | None) -> int:
    """What an environment variable says, 0 if it says nothing that is a number."""
    return int(text) if text and text.isdecimal() else 0


def folded(text: str, width: int, first: str = "", others: str = "", *, cuts_names: bool = True) -> list[str]:
    """The lines of a sentence.

    Args:
        text: without line ends.
        width: of the terminal.
        first: stands before the first line.
        others: stands before the others.
        cuts_names: fold within what is longer than a line. Without it such a name gets a line of its own, which the
            terminal wraps: it can be marked and copied as one, as the path of a file has to be.
    """
    if len(first) + len(text) <= width:
        return [first + text]
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
        break_long_words=cuts_names,
    )
