"""Replication devices against the arrays: what the configuration names and the arrays do not have. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pmax.domain.errors import InvalidRequest
from pmax.domain.replication_devices import OPTION, ReplicationDevice
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.settings import Settings
from pmax.plugins.context import PluginAnswers
from pmax.ports.readers import Readers


def replication_problems(settings: Settings, plugins: PluginAnswers, readers: Readers) -> tuple[str, ...]:
    """Everything that is wrong with the replication devices, one sentence each, naming the key; empty when nothing is.

    A target array that Unisphere does not see at the moment is no problem of the configuration, and not looked at; nor
    is anything while the backend is failed over, since the other array may be lost.

    Raises:
        PmaxError: an array could not be read.
    """
    return () if settings.failed_over_from else tuple(_problems(settings, plugins, readers))


def _problems(settings: Settings, plugins: PluginAnswers, readers: Readers) -> Iterator[str]:
    modes: list[str] = []
    visible = readers.arrays.list_arrays() if settings.replication_devices else ()
    for device in settings.replication_devices:
        try:
            mode = plugins.replication_mode(device.mode)
        except InvalidRequest as error:
            yield str(error)
            continue
        modes.append(mode.name)
        yield from _of_rdf_group(settings, device, mode, readers)
        if device.target_array_id in visible:
            yield from _of_target(device, readers)
    for name, count in Counter(modes).items():
        if count > 1:
            yield f"{OPTION}: {count} devices have the mode {name}, and each needs a mode of its own"


def _of_rdf_group(
    settings: Settings, device: ReplicationDevice, mode: ReplicationMode, readers: Readers
) -> Iterator[str]:
    label = device.rdf_group_label
    group = readers.replication.find_rdf_group_by_label(settings.array_id, label)
    if group is None:
        known = ", ".join(each.label for each in readers.replication.list_rdf_groups(settings.array_id)) or "none"
        yield (
            f"{OPTION} rdf_group_label {label!r} is no RDF group of array {settings.array_id}, which has {known}: "
            "correct it, or make the group"
        )
        return
    if group.remote_array_id != device.target_array_id:
        yield (
            f"{OPTION} rdf_group_label {label!r} leads to array {group.remote_array_id}, and target_device_id is "
            f"{device.target_array_id}"
        )
    others = sorted(set(group.modes) - {mode.expected_mode})
    if others:
        yield (
            f"{OPTION} rdf_group_label {label!r} holds pairs in mode {', '.join(others)}, so volumes cannot be "
            f"replicated in it in mode {mode.name}"
        )


def _of_target(device: ReplicationDevice, readers: Readers) -> Iterator[str]:
    array = device.target_array_id
    pools = readers.arrays.list_srps(array)
    if device.remote_srp not in pools:
        known = ", ".join(pools) or "none"
        yield f"{OPTION} remote_pool {device.remote_srp!r} is no storage resource pool of array {array}: it has {known}"
    if readers.masking.find_port_group(array, device.remote_port_group) is None:
        yield f"{OPTION} remote_port_group {device.remote_port_group!r} is no port group of array {array}"
