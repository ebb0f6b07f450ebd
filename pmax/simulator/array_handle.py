"""What a test may do with an array without going through REST: look at it, and arrange what clients cannot."""

from collections.abc import Sequence

import attrs

from pmax.simulator.identifiers import wwn_of
from pmax.simulator.rules import content
from pmax.simulator.rules.initiators import known_initiator, normal_id
from pmax.simulator.rules.loads import set_load
from pmax.simulator.rules.port_groups import ports_for_group
from pmax.simulator.rules.volumes import Naming, NewVolumes, make_volumes
from pmax.simulator.state.masking_records import (
    Director,
    Host,
    HostGroup,
    Initiator,
    Login,
    MaskingView,
    Port,
    PortGroup,
    PortKind,
)
from pmax.simulator.state.performance_records import PORT, PORT_GROUP
from pmax.simulator.state.records import Array, StorageGroup, StorageResourcePool, Volume
from pmax.simulator.state.snapvx_records import LINKS, SNAPSHOTS, Link, Snapshot
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.state.world import World


class ArrayHandle:
    """An array of a simulator, by its id.

    Everything that is looked up is a copy of the committed state: frozen records that do not change any more.
    """

    def __init__(self, world: World, symmetrix_id: str) -> None:
        self._world = world
        self.symmetrix_id = symmetrix_id

    def __repr__(self) -> str:
        return f"ArrayHandle({self.symmetrix_id!r})"

    @property
    def record(self) -> Array:
        """The array itself."""
        with self._world.changing() as transaction:
            return transaction.arrays.get(self.symmetrix_id)

    @property
    def volumes(self) -> dict[str, Volume]:
        """All volumes by id."""
        with self._world.changing() as transaction:
            return {row.volume_id: row for row in transaction.array(self.symmetrix_id).volumes}

    @property
    def storage_groups(self) -> dict[str, StorageGroup]:
        """All storage groups by name."""
        with self._world.changing() as transaction:
            return {row.name: row for row in transaction.array(self.symmetrix_id).storage_groups}

    @property
    def hosts(self) -> dict[str, Host]:
        """All hosts by name."""
        with self._world.changing() as transaction:
            return {row.name: row for row in transaction.array(self.symmetrix_id).hosts}

    @property
    def host_groups(self) -> dict[str, HostGroup]:
        """All host groups by name."""
        with self._world.changing() as transaction:
            return {row.name: row for row in transaction.array(self.symmetrix_id).host_groups}

    @property
    def port_groups(self) -> dict[str, PortGroup]:
        """All port groups by name."""
        with self._world.changing() as transaction:
            return {row.name: row for row in transaction.array(self.symmetrix_id).port_groups}

    @property
    def ports(self) -> dict[str, Port]:
        """All ports by `director:number`."""
        with self._world.changing() as transaction:
            return {row.name: row for row in transaction.array(self.symmetrix_id).ports}

    @property
    def initiators(self) -> dict[str, Initiator]:
        """All initiators that the array knows, by id."""
        with self._world.changing() as transaction:
            return {row.initiator_id: row for row in transaction.array(self.symmetrix_id).initiators}

    @property
    def masking_views(self) -> dict[str, MaskingView]:
        """All masking views by name."""
        with self._world.changing() as transaction:
            return {row.name: row for row in transaction.array(self.symmetrix_id).masking_views}

    @property
    def lun_addresses(self) -> dict[tuple[str, str], int]:
        """All LUN addresses by (masking view, volume)."""
        with self._world.changing() as transaction:
            rows = transaction.array(self.symmetrix_id).lun_addresses
            return {(row.masking_view, row.volume_id): row.address for row in rows}

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """All snapshots, by volume and then from the newest to the oldest."""
        with self._world.changing() as transaction:
            rows = transaction.array(self.symmetrix_id).rows(SNAPSHOTS)
            return tuple(sorted(rows, key=lambda row: (row.source, -row.snap_id)))

    @property
    def links(self) -> dict[str, Link]:
        """The links of snapshots by target volume; a restore is a link of a volume to itself."""
        with self._world.changing() as transaction:
            return {row.target: row for row in transaction.array(self.symmetrix_id).rows(LINKS)}

    def write(self, volume_id: str, token: str | None = None) -> str:
        """Let a host write a whole volume, and return the token that stands for the data from now on.

        Args:
            volume_id: which volume.
            token: the data; a new one if None.

        Raises:
            KeyError: there is no such volume.
            ArrayRefused: it is write disabled.
        """
        with self._world.changing() as transaction:
            data = token or f"data-{self._world.draw(transaction, 'data', 12)}"
            content.host_write(transaction.array(self.symmetrix_id), volume_id, data)
            return data

    def read(self, volume_id: str) -> str:
        """Return the token of the data that a host reads from a volume now (`rules/content.py`)."""
        with self._world.changing() as transaction:
            return content.content_of(transaction.array(self.symmetrix_id), volume_id)

    def update(self, **changes: object) -> None:
        """Change fields of the array itself, such as `is_snapvx_capable=False`."""
        with self._world.changing() as transaction:
            record = transaction.arrays.get(self.symmetrix_id)
            transaction.arrays.put(attrs.evolve(record, **changes))  # type: ignore[arg-type]

    def limit_pool(self, name: str, percent: int | None) -> None:
        """Let the volumes of a pool add up to no more than that share of what is usable; None lifts the limit."""
        with self._world.changing() as transaction:
            pools = transaction.array(self.symmetrix_id).pools
            pools.put(attrs.evolve(pools.get(name), most_subscribed_percent=percent))

    def add_pool(self, name: str, usable_tb: float, reserved_percent: int = 10) -> None:
        """Add an SRP; the first one becomes the default."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            tables.pools.put(StorageResourcePool(name=name, usable_tb=usable_tb, reserved_percent=reserved_percent))
            if tables.record.default_srp is None:
                transaction.arrays.put(attrs.evolve(tables.record, default_srp=name))

    def add_port(
        self, name: str, kind: PortKind, identifier: str = "", ip_addresses: Sequence[str] = (), network_id: int = 0
    ) -> Port:
        """Add a port, `director:number`, and its director if that is new.

        Args:
            name: such as `FA-1D:4`.
            kind: what it is.
            identifier: WWN, IQN or NQN; empty for a physical Ethernet port.
            ip_addresses: of an endpoint, or of the endpoints behind a physical port.
            network_id: of an endpoint.
        """
        director_id, _, number = name.rpartition(":")
        port = Port(
            director_id=director_id,
            number=int(number),
            kind=kind,
            identifier=identifier,
            ip_addresses=tuple(ip_addresses),
            network_id=network_id,
        )
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            if director_id not in tables.directors:
                place = len(tables.directors) + 1
                tables.directors.put(Director(director_id=director_id, number=32 + place, slot=place))
            tables.ports.put(port)
        return port

    def add_port_group(self, name: str, ports: Sequence[str]) -> None:
        """Add a port group of existing ports."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            tables.port_groups.put(ports_for_group(tables, PortGroup(name=name), ports))

    def add_volume(self, cylinders: int, identifier: str | None = None, *, is_gatekeeper: bool = False) -> str:
        """Add a volume in no group and return its id."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            wanted = NewVolumes(number=1, cylinders=cylinders, naming=Naming(name=identifier))
            (volume_id,) = make_volumes(tables, wanted, None)
            tables.volumes.put(attrs.evolve(tables.volumes.get(volume_id), is_gatekeeper=is_gatekeeper))
        return volume_id

    def update_volume(self, volume_id: str, **changes: object) -> None:
        """Change fields of a volume behind the clients' backs, such as `content` or `allocated_percent`."""
        with self._world.changing() as transaction:
            volumes = transaction.array(self.symmetrix_id).volumes
            volumes.put(attrs.evolve(volumes.get(volume_id), **changes))  # type: ignore[arg-type]

    def log_in(self, initiator: str, *ports: str, is_on_fabric: bool = True) -> None:
        """Let an initiator log in on ports; it need not be in a host."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            known = known_initiator(tables, initiator)
            for name in ports:
                known = attrs.evolve(known, logins=_with_login(tables, known, name, is_on_fabric=is_on_fabric))
            tables.initiators.put(known)

    def log_out(self, initiator: str, *ports: str) -> None:
        """Let an initiator log out of ports, of all if none is named; its login history stays."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            known = tables.initiators.get(normal_id(initiator)[0])
            logins = tuple(
                attrs.evolve(login, is_logged_in=login.is_logged_in and bool(ports) and login.port not in ports)
                for login in known.logins
            )
            tables.initiators.put(attrs.evolve(known, logins=logins))

    def set_port_online(self, name: str, *, is_online: bool) -> None:
        """Bring a port up or down; whoever is logged in on it is logged out when it goes down."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            tables.ports.put(attrs.evolve(tables.ports.get(name), is_online=is_online))
            for initiator in () if is_online else tables.initiators.where("port", name):
                logins = tuple(
                    attrs.evolve(login, is_logged_in=False) if login.port == name else login
                    for login in initiator.logins
                )
                tables.initiators.put(attrs.evolve(initiator, logins=logins))

    def set_director_online(self, director_id: str, *, is_online: bool) -> None:
        """Bring a director up or down."""
        with self._world.changing() as transaction:
            directors = transaction.array(self.symmetrix_id).directors
            directors.put(attrs.evolve(directors.get(director_id), is_online=is_online))

    def set_port_load(self, port: str, **metrics: float) -> None:
        """Let a port report these figures from now on, such as `PercentBusy=80`; its groups follow."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            set_load(tables, PORT, tables.ports.get(port).name, metrics)

    def set_port_group_load(self, port_group: str, **metrics: float) -> None:
        """Let a port group report these figures from now on, whatever its ports do."""
        with self._world.changing() as transaction:
            tables = transaction.array(self.symmetrix_id)
            set_load(tables, PORT_GROUP, tables.port_groups.get(port_group).name, metrics)

    def wwn(self, volume_id: str) -> str:
        """Return the WWN that a volume of this id has."""
        return wwn_of(self.symmetrix_id, volume_id)


def _with_login(tables: ArrayTables, known: Initiator, name: str, *, is_on_fabric: bool) -> tuple[Login, ...]:
    port = tables.ports.get(name)
    if port.protocol is not known.protocol:
        raise ValueError(f"{known.initiator_id} speaks {known.protocol}, port {name} does not")
    others = tuple(login for login in known.logins if login.port != name)
    return (*others, Login(port=name, is_on_fabric=is_on_fabric))
