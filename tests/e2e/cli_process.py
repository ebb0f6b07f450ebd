"""Runs the `pmax` command, as a process or in this one, against a simulator that is served over HTTPS."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

import attrs
import requests

from pmax.__main__ import main
from pmax.adapters.options import load
from pmax.bootstrap import build_engine
from pmax.domain.capacity import Capacity
from pmax.domain.commands import AttachVolume, CreateVolume
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import Connector
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Simulator
from pmax.simulator.mount import SimulatorAdapter

ARRAY = "000197900999"
OTHER_ARRAY = "000197900998"
IQN = "iqn.1994-05.com.example:node1"
WWPN = "10000090fa5e1a04"
ROOT = Path(__file__).parents[2]


@attrs.frozen
class Finished:
    """What a process did.

    Attributes:
        status: its exit status.
        out: what it wrote for programs and people.
        err: what it wrote beside that.
    """

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)

    @property
    def widest(self) -> int:
        """Width of the widest line of the output."""
        return max((len(line) for line in self.out.splitlines()), default=0)


@attrs.define
class CommandLine:
    """A shell in which `pmax` is configured for a simulator.

    Attributes:
        simulator: served over HTTPS.
        folder: for configuration and state; where one types, too.
        stanza: options of the backend; a test may change them before it runs anything.
        configuration_mode: who may read the configuration file.
    """

    simulator: Simulator
    folder: Path
    stanza: dict[str, str]
    configuration_mode: int = 0o600

    @classmethod
    def of(cls, simulator: Simulator, folder: Path) -> CommandLine:
        """Configured as it should be."""
        host, _, port = simulator.url.removeprefix("https://").partition(":")
        return cls(
            simulator,
            folder,
            {
                "san_ip": host,
                "san_api_port": port,
                "san_login": "smc",
                "san_password": "smc",
                "driver_ssl_cert_path": str(simulator.ca_path),
                "powermax_array": ARRAY,
                "powermax_srp": "SRP_1",
                "powermax_service_level": "Diamond",
                "powermax_port_groups": "[OS-iscsi-PG]",
                "pmax_journal_directory": str(folder / "journal"),
            },
        )

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> Finished:
        """Run `pmax` as a process.

        Args:
            arguments: without the program's name.
            environment: beside what every run has.
        """
        finished = subprocess.run(
            [sys.executable, "-m", "pmax", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            input="",
            env={**self.environment(), **(environment or {})},
        )
        return Finished(finished.returncode, finished.stdout, finished.stderr)

    def call(self, *arguments: str, columns: int = 80) -> Finished:
        """Run `pmax` in this process, where the boundary does not matter: it costs a fraction of a process."""
        out, err = io.StringIO(), io.StringIO()
        environment = {**self.environment(), "COLUMNS": str(columns)}
        with ExitStack() as stack:
            stack.callback(_restore, dict(os.environ), sys.stdin, list(logging.root.handlers), logging.root.level)
            os.environ.clear()
            os.environ.update(environment)
            sys.stdin = io.StringIO()
            stack.enter_context(chdir(self.folder))
            stack.enter_context(redirect_stdout(out))
            stack.enter_context(redirect_stderr(err))
            status = main(arguments)
        return Finished(status, out.getvalue(), err.getvalue())

    def environment(self) -> dict[str, str]:
        """What every run of `pmax` has: the configuration, a home of its own, and 80 columns."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PMAX_")}
        own = {"PMAX_CONFIG": str(self._write_configuration()), "HOME": str(self.folder), "COLUMNS": "80"}
        return {**inherited, **own}

    def _write_configuration(self) -> Path:
        config = self.folder / "pmax.conf"
        config.write_text("[powermax]\n" + "".join(f"{name} = {value}\n" for name, value in self.stanza.items()))
        config.chmod(self.configuration_mode)
        return config

    def furnish(self) -> None:
        """Let a host see volume 00003, and nobody volume 00004; in this process, since it is not what is tested."""
        settings = load([str(self._write_configuration())])
        adapter = SimulatorAdapter(self.simulator.application)
        engine = build_engine(settings, http_adapter=adapter, load_entry_points=False)
        diamond, gold = (VolumePolicy(srp="SRP_1", service_level=level) for level in ("Diamond", "Gold"))
        for name, size_gib, policy in (("finance-01", 10, diamond), ("archive-01", 3, gold)):
            capacity = Capacity.from_gib(size_gib)
            command = CreateVolume(array_id=ArrayId(ARRAY), identifier=name, capacity=capacity, policy=policy)
            engine.execute(command)
        connector = Connector(host="node1", is_multipath=True, properties={"initiator": IQN})
        target = VolumeTarget(array_id=ArrayId(ARRAY), device_id=DeviceId("00003"))
        engine.execute(AttachVolume(target=target, connector=connector, protocol="iscsi", policy=diamond))
        engine.close()
        self.simulator.requests.clear()

    def make(self, kind: str, body: Mapping[str, object], name: str = "") -> None:
        """Make an object as another client would, or change the one of this name."""
        answer = requests.request(
            "PUT" if name else "POST",
            f"{self.simulator.url}/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}/{kind}/{name}".rstrip("/"),
            json=body,
            auth=("smc", "smc"),
            verify=str(self.simulator.ca_path),
            timeout=10,
        )
        assert answer.ok, answer.text

    def fill(self, storage_group: str, volumes: int) -> None:
        """Put new volumes of 1 GB into a storage group, all in one call."""
        size = {"num_of_vols": volumes, "volume_size": "1", "capacityUnit": "GB"}
        expand = {"addVolumeParam": {"create_new_volumes": True, "emulation": "FBA", "volumeAttributes": [size]}}
        body = {"editStorageGroupActionParam": {"expandStorageGroupParam": expand}}
        self.make("storagegroup", body, storage_group)

    def json(self, *arguments: str) -> Any:
        """Call `pmax` with `-f json`; it must succeed."""
        finished = self.call(*arguments, "-f", "json")
        assert finished.status == 0, finished.err
        return finished.data

    def changes(self) -> list[str]:
        """Every call that could change something, as verb and path."""
        return [f"{call.verb} {call.path}" for call in self.simulator.requests if call.verb != "GET"]

    def objects(self) -> dict[str, list[str]]:
        """Names of everything on the array that an operation can make."""
        array = self.simulator.arrays[ARRAY]
        return {
            "volumes": sorted(array.volumes),
            "storage groups": sorted(array.storage_groups),
            "hosts": sorted(array.hosts),
            "masking views": sorted(array.masking_views),
        }


def _restore(environment: dict[str, str], stdin: TextIO, handlers: list[logging.Handler], level: int) -> None:
    """Put back what a run of the command changes in its process."""
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = stdin
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
