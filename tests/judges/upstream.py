"""A bench for Cinder drivers: a volume service without its queue, in front of a simulator that is served over HTTPS.

Any driver class for PowerMax can be put on it, so that drivers can be compared and can take over each other's volumes.
Everything about it is Cinder's own: oslo.config reads a cinder.conf, the objects live in a database with Cinder's
schema, locks are taken by Cinder's coordinator. What stands in for Cinder's volume manager are the few lines of
`Backend` that call the driver and store what it says.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from cinder import coordination
from oslo_config import cfg
from oslo_utils import importutils

from pmax.simulator import Options, Simulator
from pmax.simulator.fixtures import LOCAL_ARRAY
from pmax.simulator.serve import Server
from tests.judges.array_state import changes_between, state_of
from tests.judges.backend import Backend
from tests.judges.cinder_database import cinder_database
from tests.judges.cinder_records import CinderRecords, configuration, manager

UPSTREAM = {
    "iscsi": "cinder.volume.drivers.dell_emc.powermax.iscsi.PowerMaxISCSIDriver",
    "fc": "cinder.volume.drivers.dell_emc.powermax.fc.PowerMaxFCDriver",
}

OVERRULING = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
"""`requests` lets these win over what a client sets for its session, the certificate to trust included."""

PORT_GROUPS = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}

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
        array: str = LOCAL_ARRAY,
        active_backend_id: str | None = None,
        **options: Any,
    ) -> Backend:
        """Start a driver as the volume service does.

        Args:
            driver_class: a class or the path of one, as `volume_driver` would name it.
            protocol: `iscsi` or `fc`: which port group it gets.
            stanza: its section in cinder.conf.
            array: the one of the back end.
            active_backend_id: where the back end was failed over to before.
            options: of the stanza; a list makes several lines, None leaves an option out.
        """
        self.configure(stanza, self.options_for(protocol, {"powermax_array": array, **options}))
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
        return Backend(self.simulator, driver, protocol, f"node@{stanza}", array)

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
            "powermax_array": LOCAL_ARRAY,
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


def _lines(options: Mapping[str, Any]) -> Iterable[str]:
    for name, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield f"{name} = {each}\n"
