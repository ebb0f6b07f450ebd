"""What an operation has done so far: enough to go on with it, and to take it back."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import (
    AwaitLinkDefined,
    CreateTemporarySnapshot,
    Step,
    StepOutcome,
    emptied_on,
    only_prepares,
    pinned,
    resolve,
)
from pmax.domain.snapvx import SnapshotKey


@attrs.frozen(kw_only=True)
class DoneStep:
    """A step that took effect.

    Attributes:
        index: its position in the plan.
        step: with real devices.
        outcome: what it did.
    """

    index: int
    step: Step
    outcome: StepOutcome


def _nothing(_step: AwaitLinkDefined) -> None:
    """Hold all locks to the end."""


@attrs.define
class Progress:
    """What an operation has done so far.

    Attributes:
        operation_id: its id in the journal.
        let_go: lets others at the snapshots of the volume from which this operation waits to have all data.
        done: steps that took effect, in order.
        created: `NewVolume.key` → device, of the volumes it made.
        emptied: storage groups that it left empty, as the array said, with the array (`emptied_on`).
        left_behind: what remains on the array and should not, such as what could not be tidied up, in words.
        left_to_others: what was left out because somebody uses by now what it would take away, in words.
        snapshots: volume and name → key, of the temporary snapshots it took, once that must be known.
    """

    operation_id: str
    let_go: Callable[[AwaitLinkDefined], None] = _nothing
    done: list[DoneStep] = attrs.field(factory=list)
    created: dict[tuple[str, bool], DeviceId] = attrs.field(factory=dict)
    emptied: set[str] = attrs.field(factory=set)
    left_behind: list[str] = attrs.field(factory=list)
    left_to_others: list[str] = attrs.field(factory=list)
    snapshots: dict[tuple[DeviceId, str], SnapshotKey] = attrs.field(factory=dict)

    def add(self, index: int, step: Step, outcome: StepOutcome) -> None:
        """Remember a step that took effect."""
        self.done.append(DoneStep(index=index, step=step, outcome=outcome))
        self.emptied |= {emptied_on(step.array_id, name) for name in outcome.emptied}
        if isinstance(step, CreateTemporarySnapshot) and outcome.snapshot is not None:
            self.snapshots[step.device, step.name] = outcome.snapshot
        if isinstance(step, AwaitLinkDefined) and outcome.snapshot is not None and outcome.snapshot.snap_id is not None:
            # Whoever saw the link has seen of which snapshot it is, and an id means the same one for ever.
            self.snapshots[step.device, step.name] = outcome.snapshot
        identifier = getattr(step, "identifier", None)
        for device, is_remote in ((outcome.device_id, False), (outcome.remote_device_id, True)):
            if device is not None and identifier is not None:
                self.created[identifier, is_remote] = device

    def prepared(self) -> Progress:
        """What only prepared for what then was left to others."""
        return attrs.evolve(self, done=[done for done in self.done if only_prepares(done.step)])

    def resolved(self, step: Step) -> Step:
        """A step with the devices and the snapshots that this operation made."""
        return pinned(resolve(step, self.created), self.snapshots)
