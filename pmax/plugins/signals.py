"""Typed signals: what has happened is told to whoever listens, and what they answer is ignored.

A thin generic over blinker's `Signal`. It differs from stock blinker in three ways, each for a reason: it connects
strongly (a weak reference drops a bound method as soon as its object goes), it carries exactly one typed event, and one
listener's failure is logged and does not stop the next. Signals belong to an engine, never to the process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import blinker

from pmax.domain import events
from pmax.ports.runtime import EventSink, Subscription

EventT = TypeVar("EventT")

_log = logging.getLogger(__name__)


class EventSignal(Generic[EventT]):
    """Tells one kind of event.

    Attributes:
        event_type: the class of the events that it carries.
        purpose: one sentence for the documentation.
    """

    def __init__(self, event_type: type[EventT], purpose: str) -> None:
        self.event_type = event_type
        self.purpose = purpose
        self._signal = blinker.Signal(purpose)

    def connect(self, listener: Callable[[EventT], None]) -> Subscription:
        """Call `listener` with each event from now on.

        Returns:
            A function that stops it again.
        """

        def receive(_sender: object, *, event: EventT) -> None:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - foreign code: its failure must not become ours
                _log.exception("a listener of %s failed", self.event_type.__name__)

        self._signal.connect(receive, weak=False)
        return lambda: self._signal.disconnect(receive)

    def publish(self, event: EventT) -> None:
        """Tell every listener. Never raises."""
        self._signal.send(self, event=event)


class Signals(EventSink):
    """All signals of one engine, one attribute each."""

    def __init__(self) -> None:
        self.operation_started = EventSignal(events.OperationStarted, "An operation was planned and begins.")
        self.step_applied = EventSignal(events.StepApplied, "A step is done and proven.")
        self.step_undone = EventSignal(events.StepUndone, "A finished step was taken back.")
        self.operation_succeeded = EventSignal(events.OperationSucceeded, "An operation is done.")
        self.operation_failed = EventSignal(events.OperationFailed, "An operation ended with an error.")
        self.call_finished = EventSignal(events.CallFinished, "A REST call was answered, or gave up.")
        self.volume_created = EventSignal(events.VolumeCreated, "A volume was made.")
        self.volume_deleted = EventSignal(events.VolumeDeleted, "A volume is gone.")
        self.volume_extended = EventSignal(events.VolumeExtended, "A volume is larger.")
        self.volume_retyped = EventSignal(events.VolumeRetyped, "A volume is kept by another policy.")
        self.volume_renamed = EventSignal(events.VolumeRenamed, "A volume carries another identifier.")
        self.storage_group_changed = EventSignal(
            events.StorageGroupChanged, "A storage group was made, filled, limited or deleted by hand."
        )
        self.volume_attached = EventSignal(events.VolumeAttached, "A host sees a volume.")
        self.volume_detached = EventSignal(events.VolumeDetached, "A host no longer sees a volume.")
        self.volume_managed = EventSignal(events.VolumeManaged, "A volume was taken over.")
        self.volume_unmanaged = EventSignal(events.VolumeUnmanaged, "A volume was given up, and stays on the array.")
        self.snapshot_managed = EventSignal(events.SnapshotManaged, "A snapshot was taken over.")
        self.snapshot_unmanaged = EventSignal(
            events.SnapshotUnmanaged, "A snapshot was given up, and stays on the array."
        )
        self.volume_copied = EventSignal(events.VolumeCopied, "A volume was made out of a snapshot or another volume.")
        self.snapshot_created = EventSignal(events.SnapshotCreated, "A snapshot was taken.")
        self.snapshot_deleted = EventSignal(events.SnapshotDeleted, "A snapshot is gone.")
        self.snapshot_linked = EventSignal(events.SnapshotLinked, "A volume presents a snapshot.")
        self.snapshot_unlinked = EventSignal(events.SnapshotUnlinked, "A volume presents a snapshot no more.")
        self.snapshot_restored = EventSignal(events.SnapshotRestored, "A volume has its snapshot's data again.")
        self.snapshots_tidied = EventSignal(events.SnapshotsTidied, "Temporary snapshots of a volume are gone.")
        self._by_type: dict[type[object], EventSignal[Any]] = {
            signal.event_type: signal for signal in vars(self).values() if isinstance(signal, EventSignal)
        }

    def publish(self, event: object) -> None:
        """Tell the listeners of the event's own signal. An event that no signal carries is a fault of ours."""
        self._by_type[type(event)].publish(event)

    def all(self) -> tuple[EventSignal[Any], ...]:
        """Every signal, for documentation and for listeners of everything."""
        return tuple(self._by_type.values())
