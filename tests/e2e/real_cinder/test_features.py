"""Real Cinder over the simulator: copies, changes of type, taking over and giving up."""

from typing import Any

import pytest

from tests.e2e.real_cinder.cloud import Cloud
from tests.e2e.real_cinder.user import User, pool
from tests.judges.hosts import Names, connector_of

#: Over which one a cloud attaches; see `test_one_process`.
PROTOCOL_OF = {"eventlet": "iscsi", "native": "fc"}


@pytest.fixture
def protocol(cloud: Cloud) -> str:
    """One for each cloud, so that both are run."""
    return PROTOCOL_OF[cloud.threads]


def write(user: User, volume: Any, data: str) -> None:
    """Let a host write to a volume."""
    user.cloud.array.write(user.cloud.device(volume).volume_id, data)


def read(user: User, volume: Any) -> str:
    """What a host reads from a volume."""
    return str(user.cloud.array.read(user.cloud.device(volume).volume_id))


def test_copies_have_the_data_of_their_time(user: User, protocol: str) -> None:
    """A snapshot keeps what was there; volumes made of it and clones have their own data; a revert brings it back."""
    gold = user.volume_type(protocol)
    source = user.create(gold)
    write(user, source, "first")
    snapshot = user.snapshot(source)
    assert len(user.cloud.array.snapshots) == 1
    write(user, source, "second")
    restored = user.create(gold, 2, snapshot_id=snapshot.id)
    clone = user.create(gold, source_volid=source.id)
    write(user, source, "third")
    assert (read(user, restored), read(user, clone), read(user, source)) == ("first", "second", "third")
    assert user.cloud.device(restored).cylinders == 1093
    user.revert(source, snapshot)
    assert read(user, source) == "first"
    user.delete_snapshot(snapshot)
    user.delete(source, restored, clone)
    assert user.cloud.array.snapshots == ()


def test_copies_of_an_attached_volume(user: User, protocol: str) -> None:
    """A volume is snapshot and cloned while a host uses it, and the host sees it all the time."""
    gold = user.volume_type(protocol)
    volume = user.create(gold)
    attachment = user.attach(volume, connector_of(protocol))
    write(user, volume, "data")
    snapshot = user.snapshot(volume)
    copy = user.create(gold, snapshot_id=snapshot.id)
    assert read(user, copy) == "data"
    assert user.cloud.device(volume).storage_groups == (Names(protocol).gold,)
    user.detach(attachment)
    user.delete_snapshot(snapshot)
    user.delete(copy, volume)


def test_a_volume_with_a_snapshot_is_not_deleted(user: User) -> None:
    """Cinder refuses, and nothing happens on the array; with `cascade` both go."""
    volume = user.create(user.volume_type("iscsi"))
    user.snapshot(volume)
    with pytest.raises(Exception, match="snapshots"):
        user.api.volumes.delete(volume)
    assert user.cloud.device(volume)
    user.api.volumes.delete(volume, cascade=True)
    user.cloud.gone(user.api.volumes, volume)


@pytest.mark.parametrize(
    ("policy", "level", "specs", "group"),
    [
        ("never", "Gold", {"storagetype__disablecompression": "<is> True"}, "OS-SRP_1-Gold-NONE-CD-SG"),
        ("on-demand", "Silver", {}, "OS-SRP_1-Silver-NONE-SG"),
    ],
)
def test_the_type_of_a_volume_changes(
    user: User, protocol: str, policy: str, level: str, specs: dict[str, str], group: str
) -> None:
    """Detached or attached, the volume moves to the group of its new type, and keeps its data and its host.

    Another pool counts as a migration, which `never` forbids; the array does it without moving data all the same.
    """
    gold, other = user.volume_type(protocol), user.volume_type(protocol, level, **specs)
    volume = user.create(gold)
    write(user, volume, "data")
    device = user.cloud.device(volume).volume_id
    user.retype(volume, other, policy)
    assert user.cloud.device(volume).storage_groups == (group,)
    attachment = user.attach(volume, connector_of(protocol))
    (attached_as,) = user.cloud.device(volume).storage_groups
    assert attached_as.endswith("-CD") is ("-CD-" in group)
    user.retype(volume, gold, policy)
    assert user.cloud.device(volume).storage_groups == (Names(protocol).gold,)
    assert (user.cloud.device(volume).volume_id, read(user, volume)) == (device, "data")
    user.detach(attachment)
    user.delete(volume)


def test_a_volume_is_given_up_and_taken_over(user: User, protocol: str) -> None:
    """What Cinder gives up stays on the array with its data, is offered for taking over, and is Cinder's again."""
    gold = user.volume_type(protocol)
    host = f"node@{protocol}#{pool('Gold')}"
    volume = user.create(gold, 2)
    write(user, volume, "data")
    device = user.cloud.device(volume)
    user.api.volumes.unmanage(volume)
    user.cloud.gone(user.api.volumes, volume)
    assert user.cloud.array.volumes[device.volume_id].identifier == volume.id
    offered = {
        each.reference["source-id" if "source-id" in each.reference else "source-name"]: each
        for each in user.api.volumes.list_manageable(host, detailed=True)
    }
    (reference,) = [each.reference for each in offered.values() if each.size == 2 and each.safe_to_manage]
    again = user.api.volumes.manage(host, reference, volume_type=gold.name, name="taken over")
    again = user.cloud.settled(user.api.volumes, again)
    assert (again.size, user.cloud.device(again).volume_id, read(user, again)) == (2, device.volume_id, "data")
    user.delete(again)


def test_a_snapshot_is_given_up_and_taken_over(user: User, protocol: str) -> None:
    """The snapshot stays on the array, loses its mark, and gets it back."""
    volume = user.create(user.volume_type(protocol))
    snapshot = user.snapshot(volume)
    (before,) = user.cloud.array.snapshots
    user.api.volume_snapshots.unmanage(snapshot)
    user.cloud.gone(user.api.volume_snapshots, snapshot)
    (given_up,) = user.cloud.array.snapshots
    assert given_up.name == before.name.removeprefix("OS-")
    again = user.api.volume_snapshots.manage(volume.id, {"source-name": given_up.name}, name="taken over")
    again = user.cloud.settled(user.api.volume_snapshots, again)
    (taken,) = user.cloud.array.snapshots
    assert taken.name == f"OS-{given_up.name}"
    user.delete_snapshot(again)
    user.delete(volume)
