"""A bench for Cinder drivers: a volume service without its queue, in front of a simulator that is served over HTTPS.

Any driver class for PowerMax can be put on it, so that drivers can be compared and can take over each other's volumes.
Everything about it is Cinder's own: oslo.config reads a cinder.conf, the objects live in a database with Cinder's
schema, locks are taken by Cinder's coordinator. What stands in for Cinder's volume manager are the few lines of
`Backend` that call the driver and store what it says.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from cinder import coordination
from oslo_config import cfg
from oslo_utils import importutils

from pmax.simulator import Options, Simulator
from pmax.simulator.serve import Server
from tests.judges.array_state import changes_between, state_of
from tests.judges.calls import Calls, counting
from tests.judges.cinder_database import cinder_database
from tests.judges.cinder_records import CinderRecords, configuration, manager, objects, volume_types

UPSTREAM = {
    "iscsi": "cinder.volume.drivers.dell_emc.powermax.iscsi.PowerMaxISCSIDriver",
    "fc": "cinder.volume.drivers.dell_emc.powermax.fc.PowerMaxFCDriver",
}

ARRAY = "000197900999"
REMOTE_ARRAY = "000197900998"
PORT_GROUPS = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}
PORTS = {"iscsi": ("SE-4E:0", "SE-5E:0"), "fc": ("FA-1D:4", "FA-2D:4")}

CINDER_CONF = """\
[DEFAULT]
enabled_backends = {enabled}
state_path = {directory}/state

[database]
connection = {database}

[coordination]
backend_url = file://{directory}/locks
"""


class CinderBench:
    """One Cinder installation with any number of back ends.

    Attributes:
        simulator: the arrays, and Unisphere in front of them.
        server: serves the Unisphere that drivers are told of.
        authority: the file with the certificate to trust.
        records: makes what is in Cinder's database.
        directory: of its files.
    """

    def __init__(self, directory: Path, simulator: Simulator, server: Server, database: str) -> None:
        self.directory = directory
        self.simulator = simulator
        self.server = server
        # The server takes its certificate away when it stops; the one of an operator stays.
        self.authority = shutil.copy(str(server.ca_path), directory / "authority.pem")
        self.records = CinderRecords()
        self._database = database
        self._stanzas: dict[str, Mapping[str, Any]] = {}

    def start(
        self,
        driver_class: type | str,
        protocol: str,
        *,
        stanza: str = "powermax",
        active_backend_id: str | None = None,
        **options: Any,
    ) -> Backend:
        """Start a driver as the volume service does.

        Args:
            driver_class: a class or the path of one, as `volume_driver` would name it.
            protocol: `iscsi` or `fc`: which port group it gets.
            stanza: its section in cinder.conf.
            active_backend_id: where the back end was failed over to before.
            options: of the stanza; a list makes several lines, None leaves an option out.
        """
        self.configure(stanza, self.options_for(protocol, options))
        settings = configuration.Configuration(manager.volume_backend_opts, config_group=stanza)
        make = importutils.import_class(driver_class) if isinstance(driver_class, str) else driver_class
        driver = make(
            configuration=settings,
            host=f"node@{stanza}",
            cluster_name=None,
            is_vol_db_empty=True,
            active_backend_id=active_backend_id,
        )
        driver.do_setup(self.records.context)
        driver.check_for_setup_error()
        driver.init_capabilities()
        driver.set_initialized()
        return Backend(self, driver, protocol, f"node@{stanza}")

    def options_for(self, protocol: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a stanza that reaches the simulator."""
        address = urlsplit(self.server.url)
        return {
            "volume_backend_name": "powermax",
            "san_ip": address.hostname,
            "san_api_port": address.port,
            "san_login": self.simulator.options.username,
            "san_password": self.simulator.options.password,
            "driver_ssl_cert_verify": True,
            "driver_ssl_cert_path": self.authority,
            "powermax_array": ARRAY,
            "powermax_srp": "SRP_1",
            "powermax_port_groups": f"[{PORT_GROUPS[protocol]}]",
            "interval": 0,
            "retries": 100,
            **options,
        }

    def configure(self, stanza: str, options: Mapping[str, Any]) -> None:
        """Add or replace a stanza of cinder.conf, and let oslo.config read the file."""
        self._stanzas[stanza] = options
        text = CINDER_CONF.format(enabled=",".join(self._stanzas), directory=self.directory, database=self._database)
        for name, values in self._stanzas.items():
            text += f"\n[{name}]\n" + "".join(_lines(values))
        path = self.directory / "cinder.conf"
        path.write_text(text)
        cfg.CONF(args=[], project="cinder", default_config_files=[str(path)], default_config_dirs=[])

    @contextmanager
    def leaving_nothing(self) -> Iterator[None]:
        """Make sure that the arrays are after the block what they were before."""
        before = state_of(self.simulator)
        yield
        left = changes_between(before, state_of(self.simulator))
        assert not left, left


class Backend:
    """A driver, and what the volume manager does with it. Counts of calls are taken with `calls.counting`.

    Attributes:
        bench: the Cinder that it belongs to.
        driver: the driver.
        protocol: `iscsi` or `fc`.
        host: `service@stanza`.
    """

    def __init__(self, bench: CinderBench, driver: Any, protocol: str, host: str) -> None:
        self.bench = bench
        self.driver = driver
        self.protocol = protocol
        self.host = host
        self.records = bench.records

    @property
    def array(self) -> Any:
        """The local array as it is."""
        return self.bench.simulator.arrays[ARRAY]

    @property
    def remote(self) -> Any:
        """The remote array as it is."""
        return self.bench.simulator.arrays[REMOTE_ARRAY]

    def calls(self) -> AbstractContextManager[Calls]:
        """Count what the driver asks of Unisphere within a block."""
        return counting(self.bench.simulator)

    # Types and volumes in the database

    def pool(self, level: str = "Gold", workload: str | None = "NONE", array: str = ARRAY) -> str:
        """The name of a pool of this back end."""
        return "+".join(part for part in (level, workload, "SRP_1", array) if part)

    def volume_type(
        self, name: str = "gold", pool: str | None = None, qos: Mapping[str, str] | None = None, **specs: str
    ) -> objects.VolumeType:
        """A volume type that asks for a pool; a double underscore in a key stands for a colon."""
        extra = {key.replace("__", ":"): value for key, value in specs.items()}
        return self.records.volume_type(name, {"pool_name": pool or self.pool(), **extra}, qos)

    def volume(self, of_type: objects.VolumeType, size: int = 1, **fields: Any) -> objects.Volume:
        """A volume in the database, not yet on the array."""
        return self.records.volume(f"{self.host}#{of_type.extra_specs['pool_name']}", of_type, size, **fields)

    def device_of(self, volume: objects.Volume) -> Any:
        """The volume on the local array that a Cinder volume says it is."""
        return self.array.volumes[location_of(volume)["device_id"]]

    # Volumes

    def create(self, of_type: objects.VolumeType, size: int = 1, **fields: Any) -> objects.Volume:
        """Create a volume."""
        return self._made(self.volume(of_type, size, **fields), self.driver.create_volume)

    def create_from_snapshot(self, snapshot: objects.Snapshot, of_type: objects.VolumeType, size: int = 1) -> Any:
        """Create a volume with the data of a snapshot."""
        volume = self.volume(of_type, size, snapshot_id=snapshot.id)
        return self._made(volume, self.driver.create_volume_from_snapshot, snapshot)

    def clone(self, source: objects.Volume, size: int | None = None) -> objects.Volume:
        """Create a volume with the data of another one."""
        source = self.records.again(source)
        volume = self.volume(source.volume_type, size or source.size, source_volid=source.id)
        return self._made(volume, self.driver.create_cloned_volume, source)

    def delete(self, volume: objects.Volume) -> None:
        """Delete a volume."""
        self.driver.delete_volume(self.records.again(volume))
        volume.destroy()

    def extend(self, volume: objects.Volume, size: int) -> objects.Volume:
        """Make a volume larger."""
        self.driver.extend_volume(self.records.again(volume), size)
        return self._stored(volume, {"size": size})

    def retype(self, volume: objects.Volume, new_type: objects.VolumeType) -> bool:
        """Change the type of a volume; say whether the driver did it."""
        context = self.records.context
        wanted = volume_types.get_volume_type(context, new_type.id)
        difference, _ = volume_types.volume_types_diff(context, volume.volume_type_id, new_type.id)
        host = {"host": f"{self.host}#{new_type.extra_specs['pool_name']}", "capabilities": {}}
        answer = self.driver.retype(context, self.records.again(volume), wanted, difference, host)
        done, update = answer if isinstance(answer, tuple) else (answer, None)
        if done:
            self._stored(volume, {**(update or {}), "volume_type_id": new_type.id, "host": host["host"]})
        return bool(done)

    def manage(self, of_type: objects.VolumeType, reference: Mapping[str, str]) -> objects.Volume:
        """Take over a volume that is on the array."""
        volume = self.volume(of_type, 0)
        size = self.driver.manage_existing_get_size(volume, dict(reference))
        volume = self._stored(volume, {"size": size})
        return self._made(volume, self.driver.manage_existing, dict(reference))

    def unmanage(self, volume: objects.Volume) -> None:
        """Leave a volume to others."""
        self.driver.unmanage(self.records.again(volume))
        volume.destroy()

    # Attachments

    def attach(self, volume: objects.Volume, connector: Mapping[str, Any]) -> dict[str, Any]:
        """Attach a volume to a host; return what the host is told."""
        self.driver.validate_connector(dict(connector))
        attachment = self.records.attachment(volume, connector)
        volume = self.records.again(volume)
        self.driver.create_export(self.records.context, volume, dict(connector))
        told: dict[str, Any] = self.driver.initialize_connection(volume, dict(connector))
        attachment.finish_attach(None, connector["host"], "/dev/vdb")
        return told

    def log_in(self, connector: Mapping[str, Any]) -> None:
        """Let a host log in on the ports of the back end's port group, as it does after its first attachment."""
        for array in (self.array, self.remote):
            for initiator in connector.get("wwpns") or [connector["initiator"]]:
                array.log_in(initiator, *PORTS[self.protocol])

    def detach(self, volume: objects.Volume, connector: Mapping[str, Any]) -> Any:
        """Detach a volume from a host; return what the driver says to that."""
        volume = self.records.again(volume)
        answer = self.driver.terminate_connection(volume, dict(connector), force=False)
        (attachment,) = [each for each in volume.volume_attachment if each.attached_host == connector["host"]]
        volume.finish_detach(attachment.id)
        self.driver.remove_export(self.records.context, self.records.again(volume))
        return answer

    # Snapshots

    def snapshot(self, volume: objects.Volume) -> objects.Snapshot:
        """Take a snapshot of a volume."""
        snapshot = self.records.snapshot(volume)
        return _updated(snapshot, self.driver.create_snapshot(snapshot), status="available")

    def delete_snapshot(self, snapshot: objects.Snapshot) -> None:
        """Delete a snapshot."""
        self.driver.delete_snapshot(snapshot)
        snapshot.destroy()

    def revert(self, volume: objects.Volume, snapshot: objects.Snapshot) -> None:
        """Bring a volume back to what a snapshot has."""
        self.driver.revert_to_snapshot(self.records.context, self.records.again(volume), snapshot)

    # Failover

    def fail_over(self, volumes: Sequence[objects.Volume], secondary_id: str | None = None) -> str | None:
        """Fail the back end over, or back if `secondary_id` is `default`; return the back end that is active then."""
        volumes = [self.records.again(volume) for volume in volumes]
        active: str | None
        active, updates, _ = self.driver.failover_host(
            self.records.context, volumes, secondary_id=secondary_id, groups=[]
        )
        changed = {update["volume_id"]: update["updates"] for update in updates}
        for volume in volumes:
            self._stored(volume, changed.get(volume.id, {}))
        return active

    def _made(self, volume: objects.Volume, make: Callable[..., Any], *arguments: Any) -> objects.Volume:
        return self._stored(volume, {**(make(volume, *arguments) or {}), "status": "available"})

    def _stored(self, volume: objects.Volume, update: Mapping[str, Any]) -> objects.Volume:
        volume = _updated(volume, update)
        return self.records.again(volume)


@contextmanager
def cinder_bench(directory: Path, **choices: Any) -> Iterator[CinderBench]:
    """A Cinder installation in front of a simulator, set up as the choices say (`pmax.simulator.Options`)."""
    options = attrs.evolve(Options(tls=True), **choices)
    simulator = Simulator(options)
    server = simulator.serve()
    with cinder_database(directory) as database, simulator:
        bench = CinderBench(directory, simulator, server, database)
        bench.configure("powermax", bench.options_for("iscsi", {}))
        coordination.COORDINATOR.start()
        try:
            yield bench
        finally:
            coordination.COORDINATOR.stop()
            cfg.CONF.reset()
        assert not simulator.defects, simulator.defects


def location_of(thing: Any, field: str = "provider_location") -> dict[str, str]:
    """Where a volume or snapshot is on an array: a dictionary as Python writes it, in one of two fields."""
    located: dict[str, str] = ast.literal_eval(thing[field])
    return located


def _lines(options: Mapping[str, Any]) -> Iterable[str]:
    for name, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield f"{name} = {each}\n"


def _updated(thing: Any, update: Mapping[str, Any] | None, **fields: Any) -> Any:
    """Store what a driver said of a volume or snapshot."""
    thing.update({**(update or {}), **fields})
    thing.save()
    return thing
