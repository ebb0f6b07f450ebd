"""Units of work: all changes of a request are made in a transaction, which is committed whole or forgotten."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

import attrs

from pmax.simulator.state import schema
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
from pmax.simulator.state.records import Array, ServiceLevel, StorageGroup, StorageResourcePool, Volume
from pmax.simulator.state.service_records import Counter, Job, ResultIterator, Timer
from pmax.simulator.state.table import Overlay, Rows, Table, TableSpec

R = TypeVar("R")

WORLD = ""
"""The scope of tables that belong to no array."""


@attrs.frozen
class Change:
    """One changed row of a transaction.

    Attributes:
        spec: of its table.
        scope: the array that the table is of, or `WORLD`.
        key: of the row.
        row: its new content; None when it was deleted.
    """

    spec: TableSpec[Any]
    scope: str
    key: str
    row: Any


class Tables:
    """The committed tables of the world."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], Table[Any]] = {}

    def rows(self, spec: TableSpec[R], scope: str) -> Rows[R]:
        """Return a table, empty if nothing was ever put into it."""
        table = self._tables.get((spec.name, scope))
        if table is None:
            table = self._tables[spec.name, scope] = Table(spec)
        return cast("Rows[R]", table)

    def __iter__(self) -> Iterator[tuple[str, Table[Any]]]:
        """Walk all tables as (scope, table)."""
        return ((scope, table) for (_, scope), table in self._tables.items())


class Transaction:
    """Changes that lie on committed tables, or on another transaction, until they are committed.

    A nested transaction is a savepoint: forgetting it leaves the outer one as it was.
    """

    def __init__(self, below: "Tables | Transaction") -> None:
        self._below = below
        self._overlays: dict[tuple[str, str], Overlay[Any]] = {}
        self._arrays: dict[str, ArrayTables] = {}

    def rows(self, spec: TableSpec[R], scope: str = WORLD) -> Rows[R]:
        """Return a table as this transaction sees it."""
        overlay = self._overlays.get((spec.name, scope))
        if overlay is None:
            overlay = self._overlays[spec.name, scope] = Overlay(self._below.rows(spec, scope))
        return cast("Rows[R]", overlay)

    def array(self, symmetrix_id: str) -> "ArrayTables":
        """Return the tables of an array, whether it exists or not."""
        tables = self._arrays.get(symmetrix_id)
        if tables is None:
            tables = self._arrays[symmetrix_id] = ArrayTables(self, symmetrix_id)
        return tables

    def nested(self) -> "Transaction":
        """Return a transaction on top of this one."""
        return Transaction(self)

    @property
    def changes(self) -> Iterator[Change]:
        """What would be committed, table by table."""
        for (_, scope), overlay in self._overlays.items():
            for key, row in overlay.changes.items():
                yield Change(overlay.spec, scope, key, row)

    @property
    def has_changes(self) -> bool:
        """Committing would do something."""
        return any(overlay.changes for overlay in self._overlays.values())

    def commit(self) -> None:
        """Hand the changes to what lies below. For the outermost one, only `World.commit` does that."""
        for overlay in self._overlays.values():
            overlay.commit()
        self._overlays.clear()
        self._arrays.clear()

    @property
    def arrays(self) -> Rows[Array]:
        """All arrays."""
        return self.rows(schema.ARRAYS)

    @property
    def jobs(self) -> Rows[Job]:
        """All jobs."""
        return self.rows(schema.JOBS)

    @property
    def iterators(self) -> Rows[ResultIterator]:
        """All iterators that are open."""
        return self.rows(schema.ITERATORS)

    @property
    def timers(self) -> Rows[Timer]:
        """All that will happen by time."""
        return self.rows(schema.TIMERS)

    @property
    def volatile_timers(self) -> Rows[Timer]:
        """All that will happen by time unless the simulator stops before."""
        return self.rows(schema.VOLATILE_TIMERS)

    def next_number(self, counter: str, at_least: int = 1) -> int:
        """Return the next number of a counter; a refused request uses none up."""
        counters = self.rows(schema.COUNTERS)
        last = counters.find(counter)
        value = max(at_least, 1 if last is None else last.value + 1)
        counters.put(Counter(name=counter, value=value))
        return value


class ArrayTables:
    """The tables of one array as a transaction sees them."""

    def __init__(self, transaction: Transaction, symmetrix_id: str) -> None:
        self.transaction = transaction
        self.symmetrix_id = symmetrix_id

    def rows(self, spec: TableSpec[R]) -> Rows[R]:
        """Return one of this array's tables."""
        return self.transaction.rows(spec, self.symmetrix_id)

    @property
    def record(self) -> Array:
        """The array itself, which must exist."""
        return self.transaction.arrays.get(self.symmetrix_id)

    @property
    def pools(self) -> Rows[StorageResourcePool]:
        """Its SRPs."""
        return self.rows(schema.POOLS)

    @property
    def service_levels(self) -> Rows[ServiceLevel]:
        """Its service levels."""
        return self.rows(schema.SERVICE_LEVELS)

    @property
    def volumes(self) -> Rows[Volume]:
        """Its volumes; indexes: storage_group, srp, allocated, identifier, wwn, effective_wwn, spare."""
        return self.rows(schema.VOLUMES)

    @property
    def storage_groups(self) -> Rows[StorageGroup]:
        """Its storage groups; indexes: parent, folded, service_level, tag."""
        return self.rows(schema.STORAGE_GROUPS)

    @property
    def directors(self) -> Rows[Director]:
        """Its directors."""
        return self.rows(schema.DIRECTORS)

    @property
    def ports(self) -> Rows[Port]:
        """Its ports; indexes: director, identifier, ip_address."""
        return self.rows(schema.PORTS)

    @property
    def port_groups(self) -> Rows[PortGroup]:
        """Its port groups; indexes: port, folded."""
        return self.rows(schema.PORT_GROUPS)

    @property
    def initiators(self) -> Rows[Initiator]:
        """The initiators it knows; index: port."""
        return self.rows(schema.INITIATORS)

    @property
    def hosts(self) -> Rows[Host]:
        """Its hosts; indexes: initiator, folded."""
        return self.rows(schema.HOSTS)

    @property
    def host_groups(self) -> Rows[HostGroup]:
        """Its host groups; indexes: host, folded."""
        return self.rows(schema.HOST_GROUPS)

    @property
    def masking_views(self) -> Rows[MaskingView]:
        """Its masking views; indexes: storage_group, port_group, host, host_group, combination, folded."""
        return self.rows(schema.MASKING_VIEWS)

    @property
    def lun_addresses(self) -> Rows[LunAddress]:
        """The addresses of volumes in views; indexes: masking_view, volume."""
        return self.rows(schema.LUN_ADDRESSES)
