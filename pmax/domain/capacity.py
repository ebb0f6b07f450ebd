"""Sizes: whole bytes inside, GiB and cylinders at the edges.

The array allots whole cylinders and rounds requests up, so that a volume of 1 GiB has 547 cylinders, a little more than
was asked for. Whoever compares sizes compares cylinders; whoever speaks with people speaks GiB.

Source: unisphere-rest.md 5.1 and driver-provisioning.md 7. What the service calls GB and TB is binary.
"""

from __future__ import annotations

from typing import Final

import attrs

from pmax.domain.errors import InvalidRequest

_BYTES_PER_MIB: Final = 2**20
_BYTES_PER_GIB: Final = 2**30

#: 15 tracks of 128 KiB.
BYTES_PER_CYLINDER: Final = 15 * 128 * 1024
#: The largest thin device.
MAXIMUM_CYLINDERS: Final = 35_791_395
#: The largest volume in whole GiB: the largest device is a few megabytes larger than 64 TiB.
MAXIMUM_GIB: Final = MAXIMUM_CYLINDERS * BYTES_PER_CYLINDER // _BYTES_PER_GIB


def _ceiling(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)


@attrs.frozen(order=True)
class Capacity:
    """A size.

    Attributes:
        size_bytes: whole bytes, never negative.
    """

    size_bytes: int = attrs.field(validator=[attrs.validators.instance_of(int), attrs.validators.ge(0)])

    @classmethod
    def from_gib(cls, gib: int) -> Capacity:
        """Of so many GiB, as Cinder counts."""
        return cls(gib * _BYTES_PER_GIB)

    @classmethod
    def from_cylinders(cls, cylinders: int) -> Capacity:
        """Of so many cylinders, as the service reports devices (`cap_cyl`)."""
        return cls(cylinders * BYTES_PER_CYLINDER)

    @classmethod
    def for_volume(cls, gib: int) -> Capacity:
        """Of a volume that somebody asks for.

        Raises:
            InvalidRequest: no device can have this size.
        """
        if not 1 <= gib <= MAXIMUM_GIB:
            raise InvalidRequest("size", gib, f"a volume has 1 to {MAXIMUM_GIB} GiB, in whole GiB")
        return cls.from_gib(gib)

    @property
    def cylinders(self) -> int:
        """What the array allots for it: whole cylinders, rounded up."""
        return _ceiling(self.size_bytes, BYTES_PER_CYLINDER)

    @property
    def gib(self) -> float:
        """In GiB, as a fraction."""
        return self.size_bytes / _BYTES_PER_GIB

    @property
    def whole_gib(self) -> int:
        """How many whole GiB fit into it: what Cinder may believe of a device of this size."""
        return self.size_bytes // _BYTES_PER_GIB

    @property
    def gigabytes_shown(self) -> float:
        """What the service shows of a device of this size as `cap_gb`: GiB to two decimals."""
        return round(self.cylinders * BYTES_PER_CYLINDER / _BYTES_PER_GIB, 2)

    @property
    def megabytes_shown(self) -> int:
        """What the service shows of a device of this size as `cap_mb`: MiB, so that 1 GiB is shown as 1026.

        That a half is rounded up is assumed; no sample shows one.
        """
        return (2 * self.cylinders * BYTES_PER_CYLINDER + _BYTES_PER_MIB) // (2 * _BYTES_PER_MIB)

    @property
    def is_whole_gib(self) -> bool:
        """Whether a device of this size is one of whole GiB: the service shows it as such and it holds them.

        547 and 548 cylinders are 1 GiB. 546 cylinders are shown as 1.0 GB too, but are smaller than 1 GiB: a host that
        is promised 1 GiB would run over the end.
        """
        return self.whole_gib >= 1 and self.gigabytes_shown == self.whole_gib
