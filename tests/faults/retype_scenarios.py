"""Volumes that are retyped, be they seen by hosts or replicated, and how the arrays are before."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from pmax.domain.commands import ManageVolume
from pmax.domain.identifiers import DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.qos import HostIoLimits
from tests.faults.scenario import Operation
from tests.replicated_stage import ASYNC, METRO, SYNC, Mode
from tests.stage import ARRAY, GOLD, PLAIN, SILVER, Stage

_LIMITED_SILVER = attrs.evolve(SILVER, limits=HostIoLimits(500, 100), storage_group_tags=("finance",))


def retype(stage: Stage, *hosts: str, others: int = 1) -> Operation:
    volume = stage.create()
    for _ in range(others):
        stage.create()
    for host in hosts:
        stage.attach(volume, host)
    return lambda stage: stage.retype(volume, GOLD, SILVER, *hosts)


def attached_with_limits(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    return lambda stage: stage.retype(volume, GOLD, _LIMITED_SILVER, "host-a")


def attached_where_groups_exist(stage: Stage) -> Operation:
    volume = stage.create()
    for each, policy in ((volume, GOLD), (stage.create(), GOLD), (stage.create(SILVER), SILVER)):
        stage.attach(each, "host-a", policy)
    return lambda stage: stage.retype(volume, GOLD, SILVER, "host-a")


def limits_only(stage: Stage) -> Operation:
    volume = stage.create(SILVER)
    stage.attach(volume, "host-a", SILVER)
    return lambda stage: stage.retype(volume, SILVER, _LIMITED_SILVER, "host-a")


def to_no_service_level(stage: Stage) -> Operation:
    volume = stage.create()
    stage.attach(volume, "host-a")
    stage.attach(volume, "host-b")
    return lambda stage: stage.retype(volume, GOLD, PLAIN, "host-a", "host-b")


def _between(
    stage: Stage, before: VolumePolicy, after: VolumePolicy, *hosts: str, others: tuple[VolumePolicy, ...] = ()
) -> Operation:
    """A volume changes from one policy to another beside others."""
    volume = stage.create(before)
    for policy in others:
        stage.create(policy)
    for host in hosts:
        stage.attach(volume, host, before)
    return lambda stage: stage.retype(volume, before, after, *hosts)


def joins(stage: Stage, mode: Mode, *hosts: str) -> Operation:
    return _between(stage, GOLD, mode.policy, *hosts, others=(mode.policy,))


def joins_first(stage: Stage, mode: Mode) -> Operation:
    return _between(stage, GOLD, mode.policy)


def leaves(stage: Stage, mode: Mode, *hosts: str) -> Operation:
    return _between(stage, mode.policy, GOLD, *hosts, others=(mode.policy,))


def leaves_last(stage: Stage, mode: Mode) -> Operation:
    return _between(stage, mode.policy, GOLD)


def changes(stage: Stage, before: Mode, after: Mode) -> Operation:
    return _between(stage, before.policy, after.policy, others=(before.policy, after.policy))


def both_sides_move(stage: Stage, mode: Mode, *hosts: str) -> Operation:
    silver = attrs.evolve(mode.policy, service_level="Silver")
    return _between(stage, mode.policy, silver, *hosts, others=(mode.policy,))


def taken_over(stage: Stage, mode: Mode) -> Operation:
    stage.create(mode.policy)
    device = DeviceId(stage.array.add_volume(547, "payroll"))
    command = ManageVolume(array_id=ARRAY, device_id=device, identifier="OS-payroll", policy=mode.policy)
    return lambda stage: stage.engine.execute(command)


#: Name → how the stage is set and the mode whose groups are looked at; the first three are tried in every run.
REPLICATED: dict[str, tuple[Callable[[Stage], Operation], Mode]] = {
    "retype into replication, attached, Synchronous": (lambda stage: joins(stage, SYNC, "host-a"), SYNC),
    "retype out of replication, attached, Synchronous": (lambda stage: leaves(stage, SYNC, "host-a"), SYNC),
    "retype between replications, Synchronous to Metro": (lambda stage: changes(stage, SYNC, METRO), METRO),
    "retype into replication, detached, Asynchronous": (lambda stage: joins(stage, ASYNC), ASYNC),
    "retype into replication, first, Metro": (lambda stage: joins_first(stage, METRO), METRO),
    "retype out of replication, detached, Synchronous": (lambda stage: leaves(stage, SYNC), SYNC),
    "retype out of replication, attached, Asynchronous": (lambda stage: leaves(stage, ASYNC, "host-a"), ASYNC),
    "retype out of replication, last, Metro": (lambda stage: leaves_last(stage, METRO), METRO),
    "retype replicated, detached, Asynchronous": (lambda stage: both_sides_move(stage, ASYNC), ASYNC),
    "retype replicated, attached, Metro": (lambda stage: both_sides_move(stage, METRO, "host-a"), METRO),
    "manage into replication, Asynchronous": (lambda stage: taken_over(stage, ASYNC), ASYNC),
}
SAMPLED = tuple(REPLICATED)[:3]
