"""Real Cinder with pmax over what the driver of 2019 left: its rows in the database, and its objects on the arrays."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.e2e.real_cinder.cloud import PROJECT, Cloud, cloud_of
from tests.e2e.real_cinder.user import User
from tests.judges.array_state import changes_between, state_of
from tests.judges.estate_of_2019 import DEVICE, SMI_S_SNAPSHOT, SMI_S_VOLUME, STANZA, recorded
from tests.judges.hosts import connector_of
from tests.judges.recording import furnish, insert, play

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("real cinder, 2019")]

HOST = f"node@{STANZA}"


class Estate:
    """What the driver of 2019 left, as a user finds it today.

    Attributes:
        user: who has it.
        locations: device ids by the name of a volume.
    """

    def __init__(self, cloud: Cloud, rows: dict[str, list[dict[str, Any]]]) -> None:
        self.user = User(cloud)
        self.cloud = cloud
        self.locations = {row["display_name"]: _device(row["provider_location"]) for row in rows["volumes"]}

    def volume(self, name: str) -> Any:
        """A volume as it is now."""
        (found,) = self.user.api.volumes.list(search_opts={"name": name})
        return found

    def snapshot(self, name: str) -> Any:
        """A snapshot as it is now."""
        (found,) = self.user.api.volume_snapshots.list(search_opts={"name": name})
        return found

    def read(self, volume: Any, array: Any = None) -> str:
        """What a host reads from a volume that is called as Cinder calls it today."""
        array = array or self.cloud.array
        return str(array.read(self.cloud.device(volume, array).volume_id))

    def device(self, name: str) -> Any:
        """The device that the row of a volume named in 2019."""
        return self.cloud.array.volumes[self.locations[name]]


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """The services of today, in whose database and on whose arrays the estate is.

    Afterwards the arrays are as if it had never been; a group that the driver of 2019 itself left empty, in which a
    volume was while nobody managed it, is not touched.
    """
    recording = recorded()
    with cloud_of(tmp_path, "native") as cloud:
        options = {"volume_backend_name": STANZA, "replication_device": DEVICE}
        cloud.stanzas = {STANZA: cloud.stanza("iscsi", **options)}
        furnish(cloud.simulator)
        before = state_of(cloud.simulator)
        play(cloud.simulator, recording["events"])
        insert(cloud.prepared_database(), recording["rows"])
        cloud.start()
        cloud.client().quotas.update(PROJECT, volumes=-1, snapshots=-1, gigabytes=-1)
        yield Estate(cloud, recording["rows"])
        left = changes_between(before, state_of(cloud.simulator))
        assert left.keys() == {"appeared"}, left
        assert ["OS-Unmanaged" in each for each in left["appeared"]] == [True], left


def _device(location: str) -> str:
    stored = ast.literal_eval(location)
    return str(stored.get("device_id") or stored["keybindings"]["DeviceID"])


def test_everything_lives_on(estate: Estate) -> None:
    """Each volume, snapshot, group and attachment does what it could do, with its data; then all goes, and no more."""
    _of_one_array(estate)
    _snapshots(estate)
    _of_the_smi_s_era(estate)
    _group(estate)
    _replicated(estate)
    user = estate.user
    user.delete(*user.api.volumes.list())


def _of_one_array(estate: Estate) -> None:
    """Volumes, however they came to be, are attached and grow; the one that was attached is detached."""
    user, cloud = estate.user, estate.cloud
    for name in ("free", "from snapshot", "clone", "managed"):
        volume = estate.volume(name)
        assert cloud.device(volume) == estate.device(name)
        attachment = user.attach(volume, connector_of("iscsi", 2))
        assert user.extend(volume, 3).status == "in-use"
        assert estate.device(name).cylinders == 1639
        user.detach(attachment)
    assert [estate.read(estate.volume(name)) for name in ("free", "clone", "from snapshot")] == [
        "data of free",
        "data of free",
        "then",
    ]
    attached = estate.volume("attached")
    user.extend(attached, 2)
    (left,) = [each for each in user.nova.attachments.list() if each.volume_id == attached.id]
    user.detach({"id": left.id})
    assert estate.device("attached").storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
    assert user.again(attached).status == "available"


def _snapshots(estate: Estate) -> None:
    """A snapshot of then is cloned, reverted to and deleted; its source gives clones and snapshots of now."""
    user, source, snapshot = estate.user, estate.volume("source"), estate.snapshot("snapshot")
    made = user.create(source.volume_type, snapshot_id=snapshot.id)
    clone = user.create(source.volume_type, source_volid=source.id)
    assert [estate.read(each) for each in (source, made, clone)] == ["now", "then", "now"]
    user.revert(source, snapshot)
    assert estate.read(source) == "then"
    user.delete_snapshot(snapshot, user.snapshot(source))


def _of_the_smi_s_era(estate: Estate) -> None:
    """A volume whose place stands in the oldest form lives, and its snapshot, which is a device, gives a volume."""
    user, volume, snapshot = estate.user, estate.volume(SMI_S_VOLUME), estate.snapshot(SMI_S_SNAPSHOT)
    made = user.create(volume.volume_type, snapshot_id=snapshot.id)
    assert estate.read(made) == f"data {SMI_S_SNAPSHOT}"
    user.detach(user.attach(volume, connector_of("iscsi", 2)))
    user.delete_snapshot(snapshot, user.snapshot(volume))


def _group(estate: Estate) -> None:
    """The group gives another group as of then, takes a volume, and loses its snapshot."""
    user, cloud = estate.user, estate.cloud
    (group,) = user.api.groups.list()
    (snapshot,) = user.api.group_snapshots.list()
    for number in range(2):
        cloud.array.write(estate.locations[f"member {number}"], "now")
    made = user.api.groups.create_from_src(snapshot.id, None, name="copy")
    copy = cloud.settled(user.api.groups, user.api.groups.get(made["id"]))
    members = [each for each in user.api.volumes.list() if getattr(each, "group_id", None) == copy.id]
    assert [estate.read(each) for each in members] == ["then", "then"]
    user.delete_group(copy)
    user.api.group_snapshots.delete(snapshot.id)
    cloud.gone(user.api.group_snapshots, snapshot)
    joining = user.create(estate.volume("member 0").volume_type)
    user.change_group(group, add_volumes=joining.id)
    assert f"group_{group.id}" in cloud.device(joining).storage_groups
    user.delete_group(group)


def _replicated(estate: Estate) -> None:
    """Replicated volumes, one of them attached, fail over and back, and are used on either array."""
    user, cloud = estate.user, estate.cloud
    free, attached = estate.volume("mirrored"), estate.volume("mirrored and attached")
    cloud.array.write(estate.locations["mirrored"], "data of both")
    (left,) = user.nova.attachments.list()
    user.api.services.failover_host(HOST, None)
    cloud.wait(lambda: service(user).replication_status == "failed-over", "the back end is failed over")
    assert service(user).active_backend_id == REMOTE_ARRAY
    attachment = user.attach(free, connector_of("iscsi", 2))
    assert estate.read(free, cloud.remote) == "data of both"
    assert len(cloud.remote.masking_views) == 1
    user.detach(attachment)
    user.api.services.failover_host(HOST, "default")
    cloud.wait(lambda: service(user).replication_status == "enabled", "the back end is failed back")
    user.api.services.enable(HOST, "cinder-volume")
    user.detach({"id": left.id})
    assert user.extend(attached, 2).status == "available"
    assert cloud.device(attached).cylinders == cloud.device(attached, cloud.remote).cylinders == 1093


def service(user: User) -> Any:
    """What Cinder knows of the service."""
    (found,) = [each for each in user.api.services.list(binary="cinder-volume") if each.host == HOST]
    return found
