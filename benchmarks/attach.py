"""Fifty attaches and fifty detaches at once over ten hosts: pmax, and the upstream driver on the same simulator.

Each answer of the simulated Unisphere takes the given latency, and it works on eight calls at a time; others wait.
Both drivers run in native threads of this process, through Cinder's own objects, database and coordinator. Calls are
counted by the simulator.
"""

from __future__ import annotations

import argparse
import heapq
import logging
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import attrs

sys.path.insert(0, str(Path(__file__).parents[1]))

from pmax.simulator.app import Application
from pmax.simulator.wire import Request, Response
from tests.judges.calls import counting
from tests.judges.hosts import connector_of
from tests.judges.upstream import OVERRULING, UPSTREAM, Backend, cinder_bench

PMAX = {
    "iscsi": "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver",
    "fc": "pmax.adapters.cinder.fc.PowerMaxFCDriver",
}
VOLUMES = 50
HOSTS = 10
SLOTS = 8


class BusyApplication:
    """A Unisphere that works on so many calls at a time, each of which takes the latency."""

    def __init__(self, inner: Application, latency_s: float, slots: int) -> None:
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


@attrs.frozen
class Figures:
    """What one run of one driver took.

    Attributes:
        wall_s: from the first call to the end of the last operation.
        calls: of all operations together.
        peak: most calls under way at a time.
        failures: operations that raised.
    """

    wall_s: float
    calls: int
    peak: int
    failures: int


def measure(driver: str, protocol: str, latency_s: float) -> tuple[Figures, Figures]:
    """Attach fifty volumes at once, then detach them at once."""
    with tempfile.TemporaryDirectory() as directory, cinder_bench(Path(directory), clock="real") as bench:
        busy = bench.simulator.serve(BusyApplication(bench.simulator.application, latency_s, SLOTS))
        quick = bench.start(driver, protocol, stanza="quick")
        gold = quick.volume_type()
        volumes = [quick.create(gold) for _ in range(VOLUMES)]
        slow = bench.start(
            driver,
            protocol,
            stanza="slow",
            san_api_port=urlsplit(busy.url).port,
            driver_ssl_cert_path=busy.ca_path,
            interval=1,
        )
        for number in range(HOSTS):
            quick.log_in(connector_of(protocol, number))
        return _at_once(slow, volumes, latency_s, "initialize_connection"), _at_once(
            slow, volumes, latency_s, "terminate_connection"
        )


def _at_once(backend: Backend, volumes: list[object], latency_s: float, method: str) -> Figures:
    def one(pair: tuple[int, object]) -> bool:
        number, volume = pair
        connector = connector_of(backend.protocol, number % HOSTS)
        try:
            getattr(backend.driver, method)(volume, connector)
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; it is counted and shown
            print(f"  {method}: {type(error).__name__}: {error}", file=sys.stderr)
            return False
        return True

    volumes = [backend.records.again(volume) for volume in volumes]
    with counting(backend.bench.simulator) as calls, ThreadPoolExecutor(VOLUMES) as pool:
        started = time.monotonic()
        done = list(pool.map(one, enumerate(volumes)))
        wall_s = time.monotonic() - started
    return Figures(wall_s, len(calls), _peak([call.at for call in calls.all], latency_s), done.count(False))


def _peak(starts: list[float], latency_s: float) -> int:
    """Most calls that were with the server at a time: those that waited in line included."""
    starts = sorted(starts)
    return max((sum(start <= each < start + latency_s for each in starts) for start in starts), default=0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency-ms", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--protocol", choices=sorted(PMAX), default="iscsi")
    parser.add_argument("--runs", type=int, default=1, help="of each driver, in turn")
    parser.add_argument("--only", choices=["pmax", "upstream"])
    chosen = parser.parse_args()
    for name in OVERRULING:
        os.environ.pop(name, None)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    drivers = {"pmax": PMAX[chosen.protocol], "upstream": UPSTREAM[chosen.protocol]}
    if chosen.only:
        drivers = {chosen.only: drivers[chosen.only]}
    print(f"{VOLUMES} volumes, {HOSTS} hosts, {chosen.protocol}, {SLOTS} calls at a time")
    print(f"{'latency':>8} {'':9} {'driver':9} {'wall s':>8} {'calls':>6} {'per op':>7} {'peak':>5} {'failed':>7}")
    for latency_ms in chosen.latency_ms:
        results: dict[str, list[tuple[Figures, Figures]]] = {name: [] for name in drivers}
        for _ in range(chosen.runs):
            for name, driver in drivers.items():
                results[name].append(measure(driver, chosen.protocol, latency_ms / 1000))
        for position, operation in enumerate(("attach", "detach")):
            for name, runs in results.items():
                figures = [run[position] for run in runs]
                wall_s = statistics.median(each.wall_s for each in figures)
                calls = statistics.median(each.calls for each in figures)
                print(
                    f"{latency_ms:>5} ms {operation:9} {name:9} {wall_s:>8.1f} {calls:>6.0f} {calls / VOLUMES:>7.1f} "
                    f"{max(each.peak for each in figures):>5} {max(each.failures for each in figures):>7}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
