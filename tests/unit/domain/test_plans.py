"""Steps, their words and their inverses."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.plans import (
    AddInitiators,
    AddTags,
    AddVolume,
    AddVolumes,
    AwaitGroupSnapshot,
    AwaitGroupSnapshotGone,
    AwaitLinkDefined,
    AwaitLinksDefined,
    AwaitLunAddress,
    AwaitMembership,
    AwaitPair,
    AwaitRestored,
    AwaitSession,
    AwaitSnapshot,
    AwaitSnapshotGone,
    CreateGroupSnapshot,
    CreatePair,
    CreateReplicatedVolume,
    CreateSnapshot,
    CreateTemporaryGroupSnapshot,
    CreateTemporarySnapshot,
    CreateVolume,
    DeleteInitiatorGroup,
    DeleteMaskingView,
    DeletePair,
    DeleteStorageGroup,
    DeleteTemporaryGroupSnapshot,
    DeleteTemporarySnapshot,
    DeleteVolume,
    EndRestore,
    EnsureChildStorageGroup,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    EnsureStorageGroup,
    ExpandVolume,
    FailbackSession,
    FailoverSession,
    LinkSnapshot,
    LinkSnapshots,
    MoveVolume,
    NewVolume,
    PairTerms,
    Plan,
    PruneInitiatorGroup,
    PruneStorageGroup,
    RemoveChildStorageGroup,
    RemoveInitiators,
    RemoveTags,
    RemoveVolume,
    RemoveVolumes,
    RenameSnapshot,
    RenameStorageGroup,
    RenameVolume,
    RestoreSnapshot,
    ResumeSession,
    SetHostIoLimits,
    Step,
    SuspendSession,
    TerminateGroupSnapshot,
    TerminateSnapshot,
    UnlinkSnapshot,
    UnlinkSnapshots,
    UnprotectStorageGroup,
    inverse,
    is_resolved,
    plan_of,
    resolve,
)
from pmax.domain.qos import HostIoLimits
from pmax.domain.snapvx import NewSnapshot, SnapshotKey
from pmax.domain.srdf import PairState, RdfLink, SessionAction
from pmax.domain.storage_groups import StorageGroupDefinition
from tests.builders import ARRAY, DEVICE, IDENTIFIER

DEFINITION = StorageGroupDefinition(name="group", srp="SRP_1", service_level="Gold")
INITIATORS = frozenset({"iqn.a"})
LINK = RdfLink(
    array_id=ARRAY, rdf_group=70, remote_array_id=ArrayId("000197900456"), remote_rdf_group=71, label="label"
)
VIEW = {"array_id": ARRAY, "name": "view", "initiator_group": "ig", "port_group": "pg", "storage_group": "group"}

SNAPSHOT = {"array_id": ARRAY, "device": DEVICE, "name": "snap", "snapshot": SnapshotKey(generation=0, snap_id=7)}
TARGET = DeviceId("00130")

LINKS = {
    "array_id": ARRAY,
    "name": "snap",
    "snapshot": SnapshotKey(generation=0),
    "devices": (DEVICE,),
    "targets": (TARGET,),
}

REVERSIBLE: tuple[Step, ...] = (
    EnsureStorageGroup(array_id=ARRAY, definition=DEFINITION),
    DeleteStorageGroup(array_id=ARRAY, definition=DEFINITION),
    EnsureChildStorageGroup(array_id=ARRAY, parent="parent", child="group"),
    RemoveChildStorageGroup(array_id=ARRAY, parent="parent", child="group"),
    SetHostIoLimits(array_id=ARRAY, storage_group="group", before=None, after=HostIoLimits(500, None)),
    AddTags(array_id=ARRAY, storage_group="group", tags=("a", "b")),
    RemoveTags(array_id=ARRAY, storage_group="group", tags=("a", "b")),
    RenameStorageGroup(array_id=ARRAY, before="group", after="other"),
    RenameVolume(array_id=ARRAY, device=DEVICE, before="", after="new"),
    AddVolume(array_id=ARRAY, device=DEVICE, storage_group="group"),
    RemoveVolume(array_id=ARRAY, device=DEVICE, storage_group="group"),
    AddVolumes(array_id=ARRAY, devices=(DEVICE, DeviceId("00130")), storage_group="group"),
    RemoveVolumes(array_id=ARRAY, devices=(DEVICE,), storage_group="group"),
    MoveVolume(array_id=ARRAY, device=DEVICE, source="a", target="b"),
    EnsureInitiatorGroup(array_id=ARRAY, name="ig", initiators=INITIATORS),
    DeleteInitiatorGroup(array_id=ARRAY, name="ig", initiators=INITIATORS),
    AddInitiators(array_id=ARRAY, initiator_group="ig", initiators=INITIATORS),
    RemoveInitiators(array_id=ARRAY, initiator_group="ig", initiators=INITIATORS),
    SuspendSession(array_id=ARRAY, storage_group="group", rdf_group=70, is_exempt=True),
    ResumeSession(array_id=ARRAY, storage_group="group", rdf_group=70, resume_action=SessionAction.ESTABLISH),
    FailoverSession(array_id=ARRAY, storage_group="group", rdf_group=70),
    FailbackSession(array_id=ARRAY, storage_group="group", rdf_group=70),
    EnsureMaskingView(**VIEW),
    DeleteMaskingView(**VIEW),
    RenameSnapshot(array_id=ARRAY, device=DEVICE, before="a", after="b", snapshot=SnapshotKey(generation=0)),
)
FINAL: tuple[Step, ...] = (
    DeleteVolume(array_id=ARRAY, device=DEVICE, identifier=IDENTIFIER),
    ExpandVolume(array_id=ARRAY, device=DEVICE, before=Capacity.from_gib(1), after=Capacity.from_gib(2)),
    PruneStorageGroup(array_id=ARRAY, name="group", when_emptied="group"),
    PruneInitiatorGroup(array_id=ARRAY, name="ig"),
    AwaitLunAddress(array_id=ARRAY, masking_view="view", device=DEVICE),
    TerminateSnapshot(**SNAPSHOT),
    DeleteTemporarySnapshot(array_id=ARRAY, device=DEVICE, snapshot=SnapshotKey(generation=0)),
    UnlinkSnapshot(**SNAPSHOT, target=TARGET),
    RestoreSnapshot(**SNAPSHOT),
    EndRestore(**SNAPSHOT),
    AwaitSnapshot(**SNAPSHOT),
    AwaitSnapshotGone(**SNAPSHOT),
    AwaitLinkDefined(**SNAPSHOT, target=TARGET),
    AwaitRestored(**SNAPSHOT),
    TerminateGroupSnapshot(array_id=ARRAY, name="snap", devices=(DEVICE,), snapshot=SnapshotKey(generation=0)),
    DeleteTemporaryGroupSnapshot(array_id=ARRAY, copy_id="id", devices=(DEVICE,), snapshot=SnapshotKey(generation=0)),
    UnlinkSnapshots(**LINKS),
    AwaitGroupSnapshot(array_id=ARRAY, name="snap", devices=(DEVICE,)),
    AwaitGroupSnapshotGone(array_id=ARRAY, name="snap", devices=(DEVICE,)),
    AwaitLinksDefined(array_id=ARRAY, name="snap", devices=(DEVICE,), targets=(TARGET,)),
    AwaitSession(array_id=ARRAY, storage_group="group", rdf_group=70, states=frozenset({PairState.SYNCHRONIZED})),
    AwaitPair(link=LINK, device=DEVICE),
    AwaitMembership(link=LINK, storage_group="group"),
    UnprotectStorageGroup(link=LINK, storage_group="group"),
    DeletePair(link=LINK, device=DEVICE, remote_device=DEVICE, storage_group="group", remote_storage_groups=("group",)),
)
PAIRING = CreatePair(
    link=LINK,
    device=DEVICE,
    identifier=IDENTIFIER,
    terms=PairTerms(mode="Active", establishes=True),
    storage_group="group",
)
REPLICATED = CreateReplicatedVolume(
    link=LINK,
    storage_group="group",
    identifier=IDENTIFIER,
    capacity=Capacity.from_gib(1),
    remote_storage_groups=("group", "management"),
)
MOVE = MoveVolume(array_id=ARRAY, device=DEVICE, source="a", target="b")
CREATION = CreateVolume(array_id=ARRAY, storage_group="group", identifier=IDENTIFIER, capacity=Capacity.from_gib(1))


@pytest.mark.parametrize("step", REVERSIBLE, ids=lambda step: type(step).__name__)
def test_taking_back_twice_gives_the_step_again(step: Step) -> None:
    """`inverse(inverse(step)) == step`, and a step is never its own inverse."""
    back = inverse(step)

    assert back is not None
    assert back != step
    assert inverse(back) == step


@pytest.mark.parametrize("step", FINAL, ids=lambda step: type(step).__name__)
def test_some_steps_have_no_way_back(step: Step) -> None:
    """What loses data, cannot shrink, only tidies or only looks has no inverse."""
    assert inverse(step) is None


def test_a_new_volume_is_taken_back_by_its_identifier() -> None:
    """Undoing a creation deletes the device that was made, proven by its identifier, out of its group."""
    back = inverse(CREATION)

    new, group = NewVolume(IDENTIFIER), CREATION.storage_group
    assert back == DeleteVolume(array_id=ARRAY, device=new, identifier=IDENTIFIER, storage_group=group)
    assert resolve(back, {(IDENTIFIER, False): DEVICE}) == attrs.evolve(back, device=DEVICE)


def test_a_new_pair_is_taken_back_with_what_was_made_for_it() -> None:
    """Undoing a pair deletes the other side that was made, and R1 only if the same step made it."""
    made = {(IDENTIFIER, False): DEVICE, (IDENTIFIER, True): DeviceId("00ABC")}
    both, one = (resolve(inverse(step), made) for step in (REPLICATED, PAIRING))

    assert (both.device, both.remote_device, both.deletes_local) == (DEVICE, "00ABC", True)
    assert both.remote_storage_groups == ("group", "management")
    assert (one.device, one.remote_device, one.deletes_local) == (DEVICE, "00ABC", False)
    assert inverse(both) is None


def test_a_new_snapshot_is_taken_back_by_what_was_there_before() -> None:
    """Undoing deletes the one snapshot that is new and of its own kind, and gives up the target of a link."""
    new = NewSnapshot(known=1, known_ids=frozenset({3}))
    users = CreateSnapshot(array_id=ARRAY, device=DEVICE, name="snap", new=new)
    temporary = CreateTemporarySnapshot(array_id=ARRAY, device=DEVICE, new=new)
    link = LinkSnapshot(array_id=ARRAY, device=DEVICE, name="snap", snapshot=new, target=NewVolume(IDENTIFIER))

    assert inverse(users) == TerminateSnapshot(array_id=ARRAY, device=DEVICE, name="snap", snapshot=new)
    assert inverse(temporary) == DeleteTemporarySnapshot(array_id=ARRAY, device=DEVICE, snapshot=new)
    assert inverse(link) == UnlinkSnapshot(
        array_id=ARRAY,
        device=DEVICE,
        name="snap",
        snapshot=new,
        target=NewVolume(IDENTIFIER),
        is_target_discarded=True,
    )


def test_a_new_snapshot_of_a_group_is_taken_back_from_each_of_its_volumes() -> None:
    """Undoing names the volumes, so that no other one is touched, and gives up the targets of links."""
    new = NewSnapshot(known=0)
    users = CreateGroupSnapshot(array_id=ARRAY, storage_group="group", name="snap", devices=(DEVICE,))
    temporary = CreateTemporaryGroupSnapshot(array_id=ARRAY, storage_group="group", copy_id="id", devices=(DEVICE,))

    assert inverse(users) == TerminateGroupSnapshot(array_id=ARRAY, name="snap", devices=(DEVICE,), snapshot=new)
    assert inverse(temporary) == DeleteTemporaryGroupSnapshot(
        array_id=ARRAY, copy_id="id", devices=(DEVICE,), snapshot=new
    )
    assert inverse(LinkSnapshots(**LINKS)) == UnlinkSnapshots(**LINKS, is_target_discarded=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda name: CreateSnapshot(array_id=ARRAY, device=DEVICE, name=name, new=NewSnapshot(known=0)),
        lambda name: TerminateSnapshot(
            array_id=ARRAY, device=DEVICE, name=name, snapshot=SnapshotKey(generation=0, snap_id=7)
        ),
        lambda name: RenameSnapshot(
            array_id=ARRAY, device=DEVICE, before=name, after="b", snapshot=SnapshotKey(generation=0)
        ),
        lambda name: RenameSnapshot(
            array_id=ARRAY, device=DEVICE, before="a", after=name, snapshot=SnapshotKey(generation=0)
        ),
    ],
)
def test_steps_for_users_snapshots_cannot_name_a_temporary_one(make: Callable[[str], Step]) -> None:
    """Temporary snapshots share no step that makes, renames or deletes with users' ones, whatever they are called."""
    with pytest.raises(ValueError, match="temporary"):
        make(f"temp-{DEVICE}-snapshot_for_clone")

    assert make("temp-template")


@pytest.mark.parametrize("step", [*REVERSIBLE, *FINAL], ids=lambda step: type(step).__name__)
def test_only_new_volumes_are_resolved(step: Step) -> None:
    """A step that names a device, or none, stays as it is."""
    assert resolve(step, {(IDENTIFIER, False): DeviceId("FFFFF")}) == step


def test_an_unknown_new_volume_stays_unresolved() -> None:
    """A step whose volume has not been made yet keeps its place-holder."""
    step = AddVolume(array_id=ARRAY, device=NewVolume("another"), storage_group="group")

    assert resolve(step, {(IDENTIFIER, False): DEVICE}) == step
    assert not is_resolved(step)


def test_new_volumes_are_resolved_among_others() -> None:
    """Of several volumes, each that has been made is replaced by its device, and the others stay as they are."""
    made, unknown = NewVolume(IDENTIFIER), NewVolume("another")
    step = AddVolumes(array_id=ARRAY, devices=(DeviceId("00001"), made, unknown), storage_group="group")

    resolved = resolve(step, {(IDENTIFIER, False): DEVICE})

    assert resolved == attrs.evolve(step, devices=(DeviceId("00001"), DEVICE, unknown))
    assert not is_resolved(resolved)
    assert is_resolved(resolve(resolved, {("another", False): DeviceId("00002")}))


def test_many_volumes_do_not_make_a_long_sentence() -> None:
    """A step about hundreds of volumes names how many, and the first and the last."""
    devices = tuple(DeviceId(f"{number:05X}") for number in range(200))

    words = str(AddVolumes(array_id=ARRAY, devices=devices, storage_group="group"))

    assert words == "add 200 volumes (00000 … 000C7) to storage group group"


@pytest.mark.parametrize(
    "step", [*REVERSIBLE, *FINAL, CREATION, PAIRING, REPLICATED], ids=lambda step: type(step).__name__
)
def test_steps_speak_for_people(step: Step) -> None:
    """Each step says in words what it changes, and on which object; no class name, no braces."""
    words = str(step)

    assert words[0].islower()
    assert type(step).__name__ not in words
    assert "(" not in words or words.count("(") == words.count(")")


def test_what_tidies_up_comes_last() -> None:
    """A plan that would tidy up before its work is done cannot be made; `plan_of` puts its steps in order."""
    prune, move = FINAL[2], MOVE
    with pytest.raises(ValueError, match="comes last"):
        Plan(steps=(prune, move))

    assert plan_of([prune, move]).steps == (move, prune)
