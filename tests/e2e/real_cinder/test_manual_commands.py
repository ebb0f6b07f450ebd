"""The commands of the official manual of the drivers, run against real Cinder as an operator types them.

A test is a section of the manual. What cannot be run here, and why:

- `openstack volume create --image` (CHAP, live migration): needs Glance, and a disk that the service can write to.
- `openstack server create|add volume|show|migrate`, `virsh`, `lsblk`, `ping`, `chmod`: need Nova and compute hosts.
  What Nova asks of Cinder then is run through the attachments API (`test_one_process`).
- `symaccess`: a command of the array's own software; CHAP credentials are on the array, and the driver only passes
  them on.
- `apt-get`, `openssl`, `update-ca-certificates` and their like: they prepare a machine, not Cinder. Each back end here
  is configured with a certificate to trust, as the manual's section on SSL says.
- `openstack volume type set --property pool_name=…` without a type's name: an excerpt, run with one.
"""

import json
from typing import Any

import pytest

from pmax.simulator.fixtures import LOCAL_ARRAY
from tests.e2e.real_cinder.cloud import REPLICATED, SECOND_PORT_GROUP, Cloud
from tests.e2e.real_cinder.user import User
from tests.judges.hosts import connector_of

pytestmark = pytest.mark.parametrize("cloud", ["native"], indirect=True)

GROUP_TYPE = "GROUP_TYPE"
SNAPPED_AS_ONE = "consistent_group_snapshot_enabled"


def shown(cloud: Cloud, *command: str) -> Any:
    """What an `openstack` command shows, as data."""
    return json.loads(cloud.run("openstack", *command, "-f", "json"))


def type_of(cloud: Cloud, name: str, backend: str, pool: str, *properties: str) -> None:
    """Make a volume type, as section 6 does."""
    cloud.run("openstack", "volume", "type", "create", name)
    given = [f"volume_backend_name={backend}", f"pool_name={pool}", *properties]
    cloud.run("openstack", "volume", "type", "set", *(part for each in given for part in ("--property", each)), name)


def volume_of(user: User, type_name: str, name: str) -> Any:
    """Make a volume by the command, and wait until it is there."""
    made = shown(user.cloud, "volume", "create", "--size", "1", "--type", type_name, name)
    return user.cloud.settled(user.api.volumes, user.api.volumes.get(made["id"]))


def test_section_6_volume_types(user: User) -> None:
    """A type names back end, pool and port group; its volumes are made there, and attached over that port group."""
    cloud = user.cloud
    pool = f"Silver+NONE+SRP_1+{LOCAL_ARRAY}"
    port_group = f"storagetype:portgroupname={SECOND_PORT_GROUP}"
    type_of(cloud, "POWERMAX_ISCSI_SILVER", "iscsi", pool, port_group)
    type_of(cloud, "POWERMAX_FC_DIAMOND", "fc", f"Diamond+NONE+SRP_1+{LOCAL_ARRAY}")
    assert set(shown(cloud, "volume", "type", "show", "POWERMAX_ISCSI_SILVER")["properties"]) == {
        "volume_backend_name",
        "pool_name",
        "storagetype:portgroupname",
    }
    silver = volume_of(user, "POWERMAX_ISCSI_SILVER", "silver")
    diamond = volume_of(user, "POWERMAX_FC_DIAMOND", "diamond")
    assert cloud.device(silver).storage_groups == ("OS-SRP_1-Silver-NONE-SG",)
    assert cloud.device(diamond).storage_groups == ("OS-SRP_1-Diamond-NONE-SG",)
    attachment = user.attach(silver, connector_of("iscsi"))
    assert {view.port_group for view in cloud.array.masking_views.values()} == {SECOND_PORT_GROUP}
    user.detach(attachment)
    for name in ("silver", "diamond"):
        cloud.run("openstack", "volume", "delete", name)
    cloud.gone(user.api.volumes, silver)
    cloud.gone(user.api.volumes, diamond)


@pytest.mark.parametrize(
    ("pool", "group"), [("None+None", "OS-no_SLO-SG"), ("Diamond+None", "OS-SRP_1-Diamond-NONE-SG")]
)
def test_section_6_no_service_level_and_no_workload(user: User, pool: str, group: str) -> None:
    """Without a service level, a volume is in the group that has none; without a workload, only the level counts."""
    name = f"POWERMAX_{pool}"
    type_of(user.cloud, name, "iscsi", f"{pool}+SRP_1+{LOCAL_ARRAY}")
    volume = volume_of(user, name, name)
    assert user.cloud.device(volume).storage_groups == (group,)
    user.delete(volume)


@pytest.mark.parametrize(
    ("consumer", "distribution"),
    [("back-end", "Always"), ("both", "Always"), ("back-end", "OnFailure"), ("back-end", None)],
)
def test_section_9_quality_of_service(user: User, consumer: str, distribution: str | None) -> None:
    """Use cases 1 to 3: the limits of the type, and how they are distributed, hold for the group of its volumes."""
    name = f"{consumer} {distribution}"
    limits = ["total_iops_sec=500", "total_bytes_sec=104857600"]
    limits += [f"DistributionType={distribution}"] if distribution else []
    limit = limited_group(user, name, consumer, limits).host_io_limit
    assert (limit.io_per_second, limit.mb_per_second) == (500, 100)
    assert limit.dynamic_distribution == (distribution or "Never")


def test_section_9_distribution_without_limits(user: User) -> None:
    """Use case 4: a distribution alone limits nothing."""
    assert limited_group(user, "alone", "back-end", ["DistributionType=Always"]).host_io_limit is None


def limited_group(user: User, name: str, consumer: str, limits: list[str]) -> Any:
    """The storage group of a volume with limits while it is attached."""
    cloud = user.cloud
    type_of(cloud, name, "iscsi", f"Silver+NONE+SRP_1+{LOCAL_ARRAY}")
    properties = [part for limit in limits for part in ("--property", limit)]
    cloud.run("openstack", "volume", "qos", "create", "--consumer", consumer, *properties, f"qos {name}")
    cloud.run("openstack", "volume", "qos", "associate", f"qos {name}", name)
    volume = volume_of(user, name, name)
    attachment = user.attach(volume, connector_of("iscsi"))
    (group,) = [cloud.array.storage_groups[each] for each in cloud.device(volume).storage_groups]
    user.detach(attachment)
    user.delete(volume)
    return group


def test_groups_and_their_snapshots(user: User) -> None:
    """Group types, groups, group snapshots, and groups made of either, each by the manual's command."""
    cloud = user.cloud

    def cinder(version: str, *arguments: str) -> str:
        return cloud.run("cinder", "--os-volume-api-version", version, *arguments)

    def settled(name: str) -> Any:
        (found,) = [each for each in user.api.groups.list() if each.name == name]
        return cloud.settled(user.api.groups, found)

    type_of(cloud, "VOLUME_TYPE1", "iscsi", f"Diamond+SRP_1+{LOCAL_ARRAY}", f"{SNAPPED_AS_ONE}=<is> True")
    cinder("3.11", "group-type-create", GROUP_TYPE)
    cinder("3.11", "group-type-key", GROUP_TYPE, "set", f"{SNAPPED_AS_ONE}=<is> True")
    assert GROUP_TYPE in cinder("3.11", "group-type-list")
    assert f"{SNAPPED_AS_ONE} : <is> True" in cinder("3.11", "group-type-show", GROUP_TYPE)
    assert f"'{SNAPPED_AS_ONE}': '<is> True'" in cinder("3.11", "group-specs-list")

    cinder("3.13", "group-create", "--name", "GROUP", GROUP_TYPE, "VOLUME_TYPE1")
    group = settled("GROUP")
    assert f"GROUP_{group.id}" in cloud.array.storage_groups
    assert group.id in cinder("3.13", "group-show", "GROUP")
    assert group.id in cinder("3.13", "group-list")
    cinder("3.13", "create", "--volume-type", "VOLUME_TYPE1", "--group-id", group.id, "--name", "member", "1")
    (member,) = user.api.volumes.list(search_opts={"name": "member"})
    cloud.settled(user.api.volumes, member)
    other = volume_of(user, "VOLUME_TYPE1", "other")
    cinder("3.13", "group-update", "--add-volumes", other.id, "--remove-volumes", member.id, "GROUP")
    settled("GROUP")
    assert f"GROUP_{group.id}" in cloud.device(other).storage_groups
    assert f"GROUP_{group.id}" not in cloud.device(member).storage_groups

    cinder("3.14", "group-snapshot-create", "--name", "GROUP_SNAPSHOT", "GROUP")
    (snapshot,) = user.api.group_snapshots.list()
    cloud.settled(user.api.group_snapshots, snapshot)
    cinder("3.14", "group-create-from-src", "--group-snapshot", "GROUP_SNAPSHOT", "--name", "OF_SNAPSHOT")
    cinder("3.14", "group-create-from-src", "--source-group", "GROUP", "--name", "OF_GROUP")
    copies = [settled("OF_SNAPSHOT"), settled("OF_GROUP")]
    for name, copy in zip(("OF_SNAPSHOT", "OF_GROUP"), copies, strict=True):
        cinder("3.13", "group-delete", "--delete-volumes", name)
        cloud.gone(user.api.groups, copy)
    cinder("3.14", "group-snapshot-delete", "GROUP_SNAPSHOT")
    cloud.gone(user.api.group_snapshots, snapshot)
    cinder("3.13", "group-delete", "--delete-volumes", "GROUP")
    cloud.gone(user.api.groups, group)
    user.delete(member)
    cinder("3.11", "group-type-delete", GROUP_TYPE)
    assert GROUP_TYPE not in cinder("3.11", "group-type-list")


def test_replication_of_a_group(user: User) -> None:
    """Group replication: disabled, enabled, failed over and failed back."""
    cloud = user.cloud
    specs = [f"{SNAPPED_AS_ONE}=<is> True", "consistent_group_replication_enabled=<is> True"]
    pool = f"Diamond+SRP_1+{LOCAL_ARRAY}"
    type_of(cloud, "REPLICATED_TYPE", REPLICATED, pool, "replication_enabled=<is> True", *specs)
    kind = user.group_type(**dict(each.split("=", 1) for each in specs))
    volume_type = user.api.volume_types.find(name="REPLICATED_TYPE")
    group = user.group(kind, volume_type, "REPLICATED_GROUP")
    user.create(volume_type, group_id=group.id)

    def becomes(status: str, *command: str) -> None:
        cloud.run("cinder", "--os-volume-api-version", "3.38", *command)
        cloud.wait(lambda: user.api.groups.get(group.id).replication_status == status, f"{command} leads to {status}")

    becomes("disabled", "group-disable-replication", "REPLICATED_GROUP")
    becomes("enabled", "group-enable-replication", "REPLICATED_GROUP")
    becomes("failed-over", "group-failover-replication", "REPLICATED_GROUP")
    becomes("enabled", "group-failover-replication", "REPLICATED_GROUP", "--secondary-backend-id", "default")
    user.delete_group(group)


def test_failover_and_failback_of_a_back_end(user: User) -> None:
    """Failover host: `cinder failover-host` to the other array, and with `--backend_id default` back."""
    cloud, host = user.cloud, f"node@{REPLICATED}"
    pool = f"Gold+SRP_1+{LOCAL_ARRAY}"
    type_of(cloud, "POWERMAX_REPLICATION", REPLICATED, pool, "replication_enabled=<is> True")
    volume = volume_of(user, "POWERMAX_REPLICATION", "replicated")

    def becomes(status: str, *command: str) -> None:
        cloud.run("cinder", *command)
        cloud.wait(lambda: user.again(volume).replication_status == status, f"{command} leads to {status}")
        cloud.wait(lambda: status in {each.replication_status for each in services()}, "the service says so too")

    def services() -> Any:
        return [each for each in user.api.services.list() if each.host == host]

    becomes("failed-over", "failover-host", host)
    becomes("enabled", "failover-host", host, "--backend_id", "default")
    cloud.run("cinder", "service-enable", host, "cinder-volume")
    user.delete(volume)


def test_retype_with_storage_assisted_migration(user: User) -> None:
    """Volume retype: to another service level of the same back end, by `--migration-policy on-demand`."""
    cloud = user.cloud
    type_of(cloud, "FROM_GOLD", "iscsi", f"Gold+NONE+SRP_1+{LOCAL_ARRAY}")
    type_of(cloud, "TO_SILVER", "iscsi", f"Silver+NONE+SRP_1+{LOCAL_ARRAY}")
    volume = volume_of(user, "FROM_GOLD", "to_retype")
    cloud.run("cinder", "retype", "--migration-policy", "on-demand", "to_retype", "TO_SILVER")
    cloud.wait(lambda: user.again(volume).volume_type == "TO_SILVER", "the volume has its new type")
    assert cloud.device(volume).storage_groups == ("OS-SRP_1-Silver-NONE-SG",)
    user.delete(cloud.settled(user.api.volumes, volume))


def test_manage_and_unmanage_a_volume(user: User) -> None:
    """A volume of the array becomes Cinder's by its device id, and stays on the array when Cinder gives it up."""
    cloud = user.cloud
    type_of(cloud, "POWERMAX_ISCSI_DIAMOND", "iscsi", f"Diamond+SRP_1+{LOCAL_ARRAY}")
    device = cloud.array.add_volume(1093, "somebody")
    options = ["--name", "powermax_managed_volume", "--volume-type", "POWERMAX_ISCSI_DIAMOND"]
    where = [f"node@iscsi#Diamond+SRP_1+{LOCAL_ARRAY}", device]
    cloud.run("cinder", "manage", *options, "--availability-zone", "nova", *where)
    (managed,) = cloud.wait(lambda: user.api.volumes.list(search_opts={"name": "powermax_managed_volume"}), "managed")
    managed = cloud.settled(user.api.volumes, managed)
    assert (managed.size, cloud.device(managed).volume_id) == (2, device)
    cloud.run("cinder", "unmanage", "powermax_managed_volume")
    cloud.gone(user.api.volumes, managed)
    assert cloud.array.volumes[device].identifier == managed.id
    again = user.api.volumes.manage(where[0], {"source-id": device}, volume_type="POWERMAX_ISCSI_DIAMOND")
    user.delete(cloud.settled(user.api.volumes, again))


def test_manage_and_unmanage_a_snapshot(user: User) -> None:
    """A snapshot of the array becomes Cinder's by its name, which begins with `OS-` as long as it is."""
    cloud = user.cloud
    type_of(cloud, "WITH_SNAPSHOT", "iscsi", f"Diamond+SRP_1+{LOCAL_ARRAY}")
    volume = volume_of(user, "WITH_SNAPSHOT", "source")
    given_up = user.snapshot(volume)
    user.api.volume_snapshots.unmanage(given_up)
    cloud.gone(user.api.volume_snapshots, given_up)
    (name,) = (each.name for each in cloud.array.snapshots)
    described = ["--name", "SnapshotManaged", "--description", "Managed Queens Feb18"]
    cloud.run("cinder", "snapshot-manage", "--id-type", "source-name", *described, volume.id, name)
    (managed,) = user.api.volume_snapshots.list(search_opts={"name": "SnapshotManaged"})
    cloud.settled(user.api.volume_snapshots, managed)
    assert [each.name for each in cloud.array.snapshots] == [f"OS-{name}"]
    cloud.run("cinder", "snapshot-unmanage", "SnapshotManaged")
    cloud.gone(user.api.volume_snapshots, managed)
    assert [each.name for each in cloud.array.snapshots] == [name]
    again = user.api.volume_snapshots.manage(volume.id, {"source-name": name})
    user.delete_snapshot(cloud.settled(user.api.volume_snapshots, again))
    user.delete(volume)
