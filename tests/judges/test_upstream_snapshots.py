"""Snapshots and clones with Cinder's own driver: names, data, and how often it asks.

Call counts are those of the driver reference (6.1), in its notation: `n = g+w+p`, reads, writes and polls of jobs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pmax.simulator import Behaviour
from pmax.simulator.fixtures import LOCAL_ARRAY as ARRAY
from pmax.simulator.pace import AfterReads
from tests.judges.backend import Backend, location_of
from tests.judges.upstream import UPSTREAM, CinderBench

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def device_id(volume: Any) -> str:
    """The device that a volume is."""
    return location_of(volume)["device_id"]


def data_of(backend: Backend, volume: Any) -> str:
    """What a host reads from a volume."""
    return backend.array.read(device_id(volume))


@pytest.fixture
def backend(bench: CinderBench, start: Callable[..., Backend]) -> Backend:
    """The iSCSI driver."""
    return start()


@pytest.fixture
def volumes(backend: Backend) -> list[Any]:
    """Two volumes of one type, so that the default group stays when one goes; the second one has data."""
    gold = backend.volume_type()
    made = [backend.create(gold) for _ in range(2)]
    backend.array.write(device_id(made[1]), "first")
    return made


def delete_all(backend: Backend, *volumes: Any) -> None:
    """Delete volumes."""
    for volume in volumes:
        backend.delete(volume)


def test_snapshots(bench, backend, volumes):
    """A snapshot has Cinder's name for it, and goes when it is deleted."""
    with bench.leaving_nothing(), backend.calls() as calls:
        snapshot = backend.snapshot(volumes[1])
        assert len(backend.array.snapshots) == 1
        (taken,) = backend.array.snapshots
        name = f"OS-{snapshot.id[:6]}{snapshot.id[-9:]}"
        assert (taken.source, taken.name, taken.expires_at) == (device_id(volumes[1]), name, None)
        assert location_of(snapshot) == {"source_id": device_id(volumes[1]), "snap_name": name}
        backend.delete_snapshot(snapshot)
    assert calls.sum == "10 = 8+2+0"


def test_calls_for_snapshots(bench, backend, volumes):
    """What the driver asks grows with the first snapshot, and with each link."""
    with bench.leaving_nothing():
        with backend.calls() as calls:
            first = backend.snapshot(volumes[1])
        assert calls.sum == "6 = 5+1+0"
        with backend.calls() as calls:
            second = backend.snapshot(volumes[1])
        assert calls.sum == "10 = 9+1+0"
        with backend.calls() as calls:
            backend.delete_snapshot(second)
        assert calls.sum == "4 = 3+1+0"
        made = backend.create_from_snapshot(first, volumes[1].volume_type)
        with backend.calls() as calls:
            backend.delete_snapshot(first)
        assert calls.sum == "5 = 3+2+0"
        backend.delete(made)


def test_calls_grow_with_snapshots(backend, volumes):
    """A volume from a snapshot costs three calls more for each further snapshot of the source."""
    snapshots = [backend.snapshot(volumes[1]) for _ in range(2)]
    with backend.calls() as calls:
        backend.create_from_snapshot(snapshots[0], volumes[1].volume_type)
    assert calls.sum == "28 = 25+2+1"


def test_volume_from_snapshot(bench, backend, volumes):
    """A volume from a snapshot has the data of the snapshot, whatever was written to the source since."""
    with bench.leaving_nothing():
        snapshot = backend.snapshot(volumes[1])
        backend.array.write(device_id(volumes[1]), "second")
        with backend.calls() as calls:
            made = backend.create_from_snapshot(snapshot, volumes[1].volume_type)
        assert calls.sum == "25 = 22+2+1"
        assert data_of(backend, made) == "first"
        with backend.calls() as calls:
            backend.delete(made)
        assert calls.sum == "23 = 19+3+1"
        larger = backend.create_from_snapshot(snapshot, volumes[1].volume_type, size=3)
        assert (backend.device_of(larger).cylinders, data_of(backend, larger)) == (1639, "first")
        backend.delete_snapshot(snapshot)
        assert data_of(backend, larger) == "first"
        delete_all(backend, larger)
        backend.array.write(device_id(volumes[1]), "first")


def test_clones(bench, backend, volumes):
    """Each clone has the data of its own time; the next one ends the link of the one before."""
    source = volumes[1]
    with bench.leaving_nothing():
        with backend.calls() as calls:
            first = backend.clone(source)
        assert calls.sum == "23 = 19+3+1"
        (temporary,) = backend.array.snapshots
        assert temporary.name == f"temp-{device_id(source)}-snapshot_for_clone"
        assert temporary.expires_at == temporary.created_at + 3600
        backend.array.write(device_id(source), "second")
        with backend.calls() as calls:
            second = backend.clone(source, size=2)
        assert calls.sum == "31 = 25+5+1"
        assert set(backend.array.links) == {device_id(second)}
        assert [data_of(backend, volume) for volume in (first, second)] == ["first", "second"]
        with backend.calls() as calls:
            backend.delete(second)
        assert calls.sum == "25 = 20+4+1"
        backend.delete(first)
        backend.array.write(device_id(source), "first")


def test_delete_of_a_cloned_volume(bench, backend, volumes):
    """A volume can go before its clone, which keeps the data."""
    stays, source = volumes
    gold = source.volume_type
    with bench.leaving_nothing():
        other = backend.create(gold)
        backend.array.write(device_id(other), "other")
        clone = backend.clone(other)
        with backend.calls() as calls:
            backend.delete(other)
        assert calls.sum == "23 = 18+4+1"
        assert data_of(backend, clone) == "other"
        backend.delete(clone)
    delete_all(backend, stays, source)


def test_extend_of_a_source(bench, backend, volumes):
    """A source grows, and its snapshot does not."""
    snapshot = backend.snapshot(volumes[1])
    with backend.calls() as calls:
        backend.extend(volumes[1], 2)
    assert calls.sum == "10 = 8+1+1"
    assert (backend.device_of(volumes[1]).cylinders, backend.array.snapshots[0].cylinders) == (1093, 547)
    backend.delete_snapshot(snapshot)


def test_revert(bench, backend, volumes):
    """A revert brings the data back, ends the restore session and keeps the snapshot."""
    with bench.leaving_nothing():
        snapshot = backend.snapshot(volumes[1])
        taken = backend.array.snapshots
        backend.array.write(device_id(volumes[1]), "second")
        with backend.calls() as calls:
            backend.revert(volumes[1], snapshot)
        assert calls.sum == "10 = 8+2+0"
        assert data_of(backend, volumes[1]) == "first"
        assert (backend.array.snapshots, backend.array.links) == (taken, {})
        backend.delete_snapshot(snapshot)
        backend.array.write(device_id(volumes[1]), "first")


def test_manage_snapshot(bench, backend, volumes):
    """A snapshot of somebody else is listed, taken over and left again."""
    source = volumes[1]
    taken = backend.snapshot(source)
    name = location_of(taken)["snap_name"]
    with backend.calls() as calls:
        backend.driver.unmanage_snapshot(taken)
    assert calls.sum == "3 = 2+1+0"
    theirs = name.removeprefix("OS-")
    assert [snapshot.name for snapshot in backend.array.snapshots] == [theirs]
    listed = backend.driver.get_manageable_snapshots([], None, 1000, 0, ["reference"], ["asc"])
    assert [entry["reference"] for entry in listed] == [{"source-name": theirs}]
    record = backend.records.snapshot(source)
    with backend.calls() as calls:
        assert backend.driver.manage_existing_snapshot_get_size(record, {"source-name": theirs}) == 1
    assert calls.sum == "3 = 3+0+0"
    with backend.calls() as calls:
        backend.driver.manage_existing_snapshot(record, {"source-name": theirs})
    assert calls.sum == "5 = 4+1+0"
    assert [snapshot.name for snapshot in backend.array.snapshots] == [name]


@pytest.mark.parametrize("microcode", ["5977.1131.1131", "5978.221.221", "5978.669.669"])
def test_levels_of_code(make_bench, microcode):
    """Snapshots are told apart by generation on old code, and by snap id on new; the data are the same."""
    bench = make_bench()
    bench.simulator.arrays[ARRAY].update(microcode=microcode)
    backend = bench.start(UPSTREAM["iscsi"], "iscsi")
    gold = backend.volume_type()
    with_two = [backend.create(gold) for _ in range(2)]
    source = with_two[0]
    backend.array.write(device_id(source), "first")
    snapshot = backend.snapshot(source)
    backend.array.write(device_id(source), "second")
    from_snapshot, clone = backend.create_from_snapshot(snapshot, gold), backend.clone(source)
    assert [data_of(backend, volume) for volume in (from_snapshot, clone)] == ["first", "second"]
    delete_all(backend, from_snapshot, clone)
    backend.delete_snapshot(snapshot)
    assert (backend.array.snapshots, backend.array.links) == ((), {})


def test_an_array_that_takes_its_time(make_bench):
    """The driver waits for jobs, definitions and copies that take a while."""
    slow = Behaviour(job_pace=AfterReads(2), define_pace=AfterReads(2), copy_pace=AfterReads(3))
    bench = make_bench(behaviour=slow)
    backend = bench.start(UPSTREAM["iscsi"], "iscsi")
    gold = backend.volume_type()
    with bench.leaving_nothing():
        stays, source = backend.create(gold), backend.create(gold)
        backend.array.write(device_id(source), "first")
        clone = backend.clone(source)
        snapshot = backend.snapshot(source)
        backend.array.write(device_id(source), "second")
        backend.revert(source, snapshot)
        assert [data_of(backend, volume) for volume in (source, clone)] == ["first", "first"]
        backend.delete_snapshot(snapshot)
        delete_all(backend, clone, source, stays)
