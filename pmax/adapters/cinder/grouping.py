"""Generic volume groups as Cinder keeps them → targets of commands; and which of them are this driver's.

A group is the driver's if its type says that it is snapped or replicated as one. All others are Cinder's own: the
driver says that it does not implement them, and Cinder goes through their volumes one by one. Source: the manual,
"Generic volume group support"; driver-attach-replication.md 8.1.
"""

from __future__ import annotations

from typing import Final

from cinder import objects
from cinder.objects.fields import ReplicationStatus
from cinder.volume import volume_utils

from pmax.adapters.cinder.extra_specs import load, type_policy
from pmax.domain.errors import IllegalTransition, InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.policies import VolumePolicy
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.engine import Engine
from pmax.plugins.replication_choice import find_replication

SNAPPED_AS_ONE: Final = "consistent_group_snapshot_enabled"

#: What to do before volumes may join a group whose replication is in this state.
_INSTEAD: Final = {
    ReplicationStatus.DISABLED: "enable it first",
    ReplicationStatus.FAILED_OVER: "fail it back first, with the target default",
}


def is_snapped_as_one(group: objects.Group) -> bool:
    """Whether snapshots of all volumes of the group are of one moment."""
    return bool(volume_utils.is_group_a_type(group, SNAPPED_AS_ONE))


def is_ours(group: objects.Group) -> bool:
    """Whether the driver takes care of a group."""
    return is_snapped_as_one(group) or bool(group.is_replicated)


def require_ours(group: objects.Group) -> None:
    """Leave groups to Cinder whose type asks for nothing that the array does with groups.

    Raises:
        NotImplementedError: which tells Cinder to take care of the group by itself.
    """
    if not is_ours(group):
        raise NotImplementedError


def require_snapped_as_one(group: objects.Group) -> None:
    """Leave snapshots to Cinder that need not be of one moment.

    Raises:
        NotImplementedError: which tells Cinder to snap volume by volume.
    """
    if not is_snapped_as_one(group):
        raise NotImplementedError


def group_target(group: objects.Group, configured: ArrayId) -> VolumeGroupTarget:
    """Which group of the array a group of Cinder is.

    Args:
        group: of Cinder.
        configured: serial of the backend's array.
    """
    return VolumeGroupTarget(array_id=configured, group_id=group.id, name=group.name)


def other_array_of(group: objects.Group, engine: Engine) -> ArrayId | None:
    """Where the other sides of the volumes of a group are; None if it is not replicated, or nothing is.

    All devices of a backend replicate to one array.
    """
    devices = engine.settings.replication_devices
    return devices[0].target_array_id if devices and group.is_replicated else None


def check_joinable(group: objects.Group) -> None:
    """Refuse volumes to a replicated group that does not replicate: their pairs would be in another state than its own.

    Raises:
        IllegalTransition: says how to go on.
    """
    instead = _INSTEAD.get(group.replication_status) if group.is_replicated else None
    if instead is not None:
        state = f"{group.replication_status}; {instead}"
        raise IllegalTransition("the replication of group", group.id, state, "adding a volume")


def group_of(volume: objects.Volume) -> objects.Group | None:
    """The group that a volume belongs to, if it is one that the driver takes care of."""
    if not volume.group_id:
        return None
    load(volume, "group")
    return volume.group if volume.group is not None and is_ours(volume.group) else None


def joined_group(volume: objects.Volume, policy: VolumePolicy, engine: Engine) -> VolumeGroupTarget | None:
    """The group that a new volume joins, as the target of a command; None for none.

    Raises:
        IllegalTransition: the group does not replicate at the moment.
        InvalidRequest: the volume cannot be in it.
    """
    group = group_of(volume)
    if group is None:
        return None
    check_joinable(group)
    check_policy(policy, group, engine, volume.id)
    return group_target(group, engine.settings.array_id)


def check_types(group: objects.Group, engine: Engine) -> None:
    """Refuse a group whose volume types do not fit it: all are replicated as groups can be, or none is.

    Raises:
        InvalidRequest: names the type.
    """
    load(group, "volume_types")
    for volume_type in group.volume_types or ():
        check_policy(type_policy(volume_type, engine.settings, engine.readers), group, engine, volume_type.name)


def check_policy(policy: VolumePolicy, group: objects.Group, engine: Engine, name: str) -> None:
    """Refuse what cannot be in a group: a volume that is replicated otherwise than the group.

    Args:
        policy: of the volume, or of a type.
        group: that it shall be in.
        engine: of the backend.
        name: of the type or the volume, for the error.

    Raises:
        InvalidRequest: says why.
    """
    replication = find_replication(engine.settings, engine.plugins, policy)
    if (replication is not None) != bool(group.is_replicated):
        is_not = "is replicated, and the group is not" if replication else "is not replicated, and the group is"
        raise InvalidRequest("volume type", name, f"it {is_not}: a group has volumes of one kind")
    if replication is not None and not replication.mode.supports_volume_groups:
        modes = ", ".join(mode.name for mode in engine.plugins.replication_modes() if mode.supports_volume_groups)
        raise InvalidRequest(
            "volume type", name, f"it replicates in mode {replication.mode.name}; groups can in {modes}"
        )
