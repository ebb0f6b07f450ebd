"""Retype, the whole matrix: what changes, who sees the volume; and which groups hold it afterwards, to the letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from pmax.domain.commands import RetypeVolume, VolumeRetyping
from pmax.domain.errors import InUse, InvalidRequest, NotFound, PmaxError, WrongIdentity
from pmax.domain.events import StepApplied
from pmax.domain.policies import VolumePolicy
from pmax.domain.qos import Distribution, HostIoLimits
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Fault, Refuse
from tests.stage import ARRAY, GOLD, PLAIN, SILVER, Stage

GOLD_CD = attrs.evolve(GOLD, compression_disabled=True)
LIMITED = attrs.evolve(GOLD, limits=HostIoLimits(500, 100, Distribution.ALWAYS))
OTHER_PG = attrs.evolve(GOLD, port_group="other-PG")
TAGGED = attrs.evolve(GOLD, storage_group_tags=("production", "finance"), multiattach=True)

#: Policy → its default group, and the middle of the name of its child group on a host, with what follows the label.
GROUPS = {
    "gold": (GOLD, "OS-SRP_1-Gold-NONE-SG", "OS-{host}-SRP_1-GoldNONE-{label}"),
    "silver": (SILVER, "OS-SRP_1-Silver-NONE-SG", "OS-{host}-SRP_1-SilverNONE-{label}"),
    "none": (PLAIN, "OS-no_SLO-SG", "OS-{host}-No_SLO-{label}"),
    "uncompressed": (GOLD_CD, "OS-SRP_1-Gold-NONE-CD-SG", "OS-{host}-SRP_1-GoldNONE-{label}-CD"),
    "limited": (LIMITED, "OS-SRP_1-Gold-NONE-SG", "OS-{host}-SRP_1-GoldNONE-{label}"),
    "other port group": (OTHER_PG, "OS-SRP_1-Gold-NONE-SG", "OS-{host}-SRP_1-GoldNONE-{label}"),
    "tagged": (TAGGED, "OS-SRP_1-Gold-NONE-SG", "OS-{host}-SRP_1-GoldNONE-{label}"),
}
LABELS = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}
HOSTS = {"nobody": (), "one host": ("host-a",), "three hosts": ("host-a", "my-host.example.org", "Node-Rack7")}
SHORT = {"host-a": "host-a", "my-host.example.org": "my-host", "Node-Rack7": "Node-Rack7"}


def retype(
    stage: Stage, volume: VolumeTarget, before: VolumePolicy, after: VolumePolicy, *hosts: str
) -> VolumeRetyping:
    """Keep a volume by another policy."""
    command = RetypeVolume(target=volume, before=before, after=after, protocol=stage.protocol, hosts=hosts)
    return stage.engine.execute(command)


def addresses(stage: Stage, volume: VolumeTarget) -> dict[tuple[str, str], int]:
    """Views that show the volume, with its LUN in each."""
    return {key: lun for key, lun in stage.array.lun_addresses.items() if key[1] == volume.device_id}


def expected_groups(stage: Stage, kind: str, hosts: tuple[str, ...], old: VolumePolicy) -> set[str]:
    """Where a volume of that kind is: with its service level on one host, waiting on the others.

    That one is the host that attached last; if it had no service level before, the first by the name of its view.
    """
    policy, default, child = GROUPS[kind]
    label = LABELS[stage.protocol]
    if not hosts:
        return {default}
    if policy.service_level is None:
        return {child.format(host=SHORT[host], label=label) for host in hosts}
    chosen = hosts[-1] if old.service_level else min(hosts)
    waiting = GROUPS["none"][2]
    return {(child if host == chosen else waiting).format(host=SHORT[host], label=label) for host in hosts}


def empty_groups(stage: Stage) -> list[str]:
    """Groups of ours that hold nothing."""
    held = {name for volume in stage.array.volumes.values() for name in volume.storage_groups}
    parents = {name for group in stage.array.storage_groups.values() for name in group.parents}
    return sorted(set(stage.array.storage_groups) - held - parents)


@pytest.mark.parametrize("seen_by", HOSTS)
@pytest.mark.parametrize("before", GROUPS, ids=lambda kind: kind.replace(" ", "-"))
def test_matrix(iscsi: Stage, before: str, seen_by: str) -> None:
    """After any retype the groups of the new type hold the volume and its data; hosts keep path and LUN throughout."""
    iscsi.array.add_port_group("other-PG", iscsi.array.port_groups["OS-iscsi-PG"].ports)
    moments: list[dict[tuple[str, str], int]] = []
    luns: dict[VolumeTarget, dict[tuple[str, str], int]] = {}
    iscsi.engine.signals.step_applied.connect(lambda _: moments.extend(addresses(iscsi, volume) for volume in luns))
    for after in set(GROUPS) - {before}:
        hosts = HOSTS[seen_by]
        old, new = (GROUPS[kind][0] for kind in (before, after))
        old = attrs.evolve(old, port_group=None)
        volume = iscsi.create(old)
        token = iscsi.array.write(volume.device_id)
        for number, host in enumerate(hosts):
            iscsi.attach(volume, host, old, *hosts[:number])
        luns[volume] = addresses(iscsi, volume)
        moments.clear()

        done = retype(iscsi, volume, old, new, *hosts[:1])

        assert len(luns[volume]) == len(hosts)
        assert all(moment == luns[volume] for moment in [*moments, addresses(iscsi, volume)])
        assert set(iscsi.groups_of(volume)) == expected_groups(iscsi, after, hosts, old)
        assert set(done.storage_groups) == set(iscsi.groups_of(volume))
        assert iscsi.array.read(volume.device_id) == token
        assert empty_groups(iscsi) == []
        assert done.is_changed is bool(moments)
        luns.clear()
        iscsi.detach(volume, None, new)
        iscsi.delete(volume)
        assert iscsi.leftovers() == []


@pytest.mark.parametrize(("before", "after"), [("gold", "silver"), ("none", "gold"), ("gold", "none")])
def test_retyped_volumes_are_detached_and_deleted_without_a_trace(stage: Stage, before: str, after: str) -> None:
    """Over each protocol, a volume that was retyped while two hosts saw it leaves nothing behind."""
    old, new = GROUPS[before][0], GROUPS[after][0]
    volume = stage.create(old)
    stage.attach(volume, "host-a", old)
    stage.attach(volume, "host-b", old, "host-a")
    retype(stage, volume, old, new, "host-a", "host-b")
    assert stage.sees("host-a", volume)
    assert stage.sees("host-b", volume)

    stage.detach(volume, "host-b", new, "host-a")
    level = GROUPS[after][2].format(host="host-a", label=LABELS[stage.protocol])
    assert stage.groups_of(volume) == (level,)
    stage.detach(volume, "host-a", new)
    assert stage.groups_of(volume) == (GROUPS[after][1],)
    stage.delete(volume)
    assert stage.leftovers() == []


def test_a_retyped_volume_is_attached_by_its_new_type(stage: Stage) -> None:
    """The next attach after a retype finds the volume in its new default group, and the old one is gone when empty."""
    volume = stage.create()
    retype(stage, volume, GOLD, SILVER)
    assert set(stage.array.storage_groups) == {"OS-SRP_1-Silver-NONE-SG"}
    with stage.calls() as calls:
        stage.attach(volume, "host-a", SILVER)
    assert stage.groups_of(volume) == (f"OS-host-a-SRP_1-SilverNONE-{LABELS[stage.protocol]}",)
    assert calls.count <= 14


def test_again_changes_nothing(iscsi: Stage) -> None:
    """A retype that is asked for twice changes something once."""
    for host in ((), ("host-a",)):
        volume = iscsi.create()
        for name in host:
            iscsi.attach(volume, name)
        assert retype(iscsi, volume, GOLD, SILVER, *host).is_changed
        for before in (GOLD, SILVER):
            with iscsi.calls() as calls:
                assert not retype(iscsi, volume, before, SILVER, *host).is_changed
            assert calls.changes == []


def _limit(stage: Stage, name: str) -> HostIoLimits | None:
    limit = stage.array.storage_groups[name].host_io_limit
    if limit is None:
        return None
    return HostIoLimits(limit.io_per_second, limit.mb_per_second, Distribution(limit.dynamic_distribution))


CHILD = "OS-host-a-SRP_1-GoldNONE-OS-iscsi-PG"
SILVER_CHILD = "OS-host-a-SRP_1-SilverNONE-OS-iscsi-PG"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, HostIoLimits(500, 100, Distribution.ALWAYS)),
        (HostIoLimits(2000, 2000, Distribution.NEVER), HostIoLimits(500, 100, Distribution.ALWAYS)),
        (HostIoLimits(500, 100, Distribution.ALWAYS), HostIoLimits(500, 100, Distribution.ON_FAILURE)),
        (HostIoLimits(500, 100, Distribution.ALWAYS), HostIoLimits(None, 100, Distribution.ALWAYS)),
        (HostIoLimits(500, 100, Distribution.ALWAYS), None),
        (None, None),
    ],
    ids=["use case 1", "use case 2", "use case 3: only the distribution", "one limit goes", "both go", "use case 4"],
)
@pytest.mark.parametrize("level", [GOLD, SILVER], ids=["same level", "other level"])
def test_t10_limits_follow_a_retype_of_an_attached_volume(
    iscsi: Stage, old: HostIoLimits | None, new: HostIoLimits | None, level: VolumePolicy
) -> None:
    """T10: the host's child group has the new type's limits, whatever group that is; no other group has any."""
    before, after = attrs.evolve(GOLD, limits=old), attrs.evolve(level, limits=new)
    volume = iscsi.create(before)
    iscsi.attach(volume, "host-a", before)

    retype(iscsi, volume, before, after, "host-a")

    (group,) = iscsi.groups_of(volume)
    assert group == (CHILD if level is GOLD else SILVER_CHILD)
    assert {name: _limit(iscsi, name) for name in iscsi.array.storage_groups if _limit(iscsi, name)} == (
        {group: new} if new else {}
    )


def test_t10_a_default_group_never_gets_limits(iscsi: Stage) -> None:
    """T10: retyping a volume that no host sees sets no limits; they come with the attach, on the child group alone."""
    volume, other = iscsi.create(LIMITED), iscsi.create(SILVER)
    after = attrs.evolve(SILVER, limits=HostIoLimits(300, None))
    retype(iscsi, volume, LIMITED, after)
    assert [name for name in iscsi.array.storage_groups if _limit(iscsi, name)] == []
    iscsi.attach(volume, "host-a", after)
    iscsi.attach(other, "host-b", SILVER)
    assert [name for name in iscsi.array.storage_groups if _limit(iscsi, name)] == [SILVER_CHILD]


def test_limits_of_a_shared_group_stay_and_the_caller_is_told(iscsi: Stage) -> None:
    """Other volumes of the group keep the limits that one of them loses; that new ones count for them too is said."""
    volume, other = iscsi.create(LIMITED), iscsi.create(LIMITED)
    for each in (volume, other):
        iscsi.attach(each, "host-a", LIMITED)
    told = retype(iscsi, volume, LIMITED, GOLD, "host-a").notes
    assert told == (f"storage group {CHILD} keeps its limits, since 1 other volumes are in it",)
    assert _limit(iscsi, CHILD) == LIMITED.limits

    tighter = attrs.evolve(GOLD, limits=HostIoLimits(100, 1))
    told = retype(iscsi, volume, GOLD, tighter, "host-a").notes
    assert told == (f"the new limits of storage group {CHILD} count for 1 other volumes in it too",)
    assert _limit(iscsi, CHILD) == tighter.limits


def test_t11_a_change_of_limits_port_group_or_tags_is_no_migration(iscsi: Stage) -> None:
    """T11: while no host sees the volume such a retype costs one look, and succeeds."""
    iscsi.array.add_port_group("other-PG", iscsi.array.port_groups["OS-iscsi-PG"].ports)
    volume = iscsi.create()
    for after in (LIMITED, OTHER_PG, TAGGED):
        with iscsi.calls() as calls:
            retype(iscsi, volume, GOLD, after)
        assert calls.count == 1, calls
    assert iscsi.attach(volume, "host-a", OTHER_PG).masking_view == "OS-host-a-I-other-PG-MV"


def test_a_port_group_counts_from_the_next_attach(iscsi: Stage) -> None:
    """A host keeps its paths while it uses the volume, and the caller is told; then the new port group serves it."""
    iscsi.array.add_port_group("other-PG", iscsi.array.port_groups["OS-iscsi-PG"].ports)
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    (note,) = retype(iscsi, volume, GOLD, OTHER_PG, "host-a").notes
    assert note.startswith("masking view OS-host-a-I-OS-iscsi-PG-MV keeps its port group; other-PG counts")
    iscsi.detach(volume, "host-a", OTHER_PG)
    assert iscsi.array.masking_views == {}
    assert iscsi.attach(volume, "host-a", OTHER_PG).port_group == "other-PG"


def test_tags_follow(iscsi: Stage) -> None:
    """Tags of the new type are added; those of the old one go if no other volume shares the group."""
    volume = iscsi.create(TAGGED)
    iscsi.attach(volume, "host-a", TAGGED)
    after = attrs.evolve(GOLD, storage_group_tags=("Finance", "archive"))
    retype(iscsi, volume, TAGGED, after, "host-a")
    assert set(iscsi.array.storage_groups[CHILD].tags) == {"finance", "archive"}
    iscsi.attach(iscsi.create(after), "host-a", after)
    retype(iscsi, volume, after, GOLD, "host-a")
    assert set(iscsi.array.storage_groups[CHILD].tags) == {"finance", "archive"}


def test_t16_host_names_with_dashes_and_domains(iscsi: Stage) -> None:
    """T16: the group on the host is named after the host's own label, however the host is called."""
    for host, label in (
        ("my-host", "my-host"),
        ("node1.example.com", "node1"),
        ("compute-node-0042.prod.example.com", "e-004258c19175fe"),
        ("WOLF-1", "WOLF-1"),
        ("OSlo-S1", "OSlo-S1"),
    ):
        volume = iscsi.create()
        iscsi.attach(volume, host)
        retype(iscsi, volume, GOLD, SILVER)
        assert iscsi.groups_of(volume) == (f"OS-{label}-SRP_1-SilverNONE-OS-iscsi-PG",)
        assert iscsi.sees(host, volume)


def test_t43_everything_is_taken_back(iscsi: Stage) -> None:
    """T43: if the move itself is refused, the new group, its limits and its place under the parent are gone again."""
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    before = (iscsi.array.storage_groups, addresses(iscsi, volume), iscsi.groups_of(volume))
    iscsi.simulator.faults.add(Fault(verb="PUT", path=f"*/storagegroup/{CHILD}", effect=Refuse(status=500)))
    with pytest.raises(PmaxError):
        retype(iscsi, volume, GOLD, attrs.evolve(SILVER, limits=LIMITED.limits), "host-a")
    assert (iscsi.array.storage_groups, addresses(iscsi, volume), iscsi.groups_of(volume)) == before


def test_full_groups_overflow(iscsi: Stage) -> None:
    """A full default group and a full child group have siblings, which count as the group."""
    iscsi.create(SILVER)
    iscsi.fill("OS-SRP_1-Silver-NONE-SG", 4095)
    volume = iscsi.create()
    retype(iscsi, volume, GOLD, SILVER)
    assert iscsi.groups_of(volume) == ("OS-SRP_1-Silver-NONE-SG_2",)
    assert not retype(iscsi, volume, SILVER, SILVER).is_changed

    iscsi.attach(iscsi.create(), "host-a")
    iscsi.fill(CHILD, 4095)
    iscsi.attach(volume, "host-a", SILVER)
    retype(iscsi, volume, SILVER, GOLD, "host-a")
    assert iscsi.groups_of(volume) == (CHILD + "_2",)
    assert not retype(iscsi, volume, GOLD, GOLD, "host-a").is_changed
    retype(iscsi, volume, GOLD, LIMITED, "host-a")
    assert _limit(iscsi, CHILD + "_2") == LIMITED.limits
    assert _limit(iscsi, CHILD) is None


def test_a_volume_with_snapshots_and_links(iscsi: Stage) -> None:
    """Snapshots of the volume, and a link to it, are as they were."""
    volume, source = iscsi.create(), iscsi.create()
    session, base = iscsi.session(), iscsi.rest.replace("/restapi/", "/restapi/private/")
    snapshot = f"{base}/replication/symmetrix/{ARRAY}/snapshot"
    for device in (volume, source):
        made = session.post(f"{snapshot}/snap", json={"deviceNameListSource": [{"name": device.device_id}]})
        assert made.ok, made.text
    target = iscsi.create()
    linked = session.put(
        f"{snapshot}/snap",
        json={
            "action": "Link",
            "deviceNameListSource": [{"name": source.device_id}],
            "deviceNameListTarget": [{"name": target.device_id}],
            "copy": "false",
            "generation": 0,
        },
    )
    assert linked.ok, linked.text
    before = (iscsi.array.snapshots, iscsi.array.links)
    for each in (volume, target):
        retype(iscsi, each, GOLD, SILVER)
        assert iscsi.groups_of(each) == ("OS-SRP_1-Silver-NONE-SG",)
    assert (iscsi.array.snapshots, iscsi.array.links) == before


def test_another_srp_of_the_array(iscsi: Stage) -> None:
    """A volume moves to another storage resource pool with its group; a pool that does not exist is named."""
    iscsi.array.add_pool("SRP_2", 10.0)
    volume = iscsi.create()
    token = iscsi.array.write(volume.device_id)
    retype(iscsi, volume, GOLD, attrs.evolve(GOLD, srp="SRP_2"))
    assert iscsi.groups_of(volume) == ("OS-SRP_2-Gold-NONE-SG",)
    assert iscsi.array.volumes[volume.device_id].srp == "SRP_2"
    assert iscsi.array.read(volume.device_id) == token
    with iscsi.calls() as calls, pytest.raises(InvalidRequest, match="SRP_9"):
        retype(iscsi, volume, attrs.evolve(GOLD, srp="SRP_2"), attrs.evolve(GOLD, srp="SRP_9"))
    assert calls.changes == []


def test_a_volume_in_no_group_of_ours_gets_one(iscsi: Stage) -> None:
    """A volume in no group is added to ours; one in a group of an administrator moves out of it, and that stays."""
    volume = iscsi.create()
    iscsi.rename_group("OS-SRP_1-Gold-NONE-SG", "finance")
    retype(iscsi, volume, GOLD, SILVER)
    assert iscsi.groups_of(volume) == ("OS-SRP_1-Silver-NONE-SG",)
    assert "finance" in iscsi.array.storage_groups

    iscsi.array.update_volume(volume.device_id, storage_groups=())
    done = retype(iscsi, volume, SILVER, GOLD)
    assert iscsi.groups_of(volume) == done.storage_groups == ("OS-SRP_1-Gold-NONE-SG",)


def _missing(_: Stage, volume: VolumeTarget) -> VolumeTarget:
    return attrs.evolve(volume, device_id="0FFFF")


def _of_somebody_else(_: Stage, volume: VolumeTarget) -> VolumeTarget:
    return attrs.evolve(volume, identifiers=("OS-another",))


def _in_an_administrators_view(stage: Stage, volume: VolumeTarget) -> VolumeTarget:
    stage.rename_group("OS-SRP_1-Gold-NONE-SG", "databases")
    stage.make_host("server", ["iqn.1994-05.com.example:server"])
    stage.make_view("databases-view", "server", "OS-iscsi-PG", "databases")
    return volume


def _default_group_is_masked(stage: Stage, volume: VolumeTarget) -> VolumeTarget:
    stage.create(SILVER)
    stage.make_host("server", ["iqn.1994-05.com.example:server"])
    stage.make_view("silver-view", "server", "OS-iscsi-PG", "OS-SRP_1-Silver-NONE-SG")
    return volume


@pytest.mark.parametrize(
    ("prepare", "after", "error", "reason"),
    [
        (_missing, SILVER, NotFound, "0FFFF"),
        (_of_somebody_else, SILVER, WrongIdentity, "OS-another"),
        (_in_an_administrators_view, SILVER, InUse, "databases-view"),
        (_default_group_is_masked, SILVER, InUse, "silver-view"),
        (lambda _, volume: volume, attrs.evolve(SILVER, replication_enabled=True), InvalidRequest, "replication"),
    ],
)
def test_refused_with_the_reason(
    iscsi: Stage,
    prepare: Callable[[Stage, VolumeTarget], VolumeTarget],
    after: VolumePolicy,
    error: type[PmaxError],
    reason: str,
) -> None:
    """What cannot be done is refused by looking, and the error says why."""
    target = prepare(iscsi, iscsi.create())
    with iscsi.calls() as calls, pytest.raises(error, match=reason):
        retype(iscsi, target, GOLD, after)
    assert calls.changes == []


def test_a_group_of_an_administrator_besides_ours_does_not_matter(iscsi: Stage) -> None:
    """A view that an administrator made on a group without a service level keeps showing the volume."""
    volume = iscsi.create()
    iscsi.attach(volume, "host-a")
    body = {"storageGroupId": "backup", "srpId": "None", "emulation": "FBA"}
    url = f"{iscsi.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup"
    assert iscsi.session().post(url, json=body).ok
    added = {"expandStorageGroupParam": {"addSpecificVolumeParam": {"volumeId": [volume.device_id]}}}
    assert iscsi.session().put(f"{url}/backup", json={"editStorageGroupActionParam": added}).ok
    iscsi.make_host("server", ["iqn.1994-05.com.example:server"])
    iscsi.make_view("backup-view", "server", "OS-iscsi-PG", "backup")

    retype(iscsi, volume, GOLD, SILVER, "host-a")

    assert set(iscsi.groups_of(volume)) == {SILVER_CHILD, "backup"}
    assert ("backup-view", volume.device_id) in iscsi.array.lun_addresses


def test_signals_tell_of_it(iscsi: Stage) -> None:
    """Listeners learn of the retype, and of each step."""
    told: list[object] = []
    iscsi.engine.signals.volume_retyped.connect(told.append)
    steps: list[StepApplied] = []
    iscsi.engine.signals.step_applied.connect(steps.append)
    volume = iscsi.create()
    steps.clear()
    result = retype(iscsi, volume, GOLD, SILVER)
    assert [event.result for event in told] == [result]  # type: ignore[attr-defined]
    assert [str(event.step).split()[0] for event in steps] == ["create", "move", "delete"]


@pytest.mark.parametrize("size", [10, 4000], ids=lambda size: f"groups of {size}")
def test_budget(tmp_path: Path, size: int) -> None:
    """Retyping a volume that no host sees takes at most 5 calls, whatever the groups hold; attached at most 9."""
    stage = Stage.build(tmp_path)
    volume, attached = stage.create(), stage.create()
    stage.create(SILVER)
    stage.attach(attached, "host-a")
    for group in ("OS-SRP_1-Gold-NONE-SG", "OS-SRP_1-Silver-NONE-SG", CHILD):
        stage.fill(group, size - 1)
    with stage.calls() as calls:
        retype(stage, volume, GOLD, SILVER)
    assert calls.count <= 5, calls
    with stage.calls() as calls:
        retype(stage, attached, GOLD, SILVER, "host-a")
    assert calls.count <= 5, calls
    stage.engine.close()
