"""Volumes on one host, from the first attach to the last detach."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from pmax.domain.commands import AttachVolume, DetachVolume
from pmax.domain.errors import AlreadyExists, InUse, InvalidRequest, NotFound, WrongIdentity
from pmax.domain.masking import Connector
from pmax.domain.qos import Distribution, HostIoLimits
from pmax.domain.settings import Chap, Secret
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import PortKind
from tests.stage import ARRAY, GOLD, PLAIN, SILVER, Stage, connector

DEFAULT = "OS-SRP_1-Gold-NONE-SG"


def child(stage: Stage, host: str = "host-a", level: str = "SRP_1-GoldNONE") -> str:
    """Name of the host's child group."""
    label = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}[stage.protocol]
    return f"OS-{host}-{level}-{label}"


def test_round_trip_leaves_nothing(stage: Stage) -> None:
    """Create, attach, detach, delete: the array is as it was."""
    volume = stage.create()
    stage.attach(volume, "host-a")
    assert stage.sees("host-a", volume)
    assert stage.groups_of(volume) == (child(stage),)

    stage.detach(volume, "host-a")
    assert not stage.sees("host-a", volume)
    assert stage.groups_of(volume) == (DEFAULT,)

    stage.delete(volume)
    assert stage.leftovers() == []


def test_names_are_upstreams(stage: Stage) -> None:
    """View, groups and initiator group are named as the upstream driver names them, to the letter."""
    stage.attach(stage.create(), "host-a.example.org")
    letter, label = {"iscsi": ("I", "OS-iscsi-PG"), "fc": ("F", "OS-fibre-PG")}[stage.protocol]

    (view,) = stage.array.masking_views.values()

    assert view.name == f"OS-host-a-{letter}-{label}-MV"
    assert view.storage_group == f"OS-host-a-{letter}-{label}-SG"
    assert view.host == f"OS-host-a-{letter}-IG"
    assert set(stage.array.storage_groups) == {view.storage_group, child(stage)}


def test_service_levels_are_children_of_one_parent(stage: Stage) -> None:
    """Volumes of different service levels share the host's view; each level has a child group, gone when empty."""
    volumes = {policy.service_level: stage.create(policy) for policy in (GOLD, SILVER, PLAIN)}
    for policy in (GOLD, SILVER, PLAIN):
        stage.attach(volumes[policy.service_level], "host-a", policy)
    assert len(stage.array.masking_views) == 1
    assert stage.groups_of(volumes[None]) == (child(stage, level="No_SLO"),)

    stage.detach(volumes["Silver"], "host-a", SILVER)
    assert child(stage, level="SRP_1-SilverNONE") not in stage.array.storage_groups
    assert stage.sees("host-a", volumes["Gold"])
    assert stage.sees("host-a", volumes[None])


def test_luns_are_unique_on_a_host(stage: Stage) -> None:
    """Each volume gets a LUN of its own, the same on every path, and what the host is told is what the array says."""
    attachments = [stage.attach(stage.create(), "host-a") for _ in range(3)]

    luns = [attachment.lun for attachment in attachments]
    assert len(set(luns)) == 3
    for attachment in attachments:
        assert {path.lun for path in attachment.connections} == {attachment.lun}
        assert stage.array.lun_addresses[attachment.masking_view, attachment.target.device_id] == attachment.lun


def test_attach_twice_is_one_attachment(stage: Stage) -> None:
    """A second attach on the same host gives the same LUN and changes nothing."""
    volume = stage.create()
    first = stage.attach(volume, "host-a")

    with stage.calls() as calls:
        second = stage.attach(volume, "host-a.example.org")

    assert (second.lun, second.was_attached) == (first.lun, True)
    assert calls.changes == []


def test_detach_twice_changes_nothing(stage: Stage) -> None:
    """Detaching what is not attached is success without a change."""
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.detach(volume, "host-a")

    with stage.calls() as calls:
        again = stage.detach(volume, "host-a")

    assert not again.was_attached
    assert calls.changes == []


def test_detach_of_a_deleted_volume(stage: Stage) -> None:
    """A volume that is gone is attached nowhere."""
    volume = stage.create()
    stage.delete(volume)

    assert not stage.detach(volume, "host-a").was_attached


def test_similar_host_names_are_different_hosts(stage: Stage) -> None:
    """`node1` is not `node10`: neither sees, nor loses, what the other has."""
    volume = stage.create()
    stage.attach(volume, "node10")

    assert not stage.detach(volume, "node1").was_attached
    assert stage.sees("node10", volume)

    stage.attach(stage.create(), "node1")
    assert not stage.sees("node1", volume)


def test_host_of_the_same_short_name_is_refused(stage: Stage) -> None:
    """Two computers that differ only in their domain would share objects: the second is told, and sees nothing."""
    stage.attach(stage.create(), "db.one.example")
    volume = stage.create()
    other = attrs.evolve(connector("quite-another"), host="db.two.example")

    with pytest.raises(InUse, match="same short name"):
        stage.engine.execute(attrs.evolve(_command(stage, volume), connector=other))

    assert stage.groups_of(volume) == (DEFAULT,)


def _command(stage: Stage, volume: VolumeTarget) -> AttachVolume:
    return AttachVolume(target=volume, connector=connector("x"), protocol=stage.protocol, policy=GOLD)


def test_initiators_of_another_group_are_refused(stage: Stage) -> None:
    """An initiator in a group that an administrator made for several computers is left where it is."""
    names = sorted(stage.initiators("host-a"))
    others = {"iscsi": ["iqn.1994-05.com.example:other"], "fc": ["10000090fa00ffff"]}[stage.protocol]
    stage.make_host("cluster", [*names, *others])
    volume = stage.create()

    with pytest.raises(InUse, match=names[0]):
        stage.attach(volume, "host-a")
    stage.array.log_in(names[0], stage.array.port_groups[_port_group(stage)].ports[0])
    with pytest.raises(InUse, match="cluster"):
        stage.attach(volume, "host-a")

    assert stage.groups_of(volume) == (DEFAULT,)
    assert set(stage.array.hosts) == {"cluster"}
    assert stage.array.masking_views == {}


def test_group_of_an_administrator_is_used_if_it_is_exactly_the_hosts(stage: Stage) -> None:
    """A group of another name that holds exactly the host's initiators is used, and never deleted."""
    names = sorted(stage.initiators("host-a"))
    stage.make_host("database-server", names)
    for name in names:
        stage.array.log_in(name, *stage.array.port_groups[_port_group(stage)].ports)
    volume = stage.create()

    stage.attach(volume, "host-a")
    assert stage.sees("host-a", volume)
    assert set(stage.array.hosts) == {"database-server"}

    stage.detach(volume, "host-a")
    assert set(stage.array.hosts) == {"database-server"}
    assert stage.array.masking_views == {}


def test_new_initiator_of_a_host_is_added(tmp_path: Path) -> None:
    """A host that got another initiator is completed, and sees its volumes over it too."""
    stage = Stage.build(tmp_path, protocol="fc")
    stage.attach(stage.create(), "host-a")
    wwpns = [*sorted(stage.initiators("host-a")), "10000090fa0000aa"]
    grown = Connector(host="host-a", properties={"wwpns": wwpns})

    stage.engine.execute(attrs.evolve(_command(stage, stage.create()), connector=grown))

    (host,) = stage.array.hosts.values()
    assert set(host.initiators) == set(wwpns)


def _port_group(stage: Stage) -> str:
    return {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}[stage.protocol]


def test_unknown_port_group(stage: Stage) -> None:
    """A port group that does not exist is named, before anything is changed."""
    volume = stage.create()

    with stage.calls() as calls, pytest.raises(InvalidRequest, match="no-such-group"):
        stage.attach(volume, "host-a", attrs.evolve(GOLD, port_group="no-such-group"))

    assert calls.changes == []


def test_port_group_without_online_ports(stage: Stage) -> None:
    """A port group whose ports are all down is named, before anything is changed."""
    for port in stage.array.port_groups[_port_group(stage)].ports:
        stage.array.set_port_online(port, is_online=False)
    volume = stage.create()

    with stage.calls() as calls, pytest.raises(InvalidRequest, match="none of its ports is online"):
        stage.attach(volume, "host-a")

    assert calls.changes == []


def test_one_port_down_stops_nobody(stage: Stage) -> None:
    """A host is served over the ports that are up, and told of no others."""
    down, up = stage.array.port_groups[_port_group(stage)].ports
    stage.array.set_port_online(down, is_online=False)

    data = stage.attach(stage.create(), "host-a").connection_info["data"]

    ports = stage.array.ports
    told = str(data)
    assert ports[up].identifier in told
    assert ports[down].identifier not in told


def test_connector_without_initiators(stage: Stage) -> None:
    """A host that names no initiator of the protocol is refused before anything is read."""
    volume = stage.create()
    command = attrs.evolve(_command(stage, volume), connector=Connector(host="host-a"))

    with stage.calls() as calls, pytest.raises(InvalidRequest, match="host-a"):
        stage.engine.execute(command)

    assert calls.count == 0


def test_volume_that_does_not_exist(stage: Stage) -> None:
    """Attaching a volume that is gone says so."""
    volume = stage.create()
    stage.delete(volume)

    with pytest.raises(NotFound, match=volume.device_id):
        stage.attach(volume, "host-a")


def test_device_of_another_volume(stage: Stage) -> None:
    """A device that carries another identifier is not attached, extended or deleted."""
    volume = stage.create()
    stranger = attrs.evolve(volume, identifiers=("OS-someone-else",))

    with pytest.raises(WrongIdentity):
        stage.attach(stranger, "host-a")
    stage.delete(stranger)

    assert stage.groups_of(volume) == (DEFAULT,)


def test_attached_volume_is_not_deleted(stage: Stage) -> None:
    """A volume that a host sees is in use."""
    volume = stage.create()
    stage.attach(volume, "host-a")

    with pytest.raises(InUse, match="detach it first"):
        stage.delete(volume)

    assert stage.sees("host-a", volume)


def test_force_detach_from_everywhere(stage: Stage) -> None:
    """Without a connector the volume is taken from every host, and nothing empty is left."""
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")

    stage.detach(volume, None)

    assert stage.groups_of(volume) == (DEFAULT,)
    stage.delete(volume)
    assert stage.leftovers() == []


def test_zones_are_given_back_with_the_last_volume(tmp_path: Path) -> None:
    """Over Fibre Channel, zoning data comes with the detach that takes the host's last view, and not before."""
    stage = Stage.build(tmp_path, protocol="fc")
    first, second = stage.create(), stage.create()
    stage.attach(first, "host-a")
    stage.attach(second, "host-a")

    assert stage.detach(first, "host-a").disconnection_info["data"] == {}
    data = stage.detach(second, "host-a").disconnection_info["data"]

    wwns = {stage.array.ports[name].identifier for name in stage.array.port_groups["OS-fibre-PG"].ports}
    assert isinstance(data, dict)
    assert set(data["target_wwn"]) == wwns
    assert set(data["initiator_target_map"]) == set(stage.initiators("host-a"))


def test_refused_view_leaves_the_volume_where_it_was(iscsi: Stage) -> None:
    """If the array refuses the last thing that is made, everything before it is taken back."""
    iscsi.attach(iscsi.create(), "blocker")
    volume = iscsi.create()
    with iscsi.simulator.world.changing() as transaction:
        views = transaction.array(ARRAY).masking_views
        blocker = views.get("OS-blocker-I-OS-iscsi-PG-MV")
        views.put(attrs.evolve(blocker, name="OS-host-a-I-OS-iscsi-PG-MV"))

    with pytest.raises(AlreadyExists, match="OS-host-a-I-OS-iscsi-PG-MV"):
        iscsi.attach(volume, "host-a")

    assert iscsi.groups_of(volume) == (DEFAULT,)
    assert not [name for name in (*iscsi.array.hosts, *iscsi.array.storage_groups) if "host-a" in name]


def test_view_of_an_administrator_counts(stage: Stage) -> None:
    """A volume that an administrator's own view shows to the host is attached: its LUN and its ports are told."""
    volume = stage.create()
    stage.rename_group(DEFAULT, "databases")
    stage.make_host("OS-host-a-I-IG" if stage.protocol == "iscsi" else "OS-host-a-F-IG", stage.initiators("host-a"))
    ports = stage.array.port_groups[_port_group(stage)].ports
    stage.array.add_port_group("one-port", ports[1:])
    stage.make_view("databases-view", next(iter(stage.array.hosts)), "one-port", "databases")

    with stage.calls() as calls:
        attachment = stage.attach(volume, "host-a")

    assert calls.changes == []
    assert (attachment.was_attached, attachment.masking_view) == (True, "databases-view")
    assert attachment.port_group == "one-port"
    told = str(attachment.connection_info)
    assert stage.array.ports[ports[1]].identifier in told
    assert stage.array.ports[ports[0]].identifier not in told


def test_compression_disabled(stage: Stage) -> None:
    """A type that disables compression has groups of its own, made without compression, on the host and off it."""
    policy = attrs.evolve(GOLD, compression_disabled=True)
    volume = stage.create(policy)
    assert stage.groups_of(volume) == ("OS-SRP_1-Gold-NONE-CD-SG",)
    stage.attach(volume, "host-a", policy)

    (group,) = stage.groups_of(volume)
    assert group == child(stage) + "-CD"
    assert not stage.array.storage_groups[group].is_compressed

    stage.detach(volume, "host-a", policy)
    assert stage.groups_of(volume) == ("OS-SRP_1-Gold-NONE-CD-SG",)
    stage.delete(volume)
    assert stage.leftovers() == []


def test_limits_are_on_the_hosts_child_only(stage: Stage) -> None:
    """Host I/O limits of the type are put on the child group; neither the parent nor the default group has any."""
    limits = HostIoLimits(500, 100, Distribution.ALWAYS)
    policy = attrs.evolve(GOLD, limits=limits)
    volume = stage.create(policy)
    stage.attach(volume, "host-a", policy)

    limited = {name for name, group in stage.array.storage_groups.items() if group.host_io_limit is not None}
    assert limited == {child(stage)}

    changed = attrs.evolve(policy, limits=HostIoLimits(500, 100, Distribution.ON_FAILURE))
    stage.attach(stage.create(changed), "host-a", changed)
    limit = stage.array.storage_groups[child(stage)].host_io_limit
    assert limit is not None
    assert (limit.io_per_second, limit.mb_per_second, limit.dynamic_distribution) == (500, 100, "OnFailure")


def test_initiator_check(tmp_path: Path) -> None:
    """With initiator_check, a group with initiators that the host did not name is refused; without, it is used."""
    for checks in (False, True):
        stage = Stage.build(tmp_path / str(checks), protocol="fc", initiator_check=checks)
        stage.make_host("OS-host-a-F-IG", [*stage.initiators("host-a"), "10000090fa00ffff"])
        volume = stage.create()
        if checks:
            with pytest.raises(InUse, match="10000090fa00ffff"):
                stage.attach(volume, "host-a")
        else:
            stage.attach(volume, "host-a")
        assert stage.sees("host-a", volume) is not checks


def test_chap_credentials_are_handed_out(tmp_path: Path) -> None:
    """With CHAP configured, an iSCSI host is told the credentials; no log and no repr shows them."""
    stage = Stage.build(tmp_path, chap=Chap(username="chap-user", password=Secret("planted-chap-secret")))

    attachment = stage.attach(stage.create(), "host-a")

    data = attachment.connection_info["data"]
    assert isinstance(data, dict)
    assert (data["auth_method"], data["auth_username"], data["auth_password"]) == (
        "CHAP",
        "chap-user",
        "planted-chap-secret",
    )
    assert "planted-chap-secret" not in repr(stage.engine.settings)


def test_ipv6_portals_are_bracketed(iscsi: Stage) -> None:
    """The address of an IPv6 portal stands in brackets, since hosts split at the last colon."""
    iscsi.array.add_port(
        "SE-6E:0", PortKind.ISCSI_ENDPOINT, identifier="iqn.1992-04.com.emc:six", ip_addresses=["fd00::11"]
    )
    iscsi.array.add_port_group("OS-six-PG", ["SE-6E:0"])

    data = iscsi.attach(iscsi.create(), "host-a", attrs.evolve(GOLD, port_group="OS-six-PG")).connection_info["data"]

    assert isinstance(data, dict)
    assert data["target_portal"] == "[fd00::11]:3260"


def test_multipath_decides_the_plural_keys(iscsi: Stage) -> None:
    """Lists of portals, IQNs and LUNs of equal length for a multipath host; only single values for another."""
    volume = iscsi.create()
    many = iscsi.attach(volume, "host-a").connection_info["data"]
    one = iscsi.attach(volume, "host-a", is_multipath=False).connection_info["data"]

    assert isinstance(many, dict)
    assert isinstance(one, dict)
    assert len(many["target_portals"]) == len(many["target_iqns"]) == len(many["target_luns"]) == 2
    assert many["target_portals"][0] == many["target_portal"] == one["target_portal"]
    assert "target_portals" not in one


def test_a_full_group_overflows(iscsi: Stage) -> None:
    """When the host's group and the default group are full, siblings take the volumes, and everything goes on."""
    first = iscsi.create()
    iscsi.attach(first, "host-a")
    iscsi.fill(child(iscsi), 4095)
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    assert iscsi.groups_of(volume) == (child(iscsi) + "_2",)
    assert iscsi.sees("host-a", volume)

    iscsi.create()
    iscsi.fill(DEFAULT, 4096 - 1)
    iscsi.detach(volume, "host-a")
    assert iscsi.groups_of(volume) == (DEFAULT + "_2",)
    assert child(iscsi) + "_2" not in iscsi.array.storage_groups

    iscsi.attach(volume, "host-b")
    assert iscsi.groups_of(volume) == (child(iscsi, "host-b"),)
    assert DEFAULT + "_2" not in iscsi.array.storage_groups


def test_detach_after_the_port_groups_were_changed(stage: Stage) -> None:
    """A volume attached through a port group that is no longer configured is detached all the same."""
    ports = stage.array.port_groups[_port_group(stage)].ports
    stage.array.add_port_group("an-older-group", ports)
    volume = stage.create()
    stage.attach(volume, "host-a", attrs.evolve(GOLD, port_group="an-older-group"))

    assert stage.detach(volume, "host-a").was_attached

    assert stage.groups_of(volume) == (DEFAULT,)
    assert stage.array.masking_views == {}
    assert stage.array.hosts == {}


def test_a_host_need_not_name_initiators_to_be_detached(stage: Stage) -> None:
    """The name of the host is enough; zoning data then comes from its initiator group."""
    volume = stage.create()
    stage.attach(volume, "host-a")
    command = DetachVolume(target=volume, connector=Connector(host="host-a"), protocol=stage.protocol, policy=GOLD)

    done = stage.engine.execute(command)

    assert stage.groups_of(volume) == (DEFAULT,)
    if stage.protocol == "fc":
        data = done.disconnection_info["data"]
        assert isinstance(data, dict)
        assert set(data["initiator_target_map"]) == set(stage.initiators("host-a"))


def test_unknown_srp(iscsi: Stage) -> None:
    """A pool that does not exist is named before anything is sent."""
    with iscsi.calls() as calls, pytest.raises(InvalidRequest, match="SRP_9"):
        iscsi.create(attrs.evolve(GOLD, srp="SRP_9"))

    assert calls.changes == []
