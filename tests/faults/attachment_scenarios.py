"""Volumes that hosts see, and see no more, and how the array is before."""

from __future__ import annotations

import attrs

from pmax.domain.qos import HostIoLimits
from tests.faults.scenario import Operation
from tests.stage import GOLD, Stage


def attach_first(stage: Stage) -> Operation:
    volume = stage.create()
    stage.create()
    return lambda stage: stage.attach(volume, "host-a")


def attach_first_and_only(stage: Stage) -> Operation:
    volume = stage.create()
    return lambda stage: stage.attach(volume, "host-a")


def attach_next(stage: Stage) -> Operation:
    stage.attach(stage.create(), "host-a")
    volume = stage.create()
    stage.create()
    return lambda stage: stage.attach(volume, "host-a")


def attach_next_with_limits(stage: Stage) -> Operation:
    limited = attrs.evolve(GOLD, limits=HostIoLimits(500, None))
    stage.attach(stage.create(), "host-a")
    volume = stage.create()
    return lambda stage: stage.attach(volume, "host-a", limited)


def attach_again(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.attach(volume, "host-a")


def attach_to_second_host(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-b")
    return lambda stage: stage.attach(volume, "host-a")


def detach_with_others_left(stage: Stage) -> Operation:
    volume, other = stage.create(), stage.create()
    stage.create()
    stage.attach(other, "host-a")
    stage.attach(volume, "host-a")
    return lambda stage: stage.detach(volume, "host-a")


def detach_last(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.detach(volume, "host-a")


def detach_from_one_of_two(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")
    return lambda stage: stage.detach(volume, "host-b")


def detach_with_limits(stage: Stage) -> Operation:
    limited = attrs.evolve(GOLD, limits=HostIoLimits(500, None), storage_group_tags=("tag",))
    volume = stage.create()
    stage.attach(volume, "host-a", limited)
    stage.attach(volume, "host-b", limited)
    return lambda stage: stage.detach(volume, "host-b", limited)


def detach_from_all(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")
    return lambda stage: stage.detach(volume, None)
