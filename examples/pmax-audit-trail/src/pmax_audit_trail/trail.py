"""The listener, and the hook that connects it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from pmax.domain.events import (
    CallFinished,
    OperationFailed,
    OperationStarted,
    OperationSucceeded,
    StepApplied,
    StepUndone,
)
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.signals import Signals

VARIABLE = "PMAX_AUDIT_TRAIL"
#: Events about work; all others tell what is so from now on. Calls are too many for a file that people read.
NO_FACTS = frozenset({OperationStarted, StepApplied, StepUndone, OperationSucceeded, OperationFailed, CallFinished})


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

    def teller(self, fact: str) -> Callable[[Any], None]:
        """What writes down that something is so now: the signal's sentence; an event may hold what no file should."""

        def tell(event: Any) -> None:  # noqa: ANN401 - each of these events has an operation's id
            self._write(event.operation_id, "fact", fact)

        return tell

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
    for signal in signals.all():
        if signal.event_type not in NO_FACTS:
            signal.connect(trail.teller(signal.purpose))
