"""Replicated volumes with Cinder's own driver, in each mode: both arrays, the data, and how often it asks.

Call counts are those of the driver reference (7.14): all requests but polls of jobs.
"""

from __future__ import annotations

import pytest

from pmax.simulator.fixtures import LOCAL_ARRAY as ARRAY
from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.judges.backend import location_of
from tests.judges.hosts import Names, connector_of
from tests.judges.replication import METRO, REPLICATED, by_mode, r1, r2, states
from tests.judges.upstream import UPSTREAM

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@by_mode(sync="29 / 48 / 22 / 34 / 37", asynchronous="39 / 60 / 28 / 50 / 52", metro="39 / 60 / 28 / 50 / 52")
def test_life(bench, replicating, mode, expected):
    """A replicated volume is created, extended and deleted on both arrays together."""
    backend = replicating(mode)
    gold = backend.volume_type(**REPLICATED)
    seen = []
    with bench.leaving_nothing():
        with backend.calls() as calls:
            first = backend.create(gold)
        seen.append(calls.verbs)
        assert location_of(first, "replication_driver_data")["array"] == REMOTE_ARRAY
        assert (first.replication_status, r1(first) == r2(first)) == ("enabled", False)
        with backend.calls() as calls:
            second = backend.create(gold)
        seen.append(calls.verbs)
        for volume in (first, second):
            near, far = backend.array.volumes[r1(volume)], backend.remote.volumes[r2(volume)]
            assert near.identifier == far.identifier == f"OS-{volume.id}"
            assert set(near.storage_groups) == set(far.storage_groups) == mode.groups
            assert bench.simulator.srdf.other_side(ARRAY, r1(volume)) == (REMOTE_ARRAY, r2(volume))
        assert states(backend) == {mode.steady}
        with backend.calls() as calls:
            backend.extend(first, 2)
        seen.append(calls.verbs)
        sizes = {
            array.volumes[each].cylinders for array, each in ((backend.array, r1(first)), (backend.remote, r2(first)))
        }
        assert (sizes, states(backend)) == ({1093}, {mode.steady})
        with backend.calls() as calls:
            backend.delete(first)
        seen.append(calls.verbs)
        assert states(backend) == {mode.steady}
        with backend.calls() as calls:
            backend.delete(second)
        seen.append(calls.verbs)
    assert [each.split()[0] for each in seen] == expected, seen


@pytest.mark.parametrize("protocol", UPSTREAM)
@by_mode(sync="53 / 32", asynchronous="56 / 33", metro="100 / 61")
def test_attach(bench, replicating, protocol, mode, expected):
    """Metro volumes are masked on both arrays, others on the primary one only."""
    backend, names = replicating(mode, protocol), Names(protocol, suffix=mode.suffix)
    node = {**connector_of(protocol), "multipath": True}
    backend.log_in(node)
    gold = backend.volume_type(**REPLICATED)
    with bench.leaving_nothing():
        volume, stays = backend.create(gold), backend.create(gold)
        with backend.calls() as calls:
            data = backend.attach(volume, node)["data"]
        attached = calls.verbs
        sides = [(backend.array, r1), (backend.remote, r2)] if mode is METRO else [(backend.array, r1)]
        for array, device in sides:
            assert names.gold in array.volumes[device(volume)].storage_groups
            assert (names.view, device(volume)) in array.lun_addresses
        assert bool(backend.remote.masking_views) == (mode is METRO)
        targets = data["target_iqns"] if protocol == "iscsi" else data["target_wwn"]
        assert len(set(targets)) == 2 * len(sides)
        with backend.calls() as calls:
            backend.detach(volume, node)
        assert not backend.array.masking_views
        assert not backend.remote.masking_views
        if protocol == "iscsi":
            assert [attached.split()[0], calls.verbs.split()[0]] == expected, (attached, calls.verbs)
        for each in (volume, stays):
            backend.delete(each)


@by_mode(sync="71", asynchronous="83", metro="83")
def test_clone(bench, replicating, mode, expected):
    """A clone of a replicated volume is replicated, and both of its sides have the data."""
    backend = replicating(mode)
    gold = backend.volume_type(**REPLICATED)
    with bench.leaving_nothing():
        source = backend.create(gold)
        backend.array.write(r1(source), "data")
        with backend.calls() as calls:
            clone = backend.clone(source)
        assert calls.verbs.split()[0] == expected[0], calls.verbs
        assert states(backend) == {mode.steady}
        assert (backend.array.read(r1(clone)), backend.remote.read(r2(clone))) == ("data", "data")
        backend.delete(clone)
        backend.delete(source)


@by_mode(sync="17 / 17 / 53", asynchronous="9 / 9 / 56", metro="8 / 8 / -")
def test_failover_and_failback(bench, replicating, mode, expected):
    """After a failover hosts write to the remote array, and after the failback the primary one has what they wrote."""
    backend, node = replicating(mode), {**connector_of("iscsi"), "multipath": True}
    backend.log_in(node)
    gold = backend.volume_type(**REPLICATED)
    seen = []
    with bench.leaving_nothing():
        volumes = [backend.create(gold) for _ in range(2)]
        backend.array.write(r1(volumes[0]), "before")
        with backend.calls() as calls:
            assert backend.fail_over(volumes) == "failed over"
        seen.append(calls.verbs)
        volumes = [backend.records.again(volume) for volume in volumes]
        assert {volume.replication_status for volume in volumes} == {"failed-over"}
        assert {location_of(volume)["array"] for volume in volumes} == {REMOTE_ARRAY}
        assert states(backend) == {mode.steady if mode is METRO else "Failed Over"}
        assert backend.remote.read(r1(volumes[0])) == "before"
        backend.remote.write(r1(volumes[0]), "after")
        attached = "-"
        if mode is not METRO:
            with backend.calls() as calls:
                backend.attach(volumes[0], node)
            attached = calls.verbs
            assert list(backend.remote.masking_views) == [Names("iscsi").view]
            backend.detach(volumes[0], node)
        with backend.calls() as calls:
            assert backend.fail_over(volumes, "default") == "default"
        seen.append(calls.verbs)
        volumes = [backend.records.again(volume) for volume in volumes]
        assert {volume.replication_status for volume in volumes} == {"enabled"}
        assert {location_of(volume)["array"] for volume in volumes} == {ARRAY}
        assert (states(backend), backend.array.read(r1(volumes[0]))) == ({mode.steady}, "after")
        seen.append(attached)
        for volume in volumes:
            backend.delete(volume)
    assert [each.split()[0] for each in seen] == expected, seen


@by_mode(sync="45 / 58", asynchronous="59 / 77", metro="59 / 77")
def test_retype(bench, replicating, mode, expected):
    """A volume becomes replicated, and no longer so, by retype."""
    backend = replicating(mode)
    gold, plain = backend.volume_type(**REPLICATED), backend.volume_type("plain")
    with bench.leaving_nothing():
        volume = backend.create(plain)
        backend.array.write(r1(volume), "data")
        with backend.calls() as calls:
            assert backend.retype(volume, gold)
        there = calls.verbs
        volume = backend.records.again(volume)
        assert (states(backend), backend.remote.read(r2(volume))) == ({mode.steady}, "data")
        other = backend.create(gold)
        with backend.calls() as calls:
            assert backend.retype(volume, plain)
        volume = backend.records.again(volume)
        assert volume.replication_status == "disabled"
        assert backend.device_of(volume).storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
        assert (states(backend), len(bench.simulator.srdf.pairs)) == ({mode.steady}, 1)
        assert [there.split()[0], calls.verbs.split()[0]] == expected, (there, calls.verbs)
        for each in (volume, other):
            backend.delete(each)


@by_mode(sync="34", asynchronous="52", metro="53")
def test_retype_into_a_group_in_use(replicating, mode, expected):
    """Retype into an RDF group that has pairs fails after the pair was made, and leaves the pair (a defect)."""
    backend = replicating(mode)
    gold, plain = backend.volume_type(**REPLICATED), backend.volume_type("plain")
    backend.create(gold)
    volume = backend.create(plain)
    with backend.calls() as calls, pytest.raises(TypeError):
        backend.retype(volume, gold)
    assert calls.verbs.split()[0] == expected[0], calls.verbs
    assert r1(volume) in {pair.volumes[0] for pair in backend.simulator.srdf.pairs}
