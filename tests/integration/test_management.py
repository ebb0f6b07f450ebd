"""Taking volumes over from an array and giving them up, with what can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from pmax.domain.commands import ManageVolume, UnmanageVolume
from pmax.domain.errors import (
    AlreadyManaged,
    InUse,
    InvalidRequest,
    NotFound,
    NotManageable,
    PmaxError,
    WrongIdentity,
)
from pmax.domain.identifiers import DeviceId
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import Fault, Intervene, Refuse
from tests.stage import ARRAY, GOLD, PLAIN, SILVER, Stage

UUID = "5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"
NAME = f"OS-{UUID}"
DEFAULT = "OS-SRP_1-Gold-NONE-SG"
UNMANAGED = "OS-Unmanaged"


def found(stage: Stage, group: str | None = None, cylinders: int = 547, **changes: object) -> DeviceId:
    """A volume that somebody else made, in a group of theirs or in none."""
    device = stage.array.add_volume(cylinders, "finance")
    if group is not None and group not in stage.array.storage_groups:
        stage.make_group(group)
    groups = (group,) if group else ()
    stage.array.update_volume(device, **{"storage_groups": groups, **changes})
    return DeviceId(device)


def managing(device: DeviceId, **changes: object) -> ManageVolume:
    """Take it over into Gold."""
    command = ManageVolume(array_id=ARRAY, device_id=device, identifier=NAME, policy=GOLD)
    return attrs.evolve(command, **changes)  # type: ignore[arg-type]  # whatever the test says


def unmanaging(device: str, *identifiers: str) -> UnmanageVolume:
    """Give it up."""
    target = VolumeTarget(array_id=ARRAY, device_id=DeviceId(device), identifiers=identifiers or (NAME, UUID))
    return UnmanageVolume(target=target, identifier=UUID)


def as_is(stage: Stage, device: str) -> tuple[str | None, tuple[str, ...]]:
    """Name and groups of a volume, on the array."""
    volume = stage.array.volumes[device]
    return volume.identifier, volume.storage_groups


@pytest.mark.parametrize("group", [None, "theirs"])
@pytest.mark.parametrize(
    ("policy", "wanted"), [(GOLD, DEFAULT), (SILVER, "OS-SRP_1-Silver-NONE-SG"), (PLAIN, "OS-no_SLO-SG")]
)
def test_manage(iscsi: Stage, group: str | None, policy: object, wanted: str) -> None:
    """A volume gets the name of a managed one and waits in the default group of its type; its data stay."""
    device = found(iscsi, group)
    token = iscsi.array.write(device)

    result = iscsi.engine.execute(managing(device, policy=policy))

    assert as_is(iscsi, device) == (NAME, (wanted,))
    assert iscsi.array.read(device) == token
    assert (result.before, result.storage_group, result.capacity.whole_gib) == ("finance", wanted, 1)
    assert group is None or group in iscsi.array.storage_groups


def test_manage_again(iscsi: Stage) -> None:
    """After an attempt that was cut off half-way, a second one finishes the work; a third changes nothing."""
    device = found(iscsi, "theirs", identifier=NAME)
    iscsi.engine.execute(managing(device))
    assert as_is(iscsi, device) == (NAME, (DEFAULT,))

    with iscsi.calls() as calls:
        iscsi.engine.execute(managing(device))
    assert calls.changes == []


def test_manage_then_use(iscsi: Stage) -> None:
    """What was taken over lives like any other volume."""
    device = found(iscsi)
    iscsi.engine.execute(managing(device))
    target = VolumeTarget(array_id=ARRAY, device_id=device, identifiers=(NAME,))
    iscsi.attach(target, "host-a")
    assert iscsi.sees("host-a", target)
    iscsi.detach(target, "host-a")
    iscsi.delete(target)
    assert iscsi.leftovers() == []


def masked(stage: Stage, device: DeviceId) -> None:
    """Let a host see it."""
    stage.make_host("their-host", ["iqn.1994-05.com.example:theirs"])
    stage.make_group("masked")
    stage.array.update_volume(device, storage_groups=("masked",))
    stage.make_view("their-view", "their-host", "OS-iscsi-PG", "masked")


def in_two_groups(stage: Stage, device: DeviceId) -> None:
    """Put it into two groups."""
    for name in ("one", "two"):
        stage.make_group(name, service_level=None)
    stage.array.update_volume(device, storage_groups=("one", "two"))


def linked(stage: Stage, device: DeviceId) -> None:
    """Present a snapshot on it."""
    source = found(stage)
    stage.snapshot(source, "nightly")
    stage.link(source, "nightly", device)


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (masked, NotManageable, "masking view"),
        (in_two_groups, NotManageable, "one, two"),
        (linked, NotManageable, "linked"),
        (lambda stage, device: stage.array.update_volume(device, identifier="OS-x"), AlreadyManaged, "OS-"),
        (lambda stage, device: stage.array.update_volume(device, emulation="CKD-3390"), NotManageable, "CKD"),
        (lambda stage, device: stage.array.update_volume(device, cylinders=2934), NotManageable, "whole number"),
        (lambda stage, device: stage.array.update_volume(device, cylinders=3), NotManageable, "1026"),
        (lambda stage, device: stage.array.update_volume(device, is_gatekeeper=True), NotManageable, "system"),
        (lambda stage, device: stage.array.update_volume(device, srp="SRP_2"), NotManageable, "SRP_2"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_cannot_be_managed(
    iscsi: Stage, spoil: Callable[[Stage, DeviceId], None], error: type[PmaxError], said: str
) -> None:
    """A volume that breaks a rule is refused with its reason, and nothing is sent that changes anything."""
    device = found(iscsi)
    spoil(iscsi, device)

    with iscsi.calls() as calls, pytest.raises(error, match=said):
        iscsi.engine.execute(managing(device))

    assert calls.changes == []


def test_manage_what_does_not_exist(iscsi: Stage) -> None:
    """A device that the array does not have is not found."""
    with pytest.raises(NotFound, match="0BEEF"):
        iscsi.engine.execute(managing(DeviceId("0BEEF")))


def test_manage_into_a_replicated_type(iscsi: Stage) -> None:
    """A type that promises replication is refused as long as nobody would replicate the volume."""
    device = found(iscsi)
    with iscsi.calls() as calls, pytest.raises(InvalidRequest, match="replicat"):
        iscsi.engine.execute(managing(device, policy=attrs.evolve(GOLD, replication_enabled=True)))
    assert calls.changes == []


def test_a_volume_with_a_wwn_of_its_own(iscsi: Stage) -> None:
    """A migrated device carries another's world wide name, and is found all the same."""
    device = found(iscsi, wwn="60000970000197900123533030313246")
    iscsi.engine.execute(managing(device))
    assert as_is(iscsi, device) == (NAME, (DEFAULT,))


def test_a_default_group_that_hosts_see(iscsi: Stage) -> None:
    """A volume is not taken over into a group that is in a view, where hosts would see it at once."""
    iscsi.create()
    iscsi.make_host("their-host", ["iqn.1994-05.com.example:theirs"])
    iscsi.make_view("their-view", "their-host", "OS-iscsi-PG", DEFAULT)
    device = found(iscsi)
    with pytest.raises(InUse, match="their-view"):
        iscsi.engine.execute(managing(device))
    assert as_is(iscsi, device) == ("finance", ())


def test_trap_t9_a_group_that_refuses_the_volume_fails_the_operation(iscsi: Stage) -> None:
    """A managed volume is never left without its group: the name goes back, and the caller is told."""
    device = found(iscsi)
    iscsi.simulator.faults.add(Fault(effect=Refuse(status=500), verb="PUT", body="addSpecificVolumeParam", nth="every"))

    with pytest.raises(PmaxError, match="add volume"):
        iscsi.engine.execute(managing(device))

    assert as_is(iscsi, device) == ("finance", ())
    assert DEFAULT not in iscsi.array.storage_groups


def test_a_volume_that_an_administrator_moves_meanwhile(iscsi: Stage) -> None:
    """The operation notices, is planned anew, and takes the volume from where it is now."""
    device = found(iscsi, "theirs")
    iscsi.create()
    iscsi.make_group("elsewhere")

    def move(_request: object) -> None:
        iscsi.array.update_volume(device, storage_groups=("elsewhere",))

    iscsi.simulator.faults.add(Fault(effect=Intervene(action=move), verb="PUT", body="moveVolumeToStorageGroupParam"))

    iscsi.engine.execute(managing(device))

    assert as_is(iscsi, device) == (NAME, (DEFAULT,))


def test_unmanage(iscsi: Stage) -> None:
    """A volume loses its prefix and goes where unmanaged volumes are; the emptied default group goes, too."""
    device = found(iscsi)
    iscsi.engine.execute(managing(device))
    token = iscsi.array.write(device)

    result = iscsi.engine.execute(unmanaging(device))

    assert as_is(iscsi, device) == (UUID, (UNMANAGED,))
    assert iscsi.array.storage_groups[UNMANAGED].service_level is None
    assert DEFAULT not in iscsi.array.storage_groups
    assert iscsi.array.read(device) == token
    assert (result.identifier, result.storage_groups) == (UUID, (UNMANAGED,))

    with iscsi.calls() as calls:
        iscsi.engine.execute(unmanaging(device))
    assert calls.changes == []


def test_manage_what_was_unmanaged(iscsi: Stage) -> None:
    """The way there and back leaves nothing behind, not even the group in between."""
    device = found(iscsi)
    iscsi.engine.execute(managing(device))
    iscsi.engine.execute(unmanaging(device))
    iscsi.engine.execute(managing(device))

    assert as_is(iscsi, device) == (NAME, (DEFAULT,))
    assert UNMANAGED not in iscsi.array.storage_groups


def test_unmanage_leaves_the_groups_of_others_alone(iscsi: Stage) -> None:
    """A group that an administrator made keeps the volume; those that are there for managed volumes do not."""
    device = found(iscsi)
    iscsi.engine.execute(managing(device))
    volume_group = f"mine_{UUID}"
    for name in ("theirs", volume_group):
        iscsi.make_group(name, service_level=None)
    iscsi.array.update_volume(device, storage_groups=(DEFAULT, volume_group, "theirs"))

    result = iscsi.engine.execute(unmanaging(device))

    assert as_is(iscsi, device) == (UUID, ("theirs",))
    assert result.storage_groups == ("theirs",)
    assert UNMANAGED not in iscsi.array.storage_groups


def test_unmanage_a_volume_in_no_group(iscsi: Stage) -> None:
    """It goes where the others are."""
    device = found(iscsi, identifier=NAME)
    iscsi.engine.execute(unmanaging(device))
    assert as_is(iscsi, device) == (UUID, (UNMANAGED,))


def test_unmanage_a_volume_with_snapshots(iscsi: Stage) -> None:
    """Its snapshots stay, with the volume."""
    device = found(iscsi)
    iscsi.engine.execute(managing(device))
    iscsi.snapshot(device, "nightly")
    iscsi.engine.execute(unmanaging(device))
    assert [snapshot.name for snapshot in iscsi.array.snapshots] == ["nightly"]


@pytest.mark.parametrize("which", ["clone", "source", "copy"])
def test_unmanage_what_copies_have_left(iscsi: Stage, which: str) -> None:
    """Nothing links a volume that is given up to another any more; both keep their data, users' snapshots stay."""
    source = iscsi.create()
    data = iscsi.array.write(source.device_id)
    snapshot = iscsi.take_snapshot(source)
    copy = iscsi.copy_of(snapshot) if which == "copy" else iscsi.clone(source)
    given_up = source if which == "source" else copy

    iscsi.engine.execute(UnmanageVolume(target=given_up, identifier="finance"))

    assert as_is(iscsi, given_up.device_id) == ("finance", (UNMANAGED,))
    assert (iscsi.array.links, iscsi.snapshots_of(source)) == ({}, ["snap"])
    assert {iscsi.array.read(each.device_id) for each in (source, copy)} == {data}


def test_what_is_in_use_is_not_given_up(iscsi: Stage) -> None:
    """Giving a volume up never takes it from a host."""
    device = found(iscsi, identifier=NAME)
    masked(iscsi, device)
    with iscsi.calls() as calls, pytest.raises(InUse):
        iscsi.engine.execute(unmanaging(device))
    assert calls.changes == []


def test_unmanage_what_is_gone(iscsi: Stage) -> None:
    """A volume that the array does not have needs nothing; one whose device is another's now is gone, too."""
    assert not iscsi.engine.execute(unmanaging("0BEEF")).was_present
    other = found(iscsi)
    assert not iscsi.engine.execute(unmanaging(other)).was_present
    assert as_is(iscsi, other) == ("finance", ())


def test_trap_t23_a_part_of_an_identifier_proves_nothing(iscsi: Stage) -> None:
    """A device that carries a part of the name is somebody else's, as long as ours is under another device id."""
    found(iscsi, identifier=NAME)
    for fragment in ("OS-", UUID[:8], f"x{NAME}"):
        other = found(iscsi, identifier=fragment)
        with pytest.raises(WrongIdentity):
            iscsi.engine.execute(unmanaging(other))
        assert as_is(iscsi, other) == (fragment, ())


def test_the_last_of_the_unmanaged(iscsi: Stage) -> None:
    """When the last volume that was given up is deleted, its group goes with it: nothing is left."""
    volume = iscsi.create()
    iscsi.engine.execute(UnmanageVolume(target=volume, identifier="finance"))
    iscsi.delete(attrs.evolve(volume, identifiers=("finance",)))
    assert iscsi.leftovers() == []
