"""What Cinder's own driver does when a Unisphere, an array or the link between two arrays is gone.

Call counts are those of the driver reference (7.14): all requests but polls of jobs.
"""

from __future__ import annotations

from typing import Any

import pytest

from pmax.simulator.fixtures import LOCAL_ARRAY as ARRAY
from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.judges.backend import location_of
from tests.judges.cinder_records import REPLICATED_TOGETHER
from tests.judges.hosts import Names, connector_of
from tests.judges.replication import METRO, REPLICATED, SYNC, by_mode, r1, r2, states
from tests.judges.upstream import UPSTREAM
from tests.judges.volume_groups import VolumeGroups

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def second_unisphere(bench: Any, **choices: Any) -> dict[str, Any]:
    """Serve another Unisphere in front of the same arrays; return the options that make the driver know it."""
    simulator = bench.simulator
    server = simulator.serve(simulator.add_unisphere("second", "V9.2.0.0", **choices))
    values = {
        "san_ip": "127.0.0.1",
        "san_api_port": server.url.rpartition(":")[2],
        "san_login": simulator.options.username,
        "san_password": simulator.options.password,
        "driver_ssl_cert_verify": "True",
        "driver_ssl_cert_path": server.ca_path,
    }
    target = ",".join(f"{key}:{value}" for key, value in values.items())
    return {"u4p_failover_target": target, "u4p_failover_retries": 1}


def test_second_unisphere(bench):
    """When its Unisphere is gone the driver goes on with the next one, in the middle of what it does."""
    backend = bench.start(UPSTREAM["iscsi"], "iscsi", **second_unisphere(bench))
    gold = backend.volume_type()
    with bench.leaving_nothing():
        first = backend.create(gold)
        bench.server.stop()
        with backend.calls() as calls:
            second = backend.create(gold)
        assert {call.unisphere for call in calls.all} == {"second"}
        assert calls.sum == "15 = 13+1+1"
        for volume in (first, second):
            backend.delete(volume)


@by_mode(sync="15", asynchronous="7", metro="7")
def test_site_is_lost(bench, replicating, mode, expected):
    """When the primary array and its Unisphere are gone, the volumes are those of the remote array."""
    backend = replicating(mode, **second_unisphere(bench, remote_arrays=(ARRAY,)))
    gold = backend.volume_type(**REPLICATED)
    volumes = [backend.create(gold) for _ in range(2)]
    backend.array.write(r1(volumes[0]), "data")
    bench.server.stop()
    backend.array.update(is_up=False)
    with backend.calls() as calls:
        assert backend.fail_over(volumes) == "failed over"
    volumes = [backend.records.again(volume) for volume in volumes]
    assert {location_of(volume)["array"] for volume in volumes} == {REMOTE_ARRAY}
    assert backend.remote.read(r1(volumes[0])) == "data"
    assert calls.verbs.split()[0] == expected[0], calls.verbs


@by_mode(sync="15", asynchronous="7", metro="7")
def test_link_is_cut(bench, replicating, mode, expected):
    """When the arrays cannot reach each other the driver changes nothing on them and speaks with the remote one."""
    backend = replicating(mode)
    gold = backend.volume_type(**REPLICATED)
    volumes = [backend.create(gold) for _ in range(2)]
    pairs = bench.simulator.srdf.pairs
    bench.simulator.srdf.cut_link(ARRAY, REMOTE_ARRAY)
    with backend.calls() as calls:
        assert backend.fail_over(volumes) == "failed over"
    assert calls.verbs.split()[0] == expected[0], calls.verbs
    assert bench.simulator.srdf.pairs == pairs
    assert {location_of(backend.records.again(volume))["array"] for volume in volumes} == {REMOTE_ARRAY}


def test_metro_shows_a_volume_of_somebody_else(replicating):
    """A Metro volume that was failed over is attached with the id that it has on the other array."""
    backend, node = replicating(METRO), {**connector_of("iscsi"), "multipath": True}
    volume = backend.create(backend.volume_type(**REPLICATED))
    backend.log_in(node)
    stranger = r1(volume)
    assert backend.remote.volumes[stranger].identifier == "somebody's"
    backend.fail_over([volume])
    backend.attach(backend.records.again(volume), node)
    view = Names("iscsi").view
    assert set(backend.remote.lun_addresses) == {(view, stranger), (view, r2(volume))}
    assert not backend.array.masking_views


def test_replicated_group(bench, replicating):
    """A group is suspended, resumed, failed over and failed back as one; the driver cannot delete it."""
    backend = replicating(SYNC)
    gold = backend.volume_type(**REPLICATED)
    groups = VolumeGroups(backend, REPLICATED_TOGETHER)
    driver, context = backend.driver, backend.records.context
    seen = []

    def counted(act: Any, *arguments: Any) -> Any:
        with backend.calls() as calls:
            told = act(*arguments)
        seen.append((calls.verbs.split()[0], *sorted(states(backend))))
        return told

    group = counted(groups.create, "group", gold)
    volumes = [counted(groups.create_volume, group, gold) for _ in range(2)]
    name = f"group_{group.id}"
    for volume in volumes:
        assert name in backend.array.volumes[r1(volume)].storage_groups
        assert name in backend.remote.volumes[r2(volume)].storage_groups
    group = backend.records.group_again(group)
    counted(driver.disable_replication, context, group, volumes)
    counted(driver.enable_replication, context, group, volumes)
    update, updates = counted(driver.failover_replication, context, group, volumes, "the other side")
    assert update == {"replication_status": "failed-over"}
    groups.store(group, update, volumes, updates)
    assert {location_of(volume)["array"] for volume in volumes} == {REMOTE_ARRAY}
    update, updates = counted(driver.failover_replication, context, group, volumes, "default")
    groups.store(group, update, volumes, updates)
    assert {location_of(volume)["array"] for volume in volumes} == {ARRAY}
    assert seen == [
        ("6",),
        ("37", "Synchronized"),
        ("56", "Synchronized"),
        ("7", "Suspended"),
        ("7", "Synchronized"),
        ("7", "Failed Over"),
        ("7", "Synchronized"),
    ]
    with bench.leaving_nothing(), pytest.raises(KeyError, match="rep_mode"):
        groups.delete(group)
