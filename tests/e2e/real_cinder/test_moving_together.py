"""Replicas, snapshots and groups change hands in real Cinder: upstream driver, pmax, upstream driver, pmax.

What the two drivers leave is compared to the letter, in Cinder's database and on both arrays; and each of them uses
what the other one left.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pmax.simulator.fixtures import LOCAL_ARRAY
from tests.e2e.real_cinder.cloud import PROJECT, cloud_of
from tests.e2e.real_cinder.moving import Moving
from tests.e2e.real_cinder.user import User
from tests.judges.array_state import state_of
from tests.judges.backend import PORTS
from tests.judges.cinder_records import REPLICATED_TOGETHER, SNAPSHOTS_TOGETHER
from tests.judges.hosts import connector_of
from tests.judges.recording import furnish, rows_of
from tests.judges.replication import REPLICATED, SYNC

pytestmark = [pytest.mark.judge, pytest.mark.slow, pytest.mark.timeout(500), pytest.mark.xdist_group("moving together")]

HOST = "node@iscsi"
#: Rows of the arrays that are compared by their names, and whose names tell of what they hold.
NAMED = ("storage_groups", "masking_views", "hosts")


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    """A cloud whose back end replicates; it was never started."""
    with cloud_of(tmp_path, "native") as cloud:
        furnish(cloud.simulator)
        yield Moving(cloud, "iscsi", replication_device=SYNC.device("iscsi"))


class Estate:
    """What one driver makes: a snapshot, a replica that is attached, a group with a snapshot.

    And a replicated group, if it is pmax: the upstream driver can make one, but it tells the scheduler of no pool in
    which it could be, as each pool that it says it of comes again without.

    Attributes:
        pairs: the replicated group, if there is one.
        volumes: all volumes, in the order in which they were made.
    """

    def __init__(self, user: User) -> None:
        user.api.quotas.update(PROJECT, volumes=-1, snapshots=-1, gigabytes=-1)
        self.gold = user.volume_type("iscsi")
        self.mirrored = user.volume_type("iscsi", **REPLICATED)
        self.grouped = user.volume_type("iscsi", **SNAPSHOTS_TOGETHER)
        self.source = user.create(self.gold)
        self.write(user, self.source, "then")
        self.snapshot = user.snapshot(self.source)
        self.write(user, self.source, "now")
        self.managed = self.taken_over(user)
        self.mirror = user.create(self.mirrored)
        connector = connector_of("iscsi", 1)
        self.attachment = user.attach(self.mirror, connector)
        for array in (user.cloud.array, user.cloud.remote):
            array.log_in(connector["initiator"], *PORTS["iscsi"])
        self.group = user.group(user.group_type(**SNAPSHOTS_TOGETHER), self.grouped, "together")
        self.member = user.create(self.grouped, group_id=self.group.id)
        self.write(user, self.member, "then")
        made = user.api.group_snapshots.create(self.group.id, name="of the group")
        self.group_snapshot = user.cloud.settled(user.api.group_snapshots, made)
        self.write(user, self.member, "now")
        self.pairs: Any = None
        self.volumes = [self.source, self.managed, self.mirror, self.member]

    def taken_over(self, user: User) -> Any:
        """A volume of the array that becomes one of Cinder's, and a snapshot that is given up and taken over again."""
        device = user.cloud.array.add_volume(547, "somebody's, for sale")
        pool = f"{HOST}#Gold+NONE+SRP_1+{LOCAL_ARRAY}"
        made = user.api.volumes.manage(pool, {"source-name": device}, volume_type=self.gold.name)
        self.former = user.snapshot(self.source)
        before = {each.name for each in user.cloud.array.snapshots}
        user.api.volume_snapshots.unmanage(self.former)
        user.cloud.gone(user.api.volume_snapshots, self.former)
        (name,) = {each.name for each in user.cloud.array.snapshots} - before
        again = user.api.volume_snapshots.manage(self.source.id, {"source-name": name})
        self.managed_snapshot = user.cloud.settled(user.api.volume_snapshots, again)
        return user.cloud.settled(user.api.volumes, made)

    def add_pairs(self, user: User) -> None:
        """Make a group whose volumes are replicated together."""
        paired = user.volume_type("iscsi", **REPLICATED, **REPLICATED_TOGETHER)
        self.pairs = user.group(user.group_type(**REPLICATED_TOGETHER), paired, "pairs")
        user.create(paired, group_id=self.pairs.id)

    @staticmethod
    def write(user: User, volume: Any, data: str) -> None:
        """Let a host write."""
        user.cloud.array.write(user.cloud.device(volume).volume_id, data)

    @staticmethod
    def read(user: User, volume: Any) -> str:
        """What a host reads."""
        return str(user.cloud.array.read(user.cloud.device(volume).volume_id))

    def facts(self, user: User) -> tuple[str, ...]:
        """Everything that this driver wrote for others to read, with numbers for ids that are made up each time."""
        rows = rows_of(user.cloud.directory / "cinder.sqlite")
        ids = {each.id for each in (*self.volumes, self.snapshot, self.managed_snapshot, self.group_snapshot)}
        told = [
            f"{table} {field}: {row[field]}"
            for table in ("volumes", "snapshots")
            for row in rows[table]
            if row["id"] in ids or row.get("group_snapshot_id") in ids
            for field in ("provider_location", "replication_driver_data", "replication_status")
            if field in row
        ]
        there_is = state_of(user.cloud.simulator)
        names = [f"{table} {array}: {key}" for table, array, key in there_is if table in NAMED]
        names += [f"snapshot {each.name}" for each in user.cloud.array.snapshots]
        return tuple(sorted(self._numbered(user, text) for text in (*told, *names)))

    def _numbered(self, user: User, text: str) -> str:
        cloud = user.cloud
        sides = [(cloud.device(volume), f"device {number}") for number, volume in enumerate(self.volumes)]
        if "replication_driver_data" in text:  # the other array has devices of the same ids
            sides = [(cloud.device(self.mirror, cloud.remote), "far device")]
        for device, name in sides:
            text = text.replace(f"'{device.volume_id}'", name)
        for number, each in enumerate((*self.volumes, self.snapshot, self.former, self.group_snapshot, self.group)):
            for form in (each.id, f"{each.id[:6]}{each.id[-9:]}", f"{each.id[:9]}{each.id[-9:]}"):
                text = text.replace(form, f"id {number}")
        return text

    def used(self, user: User) -> None:
        """Whatever driver there is now uses all of it."""
        made = user.create(self.gold, snapshot_id=self.snapshot.id)
        assert (self.read(user, made), self.read(user, self.source)) == ("then", "now")
        user.delete(made)
        user.delete_snapshot(self.managed_snapshot, self.snapshot)
        joining = user.create(self.grouped)
        user.change_group(self.group, add_volumes=joining.id)
        assert f"together_{self.group.id}" in user.cloud.device(joining).storage_groups
        user.change_group(self.group, remove_volumes=joining.id)
        assert f"together_{self.group.id}" not in user.cloud.device(joining).storage_groups
        user.delete(joining)
        user.api.group_snapshots.delete(self.group_snapshot.id)
        user.cloud.gone(user.api.group_snapshots, self.group_snapshot)
        user.delete_group(self.group)
        user.detach(self.attachment)
        assert user.cloud.array.masking_views == user.cloud.remote.masking_views == {}
        assert user.extend(self.mirror, 2).status == "available"
        if self.pairs:
            self._pairs(user)
        self._other_site(user)

    def _pairs(self, user: User) -> None:
        """Replication of the group stops and goes on."""
        groups, pairs = user.api.groups, self.pairs.id
        for act, status in ((groups.disable_replication, "disabled"), (groups.enable_replication, "enabled")):
            act(pairs)
            user.cloud.wait(lambda status=status: groups.get(pairs).replication_status == status, status)

    def _other_site(self, user: User) -> None:
        """The whole back end goes over, where the volume is attached, and comes back."""
        cloud = user.cloud
        user.api.services.failover_host(HOST, None)
        cloud.wait(lambda: user.again(self.mirror).replication_status == "failed-over", "failed over")
        cloud.wait(lambda: self._service(user).replication_status == "failed-over", "the service says so too")
        attachment = user.attach(self.mirror, connector_of("iscsi", 2))
        assert len(cloud.remote.masking_views) == 1
        user.detach(attachment)
        user.api.services.failover_host(HOST, "default")
        cloud.wait(lambda: self._service(user).replication_status == "enabled", "failed back")
        user.api.services.enable(HOST, "cinder-volume")
        assert user.again(self.mirror).replication_status == "enabled"

    @staticmethod
    def _service(user: User) -> Any:
        (found,) = [each for each in user.api.services.list(binary="cinder-volume") if each.host == HOST]
        return found

    def given_up(self, user: User) -> None:
        """What is left goes."""
        user.delete(self.source, self.managed, self.mirror)
        if self.pairs:
            user.delete_group(self.pairs)


def test_there_and_back(moving: Moving) -> None:
    """Each driver finds what the other one left as it was left, uses it, and would have left the same."""
    cloud = moving.cloud
    with cloud.leaving_nothing():
        theirs = Estate(moving.to_upstream())
        rows, arrays = rows_of(cloud.directory / "cinder.sqlite"), state_of(cloud.simulator)
        their_facts = theirs.facts(User(cloud))
        user = moving.to_pmax()
        assert (rows_of(cloud.directory / "cinder.sqlite"), state_of(cloud.simulator)) == (rows, arrays)
        theirs.used(user)
        theirs.given_up(user)
    with cloud.leaving_nothing():
        ours = Estate(user)
        assert ours.facts(user) == their_facts
        ours.add_pairs(user)
        ours.used(moving.to_upstream())
        ours.given_up(moving.to_pmax())
