"""Cinder as it is deployed: a process for each service, two volume services in a cluster, MariaDB, RabbitMQ and Redis.

The servers are those of Debian's packages. They listen on loopback only, on ports that were free, with everything they
write in one directory; whoever started them stops them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pmax.simulator import Simulator
from tests.e2e.real_cinder.cloud import ROOT, Cloud, environment_of_services

#: What has to be installed, and a program of each by which it is found.
PACKAGES = {"rabbitmq-server": "rabbitmq-server", "mariadb-server": "mariadbd", "redis-server": "redis-server"}
CLUSTER = "storage"
NODES = ("node1", "node2")
SCRIPTS = Path(sys.prefix) / "bin"

_RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_PASSWORD = "cinder"
_DATABASE = f"""\
CREATE DATABASE cinder;
CREATE USER cinder@'127.0.0.1' IDENTIFIED BY '{_PASSWORD}';
GRANT ALL ON cinder.* TO cinder@'127.0.0.1';
"""
_DEFAULT = """\
cluster = {cluster}
service_down_time = 6
report_interval = 2
rpc_response_timeout = 60
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = {port}
osapi_volume_workers = 1
"""


def missing_packages() -> list[str]:
    """Debian's packages that are not installed."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return [package for package, program in PACKAGES.items() if not shutil.which(program, path=path)]


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Deployment(Cloud):
    """A cloud of many processes; see `Cloud` for what users do with it."""

    def __init__(self, directory: Path, simulator: Simulator) -> None:
        super().__init__(directory, simulator, "eventlet")
        self._ports = {name: free_port() for name in ("api", "database", "queue", "locks", "epmd", "erlang")}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.stanzas = {"iscsi": self.stanza("iscsi")}
        self.default = _DEFAULT.format(cluster=CLUSTER, port=self._ports["api"])
        self.database = f"mysql+pymysql://cinder:{_PASSWORD}@127.0.0.1:{self._ports['database']}/cinder?charset=utf8"
        self.transport = f"rabbit://guest:guest@127.0.0.1:{self._ports['queue']}/"
        self.coordination = f"redis://127.0.0.1:{self._ports['locks']}?lock_timeout=5"
        self._address = f"http://127.0.0.1:{self._ports['api']}"

    # --- servers -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the servers, then the services, and wait until the cluster serves."""
        self._start_servers()
        configuration = self.write_configuration("cinder.conf", "controller")
        self._finish([str(SCRIPTS / "cinder-manage"), "--config-file", str(configuration), "db", "sync"])
        for service in ("api", "scheduler"):
            self._run(service, [str(SCRIPTS / f"cinder-{service}"), "--config-file", str(configuration)])
        for node in NODES:
            self.start_node(node)
        self._wait_for_port("api")
        self.wait_for_pools({f"{CLUSTER}@iscsi"})

    def start_node(self, node: str) -> None:
        """Start a volume service."""
        configuration = self.write_configuration(f"{node}.conf", node)
        self._run(node, [str(SCRIPTS / "cinder-volume"), "--config-file", str(configuration)])

    def kill_node(self, node: str) -> None:
        """Let a volume service die as by a power failure."""
        process = self._processes.pop(node)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Stop everything, the servers last."""
        super().stop()
        for name in reversed(list(self._processes)):
            process = self._processes.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start_servers(self) -> None:
        data, init = self.directory / "mariadb", self.directory / "database.sql"
        init.write_text(_DATABASE)
        self._finish(
            ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root", "--skip-test-db"],
        )
        self._run(
            "database",
            [
                "mariadbd",
                "--no-defaults",
                "--user=root",
                f"--datadir={data}",
                f"--port={self._ports['database']}",
                "--bind-address=127.0.0.1",
                f"--socket={data}/socket",
                f"--pid-file={data}/pid",
                f"--init-file={init}",
            ],
        )
        self._run(
            "locks",
            [
                *("redis-server", "--bind", "127.0.0.1", "--port", str(self._ports["locks"])),
                *("--save", "", "--dir", str(self.directory)),
            ],
        )
        self._start_queue()
        for name in ("database", "locks", "queue"):
            self._wait_for_port(name)

    def _start_queue(self) -> None:
        home = self.directory / "rabbitmq"
        home.mkdir()
        (home / "enabled_plugins").write_text("[].")
        epmd = {"ERL_EPMD_PORT": str(self._ports["epmd"]), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        self._run("epmd", ["epmd"], epmd)
        self._wait_for_port("epmd")
        self._run(
            "queue",
            [str(_RABBITMQ)],
            {
                **epmd,
                "HOME": str(home),
                "RABBITMQ_NODENAME": "queue@localhost",
                "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODE_PORT": str(self._ports["queue"]),
                "RABBITMQ_DIST_PORT": str(self._ports["erlang"]),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
                "RABBITMQ_CONF_ENV_FILE": os.devnull,
                "RABBITMQ_CONFIG_FILE": str(home / "none"),
                "RABBITMQ_MNESIA_BASE": str(home / "data"),
                "RABBITMQ_LOG_BASE": str(home / "log"),
                "RABBITMQ_PID_FILE": str(home / "pid"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            },
        )

    # --- processes ---------------------------------------------------------------------------------------------------

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        environment = environment_of_services()
        path = f"{SCRIPTS}:{environment.get('PATH', '')}:/usr/sbin"
        return {**environment, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **more}

    def _run(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start a process that leads a group of its own, so that it can be ended with its children."""
        with (self.directory / f"{name}.out").open("ab") as output:
            self._processes[name] = subprocess.Popen(
                command,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment(environment or {}),
                start_new_session=True,
            )

    def _finish(self, command: Sequence[str]) -> None:
        """Run a command to its end.

        Raises:
            AssertionError: it failed.
        """
        finished = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, check=False, env=self._environment({})
        )
        assert finished.returncode == 0, f"{command[0]}: {finished.stderr}{finished.stdout}"

    def _wait_for_port(self, name: str) -> None:
        def answers() -> bool:
            ended = [each for each, process in self._processes.items() if process.poll() is not None]
            assert not ended, f"{ended} ended:\n{self.log[-4000:]}"
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._ports[name]), timeout=1):
                return True
            return False

        self.wait(answers, f"{name} listens")

    @property
    def log(self) -> str:
        """What everybody has logged."""
        files = [self.directory / "cinder.log", *sorted(self.directory.glob("*.out"))]
        return "".join(
            f"--- {file.name}\n{file.read_text(errors='replace')[-6000:]}" for file in files if file.exists()
        )


@contextmanager
def deployment_of(directory: Path, **choices: Any) -> Iterator[Deployment]:
    """A deployment that is up, over a simulator of its own; `choices` are those of the simulator."""
    with Simulator(tls=True, **choices) as simulator:
        deployed = Deployment(directory, simulator)
        try:
            deployed.start()
            yield deployed
        finally:
            deployed.stop()
        assert not simulator.defects, simulator.defects
