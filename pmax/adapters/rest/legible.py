"""Text that came from an array, made safe to show, to log and to store.

JSON can hold what no terminal, log or database takes: half of a surrogate pair is no UTF-8, and an escape sequence in
a name would be obeyed by the terminal of whoever lists it. Such characters are replaced where text comes in, so that
nobody further in has to think of them; names that hold one cannot be asked for either (`paths`).
"""

from __future__ import annotations

import re
from typing import Final

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
#: Control characters but tabulator and new line, and lone surrogates.
_ILLEGIBLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: Bytes of JSON that may stand for one of those; pairs of surrogates, which are legible, look like it too.
_SUSPICIOUS: Final = re.compile(rb"\\(?:[bfr]|u00[0189]|u007f|ud[89a-f])|\x7f|\xc2[\x80-\x9f]", re.IGNORECASE)


def may_be_illegible(content: bytes) -> bool:
    """Whether a body is worth `legible`: hardly any is."""
    return _SUSPICIOUS.search(content) is not None


def legible(value: object) -> object:
    """The same JSON value with every illegible character of its texts and keys replaced.

    Raises:
        RecursionError: it is nested too deep.
    """
    if isinstance(value, str):
        return legible_text(value)
    if isinstance(value, list):
        return [legible(item) for item in value]
    if isinstance(value, dict):
        return {legible_text(key): legible(item) for key, item in value.items()}
    return value


def legible_text(text: str) -> str:
    """The same text, lines ending as they do on Unix, with every illegible character replaced."""
    return _ILLEGIBLE.sub(_REPLACEMENT, text.replace("\r\n", "\n"))
