from hypothesis import given
from hypothesis import strategies as st

from pmax.domain.capacity import BYTES_PER_CYLINDER, MAXIMUM_CYLINDERS, MAXIMUM_GIB, Capacity

cylinders = st.integers(0, MAXIMUM_CYLINDERS)
gib = st.integers(1, MAXIMUM_GIB)


@given(cylinders)
def test_cylinders_survive_the_round_trip(count):
    """A device reported in cylinders has as many cylinders."""
    assert Capacity.from_cylinders(count).cylinders == count


@given(gib)
def test_array_never_gives_less_than_was_asked_for(size):
    """The device made for whole GiB holds them, exceeds them by less than a cylinder, and is one of whole GiB."""
    wanted = Capacity.for_volume(size)
    device = Capacity.from_cylinders(wanted.cylinders)
    assert wanted <= device
    assert device.size_bytes - wanted.size_bytes < BYTES_PER_CYLINDER
    assert device.whole_gib == size
    assert device.is_whole_gib
    assert device.gigabytes_shown == size


@given(cylinders)
def test_whole_gib_never_promise_too_much(count):
    """What Cinder is told of a device is never more than it holds, and misses less than a GiB."""
    device = Capacity.from_cylinders(count)
    assert Capacity.from_gib(device.whole_gib) <= device < Capacity.from_gib(device.whole_gib + 1)


@given(cylinders)
def test_megabytes_shown_are_rounded_to_the_nearest(count):
    """The service's megabytes differ from the size by half a megabyte at most."""
    device = Capacity.from_cylinders(count)
    assert abs(device.megabytes_shown * 2**20 - device.size_bytes) <= 2**19


@given(cylinders, cylinders)
def test_order_is_that_of_cylinders(one, other):
    """Devices compare as their cylinders do."""
    assert (Capacity.from_cylinders(one) < Capacity.from_cylinders(other)) == (one < other)
