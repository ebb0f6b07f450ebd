"""Settings against plugins and array: what the configuration names and they do not have. Reads only."""

from __future__ import annotations

from collections.abc import Iterator

from pmax.domain.errors import CertificateRefused, CredentialsRejected, InvalidRequest
from pmax.domain.service_levels import (
    offered_service_levels,
    offered_workloads,
    service_level_problems,
    unless_none,
)
from pmax.domain.settings import Settings
from pmax.plugins.context import PluginAnswers
from pmax.plugins.manager import PluginManager
from pmax.plugins.replication_checks import replication_problems
from pmax.ports.readers import Readers


def plugin_problems(plugins: PluginManager, protocol: str) -> tuple[str, ...]:
    """What is wrong with the plugins that are blocked, one sentence each; empty when nothing is.

    Args:
        plugins: those that there are.
        protocol: the one that the backend needs.
    """
    option, problems = "pmax_blocked_plugins", []
    for name in plugins.blocked_in_vain:
        known = ", ".join(plugins.names())
        problems.append(f"{option} names {name!r}, which is no plugin: correct or remove it; loaded are {known}")
    if protocol not in plugins.protocols():
        blocked = ", ".join(plugins.blocked) or "none"
        remedy = f"remove that plugin from {option}, which has {blocked}, or install it"
        problems.append(f"no plugin brings the protocol {protocol}: {remedy}")
    return tuple(problems)


def setup_problems(settings: Settings, plugins: PluginAnswers, readers: Readers) -> tuple[str, ...]:
    """Everything that is wrong, one sentence each; empty when nothing is.

    Raises:
        Unavailable: Unisphere gave no answer, so nothing can be said yet.
        PmaxError: it answered with something else that is no fault of the configuration.
    """
    try:
        arrays = readers.arrays.list_arrays()
    except (CredentialsRejected, CertificateRefused, InvalidRequest) as error:  # the last: a version that is too old
        return (str(error),)
    if settings.array_id not in arrays:
        known = ", ".join(arrays) or "no array"
        return (f"powermax_array {settings.array_id!r} is not an array of this Unisphere, which manages {known}",)
    return (*_array_problems(settings, readers), *replication_problems(settings, plugins, readers))


def _array_problems(settings: Settings, readers: Readers) -> Iterator[str]:
    pools = readers.arrays.list_srps(settings.array_id)
    if settings.srp not in pools:
        known = ", ".join(pools) or "none"
        yield f"powermax_srp {settings.srp!r} is not a storage resource pool of the array, which has {known}"
    array = readers.arrays.get_array(settings.array_id)
    levels = offered_service_levels(array, readers.arrays.list_service_levels(settings.array_id))
    workloads = offered_workloads(array, readers.arrays.list_workloads(settings.array_id))
    # Newer arrays have no workloads: one that is configured for an older array is ignored there, and no mistake.
    level, workload = (unless_none(name) for name in (settings.service_level, settings.workload))
    if not array.supports_workloads:
        workload = None
    for problem in service_level_problems(array, level, workload, levels, workloads):
        yield f"powermax_service_level and powermax_workload: {problem}"
    for name in settings.port_groups:
        if readers.masking.find_port_group(settings.array_id, name) is None:
            yield f"powermax_port_groups names {name!r}, which is no port group of the array: correct or make it"
