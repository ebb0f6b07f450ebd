"""The locks of one volume: a place of their own, since every plugin that changes volumes takes them.

A volume has two. `volume` is for whatever an attach must not meet: regrouping, growing, going. `snapvx` is for its
snapshots, and for the snapshots that it presents; what waits for the array while it holds this one keeps no host from
its volume.
"""

from __future__ import annotations

from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.volumes import VolumeTarget
from pmax.ports.runtime import LockKey


def volume_lock(target: VolumeTarget) -> LockKey:
    """The lock of the volume itself."""
    return LockKey(target.array_id, "volume", target.device_id)


def snapvx_lock(array_id: ArrayId, device_id: DeviceId) -> LockKey:
    """The lock of its snapshots."""
    return LockKey(array_id, "snapvx", device_id)
