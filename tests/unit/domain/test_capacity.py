import pytest

from pmax.domain.capacity import MAXIMUM_CYLINDERS, MAXIMUM_GIB, Capacity
from pmax.domain.errors import InvalidRequest


@pytest.mark.parametrize(("gib", "cylinders"), [(1, 547), (2, 1093), (3, 1639), (10, 5462), (100, 54614)])
def test_array_rounds_up_to_cylinders(gib, cylinders):
    """A request of whole GiB takes the next whole number of cylinders."""
    assert Capacity.from_gib(gib).cylinders == cylinders


@pytest.mark.parametrize(
    ("cylinders", "megabytes", "gigabytes"),
    [(547, 1026, 1.0), (1093, 2049, 2.0), (1639, 3073, 3.0), (3, 6, 0.01), (27, 51, 0.05), (0, 0, 0.0), (4, 8, 0.01)],
)
def test_sizes_as_the_service_shows_them(cylinders, megabytes, gigabytes):
    """The service shows MiB rounded to a whole number, and GiB rounded to two decimals."""
    capacity = Capacity.from_cylinders(cylinders)
    assert (capacity.megabytes_shown, capacity.gigabytes_shown) == (megabytes, gigabytes)


def test_volume_of_one_gib_is_shown_as_1026_megabytes():
    """A request of 1 GiB is shown as the device will be: 1026 MB, although it asks for 1024."""
    assert Capacity.from_gib(1).megabytes_shown == 1026


@pytest.mark.parametrize(
    ("cylinders", "whole", "is_whole"),
    [
        (546, 0, False),  # shown as 1.0, but smaller than 1 GiB
        (547, 1, True),
        (548, 1, True),
        (550, 1, False),  # shown as 1.01
        (1092, 1, False),  # shown as 2.0, but smaller than 2 GiB
        (1093, 2, True),
        (2816, 5, False),  # 5.16
        (3, 0, False),
        (0, 0, False),
    ],
)
def test_whole_gib_are_shown_and_held(cylinders, whole, is_whole):
    """A device is one of whole GiB if the service shows it as such and it holds them."""
    capacity = Capacity.from_cylinders(cylinders)
    assert (capacity.whole_gib, capacity.is_whole_gib) == (whole, is_whole)


def test_gib_is_a_fraction():
    """A device of 547 cylinders is a little more than 1 GiB."""
    assert Capacity.from_cylinders(547).gib == pytest.approx(1.00159, abs=0.00001)


def test_capacities_are_ordered():
    """Sizes compare by bytes, whatever unit they came in."""
    assert Capacity.from_gib(1) < Capacity.from_cylinders(547) < Capacity.from_gib(2)


@pytest.mark.parametrize("gib", [1, MAXIMUM_GIB])
def test_volume_sizes_at_the_limits(gib):
    """The smallest and the largest volume can be asked for."""
    assert Capacity.for_volume(gib).whole_gib == gib


def test_largest_volume_fits_into_the_largest_device():
    """The largest size in whole GiB needs no more cylinders than a device can have."""
    assert MAXIMUM_GIB == 65536
    assert Capacity.from_gib(MAXIMUM_GIB).cylinders <= MAXIMUM_CYLINDERS


@pytest.mark.parametrize("gib", [0, -1, MAXIMUM_GIB + 1])
def test_volume_sizes_beyond_the_limits(gib):
    """A volume of 0 GiB is refused, like one that no device could hold, and the error gives the range."""
    with pytest.raises(InvalidRequest, match=f"size {gib} is not valid: a volume has 1 to {MAXIMUM_GIB} GiB"):
        Capacity.for_volume(gib)


def test_negative_capacity_cannot_exist():
    """A size below zero is refused wherever it comes from."""
    with pytest.raises(ValueError, match="must be >= 0"):
        Capacity.from_cylinders(-1)
