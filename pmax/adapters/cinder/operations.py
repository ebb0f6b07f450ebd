"""Everything that Cinder asks of a driver, whatever the protocol: one class of which each driver is a few lines."""

from __future__ import annotations

from pmax.adapters.cinder.failover import FailoverOperations
from pmax.adapters.cinder.group_replication import GroupReplicationOperations
from pmax.adapters.cinder.group_snapshots import GroupSnapshotOperations
from pmax.adapters.cinder.hosts import HostOperations
from pmax.adapters.cinder.management import ManagementOperations
from pmax.adapters.cinder.retype import RetypeOperations
from pmax.adapters.cinder.snapshot_management import SnapshotManagementOperations
from pmax.adapters.cinder.snapshots import SnapshotOperations
from pmax.adapters.cinder.volume_groups import VolumeGroupOperations
from pmax.adapters.cinder.volumes import VolumeOperations


class PowerMaxOperations(
    VolumeGroupOperations,
    GroupSnapshotOperations,
    GroupReplicationOperations,
    VolumeOperations,
    RetypeOperations,
    SnapshotOperations,
    HostOperations,
    FailoverOperations,
    ManagementOperations,
    SnapshotManagementOperations,
):
    """All operations; a driver, also that of a plugin, adds its `protocol` and `storage_protocol`."""
