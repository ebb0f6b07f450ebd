"""The life of volumes with the driver of 2019, on Unisphere 9.0: names on the array, data, and how often it asks.

Call counts are those of the driver reference (6.1 as `n = g+w+p`, 1.9 and 7.14 without polls), in its columns "S".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.judges.backend import Backend, location_of
from tests.judges.cache import Unreachable
from tests.judges.hosts import Names, connector_of
from tests.judges.replication import METRO, REPLICATED, by_mode, r1, r2, states
from tests.judges.upstream import CinderBench
from tests.judges.upstream_2019 import UNISPHERE, driver_of_2019, options_of_2019

pytestmark = [pytest.mark.judge, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


ATTACH = {
    "iscsi": {
        "first": "42 (36/4/2/0; 3)",
        "next": "34 (33/0/1/0; 1)",
        "again": "17 (17/0/0/0; 0)",
        "second host": "66 (55/5/5/1; 4)",
        "migration failed": "49 (40/1/3/5; 1)",
        "others remain": "20 (19/0/1/0; 1)",
        "last": "29 (24/0/1/4; 1)",
    },
    "fc": {
        "first": "50 (44/4/2/0; 3)",
        "next": "41 (40/0/1/0; 1)",
        "again": "24 (24/0/0/0; 0)",
        "second host": "74 (63/5/5/1; 4)",
        "migration failed": "68 (59/1/3/5; 1)",
        "others remain": "37 (36/0/1/0; 1)",
        "last": "46 (41/0/1/4; 1)",
    },
}


@pytest.fixture
def old_bench(make_bench: Callable[..., CinderBench]) -> CinderBench:
    """A Cinder in front of a simulator of Unisphere 9.0."""
    return make_bench(unisphere_version=UNISPHERE)


@pytest.fixture
def start_2019(old_bench: CinderBench) -> Iterator[Callable[..., Backend]]:
    """Start the driver of 2019."""
    with ExitStack() as stack:

        def started(protocol: str = "iscsi", **options: Any) -> Backend:
            try:
                driver_class = stack.enter_context(driver_of_2019(protocol))
            except Unreachable as problem:
                pytest.skip(f"the driver of 2019 cannot be fetched: {problem}")
            old = options_of_2019(old_bench.options_for(protocol, {}))
            return old_bench.start(driver_class, protocol, **{**old, **options})

        yield started


@pytest.mark.parametrize("protocol", ATTACH)
def test_start(start_2019, protocol):
    """The driver starts with two calls, and asks once for its statistics."""
    backend = start_2019(protocol)
    assert len(backend.simulator.requests) == 3
    with backend.calls() as calls:
        backend.driver.get_volume_stats(refresh=True)
    assert calls.sum == "1 = 1+0+0"


def test_provisioning(old_bench, start_2019):
    """Volumes are created, extended, retyped and freed; a freed device stays on the array without a name."""
    backend = start_2019()
    gold, silver = backend.volume_type(), backend.volume_type("silver", backend.pool("Silver"))
    seen = {}

    def count(what: str, act: Callable[..., Any], *arguments: Any) -> Any:
        with backend.calls() as calls:
            told = act(*arguments)
        seen[what] = calls.sum
        return told

    first = count("create, new group", backend.create, gold)
    second = count("create", backend.create, gold)
    third = count("create again", backend.create, gold)
    assert backend.device_of(first).storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
    count("extend", backend.extend, first, 3)
    assert backend.device_of(first).cylinders == 1639
    assert count("retype, new group", backend.retype, second, silver)
    fourth = backend.create(gold)
    assert count("retype", backend.retype, fourth, silver)
    assert backend.device_of(fourth).storage_groups == ("OS-SRP_1-Silver-NONE-SG",)
    count("delete", backend.delete, second)
    count("delete last", backend.delete, fourth)
    for volume in (first, third):
        backend.delete(volume)
    assert seen == {
        "create, new group": "12 = 9+2+1",
        "create": "9 = 7+1+1",
        "create again": "9 = 7+1+1",
        "extend": "9 = 7+1+1",
        "retype, new group": "31 = 28+2+1",
        "retype": "28 = 26+1+1",
        "delete": "18 = 14+3+1",
        "delete last": "16 = 13+3+0",
    }
    assert not backend.array.storage_groups
    assert {volume.identifier for volume in backend.array.volumes.values()} == {None}


def test_versions_in_one_run(start_2019):
    """The driver mixes versions 83, 84 and 90 of the API, and the one of the server."""
    backend = start_2019()
    volume = backend.create(backend.volume_type())
    backend.attach(volume, connector_of("iscsi"))
    paths = {call.path.removeprefix("/univmax/restapi/").partition("/")[0] for call in backend.simulator.requests}
    assert paths == {"83", "84", "90"}


@pytest.mark.parametrize(("protocol", "expected"), ATTACH.items(), ids=ATTACH)
def test_attach(old_bench, start_2019, protocol, expected):
    """A host gets its view and groups, keeps its LUN while a volume migrates, and leaves nothing."""
    backend, names = start_2019(protocol), Names(protocol)
    one, two = connector_of(protocol), connector_of(protocol, 2)
    gold = backend.volume_type()
    seen = {}

    def count(what: str, act: Callable[..., Any], *arguments: Any) -> Any:
        with backend.calls() as calls:
            told = act(*arguments)
        seen[what] = calls.verbs
        return told

    first, second, stays = (backend.create(gold) for _ in range(3))
    backend.log_in(two)
    with old_bench.leaving_nothing():
        count("first", backend.attach, first, one)
        backend.log_in(one)
        assert list(backend.array.masking_views) == [names.view]
        assert backend.device_of(first).storage_groups == (names.gold,)
        lun = dict(backend.array.lun_addresses)
        count("second host", backend.attach, first, two)
        assert lun.items() <= backend.array.lun_addresses.items()
        count("migration failed", backend.detach, first, two)
        assert backend.array.lun_addresses == lun
        count("next", backend.attach, second, one)
        count("again", backend.driver.initialize_connection, backend.records.again(second), one)
        count("others remain", backend.detach, first, one)
        count("last", backend.detach, second, one)
    assert backend.device_of(stays).storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
    assert seen == expected


def test_snapshots(start_2019):
    """Snapshots are told apart by generation; clones are copied, and keep their data."""
    backend = start_2019()
    gold = backend.volume_type()
    seen = {}

    def count(what: str, act: Callable[..., Any], *arguments: Any) -> Any:
        with backend.calls() as calls:
            told = act(*arguments)
        seen[what] = calls.sum
        return told

    stays, source = backend.create(gold), backend.create(gold)
    backend.array.write(r1(source), "first")
    snapshot = count("snapshot", backend.snapshot, source)
    backend.array.write(r1(source), "second")
    made = count("from snapshot", backend.create_from_snapshot, snapshot, gold)
    assert backend.array.read(r1(made)) == "first"
    backend.delete(made)
    count("revert", backend.revert, source, snapshot)
    assert backend.array.read(r1(source)) == "first"
    count("delete snapshot", backend.delete_snapshot, snapshot)
    clone = count("clone", backend.clone, source)
    assert {link.is_copy for link in backend.array.links.values()} == {True}
    count("delete clone", backend.delete, clone)
    for volume in (source, stays):
        backend.delete(volume)
    assert seen == {
        "snapshot": "7 = 6+1+0",
        "from snapshot": "17 = 14+2+1",
        "revert": "10 = 8+2+0",
        "delete snapshot": "4 = 3+1+0",
        "clone": "16 = 12+3+1",
        "delete clone": "24 = 18+5+1",
    }
    assert (backend.array.snapshots, backend.array.links) == ((), {})


@by_mode(
    sync="72 / 66 / 46 / 32 / 80 / 44 / 42",
    asynchronous="85 / 75 / 49 / 33 / 89 / 60 / 56",
    metro="87 / 77 / 98 / 69 / 91 / 64 / 58",
)
def test_replication(old_bench, start_2019, mode, expected):
    """The driver makes both volumes itself, pairs them, and takes them apart again."""
    old_bench.simulator.arrays[REMOTE_ARRAY].add_volume(7, "somebody's")
    device = mode.device("iscsi").partition(",sync_retries")[0] + ",allow_delete_metro:true"
    backend = start_2019(replication_device=device)
    gold = backend.volume_type(**REPLICATED)
    node = {**connector_of("iscsi"), "multipath": True}
    seen = []

    def count(act: Callable[..., Any], *arguments: Any) -> Any:
        with backend.calls() as calls:
            told = act(*arguments)
        seen.append(calls.verbs.split()[0])
        return told

    first, second = count(backend.create, gold), count(backend.create, gold)
    assert states(backend) == {mode.steady}
    assert set(backend.array.volumes[r1(first)].storage_groups) == mode.groups
    assert set(backend.remote.volumes[r2(first)].storage_groups) == mode.groups
    backend.log_in(node)
    count(backend.attach, first, node)
    assert bool(backend.remote.masking_views) == (mode is METRO)
    count(backend.detach, first, node)
    backend.array.write(r1(first), "data")
    clone = count(backend.clone, first)
    assert (backend.array.read(r1(clone)), backend.remote.read(r2(clone))) == ("data", "data")
    backend.delete(clone)
    count(backend.delete, first)
    assert states(backend) == {mode.steady}
    count(backend.delete, second)
    assert not old_bench.simulator.srdf.pairs
    assert seen == expected


@by_mode(sync="25 / 25", asynchronous="15 / 15")
def test_failover(old_bench, start_2019, mode, expected):
    """A failover goes to the array of the volumes' location, and the failback to the other one."""
    old_bench.simulator.arrays[REMOTE_ARRAY].add_volume(7, "somebody's")
    backend = start_2019(replication_device=mode.device("iscsi").partition(",sync_retries")[0])
    volumes = [backend.create(gold) for gold in [backend.volume_type(**REPLICATED)] * 2]
    with backend.calls() as calls:
        assert backend.fail_over(volumes, REMOTE_ARRAY) == REMOTE_ARRAY
    seen = [calls.verbs.split()[0]]
    assert states(backend) == {"Failed Over"}
    volumes = [backend.records.again(volume) for volume in volumes]
    assert {location_of(volume)["array"] for volume in volumes} == {REMOTE_ARRAY}
    with backend.calls() as calls:
        assert backend.fail_over(volumes, "default") is None
    assert ([*seen, calls.verbs.split()[0]], states(backend)) == (expected, {mode.steady})
