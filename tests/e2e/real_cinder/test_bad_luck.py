"""Real Cinder when things go wrong: services die at work, Unisphere is away, calls take too long, backups are old."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pmax.simulator import Fault
from pmax.simulator.fault_effects import Drop
from tests.e2e.real_cinder.cloud import Cloud, cloud_of
from tests.e2e.real_cinder.user import User
from tests.judges.hosts import connector_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("real cinder, bad luck")]

HOST = "node@iscsi"
#: So that a service can die in the middle of an operation: each call takes this long.
LATENCY_S = 0.3
#: Longer than an attach takes then, and shorter.
RPC_TIMEOUT_S = 1


@pytest.fixture(scope="module")
def down(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud with one back end whose services are not started."""
    with cloud_of(tmp_path_factory.mktemp("cloud"), "native", clock="real") as made:
        made.stanzas = {"iscsi": made.stanzas["iscsi"]}
        yield made


@pytest.fixture
def started(down: Cloud) -> Iterator[User]:
    """A user of that cloud while it is up; everything is gone afterwards."""
    with down.leaving_nothing():
        down.start()
        yield User(down)
        down.stop()


class Life:
    """A volume in each state from which an operation begins."""

    def __init__(self, user: User) -> None:
        self.gold, self.silver = user.volume_type("iscsi"), user.volume_type("iscsi", "Silver")
        self.plain, self.attached, self.doomed = (user.create(self.gold) for _ in range(3))
        self.attachment = user.attach(self.attached, connector_of("iscsi", 1))
        self.snapshot = user.snapshot(self.plain)


#: What is under way when the service dies.
OPERATIONS: dict[str, Callable[[User, Life], Any]] = {
    "create": lambda user, life: user.api.volumes.create(1, volume_type=life.gold.id),
    "delete": lambda user, life: user.api.volumes.delete(life.doomed.id),
    "extend": lambda user, life: user.api.volumes.extend(life.plain, 2),
    "attach": lambda user, life: user.attach(life.doomed, connector_of("iscsi", 2)),
    "detach": lambda user, life: user.detach(life.attachment),
    "snapshot": lambda user, life: user.api.volume_snapshots.create(life.doomed.id),
    "clone": lambda user, life: user.api.volumes.create(1, volume_type=life.gold.id, source_volid=life.plain.id),
    "from snapshot": lambda user, life: user.api.volumes.create(
        1, volume_type=life.gold.id, snapshot_id=life.snapshot.id
    ),
    "retype": lambda user, life: user.api.volumes.retype(life.doomed, life.silver.name, "on-demand"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_cinder_dies_in_the_middle(started: User, down: Cloud, operation: str) -> None:
    """After `kill -9` and a new start nothing is stuck: everything can be deleted, and then the arrays are empty."""
    life = Life(started)
    application = down.simulator.application
    with ThreadPoolExecutor(1) as thread:
        application.latency_s = LATENCY_S
        asked = thread.submit(OPERATIONS[operation], started, life)
        down.wait(lambda: down.under_way(HOST), f"{operation} is under way")
        down.kill()
        assert down.under_way(HOST), f"{operation} was through before it could be interrupted"
        application.latency_s = 0.0
        asked.exception()  # whatever the client says of a server that dies
    down.start()
    User(down).remove_everything()


def test_unisphere_is_away_when_cinder_starts(started: User, down: Cloud) -> None:
    """The services start without it, say so, and make volumes as soon as it answers."""
    down.stop()
    fault = Fault(effect=Drop(is_applied=False), nth="every")
    down.simulator.faults.add(fault)
    down.launch()
    user = User(down)
    down.wait(lambda: down.pools() == {f"{HOST}#iscsi"}, "Cinder makes up a pool for a back end that tells none")
    down.simulator.faults.remove(fault)
    down.wait_for_pools({HOST})
    user.delete(user.create(user.volume_type("iscsi")))


def test_an_attach_takes_longer_than_cinder_waits(started: User, down: Cloud) -> None:
    """Cinder gives up while the array goes on; ending the attachment takes away what was done meanwhile."""
    volume = started.create(started.volume_type("iscsi"))
    down.stop()
    usual, down.default = down.default, f"{down.default}\nrpc_response_timeout = {RPC_TIMEOUT_S}"
    try:
        down.start()
        user = User(down)
        down.simulator.application.latency_s = LATENCY_S
        with pytest.raises(Exception, match="HTTP 500"):
            user.attach(volume, connector_of("iscsi"))
        down.simulator.application.latency_s = 0.0
        down.wait(lambda: down.array.masking_views, "the array has done it all the same")
        down.wait(lambda: not down.under_way(HOST), "the driver is through")
        user.remove_everything()
    finally:
        down.simulator.application.latency_s = 0.0
        down.default = usual


def test_the_database_is_of_yesterday(started: User, down: Cloud, tmp_path: Path) -> None:
    """No operation destroys what an old database does not know, and it can be taken over again."""
    gold = started.volume_type("iscsi")
    known = started.create(gold)
    down.stop()
    backup = shutil.copy(down.directory / "cinder.sqlite", tmp_path / "backup.sqlite")
    down.start()
    user = User(down)
    unknown = user.create(gold)
    device = down.device(unknown).volume_id
    down.array.write(device, "data")
    down.stop()
    for file in down.directory.glob("cinder.sqlite*"):
        file.unlink()
    shutil.copy(backup, down.directory / "cinder.sqlite")
    down.start()
    user = User(down)
    attachment = user.attach(known, connector_of("iscsi"))
    user.detach(attachment)
    user.delete(known, user.create(gold))
    assert down.array.read(device) == "data"
    down.array.update_volume(device, identifier="somebody")
    again = user.api.volumes.manage(f"{HOST}#Gold+SRP_1+{down.array.symmetrix_id}", {"source-id": device})
    user.delete(down.settled(user.api.volumes, again))
