from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmax.simulator import capacity


@pytest.mark.parametrize(
    ("size", "unit", "cylinders", "mb", "gb"),
    [
        (1, "GB", 547, 1026.0, 1.0),
        (2, "GB", 1093, 2049.0, 2.0),
        (3, "GB", 1639, 3073.0, 3.0),
        (3, "CYL", 3, 6.0, 0.01),
        (50, "MB", 27, 51.0, 0.05),
        (1, "TB", 559241, 1048577.0, 1024.0),
    ],
)
def test_table_of_the_reference(size, unit, cylinders, mb, gb):
    """Sizes are counted in whole cylinders, rounded up, and shown as the table of section 5.1 has them."""
    assert capacity.cylinders_of(Decimal(size), unit) == cylinders
    assert (capacity.cap_mb(cylinders), capacity.cap_gb(cylinders)) == (mb, gb)


@given(st.integers(1, 60_000))
def test_whole_gigabytes_stay_whole(size):
    """A volume of whole GB shows an integral capacity in GB (section 11, point 3)."""
    assert capacity.cap_gb(capacity.cylinders_of(Decimal(size), "GB")) == size


@given(st.integers(0, 10**9))
def test_a_cylinder_more_is_too_much(size):
    """The cylinders hold the size, and one less would not."""
    cylinders = capacity.cylinders_of(Decimal(size), "MB")
    wanted = size * 1024**2
    assert cylinders * capacity.BYTES_PER_CYLINDER >= wanted
    assert size == 0 or (cylinders - 1) * capacity.BYTES_PER_CYLINDER < wanted
