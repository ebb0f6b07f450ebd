"""Plans of attaches."""

from __future__ import annotations

import attrs
import pytest

from pmax.domain.attach import plan_attach
from pmax.domain.errors import InUse
from pmax.domain.plans import (
    AddInitiators,
    AddTags,
    AddVolume,
    AwaitLunAddress,
    EnsureChildStorageGroup,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    EnsureStorageGroup,
    MoveVolume,
    PruneStorageGroup,
    SetHostIoLimits,
)
from pmax.domain.qos import HostIoLimits
from pmax.domain.storage_groups import StorageGroup
from tests import builders
from tests.builders import ARRAY, GOLD, IQN, PLAIN, attach, attach_observed, exposure


def words(plan_steps: tuple[object, ...]) -> list[str]:
    """Classes of the steps, in order."""
    return [type(step).__name__ for step in plan_steps]


def child(*, parents: tuple[str, ...] = ("OS-host-a-I-PG1-SG",), limits: HostIoLimits | None = None) -> StorageGroup:
    """The host's child group for Gold."""
    name = builders.names().child_storage_group(GOLD.traits)
    return StorageGroup(array_id=ARRAY, name=name, service_level="Gold", parents=parents, limits=limits, volume_count=1)


def known_host(*initiators: str) -> object:
    """A host that has a view."""
    return builders.host(initiator_group=builders.initiator_group("host-a", *initiators), has_view=True)


def test_first_attach_makes_everything_and_shows_it_last() -> None:
    """The view is made when the volume is in its group already, so that it is never empty."""
    steps = plan_attach(attach(), attach_observed()).steps

    assert words(steps) == [
        "EnsureInitiatorGroup",
        "EnsureStorageGroup",
        "EnsureStorageGroup",
        "EnsureChildStorageGroup",
        "MoveVolume",
        "EnsureMaskingView",
        "AwaitLunAddress",
        "PruneStorageGroup",
    ]
    assert isinstance(steps[0], EnsureInitiatorGroup)
    assert (steps[0].name, steps[0].initiators) == ("OS-host-a-I-IG", frozenset({IQN}))
    assert isinstance(steps[5], EnsureMaskingView)
    assert (steps[5].name, steps[5].storage_group) == ("OS-host-a-I-PG1-MV", "OS-host-a-I-PG1-SG")


def test_next_attach_only_moves() -> None:
    """On a host that has a view and the child group, the volume is moved, and nothing else is made."""
    steps = plan_attach(attach(), attach_observed(host=known_host(), child=child())).steps

    assert words(steps) == ["MoveVolume", "AwaitLunAddress", "PruneStorageGroup"]
    assert isinstance(steps[0], MoveVolume)
    assert (steps[0].source, steps[0].target) == ("OS-SRP_1-Gold-NONE-SG", "OS-host-a-SRP_1-GoldNONE-PG1")


def test_child_of_another_parent_is_joined() -> None:
    """A child group that hosts of another protocol use already is put under this view's parent too."""
    steps = plan_attach(
        attach(), attach_observed(host=known_host(), child=child(parents=("OS-host-a-F-PG1-SG",)))
    ).steps

    assert EnsureChildStorageGroup in map(type, steps)


def test_attached_already_changes_nothing() -> None:
    """A second attach on the same host only looks for the LUN."""
    observed = attach_observed(host=known_host(), here=exposure("host-a"), source=None)

    assert words(plan_attach(attach(), observed).steps) == ["AwaitLunAddress"]


def test_lost_view_is_made_again() -> None:
    """If somebody deleted the view while the volume stayed in the host's group, an attach makes the view again."""
    held = builders.volume(storage_groups=(builders.names().child_storage_group(GOLD.traits),))
    observed = attach_observed(volume=held, here=exposure("host-a"), source=None)

    steps = plan_attach(attach(), observed).steps

    assert EnsureMaskingView in map(type, steps)
    assert not {MoveVolume, AddVolume} & set(map(type, steps))


def test_new_initiator_joins_the_host() -> None:
    """A host that got another initiator has it added; none is ever removed."""
    observed = attach_observed(host=known_host("iqn.1994-05.com.example:old"), child=child())
    observed = attrs.evolve(
        observed, host=attrs.evolve(observed.host, wanted_initiators=frozenset({IQN, "iqn.1994-05.com.example:old"}))
    )

    first = plan_attach(attach(), observed).steps[0]

    assert isinstance(first, AddInitiators)
    assert first.initiators == frozenset({IQN})


def test_limits_go_on_the_child_only() -> None:
    """Host I/O limits of the type are put on the host's child group, before hosts see the volume."""
    limits = HostIoLimits(iops=500, megabytes_per_second=None)
    steps = plan_attach(attach(attrs.evolve(GOLD, limits=limits)), attach_observed()).steps

    (limit,) = (step for step in steps if isinstance(step, SetHostIoLimits))
    assert limit.storage_group == "OS-host-a-SRP_1-GoldNONE-PG1"
    assert limit.after == limits


def test_equal_limits_are_not_set_again() -> None:
    """Limits that the child group has already cost no call."""
    limits = HostIoLimits(iops=500, megabytes_per_second=None)
    observed = attach_observed(host=known_host(), child=child(limits=limits))

    assert SetHostIoLimits not in map(type, plan_attach(attach(attrs.evolve(GOLD, limits=limits)), observed).steps)


def test_second_host_makes_the_first_one_wait() -> None:
    """While two hosts see a volume, the one that had it first has it in a group without service level."""
    held = builders.volume(storage_groups=(builders.names("host-b").child_storage_group(GOLD.traits),))
    observed = attach_observed(volume=held, elsewhere=(exposure("host-b"),), source=None)

    steps = plan_attach(attach(), observed).steps

    moves = [step for step in steps if isinstance(step, MoveVolume)]
    assert [(move.source, move.target) for move in moves] == [("OS-host-b-SRP_1-GoldNONE-PG1", "OS-host-b-No_SLO-PG1")]
    assert [step.storage_group for step in steps if isinstance(step, AddVolume)] == ["OS-host-a-SRP_1-GoldNONE-PG1"]
    assert words(steps).index("MoveVolume") < words(steps).index("AddVolume")
    prunes = [step for step in steps if isinstance(step, PruneStorageGroup)]
    assert [(prune.name, prune.parent) for prune in prunes] == [("OS-host-b-SRP_1-GoldNONE-PG1", "OS-host-b-I-PG1-SG")]


def test_third_host_leaves_waiting_ones_alone() -> None:
    """Hosts on which the volume waits already are not touched."""
    observed = attach_observed(
        elsewhere=(exposure("host-b", is_waiting=True), exposure("host-c")),
        source=None,
    )

    moves = [step for step in plan_attach(attach(), observed).steps if isinstance(step, MoveVolume)]

    assert [move.target for move in moves] == ["OS-host-c-No_SLO-PG1"]


def test_without_service_level_hosts_share_as_they_are() -> None:
    """A type without service level needs no waiting groups: the volume is just added."""
    observed = attach_observed(elsewhere=(exposure("host-b", PLAIN),), source=None)

    steps = plan_attach(attach(PLAIN), attrs.evolve(observed, child_name="OS-host-a-No_SLO-PG1")).steps

    assert MoveVolume not in map(type, steps)
    assert [step.storage_group for step in steps if isinstance(step, AddVolume)] == ["OS-host-a-No_SLO-PG1"]


def test_foreign_view_is_never_changed() -> None:
    """A volume that an administrator shows to a host through another kind of view is not moved from under it."""
    foreign = attrs.evolve(exposure("host-b"), names=None, masking_view="backup-view")

    with pytest.raises(InUse, match="backup-view"):
        plan_attach(attach(), attach_observed(elsewhere=(foreign,), source=None))


def test_group_of_somebody_else_is_not_pruned() -> None:
    """A group that pmax did not make stays when the volume has left it."""
    steps = plan_attach(attach(), attach_observed(source="databases", source_is_own=False)).steps

    assert PruneStorageGroup not in map(type, steps)
    assert AwaitLunAddress in map(type, steps)
    assert EnsureStorageGroup in map(type, steps)


def test_tags_of_the_type_go_on_the_child() -> None:
    """Tags that the type asks for and the child group lacks are added, compared without case."""
    tagged = attrs.evolve(child(), tags=("Gold-Users",))
    policy = attrs.evolve(GOLD, storage_group_tags=("gold-users", "billing"))

    steps = plan_attach(attach(policy), attach_observed(host=known_host(), child=tagged)).steps

    assert [step.tags for step in steps if isinstance(step, AddTags)] == [("billing",)]
