"""Fifty operations at once, over ten hosts, through a Unisphere that works on eight calls at a time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
from comparison.stage import bench, quick, slow

from tests.judges.backend import Backend
from tests.judges.calls import counting
from tests.judges.cinder_records import objects
from tests.judges.hosts import connector_of

VOLUMES = 50
HOSTS = 10
OPERATIONS = ("create", "attach", "detach", "clone")


@attrs.frozen
class Figures:
    """What one run of one driver took.

    Attributes:
        wall_s: from the first call to the end of the last operation.
        calls: of all operations together.
        failures: operations that raised.
    """

    wall_s: float
    calls: int
    failures: int


def measure(driver: str, protocol: str, latency_s: float, operations: Sequence[str]) -> dict[str, Figures]:
    """Let everything happen at once, one kind of operation after another."""
    with bench(clock="real") as made:
        ready, measured = quick(made, driver, protocol), slow(made, driver, protocol, latency_s)
        gold = ready.volume_type(pool=ready.pool(workload="NONE"))
        ready.create(gold)
        for number in range(HOSTS):
            ready.log_in(connector_of(protocol, number))
        return {name: _OPERATIONS[name](ready, measured, gold) for name in operations}


def _create(_ready: Backend, measured: Backend, gold: objects.VolumeType) -> Figures:
    volumes = [measured.volume(gold) for _ in range(VOLUMES)]
    return _at_once(measured, "create", volumes, lambda volume, _number: measured.driver.create_volume(volume))


def _attach(ready: Backend, measured: Backend, gold: objects.VolumeType) -> Figures:
    volumes = [ready.create(gold) for _ in range(VOLUMES)]
    figures = _connected(measured, "initialize_connection", volumes)
    measured.attached = volumes  # type: ignore[attr-defined]  # for the detach that follows
    return figures


def _detach(_ready: Backend, measured: Backend, _gold: objects.VolumeType) -> Figures:
    return _connected(measured, "terminate_connection", measured.attached)  # type: ignore[attr-defined]


def _clone(ready: Backend, measured: Backend, gold: objects.VolumeType) -> Figures:
    sources = [ready.create(gold) for _ in range(VOLUMES)]
    pairs = [(measured.volume(gold, source_volid=source.id), source) for source in sources]
    return _at_once(measured, "clone", pairs, lambda pair, _number: measured.driver.create_cloned_volume(*pair))


def _connected(backend: Backend, method: str, volumes: Sequence[Any]) -> Figures:
    act = getattr(backend.driver, method)
    fresh = [backend.records.again(volume) for volume in volumes]
    return _at_once(
        backend, method, fresh, lambda volume, number: act(volume, connector_of(backend.protocol, number % HOSTS))
    )


def _at_once(backend: Backend, name: str, things: Sequence[Any], act: Callable[[Any, int], Any]) -> Figures:
    def one(pair: tuple[int, Any]) -> bool:
        try:
            act(pair[1], pair[0])
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; it is counted and shown
            print(f"  {name}: {type(error).__name__}: {error}", file=sys.stderr)
            return False
        return True

    with counting(backend.simulator) as calls, ThreadPoolExecutor(VOLUMES) as threads:
        started = time.monotonic()
        done = list(threads.map(one, enumerate(things)))
        wall_s = time.monotonic() - started
    return Figures(wall_s, len(calls), done.count(False))


_OPERATIONS: dict[str, Callable[[Backend, Backend, objects.VolumeType], Figures]] = {
    "create": _create,
    "attach": _attach,
    "detach": _detach,
    "clone": _clone,
}
