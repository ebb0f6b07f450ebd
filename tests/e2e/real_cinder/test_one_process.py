"""Real Cinder, all of its services in one process, over the simulator: what users and administrators ask of its API."""

from typing import Any

import pytest

from tests.e2e.real_cinder.cloud import SECOND_PORT_GROUP, Cloud, host_of
from tests.e2e.real_cinder.user import MULTIATTACH, User, pool
from tests.judges.hosts import Names, connector_of

PROTOCOLS = ("iscsi", "fc")
both = pytest.mark.parametrize("protocol", PROTOCOLS)

#: Over which one a cloud attaches where both do the same as far as Cinder is concerned.
PROTOCOL_OF = {"eventlet": "iscsi", "native": "fc"}
INSTANCE = "c0ffee00-0000-4000-8000-000000000001"
#: The project of somebody else.
OTHER_PROJECT = "00000000000000000000000000000002"
#: The master host of a backup service, which attaches without an attachment of its own.
BACKUP = 9


@pytest.fixture
def protocol(cloud: Cloud) -> str:
    """One for each cloud, so that both are run, if not with both kinds of threads."""
    return PROTOCOL_OF[cloud.threads]


def seen_by(user: User, names: Names) -> set[str]:
    """What Cinder calls the volumes that a host's masking view shows."""
    array = user.cloud.array
    return {array.volumes[volume_id].identifier for view, volume_id in array.lun_addresses if view == names.view}


def identifiers(*volumes: Any) -> set[str]:
    """What volumes are called on the array."""
    return {f"OS-{volume.id}" for volume in volumes}


def test_the_services_are_up(user: User) -> None:
    """The scheduler and a volume service for each back end say that they work."""
    found = {(each.binary, each.host): each.state for each in user.api.services.list()}
    assert found == {
        ("cinder-scheduler", "node"): "up",
        ("cinder-volume", "node@iscsi"): "up",
        ("cinder-volume", "node@fc"): "up",
        ("cinder-volume", "node@replicated"): "up",
    }


def test_the_scheduler_knows_the_pools(user: User) -> None:
    """Each back end has its pools, named as volume types name them.

    What the scheduler knows of each is looked at in the deployed form: the `fake://` transport hands over objects as
    they are, read-only ones too, and the API fails on those when details are asked for.
    """
    names = {each.name for each in user.api.pools.list()}
    assert {f"node@{protocol}#{pool(level)}" for protocol in PROTOCOLS for level in ("Gold", "Silver")} <= names


@both
def test_a_back_end_says_what_it_can_do(user: User, protocol: str) -> None:
    """`openstack volume backend capability show` reaches the driver."""
    told = user.api.capabilities.get(f"node@{protocol}")
    assert told.vendor_name == "Dell EMC"
    assert told.storage_protocol == {"iscsi": "iSCSI", "fc": "FC"}[protocol]
    assert told.volume_backend_name == protocol
    assert told.properties["qos"]["type"] == "boolean"


@both
def test_a_volume_lives(user: User, protocol: str) -> None:
    """A volume is made, made larger, attached, made larger again, detached and deleted; the array follows each step."""
    connector, names = connector_of(protocol), Names(protocol)
    volume = user.create(user.volume_type(protocol), 2, metadata={"owner": "me"})
    device = user.cloud.device(volume)
    assert (device.cylinders, device.storage_groups) == (1093, ("OS-SRP_1-Gold-NONE-SG",))
    assert volume.metadata["owner"] == "me"
    assert volume.metadata["DeviceID"] == device.volume_id
    assert host_of(volume.__dict__["os-vol-host-attr:host"]) == f"node@{protocol}"
    assert user.extend(volume, 3).size == 3
    assert user.cloud.device(volume).cylinders == 1639
    attachment = user.attach(volume, connector)
    assert attachment["connection_info"]["target_lun"] == 1
    assert user.cloud.device(volume).storage_groups == (names.gold,)
    assert seen_by(user, names) == identifiers(volume)
    assert user.extend(volume, 4).status == "in-use"
    assert user.cloud.device(volume).cylinders == 2185
    user.detach(attachment)
    assert user.again(volume).status == "available"
    assert user.cloud.array.masking_views == {}
    user.delete(volume)


def test_volumes_share_the_view_of_a_host(user: User, protocol: str) -> None:
    """The second volume of a host joins the first one's view, and leaves it without disturbing the first."""
    connector, names, gold = connector_of(protocol), Names(protocol), user.volume_type(protocol)
    first, second = user.create(gold), user.create(gold)
    attachments = [user.attach(volume, connector) for volume in (first, second)]
    assert [each["connection_info"]["target_lun"] for each in attachments] == [1, 2]
    assert seen_by(user, names) == identifiers(first, second)
    user.detach(attachments[1])
    assert seen_by(user, names) == identifiers(first)
    user.detach(attachments[0])
    user.delete(first, second)


def test_a_volume_is_attached_to_several_hosts(user: User, protocol: str) -> None:
    """Hosts come and go; those that stay see the volume all the time, also when another instance of theirs leaves."""
    shared = user.create(user.volume_type(protocol, **MULTIATTACH))
    assert shared.multiattach is True
    hosts = {number: Names(protocol, number) for number in (1, 2)}
    first = user.attach(shared, connector_of(protocol, 1))
    second = user.attach(shared, connector_of(protocol, 2))
    again = user.attach(shared, connector_of(protocol, 2))
    for names in hosts.values():
        assert seen_by(user, names) == identifiers(shared)
    user.detach(first)
    user.detach(second)
    assert (seen_by(user, hosts[1]), seen_by(user, hosts[2])) == (set(), identifiers(shared))
    assert user.again(shared).status == "in-use"
    user.detach(again)
    user.delete(shared)


def test_an_instance_moves_to_another_host(user: User, protocol: str) -> None:
    """During a live migration both hosts see the volume, though its type allows one instance only."""
    volume = user.create(user.volume_type(protocol))
    source, destination = Names(protocol, 1), Names(protocol, 2)
    before = user.attach_moving(volume, connector_of(protocol, 1), INSTANCE)
    after = user.attach_moving(volume, connector_of(protocol, 2), INSTANCE)
    assert seen_by(user, source) == seen_by(user, destination) == identifiers(volume)
    user.detach(before)
    assert (seen_by(user, source), seen_by(user, destination)) == (set(), identifiers(volume))
    user.detach(after)
    user.delete(volume)


def test_limits_are_those_of_the_type(user: User, protocol: str) -> None:
    """The QoS specification of a type limits the storage group in which its volumes are attached."""
    qos = {"total_iops_sec": "500", "total_bytes_sec": "104857600", "DistributionType": "Always"}
    volume = user.create(user.volume_type(protocol, "Silver", qos))
    attachment = user.attach(volume, connector_of(protocol))
    (group,) = [user.cloud.array.storage_groups[name] for name in user.cloud.device(volume).storage_groups]
    limit = group.host_io_limit
    assert (limit.io_per_second, limit.mb_per_second, limit.dynamic_distribution) == (500, 100, "Always")
    user.detach(attachment)
    user.delete(volume)


def test_a_type_chooses_the_port_group(user: User) -> None:
    """`storagetype:portgroupname` of a type wins over the back end's port groups."""
    volume = user.create(user.volume_type("iscsi", storagetype__portgroupname=SECOND_PORT_GROUP))
    attachment = user.attach(volume, connector_of("iscsi"))
    (view,) = user.cloud.array.masking_views.values()
    assert view.port_group == SECOND_PORT_GROUP
    user.detach(attachment)
    user.delete(volume)


def test_a_backup_service_connects_beside_an_instance(user: User, protocol: str) -> None:
    """The calls that services make for themselves show a volume to their host, and leave the instance's host alone."""
    volume = user.create(user.volume_type(protocol))
    attachment = user.attach(volume, connector_of(protocol))
    mover, names = connector_of(protocol, BACKUP), Names(protocol, BACKUP)
    told = user.api.volumes.initialize_connection(volume, mover)
    assert told["driver_volume_type"] == {"iscsi": "iscsi", "fc": "fibre_channel"}[protocol]
    assert seen_by(user, names) == identifiers(volume)
    user.api.volumes.terminate_connection(volume, mover)
    user.cloud.wait(lambda: not seen_by(user, names), "the host sees nothing")
    assert seen_by(user, Names(protocol)) == identifiers(volume)
    user.detach(attachment)
    user.delete(volume)


def test_a_volume_changes_its_owner(user: User) -> None:
    """A transfer to another project changes nothing on the array; the new owner deletes the volume."""
    volume = user.create(user.volume_type("iscsi"))
    before = user.cloud.device(volume)
    transfer = user.api.transfers.create(volume.id, "a gift")
    heir = User(user.cloud, OTHER_PROJECT)
    heir.api.transfers.accept(transfer.id, transfer.auth_key)
    assert heir.again(volume).__dict__["os-vol-tenant-attr:tenant_id"] == OTHER_PROJECT
    assert user.cloud.device(volume) == before
    heir.delete(volume)


def test_a_type_that_no_pool_serves_makes_no_volume(user: User) -> None:
    """The scheduler finds no back end; the volume is in error, and nothing was asked of the array."""
    volume = user.api.volumes.create(1, volume_type=user.volume_type("iscsi", "Platinum Plus").id)
    user.cloud.settled(user.api.volumes, volume, "error")
    assert not [each for each in user.cloud.array.volumes.values() if each.identifier == f"OS-{volume.id}"]
    user.delete(volume)


def test_many_at_once(user: User, protocol: str) -> None:
    """Six volumes are made at once and attached to two hosts at once; every one is in its place, and then gone."""
    gold = user.volume_type(protocol)
    asked = [user.api.volumes.create(1, volume_type=gold.id) for _ in range(6)]
    volumes = [user.cloud.settled(user.api.volumes, each) for each in asked]
    attachments = [user.attach(each, connector_of(protocol, number % 2)) for number, each in enumerate(volumes)]
    assert seen_by(user, Names(protocol, 0)) == identifiers(*volumes[::2])
    assert seen_by(user, Names(protocol, 1)) == identifiers(*volumes[1::2])
    for attachment in attachments:
        user.detach(attachment)
    user.delete(*volumes)
