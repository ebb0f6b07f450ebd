"""An operation in one setting: how the stage is set before it, and the operation itself."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from tests.replicated_stage import Mode, ReplicatedStage
from tests.stage import Stage

#: What is done on a stage that is set, or on a copy of it.
Operation = Callable[[Stage], object]


@attrs.frozen
class Scenario:
    """One operation in one setting.

    Attributes:
        name: of both; the operation is what stands before the first comma.
        prepare: sets the stage and returns the operation, which runs on that stage or on a copy of it.
        protocol: over which volumes are attached.
        is_repeatable: whether the operation, done, can be asked for again and changes nothing then.
        mode: of replication; None where nothing is replicated.
        is_sampled: whether some of its cells run every time; those of the others run in `make matrix` only, since other
            scenarios take nearly the same path.
        clears_first: whether what copies have left is cleared first; that stays done, since nothing is lost by it.
    """

    name: str
    prepare: Callable[[Stage], Operation]
    protocol: str = "iscsi"
    is_repeatable: bool = True
    mode: Mode | None = None
    is_sampled: bool = True
    clears_first: bool = False

    @property
    def operation(self) -> str:
        """What is done, without the setting."""
        return self.name.partition(",")[0]

    def __str__(self) -> str:
        return self.name


def replicated(stage: Stage) -> ReplicatedStage:
    """The stage of a scenario that has a mode."""
    assert isinstance(stage, ReplicatedStage)
    return stage
