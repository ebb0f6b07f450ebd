"""Plans of changing storage groups by hand, as the steps that they show to people."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from pmax.domain.commands import AddVolumes, CreateStorageGroup, DeleteStorageGroup, MoveVolumes, RemoveVolumes, SetQos
from pmax.domain.errors import AlreadyExists, InUse, InvalidRequest, PmaxError
from pmax.domain.group_changes import (
    GroupObserved,
    MembersObserved,
    plan_adding,
    plan_group_creation,
    plan_group_deletion,
    plan_limiting,
    plan_moving,
    plan_removing,
)
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Plan, Recovery
from pmax.domain.policies import VolumePolicy
from pmax.domain.qos import HostIoLimits
from pmax.domain.storage_groups import StorageGroup
from tests import builders
from tests.builders import ARRAY, GOLD, PLAIN

LIMITS = HostIoLimits(500, None)


def group(name: str = "mine", **changes: object) -> StorageGroup:
    """An empty group without a service level."""
    return attrs.evolve(StorageGroup(array_id=ARRAY, name=name), **changes)  # type: ignore[arg-type]


def create(policy: VolumePolicy = PLAIN, *, there: StorageGroup | None = None, parent: StorageGroup | None = None):
    """Make a group."""
    command = CreateStorageGroup(array_id=ARRAY, name="mine", policy=policy, parent=parent.name if parent else None)
    return plan_group_creation(command, GroupObserved(group=there, parent=parent, supports_compression=True))


def delete(**changes: object) -> Plan:
    """Delete a group that is like this."""
    return plan_group_deletion(DeleteStorageGroup(array_id=ARRAY, name="mine"), group(**changes))


def members(*places: tuple[str, ...], **changes: object) -> MembersObserved:
    """Volumes 00001, 00002… each in these groups, and the group that the command names."""
    volumes = tuple(
        builders.volume(device_id=DeviceId(f"{number:05X}"), storage_groups=held)
        for number, held in enumerate(places, 1)
    )
    return MembersObserved(group=group(**changes), volumes=volumes)


def add(observed: MembersObserved) -> Plan:
    """Put them into `mine`."""
    return plan_adding(AddVolumes(targets=(), storage_group="mine"), observed)


def remove(observed: MembersObserved) -> Plan:
    """Take them out of `mine`."""
    return plan_removing(RemoveVolumes(targets=(), storage_group="mine"), observed)


def move(observed: MembersObserved, source: str = "yours") -> Plan:
    """Move them from `yours` to `mine`."""
    return plan_moving(MoveVolumes(targets=(), source=source, storage_group="mine"), observed)


def limit(wanted: HostIoLimits | None, *, is_default: bool = False, **changes: object) -> Plan:
    """Limit a group that is like this."""
    command = SetQos(array_id=ARRAY, storage_group="mine", limits=wanted)
    return plan_limiting(command, group(**changes), is_default=is_default)


PLANNED: dict[str, tuple[Callable[[], Plan], list[str]]] = {
    "create": (create, ["create storage group mine (no service level)"]),
    "create with limits under a parent": (
        lambda: create(attrs.evolve(GOLD, limits=LIMITS), parent=group("parent")),
        [
            "create storage group mine (Gold)",
            "set host I/O limits of storage group mine to 500 IO/s, any number of MB/s, dynamic distribution Never",
            "put storage group mine under parent",
        ],
    ),
    "create under a parent with children": (
        lambda: create(parent=group("parent", volume_count=3, children=("child",))),
        ["create storage group mine (no service level)", "put storage group mine under parent"],
    ),
    "delete": (delete, ["delete storage group mine"]),
    "delete a child": (
        lambda: delete(parents=("one", "two")),
        [
            "take storage group mine from under one",
            "take storage group mine from under two",
            "delete storage group mine",
        ],
    ),
    "add": (
        lambda: add(members(("mine",), ("yours",), ())),
        ["add volume 00002 to storage group mine", "add volume 00003 to storage group mine"],
    ),
    "remove": (lambda: remove(members(("mine",), ("yours",))), ["remove volume 00001 from storage group mine"]),
    "move": (
        lambda: move(members(("yours",), ("mine",))),
        ["move volume 00001 from storage group yours to mine"],
    ),
    "limit": (
        lambda: limit(LIMITS),
        ["set host I/O limits of storage group mine to 500 IO/s, any number of MB/s, dynamic distribution Never"],
    ),
    "limited so already": (lambda: limit(LIMITS, limits=LIMITS), []),
    "limits of a default group go": (
        lambda: limit(None, is_default=True, limits=LIMITS),
        ["set host I/O limits of storage group mine to none"],
    ),
}


@pytest.mark.parametrize("case", PLANNED)
def test_planned(case: str) -> None:
    """What is there already is left out, and everything else is a step."""
    plan, steps = PLANNED[case]
    assert [str(step) for step in plan().steps] == steps


REFUSED: dict[str, tuple[Callable[[], Plan], type[PmaxError], str]] = {
    "create what is there": (lambda: create(there=group()), AlreadyExists, "mine"),
    "a parent with a service level": (
        lambda: create(parent=group("parent", service_level="Gold")),
        InvalidRequest,
        "no service level",
    ),
    "a parent that is a child": (lambda: create(parent=group("parent", parents=("top",))), InvalidRequest, "no parent"),
    "a parent with volumes": (lambda: create(parent=group("parent", volume_count=1)), InvalidRequest, "no volumes"),
    "delete a parent": (lambda: delete(children=("one",)), InUse, "one"),
    "delete what holds volumes": (lambda: delete(volume_count=2), InUse, "2 volumes"),
    "delete what hosts see": (lambda: delete(masking_views=("view",)), InUse, "view"),
    "add to a parent": (lambda: add(members((), children=("one",))), InvalidRequest, "one"),
    "move to a parent": (lambda: move(members(("yours",), children=("one",))), InvalidRequest, "one"),
    "move to the same group": (lambda: move(members(("mine",)), source="mine"), InvalidRequest, "two different"),
    "move from another group": (lambda: move(members(("theirs",))), InvalidRequest, "not in storage group yours"),
    "move what is in both": (lambda: move(members(("mine", "yours"))), InvalidRequest, "in both"),
    "limit a default group": (lambda: limit(LIMITS, is_default=True), InvalidRequest, "wait in it"),
    "limit a parent": (lambda: limit(LIMITS, children=("one",)), InvalidRequest, "it is a parent"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    """What the array would do although it harms is refused with the reason."""
    plan, error, reason = REFUSED[case]
    with pytest.raises(error, match=reason):
        plan()


def test_a_deletion_is_finished() -> None:
    """A deletion that was interrupted goes on, and a creation is taken back."""
    assert (delete().recovery, create().recovery) == (Recovery.FINISH, Recovery.UNDO)
