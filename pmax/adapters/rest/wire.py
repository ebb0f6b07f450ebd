"""Replies whose shape is not that of the domain: other nesting, other keys on other arrays, two sources for one fact.

Each class has the fields that are read and a method that makes the domain's value of them. How JSON gets into them is
the business of `converter`. Source: unisphere-rest.md, the section that each docstring names.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import ip_interface
from typing import Final

import attrs

from pmax.domain.arrays import Array, Microcode
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import DirectorPort, PortKey
from pmax.domain.srdf import RdfGroupName, RdfPair
from pmax.domain.srps import StorageResourcePool

_GIB_PER_TIB: Final = 1024


@attrs.frozen(kw_only=True)
class ArrayReply:
    """An array (6.2). V4 arrays report `microcode` where older ones report `ucode`."""

    symmetrix_id: ArrayId
    model: str
    ucode: str | None = None
    microcode: str | None = None
    all_flash: bool | None = None
    is_local: bool = True

    def to_domain(self) -> Array:
        """Make the value.

        Raises:
            ValueError: neither key of the microcode was there.
        """
        code = self.ucode or self.microcode
        if code is None:
            raise ValueError("neither 'ucode' nor 'microcode' is there")
        return Array(
            array_id=self.symmetrix_id,
            model=self.model,
            microcode=Microcode.parse(code),
            is_all_flash=self.all_flash,
            is_local=self.is_local,
        )


@attrs.frozen(kw_only=True)
class SrpCapacity:
    """Figures of a pool of an array before V4 (6.3), in TB of 1024 GB."""

    usable_total_tb: float
    subscribed_total_tb: float
    usable_used_tb: float | None = None
    effective_used_capacity_percent: float | None = None

    def used_tb(self) -> float:
        """What is taken; out of the percentage where the service leaves the figure itself out (11.5)."""
        if self.usable_used_tb is not None:
            return self.usable_used_tb
        if self.effective_used_capacity_percent is not None:
            return self.usable_total_tb * self.effective_used_capacity_percent / 100
        raise ValueError("neither 'usable_used_tb' nor 'effective_used_capacity_percent' is there")


@attrs.frozen(kw_only=True)
class EffectiveCapacity:
    """`fba_srp_capacity.effective` of a V4 array (6.3)."""

    total_tb: float
    used_tb: float


@attrs.frozen(kw_only=True)
class ProvisionedCapacity:
    """`fba_srp_capacity.provisioned` of a V4 array (6.3); that nesting is inferred there."""

    provisioned_tb: float


@attrs.frozen(kw_only=True)
class FbaSrpCapacity:
    """Figures of a pool of a V4 array (6.3)."""

    effective: EffectiveCapacity
    provisioned: ProvisionedCapacity | None = None


@attrs.frozen(kw_only=True)
class SrpReply:
    """A storage resource pool (6.3)."""

    array_id: ArrayId
    name: str
    reserved_percent: int = 0
    capacity: SrpCapacity | None = None
    fba_capacity: FbaSrpCapacity | None = None

    def to_domain(self) -> StorageResourcePool:
        """Make the value.

        A V4 array that does not report what it has provisioned is taken to have promised what is used, as the upstream
        driver does for all of them.

        Raises:
            ValueError: neither form of the capacity was there.
        """
        if self.capacity is not None:
            total, used = self.capacity.usable_total_tb, self.capacity.used_tb()
            subscribed = self.capacity.subscribed_total_tb
        elif self.fba_capacity is not None:
            total, used = self.fba_capacity.effective.total_tb, self.fba_capacity.effective.used_tb
            provisioned = self.fba_capacity.provisioned
            subscribed = provisioned.provisioned_tb if provisioned else used
        else:
            raise ValueError("neither 'srp_capacity' nor 'fba_srp_capacity' is there")
        return StorageResourcePool(
            array_id=self.array_id,
            name=self.name,
            total_gib=total * _GIB_PER_TIB,
            used_gib=used * _GIB_PER_TIB,
            subscribed_gib=subscribed * _GIB_PER_TIB,
            reserved_percent=self.reserved_percent,
        )


@attrs.frozen(kw_only=True)
class PortDetail:
    """A front-end port, one level below its reply (6.11). `tcp_port` comes from 100 on."""

    key: PortKey
    port_status: str
    director_status: str
    identifier: str = ""
    ip_addresses: tuple[str, ...] = ()
    tcp_port: int | None = None


@attrs.frozen(kw_only=True)
class PortReply:
    """The reply around it."""

    port: PortDetail

    def to_domain(self) -> DirectorPort:
        """Make the value. A port is online only if its director is too.

        Raises:
            ValueError: an address is none.
        """
        detail = self.port
        return DirectorPort(
            key=detail.key,
            identifier=detail.identifier,
            ip_addresses=tuple(str(ip_interface(address).ip) for address in detail.ip_addresses),
            is_online=detail.port_status.lower() == "on" and detail.director_status.lower() == "online",
            tcp_port=detail.tcp_port,
        )


@attrs.frozen(kw_only=True)
class ListedVolume:
    """An element of a list of volumes (4.1)."""

    device_id: DeviceId


@attrs.frozen(kw_only=True)
class ConnectionsReply:
    """Paths of a masking view (6.12), each as JSON: some are not whole yet. Without a path the key may be missing."""

    rows: tuple[object, ...] = ()


@attrs.frozen(kw_only=True)
class RdfGroupList:
    """RDF groups of an array (6.16)."""

    groups: tuple[RdfGroupName, ...] = ()


@attrs.frozen(kw_only=True)
class NewPairs:
    """Pairs that were just made (6.17)."""

    pairs: tuple[RdfPair, ...] = ()


@attrs.frozen(kw_only=True)
class ResultList:
    """A piece of a long list (4.1). Positions count from one and include both ends; an empty list has zeros.

    Attributes:
        first: position of the first result of the piece in the whole list.
        last: likewise of the last.
        results: each as JSON, since what they are depends on the list.
    """

    first: int
    last: int
    results: tuple[object, ...]


@attrs.frozen(kw_only=True)
class ArrayKey:
    """Of which time there are performance figures of an array (6.20), in milliseconds since 1970."""

    array_id: ArrayId
    last_available: int


@attrs.frozen(kw_only=True)
class ArrayKeys:
    """The arrays of which there are performance figures (6.20)."""

    arrays: tuple[ArrayKey, ...] = ()


@attrs.frozen(kw_only=True)
class IteratorReply:
    """The beginning of a long list (4.1).

    Attributes:
        iterator_id: under which the rest can be asked for.
        count: results in the whole list.
        page_size: most results of one piece.
        page: the first piece.
    """

    iterator_id: str
    count: int
    page_size: int
    page: ResultList


class JobState(Enum):
    """What the status of a job means (3.3)."""

    GOING = "going"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_FAILED: Final = frozenset({"FAILED", "ABORTED", "VALIDATE_FAILED", "INVALID"})


@attrs.frozen(kw_only=True)
class JobTask:
    """One task of a job, described in words (3.2)."""

    description: str = ""


@attrs.frozen(kw_only=True)
class JobReply:
    """A job (3.2)."""

    job_id: str
    status: str
    result: str = ""
    name: str = ""
    resource_link: str = ""
    tasks: tuple[JobTask, ...] = ()

    @property
    def state(self) -> JobState:
        """What the status means. One that is not known says nothing about the end, so the job counts as going."""
        status = self.status.upper()
        if status == "SUCCEEDED":
            return JobState.SUCCEEDED
        return JobState.FAILED if status in _FAILED else JobState.GOING
