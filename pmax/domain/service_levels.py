"""Service levels and workloads: which an array offers, and whether a request fits.

A service level is an array's promise of response time; a workload refines it on arrays before PowerMaxOS 5978.
Inside, "none" is None for both. People and older drivers write it `None` or `NONE`; in any case it means the same.
Every other name is compared exactly: the array's own spelling is the only one, because it becomes part of the names of
storage groups and pools, which the Cinder scheduler compares exactly. An error says so when only the case is wrong.

Source: the manual, section 6; driver-provisioning.md 2.3, 2.4 and 5.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pmax.domain.arrays import Array, ArrayFamily
from pmax.domain.errors import InvalidRequest
from pmax.domain.problems import raise_all

#: How the names of storage groups write that there is no workload.
NONE_IN_NAMES: Final = "NONE"

#: Workloads of arrays before PowerMaxOS 5978.
WORKLOADS: Final = ("OLTP", "OLTP_REP", "DSS", "DSS_REP")

#: Leaves the choice to the array; it is advertised without workloads only, as upstream does.
OPTIMIZED: Final = "Optimized"

_PART_OF_NAMES: Final = re.compile("[A-Za-z0-9_-]+")
_DIAMOND: Final = "Diamond"
_ALL: Final = (_DIAMOND, "Platinum", "Gold", "Silver", "Bronze", OPTIMIZED)


def unless_none(text: str | None) -> str | None:
    """A name of a service level or workload as it is kept inside: None for `None`, `NONE`, `none` and nothing."""
    return None if not text or text.lower() == "none" else text


def _is_all_flash_with_workloads(array: Array) -> bool:
    return array.family is ArrayFamily.ALL_FLASH and array.supports_workloads


def _usable(reported: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in reported if unless_none(name) and _PART_OF_NAMES.fullmatch(name)))


def offered_service_levels(array: Array, reported: Iterable[str]) -> tuple[str, ...]:
    """Service levels that a volume can have, out of those that the array lists.

    All Flash arrays before PowerMaxOS list `Optimized`, but refuse it. A service level can be renamed; one whose name
    could not be part of the name of a storage group is left out.

    Args:
        array: which.
        reported: names as the service lists them, in its order.

    Returns:
        Names without repetition and without "none", in the order of the array.
    """
    refused = {OPTIMIZED} if _is_all_flash_with_workloads(array) else set()
    return tuple(name for name in _usable(reported) if name not in refused)


def offered_workloads(array: Array, reported: Iterable[str]) -> tuple[str, ...]:
    """Workloads that a volume can have, out of those that the array lists; empty from PowerMaxOS 5978 on."""
    if not array.supports_workloads:
        return ()
    return _usable(reported)


def documented_service_levels(array: Array) -> tuple[str, ...]:
    """What the manual says that such an array offers, for as long as the array itself cannot be asked."""
    return (_DIAMOND,) if _is_all_flash_with_workloads(array) else _ALL


def default_service_level(offered: Iterable[str]) -> str | None:
    """Service level of a volume when neither its type nor the configuration names one."""
    names = frozenset(offered)
    return next((name for name in (OPTIMIZED, _DIAMOND) if name in names), None)


def _problem(field: str, value: str, offered: tuple[str, ...], array: Array) -> InvalidRequest:
    choices = ", ".join((*offered, "None"))
    rule = f"array {array.array_id} offers {choices}"
    spelling = next((name for name in offered if name.lower() == value.lower()), None)
    if spelling:
        rule += f"; upper and lower case matter, so write {spelling}"
    return InvalidRequest(field, value, rule)


def service_level_problems(
    array: Array,
    service_level: str | None,
    workload: str | None,
    service_levels: tuple[str, ...],
    workloads: tuple[str, ...],
) -> tuple[InvalidRequest, ...]:
    """What is wrong with a service level and a workload on an array.

    Args:
        array: which, for the texts.
        service_level: wanted; None for none.
        workload: wanted; None for none.
        service_levels: what `offered_service_levels` gave.
        workloads: what `offered_workloads` gave.

    Returns:
        One for each mistake; empty when there is none.
    """
    problems = []
    if service_level is not None and service_level not in service_levels:
        problems.append(_problem("service level", service_level, service_levels, array))
    if workload is not None and service_level is None:
        rule = "a workload refines a service level: name a service level too, or no workload"
        problems.append(InvalidRequest("workload", workload, rule))
    elif workload is not None and workload not in workloads:
        problems.append(_problem("workload", workload, workloads, array))
    return tuple(problems)


def check_service_level(
    array: Array,
    service_level: str | None,
    workload: str | None,
    service_levels: tuple[str, ...],
    workloads: tuple[str, ...],
) -> None:
    """Refuse a service level or workload that the array does not offer. Arguments as in `service_level_problems`.

    Raises:
        InvalidRequest: with every mistake, and what the array offers.
    """
    raise_all(service_level_problems(array, service_level, workload, service_levels, workloads), "service level")
