"""Instances of one host that share a multi-attach volume, and leave or come at the same moment."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pmax.adapters.cinder.iscsi import PowerMaxISCSIDriver
from pmax.adapters.system import SystemClock
from pmax.ports.runtime import Clock
from pmax.simulator.mount import SimulatorAdapter
from tests.e2e.cinder_driver_backend import ClockThatSkips, iscsi_connector
from tests.judges.backend import Backend
from tests.judges.upstream import cinder_bench

pytestmark = [pytest.mark.timeout(60), pytest.mark.filterwarnings("ignore::DeprecationWarning")]

CONNECTOR = iscsi_connector()


class ClockOfTheApi(ClockThatSkips):
    """Time in which Cinder's API stores what the driver did only when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.pending: list[Callable[[], object]] = []

    def sleep(self, seconds: float) -> None:
        """Let the API go on."""
        super().sleep(seconds)
        while self.pending:
            self.pending.pop()()


class Sharing:
    """A multi-attach volume on a host, in the order of Cinder's volume manager and API."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        of_type = backend.volume_type("shared", multiattach="<is> True")
        self.volume = backend.create(of_type, multiattach=True)

    def again(self) -> Any:
        """The volume as whoever sends a request has it: as the database is now."""
        volume = self.backend.records.again(self.volume)
        assert volume.volume_attachment is not None
        return volume

    def show(self) -> Callable[[], object]:
        """Let the driver attach; returns what the manager stores afterwards."""
        attachment = self.backend.records.attachment(self.volume, {"host": None})
        attachment.connector = None
        attachment.save()
        self.backend.driver.initialize_connection(self.again(), dict(CONNECTOR))

        def store() -> None:
            attachment.connector = dict(CONNECTOR)
            attachment.save()
            attachment.finish_attach(None, CONNECTOR["host"], "/dev/vdb")

        return store

    def take(self, volume: Any) -> Callable[[], object]:
        """Let the driver detach; returns what the API stores afterwards."""
        left = [each for each in volume.volume_attachment if each.connector]
        self.backend.driver.terminate_connection(volume, dict(CONNECTOR), force=False)
        return lambda: self.forget(left)

    def forget(self, left: list[Any]) -> None:
        """Delete the record of one attachment that is still there."""
        there = {each.id for each in self.again().volume_attachment}
        self.again().finish_detach(next(each.id for each in left if each.id in there))

    @property
    def is_seen(self) -> bool:
        """Whether the host sees the volume."""
        return bool(self.backend.array.lun_addresses)


@contextmanager
def sharing(directory: Path, clock: Clock) -> Iterator[Sharing]:
    """A volume on the array, and a clock of the test's own."""
    with cinder_bench(directory) as bench:
        seams = {"http_adapter": SimulatorAdapter(bench.simulator.application), "clock": clock}
        driver_class = type("TestedDriver", (PowerMaxISCSIDriver,), seams)
        with bench.leaving_nothing():
            made = Sharing(bench.start(driver_class, "iscsi"))
            yield made
            made.backend.delete(made.volume)


def test_two_leave_before_cinder_knows_of_the_first(tmp_path: Path) -> None:
    """The second one waits until the record of the first is gone, and then takes the volume from the host."""
    clock = ClockOfTheApi()
    with sharing(tmp_path, clock) as shared:
        for _ in range(2):
            shared.show()()
        volume = shared.again()
        clock.pending.append(shared.take(volume))
        assert shared.is_seen
        store = shared.take(volume)
        assert clock.pending == []
        assert not shared.is_seen
        store()


def test_one_comes_and_one_leaves_before_cinder_knows_of_the_newcomer(tmp_path: Path) -> None:
    """The newcomer keeps the volume, although the database has no host for it yet when the other one leaves."""
    clock = ClockOfTheApi()
    with sharing(tmp_path, clock) as shared:
        shared.show()()
        clock.now += 60
        clock.pending.append(shared.show())
        shared.take(shared.again())()
        assert clock.pending == []
        assert shared.is_seen
        clock.now += 60
        shared.take(shared.again())()
        assert not shared.is_seen


def test_an_api_that_died_is_not_waited_for(tmp_path: Path) -> None:
    """If the record of the first never goes, the host keeps the volume, which may be in use; nobody waits long."""
    clock = ClockOfTheApi()
    with sharing(tmp_path, clock) as shared:
        for _ in range(2):
            shared.show()()
        volume = shared.again()
        store = shared.take(volume)
        begun = clock.now
        shared.take(volume)
        assert shared.is_seen
        assert clock.now - begun <= 6
        store()
        clock.now += 60
        shared.take(shared.again())()


def test_all_leave_at_once(tmp_path: Path) -> None:
    """Of three threads that detach at the same time, with what all of them read before, the last one unmasks."""
    with sharing(tmp_path, SystemClock()) as shared:
        for _ in range(3):
            shared.show()()
        gate = threading.Barrier(3)

        def leave(_: int) -> None:
            volume = shared.again()
            gate.wait()
            shared.take(volume)()

        with ThreadPoolExecutor(3) as instances:
            list(instances.map(leave, range(3)))
        assert not shared.is_seen
