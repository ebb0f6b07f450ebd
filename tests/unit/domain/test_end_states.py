"""What will be true when a plan is done."""

import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.end_states import end_states
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.plans import (
    AddVolume,
    CreateVolume,
    DeleteVolume,
    EnsureStorageGroup,
    MoveVolume,
    NewVolume,
    Plan,
    PruneStorageGroup,
    RemoveVolume,
    RenameVolume,
    is_await,
    plan_of,
)
from pmax.domain.storage_groups import StorageGroupDefinition
from tests.unit.adapters.plan_samples import STEPS

ARRAY = ArrayId("000197900999")
DEVICE = DeviceId("00003")


def told(*steps: object) -> list[str]:
    """The end of a plan of these steps, in words."""
    return [str(state) for state in end_states(plan_of(steps))]


def test_what_is_made() -> None:
    """A new volume is told with its size and all its groups, under the name that it will have."""
    new = NewVolume("finance")
    group = EnsureStorageGroup(array_id=ARRAY, definition=StorageGroupDefinition(name="gold"))
    volume = CreateVolume(array_id=ARRAY, storage_group="gold", identifier="finance", capacity=Capacity.from_gib(10))
    more = AddVolume(array_id=ARRAY, device=new, storage_group="backup")
    assert told(group, volume, more) == [
        "storage group gold exists",
        "volume finance exists, has 10 GiB, is in storage group gold, is in storage group backup",
    ]


def test_the_last_word_counts() -> None:
    """What is moved twice is told once; what is deleted is gone, whatever was done to it before."""
    moves = [MoveVolume(array_id=ARRAY, device=DEVICE, source=a, target=b) for a, b in (("a", "b"), ("b", "c"))]
    assert told(*moves) == ["volume 00003 is in storage group c"]
    leaving = RemoveVolume(array_id=ARRAY, device=DEVICE, storage_group="a")
    renaming = RenameVolume(array_id=ARRAY, device=DEVICE, before="x", after="")
    deletion = DeleteVolume(array_id=ARRAY, device=DEVICE, identifier="x")
    prune = PruneStorageGroup(array_id=ARRAY, name="a", when_emptied="a")
    assert told(leaving, renaming, deletion, prune) == [
        "volume 00003 is gone with its data",
        "storage group a is gone if nothing is left in it",
    ]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_every_step_says_something(step) -> None:
    """No step but those that only wait is left out of the end."""
    assert bool(end_states(Plan(steps=(step,)))) is not is_await(step)
