"""Built-in plugin: tells, in the debug log, where each volume is that an operation has just changed.

It bridges the gap between what users see of a volume and what the array knows of it: one table after each operation,
with the keys of the manual. It listens, and asks nobody: what no event told since the process began is left out.
Whether it is on changes nothing else. Source: the manual, section 16; driver-provisioning.md 8.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pmax.domain import commands
from pmax.domain.capacity import Capacity
from pmax.domain.events import OperationFailed, OperationStarted, OperationSucceeded, Origin
from pmax.domain.naming import MANAGED_PREFIX, parse_default_storage_group
from pmax.domain.plans import MoveVolume, Plan, RemoveVolume
from pmax.domain.policies import VolumePolicy
from pmax.domain.service_levels import NONE_IN_NAMES
from pmax.domain.volumes import VolumeTarget
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.signals import Signals

_log = logging.getLogger(__name__)

#: Every key of the manual's table, in the order in which they are shown.
KEYS: Final = (
    "successful_operation",
    "volume_id",
    "openstack_name",
    "identifier_name",
    "volume_size",
    "device_id",
    "default_sg_name",
    "service_level",
    "workload",
    "srp",
    "is_compression_disabled",
    "serial_number",
    "storage_model",
    "storage_firmware_version",
    "unisphere_for_powermax_version",
    "powermax_cinder_driver_version",
    "openstack_version",
    "openstack_release",
    "platform",
    "python_version",
    "volume_updated_time",
)
#: What the upstream driver calls each operation; those that it does not log are called after its others.
_OPERATIONS: Final[Mapping[type, str]] = MappingProxyType(
    {
        commands.CreateVolume: "create",
        commands.DeleteVolume: "delete",
        commands.ExtendVolume: "extend",
        commands.AttachVolume: "attach",
        commands.DetachVolume: "detach",
        commands.ManageVolume: "manage_existing_volume",
        commands.UnmanageVolume: "unmanage_volume",
        commands.CloneVolume: "createFromVolume",
        commands.CreateVolumeFromSnapshot: "createFromSnapshot",
        commands.RetypeVolume: "retype",
        commands.CreateSnapshot: "createSnapshot",
        commands.DeleteSnapshot: "deleteSnapshot",
        commands.RevertToSnapshot: "revertToSnapshot",
        commands.ManageSnapshot: "manageSnapshot",
        commands.UnmanageSnapshot: "unmanageSnapshot",
    }
)
_HEADING: Final = ("Key", "Value")
#: How many volumes are remembered, so that a service that runs for months does not remember all that ever were.
_REMEMBERED: Final = 10_000

Row = dict[str, str]


class MetadataLog:
    """Remembers what operations told of each volume, and writes a table after each."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Row] = OrderedDict()
        self._groups: dict[str, str] = {}

    def started(self, event: OperationStarted) -> None:
        """Remember which storage group a volume is about to leave: afterwards nobody could tell."""
        group = _group_left(event.plan)
        if group is not None and _log.isEnabledFor(logging.DEBUG):
            self._groups[event.operation_id] = group

    def failed(self, event: OperationFailed) -> None:
        """Forget it again."""
        self._groups.pop(event.operation_id, None)

    def succeeded(self, event: OperationSucceeded) -> None:
        """Write the table."""
        group = self._groups.pop(event.operation_id, None)
        if not _log.isEnabledFor(logging.DEBUG):
            return
        told = _told_by(event.request, event.result)
        if not told:
            return
        volume_id = event.origin.volume_id or told["identifier_name"].removeprefix(MANAGED_PREFIX)
        row = {
            **self._known.pop(volume_id, _of_group(group, event.origin)),
            **told,
            **event.origin.facts,
            "volume_id": volume_id,
        }
        if event.origin.name:
            row["openstack_name"] = event.origin.name
        row["volume_updated_time"] = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.at_s))
        if not isinstance(event.request, commands.DeleteVolume | commands.UnmanageVolume):
            self._remember(volume_id, row)
        _log.debug("volume metadata\n%s", table_of(row))

    def _remember(self, volume_id: str, row: Row) -> None:
        self._known[volume_id] = row
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _group_left(plan: Plan) -> str | None:
    for step in plan.steps:
        match step:
            case MoveVolume(source=group) | RemoveVolume(storage_group=group):
                return group
    return None


def _of_group(name: str | None, origin: Origin) -> Row:
    """What the name of a default storage group tells of the volume that was in it, to who knows the SRP."""
    srp = origin.facts.get("srp", "")
    traits = parse_default_storage_group(name, srp, ()) if name and srp else None
    if name is None or traits is None:
        return {}
    policy = VolumePolicy(
        srp=traits.srp,
        service_level=traits.service_level,
        workload=traits.workload,
        compression_disabled=traits.compression_disabled,
    )
    return {"default_sg_name": name, **_of_policy(policy)}


def _told_by(request: object, result: object) -> Row:
    """What an operation tells of its volume; empty for those that are about something else."""
    operation = _OPERATIONS.get(type(request))
    if operation is None:
        return {}
    row: Row = {"successful_operation": operation}
    match result:
        case commands.VolumeCreation() | commands.VolumeManagement():
            row |= _of_made(result)
        case commands.VolumeCopy(creation=creation):
            row |= _of_made(creation)
    target, policy, size = _target_of(request), _policy_of(request), _size_of(request, result)
    if target is not None:
        row |= _of_target(target)
    if policy is not None:
        row |= _of_policy(policy)
    if size is not None:
        row["volume_size"] = str(size.whole_gib)
    return row


def _target_of(request: object) -> VolumeTarget | None:
    """The volume that an operation is about, where it exists before."""
    match request:
        case (
            commands.ExtendVolume(target=target)
            | commands.DeleteVolume(target=target)
            | commands.UnmanageVolume(target=target)
            | commands.RetypeVolume(target=target)
            | commands.AttachVolume(target=target)
            | commands.DetachVolume(target=target)
            | commands.CreateSnapshot(volume=target)
            | commands.ManageSnapshot(source=target)
            | commands.UnmanageSnapshot(source=target)
        ):
            return target
        case commands.DeleteSnapshot(target=snapshot) | commands.RevertToSnapshot(target=snapshot):
            return snapshot.volume
    return None


def _policy_of(request: object) -> VolumePolicy | None:
    """How the volume is kept after an operation, where that is said."""
    match request:
        case (
            commands.CreateVolume(policy=policy)
            | commands.CloneVolume(policy=policy)
            | commands.CreateVolumeFromSnapshot(policy=policy)
            | commands.ManageVolume(policy=policy)
            | commands.RetypeVolume(after=policy)
            | commands.AttachVolume(policy=policy)
            | commands.DetachVolume(policy=policy)
        ):
            return policy
    return None


def _size_of(request: object, result: object) -> Capacity | None:
    """The size of the volume after an operation, where that is said."""
    match request, result:
        case (
            (
                commands.CreateVolume(capacity=size)
                | commands.CloneVolume(capacity=size)
                | commands.CreateVolumeFromSnapshot(capacity=size)
                | commands.ExtendVolume(capacity=size)
            ),
            _,
        ):
            return size
        case _, commands.VolumeManagement(capacity=size):
            return size
    return None


def _of_made(result: commands.VolumeCreation | commands.VolumeManagement) -> Row:
    return {
        "identifier_name": result.identifier,
        "device_id": result.device_id,
        "default_sg_name": result.storage_group,
        "serial_number": result.array_id,
    }


def _of_target(target: VolumeTarget) -> Row:
    row: Row = {"device_id": target.device_id, "serial_number": target.array_id}
    row["identifier_name"] = target.identifiers[0] if target.identifiers else ""
    return row


def _of_policy(policy: VolumePolicy) -> Row:
    return {
        "srp": policy.srp,
        "service_level": str(policy.service_level),
        "workload": policy.workload or NONE_IN_NAMES,
        "is_compression_disabled": "yes" if policy.compression_disabled else "no",
    }


def table_of(row: Row) -> str:
    """A row as a table of two columns, as the manual shows it; what is not known is left out."""
    lines = [_HEADING, *((key, row[key]) for key in KEYS if row.get(key))]
    widths = [max(len(line[column]) for line in lines) for column in range(2)]
    rule = f"+{'-' * (widths[0] + 2)}+{'-' * (widths[1] + 2)}+"
    drawn = [f"| {key:<{widths[0]}} | {value:<{widths[1]}} |" for key, value in lines]
    return "\n".join((rule, drawn[0], rule, *drawn[1:], rule))


@hookimpl
def pmax_connect_listeners(signals: Signals) -> None:
    """Listen to operations, with a memory of this engine's own."""
    listener = MetadataLog()
    signals.operation_started.connect(listener.started)
    signals.operation_failed.connect(listener.failed)
    signals.operation_succeeded.connect(listener.succeeded)
