"""Policies: what a volume type and the configuration say about a volume, read once into a frozen value.

The type goes before the configuration, and the configuration before the array's default. The array and the SRP are
always the configured ones: a type that names others is refused, where upstream silently used the configured ones.
Every mistake is found in one go. Source: the manual, sections 6, 9 and 11; driver-provisioning.md 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest
from pmax.domain.extra_specs import (
    DISABLE_PROTECTED_SNAPSHOTS,
    MULTIATTACH,
    POOL_NAME,
    REPLICATION_BACKEND,
    REPLICATION_ENABLED,
    ExtraSpecsReader,
)
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import GroupTraits
from pmax.domain.problems import raise_all
from pmax.domain.qos import HostIoLimits, QosSpecs, read_qos
from pmax.domain.service_levels import (
    default_service_level,
    offered_service_levels,
    offered_workloads,
    service_level_problems,
    unless_none,
)


@attrs.frozen(kw_only=True)
class PolicyDefaults:
    """What the configuration says, or who goes before it.

    Attributes:
        srp: storage resource pool.
        service_level: for types that name no pool; None if the configuration names none, "None" if it names that.
        workload: likewise.
        equivalent_pools: other SRPs and arrays that a type may name. After a failover types still name the primary
            array, and before it they may name the secondary one.
        said_by: who names service level and workload, for what is told about them.
    """

    srp: str
    service_level: str | None = None
    workload: str | None = None
    equivalent_pools: frozenset[tuple[str, ArrayId]] = frozenset()
    said_by: str = "the configuration"


@attrs.frozen(kw_only=True)
class VolumePolicy:
    """How a volume is to be kept.

    Attributes:
        srp: storage resource pool.
        service_level: None for none.
        workload: None for none.
        compression_disabled: only ever True on an array that can compress, and with a service level.
        port_group: that the type names; None leaves the choice to the configuration.
        storage_group_tags: for the child groups that are made at attach.
        multiattach: whether several hosts may see it at a time.
        replication_enabled: whether SRDF replicates it.
        replication_suffix: what the mode of that device adds to the names of storage groups; the engine fills it in.
        replication_backend: which replication device does so; None for the only one, or the one that is the default.
        limits: host I/O limits; None for none.
        protected_snapshots_disabled: whether copies of a replicated volume are not replicated themselves.
    """

    srp: str
    service_level: str | None = None
    workload: str | None = None
    compression_disabled: bool = False
    port_group: str | None = None
    storage_group_tags: tuple[str, ...] = ()
    multiattach: bool = False
    replication_enabled: bool = False
    replication_suffix: str = ""
    replication_backend: str | None = None
    limits: HostIoLimits | None = None
    protected_snapshots_disabled: bool = False

    @property
    def for_copies(self) -> VolumePolicy:
        """How a volume of this type is kept that is made out of another."""
        if not (self.replication_enabled and self.protected_snapshots_disabled):
            return self
        return attrs.evolve(self, replication_enabled=False, replication_suffix="")

    @property
    def traits(self) -> GroupTraits:
        """What decides in which storage group the volume belongs."""
        return GroupTraits(
            srp=self.srp,
            service_level=self.service_level,
            workload=self.workload,
            compression_disabled=self.compression_disabled,
            replication_suffix=self.replication_suffix,
        )


@attrs.frozen(kw_only=True)
class PolicyReading:
    """A policy as far as it could be read.

    Who creates or changes a volume refuses one with problems. Who takes a volume away must not: a volume of a type that
    has become invalid since must still be detached and deleted.

    Attributes:
        policy: with wrong values left out, and a service level as written.
        problems: one for each mistake.
        warnings: what is valid and has no effect, in words.
    """

    policy: VolumePolicy
    problems: tuple[InvalidRequest, ...]
    warnings: tuple[str, ...]


def read_policy(
    extra_specs: Mapping[str, str],
    qos: QosSpecs | None,
    defaults: PolicyDefaults,
    array: Array,
    service_levels: tuple[str, ...],
    workloads: tuple[str, ...],
) -> PolicyReading:
    """Read a volume type as far as it can be understood; arguments as for `parse_policy`."""
    reader = ExtraSpecsReader(extra_specs, array)
    service_level, workload = _level(reader, defaults, array, service_levels, workloads)
    limits, qos_problems = read_qos(qos) if qos else (None, ())
    policy = VolumePolicy(
        srp=defaults.srp,
        service_level=service_level,
        workload=workload,
        compression_disabled=reader.compression_disabled(service_level),
        port_group=reader.port_group(),
        storage_group_tags=reader.tags(),
        multiattach=reader.flag(MULTIATTACH),
        replication_enabled=reader.flag(REPLICATION_ENABLED),
        replication_backend=reader.text(REPLICATION_BACKEND),
        limits=limits,
        protected_snapshots_disabled=reader.flag(DISABLE_PROTECTED_SNAPSHOTS),
    )
    return PolicyReading(policy=policy, problems=(*reader.problems, *qos_problems), warnings=tuple(reader.warnings))


def _level(
    reader: ExtraSpecsReader,
    defaults: PolicyDefaults,
    array: Array,
    service_levels: tuple[str, ...],
    workloads: tuple[str, ...],
) -> tuple[str | None, str | None]:
    """Service level and workload by precedence; problems and warnings go to the reader."""
    offered = offered_service_levels(array, service_levels)
    pool = reader.pool(defaults.srp, defaults.equivalent_pools)
    source, workload = defaults.said_by, unless_none(defaults.workload)
    if pool is not None:
        source, service_level, workload = f"{POOL_NAME} {pool}", pool.service_level, pool.workload
    elif defaults.service_level:
        service_level = unless_none(defaults.service_level)
    else:
        service_level = default_service_level(offered)
        if workload is not None and array.supports_workloads:
            # It refines the service level beside which it stands, never one that the array chooses.
            rule = "the configuration names no service level for it: set powermax_service_level, or remove the workload"
            reader.problems.append(InvalidRequest("workload", workload, rule))
            workload = None
    if workload is not None and not array.supports_workloads:
        reader.warnings.append(
            f"workload {workload} of {source} has no effect: array {array.array_id} runs microcode "
            f"{array.microcode}, and workloads ended with 5978"
        )
        workload = None
    offered_here = offered_workloads(array, workloads)
    for problem in service_level_problems(array, service_level, workload, offered, offered_here):
        reader.problems.append(attrs.evolve(problem, rule=f"{problem.rule} (it stands in {source})"))
    return service_level, workload


def parse_policy(
    extra_specs: Mapping[str, str],
    qos: QosSpecs | None,
    defaults: PolicyDefaults,
    array: Array,
    service_levels: tuple[str, ...],
    workloads: tuple[str, ...],
) -> tuple[VolumePolicy, tuple[str, ...]]:
    """Read a volume type.

    Args:
        extra_specs: of the type; empty for a volume without one.
        qos: the specification associated with the type; None if there is none.
        defaults: what the configuration says.
        array: on which the volume is or will be.
        service_levels: names as the array lists them.
        workloads: names as the array lists them.

    Returns:
        The policy, and warnings in words: what is valid and has no effect.

    Raises:
        InvalidRequest: with every mistake.
    """
    reading = read_policy(extra_specs, qos, defaults, array, service_levels, workloads)
    raise_all(reading.problems, "extra specs")
    return reading.policy, reading.warnings
