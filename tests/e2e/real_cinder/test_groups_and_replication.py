"""Real Cinder over the simulator: groups, group snapshots, and volumes that are on two arrays."""

from typing import Any

import pytest

from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.e2e.real_cinder.cloud import REPLICATED, Cloud
from tests.e2e.real_cinder.user import User
from tests.judges.cinder_records import REPLICATED_TOGETHER, SNAPSHOTS_TOGETHER
from tests.judges.hosts import connector_of

HOST = f"node@{REPLICATED}"
REPLICATES = {"replication_enabled": "<is> True"}
SYNC_GROUP = "OS-SRP_1-Gold-NONE-RE-SG"


def read(user: User, volume: Any) -> str:
    """What a host reads from a volume."""
    return str(user.cloud.array.read(user.cloud.device(volume).volume_id))


def service(cloud: Cloud) -> Any:
    """What Cinder knows of the service whose volumes are replicated."""
    (found,) = [each for each in cloud.client().services.list(binary="cinder-volume") if each.host == HOST]
    return found


def test_volumes_are_a_group(user: User) -> None:
    """Volumes join and leave a group on the array, and go with it."""
    gold = user.volume_type("iscsi", **SNAPSHOTS_TOGETHER)
    group = user.group(user.group_type(**SNAPSHOTS_TOGETHER), gold)
    name = f"group_{group.id}"
    assert name in user.cloud.array.storage_groups
    first, second = user.create(gold, group_id=group.id), user.create(gold)
    assert name in user.cloud.device(first).storage_groups
    user.change_group(group, add_volumes=second.id)
    assert name in user.cloud.device(second).storage_groups
    user.change_group(group, remove_volumes=second.id)
    assert name not in user.cloud.device(second).storage_groups
    user.delete_group(group)
    user.delete(second)


def test_a_group_is_snapped_and_copied_as_one(user: User) -> None:
    """A snapshot of a group has the data of one moment; groups are made of it, and of the group itself."""
    gold = user.volume_type("iscsi", **SNAPSHOTS_TOGETHER)
    group = user.group(user.group_type(**SNAPSHOTS_TOGETHER), gold)
    volumes = [user.create(gold, group_id=group.id) for _ in range(2)]
    for volume in volumes:
        user.cloud.array.write(user.cloud.device(volume).volume_id, "then")
    snapshot = user.cloud.settled(user.api.group_snapshots, user.api.group_snapshots.create(group.id, name="then"))
    for volume in volumes:
        user.cloud.array.write(user.cloud.device(volume).volume_id, "now")
    for source, data in (({"group_snapshot_id": snapshot.id}, "then"), ({"source_group_id": group.id}, "now")):
        made = user.api.groups.create_from_src(
            source.get("group_snapshot_id"), source.get("source_group_id"), name="copy"
        )
        copy = user.cloud.settled(user.api.groups, user.api.groups.get(made["id"]))
        members = [each for each in user.api.volumes.list() if getattr(each, "group_id", None) == copy.id]
        assert [read(user, each) for each in members] == [data, data]
        user.delete_group(copy)
    user.api.group_snapshots.delete(snapshot.id)
    user.cloud.gone(user.api.group_snapshots, snapshot)
    user.delete_group(group)


def test_a_replicated_volume_lives(user: User) -> None:
    """A volume of a replicated type is on both arrays, follows changes of its size, and leaves neither behind."""
    volume = user.create(user.volume_type(REPLICATED, **REPLICATES))
    assert volume.replication_status == "enabled"
    (pair,) = user.cloud.simulator.srdf.pairs
    assert pair.state.value == "Synchronized"
    assert user.cloud.device(volume).storage_groups == (SYNC_GROUP,)
    attachment = user.attach(volume, connector_of("iscsi"))
    user.extend(volume, 2)
    assert user.cloud.device(volume).cylinders == user.cloud.device(volume, user.cloud.remote).cylinders == 1093
    user.detach(attachment)
    user.delete(volume)
    assert list(user.cloud.simulator.srdf.pairs) == []


def test_a_back_end_fails_over_and_back(user: User) -> None:
    """After a failover volumes are attached from the other array; after the failback from their own."""
    cloud = user.cloud
    volume = user.create(user.volume_type(REPLICATED, **REPLICATES))
    user.api.services.freeze_host(HOST)
    assert service(cloud).frozen is True
    user.api.services.thaw_host(HOST)
    user.api.services.failover_host(HOST, None)
    cloud.wait(lambda: service(cloud).replication_status == "failed-over", "the back end is failed over")
    assert service(cloud).active_backend_id == REMOTE_ARRAY
    assert user.again(volume).replication_status == "failed-over"
    attachment = user.attach(volume, connector_of("iscsi"))
    assert cloud.array.masking_views == {}
    assert len(cloud.remote.masking_views) == 1
    user.detach(attachment)
    user.api.services.failover_host(HOST, "default")
    cloud.wait(lambda: service(cloud).replication_status == "enabled", "the back end is failed back")
    user.api.services.enable(HOST, "cinder-volume")
    assert user.again(volume).replication_status == "enabled"
    attachment = user.attach(volume, connector_of("iscsi"))
    assert len(cloud.array.masking_views) == 1
    user.detach(attachment)
    user.delete(volume)


def test_a_group_is_failed_over_without_its_back_end(user: User) -> None:
    """Replication of a group is stopped, resumed, failed over and back for that group alone."""
    kind = user.volume_type(REPLICATED, **REPLICATES, **REPLICATED_TOGETHER)
    group = user.group(user.group_type(**REPLICATED_TOGETHER), kind)
    volume = user.create(kind, group_id=group.id)

    def status_after(act: Any, *arguments: Any, **named: Any) -> str:
        act(group.id, *arguments, **named)
        busy = {"enabling", "disabling", "failing-over"}
        user.cloud.wait(
            lambda: user.api.groups.get(group.id).replication_status not in busy, "the group's replication has changed"
        )
        return str(user.api.groups.get(group.id).replication_status)

    assert status_after(user.api.groups.disable_replication) == "disabled"
    assert status_after(user.api.groups.enable_replication) == "enabled"
    assert status_after(user.api.groups.failover_replication, allow_attached_volume=True) == "failed-over"
    back = {"allow_attached_volume": True, "secondary_backend_id": "default"}
    assert status_after(user.api.groups.failover_replication, **back) == "enabled"
    assert user.again(volume).replication_status == "enabled"
    user.delete_group(group)


@pytest.fixture(autouse=True)
def _back_at_home(cloud: Cloud) -> Any:
    """Bring the back end back after a test that failed between failover and failback."""
    yield
    if service(cloud).replication_status != "enabled" and service(cloud).active_backend_id:
        cloud.client().services.failover_host(HOST, "default")
        cloud.client().services.enable(HOST, "cinder-volume")
