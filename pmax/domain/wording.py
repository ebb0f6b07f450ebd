"""How numbers are said."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """A number with its noun: `1 volume`, `2,000 volumes`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
