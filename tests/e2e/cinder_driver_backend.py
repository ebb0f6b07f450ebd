"""A back end of Cinder as an operator configures it, with a simulated array behind it.

Nothing is a double here: oslo.config reads a real cinder.conf, the driver is loaded by its path with the arguments that
the volume manager gives it, and its volumes are Cinder's own objects. Only the socket is left out, where a test need
not prove HTTPS.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from cinder import coordination, objects
from cinder.volume import configuration
from oslo_config import cfg
from oslo_utils import importutils
from requests.adapters import BaseAdapter

from pmax.ports.runtime import Clock
from pmax.simulator import Simulator
from pmax.simulator.mount import SimulatorAdapter

ARRAY = "000197900999"
PATHS = {
    "iscsi": "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver",
    "fc": "pmax.adapters.cinder.fc.PowerMaxFCDriver",
}
PORT_GROUPS = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}
IQN = "iqn.1994-05.com.redhat:node1"
WWPNS = ("10000000c9a1b2c3", "10000000c9a1b2c4")
DIAMOND = {"pool_name": f"Diamond+None+SRP_1+{ARRAY}"}

CINDER_CONF = """\
[DEFAULT]
enabled_backends = powermax
state_path = {directory}/state
{default}

[coordination]
backend_url = file://{directory}/locks

[powermax]
{stanza}

{more}
"""


class ClockThatSkips(Clock):
    """Time that passes only by sleeping, so that no test waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def now_s(self) -> float:
        """Seconds slept so far."""
        return self.now

    def epoch_s(self) -> float:
        """The same, counted from another day."""
        return 1_700_000_000 + self.now

    def sleep(self, seconds: float) -> None:
        """Go on at once."""
        self.now += seconds


def read_cinder_conf(path: Path) -> None:
    """Let oslo.config read a file, as a service of Cinder does when it starts."""
    cfg.CONF(args=[], project="cinder", default_config_files=[str(path)], default_config_dirs=[])


def load_driver(**seams: object) -> Any:
    """Make the driver of the stanza as the volume manager makes it.

    Args:
        seams: attributes of the driver's class that are to differ.
    """
    objects.register_all()  # the first act of every service of Cinder
    options = importutils.import_module("cinder.volume.manager").volume_backend_opts
    settings = configuration.Configuration(options, config_group="powermax")
    driver_class = importutils.import_class(settings.volume_driver)
    return type(f"Tested{driver_class.__name__}", (driver_class,), seams)(
        configuration=settings,
        host="node@powermax",
        cluster_name=None,
        is_vol_db_empty=True,
        active_backend_id=None,
    )


class CinderBackend:
    """A stanza, the drivers that Cinder makes of it, and the array behind them.

    Attributes:
        directory: of the files.
        simulator: behind the driver.
        clock: of the driver.
    """

    def __init__(self, directory: Path, simulator: Simulator) -> None:
        self.directory = directory
        self.simulator = simulator
        self.clock = ClockThatSkips()

    @property
    def array(self) -> Any:
        """The array as it is."""
        return self.simulator.arrays[ARRAY]

    def stanza(self, protocol: str, **options: str | list[str] | None) -> str:
        """The lines of a stanza; an option that is None is left out, one that is a list has several lines."""
        values: dict[str, str | list[str] | None] = {
            "volume_driver": PATHS[protocol],
            "volume_backend_name": "powermax",
            "san_ip": "unisphere.invalid",
            "san_login": "smc",
            "san_password": "smc",
            "driver_ssl_cert_verify": "true",
            "powermax_array": ARRAY,
            "powermax_srp": "SRP_1",
            "powermax_service_level": "Diamond",
            "powermax_port_groups": f"[{PORT_GROUPS[protocol]}]",
        }
        values.update(options)
        lines = [(name, value if isinstance(value, list) else [value]) for name, value in values.items()]
        return "\n".join(f"{name} = {each}" for name, given in lines for each in given if each is not None)

    def configure(
        self, protocol: str = "iscsi", *, default: str = "", more: str = "", **options: str | list[str] | None
    ) -> None:
        """Write cinder.conf, and let oslo.config read it."""
        path = self.directory / "cinder.conf"
        stanza = self.stanza(protocol, **options)
        text = CINDER_CONF.format(directory=self.directory, default=default, stanza=stanza, more=textwrap.dedent(more))
        path.write_text(text)
        read_cinder_conf(path)

    def load(self, *, adapter: BaseAdapter | None = None, over_network: bool = False) -> Any:
        """Make the driver of the stanza, without setting it up."""
        seams: dict[str, object] = {"clock": self.clock}
        if not over_network:
            seams["http_adapter"] = adapter or SimulatorAdapter(self.simulator.application)
        return load_driver(**seams)

    def start(self, protocol: str = "iscsi", **options: str | None) -> Any:
        """Configure, load, set up and check a driver, as the volume service does when it starts."""
        self.configure(protocol, **options)
        driver = self.load()
        driver.do_setup(None)
        driver.check_for_setup_error()
        driver.init_capabilities()
        driver.set_initialized()
        return driver

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """Collect the calls to Unisphere within it, as `VERB path`."""
        calls: list[str] = []
        self.simulator.requests.clear()
        yield calls
        calls += [f"{each.verb} {each.path}" for each in self.simulator.requests]

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Make sure that nothing within it changes the array, or even asks it to change."""
        before = self.state()
        with self.counting() as calls:
            yield
        assert [call for call in calls if not call.startswith("GET ")] == []
        assert self.state() == before

    def state(self) -> dict[str, object]:
        """Everything on the array that a driver could have made."""
        array = self.array
        return {
            "volumes": {key: each for key, each in array.volumes.items() if not each.is_gatekeeper},
            "storage groups": array.storage_groups,
            "hosts": array.hosts,
            "masking views": array.masking_views,
        }

    def assert_empty(self) -> None:
        """Make sure that nothing is left on the array."""
        assert {kind: list(things) for kind, things in self.state().items() if things} == {}


class Line(BaseAdapter):
    """A connection to Unisphere that can be cut."""

    def __init__(self, backend: CinderBackend) -> None:
        super().__init__()
        self.is_cut = False
        self._through = SimulatorAdapter(backend.simulator.application)

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        """Answer, or refuse the connection as a machine that is down does."""
        if self.is_cut:
            raise requests.ConnectionError(ConnectionRefusedError(111, "Connection refused"), request=request)
        return self._through.send(request, **options)

    def close(self) -> None:
        """There is nothing to close."""


@contextmanager
def cinder_backend(directory: Path, **choices: Any) -> Iterator[CinderBackend]:
    """A backend with Cinder's coordinator, for one test; `choices` are those of the simulator."""
    with_log = Simulator(**choices)
    backend = CinderBackend(directory, with_log)
    backend.configure()
    coordination.COORDINATOR.start()
    try:
        yield backend
    finally:
        coordination.COORDINATOR.stop()
        with_log.close()
        cfg.CONF.reset()
    assert with_log.defects == []


def iscsi_connector(host: str = "node1.example.com", initiator: str = IQN, **more: Any) -> dict[str, Any]:
    """What os-brick says of a host with an iSCSI initiator."""
    return {
        "host": host,
        "ip": "192.0.2.10",
        "initiator": initiator,
        "multipath": False,
        "platform": "x86_64",
        "os_type": "linux",
        "do_local_attach": False,
        **more,
    }


def fc_connector(host: str = "node1.example.com", wwpns: tuple[str, ...] = WWPNS, **more: Any) -> dict[str, Any]:
    """What os-brick says of a host with two FC ports."""
    return {
        "host": host,
        "ip": "192.0.2.10",
        "wwpns": list(wwpns),
        "wwnns": [f"2{wwpn[1:]}" for wwpn in wwpns],
        "multipath": True,
        "platform": "x86_64",
        "os_type": "linux",
        "do_local_attach": False,
        **more,
    }


def created(driver: Any, volume: Any) -> Any:
    """Create a volume and store what the driver says, as the volume manager does."""
    volume.update(driver.create_volume(volume))
    return volume


def snapped(driver: Any, snapshot: Any) -> Any:
    """Take a snapshot and store what the driver says, as the volume manager does."""
    update = driver.create_snapshot(snapshot)
    metadata = update.pop("metadata", None)
    snapshot.update(update)
    if metadata is not None:
        snapshot.metadata = metadata
    return snapshot
