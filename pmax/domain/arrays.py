"""Arrays: which model, which microcode, and what these two allow.

Every difference between arrays that pmax acts upon is a property here, so that no other module compares models or
microcode. Source of the gates: unisphere-rest.md 6.2, and the manual for families and compression.
"""

from __future__ import annotations

import re
from enum import Enum

import attrs

from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId


class ArrayFamily(Enum):
    """Kinds of arrays that offer different things."""

    HYBRID = "VMAX3 hybrid"
    ALL_FLASH = "VMAX All Flash"
    POWERMAX = "PowerMax"


_MICROCODE = re.compile(r"[0-9]+(?:\.[0-9]+){0,4}")


class Feature(Enum):
    """What an array may be licensed for, in words for people."""

    SNAPVX = "SnapVX"
    SRDF = "SRDF"


@attrs.frozen(order=True)
class Microcode:
    """Version of the array's operating system, compared number by number and never as text.

    Attributes:
        numbers: `5978.669.669` as (5978, 669, 669).
    """

    numbers: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Microcode:
        """Read what the service reports as `ucode` or `microcode`.

        Raises:
            InvalidRequest: it is not a series of numbers with dots between them.
        """
        if not _MICROCODE.fullmatch(text):
            raise InvalidRequest("microcode", text, "an array reports numbers with dots, such as 5978.669.669")
        return cls(tuple(int(number) for number in text.split(".")))

    def __str__(self) -> str:
        return ".".join(str(number) for number in self.numbers)


#: PowerMaxOS 5978: no workloads any more, sources of snapshots can be expanded.
POWERMAX_OS = Microcode((5978,))
_FREES_ON_DELETE = Microcode((5978, 222))
_SNAP_IDS = Microcode((5978, 660))
_METRO_EXPANSION_AFTER = 221
_AFTER_5978 = Microcode((5979,))

_MODELS = (
    (re.compile(r"PowerMax", re.IGNORECASE), ArrayFamily.POWERMAX),
    (re.compile(r"VMAX[0-9]+F", re.IGNORECASE), ArrayFamily.ALL_FLASH),
    (re.compile(r"VMAX[0-9]+K", re.IGNORECASE), ArrayFamily.HYBRID),
)


@attrs.frozen(kw_only=True)
class Array:
    """An array and what it can do.

    Attributes:
        array_id: serial number.
        model: as the service spells it (`PowerMax_2000`, `VMAX250F`).
        microcode: version of its operating system.
        is_all_flash: whether it holds no spinning disks; None where the service does not say.
        is_compression_capable: whether the service lists it as such; None when it was not asked.
        is_local: whether this Unisphere manages it directly, and not through another array.
    """

    array_id: ArrayId
    model: str
    microcode: Microcode
    is_all_flash: bool | None = None
    is_compression_capable: bool | None = None
    is_local: bool = True

    @property
    def family(self) -> ArrayFamily:
        """Kind of array, by the model; an unknown model is judged by what it runs.

        A model that is newer than this table runs PowerMaxOS and counts as a PowerMax. What runs older microcode counts
        as All Flash if the array says so, and else as a hybrid, which promises the least.
        """
        for pattern, family in _MODELS:
            if pattern.match(self.model):
                return family
        if self.microcode >= POWERMAX_OS:
            return ArrayFamily.POWERMAX
        return ArrayFamily.ALL_FLASH if self.is_all_flash else ArrayFamily.HYBRID

    @property
    def supports_workloads(self) -> bool:
        """Whether a service level can be refined by a workload; PowerMaxOS 5978 dropped them."""
        return self.microcode < POWERMAX_OS

    @property
    def supports_compression(self) -> bool:
        """Whether a storage group can compress; hybrids cannot."""
        if self.is_compression_capable is not None:
            return self.is_compression_capable
        return self.family is not ArrayFamily.HYBRID

    @property
    def can_expand_snapshot_source(self) -> bool:
        """Whether a volume can grow while snapshots of it exist."""
        return self.microcode >= POWERMAX_OS

    @property
    def keeps_unlinked_targets(self) -> bool:
        """Whether a volume that a snapshot is linked to without copy keeps its data when it is unlinked.

        The gate is assumed: the upstream driver that served older arrays always copied, its successor never does.
        """
        return self.microcode >= POWERMAX_OS

    @property
    def can_expand_replicated(self) -> bool:
        """Whether a volume can grow while SRDF replicates it, without breaking the pair; Metro has its own gate."""
        return self.microcode >= POWERMAX_OS

    @property
    def can_expand_metro(self) -> bool:
        """Whether a volume can grow while SRDF/Metro protects it; both arrays must be able to.

        The gate looks at the third number of 5978 releases, unlike every other gate.
        """
        if self.microcode >= _AFTER_5978:
            return True
        return self.microcode >= POWERMAX_OS and self.microcode.numbers[2:3] > (_METRO_EXPANSION_AFTER,)

    @property
    def frees_on_delete(self) -> bool:
        """Whether deleting a volume frees its tracks; older code wants them freed first."""
        return self.microcode >= _FREES_ON_DELETE

    @property
    def has_snap_ids(self) -> bool:
        """Whether a snapshot has an id that never changes; older code counts generations, which shift."""
        return self.microcode >= _SNAP_IDS
