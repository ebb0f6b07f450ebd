"""Built-in plugin: writes down, in the log, what was done and what failed."""

from __future__ import annotations

import logging

from pmax.domain.events import OperationFailed, OperationSucceeded, StepApplied, StepUndone
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.signals import Signals

_log = logging.getLogger("pmax.audit")


def _step_applied(event: StepApplied) -> None:
    if event.outcome.changed:
        _log.info("%s done: %s", event.operation_id, event.step)


def _step_undone(event: StepUndone) -> None:
    _log.info("%s taken back: %s", event.operation_id, event.step)


def _succeeded(event: OperationSucceeded) -> None:
    _log.info("%s %s succeeded after %.1f s", event.operation_id, event.command, event.duration_s)


def _failed(event: OperationFailed) -> None:
    _log.warning("%s %s failed: %s", event.operation_id, event.command, event.error)


@hookimpl
def pmax_connect_listeners(signals: Signals) -> None:
    """Listen to what changes arrays."""
    signals.step_applied.connect(_step_applied)
    signals.step_undone.connect(_step_undone)
    signals.operation_succeeded.connect(_succeeded)
    signals.operation_failed.connect(_failed)
