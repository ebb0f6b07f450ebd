"""What may be taken over, rule by rule."""

import attrs
import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.errors import AlreadyManaged, NotManageable
from pmax.domain.inventory import SnapshotHeader, VolumeInFull
from pmax.domain.manageability import (
    Obstacle,
    check_volume,
    judge_snapshots,
    judge_volumes,
    size_of,
    snapshot_reasons,
    volume_reasons,
)
from tests.builders import volume

GIB = Capacity.from_cylinders(547)


def plain(**changes: object) -> VolumeInFull:
    """A volume that anybody may take over; changes may be to it or to its inner volume."""
    inner = {field.name for field in attrs.fields(type(volume()))}
    of_volume = {"identifier": "finance", "storage_groups": ("theirs",), "capacity": GIB}
    of_volume |= {name: value for name, value in changes.items() if name in inner}
    outer = {name: value for name, value in changes.items() if name not in inner}
    return VolumeInFull(**{"volume": volume(**of_volume), "srp": "SRP_1", "service_state": "Normal", **outer})


def obstacles(full: VolumeInFull, own_identifier: str | None = None) -> list[Obstacle]:
    """What stands in its way."""
    return [reason.obstacle for reason in volume_reasons(full, "SRP_1", own_identifier)]


@pytest.mark.parametrize(
    ("changes", "obstacle", "said"),
    [
        ({"capacity": Capacity.from_cylinders(546)}, Obstacle.TOO_SMALL, "1024 MB"),
        ({"capacity": Capacity.from_cylinders(2934)}, Obstacle.NOT_WHOLE_GIB, "5.37 GB"),
        ({"masking_view_count": 2}, Obstacle.MASKED, "masking view"),
        ({"is_masked": True}, Obstacle.MASKED, "a host sees it"),
        ({"is_mapped": True}, Obstacle.MASKED, "a host sees it"),
        ({"status": "Not Ready"}, Obstacle.NOT_READY, "Not Ready"),
        ({"service_state": "Degraded"}, Obstacle.NOT_NORMAL, "Degraded"),
        ({"service_state": ""}, Obstacle.NOT_NORMAL, "not told"),
        ({"emulation": "CKD-3390"}, Obstacle.NOT_FBA, "CKD-3390"),
        ({"configuration": "BCV+TDEV"}, Obstacle.NOT_TDEV, "BCV+TDEV"),
        ({"is_system_resource": True}, Obstacle.SYSTEM_RESOURCE, "system resource"),
        ({"is_private": True}, Obstacle.PRIVATE, "private"),
        ({"is_encapsulated": True}, Obstacle.ENCAPSULATED, "encapsulated"),
        ({"is_reserved": True}, Obstacle.RESERVED, "reserved"),
        ({"rdf_groups": (70,)}, Obstacle.REPLICATED, "SRDF group 70"),
        ({"is_replicated": True}, Obstacle.REPLICATED, "SRDF"),
        ({"is_snapshot_target": True}, Obstacle.SNAPSHOT_TARGET, "linked"),
        ({"identifier": "OS-1"}, Obstacle.RESERVED_NAME, "OS-"),
        ({"storage_groups": ("a", "b")}, Obstacle.SEVERAL_GROUPS, "a, b"),
        ({"srp": "SRP_2"}, Obstacle.OTHER_POOL, "SRP_2"),
    ],
)
def test_each_rule_for_volumes_has_its_reason(changes: dict[str, object], obstacle: Obstacle, said: str) -> None:
    """A volume that breaks one rule of the manual cannot be managed, and is told which."""
    reasons = volume_reasons(plain(**changes), "SRP_1")
    assert obstacle in [reason.obstacle for reason in reasons]
    assert any(said in reason.text for reason in reasons)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"identifier": None},
        {"identifier": "os-lower"},
        {"is_snapshot_source": True},
        {"storage_groups": ()},
        {"srp": None},
        {"capacity": Capacity.from_cylinders(548)},
    ],
)
def test_what_is_no_obstacle(changes: dict[str, object]) -> None:
    """The source of a snapshot, a nameless volume, one in no group and one of no pool can be managed."""
    assert obstacles(plain(**changes)) == []


def test_everything_that_stands_in_the_way_is_told() -> None:
    """One refusal names all reasons, so that all can be mended at once."""
    with pytest.raises(NotManageable) as raised:
        check_volume(plain(status="Not Ready", is_reserved=True, masking_view_count=1), "SRP_1")
    assert not isinstance(raised.value, AlreadyManaged)
    for part in ("Not Ready", "reserved", "masking view"):
        assert part in str(raised.value)


def test_trap_t45_a_name_that_is_reserved_says_that_it_is_managed() -> None:
    """`OS-` before an identifier means that somebody manages the volume, except under the very name it is to get."""
    with pytest.raises(AlreadyManaged):
        check_volume(plain(identifier="OS-1"), "SRP_1", "OS-2")
    check_volume(plain(identifier="OS-1"), "SRP_1", "OS-1")


@pytest.mark.parametrize(("cylinders", "gib"), [(547, 1), (546, 1), (550, 2), (2934, 6), (3, 1), (5462, 10)])
def test_sizes_are_rounded_up(cylinders: int, gib: int) -> None:
    """Lists give whole GiB, never fewer than the volume has."""
    assert size_of(volume(capacity=Capacity.from_cylinders(cylinders))) == gib


SNAPSHOT = SnapshotHeader(name="nightly", generation=0)
SOURCE = plain(identifier="OS-5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153", is_snapshot_source=True)


@pytest.mark.parametrize(
    ("of_source", "of_snapshot", "obstacle"),
    [
        ({"is_snapshot_source": False}, {}, Obstacle.NOT_A_SOURCE),
        ({"capacity": Capacity.from_cylinders(300)}, {}, Obstacle.TOO_SMALL),
        ({"capacity": Capacity.from_cylinders(2934)}, {}, Obstacle.NOT_WHOLE_GIB),
        ({"emulation": "CKD-3390"}, {}, Obstacle.NOT_FBA),
        ({"configuration": "BCV"}, {}, Obstacle.NOT_TDEV),
        ({"is_private": True}, {}, Obstacle.PRIVATE),
        ({"is_system_resource": True}, {}, Obstacle.SYSTEM_RESOURCE),
        ({}, {"name": "OS-nightly"}, Obstacle.RESERVED_NAME),
        ({}, {"name": "temp-00001-snapshot_for_clone"}, Obstacle.TEMPORARY),
        ({}, {"is_expired": True}, Obstacle.EXPIRED),
        ({}, {"generation": 1}, Obstacle.OLDER_GENERATION),
        ({}, {"link_count": 1}, Obstacle.LINKED),
    ],
)
def test_each_rule_for_snapshots_has_its_reason(
    of_source: dict[str, object], of_snapshot: dict[str, object], obstacle: Obstacle
) -> None:
    """A snapshot that breaks one rule of the manual cannot be managed, and is told which."""
    full = plain(**{"is_snapshot_source": True, **of_source})
    reasons = snapshot_reasons(full, attrs.evolve(SNAPSHOT, **of_snapshot))
    assert obstacle in [reason.obstacle for reason in reasons]
    assert all(reason.text for reason in reasons)


@pytest.mark.parametrize(
    "changes", [{}, {"status": "Write Disabled"}, {"masking_view_count": 1}, {"configuration": "RDF1+TDEV"}]
)
def test_the_source_of_a_snapshot_may_be_in_use(changes: dict[str, object]) -> None:
    """That hosts see the source, or that SRDF replicates it, does not matter to its snapshots."""
    assert snapshot_reasons(plain(**{"is_snapshot_source": True, **changes}), SNAPSHOT) == ()


def test_what_cinder_has_already_is_listed_with_its_id() -> None:
    """A device that Cinder knows, by the name that proves it, carries Cinder's id; one that changed hands does not."""
    ours, taken = plain(identifier="OS-1"), plain(identifier="other")
    device = ours.volume.device_id
    first, second = judge_volumes([ours, taken], "SRP_1", {(device, "OS-1"): "cinder-1"})
    assert first.cinder_id == "cinder-1"
    assert first.reasons[0].obstacle is Obstacle.MANAGED
    assert (second.cinder_id, second.reasons) == (None, ())


def test_trap_t26_every_snapshot_of_a_volume_is_listed() -> None:
    """All names and generations come, not only the first; those that Cinder has carry its id."""
    names = [("a", 0), ("b", 0), ("b", 1), ("OS-c", 0)]
    full = attrs.evolve(
        SOURCE, snapshots=tuple(SnapshotHeader(name=name, generation=generation) for name, generation in names)
    )
    listed = list(judge_snapshots([full], {(full.volume.device_id, "OS-c"): "cinder-c"}))
    assert [(each.snapshot.name, each.snapshot.generation) for each in listed] == names
    assert [not each.reasons for each in listed] == [True, True, False, False]
    assert [each.cinder_id for each in listed] == [None, None, None, "cinder-c"]


def test_a_snapshot_of_a_volume_that_nobody_manages() -> None:
    """The volume has to be taken over first, and the reason says so."""
    full = attrs.evolve(plain(is_snapshot_source=True), snapshots=(SNAPSHOT,))
    [entry] = judge_snapshots([full], {})
    assert [reason.obstacle for reason in entry.reasons] == [Obstacle.SOURCE_NOT_MANAGED]
