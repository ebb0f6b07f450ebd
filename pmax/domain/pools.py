"""Pools: how a service level and a workload are advertised to the Cinder scheduler and written in volume types.

A pool is called `<service level>+<workload>+<SRP>+<array>` or, shorter, `<service level>+<SRP>+<array>`. The scheduler
compares this text exactly with the `pool_name` of a volume type, and the `host` of every volume holds it too. So the
text is kept as it was written, while two names are equal if they mean the same.

Source: the manual, section 6; driver-provisioning.md 2.2 and 5.2.
"""

from __future__ import annotations

from typing import Final

import attrs

from pmax.domain.arrays import Array, ArrayFamily, Microcode
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, array_id, object_name
from pmax.domain.service_levels import (
    OPTIMIZED,
    WORKLOADS,
    documented_service_levels,
    offered_service_levels,
    offered_workloads,
    unless_none,
)
from pmax.domain.wording import counted

_SEPARATOR: Final = "+"
_THREE_PARTS: Final = 3
_FOUR_PARTS: Final = 4
_FORM: Final = (
    "write service level+workload+SRP+array or service level+SRP+array, such as Diamond+None+SRP_1+000197900123"
)

#: Both ways in which types and hosts write that there is none: the 2019 driver wrote the first, the 2026 driver both.
_NONE_SPELLINGS: Final = ("None", "NONE")
_LAST_WITH_WORKLOADS: Final = Microcode((5977,))


def _default_form(pool: PoolName) -> tuple[str, ...]:
    return (pool.service_level or _NONE_SPELLINGS[0], pool.workload or _NONE_SPELLINGS[0])


@attrs.frozen
class PoolName:
    """A pool. Two that mean the same are equal, however they are written.

    Attributes:
        service_level: None for none.
        workload: None for none.
        srp: storage resource pool.
        array_id: serial of the array.
        written: service level and perhaps workload as they stand in the text; four parts unless said otherwise.
    """

    service_level: str | None
    workload: str | None
    srp: str
    array_id: ArrayId
    written: tuple[str, ...] = attrs.field(default=attrs.Factory(_default_form, takes_self=True), eq=False, repr=False)

    @classmethod
    def of(cls, written: tuple[str, ...], srp: str, array: ArrayId) -> PoolName:
        """A pool by its service level and perhaps its workload, as they shall stand in the text."""
        service_level, *workloads = (unless_none(level) for level in written)
        return cls(service_level, workloads[0] if workloads else None, srp, array, written)

    @classmethod
    def parse(cls, text: str, field: str = "pool_name") -> PoolName:
        """Take a name apart.

        Args:
            text: as in a volume type, or after the `#` of a host.
            field: where it stands, in the user's words.

        Raises:
            InvalidRequest: it has not 3 or 4 parts, one of them is wrong, or there is a workload without a service
                level.
        """
        parts = text.split(_SEPARATOR)
        if len(parts) not in {_THREE_PARTS, _FOUR_PARTS}:
            raise InvalidRequest(field, text, f"it has {counted(len(parts), 'part')}; {_FORM}")
        *written, srp, serial = parts
        try:
            levels = tuple(object_name(part, "service level or workload") for part in written)
            pool = cls.of(levels, object_name(srp, "SRP"), array_id(serial))
        except InvalidRequest as error:
            raise InvalidRequest(field, text, f"{error}; {_FORM}") from error
        if pool.workload and not pool.service_level:
            rule = f"workload {pool.workload} needs a service level: name one, or write None for the workload too"
            raise InvalidRequest(field, text, rule)
        return pool

    def __str__(self) -> str:
        return _SEPARATOR.join((*self.written, self.srp, self.array_id))

    @property
    def location_info(self) -> str:
        """What the pool says about its place in the statistics: array, SRP, service level and perhaps workload."""
        return "#".join((self.array_id, self.srp, *self.written))


def _advertised_workloads(array: Array, service_level: str, reported: tuple[str, ...]) -> tuple[str, ...]:
    """Workloads under which a service level is advertised.

    An array that is not a PowerMax may have run older microcode. Types and hosts of that time name workloads with the
    service levels of that time; they stay valid, and the workload means nothing any more.
    """
    if service_level == OPTIMIZED:
        return ()
    if array.supports_workloads:
        return offered_workloads(array, reported)
    before = attrs.evolve(array, microcode=_LAST_WITH_WORKLOADS)
    had_workloads = array.family is not ArrayFamily.POWERMAX and service_level in documented_service_levels(before)
    return WORKLOADS if had_workloads else ()


def advertised_pools(
    array: Array, service_levels: tuple[str, ...], workloads: tuple[str, ...], srp: str
) -> tuple[PoolName, ...]:
    """Pools that a backend reports, so that the scheduler finds every type and host written for an upstream driver.

    For each service level there is the short name, one name for each of its workloads, and the two spellings of "no
    workload" of the upstream drivers; without a service level there are both spellings of that, alone and combined.
    No other spelling is advertised: each name stands once, and names that differ in case only mean the same.

    Args:
        array: which.
        service_levels: names as the array lists them.
        workloads: names as the array lists them.
        srp: the configured storage resource pool.

    Returns:
        Pools in the order of the array's service levels, those without a service level last.
    """
    forms: list[tuple[str, ...]] = []
    for service_level in offered_service_levels(array, service_levels):
        refinements = (*_NONE_SPELLINGS, *_advertised_workloads(array, service_level, workloads))
        forms += [(service_level,), *((service_level, workload) for workload in refinements)]
    for spelling in _NONE_SPELLINGS:
        forms += [(spelling,), *((spelling, workload) for workload in _NONE_SPELLINGS)]
    return tuple(PoolName.of(form, srp, array.array_id) for form in forms)
