"""Volumes that several hosts see: live migration and multi-attach, as the manual describes them."""

from __future__ import annotations

import attrs
import pytest

from pmax.domain.qos import HostIoLimits
from tests.stage import GOLD, PLAIN, Stage

DEFAULT = "OS-SRP_1-Gold-NONE-SG"


def fast(stage: Stage, host: str) -> str:
    """The host's child group with the service level."""
    return f"OS-{host}-SRP_1-GoldNONE-{_label(stage)}"


def waiting(stage: Stage, host: str) -> str:
    """The host's child group without a service level."""
    return f"OS-{host}-No_SLO-{_label(stage)}"


def _label(stage: Stage) -> str:
    return {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}[stage.protocol]


def empty_groups(stage: Stage) -> list[str]:
    """Storage groups that hold nothing."""
    held = {name for volume in stage.array.volumes.values() for name in volume.storage_groups}
    parents = {parent for name in held for parent in stage.array.storage_groups[name].parents}
    return sorted(set(stage.array.storage_groups) - held - parents)


def test_live_migration(stage: Stage) -> None:
    """The volume waits on the first host without losing its path or LUN, and moves on when the second has it."""
    volume = stage.create()
    before = stage.attach(volume, "host-a")

    stage.attach(volume, "host-b")
    assert stage.groups_of(volume) == tuple(sorted((waiting(stage, "host-a"), fast(stage, "host-b"))))
    assert stage.array.lun_addresses[before.masking_view, volume.device_id] == before.lun

    stage.detach(volume, "host-a")
    assert stage.groups_of(volume) == (fast(stage, "host-b"),)
    assert not stage.sees("host-a", volume)
    assert empty_groups(stage) == []

    stage.detach(volume, "host-b")
    stage.delete(volume)
    assert stage.leftovers() == []


def test_failed_live_migration(stage: Stage) -> None:
    """If the second host gives up, the first has the volume with its service level again, LUN and all."""
    volume = stage.create()
    before = stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")

    stage.detach(volume, "host-b")

    assert stage.groups_of(volume) == (fast(stage, "host-a"),)
    assert stage.array.lun_addresses[before.masking_view, volume.device_id] == before.lun
    assert empty_groups(stage) == []
    assert len(stage.array.masking_views) == 1


def test_hints_change_nothing_but_calls(stage: Stage) -> None:
    """Naming the hosts that see the volume gives the same groups as finding them out."""
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b", GOLD, "host-a")
    assert stage.groups_of(volume) == tuple(sorted((waiting(stage, "host-a"), fast(stage, "host-b"))))

    stage.detach(volume, "host-b", GOLD, "host-a")
    assert stage.groups_of(volume) == (fast(stage, "host-a"),)


def test_a_wrong_hint_does_no_harm(stage: Stage) -> None:
    """A host that the caller names and that does not see the volume is left alone."""
    volume = stage.create()
    stage.attach(volume, "host-a", GOLD, "host-z")
    stage.detach(volume, "host-a", GOLD, "host-z")

    assert stage.groups_of(volume) == (DEFAULT,)


@pytest.mark.parametrize("taker_has_group", [False, True], ids=["group to be made", "group exists"])
def test_limits_and_tags_go_with_the_service_level(stage: Stage, *, taker_has_group: bool) -> None:
    """The host that has the volume back with its service level has it with the limits and tags of its type, too."""
    limited = attrs.evolve(GOLD, limits=HostIoLimits(500, 100), storage_group_tags=("finance", "tier1"))
    volume = stage.create()
    stage.attach(volume, "host-a", limited)
    stage.attach(volume, "host-b", limited)
    if taker_has_group:
        stage.attach(stage.create(), "host-a")
    name = fast(stage, "host-a")
    assert (name in stage.array.storage_groups) == taker_has_group

    stage.detach(volume, "host-b", limited)

    assert stage.groups_of(volume) == (name,)
    group = stage.array.storage_groups[name]
    assert (group.host_io_limit.io_per_second, group.host_io_limit.mb_per_second) == (500, 100)
    assert set(group.tags) == {"finance", "tier1"}
    for parent in group.parents:
        assert stage.array.storage_groups[parent].host_io_limit is None


@pytest.mark.parametrize("order", ["abc", "acb", "bac", "bca", "cab", "cba"])
def test_three_hosts_in_any_order(stage: Stage, order: str) -> None:
    """Three hosts attach one after another and leave in any order: nothing empty, nothing lost, at every moment."""
    volume = stage.create()
    other = stage.create()
    stage.attach(other, "host-b")
    hosts = ["host-a", "host-b", "host-c"]
    for host in hosts:
        stage.attach(volume, host)
    assert stage.groups_of(volume) == tuple(
        sorted((waiting(stage, "host-a"), waiting(stage, "host-b"), fast(stage, "host-c")))
    )

    for letter in order:
        stage.detach(volume, f"host-{letter}")
        hosts.remove(f"host-{letter}")
        assert [host for host in ("host-a", "host-b", "host-c") if stage.sees(host, volume)] == hosts
        assert sum(name.count("GoldNONE") for name in stage.groups_of(volume)) == bool(hosts)
        assert empty_groups(stage) == []
        assert stage.sees("host-b", other)

    assert stage.groups_of(volume) == (DEFAULT,)


def test_without_service_level_hosts_share(stage: Stage) -> None:
    """A type without a service level needs nothing special: the volume is in a group of each host."""
    volume = stage.create(PLAIN)
    stage.attach(volume, "host-a", PLAIN)
    stage.attach(volume, "host-b", PLAIN)
    assert stage.groups_of(volume) == (waiting(stage, "host-a"), waiting(stage, "host-b"))

    stage.detach(volume, "host-a", PLAIN)
    assert stage.groups_of(volume) == (waiting(stage, "host-b"),)

    stage.detach(volume, "host-b", PLAIN)
    assert stage.groups_of(volume) == ("OS-no_SLO-SG",)


def test_ping_pong(stage: Stage) -> None:
    """Twenty migrations to and fro leave exactly what one leaves."""
    volume = stage.create()
    stage.attach(volume, "host-a")
    here, there = "host-a", "host-b"
    for _ in range(20):
        stage.attach(volume, there)
        stage.detach(volume, here)
        here, there = there, here

    assert stage.groups_of(volume) == (fast(stage, here),)
    assert len(stage.array.masking_views) == 1
    assert empty_groups(stage) == []


@pytest.mark.parametrize("host", ["compute-1", "OSlo-S1", "WOLF-1", "a" * 40, "Rack12-Node.example.org"])
def test_awkward_host_names(stage: Stage, host: str) -> None:
    """Hosts with dashes, capitals, letters of the protocol or long names migrate like any other."""
    volume = stage.create()
    stage.attach(volume, host)
    stage.attach(volume, "host-b")
    stage.detach(volume, "host-b")
    assert sum("GoldNONE" in name for name in stage.groups_of(volume)) == 1
    assert stage.sees(host, volume)

    stage.detach(volume, host)
    stage.delete(volume)
    assert stage.leftovers() == []
