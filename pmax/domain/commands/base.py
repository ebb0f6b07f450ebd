"""What every command is."""

from __future__ import annotations

from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class Command(Generic[ResultT]):
    """Anything that a caller may ask of the engine; the parameter is the type of its result."""

    __slots__ = ()
