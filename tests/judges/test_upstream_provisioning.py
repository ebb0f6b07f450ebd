"""Provisioning with Cinder's own driver: what it leaves on the array, and how often it asks.

Call counts are those of the driver reference (6.1), in its notation: `n = g+w+p`, reads, writes and polls of jobs.
"""

import pytest

from pmax.simulator import Behaviour
from pmax.simulator.fixtures import LOCAL_ARRAY as ARRAY
from tests.judges.backend import location_of
from tests.judges.upstream import UPSTREAM

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

NO_COMPRESSION = {"storagetype__disablecompression": "true"}


@pytest.mark.parametrize("protocol", UPSTREAM)
def test_start(start, protocol):
    """The driver starts with four calls, and asks once for its statistics."""
    backend = start(protocol)
    *first, statistics = [call.path.partition("restapi")[2] for call in backend.simulator.requests]
    assert first == ["/version", *[f"/92/system/symmetrix/{ARRAY}"] * 3]
    assert statistics == f"/92/sloprovisioning/symmetrix/{ARRAY}/srp/SRP_1"
    with backend.calls() as calls:
        stats = backend.driver.get_volume_stats(refresh=True)
    assert calls.sum == "1 = 1+0+0"
    assert {pool["total_capacity_gb"] for pool in stats["pools"]} == {26 * 1024.0}
    assert backend.pool() in {pool["pool_name"] for pool in stats["pools"]}


def test_create_and_delete(bench, start):
    """A volume gets its name and its default group; the last one takes the group with it."""
    backend = start()
    gold = backend.volume_type()
    with bench.leaving_nothing():
        with backend.calls() as calls:
            first = backend.create(gold)
        assert calls.sum == "18 = 15+2+1"
        with backend.calls() as calls:
            second = backend.create(gold, size=3)
        assert calls.sum == "15 = 13+1+1"
        assert list(backend.array.storage_groups) == ["OS-SRP_1-Gold-NONE-SG"]
        assert location_of(second) == {"array": ARRAY, "device_id": "00004"}
        device = backend.device_of(second)
        assert (device.identifier, device.cylinders) == (f"OS-{second.id}", 1639)
        assert device.storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
        with backend.calls() as calls:
            backend.delete(first)
        assert calls.sum == "15 = 12+2+1"
        with backend.calls() as calls:
            backend.delete(second)
        assert calls.sum == "17 = 13+3+1"


def test_delete_on_old_code(bench, start):
    """Up to 5978.221 the driver frees a volume and leaves it unnamed; the next one of its size is that device."""
    bench.simulator.arrays[ARRAY].update(microcode="5978.221.221")
    backend = start()
    gold = backend.volume_type()
    stays, volume = backend.create(gold), backend.create(gold)
    device_id = location_of(volume)["device_id"]
    backend.array.update_volume(device_id, allocated_percent=7)
    with backend.calls() as calls:
        backend.delete(volume)
    assert calls.sum == "16 = 12+3+1"
    assert calls.changes[1:] == [f"PUT volume/{device_id}"] * 2
    left = backend.array.volumes[device_id]
    assert (left.identifier, left.storage_groups, left.allocated_percent) == (None, (), 0)
    assert location_of(backend.create(gold))["device_id"] == device_id
    assert location_of(stays)["device_id"] != device_id


@pytest.mark.parametrize(
    ("level", "specs", "group"),
    [
        (None, {}, "OS-no_SLO-SG"),
        ("Diamond", {}, "OS-SRP_1-Diamond-NONE-SG"),
        ("Gold", NO_COMPRESSION, "OS-SRP_1-Gold-NONE-CD-SG"),
    ],
)
def test_default_groups(bench, start, level, specs, group):
    """Service level and compression are in the name of the default group, and in the group."""
    backend = start()
    wanted = backend.volume_type(pool=backend.pool(level or "None", "None"), **specs)
    with bench.leaving_nothing():
        volume = backend.create(wanted)
        assert list(backend.array.storage_groups) == [group]
        made = backend.array.storage_groups[group]
        assert (made.service_level, made.is_compressed) == (level, level is not None and not specs)
        backend.delete(volume)


def test_extend(bench, start):
    """A volume grows to the new size."""
    backend = start()
    with bench.leaving_nothing():
        volume = backend.create(backend.volume_type())
        with backend.calls() as calls:
            volume = backend.extend(volume, 10)
        assert calls.sum == "6 = 4+1+1"
        assert backend.device_of(volume).cylinders == 5462
        backend.delete(volume)


def test_manage_and_unmanage(start):
    """A volume of somebody else gets Cinder's name and default group; unmanaged it keeps its UUID as name."""
    backend = start()
    gold = backend.volume_type()
    backend.create(gold)
    theirs = [backend.array.add_volume(1093, "of the administrator") for _ in range(2)]
    managed = []
    for device_id in theirs:
        with backend.calls() as calls:
            managed.append(backend.manage(gold, {"source-name": device_id}))
        assert calls.sum == "20 = 17+2+1"
    assert {volume.size for volume in managed} == {2}
    for device_id, volume in zip(theirs, managed, strict=True):
        device = backend.array.volumes[device_id]
        assert (device.identifier, device.storage_groups) == (f"OS-{volume.id}", ("OS-SRP_1-Gold-NONE-SG",))
    # The first one also makes the group of what has been unmanaged.
    for volume, expected in zip(managed, ["20 = 14+4+2", "19 = 14+3+2"], strict=True):
        with backend.calls() as calls:
            backend.unmanage(volume)
        assert calls.sum == expected
    for device_id, volume in zip(theirs, managed, strict=True):
        device = backend.array.volumes[device_id]
        assert (device.identifier, device.storage_groups) == (volume.id, ("OS-Unmanaged",))
    assert set(backend.array.storage_groups) == {"OS-SRP_1-Gold-NONE-SG", "OS-Unmanaged"}


def test_retype(bench, start):
    """Retype moves a volume to the default group of the new type, which is made if it is not there."""
    backend = start()
    gold, silver = backend.volume_type("gold"), backend.volume_type("silver", backend.pool("Silver"))
    with bench.leaving_nothing():
        stays, first, second = backend.create(gold), backend.create(gold), backend.create(gold)
        with backend.calls() as calls:
            assert backend.retype(first, silver)
        assert calls.sum == "23 = 20+2+1"
        with backend.calls() as calls:
            assert backend.retype(second, silver)
        assert calls.sum == "20 = 18+1+1"
        assert backend.device_of(first).storage_groups == ("OS-SRP_1-Silver-NONE-SG",)
        with backend.calls() as calls:
            assert not backend.retype(second, silver)
        assert calls.sum == "7 = 7+0+0"
        for volume in (stays, first, second):
            backend.delete(volume)


def test_retype_of_compression(bench, start):
    """Compression can be switched off by retype alone."""
    backend = start()
    gold, plain = backend.volume_type(), backend.volume_type("plain", **NO_COMPRESSION)
    with bench.leaving_nothing():
        volume = backend.create(gold)
        assert backend.retype(volume, plain)
        assert backend.device_of(volume).storage_groups == ("OS-SRP_1-Gold-NONE-CD-SG",)
        backend.delete(volume)


@pytest.mark.parametrize("page_size", [1000, 2])
def test_manageable_volumes(make_bench, page_size):
    """The volumes that may be taken over are listed, page by page if there are many, and the iterator is given back."""
    bench = make_bench(behaviour=Behaviour(page_size=page_size))
    backend = bench.start(UPSTREAM["iscsi"], "iscsi")
    with bench.leaving_nothing():
        ours = backend.create(backend.volume_type())
        theirs = [backend.array.add_volume(547, f"theirs {number}") for number in range(4)]
        with backend.calls() as calls:
            listed = backend.driver.get_manageable_volumes([], None, 1000, 0, ["reference"], ["asc"])
        assert [entry["reference"]["source-id"] for entry in listed] == theirs
        assert calls.verbs == ("1 (1/0/0/0; 0)" if page_size == 1000 else "5 (4/0/0/1; 0)")
        for device_id in theirs:
            volume = backend.manage(backend.volume_type(device_id), {"source-name": device_id})
            backend.delete(volume)
        backend.delete(ours)
