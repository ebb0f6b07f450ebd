"""Every signal is heard when what it tells of happens, and a stranger's handler is asked for its own command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import pytest

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    Command,
    CreateStorageGroup,
    ExtendVolume,
    LinkSnapshot,
    ManageSnapshot,
    ManageVolume,
    RenameVolume,
    RetypeVolume,
    TidySnapshots,
    UnlinkSnapshot,
    UnmanageSnapshot,
    UnmanageVolume,
)
from pmax.domain.errors import PmaxError
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Plan
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.manager import PluginManager
from pmax.plugins.signals import EventSignal, Signals
from pmax.ports.runtime import LockKey
from pmax.simulator import Fault, Refuse
from tests.stage import ARRAY, GOLD, SILVER, Stage

SIGNALS = sorted(name for name, signal in vars(Signals()).items() if isinstance(signal, EventSignal))


def _attach(stage: Stage) -> None:
    stage.attach(stage.create(), "node-1")


def _detach(stage: Stage) -> None:
    target = stage.create()
    stage.attach(target, "node-1")
    stage.detach(target, "node-1")


def _extend(stage: Stage) -> None:
    stage.engine.execute(ExtendVolume(target=stage.create(), capacity=Capacity.from_gib(2)))


def _fail(stage: Stage) -> None:
    stage.simulator.faults.add(Fault(verb="PUT", path="storagegroup/*", nth=1, effect=Refuse(status=500)))
    with pytest.raises(PmaxError):
        stage.create()


def _retype(stage: Stage) -> None:
    command = RetypeVolume(target=stage.create(), before=GOLD, after=SILVER, protocol=stage.protocol)
    stage.engine.execute(command)


def _rename(stage: Stage) -> None:
    stage.engine.execute(RenameVolume(target=stage.create(), identifier="finance"))


def _make_group(stage: Stage) -> None:
    stage.engine.execute(CreateStorageGroup(array_id=ARRAY, name="finance", policy=GOLD))


def _link(stage: Stage) -> None:
    target = stage.take_snapshot(stage.create())
    stage.engine.execute(LinkSnapshot(target=target, device=stage.create()))


def _unlink(stage: Stage) -> None:
    target, device = stage.take_snapshot(stage.create()), stage.create()
    stage.engine.execute(LinkSnapshot(target=target, device=device))
    stage.engine.execute(UnlinkSnapshot(target=target, device=device))


def _tidy(stage: Stage) -> None:
    stage.engine.execute(TidySnapshots(array_id=ARRAY, device_id=stage.create().device_id))


def _manage(stage: Stage) -> None:
    device = DeviceId(stage.array.add_volume(547, "finance"))
    command = ManageVolume(array_id=ARRAY, device_id=device, identifier="OS-finance", policy=GOLD)
    stage.engine.execute(command)


def _manage_snapshot(stage: Stage) -> None:
    source = stage.create()
    stage.snapshot(source.device_id, "nightly")
    stage.engine.execute(ManageSnapshot(source=source, name="nightly", new_name="OS-nightly"))


def _unmanage_snapshot(stage: Stage) -> None:
    source = stage.create()
    stage.snapshot(source.device_id, "OS-nightly")
    stage.engine.execute(UnmanageSnapshot(source=source, name="OS-nightly", new_name="nightly"))


#: What makes each signal speak; what is not here is told of by creating a volume.
ACTS: dict[str, Callable[[Stage], object]] = {
    "operation_failed": _fail,
    "snapshot_created": lambda stage: stage.take_snapshot(stage.create()),
    "snapshot_deleted": lambda stage: stage.delete_snapshot(stage.take_snapshot(stage.create())),
    "snapshot_linked": _link,
    "snapshot_managed": _manage_snapshot,
    "snapshot_unmanaged": _unmanage_snapshot,
    "snapshot_restored": lambda stage: stage.revert(stage.take_snapshot(stage.create())),
    "snapshot_unlinked": _unlink,
    "snapshots_tidied": _tidy,
    "step_undone": _fail,
    "volume_attached": _attach,
    "volume_copied": lambda stage: stage.clone(stage.create()),
    "volume_deleted": lambda stage: stage.delete(stage.create()),
    "volume_detached": _detach,
    "volume_extended": _extend,
    "volume_retyped": _retype,
    "volume_renamed": _rename,
    "storage_group_changed": _make_group,
    "volume_managed": _manage,
    "volume_unmanaged": lambda stage: stage.engine.execute(UnmanageVolume(target=stage.create(), identifier="mine")),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_signal_is_heard(name: str, tmp_path: Path) -> None:
    """A listener gets the signal's own event, until it stops listening."""
    stage = Stage.build(tmp_path)
    signal = getattr(stage.engine.signals, name)
    heard: list[object] = []
    stop = signal.connect(heard.append)
    act = ACTS.get(name, Stage.create)

    act(stage)
    assert heard
    assert {type(event) for event in heard} == {signal.event_type}

    stop()
    before = len(heard)
    stage.create()
    assert len(heard) == before


@attrs.frozen(kw_only=True)
class CountVolumes(Command[int]):
    """A stranger's command."""


class CountVolumesHandler(Handler[CountVolumes, int, int]):
    """Counts, and changes nothing."""

    command = CountVolumes

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    def locks(self, command: CountVolumes) -> frozenset[LockKey]:
        """None."""
        return frozenset()

    def observe(self, command: CountVolumes, look: Look) -> int:
        """Count them."""
        return sum(1 for _ in self._context.readers.volumes.list_devices(self._context.settings.array_id))

    def plan(self, command: CountVolumes, observed: int) -> Plan:
        """Nothing to do."""
        return Plan()

    def result(self, command: CountVolumes, observed: int, outcomes: Outcomes) -> int:
        """The number."""
        return observed


class Stranger:
    """A plugin that adds a command."""

    @hookimpl
    def pmax_register_handlers(self, context: PluginContext) -> Sequence[AnyHandler]:
        """Give the handler."""
        return (CountVolumesHandler(context),)


def test_a_stranger_adds_a_command(tmp_path: Path) -> None:
    """A command that pmax does not know is carried out by the handler that a plugin registers for it."""
    stage = Stage.build(tmp_path)
    manager = PluginManager([("stranger", Stranger())], load_entry_points=False)
    context = PluginContext(
        settings=stage.engine.settings, readers=stage.engine.readers, clock=stage.clock, plugins=manager
    )
    handlers = manager.handlers(context)

    assert list(handlers) == [CountVolumes]
    assert handlers[CountVolumes].observe(CountVolumes(), Look(1, frozenset())) == len(stage.array.volumes)
