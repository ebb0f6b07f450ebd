"""What `pmax doctor` looks at beside what new volumes need: licences, SRDF groups, and times that must fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pmax.adapters.cli.findings import Finding, State
from pmax.domain.arrays import Feature
from pmax.domain.errors import PmaxError
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.settings import Settings
from pmax.ports.readers import Readers

_NEEDED_FOR: Final = {
    Feature.SNAPVX: "snapshots, clones and groups of volumes",
    Feature.SRDF: "replicated volumes",
}


def check_features(settings: Settings, readers: Readers) -> Iterator[Finding]:
    """Whether the array is licensed for what is, or may be, asked of it."""
    try:
        features = readers.arrays.list_features(settings.array_id)
    except PmaxError as error:
        yield Finding("licences", State.WARNING, f"they cannot be read: {error}", "look at them in Unisphere")
        return
    for feature, purpose in _NEEDED_FOR.items():
        if feature in features:
            yield Finding("licences", State.FINE, f"{feature.value} is licensed")
        elif feature is Feature.SRDF and not settings.replication_devices:
            yield Finding("licences", State.FINE, f"{feature.value} is not licensed, and no volume is to be replicated")
        else:
            state = State.FAILED if feature is Feature.SRDF else State.WARNING
            what = f"{feature.value} is not licensed, which {purpose} need"
            yield Finding("licences", state, what, "license it, or do without")


def check_replication(settings: Settings, readers: Readers) -> Iterator[Finding]:
    """Whether each replication device has an SRDF group between the right arrays."""
    for device in settings.replication_devices:
        try:
            yield _rdf_group(device, settings, readers)
        except PmaxError as error:
            yield Finding("SRDF groups", State.FAILED, str(error), "see that both arrays are known to Unisphere")


def _rdf_group(device: ReplicationDevice, settings: Settings, readers: Readers) -> Finding:
    label, remote = device.rdf_group_label, device.target_array_id
    group = readers.replication.find_rdf_group_by_label(settings.array_id, label)
    if group is None:
        what = f"array {settings.array_id} has no SRDF group {label}"
        return Finding("SRDF groups", State.FAILED, what, "make it in Unisphere, or correct rdf_group_label")
    if group.remote_array_id != remote:
        what = f"SRDF group {label} leads to array {group.remote_array_id}, not to {remote}"
        return Finding("SRDF groups", State.FAILED, what, "correct target_device_id or rdf_group_label")
    return Finding("SRDF groups", State.FINE, f"{label} (number {group.number}) leads to array {remote}")


def check_times(settings: Settings, rpc_response_timeout_s: float | None) -> Iterator[Finding]:
    """Whether who waits for an answer waits at least as long as the answer may take.

    Args:
        settings: of the backend.
        rpc_response_timeout_s: how long Cinder's callers wait; None where Cinder has no part in it.
    """
    times = settings.timeouts
    if times.write_s > settings.operation_timeout_s:
        what = f"one change may take {times.write_s:g} s, and a whole operation only {settings.operation_timeout_s:g} s"
        yield Finding("time-outs", State.WARNING, what, "make pmax_operation_timeout larger than pmax_write_timeout")
    if rpc_response_timeout_s is None:
        yield Finding("time-outs", State.FINE, f"an operation may take {settings.operation_timeout_s:g} s")
        return
    longest_s = settings.settle_timeout_s + times.read_s
    if longest_s > rpc_response_timeout_s:
        what = f"an attach may wait {longest_s:g} s for its LUN address, and Nova waits {rpc_response_timeout_s:g} s"
        remedy = f"set rpc_response_timeout in [DEFAULT] to {longest_s + times.read_s:g} or more, here and for Nova"
        yield Finding("time-outs", State.WARNING, what, remedy)
    else:
        yield Finding("time-outs", State.FINE, f"rpc_response_timeout is {rpc_response_timeout_s:g} s, which is enough")
