"""Replicated volumes that are made, deleted, extended and attached, and how the arrays are before."""

from __future__ import annotations

from tests.faults.scenario import Operation, replicated
from tests.stage import Stage


def create(stage: Stage, others: int = 0) -> Operation:
    for _ in range(others):
        replicated(stage).make()

    def operation(stage: Stage) -> object:
        stage.forget_number()
        return replicated(stage).make()

    return operation


def delete(stage: Stage, others: int = 0) -> Operation:
    volume = replicated(stage).make()
    for _ in range(others):
        replicated(stage).make()
    return lambda stage: replicated(stage).remove(volume)


def extend(stage: Stage) -> Operation:
    volume = replicated(stage).make()
    return lambda stage: replicated(stage).extend(volume, 3)


def extend_by_new_pair(stage: Stage) -> Operation:
    replicated(stage).remote.update(microcode="5977.1131.1131")
    replicated(stage).make()
    return extend(stage)


def attach(stage: Stage) -> Operation:
    volume = replicated(stage).make()
    replicated(stage).make()
    return lambda stage: stage.attach(volume, "host-a", replicated(stage).policy)


def detach(stage: Stage) -> Operation:
    volume = replicated(stage).make()
    stage.attach(volume, "host-a", replicated(stage).policy)
    return lambda stage: stage.detach(volume, "host-a", replicated(stage).policy)
