"""The listener, and the hook that connects it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import attrs

from pmax.domain.events import OperationFailed, OperationSucceeded, StepApplied, StepUndone
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.signals import Signals

VARIABLE = "PMAX_AUDIT_TRAIL"


@attrs.frozen
class Trail:
    """Appends to one file.

    Attributes:
        path: is made if it is not there.
    """

    path: Path

    def step(self, event: StepApplied) -> None:
        """A step was taken; steps that found everything as wanted are left out."""
        if event.outcome.changed:
            self._write(event.operation_id, "did", str(event.step))

    def undone(self, event: StepUndone) -> None:
        """A step was taken back."""
        self._write(event.operation_id, "took back", str(event.step))

    def succeeded(self, event: OperationSucceeded) -> None:
        """An operation is done."""
        self._write(event.operation_id, "done", event.command)

    def failed(self, event: OperationFailed) -> None:
        """An operation failed."""
        self._write(event.operation_id, "failed", f"{event.command}: {event.error}")

    def _write(self, operation_id: str, what: str, text: str) -> None:
        line = {"time": datetime.now(UTC).isoformat(), "operation": operation_id, "what": what, "text": text}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@hookimpl
def pmax_connect_listeners(signals: Signals) -> None:
    """Listen, if the variable names a file."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    trail = Trail(Path(name))
    signals.step_applied.connect(trail.step)
    signals.step_undone.connect(trail.undone)
    signals.operation_succeeded.connect(trail.succeeded)
    signals.operation_failed.connect(trail.failed)
