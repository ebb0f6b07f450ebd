"""The stage of the tour: a simulator that is served over HTTPS, and the files that a user would write."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests

ARRAY: Final = "000197900999"
SRP: Final = "SRP_1"
PORT_GROUPS: Final = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}
DRIVERS: Final = {
    "iscsi": "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver",
    "fc": "pmax.adapters.cinder.fc.PowerMaxFCDriver",
}

_BIN: Final = Path(sys.executable).parent
_USERNAME: Final = "tour"
_READY: Final = "listening on "
_STOP_S: Final = 10.0

_CINDER_CONF: Final = """\
[DEFAULT]
enabled_backends = powermax-iscsi, powermax-fc
state_path = {directory}/state

[coordination]
backend_url = file://{directory}/locks
"""

_STANZA: Final = """
[powermax-{protocol}]
volume_driver = {driver}
volume_backend_name = powermax-{protocol}
san_ip = {host}
san_api_port = {port}
san_login = {username}
san_password = {password}
driver_ssl_cert_verify = true
driver_ssl_cert_path = {directory}/client.pem
powermax_array = {array}
powermax_srp = {srp}
powermax_service_level = Diamond
powermax_port_groups = [{port_group}]
"""

SERVE: Final = (
    "pmax",
    "simulator",
    "serve",
    *("--port", "0", "--username", _USERNAME, "--password-file", "password"),
    *("--tls-cert", "server.pem", "--tls-key", "server.key"),
    *("--request-log", "requests.jsonl", "--clock", "instant"),
)


class Stage:
    """Everything that the tour plays on, in one directory.

    Attributes:
        directory: of all files, and where commands run.
        url: of the simulator; empty until it is served.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.url = ""
        self._password = secrets.token_urlsafe(16)
        self._server: subprocess.Popen[str] | None = None

    def make_certificate(self) -> tuple[str, ...]:
        """Make a certificate for loopback, and the authority that signs it; return the command line that did."""
        command = ("python", "-m", "trustme", "-d", ".", "-i", "127.0.0.1", "-q")
        subprocess.run((sys.executable, *command[1:]), cwd=self.directory, check=True)
        return command

    def serve(self) -> str:
        """Start the simulator as a process of its own; return the line in which it says that it is ready.

        Raises:
            RuntimeError: it ended instead.
        """
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(f"{self._password}\n")
        self._server = subprocess.Popen(
            (str(_BIN / SERVE[0]), *SERVE[1:]), cwd=self.directory, stdout=subprocess.PIPE, text=True
        )
        line = (self._server.stdout.readline() if self._server.stdout else "").strip()
        if not line.startswith(_READY):
            raise RuntimeError(f"the simulator did not start: {line or 'it ended without a word'}")
        self.url = line.removeprefix(_READY)
        return line

    def write_configuration(self) -> str:
        """Write cinder.conf, and the same stanza as pmax.conf; return that, without its password."""
        address = urlsplit(self.url)
        stanzas = {
            protocol: _STANZA.format(
                protocol=protocol,
                driver=driver,
                host=address.hostname,
                port=address.port,
                username=_USERNAME,
                password=self._password,
                directory=self.directory,
                array=ARRAY,
                srp=SRP,
                port_group=PORT_GROUPS[protocol],
            )
            for protocol, driver in DRIVERS.items()
        }
        for name, text in {
            "cinder.conf": _CINDER_CONF.format(directory=self.directory) + "".join(stanzas.values()),
            "pmax.conf": stanzas["iscsi"],
        }.items():
            path = self.directory / name
            path.touch(mode=0o600)
            path.write_text(text)
        shown = stanzas["iscsi"].replace(self._password, "***").replace(f"{self.directory}/", "")
        return shown.strip()

    def pmax(self, *arguments: str) -> str:
        """Run the pmax command as a user does; return what it prints.

        Raises:
            RuntimeError: it failed.
        """
        finished = subprocess.run(
            (str(_BIN / "pmax"), *arguments),
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": str(_BIN), "HOME": str(self.directory), "COLUMNS": "74", "PMAX_CONFIG": "pmax.conf"},
        )
        if finished.returncode:
            raise RuntimeError(f"pmax {' '.join(arguments)} failed:\n{finished.stdout}{finished.stderr}")
        return finished.stdout.rstrip()

    def calls(self) -> list[dict[str, Any]]:
        """Every call that the simulator answered, oldest first, as its log has it."""
        return [json.loads(line) for line in (self.directory / "requests.jsonl").read_text().splitlines()]

    def on_the_array(self) -> dict[str, int]:
        """Ask the array itself, with none of our code, how many things of each kind it holds."""
        return {
            "volumes": self._get("volume")["count"],
            "storage groups": len(self._get("storagegroup")["storageGroupId"]),
            "hosts": len(self._get("host")["hostId"]),
            "masking views": len(self._get("maskingview")["maskingViewId"]),
            "in snapshots": len(self._get("volume", "private/92/replication")["name"]),
        }

    def _get(self, resource: str, part: str = "92/sloprovisioning") -> dict[str, Any]:
        response = requests.get(
            f"{self.url}/univmax/restapi/{part}/symmetrix/{ARRAY}/{resource}",
            auth=(_USERNAME, self._password),
            verify=str(self.directory / "client.pem"),
            timeout=10,
        )
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    def stop(self) -> int:
        """Stop the simulator as a user does with Ctrl-C; return its exit status."""
        if self._server is None:
            return 0
        self._server.send_signal(signal.SIGINT)
        try:
            return self._server.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
            return self._server.wait(_STOP_S)
