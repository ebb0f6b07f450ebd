"""Every class of steps for snapshots: how the array is before, and how to see that the step has taken effect."""

from pmax.domain import plans
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Step
from pmax.domain.snapvx import NewSnapshot, SnapshotReference
from tests.contract.case import Case
from tests.contract.places import ARRAY, Place

FIRST = NewSnapshot(known=0)
TEMPORARY = "temp-{}-snapshot_for_clone"


def source_of(place: Place) -> DeviceId:
    """Make a volume to take snapshots of."""
    return place.volume(place.group("gold"), "OS-a")


def names_of(place: Place, device: str) -> list[str]:
    """Names of the snapshots that the array has of a volume."""
    return [snapshot.name for snapshot in place.array.snapshots if snapshot.source == device]


def taken(place: Place, device: DeviceId, name: str = "snap") -> SnapshotReference:
    """Take a snapshot, and tell which it is."""
    sessions = place.read.snapshots.find_sessions(ARRAY, device)
    place.apply(plans.CreateSnapshot(array_id=ARRAY, device=device, name=name, new=sessions.next_of(name)))
    return place.read.snapshots.find_sessions(ARRAY, device).get(name).key


def linked(place: Place) -> plans.LinkSnapshot:
    """Take a snapshot and link it to a second volume; returns the step that did so."""
    device = source_of(place)
    step = plans.LinkSnapshot(
        array_id=ARRAY, device=device, name="snap", snapshot=taken(place, device), target=place.volume("gold", "OS-b")
    )
    place.apply(step)
    return step


def restored(place: Place) -> plans.RestoreSnapshot:
    """Take a snapshot and restore it; returns the step that did so."""
    device = source_of(place)
    step = plans.RestoreSnapshot(array_id=ARRAY, device=device, name="snap", snapshot=taken(place, device))
    place.apply(step)
    return step


def _create(place: Place) -> Step:
    return plans.CreateSnapshot(array_id=ARRAY, device=source_of(place), name="snap", new=FIRST)


def _create_another(place: Place) -> Step:
    device = source_of(place)
    taken(place, device)
    new = place.read.snapshots.find_sessions(ARRAY, device).next_of("snap")
    return plans.CreateSnapshot(array_id=ARRAY, device=device, name="snap", new=new, life_hours=2)


def _terminate(place: Place) -> Step:
    device = source_of(place)
    return plans.TerminateSnapshot(array_id=ARRAY, device=device, name="snap", snapshot=taken(place, device))


def _create_temporary(place: Place) -> Step:
    return plans.CreateTemporarySnapshot(array_id=ARRAY, device=source_of(place), new=FIRST)


def _delete_temporary(place: Place) -> Step:
    device = source_of(place)
    place.apply(plans.CreateTemporarySnapshot(array_id=ARRAY, device=device, new=FIRST))
    key = place.read.snapshots.find_sessions(ARRAY, device).get(TEMPORARY.format(device)).key
    return plans.DeleteTemporarySnapshot(array_id=ARRAY, device=device, snapshot=key)


def _link(place: Place) -> Step:
    device = source_of(place)
    key = taken(place, device)
    target = place.volume("gold", "OS-b")
    return plans.LinkSnapshot(array_id=ARRAY, device=device, name="snap", snapshot=key, target=target)


def _unlink(place: Place) -> Step:
    link = linked(place)
    return plans.UnlinkSnapshot(
        array_id=ARRAY, device=link.device, name="snap", snapshot=link.snapshot, target=link.target
    )


def _restore(place: Place) -> Step:
    device = source_of(place)
    return plans.RestoreSnapshot(array_id=ARRAY, device=device, name="snap", snapshot=taken(place, device))


def _end_restore(place: Place) -> Step:
    step = restored(place)
    return plans.EndRestore(array_id=ARRAY, device=step.device, name="snap", snapshot=step.snapshot)


def _rename(place: Place) -> Step:
    device = source_of(place)
    return plans.RenameSnapshot(
        array_id=ARRAY, device=device, before="snap", after="OS-snap", snapshot=taken(place, device)
    )


def _is_linked(place: Place, step: Step) -> bool:
    return step.target in place.array.links


def _is_restored(place: Place, step: Step) -> bool:
    return step.device in place.array.links


SNAPSHOT_CASES: dict[str, Case] = {
    "CreateSnapshot": Case(prepare=_create, has_effect=lambda place, step: names_of(place, step.device) == ["snap"]),
    "CreateSnapshot of a name that is taken": Case(
        prepare=_create_another, has_effect=lambda place, step: names_of(place, step.device) == ["snap", "snap"]
    ),
    "TerminateSnapshot": Case(prepare=_terminate, has_effect=lambda place, step: names_of(place, step.device) == []),
    "CreateTemporarySnapshot": Case(
        prepare=_create_temporary,
        has_effect=lambda place, step: names_of(place, step.device) == [TEMPORARY.format(step.device)],
    ),
    "DeleteTemporarySnapshot": Case(
        prepare=_delete_temporary, has_effect=lambda place, step: names_of(place, step.device) == []
    ),
    "LinkSnapshot": Case(prepare=_link, has_effect=_is_linked),
    "UnlinkSnapshot": Case(prepare=_unlink, has_effect=lambda place, step: not _is_linked(place, step)),
    "RestoreSnapshot": Case(prepare=_restore, has_effect=_is_restored),
    "EndRestore": Case(prepare=_end_restore, has_effect=lambda place, step: not _is_restored(place, step)),
    "RenameSnapshot": Case(prepare=_rename, has_effect=lambda place, step: names_of(place, step.device) == ["OS-snap"]),
}
