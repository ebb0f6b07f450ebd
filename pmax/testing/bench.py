"""An engine with every installed plugin, over a simulated array in the same process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

import attrs

from pmax.bootstrap import build_engine
from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    Attachment,
    AttachVolume,
    CreateVolume,
    DeleteVolume,
    Detachment,
    DetachVolume,
    ExtendVolume,
)
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import Connector
from pmax.domain.policies import VolumePolicy
from pmax.domain.settings import Secret, Settings, UnisphereServer
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.ports.runtime import Clock
from pmax.simulator import ArrayHandle, Simulator
from pmax.simulator.mount import SimulatorAdapter

_SRP = "SRP_1"


@attrs.define
class InstantClock(Clock):
    """Time that passes at once, and only when something waits.

    Attributes:
        time_s: seconds since the clock was made.
    """

    time_s: float = 0.0

    def now_s(self) -> float:
        """See `Clock`."""
        return self.time_s

    def epoch_s(self) -> float:
        """See `Clock`: an arbitrary day."""
        return 1_700_000_000.0 + self.time_s

    def sleep(self, seconds: float) -> None:
        """Let the time have passed."""
        self.time_s += seconds


@attrs.define
class Bench:
    """An array and the engine that uses it.

    Attributes:
        simulator: all arrays, and the log of calls.
        engine: with the plugins of pmax and every installed one.
        array_id: the array that the engine is configured for.
        policy: of the volumes that are made here.
    """

    simulator: Simulator
    engine: Engine
    array_id: ArrayId
    policy: VolumePolicy
    _made: int = 0

    @classmethod
    @contextmanager
    def of(
        cls, simulator: Simulator, array_id: str, *, plugins: Iterable[tuple[str, object]] = (), **settings: object
    ) -> Iterator[Self]:
        """Build an engine for one array of a simulator.

        Args:
            simulator: need not be served.
            array_id: serial of one of its arrays.
            plugins: further ones by name, that are not installed.
            settings: fields of `Settings` that matter to the test, `port_groups` among them.
        """
        with tempfile.TemporaryDirectory(prefix="pmax-testing-") as directory:
            usual = Settings(
                array_id=ArrayId(array_id),
                srp=_SRP,
                servers=(UnisphereServer(host="localhost", username="smc", password=Secret("smc")),),
                journal_directory=directory,
            )
            engine = build_engine(
                attrs.evolve(usual, **settings),  # type: ignore[arg-type]  # whatever the test says
                clock=InstantClock(),
                http_adapter=SimulatorAdapter(simulator.application),
                plugins=plugins,
            )
            try:
                policy = VolumePolicy(srp=_SRP, service_level=cls._some_level(engine))
                yield cls(simulator, engine, ArrayId(array_id), policy)
            finally:
                engine.close()

    @staticmethod
    def _some_level(engine: Engine) -> str:
        levels = engine.readers.arrays.list_service_levels(engine.settings.array_id)
        return next(level for level in levels if level.lower() not in {"none", "optimized"})

    @property
    def array(self) -> ArrayHandle:
        """The array, to look at it behind the engine's back."""
        return self.simulator.arrays[self.array_id]

    def create(self, gib: int = 1) -> VolumeTarget:
        """Make a volume."""
        self._made += 1
        identifier = f"OS-5d0c7e12-93ab-4f6e-8c21-{self._made:012d}"
        command = CreateVolume(
            array_id=self.array_id, identifier=identifier, capacity=Capacity.from_gib(gib), policy=self.policy
        )
        made = self.engine.execute(command)
        return VolumeTarget(array_id=self.array_id, device_id=made.device_id, identifiers=(identifier,))

    def delete(self, target: VolumeTarget) -> None:
        """Delete a volume."""
        self.engine.execute(DeleteVolume(target=target))

    def extend(self, target: VolumeTarget, gib: int) -> None:
        """Let a volume grow to that size."""
        self.engine.execute(ExtendVolume(target=target, capacity=Capacity.from_gib(gib), policy=self.policy))

    def attach(self, target: VolumeTarget, connector: Connector, protocol: str) -> Attachment:
        """Let a host see a volume."""
        return self.engine.execute(
            AttachVolume(target=target, connector=connector, protocol=protocol, policy=self.policy)
        )

    def detach(self, target: VolumeTarget, connector: Connector, protocol: str) -> Detachment:
        """Take a volume from a host."""
        return self.engine.execute(
            DetachVolume(target=target, connector=connector, protocol=protocol, policy=self.policy)
        )

    def calls(self) -> int:
        """REST calls so far."""
        return len(self.simulator.requests)

    def objects(self) -> dict[str, tuple[str, ...]]:
        """Names of everything on the array that attaching and creating could leave behind."""
        array = self.array
        return {
            "volumes": tuple(sorted(array.volumes)),
            "storage groups": tuple(sorted(array.storage_groups)),
            "masking views": tuple(sorted(array.masking_views)),
            "initiator groups": tuple(sorted(array.hosts)),
        }
