"""Taking snapshots over from an array and giving them up."""

from __future__ import annotations

import pytest

from pmax.domain.commands import ManageSnapshot, UnmanageSnapshot
from pmax.domain.errors import AlreadyExists, AlreadyManaged, NotFound, NotManageable, PmaxError, WrongIdentity
from pmax.domain.volumes import VolumeTarget
from tests.stage import ARRAY, Stage


@pytest.fixture
def volume(iscsi: Stage) -> VolumeTarget:
    """A managed volume."""
    return iscsi.create()


def managing(volume: VolumeTarget, name: str = "nightly") -> ManageSnapshot:
    """Take it over."""
    return ManageSnapshot(source=volume, name=name, new_name=f"OS-{name}")


def names(stage: Stage) -> list[str]:
    """Names of all snapshots on the array, the newest of a volume first."""
    return [snapshot.name for snapshot in stage.array.snapshots]


def test_there_and_back(iscsi: Stage, volume: VolumeTarget) -> None:
    """A snapshot gets the prefix and loses it again; its data and its id stay."""
    token = iscsi.array.write(volume.device_id)
    iscsi.snapshot(volume.device_id, "nightly")
    [before] = iscsi.array.snapshots

    assert iscsi.engine.execute(managing(volume)).name == "OS-nightly"
    [managed] = iscsi.array.snapshots
    assert (managed.name, managed.snap_id) == ("OS-nightly", before.snap_id)

    back = UnmanageSnapshot(source=volume, name="OS-nightly", new_name="nightly")
    assert iscsi.engine.execute(back).was_present
    assert not iscsi.engine.execute(back).was_present
    assert names(iscsi) == ["nightly"]
    assert iscsi.array.read(volume.device_id) == token


def test_only_the_newest_of_a_name_is_taken_over(iscsi: Stage, volume: VolumeTarget) -> None:
    """Older generations keep their name."""
    for _ in range(2):
        iscsi.snapshot(volume.device_id, "nightly")
    newest = iscsi.array.snapshots[0].snap_id

    iscsi.engine.execute(managing(volume))

    assert {snapshot.name: snapshot.snap_id == newest for snapshot in iscsi.array.snapshots} == {
        "OS-nightly": True,
        "nightly": False,
    }


@pytest.mark.parametrize(
    ("taken", "asked", "error", "said"),
    [
        ((), "nightly", NotFound, "nightly"),
        (("OS-nightly",), "OS-nightly", AlreadyManaged, "OS-"),
        (("OS-nightly",), "nightly", AlreadyManaged, "as OS-nightly"),
        (("temp-x",), "temp-x", NotManageable, "temp-"),
        (("nightly", "OS-nightly"), "nightly", AlreadyExists, "OS-nightly"),
    ],
)
def test_what_cannot_be_managed(
    iscsi: Stage, volume: VolumeTarget, taken: tuple[str, ...], asked: str, error: type[PmaxError], said: str
) -> None:
    """A name that is not there, is reserved, or is in use is refused, and nothing is changed."""
    for name in taken:
        iscsi.snapshot(volume.device_id, name)
    with iscsi.calls() as calls, pytest.raises(error, match=said):
        iscsi.engine.execute(managing(volume, asked))
    assert calls.changes == []


def test_a_linked_snapshot_cannot_be_managed(iscsi: Stage, volume: VolumeTarget) -> None:
    """As long as another volume presents it, it is not taken over, as the manual says."""
    iscsi.snapshot(volume.device_id, "nightly")
    iscsi.link(volume.device_id, "nightly", iscsi.create().device_id)
    with iscsi.calls() as calls, pytest.raises(NotManageable, match="linked"):
        iscsi.engine.execute(managing(volume))
    assert calls.changes == []


def test_trap_t24_a_source_that_is_not_there(iscsi: Stage, volume: VolumeTarget) -> None:
    """A volume that is gone, or whose device is another's, is named, and no list of all volumes is read for it."""
    other = iscsi.create()
    gone = VolumeTarget(array_id=ARRAY, device_id="0BEEF", identifiers=("OS-gone",))
    swapped = VolumeTarget(array_id=ARRAY, device_id=other.device_id, identifiers=volume.identifiers)
    for source, error in ((gone, NotFound), (swapped, WrongIdentity)):
        with iscsi.calls() as calls, pytest.raises(error):
            iscsi.engine.execute(managing(source))
        assert calls.count <= 3, calls
    assert not iscsi.engine.execute(UnmanageSnapshot(source=gone, name="OS-x", new_name="x")).was_present
