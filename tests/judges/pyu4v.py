"""PyU4V of two generations, each in a process of its own, connected to a simulator over HTTPS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import attrs

from pmax.simulator import Simulator
from pmax.simulator.array_handle import ArrayHandle
from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY
from tests.judges.cache import fetched

WORKER = Path(__file__).with_name("pyu4v_worker.py")
UNISPHERES = {"10": "V10.4.0.0", "9.2": "V9.2.1.0", "9.1": "V9.1.0.5"}
"""The Unisphere that each generation asks for at least."""

LIVING = ("10", "9.2")
"""The generations that tests are for unless they say otherwise."""

EVERY = tuple(UNISPHERES)

TestFunction = TypeVar("TestFunction", bound=Callable[..., None])


def generations(*names: str) -> Callable[[TestFunction], TestFunction]:
    """Say which generations a test is for, because the others cannot do it."""

    def said(function: TestFunction) -> TestFunction:
        function.generations = names  # type: ignore[attr-defined]
        return function

    return said


class Refused(Exception):
    """PyU4V raised.

    Attributes:
        kind: the class that it raised.
        text: what it said.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


@attrs.frozen
class Methods:
    """The methods of one part of a connection, such as `provisioning`."""

    _worker: subprocess.Popen[str]
    _part: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return _exchange(self._worker, {"path": f"{self._part}.{name}", "args": args, "kwargs": kwargs})

        return call


class Connection:
    """A connection of PyU4V; its parts have the names that PyU4V gives them.

    Attributes:
        simulator: what it is connected to.
        generation: one of `UNISPHERES`.
    """

    def __init__(self, simulator: Simulator, generation: str, worker: subprocess.Popen[str]) -> None:
        self.simulator = simulator
        self.generation = generation
        self._worker = worker

    def __getattr__(self, name: str) -> Methods:
        return Methods(self._worker, name)

    @property
    def is_new(self) -> bool:
        """The generation of the enhanced API."""
        return self.generation == "10"

    @property
    def array(self) -> ArrayHandle:
        """The array that it speaks of."""
        return self.simulator.arrays[LOCAL_ARRAY]

    @property
    def remote(self) -> ArrayHandle:
        """The array on the other side of its RDF groups."""
        return self.simulator.arrays[REMOTE_ARRAY]


class Workers:
    """A process for each generation, started when it is first wanted; they are the same for all tests of a run."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def connect(self, simulator: Simulator, generation: str) -> Connection:
        """Connect a generation, leaving its connection to another simulator.

        Args:
            simulator: served.
            generation: one of `UNISPHERES`.

        Raises:
            Refused: it does not like the Unisphere.
            Unreachable: the release is not installed and cannot be fetched.
        """
        if generation not in self._processes:
            self._processes[generation] = self._start(generation)
        worker = self._processes[generation]
        _exchange(worker, {"connect": _connection_arguments(simulator)})
        return Connection(simulator, generation, worker)

    def stop(self) -> None:
        """End all processes."""
        for process in self._processes.values():
            with process:  # which closes its pipes, and waits for it
                pass

    def _start(self, generation: str) -> subprocess.Popen[str]:
        with (self._directory / f"pyu4v-{generation}.log").open("a", encoding="utf-8") as log:
            return subprocess.Popen(
                [sys.executable, "-W", "ignore", str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self._directory,
                env={**os.environ, "HOME": str(self._directory), **_environment(generation)},
            )


def _connection_arguments(simulator: Simulator) -> dict[str, Any]:
    address = urlsplit(simulator.url)
    return {
        "username": simulator.options.username,
        "password": simulator.options.password,
        "server_ip": address.hostname,
        "port": address.port,
        "verify": str(simulator.ca_path),
        "array_id": LOCAL_ARRAY,
        "interval": 0,
    }


def _environment(generation: str) -> Mapping[str, str]:
    """Where Python finds a generation: the newest one is installed, the others lie in the cache."""
    return {} if generation == "10" else {"PYTHONPATH": str(fetched(f"PyU4V=={generation}.*"))}


def _exchange(worker: subprocess.Popen[str], wanted: Mapping[str, Any]) -> Any:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps(wanted) + "\n")
    worker.stdin.flush()
    line = worker.stdout.readline()
    if not line:
        raise Refused("process", f"ended with {worker.wait()}")
    answer = json.loads(line)
    if "error" in answer:
        raise Refused(*answer["error"])
    return answer["result"]
