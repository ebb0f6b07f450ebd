"""Sorted pieces of long lists."""

import pytest

from pmax.domain.errors import InvalidRequest
from pmax.domain.listings import Piece, take_piece

KEYS = {"name": lambda entry: entry[0], "size": lambda entry: entry[1]}
ENTRIES = [("c", 1), ("a", 2), ("b", 1), ("d", 2)]


def names(**wanted: object) -> str:
    """The names in a piece, in order."""
    return "".join(name for name, _ in take_piece(ENTRIES, Piece(**wanted), KEYS, lambda entry: entry[0]))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "cabd"),
        ({"sort_keys": ("name",)}, "abcd"),
        ({"sort_keys": ("name",), "sort_directions": ("desc",)}, "dcba"),
        ({"sort_keys": ("size",)}, "cbad"),
        ({"sort_keys": ("size", "name"), "sort_directions": ("desc", "asc")}, "adbc"),
        ({"sort_keys": ("size", "name"), "sort_directions": ("asc",)}, "bcad"),
        ({"sort_keys": ("name",), "limit": 2}, "ab"),
        ({"sort_keys": ("name",), "limit": 0}, ""),
        ({"sort_keys": ("name",), "offset": 3}, "d"),
        ({"sort_keys": ("name",), "marker": "a"}, "bcd"),
        ({"sort_keys": ("name",), "marker": "b", "limit": 1, "offset": 1}, "d"),
        ({"sort_keys": ("name",), "marker": "d"}, ""),
        ({"sort_keys": ("name",), "offset": 9}, ""),
    ],
)
def test_pieces(wanted: dict[str, object], expected: str) -> None:
    """Sort, go past the marker, skip the offset, stop at the limit."""
    assert names(**wanted) == expected


@pytest.mark.parametrize(
    "wanted",
    [
        {"marker": "x"},
        {"limit": -1},
        {"offset": -1},
        {"sort_keys": ("colour",)},
        {"sort_keys": ("name",), "sort_directions": ("up",)},
    ],
)
def test_what_is_no_piece(wanted: dict[str, object]) -> None:
    """A marker, number, key or direction that makes no sense is refused, and never read as something else."""
    with pytest.raises(InvalidRequest):
        names(**wanted)


def test_trap_t25_the_pieces_make_the_whole() -> None:
    """With each last entry as the next marker, every entry comes exactly once; the marker itself is not repeated."""
    seen, marker = "", None
    while piece := names(sort_keys=("size", "name"), marker=marker, limit=3):
        seen, marker = seen + piece, piece[-1]
    assert seen == "bcad"
