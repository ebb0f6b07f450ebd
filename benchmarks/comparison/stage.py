"""Where drivers are measured: Cinder's bench in front of a simulated Unisphere that is as busy as a real one."""

from __future__ import annotations

import heapq
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import attrs

from pmax.simulator.app import Application
from pmax.simulator.wire import Request, Response
from tests.judges.backend import Backend
from tests.judges.upstream import OVERRULING, UPSTREAM, CinderBench, cinder_bench

PMAX = {
    "iscsi": "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver",
    "fc": "pmax.adapters.cinder.fc.PowerMaxFCDriver",
}
#: Both drivers by the names that they have in figures; ours is the first.
DRIVERS: Mapping[str, Mapping[str, str]] = MappingProxyType({"pmax": PMAX, "upstream": UPSTREAM})
#: How many calls Unisphere works on at a time; the others wait.
SLOTS = 8


class BusyApplication:
    """A Unisphere that works on so many calls at a time, each of which takes the latency."""

    def __init__(self, inner: Application, latency_s: float, slots: int = SLOTS) -> None:
        self._inner = inner
        self._latency_s = latency_s
        self._free_at = [0.0] * slots

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def handle(self, request: Request) -> Response:
        """Answer when a slot was free and its time is over."""
        response = self._inner.handle(request)
        now = time.monotonic()
        done = max(now, heapq.heappop(self._free_at)) + self._latency_s
        heapq.heappush(self._free_at, done)
        return attrs.evolve(response, delay_s=done - now)


@contextmanager
def bench(**choices: object) -> Iterator[CinderBench]:
    """A bench in a directory of its own; `choices` are those of the simulator."""
    for name in OVERRULING:
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as directory, cinder_bench(Path(directory), **choices) as made:
        yield made


def quick(made: CinderBench, driver: str, protocol: str) -> Backend:
    """A driver that reaches a Unisphere that answers at once."""
    return made.start(DRIVERS[driver][protocol], protocol, stanza="quick")


def slow(made: CinderBench, driver: str, protocol: str, latency_s: float) -> Backend:
    """A driver that reaches the same arrays through a busy Unisphere; jobs are asked for each second."""
    busy = made.simulator.serve(BusyApplication(made.simulator.application, latency_s))
    return made.start(
        DRIVERS[driver][protocol],
        protocol,
        stanza="slow",
        san_api_port=urlsplit(busy.url).port,
        driver_ssl_cert_path=busy.ca_path,
        interval=1,
    )
