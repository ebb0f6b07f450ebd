"""Attach and detach with Cinder's own driver: what hosts are told, what is on the array, and how often it asks.

Call counts are those of the driver reference (1.9), in its notation: `n (GET/POST/PUT/DELETE; jobs)`, without polls.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.judges.backend import Backend
from tests.judges.hosts import Names, connector_of
from tests.judges.upstream import PORT_GROUPS

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

TARGETS = {
    "10.10.0.250:3260": "iqn.1992-04.com.emc:600009700bd41ac02f99900000000001",
    "10.11.0.250:3260": "iqn.1992-04.com.emc:600009700bd41ac02f99900000000002",
}
TARGET_WWNS = ["5000097398999000", "5000097398999002"]


def groups_of(backend: Backend, volume: Any) -> tuple[str, ...]:
    """The storage groups that a volume is in."""
    groups: tuple[str, ...] = backend.device_of(volume).storage_groups
    return groups


def device_id(backend: Backend, volume: Any) -> str:
    """The device that a volume is."""
    found: str = backend.device_of(volume).volume_id
    return found


ONE_HOST = {
    "iscsi": {
        "first": "47 (41/4/2/0; 3)",
        "next": "39 (38/0/1/0; 1)",
        "again": "16 (16/0/0/0; 0)",
        "others remain": "16 (15/0/1/0; 1)",
        "last": "27 (21/0/2/4; 1)",
    },
    "fc": {
        "first": "51 (45/4/2/0; 3)",
        "next": "42 (41/0/1/0; 1)",
        "again": "19 (19/0/0/0; 0)",
        "others remain": "30 (29/0/1/0; 1)",
        "last": "41 (35/0/2/4; 1)",
    },
}


@pytest.mark.parametrize(("protocol", "expected"), ONE_HOST.items(), ids=ONE_HOST)
def test_one_host(bench, start, protocol, expected):
    """A host gets one view, one parent and one child group; they go with its last volume."""
    backend, node, names = start(protocol), connector_of(protocol), Names(protocol)
    gold = backend.volume_type()
    with bench.leaving_nothing():
        one, two, stays = (backend.create(gold) for _ in range(3))
        with backend.calls() as calls:
            backend.attach(one, node)
        assert calls.verbs == expected["first"]
        view = backend.array.masking_views[names.view]
        assert (view.storage_group, view.port_group, view.host) == (names.parent, PORT_GROUPS[protocol], names.host)
        assert backend.array.storage_groups[names.gold].parents == (names.parent,)
        assert list(backend.array.hosts[names.host].initiators) == node.get("wwpns", [node.get("initiator")])
        assert groups_of(backend, one) == (names.gold,)
        backend.log_in(node)
        with backend.calls() as calls:
            backend.attach(two, node)
        assert calls.verbs == expected["next"]
        assert set(backend.array.lun_addresses.values()) == {1, 2}
        with backend.calls() as calls:
            backend.driver.initialize_connection(backend.records.again(two), node)
        assert calls.verbs == expected["again"]
        with backend.calls() as calls:
            backend.detach(one, node)
        assert calls.verbs == expected["others remain"]
        with backend.calls() as calls:
            backend.detach(two, node)
        assert calls.verbs == expected["last"]
        assert not backend.array.masking_views
        for volume in (one, two, stays):
            backend.delete(volume)


@pytest.mark.parametrize(("protocol", "calls_needed"), [("iscsi", "48 (42/4/2/0; 3)"), ("fc", "51 (45/4/2/0; 3)")])
def test_host_that_is_logged_in(bench, start, protocol, calls_needed):
    """The initiators of a host that has logged in before are found in the login table, which iSCSI pays with a call."""
    backend, node = start(protocol), connector_of(protocol)
    backend.log_in(node)
    with bench.leaving_nothing():
        volume, stays = (backend.create(gold) for gold in [backend.volume_type()] * 2)
        with backend.calls() as calls:
            backend.attach(volume, node)
        assert calls.verbs == calls_needed
        backend.detach(volume, node)
        for each in (volume, stays):
            backend.delete(each)


@pytest.mark.parametrize(
    ("protocol", "second_host", "migration_failed", "migration_done"),
    [
        ("iscsi", "73 (62/5/5/1; 4)", "48 (37/1/5/5; 2)", "22 (19/0/2/1; 1)"),
        ("fc", "77 (66/5/5/1; 4)", "64 (53/1/5/5; 2)", "38 (35/0/2/1; 1)"),
    ],
)
def test_live_migration(bench, start, protocol, second_host, migration_failed, migration_done):
    """While two hosts have a volume, the group of the first has no service level; the LUN of the first stays."""
    backend = start(protocol)
    nodes, names = [connector_of(protocol, number) for number in (1, 2)], [Names(protocol, n) for n in (1, 2)]
    for node in nodes:
        backend.log_in(node)
    gold = backend.volume_type()
    with bench.leaving_nothing():
        volume, other, stays = (backend.create(gold) for _ in range(3))
        backend.attach(volume, nodes[0])
        with backend.calls() as calls:
            backend.attach(volume, nodes[1])
        assert calls.verbs == second_host
        assert set(groups_of(backend, volume)) == {names[0].no_level, names[1].gold}
        assert set(backend.array.lun_addresses) == {(each.view, device_id(backend, volume)) for each in names}
        with backend.calls() as calls:
            backend.detach(volume, nodes[1])
        assert calls.verbs == migration_failed
        assert groups_of(backend, volume) == (names[0].gold,)
        backend.attach(volume, nodes[1])
        backend.attach(other, nodes[0])
        with backend.calls() as calls:
            backend.detach(volume, nodes[0])
        assert calls.verbs == migration_done
        assert groups_of(backend, volume) == (names[1].gold,)
        backend.detach(other, nodes[0])
        backend.detach(volume, nodes[1])
        for each in (volume, other, stays):
            backend.delete(each)


def test_without_service_level(bench, start):
    """Volumes without a service level are simply in the groups of both hosts."""
    backend = start()
    nodes, names = [connector_of("iscsi", number) for number in (1, 2)], [Names("iscsi", n) for n in (1, 2)]
    for node in nodes:
        backend.log_in(node)
    plain = backend.volume_type(pool=backend.pool("None", "None"))
    with bench.leaving_nothing():
        volume, stays = backend.create(plain), backend.create(plain)
        with backend.calls() as calls:
            backend.attach(volume, nodes[0])
        assert calls.verbs.startswith("46 ")
        with backend.calls() as calls:
            backend.attach(volume, nodes[1])
        assert calls.verbs.startswith("52 ")
        assert set(groups_of(backend, volume)) == {each.no_level for each in names}
        for node in nodes:
            backend.detach(volume, node)
        for each in (volume, stays):
            backend.delete(each)


def test_quality_of_service(bench, start):
    """The limits of the type are put on the host's child group."""
    backend, node, names = start(), connector_of("iscsi"), Names("iscsi")
    limits = {"total_iops_sec": "4000", "total_bytes_sec": str(500 << 20), "DistributionType": "Always"}
    with bench.leaving_nothing():
        backend.log_in(node)
        first, second, stays = (backend.create(limited) for limited in [backend.volume_type(qos=limits)] * 3)
        with backend.calls() as calls:
            backend.attach(first, node)
        made = backend.array.storage_groups[names.gold].host_io_limit
        assert (made.io_per_second, made.mb_per_second, made.dynamic_distribution) == (4000, 500, "Always")
        assert calls.verbs == "51 (44/4/3/0; 3)"
        backend.log_in(node)
        with backend.calls() as calls:
            backend.attach(second, node)
        assert calls.verbs.startswith("40 ")
        for volume in (first, second):
            backend.detach(volume, node)
        for volume in (first, second, stays):
            backend.delete(volume)


def test_retype_of_an_attached_volume(bench, start):
    """An attached volume moves to another child group of the same view and keeps its LUN."""
    backend, node = start(), connector_of("iscsi")
    gold, silver = backend.volume_type("gold"), backend.volume_type("silver", backend.pool("Silver"))
    with bench.leaving_nothing():
        volume, stays = backend.create(gold), backend.create(gold)
        backend.attach(stays, node)
        backend.log_in(node)
        lun = backend.attach(volume, node)["data"]["target_lun"]
        with backend.calls() as calls:
            assert backend.retype(volume, silver)
        assert calls.sum == "26 = 22+3+1"
        assert groups_of(backend, volume) == ("OS-node1-SRP_1-SilverNONE-OS-iscsi-PG",)
        assert backend.driver.initialize_connection(backend.records.again(volume), node)["data"]["target_lun"] == lun
        for each in (volume, stays):
            backend.detach(each, node)
            backend.delete(each)


def test_iscsi_host_is_told(bench, start):
    """A host gets one of the portals; with multipath it gets all, in parallel lists."""
    backend, node = start("iscsi"), connector_of("iscsi")
    with bench.leaving_nothing():
        volume = backend.create(backend.volume_type())
        data = backend.attach(volume, node)["data"]
        assert data["target_iqn"] == TARGETS[data["target_portal"]]
        assert (data["target_lun"], data["volume_id"]) == (1, volume.id)
        told = backend.driver.initialize_connection(backend.records.again(volume), {**node, "multipath": True})["data"]
        assert dict(zip(told["target_portals"], told["target_iqns"], strict=True)) == TARGETS
        assert told["target_luns"] == [1, 1]
        backend.detach(volume, node)
        backend.delete(volume)


def test_fc_host_is_told(bench, start):
    """A host gets all ports; the zones are given back with its last volume only."""
    backend, node = start("fc"), connector_of("fc")
    with bench.leaving_nothing():
        first, second = (backend.create(gold) for gold in [backend.volume_type()] * 2)
        told = backend.attach(first, node)
        assert told["driver_volume_type"] == "fibre_channel"
        assert sorted(told["data"]["target_wwn"]) == TARGET_WWNS
        zones = {wwpn: sorted(told["data"]["initiator_target_map"][wwpn]) for wwpn in node["wwpns"]}
        assert zones == dict.fromkeys(node["wwpns"], TARGET_WWNS)
        backend.log_in(node)
        backend.attach(second, node)
        assert backend.detach(first, node)["data"] == {}
        assert sorted(backend.detach(second, node)["data"]["target_wwn"]) == TARGET_WWNS
        for volume in (first, second):
            backend.delete(volume)
