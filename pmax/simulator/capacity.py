"""Capacity arithmetic (reference section 5.1): the array counts cylinders, the service shows MB, GB and TB."""

import math
from decimal import Decimal

BYTES_PER_CYLINDER = 15 * 128 * 1024
TRACKS_PER_CYLINDER = 15
MAX_CYLINDERS = 35_791_395
"""The largest volume."""

_BYTES_PER_UNIT = {"MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
UNITS = ("CYL", *_BYTES_PER_UNIT)


def cylinders_of(size: Decimal, unit: str) -> int:
    """Return the whole cylinders that hold a size, rounded up.

    Args:
        size: not negative.
        unit: one of `UNITS`.
    """
    if unit == "CYL":
        return math.ceil(size)
    return math.ceil(size * _BYTES_PER_UNIT[unit] / BYTES_PER_CYLINDER)


def cap_mb(cylinders: int) -> float:
    """Return the size in MB, rounded to a whole number."""
    return float(math.floor(cylinders * BYTES_PER_CYLINDER / 1024**2 + 0.5))


def cap_gb(cylinders: int) -> float:
    """Return the size in GB, rounded to two decimals."""
    return round(cylinders * BYTES_PER_CYLINDER / 1024**3, 2)


def cap_tb(cylinders: int) -> float:
    """Return the size in TB, rounded to two decimals."""
    return round(cylinders * BYTES_PER_CYLINDER / 1024**4, 2)
