"""Generic volume groups with Cinder's own driver.

Call counts are those of the driver reference (8.8): `n (GET/POST/PUT/DELETE; jobs)`, without polls.
"""

from __future__ import annotations

from typing import Any

import pytest
from cinder import exception

from tests.judges.backend import Backend, location_of
from tests.judges.cinder_records import SNAPSHOTS_TOGETHER
from tests.judges.volume_groups import VolumeGroups

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

NAME = "MySuperLongGenericVolumeGroupName"
SHORT_NAME = "MySuperLongGelumeGroupName"


@pytest.fixture
def backend(start: Any) -> Backend:
    """The iSCSI driver."""
    made: Backend = start()
    return made


@pytest.fixture
def groups(backend: Backend) -> VolumeGroups:
    """Groups whose snapshots are consistent."""
    return VolumeGroups(backend, SNAPSHOTS_TOGETHER)


def write(backend: Backend, volume: Any, data: str) -> None:
    """Let a host write a volume."""
    backend.array.write(location_of(volume)["device_id"], data)


def data_of(backend: Backend, volumes: list[Any]) -> list[str]:
    """What hosts read from volumes."""
    return [backend.array.read(location_of(volume)["device_id"]) for volume in volumes]


def test_members(bench, backend, groups):
    """A group is a storage group without a service level, in which volumes are besides their own."""
    gold = backend.volume_type()
    with bench.leaving_nothing():
        with backend.calls() as calls:
            group = groups.create(NAME, gold)
        assert calls.verbs == "2 (1/1/0/0; 0)"
        name = f"{SHORT_NAME}_{group.id}"
        assert backend.array.storage_groups[name].service_level is None
        volume = backend.create(gold)
        with backend.calls() as calls:
            groups.add(group, volume)
        assert calls.verbs == "5 (4/0/1/0; 1)"
        assert set(backend.device_of(volume).storage_groups) == {"OS-SRP_1-Gold-NONE-SG", name}
        born = groups.create_volume(group, gold)
        assert set(backend.device_of(born).storage_groups) == {"OS-SRP_1-Gold-NONE-SG", name}
        with backend.calls() as calls:
            groups.remove(group, volume)
        assert calls.verbs == "5 (4/0/1/0; 1)"
        assert backend.device_of(volume).storage_groups == ("OS-SRP_1-Gold-NONE-SG",)
        with backend.calls() as calls:
            groups.delete(group)
        assert calls.verbs == "21 (17/0/2/2; 2)"
        backend.delete(volume)


def test_snapshots(bench, backend, groups):
    """A snapshot of a group is one call, and has one snap id for all members."""
    gold = backend.volume_type()
    with bench.leaving_nothing():
        group = groups.create(NAME, gold)
        volume = groups.create_volume(group, gold)
        with backend.calls() as calls:
            snapshot = groups.snapshot(group)
        assert calls.verbs == "6 (5/1/0/0; 0)"
        with backend.calls() as calls:
            assert groups.delete_snapshot(snapshot) == "deleted"
        assert calls.verbs == "3 (2/0/0/1; 0)"
        other = groups.create_volume(group, gold)
        snapshot = groups.snapshot(group)
        taken = backend.array.snapshots
        assert {row.source for row in taken} == {location_of(each)["device_id"] for each in (volume, other)}
        assert {row.name for row in taken} == {f"{snapshot.record.id[:9]}{snapshot.record.id[-9:]}"}
        assert len({row.snap_id for row in taken}) == 1
        assert groups.delete_snapshot(snapshot) == "deleted"
        groups.delete(group)


def test_group_from_snapshot(bench, backend, groups):
    """The volumes of a group from a snapshot have the data that their sources had together."""
    gold = backend.volume_type()
    with bench.leaving_nothing():
        group = groups.create(NAME, gold)
        for data in ("one", "two"):
            write(backend, groups.create_volume(group, gold), data)
        snapshot = groups.snapshot(group)
        for volume in groups.members(group):
            write(backend, volume, "later")
        with backend.calls() as calls:
            copy = groups.from_snapshot("copy", snapshot, gold)
        assert calls.verbs == "40 (33/1/6/0; 4)"
        assert sorted(data_of(backend, groups.members(copy))) == ["one", "two"]
        assert groups.delete_snapshot(snapshot) == "deleted"
        assert sorted(data_of(backend, groups.members(copy))) == ["one", "two"]
        groups.delete(copy)
        groups.delete(group)


def test_group_from_group(bench, backend, groups):
    """A group is cloned by a temporary snapshot, which is gone afterwards."""
    gold = backend.volume_type()
    with bench.leaving_nothing():
        group = groups.create(NAME, gold)
        write(backend, groups.create_volume(group, gold), "one")
        with backend.calls() as calls:
            copy = groups.from_group("copy", group, gold)
        assert calls.verbs == "28 (21/2/4/1; 2)"
        assert data_of(backend, groups.members(copy)) == ["one"]
        assert (backend.array.snapshots, backend.array.links) == ((), {})
        groups.delete(copy)
        groups.delete(group)


def test_a_name_that_the_array_does_not_allow(bench, backend, groups):
    """The driver hands the name of a group on as it is, and the array allows no blank in it."""
    with bench.leaving_nothing(), pytest.raises(exception.VolumeBackendAPIException, match="My volumes"):
        groups.create("My volumes", backend.volume_type())
