"""Every table there is. Persistence walks `SCHEMA`; `state.tables` gives typed access."""

from typing import Any

from pmax.simulator.state.listing_records import CACHED_LISTINGS
from pmax.simulator.state.masking_records import (
    Director,
    Host,
    HostGroup,
    Initiator,
    LunAddress,
    MaskingView,
    Port,
    PortGroup,
)
from pmax.simulator.state.performance_records import LOADS
from pmax.simulator.state.records import Array, ServiceLevel, StorageGroup, StorageResourcePool, Volume
from pmax.simulator.state.service_records import Counter, Job, ResultIterator, Timer
from pmax.simulator.state.snapvx_records import SNAPVX_TABLES
from pmax.simulator.state.srdf_schema import SRDF_TABLES
from pmax.simulator.state.table import Index, TableSpec


def _spare_size(volume: Volume) -> tuple[int, ...]:
    """Return the cylinders of a volume that nobody uses: in no group, unnamed, no gatekeeper."""
    if volume.storage_groups or volume.identifier is not None or volume.is_gatekeeper:
        return ()
    return (volume.cylinders,)


def _present(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


ARRAYS = TableSpec("arrays", Array, key=lambda row: row.symmetrix_id)
JOBS = TableSpec(
    "jobs",
    Job,
    key=lambda row: row.job_id,
    indexes=(
        Index("symmetrix_id", lambda row: (row.symmetrix_id,)),
        Index("under_way", lambda row: () if row.is_over else (row.symmetrix_id,)),
    ),
)
ITERATORS = TableSpec("iterators", ResultIterator, key=lambda row: row.iterator_id, is_volatile=True)
TIMERS = TableSpec("timers", Timer, key=lambda row: row.timer_id)
VOLATILE_TIMERS = TableSpec("volatile_timers", Timer, key=lambda row: row.timer_id, is_volatile=True)
COUNTERS = TableSpec("counters", Counter, key=lambda row: row.name)

POOLS = TableSpec("pools", StorageResourcePool, key=lambda row: row.name)
SERVICE_LEVELS = TableSpec("service_levels", ServiceLevel, key=lambda row: row.name)
VOLUMES = TableSpec(
    "volumes",
    Volume,
    key=lambda row: row.volume_id,
    indexes=(
        Index("storage_group", lambda row: row.storage_groups, weight=lambda row: row.cylinders),
        Index("srp", lambda row: _present(row.srp), weight=lambda row: row.cylinders),
        Index("allocated", lambda row: _present(row.srp), weight=lambda row: row.cylinders * row.allocated_percent),
        Index("identifier", lambda row: _present(row.identifier)),
        Index("wwn", lambda row: (row.wwn,)),
        Index("effective_wwn", lambda row: (row.effective_wwn or row.wwn,)),
        Index("spare", _spare_size),
    ),
)
STORAGE_GROUPS = TableSpec(
    "storage_groups",
    StorageGroup,
    key=lambda row: row.name,
    indexes=(
        Index("parent", lambda row: row.parents),
        Index("folded", lambda row: (row.name.lower(),)),
        Index("service_level", lambda row: _present(row.service_level)),
        Index("tag", lambda row: row.tags),
        Index("snapshot_policy", lambda row: row.snapshot_policies),
    ),
)
DIRECTORS = TableSpec("directors", Director, key=lambda row: row.director_id)
PORTS = TableSpec(
    "ports",
    Port,
    key=lambda row: row.name,
    indexes=(
        Index("director", lambda row: (row.director_id,)),
        Index("identifier", lambda row: (row.identifier,)),
        Index("ip_address", lambda row: row.ip_addresses),
    ),
)
PORT_GROUPS = TableSpec(
    "port_groups",
    PortGroup,
    key=lambda row: row.name,
    indexes=(Index("port", lambda row: row.ports), Index("folded", lambda row: (row.name.lower(),))),
)
INITIATORS = TableSpec(
    "initiators",
    Initiator,
    key=lambda row: row.initiator_id,
    indexes=(Index("port", lambda row: tuple(login.port for login in row.logins)),),
)
HOSTS = TableSpec(
    "hosts",
    Host,
    key=lambda row: row.name,
    indexes=(Index("initiator", lambda row: row.initiators), Index("folded", lambda row: (row.name.lower(),))),
)
HOST_GROUPS = TableSpec(
    "host_groups",
    HostGroup,
    key=lambda row: row.name,
    indexes=(Index("host", lambda row: row.hosts), Index("folded", lambda row: (row.name.lower(),))),
)
MASKING_VIEWS = TableSpec(
    "masking_views",
    MaskingView,
    key=lambda row: row.name,
    indexes=(
        Index("storage_group", lambda row: (row.storage_group,)),
        Index("port_group", lambda row: (row.port_group,)),
        Index("host", lambda row: _present(row.host)),
        Index("host_group", lambda row: _present(row.host_group)),
        Index("combination", lambda row: (row.combination,)),
        Index("folded", lambda row: (row.name.lower(),)),
    ),
)
LUN_ADDRESSES = TableSpec(
    "lun_addresses",
    LunAddress,
    key=lambda row: row.key,
    indexes=(
        Index("masking_view", lambda row: (row.masking_view,)),
        Index("volume", lambda row: (row.volume_id,)),
    ),
)

SCHEMA: tuple[TableSpec[Any], ...] = (
    ARRAYS,
    JOBS,
    ITERATORS,
    TIMERS,
    VOLATILE_TIMERS,
    COUNTERS,
    POOLS,
    SERVICE_LEVELS,
    VOLUMES,
    STORAGE_GROUPS,
    DIRECTORS,
    PORTS,
    PORT_GROUPS,
    INITIATORS,
    HOSTS,
    HOST_GROUPS,
    MASKING_VIEWS,
    LUN_ADDRESSES,
    CACHED_LISTINGS,
    LOADS,
    *SNAPVX_TABLES,
    *SRDF_TABLES,
)
