"""Cinder as it is deployed: two volume services in a cluster, one of which dies in the middle of work."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.real_cinder.deployment import CLUSTER, NODES, Deployment, deployment_of, missing_packages
from tests.e2e.real_cinder.user import User, pool
from tests.judges.hosts import Names, connector_of

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(300), pytest.mark.xdist_group("deployed Cinder")]

SRP_TIB = 26
#: So that the dying service dies in the middle: an operation takes some calls, each of which takes this long.
LATENCY_S = 0.2
VOLUMES = 12


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment for all tests here, if Debian's packages are there; in CI they have to be."""
    if missing := missing_packages():
        reason = f"Debian packages are missing: {', '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with deployment_of(Path(tmp_path_factory.mktemp("deployed")), latency_s=LATENCY_S, clock="real") as made:
        yield made


@pytest.fixture
def user(deployed: Deployment) -> Iterator[User]:
    """A user of the deployment, who leaves the array as it was."""
    with deployed.leaving_nothing():
        yield User(deployed)


def test_the_cluster_is_up(user: User) -> None:
    """Both volume services belong to one cluster, and the scheduler knows its pools in detail."""
    services = {each.host: each for each in user.api.services.list(binary="cinder-volume")}
    assert {host: (each.state, each.cluster) for host, each in services.items()} == {
        f"{node}@iscsi": ("up", f"{CLUSTER}@iscsi") for node in NODES
    }
    pools = {each.name: each for each in user.api.pools.list(detailed=True)}
    gold = pools[f"{CLUSTER}@iscsi#{pool('Gold')}"]
    assert gold.total_capacity_gb == SRP_TIB * 1024
    assert (gold.storage_protocol, gold.multiattach) == ("iSCSI", True)


def test_a_volume_lives_in_a_cluster(user: User) -> None:
    """Any service of the cluster takes each step of a volume's life, and the array follows."""
    volume = user.create(user.volume_type("iscsi"), 2)
    assert user.cloud.device(volume).cylinders == 1093
    attachment = user.attach(volume, connector_of("iscsi"))
    assert user.cloud.device(volume).storage_groups == (Names("iscsi").gold,)
    assert user.extend(volume, 3).status == "in-use"
    user.detach(attachment)
    user.delete(volume)


def test_both_services_attach_at_the_same_time(user: User) -> None:
    """Volumes are attached to one host by both services at once: one view holds all, and each has its own LUN."""
    gold = user.volume_type("iscsi")
    volumes = [user.api.volumes.create(1, volume_type=gold.id) for _ in range(4)]
    volumes = [user.cloud.settled(user.api.volumes, each) for each in volumes]
    attachments = [user.attach(each, connector_of("iscsi")) for each in volumes]
    luns = [each["connection_info"]["target_lun"] for each in attachments]
    assert len(set(luns)) == len(volumes)
    assert len(user.cloud.array.masking_views) == 1
    for attachment in attachments:
        user.detach(attachment)
    user.delete(*volumes)


def test_one_dies_and_the_other_goes_on(deployed: Deployment, user: User) -> None:
    """A service is killed while volumes are made; the other one goes on, and nothing is lost.

    What the dead one had in hand is put in error by the operator's clean-up, and what it left on the array is taken
    away when it starts again, so that in the end the array is empty.
    """
    gold = user.volume_type("iscsi")
    asked = [user.api.volumes.create(1, volume_type=gold.id) for _ in range(VOLUMES)]
    deployed.wait(lambda: deployed.under_way(f"{NODES[0]}@iscsi"), "the service has something in hand")
    deployed.kill_node(NODES[0])
    assert deployed.under_way(f"{NODES[0]}@iscsi")
    after = user.create(gold)
    attachment = user.attach(after, connector_of("iscsi"))
    deployed.wait(lambda: node_is(user, NODES[0], "down"), "the death is noticed")
    user.api.workers.clean(host=f"{NODES[0]}@iscsi")
    settled = [user.cloud.settled(user.api.volumes, each, "available", "error") for each in asked]
    assert any(each.status == "available" for each in settled)
    deployed.start_node(NODES[0])
    deployed.wait(lambda: node_is(user, NODES[0], "up"), "the dead one is back")
    user.detach(attachment)
    user.delete(after, *settled)
    deployed.wait(lambda: not created(deployed), "what the dead one left is taken away")


def created(deployed: Deployment) -> list[object]:
    """The volumes that Cinder made on the array."""
    return [each for each in deployed.array.volumes.values() if not each.is_gatekeeper]


def node_is(user: User, node: str, state: str) -> bool:
    """Whether Cinder takes a volume service for up or down."""
    found = [each.state for each in user.api.services.list(binary="cinder-volume") if each.host == f"{node}@iscsi"]
    return found == [state]
