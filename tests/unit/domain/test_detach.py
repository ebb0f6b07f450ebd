"""Plans of detaches."""

from __future__ import annotations

import attrs

from pmax.domain.detach import DetachObserved, LeavingView, plan_detach
from pmax.domain.plans import (
    DeleteMaskingView,
    EnsureStorageGroup,
    MoveVolume,
    PruneInitiatorGroup,
    PruneStorageGroup,
    Recovery,
    RemoveVolume,
)
from tests import builders
from tests.builders import GOLD, PLAIN, detach, exposure


def leaving(name: str = "host-a", *, is_last: bool = False) -> LeavingView:
    """One of our views, from which the volume is taken."""
    return LeavingView(
        exposure=exposure(name),
        is_last=is_last,
        port_group="PG1",
        initiator_group=builders.initiator_group(name),
    )


def observed(*views: LeavingView, **changes: object) -> DetachObserved:
    """A volume that these views show."""
    plain = DetachObserved(
        volume=builders.volume(storage_groups=tuple(view.exposure.storage_group for view in views)),
        leaving=views,
        staying=(),
        default_group=GOLD.traits.default_storage_group,
        has_default_group=True,
        supports_compression=True,
    )
    return attrs.evolve(plain, **changes)  # type: ignore[arg-type]  # whatever the test says


def test_not_attached_needs_nothing() -> None:
    """Detaching what no view shows changes nothing."""
    assert plan_detach(detach(), observed()).steps == ()
    assert plan_detach(detach(), observed(volume=None)).steps == ()


def test_with_others_left_the_view_stays() -> None:
    """The volume is moved back; the child group goes only if that emptied it."""
    move, prune = plan_detach(detach(), observed(leaving())).steps

    assert isinstance(move, MoveVolume)
    assert (move.source, move.target) == ("OS-host-a-SRP_1-GoldNONE-PG1", "OS-SRP_1-Gold-NONE-SG")
    assert isinstance(prune, PruneStorageGroup)
    assert (prune.name, prune.when_emptied, prune.parent) == (move.source, move.source, "OS-host-a-I-PG1-SG")


def test_last_one_takes_everything_with_it() -> None:
    """View first, then the volume, then what is empty: parent, child, initiator group."""
    plan = plan_detach(detach(), observed(leaving(is_last=True)))

    assert [type(step) for step in plan.steps] == [
        DeleteMaskingView,
        MoveVolume,
        PruneStorageGroup,
        PruneStorageGroup,
        PruneInitiatorGroup,
    ]
    assert [step.name for step in plan.steps if isinstance(step, PruneStorageGroup)] == [
        "OS-host-a-I-PG1-SG",
        "OS-host-a-SRP_1-GoldNONE-PG1",
    ]
    assert plan.recovery is Recovery.FINISH


def test_initiator_group_with_another_view_stays() -> None:
    """An initiator group that another view uses is not touched."""
    group = attrs.evolve(builders.initiator_group(), masking_views=("OS-host-a-I-PG1-MV", "another"))
    view = attrs.evolve(leaving(is_last=True), initiator_group=group)

    assert PruneInitiatorGroup not in map(type, plan_detach(detach(), observed(view)).steps)


def test_initiator_group_of_another_name_stays() -> None:
    """An initiator group that an administrator made is never deleted."""
    group = attrs.evolve(builders.initiator_group(), name="databases")
    view = attrs.evolve(leaving(is_last=True), initiator_group=group)

    assert PruneInitiatorGroup not in map(type, plan_detach(detach(), observed(view)).steps)


def test_default_group_is_made_if_it_is_gone() -> None:
    """The default group may have been deleted when its last volume was attached."""
    first = plan_detach(detach(), observed(leaving(), has_default_group=False)).steps[0]

    assert isinstance(first, EnsureStorageGroup)
    assert first.definition.name == "OS-SRP_1-Gold-NONE-SG"


def test_another_host_gets_the_service_level_back() -> None:
    """When the host with the service level leaves, one of the waiting hosts has it again, keeping its view."""
    steps = plan_detach(
        detach(), observed(leaving(), staying=(exposure("host-b", is_waiting=True),), default_group="")
    ).steps

    assert isinstance(steps[0], RemoveVolume)
    moves = [step for step in steps if isinstance(step, MoveVolume)]
    assert [(move.source, move.target) for move in moves] == [("OS-host-b-No_SLO-PG1", "OS-host-b-SRP_1-GoldNONE-PG1")]


def test_no_second_group_with_a_service_level() -> None:
    """While a host has the volume with its service level, the others go on waiting: nothing is made for them."""
    waiting = attrs.evolve(leaving(), exposure=exposure("host-a", is_waiting=True))
    staying = (exposure("host-b", is_waiting=True), exposure("host-c"))

    steps = plan_detach(detach(), observed(waiting, staying=staying, default_group="")).steps

    assert [type(step) for step in steps] == [RemoveVolume, PruneStorageGroup]


def test_without_service_level_nobody_gets_anything_back() -> None:
    """A type without service level only leaves the host's group."""
    steps = plan_detach(
        detach(PLAIN), observed(leaving(), staying=(exposure("host-b", PLAIN),), default_group="")
    ).steps

    assert MoveVolume not in map(type, steps)


def test_from_every_host_at_once() -> None:
    """Without a connector the volume leaves every view, and every view that it emptied goes."""
    steps = plan_detach(detach(), observed(leaving("host-a", is_last=True), leaving("host-b", is_last=True))).steps

    assert [type(step) for step in steps[:4]] == [DeleteMaskingView, DeleteMaskingView, RemoveVolume, MoveVolume]
    assert GOLD.traits.default_storage_group == "OS-SRP_1-Gold-NONE-SG"


def test_the_group_with_the_service_level_is_left_by_the_move() -> None:
    """A volume is never in two groups with a service level: it leaves the waiting group first, then moves."""
    waiting = attrs.evolve(leaving("host-b"), exposure=exposure("host-b", is_waiting=True))

    steps = plan_detach(detach(), observed(leaving("host-a"), waiting)).steps

    moves = [step for step in steps if isinstance(step, MoveVolume)]
    assert [move.source for move in moves] == ["OS-host-a-SRP_1-GoldNONE-PG1"]
    assert [type(step) for step in steps[:2]] == [RemoveVolume, MoveVolume]


def test_foreign_view_is_left_as_it_is() -> None:
    """Out of an administrator's view only the volume is taken; nothing of it is deleted."""
    foreign = attrs.evolve(leaving(), exposure=attrs.evolve(exposure("host-a"), names=None))

    assert [type(step) for step in plan_detach(detach(), observed(foreign)).steps] == [MoveVolume]
