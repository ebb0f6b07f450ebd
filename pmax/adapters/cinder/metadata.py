"""Volume metadata: what the 2026 upstream driver lets users and scripts read of a volume's place on the array.

Only what is certain is written: each value follows from what was asked of the array and done by it. Attaching and
extending a volume change none of them, so they cannot go stale unnoticed. Source: driver-provisioning.md 4.4.
"""

from __future__ import annotations

from collections.abc import Mapping

from pmax.domain.arrays import Array
from pmax.domain.commands import SnapshotCreation, VolumeCreation, VolumeManagement
from pmax.domain.policies import VolumePolicy

_NOTHING = "NONE"


def creation_metadata(
    users: Mapping[str, str], creation: VolumeCreation | VolumeManagement, policy: VolumePolicy, array: Array
) -> dict[str, str]:
    """Metadata of a volume that was just made or taken over.

    Args:
        users: what the user gave; kept, except where a key is one of ours.
        creation: what was made or taken over.
        policy: with which it was made.
        array: where.

    Returns:
        Texts by key. Service level and workload are `NONE` where there is none, and without a service level nothing
        is compressed: so the upstream driver writes it (seen with that of Cinder 29).
    """
    ours = {
        "DeviceID": str(creation.device_id),
        "DeviceLabel": creation.identifier,
        "ArrayID": str(creation.array_id),
        "ArrayModel": array.model,
        "Emulation": "FBA",
        "Configuration": "TDEV",
    }
    return policy_metadata({**users, **ours}, policy)


def policy_metadata(known: Mapping[str, str], policy: VolumePolicy) -> dict[str, str]:
    """Metadata of a volume that is kept by another policy from now on: the keys that tell of it change, others stay."""
    ours = {
        "ServiceLevel": policy.service_level or _NOTHING,
        "Workload": policy.workload or _NOTHING,
        "CompressionDisabled": str(policy.compression_disabled or policy.service_level is None),
        "ReplicationEnabled": str(policy.replication_enabled),
    }
    return {**known, **ours}


def snapshot_metadata(users: Mapping[str, str], creation: SnapshotCreation) -> dict[str, str]:
    """Metadata of a snapshot that was just taken; what the user gave is kept, except where a key is one of ours.

    `SnapIdList` holds the snap id, or the generation where the array has no ids; `is_snap_id` says which.
    """
    key = creation.key
    ours = {
        "SnapshotLabel": creation.name,
        "SourceDeviceID": str(creation.volume.device_id),
        "SourceDeviceLabel": creation.volume_identifier,
        "SnapIdList": str(key.generation if key.snap_id is None else key.snap_id),
        "is_snap_id": str(key.snap_id is not None),
    }
    return {**users, **ours}
