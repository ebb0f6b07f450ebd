"""What goes wrong while a volume is attached or detached, and what is left of it."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from pmax.domain.commands import CreateStorageGroup, DeleteStorageGroup
from pmax.domain.errors import (
    ArrayRejected,
    CredentialsRejected,
    DeadlinePassed,
    InvalidRequest,
    NotFound,
    PlanFailed,
    PmaxError,
)
from pmax.domain.load_balancing import LoadBalancing
from pmax.domain.qos import HostIoLimits
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Fault, Intervene, Refuse, Unsettle
from tests.stage import ARRAY, GOLD, SILVER, Stage

DEFAULT = "OS-SRP_1-Gold-NONE-SG"
VIEW = "OS-host-a-I-OS-iscsi-PG-MV"


def untouched(stage: Stage, *hosts: str) -> bool:
    """Whether nothing of these hosts is on the array."""
    array = stage.array
    return not [
        name for name in (*array.storage_groups, *array.masking_views, *array.hosts) for host in hosts if host in name
    ]


def test_a_lun_address_that_comes_late(iscsi: Stage) -> None:
    """The attach waits for the address, and time passes on the clock alone."""
    iscsi.simulator.faults.add(Fault(effect=Unsettle(what="lun_address", reads=3), verb="POST", path="maskingview"))

    assert iscsi.attach(iscsi.create(), "host-a").lun >= 0
    assert iscsi.clock.time_s > 0


def test_a_lun_address_that_never_comes(iscsi: Stage) -> None:
    """The attach gives up in time, and everything is as it was."""
    volume = iscsi.create()
    iscsi.simulator.faults.add(
        Fault(effect=Unsettle(what="lun_address", reads=100_000), verb="POST", path="maskingview")
    )

    with pytest.raises(DeadlinePassed, match="LUN address"):
        iscsi.attach(volume, "host-a")

    assert iscsi.clock.time_s <= iscsi.engine.settings.settle_timeout_s + 1
    assert iscsi.groups_of(volume) == (DEFAULT,)
    assert untouched(iscsi, "host-a")


def test_a_port_group_that_vanishes_half_way(iscsi: Stage) -> None:
    """If somebody deletes the port group meanwhile, the attach fails with its name and leaves nothing."""
    volume = iscsi.create()

    def delete(_request: object) -> None:
        with iscsi.simulator.world.changing() as transaction:
            transaction.array(ARRAY).port_groups.delete("OS-iscsi-PG")

    iscsi.simulator.faults.add(Fault(effect=Intervene(action=delete), verb="POST", path="maskingview"))

    with pytest.raises(PmaxError, match=r"(?i)port group"):
        iscsi.attach(volume, "host-a")

    assert iscsi.groups_of(volume) == (DEFAULT,)
    assert untouched(iscsi, "host-a")


def test_a_view_that_an_administrator_deletes_meanwhile(iscsi: Stage) -> None:
    """The attach notices, is planned anew, and makes the view again."""
    iscsi.attach(iscsi.create(), "host-a")
    volume = iscsi.create()
    session = iscsi.session()

    def delete(_request: object) -> None:
        session.delete(f"{iscsi.rest}/sloprovisioning/symmetrix/{ARRAY}/maskingview/{VIEW}")

    iscsi.simulator.faults.add(
        Fault(effect=Intervene(action=delete, is_after=True), verb="PUT", path=f"storagegroup/{DEFAULT}")
    )

    iscsi.attach(volume, "host-a")

    assert iscsi.sees("host-a", volume)


def test_a_default_group_that_goes_meanwhile(iscsi: Stage) -> None:
    """A creation whose group is deleted between look and change makes the group again."""
    other = iscsi.create()

    def delete(_request: object) -> None:
        iscsi.delete(other)

    iscsi.simulator.faults.add(
        Fault(effect=Intervene(action=delete), verb="PUT", path=f"storagegroup/{DEFAULT}", body="num_of_vols")
    )

    volume = iscsi.create()

    assert iscsi.groups_of(volume) == (DEFAULT,)


def come_and_go(stage: Stage, times: int) -> list[VolumeTarget]:
    """Let somebody else's volume come and go with its group before each of so many moves; what has gone, as it goes."""
    gone: list[VolumeTarget] = []

    def act(_request: object) -> None:
        if len(gone) < times:
            gone.append(stage.create())
            stage.delete(gone[-1])

    fault = Fault(effect=Intervene(action=act), verb="PUT", body="moveVolumeToStorageGroupParam", nth="every")
    stage.simulator.faults.add(fault)
    return gone


@pytest.mark.parametrize("times", [1, 5])
def test_a_default_group_that_goes_again_and_again(iscsi: Stage, times: int) -> None:
    """In a crowd others empty the group, and delete it, between each look of a detach and its move: it goes on."""
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    gone = come_and_go(iscsi, times)

    iscsi.detach(volume, "host-a")

    assert len(gone) == times
    assert iscsi.groups_of(volume) == (DEFAULT,)
    assert untouched(iscsi, "host-a")


def test_a_default_group_that_always_goes(iscsi: Stage) -> None:
    """A detach does not go on for ever: it says which group is missing, and the host sees its volume as before."""
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    come_and_go(iscsi, times=1000)

    with pytest.raises(NotFound, match=DEFAULT):
        iscsi.detach(volume, "host-a")

    assert iscsi.sees("host-a", volume)
    assert iscsi.engine.unfinished() == ()


def test_a_volume_is_taken_back_although_its_group_is_gone(iscsi: Stage) -> None:
    """What a failed clone made is deleted by recovery, also when somebody has deleted the group that it left empty."""
    source = iscsi.create(SILVER)
    iscsi.simulator.faults.add(
        Fault(effect=Refuse(status=500), verb="PUT", path="**/snapshot/*"),
        Fault(effect=Refuse(status=500), verb="DELETE", path="**/volume/*", nth="every"),
    )
    with pytest.raises(PlanFailed):
        iscsi.clone(source, GOLD)
    iscsi.simulator.faults.clear()
    iscsi.session().delete(f"{iscsi.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup/{DEFAULT}").raise_for_status()

    assert [recovered.verdict for recovered in iscsi.engine.recover()] == ["undone"]

    assert set(iscsi.leftovers()) == {source.device_id, *iscsi.groups_of(source)}
    assert iscsi.engine.unfinished() == ()


def test_a_refused_deletion_of_a_parent_group_is_tried_again(iscsi: Stage) -> None:
    """A parent that still has its empty child is in nobody's use: the last detach leaves neither of them."""
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    iscsi.simulator.faults.add(Fault(effect=Refuse(status=500), verb="DELETE", path="storagegroup/*-I-*-SG"))

    iscsi.detach(volume, "host-a")

    assert len(iscsi.simulator.faults.fired) == 1
    assert untouched(iscsi, "host-a")
    assert iscsi.engine.unfinished() == ()


@pytest.mark.parametrize("status", [401, 500])
def test_a_group_whose_deletion_is_refused_keeps_its_name(iscsi: Stage, status: int) -> None:
    """A group is renamed before it is deleted; whatever is refused then, it has its name back."""
    iscsi.engine.execute(CreateStorageGroup(array_id=ARRAY, name="by-hand", policy=GOLD))
    before = set(iscsi.array.storage_groups)
    iscsi.simulator.faults.add(Fault(effect=Refuse(status=status), verb="DELETE", path="storagegroup/*"))

    with pytest.raises((CredentialsRejected, ArrayRejected)):
        iscsi.engine.execute(DeleteStorageGroup(array_id=ARRAY, name="by-hand"))

    assert set(iscsi.array.storage_groups) == before


def test_a_group_that_is_renamed_while_it_is_looked_for_does_not_hide_its_host(iscsi: Stage) -> None:
    """A detach from all hosts never says that it is done while a host sees the volume through a renamed group."""
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    (group,) = iscsi.groups_of(volume)
    iscsi.rename_group(group, "payroll")

    def rename(_request: object) -> None:
        iscsi.rename_group("payroll", "payroll-2")

    iscsi.simulator.faults.add(Fault(effect=Intervene(action=rename), verb="GET", path="storagegroup/payroll"))
    with pytest.raises(NotFound, match=f"payroll, in which volume {volume.device_id} was"):
        iscsi.detach(volume, None)

    assert iscsi.sees("host-a", volume)
    iscsi.detach(volume, None)
    assert not iscsi.sees("host-a", volume)


def test_limits_that_the_array_refuses_fail_the_attach(iscsi: Stage) -> None:
    """A volume is never attached without the limits that its type promises."""
    volume = iscsi.create()
    iscsi.simulator.faults.add(Fault(effect=Refuse(status=500), verb="PUT", body="setHostIOLimitsParam", nth="every"))

    with pytest.raises(PmaxError, match="limits"):
        iscsi.attach(volume, "host-a", attrs.evolve(GOLD, limits=HostIoLimits(500, None)))

    assert iscsi.groups_of(volume) == (DEFAULT,)
    assert untouched(iscsi, "host-a")


def test_a_connector_of_another_protocol(stage: Stage) -> None:
    """A host that speaks only the other protocol is told which key is missing; nothing is changed."""
    other = {"iscsi": "wwpns", "fc": "initiator"}[stage.protocol]
    volume = stage.create()

    with (
        stage.calls() as calls,
        pytest.raises(InvalidRequest, match={"iscsi": "initiator", "fc": "wwpns"}[stage.protocol]),
    ):
        stage.attach_as(
            volume, "host-a", {other: ["10000090fa000001"] if other == "wwpns" else "iqn.1994-05.com.example:a"}
        )

    assert calls.count == 0


def test_the_least_loaded_port_group_is_chosen(tmp_path: Path) -> None:
    """With load balancing, a host's first view uses the port group that is least busy; later ones follow the host."""
    groups = ("OS-iscsi-PG", "second-PG")
    stage = Stage.build(tmp_path, port_groups=groups, load_balancing=LoadBalancing())
    stage.array.add_port_group("second-PG", stage.array.port_groups["OS-iscsi-PG"].ports)
    for name, busy in zip(groups, (80.0, 10.0), strict=True):
        stage.array.set_port_group_load(name, PercentBusy=busy)
    assert stage.attach(stage.create(), "host-a").port_group == "second-PG"

    for name, busy in zip(groups, (10.0, 80.0), strict=True):
        stage.array.set_port_group_load(name, PercentBusy=busy)
    assert stage.attach(stage.create(), "host-a").port_group == "second-PG"
    assert stage.attach(stage.create(), "host-b").port_group == "OS-iscsi-PG"

    stage.simulator.faults.add(Fault(effect=Refuse(status=500), path="/univmax/restapi/performance/**", nth="every"))
    assert stage.attach(stage.create(), "host-c").port_group in groups


def test_without_load_balancing_hosts_spread(tmp_path: Path) -> None:
    """Hosts are spread over the port groups, and one host always gets the same one."""
    groups = ("OS-iscsi-PG", "second-PG")
    stage = Stage.build(tmp_path, port_groups=groups)
    stage.array.add_port_group("second-PG", stage.array.port_groups["OS-iscsi-PG"].ports)

    chosen = {
        host: stage.attach(stage.create(), host).port_group for host in (f"host-{number}" for number in range(12))
    }

    assert set(chosen.values()) == set(groups)
    assert all(stage.attach(stage.create(), host).port_group == group for host, group in chosen.items())
