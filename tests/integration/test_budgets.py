"""REST calls per operation, counted by the array: the budgets of the product.

"Warm" is an engine that has served this port group within the last minute, as a backend in use has. A cold one reads
the port group and its ports besides: three calls for a group of two ports.
"""

from __future__ import annotations

import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.commands import ExtendVolume, ManageSnapshot, ManageVolume, UnmanageSnapshot, UnmanageVolume
from pmax.domain.identifiers import DeviceId
from tests.stage import ARRAY, GOLD, SILVER, Stage

PORT_GROUP_READS = 3


@pytest.fixture(params=[10, 4000], ids=lambda size: f"groups of {size}")
def crowded(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """A stage on which the default group and the host's child group hold that many volumes already."""
    first = stage.create()
    stage.attach(first, "host-a")
    stage.create()
    for group in ("OS-SRP_1-Gold-NONE-SG", *stage.groups_of(first)):
        stage.fill(group, request.param - 1)
    return stage


def test_create(crowded: Stage) -> None:
    """Creating a volume takes 3 calls."""
    with crowded.calls() as calls:
        crowded.create()

    assert calls.count <= 3, calls


def test_delete(crowded: Stage) -> None:
    """Deleting a volume takes at most 4 calls."""
    volume = crowded.create()

    with crowded.calls() as calls:
        crowded.delete(volume)

    assert calls.count <= 4, calls


def test_extend(crowded: Stage) -> None:
    """Extending a volume takes at most 3 calls."""
    volume = crowded.create()

    with crowded.calls() as calls:
        crowded.engine.execute(ExtendVolume(target=volume, capacity=Capacity.from_gib(2)))

    assert calls.count <= 3, calls


def test_manage(crowded: Stage) -> None:
    """Taking a volume over takes at most 5 calls, asking for its size before included."""
    device = DeviceId(crowded.array.add_volume(547, "finance"))
    crowded.make_group("theirs")
    crowded.array.update_volume(device, storage_groups=("theirs",))
    command = ManageVolume(array_id=ARRAY, device_id=device, identifier="OS-finance", policy=GOLD)

    with crowded.calls() as calls:
        crowded.engine.readers.volumes.find_volume_in_full(ARRAY, device)
        crowded.engine.execute(command)

    assert calls.count <= 5, calls


def test_unmanage(crowded: Stage) -> None:
    """Giving a volume up takes at most 4 calls, once there is a group for such volumes."""
    crowded.make_group("OS-Unmanaged", service_level=None)
    volume = crowded.create()

    with crowded.calls() as calls:
        crowded.engine.execute(UnmanageVolume(target=volume, identifier="finance"))

    assert calls.count <= 4, calls


def test_manage_and_unmanage_a_snapshot(crowded: Stage) -> None:
    """Either takes 2 calls: one to look, one to rename."""
    volume = crowded.create()
    crowded.snapshot(volume.device_id, "nightly")

    for command in (
        ManageSnapshot(source=volume, name="nightly", new_name="OS-nightly"),
        UnmanageSnapshot(source=volume, name="OS-nightly", new_name="nightly"),
    ):
        with crowded.calls() as calls:
            crowded.engine.execute(command)
        assert calls.count <= 2, calls


def test_snapshot(crowded: Stage) -> None:
    """Taking a snapshot takes at most 3 calls, the first of a volume and the next."""
    volume = crowded.create()

    for name in ("first", "next"):
        with crowded.calls() as calls:
            crowded.take_snapshot(volume, name)

        assert calls.count <= 3, calls


def test_snapshot_deletion(crowded: Stage) -> None:
    """Deleting a snapshot takes at most 3 calls, and one more for each volume that presents it."""
    snapshot = crowded.take_snapshot(crowded.create())
    linked = crowded.take_snapshot(crowded.create())
    crowded.copy_of(linked)

    for target, budget in ((snapshot, 3), (linked, 4)):
        with crowded.calls() as calls:
            crowded.delete_snapshot(target)

        assert calls.count <= budget, calls


def test_clone(crowded: Stage) -> None:
    """The first clone of a volume takes at most 7 calls; the next one looks at what the first left, too."""
    volume = crowded.create()

    for budget in (7, 8):
        with crowded.calls() as calls:
            crowded.clone(volume)

        assert calls.count <= budget, calls


def test_volume_from_snapshot(crowded: Stage) -> None:
    """A volume out of a snapshot takes at most 6 calls, the first and the next."""
    snapshot = crowded.take_snapshot(crowded.create())

    for _ in range(2):
        with crowded.calls() as calls:
            crowded.copy_of(snapshot)

        assert calls.count <= 6, calls


def test_revert(crowded: Stage) -> None:
    """Reverting to a snapshot takes at most 5 calls (upstream 10)."""
    snapshot = crowded.take_snapshot(crowded.create())

    with crowded.calls() as calls:
        crowded.revert(snapshot)

    assert calls.count <= 5, calls


def test_deletion_of_a_clone_and_its_source(crowded: Stage) -> None:
    """What is left of a clone goes with either side for at most 10 calls (upstream 23 to 26)."""
    source, other = crowded.create(), crowded.create()
    clone = crowded.clone(source)
    crowded.clone(other)

    for volume in (clone, other):
        with crowded.calls() as calls:
            crowded.delete(volume)

        assert calls.count <= 10, calls


def test_statistics(crowded: Stage) -> None:
    """The figures of the pool take 1 call."""
    with crowded.calls() as calls:
        crowded.engine.readers.arrays.get_srp(ARRAY, "SRP_1")

    assert calls.count == 1, calls


def test_first_attach(crowded: Stage) -> None:
    """The first attach on a host takes at most 9 calls."""
    volume = crowded.create()

    with crowded.calls() as calls:
        crowded.attach(volume, "new-host")

    assert calls.count <= 9, calls


def test_first_attach_cold(stage: Stage) -> None:
    """An engine that has just started reads the port group besides, once."""
    volume = stage.create()
    stage.create()

    with stage.calls() as calls:
        stage.attach(volume, "new-host")

    assert calls.count <= 9 + PORT_GROUP_READS, calls


def test_next_attach(crowded: Stage) -> None:
    """The next attach on a host takes at most 5 calls."""
    volume = crowded.create()

    with crowded.calls() as calls:
        crowded.attach(volume, "host-a")

    assert calls.count <= 5, calls


def test_attach_to_second_host(crowded: Stage) -> None:
    """Attaching to a second host, when the caller names the first, takes at most 14 calls."""
    volume = crowded.create(SILVER)
    crowded.attach(volume, "host-a", SILVER)

    with crowded.calls() as calls:
        crowded.attach(volume, "host-b", SILVER, "host-a")

    assert calls.count <= 14, calls


def test_detach_with_others_left(crowded: Stage) -> None:
    """Detaching a volume from a host that keeps others takes at most 5 calls."""
    volume = crowded.create()
    crowded.attach(volume, "host-a")

    with crowded.calls() as calls:
        crowded.detach(volume, "host-a")

    assert calls.count <= 5, calls


def test_last_detach(crowded: Stage) -> None:
    """Detaching the last volume of a host, with everything that it leaves, takes at most 9 calls."""
    volume = crowded.create()
    crowded.attach(volume, "host-b")

    with crowded.calls() as calls:
        crowded.detach(volume, "host-b")

    assert calls.count <= 9, calls


def test_refusals_send_nothing(stage: Stage) -> None:
    """What is refused by looking changes nothing: not one call that could."""
    volume = stage.create()

    with stage.calls() as calls, pytest.raises(Exception, match="shrink"):
        stage.engine.execute(ExtendVolume(target=volume, capacity=Capacity.from_cylinders(1)))

    assert calls.changes == [], calls
    assert GOLD.traits.default_storage_group in stage.groups_of(volume)
