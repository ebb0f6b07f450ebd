"""Figures for Prometheus, out of the engine's signals. prometheus_client comes with `pip install 'pmax[metrics]'`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmax.domain import events

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from pmax.plugins.signals import Signals

#: Seconds; a call takes tens of milliseconds when all is well, and minutes when it is not.
_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


class EngineMetrics:
    """Counts what an engine does. Nothing is asked of the array for it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Declare every figure, so that each is there before anything has happened."""
        from prometheus_client import Counter, Gauge, Histogram

        self._calls = Counter("pmax_calls", "REST calls that ended", ("verb", "status"), registry=registry)
        self._retries = Counter("pmax_call_retries", "REST calls that were sent again", ("verb",), registry=registry)
        self._call_s = Histogram(
            "pmax_call_seconds", "Time of a REST call in flight", ("verb",), buckets=_BUCKETS, registry=registry
        )
        self._waited_s = Histogram(
            "pmax_call_wait_seconds", "Time a call waited for a slot", ("verb",), buckets=_BUCKETS, registry=registry
        )
        self._operations = Counter(
            "pmax_operations", "Operations that ended", ("command", "outcome"), registry=registry
        )
        self._operation_s = Histogram(
            "pmax_operation_seconds", "Time of an operation", ("command",), buckets=_BUCKETS, registry=registry
        )
        self._in_flight = Gauge("pmax_operations_in_flight", "Operations under way", ("command",), registry=registry)
        self._steps = Counter("pmax_steps", "Steps of operations", ("step", "outcome"), registry=registry)
        self._under_way: set[str] = set()

    def listen(self, signals: Signals) -> None:
        """Count from now on."""
        signals.call_finished.connect(self._call_finished)
        signals.operation_started.connect(self._started)
        signals.operation_succeeded.connect(self._succeeded)
        signals.operation_failed.connect(self._failed)
        signals.step_applied.connect(self._applied)
        signals.step_undone.connect(self._undone)

    def _call_finished(self, event: events.CallFinished) -> None:
        self._calls.labels(event.verb, "none" if event.status is None else str(event.status)).inc()
        self._call_s.labels(event.verb).observe(event.duration_s)
        self._waited_s.labels(event.verb).observe(event.waited_s)
        if event.attempt > 1:
            self._retries.labels(event.verb).inc()

    def _started(self, event: events.OperationStarted) -> None:
        if event.operation_id not in self._under_way:  # one that is planned anew starts again
            self._under_way.add(event.operation_id)
            self._in_flight.labels(event.command).inc()

    def _succeeded(self, event: events.OperationSucceeded) -> None:
        self._ended(event.operation_id, event.command, "succeeded", event.duration_s)

    def _failed(self, event: events.OperationFailed) -> None:
        outcome = "left something behind" if event.left_behind else "failed"
        self._ended(event.operation_id, event.command, outcome, event.duration_s)

    def _ended(self, operation_id: str, command: str, outcome: str, duration_s: float) -> None:
        self._operations.labels(command, outcome).inc()
        self._operation_s.labels(command).observe(duration_s)
        if operation_id in self._under_way:
            self._under_way.discard(operation_id)
            self._in_flight.labels(command).dec()

    def _applied(self, event: events.StepApplied) -> None:
        self._steps.labels(type(event.step).__name__, "done" if event.outcome.changed else "there").inc()

    def _undone(self, event: events.StepUndone) -> None:
        self._steps.labels(type(event.step).__name__, "undone").inc()


class ArrayMetrics:
    """Figures of the array itself, set by whoever reads them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Declare every figure."""
        from prometheus_client import Gauge

        self.is_up = Gauge("pmax_unisphere_up", "Whether Unisphere answered the last look", registry=registry)
        self.unfinished = Gauge(
            "pmax_journal_unfinished", "Operations that are neither done nor undone", registry=registry
        )
        self.pool_gib = Gauge(
            "pmax_pool_gib", "Capacity of a storage resource pool", ("array", "srp", "kind"), registry=registry
        )
