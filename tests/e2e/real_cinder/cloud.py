"""A Cinder of its own: configuration, database, services in one process, and clients, over a simulator in this process.

The services need nothing but pip: SQLite, oslo.messaging's `fake://` transport, `noauth`. They reach the simulator over
HTTPS, and the tests look at the array through the simulator itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from cinderclient import client as cinderclient
from cinderclient.contrib.noauth import CinderNoAuthPlugin
from keystoneauth1 import session

from pmax.adapters.system import SystemClock
from pmax.simulator import Simulator
from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY
from tests.judges.array_state import changes_between, state_of
from tests.judges.backend import PORTS
from tests.judges.cinder_database import schema
from tests.judges.replication import SYNC
from tests.judges.upstream import OVERRULING

ROOT = Path(__file__).parents[3]
DRIVERS = {
    "iscsi": "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver",
    "fc": "pmax.adapters.cinder.fc.PowerMaxFCDriver",
}
PORT_GROUPS = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}
#: Of iSCSI ports too, in no back end's configuration.
SECOND_PORT_GROUP = "OS-second-PG"
#: The back end whose volumes are replicated, over iSCSI and synchronously.
REPLICATED = "replicated"
PROJECT = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
API_VERSION = "3.71"
_LOOK_S = 0.1
_PATIENCE_S = 60.0

CINDER_CONF = """\
[DEFAULT]
host = {host}
enabled_backends = {backends}
state_path = {directory}/state
transport_url = {transport}
auth_strategy = noauth
api_paste_config = {directory}/api-paste.ini
log_file = {directory}/cinder.log
scheduler_driver_init_wait_time = 1
periodic_interval = 1
periodic_fuzzy_delay = 0
resource_query_filters_file = {prefix}/etc/cinder/resource_filters.json
quota_volumes = -1
quota_snapshots = -1
quota_groups = -1
{default}

[database]
connection = {database}
sqlite_synchronous = false

[coordination]
backend_url = {coordination}

[oslo_concurrency]
lock_path = {directory}/locks

[oslo_policy]
policy_file = policy.yaml
"""

API_PASTE = """\
[composite:osapi_volume]
use = call:cinder.api:root_app_factory
/: versions
/v3: v3

[composite:v3]
use = call:cinder.api.middleware.auth:pipeline_factory
noauth = strangers request_id faultwrap noauth apiv3

[pipeline:versions]
pipeline = request_id faultwrap versionapp

[filter:strangers]
paste.filter_factory = {module}:RefuseStrangers.factory

[filter:request_id]
paste.filter_factory = cinder.api.middleware.request_id:RequestId.factory

[filter:faultwrap]
paste.filter_factory = cinder.api.middleware.fault:FaultWrapper.factory

[filter:noauth]
paste.filter_factory = cinder.api.middleware.auth:NoAuthMiddleware.factory

[app:apiv3]
paste.app_factory = cinder.api.v3.router:APIRouter.factory

[app:versionapp]
paste.app_factory = cinder.api.versions:Versions.factory
"""


class Cloud:
    """Cinder's services, started and stopped, and clients that talk to their API.

    Attributes:
        directory: of configuration, database, locks and log.
        simulator: the arrays.
        stanzas: options of each back end by its name; to be changed before a start.
        threads: `eventlet` or `native`.
    """

    def __init__(self, directory: Path, simulator: Simulator, threads: str) -> None:
        self.directory = directory
        self.simulator = simulator
        self.threads = threads
        self.stanzas: dict[str, Mapping[str, object]] = {}
        self.transport = "fake://"
        self.database = f"sqlite:///{directory}/cinder.sqlite"
        self.coordination = f"file://{directory}/locks"
        # Only the last service of a process tells that it lives.
        self.default = "service_down_time = 86400"
        self._services: subprocess.Popen[str] | None = None
        self._programs: dict[str, subprocess.Popen[str]] = {}
        self._address = ""
        (directory / "locks").mkdir(exist_ok=True)
        (directory / "api-paste.ini").write_text(API_PASTE.format(module="tests.e2e.real_cinder.strangers"))
        for protocol in DRIVERS:
            self.stanzas[protocol] = self.stanza(protocol)
        device = SYNC.device("iscsi")
        self.stanzas[REPLICATED] = self.stanza("iscsi", volume_backend_name=REPLICATED, replication_device=device)

    # --- services ----------------------------------------------------------------------------------------------------

    def stanza(self, protocol: str, driver: str | None = None, **options: object) -> dict[str, object]:
        """Options of a back end that reaches the simulator."""
        address = urlsplit(self.simulator.url)
        return {
            "volume_driver": driver or DRIVERS[protocol],
            "volume_backend_name": protocol,
            "san_ip": address.hostname,
            "san_api_port": address.port,
            "san_login": "smc",
            "san_password": "smc",
            "driver_ssl_cert_verify": "true",
            "driver_ssl_cert_path": self.simulator.ca_path,
            "powermax_array": LOCAL_ARRAY,
            "powermax_srp": "SRP_1",
            "powermax_service_level": "Diamond",
            "powermax_port_groups": f"[{PORT_GROUPS[protocol]}]",
            **options,
        }

    def start(self) -> None:
        """Start all services, and wait until the scheduler knows the pools of every back end."""
        self.launch()
        self.wait_for_pools({f"node@{name}" for name in self.stanzas})

    def prepared_database(self) -> Path:
        """The file of the database, with Cinder's schema."""
        database = self.directory / "cinder.sqlite"
        if not database.exists():
            with schema() as template:
                shutil.copy(template, database)
        return database

    def launch(self) -> None:
        """Start all services, and wait until the API answers."""
        self.prepared_database()
        self.write_configuration("cinder.conf", "node")
        self._services = self._process("service", str(self.directory))
        self._address = _line(self._services)
        if not self._address:
            raise AssertionError(f"Cinder did not come up:\n{self.log[-4000:]}")

    def write_configuration(self, name: str, host: str) -> Path:
        """Write a cinder.conf for the services of a host; return where it is."""
        text = CINDER_CONF.format(
            backends=",".join(self.stanzas),
            coordination=self.coordination,
            database=self.database,
            default=self.default,
            directory=self.directory,
            host=host,
            prefix=sys.prefix,
            transport=self.transport,
        )
        for stanza, options in self.stanzas.items():
            lines = [f"{key} = {value}" for key, value in options.items() if value is not None]
            text += f"\n[{stanza}]\n" + "\n".join(lines) + "\n"
        path = self.directory / name
        path.write_text(text)
        return path

    def wait_for_pools(self, backends: set[str]) -> None:
        """Wait until the scheduler knows the pools of these back ends; Cinder makes one up for those that tell none."""
        self.wait(lambda: {host_of(name) for name in self.pools() if LOCAL_ARRAY in name} >= backends, "pools")

    def pools(self) -> set[str]:
        """The names of all pools that the scheduler knows."""
        return {each.name for each in self.client().pools.list()}

    def stop(self) -> None:
        """Stop the services as an operator does, and the processes of the clients."""
        for process in (self._services, *self._programs.values()):
            if process is not None:
                process.terminate()
                process.communicate(timeout=30)
        self._services = None
        self._programs = {}

    def kill(self) -> None:
        """Let the services die in the middle of what they do."""
        assert self._services is not None
        self._services.kill()
        self._services.communicate()
        self._services = None

    def _process(self, module: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        patching = {"eventlet": "", "native": "1"}[self.threads]
        with (self.directory / f"{module}.err").open("a") as errors:
            return subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", f"tests.e2e.real_cinder.{module}", *arguments],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**environment_of_services(), "OS_CINDER_DISABLE_EVENTLET_PATCHING": patching, **environment},
            )

    def under_way(self, host: str) -> int:
        """How many operations a volume service has in its journals, begun and not finished."""
        return sum(map(_operations, (self.directory / "state" / "pmax" / host).rglob("*.journal")))

    @property
    def log(self) -> str:
        """What the services have logged."""
        files = (self.directory / "cinder.log", self.directory / "service.err")
        return "".join(file.read_text() for file in files if file.exists())

    # --- clients -----------------------------------------------------------------------------------------------------

    def client(self, project: str = PROJECT, **headers: str) -> Any:
        """The client library, as a user of a project; `headers` are sent with each request."""
        auth = CinderNoAuthPlugin(project, project, endpoint=f"{self._address}/v3")
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return cinderclient.Client(API_VERSION, session=session.Session(auth=auth, additional_headers=spelled))

    def run(self, program: str, *arguments: str) -> str:
        """Run a command of OpenStack's clients; return its output.

        Raises:
            AssertionError: it failed.
        """
        status, out, err = self.attempt(program, *arguments)
        assert status == 0, f"{program} {' '.join(arguments)}\n{err}{out}"
        return out

    def attempt(self, program: str, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its status, its output and its error output."""
        if program not in self._programs:
            self._programs[program] = self._process("commands", program, **self._credentials(program))
        process = self._programs[program]
        print(json.dumps(arguments), file=process.stdin, flush=True)
        answer = json.loads(_line(process))
        return answer["status"], answer["out"], answer["err"]

    def _credentials(self, program: str) -> dict[str, str]:
        """What a program reads in its environment to get along without Keystone."""
        if program == "cinder":
            return {"OS_USER_ID": PROJECT, "OS_PROJECT_ID": PROJECT, "CINDER_ENDPOINT": f"{self._address}/v3"}
        return {
            "OS_AUTH_TYPE": "admin_token",
            "OS_ENDPOINT": f"{self._address}/v3/",
            "OS_TOKEN": f"{PROJECT}:{PROJECT}",
        }

    # --- waiting and looking -----------------------------------------------------------------------------------------

    def wait(self, is_so: Callable[[], Any], what: str) -> Any:
        """Look again and again until something is so; return what was found."""
        clock = SystemClock()
        deadline_s = clock.now_s() + _PATIENCE_S
        while clock.now_s() < deadline_s:
            if found := is_so():
                return found
            clock.sleep(_LOOK_S)
        raise AssertionError(f"{what}: not within {_PATIENCE_S:.0f} s:\n{self.log[-4000:]}")

    def settled(self, manager: Any, thing: Any, *wanted: str) -> Any:
        """A volume, snapshot or group once its status is one of those that are wanted, and not an error."""

        def is_settled() -> Any:
            now = manager.get(thing.id)
            if now.status.startswith("error") and now.status not in wanted:
                raise AssertionError(f"{now.id} is {now.status}:\n{self.log[-6000:]}")
            return now if now.status in (wanted or ("available",)) else None

        return self.wait(is_settled, f"{thing.id} becomes {wanted or 'available'}")

    def gone(self, manager: Any, thing: Any) -> None:
        """Wait until a volume, snapshot or group is not there any more."""

        def is_gone() -> bool:
            found = [each for each in manager.list(search_opts={"all_tenants": 1}) if each.id == thing.id]
            if found and found[0].status.startswith("error"):
                raise AssertionError(f"{thing.id} is {found[0].status}:\n{self.log[-6000:]}")
            return not found

        self.wait(is_gone, f"{thing.id} goes away")

    @property
    def array(self) -> Any:
        """The local array as it is."""
        return self.simulator.arrays[LOCAL_ARRAY]

    @property
    def remote(self) -> Any:
        """The remote array as it is."""
        return self.simulator.arrays[REMOTE_ARRAY]

    def device(self, volume: Any, array: Any = None) -> Any:
        """The device of a volume on an array, the local one by default, found by what Cinder calls it there."""
        name = f"OS-{getattr(volume, 'id', volume)}"
        found = [each for each in (array or self.array).volumes.values() if each.identifier == name]
        assert len(found) == 1, f"{name} is on the array {len(found)} times"
        return found[0]

    @contextmanager
    def leaving_nothing(self) -> Iterator[None]:
        """Make sure that the arrays are after the block what they were before."""
        before = state_of(self.simulator)
        yield
        left = changes_between(before, state_of(self.simulator))
        assert not left, left


def _operations(journal: Path) -> int:
    """How many operations are in a journal that another process writes, and may take away at any time."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM operation").fetchone()[0])
    return 0


def host_of(pool: str) -> str:
    """The back end of a pool, `node@stanza`."""
    return pool.partition("#")[0]


def environment_of_services() -> dict[str, str]:
    """That of this process without what `requests` lets win over the certificate that a driver is told to trust."""
    return {name: value for name, value in os.environ.items() if name not in OVERRULING}


def _line(process: subprocess.Popen[str]) -> str:
    stream: IO[str] | None = process.stdout
    return stream.readline().strip() if stream else ""


@contextmanager
def cloud_of(directory: Path, threads: str, **choices: Any) -> Iterator[Cloud]:
    """A cloud that is not started yet, over a simulator of its own; `choices` are those of the simulator."""
    with Simulator(tls=True, **choices) as simulator:
        simulator.arrays[LOCAL_ARRAY].add_port_group(SECOND_PORT_GROUP, PORTS["iscsi"][:1])
        cloud = Cloud(directory, simulator, threads)
        try:
            yield cloud
        finally:
            cloud.stop()
        assert not simulator.defects, simulator.defects
