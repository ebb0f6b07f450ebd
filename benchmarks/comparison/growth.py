"""How cost grows: with the volumes in a storage group, and with the volumes on the array."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import attrs
from comparison.stage import bench, quick

from pmax.simulator.rules.volumes import Naming, NewVolumes, make_volumes
from tests.judges.backend import Backend
from tests.judges.hosts import Names, connector_of
from tests.judges.upstream import CinderBench

GROUP_SIZES = (10, 100, 1000, 4000)
#: Volumes on the array, and the fixture that has them.
ARRAYS = {1_000: "default", 64_000: "large"}

Point = dict[str, float]


def with_group_size(driver: str, protocol: str, size: int) -> dict[str, Point]:
    """Calls and time of an attach, a detach and a creation, where every group involved has so many volumes."""
    with bench() as made:
        backend = quick(made, driver, protocol)
        gold = backend.volume_type(pool=backend.pool(workload="NONE"))
        node = connector_of(protocol)
        first, volume = backend.create(gold), backend.create(gold)
        backend.attach(first, node)
        backend.log_in(node)
        _fill(made, backend.symmetrix_id, "OS-SRP_1-Gold-NONE-SG", size - 1)
        _fill(made, backend.symmetrix_id, Names(protocol).gold, size - 1)
        return {
            "create": _timed(backend, lambda: backend.create(gold)),
            "attach": _timed(backend, lambda: backend.attach(volume, node)),
            "detach": _timed(backend, lambda: backend.detach(volume, node)),
        }


def with_array_size(driver: str, protocol: str, size: int) -> dict[str, Point]:
    """Calls and time of statistics, of a creation and of listing what can be taken over, on an array of that size."""
    with bench(fixture=ARRAYS[size]) as made:
        backend = quick(made, driver, protocol)
        array = backend.array
        missing = size - len(array.volumes)
        if missing > 0:
            with made.simulator.world.changing() as transaction:
                make_volumes(
                    transaction.array(backend.symmetrix_id),
                    NewVolumes(number=missing, cylinders=547, naming=Naming()),
                    None,
                )
        gold = backend.volume_type(pool=backend.pool(workload="NONE"))
        backend.create(gold)
        listing = lambda: backend.driver.get_manageable_volumes([], None, 1000, 0, ["size"], ["asc"])  # noqa: E731
        return {
            "statistics": _timed(backend, lambda: backend.driver.get_volume_stats(refresh=True)),
            "create": _timed(backend, lambda: backend.create(gold)),
            "list manageable": _timed(backend, listing),
        }


def memory_mib(driver: str | None, protocol: str) -> float:
    """Most memory of this process with a driver that was set up and asked for its statistics; None for none."""
    with bench() as made:
        if driver:
            quick(made, driver, protocol).driver.get_volume_stats(refresh=True)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(backend: Backend, act: Callable[[], object]) -> Point:
    with backend.calls() as calls:
        started = time.perf_counter()
        try:
            act()
        except NotImplementedError:
            return {}
        took_s = time.perf_counter() - started
    return {"calls": len(calls), "seconds": took_s}


def _fill(made: CinderBench, symmetrix_id: str, storage_group: str, number: int) -> None:
    """Put that many volumes of somebody else into a storage group at once."""
    with made.simulator.world.changing() as transaction:
        tables = transaction.array(symmetrix_id)
        for volume_id in make_volumes(tables, NewVolumes(number=number, cylinders=547, naming=Naming()), None):
            volume = tables.volumes.get(volume_id)
            tables.volumes.put(attrs.evolve(volume, storage_groups=(storage_group,)))
