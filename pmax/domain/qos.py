"""Host I/O limits: what a QoS specification asks for, and what must change on a storage group.

Limits belong to the child storage group that a volume gets on a host, never to a default or a parent group: those hold
volumes of other types too. Source: the manual, section 9; driver-provisioning.md 2.6 and driver-attach-replication.md
2.11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

import attrs

from pmax.domain.errors import InvalidRequest
from pmax.domain.problems import raise_all

_BYTES_PER_MEGABYTE: Final = 2**20

DISTRIBUTION_KEY: Final = "DistributionType"
#: The consumer whose limits the hypervisor enforces, and not the array.
_FRONT_END: Final = "front-end"
#: How the service writes that there is no limit.
_NO_LIMIT: Final = "NOLIMIT"

_NUMBER: Final = re.compile("[0-9]{1,18}")


class Distribution(Enum):
    """How the array divides limits among the ports of a port group. Values are the array's own words."""

    NEVER = "Never"
    ON_FAILURE = "OnFailure"
    ALWAYS = "Always"

    @classmethod
    def parse(cls, text: str) -> Distribution:
        """Read it in upper or lower case.

        Raises:
            InvalidRequest: it is none of the three.
        """
        for member in cls:
            if member.value.lower() == text.strip().lower():
                return member
        raise InvalidRequest(DISTRIBUTION_KEY, text, "write Never, OnFailure or Always")


def _at_least_one(limits: HostIoLimits, _attribute: object, _value: object) -> None:
    if limits.iops is None and limits.megabytes_per_second is None:
        raise ValueError("limits that limit nothing are no limits: use None")


@attrs.frozen
class HostIoLimits:
    """The whole state of a storage group's limits; a group without any has None instead.

    Attributes:
        iops: I/O operations a second; None for no limit.
        megabytes_per_second: in units of 1,048,576 bytes; None for no limit.
        distribution: how the array divides them among ports.
    """

    iops: int | None
    megabytes_per_second: int | None
    distribution: Distribution = attrs.field(default=Distribution.NEVER, validator=_at_least_one)

    @classmethod
    def reported(cls, iops: str, megabytes_per_second: str, distribution: str = "Never") -> HostIoLimits | None:
        """Read what the service reports of a storage group; each limit is a number in text, `NOLIMIT`, or 0 for none.

        Returns:
            None if the group has no limits.

        Raises:
            InvalidRequest: a value is neither.
        """
        limits = _reported("host_io_limit_io_sec", iops), _reported("host_io_limit_mb_sec", megabytes_per_second)
        return None if limits == (None, None) else cls(*limits, Distribution.parse(distribution))

    def __str__(self) -> str:
        iops = "any number of" if self.iops is None else str(self.iops)
        rate = "any number of" if self.megabytes_per_second is None else str(self.megabytes_per_second)
        return f"{iops} IO/s, {rate} MB/s, dynamic distribution {self.distribution.value}"


def _reported(field: str, text: str) -> int | None:
    if text.strip().upper() == _NO_LIMIT:
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidRequest(field, text, f"the array reports a number or {_NO_LIMIT}")
    return int(text) or None


@attrs.frozen
class QosSpecs:
    """A QoS specification as Cinder associates it with a volume type.

    Attributes:
        specs: keys and values; keys that are not known here are for somebody else.
        consumer: who enforces it: `back-end`, `front-end` or `both`.
    """

    specs: Mapping[str, str] = attrs.field(hash=False)
    consumer: str = "back-end"


@attrs.frozen
class _LimitRule:
    """A key of a QoS specification, and which numbers it takes."""

    key: str
    unit: str
    lowest: int
    highest: int

    def read(self, specs: Mapping[str, str]) -> int | None:
        """The number, or None if the key is absent.

        Raises:
            InvalidRequest: it is no whole number in the range.
        """
        if self.key not in specs:
            return None
        text = str(specs[self.key]).strip()
        if not _NUMBER.fullmatch(text) or not self.lowest <= int(text) <= self.highest:
            rule = f"give a whole number of {self.unit} from {self.lowest} to {self.highest}"
            raise InvalidRequest(self.key, specs[self.key], rule)
        return int(text)


_HIGHEST_IOPS: Final = 100_000
_HIGHEST_MEGABYTES: Final = 100_000
_IOPS: Final = _LimitRule("total_iops_sec", "I/O operations a second", 100, _HIGHEST_IOPS)
_BANDWIDTH: Final = _LimitRule(
    "total_bytes_sec", "bytes a second", 1 * _BYTES_PER_MEGABYTE, _HIGHEST_MEGABYTES * _BYTES_PER_MEGABYTE
)
#: The same for those who count as the array does, by the names that they know.
_IOPS_BY_HAND: Final = attrs.evolve(_IOPS, key="iops")
_MEGABYTES_BY_HAND: Final = _LimitRule("mbps", "megabytes a second", 1, _HIGHEST_MEGABYTES)


def read_qos(qos: QosSpecs) -> tuple[HostIoLimits | None, tuple[InvalidRequest, ...]]:
    """Take a specification apart as far as it can be understood.

    The array counts megabytes, so a bandwidth that is not a whole number of them is rounded down, as the upstream
    driver does. A distribution type alone limits nothing (use case 4 of the manual); one that is absent means Never,
    the array's own default.

    Returns:
        The limits, None if there is nothing for the array to enforce; and one problem for each wrong value, which then
        counts as absent.
    """
    if qos.consumer == _FRONT_END:
        return None, ()
    problems: list[InvalidRequest] = []
    numbers: list[int | None] = []
    for rule in (_IOPS, _BANDWIDTH):
        try:
            numbers.append(rule.read(qos.specs))
        except InvalidRequest as problem:
            problems.append(problem)
            numbers.append(None)
    distribution = Distribution.NEVER
    try:
        distribution = Distribution.parse(str(qos.specs.get(DISTRIBUTION_KEY, distribution.value)))
    except InvalidRequest as problem:
        problems.append(problem)
    iops, bandwidth = numbers
    if iops is None and bandwidth is None:
        return None, tuple(problems)
    megabytes = None if bandwidth is None else bandwidth // _BYTES_PER_MEGABYTE
    return HostIoLimits(iops, megabytes, distribution), tuple(problems)


def limits_change(current: HostIoLimits | None, wanted: HostIoLimits | None) -> HostIoLimits | None:
    """What must be set on a storage group.

    Args:
        current: what it has.
        wanted: what a volume type asks for; None leaves alone what is there, since volumes of other types may share
            the group.

    Returns:
        The whole state to set, in which None removes a limit; None if nothing has to change. A difference in the
        distribution alone is a difference.
    """
    return None if wanted == current else wanted


def limits_by_hand(texts: Mapping[str, str]) -> HostIoLimits | None:
    """Limits as an administrator writes them.

    Args:
        texts: `iops`, `mbps` in units of 1,048,576 bytes, and `distribution`; an absent limit is none, and an absent
            distribution is Never.

    Raises:
        InvalidRequest: with every wrong value, its range and its unit.
    """
    problems: list[InvalidRequest] = []
    numbers: list[int | None] = []
    for rule in (_IOPS_BY_HAND, _MEGABYTES_BY_HAND):
        try:
            numbers.append(rule.read(texts))
        except InvalidRequest as problem:
            problems.append(problem)
    raise_all(tuple(problems), "limits")
    iops, megabytes = numbers
    if iops is None and megabytes is None:
        return None
    return HostIoLimits(iops, megabytes, Distribution.parse(texts.get("distribution", Distribution.NEVER.value)))
