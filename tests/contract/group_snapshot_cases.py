"""Every class of steps for snapshots of several volumes: how the array is before, and what shows their effect."""

from pmax.domain import plans
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Step
from pmax.domain.plans.group_snapshots import TAKEN_HERE
from pmax.domain.snapvx import SnapshotReference
from tests.contract.case import Case
from tests.contract.places import ARRAY, Place

COPY_ID = "9f3b6a52-0b5a-4c2f-9c27-8f3d9b3f6f10"
TEMPORARY = "9f3b6a52-d9b3f6f10"


def sources_of(place: Place) -> tuple[DeviceId, ...]:
    """Make two volumes in one group."""
    group = place.group("gold")
    return place.volume(group, "OS-a"), place.volume(group, "OS-b")


def names_in(place: Place) -> list[str]:
    """Names of all snapshots of one snap id, one for each volume; empty if they are of several."""
    if len({snapshot.snap_id for snapshot in place.array.snapshots}) != 1:
        return []
    return [snapshot.name for snapshot in place.array.snapshots]


def taken(place: Place) -> tuple[tuple[DeviceId, ...], SnapshotReference]:
    """Take a snapshot of two volumes, and tell which it is."""
    devices = sources_of(place)
    place.apply(plans.CreateGroupSnapshot(array_id=ARRAY, storage_group="gold", name="snap", devices=devices))
    return devices, place.read.snapshots.find_sessions(ARRAY, devices[0]).get("snap").key


def _create(place: Place) -> Step:
    return plans.CreateGroupSnapshot(array_id=ARRAY, storage_group="gold", name="snap", devices=sources_of(place))


def _terminate(place: Place) -> Step:
    devices, key = taken(place)
    return plans.TerminateGroupSnapshot(array_id=ARRAY, name="snap", devices=devices, snapshot=key)


def _take_back(place: Place) -> Step:
    devices, _ = taken(place)
    return plans.TerminateGroupSnapshot(array_id=ARRAY, name="snap", devices=devices, snapshot=TAKEN_HERE)


def _create_temporary(place: Place) -> Step:
    devices = sources_of(place)
    return plans.CreateTemporaryGroupSnapshot(array_id=ARRAY, storage_group="gold", copy_id=COPY_ID, devices=devices)


def _delete_temporary(place: Place) -> Step:
    step = _create_temporary(place)
    place.apply(step)
    key = place.read.snapshots.find_sessions(ARRAY, step.devices[0]).get(TEMPORARY).key
    return plans.DeleteTemporaryGroupSnapshot(array_id=ARRAY, copy_id=COPY_ID, devices=step.devices, snapshot=key)


def _link(place: Place) -> Step:
    devices, key = taken(place)
    place.group("targets")
    targets = (place.volume("targets", "OS-c"), place.volume("targets", "OS-d"))
    return plans.LinkSnapshots(array_id=ARRAY, name="snap", snapshot=key, devices=devices, targets=targets)


def _unlink(place: Place) -> Step:
    link = _link(place)
    place.apply(link)
    return plans.UnlinkSnapshots(
        array_id=ARRAY, name="snap", snapshot=link.snapshot, devices=link.devices, targets=link.targets
    )


def _pairs(place: Place) -> dict[str, str]:
    return {link.target: link.source for link in place.array.links.values()}


GROUP_SNAPSHOT_CASES: dict[str, Case] = {
    "CreateGroupSnapshot": Case(prepare=_create, has_effect=lambda place, _: names_in(place) == ["snap", "snap"]),
    "TerminateGroupSnapshot": Case(prepare=_terminate, has_effect=lambda place, _: not place.array.snapshots),
    "TerminateGroupSnapshot of a new one": Case(
        prepare=_take_back, has_effect=lambda place, _: not place.array.snapshots, calls=3
    ),
    "CreateTemporaryGroupSnapshot": Case(
        prepare=_create_temporary, has_effect=lambda place, _: names_in(place) == [TEMPORARY, TEMPORARY]
    ),
    "DeleteTemporaryGroupSnapshot": Case(
        prepare=_delete_temporary, has_effect=lambda place, _: not place.array.snapshots
    ),
    "LinkSnapshots": Case(
        prepare=_link,
        has_effect=lambda place, step: _pairs(place) == dict(zip(step.targets, step.devices, strict=True)),
    ),
    "UnlinkSnapshots": Case(prepare=_unlink, has_effect=lambda place, _: not place.array.links),
}
