"""Sorted pieces of long lists, by the rules of Cinder's lists of what can be managed.

A list is sorted as a whole before a piece of it is given: by several keys, each in its own direction, those that are
equal in all of them in the order in which they came. A piece begins after the marker, which is the last entry of the
piece before it, skips `offset` entries and has at most `limit`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from pmax.domain.errors import InvalidRequest

T = TypeVar("T")

#: Gives what an entry is sorted by; values of one key can be compared with each other.
SortKey = Callable[[T], Any]

_ASCENDING: Final = "asc"
_DIRECTIONS: Final = (_ASCENDING, "desc")


@attrs.frozen(kw_only=True)
class Piece:
    """Which part of a list is wanted, and in which order.

    Attributes:
        marker: identity of the entry after which it begins; None for the first.
        limit: most entries; None for all.
        offset: how many entries to skip.
        sort_keys: by what, the most important first.
        sort_directions: `asc` or `desc` for each key; those that are missing mean `asc`.
    """

    marker: Hashable | None = None
    limit: int | None = None
    offset: int = 0
    sort_keys: Sequence[str] = ()
    sort_directions: Sequence[str] = ()


def take_piece(
    entries: Iterable[T], piece: Piece, keys: Mapping[str, SortKey[T]], identity: Callable[[T], Hashable]
) -> tuple[T, ...]:
    """Sort entries and take a piece of them.

    Args:
        entries: all of them.
        piece: which are wanted.
        keys: by what they can be sorted.
        identity: what a marker is compared with.

    Raises:
        InvalidRequest: a key or direction is unknown, a number is negative, or no entry is the marker.
    """
    listed = sorted_by(entries, piece, keys)
    for name, number in (("limit", piece.limit), ("offset", piece.offset)):
        if number is not None and number < 0:
            raise InvalidRequest(name, number, "give 0 or more")
    start = piece.offset
    if piece.marker is not None:
        start += _after(listed, piece.marker, identity)
    end = None if piece.limit is None else start + piece.limit
    return tuple(listed[start:end])


def sorted_by(entries: Iterable[T], piece: Piece, keys: Mapping[str, SortKey[T]]) -> list[T]:
    """Sort entries as a piece says.

    Raises:
        InvalidRequest: a key or direction is unknown.
    """
    listed = list(entries)
    pairs = itertools.zip_longest(piece.sort_keys, piece.sort_directions[: len(piece.sort_keys)], fillvalue=_ASCENDING)
    for name, direction in reversed([(name.strip(), direction) for name, direction in pairs]):
        if name not in keys:
            raise InvalidRequest("sort key", name, f"there are {', '.join(keys)}")
        if direction not in _DIRECTIONS:
            raise InvalidRequest("sort direction", direction, f"there are {', '.join(_DIRECTIONS)}")
        # Sorting by the least important key first leaves ties as the more important ones find them.
        listed.sort(key=keys[name], reverse=direction != _ASCENDING)
    return listed


def _after(listed: Sequence[T], marker: Hashable, identity: Callable[[T], Hashable]) -> int:
    for index, entry in enumerate(listed):
        if identity(entry) == marker:
            return index + 1
    raise InvalidRequest("marker", marker, "it must be the reference of an entry of the list")
