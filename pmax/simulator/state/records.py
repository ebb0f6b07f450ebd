"""The records of an array that volumes and their groups are made of.

Every field is a text, a number, a boolean, a tuple or another frozen record, so that persistence can write any record
down without knowing it.
"""

import attrs


@attrs.frozen(kw_only=True)
class Array:
    """A storage array ("symmetrix").

    Attributes:
        symmetrix_id: twelve digits.
        model: as reported, such as `PowerMax_2000`.
        microcode: three dotted integers.
        default_srp: the pool of volumes that no group assigns to one.
        tags: set on the array itself.
        is_registered_for_performance: performance figures are collected.
        is_registered_for_real_time: they are also collected in real time.
        next_device_number: the lowest device number never used (rule 84: ids are not reused at once).
        refreshed_at: epoch seconds of the last refresh, None if never.
        is_up: otherwise nobody reaches it: no Unisphere and no other array.
    """

    symmetrix_id: str
    model: str
    microcode: str
    display_name: str = ""
    is_all_flash: bool = True
    is_compression_capable: bool = True
    is_snapvx_capable: bool = True
    is_srdf_capable: bool = True
    is_registered_for_performance: bool = True
    is_registered_for_real_time: bool = True
    cache_size_mb: int = 262144
    disk_count: int = 8
    default_srp: str | None = None
    tags: tuple[str, ...] = ()
    next_device_number: int = 1
    refreshed_at: float | None = None
    is_up: bool = True

    @property
    def code_level(self) -> tuple[int, ...]:
        """The microcode as numbers, for comparisons."""
        return tuple(int(part) for part in self.microcode.split("."))

    @property
    def is_v4(self) -> bool:
        """The array runs the PowerMaxOS 10 family of code (reference section 6.2: major level 6079 or above)."""
        return self.code_level[0] >= 6079  # noqa: PLR2004 - the code level is the name of the thing

    @property
    def is_next_generation(self) -> bool:
        """The array knows no workloads and can expand snapshot sources (reference section 6.2: 5978 or above)."""
        return self.code_level[0] >= 5978  # noqa: PLR2004 - likewise

    @property
    def frees_on_delete(self) -> bool:
        """Deleting a volume frees its tracks (reference section 6.2: above 5978.221)."""
        return self.code_level[:2] > (5978, 221)


@attrs.frozen(kw_only=True)
class StorageResourcePool:
    """An SRP.

    Attributes:
        usable_tb: in units of 1024 GiB.
        reserved_percent: kept back from clients' use.
        snapshot_used_tb: taken by snapshots, for whoever models it.
        most_subscribed_percent: what its volumes may add up to, in percent of what is usable; None for any size. That
            an array refuses what goes beyond, and in which words, is assumed.
    """

    name: str
    usable_tb: float
    reserved_percent: int = 10
    emulation: str = "FBA"
    description: str = ""
    snapshot_used_tb: float = 0.0
    most_subscribed_percent: int | None = None


@attrs.frozen(kw_only=True)
class ServiceLevel:
    """A service level of an array.

    Attributes:
        name: as renamed by an administrator, else the base name.
        response_time_ms: expected on average; None where the level promises none.
    """

    name: str
    base_name: str
    response_time_ms: float | None = None


@attrs.frozen(kw_only=True)
class Volume:
    """A thin device.

    Attributes:
        volume_id: five upper-case hexadecimal digits.
        wwn: 32 hexadecimal digits, derived from the array and the id.
        cylinders: its size.
        identifier: its user-given name; not unique (rule 19).
        storage_groups: those that hold it directly, in the order in which it joined them.
        allocated_percent: 0 to 100, of its own size.
        effective_wwn: what hosts see when it differs from `wwn`.
        content: a token that stands for the data on the volume; empty means never written.
    """

    volume_id: str
    wwn: str
    cylinders: int
    identifier: str | None = None
    emulation: str = "FBA"
    storage_groups: tuple[str, ...] = ()
    srp: str | None = None
    allocated_percent: int = 0
    effective_wwn: str | None = None
    is_gatekeeper: bool = False
    has_mobility_id: bool = False
    content: str = ""


@attrs.frozen(kw_only=True)
class HostIoLimit:
    """The host I/O limit of a storage group.

    Attributes:
        io_per_second: None for no limit.
        mb_per_second: None for no limit.
        dynamic_distribution: `Never`, `OnFailure` or `Always`.
    """

    io_per_second: int | None = None
    mb_per_second: int | None = None
    dynamic_distribution: str = "Never"


@attrs.frozen(kw_only=True)
class StorageGroup:
    """A storage group.

    Attributes:
        name: unique on its array.
        uuid: 32 hexadecimal digits.
        srp: None when FAST does not manage it (rule 1).
        service_level: None without one.
        workload: None without one; meaningful on code 5977 only.
        parents: the groups that hold it (rule 3).
        snapshot_policies: those that take snapshots of it.
        suspended_policies: those of them that pause for this group.
    """

    name: str
    uuid: str
    srp: str | None = None
    service_level: str | None = None
    workload: str | None = None
    emulation: str = "FBA"
    is_compressed: bool = False
    parents: tuple[str, ...] = ()
    host_io_limit: HostIoLimit | None = None
    tags: tuple[str, ...] = ()
    snapshot_policies: tuple[str, ...] = ()
    suspended_policies: tuple[str, ...] = ()

    @property
    def is_fast_managed(self) -> bool:
        """FAST places its volumes: it has a pool (rule 1)."""
        return self.srp is not None
